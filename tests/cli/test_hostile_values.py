"""Values that no honest file has, fed to every reader and command: one clear message, no traceback, no exit code 70."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import logidsl as package
from logidsl.cli import main
from tests.cli.commands import environment, logidsl, logidsl_process

SPEC = (
    'logic 1\nobject nut "a" | "n=1"\nobject bolt\nattribute side "place" of nut: left | right\n'
    "rule r: count(nut) >= 0\nrule p: every nut: side = left\nrule q: sum(area of bolt) >= 0 px2\n"
)
HUGE, LONG, HALF = "1" * 400, "9" * 5000, "\\ud800"
VALUES = [
    HUGE,
    LONG,
    f"-{LONG}",
    "1e999",
    f'"{HALF}"',
    f'"nut{HALF}"',
    '"\\u001b[2J"',
    '"=1+1"',
    '"\\u0000"',
    "NaN",
    "[[]]",
]
FILES = {
    "rows.json": '[{"image": "a.png", "class": "nut", "box": [1, 1, @, 5], "id": @, "count": @, "side": @}]',
    "rows.jsonl": '{"image": "a.png", "class": @, "box": [1, 1, 4, 5], "score": @, "colour": @}\n',
    "pictures.json": '{"path": @, "width": @, "height": 9, "objects": '
    '[{"class": "nut", "outline": [[1, @], [5, 1], [5, 5]]}]}',
    "coco.json": (
        '{"images": [{"id": @, "file_name": @, "width": @, "height": 8}], "categories": [{"id": 1, "name": @}],'
        ' "annotations": [{"id": @, "image_id": @, "category_id": 1, "bbox": [1, 1, @, 4],'
        ' "segmentation": [[1, 1, @, 1, 5, 5]]}]}'
    ),
    "labelme.json": (
        '{"imagePath": @, "imageWidth": @, "imageHeight": 8, "shapes": [{"label": @, "shape_type": "polygon",'
        ' "points": [[1, 1], [@, 1], [5, 5]], "group_id": @, "flags": {"x": @}}]}'
    ),
    "detections.json": '{"boxes": [[0.5, 0.5, @, 0.1]], "labels": [@], "scores": [@], "size": [8, @]}',
    "facts.json": '{"a.png": {"left": {"nut": @}, "right": [@]}}',
    "table.csv": "image,class,x0,y0,x1,y1,count,side\n@,@,1,1,@,5,@,@\n",
}
SIZED = {
    "coco.json": '{"images": [{"id": 1, "file_name": "a.png", "width": @, "height": @}], "categories": [],'
    ' "annotations": []}',
    "labelme.json": '{"imagePath": "a.png", "imageWidth": @, "imageHeight": @, "shapes": []}',
    "detections.json": '{"boxes": [[1, 1, 5, 5]], "labels": ["nut"], "scores": [1], "size": [@, @]}',
    "pictures.json": '{"path": "a.png", "width": @, "height": @, "objects": []}',
    "rows.json": '[{"image": "a.png", "image_width": @, "image_height": @, "class": "nut", "box": [1, 1, 5, 5]}]',
    "table.csv": "image,class,x0,y0,x1,y1,image_width,image_height\na.png,nut,1,1,5,5,@,@\n",
}
COMMANDS = [
    ["check", "FILE", "--spec", "s.logic"],
    ["check", "FILE", "--spec", "s.logic", "--format", "jsonl"],
    ["check", "--table", "FILE", "--spec", "s.logic", "--format", "json"],
    ["table", "FILE", "--spec", "s.logic", "--format", "csv"],
    ["table", "FILE", "--spec", "s.logic", "--format", "json"],
    ["table", "FILE", "--spec", "s.logic"],
]


@pytest.mark.parametrize("name", sorted(FILES))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_reader_and_command(name: str, data: st.DataObject, tmp_path: Path) -> None:
    text = FILES[name]
    while "@" in text:
        text = text.replace("@", data.draw(st.sampled_from([*VALUES, "1", "2", '"nut"'])), 1)
    (tmp_path / name).write_text(text)
    (tmp_path / "s.logic").write_text(SPEC)
    words = [w.replace("FILE", name) for w in data.draw(st.sampled_from(COMMANDS))]
    done = logidsl(*words, cwd=tmp_path)
    assert done.returncode in (0, 1, 2, 4), done.stderr
    said = done.stdout + done.stderr
    assert "internal error" not in said
    assert "\x1b" not in (done.stderr if "csv" in words else said)  # see the test of terminals
    said.encode()  # no half a surrogate


@pytest.mark.parametrize("value", [HUGE, LONG, "1e999", "\\ud800", "\x1b[2J", "=1"])
@pytest.mark.parametrize(
    "form",
    ["object nut: @\n", "object nut\nrule r: count(nut) < @\n", 'object nut "@"\n', "grid g = @ rows, 2 columns\n"],
)
def test_every_place_of_a_spec(tmp_path: Path, form: str, value: str) -> None:
    (tmp_path / "s.logic").write_text(form.replace("@", value))
    (tmp_path / "s.yaml").write_text(f'spec: a\nabout: "{value}"\nobject:\n  nut: "{value}"\n')
    for command in ("compile", "lint", "describe", "test", "convert"):
        for name in ("s.logic", "s.yaml"):
            done = logidsl(command, name, cwd=tmp_path)
            assert done.returncode in (0, 1, 2, 3, 64), (command, done.stderr)
            assert "\x1b" not in done.stderr
            (done.stdout + done.stderr).encode()


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be there")
def test_names_of_files_with_control_characters_and_no_text(tmp_path: Path) -> None:
    for name in (b"\x1b[2J.logic", b"caf\xe9.logic"):
        (tmp_path / os.fsdecode(name)).write_text("object : many\n")
        for command in ("compile", "lint", "fmt", "check"):
            more = ["t.csv", "--spec"] if command == "check" else []
            done = logidsl_process(command, *more, os.fsdecode(name), cwd=tmp_path)
            assert done.returncode in (3, 4)
            assert "\x1b" not in done.stderr


def test_a_long_chain_of_imports(tmp_path: Path) -> None:
    for n in range(1200):
        (tmp_path / f"{n}.logic").write_text(f'import "{n + 1}.logic"\n')
    (tmp_path / "1200.logic").write_text("object nut\n")
    done = logidsl("compile", "0.logic", cwd=tmp_path)
    assert (done.returncode, "at most 50 files deep" in done.stderr) == (3, True)


def test_a_grid_of_a_hundred_million_cells(tmp_path: Path) -> None:
    (tmp_path / "s.logic").write_text(
        "object nut\ngrid g = 10000 rows, 10000 columns\nrule r: every g c: some nut inside c\n"
    )
    done = logidsl("compile", "s.logic", cwd=tmp_path)
    assert (done.returncode, "at most 10,000 cells, found 100,000,000" in done.stderr) == (3, True)


@pytest.mark.parametrize("shape", ["random", "line", "star"])
def test_a_degenerate_outline_of_ten_thousand_points(tmp_path: Path, shape: str) -> None:
    rnd = random.Random(1)
    n = 10_001
    made = {
        "random": lambda i: (rnd.uniform(0, 999), rnd.uniform(0, 999)),
        "line": lambda i: (rnd.uniform(0, 999), 5.0),
        "star": lambda i: (500 + 400 * ((i * 4999) % n) / n, 500.0 + i % 7),
    }[shape]
    points = [round(v, 3) for i in range(n) for v in made(i)]
    document = {
        "images": [{"id": 1, "file_name": "a.png", "width": 1000, "height": 1000}],
        "categories": [{"id": 1, "name": "nut"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 999, 999], "segmentation": [points]}],
    }
    (tmp_path / "a.json").write_text(json.dumps(document))
    report = package.loads("object nut: 1\nrule r: every nut: area >= 0 px2\n").check(tmp_path / "a.json")
    assert report.images[0].verdict in ("review", "pass")
    assert any("crosses itself too often to be corrected was dropped" in n for n in report.notes)


def test_closed_streams(tmp_path: Path) -> None:
    (tmp_path / "s.logic").write_text("object nut\n")
    (tmp_path / "t.csv").write_text("image,class,x0,y0,x1,y1\na.png,nut,0,0,9,9\n")
    for closed in ("<&-", ">&-", "2>&-", ">&- 2>&- <&-"):
        for words in (
            "check --table t.csv --spec s.logic",
            "check --table t.csv --spec s.logic -o r.json --format json",
            "--version",
        ):
            done = subprocess.run(
                ["sh", "-c", f'exec "$0" -m logidsl {words} {closed}', sys.executable],
                cwd=tmp_path, env=environment(), capture_output=True, encoding="utf-8", check=False,
            )  # fmt: skip
            assert done.returncode == 0, (closed, words, done.stderr)
    assert json.loads((tmp_path / "r.json").read_text())["summary"]["pass"] == 1


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_an_import_through_a_link_shows_nothing_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password hunter2\n")
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "a.logic").symlink_to("../secret")
    (tmp_path / "specs" / "s.logic").write_text('import "a.logic"\nobject nut\n')
    done = logidsl("compile", "specs/s.logic", cwd=tmp_path)
    assert done.returncode == 3
    assert "through a link" in done.stderr
    assert "hunter2" not in done.stderr


def test_a_terminal_gets_no_control_characters_of_a_table(tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    (tmp_path / "t.json").write_text('[{"image": "a.png", "class": "nut\\u001b[2J", "box": [1, 1, 4, 5]}]')
    (tmp_path / "s.logic").write_text("object nut\n")
    for kind in ("csv", "json", "text"):
        with contextlib.chdir(tmp_path), contextlib.redirect_stdout(Terminal()) as out:
            assert main(["table", "t.json", "--spec", "s.logic", "--format", kind]) == 0
        assert "\x1b" not in out.getvalue()
        assert "x1b[2J" in out.getvalue() or kind == "json"


def test_texts_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    cells = ["=1+1", "+cmd", "-x", "@sum", "'=x", "bolt", "-5", "\tx"]
    table = [
        {"image": "a.png", "class": c.strip() or "x", "id": f"{n}", "x0": 0, "y0": 0, "x1": 5, "y1": -0.5}
        for n, c in enumerate(cells)
    ]
    (tmp_path / "t.json").write_text(json.dumps(table))
    (tmp_path / "s.logic").write_text("object nut\n")
    words = ["table", "t.json", "--spec", "s.logic", "--format", "csv"]
    assert logidsl(*words, "-o", "t.csv", cwd=tmp_path).returncode == 0
    raw = logidsl(*words, "--raw-csv", cwd=tmp_path).stdout
    text = (tmp_path / "t.csv").read_text()
    for cell in ("=1+1", "+cmd", "-x", "@sum"):
        assert f",'{cell}," in text
        assert f",{cell}," in raw
    spec = package.load(tmp_path / "s.logic")
    assert spec.see(tmp_path / "t.csv").classes.texts() == spec.see(tmp_path / "t.json").classes.texts()


@pytest.mark.parametrize("name", sorted(SIZED))
@pytest.mark.parametrize("value", [HUGE, LONG, "1e999", "1e308", "1e10"])
def test_sizes_beyond_all_pictures_are_unknown(tmp_path: Path, name: str, value: str) -> None:
    (tmp_path / name).write_text(SIZED[name].replace("@", value))
    table = package.loads("object nut\n").see(tmp_path / name)
    assert np.isnan(table.sizes).all()
    assert any("the size of a picture was left out: expected at most 1e+09 px" in note for note in table.notes)


@pytest.mark.parametrize("named", ["x" * 5000, "x/" * 3000, "a\\u0000b", "a\\ud800b"])
def test_names_that_no_picture_can_have(tmp_path: Path, named: str) -> None:
    files = {
        "coco.json": f'{{"images": [{{"id": 1, "file_name": "{named}"}}], "categories": [{{"id": 1, "name": "nut"}}],'
        ' "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4]}]}',
        "labelme.json": f'{{"imagePath": "{named}", "shapes":'
        ' [{"label": "nut", "points": [[1, 1], [5, 1], [5, 5]]}]}',
        "table.csv": f"image,class,x0,y0,x1,y1\n{named},nut,1,1,5,5\n",
    }
    (tmp_path / "s.logic").write_text("object nut: 1\n")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        done = logidsl("check", name, "--spec", "s.logic", "--format", "json", "--overlay", "out", cwd=tmp_path)
        assert done.returncode in (0, 2), (name, done.stderr)
        assert "internal error" not in done.stdout + done.stderr
        for more in (["--save-annotations", "saved", "--force"], ["--overlay", "one.png"]):
            done = logidsl("table", name, "--spec", "s.logic", *more, cwd=tmp_path)
            assert done.returncode in (0, 4), (name, more, done.stderr)
        done = logidsl("learn", "p.parts", name, cwd=tmp_path)
        assert done.returncode == 4
        assert "is missing; put it beside the annotation" in done.stderr


@pytest.mark.parametrize("value", [1e154, -1.7e308, 1e-320])
def test_measured_values_beyond_all_parts_warn_of_nothing(value: float) -> None:
    rules = (
        "every bolt: spot inside circle(5 px, 5 px, 10 px)",
        "every bolt: near nut within length",
        "same(mass of bolt, 1)",
        "std(mass of bolt) <= 1",
        "mean(mass of bolt) <= 1",
    )
    spec = package.loads(
        "object bolt\nobject nut\nattribute mass: number\nattribute spot: point\nbatch lot\nrule even over lot: "
        + "mean(mass * mass of bolt) <= 1\n"
        + "".join(f"rule r{k}: {rule}\n" for k, rule in enumerate(rules))
    )
    rows = [
        {
            "image": "a.png",
            "class": name,
            "box": (x, 5, x + 8, 20),
            "mass": sign * value,
            "length": value,
            "spot": (value, value),
        }
        for x, name, sign in ((10, "bolt", 1), (20, "bolt", -1), (30, "nut", 1))
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert str(spec.check(rows, repairs=True))
