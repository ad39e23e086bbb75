"""Highlighting of specs by Pygments, which finds this lexer by its entry point: in Sphinx, MkDocs, notebooks."""

from __future__ import annotations

from pygments.lexer import RegexLexer, words
from pygments.token import (
    Comment,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
    _TokenType,
)

from logidsl.editor.words import builtin_words, keyword_groups
from logidsl.types import UNIT_PATTERN

_GROUPS = keyword_groups()
_BUILTINS = builtin_words()
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"


def _any(group: list[str], token: _TokenType) -> tuple[words, _TokenType]:
    return words(tuple(group), prefix=r"\b", suffix=r"\b"), token


class LogicLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types
    """A lexer of specs in the text form.

    Examples
    --------
    >>> from pygments import highlight
    >>> from pygments.formatters import NullFormatter
    >>> highlight("object bolt: 2", LogicLexer(), NullFormatter()).strip()
    'object bolt: 2'
    """

    name = "LOGIC"
    aliases = ("logic", "logidsl")
    filenames = ("*.logic",)
    url = ""
    version_added = ""

    tokens = {  # noqa: RUF012  # as Pygments declares it
        "root": [
            (r"[ \t\r\n]+", Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r'"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})"', Literal.String.Other),
            (r'"[^"\n]*"?', String),
            (r"\.(?=[ \t\r\n]*[A-Za-z_])", Punctuation, "attribute"),
            _any(_GROUPS["statement"], Keyword.Declaration),
            _any(_GROUPS["outcome"], Keyword.Pseudo),
            _any(_GROUPS["relation"], Operator.Word),
            _any(_GROUPS["operator"], Operator.Word),
            _any(_GROUPS["control"], Keyword),
            (words(tuple(_BUILTINS["function"]), prefix=r"\b", suffix=r"(?=\s*\()"), Name.Builtin),
            _any(_BUILTINS["attribute"], Name.Attribute),
            (rf"{_NUMBER} {{0,3}}%", Number),
            (rf"{_NUMBER} {{0,3}}(?:{UNIT_PATTERN})(?![A-Za-z0-9_])", Number),
            (r"[0-9]{1,9} {1,9}(?:rows?|columns?)\b", Number),
            (_NUMBER, Number),
            (r"->|\.\.|<=|>=|!=|[-+*/=<>|]", Operator),
            (r"[A-Za-z_][A-Za-z0-9_]*", Name),
            (r"[(){}\[\],:.]", Punctuation),
        ],
        "attribute": [
            (r"[ \t\r\n]+", Whitespace),
            (r"[A-Za-z_][A-Za-z0-9_]*", Name.Attribute, "#pop"),
        ],
    }
