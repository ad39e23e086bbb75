"""The pytest plugin, in real runs of pytest over specs and rendered trays."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import logidsl
from logidsl.source import Source
from logidsl.syntax.read import read
from logidsl.syntax.yaml_write import to_yaml

pytest_plugins = "pytester"

SPEC = """spec tray
color amber = "#f6b01c" within 25
blobs yellow where color = amber then open(0.4 %) then fill()
object pushpin = yellow where area >= 0.05 %
grid cell = 3 rows, 5 columns of box(2 %, 4 %, 98 %, 96 %)
rule one_pin as quantity: every cell c: count(pushpin inside c) = 1
    low missing_pushpin  high additional_pushpin
"""
TESTS = """
test "an empty tray" on 1000 px by 600 px
    expect defect missing_pushpin
test "one pin is enough" on 1000 px by 600 px
    put yellow box(60 px, 60 px, 100 px, 100 px)
    expect pass
"""


@pytest.fixture(scope="module", autouse=True)
def loaded(trays: dict[str, Path]) -> None:
    """Everything that judges, loaded before pytester takes away what its runs load: NumPy can be loaded once only."""
    assert logidsl.loads(SPEC).check(trays["good"]).ok


@pytest.fixture
def pictures(pytester: pytest.Pytester, trays: dict[str, Path]) -> Path:
    """`tray.logic` with pictures in `good/` and `bad/` beside it."""
    folder = pytester.path
    (folder / "tray.logic").write_text(SPEC)
    for tray, place in {"good": "good", "moved": "bad", "one_missing": "bad/missing_pushpin"}.items():
        (folder / place).mkdir(exist_ok=True)
        shutil.copy(trays[tray], folder / place / f"{tray}.png")
    return folder


def test_tests_inside_a_spec_are_items_and_their_failure_is_the_finding(pytester: pytest.Pytester) -> None:
    (pytester.path / "tray.logic").write_text(SPEC + TESTS)
    done = pytester.runpytest("tray.logic", "-v")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(
        [
            "tray.logic::an empty tray PASSED*",
            "tray.logic::one pin is enough FAILED*",
            "expected pass, found fail",
            "FAIL   one pin is enough: missing_pushpin, 1 object",
            "*expected 1, found 0*",
            "*6 | rule one_pin as quantity: every cell c: count(pushpin inside c) = 1",
            "FAILED tray.logic::one pin is enough - expected pass, found fail",
        ]
    )
    done.stdout.no_fnmatch_line("*Traceback*")


def test_pictures_beside_a_spec_are_items(pytester: pytest.Pytester, pictures: Path) -> None:
    done = pytester.runpytest("tray.logic", "-v")
    done.assert_outcomes(passed=3)
    done.stdout.fnmatch_lines(
        [
            "tray.logic::good/good.png PASSED*",
            "tray.logic::bad/missing_pushpin/one_missing.png PASSED*",
            "tray.logic::bad/moved.png PASSED*",
        ]
    )


def test_a_picture_in_the_wrong_folder_fails(pytester: pytest.Pytester, pictures: Path) -> None:
    for source, target in {"good/good.png": "bad/fine.png", "bad/moved.png": "good/moved.png"}.items():
        (pictures / source).rename(pictures / target)
    (pictures / "bad" / "missing_pushpin").rename(pictures / "bad" / "additional_pushpin")
    (pictures / "bad" / "misspelt_pushpin").mkdir()
    shutil.copy(pictures / "good" / "moved.png", pictures / "bad" / "missing_pushpins.png")
    shutil.copy(pictures / "good" / "moved.png", pictures / "bad" / "misspelt_pushpin" / "moved.png")
    (pictures / "good" / "broken.png").write_text("no picture")
    done = pytester.runpytest("tray.logic")
    done.assert_outcomes(failed=5, passed=1)
    done.stdout.fnmatch_lines_random(
        [
            "FAILED tray.logic::good/moved.png - expected pass, found fail",
            "FAILED tray.logic::good/broken.png - expected pass, found error",
            "FAILED tray.logic::bad/fine.png - expected fail, found pass",
            "expected defect `additional_pushpin`, found `missing_pushpin`",
            "the spec has no defect `misspelt_pushpin`, after which the folder is named; did you mean *",
        ]
    )


def test_good_pictures_pass_the_rules_over_several(pytester: pytest.Pytester, pictures: Path) -> None:
    shutil.copy(pictures / "good" / "good.png", pictures / "good" / "again.png")
    for rule, outcomes, said in [
        ("batch all\nrule few over all: count(image) <= 2", {"passed": 5}, ["*good (rules over several*PASSED*"]),
        (
            "batch all\nrule few over all: count(image) <= 1  defect too_many",
            {"passed": 4, "failed": 1},
            ["expected pass, found fail", "FAIL   all: too_many, 2 pictures"],
        ),
        (
            "batch lot by lot_id\nrule few over lot: count(image) <= 1",
            {"passed": 4, "skipped": 1},
            ["*no picture has a value of `lot_id`*"],
        ),
    ]:
        (pictures / "tray.logic").write_text(f"{SPEC}{rule}\n")
        done = pytester.runpytest("tray.logic", "-v", "-rs")
        done.assert_outcomes(**outcomes)
        done.stdout.fnmatch_lines_random(said)


def test_a_spec_with_a_mistake_is_an_error_of_collection(pytester: pytest.Pytester) -> None:
    (pytester.path / "tray.logic").write_text(SPEC.replace("count(pushpin", "count(pushpn"))
    done = pytester.runpytest("tray.logic")
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(["error[[]E*]: *`pushpn`*", "*--> tray.logic:6:*", "*fix: *pushpin*"])
    done.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    ("options", "ini", "found"),
    [
        ((), "", ["test_tray.logic", "tray_test.logic"]),
        (("--logidsl",), "logidsl_files =", ["parts/part.logic", "test_tray.logic", "tray.logic", "tray_test.logic"]),
        (("tray.logic", "tray.yaml"), "", ["tray.logic", "tray.yaml"]),
        ((), "logidsl_files = parts/*.logic *.yaml", ["parts/part.logic", "tray.yaml"]),
    ],
)
def test_which_specs_are_collected(
    pytester: pytest.Pytester, options: tuple[str, ...], ini: str, found: list[str]
) -> None:
    text = "spec tray\nobject pin: 0\n"
    text += 'test "none" on 9 px by 9 px\n    expect pass\n'
    (pytester.path / "parts").mkdir()
    for name in ("tray.logic", "test_tray.logic", "tray_test.logic", "parts/part.logic"):
        (pytester.path / name).write_text(text)
    (pytester.path / "tray.yaml").write_text(to_yaml(read(Source("a.logic", text))[0]))
    (pytester.path / "settings.yaml").write_text("jobs: {build: 2}\n")
    pytester.makeini(f"[pytest]\n{ini}")
    done = pytester.runpytest(*options, "--collect-only", "-q")
    assert sorted(line.split("::")[0] for line in done.outlines if "::" in line) == found


def test_what_was_not_collected_is_named_where_nothing_was(pytester: pytest.Pytester) -> None:
    (pytester.path / "tray.logic").write_text(SPEC + TESTS)
    done = pytester.runpytest()
    assert done.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    done.stdout.fnmatch_lines(["logidsl: specs not collected: tray.logic; `--logidsl` collects them*"])


def test_pictures_of_several_specs_lie_in_folders_named_like_them(pytester: pytest.Pytester, pictures: Path) -> None:
    shutil.copy(pictures / "tray.logic", pictures / "other.logic")
    done = pytester.runpytest("--logidsl")
    done.assert_outcomes(errors=2)
    done.stdout.fnmatch_lines(["*good lies beside several specs (other.logic, tray.logic): put it into a folder*"])
    (pictures / "tray").mkdir()
    for name in ("good", "bad"):
        (pictures / name).rename(pictures / "tray" / name)
    pytester.runpytest("--logidsl").assert_outcomes(passed=3)


def test_an_imported_spec_judges_no_picture(pytester: pytest.Pytester, pictures: Path) -> None:
    lines = SPEC.splitlines(keepends=True)
    (pictures / "colors.logic").write_text(lines[1])
    (pictures / "tray.logic").write_text("".join([lines[0], 'import "colors.logic"\n', *lines[2:]]))
    pytester.runpytest("--logidsl").assert_outcomes(passed=3)


def test_tests_of_one_title_have_names_of_their_own(pytester: pytest.Pytester) -> None:
    (pytester.path / "tray.logic").write_text(SPEC + TESTS.replace("one pin is enough", "an empty tray"))
    done = pytester.runpytest("tray.logic", "--collect-only", "-q")
    assert [line for line in done.outlines if "::" in line] == [
        "tray.logic::an empty tray",
        "tray.logic::an empty tray (2)",
    ]


def test_several_processes_share_the_items(pytester: pytest.Pytester, pictures: Path) -> None:
    done = pytester.runpytest_subprocess("tray.logic", "-n", "2", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=3)


def test_nothing_heavy_is_loaded_without_a_spec(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        "import sys\ndef test_a():\n    assert 'logidsl.pytest_plugin' in sys.modules\n"
        "    assert not {'numpy', 'cv2', 'lark', 'logidsl.pipeline'} & set(sys.modules)\n"
    )
    (tmp_path / "part.logic").write_text(SPEC)
    alone = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:anyio"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *alone], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
