"""Words of a source: what the lexer may assume of a malformed token."""

from __future__ import annotations

from itertools import product

from logidsl.syntax import malformed_tokens

TAILS = (
    *("", ">", "=", "==", "..", "...", "|", ".", "a", "5", "5x", "5 pixels", "1 pxx", "_000", "0" * 12, "/-"),
    *("5 px .. 6 inches", "1 .. 2 ft", "a" * malformed_tokens.NAME_MAX),
)


def test_a_malformed_token_begins_as_the_lexer_expects() -> None:
    found = set()
    for first, tail in product(map(chr, range(128)), TAILS):
        if malformed_tokens.pattern().match(first + tail):
            found.add(first)
    names = {c for c in found if c.isalpha() or c == "_"}
    assert found - names == malformed_tokens.BEGINNINGS


def test_a_name_that_is_too_long_is_longer_than_any_name() -> None:
    longest = "a" * malformed_tokens.NAME_MAX
    assert not malformed_tokens.pattern().match(longest)
    assert malformed_tokens.pattern().match(longest + "a")
