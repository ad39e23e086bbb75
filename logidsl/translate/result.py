"""The result: a spec in which every rule names its sentence, and what is still open."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from logidsl.ir import Program
from logidsl.llm import Usage
from logidsl.source import Source
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import parse
from logidsl.translate.answer import Account, AnswerStatement, Candidate, joined
from logidsl.translate.sentence_splitter import SourceSentence
from logidsl.translate.trial import Trial

Standing: TypeAlias = Literal["pass", "fail", "review", "error"]
WIDTH = 100


@dataclass(frozen=True, eq=False)
class Translation:
    """The outcome of a session.

    Parameters
    ----------
    sentences : tuple of Sentence
        The rules of the user.
    accounts : tuple of Account
        What became of each.
    spec : str, optional
        The text of the spec, the draft in it; None if nothing could be made.
    program : Program, optional
        The same, checked.
    lost : tuple of Piece
        Statements that were left out since the checker refused them; `problems` says why.
    problems : tuple of str
        What was wrong with the best answer.
    trial : Trial
        How its rules did on the good pictures, and which say nothing.
    unasked : tuple of str
        Rules that stand for no sentence.
    rounds : int
        Questions that were answered.
    usage : Usage
        Their tokens.
    """

    sentences: tuple[SourceSentence, ...]
    accounts: tuple[Account, ...]
    spec: str | None = None
    program: Program | None = None
    lost: tuple[AnswerStatement, ...] = ()
    problems: tuple[str, ...] = ()
    trial: Trial = field(default_factory=Trial)
    unasked: tuple[str, ...] = ()
    rounds: int = 0
    usage: Usage = field(default_factory=Usage)

    @property
    def missing(self) -> tuple[SourceSentence, ...]:
        """The sentences without any result."""
        return tuple(a.sentence for a in self.accounts if not a.settled)

    @property
    def questions(self) -> tuple[Account, ...]:
        """The sentences that came back as questions."""
        return tuple(a for a in self.accounts if a.question)

    @property
    def standing(self) -> Standing:
        """`error` without a spec, `fail` if a rule fails on a good picture, `review` if a person must look."""
        if self.program is None:
            return "error"
        if any(not f.undetermined for f in self.trial.failures):
            return "fail"
        doubts = (self.missing, self.questions, self.lost, self.trial.failures, self.trial.silent, self.trial.unread)
        return "review" if any(doubts) or self.unasked else "pass"

    def plain(self) -> dict[str, str]:
        """The meaning of each rule, in the sentences of `describe`, by the rule's name."""
        return said_plainly(self.program) if self.program is not None else {}


def said_plainly(program: Program) -> dict[str, str]:
    """Each rule of a program as a plain sentence, by its name."""
    from logidsl.describe import describe

    found: dict[str, str] = {}
    for sentence in describe(program):
        if sentence.kind in ("rule", "cardinality") and sentence.name and sentence.name not in found:
            found[sentence.name] = sentence.sentence
    return found


def written(candidate: Candidate, draft: Source | None, name: str) -> tuple[Source, str]:
    """A spec with each of the user's sentences as a comment at its rules.

    Parameters
    ----------
    candidate : Candidate
        Whose pieces compile behind the draft.
    draft : Source, optional
        Stands first, as it is.
    name : str
        The name of the spec, without a draft.

    Returns
    -------
    source : Source
        The spec.
    own : str
        The part of it that is new.
    """
    by_number = {a.sentence.number: a.sentence for a in candidate.accounts}
    lines = [] if draft is not None else ["logic 1", f"spec {name}", ""]
    told: tuple[int, ...] | None = ()
    for piece in candidate.pieces:
        known = tuple(n for n in piece.numbers if n in by_number)
        if known != told and (known or told):
            lines += ["", *(_comment(by_number[n]) for n in known)] if known else ["", "# no sentence asks for this:"]
        told = known
        lines.append(piece.text)
    own = "\n".join(line for entry in lines for line in entry.split("\n")) + "\n"
    source = Source("own", own)
    file, bag = parse(source)
    assert bag.ok, f"a spec that compiled does not parse with its comments:\n{bag}"
    own = format_file(file, source).lstrip("\n")
    tail = "\n".join(_open(candidate.accounts))
    own += ("\n" + tail + "\n") if tail else ""
    return joined(draft, own)[0], own


def _comment(sentence: SourceSentence) -> str:
    return _wrapped(f"{sentence.number}: ", sentence.text)


def _wrapped(mark: str, text: str) -> str:
    """A comment of one or more lines, which its text cannot end."""
    lines = textwrap.wrap(" ".join(text.split()), WIDTH - len(mark) - 2, break_on_hyphens=False) or [""]
    gap = " " * len(mark)
    return "\n".join(f"# {mark if n == 0 else gap}{line}" for n, line in enumerate(lines))


def _open(accounts: Sequence[Account]) -> Iterator[str]:
    """The sentences without statements, as comments at the end."""
    for account in accounts:
        if account.said and not account.question:
            continue
        if not account.said:
            yield _comment(account.sentence)
        if account.question:
            yield _wrapped(
                f"   question{'' if not account.said else f' on {account.sentence.number}'}: ", account.question
            )
        elif account.remark:
            yield _wrapped("   nothing to check: ", account.remark)
        else:
            yield "#    not translated"
