"""From text to words.

Owns `lex`: the words of a source by the terminals of the grammar, with its comments beside them. What fits
no terminal goes to `spelling`, which says what is wrong and, where the intent is plain, puts the word that
was meant in its place, so that one slip costs one message and the statement is still read. Takes a
`Source`, fills a `Bag`.
"""

from __future__ import annotations

import re
from functools import cache

from logidsl.diagnostics import Bag
from logidsl.source import Source, Span
from logidsl.syntax import ast, malformed_tokens, spelling, tables
from logidsl.syntax.tokens import Token


@cache
def scanner() -> re.Pattern[str]:
    """One pattern of all terminals; the index of the matching group identifies it."""
    return re.compile("|".join(f"({pattern})" for _, pattern in _ungrouped()))


@cache
def names() -> tuple[str, ...]:
    """Terminals in the order of the groups of `scanner`."""
    return tuple(name for name, _ in _ungrouped())


def _ungrouped() -> list[tuple[str, str]]:
    """The terminals with the groups inside their patterns not counted."""
    return [(name, re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)) for name, pattern in tables.tables().terminals]


def lex(source: Source, bag: Bag) -> tuple[list[Token], list[ast.Comment]]:
    """The words and the comments of a source.

    Parameters
    ----------
    source : Source
        The text.
    bag : Bag
        Takes what is misspelt.

    Returns
    -------
    words : list of Word
        In the order of the source.
    comments : list of Comment
        Without `#` and the space after it.

    Examples
    --------
    >>> words, comments = lex(Source("a.logic", "object bolt: 2 # two"), Bag())
    >>> [w.type for w in words], comments[0].text
    (['object', 'NAME', ':', 'NUMBER'], 'two')
    """
    text, reserved = source.text, tables.reserved_words()
    match, called, malformed = scanner().match, names(), malformed_tokens.pattern()
    words: list[Token] = []
    comments: list[ast.Comment] = []
    spelling.characters(source, bag)
    at = 0
    while at < len(text):
        if malformed.match(text, at) and (wrong := malformed_tokens.corrected(source, at, words)):
            words += wrong[0]
            bag.add(wrong[1])
            at = wrong[1].span.end
            continue
        found = match(text, at)
        if found is None or spelling.SUSPECT.match(text, at):
            step = spelling.strange(source, at, words, bag)
            if step:
                at = step
                continue
            assert found is not None
        assert found.lastindex is not None
        kind, written = called[found.lastindex - 1], found[0]
        if kind != "SPACE":
            kind = written if kind == "NAME" and written in reserved else kind
            words.append(Token(kind, written, Span(source, at, found.end())))
        elif written[0] == "#":
            comments.append(ast.Comment(written[1:].strip(), span=Span(source, at, found.end())))
        at = found.end()
    return words, comments
