"""A statement that cannot be read, and what one may ask about it.

Owns `SyntaxErrorContext` (the words, the one that cannot stand where it stands, and trials of other words in its place)
and `Found` (what is wrong, and the words that were meant). The finders of mistakes in `habits` and `errors`
take the one and give the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from logidsl.diagnostics import Bag, Diagnostic
from logidsl.library import builtins
from logidsl.source import Source, Span
from logidsl.syntax import lalr_parser
from logidsl.syntax.lexer import lex
from logidsl.syntax.split import CLOSE, OPEN
from logidsl.syntax.tables import END
from logidsl.syntax.tokens import Token, glued, short

OUTCOMES = frozenset({"defect", "low", "high", "severity", "verdict", "message"})
RELATIONS = frozenset(word for name in builtins("relation") for word in name.split())
TRIAL_MAX = 2000  # words: trials of a longer statement would take more time than a guess is worth


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is wrong, or None if it was said already; and the words that were meant, statement by statement."""

    diagnostic: Diagnostic | None
    meant: list[list[Token]] | None = None


@dataclass(frozen=True)
class SyntaxErrorContext:
    """Words of which the one at `index` cannot stand there; at their number, words are missing."""

    source: Source
    words: list[Token]
    index: int

    @cached_property
    def expected(self) -> frozenset[str]:
        """The terminals that could stand at `index`."""
        return lalr_parser.expected(self.words, self.index)

    @property
    def word(self) -> Token | None:
        """The word that cannot stand there; None at the end."""
        return self.words[self.index] if self.index < len(self.words) else None

    @property
    def before(self) -> Token | None:
        """The word before."""
        return self.words[self.index - 1] if self.index else None

    @property
    def place(self) -> Span:
        """The word that cannot stand there, or the place just after the last one."""
        if self.word:
            return self.word.span
        end = self.words[-1].span.end if self.words else 0
        return self.source.span(end, end)

    @property
    def statement(self) -> str:
        """The statement in a message: `rule a`."""
        return spell(self.words[:2]) if len(self.words) > 1 and self.words[1].type == "NAME" else spell(self.words[:1])

    @cached_property
    def depths(self) -> list[int]:
        """For each word, and for the end, how many brackets are open before it."""
        depths, open_now = [], 0
        for word in self.words:
            open_now -= word.type in CLOSE and open_now > 0
            depths.append(open_now)
            open_now += word.type in OPEN
        return [*depths, open_now]

    def body(self, index: int) -> tuple[int, int]:
        """The stretch of words around a place, between the same brackets, commas and outcomes."""
        depth = self.depths[index]

        def inner(i: int) -> bool:
            kind = self.words[i].type
            edge = kind in OUTCOMES or kind == "," or (kind == "{" and self.words[0].type == "variant")
            return self.depths[i] > depth or (self.depths[i] == depth and not edge)

        first = index
        while first > 0 and inner(first - 1) and not self.opens_body(first - 1):
            first -= 1
        last = index
        while last < len(self.words) and inner(last):
            last += 1
        return first, last

    def opens_body(self, index: int) -> bool:
        """Whether a word is the `:` of a rule, the `=` of a `let`, or the `when` of a variant."""
        kind = {"rule": ":", "let": "=", "variant": "when", "object": "=", "blobs": "where"}.get(self.words[0].type)
        first = next((i for i, w in enumerate(self.words) if w.type == kind), None)
        return index == first

    def swapped(self, start: int, stop: int, text: str = "") -> list[Token]:
        """The words with a text in the place of a stretch of them."""
        place = self.words[start].span.to(self.words[stop - 1].span) if stop > start else self.gap(start)
        return [*self.words[:start], *tokens_of(text, place), *self.words[stop:]]

    def inserted(self, index: int, text: str) -> list[Token]:
        """The words with a text before a place."""
        return self.swapped(index, index, text)

    def gap(self, index: int) -> Span:
        """The empty place before a word."""
        at = self.words[index - 1].span.end if index else self.words[0].span.start
        return self.source.span(at, at)

    def whole(self, words: Sequence[Token]) -> bool:
        """Whether other words would be whole statements."""
        return len(words) <= TRIAL_MAX and lalr_parser.reach(words) is None

    def further(self, words: Sequence[Token], by: int = 1) -> bool:
        """Whether other words make sense for longer than these do."""
        if len(words) > TRIAL_MAX:
            return False
        stop = lalr_parser.reach(words)
        return stop is None or stop - (len(words) - len(self.words)) >= self.index + by

    def found(self, code: str, message: str, fix: str | None, span: Span, meant: list[Token] | None = None) -> Recovery:
        """What is wrong, with the words that were meant as one statement."""
        return Recovery(Diagnostic(code, message, span, fix), [meant] if meant else None)


