"""Tokens as they are written elsewhere: `==`, `=>`, `20 pixels`, `1_000`, `.5`, a name that is too long.

Owns `corrected`, which the lexer asks at each place before it tries the terminals, and gives the token that was meant
with what to say about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from logidsl import types
from logidsl.diagnostics import Diagnostic
from logidsl.source import Source, Span
from logidsl.syntax.tables import keywords
from logidsl.syntax.tokens import UNKNOWN, Token, short

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
    **dict.fromkeys(("day", "d"), ("days", 1.0)),
    **dict.fromkeys(("week", "weeks"), ("days", 7.0)),
    **dict.fromkeys(("percent", "pct", "prozent"), ("%", 1.0)),
    **{u: (u, 1.0) for u in types.UNITS if u != "%"},
}
KNOWN_UNITS = ", ".join(types.UNITS)

# After these, a point reads an attribute.
OPERANDS = frozenset({"NAME", ")", "]", "}", "color", "NUMBER", "QUANTITY", "STRING", UNKNOWN})
#: The token that was meant, and the code of the diagnostic.
OPERATORS: dict[str, tuple[str, str, str]] = {
    "=": ("=", "=", "E020"),
    "!==": ("!=", "!=", "E020"),
    "=>": ("ORDER", ">=", "E022"),
    "=<": ("ORDER", "<=", "E022"),
    "<>": ("!=", "!=", "E022"),
    ":=": ("=", "=", "E022"),
    ".": ("..", "..", "E022"),
    "|": ("or", "or", "E021"),
    "+/-": ("within", "within", "E022"),
}


#: The first characters of malformed tokens; a name that is too long begins as any name.
BEGINNINGS = frozenset("=!<:.|+-0123456789")
NUMBER = r"[0-9]+(?:\.[0-9]+)?"


@cache
def pattern() -> re.Pattern[str]:
    """One pattern for all malformed tokens; the name of the group says what is wrong."""

    def any_of(names: Iterable[str]) -> str:
        return f"(?:{'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})"

    reserved = any_of(keywords())  # `3and` is two tokens
    known, unit = any_of(set(types.UNITS) - {"%"}), rf"[ \t]*(?i:{any_of(UNITS)})\b"
    converted = rf"[ \t]*(?i:{any_of(name for name, (_, factor) in UNITS.items() if factor != 1)})\b"
    quantity, between = rf"[0-9]{{1,9}}(?:\.[0-9]{{1,6}})? {{0,3}}{known}", rf"[ \t]*\.\.[ \t]*-?{NUMBER}"
    malformed = {
        "operator": r"={2,}|!==|=>|=<|<>|:=|\.{3,}|\|{2,}|\+/-",
        "digits": rf"(?:[0-9]{{10,}}(?:\.[0-9]+)?|[0-9]+\.[0-9]{{7,}})(?: {{0,3}}(?:{known}|%)| +(?:row|column)s?\b)?",
        "range": rf"-?{NUMBER}(?:{converted}{between}(?:{unit})?|(?:{unit})?{between}{converted})(?![\w.]| *%)",
        "unit": rf"(?!{quantity}\b){NUMBER}{unit}",
        "unknown_unit": rf"(?!{quantity}{reserved}?\b){quantity}\w+",
        "point_first": rf"\.[0-9]+(?:{unit})?(?!\w| *%)",
        "point_last": r"[0-9]+\.(?![0-9.A-Za-z])",
        "grouped": r"[0-9]+(?:_[0-9]{3})+\b",
        "number_in_name": rf"(?!{quantity}){NUMBER}(?!x[0-9]*\b|{reserved}\b)[A-Za-z_]\w*",
        "long_name": rf"[A-Za-z_]\w{{{NAME_MAX},}}",
    }
    return re.compile("|".join(f"(?P<{name}>{text})" for name, text in malformed.items()), re.A)


def corrected(source: Source, at: int, before: list[Token]) -> tuple[list[Token], Diagnostic] | None:
    """The tokens that were meant at a place, and what is wrong; None where a terminal may stand.

    Parameters
    ----------
    source : Source
        The text.
    at : int
        The place.
    before : list of Token
        The tokens before it.
    """
    found = pattern().match(source.text, at)
    if not found or (found.lastgroup == "point_first" and before and before[-1].type in OPERANDS):
        return None
    written, place = found[0], source.span(at, found.end())
    if found.lastgroup == "range":
        return _range(written, place)
    kind, meant, code, message, fix = _meant(found.lastgroup or "", written, before)
    return [Token(kind, meant, place)], Diagnostic(code, message, place, fix or f"write `{meant}`")


def _meant(what: str, written: str, before: list[Token]) -> tuple[str, str, str, str, str]:
    """Type and text of the token that was meant, the code, the message, and a fix line of its own."""
    whole, digits = short(written[:100]), re.match(r"[0-9]{0,9}(?:\.[0-9]{1,6})?", written)[0]  # type: ignore[index]
    match what:
        case "operator":
            kind, meant, code = OPERATORS.get(written) or OPERATORS[written[0]]
            if written == "=>" and _in_match(before):
                kind = meant = "->"
            return kind, meant, code, f"expected `{meant}`, found `{written}`", ""
        case "unit":
            quantity, name = _converted(written)
            return "QUANTITY", quantity, "E013", f"expected one of the units {KNOWN_UNITS}, found `{name}`", ""
        case "unknown_unit":
            known = re.match(rf"[0-9.]+ *(?:{types.UNIT_PATTERN})", written)[0]  # type: ignore[index]
            return "QUANTITY", known, "E013", f"expected one of the units {KNOWN_UNITS}, found `{whole}`", ""
        case "digits":
            unit = written.lstrip("0123456789.").strip()
            kind = "NUMBER" if not unit else f"{unit.rstrip('s').upper()}S" if unit.isalpha() and len(unit) > 2 else ""
            kind = kind if kind in ("NUMBER", "ROWS", "COLUMNS") else "QUANTITY"
            message = f"expected at most 9 digits before the point and 6 after it, found `{whole}`"
            long = re.match(r"[0-9]{10}", written)
            fix = f'compare a code as a text: `"{whole}"`' if long and not unit else "write fewer digits"
            return kind, f"{digits} {unit}".strip(), "E010", message, fix
        case "point_first":
            message = f"expected a digit before the point, found `{whole}`"
            if written[-1].isalpha():
                return "QUANTITY", _converted(f"0{written}")[0], "E016", message, ""
            return "NUMBER", f"0{written}"[:8], "E016", message, ""
        case "point_last":
            return "NUMBER", written[:-1][:9], "E016", f"expected a digit after the point, found `{whole}`", ""
        case "grouped":
            plain = written.replace("_", "")[:9]
            return "NUMBER", plain, "E016", f"expected digits without `_`, found `{whole}`", ""
        case "number_in_name":
            message = f"expected a number or a name, found `{whole}`: a name begins with a letter, an exponent is none"
            return UNKNOWN, whole, "E016", message, f"write `{digits}`, or `_{whole}` for a name"
        case _:
            message = f"expected at most {NAME_MAX} characters in a name, found {len(written)}"
            return "NAME", written[:NAME_MAX], "E009", message, f"shorten it, to `{written[:20]}` say"


def _converted(written: str) -> tuple[str, str]:
    """A number with the unit to write, and the unit that was written."""
    number, name = re.fullmatch(r"([0-9.]+)\s*(\w+)", written).groups()  # type: ignore[union-attr]
    unit, factor = UNITS.get(name) or UNITS[name.lower()]
    return f"{float(number) * factor:.4f}".rstrip("0").rstrip(".") + f" {unit}", name


def _range(written: str, place: Span) -> tuple[list[Token], Diagnostic]:
    """A range in a unit to be converted; an end without a unit has the other's."""
    ends = re.findall(rf"(-?)({NUMBER})[ \t]*(\w*)", written)
    name = next(unit for _, _, unit in reversed(ends) if unit)
    tokens: list[Token] = []
    for sign, number, unit in ends:
        tokens += [Token("..", "..", place)] if tokens else []
        tokens += [Token("-", "-", place)] if sign else []
        tokens.append(Token("QUANTITY", _converted(number + (unit or name))[0], place))
    meant = " .. ".join(sign + _converted(number + (unit or name))[0] for sign, number, unit in ends)
    message = f"expected one of the units {KNOWN_UNITS}, found `{name}`"
    return tokens, Diagnostic("E013", message, place, f"write `{meant}`")


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
