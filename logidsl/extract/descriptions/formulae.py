"""Facts as terms: `left(orange,2) OR left(tangerine,2)`, as models write them when asked for formulae.

Parses such statements, one per line, and notices truncation. Anything else is ignored: models write headings, fences,
bullets and remarks in between. Imports nothing of the project.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

_TOKEN = re.compile(r"\s*(\(|\)|,|∧|∨|¬|&&?|\|\|?|!(?!=)|;|=\s*\w+|\"[^\"\n]*\"|'[^'\n]*'|[^\s(),;∧∨¬&|!=\"']+)")
_NOISE = re.compile(r"^(?:[-*•]\s+|\d+[.)]\s+|`{3,}.*|\*\*)|\\+$|`", re.MULTILINE)
_AND, _OR, _NOT = frozenset(["and", "∧", "&", "&&"]), frozenset(["or", "∨", "|", "||"]), frozenset(["not", "¬", "!"])
_DENYING = re.compile(r"not|no|never|absent|missing|without|lack(s|ing)?|empty|none")
_DEEPEST = 16


class Term(NamedTuple):
    """A fact: predicates, outermost first, and arguments; `left(top(peach,1))` is `(left, top)` of `(peach, 1)`."""

    path: tuple[str, ...]
    args: tuple[str, ...]
    denied: bool = False


#: Alternatives, each of facts that hold together.
Statement: TypeAlias = list[list[Term]]


def parse_formulae(text: str) -> tuple[list[Statement], bool]:
    """The statements of a text, and whether it ends in the middle of a fact.

    Parameters
    ----------
    text : str
        Terms joined by `AND` and `OR`, where `AND` binds tighter, in any spelling.

    Examples
    --------
    >>> found, cut = parse_formulae("left(peach,1) OR left(nectarine,1)\\nright(gran")
    >>> cut, [[t.args for t in group] for group in found[0]]
    (True, [[('peach', '1')], [('nectarine', '1')]])
    """
    found: list[Statement] = []
    cut = False
    for line in filter(None, map(str.strip, _NOISE.sub("", text).splitlines())):
        reader = _LineReader(_TOKEN.findall(line))
        if statement := reader.statement():
            found.append(statement)
        cut = reader.unfinished or (reader.dangling and bool(found))
    return found, cut


class _LineReader:
    """Reads the terms of one line and skips everything else; never fails."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0
        self.unfinished = False
        #: the line ends in a word where a fact was to come: `right(nut,*) OR right`
        self.dangling = False

    def take(self) -> str:
        """The next token; empty at the end."""
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ""

    def is_predicate(self, token: str) -> bool:
        """Whether the token just taken is the name of a term."""
        return token not in "(),;" and self.tokens[self.at : self.at + 1] == ["("]

    def statement(self) -> Statement:
        groups: Statement = [[]]
        denied = False
        while token := self.take():
            low = token.lower()
            self.dangling = low in _OR
            if low in _OR:
                groups.append([])
            elif low in _NOT:
                denied = True
            elif self.is_predicate(token):
                groups[-1] += self.term((token,), denied, 0)
                denied = False
            elif token.startswith("="):
                if groups[-1] and low.strip("= ") in ("false", "no", "0"):
                    groups[-1][-1] = groups[-1][-1]._replace(denied=True)
            else:
                self.dangling = low in _AND or (self.at == len(self.tokens) and token not in "(),;")
        return [g for g in groups if g]

    def term(self, path: tuple[str, ...], denied: bool, depth: int) -> list[Term]:
        """The facts of a term whose name was read; its opening parenthesis comes next."""
        self.take()
        args: list[str] = []
        inner: list[Term] = []
        phrase: list[str] = []
        while (token := self.take()) != ")":
            low = token.lower()
            if not token:
                self.unfinished = True
                return inner  # the outer fact may be incomplete
            if self.is_predicate(token) and low not in _AND | _OR and depth < _DEEPEST:
                inner += self.term(path if low in _NOT else (*path, token), denied or low in _NOT, depth + 1)
            elif token == ",":
                args += [" ".join(phrase)] if phrase else []
                phrase = []
            else:
                phrase.append(token.strip("\"'"))
        args += [" ".join(phrase)] if phrase else []
        denied = denied or denies(path[-1])
        if inner:
            return [t._replace(denied=t.denied or denied) for t in inner]
        # `NOT(visible_sticker)` states nothing
        return [Term(path, tuple(args), denied)] if args and path[-1].lower() not in _NOT else []


def denies(name: str) -> bool:
    """Whether a name says that something is not there: `not_visible`, `absent`.

    Examples
    --------
    >>> denies("not_visible_label"), denies("left"), denies("notch")
    (True, False, False)
    """
    return any(map(_DENYING.fullmatch, re.split(r"[\s_\-]+", name.lower())))
