"""Random tables: changes of given ones, and tables made up for a program.

A changed table differs from a given one in one way or in several: an object is taken away, doubled, added elsewhere, of
another class, moved, scaled, exchanged with another, or has another value. Everything depends on the seed alone.
Coordinates in px.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from logidsl import ir
from logidsl.arrays import Floats, Ints
from logidsl.library import builtins
from logidsl.scenes import table_of_boxes
from logidsl.table import BOX, ColumnData, ObjectTable, TextColumn
from logidsl.table_edits import AXIS

_STEPS = (4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 250.0)
_FACTORS = (0.5, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.25, 1.5, 2.0)
#: How measured columns grow with an object, by their type.
_POWERS = {"length": 1, "area": 2}
#: Columns that mostly change with the box; alone they change more rarely.
_FROM_BOX = frozenset(n for n, e in builtins("attribute").items() if e.result in (*_POWERS, "point"))
_ALONE = 0.3
_ANGLES = frozenset(name for name, entry in builtins("attribute").items() if entry.result in ("angle", "turn"))
_TURNS = (3.0, 6.0, 12.0, 25.0, 50.0)
_STRANGE_TEXTS = ("", "x")
_STRANGE = "another"
#: The side of pictures that are made up.
SIDE_PX = 1000.0
_STRANGE_COLORS = ((5.0, 0.0, 0.0), (54.0, 0.0, 0.0), (96.0, 0.0, 0.0), (40.0, 40.0, -50.0))


@dataclass
class _Draft:
    """A changed picture: rows of the table, and values that replace theirs, by place and column."""

    image: int
    rows: list[int]
    values: dict[tuple[int, str], object] = field(default_factory=dict)


@dataclass(eq=False)
class Changer:
    """Makes changed tables.

    Parameters
    ----------
    table : ObjectTable
        What is changed, with an image at least.
    seed : int
        The same seed makes the same changes.
    values : mapping of str to sequence
        Values that are likely to matter, by column: limits of a spec, its colours and labels. Each is taken about as
        often as a random one.
    lengths, shares : sequence of float
        Lengths in px, and shares of the picture's sides, that are likely to matter: objects are also placed and sized
        by them, and put at these distances from each other.
    """

    table: ObjectTable
    seed: int = 0
    values: Mapping[str, Sequence[object]] = field(default_factory=dict)
    lengths: Sequence[float] = ()
    shares: Sequence[float] = ()
    dice: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.dice = np.random.default_rng(self.seed)
        self._classes = sorted({int(c) for c in self.table.classes.codes if c >= 0})

    def changed(self, count: int, most: int = 1) -> ObjectTable:
        """A table with at most `count` images, each with 1 to `most` changes."""
        kinds: list[Callable[[_Draft], bool]] = [
            self._remove, self._double, self._add, self._rename, self._move, self._move, self._move, self._scale,
            self._scale, self._exchange, self._value, self._value, self._value,
        ]  # fmt: skip
        kinds += [self._measure] * 4 if self.lengths or self.shares else []
        drafts: list[_Draft] = []
        for number in range(count * 3):
            image = int(self.dice.integers(len(self.table.images)))
            rows = list(range(int(self.table.offsets[image]), int(self.table.offsets[image + 1])))
            draft = _Draft(image, rows)
            made = kinds[number % len(kinds)](draft)
            for _ in range(int(self.dice.integers(most)) if most > 1 else 0):
                made = kinds[int(self.dice.integers(len(kinds)))](draft) or made
            if made:
                drafts.append(draft)
            if len(drafts) == count:
                break
        return self._table(drafts)

    def shaken(self, count: int) -> ObjectTable:
        """A table with `count` images, in each of which about half the objects lie elsewhere or have other values.

        Half of the images change one column, the others the places.
        """
        drafts = []
        names = [n for n in self.values if n in self.table.columns and len(self.values[n])]
        for number in range(count):
            image = int(self.dice.integers(len(self.table.images)))
            draft = _Draft(image, list(range(int(self.table.offsets[image]), int(self.table.offsets[image + 1]))))
            drafts.append(draft)
            name = names[int(self.dice.integers(len(names)))] if names and number % 2 else None
            for place in np.flatnonzero(self.dice.random(len(draft.rows)) < 0.5).tolist():
                if name is not None:
                    draft.values[place, name] = self.values[name][int(self.dice.integers(len(self.values[name])))]
                else:
                    to = self.dice.random(2) * self.table.sizes[image]
                    x, y = self._center(draft, place)
                    self._shift(draft, place, float(to[0] - x), float(to[1] - y))
        return self._table(drafts)

    # ---- changes --------------------------------------------------------------------------------------

    def _one(self, draft: _Draft) -> int | None:
        """A place: of a class drawn first, so that rare ones are met."""
        codes = self.table.classes.codes[draft.rows]
        if not len(codes):
            return None
        code = self.dice.choice(np.unique(codes))
        return int(self.dice.choice(np.flatnonzero(codes == code)))

    def _remove(self, draft: _Draft) -> bool:
        place = self._one(draft)
        if place is None:
            return False
        del draft.rows[place]
        kept = ((key, v) for key, v in draft.values.items() if key[0] != place)
        draft.values = {(p - (p > place), name): v for (p, name), v in kept}
        return True

    def _double(self, draft: _Draft) -> bool:
        place = self._one(draft)
        if place is None:
            return False
        draft.rows.append(draft.rows[place])
        self._shift(draft, len(draft.rows) - 1, 3.0, 2.0)
        return True

    def _add(self, draft: _Draft) -> bool:
        """An object of another picture, at any place."""
        if not len(self.table.classes.codes):
            return False
        code = self.dice.choice(self._classes)
        row = int(self.dice.choice(np.flatnonzero(self.table.classes.codes == code)))
        draft.rows.append(row)
        width, height = self.table.sizes[draft.image]
        x, y = self._center(draft, len(draft.rows) - 1)
        if np.isfinite([width, height, x, y]).all():
            to = self.dice.random(2) * (width, height)
            self._shift(draft, len(draft.rows) - 1, float(to[0] - x), float(to[1] - y))
        return True

    def _rename(self, draft: _Draft) -> bool:
        place = self._one(draft)
        others = [c for c in self._classes if place is not None and c != self.table.classes.codes[draft.rows[place]]]
        if place is None or not others:
            return False
        draft.values[place, "class"] = int(self.dice.choice(others))
        return True

    def _move(self, draft: _Draft) -> bool:
        place = self._one(draft)
        if place is None:
            return False
        step, angle = float(self.dice.choice(_STEPS)), self.dice.integers(8) * np.pi / 4
        return self._shift(draft, place, step * float(np.cos(angle)), step * float(np.sin(angle)))

    def _scale(self, draft: _Draft) -> bool:
        place = self._one(draft)
        if place is None:
            return False
        f = float(self.dice.choice(_FACTORS))
        fx, fy = ((f, f), (f, 1.0), (1.0, f))[int(self.dice.integers(3))]
        box = self._box(draft, place)
        if not np.isfinite(box).all():
            return False
        middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * (fx, fy)
        if self.dice.random() < 0.3:  # from one side
            middle = middle + (half - (box[2:] - box[:2]) / 2) * self.dice.choice([-1.0, 1.0], 2)
        self._put(draft, place, np.concatenate([middle - half, middle + half]))
        self._grow(draft, place, fx * fy)
        return True

    def _grow(self, draft: _Draft, place: int, factor: float) -> None:
        """What is measured of an object whose box has so many times the area."""
        row = draft.rows[place]
        for name, entry in builtins("attribute").items():
            data, power = self.table.columns.get(name), _POWERS.get(entry.result, 0)
            if power and isinstance(data, np.ndarray) and np.isfinite(data[row]):
                draft.values[place, name] = float(data[row]) * factor ** (power / 2)

    def _exchange(self, draft: _Draft) -> bool:
        """Two objects change places."""
        if len(draft.rows) < 2:
            return False
        one, two = (int(p) for p in self.dice.choice(len(draft.rows), 2, replace=False))
        (ax, ay), (bx, by) = self._center(draft, one), self._center(draft, two)
        return self._shift(draft, one, bx - ax, by - ay) and self._shift(draft, two, ax - bx, ay - by)

    def _value(self, draft: _Draft) -> bool:
        """Another value in a column."""
        place = self._one(draft)
        names = [n for n in self.table.columns if n not in AXIS and (n not in _FROM_BOX or self.dice.random() < _ALONE)]
        if place is None or not names:
            return False
        row = draft.rows[place]
        name = str(self.dice.choice(names))
        data = self.table.columns[name]
        likely = self.values.get(name, ())
        if likely and self.dice.random() < 0.5:
            draft.values[place, name] = likely[int(self.dice.integers(len(likely)))]
            return True
        if isinstance(data, TextColumn):
            if data.codes[row] < 0:
                return False
            other = [v for v in (*data.values, *_STRANGE_TEXTS) if v != data.values[data.codes[row]]]
            draft.values[place, name] = str(self.dice.choice(other))
        elif not np.isfinite(data[row]).all():
            return False
        elif data.ndim == 1 and name in _ANGLES:
            draft.values[place, name] = float(data[row]) + float(
                self.dice.choice(_TURNS) * self.dice.choice([-1.0, 1.0])
            )
        elif data.ndim == 1:
            draft.values[place, name] = float(data[row]) * float(self.dice.choice(_FACTORS))
        elif data.shape[1] == 3:
            known = data[np.isfinite(data).all(axis=1)]
            pool = np.concatenate([known[self.dice.integers(len(known), size=4)], np.array(_STRANGE_COLORS)])
            draft.values[place, name] = pool[self.dice.integers(len(pool))]
        else:
            draft.values[place, name] = data[row] + self.dice.choice(_STEPS) * self.dice.choice([-1.0, 1.0], 2)
        return True

    def _measure(self, draft: _Draft) -> bool:
        """A side or the middle of an object, its size, or its distance from another, is a length that matters."""
        place = self._one(draft)
        if place is None:
            return False
        axis = int(self.dice.integers(2))
        known = [*self.lengths, *(s * float(self.table.sizes[draft.image, axis]) for s in self.shares)]
        length = known[int(self.dice.integers(len(known)))]
        box = self._box(draft, place)
        side = [float(box[axis]), float(box[axis + 2])]
        way = self.dice.random()
        if way < 0.4:  # where it is
            anchor = (side[0], sum(side) / 2, side[1])[int(self.dice.integers(3))]
            by = length - anchor
        elif way < 0.6:  # how large it is
            half = abs(length) / 2
            box[[axis, axis + 2]] = sum(side) / 2 - half, sum(side) / 2 + half
            if not np.isfinite(box).all():
                return False
            self._put(draft, place, box)
            self._grow(draft, place, abs(length) / max(side[1] - side[0], 1e-9))
            return True
        else:  # how far it is from another
            others = [k for k in range(len(draft.rows)) if k != place]
            if not others:
                return False
            other = self._box(draft, int(self.dice.choice(others)))
            sign = float(self.dice.choice([-1.0, 1.0]))
            middle, theirs = sum(side) / 2, float(other[axis] + other[axis + 2]) / 2
            if way < 0.8:
                by = theirs + sign * length - middle
            else:
                by = float(other[axis + 2]) + length - side[0] if sign > 0 else float(other[axis]) - length - side[1]
        return self._shift(draft, place, *((by, 0.0) if axis == 0 else (0.0, by)))

    # ---- places ---------------------------------------------------------------------------------------

    def _box(self, draft: _Draft, place: int) -> Floats:
        found = [self._cell(draft, place, name) for name in BOX]
        return np.array([np.nan if v is None else v for v in found], np.float64)

    def _cell(self, draft: _Draft, place: int, name: str) -> float | None:
        if (place, name) in draft.values:
            return float(draft.values[place, name])  # type: ignore[arg-type]
        data = self.table.columns.get(name)
        return float(data[draft.rows[place]]) if isinstance(data, np.ndarray) and data.ndim == 1 else None

    def _center(self, draft: _Draft, place: int) -> tuple[float, float]:
        box = self._box(draft, place)
        return float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2

    def _put(self, draft: _Draft, place: int, box: Floats) -> None:
        draft.values.update({(place, name): float(v) for name, v in zip(BOX, box, strict=True)})

    def _shift(self, draft: _Draft, place: int, dx: float, dy: float) -> bool:
        box = self._box(draft, place)
        if not np.isfinite([*box, dx, dy]).all():
            return False
        width, height = self.table.sizes[draft.image]
        x, y = (box[0] + box[2]) / 2 + dx, (box[1] + box[3]) / 2 + dy
        if np.isfinite([width, height]).all() and not (0 <= x <= width and 0 <= y <= height):
            return False
        self._put(draft, place, np.add(box, (dx, dy, dx, dy)))
        row = draft.rows[place]
        for name, data in self.table.columns.items():
            if isinstance(data, np.ndarray) and data.ndim == 2 and data.shape[1] == 2:
                before = draft.values.get((place, name), data[row])
                draft.values[place, name] = np.add(np.asarray(before, np.float64), (dx, dy))
            elif name in AXIS and name not in BOX and isinstance(data, np.ndarray):
                draft.values[place, name] = float(data[row]) + (dx, dy)[AXIS[name]]
        return True

    # ---- the table ------------------------------------------------------------------------------------

    def _table(self, drafts: list[_Draft]) -> ObjectTable:
        rows = np.array([r for d in drafts for r in d.rows], np.int64)
        offsets = np.concatenate([[0], np.cumsum([len(d.rows) for d in drafts])]).astype(np.int64)
        codes = self.table.classes.codes[rows]
        columns: dict[str, ColumnData] = {n: _copied(c, rows) for n, c in self.table.columns.items()}
        for number, draft in enumerate(drafts):
            for (place, name), value in draft.values.items():
                at = int(offsets[number]) + place
                if name == "class":
                    codes[at] = int(value)  # type: ignore[call-overload]
                else:
                    _set(columns, name, at, value)
        return replace(
            self.table,
            images=tuple(f"changed {i}" for i in range(len(drafts))),
            sizes=self.table.sizes[[d.image for d in drafts]].reshape(-1, 2),
            offsets=offsets,
            classes=TextColumn(codes, self.table.classes.values),
            ids=tuple(str(i) for d in drafts for i in range(len(d.rows))),
            columns=columns,
            outlines=None,
        )


def _copied(data: ColumnData, rows: Ints) -> ColumnData:
    return data.take(rows) if isinstance(data, TextColumn) else data[rows].copy()


def _set(columns: dict[str, ColumnData], name: str, at: int, value: object) -> None:
    data = columns[name]
    if not isinstance(data, TextColumn):
        data[at] = np.asarray(value, np.float64)
        return
    text = str(value)
    if text not in data.values:
        columns[name] = data = TextColumn(data.codes, (*data.values, text))
    data.codes[at] = data.values.index(text)


def invented(program: ir.Program, n: int, seed: int = 0) -> ObjectTable:
    """Pictures of a program's classes, made of boxes.

    Parameters
    ----------
    program : Program
        Says which classes, colours, attributes and texts there are.
    n : int
        How many to make.
    seed : int
        The same seed makes the same pictures.
    """
    rng = np.random.default_rng(seed)
    names = [c.name for c in program.classes]
    # from nearly empty pictures to crowded ones, some with one class only
    per_class = rng.integers(0, 1 + rng.integers(1, 9, size=(n, 1)), size=(n, len(names)))
    per_class[rng.random(per_class.shape) < 0.2] = 0
    counts = per_class.sum(axis=1)
    codes = np.concatenate([np.repeat(np.arange(len(names)), row) for row in per_class]) if n else np.zeros(0, np.int64)
    total = int(counts.sum())
    center = rng.uniform(0, SIDE_PX, (total, 2))
    half = np.exp(rng.normal(3.4, 1.2, (total, 1)) + rng.normal(0, 0.5, (total, 2)))
    classes = TextColumn(codes.astype(np.int64), tuple(names))
    images = [f"random {k + 1}" for k in range(n)]
    boxes = np.concatenate([center - half, center + half], axis=1)
    table = table_of_boxes(images, np.full((n, 2), SIDE_PX), counts.tolist(), classes, boxes)
    return replace(table, columns={**table.columns, **_invented_values(program, total, rng)})


def _invented_values(program: ir.Program, n: int, rng: np.random.Generator) -> dict[str, ColumnData]:
    """Colours near those of the program and others, and values of its attributes."""
    labs = np.array([c.lab for c in program.colors] or [(50.0, 0.0, 0.0)])
    near = labs[rng.integers(len(labs), size=n)] + rng.normal(0, 3, (n, 3))
    far = np.stack([rng.uniform(0, 100, n), rng.uniform(-80, 80, n), rng.uniform(-80, 80, n)], axis=1)
    color = np.where(rng.random((n, 1)) < 0.6, near, far)
    columns: dict[str, ColumnData] = {"color": color, "lightness": color[:, 0] / 100, "confidence": np.ones(n)}
    words = sorted({str(x.value) for x in program.nodes if isinstance(x, ir.Literal_) and isinstance(x.value, str)})
    columns["text"] = _texts([*words, _STRANGE], n, rng)
    for attribute in program.attributes:
        if attribute.labels:
            columns[attribute.name] = _texts(attribute.labels, n, rng)
        elif attribute.type.kind == "text":
            columns[attribute.name] = _texts([*words, _STRANGE], n, rng)
        elif attribute.type.kind == "color":
            columns[attribute.name] = rng.permutation(color)
        elif attribute.type.kind == "point":
            columns[attribute.name] = rng.uniform(0, SIDE_PX, (n, 2))
        else:
            columns[attribute.name] = np.exp(rng.normal(2, 2, n))
    return columns


def _texts(values: list[str] | tuple[str, ...], n: int, rng: np.random.Generator) -> TextColumn:
    return TextColumn(rng.integers(len(values), size=n).astype(np.int64), tuple(values))
