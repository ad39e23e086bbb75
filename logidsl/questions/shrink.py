"""Making a witness small: fewer objects, then fewer values, then round numbers.

A step is kept if the table still shows what it is to show. Alternatives of a step are judged in one table. Greedy, so
the result is small, not smallest: no single object or value can be left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from logidsl.arrays import Mask
from logidsl.library.color import lab_of_hex
from logidsl.questions.tables import scene_of
from logidsl.report.words import hex_of
from logidsl.scenes import Scene, SceneObject, SceneValue, table_of_scenes
from logidsl.table import ObjectTable

#: Says which images show what a witness is to show.
Shows = Callable[[ObjectTable], Mask]
_STEPS_PX = (100.0, 50.0, 10.0, 5.0, 1.0, 0.5, 0.1, 0.01)
_ROUNDS = 4


def shrunk(table: ObjectTable, shows: Shows, *, skeletons: bool = False) -> tuple[ObjectTable, Scene | None]:
    """A small table that still shows something.

    Parameters
    ----------
    table : ObjectTable
        One image, which shows it.
    shows : callable
        Says so of each image of a table.
    skeletons : bool
        Whether scenes are measured with the length of centre lines.

    Returns
    -------
    table : ObjectTable
        One image.
    scene : Scene, optional
        The same as a test can say it; None if the table says more than a scene can.
    """
    found = scene_of(table, 0, skeletons=skeletons)
    if found is None or not shows(table_of_scenes([found], skeletons=skeletons))[0]:
        return _fewer_rows(table, shows), None
    one = _Shrinking(found, shows, skeletons)
    one.run()
    return one.table, one.scene


def _fewer_rows(table: ObjectTable, shows: Shows) -> ObjectTable:
    """A table, no scene, without the objects that do not matter."""
    row = len(table) - 1
    while row >= 0:
        smaller = table.take_rows(np.array([r for r in range(len(table)) if r != row], np.int64))
        table = smaller if shows(smaller)[0] else table
        row -= 1
    return table


class _Shrinking:
    """A scene while it shrinks."""

    def __init__(self, scene: Scene, shows: Shows, skeletons: bool) -> None:
        self.scene, self.shows, self.skeletons = scene, shows, skeletons

    @property
    def table(self) -> ObjectTable:
        """The scene as a table."""
        return table_of_scenes([self.scene], skeletons=self.skeletons)

    def run(self) -> None:
        """Shrink until nothing changes."""
        self._take([replace(self.scene, objects=tuple(map(self._moved_in, self.scene.objects)))])
        for _ in range(_ROUNDS):
            before = self.scene
            self._objects()
            self._values()
            self._all_numbers()
            self._each_number()
            if self.scene == before:
                return

    def _take(self, options: Sequence[Scene]) -> bool:
        """The first of some scenes that shows it, if one does."""
        inside = _inside(self.scene)
        options = [o for o in options if o != self.scene and (_inside(o) or not inside)]
        if not options:
            return False
        good = np.flatnonzero(self.shows(table_of_scenes(options, skeletons=self.skeletons)))
        if len(good):
            self.scene = options[int(good[0])]
        return bool(len(good))

    def _moved_in(self, item: SceneObject) -> SceneObject:
        """An object cut to the picture."""
        x0, y0, x1, y1 = item.box
        width, height = self.scene.width, self.scene.height
        box = (max(x0, 0.0), max(y0, 0.0), min(x1, width), min(y1, height))
        return replace(item, box=box) if box[0] < box[2] and box[1] < box[3] else item

    def _objects(self) -> None:
        size = max(1, len(self.scene.objects) // 2)
        while size:
            objects = self.scene.objects
            starts = range(0, len(objects), size)
            if not self._take([replace(self.scene, objects=objects[:k] + objects[k + size :]) for k in starts]):
                size //= 2

    def _values(self) -> None:
        names = list(dict.fromkeys(k for o in self.scene.objects for k in o.values))
        self._take([self._without(names)])
        for name in names:
            if not self._take([self._without([name])]):
                for place, item in enumerate(self.scene.objects):
                    if name in item.values:
                        self._take([self._with(place, _less(item, [name]))])

    def _without(self, names: Sequence[str]) -> Scene:
        return replace(self.scene, objects=tuple(_less(o, names) for o in self.scene.objects))

    def _with(self, place: int, item: SceneObject) -> Scene:
        objects = self.scene.objects
        return replace(self.scene, objects=(*objects[:place], item, *objects[place + 1 :]))

    def _all_numbers(self) -> None:
        s = self.scene
        self._take([replace(s, width=_to(s.width, step), height=_to(s.height, step)) for step in _STEPS_PX[:5]])
        options = []
        for step in _STEPS_PX:
            objects = tuple(replace(o, box=_box_to(o.box, step)) for o in self.scene.objects)
            options.append(replace(self.scene, objects=objects))
        self._take(options)

    def _each_number(self) -> None:
        for place in range(len(self.scene.objects)):
            item = self.scene.objects[place]
            self._take([self._with(place, replace(item, box=_box_to(item.box, step))) for step in _STEPS_PX])
            for side in range(4):
                item = self.scene.objects[place]
                near = (_to(item.box[side] + up * step, step) for step in _STEPS_PX for up in (0.0, 0.499, -0.499))
                sides = ((*item.box[:side], v, *item.box[side + 1 :]) for v in near)
                boxes = [(b[0], b[1], b[2], b[3]) for b in sides if b[0] < b[2] and b[1] < b[3]]
                coarser = [b for b in boxes if _length(b) < _length(item.box)]
                self._take([self._with(place, replace(item, box=b)) for b in coarser])
            for name, value in item.values.items():
                item = self.scene.objects[place]
                options = [replace(item, values={**item.values, name: v}) for v in _rounder(value)]
                self._take([self._with(place, o) for o in options])


def _inside(scene: Scene) -> bool:
    """Whether all objects lie in the picture, as what is seen does."""
    boxes = (o.box for o in scene.objects)
    return all(b[0] >= 0 and b[1] >= 0 and b[2] <= scene.width and b[3] <= scene.height for b in boxes)


def _less(item: SceneObject, names: Sequence[str]) -> SceneObject:
    return replace(item, values={k: v for k, v in item.values.items() if k not in names})


def _to(value: float, step: float) -> float:
    return round(round(value / step) * step, 6)


def _box_to(box: tuple[float, float, float, float], step: float) -> tuple[float, float, float, float]:
    """A box with sides on a lattice, at least a step wide and high where it had any extent."""
    x0, y0 = _to(box[0], step), _to(box[1], step)
    width, height = (max(_to(b - a, step), step if b > a else 0.0) for a, b in ((box[0], box[2]), (box[1], box[3])))
    return (x0, y0, round(x0 + width, 6), round(y0 + height, 6))


def _length(box: Sequence[float]) -> int:
    """How many characters it takes to write numbers."""
    return sum(len(f"{v:.6f}".rstrip("0").rstrip(".0")) for v in box)


def _rounder(value: SceneValue) -> Iterator[SceneValue]:
    """Simpler values, the simplest first."""
    match value:
        case str():
            return
        case (float(), float(), float()):
            near = lab_of_hex(hex_of((value[0], value[1], value[2])))
            yield from () if near is None else (near,)
        case tuple():
            yield from (tuple(_to(v, step) for v in value) for step in _STEPS_PX)
        case _:
            if value == 0 or abs(value) >= 1e8:
                return
            top = 10.0 ** math.floor(math.log10(abs(value)))
            for step in (top, top / 2, top / 10, top / 20, top / 100, top / 1000, top / 10000):
                for made in (_to(value + up * step, step) for up in (0.0, 0.499, -0.499)):
                    if len(f"{value:.9g}") > len(f"{made:.9g}"):
                        yield made
