"""Scales other than a plain number: a calibration file, and an object of known length in every picture.

With `scale bolt.length = 20 mm` a quantity in mm is relative to the bolt: `8 mm` is `0.4 * bolt.length`, so each
picture is measured by its own bolt. If that is absent or ambiguous, quantities in mm are undefined for that reason.
"""

from __future__ import annotations

from pathlib import Path

from logidsl import ir
from logidsl import types as ty
from logidsl.calibration import Calibration
from logidsl.check import infer, number_errors, source_errors
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.diagnostics import InputError
from logidsl.records import RecordError
from logidsl.syntax import ast


def from_file(c: Context, path: ast.Text) -> None:
    """`scale "camera.json"`: scale and lens of a calibration below the spec's folder."""
    from logidsl.check.imports import path_below

    c.scale = ir.Scale(mm_per_px_x=1.0, mm_per_px_y=1.0)  # a bad file does not make quantities in mm errors
    if path_below(Path(c.path).parent, path.span.source.path, path.value) is None:
        c.bag.add(source_errors.source_outside(path.value, path.span))
        return
    assert c.read is not None
    try:
        text = c.read(str(Path(path.span.source.path).parent / path.value)).text
        found = Calibration.from_json(text)
    except InputError as error:
        why = str(error).removeprefix("no spec ").rpartition("`: ")[2]
        c.bag.add(number_errors.scale_file(path.value, why, path.span))
        return
    except RecordError as error:
        c.bag.add(number_errors.scale_file(path.value, str(error), path.span))
        return
    c.scale = ir.Scale(mm_per_px_x=found.mm_per_px[0], mm_per_px_y=found.mm_per_px[1])
    c.camera = found.camera


def by_object(c: Context, s: ast.Scale) -> None:
    """`scale bolt.length = 20 mm`."""
    assert s.size is not None
    if s.size.unit not in ty.MM_PER or float(s.size.text) <= 0:
        c.bag.add(
            number_errors.unit_unknown(s.size.span.text, s.size.unit, f"{', '.join(ty.MM_PER)} after `=`", s.size.span)
        )
        return
    c.known_length = s


def quantity(c: Context, expr: ast.Quantity, s: ast.Scale) -> Typed:
    """A quantity in mm as a share of the known length."""
    assert s.size is not None and isinstance(s.pixels, ast.Attr)
    if c.fixed:
        return c.error(number_errors.scale_varies(expr.span.text, expr.span))
    known = infer.value(c, s.pixels, Scope())
    if known.bad:
        return known
    if known.type.dim != "length":
        return c.error(number_errors.scale_length(s.pixels.span.text, known.type, s.pixels.span))
    share = float(expr.text) * ty.MM_PER[expr.unit.rstrip("2")] / (float(s.size.text) * ty.MM_PER[s.size.unit])
    written = f"{expr.text} {expr.unit}"
    if not expr.unit.endswith("2"):
        times = c.add(ir.Literal_(type=ty.RATIO, depth=0, span=place(expr.span), value=share, written=written))
        return c.call("*", (times.node, known.node), ty.LENGTH, Scope(), expr.span)
    per = float(s.size.text) * ty.MM_PER[s.size.unit]
    share = float(expr.text) * ty.MM_PER[expr.unit.rstrip("2")] ** 2 / per**2
    times = c.add(ir.Literal_(type=ty.RATIO, depth=0, span=place(expr.span), value=share, written=written))
    square = c.call("*", (known.node, known.node), ty.AREA, Scope(), expr.span)
    return c.call("*", (times.node, square.node), ty.AREA, Scope(), expr.span)
