"""Reading what a model wrote: never run, only parsed and checked.

An answer may stand in a fence, have prose around it, be the JSON of the YAML form, be cut off, or be nonsense.
What is LOGIC in it is taken out; notes (`# 1`) say which sentence the statements after them come from. Statements
that reach for files are taken out too, and said. The rest is put behind the draft and checked as one spec. Imports
`check`, `syntax` and, of this package, `declarations`, `extraction`, `notes`, `prompt` and `sentences`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from logidsl.check import check
from logidsl.diagnostics import Bag, Diagnostic
from logidsl.ir import Program
from logidsl.library import builtins
from logidsl.source import Source, Span
from logidsl.syntax import ast
from logidsl.syntax.parse import parse, read_source
from logidsl.syntax.statement_printer import keyword
from logidsl.syntax.walk import walk
from logidsl.translate.declarations import Declarations
from logidsl.translate.extraction import extracted
from logidsl.translate.notes import Note, name_of, numbered, printable, rules_of, spelt
from logidsl.translate.prompt import ALLOWED
from logidsl.translate.sentence_splitter import SourceSentence

PROBLEMS_MAX = 20
_HEAD = re.compile(r"^[ \t]*(?:logic[ \t]+\d+|spec[ \t]+\w+(?:[ \t]+\"[^\"\n]*\")?)[ \t]*$", re.MULTILINE)
#: The value of a parameter with bounds.
_VALUE = re.compile(r"(param \w+ = )[^\n]*?(?= in )")
#: What reads a picture or a file, which a model may not ask for.
_FILES = frozenset([*builtins("source"), *(n for n, e in builtins("pixel").items() if e.parameters[0].kind == "text")])


@dataclass(frozen=True, slots=True)
class Account:
    """What became of a sentence.

    Parameters
    ----------
    sentence : Sentence
        As the user wrote it.
    names : tuple of str
        What its statements declare.
    rules : tuple of str
        The rules among them, cardinalities too.
    question : str, optional
        What the engineer is asked.
    remark : str, optional
        Why it demands nothing.
    said : bool
        Whether statements of any kind stand for it.
    """

    sentence: SourceSentence
    names: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    question: str | None = None
    remark: str | None = None
    said: bool = False

    def with_statements(self, pieces: Sequence[AnswerStatement]) -> Account:
        """The same with those of some statements that come from its sentence."""
        mine = [p for p in pieces if self.sentence.number in p.numbers]
        names = tuple(dict.fromkeys(p.name for p in mine if p.name))
        rules = tuple(dict.fromkeys(r for p in mine for r in p.rules))
        return replace(self, names=names, rules=rules, said=bool(mine))

    @property
    def settled(self) -> bool:
        """Whether something became of it, be it a question."""
        return self.said or self.question is not None or self.remark is not None


@dataclass(frozen=True, slots=True)
class AnswerStatement:
    """A statement of an answer in its one spelling, and the sentences that it comes from."""

    text: str
    numbers: tuple[int, ...]
    name: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Candidate:
    """An answer, read.

    Parameters
    ----------
    text : str
        What was taken for LOGIC.
    pieces : tuple of Piece
        Its statements.
    accounts : tuple of Account
        One for each sentence.
    program : Program, optional
        Draft and answer as one checked program; None where anything is wrong.
    problems : tuple of str
        What is wrong, as the checker says it, places counted in `text`.
    """

    text: str
    pieces: tuple[AnswerStatement, ...]
    accounts: tuple[Account, ...]
    program: Program | None
    problems: tuple[str, ...]

    @property
    def missing(self) -> tuple[SourceSentence, ...]:
        """The sentences that nothing became of."""
        return tuple(a.sentence for a in self.accounts if not a.settled)

    @property
    def unasked(self) -> tuple[str, ...]:
        """Rules that stand for no sentence."""
        known = {a.sentence.number for a in self.accounts}
        return tuple(r for p in self.pieces if not known.intersection(p.numbers) for r in p.rules)


def read_answer(
    text: str,
    sentences: Sequence[SourceSentence],
    draft: Source | None = None,
    declarations: Declarations = Declarations(),  # noqa: B008 - it holds nothing
) -> Candidate:
    """Read an answer; nothing that it holds raises.

    Parameters
    ----------
    text : str
        As the model gave it.
    sentences : sequence of Sentence
        What it was asked to translate.
    draft : Source, optional
        The spec that it goes on with.
    declarations : Declarations
        What need not be declared: what of it the answer uses is declared before it.

    Examples
    --------
    >>> asked = (SourceSentence(1, "two bolts"), SourceSentence(2, "nice ones"))
    >>> made = read_answer("Sure!\\n```\\n# 1\\nobject bolt: 2\\n# 2? What is nice?\\n```", asked)
    >>> made.program is not None, made.accounts[0].rules, made.accounts[1].question
    (True, ('bolt',), 'What is nice?')
    """
    own, problems = extracted(text)
    file, bag = parse(Source("answer", own))
    if draft is not None:
        own = _HEAD.sub("", own)
        file, bag = parse(Source("answer", own))
    own, file, bag = _within_reach(own, file, bag, problems)
    completed = declarations.completed(own)
    if completed != own:
        own, (file, bag) = completed, parse(Source("answer", completed))
    notes = list(numbered(file.comments))
    pieces = _pieces(file, bag, notes)
    accounts = _accounts(sentences, pieces, notes)
    program, said = _checked(own, draft)
    problems += [str(d) for d in said]
    if not pieces and not any(a.settled for a in accounts):
        problems.insert(0, "the answer contains no LOGIC statement and no note")
    clean = program if not problems else None
    return Candidate(own, pieces, accounts, clean, tuple(printable(p) for p in problems[:PROBLEMS_MAX]))


# ---- notes, statements, accounts ----


def _pieces(file: ast.File, bag: Bag, notes: Sequence[Note]) -> tuple[AnswerStatement, ...]:
    """The statements in standard layout; one with a mistake stays as it is, with the mistake."""
    found = []
    for statement in file.statements:
        before = [n for n in notes if n.start < statement.span.start]
        numbers = before[-1].numbers if before else ()
        span = statement.span
        wrong = any(span.start <= d.span.start < span.end for d in bag.errors)
        text = span.text if wrong else spelt(file, statement)
        found.append(AnswerStatement(text, numbers, name_of(statement), tuple(rules_of(statement))))
    return tuple(found)


def _accounts(
    sentences: Sequence[SourceSentence], pieces: Sequence[AnswerStatement], notes: Sequence[Note]
) -> tuple[Account, ...]:
    made = []
    for sentence in sentences:
        said = [n for n in notes if sentence.number in n.numbers and n.words]
        question = " ".join(n.words for n in said if n.mark == "?") or None
        account = Account(sentence, question=question).with_statements(pieces)
        remark = " ".join(n.words for n in said if n.mark == ":") or None
        made.append(account if account.settled else replace(account, remark=remark))
    return tuple(made)


# ---- checking ----


def _within_reach(own: str, file: ast.File, bag: Bag, problems: list[str]) -> tuple[str, ast.File, Bag]:
    """An answer without the statements that a model may not write; each is said."""
    barred = [(s, why) for s in file.statements if (why := _barred(s))]
    if not barred:
        return own, file, bag
    for statement, why in barred:
        problems.append(f"{why} is not allowed here: `{' '.join(statement.span.text.split())[:80]}`")
        start, end = statement.span.start, statement.span.end
        own = own[:start] + re.sub(r"[^\n]", " ", own[start:end]) + own[end:]
    file, bag = parse(Source("answer", own))
    return own, file, bag


def _barred(statement: ast.Statement) -> str | None:
    """Why a statement may not be written by a model, or None."""
    kind = keyword(statement)
    if kind not in ALLOWED:
        return f"`{kind}`"
    for node in walk(statement):
        if isinstance(node, ast.CallExpr) and node.function in _FILES:
            return f"`{node.function}(…)`"
        if isinstance(node, ast.Import | ast.Test | ast.Blobs | ast.Keep | ast.FrameDecl):
            return f"`{keyword(node)}`"
    return None


def joined(draft: Source | None, own: str) -> tuple[Source, int]:
    """Draft and answer as one spec, and where the answer begins in it."""
    before = "" if draft is None else draft.text.rstrip("\n") + "\n\n"
    return Source(draft.path if draft else "translated.logic", before + own), len(before)


def compiled(source: Source) -> tuple[Program | None, Bag]:
    """The program of a spec; a mistake is in the bag."""
    file, bag = parse(source)
    program = check(file, bag, {}, read_source)
    return (program if bag.ok else None), bag


def _checked(own: str, draft: Source | None) -> tuple[Program | None, list[Diagnostic]]:
    """Draft and answer as one program, and what is wrong, placed in the answer."""
    source, offset = joined(draft, own)
    program, bag = compiled(source)
    answer = Source("answer", own)

    def placed(span: Span) -> Span:
        inside = span.source is source and span.start >= offset
        return answer.span(span.start - offset, span.end - offset) if inside else span

    moved = [
        replace(d, span=placed(d.span), other=(placed(d.other[0]), d.other[1]) if d.other else None) for d in bag.errors
    ]
    return program, moved


def with_values(candidate: Candidate, values: Mapping[str, tuple[str, str]], draft: Source | None) -> Candidate:
    """A candidate with other values of its parameters.

    Parameters
    ----------
    candidate : Candidate
        Without mistakes.
    values : mapping of str to (str, str)
        By parameter its value, empty to leave it, and a comment.
    draft : Source, optional
    """
    if not values:
        return candidate
    pieces = []
    for piece in candidate.pieces:
        value, comment = values.get(piece.name or "", ("", ""))
        text = _VALUE.sub(rf"\g<1>{value}", piece.text) if value else piece.text
        pieces.append(replace(piece, text=f"# {comment}\n{text}" if comment else text))
    program, bag = compiled(joined(draft, "\n".join(p.text for p in pieces) + "\n")[0])
    assert program is not None, f"a spec that compiled does not with measured values:\n{bag}"
    return replace(candidate, pieces=tuple(pieces), program=program)


def salvaged(candidate: Candidate, draft: Source | None) -> tuple[Candidate, tuple[AnswerStatement, ...]]:
    """What is left of an answer when each statement with a mistake is taken out, and what was taken out.

    Taking out a declaration breaks what uses it, so it is checked again until nothing is wrong.
    """
    kept, lost = list(candidate.pieces), list[AnswerStatement]()
    while True:
        text = "\n".join(p.text for p in kept)
        source, offset = joined(draft, text)
        program, bag = compiled(source)
        if program is not None:
            break
        starts, at = [], offset
        for piece in kept:
            starts.append((at, at + len(piece.text)))
            at += len(piece.text) + 1
        places = [s for d in bag.errors for s in (d.span, *([d.other[0]] if d.other else []))]
        bad = {n for n, (a, b) in enumerate(starts) for s in places if s.source is source and a <= s.start <= b}
        if not bad:
            if not kept:
                break
            bad = {len(kept) - 1}
        lost += [p for n, p in enumerate(kept) if n in bad]
        kept = [p for n, p in enumerate(kept) if n not in bad]
    accounts = tuple(a.with_statements(kept) for a in candidate.accounts)
    return replace(candidate, pieces=tuple(kept), accounts=accounts, program=program, text=text), tuple(lost)
