"""A run that was cut short, and the one that goes on with it: every picture once, and nothing that has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.commands import logidsl
from tests.cli.test_check import SPEC

CHECK = ["check", "trays", "--spec", "trays.logic", "--format", "jsonl"]
COUNT = 6


@pytest.fixture
def here(tmp_path: Path, trays: dict[str, Path]) -> Path:
    """A folder of trays, of which one cannot be read, with a finished report."""
    (tmp_path / "trays").mkdir()
    (tmp_path / "trays.logic").write_text(SPEC + "param tries = 9\n")
    for n in range(COUNT):
        shutil.copy(trays["good" if n % 2 else "wrong_color"], tmp_path / "trays" / f"{n}.png")
    (tmp_path / "trays" / "2.png").write_bytes(b"no picture")
    assert logidsl(*CHECK, "-o", "whole.jsonl", cwd=tmp_path).returncode == 1
    return tmp_path


def lines(path: Path) -> list[str]:
    """The lines of a report."""
    return path.read_text().splitlines(keepends=True)


@pytest.mark.parametrize("kept", range(COUNT + 1))
@pytest.mark.parametrize("tail", ["", "{", '{"path": "trays/5.png", "verdict"'])
def test_what_is_missing_is_judged_and_nothing_else(here: Path, kept: int, tail: str) -> None:
    whole = lines(here / "whole.jsonl")
    (here / "part.jsonl").write_text("".join(whole[:kept]) + tail)
    done = logidsl(*CHECK[:-2], "--resume", "part.jsonl", cwd=here)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert lines(here / "part.jsonl") == whole
    assert "1 of 6 could not be judged" in done.stderr


def test_a_report_that_is_not_there_is_begun(here: Path) -> None:
    done = logidsl(*CHECK, "--resume", "new.jsonl", cwd=here)
    assert (done.returncode, "there is no new.jsonl yet: beginning it" in done.stderr) == (1, True)
    assert lines(here / "new.jsonl") == lines(here / "whole.jsonl")


def change_spec(here: Path) -> None:
    """Another rule."""
    (here / "trays.logic").write_text(SPEC + "param tries = 9\nrule more: 1 = 1\n")


def change_picture(here: Path) -> None:
    """Another picture under the name of one that was judged."""
    shutil.copy(here / "trays" / "1.png", here / "trays" / "0.png")


def mend_picture(here: Path) -> None:
    """A picture that could not be read and now can."""
    shutil.copy(here / "trays" / "1.png", here / "trays" / "2.png")


def remove_picture(here: Path) -> None:
    """One picture less."""
    (here / "trays" / "0.png").unlink()


def spoil_line(here: Path) -> None:
    """A line in the middle that is none."""
    whole = lines(here / "part.jsonl")
    (here / "part.jsonl").write_text("".join([whole[0], "nonsense\n", *whole[1:]]))


@pytest.mark.parametrize(
    ("change", "more", "said"),
    [
        (change_spec, [], "line 1 was made by another spec, or with other parameters"),
        (lambda here: None, ["-P", "tries=8"], "line 1 was made by another spec, or with other parameters"),
        (change_picture, [], "trays/0.png is not as it was when it was judged"),
        (mend_picture, [], "trays/2.png is not as it was when it was judged"),
        (remove_picture, [], "trays/0.png is not among the inputs"),
        (spoil_line, [], "line 2 is not of a report by --format jsonl"),
        (lambda here: (here / "trays.logic").rename(here / "part.jsonl"), ["--spec", "s.logic"], "no spec"),
    ],
)
def test_what_has_changed_is_refused_and_the_report_stays(
    here: Path, change: object, more: list[str], said: str
) -> None:
    (here / "part.jsonl").write_text("".join(lines(here / "whole.jsonl")[:4]))
    assert callable(change)
    change(here)
    before = (here / "part.jsonl").read_bytes()
    done = logidsl(*CHECK, "--resume", "part.jsonl", *more, cwd=here)
    assert done.returncode in (3, 4)
    assert said in done.stderr
    assert (here / "part.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--format", "json"], "expected --format jsonl beside --resume"),
        (["-o", "other"], "expected no other file beside --resume part.jsonl"),
        (["--timeout", "-1"], "expected --timeout in seconds"),
        (["--timeout", "nan"], "expected --timeout in seconds"),
    ],
)
def test_options_that_do_not_go_together(here: Path, more: list[str], said: str) -> None:
    done = logidsl("check", "trays", "--spec", "trays.logic", "--resume", "part.jsonl", *more, cwd=here)
    assert (done.returncode, said in done.stderr) == (64, True)


def test_a_file_of_several_pictures_is_judged_whole(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(
            "image,class,x0,y0,x1,y1\n" + "".join(f"{name}{n}.png,bolt,0,0,9,9\n" for n in range(3))
        )
    (tmp_path / "s.logic").write_text("object bolt: 1\n")
    words = ["check", "a.csv", "b.csv", "--spec", "s.logic", "--resume"]
    assert logidsl(*words, "whole.jsonl", cwd=tmp_path).returncode == 0
    whole = lines(tmp_path / "whole.jsonl")
    assert [json.loads(line)["path"] for line in whole] == ["a0.png", "a1.png", "a2.png", "b0.png", "b1.png", "b2.png"]
    assert {json.loads(line)["input"] for line in whole} == {"a.csv", "b.csv"}
    for kept in range(7):
        (tmp_path / "part.jsonl").write_text("".join(whole[:kept]))
        assert logidsl(*words, "part.jsonl", cwd=tmp_path).returncode == 0
        assert lines(tmp_path / "part.jsonl") == whole
