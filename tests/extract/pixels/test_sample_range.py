"""What files say of their samples: pictures whose right pixels are known, in files made for it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, features

from logidsl.diagnostics import InputError
from logidsl.extract.pixels.picture import Picture, picture_size, read_picture, write_picture

RAMP = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)


def png(samples: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of grey or colour, of 8 or 16 bits, with more chunks before its pixels."""
    height, width = samples.shape[:2]
    bits, kind = 8 * samples.dtype.itemsize, 2 if samples.ndim == 3 else 0
    rows = samples.astype(samples.dtype.newbyteorder(">")).reshape(height, -1)
    body = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    made = b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", head), *chunks, (b"IDAT", zlib.compress(body)), (b"IEND", b"")):
        made += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return made


def tiff(samples: np.ndarray, photometric: int, **tags: int) -> bytes:
    """A TIFF of one strip of grey."""
    height, width = samples.shape
    entries = {256: width, 257: height, 258: 8 * samples.dtype.itemsize, 259: 1, 262: photometric, 277: 1, 278: height}
    entries |= {279: samples.nbytes, **{int(k.removeprefix("t")): v for k, v in tags.items()}}
    start = 8 + 2 + 12 * (len(entries) + 1) + 4
    entries[273] = start
    table = b"".join(struct.pack("<HHII", k, 4, 1, v) for k, v in sorted(entries.items()))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + struct.pack("<I", 0) + samples.tobytes()


def read(tmp_path: Path, data: bytes, name: str = "p.png") -> Picture:
    path = tmp_path / name
    path.write_bytes(data)
    return read_picture(path)


