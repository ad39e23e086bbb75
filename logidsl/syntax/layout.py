"""Statements that are put together as in other languages.

Owns the finders of what is bracketed, chained or laid out in another way: `every` without its colon, `where`
beside `and`, a grid of `3 x 5`, a list without brackets. As with `habits`, a finder guesses, and the words
that were meant must make sense further than those that stand there.
"""

from __future__ import annotations

import re

from logidsl.syntax.split import CLOSE, OPEN
from logidsl.syntax.syntax_error_context import Finder, Recovery, SyntaxErrorContext, as_word, clause, said, spell

LISTED = frozenset({"NAME", "NUMBER", "QUANTITY", "STRING", ","})


def grid(t: SyntaxErrorContext) -> Recovery | None:
    """`grid cell = 3 x 5`."""
    if t.words[0].type != "grid":
        return None
    numbers = re.findall("[0-9]+", spell(t.words[2:]))[:2]
    if "ROWS" not in t.expected and not numbers:
        return None
    name = t.words[1].text if len(t.words) > 1 and t.words[1].type == "NAME" else "cell"
    rows, columns = [*numbers, "3", "5"][:2] if len(numbers) != 1 else (numbers[0], "5")
    message = f"expected the rows and columns of a grid, found {said(t)}"
    return t.found("E029", message, f"write `grid {name} = {rows} rows, {columns} columns`", t.place)


def colon_of_every(t: SyntaxErrorContext) -> Recovery | None:
    """`every bolt inside left`."""
    depth = t.depths[t.index]
    earlier = [i for i in range(t.index) if t.words[i].type == "every" and t.depths[i] == depth]
    if not earlier or ":" not in t.expected:
        return None
    start = earlier[-1]
    for i in [*range(start + 2, t.index), t.index]:
        meant = t.inserted(i, ":")
        if t.depths[i] == depth and t.further(meant, by=2 if i < len(t.words) else 1):
            fix = f"write `{spell(meant[start : t.body(start)[1] + 1])}`"
            return t.found("E030", "expected `:` after the objects of `every`", fix, t.words[start].span, meant)
    if any(t.words[i].type == ":" and t.depths[i] == depth for i in range(t.index, len(t.words))):
        return None  # it has its colon: something else is wrong before it
    return t.found("E030", f"expected `:` after the objects of `every`, found {said(t)}", None, t.place)


def brackets_beside(t: SyntaxErrorContext) -> Recovery | None:
    """`no bolt where P and no nut where Q`, `a and every b: P`."""
    first, last = t.body(t.index)
    level = t.depths[t.index]
    joints = [i for i in range(first, last) if t.depths[i] == level and t.words[i].type in ("and", "or")]
    parts: list[tuple[int, int]] = []
    for start, stop in zip([first, *(j + 1 for j in joints)], [*joints, last], strict=True):
        reaches = any(_reaches(t, a, b) for a, b in parts[-1:])
        if reaches and t.words[start].type not in ("every", "some", "no", "if"):
            parts[-1] = (parts[-1][0], stop)  # what reaches far right took this part in
        elif start < stop:
            parts.append((start, stop))
    wide = [(a, b) for a, b in parts if _reaches(t, a, b)]
    if len(parts) < 2 or not wide:
        return None
    meant = t.words
    for start, stop in reversed(wide):
        meant = SyntaxErrorContext(t.source, meant, t.index).inserted(stop, ")")
        meant = SyntaxErrorContext(t.source, meant, t.index).inserted(start, "(")
    if not t.further(meant):
        return None
    word = next((w.type for w in t.words[wide[-1][0] : wide[-1][1]] if w.type in ("where", "every", "if")), "where")
    place = t.words[wide[-1][0]].span.to(t.words[wide[-1][1] - 1].span)
    message = f"expected parentheses around what `{word}` speaks of, beside `{t.words[joints[-1]].text}`"
    fix = f"write `{spell(meant[first : last + 2 * len(wide)])}`"
    return t.found("E031", message, fix, place, meant)


def _reaches(t: SyntaxErrorContext, start: int, stop: int) -> bool:
    """Whether a part reaches as far right as it can, by `every`, `where` or `if`."""
    level = t.depths[start] if start < stop else 0
    kinds = {t.words[i].type for i in range(start, stop) if t.depths[i] == level}
    opening = t.words[start].type if start < stop else ""
    return opening in ("every", "if") or (opening in ("some", "no") and "where" in kinds)


def not_every(t: SyntaxErrorContext) -> Recovery | None:
    """`not every bolt: P`, `not no bolt where P`."""
    depth = t.depths[t.index]
    for i in range(min(t.index, len(t.words) - 1), 0, -1):
        if t.depths[i] != depth:
            continue
        if t.words[i].type in ("every", "if", "some", "no") and t.words[i - 1].type == "not":
            last = t.body(i)[1]
            meant = SyntaxErrorContext(t.source, t.inserted(last, ")"), i).inserted(i, "(")
            if t.further(meant):
                fix = f"write `{spell(meant[i - 1 : last + 2])}`"
                message = f"expected parentheses between `not` and `{t.words[i].text}`"
                return t.found("E032", message, fix, t.words[i - 1].span.to(t.words[i].span), meant)
    return None


def mixed_chain(t: SyntaxErrorContext) -> Recovery | None:
    """`a = b < c`, `a != b != c`."""
    signs = ("=", "!=", "ORDER")
    if not t.word or t.word.type not in signs:
        return None
    first, _ = t.body(t.index)
    level = t.depths[t.index]
    earlier = [i for i in range(first, t.index) if t.words[i].type in signs and t.depths[i] == level]
    if not earlier:
        return None
    middle = t.words[earlier[-1] + 1 : t.index]
    meant = [*t.words[: t.index], *t.inserted(t.index, "and")[t.index : t.index + 1], *middle, *t.words[t.index :]]
    if not t.further(meant):
        return None
    message = f"expected comparisons of one kind in a chain, found `{t.words[earlier[-1]].text}` and `{t.word.text}`"
    fix = f"write `{clause(t, meant, t.index)}`"
    return t.found("E044", message, fix, t.word.span, meant)


def listing(t: SyntaxErrorContext) -> Recovery | None:
    """`color in red, blue`, `x in (1, 3)`, `x in [1 .. 3]`."""
    earlier = [i for i in range(t.index) if t.words[i].type == "in"]
    if not earlier or not t.word or t.word.type not in (",", "{", "..", "("):
        return None
    start = stop = earlier[-1] + 1
    bracketed = t.words[start].type in OPEN
    if bracketed:
        stop = next((i for i in range(start, len(t.words)) if t.words[i].type in CLOSE), start)
        inside, after = t.words[start + 1 : stop], t.words[stop + 1 :]
    else:
        while stop < len(t.words) and t.words[stop].type in LISTED:
            stop += 1
        inside, after = t.words[start:stop], t.words[stop:]
    is_range = any(w.type == ".." for w in inside)
    place = t.gap(start)
    listed = inside if is_range else [as_word("[", place), *inside, as_word("]", place)]
    meant = [*t.words[:start], *listed, *after]
    if not t.whole(meant):
        return None
    kind = "a range without brackets" if is_range else "a list in `[` and `]`"
    return t.found(
        "E043", f"expected {kind} after `in`, found {said(t)}", f"write `in {spell(listed)}`", t.place, meant
    )


BRACKETS: tuple[Finder, ...] = (not_every, brackets_beside)
LAYOUTS: tuple[Finder, ...] = (listing, mixed_chain, grid, colon_of_every)
