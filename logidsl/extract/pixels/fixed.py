"""The parts of a spec known before a picture is read, apart from its size: lengths, and regions of the picture.

They are computed by the kernels of the library. May import `ir` and `library`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.ir import Call, Column, Literal_, Name, Program, entry_of
from logidsl.library import attribute, takes
from logidsl.library.declare import unmade
from logidsl.library.geometry import Geometry


def number_of(program: Program, index: int, shape: tuple[int, ...]) -> float:
    """A number, or a length in px.

    Parameters
    ----------
    program : Program
        Holds the node.
    index : int
        A literal, a share of the frame, a parameter, a measure of `image`, or what is computed from such.
    shape : (h, w)
        Of the picture.

    Raises
    ------
    InputError
        If the node is anything else.
    """
    found = np.asarray(_value(program, index, shape))
    if found.shape != (1,) or not np.isfinite(found[0]):
        raise _unknown(program, index)
    return float(found[0])


def region_of(program: Program, index: int, shape: tuple[int, ...]) -> Geometry:
    """A region of the picture as one shape.

    Parameters
    ----------
    program : Program
        Holds the node.
    index : int
        `image`, a named region, or a region made of fixed numbers and points.
    shape : (h, w)
        Of the picture.

    Raises
    ------
    InputError
        If the region depends on objects.
    """
    found = _value(program, index, shape)
    if not isinstance(found, Geometry):
        words = program.nodes[index].span.text
        raise InputError(f"`{words}` is not a region of the picture: expected a box, circle, ring or polygon")
    return found


def box_of(region: Geometry, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the pixels whose centre lies in the bounding box of a region; empty if there are none."""

    def part(low: float, high: float, size: int) -> slice:
        first = min(max(0, int(np.ceil(low - 0.5))), size)
        return slice(first, min(max(first, int(np.floor(high - 0.5)) + 1), size))

    x0, y0, x1, y1 = (float(v.ravel()[0]) for v in (region.x0, region.y0, region.x1, region.y1))
    return part(y0, y1, shape[0]), part(x0, x1, shape[1])


def _value(program: Program, index: int, shape: tuple[int, ...]) -> Any:
    """A number (1,), a point or a region as kernels take and give them."""
    height, width = (np.array([float(side)]) for side in shape[:2])
    match program.nodes[index]:
        case Literal_(value=value) if not isinstance(value, str):
            return np.array([float(value)])
        case Name(thing="param", ref=ref):
            given = next(p.value for p in program.params if p.name == ref)
            if isinstance(given, float | int):
                return np.array([float(given)])
        case Name(thing="image"):
            return Geometry(np.zeros(1), np.zeros(1), width, height)
        case Name(target=int(target)):
            return _value(program, target, shape)
        case Column(of=of, attribute=name) if takes(name) in ("box", "outline") and (entry := attribute(name)):
            return entry.kernel(_value(program, of, shape))
        case Call(args=args) as call if (entry := entry_of(call)) is not None:
            if entry.whole is not None and len(args) == 1:
                return _value(program, args[0], shape) * entry.whole(width, height)
            if entry.kernel is not unmade:
                values = [_value(program, a, shape) for a in args]
                kinds = [p.kind for p in entry.parameters]
                for place, (value, kind) in enumerate(zip(values, kinds, strict=False)):
                    if kind == "P" and isinstance(value, Geometry):
                        values[place] = value.center
                with np.errstate(divide="ignore", invalid="ignore"):
                    return entry.kernel(*values)
    raise _unknown(program, index)


def _unknown(program: Program, index: int) -> InputError:
    words = program.nodes[index].span.text
    return InputError(f"`{words}` is not known before objects are: expected px, or a share of the picture in %")
