"""Phrases of plain English, longer than a word: `within 3 px of 20 px`, `text starts with "x"`, `< 5 px -> 2`.

As in `habits`, a finder guesses, and the words that were meant must make sense further than those that stand there.
"""

from __future__ import annotations

import re

from logidsl.syntax.split import CLOSE, OPEN
from logidsl.syntax.syntax_error_context import Finder, Recovery, SyntaxErrorContext, as_word, clause, near_by, spell
from logidsl.syntax.tokens import Token

#: How a text begins, ends or goes on: the pattern before and after what is said of it.
PATTERNS = {
    **dict.fromkeys(("starts", "start", "begins", "startswith", "starts_with", "begins_with"), ("", ".*")),
    **dict.fromkeys(("ends", "end", "endswith", "ends_with"), (".*", "")),
    **dict.fromkeys(("includes", "including", "containing"), (".*", ".*")),
}


def pattern_of(text: str, before: str = ".*", after: str = ".*") -> str:
    """A pattern for what has a text in it, in quotes.

    Examples
    --------
    >>> pattern_of("A.1"), pattern_of("A", before="")
    ('".*A[.]1.*"', '"A.*"')
    """
    plain = re.sub(r"[.$*+?()|{}\[\]]", lambda m: f"[{m[0]}]", text)
    return f'"{before}{plain}{after}"'


def text_begins(t: SyntaxErrorContext) -> Recovery | None:
    """`tag.text starts with "x"`."""
    for i, word in near_by(t, 0, -1):
        if word.text not in PATTERNS or i == 0:
            continue
        at = i + 1 + (i + 1 < len(t.words) and t.words[i + 1].type == "with")
        if at >= len(t.words) or t.words[at].type != "STRING":
            continue
        start = i - 1
        while start > 1 and t.words[start - 1].type == ".":
            start -= 2
        place = t.words[start].span.to(t.words[at].span)
        pattern = Token("STRING", pattern_of(t.words[at].text[1:-1], *PATTERNS[word.text]), place)
        opening = [as_word("matches", place), as_word("(", place)]
        meant = [*t.words[:start], *opening, *t.words[start:i], as_word(",", place), pattern, as_word(")", place)]
        meant += t.words[at + 1 :]
        if t.further(meant):
            message = f"expected `matches(…)`, found `{spell(t.words[i : at + 1])}`"
            return t.found("E023", message, f"write `{clause(t, meant, start)}`", word.span, meant)
    return None


def within_of(t: SyntaxErrorContext) -> Recovery | None:
    """`length within 3 px of 20 px` is `length = 20 px within 3 px`; `within 3 px of nut` is `near nut within 3 px`."""
    for i, word in near_by(t, 0, -1):
        if word.type != "within":
            continue
        last = t.body(i)[1]
        of = next((k for k in range(i + 1, last) if t.words[k].type == "of" and t.depths[k] == t.depths[i]), None)
        if of is None:
            continue
        joints = ("and", "or", "then", "else")
        end = next((k for k in range(of, last) if t.words[k].type in joints and t.depths[k] == t.depths[i]), last)
        number = t.words[of + 1].type in ("NUMBER", "QUANTITY", "-") if of + 1 < len(t.words) else False
        sign = as_word("=" if number else "near", word.span)
        meant = [*t.words[:i], sign, *t.words[of + 1 : end], word, *t.words[i + 1 : of], *t.words[end:]]
        if t.further(meant):
            message = f"expected `{sign.text} … within …`, found `within … of …`"
            return t.found("E023", message, f"write `{clause(t, meant, i)}`", word.span, meant)
    return None


def case_limit(t: SyntaxErrorContext) -> Recovery | None:
    """`match width { < 5 px -> 1, >= 5 px -> 2 }`: a case is a range, or what is left."""
    if not t.word or t.word.type != "ORDER" or not t.before or t.before.type not in ("{", ",", "|"):
        return None
    limit = t.words[t.index + 1 : t.index + 2]
    if not limit or limit[0].type not in ("NUMBER", "QUANTITY"):
        return None
    number, unit = re.fullmatch(r"([0-9.]+) *(.*)", limit[0].text).groups()  # type: ignore[union-attr]
    place = t.word.span.to(limit[0].span)
    rest = [k for k in range(t.index, len(t.words)) if t.words[k].type == "," and t.depths[k] == t.depths[t.index]]
    if t.word.text[0] == "<":
        said = [Token("NUMBER", "0", place), as_word("..", place), limit[0]]
    elif rest:
        said = [Token("NUMBER", number, place), as_word("..", place)]
        said.append(Token("QUANTITY" if unit else "NUMBER", f"999999999 {unit}".rstrip(), place))
    else:
        said = [as_word("else", place)]
    meant = [*t.words[: t.index], *said, *t.words[t.index + 2 :]]
    if not t.further(meant):
        return None
    message = f"expected a range or `else`, found `{spell([t.word, limit[0]])}`"
    return t.found("E027", message, f"write `{' '.join(w.text for w in said)}`", place, meant)


def column_of_call(t: SyntaxErrorContext) -> Recovery | None:
    """`[class of first(bolt by x) of shelf s]` is `[first(bolt by x).class of shelf s]`."""
    if not t.word or t.word.type != "of" or not t.before or t.before.type != ")":
        return None
    depth, start = 0, t.index - 1
    while start >= 0:
        depth += (t.words[start].type in CLOSE) - (t.words[start].type in OPEN)
        if depth == 0:
            break
        start -= 1
    start -= 1  # the name of the function
    if start < 2 or t.words[start - 1].type != "of" or t.words[start - 2].type not in ("NAME", "color"):
        return None
    name, place = t.words[start - 2], t.words[start - 2].span.to(t.words[t.index - 1].span)
    meant = [*t.words[: start - 2], *t.words[start : t.index], as_word(".", place), name, *t.words[t.index :]]
    if not t.further(meant):
        return None
    said, want = t.words[start - 2 : t.index], [*t.words[start : t.index], as_word(".", place), name]
    message = f"expected a value for each member, found `{spell(said)}`"
    return t.found("E045", message, f"write `{spell(want)}`", place, meant)


PHRASES: tuple[Finder, ...] = (text_begins, within_of, case_limit, column_of_call)
