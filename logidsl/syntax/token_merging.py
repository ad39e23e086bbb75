"""Words that touch, or that follow a number.

Owns the diagnostics of what the lexer cut because no terminal fits it whole: `==`, `=>`, `20 pixels`,
`1234567890`, a name that is too long. `joined` puts the word that was meant in their place. Imports
`diagnostics` and `words`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from logidsl import types
from logidsl.diagnostics import Bag, Diagnostic
from logidsl.syntax.tokens import UNKNOWN, Token, glued, short

NAME_MAX = 48

# What people write for a unit: the unit to write, and how many of them it is.
UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("pixels", "pixel", "pix", "pxl", "pxs", "p"), ("px", 1.0)),
    **dict.fromkeys(("sqpx", "pxsq", "pixels2", "pixel2", "pix2"), ("px2", 1.0)),
    **dict.fromkeys(("inches", "inchs"), ("inch", 1.0)),
    **dict.fromkeys(("ft", "foot", "feet"), ("cm", 30.48)),
    **dict.fromkeys(("mils", "thou", "thous"), ("mil", 1.0)),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), ("cm", 100.0)),
    **dict.fromkeys(("millimeter", "millimeters", "millimetre", "millimetres", "mms"), ("mm", 1.0)),
    **dict.fromkeys(("centimeter", "centimeters", "centimetre", "centimetres"), ("cm", 1.0)),
    **dict.fromkeys(("micron", "microns", "micrometer", "micrometers", "micrometre", "micrometres"), ("um", 1.0)),
    **dict.fromkeys(("degree", "degrees", "degs"), ("deg", 1.0)),
    **dict.fromkeys(("rad", "radian", "radians"), ("deg", 57.29577951308232)),
    **dict.fromkeys(("percent", "pct", "prozent"), ("%", 1.0)),
    **{u: (u, 1.0) for u in types.UNITS if u != "%"},
}
KNOWN_UNITS = ", ".join(types.UNITS)


def joined(words: Iterable[Token], bag: Bag) -> list[Token]:
    """Put together what was cut because no terminal fits it whole: `==`, `1234567890`, `20 pixels`.

    Parameters
    ----------
    words : iterable of Word
        In the order of the source.
    bag : Bag
        Takes what is wrong.
    """
    out: list[Token] = []
    said: dict[tuple[int, str], Diagnostic] = {}  # of several cuts in one word, the last is the whole one
    for word in words:
        while out and (made := _pair(out, word)):
            kind, text, code, message, fix = made
            place = out.pop().span.to(word.span)
            said[place.start, code] = Diagnostic(code, message, place, fix)
            word = Token(kind, text, place)
        out.append(word)
    _lend_to_range(out, said)
    bag.extend(said.values())
    return out


def _lend_to_range(words: list[Token], said: dict[tuple[int, str], Diagnostic]) -> None:
    """Where one end of a range was converted to another unit, the bare other end is converted with it."""
    for at in [i for i, w in enumerate(words) if w.type == ".."]:
        low, high = at - 1, at + 1 + (at + 1 < len(words) and words[at + 1].text == "-")
        if low < 0 or high >= len(words):
            continue
        for own, other in ((low, high), (high, low)):
            found = said.get((words[own].span.start, "E013"))
            amount = re.fullmatch(r"[0-9.]+\s*(\w+)", words[own].span.text)
            unit = UNITS.get(amount[1]) or UNITS.get(amount[1].lower()) if amount else None
            if found is None or unit is None or unit[1] == 1 or words[other].type != "NUMBER":
                continue
            words[other] = Token("QUANTITY", f"{_times(words[other].text, unit[1])} {unit[0]}", words[other].span)
            first = low - (low > 0 and words[low - 1].text == "-" and words[low - 1].span.end == words[low].span.start)
            meant = "".join(
                f"{w.text} " if w.text in ("..", words[low].text) else w.text for w in words[first : high + 1]
            )
            whole = words[first].span.to(words[high].span)
            said[found.span.start, "E013"] = Diagnostic("E013", found.message, whole, f"write `{meant.strip()}`")


Made = tuple[str, str, str, str, str]  # type and text of the word that was meant, code, message, fix


def _pair(before: list[Token], right: Token) -> Made | None:
    """What two words are together, where that is not what they are apart."""
    left = before[-1]
    if left.type == "NUMBER" and right.type == "NAME" and "\n" not in _between(left, right):
        made = _unit(left, right)
        if made:
            return made
    if not glued(left, right):
        return None
    checks: tuple[Callable[[list[Token], Token], Made | None], ...] = (_operator, _long_name, _number)
    for check in checks:
        if made := check(before, right):
            return made
    return None


def _between(left: Token, right: Token) -> str:
    return left.span.source.text[left.span.end : right.span.start]


def _unit(left: Token, right: Token) -> Made | None:
    """`20 pixels`, `3 inch`, `20PX`."""
    unit = UNITS.get(right.text) or UNITS.get(right.text.lower())
    if unit is None:
        return None
    meant = f"{_times(left.text, unit[1])} {unit[0]}"
    message = f"expected one of the units {KNOWN_UNITS}, found `{right.text}`"
    return "QUANTITY", meant, "E013", message, f"write `{meant}`"


def _times(number: str, factor: float) -> str:
    return f"{float(number) * factor:.4f}".rstrip("0").rstrip(".")


# After these, a point reads an attribute.
OPERANDS = frozenset({"NAME", ")", "]", "}", "color", "NUMBER", "QUANTITY", "STRING", UNKNOWN})

OPERATORS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("=", "="): ("=", "=", "E020"),
    ("!=", "="): ("!=", "!=", "E020"),
    ("=", ">"): ("ORDER", ">=", "E022"),
    ("=", "<"): ("ORDER", "<=", "E022"),
    ("<", ">"): ("!=", "!=", "E022"),
    (":", "="): ("=", "=", "E022"),
    ("..", "."): ("..", "..", "E022"),
    ("|", "|"): ("or", "or", "E021"),
}


def _operator(before: list[Token], right: Token) -> Made | None:
    """`==`, `||`, `=>`, `<>`."""
    left = before[-1]
    found = OPERATORS.get((left.text, right.text))
    if found is None:
        return None
    kind, meant, code = found
    if (left.text, right.text) == ("=", ">") and _in_match(before):
        kind = meant = "->"
    message = f"expected `{meant}`, found `{left.span.to(right.span).text}`"
    return kind, meant, code, message, f"write `{meant}`"


def _in_match(before: list[Token]) -> bool:
    """Whether the innermost open bracket is that of a `match`: the last thirty words say enough."""
    depth = 0
    for word in reversed(before[-30:]):
        if depth >= 0:
            depth += (word.type in ("}", ")", "]")) - (word.type in ("{", "(", "["))
            if depth < 0 and word.type != "{":
                return False
        elif word.type in ("match", "variant", "when", "otherwise"):
            return word.type == "match"
    return False


def _long_name(before: list[Token], right: Token) -> Made | None:
    """A name that was cut at its 48th character."""
    left = before[-1]
    if left.type != "NAME" or len(left.text) < NAME_MAX or not re.fullmatch(r"\w+", right.text):
        return None
    length = right.span.end - left.span.start
    message = f"expected at most {NAME_MAX} characters in a name, found {length}"
    return "NAME", left.text, "E009", message, f"shorten it, to `{left.text[:20]}` say"


def _number(before: list[Token], right: Token) -> Made | None:
    """A number of too many digits, with another kind of point, or run together with a name."""
    left = before[-1]
    pair, whole = (left.type, right.type), short(_both(left, right))
    if left.type == "NUMBER" and right.type in ("NUMBER", "QUANTITY", "ROWS", "COLUMNS"):
        unit = right.text.lstrip("0123456789. ")
        message = f"expected at most 9 digits before the point and 6 after it, found `{whole}`"
        return right.type, f"{left.text} {unit}".strip(), "E010", message, "write fewer digits"
    if pair == (".", "NUMBER") and not (len(before) > 1 and before[-2].type in OPERANDS):
        message = f"expected a digit before the point, found `{whole}`"
        return "NUMBER", f"0.{right.text}"[:8], "E016", message, f"write `0{whole}`"
    if pair == ("NUMBER", ".") and "." not in left.text and not _letter_after(right):
        message = f"expected a digit after the point, found `{whole}`"
        return "NUMBER", left.text, "E016", message, f"write `{left.text}`"
    if pair == ("NUMBER", "NAME") and re.fullmatch(r"(_[0-9]{3})+", right.text):
        meant = (left.text + right.text.replace("_", ""))[:9]
        return "NUMBER", meant, "E016", f"expected digits without `_`, found `{whole}`", f"write `{meant}`"
    if pair == ("NUMBER", "NAME") and not re.fullmatch(r"x[0-9]*", right.text):  # `3x5` is for whoever knows of grids
        message = f"expected a number or a name, found `{whole}`: a name begins with a letter, an exponent is none"
        return UNKNOWN, whole, "E016", message, f"write `{left.text}`, or `_{whole}` for a name"
    if left.type == "QUANTITY" and left.text[-1] != "%" and right.type in ("NAME", "NUMBER"):
        return _unit_run_on(left, right)
    return None


def _unit_run_on(left: Token, right: Token) -> Made:
    """`5 degrees`, of which `5 deg` was taken for a quantity."""
    whole = _both(left, right)
    found = re.fullmatch(r"([0-9.]+) *(\w+)", whole)
    if found:
        meant = _unit(Token("NUMBER", found[1], left.span), Token("NAME", found[2], right.span))
        if meant:
            return meant
    message = f"expected one of the units {KNOWN_UNITS}, found `{short(whole)}`"
    return "QUANTITY", left.text, "E013", message, f"write `{left.text}`"


def _both(left: Token, right: Token) -> str:
    """The text of two tokens, shortened to a readable length."""
    return left.span.source.text[left.span.start : min(right.span.end, left.span.start + 100)]


def _letter_after(word: Token) -> bool:
    """Whether a letter follows without a space."""
    return word.span.source.text[word.span.end : word.span.end + 1].isalpha()
