"""Running the tests inside a spec: a scene for each, judged, and held against what is expected.

A scene is a file beside the spec, or boxes put on an empty picture: each object has the box as its outline,
all that follows from it, and what `with` says. May import `eval`, `extract`, `seeing` and what is below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval import constants, judge
from logidsl.extract.pixels import skeleton
from logidsl.library.measure import NUMBERS, POINTS, measure_outline, of_rectangle
from logidsl.report.build import build
from logidsl.report.model import ImageReport
from logidsl.seeing import see_one
from logidsl.table import BOX, ColumnData, Floats, ObjectTable, Outlines, TextColumn

SceneValue: TypeAlias = float | str | tuple[float, ...]


@dataclass(frozen=True)
class Outcome:
    """How a test ended.

    Parameters
    ----------
    test : TestCase
        The test.
    failures : tuple of str
        What was expected and not found; empty if the test passes.
    image : ImageReport, optional
        The report on the scene, where there is one.
    """

    test: ir.TestCase
    failures: tuple[str, ...]
    image: ImageReport | None = None

    @property
    def ok(self) -> bool:
        """Whether the test passes."""
        return not self.failures


def run_tests(program: ir.Program, folder: Path) -> list[Outcome]:
    """Run every test of a program, in the order of the spec.

    Parameters
    ----------
    program : Program
        A checked spec.
    folder : Path
        Where its scenes are looked for.
    """
    return [run_test(program, test, folder) for test in program.tests]


def run_test(program: ir.Program, test: ir.TestCase, folder: Path) -> Outcome:
    """Run one test."""
    return outcome(program, test, test_table(program, test, folder))


def test_table(program: ir.Program, test: ir.TestCase, folder: Path) -> ObjectTable:
    """The scene of a test: put together in the spec, or in a file of a folder."""
    return scene(program, test) if test.file is None else see_one(program, folder / test.file)


test_table.__test__ = False  # type: ignore[attr-defined]  # none of pytest's


def outcome(program: ir.Program, test: ir.TestCase, table: ObjectTable) -> Outcome:
    """How a test ends on its scene, which the program may have found or another one like it."""
    if table.problems:
        return Outcome(test, (f"the scene cannot be used: {table.problems[0].message}",))
    if len(table.images) != 1:
        return Outcome(test, (f"expected a scene of one image, found {len(table.images)}",))
    judgement = judge(program, table)
    image = build(program, table, judgement).images[0]
    verdicts = {rule.name: int(judgement.by_rule[i, 0]) for i, rule in enumerate(program.rules)}
    failures = tuple(f for e in test.expects if (f := _failure(e, image, verdicts)))
    return Outcome(test, failures, image)


def _failure(expect: ir.Expect, image: ImageReport, verdicts: dict[str, int]) -> str | None:
    """What is not as expected, or None."""
    if expect.defect is not None:
        if expect.defect in image.labels:
            return None
        return f"expected defect `{expect.defect}`, found {', '.join(f'`{x}`' for x in image.labels) or 'none'}"
    if not expect.rules:
        if image.verdict == expect.verdict:
            return None
        return f"expected {expect.verdict}, found {image.verdict}"
    names = {1: "pass", 0: "review", -1: "fail"}
    wrong = [f"`{r}` {names[verdicts[r]]}" for r in expect.rules if names[verdicts[r]] != expect.verdict]
    return f"expected {expect.verdict} of the rules named, found {', '.join(wrong)}" if wrong else None


@dataclass(frozen=True)
class SceneObject:
    """An object of a scene: its class, its box in px, and the values that do not follow from the box."""

    name: str
    box: tuple[float, float, float, float]
    values: Mapping[str, SceneValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """A picture of some size, px, with objects whose outlines are boxes: what a test inside a spec can say."""

    width: float
    height: float
    objects: tuple[SceneObject, ...] = ()
    title: str = "scene"


def scene(program: ir.Program, test: ir.TestCase) -> ObjectTable:
    """The table of a scene that is put together in the spec."""
    objects = []
    for p in test.puts:
        x0, y0, x1, y1 = (v for v in constants(program, p.box, test.width, test.height) if isinstance(v, float))
        values = constants(program, tuple(p.values.values()), test.width, test.height)
        objects.append(SceneObject(p.name, (x0, y0, x1, y1), dict(zip(p.values, values, strict=True))))
    made = Scene(test.width, test.height, tuple(objects), test.title)
    return table_of_scenes([made], skeletons=skeleton.asked_for(program))


def table_of_scenes(scenes: Sequence[Scene], *, skeletons: bool = False) -> ObjectTable:
    """The table of scenes, an image each.

    Parameters
    ----------
    scenes : sequence of Scene
    skeletons : bool
        Whether the length of the centre line is measured, too: of a box the long side.
    """
    objects = [o for s in scenes for o in s.objects]
    size = np.array([(s.width, s.height) for s in scenes], np.float64).reshape(-1, 2)
    boxes = np.array([o.box for o in objects], np.float64).reshape(-1, 4)
    classes = TextColumn.of([o.name for o in objects])
    table = table_of_boxes([s.title for s in scenes], size, [len(s.objects) for s in scenes], classes, boxes)
    columns = dict(table.columns)
    if skeletons:
        columns[skeleton.NAME] = columns["length"]
    for name in dict.fromkeys(k for o in objects for k in o.values):
        columns[name] = _column([o.values.get(name) for o in objects], columns.get(name))
    return replace(table, columns=columns)


def table_of_boxes(
    images: Sequence[str], sizes: Floats, counts: Sequence[int], classes: TextColumn, boxes: Floats
) -> ObjectTable:
    """The table of objects whose outlines are boxes, with all that is measured of an outline.

    Parameters
    ----------
    images : sequence of n str
    sizes : (n, 2) float64
        Width and height of each image, px.
    counts : sequence of n int
        How many of the k objects lie on each image.
    classes : TextColumn
        Of each object.
    boxes : (k, 4) float64
        x0, y0, x1, y1 in px.
    """
    rings = boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    measured = [of_rectangle([ring]) or measure_outline([ring]) for ring in rings]
    columns: dict[str, ColumnData] = {name: boxes[:, i] for i, name in enumerate(BOX)}
    columns |= {k: np.array([m[k] for m in measured], np.float64) for k in NUMBERS}
    columns |= {k: np.array([m[k] for m in measured], np.float64).reshape(-1, 2) for k in POINTS}
    return ObjectTable(
        images=tuple(images),
        sizes=sizes,
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        classes=classes,
        ids=tuple(str(i + 1) for count in counts for i in range(count)),
        columns=columns,
        outlines=Outlines.of([[ring] for ring in rings]),
    )


def _column(values: Sequence[float | str | tuple[float, ...] | None], before: ColumnData | None) -> ColumnData:
    """A column of the values that are given, and of what was measured where none is."""
    first = next(v for v in values if v is not None)
    if isinstance(first, str):
        return TextColumn.of([v if isinstance(v, str) else None for v in values])
    width = (len(first),) if isinstance(first, tuple) else ()
    found = np.full((len(values), *width), np.nan)
    if isinstance(before, np.ndarray) and before.shape == found.shape:
        found[:] = before
    for i, v in enumerate(values):
        if v is not None:
            found[i] = v
    return found
