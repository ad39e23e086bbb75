"""`logidsl table`, and `logidsl check --table` that takes back what it gives."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from logidsl.extract import read_picture, write_picture
from logidsl.extract.pixels.overlay import COLORS
from tests.cli.commands import logidsl
from tests.cli.test_check import SPEC

TABLE = """image,image_width,image_height,id,class,confidence,x0,y0,x1,y1
a.png,100,100,1,pin,0.9,10,10,20,20
a.png,100,100,2,pin,0.9,60,10,70,20
b.png,100,100,1,pin,0.9,10,10,20,20
b.png,100,100,2,pin,0.4,60,10,70,20
c.png,100,100,,,,,,,
"""
PINS = "spec pins\ndoubtful 0.3 .. 0.6\nobject pin\nrule two as quantity: count(pin) = 2 low missing high extra\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with two specs and a table."""
    (tmp_path / "tray.logic").write_text(SPEC)
    (tmp_path / "pins").mkdir()
    (tmp_path / "pins" / "pins.logic").write_text(PINS)
    (tmp_path / "pins" / "pins.csv").write_text(TABLE)
    return tmp_path


def seen(place: Path, picture: Path, *more: str) -> dict:
    """What was seen on a picture, as JSON."""
    done = logidsl("table", picture, "--spec", "tray.logic", "--format", "json", *more, cwd=place)
    assert done.returncode == 0, done.stderr
    assert not done.stderr or "--save-annotations" in more
    document: dict = json.loads(done.stdout)
    return document


def test_objects_bear_the_names_of_the_spec(place: Path, trays: dict[str, Path]) -> None:
    document = seen(place, trays["good"])
    assert document["path"] == str(trays["good"])
    assert document["width"] > document["height"] > 100
    pins = [o for o in document["objects"] if o["class"] == "pushpin"]
    assert len(pins) == 15
    for pin in pins:
        assert (pin["names"], pin["seen_as"]) == (["pushpin"], "yellow")
        x0, y0, x1, y1 = pin["box"]
        assert 0 <= x0 < x1 <= document["width"]
        assert 0 <= y0 < y1 <= document["height"]
    assert len({o["id"] for o in document["objects"]}) == len(document["objects"])


def test_an_object_of_several_sets_has_all_their_names(place: Path, trays: dict[str, Path]) -> None:
    sets = "object upper = pushpin where y < 50 %\nobject aaa = upper where x < 50 %\nrule r: count(aaa | upper) > 0\n"
    (place / "tray.logic").write_text(SPEC + sets)
    names = {tuple(o["names"]) for o in seen(place, trays["good"])["objects"]}
    assert names == {("pushpin",), ("pushpin", "upper"), ("pushpin", "upper", "aaa")}


def test_what_is_of_no_class_keeps_the_name_of_its_blobs(place: Path, trays: dict[str, Path]) -> None:
    (place / "tray.logic").write_text(SPEC.replace("area >= 0.05 %", "area >= 50 %"))
    objects = seen(place, trays["good"])["objects"]
    assert {(o["class"], *o["names"]) for o in objects} == {("yellow",)}
    done = logidsl("table", trays["good"], "--spec", "tray.logic", cwd=place)
    assert "  1   (yellow)" in done.stdout


