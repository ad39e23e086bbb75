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
from logidsl.syntax.split import STARTS
from logidsl.syntax.tokens import Token

#: Where more than a terminal may begin: a malformed token, or the comment of another language.
_PERHAPS_AMISS = malformed_tokens.BEGINNINGS | {"/", "#"}


@cache
def scanner() -> re.Pattern[str]:
    """One pattern of all terminals, after blanks; the index of the matching group identifies it."""
    return re.compile(rf"[ \t\r\n]*(?:{'|'.join(f'({pattern})' for _, pattern in _ungrouped())})")


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
    text, reserved = source.text, tables.keywords()
    match, called = scanner().match, names()
    words: list[Token] = []
    comments: list[ast.Comment] = []
    spelling.characters(source, bag)
    at = 0
    while at < len(text):
        found = match(text, at)
        group = 0 if found is None else found.lastindex or 0
        if found is not None:
            at = found.start(group)
        written = text[at] if found is None else found[group]
        amiss = group == 0 or written[0] in _PERHAPS_AMISS or len(written) >= malformed_tokens.NAME_MAX
        if amiss and (step := _amiss(source, at, words, bag, fits=group > 0)):
            at = step
            continue
        end = at + len(written)
        kind = called[group - 1]
        if kind == "NAME":
            words.append(Token(written if written in reserved else kind, written, Span(source, at, end)))
        elif kind != "SPACE":
            words.append(Token(kind, written, Span(source, at, end)))
        elif written[0] == "#":
            comments.append(ast.Comment(written[1:].strip(), span=Span(source, at, end)))
        at = end
    for i, word in enumerate(words):
        if word.type in tables.CONTEXTUAL and not _in_context(words, i):
            words[i] = word._replace(type="NAME")
    return words, comments


#: What may stand before a statement, beside names, numbers and texts.
_ENDINGS = frozenset({"STRING", "color", ")", "]", "}", "{", "high", "low"})


#: `ordered`, and what people write in its place.
_ORDERED = frozenset({"ordered", "order", "sorted", "sort"})


def _in_context(words: list[Token], i: int) -> bool:
    """Whether `batch`, `view` or `over` stands where a statement or a rule goes on as only it does with the word."""
    before = [w.type for w in words[max(i - 3, 0) : i]]
    if words[i].type == "over":
        return before[-2:] == ["rule", "NAME"] or before == ["rule", "NAME", "STRING"]
    named, follows = ([*words[i + 1 : i + 3], None, None])[:2]
    if named is None or named.type != "NAME" or (i and not _ends(words[i - 1])):
        return False
    if words[i].type == "view":
        return follows is not None and follows.type == "of"
    return follows is None or follows.type in (*STARTS, "by", "}") or follows.text in _ORDERED


def _ends(word: Token) -> bool:
    return word.type in _ENDINGS or (
        word.type not in tables.keywords() and (word.text[:1].isalnum() or word.text[:1] == "_")
    )


def _amiss(source: Source, at: int, words: list[Token], bag: Bag, *, fits: bool) -> int:
    """Read what is misspelt at a place; where to go on, or 0 if the terminal that fits is right."""
    if wrong := malformed_tokens.corrected(source, at, words):
        words += wrong[0]
        bag.add(wrong[1])
        return wrong[1].span.end
    return 0 if fits and not spelling.SUSPECT.match(source.text, at) else spelling.strange(source, at, words, bag)
