"""The sources of a spec, `object NAME = read_text(…)` and its kin, carried out on a picture.

What speaks of an object is looked for after it: sources run in an order where what one needs comes before it,
and each sees the table of all before. The part of a picture that a source looks at is the box round its region;
of what is found there, what has its middle in the region counts.

The implementation of a declared source takes a `Look` and returns a list of `Detection`. May import `ir` and `table`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.naming import column_names
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.picture import Picture
from logidsl.extract.sources.detection_records import Detection, side_by_side, table_of_finds
from logidsl.ir import Program, SourceDecl
from logidsl.library import builtins, implementation
from logidsl.table import ObjectTable, PlaceRequest

Rings: TypeAlias = list[Floats]


class Evaluator(NamedTuple):
    """The services of the evaluator for extraction, which does not import it.

    Parameters
    ----------
    locate : callable
        Where a region lies, given what was seen so far; None if it is nowhere.
    wanted : callable
        The values of places that a program needs and a table lacks.
    pose : callable
        How a frame lies, given what was seen: (3, 3), from its axes to px; None if it is not there.
    """

    locate: Callable[[Program, ObjectTable, int], Rings | None]
    wanted: Callable[[Program, ObjectTable], list[PlaceRequest]]
    pose: Callable[[Program, ObjectTable, int], Floats | None]


@dataclass
class Looking:
    """One picture, the objects found so far, and cached outputs of models."""

    program: Program
    picture: Picture
    table: ObjectTable
    notes: list[str] = field(default_factory=list)
    detected: dict[tuple[object, ...], list[Detection]] = field(default_factory=dict)


class Look(NamedTuple):
    """What a source is carried out on.

    Parameters
    ----------
    looking : Looking
        The picture, and what was found before.
    source : SourceDecl
        What is looked for.
    part : (h, w, 3) uint8
        The part of the picture to look at; what is found is in px of it.
    box : (x0, y0, x1, y1)
        Where it lies in the picture, px.
    """

    looking: Looking
    source: SourceDecl
    part: Pixels
    box: tuple[int, int, int, int]

    @property
    def program(self) -> Program:
        """The spec."""
        return self.looking.program

    @property
    def file(self) -> tuple[Path, int]:
        """The file of the source; see `file_of`."""
        return file_of(self.program, self.source)

    def once(self, path: Path, detect: Callable[[], list[Detection]]) -> list[Detection]:
        """The output of the model in a file for this part, computed for the first source that needs it."""
        key = (path, *self.box)
        if key not in self.looking.detected:
            self.looking.detected[key] = detect()
        return self.looking.detected[key]


Find: TypeAlias = Callable[[Look], list[Detection]]


def with_sources(program: Program, picture: Picture, seen: ObjectTable, evaluator: Evaluator | None) -> ObjectTable:
    """A table with the objects that a spec's sources find in its picture.

    Parameters
    ----------
    program : Program
        With sources.
    picture : Picture
        The pixels.
    seen : ObjectTable
        What the `blobs` saw on it; the rows of the sources come after.
    evaluator : Evaluator, optional
        Says where regions lie; not needed where no source names one.

    Raises
    ------
    InputError
        If an extra is not installed, or a file of the spec cannot be used.
    """
    looking = Looking(program, picture, seen)
    for source, framed in in_order(program):
        _look(looking, source, framed, evaluator)
    table = looking.table
    columns, _ = column_names(program, table.columns)
    renamed = {new: table.columns[old] for old, new in columns.items()}
    notes = tuple(f"{picture.path}: {note}" for note in looking.notes)
    return replace(table, columns={**table.columns, **renamed}, notes=(*table.notes, *notes))


def in_order(program: Program) -> list[tuple[SourceDecl, bool]]:
    """The sources, each after its dependencies, and whether its region is on the frame of the spec.

    Sources that define the frame come first, and their regions are on the picture's own axes.
    """
    if program.frame is None:
        return [(s, False) for s in program.sources]
    first = program.classes_below(program.frame)
    own = [(s, False) for s in program.sources if s.name in first]
    return own + [(s, True) for s in program.sources if s.name not in first]


def _look(looking: Looking, source: SourceDecl, framed: bool, evaluator: Evaluator | None) -> None:
    """Run one source, and add its objects to the table."""
    picture = looking.picture
    rings: Rings | None = None
    if source.of is not None:
        if evaluator is None:
            raise InputError(f"`{source.name}` looks in a region, and nothing was given that says where it lies")
        program = looking.program if framed else looking.program.replaced(frame=None)
        rings = evaluator.locate(program, looking.table, source.of)
        if rings is None:
            looking.notes.append(f"`{source.name}` was not looked for: its region depends on an absent object")
            return
    x0, y0, x1, y1 = _bounds(rings, picture)
    if x1 <= x0 or y1 <= y0:
        looking.notes.append(f"`{source.name}` was not looked for: its region lies outside of the picture")
        return
    part = np.ascontiguousarray(picture.bgr[y0:y1, x0:x1])
    find: Find = implementation(builtins("source")[source.fn].made_by)
    finds = [f.moved(x0, y0) for f in find(Look(looking, source, part, (x0, y0, x1, y1)))]
    if rings is not None:
        finds = [f for f in finds if _inside(rings, f.center)]
    unturned = sum(math.isnan(turn) for f in finds if isinstance(turn := f.values.get("turn"), float))
    if unturned:
        which = "it is" if len(finds) == 1 else f"{unturned} of {len(finds)} are"
        looking.notes.append(f"`{source.name}` looks the same in another orientation: how {which} turned is unknown")
    finds.sort(key=lambda f: (f.box[1], f.box[0], f.box[3], f.box[2]))
    if finds:
        made = table_of_finds(picture, [source.name] * len(finds), finds, len(looking.table) + 1)
        looking.table = side_by_side([looking.table, made])


def file_of(program: Program, source: SourceDecl) -> tuple[Path, int]:
    """The file of a source, and when it was changed.

    Raises
    ------
    InputError
        If there is none, or it lies elsewhere through a link.
    """
    folder = Path(program.path).parent
    path = folder / (source.file or "")
    try:
        changed_ns = path.stat().st_mtime_ns
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"`{source.file}` of `{source.name}` lies outside of the spec's folder through a link")
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
        made_with = builtins("source")[source.fn].made_with
        hint = f"; `{made_with}` makes it" if made_with else ""
        raise InputError(f"cannot use `{source.file}` of `{source.name}`, beside the spec: {why}{hint}") from None
    return path, changed_ns


def _bounds(rings: Rings | None, picture: Picture) -> tuple[int, int, int, int]:
    """The whole pixels of the picture that a region touches, x0 y0 x1 y1."""
    if rings is None:
        return 0, 0, picture.width, picture.height
    points = np.concatenate(rings)
    (left, top), (right, bottom) = points.min(0).tolist(), points.max(0).tolist()
    x0, y0 = max(0, math.floor(left + 1e-6)), max(0, math.floor(top + 1e-6))
    return x0, y0, min(picture.width, math.ceil(right - 1e-6)), min(picture.height, math.ceil(bottom - 1e-6))


def _inside(rings: Sequence[Floats], point: tuple[float, float]) -> bool:
    """Whether an odd number of rings lies round a point; the border belongs."""
    sides = [cv2.pointPolygonTest(r.astype(np.float32)[:, None], point, False) for r in rings]
    return 0 in sides or sum(s > 0 for s in sides) % 2 == 1