Finder: TypeAlias = Callable[[SyntaxErrorContext], Recovery | None]


def tokens_of(text: str, place: Span) -> list[Token]:
    """The tokens of a text that does not stand in the source."""
    return [Token(w.type, w.text, place) for w in lex(Source("", text), Bag())[0]]


def clause(t: SyntaxErrorContext, words: list[Token], at: int) -> str:
    """The part of the words around a place, as it is to be written."""
    first, last = SyntaxErrorContext(t.source, words, at).body(at)
    return spell(words[first:last])


def said(t: SyntaxErrorContext) -> str:
    """The word that cannot stand, or the end of the statement, for a message."""
    return f"`{spell([t.word], 60)}`" if t.word else f"the end of `{t.statement}`"


def spell(words: Sequence[Token], limit: int = 100) -> str:
    """Words as a line of text, spaced as in the source, and as usual where they do not stand in it."""
    out: list[str] = []
    for n, word in enumerate(words[:60]):
        if n and _spaced(words[n - 1], word):
            out.append(" ")
        out.append(word.text)
    return short("".join(out), limit)


def _spaced(left: Token, right: Token) -> bool:
    if left.text == left.span.text and right.text == right.span.text and _adjacent(left, right):
        return not glued(left, right)
    if left.type in ("(", "[", ".") or right.type in (")", "]", ":", ",", "."):
        return False
    return not (right.type == "(" and left.type == "NAME")


def _adjacent(left: Token, right: Token) -> bool:
    """Whether nothing but space stands between two tokens of the source."""
    return not left.span.source.text[left.span.end : right.span.start].strip() and left.span.end <= right.span.start


def describe(expected: frozenset[str]) -> str:
    """The terminals that could stand somewhere, in a reader's words.

    Examples
    --------
    >>> describe(frozenset({":", "STRING"}))
    '`:` or a text in quotes'
    """
    left, out = set(expected), []
    if "not" in left and "NAME" in left:
        out.append("a condition or a value")
        left -= VALUE | RELATIONS | {"every", "some", "no", "if", "not"}
    elif {"NAME", "NUMBER"} <= left:
        out.append("a value")
        left -= VALUE
    if {"and", "or"} <= left or {"+", "TIMES"} <= left:
        out.append("an operator")
        left -= AFTER
    if left >= OUTCOMES:
        out.append("an outcome such as `defect`")
        left -= OUTCOMES
    ends = END in left
    left -= STATEMENTS | {END, "UNKNOWN"} if ends or len(left & STATEMENTS) > 3 else {END}
    out = [CALLED.get(kind, f"`{kind}`") for kind in sorted(left, key=_rank)] + out
    out = out[:5] + (["the end of the statement"] if ends else [])
    return " or ".join([", ".join(out[:-1]), out[-1]] if len(out) > 1 else out) or "a statement"


def _rank(kind: str) -> tuple[bool, str]:
    """Signs before words: they are what is forgotten most."""
    return kind.isalpha(), kind


VALUE = frozenset({"NAME", "NUMBER", "QUANTITY", "STRING", "(", "[", "match", "-", "other", "color"})
AFTER = RELATIONS | {".", "|", "(", "and", "or", "+", "-", "TIMES", "ORDER", "=", "!=", "in", "within"}
STATEMENTS = frozenset(
    {"import", "param", "scale", "doubtful", "frame", "color", "region", "grid", "attribute", "blobs", "object", "keep"}
    | {"layout", "let", "rule", "variant", "test", "logic", "spec", "batch", "view"}
)
CALLED = {
    "NAME": "a name",
    "NUMBER": "a number",
    "QUANTITY": "a number with its unit",
    "STRING": "a text in quotes",
    "ORDER": "`<`",
    "TIMES": "`*`",
    "ROWS": "a number of rows (`3 rows`)",
    "COLUMNS": "a number of columns (`5 columns`)",
}
