"""What the checker says of numbers: their units, scales, shares and comparisons. Why: `diagnostics.toml`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from logidsl.check.errors import a_
from logidsl.diagnostics import Diagnostic
from logidsl.source import Span
from logidsl.types import Type


def different_types(left: str, a: Type, right: str, b: Type, span: Span, scaled: bool) -> Diagnostic:
    """Two values that do not compare. `scaled`: whether the spec has a scale, so that mm have a meaning."""
    bare, of = (right, a) if b.dim in ("count", "ratio") else (left, b)
    fix = None
    if re.fullmatch(r"-?[0-9.]+", bare) and a.kind == b.kind == "number" and {a.dim, b.dim} & {"count", "ratio"}:
        units = {"length": ["px"], "area": ["%", "px2"], "angle": ["deg"]}.get(of.dim or "", [])
        units += {"length": ["mm"], "area": ["mm2"]}.get(of.dim or "", []) if scaled else []
        fix = f"give `{bare}` a unit: {', '.join(f'`{bare} {u}`' for u in units)}" if units else None
    return Diagnostic("E115", f"`{left}` is {a_(a)}, and `{right}` is {a_(b)}: they do not compare", span, fix)


def bad_product(op: str, a: Type, b: Type, span: Span) -> Diagnostic:
    """Arithmetic that has no meaning."""
    return Diagnostic("E116", f"{a_(a)} and {a_(b)} do not go with `{op}`", span)


def needs_within(left: str, a: Type, span: Span, declaration: str | None = None) -> Diagnostic:
    """A measured value compared with `=`; `declaration` is what it needs to be a count."""
    return _measured(left, a, span, f"add `within {_play(a)}`", declaration)


def needs_within_in_list(left: str, a: Type, items: Sequence[str], span: Span) -> Diagnostic:
    """A measured value and a list of values that it may equal."""
    each = " or ".join(f"{left} = {item} within {_play(a)}" for item in items)
    return _measured(left, a, span, f"write `{each}`" if items else None)


def case_of_measured(left: str, a: Type, around: str | None, span: Span, declaration: str | None) -> Diagnostic:
    """A measured value and a case of a `match` that it would have to equal."""
    return _measured(left, a, span, f"write a range: `{around}`" if around else None, declaration)


def _play(a: Type) -> str:
    unit = {"length": "2 px", "area": "20 px2", "angle": "2 deg"}.get(a.dim or "", "0.05")
    unit = "5" if a.domain == "difference" else unit
    return {"point": "5 px", "color": "12"}.get(a.kind, unit)


def _measured(left: str, a: Type, span: Span, fix: str | None, declaration: str | None = None) -> Diagnostic:
    more = f", or declare `{declaration}`" if declaration else ""
    said = f"`{left}` is measured, and a measured {a} is never exactly equal"
    return Diagnostic("E117", said, span, f"{fix}{more}" if fix else None)


def needless_within(words: str, span: Span) -> Diagnostic:
    """`within` where values are exact."""
    return Diagnostic("E118", f"`within` does not go with {a_(words)}", span, "leave it out")


def _times(words: str, whole: str) -> str:
    """A share, multiplied by what it is of."""
    return f"({words}) * {whole}" if re.search(r" [+-] ", words) else f"{words} * {whole}"


def percent_of_what(span: Span, words: str, whole: str) -> Diagnostic:
    """A share beside a length of no axis, or an angle."""
    fix = f"name the whole: `{_times(words, whole)}`"
    return Diagnostic("E119", f"`{words}` is a share, but of what?", span, fix)


def percent_of_count(span: Span, words: str, name: str | None) -> Diagnostic:
    """A share beside a count; `name` is a class to count."""
    fix = f"name the whole: `{_times(words, f'count({name})')}`" if name else None
    return Diagnostic("E119", f"`{words}` is a share, but of which count?", span, fix)


def percent_of_colors(span: Span, words: str) -> Diagnostic:
    """A share beside a difference of colours."""
    fix = f"write `{re.sub(' *%', '', words)}`" if "%" in words else "write a number: `12`"
    return Diagnostic("E187", "a difference of colours (CIEDE2000) is a number, and not a share", span, fix)


def no_scale(span: Span, words: str) -> Diagnostic:
    """Millimetres without a scale."""
    return Diagnostic(
        "E120", f"`{words}` needs a scale", span, "add `scale 1 px = 0.08 mm` with your figure, or write it in px"
    )


def backwards(low: str, high: str, span: Span) -> Diagnostic:
    """A range whose ends stand the wrong way round."""
    return Diagnostic("E121", f"the range runs backwards: {low} is more than {high}", span, f"`{high} .. {low}`")


def hyphen(words: str, meant: str, span: Span) -> Diagnostic:
    """`object nut: 2-3`."""
    return Diagnostic("E186", f"`{words}` is a difference, less than 0", span, f"write `{meant}`")


def unit_unknown(words: str, unit: str, wanted: str, span: Span) -> Diagnostic:
    """A unit that does not go with the place."""
    return Diagnostic("E140", f"expected {wanted}, found `{words}` in {unit}", span)


def scale_file(path: str, why: str, span: Span) -> Diagnostic:
    """A calibration that cannot be used."""
    fix = "make such a file with `logidsl calibrate`"
    return Diagnostic("E175", f"`{path}` is no calibration that can be used: {why}", span, fix)


def scale_length(words: str, found: Type, span: Span) -> Diagnostic:
    """A scale by something else than a length."""
    return Diagnostic(
        "E176", f"a scale needs a known length, and `{words}` is {a_(found)}", span, "`bolt.length = 20 mm`"
    )


def scale_varies(words: str, span: Span) -> Diagnostic:
    """Millimetres that must be known before a picture is seen, where the scale is measured on each."""
    return Diagnostic(
        "E177",
        f"`{words}` must be known before a picture is seen, and the scale is measured on each picture",
        span,
        "write it in px or %, or give the scale as a number",
    )


def pixels_by_axis(words: str, span: Span) -> Diagnostic:
    """Pixels of no axis, where a pixel is not square."""
    said = f"`{words}` is another length along x than along y: with this scale a pixel is not square"
    return Diagnostic("E168", said, span, "write it in mm")


def pixels_counted(words: str, span: Span) -> Diagnostic:
    """Millimetres where pixels are counted, and a pixel is not square."""
    said = f"expected px of the picture, or %, found `{words}`: with this scale a pixel is not square"
    return Diagnostic("E168", said, span)


def stretched_attribute(name: str, span: Span) -> Diagnostic:
    """What `with` cannot set, where a pixel is not square."""
    said = f"`{name}` follows from the box of the object: with this scale a pixel is not square"
    return Diagnostic("E168", said, span, "leave it out")
