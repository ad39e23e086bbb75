"""Rows of growth: how the time of an image grows with its objects, where two classes are paired."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.judging.rows import Row, alone, timed
from logidsl.eval import Prepared, judge
from logidsl.pipeline import compile_spec
from logidsl.source import Source
from logidsl.table import ObjectTable, TextColumn

SIZES = (10, 30, 100, 300)
OBJECTS = 30_000  # in each table, so that every size is the same work where growth is linear
RULES = {
    "near": "rule r: every pin p: some cap c where p near c within 10 px",
    "distance <": "rule r: every pin p: some cap c where distance(p, c) < 20 px",
    "touches": "rule r: every pin p: no cap c where p touches c",
    "inside many cells": "rule r: every cell k: count(pin inside k) <= 3",
}


def table_of(objects: int, seed: int = 0) -> ObjectTable:
    """Images of so many objects each, half of either class; as crowded whatever their number."""
    images = OBJECTS // objects
    n = images * objects
    draw = np.random.default_rng(seed)
    side = 100.0 * np.sqrt(objects)
    x, y = draw.uniform(10, side - 10, (2, n))
    box = {"x0": x - 8, "y0": y - 8, "x1": x + 8, "y1": y + 8}
    return ObjectTable(
        images=tuple(map(str, range(images))),
        sizes=np.full((images, 2), side),
        offsets=np.arange(images + 1) * objects,
        classes=TextColumn(np.arange(n) % 2, ("pin", "cap")),
        ids=tuple(map(str, range(n))),
        columns={**box, "x": x, "y": y},
    )


def spec_text(rule: str, objects: int) -> str:
    """A rule for images of so many objects; a grid has half as many cells."""
    across = max(1, round(float(np.sqrt(objects / 2))))
    grid = f"grid cell = {across} rows, {across} columns\n" if "cell" in RULES[rule] else ""
    return f"object pin, cap\n{grid}{RULES[rule]}\n"


def exponent(sizes: tuple[int, ...], seconds: list[float]) -> float:
    """The slope of time over size on logarithmic axes.

    Examples
    --------
    >>> round(exponent((10, 100), [1.0, 100.0]), 3)
    2.0
    """
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def growth(images: int, rounds: int) -> Iterator[Row]:
    """The exponent of each rule, from 10 to 300 objects an image."""
    for rule in RULES:
        runs = {}
        for size in SIZES:
            program = compile_spec(Source("growth.logic", spec_text(rule, size)))
            prepared = Prepared(table_of(size))
            runs[str(size)] = lambda p=program, t=prepared: judge(p, t, explain=False)
        seconds = timed(runs, rounds)
        per_image = [[t * size for t in seconds[str(size)]] for size in SIZES]
        found = [exponent(SIZES, list(one)) for one in zip(*per_image, strict=True)]
        yield alone(f"exponent of growth, {rule}, 10 to 300 objects", found, "", 1.3)
