"""The benchmark of judging: equal work on both sides, agreement that can fail, and rows that say what was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.judging import baselines, batches, growth, rows
from benchmarks.judging.__main__ import GROUPS, main
from benchmarks.judging.clauses import Case
from logidsl.eval import judge
from logidsl.library.color import ciede2000


def test_the_baselines_color_difference_is_the_languages() -> None:
    draw = np.random.default_rng(0)
    colors = np.stack([draw.uniform(0, 100, 500), *draw.uniform(-100, 100, (2, 500))], axis=1).astype(np.float32)
    for other in np.array([[80, 5, 75], [45, 10, -45], [50, 0, 0]], np.float32):
        made = baselines.ciede2000(colors[:, 0], colors[:, 1], colors[:, 2], other)
        assert made.dtype == np.float32
        assert np.allclose(made, ciede2000(colors, other), atol=1e-3)


def test_the_clauses_agree_with_both_baselines_and_a_wrong_verdict_is_noticed(shared: Path) -> None:
    case = Case.of(60, seed=4)
    judgement = judge(case.program, case.prepared)
    assert (judgement.verdicts < 1).any()
    assert case.differences(judgement) == []
    broken = judgement.truths.copy()
    broken[2, 7] = -broken[2, 7]
    wrong = case.differences(replace(judgement, truths=broken))
    assert [line.partition(": ")[2] for line in wrong] == ["clause 3: verdicts differ on 1 images"] * 2
    fewer = tuple(c for c in judgement.clauses if c.rule != judgement.clauses[0].rule)
    assert case.differences(replace(judgement, clauses=fewer))


def test_the_columns_of_a_data_frame_are_the_table(shared: Path) -> None:
    case = Case.of(20, seed=4)
    columns = case.plain_columns
    assert columns["class"].tolist() == case.table.classes.texts()
    assert (columns["x1"] == case.table.columns["x1"]).all()
    assert {v is None for v, name in zip(columns["color"], columns["class"], strict=True) if name == "cable"} == {False}


def test_rows_are_medians_of_the_rounds_and_know_their_goal() -> None:
    row = rows.compared("twice", [2.0, 4.0, 90.0], "once", [1.0, 2.0, 3.0], goal=2.0)
    assert (row.value, row.baseline_value, row.ratio, row.spread, row.met) == (4.0, 2.0, 2.0, (2.0, 30.0), True)
    assert rows.alone("slow", [3.0, 5.0, 4.0], "s", goal=1.0).met is False
    text = "\n".join(rows.lines([row, rows.alone("plain", [0.002], "s")]))
    assert "met" in text
    assert "over once" in text
    assert "2 ms" in text


def test_runs_take_turns_and_a_long_one_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    runs = {name: lambda name=name: order.append(name) for name in "ab"}
    seconds = rows.timed(runs, 2)
    assert "".join(order) == "ababab"
    assert [len(s) for s in seconds.values()] == [2, 2]
    monkeypatch.setattr(rows, "LONG_S", -1.0)
    assert [len(s) for s in rows.timed(runs, 2).values()] == [1, 1]


def test_growth_is_measured_on_tables_as_crowded_whatever_their_size() -> None:
    assert growth.exponent((10, 30, 100), [1.0, 9.0, 100.0]) == pytest.approx(2.0, abs=0.01)
    small, large = growth.table_of(10), growth.table_of(300)
    assert len(small) == len(large) == growth.OBJECTS
    assert (small.sizes[0] ** 2 / 10).round(6).tolist() == (large.sizes[0] ** 2 / 300).round(6).tolist()


def test_rows_are_chosen_and_written_as_json(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["image", "--rounds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["baseline"] for row in found] == [None, batches.PREPARING, "plain Python"]
    assert {"name", "baseline", "ratio", "spread"} <= set(found[0])
    with pytest.raises(SystemExit):
        main(["speed"])
    assert ", ".join(GROUPS) in capsys.readouterr().err


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(baselines, "FOLDER", Path("nowhere"))
    monkeypatch.setattr("benchmarks.judging.batches.baseline", baselines.baseline.__wrapped__)
    monkeypatch.setattr("benchmarks.judging.clauses.baseline", baselines.baseline.__wrapped__)
    assert main(["image"]) == 4
    assert "nowhere" in capsys.readouterr().err


def test_a_package_that_is_missing_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "impl_needy.py").write_text("import a_package_that_nobody_has")
    monkeypatch.setattr(baselines, "FOLDER", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(baselines.MissingError, match=r"a_package_that_nobody_has.*logidsl\[bench\]"):
        baselines.baseline("impl_needy")
