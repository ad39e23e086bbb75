"""Statements that are put together as in other languages.

Owns the finders of what is bracketed, chained or laid out in another way: `every` without its colon, `where`
beside `and`, a grid of `3 x 5`, a list without brackets. As with `habits`, a finder guesses, and the words
that were meant must make sense further than those that stand there.
"""

from __future__ import annotations

import re

from logidsl.syntax.syntax_error_context import Finder, Recovery, SyntaxErrorContext, said, spell


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
        if reaches and start < stop and t.words[start].type not in ("every", "some", "no", "if"):
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
    message = f"expected parentheses around the operand of `{word}` next to `{t.words[joints[-1]].text}`"
    fix = f"write `{spell(meant[first : last + 2 * len(wide)])}`"
    return t.found("E031", message, fix, place, meant)


def _reaches(t: SyntaxErrorContext, start: int, stop: int) -> bool:
    """Whether a part extends as far right as it can, by `every`, `where` or `if`."""
    level = t.depths[start] if start < stop else 0
    kinds = {t.words[i].type for i in range(start, stop) if t.depths[i] == level}
    opening = t.words[start].type if start < stop else ""
    return opening in ("every", "if") or (opening in ("some", "no") and "where" in kinds)


BRACKETS: tuple[Finder, ...] = (brackets_beside,)
LAYOUTS: tuple[Finder, ...] = (grid, colon_of_every)