def test_the_text_form_fits_the_page(place: Path, trays: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    done = logidsl("table", trays["one_missing"], "--spec", "tray.logic", cwd=place)
    head, columns, *rows, grid, counts = done.stdout.splitlines()
    assert grid == "  grid cell: 15 cells, 3 rows by 5 columns"
    assert f"{trays['one_missing']}: 14 objects, " in head
    assert columns.split()[:6] == ["id", "class", "x0", "y0", "x1", "y1"]
    assert counts == "  counts: pushpin 14"
    assert len(rows) == 14
    assert max(map(len, [columns, *rows])) <= 60


def test_a_colour_is_shown_as_a_spec_writes_it(place: Path, trays: dict[str, Path]) -> None:
    done = logidsl("table", trays["good"], "--spec", "tray.logic", cwd=place)
    _, columns, first, *_ = done.stdout.splitlines()
    code = first.split()[columns.split().index("color")]
    (place / "measured.logic").write_text(
        (place / "tray.logic").read_text() + f'\nrule measured: every pushpin: difference(color, "{code}") < 3\n'
    )
    assert "measured" not in logidsl("check", trays["good"], "--spec", "measured.logic", cwd=place).stdout


@pytest.mark.parametrize("variant", ["good", "one_missing", "two_in_one_cell", "wrong_color"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_table_is_judged_like_its_picture(place: Path, trays: dict[str, Path], variant: str, form: str) -> None:
    arguments = ("--spec", "tray.logic", "--format", form, "--output", f"seen.{form}")
    assert logidsl("table", trays[variant], *arguments, cwd=place).returncode == 0
    reports = [
        logidsl("check", *what, "--spec", "tray.logic", "--format", "json", cwd=place)
        for what in ([trays[variant]], ["--table", f"seen.{form}"])
    ]
    assert reports[0].returncode == reports[1].returncode == (0 if variant == "good" else 1)
    first, second = (json.loads(r.stdout)["images"] for r in reports)
    if form == "csv":  # which has no outlines
        for image in first:
            for finding in image["findings"]:
                for item in finding["objects"]:
                    item["outline"] = None
    assert first == second


def test_csv_is_for_spreadsheets(place: Path, trays: dict[str, Path]) -> None:
    done = logidsl("table", trays["good"], "--spec", "tray.logic", "--format", "csv", cwd=place)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 15
    assert {r["class"] for r in rows} == {"pushpin"}
    assert all(float(r["x0"]) < float(r["x1"]) for r in rows)


def test_the_numbered_picture(place: Path, trays: dict[str, Path]) -> None:
    from logidsl.extract import read_picture

    seen(place, trays["good"], "--overlay", "numbered.png")
    drawn, bare = read_picture(place / "numbered.png"), read_picture(trays["good"])
    assert drawn.width == bare.width
    assert (drawn.bgr[-bare.height :] != bare.bgr).any(axis=2).sum() > 15 * 50


def test_the_picture_itself_is_never_replaced(place: Path, trays: dict[str, Path]) -> None:
    before = trays["good"].read_bytes()
    done = logidsl("table", trays["good"], "--spec", "tray.logic", "--overlay", trays["good"], cwd=place)
    assert (done.returncode, done.stdout) == (64, "")
    assert "expected another file after --overlay" in done.stderr
    assert trays["good"].read_bytes() == before


def test_an_unreadable_picture_is_code_4(place: Path) -> None:
    (place / "cut.png").write_bytes(b"\x89PNG")
    for name in ("cut.png", "none.png"):
        done = logidsl("table", name, "--spec", "tray.logic", cwd=place)
        assert (done.returncode, done.stdout) == (4, "")
        assert name in done.stderr


def test_a_table_from_elsewhere_is_judged_with_every_verdict(place: Path) -> None:
    done = logidsl("check", "--table", "pins/pins.csv", "--format", "json", cwd=place)
    assert done.returncode == 1
    assert done.stderr == "logidsl: spec pins/pins.logic (beside the picture)\n"
    images = json.loads(done.stdout)["images"]
    assert [(i["path"], i["verdict"], i["labels"]) for i in images if i["verdict"] != "review"] == [
        ("a.png", "pass", ["normal"]),
        ("c.png", "fail", ["missing"]),
    ]
    assert [i["path"] for i in images] == ["a.png", "b.png", "c.png"]


def test_doubt_alone_is_code_2(place: Path) -> None:
    rows = [line for line in TABLE.splitlines(keepends=True) if not line.startswith("c.png")]
    (place / "two.csv").write_text("".join(rows))
    done = logidsl("check", "--table", "two.csv", "--spec", "pins/pins.logic", cwd=place)
    assert done.returncode == 2
    assert "REVIEW b.png" in done.stdout
    assert "not decided" in done.stdout


def test_a_table_that_is_none_is_code_4(place: Path) -> None:
    (place / "t.csv").write_text("picture,kind\na,b\n")
    for name in ("t.csv", "none.csv"):
        done = logidsl("check", "--table", name, "--spec", "pins/pins.logic", cwd=place)
        assert (done.returncode, done.stdout) == (4, "")
        assert name in done.stderr


def test_one_picture_has_the_shape_of_many(place: Path, trays: dict[str, Path]) -> None:
    one, pair = seen(place, trays["good"]), (trays["good"], trays["moved"])
    two = json.loads(logidsl("table", *pair, "--spec", "tray.logic", "--format", "json", cwd=place).stdout)
    assert one["images"] == two["images"][:1]
    assert one["objects"] == one["images"][0]["objects"]  # where they were before
    assert set(two) == {"images", "counts", "notes"} < set(one)
    (place / "one.json").write_text(json.dumps(one))
    back = logidsl("table", "one.json", "--spec", "tray.logic", "--format", "json", cwd=place)
    assert json.loads(back.stdout)["images"] == one["images"]  # and each object once


# ---- counts ----

RANGES = """image,id,class,count,confidence,x0,y0,x1,y1
a.png,1,pin,,0.9,10,10,20,20
a.png,2,pin,,0.4,60,10,70,20
b.png,1,pin,,0.9,10,10,20,20
b.png,2,nut,0..,0.9,60,10,70,20
"""


def test_counts_are_ranges_where_members_are_undetermined(place: Path) -> None:
    (place / "s.logic").write_text(PINS + "object nut\nobject left = pin where x < 50 px\n")
    (place / "t.csv").write_text(RANGES)
    made = {
        form: logidsl("table", "t.csv", "--spec", "s.logic", "--counts", "--format", form, cwd=place).stdout
        for form in ("text", "json", "csv")
    }
    assert made["text"].splitlines() == [
        "picture     pin        nut  left",
        "a.png    1 to 2          0     1",
        "b.png         1  0 or more     1",
        "total    2 to 3  0 or more     2",
    ]
    document = json.loads(made["json"])
    assert [i["path"] for i in document["images"]] == ["a.png", "b.png"]
    assert document["images"][0]["counts"]["pin"] == {"least": 1, "most": 2}
    assert document["counts"]["nut"] == {"least": 0, "most": None}
    assert list(csv.DictReader(io.StringIO(made["csv"])))[1] == {
        "image": "b.png", "pin": "1", "pin most": "1", "nut": "0", "nut most": "", "left": "1", "left most": "1",
    }  # fmt: skip
    text = logidsl("table", "t.csv", "--spec", "s.logic", cwd=place).stdout
    assert "\n  counts: pin 1 to 2, nut 0, left 1\n" in text
    assert "\ntotal: pin 2 to 3, nut 0 or more, left 2\n" in text


def test_only_the_objects_of_a_class_are_shown(place: Path, trays: dict[str, Path]) -> None:
    sets = "object upper = pushpin where y < 50 %\nobject lefts = pushpin where x < 20 %\nrule r: count(upper) > 0\n"
    (place / "tray.logic").write_text(SPEC + sets)
    every = seen(place, trays["good"])["images"][0]["objects"]
    for chosen in (["upper"], ["upper", "lefts"], ["yellow"]):
        words = [word for name in chosen for word in ("--only", name)]
        shown = seen(place, trays["good"], *words, "--save-annotations", "out", "--force")["images"][0]
        wanted = [o for o in every if {*o["names"], o["seen_as"]} & set(chosen)]
        assert shown["objects"] == wanted
        assert list(shown["counts"]) == chosen
        shapes = json.loads((place / "out" / f"{trays['good'].stem}.json").read_text())["shapes"]
        assert len(shapes) == len(wanted)
    done = logidsl("table", trays["good"], "--spec", "tray.logic", "--only", "uper", cwd=place)
    assert done.returncode == 64
    assert "found `uper`; there are pushpin, upper, lefts, yellow; did you mean `upper`?" in done.stderr
    done = logidsl("table", trays["good"], "--spec", "tray.logic", "--only", "upper", "--explain", "upper", cwd=place)
    assert "--explain cannot be combined with --only" in done.stderr


# ---- annotations ----


def annotated(place: Path, *more: str | Path) -> subprocess.CompletedProcess[str]:
    """What `--save-annotations` gives."""
    return logidsl("table", *more, "--spec", "tray.logic", "--format", "json", cwd=place)


def outlines(document: dict) -> list[tuple]:
    """Class, box and outline of each object, in order of place."""
    return sorted((o["class"], o["box"], o["outline"]) for o in document["objects"] if o["names"])


def test_annotations_read_back_as_the_objects_they_were(place: Path, trays: dict[str, Path]) -> None:
    done = annotated(place, *trays.values(), "--save-annotations", "annotated")
    assert done.returncode == 0, done.stderr
    assert f"annotations of {len(trays)} pictures written to annotated" in done.stderr
    (place / "plain.logic").write_text("object pushpin\nrule r: count(pushpin) > 0\n")
    for picture in json.loads(done.stdout)["images"]:
        file = place / "annotated" / f"{Path(picture['path']).stem}.json"
        back = logidsl("table", file, "--spec", "plain.logic", "--format", "json", cwd=place)
        assert back.returncode == 0, back.stderr
        document = json.loads(back.stdout)
        assert Path(document["path"]).resolve() == Path(picture["path"]).resolve()
        assert (document["width"], document["height"]) == (picture["width"], picture["height"])
        assert outlines(document) == outlines(picture)
        assert document["notes"] == []


def test_outlines_with_holes_read_back_exactly(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    canvas = np.full((90, 140, 3), 255, np.uint8)
    for x, y, outer, inner in ((20, 20, 15, 8), (60, 22, 18, 3), (100, 60, 25, 12)):
        down, across = np.mgrid[:90, :140]
        away = np.hypot(across - x + rng.normal(0, 0.6, across.shape), down - y)
        canvas[(away < outer) & (away > inner)] = (30, 30, 200)
    write_picture(tmp_path / "rings.png", canvas)
    (tmp_path / "rings.logic").write_text(
        "blobs red where saturation > 30 %\nobject washer = red where area > 50 px2\n"
    )
    (tmp_path / "plain.logic").write_text("object washer\nrule r: count(washer) > 0\n")
    done = logidsl("table", "rings.png", "--spec", "rings.logic", "--format", "json", "--quiet",
                   "--save-annotations", "rings.json", cwd=tmp_path)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    seen = json.loads(done.stdout)
    assert sum(len(o["outline"]) > 1 for o in seen["objects"]) >= 3
    shapes = json.loads((tmp_path / "rings.json").read_text())["shapes"]
    assert sum(s["shape_type"] == "mask" for s in shapes) >= 3
    back = logidsl("table", "rings.json", "--spec", "plain.logic", "--format", "json", cwd=tmp_path)
    assert outlines(json.loads(back.stdout)) == outlines(seen)


def test_objects_with_a_box_alone_become_rectangles(place: Path) -> None:
    done = logidsl("table", "pins/pins.csv", "--spec", "pins/pins.logic", "--save-annotations", "boxes", cwd=place)
    assert done.returncode == 0, done.stderr
    document = json.loads((place / "boxes" / "a.json").read_text())
    assert [(s["shape_type"], s["points"]) for s in document["shapes"]] == [
        ("rectangle", [[10, 10], [20, 20]]),
        ("rectangle", [[60, 10], [70, 20]]),
    ]
    assert json.loads((place / "boxes" / "c.json").read_text())["shapes"] == []


def test_annotations_are_never_replaced_unasked(place: Path, trays: dict[str, Path]) -> None:
    (place / "mine").mkdir()
    mine = place / "mine" / f"{trays['good'].stem}.json"
    mine.write_text("by hand")
    done = annotated(place, *trays.values(), "--save-annotations", "mine")
    assert done.returncode == 4
    assert f"mine/{mine.name} would be replaced: name another folder, or add --force" in done.stderr
    assert [p.name for p in (place / "mine").iterdir()] == [mine.name]
    assert mine.read_text() == "by hand"
    assert annotated(place, trays["good"], "--save-annotations", "mine", "--force").returncode == 0
    assert json.loads(mine.read_text())["shapes"]


def test_annotations_that_are_read_are_never_replaced(place: Path, trays: dict[str, Path]) -> None:
    (place / "in").mkdir()
    (place / "in" / "x.png").write_bytes(trays["good"].read_bytes())
    saved = ["--save-annotations", "in", "--force"]
    assert annotated(place, "in", *saved).returncode == 0
    assert annotated(place, "in", *saved).returncode == 0  # the spec looks at the picture, and does not read it
    (place / "tray.logic").write_text("object pushpin\nrule r: count(pushpin) > 0\n")
    before = (place / "in" / "x.json").read_bytes()
    (place / "link").mkdir()
    (place / "link" / "x.json").hardlink_to(place / "in" / "x.json")
    for given in ("in", "in/x.png", "in/x.json"):
        for target in ("in", "in/x.json", "link"):
            done = annotated(place, given, "--save-annotations", target, "--force")
            assert done.returncode == 64, (given, target, done.stderr)
            assert "x.json is the input in/x.json" in done.stderr
            assert (place / "in" / "x.json").read_bytes() == before
    assert annotated(place, "in", "--save-annotations", "out", "--force").returncode == 0


def test_pictures_of_one_name_get_annotations_of_their_own(place: Path, trays: dict[str, Path]) -> None:
    for folder, variant in (("a", "good"), ("b", "one_missing")):
        (place / folder).mkdir()
        (place / folder / "x.png").write_bytes(trays[variant].read_bytes())
    done = annotated(place, "a/x.png", "b/x.png", "--save-annotations", "out")
    assert done.returncode == 0, done.stderr
    found = {p.name: json.loads(p.read_text()) for p in (place / "out").iterdir()}
    assert {n: (d["imagePath"], len(d["shapes"])) for n, d in found.items()} == {
        "a_x.json": ("../a/x.png", 15),
        "b_x.json": ("../b/x.png", 14),
    }


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["good", "one_missing", "--save-annotations", "a.json"], 64, "expected a folder after --save-annotations"),
        (["good", "--force"], 64, "--force needs --save-annotations"),
        (["good", "--save-annotations", "out", "--explain", "pushpin"], 64, "cannot be combined with --save-ann"),
        (["good", "--save-annotations", "tray.logic/x"], 4, "tray.logic/x cannot be written"),
    ],
)
def test_annotations_that_cannot_be(
    place: Path, trays: dict[str, Path], arguments: list[str], code: int, message: str
) -> None:
    done = annotated(place, *(trays.get(a, a) for a in arguments))
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_annotations_are_not_written_through_links(place: Path, trays: dict[str, Path]) -> None:
    (place / "mine").mkdir()
    (place / "mine" / f"{trays['good'].stem}.json").symlink_to(place / "elsewhere.json")
    done = annotated(place, trays["good"], "--save-annotations", "mine", "--force")
    assert done.returncode == 4
    assert "is a link to" in done.stderr
    assert not (place / "elsewhere.json").exists()


DOUBTS = """doubtful 0.3 .. 0.6
attribute mass of pin: number
object pin where mass > 3
object pack
object upper = pin where y < 50 px
grid pocket = 2 rows, 3 columns of pack
grid cell = 1 row, 2 columns
rule r: count(pin | pack | upper) = 2
"""
DOUBTED = """image,image_width,image_height,id,class,count,confidence,x0,y0,x1,y1,mass
a.png,100,100,1,pin,,0.9,10,10,20,20,5
a.png,100,100,2,pin,,0.9,60,10,70,20,
a.png,100,100,3,pin,,0.45,60,10,70,20,7
a.png,100,100,4,pack,0..1,0.9,60,10,70,20,7
a.png,100,100,5,pack,,0.9,60,10,70,20,7
a.png,100,100,6,?,,0.9,60,10,70,20,7
b.png,,,5,pack,,0.9,60,10,70,20,7
"""


def test_what_may_belong_is_shown_apart_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "u.logic").write_text(DOUBTS)
    (tmp_path / "u.csv").write_text(DOUBTED)
    text = logidsl("table", "u.csv", "--spec", "u.logic", cwd=tmp_path).stdout
    assert "a.png: 6 objects, 4 undetermined, 100 by 100 px" in text
    assert [line.split()[:2] for line in text.splitlines()[2:6]] == [
        ["1", "pin,"], ["2", "pin?,"], ["3", "pin?,"], ["4", "pack?"]
    ]  # fmt: skip
    said = [line.strip() for line in text.splitlines() if "undetermined:" in line]
    assert said == [
        "undetermined: 2 may be pin, upper (`mass` not measured)",
        "undetermined: 3 may be pin, upper (doubtful: confidence 0.45)",
        "undetermined: 4 may be pack (its count is 0..1)",
        "undetermined: 6 may be pin, pack, upper (its class is not known)",
    ]
    document = json.loads(logidsl("table", "u.csv", "--spec", "u.logic", "--format", "json", cwd=tmp_path).stdout)
    objects = document["images"][0]["objects"]
    assert [o["names"] for o in objects] == [["pin", "upper"], [], [], [], ["pack"], []]
    assert [set(o.get("undetermined", ())) for o in objects] == [
        set(), {"pin", "upper"}, {"pin", "upper"}, {"pack"}, set(), {"pin", "pack", "upper"}
    ]  # fmt: skip
    rows = list(
        csv.DictReader(
            io.StringIO(logidsl("table", "u.csv", "--spec", "u.logic", "--format", "csv", cwd=tmp_path).stdout)
        )
    )
    assert [r["names"] for r in rows[:3]] == ["pin|upper", "", ""]
    assert rows[1]["undetermined"] == "pin: `mass` not measured|upper: `mass` not measured"


