"""Using logidsl from Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import logidsl
from logidsl.extract import read_picture
from tests.cli.commands import environment
from tests.cli.test_check import SPEC
from tests.cli.test_dataframe import Stream

PINS = "spec pins\nparam pins = 2\nobject pin\nrule two as quantity: count(pin) = pins low missing high extra\n"
ROWS = [
    {"image": name, "image_width": 100, "image_height": 80, "class": "pin", "x0": x, "y0": 5, "x1": x + 9, "y1": 15}
    for name, xs in {"a": (5, 50), "b": (5,), "c": (5, 20, 50)}.items()
    for x in xs
]
LABELS = [["normal"], ["missing"], ["extra"]]


@pytest.fixture(scope="module")
def spec() -> logidsl.Spec:
    """The spec of the trays."""
    return logidsl.loads(SPEC)


@pytest.fixture(scope="module")
def pins() -> logidsl.Spec:
    """A spec for tables."""
    return logidsl.loads(PINS)


def test_a_spec_is_loaded_from_a_file_with_parameters(tmp_path: Path) -> None:
    path = tmp_path / "pins.logic"
    path.write_text(PINS)
    assert repr(logidsl.load(path)) == "<Spec pins: 1 rules>"
    three = logidsl.load(str(path), {"pins": 3})
    assert (three.name, three.path) == ("pins", str(path))
    assert [i.labels for i in three.check(ROWS).images] == [["missing"], ["missing"], ["normal"]]


def test_a_wrong_spec_raises_with_every_mistake() -> None:
    with pytest.raises(logidsl.SpecError) as told:
        logidsl.loads("object pin\nrule a: count(pim) = 1\nrule b: pin.width > 3 px\n", name="tray.logic")
    assert len(told.value.diagnostics) == 2
    assert "  --> tray.logic:2:15" in str(told.value)
    with pytest.raises(logidsl.SpecError, match="there is no such file"):
        logidsl.load("none.logic")
    with pytest.raises(logidsl.SpecError, match="pinz"):
        logidsl.loads(PINS, {"pinz": 3})


def test_a_picture_by_path_and_by_array(spec: logidsl.Spec, trays: dict[str, Path]) -> None:
    by_path = spec.check(trays["one_missing"])
    assert (by_path.verdict, by_path.ok) == ("fail", False)
    (finding,) = by_path.images[0].findings
    assert (finding.label, finding.measured, finding.expected) == ("missing_pushpin", "0", "1")
    by_array = spec.check(read_picture(trays["one_missing"]).bgr)
    assert by_array.images[0].replaced(path=by_path.images[0].path) == by_path.images[0]
    assert by_array.images[0].path == "picture"
    assert spec.check(trays["good"]).ok


def test_a_list_of_anything_keeps_its_order(spec: logidsl.Spec, trays: dict[str, Path]) -> None:
    array = read_picture(trays["good"]).bgr
    table = spec.see(trays["two_in_one_cell"])
    mixed: list = [array, "no.png", trays["one_missing"], table, [array]]
    report = spec.check(mixed)
    assert [(i.path, i.verdict) for i in report.images] == [
        ("picture 1", "pass"),
        ("no.png", "error"),
        (str(trays["one_missing"]), "fail"),
        (str(trays["two_in_one_cell"]), "fail"),
        ("picture 5 1", "pass"),
    ]
    assert report.verdict == "fail"


def test_a_folder(spec: logidsl.Spec, trays: dict[str, Path]) -> None:
    seen: list[tuple[int, int]] = []
    report = spec.check(trays["good"].parent, on_progress=lambda done, total: seen.append((done, total)))
    assert len(report.images) == len(trays) == 5
    assert seen == [(n, 5) for n in range(1, 6)]


@pytest.mark.parametrize(
    "table",
    [ROWS, {k: [r[k] for r in ROWS] for k in ROWS[0]}, pa.Table.from_pylist(ROWS), Stream(pa.Table.from_pylist(ROWS))],
    ids=["rows", "columns", "arrow", "arrow stream"],
)
def test_tables_of_other_libraries(pins: logidsl.Spec, table: object) -> None:
    assert [i.labels for i in pins.check(table).images] == LABELS  # type: ignore[arg-type]


def test_an_object_table_and_several(pins: logidsl.Spec) -> None:
    table = pins.see(ROWS)
    assert [i.labels for i in pins.check(table).images] == LABELS
    assert [i.labels for i in pins.check([table, table.take_image(1)]).images] == [*LABELS, ["missing"]]


@pytest.mark.parametrize(
    ("what", "complaint"),
    [
        (3, "expected a path, an array, a table or a list of these, found a `int`"),
        (None, "found a `NoneType`"),
        (np.zeros((4, 4)), "picture: expected 8 or 16 bits a sample, found float64"),
        (np.zeros((4, 4, 7), np.uint8), "expected 1 to 4 channels"),
        ([{"klass": "pin"}], "did you mean"),
        (b"bytes", "found a `int`"),
    ],
)
def test_what_cannot_be_checked_is_told(pins: logidsl.Spec, what: object, complaint: str) -> None:
    with pytest.raises(logidsl.InputError) as told:
        pins.check(what)  # type: ignore[arg-type]
    assert complaint in str(told.value)


def test_nothing_is_no_pass(pins: logidsl.Spec) -> None:
    report = pins.check([])
    assert (report.images, report.ok) == ([], False)


def test_the_report_shows_the_words_of_a_spec_that_is_in_no_file(pins: logidsl.Spec) -> None:
    shown = str(pins.check(ROWS))
    assert "--> <text>:4:23" in shown
    assert " 4 | rule two as quantity: count(pin) = pins low missing high extra\n" in shown
    assert "count(pin) = pins" in pins.check(ROWS)._repr_html_()


def test_other_processes_give_the_same_report(spec: logidsl.Spec, trays: dict[str, Path]) -> None:
    pictures: list = [*trays.values(), "no.png"]
    assert spec.check(pictures, jobs=2) == spec.check(pictures)


def test_a_script_needs_no_guard(tmp_path: Path, trays: dict[str, Path]) -> None:
    """Worker processes would run an unguarded script again: by default there are none."""
    (tmp_path / "tray.logic").write_text(SPEC)
    script = "import sys, logidsl\nprint(logidsl.load('tray.logic').check(sys.argv[1]).summary)\n"
    (tmp_path / "script.py").write_text(script)
    command = [sys.executable, "script.py", str(trays["good"].parent)]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout == "Summary(pass_=1, fail=4, review=0, error=0)\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every file name is text")
def test_a_file_name_that_is_no_text(spec: logidsl.Spec, trays: dict[str, Path], tmp_path: Path) -> None:
    picture = os.fsdecode(os.fsencode(tmp_path) + b"/tray\xff.png")
    shutil.copy(trays["good"], picture)
    for report in (spec.check(picture), spec.check([picture, trays["good"]], jobs=2)):
        assert report.ok
        assert report.images[0].path == f"{tmp_path}/tray\\udcff.png"
        assert report.to_json()


def test_one_odd_picture_costs_no_other(
    spec: logidsl.Spec, trays: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect in reading one picture is a row that says so."""
    from logidsl import extract
    from logidsl.extract import registry

    def odd(program, path, evaluator=None):
        if path == trays["good"]:
            raise ZeroDivisionError("a defect")
        return registry.see_path(program, path, evaluator)

    monkeypatch.setattr(extract, "see_path", odd, raising=False)
    monkeypatch.delenv("LOGIDSL_DEBUG", raising=False)
    report = spec.check(list(trays.values()))
    assert report.summary.error == 1
    assert report.images[0].error == "internal error while reading it: ZeroDivisionError: a defect"
    monkeypatch.setenv("LOGIDSL_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        spec.check(list(trays.values()))


def test_real_pictures_with_their_own_annotations(shared: Path) -> None:
    """The polygons that people drew on photos of dried fruit are judged by their known counts."""
    import json

    truth = json.loads((shared / "nuts_labelme" / "truth.json").read_text())
    names = [n for n in sorted(truth) if (shared / "nuts_labelme" / n).exists()]
    assert len(names) >= 5
    for name in names:
        counts = truth[name]
        rules = "".join(f"rule {k}_count as quantity: count({k}) = {n}\n" for k, n in counts.items())
        spec = logidsl.loads(f"object {', '.join(counts)}\n{rules}")
        assert spec.check(shared / "nuts_labelme" / name).verdict == "pass", name
        wrong = logidsl.loads(f"object {', '.join(counts)}\n{rules.replace('= ', '= 1')}")
        assert len(wrong.check(shared / "nuts_labelme" / name).images[0].findings) == len(counts)
