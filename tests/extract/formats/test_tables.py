"""Annotations and tables: every form, and what is wrong with each."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logidsl as package
from logidsl.diagnostics import InputError
from logidsl.extract.formats.labelme import read_labelme
from logidsl.extract.formats.table_csv import read_csv, write_csv
from logidsl.extract.formats.table_json import read_json_table, table_of_json, to_json_rows
from logidsl.extract.naming import class_names
from logidsl.ir import Attribute, Program
from logidsl.table import ObjectTable, Outlines, TextColumn
from logidsl.types import COLOR, TEXT, Type, label
from tests.cli.commands import logidsl
from tests.conftest import SHARED
from tests.extract.build import HERE, Spec, floats

PROGRAM = Spec().object("bolt", "hex bolt").object("nut").object("glass").program


def csv_of(tmp_path: Path, text: str, program: Program = PROGRAM) -> ObjectTable:
    path = tmp_path / "objects, größer.csv"
    path.write_text(text, "utf-8")
    return read_csv(path, program)


def box(table: ObjectTable, row: int) -> list[float]:
    return [float(floats(table)[k][row]) for k in ("x0", "y0", "x1", "y1")]


# ---- CSV ----


def test_csv(tmp_path: Path) -> None:
    table = csv_of(
        tmp_path,
        "class,image,x0,y0,x1,y1,confidence,maker,color,start,id,image_width,image_height\n"
        "bolt,a b.png,1,2,3,4,0.9,ACME,#ff0000,1|2,k7,640,480\n"
        "nut,a b.png,1.5,2,3,4,,,,,,,\n"
        "bolt,c.png,0,0,9,9,1,,#00f,,,,\n"
        ",d.png,,,,,,,,,,,\n",
    )
    assert table.images == ("a b.png", "c.png", "d.png")
    assert table.offsets.tolist() == [0, 2, 3, 3]
    assert table.sizes[0].tolist() == [640, 480]
    assert np.isnan(table.sizes[1]).all()
    assert table.ids == ("k7", "2", "1")
    assert box(table, 1) == [1.5, 2, 3, 4]
    confidence = np.asarray(table.columns["confidence"])
    assert confidence[[0, 2]].tolist() == [0.9, 1]
    assert math.isnan(confidence[1])
    maker = table.columns["maker"]
    assert isinstance(maker, TextColumn)
    assert maker.texts() == ["ACME", None, None]
    assert np.asarray(table.columns["color"])[0] == pytest.approx([53.24, 80.09, 67.2], abs=0.02)
    assert np.asarray(table.columns["start"])[0].tolist() == [1, 2]
    assert table.notes == ()


def test_split_columns_and_other_separators(tmp_path: Path) -> None:
    text = "image;class;x0;y0;x1;y1;start_x;start_y;color_L;color_a;color_b\np.png;nut;0,5;1;2,25;3;4;5;50;1;-1\n"
    table = csv_of(tmp_path, text)
    assert box(table, 0) == [0.5, 1, 2.25, 3]
    assert np.asarray(table.columns["start"]).tolist() == [[4, 5]]
    assert np.asarray(table.columns["color"]).tolist() == [[50, 1, -1]]
    assert box(csv_of(tmp_path, text.replace(",", ".").replace(";", "\t")), 0) == [0.5, 1, 2.25, 3]


def test_what_is_put_right_is_noted(tmp_path: Path) -> None:
    table = csv_of(
        tmp_path,
        "image,class,x0,y0,x1,y1,id,length\n"
        "p.png,bolt,9,2,3,4,a,5\n"
        "p.png,bolt,1,8,3,4,a,long\n"
        "p.png,nut,nan,2,3,4,a,\n"
        "p.png,nut,,,,,b,\n"
        "p.png,nut,inf,0,1,1,a-2,\n",
    )
    assert box(table, 0) == [3, 2, 9, 4]
    assert box(table, 1) == [1, 4, 3, 8]
    assert np.isnan([box(table, i) for i in (2, 3, 4)]).all()
    assert table.ids == ("a", "a-3", "a-4", "b", "a-2")
    assert len(set(table.ids)) == 5
    said = "\n".join(table.notes)
    assert "swapped corners corrected (2 of them, first line 2)" in said
    assert "line 4, `nut` cannot be read: expected a box of four numbers" in said
    assert "a duplicate id made unique (2 of them, first `a` now `a-3`, line 3)" in said
    assert "`long` in the column `length` is not a number: taken as not measured (1 of them, first line 3)" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("image,klass,x0,y0,x1,y1\n", "expected a column `class`, found .*did you mean `klass`"),
        ("Image,class,x0,y0,x1,y1\n", "expected a column `image`, found .*did you mean `Image`"),
        ("image,class,x0,y0,x1\n", "expected a column `y1`"),
        ("image,class,x0,y0,x1,y1,x0\n", "expected each column once, found `x0` 2 times"),
        ("image,class,x0,y0,x1,y1\np.png,nut,1,2,3\n", "expected 6 fields in line 2, found 5"),
        ("image,class,x0,y0,x1,y1\np.png,nut,1,2,3,4,5\n", "expected 6 fields in line 2, found 7"),
        ("image,class,x0,y0,x1,y1\n,nut,1,2,3,4\n", "expected the name of a picture in `image`, found none in line 2"),
        ('image,class,x0,y0,x1,y1\n"p.png,nut,1,2,3,4\n', "is not valid CSV"),
    ],
)
def test_bad_csv(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        csv_of(tmp_path, text)
    assert "größer.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"image,class\n\xff\xfe\x00")
    with pytest.raises(InputError, match="expected UTF-8, found byte 0xff in line 2"):
        read_csv(path, PROGRAM)
    with pytest.raises(InputError, match="no such file"):
        read_csv(tmp_path / "none.csv", PROGRAM)


NAMES = st.text("abcXYZ _-é", min_size=1, max_size=6).map(str.strip).filter(bool)
ROWS = st.lists(st.tuples(NAMES, *[st.floats(-1e6, 1e6)] * 4, st.none() | st.floats(0, 1)), max_size=6)


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_what_is_written_reads_back(tmp_path_factory: pytest.TempPathFactory, images: list) -> None:
    document = [
        {
            "path": f"p {i}.png",
            "width": 10.5 + i,
            "height": 7,
            "objects": [
                {"class": c, "box": [min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)], "confidence": sure}
                for c, x0, y0, x1, y1, sure in rows
            ],
        }
        for i, rows in enumerate(images)
    ]
    table = table_of_json(document, Program(), "made")
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    write_csv(table, path)
    again = [to_json_rows(table, i) for i in range(len(images))]
    for other in (read_csv(path, Program()), table_of_json(json.loads(json.dumps(again)), Program(), "again")):
        assert other.images == table.images
        assert other.sizes.tolist() == table.sizes.tolist()
        assert other.offsets.tolist() == table.offsets.tolist()
        assert other.ids == table.ids
        assert other.classes.texts() == table.classes.texts()
        for name, column in table.columns.items():
            assert np.array_equal(np.asarray(column), np.asarray(other.columns[name]), equal_nan=True)


# ---- JSON ----


def json_of(tmp_path: Path, text: str, name: str = "t.json") -> ObjectTable:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_json_table(path, PROGRAM)


ROW = {"class": "nut", "box": [1, 2, 3, 4], "area": 5.5}


@pytest.mark.parametrize(
    "document",
    [
        [{"image": "p.png", **ROW}],
        [{"image": "p.png", "class": "nut", "x0": 1, "y0": 2, "x1": 3, "y1": 4, "area": 5.5}],
        {"path": "p.png", "objects": [ROW]},
        [{"path": "p.png", "width": 9, "height": 8, "objects": [ROW]}],
        {"images": [{"path": "p.png", "objects": [{**ROW, "id": "1"}]}]},
        {"path": "p.png", "width": 9, "height": 8, "objects": [{**ROW, "names": ["nut", "x"], "seen_as": "nut"}]},
        {"images": [{"path": "p.png"}], "objects": [{**ROW, "image": "p.png"}], "notes": []},
    ],
)
def test_json_forms(tmp_path: Path, document: object) -> None:
    table = json_of(tmp_path, json.dumps(document))
    assert table.images == ("p.png",)
    assert table.classes.texts() == ["nut"]
    assert box(table, 0) == [1, 2, 3, 4]
    assert np.asarray(table.columns["area"]).tolist() == [5.5]
    assert set(table.columns) == {"x0", "y0", "x1", "y1", "area"}


def test_json_lines(tmp_path: Path) -> None:
    rows = [{"image": "a.png", **ROW}, {"path": "b.png", "objects": []}, {"image": "a.png", **ROW}]
    table = json_of(tmp_path, "\n".join(json.dumps(r) for r in rows), "t.jsonl")
    assert table.images == ("a.png", "b.png")
    assert table.offsets.tolist() == [0, 2, 2]


def test_json_outlines_are_measured(tmp_path: Path) -> None:
    rings = [[[0, 0], [40, 0], [40, 30], [0, 30]], [[10, 10], [20, 10], [20, 20]]]
    table = json_of(tmp_path, json.dumps({"path": "p", "objects": [{"class": "nut", "outline": rings}, ROW]}))
    assert box(table, 0) == [0, 0, 40, 30]
    assert np.asarray(table.columns["length"])[0] == 40
    assert math.isnan(np.asarray(table.columns["length"])[1])
    assert np.asarray(table.columns["area"]).tolist()[1] == 5.5
    assert isinstance(table.outlines, Outlines)
    assert [len(table.outlines.rings(i)) for i in range(2)] == [2, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("{", "is not valid JSON: .* in line 1, column 2"),
        ('[{"class": "nut"},\n{"class" "nut"}]', "in line 2, column 10"),
        ('{"a": \n{"b": }\n', "is not valid JSON: .* in line 2"),
        ('{"a": 1}\n{"b": }\n', "expected `class`, or `objects` of a picture, found `a`"),
        ("[1, 2]", "expected an object or a picture, found `1` as item 1"),
        ('{"clas": "nut"}', "expected `class`, or `objects` of a picture, found `clas`; did you mean `clas`"),
        ('{"path": "p", "objects": [{"label": "nut"}]}', "expected `class`, found none in object 1 of p"),
        ('{"path": "p", "objects": [3]}', "expected an object, found `3`"),
        ("[" * 100_000, "nested too deeply|is not valid JSON"),
    ],
)
def test_bad_json(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        json_of(tmp_path, text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("columns", "values", "expected", "words"),
    [
        ("x,y,width,height", [(10, 20, 30, 40)], [10, 20, 40, 60], "taken as the left top corner"),
        ("x,y,width,height", [(50, 50, 30, 40)], [50, 50, 80, 90], "call them `x_center`, `y_center` if"),
        ("x,y,w,h", [(50, 50, 30, 40), (5, 5, 30, 30)], [50, 50, 80, 90], "boxes would begin outside of the picture"),
        ("x,y,w,h,image_width,image_height", [(80, 50, 30, 40, 100, 100)], [65, 30, 95, 70], "would end outside"),
        ("x_center,y_center,w,h", [(50, 50, 30, 40)], [35, 30, 65, 70], "by their middle"),
        ("left,top,width,height", [(50, 50, 30, 40)], [50, 50, 80, 90], "boxes read from `left`, `top`"),
        ("xmin,ymin,xmax,ymax,width,height", [(1, 2, 3, 4, 640, 480)], [1, 2, 3, 4], "as the size of the picture"),
    ],
)
def test_boxes_by_a_place_and_sides(
    tmp_path: Path, columns: str, values: list[tuple[int, ...]], expected: list[float], words: str
) -> None:
    lines = [f"p.png,nut,{','.join(map(str, v))}" for v in values]
    table = csv_of(tmp_path, "\n".join([f"image,class,{columns}", *lines]))
    assert box(table, 0) == expected and len(table) == len(values)
    assert words in "\n".join(table.notes)
    assert not {"width", "x", "left", "w"} & set(table.columns)
    sized = "image_width" in columns or "as the size" in words
    assert np.isfinite(table.sizes).all() == sized
    rows = [dict(zip(f"image,class,{columns}".split(","), ["p.png", "nut", *v], strict=True)) for v in values]
    assert box(json_of(tmp_path, json.dumps(rows)), 0) == expected


def test_sizes_of_boxes_beside_corners_stay_what_they_are(tmp_path: Path) -> None:
    text = "image,class,x0,y0,x1,y1,width,height\np.png,nut,1,2,11,22,10,20\np.png,nut,1,2,6,9,5,7\n"
    table = csv_of(tmp_path, text)
    assert np.asarray(table.columns["width"]).tolist() == [10, 5] and np.isnan(table.sizes).all()
    assert not table.notes


def test_objects_of_a_picture_by_a_place_and_sides(tmp_path: Path) -> None:
    objects = [{"class": "nut", "x": 80, "y": 50, "width": 30, "height": 40}, {"class": "nut", "x": "?"}]
    table = json_of(tmp_path, json.dumps({"path": "p", "width": 100, "height": 100, "objects": objects}))
    assert box(table, 0) == [65, 30, 95, 70] and np.isnan(box(table, 1)).all()
    assert table.sizes.tolist() == [[100, 100]]


GOOD = {"image": "p", "class": "nut", "box": [1, 2, 3, 4]}


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (3, "item 2 cannot be read: expected an object or a picture, found `3` as item 2"),
        ([], "item 2 cannot be read: expected an object or a picture, found `[]` as item 2"),
        (
            {"image": "p", "clas": "nut"},
            "item 2 cannot be read: expected `class`, or `objects` of a picture, found `image`",
        ),
    ],
)
@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_one_bad_row_costs_that_row(tmp_path: Path, bad: object, words: str, ending: str) -> None:
    rows = [GOOD, bad, GOOD]
    text = json.dumps(rows) if ending == "json" else "\n".join(map(json.dumps, rows))
    table = json_of(tmp_path, text, f"t.{ending}")
    assert table.classes.texts() == ["nut", "nut", "?"] and table.images == ("p",) and not table.problems
    assert words in "\n".join(table.notes)


def test_one_bad_object_or_picture_costs_that_one(tmp_path: Path) -> None:
    good = {"path": "a", "objects": [{"class": "nut"}, {"clas": "nut"}, 7, {"class": "bolt"}]}
    lost = [{"path": "b", "objects": [{"clas": "nut"}]}, {"objects": [{"class": "nut"}]}]
    table = json_of(tmp_path, json.dumps([good, *lost, {"path": "c", "objects": []}]))
    assert table.images == ("a", "c") and table.classes.texts() == ["nut", "?", "?", "bolt"]
    said = "\n".join(table.notes)
    assert "object 2 of a cannot be read: expected `class`, found none in object 2 of a" in said
    assert "object 3 of a cannot be read: expected an object, found `7`" in said
    # of a picture that is lost nothing can be said, so it is a row of the report
    assert [p.path for p in table.problems] == ["b", f"{tmp_path / 't.json'}, item 3"]
    assert "expected the name of each picture in `path`" in table.problems[1].message


def test_one_broken_line_costs_that_line(tmp_path: Path) -> None:
    lines = [json.dumps(GOOD), '{"image": "q", "cla', "", json.dumps({**GOOD, "text": "a\u2028b"})]
    for name in ("t.jsonl", "t.json", "t.ndjson"):
        table = json_of(tmp_path, "\r\n".join(lines).replace("\\u2028", "\u2028"), name)
        assert table.classes.texts() == ["nut", "nut", "?"]  # which picture the line speaks of is not known
        assert [p.path for p in table.problems] == [f"{tmp_path / name}, line 2"]
        assert "is not valid JSON: unterminated string" in table.problems[0].message
    first = json_of(tmp_path, "\n".join(lines[1:]), "t.jsonl")
    assert len(first) == 2 and len(first.problems) == 1


def test_one_bad_line_of_csv_costs_that_line(tmp_path: Path) -> None:
    lines = "p,nut,1,2,3,4\n" * 3 + "p,nut,1,2,3\n,nut,1,2,3,4\np,,1,2,3,4\n"
    table = csv_of(tmp_path, "image,class,x0,y0,x1,y1\n" + lines)
    assert table.classes.texts() == ["nut"] * 3 + ["?", "?", "nut"]
    said = "\n".join(table.notes)
    assert "line 5 cannot be read: expected 6 fields, found 5" in said
    assert "line 6, `nut` cannot be read: expected the name of a picture in `image`" in said
    assert "line 7 cannot be read: expected the name of a class, found none" in said


def test_odd_boxes_in_json(tmp_path: Path) -> None:
    boxes = [[1, 2, 3], "wide", [1, 2, 3, None], [1, 2, 3, True], [10**400, 0, 1, 1], 7, {}]
    rows = [{"class": "nut", "box": b} for b in boxes]
    table = json_of(tmp_path, json.dumps({"path": "p", "objects": rows}))
    assert len(table) == len(boxes) and "x0" not in table.columns
    assert "object 1 of p, `nut` cannot be read: expected a box of four numbers, found `1, 2, 3`" in table.notes[0]


# ---- names ----


def test_names_of_classes() -> None:
    names, notes = class_names(PROGRAM, ["Bolts", "hex-bolt", "NUT", "glass", "glasses", "washer", "bolt"])
    assert names["Bolts"] == names["hex-bolt"] == names["bolt"] == "bolt"
    assert names["NUT"] == "nut"
    assert names["glass"] == "glass"
    assert names["washer"] == "washer"
    assert "`Bolts` read as `bolt`" in notes
    assert not any("`bolt`" in n and n.startswith("`bolt`") for n in notes)
    unclear, notes = class_names(Spec().object("nut").object("Nut").program, ["nuts"])
    assert unclear == {"nuts": "nuts"}
    assert "could be `Nut` or `nut`" in notes[0]


def test_declared_attributes(tmp_path: Path) -> None:
    def attribute(name: str, kind: Type, *source: str) -> Attribute:
        return Attribute(name=name, type=kind, source=source, span=HERE)

    program = Program(
        attributes=(
            attribute("heading", label("heading"), "angle"),
            attribute("lot", TEXT),
            attribute("tint", COLOR, "Paint Colour"),
        )
    )
    text = "image,class,x0,y0,x1,y1,angle,lot,paint_colour\np.png,nut,0,0,1,1,90,042,#ffffff\n"
    columns = csv_of(tmp_path, text, program).columns
    heading, lot = columns["heading"], columns["lot"]
    assert isinstance(heading, TextColumn)
    assert heading.texts() == ["90"]
    assert np.asarray(columns["angle"]).tolist() == [90]
    assert isinstance(lot, TextColumn)
    assert lot.texts() == ["042"]
    assert np.asarray(columns["tint"])[0] == pytest.approx([100, 0, 0], abs=0.01)


# ---- LabelMe ----


def labelme_of(tmp_path: Path, shapes: list, **more: object) -> ObjectTable:
    path = tmp_path / "7.json"
    path.write_text(json.dumps({"version": "5.0", "shapes": shapes, "imagePath": "7.png", **more}), "utf-8")
    return read_labelme(path, PROGRAM)


def shape(kind: str | None, points: list, name: str = "nut", **more: object) -> dict:
    return {"label": name, "points": points, "shape_type": kind, **more}


def test_labelme_shapes(tmp_path: Path) -> None:
    table = labelme_of(
        tmp_path,
        [
            shape("polygon", [[0, 0], [40, 0], [40, 30], [0, 30]]),
            shape("rectangle", [[50, 60], [10, 20]]),
            shape("circle", [[100, 100], [110, 100]]),
            shape("line", [[9, 9], [1, 3]]),
            shape("point", [[4, 5]]),
            shape(None, [[0, 0], [1, 0], [0, 1]], "Bolts", flags={"bent": True}, group_id=3),
            shape("mask", [[0, 0], [8, 9]]),
            shape("polygon", [["a", 0]]),
            {"points": []},
        ],
        imageWidth=200,
        imageHeight=150,
    )
    assert table.images == (str(tmp_path / "7.png"),)
    assert table.sizes.tolist() == [[200, 150]]
    assert table.classes.texts() == ["nut"] * 5 + ["bolt", "nut", "nut", "?"]
    assert [box(table, i) for i in (0, 1, 2, 4, 6)] == [
        [0, 0, 40, 30],
        [10, 20, 50, 60],
        [90, 90, 110, 110],
        [4, 5, 4, 5],
        [0, 0, 8, 9],
    ]
    area = np.asarray(table.columns["area"])
    assert area[:2].tolist() == [1200, 1600]
    assert area[2] == pytest.approx(math.pi * 100, rel=0.01)
    assert np.asarray(table.columns["start"])[3].tolist() == [1, 3]
    bent = table.columns["bent"]
    assert isinstance(bent, TextColumn)
    assert bent.texts()[5] == "true"
    said = "\n".join(table.notes)
    for words in (
        "only the box of a `mask` of 2 points was read",
        "shape 8, `nut` cannot be read: expected points of two numbers",
        "shape 9 cannot be read: expected a name in `label`",
        "`Bolts` read as `bolt`",
    ):
        assert words in said


def test_labelme_shapes_that_are_none(tmp_path: Path) -> None:
    shapes = [
        shape("rectangle", [[9, 9], [9, 20]]),
        shape("circle", [[5, 5], [5, 5]]),
        shape("polygon", [[500, 500], [510, 500], [510, 510]]),
        shape("polygon", [[90, 70], [130, 70], [130, 79]]),
        shape("point", [[5, 5]]),
        shape("line", [[5, 5], [9, 5]]),
    ]
    table = labelme_of(tmp_path, shapes, imageWidth=100, imageHeight=80)
    assert np.isnan([box(table, i) for i in (0, 1, 2)]).all()
    assert [box(table, i) for i in range(3, len(table))] == [[90, 70, 130, 79], [5, 5, 5, 5], [5, 5, 9, 5]]
    said = "\n".join(table.notes)
    for words in (
        "shape 1, `nut` cannot be read: its box has no area",
        "shape 2, `nut` cannot be read: its box has no area",
        "shape 3, `nut` cannot be read: its box lies outside the picture",
        "shape 4, `nut`: its box reaches beyond the picture",
    ):
        assert words in said
    assert "taken from its outline" not in said


@pytest.mark.parametrize("document", [{"shapes": 3, "imagePath": "a"}, {"shapes": None}, []])
def test_bad_labelme(tmp_path: Path, document: object) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match="is not a LabelMe file: expected a list `shapes`"):
        read_labelme(path, PROGRAM)


def test_picture_named_on_windows(tmp_path: Path) -> None:
    table = labelme_of(tmp_path, [], imagePath="..\\images\\7.jpg")
    assert Path(table.images[0]) == tmp_path / ".." / "images" / "7.jpg"
    assert len(table) == 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is missing")
def test_real_labelme_files() -> None:
    folder = SHARED / "nuts_labelme"
    truth = json.loads((folder / "truth.json").read_text())
    program = Spec().object("date").object("fig").object("hazelnut").program
    assert len(truth) == 9
    for name, counts in truth.items():
        table = read_labelme((folder / name).with_suffix(".json"), program)
        texts = table.classes.texts()
        assert {c: texts.count(c) for c in counts} == counts
        assert Path(table.images[0]) == folder / name
        assert table.sizes.tolist() == [[800, 600]]
        assert np.isfinite(np.asarray(table.columns["length"])).all()
        assert table.notes == ()


def test_words_for_colors_are_texts(tmp_path: Path) -> None:
    (tmp_path / "spec.logic").write_text(
        'object wire\nattribute color_name of wire: text\ncolor red = "#ff0000"\n'
        'rule word: every wire: color_name = "red"\nrule seen: every wire: color = red\n'
    )
    (tmp_path / "wires.csv").write_text("image,class,color\na.png,wire,red\nb.png,wire,rose\nc.png,wire,#ff0000\n")
    done = logidsl("check", "wires.csv", "--spec", "spec.logic", "--format", "jsonl", cwd=tmp_path)
    found = {r["path"]: r for r in map(json.loads, done.stdout.splitlines()) if "path" in r}
    said = {path: [(f["rule"], bool(f["reason"])) for f in row["findings"]] for path, row in found.items()}
    assert said == {
        "a.png": [("seen", True)],
        "b.png": [("word", False), ("seen", True)],
        "c.png": [("word", False)],
    }
    assert "words in the column `color` are read as the text `color_name`" in done.stdout + done.stderr


def test_full_turns_in_the_column_of_an_axis_are_noted(tmp_path: Path) -> None:
    assert "for full turns declare" in "\n".join(csv_of(tmp_path, "image,class,angle\na,tag,180\n").notes)
    assert "turn" not in "\n".join(csv_of(tmp_path, "image,class,angle\na,tag,-90\n").notes)


def test_codes_in_undeclared_columns_keep_their_digits(tmp_path: Path) -> None:
    table = csv_of(tmp_path, "image,class,code,ean,size\na,tag,007,4012345678901,12\na,tag,8,,0.5\n")
    assert list(table.columns["code"].texts()) == ["007", "8"]  # type: ignore[union-attr]
    assert list(table.columns["ean"].texts()) == ["4012345678901", None]  # type: ignore[union-attr]
    assert np.asarray(table.columns["size"]).tolist() == [12, 0.5]


def test_what_is_no_count_is_not_measured_and_noted(tmp_path: Path) -> None:
    spec = "object gear\nattribute teeth of gear: count\nrule twelve: every gear: teeth = 12"
    (tmp_path / "spec.logic").write_text(spec)
    rows = ["a.png,12", "b.png,12.0", "c.png,11", "d.png,12.5", "e.png,many", "f.png,-12", "g.png,"]
    (tmp_path / "gears.csv").write_text("image,class,teeth\n" + "\n".join(f"{r.replace(',', ',gear,')}" for r in rows))
    done = logidsl("check", "gears.csv", "--spec", "spec.logic", "--format", "jsonl", cwd=tmp_path)
    found = {r["path"]: r for r in map(json.loads, done.stdout.splitlines()) if "path" in r}
    verdicts = [found[f"{k}.png"]["verdict"] for k in "abcdefg"]
    assert verdicts == ["pass", "pass", "fail", "review", "review", "review", "review"]
    assert "not measured" in found["d.png"]["findings"][0]["reason"]
    assert found["d.png"]["notes"] == ["`teeth` of 1 object is `12.5`, which is not a whole number of at least 0"]
    assert found["f.png"]["notes"] == ["`teeth` of 1 object is `-12`, which is not a whole number of at least 0"]
    assert "`many` in the column `teeth`" in done.stdout + done.stderr


@pytest.mark.parametrize("box", [[1, 2, 5, 6], (1, 2, 5, 6), np.array([1, 2, 5, 6])])
def test_a_box_in_rows_is_any_sequence(box: object) -> None:
    report = package.loads("object bolt\nrule r: every bolt: x = 3 px within 0.1 px").check(
        [{"class": "bolt", "box": box}]
    )
    assert report.verdict == "pass", str(report)
