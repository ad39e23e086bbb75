"""Nested walks narrowed to near objects: the same verdicts as when all pairs are tried."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from logidsl import ir
from logidsl.eval import blocks, judge, narrowing
from logidsl.eval.blocks import Block
from logidsl.eval.plan import bind
from logidsl.pipeline import compile_spec
from logidsl.source import Source
from logidsl.table import ObjectTable, Outlines, TextColumn
from tests.proof.choices import Seeded
from tests.proof.strategies import case

CASES = 60
SPEC = """
object pin, cap
grid cell = 5 rows, 4 columns
grid square = 2 rows, 2 columns of pin
{declared}
rule r: {rule}
"""
NARROWED = (
    "every pin p: some cap c where p near c within 12 px",
    "every pin p: some cap c where c near p within p.width / 2",
    "every pin p: some cap c where c near p within 2 * c.height and c.width > p.height",
    "every pin p: no cap c where p touches c",
    "every pin p: no cap c where c overlaps p and c.width < 9 px",
    "every pin p: every cap c where c touches p: c.width > p.width",
    "every pin p: every cap c: if c touches p then c.x > p.x",
    "every pin p: every cap c: gap(p, c) >= 3 px or c.width > 8 px",
    "every pin p: every cap c: not (p overlaps c or distance(c, p) < 9 px)",
    "every pin p: every cap c: c outside p",
    "every pin p: count(cap c where distance(p, c) < 25 px) in 1 .. 3",
    "every pin p: count(cap c where 20 px > distance(p, c)) >= 1",
    "every pin p: some cap c where distance(p.center, c.center) in 2 .. 20 px",
    "every pin p: sum(c.width of cap c where c touches p) <= 30 px",
    "every pin p: nearest(cap where near p within 20 px, p).width <= 12 px",
    "every cell k: count(pin inside k) <= 2",
    "every pin p: some cell k where p inside k",
    "every square k: count(cap inside k) <= 1",
    "every pin p: some cap c where p touches c and (no pin d where d near p within 9 px and d.x - p.x < c.width)",
    "count(pin p where some cap c where c near p within 8 px) <= 4 and count(pin p where p touches cap) <= 3",
)
DENSE = (
    "every pin p: some cap c where distance(p, c) > 20 px",
    "every pin p: some cap c where p near c within p.width + c.width",
    "every pin p: some cap c where p near c within 5 px or c.width > p.width",
    "every pin p: every cap c: c touches p",
    "every pin p: some cap c where distance(p, c) = 5 px within 2 px or p touches c",
)


def pictures(seed: int, *, doubt: bool, outlined: bool, gaps: bool) -> ObjectTable:
    """Crowds of boxes of many sizes, some of which meet exactly."""
    draw = np.random.default_rng(seed)
    counts = draw.integers(0, 30, 5)
    n = int(counts.sum())
    x0, y0 = draw.integers(0, 90, (2, n)).astype(float)
    width, height = np.where(draw.random((2, n)) < 0.1, 40.0, draw.integers(1, 12, (2, n)).astype(float))
    columns: dict[str, np.ndarray] = {"x0": x0, "y0": y0, "x1": x0 + width, "y1": y0 + height}
    if gaps:
        for column in columns.values():
            column[draw.random(n) < 0.02] = np.nan
    outlines = None
    if outlined:  # some reach beyond their boxes
        reach = draw.choice([0.0, 0.3, 2.0], n)
        corners = np.stack(
            [np.stack([x0 - reach * width, y0], 1), np.stack([x0 + width, y0], 1), np.stack([x0, y0 + height], 1)], 1
        )
        outlines = Outlines(corners.reshape(-1, 2), np.arange(n + 1) * 3, np.arange(n + 1))
    if doubt:
        columns["confidence"] = draw.random(n)
    offsets = np.append(0, np.cumsum(counts))
    classes = TextColumn(draw.integers(0, 2, n), ("pin", "cap"))
    sizes = np.full((len(counts), 2), 100.0)
    names = tuple(map(str, range(len(counts))))
    return ObjectTable(names, sizes, offsets, classes, tuple(map(str, range(n))), columns, outlines)


def compiled(rule: str, *, doubt: bool = False) -> ir.Program:
    declared = "doubtful 0.3 .. 0.6" if doubt else ""
    return compile_spec(Source("pairs.logic", SPEC.format(declared=declared, rule=rule)))


@pytest.fixture
def narrowed(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """Candidates are sought in the smallest sets; counts how often they were found."""
    found: Counter[bool] = Counter()
    sought = narrowing.candidates

    def counted(*args: object) -> object:
        made = sought(*args)  # type: ignore[arg-type]
        found[made is not None] += 1
        return made

    monkeypatch.setattr("logidsl.eval.plan.candidates", counted)
    for name, value in (("LEAST_OF_IMAGE", 1), ("LEAST_OF_BATCH", 1), ("WORTHWHILE", math.inf)):
        monkeypatch.setattr(narrowing, name, value)
    return found


def dense(program: ir.Program, table: ObjectTable) -> np.ndarray:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logidsl.eval.plan.candidates", lambda *args: None)
        return judge(program, table, explain=False).truths


@pytest.mark.parametrize("rule", NARROWED)
def test_candidates_give_the_verdicts_of_all_pairs(rule: str, narrowed: Counter[bool]) -> None:
    seen: set[int] = set()
    for doubt in (False, True):
        program = compiled(rule, doubt=doubt)
        for seed in range(6):
            table = pictures(seed, doubt=doubt, outlined=seed % 3 == 2, gaps=seed % 3 == 1)
            expected = dense(program, table)
            np.testing.assert_array_equal(judge(program, table, explain=False).truths, expected, f"{rule} {seed}")
            seen |= set(expected.ravel().tolist())
    assert narrowed[True] > narrowed[False] and len(seen) > 1


@pytest.mark.parametrize("rule", DENSE)
def test_what_far_objects_matter_to_is_not_narrowed(rule: str) -> None:
    program = compiled(rule)
    items = bind(program).schedule([r.node for r in program.rules], keep=False).items
    found = [item for item, _ in items if isinstance(item, Block)]
    assert found and not any(block.narrowings for block in found)


def test_random_specs_have_the_same_verdicts(narrowed: Counter[bool]) -> None:
    for seed in range(CASES):
        one = case(Seeded(seed))
        expected = dense(one.program, one.table)
        np.testing.assert_array_equal(judge(one.program, one.table, explain=False).truths, expected, str(seed))
    assert narrowed[True]


def test_a_picture_with_too_many_pairs_is_judged_if_few_are_near(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = np.meshgrid(np.arange(60) * 10.0, np.arange(20) * 10.0)
    box = {"x0": x.ravel(), "y0": y.ravel(), "x1": x.ravel() + 6.0, "y1": y.ravel() + 6.0}
    classes = TextColumn(np.arange(x.size) % 2, ("pin", "cap"))
    ids = tuple(map(str, range(x.size)))
    table = ObjectTable(("0",), np.full((1, 2), 600.0), np.array([0, x.size]), classes, ids, box)
    monkeypatch.setenv("LOGIDSL_MAX_COMBINATIONS", "100000")
    for rule, refused in (("touches c", {}), ("above c", {0})):
        judged = judge(compiled(f"every pin p: no cap c where p {rule}"), table, explain=False)
        assert {*judged.refused} == {*refused}, rule


@pytest.mark.parametrize("size", [1, 1 << 18])
def test_what_an_object_comes_to_at_a_deeper_level_is_cut_with_it(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "every pin p: some cap c where c inside first(pin by p.width) and c.width >= p.width"
    program, tables = compiled(rule), [pictures(seed, doubt=False, outlined=False, gaps=False) for seed in range(4)]
    expected = [dense(program, table) for table in tables]
    for name in ("LEAST_OF_IMAGE", "LEAST_OF_BATCH"):
        monkeypatch.setattr(narrowing, name, 1)
    monkeypatch.setattr(blocks, "BLOCK_ELEMENTS", size)
    for table, truths in zip(tables, expected, strict=True):
        np.testing.assert_array_equal(judge(program, table, explain=False).truths, truths)
        np.testing.assert_array_equal(dense(program, table), truths)
