"""Scores of a model, from its answers alone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.translation.agree import Outcome, Referee, constructs
from benchmarks.translation.sets import RuleSet, table
from logidsl.ir import Program
from logidsl.llm import Answer, Usage
from logidsl.questions.goals import read_as
from logidsl.source import Source
from logidsl.table import ObjectTable
from logidsl.translate import Constraint, Request, Session
from logidsl.translate.batch import Answers

#: What the literature calls the three: right, a crash, and a rule that is silently not there.
KINDS = ("right", "labels", "strict", "missing", "error", "unanswered")


@dataclass(frozen=True)
class Score:
    """How one rule set came out.

    Parameters
    ----------
    first : bool or None
        Whether the first answer compiled; None where there is none.
    waiting : Request, optional
        The question that has no answer yet.
    """

    rules: RuleSet
    outcome: Outcome
    first: bool | None = None
    rounds: int = 0
    usage: Usage = field(default_factory=Usage)
    waiting: Request | None = None


def session_of(rules: RuleSet, constraint: Constraint = "plain") -> Session:
    """The translation of a rule set, tried on its good scenes."""
    good = table(list(rules.scenes))
    draft = Source(f"{rules.name}.logic", rules.draft + "\n") if rules.draft else None

    def look(program: Program) -> ObjectTable:
        return read_as(good, program)

    return Session(rules.rules, draft=draft, look=look, constraint=constraint, name=rules.name)


def replayed(rules: RuleSet, answers: Answers, constraint: Constraint = "plain") -> tuple[Session, bool | None]:
    """A session with the answers that there are, and whether the first one compiled.

    An answer is found by the id of its question, the first also by the name of the rule set, so that answers
    to another wording of the question can be scored.
    """
    session = session_of(rules, constraint)
    first: bool | None = None
    while session.request is not None:
        answer = answer_to(session, rules.name if first is None else None, answers)
        if answer is None:
            break
        session.take(answer)
        if first is None:
            first = not session.translation.problems
    return session, first


def answer_to(session: Session, name: str | None, answers: Answers) -> Answer | None:
    """The answer to a question by its id, or by the name of what was asked."""
    assert session.request is not None
    found = answers.by_id.get(session.request.id)
    return answers.by_id.get(name) if found is None and name is not None else found


def score(referee: Referee, answers: Answers, constraint: Constraint = "plain") -> Score:
    """How one rule set came out."""
    session, first = replayed(referee.rules, answers, constraint)
    if first is None:
        return Score(referee.rules, Outcome("unanswered"), waiting=session.request)
    made = session.translation
    outcome = Outcome("error", words="; ".join(made.problems)) if made.spec is None else referee.judge(made.spec)
    return Score(referee.rules, outcome, first, made.rounds, made.usage, session.request)


def reworded(sets: Iterable[RuleSet], paths: Iterable[Path]) -> list[str]:
    """The rule sets whose sentences are others than those that an answer by name was given to.

    A line of answers may keep the sentences in `rules`. An answer that bears the id of its question needs none: the
    id is of these words and no others.
    """
    asked: dict[str, str] = {}
    for path in paths:
        for line in path.read_text("utf-8").split("\n"):
            row = json.loads(line) if line.strip() else {}
            asked[row.get("custom_id", "")] = row.get("rules", "")
    return [s.name for s in sets if asked.get(s.name) and asked[s.name].split() != s.rules.split()]


def report(scores: Sequence[Score], referees: Iterable[Referee], other: Collection[str] = ()) -> str:
    """A table of the outcomes: in all, by language, by construct; and what went wrong.

    Parameters
    ----------
    other : collection of str
        Rule sets that were reworded since their answers were given.
    """
    answered = [s for s in scores if s.outcome.kind != "unanswered"]
    lines = [_row("", scores)]
    if other:
        lines += [_row("as they were asked", [s for s in scores if s.rules.name not in other])]
        lines += [f"reworded since their answers: {', '.join(other)}"]
    lines += ["", "by language", *_grouped({s.rules.name: [s.rules.language] for s in scores}, answered)]
    lines += ["", "by manner", *_grouped({s.rules.name: [s.rules.manner] for s in scores}, answered)]
    parts = {r.rules.name: sorted(constructs(r.program)) for r in referees}
    lines += ["", "by construct", *_grouped(parts, answered)]
    if answered:
        rounds = sum(s.rounds for s in answered) / len(answered)
        compiled = sum(bool(s.first) for s in answered) / len(answered)
        prompt, said = sum(s.usage.asked for s in answered), sum(s.usage.answered for s in answered)
        lines += ["", f"first answers that compile: {compiled:.1%}; answers a rule set: {rounds:.2f}"]
        lines += [f"tokens: {prompt} asked, {said} answered"]
    for s in answered:
        if s.outcome.kind != "right":
            since = " (the sentences were reworded since)" if s.rules.name in other else ""
            found = f"{s.outcome.kind}, {s.outcome.differ} of {s.outcome.scenes} scenes differ"
            lines += ["", f"{s.rules.name}: {found}{since}"]
            lines += [f"  {line}" for line in s.outcome.words.splitlines()[:6]]
    return "\n".join(lines)


def _row(name: str, scores: Sequence[Score]) -> str:
    counts = {k: sum(s.outcome.kind == k for s in scores) for k in KINDS}
    shown = ", ".join(f"{k} {n}" for k, n in counts.items() if n)
    share = counts["right"] / len(scores) if scores else 0.0
    return f"{name:<24} {len(scores):>3} sets, success {share:6.1%}   {shown}"


def _grouped(groups: dict[str, list[str]], scores: Sequence[Score]) -> list[str]:
    found: dict[str, list[Score]] = defaultdict(list)
    for s in scores:
        for group in groups[s.rules.name]:
            found[group].append(s)
    return [_row(f"  {name}", found[name]) for name in sorted(found)]
