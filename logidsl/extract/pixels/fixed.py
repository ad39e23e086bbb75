"""The parts of a spec known before a picture is read, apart from its size: lengths, and regions of the picture.

May import `ir` and `library`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.ir import Call, Column, Literal_, Name, Program
from logidsl.library import shapes
from logidsl.library.geometry import Geometry, inside

Mask = npt.NDArray[np.bool_]


def number_of(program: Program, index: int, shape: tuple[int, ...]) -> float:
    """A number, or a length in px.

    Parameters
    ----------
    program : Program
        Holds the node.
    index : int
        A literal, a share of the frame, a parameter, a measure of `image`, or a sum or product of such.
    shape : (h, w)
        Of the picture.

    Raises
    ------
    InputError
        If the node is anything else.
    """
    height, width = shape[:2]
    match program.nodes[index]:
        case Literal_(value=value) if not isinstance(value, str):
            return float(value)
        case Name(thing="param", ref=ref):
            return float(next(p.value for p in program.params if p.name == ref))
        case Name(thing="let", target=int(target)):
            return number_of(program, target, shape)
        case Column(of=of, attribute=attribute) if _is_image(program, of):
            known = {"width": width, "height": height, "area": width * height, "x": width / 2, "y": height / 2}
            known |= {"x_min": 0, "y_min": 0, "x_max": width, "y_max": height, "diagonal": np.hypot(width, height)}
            if attribute in known:
                return float(known[attribute])
        case Call(fn=fn, args=args):
            values = [number_of(program, a, shape) for a in args]
            match fn, values:
                case "share_x", [share]:
                    return share * width
                case "share_y", [share]:
                    return share * height
                case "share_r", [share]:
                    return share * min(width, height)
                case "neg", [value]:
                    return -value
                case "as_ratio", [value]:
                    return value
                case "+", [a, b]:
                    return a + b
                case "-", [a, b]:
                    return a - b
                case "*", [a, b]:
                    return a * b
                case "/", [a, b] if b:
                    return a / b
    words = program.nodes[index].span.text
    raise InputError(f"`{words}` is not known before objects are: expected px, or a share of the picture in %")


def region_of(program: Program, index: int, shape: tuple[int, ...]) -> Geometry:
    """A region of the picture as one shape.

    Parameters
    ----------
    program : Program
        Holds the node.
    index : int
        `image`, a named region, `box`, `circle`, `ring` or `polygon` of fixed numbers.
    shape : (h, w)
        Of the picture.

    Raises
    ------
    InputError
        If the region depends on objects.
    """
    match program.nodes[index]:
        case Name(thing="image"):
            return shapes.box(np.zeros(1), np.zeros(1), np.full(1, float(shape[1])), np.full(1, float(shape[0])))
        case Name(target=int(target)):
            return region_of(program, target, shape)
        case Call(fn="box" | "circle" | "ring" as fn, args=args):
            first, second, third, *rest = [np.array([number_of(program, a, shape)]) for a in args]
            if fn == "circle":
                return shapes.circle(first, second, third)
            return (shapes.box if fn == "box" else shapes.ring)(first, second, third, rest[0])
        case Call(fn="polygon", args=args):
            return shapes.polygon(*(_point_of(program, a, shape) for a in args))
        case node:
            raise InputError(
                f"`{node.span.text}` is not a region of the picture: expected a box, circle, ring or polygon"
            )


def pixels_inside(region: Geometry, rows: slice, columns: slice) -> Mask:
    """Which pixels of a part of a picture have their centre in a region, (rows, columns)."""
    y, x = np.mgrid[rows, columns] + 0.5
    return inside(x, y, region)


def box_of(region: Geometry, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the pixels whose centre lies in the bounding box of a region; empty if there are none."""

    def part(low: float, high: float, size: int) -> slice:
        first = min(max(0, int(np.ceil(low - 0.5))), size)
        return slice(first, min(max(first, int(np.floor(high - 0.5)) + 1), size))

    x0, y0, x1, y1 = (float(v.ravel()[0]) for v in (region.x0, region.y0, region.x1, region.y1))
    return part(y0, y1, shape[0]), part(x0, x1, shape[1])


def _is_image(program: Program, index: int) -> bool:
    node = program.nodes[index]
    return isinstance(node, Name) and node.thing == "image"


def _point_of(
    program: Program, index: int, shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    match program.nodes[index]:
        case Call(fn="point", args=(x, y)):
            return np.array([number_of(program, x, shape)]), np.array([number_of(program, y, shape)])
        case Name(target=int(target)):
            return _point_of(program, target, shape)
        case node:
            raise InputError(f"`{node.span.text}` is not a point of the picture: expected `point(x, y)`")
