"""Numbers and ranges as they are written elsewhere: `3,5 mm`, `= 2 to 4`, `{ < 5 px -> 1 }`; as rewriting rules."""

from __future__ import annotations

import re

from logidsl.syntax.rewriting import Rewrite

CASE = "expected a range or `else`, found `{found}`"


def _beyond(m: re.Match[str]) -> str:
    """A case of all that is more than a limit: a range, or what is left."""
    number, unit = re.fullmatch(r"([0-9.]+) *(.*)", m[1]).groups()  # type: ignore[union-attr]
    return f"{number} .. 999999999 {unit}"


def _in_each_case(m: re.Match[str]) -> str:
    """A `match` whose cases compare a value with a range each."""
    words = m[3].strip("\t").split("\t")
    return "\\2 " + " ".join(f"-> {m[1]} in" if word == "->" else word for word in words)


NUMBERS = (
    # `50 % plate.width`
    Rewrite("E043", r"([0-9]+(?:\.[0-9]+)?\x20*%)(?= @NAME \. )", r"\1 *", "expected `*` after a share, found none"),
    # `width > 3,5 mm`, `width > 1,000 px`, `width > 1 000 px`
    Rewrite(
        "E016",
        r"(?<![\[(,]\t)([1-9][0-9]{0,2}) , ([0-9]{3}(?![0-9])(?:\x20*[a-z%]\w*)?)",
        lambda m: m[1] + m[2],
        "expected a number without a comma, found `{found}`",
        r"write `{meant}`, or `\1.\2` where the comma begins a fraction",
        glued=True,
    ),
    Rewrite(
        "E016",
        r"(?<![\[(,]\t)([0-9]+) , ([0-9]+(?:\x20*[a-z%]\w*)?)",
        lambda m: f"{m[1]}.{m[2]}",
        "expected a decimal point, found `{found}`",
        "write `{meant}`",
        glued=True,
    ),
    Rewrite(
        "E016",
        r"([0-9]{1,3}) ([0-9]{3}(?![0-9])(?:\x20*[a-z%]\w*)?)",
        lambda m: m[1] + m[2],
        "expected a number without a space, found `{found}`",
        "write `{meant}`",
    ),
    Rewrite("E027", r"= (@AMOUNT) (?:\.\.|to) (@AMOUNT)", r"in \1 .. \2", "expected `in` before a range, found `=`"),
    Rewrite(
        "E027",
        r"@COPULA (between|from) (@OPERAND) (?:and|to)",
        r"in \2 ..",
        r"expected `in` and a range, found `{found}`",
    ),
    # `width in match kind { a -> 2 .. 3 px }`
    Rewrite(
        "E027",
        r"@OUTSIDE(@OPERAND) in (match @OPERAND {) ([^{}]*?)(?= } )",
        _in_each_case,
        "expected a condition in each case, found a range",
    ),
    Rewrite("E027", r"(?<=[{,|]\t)<=? (@AMOUNT)", r"0 .. \1", CASE, "write `{meant}`"),
    Rewrite("E027", r"(?<=[{,|]\t)>=? (@AMOUNT)(?=.* , )", _beyond, CASE, "write `{meant}`"),
    Rewrite("E027", r"(?<=[{,|]\t)>=? (@AMOUNT)", "else", CASE, "write `{meant}`"),
)