def test_a_table_says_how_many_cells_a_grid_has(tmp_path: Path) -> None:
    (tmp_path / "u.logic").write_text(DOUBTS)
    (tmp_path / "u.csv").write_text(DOUBTED)
    text = logidsl("table", "u.csv", "--spec", "u.logic", cwd=tmp_path).stdout
    assert [line.strip() for line in text.splitlines() if "grid" in line] == [
        "grid cell: 2 cells, 1 row by 2 columns",
        "grid pocket: 6 to 18 cells, 2 rows by 3 columns in each; undetermined where 6 of them lie (no frame)",
        "grid cell: 2 cells, 1 row by 2 columns; undetermined where 2 of them lie (no frame)",
        "grid pocket: 6 cells, 2 rows by 3 columns in each",
    ]
    document = json.loads(logidsl("table", "u.csv", "--spec", "u.logic", "--format", "json", cwd=tmp_path).stdout)
    (cell, pocket) = document["images"][0]["grids"]
    assert cell == {
        "name": "cell",
        "rows": 1,
        "columns": 2,
        "each": False,
        "least": 2,
        "most": 2,
        "placeless": 0,
        "why": "",
    }
    assert (pocket["least"], pocket["most"], pocket["each"]) == (6, 18, True)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_table_with_what_is_undetermined_is_judged_as_before(tmp_path: Path, form: str) -> None:
    (tmp_path / "u.logic").write_text(DOUBTS)
    (tmp_path / "u.csv").write_text(DOUBTED)
    made = f"made.{form}"
    logidsl("table", "u.csv", "--spec", "u.logic", "--format", form, "-o", made, cwd=tmp_path)
    before, after = (
        json.loads(logidsl("check", "--table", t, "--spec", "u.logic", "--format", "json", cwd=tmp_path).stdout)
        for t in ("u.csv", made)
    )
    assert before["images"] == after["images"]


def test_an_overlay_dashes_what_may_belong(tmp_path: Path) -> None:
    (tmp_path / "u.logic").write_text(DOUBTS)
    (tmp_path / "u.csv").write_text("\n".join(DOUBTED.splitlines()[:4]) + "\n")
    write_picture(tmp_path / "a.png", np.full((100, 100, 3), 128, np.uint8))
    done = logidsl("table", "u.csv", "--spec", "u.logic", "--overlay", "o.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    drawn = read_picture(tmp_path / "o.png").bgr.astype(int)
    band = drawn.shape[0] - drawn.shape[1]  # the title above the picture
    scale = drawn.shape[1] / 100

    def shades(x0: int, y0: int, x1: int, y1: int, color: tuple[int, int, int]) -> float:
        """The share of the lower edge of a box that has a colour."""
        y = round(y1 * scale) + band
        edge = drawn[y - 3 : y + 4, round(x0 * scale) + 8 : round(x1 * scale) - 8]
        return float((np.abs(edge - color).max(axis=2) < 60).any(axis=0).mean())

    assert shades(10, 10, 20, 20, COLORS["ok"]) > 0.9
    assert 0.2 < shades(60, 10, 70, 20, COLORS["open"]) < 0.8
