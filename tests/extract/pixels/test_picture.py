"""Pictures: every format, depth, channel and turn, and everything that can be wrong with a file."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from logidsl.diagnostics import InputError
from logidsl.extract.pixels import header
from logidsl.extract.pixels.opencv import advice
from logidsl.extract.pixels.picture import picture_of, picture_size, read_picture, write_picture

LOSSLESS = [".png", ".tif", ".bmp"]
ALL = [*LOSSLESS, ".jpg", ".webp"]


def scene(height: int = 40, width: int = 60) -> np.ndarray:
    """BGR, a colour in each quarter: no turn or mirror of it is itself."""
    made = np.zeros((height, width, 3), np.uint8)
    made[: height // 2, : width // 2] = (0, 0, 255)
    made[: height // 2, width // 2 :] = (0, 255, 0)
    made[height // 2 :, : width // 2] = (255, 0, 0)
    made[height // 2 :, width // 2 :] = (90, 90, 90)
    return made


def noise(height: int = 200, width: int = 300) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)


def encoded(mode: str, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(noise()).convert(mode).save(out, form, **options)
    return out.getvalue()


EMPTY_EXIF = b"Exif\0\0II*\0\x08\0\0\0\0\0"
PLAIN = [
    *(encoded(mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    encoded("RGB", "PNG", transparency=(1, 2, 3)),
    *(encoded(mode, "JPEG", progressive=progressive) for mode in ("L", "RGB", "CMYK") for progressive in (False, True)),
]
RICH = [
    encoded("RGB", "PNG", exif=EMPTY_EXIF),
    encoded("RGB", "PNG", icc_profile=b"no profile"),
    encoded("RGB", "JPEG", exif=EMPTY_EXIF),
    encoded("RGB", "JPEG", icc_profile=b"no profile"),
]


@pytest.mark.parametrize("data", PLAIN)
def test_a_header_without_metadata_is_what_pillow_says(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "_image", None)  # not asked
    found = header.read_header(data, "a")
    monkeypatch.undo()
    monkeypatch.setattr(header, "_plain_png", lambda data, chunks: None)
    monkeypatch.setattr(header, "_plain_jpeg", lambda data: None)
    assert header.read_header(data, "a") == found


@pytest.mark.parametrize("data", RICH)
def test_a_header_with_metadata_is_left_to_pillow(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "_image", None)
    with pytest.raises(TypeError):
        header.read_header(data, "a")


@pytest.mark.parametrize("ending", ALL)
def test_colour_survives(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a picture, größer – 写真{ending}"
    write_picture(path, scene())
    read = read_picture(path)
    assert (read.width, read.height, read.path) == (60, 40, str(path))
    slack = 0 if ending in LOSSLESS else 12
    inner = np.s_[4:16, 4:26], np.s_[4:16, 34:56], np.s_[24:36, 4:26], np.s_[24:36, 34:56]
    for part in inner:
        assert np.abs(read.bgr[part].astype(int) - scene()[part]).max() <= slack
    assert read.notes == ()


@pytest.mark.parametrize("ending", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_scaled(tmp_path: Path, ending: str, channels: int) -> None:
    shape = (5, 7) if channels == 1 else (5, 7, channels)
    samples = np.full(shape, 65535, np.uint16)
    samples[0, 0] = 257 * 100
    if channels == 4:
        samples[..., 3] = 65535
    path = tmp_path / f"deep{ending}"
    assert cv2.imwrite(str(path), samples)
    read = read_picture(path)
    assert read.bgr.shape == (5, 7, 3)
    assert read.bgr[0, 0].tolist() == [100, 100, 100]
    assert read.bgr[1, 1].tolist() == [255, 255, 255]
    assert read.notes == ("16 bits a sample scaled to 8",)


@pytest.mark.parametrize("ending", ALL)
def test_grey_has_three_equal_channels(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"grey{ending}"
    Image.fromarray(np.full((9, 9), 77, np.uint8)).save(path)
    read = read_picture(path)
    assert read.bgr.shape == (9, 9, 3)
    assert np.abs(read.bgr.astype(int) - 77).max() <= 1
    assert (np.ptp(read.bgr, axis=2) <= 1).all()


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK"])
def test_other_modes(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("m.jpg" if mode == "CMYK" else "m.png")
    Image.new("RGB", (8, 8), (255, 255, 255)).convert(mode).save(path)
    assert (read_picture(path).bgr >= 254).all()


def test_transparent_lies_over_white(tmp_path: Path) -> None:
    samples = np.zeros((2, 3, 4), np.uint8)
    samples[..., 3] = [[255, 0, 128]] * 2
    path = tmp_path / "alpha.png"
    cv2.imwrite(str(path), samples)
    read = read_picture(path)
    assert read.bgr[0, :, 0].tolist() == [0, 255, 127]
    assert read.notes == ("transparent pixels placed on white",)
    samples[..., 3] = 255
    cv2.imwrite(str(path), samples)
    assert read_picture(path).notes == ()


@pytest.mark.parametrize("ending", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_as_pillow_turns(tmp_path: Path, ending: str, orientation: int) -> None:
    from PIL import ImageOps

    path = tmp_path / f"turned.{ending.lower()}"
    image = Image.fromarray(scene()[..., ::-1])
    exif = Image.Exif()
    exif[274] = orientation
    if ending == "TIFF":
        image.save(path, ending, tiffinfo={274: orientation})
    else:
        image.save(path, ending, exif=exif, **({"quality": 95} if ending != "PNG" else {}))
    upright = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))[..., ::-1]
    read = read_picture(path)
    assert read.bgr.shape == upright.shape == ((40, 60, 3) if orientation < 5 else (60, 40, 3))
    assert np.abs(read.bgr.astype(int) - upright).mean() < 4
    assert picture_size(path) == (read.width, read.height)
    assert bool(read.notes) == (orientation != 1)


@pytest.mark.parametrize("ending", ALL)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_cut_short(tmp_path: Path, ending: str, share: float) -> None:
    data = cv2.imencode(ending, noise())[1].tobytes()
    path = tmp_path / f"cut{ending}"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"cut short|damaged|not a picture") as error:
        read_picture(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_thumbnail_does_not_hide_a_cut(tmp_path: Path) -> None:
    small = io.BytesIO()
    Image.fromarray(scene()).save(small, "JPEG")
    exif = b"Exif\0\0" + small.getvalue()  # an end mark inside a segment
    whole = io.BytesIO()
    Image.fromarray(noise()).save(whole, "JPEG", exif=exif)
    path = tmp_path / "thumb.jpg"
    path.write_bytes(whole.getvalue()[:-2000])
    with pytest.raises(InputError, match="cut short: expected the JPEG end mark"):
        read_picture(path)


def test_damage_inside_a_png(tmp_path: Path) -> None:
    data = bytearray(cv2.imencode(".png", noise())[1].tobytes())
    data[len(data) // 2] ^= 0xFF
    path = tmp_path / "bad.png"
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="checksum of its IDAT chunk"):
        read_picture(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"hello, I am a text file\n", "expected PNG, JPEG, TIFF, BMP, WebP, GIF, AVIF, JPEG 2000 or HEIC, found text"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "found the start of one and then damage"),
        (b"\x89PNG\r\n\x1a\n", "not a picture|damaged|cut"),
        (b"\xff\xd8\xff", "not a picture|damaged|cut"),
        (b"\x00" * 64, "found other bytes"),
        (b"%PDF-1.7", "found PDF"),
    ],
)
def test_no_picture(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(data)
    with pytest.raises(InputError, match=words):
        read_picture(path)


def test_missing_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(InputError, match="is a folder"):
        read_picture(tmp_path)


def png_header(width: int, height: int) -> bytes:
    """A PNG whose header says any size, over very few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_two_hundred_megapixels_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(20_000, 10_000))
    with pytest.raises(InputError, match=r"at most 100 megapixels, found 200 .*--max-pixels"):
        read_picture(path)


