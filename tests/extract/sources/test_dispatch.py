"""Text, codes and marks within a spec, read from pictures that the tests draw."""

from __future__ import annotations

import math
import socket
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from logidsl.arrays import Pixels
from logidsl.diagnostics import InputError
from logidsl.extract import see_picture
from logidsl.extract.pixels.picture import Picture, picture_of
from logidsl.extract.sources.normalized_correlation import Mark
from logidsl.extract.sources.read_code import read_codes
from logidsl.extract.sources.read_text import read_lines
from logidsl.extract.sources.template import find_marks, read_mark
from logidsl.extras import needed
from logidsl.ir import Program
from logidsl.pipeline import compile_spec, report, see
from logidsl.seeing import see_one
from logidsl.source import Source
from logidsl.table import ObjectTable


def spec_of(folder: Path, text: str) -> Program:
    return compile_spec(Source(str(folder / "s.logic"), text))


def written(lines: list[tuple[int, int, str]], turn: int = 0, size: tuple[int, int] = (600, 300)) -> Pixels:
    """Lines of text in black on white, the whole turned anticlockwise."""
    picture = Image.new("RGB", size, "white")
    for x, y, text in lines:
        ImageDraw.Draw(picture).text((x, y), text, fill="black", font=ImageFont.load_default(40))
    turned = picture.rotate(turn, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    return np.ascontiguousarray(np.asarray(turned)[..., ::-1])


def texts(table: ObjectTable, name: str) -> list[str | None]:
    column = table.columns.get("text")
    read = column.texts() if column is not None and not isinstance(column, np.ndarray) else [None] * len(table)
    return [t for t, c in zip(read, table.classes.texts(), strict=True) if c == name]


def verdict(program: Program, bgr: Pixels) -> str:
    table = see(program, [picture_of(bgr)])
    assert table.problems == ()
    return report(program, table).images[0].verdict


LABEL = [(40, 40, "100% Juice"), (40, 120, "LOT A12-0447"), (330, 200, "Exp 07/2027")]


# ---- text ----


@pytest.mark.parametrize("turn", [0, 15, 45, 75, 90, 180, 240, 315])
def test_lines_are_read_whichever_way_they_run(turn: int) -> None:
    found = read_lines(written(LABEL, turn))
    assert sorted(f.text or "" for f in found) == ["100% Juice", "Exp 07/2027", "LOT A12-0447"]
    assert all(0.9 < f.confidence <= 1 for f in found)


@pytest.mark.parametrize("turn", range(0, 360, 45))
def test_lines_close_together_are_told_apart_and_lie_where_they_are(turn: int) -> None:
    """The network alone joins these where they run aslant, and misses one where they run down the page."""
    found = read_lines(written([(200, 100, "100% Juice"), (200, 144, "LOT A12-0447")], turn))
    first, second = sorted(found, key=lambda f: f.text or "")
    assert (first.text, second.text) == ("100% Juice", "LOT A12-0447")
    middle = np.array(written([], turn).shape[1::-1]) / 2
    angle = np.radians(-turn)
    way = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for line, width, y in ((first, 207, 122), (second, 260, 166)):
        place = way @ (np.array([200 + width / 2, y]) - (300, 150)) + middle
        assert np.hypot(*(np.array(line.center) - place)) < 12


def test_an_outline_lies_round_its_line() -> None:
    (found,) = read_lines(written([(100, 60, "SN 4711")]))
    x0, y0, x1, y1 = found.box
    assert 90 <= x0 <= 104
    assert 225 <= x1 <= 290
    assert 55 <= y0 <= 75
    assert 95 <= y1 <= 115


@pytest.mark.parametrize("turn", [0, 90, 180, 210])
def test_pieces_of_a_line_are_read_as_one_in_their_order(turn: int) -> None:
    """In so flat a picture the network finds `SN` and `4711` apart."""
    flat = np.asarray(written([(30, 5, "SN 4711 LOT A12")], size=(420, 56)))
    page_ = np.full((500, 500, 3), 255, np.uint8)
    page_[200:256, 40:460] = flat
    turned = Image.fromarray(page_[..., ::-1]).rotate(turn, fillcolor="white", resample=Image.Resampling.BICUBIC)
    found = read_lines(np.ascontiguousarray(np.asarray(turned)[..., ::-1]))
    assert [f.text for f in found] == ["SN 4711 LOT A12"]


def test_columns_that_stand_apart_are_lines_of_their_own() -> None:
    found = read_lines(written([(20, 40, "LEFT"), (300, 40, "RIGHT")]))
    assert sorted(f.text or "" for f in found) == ["LEFT", "RIGHT"]


def test_signs_are_as_a_keyboard_has_them() -> None:
    """The network knows `µ` as a Greek letter only, and `°C` as one sign."""
    name = next(
        (n for n in ("DejaVuSans.ttf", "Arial.ttf", "arial.ttf", "LiberationSans-Regular.ttf") if _font(n)), None
    )
    if name is None:
        pytest.skip("no font with the signs is installed")
    page_ = Image.new("RGB", (420, 120), "white")
    ImageDraw.Draw(page_).text((30, 40), "Größe: 5 µm, 50 °C", fill="black", font=ImageFont.truetype(name, 30))
    (line,) = read_lines(np.ascontiguousarray(np.asarray(page_)[..., ::-1]))
    assert (line.text or "").replace(" ", "") == "Größe:5µm,50°C"


def _font(name: str) -> bool:
    try:
        ImageFont.truetype(name, 30)
    except OSError:
        return False
    return True


def test_where_nothing_is_written_nothing_is_read() -> None:
    assert read_lines(written([])) == []


def test_a_rule_compares_what_was_read(tmp_path: Path) -> None:
    program = spec_of(
        tmp_path,
        """
        object flavour = read_text(box(0 %, 0 %, 100 %, 35 %)): 1
        object rest = read_text(box(0 %, 35 %, 100 %, 100 %)): 2
        rule right: flavour.text = "100% Juice"
        rule order: [text of rest by y] = ["LOT A12-0447", "Exp 07/2027"]
        """,
    )
    assert verdict(program, written(LABEL)) == "pass"
    wrong = [(40, 40, "50% Juice"), *LABEL[1:]]
    table = see(program, [picture_of(written(wrong))])
    made = report(program, table).images[0]
    assert made.verdict == "fail"
    assert [(f.rule, f.measured) for f in made.findings] == [("right", "50% Juice")]


def test_the_models_come_with_the_package_and_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    from logidsl.extract.sources import read_text

    read_text._reader.cache_clear()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("reading text opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert [f.text for f in read_lines(written([(40, 40, "OFFLINE")]))] == ["OFFLINE"]


@pytest.mark.parametrize("name", ["half_filled.png", "one_cherry_missing.png"])
def test_the_label_of_a_real_bottle_is_read(name: str, shared: Path, tmp_path: Path) -> None:
    """Two photos of filled bottles, 310 and 173 px wide."""
    program = spec_of(tmp_path, 'object label = read_text(): 1\nrule right: label.text = "100% Juice"')
    made = report(program, see(program, [shared / "loco_juice_bottle" / name])).images[0]
    assert made.verdict == "pass", made.findings


# ---- codes ----


def code(kind: str, text: str) -> Pixels:
    """A code with its quiet zone."""
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    grey = np.asarray(zxingcpp.write_barcode_to_image(made, scale=4))
    return np.repeat(np.pad(grey, 20, constant_values=255)[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("QRCode", "https://example.org/7"),
        ("DataMatrix", "PART-0042"),
        ("EAN13", "4006381333931"),
        ("Code128", "A-17/b"),
    ],
)
def test_a_code_is_read_with_its_format(kind: str, text: str) -> None:
    (found,) = read_codes(code(kind, text))
    assert (found.text, found.values["format"]) == (text, kind)


def test_a_code_of_another_writer_is_read_turned() -> None:
    grey = cv2.QRCodeEncoder.create().encode("SERIAL 99")
    grey = np.pad(np.kron(np.asarray(grey), np.ones((5, 5), np.uint8)), 60, constant_values=255)
    turned = Image.fromarray(grey).rotate(23, fillcolor=255, resample=Image.Resampling.BICUBIC)
    (found,) = read_codes(np.repeat(np.asarray(turned)[..., None], 3, axis=2))
    assert found.text == "SERIAL 99"
    assert len(found.rings) == 1


def test_a_damaged_code_is_not_there() -> None:
    bgr = code("QRCode", "https://example.org/7")
    height, width = bgr.shape[:2]
    bgr[height // 3 : height // 3 * 2, width // 4 : width // 4 * 3] = 255
    assert read_codes(bgr) == []


def test_a_code_that_should_be_there_is_missed(tmp_path: Path) -> None:
    program = spec_of(
        tmp_path,
        """
        attribute kind_of_code "format" of tag: text
        object tag = read_code(box(0 %, 0 %, 50 %, 100 %)): 1 low no_tag
        rule part: matches(tag.text, "PART-[0-9]{4}") and tag.kind_of_code = "DataMatrix"
        """,
    )
    tag = code("DataMatrix", "PART-0042")
    page = np.full((300, 600, 3), 255, np.uint8)
    page[50 : 50 + tag.shape[0], 40 : 40 + tag.shape[1]] = tag
    assert verdict(program, page) == "pass"
    made = report(program, see(program, [picture_of(np.ascontiguousarray(page[:, ::-1][:, ::-1][:, 300:]))])).images[0]
    assert (made.verdict, made.labels) == ("fail", ["no_tag"])


# ---- templates ----


def lid(size: int = 60) -> Image.Image:
    """A disc of two colours that has one way up, transparent round it."""
    made = Image.new("RGBA", (size * 4, size * 4), (0, 0, 0, 0))
    pen, whole = ImageDraw.Draw(made), (0, 0, size * 4 - 1, size * 4 - 1)
    pen.pieslice(whole, 0, 360, fill=(200, 60, 40, 255))
    pen.pieslice(whole, 200, 300, fill=(30, 60, 200, 255))
    pen.rectangle((size * 2 - 10, size * 2, size * 2 + 10, size * 3.4), fill=(240, 240, 220, 255))
    return made.resize((size, size), Image.Resampling.LANCZOS)


def page(places: list[tuple[int, int, float, float]], gain: float = 1.0) -> Pixels:
    """Lids on speckled grey: middle, turn clockwise, size."""
    noise = np.random.default_rng(5).integers(100, 140, (400, 500, 3)).astype(np.uint8)
    made = Image.fromarray(noise)
    for x, y, turn, size in places:
        one = lid(240).rotate(-turn, resample=Image.Resampling.BICUBIC)
        one = one.resize((round(60 * size),) * 2, Image.Resampling.LANCZOS)
        made.paste(one, (round(x - one.width / 2), round(y - one.height / 2)), one)
    bgr = np.asarray(made)[..., ::-1].astype(float) * gain
    return np.ascontiguousarray(bgr.clip(0, 255).astype(np.uint8))


@pytest.fixture
def mark(tmp_path: Path) -> Mark:
    lid().save(tmp_path / "lid.png")
    return read_mark(tmp_path / "lid.png", 0)


@pytest.mark.parametrize("gain", [1.0, 0.6, 1.2])
def test_a_mark_is_found_where_it_is_in_any_light(mark: Mark, gain: float) -> None:
    found = find_marks(page([(100, 120, 0, 1), (400, 300, 0, 1)], gain), mark, 0.8, 0.0, 0.0)
    assert sorted((round(f.center[0]), round(f.center[1])) for f in found) == [(100, 120), (400, 300)]
    assert all(f.confidence > 0.9 for f in found)


def test_there_is_no_mark_on_an_empty_page(mark: Mark) -> None:
    assert find_marks(page([]), mark, 0.6, 0.1, 30.0) == []
    assert find_marks(np.full((100, 100, 3), 80, np.uint8), mark, 0.6, 0.1, 30.0) == []
    assert find_marks(np.full((20, 20, 3), 80, np.uint8), mark, 0.6, 0.0, 0.0) == []


@pytest.mark.parametrize("turn", [-25.0, 7.5, 28.0])
def test_a_turned_mark_is_found_with_its_turn(mark: Mark, turn: float) -> None:
    bgr = page([(250, 180, turn, 1)])
    assert find_marks(bgr, mark, 0.9, 0.0, 0.0) == []
    (found,) = find_marks(bgr, mark, 0.85, 0.0, 30.0)
    off = (float(found.values["turn"]) - turn + 180) % 360 - 180
    assert abs(off) < 1.5
    assert math.dist(found.center, (250, 180)) < 1


@pytest.mark.parametrize("turn", [95.0, 180.0, 300.0])
def test_a_mark_may_be_turned_all_the_way_round(mark: Mark, turn: float) -> None:
    (found,) = find_marks(page([(250, 180, turn, 1)]), mark, 0.85, 0.0, 180.0)
    assert abs((float(found.values["turn"]) - turn + 180) % 360 - 180) < 1.5


@pytest.mark.parametrize("size", [0.88, 1.0, 1.12])
def test_a_mark_of_another_size_is_found_with_it(size: float, tmp_path: Path) -> None:
    bgr = page([(100, 100, 0, 1)])
    Image.fromarray(np.ascontiguousarray(bgr[60:140, 60:140, ::-1])).save(tmp_path / "lid.png")
    mark = read_mark(tmp_path / "lid.png", 0)
    (found,) = find_marks(page([(250, 180, 0, size)]), mark, 0.8, 0.2, 0.0)
    assert float(found.values["size"]) == pytest.approx(size, abs=0.03)
    assert found.box[2] - found.box[0] == pytest.approx(80 * size, abs=2.5)
    assert math.dist(found.center, (250, 180)) < 1


def cut_and_turned(turn: float, size: float) -> tuple[Mark, Pixels, tuple[float, float]]:
    """A mark cut from a page, the page turned about its middle and sized, and where the mark's middle then is."""
    bgr = page([(180, 150, 0, 1)])
    mark = Mark(np.ascontiguousarray(bgr[105:195, 120:240]), np.full((90, 120), 255, np.uint8))
    cos, sin = math.cos(math.radians(turn)) * size, math.sin(math.radians(turn)) * size
    way, side = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]]), round(650 * size)
    way[:, 2] = side / 2 - way[:, :2] @ (250, 200)
    x, y = way[:, :2] @ (180, 150) + way[:, 2]
    way[:, 2] += way[:, :2] @ (0.5, 0.5) - 0.5
    soft = cv2.GaussianBlur(bgr, (0, 0), 0.8)
    return mark, np.asarray(cv2.warpAffine(soft, way, (side, side), borderValue=(120, 120, 120))), (x, y)


