"""Tables that are worth trying: scenes of tests, tables that are given, and tables made up for some programs.

Values come from the programs where they name any: numbers on both sides of each limit, colours on both sides of the
border of each named colour, labels and texts. Everything depends on the seed alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from logidsl import ir
from logidsl.arrays import Floats
from logidsl.changes import Changer, invented
from logidsl.diagnostics import InputError
from logidsl.extract.pixels import skeleton
from logidsl.library import attribute, builtins, takes, type_named
from logidsl.library.attributes import PLACES, SIZES
from logidsl.library.color import ciede2000, lab_of_hex, lab_of_rgb
from logidsl.scenes import Scene, SceneObject, SceneValue, scene, table_of_scenes
from logidsl.table import BOX, COUNT, ColumnData, ObjectTable, TextColumn, concatenate
from logidsl.types import Type

_STRANGE = tuple(lab for text in ("#000000", "#808080", "#7a3fb0") if (lab := lab_of_hex(text)) is not None)
_MOST_VALUES = 60
#: Attributes that follow from the box unless the table has a column for them, which nothing made up here has.
OF_BOX = (frozenset(PLACES) | SIZES) - {"area"}
_COLORS, _TELLING = 6000, 24
_SIZES = ((400.0, 300.0), (800.0, 600.0), (1600.0, 1200.0), (3200.0, 2400.0), (6400.0, 4800.0))


def needs_pixels(programs: Iterable[ir.Program]) -> list[str]:
    """The rules that measure pixels of places, which no table made up here has."""
    found: dict[str, None] = {}
    for program in programs:
        for rule in program.rules:
            if not set(ir.below(program.nodes, [rule.node])).isdisjoint(program.measures):
                found[rule.name] = None
    return list(found)


class Vocabulary:
    """What objects may be called, and values that matter to some programs.

    Parameters
    ----------
    programs : sequence of Program
        What is asked about.

    Attributes
    ----------
    classes : tuple of str
        Every class that a program declares, and one that none does if a program asks for such objects.
    values : dict of str to tuple
        Values by the column that they may stand in.
    """

    def __init__(self, programs: Sequence[ir.Program]) -> None:
        self.programs = programs
        self.skeletons = any(skeleton.asked_for(p) for p in programs)
        classes = dict.fromkeys(c.name for p in programs for c in p.classes)
        if any(isinstance(n, ir.Call) and n.type.kind == "set" and not n.args for p in programs for n in p.nodes):
            classes["something_else"] = None
        self.classes = tuple(classes)
        self.lengths = self._beside("length", 3.0, 1e9)
        self.shares = self._beside("ratio", 0.01, 1.0)
        self.types: dict[str, Type] = {}
        self.values: dict[str, tuple[SceneValue, ...]] = {}
        read = {n.attribute for p in programs for n in p.nodes if isinstance(n, ir.Column)}
        pixels = {name for name, entry in builtins("attribute").items() if "pixels" in entry.of}
        if pixels & read:
            read |= {name for name in pixels if takes(name) == "color"}
        declared = {a.name: a for p in programs for a in p.attributes}
        for name in sorted(read | ({"confidence"} if any(p.doubtful for p in programs) else set())):
            if name in declared:
                type_: Type | None = declared[name].type
            else:
                entry = attribute(name)
                type_ = None if entry is None else type_named(entry.result)
            if type_ is None or name == "class" or (name in OF_BOX and name not in declared):
                continue
            self.types[name] = type_
            labels = declared[name].labels if name in declared else ()
            self.values[name] = tuple(dict.fromkeys(labels or self._values(name, type_)))[:_MOST_VALUES]

    def _values(self, name: str, type_: Type) -> list[SceneValue]:
        match type_.kind:
            case "number":
                return [*self._numbers(name, type_)]
            case "color":
                return self._colors()
            case "text" | "label":
                literals = (n.value for p in self.programs for n in p.nodes if isinstance(n, ir.Literal_))
                texts = sorted({v for v in literals if isinstance(v, str)})
                return [*texts, "another", *(t + "0" for t in texts), *(t[:-1] for t in texts if t)]
            case _:
                return []

    def _beside(self, dim: str, step: float, most: float) -> tuple[float, ...]:
        """The literals of a dimension, what lies between neighbours, and what lies beside each of them."""
        nodes = (n for p in self.programs for n in p.nodes if isinstance(n, ir.Literal_) and n.type.kind == "number")
        params = (q for p in self.programs for q in p.params)
        written = [*(n.value for n in nodes if n.type.dim == dim), *(q.value for q in params if q.type.dim == dim)]
        known = sorted({float(v) for v in written if isinstance(v, float | int) and 0 <= v <= most})
        near = [v + by for v in known for by in (-step, 0.1 * step, step)]
        between = [(a + b) / 2 for a, b in pairwise(known)]
        return tuple(dict.fromkeys(v for v in (*between, *known, *near) if 0 <= v <= most))[:_MOST_VALUES]

    def _numbers(self, name: str, type_: Type) -> list[float]:
        found = []
        nodes = (n for p in self.programs for n in p.nodes if isinstance(n, ir.Literal_) and n.type.kind == "number")
        literals = [n.value for n in nodes if n.type.dim == type_.dim and isinstance(n.value, float | int)]
        literals += [p.value for q in self.programs for p in q.params if isinstance(p.value, float | int)]
        if name == "confidence":
            literals += [v for p in self.programs for d in p.doubtful for v in (d.low, (d.low + d.high) / 2, d.high)]
        for v in map(float, literals):
            step = 1.0 if type_.dim == "count" or abs(v) >= 20 else max(0.02 * abs(v), 0.01)
            found += [v, v - step, v + step]
        if type_.dim == "count":
            return [v for v in (*found, 0.0, 1.0, 2.0) if v >= 0 and v.is_integer()]
        limits = sorted(set(map(float, literals)))
        found += [(a + b) / 2 for a, b in pairwise(limits)]
        least = -360.0 if type_.dim in ("angle", "turn") else 0.0
        most = 1.0 if name in ("confidence",) else math.inf
        return [v for v in found if least <= v <= most]

    def _colors(self) -> list[SceneValue]:
        """Colours that the programs call differently, the named ones, others on both sides of their borders."""
        found: list[SceneValue] = []
        rgb = np.random.default_rng(0).integers(0, 256, (_COLORS, 3))
        labs = lab_of_rgb(rgb)
        named = np.stack([_named(p, labs) for p in self.programs])
        telling = np.flatnonzero((named != named[0]).any(axis=0))
        borders = [i for k in np.unique(named[0]) for i in np.flatnonzero(named[0] == k)[:2].tolist()]
        found += [tuple(labs[i].tolist()) for i in telling[:_TELLING].tolist()]
        found += [c.lab for p in self.programs for c in p.colors]
        found += [tuple(labs[i].tolist()) for i in borders]
        return [*found, *_STRANGE]

    def picture(self) -> tuple[float, float]:
        """A size of a picture, in px, in which the lengths of the programs find room."""
        nodes = (n for p in self.programs for n in p.nodes if isinstance(n, ir.Literal_))
        lengths = [n.value for n in nodes if n.type.dim == "length" and isinstance(n.value, float | int)]
        longest = max(map(abs, lengths), default=0.0)
        return next((size for size in _SIZES if longest <= 0.9 * size[0]), _SIZES[-1])

    # ---- tables ---------------------------------------------------------------------------------------

    def changer(self, table: ObjectTable, seed: int) -> Changer:
        """What changes tables by the values that matter."""
        return Changer(table, seed, self.values, self.lengths, self.shares)

    def scenes(self) -> list[ObjectTable]:
        """The scenes of the programs' tests that are put together in a spec."""
        return [scene(p, t) for p in self.programs for t in p.tests if t.file is None]

    def invented(self, count: int, seed: int) -> ObjectTable:
        """Pictures made up for the programs."""
        share = -(-count // len(self.programs))
        tables = [self.completed(invented(p, share, seed + k), seed + k) for k, p in enumerate(self.programs)]
        return concatenate(tables)

    def empty(self) -> ObjectTable:
        """A picture without objects."""
        return table_of_scenes([Scene(*self.picture())], skeletons=self.skeletons)

    def completed(self, table: ObjectTable, seed: int) -> ObjectTable:
        """The table with a value in every cell that the programs read, and with measures of boxes without outlines.

        What is measured already stays.
        """
        dice = np.random.default_rng(seed)
        columns: dict[str, ColumnData] = dict(table.columns)
        n = len(table)
        if all(k in columns for k in BOX):
            geometry = self._geometry(table)
            for name, values in geometry.items():
                old = columns.get(name)
                if old is None or isinstance(old, TextColumn):
                    columns[name] = values
                else:
                    gone = _unmeasured(old)
                    columns[name] = np.where(gone.reshape(-1, *[1] * (old.ndim - 1)), values, old)
        for name, options in self.values.items():
            if not options or (name in columns and name in _MEASURED):
                continue
            columns[name] = _filled(columns.get(name), options, n, dice, likely=name != "confidence")
        return replace(table, columns=columns)

    def _geometry(self, table: ObjectTable) -> dict[str, Floats]:
        boxes = np.stack([np.asarray(table.columns[k], np.float64) for k in BOX], axis=1)
        boxes = np.where(np.isfinite(boxes).all(axis=1, keepdims=True), boxes, 0.0)
        objects = tuple(SceneObject("a", (b[0], b[1], b[2], b[3])) for b in boxes.tolist())
        made = table_of_scenes([Scene(100.0, 100.0, objects)], skeletons=self.skeletons)
        return {k: v for k, v in made.columns.items() if k not in BOX and not isinstance(v, TextColumn)}


_MEASURED = frozenset(table_of_scenes([]).columns)


def _named(program: ir.Program, labs: Floats) -> NDArray[np.str_]:
    """The name of the colour that a program gives each of some colours; empty for none."""
    if not program.colors:
        return np.full(len(labs), "", dtype="U48")
    apart = np.stack([ciede2000(np.array(c.lab), labs) for c in program.colors])
    nearest = apart.argmin(axis=0)
    reach = np.array([c.reach for c in program.colors])[nearest]
    names = np.array([c.name for c in program.colors], dtype="U48")[nearest]
    return np.where(apart.min(axis=0) <= reach, names, "")


def _unmeasured(column: Floats) -> NDArray[np.bool_]:
    """(n,) the rows in which a column has no value."""
    return np.asarray(~np.isfinite(column).all(axis=tuple(range(1, column.ndim))))


def _filled(
    column: ColumnData | None, options: Sequence[SceneValue], n: int, dice: np.random.Generator, *, likely: bool
) -> ColumnData:
    """A column with one of some values wherever it has none."""
    chosen = [options[int(k)] for k in dice.integers(len(options), size=n)]
    if isinstance(options[0], str):
        texts = column.texts() if isinstance(column, TextColumn) else [None] * n
        return TextColumn.of([str(c) if t is None else t for t, c in zip(texts, chosen, strict=True)])
    width = (len(options[0]),) if isinstance(options[0], tuple) else ()
    made = np.array(chosen, np.float64).reshape(n, *width) if likely else np.ones((n, *width))
    if column is None or isinstance(column, TextColumn) or column.shape != made.shape:
        return made
    gone = _unmeasured(column)
    return np.where(gone.reshape(-1, *[1] * (column.ndim - 1)), made, column)


def scene_of(table: ObjectTable, image: int, *, skeletons: bool = False) -> Scene | None:
    """The scene that an image shows; None if an object has no class or no box, or its existence is uncertain."""
    one = table.take_image(image)
    width, height = one.sizes[0].tolist()
    names = one.classes.texts()
    count = one.columns.get(COUNT)
    if not (math.isfinite(width) and math.isfinite(height)) or None in names or "?" in names:
        return None
    if isinstance(count, TextColumn) and (count.codes >= 0).any():
        return None
    if not all(k in one.columns for k in BOX):
        return None if len(one) else Scene(width, height, title=one.images[0])
    boxes = np.stack([np.asarray(one.columns[k], np.float64) for k in BOX], axis=1)
    if not np.isfinite(boxes).all():
        return None
    bare = tuple(SceneObject(str(n), (b[0], b[1], b[2], b[3])) for n, b in zip(names, boxes.tolist(), strict=True))
    follows = table_of_scenes([Scene(width, height, bare)], skeletons=skeletons).columns
    objects = []
    for row, item in enumerate(bare):
        values: dict[str, SceneValue] = {}
        for name, column in one.columns.items():
            if name in BOX or name == COUNT:
                continue
            value = _cell(column, row)
            if value is not None and not _same(value, _cell(follows[name], row) if name in follows else None):
                values[name] = value
        objects.append(replace(item, values=values))
    return Scene(width, height, tuple(objects), one.images[0])


def _cell(column: ColumnData, row: int) -> SceneValue | None:
    if isinstance(column, TextColumn):
        return None if column.codes[row] < 0 else column.values[int(column.codes[row])]
    value = column[row].tolist()
    if isinstance(value, list):
        return tuple(value) if all(map(math.isfinite, value)) else None
    return float(value) if math.isfinite(value) else None


def _same(one: SceneValue, other: SceneValue | None) -> bool:
    if other is None or isinstance(one, str) or isinstance(other, str):
        return one == other
    return bool(np.allclose(one, other, rtol=1e-6, atol=1e-6))


def require_programs(programs: Sequence[ir.Program]) -> None:
    """Check that programs can be asked about.

    Raises
    ------
    InputError
        If one leaves a parameter open.
    """
    for p in programs:
        if open_ := [q.name for q in p.params if q.value is None]:
            raise InputError(f"{p.path} leaves `{open_[0]}` open: set it with -P {open_[0]}=VALUE")
