"""Facts as terms: `left(orange,2) OR left(tangerine,2)`, as models write them when asked for formulae.

Reads a text of such statements into `Statement`s and says whether it was cut short. What is no term is left
out: models put headings, fences, bullets and remarks between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\s*(\(|\)|,|∧|∨|¬|&&?|\|\|?|!(?!=)|;|=\s*\w+|\"[^\"\n]*\"|'[^'\n]*'|[^\s(),;∧∨¬&|!=\"']+)")
_NOISE = re.compile(r"^(?:[-*•]\s+|\d+[.)]\s+|`{3,}.*|\*\*)|\\+$|`", re.MULTILINE)
_AND, _OR, _NOT = frozenset(["and", "∧", "&", "&&"]), frozenset(["or", "∨", "|", "||"]), frozenset(["not", "¬", "!"])
_DENYING = frozenset(
    ["not", "no", "never", "absent", "missing", "without", "lack", "lacks", "lacking", "empty", "none"]
)
_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class Term:
    """A fact: what is said, outermost first, of what; `left(top(peach,1))` is `(left, top)` of `(peach, 1)`."""

    path: tuple[str, ...]
    args: tuple[str, ...]
    denied: bool = False


#: Alternatives, each of facts that hold together.
Statement = tuple[tuple[Term, ...], ...]


@dataclass(frozen=True, slots=True)
class Statements:
    """What a text states, and whether it ends in the middle of a fact."""

    found: tuple[Statement, ...]
    cut: bool


def parse_statements(text: str) -> Statements:
    """The statements of a text, one on each line.

    Parameters
    ----------
    text : str
        Terms joined by `AND` and `OR`, where `AND` binds tighter, in any spelling.

    Examples
    --------
    >>> made = parse_statements("left(peach,1) OR left(nectarine,1)\\nright(gran")
    >>> made.cut, [[t.args for t in group] for group in made.found[0]]
    (True, [[('peach', '1')], [('nectarine', '1')]])
    """
    found: list[Statement] = []
    cut = False
    lines = [line.strip() for line in _NOISE.sub("", text).splitlines() if line.strip()]
    for number, line in enumerate(lines):
        reader = _Reader(_TOKEN.findall(line))
        statement = reader.statement()
        if statement:
            found.append(statement)
        if number == len(lines) - 1:
            cut = reader.unfinished or (reader.dangling and bool(found))
    return Statements(tuple(found), cut)


class _Reader:
    """Reads one line; never fails: what is no term is passed over."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0
        self.unfinished = False
        #: the line ends in a word where a fact was to come: `right(nut,*) OR right`
        self.dangling = False

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def statement(self) -> Statement:
        groups: list[list[Term]] = [[]]
        denied = False
        while self.at < len(self.tokens):
            token = self.take()
            low = token.lower()
            self.dangling = False
            if low in _OR:
                groups.append([])
                self.dangling = True
            elif low in _NOT:
                denied = True
            elif self.peek() == "(" and token not in "(),;":
                groups[-1] += self.term((token,), denied, 0)
                denied = False
            elif token.startswith("=") and groups[-1] and low.strip("= ") in ("false", "no", "0"):
                last = groups[-1].pop()
                groups[-1].append(Term(last.path, last.args, denied=True))
            elif low in _AND or (token not in "(),;" and self.at == len(self.tokens) and not token.startswith("=")):
                self.dangling = True
        return tuple(tuple(g) for g in groups if g)

    def term(self, path: tuple[str, ...], denied: bool, depth: int) -> list[Term]:
        """The facts of a term whose name was read; its opening parenthesis comes next."""
        self.take()
        args: list[str] = []
        inner: list[Term] = []
        piece: list[str] = []
        while True:
            token = self.take()
            if not token:
                self.unfinished = True
                return inner  # what was said of it is not known to be whole
            if self.peek() == "(" and token not in "(),;" and token.lower() not in _AND | _OR and depth < _DEEPEST:
                wrapped = token.lower() in _NOT
                inner += self.term(path if wrapped else (*path, token), denied or wrapped, depth + 1)
            elif token in "),":
                if piece:
                    args.append(" ".join(piece))
                piece = []
                if token == ")":
                    break
            else:
                piece.append(token.strip("\"'"))
        denied = denied or denies(path[-1])
        if inner:
            return [Term(t.path, t.args, t.denied or denied) for t in inner]
        if path[-1].lower() in _NOT:  # `NOT(visible_sticker)`
            return []
        return [Term(path, tuple(args), denied)] if args else []


def denies(name: str) -> bool:
    """Whether a name says that something is not: `not_visible`, `absent`.

    Examples
    --------
    >>> denies("not_visible_label"), denies("left"), denies("notch")
    (True, False, False)
    """
    return not _DENYING.isdisjoint(re.split(r"[\s_\-]+", name.lower()))
