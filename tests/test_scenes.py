"""Tests inside a spec, and imports: `logidsl test` on real files."""

import subprocess
import sys
from pathlib import Path

import pytest

from logidsl.diagnostics import SpecError
from logidsl.pipeline import compile_spec
from logidsl.scenes import run_tests

SPEC = """
spec t
import "colors/palette.logic" with limit = 300 px
object bolt: 2    low missing_bolt
rule long as size: every bolt: length <= limit  high too_long
rule red as matching: every bolt: color = red and lightness > 20 %
test "good" on 400 px by 300 px
    put bolt box(10 px, 10 px, 100 px, 30 px) with color = "#ff0000"
    put bolt box(10 %, 50 %, 100 px, 180 px) with color = "#fe0102"
    expect pass
test "long" on 400 px by 300 px
    put bolt box(10 px, 10 px, 350 px, 30 px) with color = "#ff0000"
    expect fail bolt, long expect defect too_long expect pass red
test "length given" on 400 px by 300 px
    put bolt box(10 px, 10 px, 100 px, 30 px) with color = "#ff0000", length = 301 px
    expect fail long
test "nothing measured" on 400 px by 300 px
    put bolt box(10 px, 10 px, 100 px, 30 px)
    put bolt box(10 px, 50 px, 100 px, 70 px)
    expect review expect pass bolt expect review red
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "colors").mkdir()
    (tmp_path / "colors" / "palette.logic").write_text('color red = "#ff0000"\nparam limit = 30 px\n')
    (tmp_path / "t.logic").write_text(SPEC)
    return tmp_path


def test_scenes_are_judged_and_held_against_what_is_expected(folder):
    outcomes = run_tests(compile_spec(folder / "t.logic"), folder)
    assert [(o.test.title, o.failures) for o in outcomes] == [
        ("good", ()),
        ("long", ()),
        ("length given", ()),
        ("nothing measured", ()),
    ]


def test_a_wrong_expectation_fails_and_says_what_was_found(folder):
    text = SPEC.replace("expect fail bolt, long expect defect too_long expect pass red", "expect fail red")
    (folder / "t.logic").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "logidsl", "test", str(folder / "t.logic")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "FAILED long" in done.stdout
    assert "expected fail of the rules named, found `red` pass" in done.stdout
    assert "3 passed, 1 failed" in done.stdout


def test_a_scene_may_be_a_file(folder):
    (folder / "scene.csv").write_text(
        "image,class,x0,y0,x1,y1,color\na,bolt,0,0,9,9,#ff0000\na,bolt,20,0,29,9,#ff0000\n"
    )
    (folder / "u.logic").write_text(
        'object bolt: 2\ntest "file" on "scene.csv" expect pass\ntest "no file" on "x.csv" expect pass'
    )
    good, bad = run_tests(compile_spec(folder / "u.logic"), folder)
    assert good.ok
    assert "cannot be used" in bad.failures[0]


def codes(folder: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        compile_spec(folder / "t.logic")
    return [d.code for d in caught.value.diagnostics]


def test_imports_are_taken_once_and_stay_below_the_folder(folder):
    (folder / "colors" / "more.logic").write_text('import "palette.logic"\nimport "../colors/palette.logic"\n')
    (folder / "t.logic").write_text(SPEC.replace("object bolt", 'import "colors/more.logic"\nobject bolt'))
    assert compile_spec(folder / "t.logic").params[0].value == 300.0
    (folder / "t.logic").write_text('import "../elsewhere.logic"')
    assert codes(folder) == ["E150"]
    (folder / "t.logic").write_text('import "/etc/passwd"')
    assert codes(folder) == ["E150"]


def test_an_import_circle_is_reported_at_the_import(folder):
    (folder / "colors" / "palette.logic").write_text('color red = "#ff0000"\nparam limit = 3 px\nimport "../t.logic"')
    assert codes(folder) == ["E151"]


def test_mistakes_in_an_imported_file_name_that_file(folder):
    (folder / "colors" / "palette.logic").write_text('color red = "reddish"\nparam limit = 30 px\n')
    with pytest.raises(SpecError) as caught:
        compile_spec(folder / "t.logic")
    (only,) = caught.value.diagnostics
    assert only.code == "E127"
    assert only.span.source.path.endswith("palette.logic")


def test_with_sets_only_parameters_that_exist(folder):
    (folder / "t.logic").write_text(SPEC.replace("limit = 300 px", "limits = 300 px"))
    assert codes(folder) == ["E128"]
    (folder / "t.logic").write_text(SPEC.replace("limit = 300 px", "limit = 300"))
    assert codes(folder) == ["E129"]
