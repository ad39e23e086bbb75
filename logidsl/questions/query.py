"""Whether there is a table on which a spec gives a verdict and further conditions hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from logidsl import ir
from logidsl.arrays import Mask
from logidsl.diagnostics import SpecError
from logidsl.lint.impossible import impossible
from logidsl.pipeline import compile_file
from logidsl.questions.difference import Progress, Witness, witness_of
from logidsl.questions.goals import Goal, Tables, Wanted, demanding
from logidsl.questions.search import Search
from logidsl.questions.shrink import shrunk
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.parse import parse
from logidsl.syntax.read import read
from logidsl.table import ObjectTable, concatenate
from logidsl.verdicts import State, verdicts_by_rule

Verdict: TypeAlias = Literal["pass", "fail", "review"]
STATES: Mapping[str, State] = {"pass": State.PASS, "fail": State.FAIL, "review": State.REVIEW}
_MOST_GOALS = 40


@dataclass(frozen=True)
class Question:
    """What a table is to show.

    Parameters
    ----------
    verdict : str, optional
        On the picture as a whole: `pass`, `fail` or `review`.
    conditions : tuple of str
        Further conditions, as the language writes them.
    rules : mapping of str to str
        The verdict of single rules.
    defects : tuple of str
        Labels that findings are to have.
    alone : bool
        Whether all rules that are not named are to pass.
    """

    verdict: Verdict | None = None
    conditions: tuple[str, ...] = ()
    rules: Mapping[str, Verdict] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True, eq=False)
class Answer:
    """What became of a question.

    Parameters
    ----------
    witness : Witness, optional
        A table that shows it.
    impossible : tuple of str
        Why there is none, for certain: what excludes each other, as the spec and the question say it.
    tried : int
        How many tables were judged.
    """

    witness: Witness | None
    impossible: tuple[str, ...]
    tried: int


def with_conditions(source: Source, params: Mapping[str, str], conditions: Sequence[str]) -> tuple[ir.Program, int]:
    """The program of a spec to which conditions are added as rules, and how many rules are its own.

    Raises
    ------
    SpecError
        If the spec has a mistake, or a condition has; its diagnostics then point at the condition.
    """
    file, said = read(source)
    own = len(compile_file(file, said, params).rules)
    statements = list(file.statements)
    for number, condition in enumerate(conditions, 1):
        more, wrong = parse(Source(f"condition {number}", f"rule asked_{number}_: {condition}"))
        if not wrong.ok or len(more.statements) != 1:
            raise SpecError(wrong.sorted() or said.sorted())
        statements += more.statements
    whole = ast.File(file.version, file.spec, tuple(statements), file.comments, file.broken, span=file.span)
    program = compile_file(whole, said, params)
    names = {f"asked_{k}_" for k in range(1, len(conditions) + 1)}
    rules = sorted(program.rules, key=lambda r: r.name in names)
    return program.replaced(rules=tuple(rules)), own


def answer(
    program: ir.Program,
    own: int,
    question: Question,
    given: Sequence[ObjectTable] = (),
    *,
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress = lambda done, total: None,
) -> Answer:
    """Look for a table.

    Parameters
    ----------
    program, own
        As `with_conditions` gives them.
    question : Question
        What it is to show. Its conditions are the rules after the first `own`.
    given : sequence of ObjectTable
        Tables to begin with.
    seed, effort, progress
        As for `difference`.
    """
    asking = _Asking(program, own, question, Search((program,), given, seed, effort))
    if reasons := asking.impossible():
        return Answer(None, reasons, 0)
    for table in asking.tables(progress):
        found = asking.search.first(asking.shows, table)
        if found is not None:
            return Answer(asking.small(found), (), asking.search.tried)
    return Answer(None, (), asking.search.tried)


@dataclass(eq=False)
class _Asking:
    """A question while it is asked."""

    program: ir.Program
    own: int
    question: Question
    search: Search

    def __post_init__(self) -> None:
        rules = self.program.rules
        self.named = {
            k: STATES[v] for k, r in enumerate(rules[: self.own]) if (v := self.question.rules.get(r.name)) is not None
        }
        self.asked: Wanted = dict.fromkeys(range(self.own, len(rules)), State.PASS)

    def shows(self, table: ObjectTable) -> Mask:
        """(n,) which images show what is asked."""
        q, judged = self.question, Tables(table).judged(self.program, explain=bool(self.question.defects))
        by_rule = verdicts_by_rule(self.program, judged.truths)
        good = np.ones(len(table.images), bool)
        good[list(judged.refused)] = False
        if q.verdict is not None:
            good &= by_rule[: self.own].min(axis=0, initial=int(State.PASS)) == int(STATES[q.verdict])
        for k, state in {**self.named, **self.asked}.items():
            # a rule with `verdict review` is violated where it is false, though it asks for review
            rows = judged.truths if state is State.FAIL else by_rule
            good &= rows[k] == int(state)
        if q.alone:
            for k in set(range(self.own)) - set(self.named):
                good &= by_rule[k] == int(State.PASS)
        for label in q.defects:
            has = np.zeros(len(table.images), bool)
            for clause in judged.clauses:
                if clause.false:
                    has[clause.images[[x == label for x in clause.labels]]] = True
            good &= has
        return good

    def wanted(self) -> Iterator[Wanted]:
        """Verdicts of rules, alternatives of which each is enough; without those for review."""
        q = self.question
        base: dict[int, State] = {k: v for k, v in {**self.named, **self.asked}.items() if v is not State.REVIEW}
        rest = q.alone or q.verdict == "pass"
        if rest:
            base |= {k: State.PASS for k in range(self.own) if k not in self.named}
        violated = State.FAIL in self.named.values()
        if q.defects:
            label = q.defects[0]
            for k, rule in enumerate(self.program.rules[: self.own]):
                if label in ir.defects_of((rule,), self.program.nodes):
                    yield {**base, k: State.FAIL}
        elif q.verdict == "fail" and not violated:
            for k in range(self.own):
                if self.program.rules[k].verdict == "fail":
                    yield {**base, k: State.FAIL}
        else:
            yield base

    def impossible(self) -> tuple[str, ...]:
        """What excludes each other, if every alternative is impossible."""
        if self.question.verdict == "review" or State.REVIEW in self.named.values():
            return ()
        first: tuple[str, ...] = ()
        for wanted in self.wanted():
            found = impossible(self.program, {k: v is State.PASS for k, v in wanted.items()})
            if not found:
                return ()
            first = first or tuple(self._words(k, wanted[k]) for k in found)
        return first

    def _words(self, k: int, state: State) -> str:
        rule = self.program.rules[k]
        words = " ".join(self.program.nodes[rule.node].span.text.split())
        if k >= self.own:
            return f"the condition `{words}`"
        name = f"object `{rule.name}`" if rule.cardinality else f"rule `{rule.name}`"
        return f"{name}{' violated' if state is State.FAIL else ''}: `{words}`"

    def tables(self, progress: Progress) -> Iterator[ObjectTable]:
        """Tables to look at, the likeliest first."""
        alternatives = list(self.wanted())[: round(_MOST_GOALS * self.search.effort)]
        total = len(alternatives) + 2
        progress(0, total)
        yield self.search.beginnings
        for number, wanted in enumerate(alternatives, 1):
            progress(number, total)
            start = concatenate([self.search.good(self.program), self.search.beginnings])
            for _ in range(2):
                yield self.search.reached(Goal((demanding(self.program, wanted),)), start)
        progress(total - 1, total)
        yield self.search.neighbours()
        progress(total, total)

    def small(self, table: ObjectTable) -> Witness:
        """The witness for a table that shows what is asked."""

        def shows(t: ObjectTable) -> Mask:
            self.search.tried += len(t.images)
            return self.shows(t)

        table, scene = shrunk(table, shows, skeletons=self.search.words.skeletons)
        return witness_of(table, scene, (self.program.replaced(rules=self.program.rules[: self.own]),))