def test_a_header_that_lies(tmp_path: Path) -> None:
    path = tmp_path / "liar.png"
    path.write_bytes(png_header(300, 200))
    with pytest.raises(InputError, match="damaged"):
        read_picture(path)


def test_limit_is_the_callers(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_picture(path, scene())
    with pytest.raises(InputError, match=r"at most 0\.002 megapixels"):
        read_picture(path, max_pixels=2000)
    assert read_picture(path, max_pixels=2400).width == 60


def test_one_pixel(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    write_picture(path, np.full((1, 1, 3), 9, np.uint8))
    assert read_picture(path).bgr.tolist() == [[[9, 9, 9]]]


def test_several_pages_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    pages = [Image.fromarray(scene()), Image.fromarray(noise())]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert read_picture(path).notes == ("the first of 2 pages",)


def test_arrays() -> None:
    assert picture_of(np.ones((2, 2), np.bool_)).bgr.max() == 255
    assert picture_of(np.full((2, 2, 1), 5, np.uint8)).bgr.tolist() == [[[5, 5, 5]] * 2] * 2
    for kind in (np.float64, np.int32):
        with pytest.raises(InputError, match=f"expected 8 or 16 bits a sample, found {kind.__name__}"):
            picture_of(np.zeros((2, 2), kind))
    with pytest.raises(InputError, match="has no pixel"):
        picture_of(np.zeros((0, 4, 3), np.uint8))
    with pytest.raises(InputError, match="expected 1 to 4 channels"):
        picture_of(np.zeros((4, 4, 5), np.uint8))


def test_float_samples_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "float.tif"
    Image.fromarray(np.zeros((4, 4), np.float32)).save(path)
    with pytest.raises(InputError, match="expected 8 or 16 bits a sample, found float32"):
        read_picture(path)


def test_writing_needs_a_known_ending(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"found `\.gif`"):
        write_picture(tmp_path / "x.gif", scene())
    with pytest.raises(InputError, match="cannot be written"):
        write_picture(tmp_path / "no" / "x.png", scene())


def test_advice_on_opencv() -> None:
    assert "pip install opencv-python-headless" in advice(ModuleNotFoundError("No module named 'cv2'", name="cv2"))
    assert "libgl1" in advice(ImportError("libGL.so.1: cannot open shared object file: No such file or directory"))
    assert "libgthread-2.0.so.0" in advice(ImportError("libgthread-2.0.so.0: cannot open shared object file"))


def test_a_large_jpeg_whose_corner_is_of_one_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cv2.imwrite(str(tmp_path / "white.jpg"), np.full((300, 400, 3), 255, np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)  # Pillow's own limit, which is not ours
    assert read_picture(tmp_path / "white.jpg").bgr.min() == 255
    assert Image.MAX_IMAGE_PIXELS == 1000