@pytest.mark.parametrize(
    ("turn", "size"), [(0.0, 1.0), (3.0, 1.0), (47.0, 1.0), (-160.0, 1.0), (20.0, 0.5), (-20.0, 2.0)]
)
def test_a_pose_is_exact_to_parts_of_a_pixel_and_of_a_degree(turn: float, size: float) -> None:
    mark, bgr, middle = cut_and_turned(turn, size)
    stretch, turns = (0.0, 180.0) if size == 1 else (1.0, 25.0)
    found = find_marks(bgr, mark, 0.8, stretch, turns)[0]
    assert math.dist(found.center, middle) < 0.1 * size
    assert abs((float(found.values["turn"]) - turn + 180) % 360 - 180) < 0.1
    assert float(found.values["size"]) == pytest.approx(size, rel=0.002)


def cross(size: int = 48) -> Pixels:
    """A cross that looks the same turned by quarters."""
    made = np.full((size, size, 3), 200, np.uint8)
    made[size // 3 : -size // 3] = made[:, size // 3 : -size // 3] = (40, 60, 160)
    return made


def test_a_mark_that_looks_the_same_another_way_round_has_no_turn(tmp_path: Path) -> None:
    bgr = np.random.default_rng(1).integers(190, 210, (300, 300, 3)).astype(np.uint8)
    bgr[126:174, 126:174] = cross()
    cv2.imwrite(str(tmp_path / "cross.png"), cross())
    text = """
        object cross = template("cross.png", 80 %, TURN deg): 1
        frame turned(cross)
        object dot = template("cross.png", 80 %)
        rule beside: every dot: x in 45 .. 55 %
    """
    table = see(spec_of(tmp_path, text.replace("TURN", "180")), [picture_of(bgr)])
    assert any("`cross` looks the same in another orientation: how it is turned is unknown" in n for n in table.notes)
    assert verdict(spec_of(tmp_path, text.replace("TURN", "180")), bgr) == "review"
    assert verdict(spec_of(tmp_path, text.replace("TURN", "30")), bgr) == "pass"


@pytest.mark.parametrize(
    ("freedom", "room"), [("", False), (", 50 %", False), (", 100 %", True), (", 0 %, 45 deg", False)]
)
def test_a_mark_larger_than_what_is_looked_at_is_noted(tmp_path: Path, freedom: str, room: bool) -> None:
    lid().save(tmp_path / "lid.png")
    program = spec_of(tmp_path, f'object lid = template("lid.png", 80 %{freedom}, box(0 px, 0 px, 200 px, 35 px))')
    table = see(program, [picture_of(page([]))])
    said = "`lid` has no room: `lid.png` is 60 by 60 px, and 200 by 35 px are looked at"
    assert any(said in note for note in table.notes) is not room


def test_a_picture_of_one_colour_is_no_template(tmp_path: Path) -> None:
    Image.new("RGB", (20, 20), "red").save(tmp_path / "flat.png")
    with pytest.raises(InputError, match="is not usable as a template: expected at least 4 by 4 px"):
        read_mark(tmp_path / "flat.png", 0)


def test_a_mark_makes_the_frame_of_reference(tmp_path: Path) -> None:
    """What is said in shares of the mark holds wherever it lies and however it is turned."""
    lid().save(tmp_path / "lid.png")
    program = spec_of(
        tmp_path,
        """
        object lid = template("lid.png", 80 %, 180 deg): 1
        color green = "#30a040" within 15
        blobs dot where color = green then open(1 %)
        frame turned(lid)
        rule beside as position: every dot: x in 130 .. 170 % and y in 30 .. 70 %
        object dots = dot: 1
        """,
    )
    for x, y, turn in ((120, 150, 0.0), (300, 200, 25.0), (200, 160, -30.0), (250, 200, 100.0), (250, 200, 181.0)):
        bgr = page([(x, y, turn, 1)])
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        at = (round(x + 60 * cos), round(y + 60 * sin))
        cv2.circle(bgr, at, 8, (0x40, 0xA0, 0x30), -1)
        assert verdict(program, bgr) == "pass"
        wrong = page([(x, y, turn, 1)])
        cv2.circle(wrong, (round(x - 70 * sin), round(y + 70 * cos)), 8, (0x40, 0xA0, 0x30), -1)
        assert verdict(program, wrong) == "fail"


# ---- regions ----


CARD = """
object lid = template("lid.png", 80 %): 1
region beside = box(120 %, 0 %, 620 %, 100 %) of lid
object serial = read_text(beside): 1
rule known: serial.text = "SN 4711"
"""


def card(x: int, y: int, text: str) -> Pixels:
    """A lid with a text at its right, and another text elsewhere."""
    bgr = page([(x, y, 0, 1)])
    made = Image.fromarray(bgr[..., ::-1].copy())
    pen = ImageDraw.Draw(made)
    pen.rectangle((x + 45, y - 28, x + 300, y + 28), fill="white")
    pen.text((x + 60, y - 24), text, fill="black", font=ImageFont.load_default(36))
    pen.rectangle((20, 330, 300, 390), fill="white")
    pen.text((40, 335), "ELSEWHERE", fill="black", font=ImageFont.load_default(36))
    return np.ascontiguousarray(np.asarray(made)[..., ::-1])


def test_a_region_may_speak_of_what_was_seen_before(tmp_path: Path) -> None:
    lid().save(tmp_path / "lid.png")
    program = spec_of(tmp_path, CARD)
    for x, y in ((80, 80), (150, 230)):
        table = see(program, [picture_of(card(x, y, "SN 4711"))])
        assert texts(table, "serial") == ["SN 4711"]
        assert report(program, table).images[0].verdict == "pass"
    assert verdict(program, card(80, 80, "SN 4712")) == "fail"


def test_where_the_object_is_missing_nothing_is_read_and_it_is_said(tmp_path: Path) -> None:
    lid().save(tmp_path / "lid.png")
    program = spec_of(tmp_path, CARD)
    table = see(program, [picture_of(page([]), "empty")])
    assert len(table) == 0
    assert table.notes == ("empty: `serial` was not looked for: its region depends on an absent object",)
    assert report(program, table).images[0].verdict == "fail"


def test_a_doubtful_object_is_looked_at(tmp_path: Path) -> None:
    lid().save(tmp_path / "lid.png")
    program = spec_of(tmp_path, CARD + "doubtful 50 .. 100 % of lid")
    table = see(program, [picture_of(card(80, 80, "SN 4711"))])
    assert texts(table, "serial") == ["SN 4711"]
    assert report(program, table).images[0].verdict == "review"


def test_a_region_outside_of_the_picture_is_said(tmp_path: Path) -> None:
    program = spec_of(tmp_path, "object tag = read_code(box(900 px, 0 px, 950 px, 50 px))")
    table = see(program, [picture_of(page([]), "p")])
    assert table.notes == ("p: `tag` was not looked for: its region lies outside of the picture",)


def test_only_what_lies_in_the_region_counts(tmp_path: Path) -> None:
    lid().save(tmp_path / "lid.png")
    text = 'object lid = template("lid.png", 80 %, ring(250 px, 200 px, 80 px, 200 px))'
    bgr = page([(250, 200, 0, 1), (400, 200, 0, 1), (45, 45, 0, 1)])
    table = see_one(spec_of(tmp_path, text), picture_of(bgr))
    assert [round(float(x)) for x in np.asarray(table.columns["x0"])] == [370]


def test_a_spec_that_sees_by_sources_alone_sees_an_empty_picture(tmp_path: Path) -> None:
    table = see_picture(spec_of(tmp_path, "object tag = read_code(): 0"), picture_of(page([])))
    assert (len(table), len(table.images)) == (0, 1)


# ---- extras ----


@pytest.mark.parametrize(
    ("text", "module", "message"),
    [
        ("object a = read_text()", "rapidocr", "reading text needs the extra `ocr`: pip install 'logidsl[ocr]'"),
        ("object a = read_code()", "zxingcpp", "reading codes needs the extra `codes`: pip install 'logidsl[codes]'"),
        ('object a = detect("a.onnx", 0)', "onnxruntime", "running a detector needs the extra `onnx`: pip install"),
    ],
)
def test_a_missing_extra_is_named(
    text: str, module: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from logidsl.extract.sources import read_text

    read_text._reader.cache_clear()
    (tmp_path / "a.onnx").write_bytes(b"")
    monkeypatch.setitem(sys.modules, module, None)
    table = see(spec_of(tmp_path, text), [Picture("p", page([]))])
    assert message in table.problems[0].message


def test_an_extra_that_cannot_be_loaded_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_installed.py").write_text("import not_installed_at_all\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(InputError, match="reading needs `not_installed_at_all`, which `half_installed` could not"):
        needed("half_installed", "some", "reading")
