"""`logidsl fit` from the shell: what it finds, what it writes, what it refuses."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from logidsl.pipeline import compile_spec
from tests.cli.commands import environment, logidsl
from tests.fit.scenes import SPEC, draw, folder_of, good_and_bad


def fit(place: Path, *args: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = logidsl("fit", *args, "--jobs", "1", cwd=place)
    assert done.returncode == code, done.stderr
    return done


def found(place: Path, *args: str | Path, code: int = 0) -> Any:
    return json.loads(fit(place, *args, "--format", "json", code=code).stdout)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return folder_of(tmp_path)


def number(text: str) -> float:
    return float(text.split()[0])


def test_a_limit_goes_to_the_middle_of_its_plateau(place: Path) -> None:
    made = found(place, "discs.logic", "--truth", "pictures/truth.json")
    (limit,) = made["limits"]
    # discs of radius 6 do not count, those of radius 10 do
    low, high = map(number, limit["plateau"])
    assert [low, high] == pytest.approx([113, 305], abs=20)
    assert number(limit["value"]) == pytest.approx((low + high) / 2, abs=20)
    assert limit["open"] == [False, False]
    assert (made["pictures"], made["right"], made["right_before"], made["wrong"]) == (5, 5, 2, [])
    assert made["estimate"]["groups"] == 5
    assert [c["right"] for c in limit["curve"]][-1] == 0


def test_the_text_shows_the_plateau_and_what_to_expect(place: Path) -> None:
    text = fit(place, "discs.logic", "--truth", "pictures/truth.json").stdout
    assert text.startswith("lim_px2 = ")
    assert "5 of 5 pictures right from 113" in text
    assert "▲" in text
    assert "right: 5 of 5 pictures, with the values as they stood 2" in text
    assert "pictures counted wrong: 0 of 5, on new ones at most 45.1% with 95% confidence" in text


def test_the_spec_is_written_with_all_else_as_it_was(place: Path) -> None:
    fit(place, "discs.logic", "--truth", "pictures/truth.json", "-o", "new.logic", "--report", "fit.html")
    old, new = SPEC.splitlines(), (place / "new.logic").read_text().splitlines()
    assert new[1].startswith("# fit: lim_px2: 5 of 5 pictures right by truth.json from 113")
    assert new[2].startswith("param lim_px2 = ")
    assert new[2].endswith(" px2 in 20 .. 800 px2   # of a disc")
    assert [new[0], *new[3:]] == [old[0], *old[2:]]
    page = (place / "fit.html").read_text()
    assert page.count("<svg") == 1
    assert "<h2>lim_px2 = " in page
    # fitted again, the comment is replaced; in place only where it is asked for
    shutil.copy(place / "new.logic", place / "again.logic")
    told = fit(place, "again.logic", "--truth", "pictures/truth.json", "-o", "again.logic", code=64).stderr
    assert "--in-place" in told
    fit(place, "again.logic", "--truth", "pictures/truth.json", "--in-place")
    assert (place / "again.logic").read_text().count("# fit: lim_px2") == 1
    assert compile_spec(place / "again.logic").params[0].value == compile_spec(place / "new.logic").params[0].value


def test_line_ends_stay_and_yaml_is_written_too(place: Path) -> None:
    (place / "dos.logic").write_bytes(SPEC.replace("\n", "\r\n").encode())
    fit(place, "dos.logic", "--truth", "pictures/truth.json", "-o", "out.logic")
    data = (place / "out.logic").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == SPEC.count("\n") + 1
    text = logidsl("convert", "discs.logic", cwd=place).stdout
    (place / "discs.yaml").write_text(text)
    fit(place, "discs.yaml", "--truth", "pictures/truth.json", "-o", "out.yaml")
    lines = (place / "out.yaml").read_text().splitlines()
    assert len([line for line in lines if "# fit: lim_px2" in line]) == 1
    rest = [line for line in lines if "# fit: lim_px2" not in line]
    assert [a for a, b in zip(rest, text.splitlines(), strict=True) if a != b] == [
        line for line in rest if "lim_px2: {is:" in line
    ]


def test_good_pictures_alone_give_a_one_sided_bound(tmp_path: Path) -> None:
    place = good_and_bad(tmp_path)
    made = found(place, "discs.logic", "--good", "good")
    (limit,) = made["limits"]
    assert limit["open"] == [True, False]
    assert limit["tolerance"]["confidence"] == 0.95
    areas = [np.pi * r * r for r in (10, 11, 10, 12, 11, 10, 12, 11)]
    wanted = np.mean(areas) - limit["tolerance"]["factor"] * np.std(areas, ddof=1)
    assert number(limit["value"]) == pytest.approx(max(20, wanted), abs=25)
    assert number(limit["value"]) < number(limit["plateau"][1])
    text = fit(place, "discs.logic", "--good", "good").stdout
    assert "at 95% confidence, 99% of such pictures stay right" in text
    assert "good pictures rejected: 0 of 8" in text


def test_good_and_bad_pictures(tmp_path: Path) -> None:
    place = good_and_bad(tmp_path)
    (place / "low.logic").write_text(SPEC.replace("= 60", "= 500"))
    made = found(place, "low.logic", "--good", "good", "--bad", "bad")
    assert (made["pictures"], made["right"], made["right_before"]) == (11, 11, 3)
    assert [r["what"] for r in made["estimate"]["rates"]] == ["good pictures rejected", "bad pictures missed"]


def test_a_limit_of_pixels(place: Path) -> None:
    for name, grey in (("a", 120), ("b", 200), ("c", 140), ("d", 90)):
        draw(place / "grey" / f"{name}.png", (12, 12, 12) if name != "d" else (), 0)
        draw(place / "grey" / f"{name}.png", (12, 12, 12), grey)
    (place / "grey" / "truth.csv").write_text("picture,disc\na.png,3\nb.png,3\nc.png,3\nd.png,0\n")
    (place / "grey.logic").write_text(
        "param lim = 70 % in 0 .. 100 %\nblobs spots where lightness > lim then fill()\n"
        "object disc = spots where area >= 50 px2\n"
    )
    made = found(place, "grey.logic", "--truth", "grey/truth.csv")
    low, high = map(number, made["limits"][0]["plateau"])
    # CIELAB lightness of grey 90 and 120 is 38.4 and 50.4
    assert [low, high] == pytest.approx([38.4, 50.4], abs=0.3)
    assert (made["right"], made["right_before"]) == (4, 2)


def test_several_limits_together(place: Path) -> None:
    (place / "two.logic").write_text(
        "param lim_px2 = 700 px2 in 20 .. 800 px2\nparam light = 97 % in 10 .. 100 %\n"
        "blobs spots where lightness > light then fill()\nobject disc = spots where area >= lim_px2\n"
    )
    for name in "abcde":
        shutil.copy(place / "pictures" / f"{name}.png", place / f"{name}.png")
    made = found(place, "two.logic", "--truth", "pictures/truth.json")
    assert (made["right"], made["right_before"]) == (5, 0)
    by_name = {x["name"]: x for x in made["limits"]}
    assert 113 < number(by_name["lim_px2"]["value"]) < 305
    # white passes every limit of lightness above the ground, so that the pictures say little of it
    assert number(by_name["light"]["plateau"][1]) > 99


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        ((), 64, "expected --truth FILE or --good DIR"),
        (("--truth", "pictures/truth.json", "--good", "pictures"), 64, "and not both"),
        (("--truth", "no.json"), 4, "there is no such file"),
        (
            ("--truth", "pictures/truth.json", "--only", "lim_px"),
            4,
            "unknown parameter `lim_px`: expected one of `lim_px2`; did",
        ),
        (("--truth", "pictures/truth.json", "-P", "lim_px2=5 px2"), 3, "`lim_px2`: expected 20 .. 800 px2"),
        (
            ("--truth", "pictures/truth.json", "-P", "lim_px2=50 px2", "--only", "lim_px2"),
            4,
            "cannot be fitted and set",
        ),
        (("--truth", "pictures/truth.json", "--coverage", "2"), 64, "expected --coverage from 50%"),
        (("--truth", "pictures/truth.json", "--name", "x"), 64, "expected --name THEIRS=OURS"),
        (("--truth", "pictures/truth.json", "--name", "x=dics"), 4, "no class or label `dics`"),
        (("--truth", "pictures/truth.json", "-o", "pictures/a.png"), 64, "is the input"),
        (("--good", "nowhere"), 4, "nowhere"),
    ],
)
def test_bad_command_lines(args: tuple[str, ...], code: int, message: str, place: Path) -> None:
    assert message in fit(place, "discs.logic", *args, code=code).stderr


def test_a_parameter_without_bounds(place: Path) -> None:
    (place / "free.logic").write_text(SPEC.replace(" in 20 .. 800 px2", ""))
    told = fit(place, "free.logic", "--truth", "pictures/truth.json", code=4).stderr
    assert "write `param lim_px2 = 60 px2 in LOW .. HIGH`" in told
    told = fit(place, "free.logic", "--truth", "pictures/truth.json", "--only", "lim_px2", code=4).stderr
    assert "`lim_px2` has no bounds" in told


def test_truth_about_other_pictures(place: Path) -> None:
    (place / "t.json").write_text('{"a.png": {"disc": 3}, "x.png": {"disc": 3}}')
    told = fit(place, "discs.logic", "--truth", "t.json", code=4).stderr
    assert "names a picture that cannot be found: `x.png`" in told
    told = fit(place, "discs.logic", "pictures", "--truth", "t.json", code=4).stderr
    assert "names a picture that cannot be found: `x.png`" in told
    # a part of the pictures may be chosen
    made = fit(place, "discs.logic", "pictures/a.png", "pictures/b.png", "--truth", "pictures/truth.json")
    assert "3 of 5 pictures of pictures/truth.json are not among those given" in made.stderr
    assert "2 of 2 pictures right" in made.stdout
    # what is said of the others need not suit the spec
    (place / "t.json").write_text('{"pictures/a.png": {"disc": 3}, "pictures/b.png": {"coins": 3}}')
    assert "1 of 1 picture right" in fit(place, "discs.logic", "pictures/a.png", "--truth", "t.json").stdout


def test_contradictory_truth_names_the_pictures(place: Path) -> None:
    shutil.copy(place / "pictures" / "a.png", place / "pictures" / "copy.png")
    (place / "t.json").write_text('{"a.png": {"disc": 3}, "copy.png": {"disc": 4}}')
    told = fit(place, "discs.logic", "--truth", "t.json", code=4).stderr
    assert "contradictory truth" in told
    assert "a.png is 3 disc" in told
    assert "copy.png, the same picture, is 4 disc" in told
    (place / "t.json").write_text('{"a.png": {"disc": 3}, "pictures/a.png": {"disc": 4}}')
    assert "the same picture" in fit(place, "discs.logic", "--truth", "t.json", code=4).stderr
    told = fit(place, "discs.logic", "--good", "pictures", "--bad", "pictures/a.png", code=4).stderr
    assert "contradictory truth: pictures/a.png is pass" in told


def test_pictures_that_no_value_gets_right_are_named(place: Path) -> None:
    (place / "pictures" / "truth.json").write_text('{"a.png": {"disc": 3}, "c.png": {"disc": 7}}')
    done = fit(place, "discs.logic", "--truth", "pictures/truth.json", code=1)
    assert "right: 1 of 2 pictures" in done.stdout
    assert "pictures/c.png: wrong, expected 7 disc" in done.stdout


def test_a_picture_that_cannot_be_read(place: Path) -> None:
    (place / "pictures" / "b.png").write_bytes(b"no picture")
    assert "b.png" in fit(place, "discs.logic", "--truth", "pictures/truth.json", code=4).stderr


def test_every_number_is_fitted_where_it_stands(place: Path) -> None:
    text = "blobs spots where lightness > 40 % then fill()\nobject disc = spots where area >= 170.5 px2 # small\n"
    (place / "plain.logic").write_text(text)
    truth = ("--truth", "pictures/truth.json")
    assert "no parameter with bounds" in fit(place, "plain.logic", *truth, code=4).stderr
    # discs of radius 10 have 317 px2: all limits from half to twice 170.5 that are below count the right ones
    made = found(place, "plain.logic", *truth, "--every-number", "-o", "new.logic")
    assert [x["name"] for x in made["limits"]] == ["lightness > _ (line 1)", "area >= _ (line 2)"]
    assert made["right"] == 5
    lines = (place / "new.logic").read_text().splitlines()
    assert lines[0] == text.splitlines()[0]  # white on black says nothing about it
    assert lines[1].startswith("# fit: area >= _: 5 of 5 pictures right")
    value = number(made["limits"][1]["value"])
    assert lines[2] == f"object disc = spots where area >= {made['limits'][1]['value']} # small"
    assert 113 < value < 317


def test_a_range_does_not_run_backwards(place: Path) -> None:
    (place / "range.logic").write_text(
        "blobs spots where lightness > 50 %\nobject disc = spots where area in 200 .. 250 px2\n"
    )
    made = found(place, "range.logic", "--truth", "pictures/truth.json", "--every-number", code=1)
    low, high = (number(x["value"]) for x in made["limits"][1:])
    assert low <= high


def heard() -> None:
    """Let an interrupt end this process: a shell starts what runs in the background without."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="how long a process has worked is read from /proc")
