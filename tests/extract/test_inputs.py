"""What a path stands for, and which extractor reads it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from logidsl.diagnostics import InputError
from logidsl.extract import extractors, find_inputs, read_table, see_path
from logidsl.extract.pixels.picture import write_picture
from logidsl.seeing import gather, see_each
from tests.conftest import SHARED
from tests.extract.build import Spec

LABELME = {"shapes": [], "imagePath": "x.png", "imageWidth": 5, "imageHeight": 5}


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(path, np.full((6, 8, 3), 200, np.uint8))
    return path


def annotation(path: Path, name: str = "x.png") -> Path:
    path.write_text(
        json.dumps(
            {
                **LABELME,
                "imagePath": name,
                "shapes": [{"label": "nut", "points": [[0, 0], [2, 0], [2, 2]], "shape_type": "polygon"}],
            }
        )
    )
    return path


def test_folders(tmp_path: Path) -> None:
    names = ["img10.png", "img2.png", "IMG1.jpg", "sub dir/ü3.webp", ".hidden/4.png", "sub dir/.5.png"]
    for name in names:
        picture(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "truth.json").write_text("{}")
    (tmp_path / "t.csv").write_text("image,class,x0,y0,x1,y1\n")
    annotation(tmp_path / "img2.json")
    annotation(tmp_path / "alone.json")
    found = [p.relative_to(tmp_path).as_posix() for p in find_inputs([str(tmp_path)])]
    assert found == ["alone.json", "IMG1.jpg", "img2.png", "img10.png", "sub dir/ü3.webp"]


def test_files_and_patterns(tmp_path: Path) -> None:
    a, b = picture(tmp_path / "a [1].png"), picture(tmp_path / "deep" / "b.png")
    assert find_inputs([str(a), str(a), tmp_path / "deep"]) == [a, b]
    assert find_inputs([f"{tmp_path}/**/b*.png"]) == [b]
    assert find_inputs([f"{tmp_path}/*"]) == [a]
    with pytest.raises(InputError, match="no file fits this pattern"):
        find_inputs([f"{tmp_path}/*.tif"])


def test_missing_paths(tmp_path: Path) -> None:
    near = picture(tmp_path / "tray.png")
    with pytest.raises(InputError, match=r"no such file or folder: .*tary\.png; did you mean `.*tray\.png`"):
        find_inputs([tmp_path / "tary.png"])
    with pytest.raises(InputError, match="no such file or folder"):
        find_inputs([tmp_path / "none" / "x.png"])
    assert find_inputs([near]) == [near]


def test_folders_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no picture in the folder .* found nothing"):
        find_inputs([tmp_path])
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(InputError, match="found 1 other file"):
        find_inputs([tmp_path])
    table = tmp_path / "t.csv"
    table.write_text("image,class,x0,y0,x1,y1\n")
    assert find_inputs([tmp_path]) == [table]


def test_a_folder_of_descriptions_stands_for_these(tmp_path: Path) -> None:
    told = tmp_path / "deep" / "answers.json"
    told.parent.mkdir()
    told.write_text(json.dumps({"a.png": "two nuts", "b.png": "left(nut,1)"}))
    (tmp_path / "package.json").write_text('{"name": "x", "version": 1}')
    (tmp_path / "t.csv").write_text("image,class,x0,y0,x1,y1\n")
    assert find_inputs([tmp_path]) == [told]
    table = see_path(Spec().object("nut").program, told)
    assert table.images == ("a.png", "b.png")


def test_a_report_names_a_missing_input_once(tmp_path: Path) -> None:
    picture(tmp_path / "tray.png")
    missing, near, pattern = (str(tmp_path / name) for name in ("something_else.jpg", "tary.png", "*.tif"))
    inputs = [*gather([missing, near, pattern]), Path(missing)]
    problems = [p for t in see_each(Spec().program, inputs) for p in t.problems]
    assert [p.path for p in problems] == [missing, near, pattern, missing]
    assert [p.message for p in problems] == [
        "no such file or folder",
        f"no such file or folder; did you mean `{tmp_path / 'tray.png'}`?",
        "no file fits this pattern",
        "no such file",
    ]


def test_extractors_are_found() -> None:
    assert {e.name for e in extractors()} >= {"picture", "LabelMe annotation", "CSV table", "JSON table"}
    # each file is one's: the general forms come after those that have marks of their own
    names = [e.name for e in extractors()]
    assert names.index("JSON table") > max(names.index(n) for n in names if n.startswith(("COCO", "Lab", "det", "des")))


def test_a_picture_is_looked_at_where_the_spec_says_how(tmp_path: Path) -> None:
    path = picture(tmp_path / "x.png")
    annotation(tmp_path / "x.json")
    spec = Spec().object("nut")
    from_annotation = see_path(spec.program, path)
    assert from_annotation.classes.texts() == ["nut"]
    assert from_annotation.images == (str(path),)
    assert "objects taken from the annotation file beside each picture" in from_annotation.notes[0]
    spec.blobs("bright", spec.at_least("lightness", 0.5))
    assert see_path(spec.program, path).classes.texts() == ["bright"]
    assert see_path(spec.program, tmp_path / "x.json").classes.texts() == ["nut"]


def test_a_picture_that_nothing_says_how_to_see(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="add a `blobs` statement"):
        see_path(Spec().program, picture(tmp_path / "x.png"))


def test_what_no_extractor_reads(tmp_path: Path) -> None:
    path = tmp_path / "x.doc"
    path.write_text("x")
    with pytest.raises(InputError, match=r"expected one of .*LabelMe annotation, .* found the ending `\.doc`"):
        see_path(Spec().program, path)
    with pytest.raises(InputError, match="is a folder"):
        see_path(Spec().program, tmp_path)
    with pytest.raises(InputError, match="no such file"):
        see_path(Spec().program, tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a picture: expected a table"):
        read_table(picture(tmp_path / "x.png"), Spec().program)


def test_an_installed_extractor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real distribution on the path, found by its entry point."""
    from logidsl.extract.registry import installed_extractors

    (tmp_path / "dots.py").write_text(
        "from logidsl.extract.formats.table_json import table_of_json\n"
        "class Dots:\n"
        "    name = 'dots'\n"
        "    def matches(self, path):\n"
        "        return path.name in ('a.dots', 'dots.json')\n"
        "    def read(self, path, program):\n"
        "        rows = [{'image': path.name, 'class': c} for c in path.read_text().split()]\n"
        "        return table_of_json(rows, program, str(path))\n"
        "EXTRACTOR = Dots()\n"
    )
    info = tmp_path / "dots-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dots\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[logidsl.extractors]\ndots = dots:EXTRACTOR\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    installed_extractors.cache_clear()
    try:
        path = tmp_path / "a.dots"
        path.write_text("nut nut bolt")
        assert see_path(Spec().program, path).classes.texts() == ["nut", "nut", "bolt"]
        (tmp_path / "dots.json").write_text("17")  # JSON, but not a plain table
        assert see_path(Spec().program, tmp_path / "dots.json").classes.texts() == ["17"]
        (info / "entry_points.txt").write_text("[logidsl.extractors]\ndots = dots:Missing\n")
        installed_extractors.cache_clear()
        with pytest.raises(InputError, match=r"the extractor `dots` \(dots:Missing\) cannot be loaded"):
            see_path(Spec().program, path)
    finally:
        installed_extractors.cache_clear()


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is missing")
def test_a_real_folder_of_pictures_and_annotations() -> None:
    folder = SHARED / "nuts_labelme"
    truth = json.loads((folder / "truth.json").read_text())
    found = find_inputs([folder])
    assert [p.name for p in found] == sorted(truth)
    program = Spec().object("date").object("fig").object("hazelnut").program
    for path in found:
        texts = see_path(program, path).classes.texts()
        assert {c: texts.count(c) for c in truth[path.name]} == truth[path.name]