def profile_with_red_and_blue_exchanged() -> bytes:
    """The profile of sRGB, in which the colorants of red and blue have each other's names."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)


def grey_profile() -> bytes:
    """A profile of grey with a gamma of 1."""
    white = b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 256) + b"\0\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"flat\0" + bytes(78) + bytes(1)
    tags, at, table = [(b"desc", name), (b"wtpt", white), (b"kTRC", curve)], 128 + 4 + 36, b""
    for tag, data in tags:
        table += tag + struct.pack(">II", at, len(data))
        at += len(data)
    body = struct.pack(">I", len(tags)) + table + b"".join(d for _, d in tags)
    head = struct.pack(">I4sI4s4s4s", 128 + len(body), b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + body


@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_white_may_be_zero(tmp_path: Path, photometric: int, depth: type) -> None:
    stored = RAMP if depth is np.uint16 else (RAMP // 257).astype(np.uint8)
    seen = read(tmp_path, tiff(stored, photometric), "p.tif").bgr[..., 0].astype(int)
    right = RAMP // 257 if photometric else 255 - RAMP // 257
    assert np.abs(seen - right).max() <= 1


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_grey_may_be_transparent(tmp_path: Path, depth: type) -> None:
    grey: np.ndarray = np.zeros((4, 6), depth)
    grey[:, 3:] = 77 if depth is np.uint8 else 77 * 257
    picture = read(tmp_path, png(grey, (b"tRNS", struct.pack(">H", 0))))
    assert picture.bgr[0, 0].tolist() == [255] * 3 and picture.bgr[0, 5].tolist() == [77] * 3
    assert "transparent pixels placed on white" in picture.notes
    assert not any("transparent" in n for n in read(tmp_path, png(grey, (b"tRNS", struct.pack(">H", 5)))).notes)


def test_a_colour_may_be_transparent(tmp_path: Path) -> None:
    colour = np.zeros((4, 6, 3), np.uint8)
    colour[:, 3:] = (10, 20, 30)
    picture = read(tmp_path, png(colour, (b"tRNS", struct.pack(">HHH", 10, 20, 30))))
    assert picture.bgr[0, 0].tolist() == [0] * 3 and picture.bgr[0, 5].tolist() == [255] * 3


def test_bits_that_count(tmp_path: Path) -> None:
    low = (RAMP >> 4).astype(np.uint16)  # 12 bits at the bottom of 16
    declared = read(tmp_path, png(low, (b"sBIT", b"\x0c")))
    assert np.abs(declared.bgr[..., 0].astype(int) - RAMP // 257).max() <= 1
    assert "12 bits that count of 16: scaled up" in declared.notes
    # at the top already, as the standard has it
    high = read(tmp_path, png(RAMP, (b"sBIT", b"\x0c")))
    assert np.abs(high.bgr[..., 0].astype(int) - RAMP // 257).max() <= 1
    dark = (RAMP >> 8 << 4).astype(np.uint16)
    assert int(read(tmp_path, png(dark, (b"sBIT", b"\x0c"))).bgr.max()) <= 16
    assert np.abs(read(tmp_path, tiff(low, 1, t281=4095), "p.tif").bgr[..., 0].astype(int) - RAMP // 257).max() <= 1
    undeclared = read(tmp_path, png(low))
    assert int(undeclared.bgr.max()) == 16
    assert any(
        "the brightest sample is 6.2 % of the range of 16 bits" in n and "12 bits" in n for n in undeclared.notes
    )
    assert not any("brightest" in n for n in read(tmp_path, png(RAMP)).notes)


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "webp"])
def test_colours_are_converted_to_srgb(tmp_path: Path, ending: str) -> None:
    made = io.BytesIO()
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    form = {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending.upper())
    red.save(
        made, form, icc_profile=profile_with_red_and_blue_exchanged(), **({"lossless": True} if form == "WEBP" else {})
    )
    picture = read(tmp_path, made.getvalue(), f"p.{ending}")
    assert picture.bgr[8, 8, 0] > 240 and picture.bgr[8, 8, 2] < 15
    assert any("to sRGB (ICC profile)" in n for n in picture.notes)


def test_grey_and_alpha_under_a_profile(tmp_path: Path) -> None:
    made = io.BytesIO()
    Image.new("L", (4, 4), 128).save(made, "PNG", icc_profile=grey_profile())
    picture = read(tmp_path, made.getvalue())
    assert picture.bgr[0, 0].tolist() == [188] * 3  # half of the light is 188 in sRGB
    made = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(made, "PNG", icc_profile=profile_with_red_and_blue_exchanged())
    assert read(tmp_path, made.getvalue()).bgr[0, 0].tolist() == [255] * 3


def test_profiles_that_are_not_applied(tmp_path: Path) -> None:
    red = Image.new("RGB", (4, 4), (255, 0, 0))
    made = io.BytesIO()
    red.save(made, "PNG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert read(tmp_path, made.getvalue()).notes == ()
    made = io.BytesIO()
    red.save(made, "PNG", icc_profile=b"nonsense")
    assert read(tmp_path, made.getvalue()).notes == ("its ICC profile cannot be read, and was not applied",)
    packed = b"p\0\0" + zlib.compress(profile_with_red_and_blue_exchanged())
    deep = np.zeros((4, 4, 3), np.uint16)
    deep[..., 0] = 65535
    picture = read(tmp_path, png(deep, (b"iCCP", packed)))
    assert picture.bgr[0, 0].tolist() == [0, 0, 255]
    assert any("was not applied, as its samples have 16 bits" in n for n in picture.notes)
    press = bytearray(profile_with_red_and_blue_exchanged())
    press[16:20] = b"CMYK"
    made = io.BytesIO()
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(made, "JPEG", icc_profile=bytes(press))
    [note] = read(tmp_path, made.getvalue(), "p.jpg").notes
    assert "is one of CMYK, and was not applied" in note


def saved(image: Image.Image, form: str, **more: object) -> bytes:
    made = io.BytesIO()
    image.save(made, form, **more)
    return made.getvalue()


TWO = Image.fromarray(np.repeat([[[200, 30, 20]] * 8 + [[20, 40, 210]] * 8], 12, axis=0).astype(np.uint8), "RGB")


@pytest.mark.parametrize(
    ("name", "form", "more"),
    [
        ("p.gif", "GIF", {}),
        ("p.gif", "GIF", {"save_all": True, "append_images": [Image.new("RGB", (16, 12))]}),
        ("p.jp2", "JPEG2000", {}),
        ("p.avif", "AVIF", {"quality": 100}),
        ("p.heic", "HEIF", {"quality": 100}),
    ],
)
def test_further_formats(tmp_path: Path, name: str, form: str, more: dict[str, object]) -> None:
    if form == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    if form == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    data = saved(TWO, form, **more)
    picture = read(tmp_path, data, name)
    assert (picture.width, picture.height) == picture_size(tmp_path / name) == (16, 12)
    assert np.abs(picture.bgr[6, 3].astype(int) - (20, 30, 200)).max() < 12
    assert np.abs(picture.bgr[6, 12].astype(int) - (210, 40, 20)).max() < 12
    assert picture.notes == (("the first of 2 frames",) if more.get("save_all") else ())
    for size in (len(data) // 3, len(data) - len(data) // 4):
        with pytest.raises(InputError):
            read(tmp_path, data[:size], name)


def test_gif_with_a_transparent_colour(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    assert read(tmp_path, saved(image, "GIF", transparency=0), "p.gif").bgr[0, 0].tolist() == [255] * 3


def test_what_reads_a_format_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    with pytest.raises(InputError, match=r"needs the extra `heif`: pip install 'logidsl\[heif\]'"):
        read(tmp_path, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "p.heic")
    monkeypatch.setattr("logidsl.extract.pixels.header._reads_avif", lambda: False)
    with pytest.raises(InputError, match=r"needs Pillow 11.3 or later"):
        read(tmp_path, b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(99), "p.avif")


@pytest.mark.parametrize("name", ["x.gif", "x.avif", "x.heic", "x.jp2"])
def test_formats_that_are_only_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="expected an ending"):
        write_picture(tmp_path / name, np.zeros((2, 2, 3), np.uint8))


@pytest.mark.parametrize("shape", [(40, 33000), (33000, 40)])
def test_a_lens_is_taken_out_of_line_scans(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int]) -> None:
    """Tile by tile as at once, where both can be done; and where it cannot be done at once."""
    from logidsl.extract.pixels import calibration
    from logidsl.ir import Camera

    rng = np.random.default_rng(3)
    small = np.asarray(cv2.GaussianBlur(rng.integers(0, 256, (120, 300, 3)).astype(np.uint8), (0, 0), 2), np.uint8)
    camera = Camera(width=300, height=120, matrix=(200.0, 0, 150, 0, 200, 60, 0, 0, 1), distortion=(-0.3, 0.1, 0, 0, 0))
    whole = calibration._small(small, camera)
    monkeypatch.setattr(calibration, "_TILE", 64)
    assert np.abs(calibration._in_tiles(small, camera).astype(int) - whole).max() <= 3
    monkeypatch.setattr(calibration, "_WIDEST", 40)  # a tile needs more than fits, and is cut
    assert np.abs(calibration._in_tiles(small, camera).astype(int) - whole).max() <= 3
    monkeypatch.undo()
    height, width = shape
    matrix = (float(max(shape)), 0.0, width / 2, 0.0, float(max(shape)), height / 2, 0.0, 0.0, 1.0)
    long = np.full((height, width, 3), 90, np.uint8)
    made = calibration._in_tiles(long, Camera(width=width, height=height, matrix=matrix, distortion=(-0.1, 0, 0, 0, 0)))
    assert made.shape == long.shape and (made == 90).all()
