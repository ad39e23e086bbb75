"""What looks at more than one pixel: regions, windows, limits taken from the picture, backgrounds; and steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage.filters import threshold_otsu

import logidsl
from logidsl.diagnostics import InputError, SpecError
from logidsl.extract import stages
from logidsl.extract.pixels.header import read_header
from logidsl.extract.pixels.masks import ColourTable, pixel_masks
from logidsl.extract.pixels.picture import picture_of, read_picture, write_picture
from logidsl.extract.pixels.pixel_functions import otsu_of
from logidsl.extract.pixels.pixel_values import contrast_of, lightness_image
from logidsl.extract.pixels.regions_of_interest import look_of
from logidsl.extract.pixels.steps import filled, holes
from logidsl.ir import Program
from logidsl.library.color import ciede2000, lab_of_rgb, relit
from logidsl.pipeline import compile_spec
from logidsl.source import Source

RNG = np.random.default_rng(11)
NOISE = RNG.integers(0, 256, (90, 140, 3), np.uint8)


def program(text: str, path: str = "spec.logic") -> Program:
    return compile_spec(Source(path, text))


def mask(condition: str, picture: np.ndarray = NOISE) -> np.ndarray:
    return pixel_masks(program(f"blobs b where {condition}\nobject c = b where area > 0 px2"), picture)[0].astype(bool)


def test_inside_a_box_takes_the_pixels_whose_centres_lie_there() -> None:
    found = mask("lightness >= 40 % and inside box(10 %, 20 px, 50 %, 60.4 px)")
    wanted = np.zeros(NOISE.shape[:2], bool)
    wanted[20:60, 14:70] = mask("lightness >= 40 %")[20:60, 14:70]
    assert (found == wanted).all()
    assert found.any()


@pytest.mark.parametrize("word", ["inside", "outside"])
def test_a_circle_is_asked_pixel_by_pixel(word: str) -> None:
    found = mask(f"{word} circle(70 px, 45 px, 30 px)")
    y, x = np.mgrid[0:90, 0:140] + 0.5
    far = np.hypot(x - 70, y - 45)
    sure = np.abs(far - 30) > 0.1
    assert (found == ((far < 30) == (word == "inside")))[sure].all()


def test_a_condition_in_a_region_looks_at_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = ColourTable.look_up_words

    def spy(self: ColourTable, bgr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen.append(bgr.shape[:2])
        return real(self, bgr)

    monkeypatch.setattr(ColourTable, "look_up_words", spy)
    mask("hue in 20 .. 60 deg and inside box(0 %, 0 %, 20 %, 20 %) and saturation > 10 %")
    assert seen == [(18, 28)]


def test_a_region_outside_of_the_picture_holds_no_pixel() -> None:
    assert not mask("lightness >= 0 % and inside box(200 %, 0 %, 300 %, 100 %)").any()
    made = program("blobs b where inside box(200 %, 0 %, 300 %, 100 %)\nobject c = b where area > 0 px2")
    look = look_of(made, made.blobs[0].where, (90, 140))
    assert look.columns.stop - look.columns.start == 0


@pytest.mark.parametrize("side_px", [5.0, 14.0])
def test_contrast_is_lightness_without_the_mean_round_it(side_px: float) -> None:
    lightness = lightness_image(NOISE).astype(np.float64)
    reach = int(side_px / 2)
    wide = np.pad(lightness, reach, mode="symmetric")
    mean = np.mean([np.roll(wide, (dy, dx), (0, 1)) for dy in range(-reach, reach + 1)
                    for dx in range(-reach, reach + 1)], axis=0)  # fmt: skip
    wanted = lightness - mean[reach:-reach, reach:-reach]
    assert np.abs(contrast_of(NOISE, side_px) - wanted).max() < 1e-5
    part = np.s_[10:40, 100:140]
    assert np.abs(contrast_of(NOISE, side_px, part) - wanted[part]).max() < 1e-5
    assert (mask(f"contrast({side_px} px) >= 12 %") == (contrast_of(NOISE, side_px) >= 0.12)).mean() > 0.999


def test_otsu_is_that_of_another_library() -> None:
    values = np.concatenate([RNG.normal(0.3, 0.12, 4000), RNG.normal(0.6, 0.12, 2500)])
    assert otsu_of(values) == pytest.approx(threshold_otsu(values, 256), abs=np.ptp(values) / 100)
    assert otsu_of(np.full(9, 0.25)) == 0.25
    assert np.isnan(otsu_of(np.full(9, np.nan)))


def test_otsu_parts_dark_from_light_whatever_the_light() -> None:
    part = np.zeros((60, 80), bool)
    part[20:40, 30:60] = True
    for dark, light in ((20, 60), (100, 220)):
        grey = np.where(part, light, dark) + RNG.integers(-8, 9, part.shape)
        picture = np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
        assert (mask("lightness >= otsu(lightness)", picture) == part).all()


def test_what_differs_from_an_empty_picture_is_seen(tmp_path: Path) -> None:
    from logidsl.extract import write_picture

    spec = tmp_path / "spec.logic"
    write_picture(tmp_path / "empty.png", NOISE)
    spec.write_text(
        'blobs new where difference(color, background("empty.png")) >= 10 then open(3 px)\n'
        "object part = new where area >= 20 px2\n"
        "rule one as quantity: count(part) = 1"
    )
    picture = NOISE.copy()
    picture[30:50, 60:90] = (0, 160, 255)
    checked = logidsl.load(spec)
    assert checked.check(picture).ok
    assert not checked.check(NOISE).ok
    (image,) = checked.check(picture[:50]).images
    assert image.verdict == "error"
    assert "140 by 90 px" in str(image.error)
    write_picture(tmp_path / "empty.png", picture)  # replaced: what was new is background now
    assert not checked.check(picture).ok
    (tmp_path / "empty.png").unlink()
    (image,) = checked.check(picture).images
    assert "the background `empty.png` cannot be used: no picture" in str(image.error)


@pytest.mark.parametrize("name", ["../empty.png", "/etc/hostname"])
def test_a_background_lies_below_the_spec(tmp_path: Path, name: str) -> None:
    spec = tmp_path / "spec.logic"
    spec.write_text(
        f'blobs new where difference(color, background("{name}")) >= 10\nobject p = new where area > 1 px2\n'
    )
    (image,) = logidsl.load(spec).check(NOISE).images
    assert image.verdict == "error"
    assert "outside of the folder" in str(image.error)


def test_tint_does_not_depend_on_the_light() -> None:
    skin = np.array([200.0, 120.0, 60.0])
    linear = np.where(skin / 255 <= 0.04045, skin / 255 / 12.92, ((skin / 255 + 0.055) / 1.055) ** 2.4)
    for factor in (0.4, 0.7, 1.2):
        light = linear * factor
        rgb = 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
        assert ciede2000(relit(lab_of_rgb(rgb), lab_of_rgb(skin)), lab_of_rgb(skin)) < 0.6
        assert ciede2000(lab_of_rgb(rgb), lab_of_rgb(skin)) > 4
    picture = np.zeros((20, 40, 3), np.uint8)
    picture[:, :20], picture[:, 20:] = (60, 120, 200)[::1], (20, 44, 78)
    assert mask('tint_difference(color, "#c8783c") <= 6', picture).all()
    assert not mask('difference(color, "#c8783c") <= 6', picture)[:, 20:].any()


def test_holes_are_what_filling_adds() -> None:
    ring = np.zeros((30, 30), np.uint8)
    ring[5:25, 5:25] = 1
    ring[10:20, 10:20] = 0
    ring[22, 22] = 0
    assert holes(ring).sum() == 101
    assert (filled(ring) - ring == holes(ring)).all()
    assert filled(ring, 5).sum() - ring.sum() == 1
    assert filled(ring, 10).sum() - ring.sum() == 101
    assert not filled(np.zeros((4, 4), np.uint8)).any()


def test_cover_tells_a_ring_from_a_disc_that_is_filled() -> None:
    picture = np.zeros((60, 120, 3), np.uint8)
    y, x = np.mgrid[0:60, 0:120]
    for middle, hole in ((30, 12), (90, 0)):
        far = np.hypot(x - middle, y - 30)
        picture[(far < 20) & (far >= hole)] = 255
    made = program(
        "blobs b where lightness > 50 % then fill()\nobject thin = b where cover < 90 %\nrule r: count(thin) = 1"
    )
    table = logidsl.extract.see_picture(made, picture_of(picture))
    left, right = np.asarray(table.columns["cover"])
    assert left == pytest.approx(1 - (12 / 20) ** 2, abs=0.03)
    assert right == 1


def test_stages_show_every_step() -> None:
    made = program("blobs b where lightness > 50 % then open(3 px) then split()\nobject c = b where area > 1 px2")
    found = list(stages(made, picture_of(NOISE)))
    assert [name for name, _, _ in found] == ["b-0-where", "b-1-open", "b-2-split"]
    assert [words for _, words, _ in found] == ["lightness > 50 %", "open(3 px)", "split()"]
    assert found[0][2].sum() > found[1][2].sum() >= found[2][2].sum()


def test_cells_of_colours_answer_as_single_colours_do() -> None:
    made = program("blobs b where hue in 20 .. 90 deg and saturation > 30 %\nobject c = b where area > 1 px2")
    y, x = np.mgrid[0:300, 0:400]
    smooth = np.stack([x % 60 * 2, y % 200, 40 + (x + y) % 150], axis=-1).astype(np.uint8)
    first = pixel_masks(made, smooth)[0]
    again = [pixel_masks(made, smooth)[0] for _ in range(4)]
    fresh = pixel_masks(
        program("blobs b where hue in 20 .. 90 deg and saturation > 30 %\nobject d = b where area > 1 px2"), smooth
    )[0]
    assert first.any()
    for found in (*again, fresh):
        assert (found == first).all()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("object bolt\nrule r: every bolt: contrast(5 %) > 10 %", "E180"),
        ("object tray: 1\nblobs p where inside tray\nobject q = p where area > 1 px2", "E181"),
        ("grid cell = 2 rows, 2 columns\nblobs p where inside cell\nobject q = p where area > 1 px2", "E181"),
        ("blobs p where lightness > 1 % then fill(1 px, 2 px)\nobject q = p where area > 1 px2", "E122"),
        ("blobs p where lightness > 1 % then holes(1 px)\nobject q = p where area > 1 px2", "E122"),
    ],
)
def test_what_no_pixel_can_be_asked_is_said(text: str, code: str) -> None:
    with pytest.raises(SpecError) as raised:
        program(text)
    assert code in {d.code for d in raised.value.diagnostics}


def test_a_png_that_says_how_to_turn_it_is_turned(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(NOISE).save(tmp_path / "turned.png", exif=exif)
    Image.fromarray(NOISE).save(tmp_path / "plain.png")
    assert read_header((tmp_path / "turned.png").read_bytes(), "t").orientation == 6
    assert read_header((tmp_path / "plain.png").read_bytes(), "p").orientation == 1


@pytest.mark.parametrize("kind", ["baseline", "progressive", "restarts"])
@pytest.mark.parametrize("size", [(900, 140), (90, 1400), (9000, 9000)])
def test_a_jpeg_that_says_it_is_larger_than_it_is(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    import cv2

    settings = {
        "baseline": [],
        "progressive": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
        "restarts": [cv2.IMWRITE_JPEG_RST_INTERVAL, 4],
    }
    data = bytearray(cv2.imencode(".jpg", cv2.GaussianBlur(NOISE, (0, 0), 3), settings[kind])[1].tobytes())
    path = tmp_path / "lie.jpg"
    path.write_bytes(data)
    assert read_picture(path).bgr.shape == NOISE.shape
    at = 2
    while data[at + 1] not in (0xC0, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    data[at + 5 : at + 9] = size[0].to_bytes(2, "big") + size[1].to_bytes(2, "big")
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"{size[1]} by {size[0]} px, and its data end early"):
        read_picture(path)


def test_a_jpeg_of_one_colour_is_no_lie(tmp_path: Path) -> None:
    flat = np.full((100, 130, 3), 30, np.uint8)
    flat[:30] = NOISE[:30, :130]
    write_picture(tmp_path / "flat.jpg", flat)
    assert read_picture(tmp_path / "flat.jpg").width == 130


def test_a_tiff_that_inflates_to_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("L", (30000, 30000)).save(tmp_path / "bomb.tif", compression="tiff_deflate")
    assert (tmp_path / "bomb.tif").stat().st_size < 2_000_000
    with pytest.raises(InputError, match="at most 100 megapixels, found 900"):
        read_picture(tmp_path / "bomb.tif")
