"""The region of interest of a `blobs` predicate.

A predicate that requires the pixel to be `inside` a region, alone or joined to the rest by `and`, is false outside its
bounding box, so nothing else is examined. May import `ir` and `library`.
"""

from __future__ import annotations

from typing import NamedTuple

from logidsl.extract.pixels.fixed import box_of, region_of
from logidsl.extract.pixels.predicate import conjuncts
from logidsl.ir import Call, Name, Program, entry_of


class RegionOfInterest(NamedTuple):
    """A region of interest, and the remaining parts of the predicate's `and`, without the boxes it is limited to."""

    rows: slice
    columns: slice
    parts: tuple[int, ...]


def is_limited(program: Program, where: int) -> bool:
    """Whether a predicate joins an `inside` of the pixel to the rest, or is one."""
    return any(_limit(program, part) is not None for part in conjuncts(program, where))


def _limit(program: Program, index: int) -> int | None:
    """The node of the region that the pixel must be inside, if that is all that a node says."""
    match program.nodes[index]:
        case Call(args=(subject, region)) as call if _is_pixel(program, subject):
            return region if (entry := entry_of(call)) is not None and entry.reach is not None else None
        case _:
            return None


def _is_pixel(program: Program, index: int) -> bool:
    node = program.nodes[index]
    return isinstance(node, Name) and node.thing == "pixel"


def look_of(program: Program, where: int, shape: tuple[int, ...]) -> RegionOfInterest:
    """The box of pixels outside which a predicate is certainly false, and the rest of the predicate."""
    rows, columns, parts = slice(0, shape[0]), slice(0, shape[1]), list[int]()
    if not is_limited(program, where):
        return RegionOfInterest(rows, columns, (where,))
    for index in conjuncts(program, where):
        limit = _limit(program, index)
        if limit is None:
            parts.append(index)
            continue
        region = region_of(program, limit, shape)
        down, across = box_of(region, shape)
        rows, columns = _common(rows, down), _common(columns, across)
        if region.shapes is not None:  # the box is not all: its pixels are asked one by one
            parts.append(index)
    return RegionOfInterest(rows, columns, tuple(parts))


def _common(a: slice, b: slice) -> slice:
    first = max(a.start, b.start)
    return slice(first, max(first, min(a.stop, b.stop)))