def test_an_interrupted_fit_writes_nothing(place: Path) -> None:
    (place / "many").mkdir()
    rng = np.random.default_rng(0)
    for number in range(12):  # large pictures of noise, looked at for many values: work for minutes
        assert cv2.imwrite(str(place / "many" / f"{number}.bmp"), rng.integers(0, 255, (2500, 2500, 3), np.uint8))
    (place / "many" / "truth.csv").write_text("picture,disc\n" + "".join(f"{n}.bmp,{n}\n" for n in range(12)))
    before = sorted(p.name for p in place.iterdir())
    args = ("fit", "discs.logic", "--truth", "many/truth.csv", "--every-number", "--in-place", "--report", "r.html")
    command = [sys.executable, "-m", "logidsl", *args, "--jobs", "1"]
    running = subprocess.Popen(
        command, cwd=place, env=environment(), stderr=subprocess.PIPE, text=True, preexec_fn=heard
    )
    stat = Path(f"/proc/{running.pid}/stat")
    while running.poll() is None and int(stat.read_text().rsplit(")", 1)[1].split()[11]) < os.sysconf("SC_CLK_TCK"):
        time.sleep(0.1)  # until it has worked for a second: it is in the midst of it
    assert running.poll() is None
    while running.poll() is None:  # again, as people do: a library that is being imported may swallow the first
        running.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(10)
    _, told = running.communicate()
    assert running.returncode == 130, told
    assert told == "logidsl: interrupted\n"
    assert sorted(p.name for p in place.iterdir()) == before
    assert (place / "discs.logic").read_text() == SPEC
