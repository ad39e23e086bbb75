"""What the text is made of.

Owns `Token`, which lexer, parser and the finders of mistakes share.
"""

from __future__ import annotations

from typing import NamedTuple

from logidsl.source import Span

UNKNOWN = "?"


class Token(NamedTuple):
    """A word of a source.

    `type` is its terminal (`every`, `:`, `NAME`), or `UNKNOWN` for what was reported already and has no
    meaning. `text` is what stands in the source, or what was meant in its place.
    """

    type: str
    text: str
    span: Span


def glued(left: Token, right: Token) -> bool:
    """Whether two words touch in the source."""
    return left.span.end == right.span.start


def line_start(word: Token) -> bool:
    """Whether a word is the first on its line."""
    text, at = word.span.source.text, word.span.start
    return not text[text.rfind("\n", 0, at) + 1 : at].strip(" \t\r\ufeff")


def short(text: str, limit: int = 60) -> str:
    """A stretch of text for a message: on one line, and cut.

    Examples
    --------
    >>> short("a\\n  b")
    'a b'
    """
    flat = " ".join(text[: 4 * limit].split())
    return flat if len(flat) <= limit else flat[: limit - 3] + "..."
