"""The process: translate, repair, test, correct, as a state machine without I/O.

The first request translates all sentences. As long as the checker finds errors, or a sentence is unaccounted for, the
diagnostics go back, at most `rounds` times. A spec that compiles is tested on the good pictures: if a rule fails there,
the model gets one chance to correct it. The best candidate is kept throughout, so that a worse answer costs only its
tokens. Equal inputs and answers give equal requests: a batch file resumes by replaying.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from logidsl.diagnostics import SpecError
from logidsl.llm import Answer, Json, Usage
from logidsl.llm.store import fingerprint
from logidsl.source import Source
from logidsl.syntax.identifiers import identifiers
from logidsl.table import ObjectTable
from logidsl.translate.answer import Candidate, compiled, joined, read_answer, salvaged, with_values
from logidsl.translate.constraint import SCHEMA_WORDS, Constraint, request_fields
from logidsl.translate.notes import printable
from logidsl.translate.prompt import system_prompt, user_prompt, without_spaces
from logidsl.translate.result import Translation, written
from logidsl.translate.sentence_splitter import SourceSentence, split_sentences
from logidsl.translate.trial import Failure, SeeObjects, Trial, try_spec
from logidsl.translate.vocabulary import Vocabulary

ROUNDS = 3
Step: TypeAlias = Literal["translate", "repair", "mend"]
#: Gives the values of parameters, from a spec, their names and the good pictures; with each what was seen.
Measure: TypeAlias = Callable[[Source, Collection[str], ObjectTable], Mapping[str, tuple[str, str]]]
_EMPTY = Source("empty.logic", "spec empty\n")


@dataclass(frozen=True)
class Request:
    """A question to a model.

    Parameters
    ----------
    id : str
        Name, step, and a fingerprint of the body: the same question has the same id.
    step : str
        `translate`, `repair` or `mend`.
    body : mapping of str to Json
        The body of a request to `/chat/completions`, without model and limits.
    """

    id: str
    step: Step
    body: Mapping[str, Json]

    @property
    def prompt(self) -> str:
        """The whole prompt, as one text."""
        messages = self.body["messages"]
        assert isinstance(messages, list)
        return "\n\n".join(f"[{m['role']}]\n{m['content']}" for m in messages if isinstance(m, dict))


@dataclass(frozen=True, eq=False)
class _Tried:
    """A candidate with its trial; a greater key is better."""

    candidate: Candidate
    trial: Trial
    key: tuple[int, ...]


class Session:
    """One translation; the package's docstring shows how to drive it.

    Parameters
    ----------
    rules : str
        Rules in plain language.
    draft : Source, optional
        A spec to go on with.
    look : callable, optional
        Gives the objects on the good pictures, as a program sees them.
    constraint : str
        How the model is held to the language; see `constraint`.
    rounds : int
        The most questions that repair mistakes.
    name : str
        Names the spec, without a draft, and the requests.
    brief : bool
        Leave grammar and builtins out of the prompt.
    measure : callable, optional
        From a spec, the names of some of its parameters and the good pictures, the parameters' values and what was
        seen; a value that cannot be measured is empty.

    Raises
    ------
    SpecError
        If the draft has a mistake.
    InputError
        If the rules are empty or too long.
    """

    def __init__(
        self,
        rules: str,
        *,
        draft: Source | None = None,
        look: SeeObjects | None = None,
        constraint: Constraint = "plain",
        rounds: int = ROUNDS,
        name: str = "rules",
        brief: bool = False,
        measure: Measure | None = None,
    ) -> None:
        self.sentences: tuple[SourceSentence, ...] = split_sentences(rules)
        self.draft, self.name = draft, identifiers([name], "spec")[name]
        self._look, self.constraint, self._rounds = look, constraint, rounds
        self._measure = measure
        program, bag = compiled(draft if draft is not None else _EMPTY)
        if program is None:
            raise SpecError(bag.sorted())
        self._before = {r.name for r in program.rules}
        table = look(program) if look is not None else None
        self.vocabulary = Vocabulary(draft, program if draft is not None else None, table, measure is not None)
        self._fields = request_fields(constraint, self.vocabulary.open_classes, head=draft is None)
        system = system_prompt(brief) + (SCHEMA_WORDS if constraint == "schema" else "")
        self._opening: list[Json] = [
            {"role": "system", "content": system},
            {"role": "user", "content": user_prompt(self.sentences, self.vocabulary)},
        ]
        self._asked, self._repairs, self._mended = 0, 0, False
        self._usage = Usage()
        self._best: _Tried | None = None
        self._refusals: list[str] = []
        self.request: Request | None = self._question("translate", [])

    def __repr__(self) -> str:
        return f"<Session {self.name}: {len(self.sentences)} sentences, {self._asked} answers>"

    def take(self, answer: Answer) -> None:
        """Accept the answer to `request`, and return the next request.

        Parameters
        ----------
        answer : Answer
            Whatever the model gave: nothing in it raises.
        """
        if self.request is None:
            raise ValueError("the session is done: there was no question")
        self._asked += 1
        self._usage += answer.usage
        if answer.finish == "refusal":
            self._refusals.append(printable(" ".join(answer.text.split())[:300]))
            self.request = None
            return
        candidate = read_answer(answer.text, self.sentences, self.draft, self.vocabulary.declarations)
        if answer.finish == "length":
            cut = "the answer was cut off at the limit of its length: write the whole answer again, shorter"
            candidate = replace(candidate, program=None, problems=(cut, *candidate.problems))
        tried = self._tried(candidate)
        if self._best is None or tried.key >= self._best.key:
            self._best = tried
        self.request = self._next(tried)

    @property
    def translation(self) -> Translation:
        """The outcome so far."""
        if self._best is None:
            problems = tuple(f"the model refuses: {r}" for r in self._refusals)
            accounts = read_answer("", self.sentences).accounts
            return Translation(self.sentences, accounts, problems=problems, rounds=self._asked, usage=self._usage)
        best, trial = self._best.candidate, self._best.trial
        kept, lost = (best, ()) if best.program is not None else salvaged(best, self.draft)
        spec = program = None
        if kept.program is not None and (kept.pieces or any(a.settled for a in kept.accounts)):
            source, _ = written(kept, self.draft, self.name)
            program, bag = compiled(source)
            assert program is not None, f"a spec that compiled does not with its comments:\n{bag}"
            spec = source.text
            if best.program is None:
                trial = self._trial_of(kept)
        return Translation(
            sentences=self.sentences,
            accounts=kept.accounts,
            spec=spec,
            program=program,
            lost=lost,
            problems=best.problems,
            trial=trial,
            unasked=kept.unasked,
            rounds=self._asked,
            usage=self._usage,
        )

    # ---- what to ask next ----

    def _tried(self, candidate: Candidate) -> _Tried:
        candidate = self._with_values(candidate)
        trial = self._trial_of(candidate)
        settled = sum(a.settled for a in candidate.accounts)
        ruled = sum(a.said for a in candidate.accounts)
        fails = len({f.rule for f in trial.failures})
        key = (int(candidate.program is not None), settled, -len(candidate.problems), -fails, ruled)
        return _Tried(candidate, trial, key)

    def _with_values(self, candidate: Candidate) -> Candidate:
        """The candidate with the values of its parameters from the good pictures."""
        table = self.vocabulary.table
        if self._measure is None or candidate.program is None or table is None or not table.images:
            return candidate
        source, _ = joined(self.draft, "\n".join(p.text for p in candidate.pieces) + "\n")
        names = {p.name for p in candidate.pieces if p.name and p.text.startswith("param ")}
        values = self._measure(source, names, table) if names else {}
        return with_values(candidate, values, self.draft)

    def _trial_of(self, candidate: Candidate) -> Trial:
        if candidate.program is None:
            return Trial()
        own = {r.name for r in candidate.program.rules} - self._before
        return try_spec(candidate.program, self._look, own)

    def _next(self, tried: _Tried) -> Request | None:
        """The next question, or None."""
        candidate = tried.candidate
        open_ends = candidate.program is None or candidate.missing
        if open_ends and self._repairs < self._rounds:
            self._repairs += 1
            return self._question("repair", self._again(candidate, self._wrong(candidate)))
        if candidate.program is not None and tried.trial.failures and not self._mended:
            self._mended = True
            return self._question("mend", self._again(candidate, self._failed(candidate, tried.trial.failures)))
        return None

    def _question(self, step: Step, more: list[Json]) -> Request:
        body: dict[str, Json] = {"messages": [*self._opening, *more], **self._fields}
        number = self._asked + 1
        return Request(f"{self.name}-{number}-{step}-{fingerprint(body)[:16]}", step, body)

    def _again(self, candidate: Candidate, said: str) -> list[Json]:
        """The conversation after the opening: the last answer as parsed, and its errors."""
        text = printable(without_spaces(candidate.text)[:40_000]) or "(nothing)"
        return [{"role": "assistant", "content": text}, {"role": "user", "content": said}]

    def _wrong(self, candidate: Candidate) -> str:
        parts = []
        if candidate.problems:
            listed = "\n\n".join(candidate.problems)
            parts.append(f"The checker refuses this:\n\n{listed}")
        if candidate.missing:
            listed = "\n".join(map(str, candidate.missing))
            parts.append(
                f"No note says what became of these sentences; each needs rules, a question or a remark:\n{listed}"
            )
        more = f" This is repair {self._repairs} of {self._rounds}." if self._repairs > 1 else ""
        parts.append(f"Write the whole answer again, mended, with the notes; keep what was right.{more}")
        return "\n\n".join(parts)

    def _failed(self, candidate: Candidate, failures: Sequence[Failure]) -> str:
        from_rule = {r: p.numbers for p in candidate.pieces for r in p.rules}
        lines = []
        for failure in failures:
            numbers = ", ".join(map(str, from_rule.get(failure.rule, ()))) or "none"
            lines.append(f"- {failure} (sentence {numbers})")
        listed = "\n".join(lines)
        return (
            f"These pictures show good parts, and these rules do not pass on them:\n{listed}\n\n"
            "If a rule says something else than its sentence, mend the rule. If it says what the sentence says, leave "
            "it as it is: then the engineer decides. Do not widen a limit that the sentence gives. Write the whole "
            "answer again, with the notes."
        )
