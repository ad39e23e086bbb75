"""Numbers that a sentence does not state, measured on good parts."""

import random
import re
from pathlib import Path

import numpy as np
import pytest

from logidsl.infer.parameters import measured
from logidsl.source import Source
from logidsl.table import ObjectTable, TextColumn
from tests.cli.commands import logidsl
from tests.llm.servers import Server, says

SPEC = """\
object pin
param uneven = 1 px in 0 px .. 100 px
param small = 1 px in 0 px .. 100 px
param unused = 1 px in 0 px .. 100 px
rule even: spread(steps(pin by x)) <= uneven
rule size: every pin: width >= small
"""


def rows(count: int, seed: int = 0, off: float = 3.0) -> list[list[float]]:
    """The boxes of five pins on some parts, up to so many px off their places."""
    dice = random.Random(seed)
    return [
        [part, x := 40 + 60 * place + dice.uniform(-off, off), 50, x + dice.uniform(18, 22), 90]
        for part in range(count)
        for place in range(5)
    ]


def table(boxes: list[list[float]]) -> ObjectTable:
    n = int(boxes[-1][0]) + 1
    columns = {name: np.array([b[k] for b in boxes]) for k, name in enumerate(("x0", "y0", "x1", "y1"), 1)}
    return ObjectTable(
        images=tuple(f"part {i}" for i in range(n)),
        sizes=np.full((n, 2), (400.0, 100.0)),
        offsets=np.arange(n + 1, dtype=np.int64) * 5,
        classes=TextColumn.of(["pin"] * len(boxes)),
        ids=tuple(map(str, range(len(boxes)))),
        columns=columns,
    )


def test_values_lie_beyond_what_was_seen_on_the_side_that_the_rule_limits():
    found = measured(Source("s", SPEC), ["uneven", "small", "unused"], table(rows(30)))
    uneven, small = (float(found[name][0].removesuffix(" px")) for name in ("uneven", "small"))
    assert 8 < uneven < 20
    assert 15 < small < 18.1
    assert re.fullmatch(r"measured on 30 good pictures: [\d.]+ px to [\d.]+ px", found["uneven"][1])
    assert found["unused"] == ("", "not measured: the bounds do not decide whether good pictures pass")


def test_few_pictures_and_a_picture_that_no_value_passes():
    assert measured(Source("s", SPEC), ["uneven"], table(rows(3)))["uneven"] == (
        "",
        "not measured: expected at least 5 good pictures, found 3",
    )
    narrow = SPEC.replace("uneven = 1 px in 0 px .. 100 px", "uneven = 1 px in 0 px .. 4 px")
    value, why = measured(Source("s", narrow), ["uneven"], table(rows(30)))["uneven"]
    assert value == "" and re.fullmatch(r"not measured: no value between the bounds passes part \d+", why)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOGIDSL_CACHE", str(tmp_path / "cache"))
    (tmp_path / "rules.txt").write_text("- Pins are evenly spaced.\n- There are five pins.\n")
    for name, boxes in (("good", rows(30)), ("new", rows(20, 1)), ("bad", rows(20, 2, off=25))):
        lines = ["image,image_width,image_height,class,x0,y0,x1,y1"]
        lines += [f"{name}{int(b[0])}.png,400,100,pin,{b[1]},{b[2]},{b[3]},{b[4]}" for b in boxes]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_a_sentence_without_numbers_takes_them_from_good_parts(here: Path):
    answer = (
        "# 1\nparam uneven = 1px in 0px .. 100px\n"
        "rule even as position: spread(steps(pin by x)) <= uneven\n# 2\nobject pin: 5\n"
    )
    with Server(says(answer)) as server:
        asked = ["translate", "rules.txt", "--table", "good.csv", "--base-url", server.url, "-o", "pins.logic"]
        done = logidsl(*asked, cwd=here)
        prompt = str(server.asked[0]["messages"])
    assert done.returncode == 0, done.stderr
    assert "is measured on the good pictures" in prompt
    assert len(server.asked) == 1  # the guess of the model would fail on good pictures, and be asked about
    spec = (here / "pins.logic").read_text()
    assert re.search(r"# measured on 30 good pictures: [\d.]+ px to [\d.]+ px\nparam uneven = \d+\.?\d* px in", spec)
    judged = {
        name: logidsl("check", "--table", f"{name}.csv", "--spec", "pins.logic", "--quiet", cwd=here).returncode
        for name in ("good", "new")
    }
    assert judged == {"good": 0, "new": 0}
    bad = logidsl("check", "--table", "bad.csv", "--spec", "pins.logic", "--format", "text", cwd=here)
    assert re.search(r"20 pictures: [0-4] pass", bad.stdout)
