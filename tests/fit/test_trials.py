"""Values tried on pictures: what is seen again and what is not, alone and in several processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from logidsl.fit import trials as module
from logidsl.fit.limits import params_of
from logidsl.fit.trials import UNDETERMINED, WRONG, Case, Trials, compared, seeing_digest
from logidsl.fit.truth import Expectation
from logidsl.pipeline import compile_spec
from logidsl.seeing import see_one
from logidsl.source import Source
from logidsl.table import ObjectTable, TextColumn
from tests.fit.scenes import RADII, counts, folder_of

SPEC = """param light = 50 % in 10 .. 90 %
param lim_px2 = 60 px2 in 20 .. 800 px2
param dia_px = 2 px in 1 .. 9 px
color white = "#ffffff" within 30
blobs spots where lightness > light then open(dia_px)
object disc = spots where area >= lim_px2 and color = white
"""


def trials_of(place: Path, jobs: int) -> Trials:
    folder_of(place)
    source = Source(str(place / "a.logic"), SPEC)
    made = Trials(source, params_of(source)[0], [place / "pictures" / n for n in RADII], jobs=jobs)
    made.cases = tuple(Case(n, i, 0, Expectation(None, None, c)) for i, (n, c) in enumerate(counts().items()))
    return made


def test_pixels_are_looked_at_again_only_for_limits_of_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def see(*args: object) -> ObjectTable:
        looked.append(args)
        return see_one(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "see_one", see)
    trials = trials_of(tmp_path, 1)
    assert [trials.is_of_pixels(i) for i in range(3)] == [True, False, True]
    for lim in (20, 100, 200, 300):
        trials.losses((50, lim, 2))
    assert len(looked) == len(RADII)
    trials.losses((60, 200, 2), [0, 1])
    assert len(looked) == len(RADII) + 2
    trials.losses((60, 200, 2), [0, 1])
    trials.losses((50, 200, 2))
    assert len(looked) == len(RADII) + 2


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    alone, together = trials_of(tmp_path, 1), trials_of(tmp_path, 2)
    together.seconds = 100.0  # as if the pictures were large
    wanted = [(light, 200.0, 2.0) for light in (30.0, 50.0, 70.0)]
    done: list[tuple[int, int]] = []
    together.prepare(wanted, lambda *at: done.append(at))
    assert done == [(1, 3), (2, 3), (3, 3)]
    for values in wanted:
        assert np.array_equal(alone.losses(values), together.losses(values))


def test_what_seeing_goes_by() -> None:
    start = seeing_digest(compile_spec(Source("a.logic", SPEC)))

    def other(old: str, new: str) -> bool:
        return seeing_digest(compile_spec(Source("a.logic", SPEC.replace(old, new)))) != start

    assert not other("lim_px2 = 60", "lim_px2 = 90")
    assert not other("within 30", "within 20")  # objects are compared with it, pixels are not
    assert other("light = 50", "light = 51")
    assert other("dia_px = 2", "dia_px = 3")
    assert other("open(dia_px)", "close(dia_px)")
    by_color = SPEC.replace("lightness > light", "color = white")
    within = by_color.replace("within 30", "within 20")
    assert seeing_digest(compile_spec(Source("a", by_color))) != seeing_digest(compile_spec(Source("a", within)))


def test_what_is_undetermined_is_not_right() -> None:
    program = compile_spec(Source("a.logic", "object nut\nrule two as quantity: count(nut) = 2 low few high many"))
    table = ObjectTable(
        ("a", "b"),
        np.array([[100.0, 100.0]] * 2),
        np.array([0, 2, 4]),
        TextColumn.of(["nut"] * 4),
        ("1", "2", "1", "2"),
        {"count": TextColumn.of([None, None, None, "0..1"])},
    )
    passes, two = Expectation("pass"), Expectation(None, None, {"nut": 2})
    assert compared(program, table, [passes, passes]).tolist() == [[0, 0], [UNDETERMINED, 1]]
    assert compared(program, table, [two, two])[:, 0].tolist() == [0, UNDETERMINED]
    few, review = Expectation("fail", frozenset({"few"})), Expectation("review")
    assert compared(program, table, [few, review]).tolist() == [[WRONG, 1], [0, 0]]
    three = Expectation(None, None, {"nut": 3})
    assert compared(program, table, [three, three]).tolist() == [[WRONG, 1], [WRONG, 1]]
