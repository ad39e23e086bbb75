"""The checker's diagnostics on numbers: units, scales, shares, comparisons and ranks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from logidsl.check.errors import a_
from logidsl.diagnostics import Diagnostic
from logidsl.source import Span
from logidsl.types import Type, object_of


def different_types(left: str, a: Type, right: str, b: Type, span: Span, scaled: bool) -> Diagnostic:
    """Two values that do not compare. `scaled`: whether the spec has a scale, so that mm may be used."""
    bare, of = (right, a) if b.dim in ("count", "ratio") else (left, b)
    fix = f"write `{left}.color`" if (a.kind, b.kind) == ("object", "color") else None
    if re.fullmatch(r"-?[0-9.]+", bare) and a.kind == b.kind == "number" and {a.dim, b.dim} & {"count", "ratio"}:
        units = {"length": ["px"], "area": ["%", "px2"], "angle": ["deg"]}.get(of.dim or "", [])
        units += {"length": ["mm"], "area": ["mm2"]}.get(of.dim or "", []) if scaled else []
        fix = f"give `{bare}` a unit: {', '.join(f'`{bare} {u}`' for u in units)}" if units else None
    if {a.kind, b.kind} == {"text", "number"} and "date" in (a.dim, b.dim):
        fix = f"write `date_of({left if a.kind == 'text' else right})`"
    return Diagnostic("E115", f"cannot compare `{left}`, {a_(a)}, with `{right}`, {a_(b)}", span, fix)


def bare_date(day: str, span: Span) -> Diagnostic:
    """`date_of(label.text) >= 2026-11-30`, or the same in quotes."""
    return Diagnostic("E198", f"`{day}` is not yet a date", span, f'write `date_of("{day}")`')


def bad_product(op: str, a: Type, b: Type, span: Span) -> Diagnostic:
    """Arithmetic without a result in the language."""
    return Diagnostic("E116", f"`{op}` does not apply to {a_(a)} and {a_(b)}", span)


def needs_within(left: str, a: Type, span: Span, declaration: str | None = None) -> Diagnostic:
    """A measured value compared with `=`; `declaration` would make it a count."""
    return _measured(left, a, span, f"add `within {_play(a)}`", declaration)


def ratio_beside_count(words: str, ratio: Type, span: Span) -> Diagnostic:
    """A count compared with a ratio by `=`."""
    said = f"`{words}` is a ratio, so comparing it with a count needs a tolerance"
    return Diagnostic("E117", said, span, f"add `within {_play(ratio)}`")


def needs_within_in_list(left: str, a: Type, items: Sequence[str], span: Span) -> Diagnostic:
    """A measured value compared with a list of values."""
    each = " or ".join(f"{left} = {item} within {_play(a)}" for item in items)
    return _measured(left, a, span, f"write `{each}`" if items else None)


def case_of_measured(left: str, a: Type, around: str | None, span: Span, declaration: str | None) -> Diagnostic:
    """A measured value compared with a case of a `match`."""
    return _measured(left, a, span, f"write a range: `{around}`" if around else None, declaration)


def _play(a: Type) -> str:
    a = a.item or a
    unit = {"length": "2 px", "area": "20 px2", "angle": "2 deg"}.get(a.dim or "", "0.05")
    unit = "5" if a.domain == "difference" else unit
    return {"point": "5 px", "color": "12"}.get(a.kind, unit)


def _measured(left: str, a: Type, span: Span, fix: str | None, declaration: str | None = None) -> Diagnostic:
    more = f", or declare `{declaration}`" if declaration else ""
    said = f"`{left}` is measured, so comparing the {a} needs a tolerance"
    return Diagnostic("E117", said, span, f"{fix}{more}" if fix else None)


def needless_within(words: str, span: Span) -> Diagnostic:
    """`within` for exact values."""
    return Diagnostic("E118", f"`within` does not apply to {a_(words)}", span, "remove it")


def needless_tolerance(words: str, span: Span) -> Diagnostic:
    """A tolerance for values that are compared exactly."""
    return Diagnostic("E118", f"a tolerance does not apply to {a_(words)}", span, "remove it")


def needs_tolerance(meant: str, span: Span) -> Diagnostic:
    """Colours compared with each other."""
    return Diagnostic("E117", "comparing colours needs a tolerance", span, f"write `{meant}`")


def _times(words: str, whole: str) -> str:
    """A share, multiplied by its reference."""
    return f"({words}) * {whole}" if re.search(r" [+-] ", words) else f"{words} * {whole}"


def percent_of_what(span: Span, words: str, whole: str) -> Diagnostic:
    """A share next to a length without an axis, or an angle."""
    fix = f"name the reference: `{_times(words, whole)}`"
    return Diagnostic("E119", f"`{words}` is a share, but of what?", span, fix)


def percent_of_count(span: Span, words: str, name: str | None) -> Diagnostic:
    """A share next to a count; `name` is a class to count."""
    fix = f"name the reference: `{_times(words, f'count({name})')}`" if name else None
    return Diagnostic("E119", f"`{words}` is a share, but of which count?", span, fix)


def percent_of_colors(span: Span, words: str) -> Diagnostic:
    """A share next to a colour difference."""
    fix = f"write `{re.sub(' *%', '', words)}`" if "%" in words else "write a number: `12`"
    return Diagnostic("E187", "expected a number as colour difference (CIEDE2000), found a share", span, fix)


def no_scale(span: Span, words: str) -> Diagnostic:
    """Millimetres without a scale."""
    return Diagnostic(
        "E120", f"`{words}` needs a scale", span, "add `scale 1 px = 0.08 mm` with your value, or write it in px"
    )


def backwards(low: str, high: str, span: Span) -> Diagnostic:
    """A range with reversed ends."""
    fix = f"{high} .. {low}"
    if (unit := re.fullmatch(r"[-0-9.]+( *[a-z%]+[0-9]?)", high)) and re.fullmatch(r"[-0-9.]+", low):
        low, fix = f"{low}{unit[1]}", f"{high.removesuffix(unit[1])} .. {low}{unit[1]}"
    return Diagnostic("E121", f"the range is reversed: {low} is more than {high}", span, f"write `{fix}`")


def hyphen(words: str, meant: str, span: Span) -> Diagnostic:
    """`object nut: 2-3`."""
    low, high = re.findall(r"[0-9]+(?:\.[0-9]+)?", words)[:2]
    said = (
        "is a subtraction with a negative result" if float(low) < float(high) else "may mean a range or a subtraction"
    )
    return Diagnostic("E186", f"`{words}` {said}", span, f"write `{meant}`")


def no_pixels(words: str, unit: str, pixels: str, span: Span) -> Diagnostic:
    """`scale 1 mm = 10 px`; `pixels` stand on the other side."""
    fix = f"write `scale {pixels} = {words}`" if pixels else None
    return Diagnostic("E140", f"expected px before `=`, found `{words}` in {unit}", span, fix)


def unit_unknown(words: str, unit: str, wanted: str, span: Span) -> Diagnostic:
    """A wrong unit."""
    return Diagnostic("E140", f"expected {wanted}, found `{words}` in {unit}", span)


def scale_file(path: str, why: str, span: Span) -> Diagnostic:
    """A calibration that cannot be used."""
    fix = "create one with `logidsl calibrate`"
    return Diagnostic("E175", f"unusable calibration `{path}`: {why}", span, fix)


def scale_length(words: str, found: Type, span: Span) -> Diagnostic:
    """A scale by something other than a length."""
    return Diagnostic(
        "E176", f"expected a known length as scale, found `{words}`, {a_(found)}", span, "write `bolt.length = 20 mm`"
    )


def scale_zero(words: str, span: Span) -> Diagnostic:
    """A scale of 0."""
    return Diagnostic(
        "E176", f"expected a length above 0 in a scale, found `{words}`", span, "write `scale 1 px = 0.08 mm`"
    )


def scale_varies(words: str, span: Span) -> Diagnostic:
    """Millimetres needed before objects are found, with a scale measured in each picture."""
    return Diagnostic(
        "E177",
        f"`{words}` is needed before the scale is measured in the picture",
        span,
        "write it in px or %, or give the scale as a number",
    )


def pixels_by_axis(words: str, span: Span) -> Diagnostic:
    """Pixels without an axis, with pixels that are not square."""
    said = f"`{words}` differs in length along x and y: with this scale pixels are not square"
    return Diagnostic("E168", said, span, "write it in mm")


def pixels_counted(words: str, span: Span) -> Diagnostic:
    """Millimetres where pixels are counted, with pixels that are not square."""
    said = f"expected px of the picture, or %, found `{words}`: with this scale pixels are not square"
    return Diagnostic("E168", said, span)


def stretched_attribute(name: str, span: Span) -> Diagnostic:
    """An attribute that `with` cannot set, with pixels that are not square."""
    said = f"`{name}` follows from the object's box: with this scale pixels are not square"
    return Diagnostic("E168", said, span, "remove it")


def no_member(words: str, found: Type, of: Type, span: Span) -> Diagnostic:
    """`rank(tray, cell by row)`: something that cannot be a member of the set."""
    grid = str(of.domain).partition("grid:")[2]
    wanted = f"a cell of `{grid}`" if grid else f"{a_(object_of(str(of.domain)))}"
    message = f"expected {wanted} or a point, found `{words}`, {a_(found)}"
    return Diagnostic("E114", message, span, f"write `{words}.center`")
