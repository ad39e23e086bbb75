"""Several values of a parameter at once, on `check` and `table`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.commands import logidsl
from tests.fit.scenes import SPEC, draw, folder_of


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder_of(tmp_path)
    (tmp_path / "pictures" / "truth.json").unlink()
    return tmp_path


def test_table_counts_objects_for_each_value(place: Path) -> None:
    done = logidsl("table", "pictures", "--spec", "discs.logic", "-P", "lim_px2=20..800px2/3", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["lim_px2", "disc", "spots"]
    assert lines[1:] == [["20", "px2", "20", "20"], ["410", "px2", "8", "20"], ["800", "px2", "0", "20"]]
    text = logidsl(
        "table", "pictures", "--spec", "discs.logic", "-P", "lim_px2=20..800 px2/2", "--format", "csv", cwd=place
    ).stdout
    assert list(csv.reader(io.StringIO(text))) == [
        ["lim_px2", "disc", "spots"],
        ["20 px2", "20", "20"],
        ["800 px2", "0", "20"],
    ]


def test_check_counts_verdicts_and_labels_for_each_value(place: Path) -> None:
    args = ("check", "pictures", "--spec", "discs.logic", "-P", "lim_px2=50 .. 650 px2 / 3", "--jobs", "1")
    done = logidsl(*args, "--format", "json", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)["values"]
    assert [(r["lim_px2"], r["pass"], r["fail"], r["review"]) for r in rows] == [
        ("50 px2", 2, 3, 0),
        ("350 px2", 2, 3, 0),
        ("650 px2", 0, 5, 0),
    ]
    assert rows[0]["labels"] == {"too_many": 3}
    assert "too_many 3" in logidsl(*args, cwd=place).stdout
    lines = logidsl(*args, "--format", "jsonl", "-o", "rows.jsonl", cwd=place)
    assert lines.stdout == ""
    assert [json.loads(x) for x in (place / "rows.jsonl").read_text().splitlines()] == rows


def test_a_row_is_what_one_value_gives_alone(place: Path) -> None:
    spec = SPEC.replace("lightness > 50 %", "lightness > light")
    (place / "two.logic").write_text(f"param light = 50 % in 10 .. 100 %\n{spec}")
    draw(place / "pictures" / "f.png", (12, 12, 12), 120)
    args = ("--spec", "two.logic", "--format", "json")
    swept = logidsl("check", "pictures", *args, "-P", "light=20..80%/4", "-P", "lim_px2=100..500px2/3", cwd=place)
    rows = json.loads(swept.stdout)["values"]
    assert len(rows) == 12
    for row in (rows[0], rows[4], rows[7], rows[11]):
        given = ("-P", f"light={row['light']}", "-P", f"lim_px2={row['lim_px2']}")
        summary = json.loads(logidsl("check", "pictures", *args, *given, cwd=place).stdout)["summary"]
        assert {k: row[k] for k in ("pass", "fail", "review")} == {k: summary[k] for k in ("pass", "fail", "review")}
    assert rows[0] | {"light": ""} != rows[-3] | {"light": ""}


@pytest.mark.parametrize(
    ("param", "code", "message"),
    [
        ("lim_px2=5..20px2/3", 3, "`lim_px2`: expected 20 .. 800 px2, found `5 px2`"),
        ("lim_px2=50..100px/3", 3, "`50 px`"),
        ("lim_px2=50px2..100px/3", 64, "expected one unit, found px2 and px"),
        ("lim_px2=50..100px2/1", 64, "expected two values or more"),
        ("lim_px2=50..100px2/5000", 64, "at most 1000 combinations"),
        ("lom=50..100px2/3", 3, "unknown parameter `lom`"),
    ],
)
def test_bad_sweeps(param: str, code: int, message: str, place: Path) -> None:
    done = logidsl("check", "pictures", "--spec", "discs.logic", "-P", param, cwd=place)
    assert done.returncode == code
    assert message in done.stderr


def test_what_needs_one_value_is_refused(place: Path) -> None:
    for command, option in (("check", "--overlay"), ("table", "--masks"), ("table", "--histogram")):
        path = "pictures/a.png" if option == "--masks" else "pictures"
        done = logidsl(command, path, "--spec", "discs.logic", "-P", "lim_px2=50..90px2/3", option, "x", cwd=place)
        assert done.returncode == 64
        assert f"cannot be combined with {option}" in done.stderr
    (place / "pictures" / "b.png").write_bytes(b"no picture")
    done = logidsl("check", "pictures", "--spec", "discs.logic", "-P", "lim_px2=50..90px2/3", cwd=place)
    assert done.returncode == 4
    assert "b.png" in done.stderr
