"""Reference layouts from files: what is saved can be read, and what cannot be used is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

import logidsl
from logidsl.cli import main

SPEC = """\
blobs green where lightness < 30 % then fill()
blobs red where saturation >= 60 % then open(4 px)
object plate = green where area >= 10 %: 1
object chip = red
layout seats "golden.csv" of turned(plate)
rule in_place: placed(chip, seats, 3 px)
"""
GOOD = ((50, 50), (130, 50), (290, 130))


def draw(path: Path, parts: tuple[tuple[int, int], ...] = GOOD, turned_deg: float = 0.0) -> Path:
    """A board with square parts."""
    picture = Image.new("RGB", (600, 400), "#d0d0d0")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((120, 110, 480, 290), "#1f3d2b")
    for x, y in parts:
        pen.rectangle((106 + x, 96 + y, 134 + x, 124 + y), "#c02020")
    picture.rotate(turned_deg, Image.Resampling.BICUBIC, fillcolor="#d0d0d0").save(path)
    return path


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the spec and a good picture."""
    monkeypatch.chdir(tmp_path)
    Path("board.logic").write_text(SPEC)
    draw(Path("good.png"))
    return tmp_path


def test_what_is_saved_passes_on_the_same_picture_and_on_a_turned_one(board: Path) -> None:
    assert main(["table", "good.png", "--save-layout", "golden.csv", "--output", "seen.txt"]) == 0
    assert Path("golden.csv").read_text().splitlines()[0] == "class,x,y"
    draw(Path("turned.png"), turned_deg=20)
    draw(Path("missing.png"), GOOD[:2])
    spec = logidsl.load("board.logic")
    assert [i.verdict for i in spec.check(["good.png", "turned.png", "missing.png"]).images] == ["pass", "pass", "fail"]


@pytest.mark.parametrize("file", ["good.png", "objects.csv", "objects.json"])
def test_a_good_picture_or_its_table_is_a_layout_too(board: Path, file: str) -> None:
    if file != "good.png":
        Path("seen.logic").write_text(SPEC.partition("layout")[0])
        form = file.rpartition(".")[2]
        command = ["table", "good.png", "--spec", "seen.logic", "--format", form, "--output", file]
        assert main(command) == 0
    Path("board.logic").write_text(SPEC.replace("golden.csv", file))
    spec = logidsl.load("board.logic")
    assert len(spec.program.layouts[0].places) == 3
    assert [i.verdict for i in spec.check(["good.png"]).images] == ["pass"]


def test_the_places_belong_to_the_identity_of_the_program(board: Path) -> None:
    hashes = set()
    for text in ("class,x,y\nchip,1,2\n", "class,x,y\nchip,1,3\n"):
        Path("golden.csv").write_text(text)
        hashes.add(logidsl.load("board.logic").program.hash)
    assert len(hashes) == 2


def test_a_changed_layout_is_read_anew_by_a_cached_program(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("golden.csv").write_text("class,x,y\nchip,50.5,50.5\nchip,130.5,50.5\nchip,290.5,130.5\n")
    assert main(["check", "good.png", "--quiet"]) == 0
    Path("golden.csv").write_text("class,x,y\nchip,50.5,50.5\n")
    assert main(["check", "good.png", "--quiet"]) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no such file"),
        (b"", "the file is empty"),
        (b"class,x,y\n", "expected places for `chip`, found none"),
        (b"class,x,y\nchip,1\n", "line 2: expected 3 values, found 2"),
        (b"class,x,y\nchip,1,far\n", "line 2: expected a number of px, found `far`"),
        (b"class,x,y\nchip,1,inf\n", "line 2: expected a number of px, found `inf`"),
        (b"class,x,y\nchop,1,2\n", "unknown class `chop`"),
        (b"\xff\xfe\x00", "expected text in UTF-8"),
        (b"class,width\nchip,3\n", "expected a column `image`"),
    ],
)
def test_a_file_that_gives_no_layout_is_an_error(board: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        Path("golden.csv").write_bytes(content)
    with pytest.raises(logidsl.SpecError, match="E195") as error:
        logidsl.load("board.logic")
    assert words in str(error.value)


def test_a_picture_without_the_frame_gives_no_layout(board: Path) -> None:
    Image.new("RGB", (600, 400), "#d0d0d0").save("empty.png")
    Path("board.logic").write_text(SPEC.replace("golden.csv", "empty.png"))
    with pytest.raises(logidsl.SpecError, match="is not found in it"):
        logidsl.load("board.logic")


def test_a_link_does_not_lead_out_of_the_folder(board: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "golden.csv"
    elsewhere.write_text("class,x,y\nchip,1,2\n")
    Path("golden.csv").symlink_to(elsewhere)
    with pytest.raises(logidsl.SpecError, match="outside of the spec's folder through a link"):
        logidsl.load("board.logic")


def test_a_layout_is_replaced_on_request_only(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save = ["table", "good.png", "--save-layout", "golden.csv", "--output", "seen.txt"]
    Path("golden.csv").write_text("class,x,y\nchip,1,2\n")
    assert main(save) == 64
    assert "--force replaces it" in capsys.readouterr().err
    assert main([*save, "--force"]) == 0
    assert main(["table", "good.png", "--save-layout", "golden.txt"]) == 64
    assert main(["check", "good.png", "--quiet"]) == 0


def test_a_doubtful_part_gives_no_layout(board: Path) -> None:
    rows = [
        {"image": "a", "class": "plate", "x0": 0, "y0": 0, "x1": 100, "y1": 50},
        {"image": "a", "class": "chip", "x0": 10, "y0": 10, "x1": 20, "y1": 20, "confidence": 0.5},
    ]
    names = list(dict.fromkeys(k for row in rows for k in row))
    lines = [",".join(names), *(",".join(str(row.get(n, "")) for n in names) for row in rows)]
    Path("golden.csv").write_text("\n".join(lines))
    text = 'doubtful 0.3 .. 0.6\nobject plate: 1\nobject chip\nlayout seats "golden.csv" of turned(plate)\n'
    Path("board.logic").write_text(text + "rule in_place: placed(chip, seats, 3 px)\n")
    with pytest.raises(logidsl.SpecError, match="is in doubt"):
        logidsl.load("board.logic")
