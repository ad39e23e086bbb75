"""The header of a picture file, read before decoding, and whether the file is complete.

A decoder may silently fill the missing part of a truncated file with grey, and a file of a kilobyte may request
gigabytes; so both are checked here, from the bytes. Owns `Header` and `read_header`.
"""

from __future__ import annotations

import io
import itertools
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeAlias, TypedDict

from logidsl.diagnostics import InputError
from logidsl.extras import needed

if TYPE_CHECKING:
    from PIL import Image

#: The formats that are read, as Pillow calls them, and the endings of their files.
FORMATS: dict[str, tuple[str, ...]] = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jpe"),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp", ".dib"),
    "WEBP": (".webp",),
}
#: Those that Pillow decodes, and are only read.
MORE_FORMATS: dict[str, tuple[str, ...]] = {
    "GIF": (".gif",),
    "AVIF": (".avif",),
    "JPEG2000": (".jp2", ".j2k", ".jpf", ".jpx", ".j2c"),
    "HEIF": (".heic", ".heif", ".hif"),
}
SUFFIXES = frozenset(s for formats in (FORMATS, MORE_FORMATS) for suffixes in formats.values() for s in suffixes)
#: The formats, for people.
PICTURES = "PNG, JPEG, TIFF, BMP, WebP, GIF, AVIF, JPEG 2000 or HEIC"
_WEBP_MAX = 4 * 16384 * 16384  # samples of the largest picture that the format allows
_TIFF_OFFSETS, _TIFF_COUNTS = (273, 324), (279, 325)
_ORIENTATION, _PHOTOMETRIC, _GREATEST = 274, 262, 281
_PNG_EXIF = frozenset([b"eXIf", b"tEXt", b"zTXt", b"iTXt"])  # chunks that may say how to turn a PNG
_SUMMED = frozenset([b"IHDR", b"PLTE", b"IDAT"])  # chunks whose checksum is looked at
_PNG = b"\x89PNG\r\n\x1a\n"
#: Chunks of a PNG that say nothing but what its own chunks are read for.
_PIXELS_ONLY = _SUMMED | {b"IEND", b"tRNS", b"sBIT", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"bKGD", b"hIST", b"tIME"}
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}  # by the kind of colours
_NO_FRAMES = (0xC4, 0xC8, 0xCC)  # markers of a JPEG among those of frames that begin none
_JPEG_EXTRAS = (-1, 0xE1, 0xE2)  # damage, EXIF, and what holds profiles and further pictures
#: The marker before the data of a JPEG.
JPEG_SCAN = 0xDA
_CHUNK = struct.Struct(">I4s")
_Chunk: TypeAlias = tuple[bytes, int, int]  # kind, first byte and end
#: Held while Pillow's own limit is lifted: only the header is read, and the limit is ours to set and explain.
_UNLIMITED = threading.Lock()


class Header(NamedTuple):
    """What a file says of its picture.

    Parameters
    ----------
    format : str
        A key of `FORMATS` or `MORE_FORMATS`.
    width, height : int
        Size as stored, in px, before any turn.
    orientation : int
        1 to 8, as EXIF has it; 1 is upright.
    pages : int
        How many pictures the file holds.
    bits : int
        Bits of a sample, of a PNG; else 8.
    key : tuple of int, optional
        The grey, or red, green and blue, that a PNG without alpha calls transparent.
    significant_bits : int, optional
        How many bits of a sample count.
    white_is_zero : bool
        Whether the least value is white.
    profile : bytes, optional
        ICC profile.
    """

    format: str
    width: int
    height: int
    orientation: int = 1
    pages: int = 1
    bits: int = 8
    key: tuple[int, ...] | None = None
    significant_bits: int | None = None
    white_is_zero: bool = False
    profile: bytes | None = None


def read_header(data: bytes, name: str) -> Header:
    """The header of a picture file that is whole.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What messages call it.

    Raises
    ------
    InputError
        If the file is empty, of another format, damaged or cut short.
    """
    if not data:
        raise InputError(f"{name} is empty: expected a picture, found 0 bytes")
    chunks = list(_png_chunks(data)) if data.startswith(_PNG) else []
    header, image = _plain_png(data, chunks) or _plain_jpeg(data), None
    if header is None:
        image = _image(io.BytesIO(data), data, name)
        try:
            header = Header(
                str(image.format),
                *image.size,
                _orientation(chunks, image),
                int(getattr(image, "n_frames", 1)),
                **(_png_samples(data, chunks) if image.format == "PNG" else _tiff_samples(image)),
                profile=_profile(image),
            )
        except Exception as error:  # noqa: BLE001 - as above
            raise InputError(f"{name} is damaged: its header cannot be read ({error})") from None
    flaw = _flaw(data, header, image, chunks)
    if flaw:
        raise InputError(f"{name} is {flaw}")
    return header


def _plain_png(data: bytes, chunks: Sequence[_Chunk]) -> Header | None:
    """The header of a PNG with nothing but pixels in it; None if Pillow, which takes long to load, has to look."""
    if not chunks or not _PIXELS_ONLY.issuperset({kind for kind, _, _ in chunks}):
        return None
    before = list(itertools.takewhile(lambda chunk: chunk[0] != b"IDAT", chunks))
    if [(kind, end) for kind, _, end in chunks[:1]] != [(b"IHDR", 33)] or any(map(partial(_sum_differs, data), before)):
        return None
    width, height, bits, colours, rest = struct.unpack(">IIBB3s", data[16:29])
    if bits not in _PNG_DEPTHS.get(colours, ()) or rest not in (b"\0\0\0", b"\0\0\1"):
        return None
    return Header("PNG", width, height, **_png_samples(data, chunks))


def _plain_jpeg(data: bytes) -> Header | None:
    """The header of a JPEG without EXIF, profile and further pictures; None if Pillow has to look."""
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    segments = list(jpeg_segments(data))
    frames = [(at, end) for marker, at, end in segments if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES]
    if len(frames) != 1 or not {marker for marker, _, _ in segments}.isdisjoint(_JPEG_EXTRAS):
        return None
    at, end = frames[0]
    if end > len(data) or end - at < 10:
        return None
    bits, height, width, layers = struct.unpack(">BHHB", data[at + 4 : at + 10])
    return Header("JPEG", width, height) if bits == 8 and layers in (1, 3, 4) else None


def justified_bytes(file: BinaryIO, name: str, most: int) -> int:
    """How many bytes the header of a large picture file justifies: no format stores more than 16 a pixel.

    Parameters
    ----------
    file : file
        The picture file.
    name : str
        What messages call it.
    most : int
        How much of it is read at once to find out.

    Raises
    ------
    InputError
        If it is not a picture, or its header cannot be read.
    """
    start = file.read(64)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":  # whose header Pillow reads only with all the rest
        return min(int.from_bytes(start[4:8], "little"), _WEBP_MAX)
    file.seek(0)
    sparing = file if start[:2] in (b"II", b"MM") else io.BytesIO(file.read(most))  # TIFF's may stand at the end
    image = _image(sparing, start, name)
    return 16 * image.width * image.height * int(getattr(image, "n_frames", 1))


def _image(file: BinaryIO, start: bytes, name: str) -> Image.Image:
    """A picture file in Pillow's hands."""
    from PIL import UnidentifiedImageError

    formats = [*FORMATS, *(f for f in MORE_FORMATS if f not in ("HEIF", "AVIF"))]
    kind = _container(start)
    if kind == "HEIF":
        needed("pillow_heif", "heif", f"reading {name}").register_heif_opener()
        formats = ["HEIF"]
    elif kind == "AVIF":
        if not _reads_avif():
            raise InputError(f"reading {name} needs Pillow 11.3 or later with AVIF: pip install --upgrade pillow")
        formats = ["AVIF"]
    try:
        return opened(file, formats)
    except UnidentifiedImageError:
        raise InputError(f"{name} is not a picture: {_found(start)}") from None
    except Exception as error:  # noqa: BLE001 - Pillow's plugins raise what they like on damaged files
        raise InputError(f"{name} is damaged: its header cannot be read ({error})") from None


def _container(start: bytes) -> str | None:
    """Whether the first bytes are those of HEIF or AVIF."""
    if start[4:8] != b"ftyp":
        return None
    brands = {start[8:12], *(start[at : at + 4] for at in range(16, min(len(start), 64), 4))}
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    return "HEIF" if brands & {b"heic", b"heix", b"heif", b"mif1", b"msf1", b"hevc", b"heim", b"heis"} else None


def _reads_avif() -> bool:
    from PIL import features

    try:
        return bool(features.check("avif"))
    except ValueError:  # of a Pillow that does not know it
        return False


def opened(file: BinaryIO, formats: list[str]) -> Image.Image:
    """A picture file of one of these formats in Pillow's hands, of any size: the limit is ours to set.

    Raises
    ------
    PIL.UnidentifiedImageError
        If it has another format; plugins raise what they like on damaged files.
    """
    from PIL import Image

    with warnings.catch_warnings(), _UNLIMITED:
        warnings.simplefilter("ignore")
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return _by_own_plugin(file, formats) or Image.open(file, formats=formats)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _by_own_plugin(file: BinaryIO, formats: list[str]) -> Image.Image | None:
    """A PNG or JPEG as `Image.open` gives it, without importing the plugins of other formats."""
    from PIL import Image

    start = file.read(3)
    file.seek(0)
    name, plugin = {b"\x89PN": ("PNG", "Png"), b"\xff\xd8\xff": ("JPEG", "Jpeg")}.get(start, ("", ""))
    if name not in formats:
        return None
    import_module(f"PIL.{plugin}ImagePlugin")
    factory, _ = Image.OPEN[name]
    try:
        return factory(file, "")
    except (SyntaxError, IndexError, TypeError, struct.error):  # what `Image.open` takes for another format
        file.seek(0)
        return None


def _orientation(chunks: Sequence[_Chunk], image: Image.Image) -> int:
    """The picture's rotation; a broken EXIF block counts as none."""
    # Pillow decodes a whole PNG to see whether such a block follows the pixels.
    if image.format == "PNG" and not any(kind in _PNG_EXIF for kind, _, _ in chunks):
        return 1
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - as above
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


class _Samples(TypedDict, total=False):
    """What a file says of its samples."""

    bits: int
    key: tuple[int, ...]
    significant_bits: int
    white_is_zero: bool


def _png_samples(data: bytes, chunks: Sequence[_Chunk]) -> _Samples:
    """Depth, transparent colour and significant bits of a PNG that is grey or has colours of its own."""
    found: _Samples = {"bits": data[24]}
    channels = {0: 1, 2: 3}.get(data[25], 0)
    for kind, at, end in chunks:
        inner = data[at + 8 : end - 4]
        if kind == b"tRNS" and channels and len(inner) >= 2 * channels:
            found["key"] = struct.unpack(f">{channels}H", inner[: 2 * channels])
        elif kind == b"sBIT" and inner:
            found["significant_bits"] = max(inner[:3] if data[25] & 2 else inner[:1])
    return found


def _tiff_samples(image: Image.Image) -> _Samples:
    """Which end is white, and the greatest value, of a TIFF."""
    tags = getattr(image, "tag_v2", {}) if image.format == "TIFF" else {}
    found: _Samples = {"white_is_zero": tags.get(_PHOTOMETRIC) == 0}
    most = tags.get(_GREATEST)
    most = most[0] if isinstance(most, tuple) and most else most
    if isinstance(most, int) and most > 0 and (most & (most + 1)) == 0:
        found["significant_bits"] = most.bit_length()
    return found


def _profile(image: Image.Image) -> bytes | None:
    """The ICC profile of a picture."""
    found = image.info.get("icc_profile")
    return found if isinstance(found, bytes) and found else None


def _found(data: bytes) -> str:
    """The expected formats, and what the first bytes look like."""
    expected = f"expected {PICTURES}"
    known = {b"%PDF": "PDF", b"PK\x03\x04": "a zip archive"}
    for start, kind in known.items():
        if data.startswith(start):
            return f"{expected}, found {kind}"
    if data.startswith((b"\x89PNG", b"\xff\xd8", b"II*\0", b"MM\0*", b"BM", b"RIFF", b"GIF8")):
        return f"{expected}, found the start of one and then damage"
    is_text = data[:64].isascii() and b"\0" not in data[:64]
    return f"{expected}, found {'text' if is_text else 'other bytes'}"


def _flaw(data: bytes, header: Header, image: Image.Image | None, chunks: Sequence[_Chunk]) -> str | None:
    """The error in a file with a valid header, or None."""
    if header.width < 1 or header.height < 1:
        return f"damaged: its header says {header.width} by {header.height} px"
    match header.format:
        case "JPEG":
            return _jpeg_flaw(data)
        case "PNG":
            return _png_flaw(data, chunks)
        case "WEBP":
            need = 8 + struct.unpack("<I", data[4:8])[0]
            return _cut(len(data), need) if len(data) < need else None
        case "BMP":
            return _bmp_flaw(data, header)
        case "TIFF":
            return _tiff_flaw(data, image)
        case _:
            return None  # Pillow decodes these, and raises where data end too soon


def _cut(found: int, expected: int) -> str:
    return f"cut short: expected {expected} bytes, found {found}"


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The marker, start and end of each segment of a JPEG, up to the first scan; -1 where a marker is missing."""
    at = 2
    while at + 4 <= len(data):
        marker = data[at + 1] if data[at] == 0xFF else -1
        alone = marker == 0x01 or 0xD0 <= marker <= 0xD9
        size = 1 if marker == 0xFF else 2 if alone else 2 + int.from_bytes(data[at + 2 : at + 4], "big")  # 0xFF fills
        if marker != 0xFF:
            yield marker, at, at + size
        if marker in (-1, JPEG_SCAN):
            return
        at += size


def _jpeg_flaw(data: bytes) -> str | None:
    """Visit the segments up to the scan, so that the end mark of an embedded thumbnail does not count."""
    for marker, at, _ in jpeg_segments(data):
        if marker == -1:
            return f"damaged: expected a JPEG marker at byte {at}, found {data[at]:#04x}"
        if marker == JPEG_SCAN:
            return None if data.rfind(b"\xff\xd9", at) >= 0 else "cut short: expected the JPEG end mark, found none"
    return "cut short: expected the JPEG scan, found the end of the file"


def _png_chunks(data: bytes) -> Iterator[_Chunk]:
    """The chunks of a PNG; the last may end beyond the file."""
    at = 8
    while at + 12 <= len(data):
        size, kind = _CHUNK.unpack_from(data, at)
        yield kind, at, at + 12 + size
        at += 12 + size


def _png_flaw(data: bytes, chunks: Sequence[_Chunk]) -> str | None:
    """Whether the chunks lie in the file, up to the last; the decoder sees to their checksums."""
    for kind, _, end in chunks:
        if end > len(data):
            return _cut(len(data), end)
        if kind == b"IEND":
            return None
    return "cut short: expected the PNG end chunk, found none"


def _sum_differs(data: bytes, chunk: _Chunk) -> bool:
    """Whether a chunk of a PNG has another checksum than it says."""
    _, at, end = chunk
    return zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big")


def wrong_checksum(data: bytes) -> str | None:
    """The chunk of an undecodable PNG with a wrong checksum, in words, or None.

    Parameters
    ----------
    data : bytes
        The file, whose chunks are whole.
    """
    for kind, at, end in _png_chunks(data):
        if kind in _SUMMED and _sum_differs(data, (kind, at, end)):
            return f"the checksum of its {kind.decode()} chunk at byte {at} is wrong"
    return None


def _bmp_flaw(data: bytes, header: Header) -> str | None:
    """Uncompressed rows are padded to four bytes."""
    start, head = struct.unpack("<I", data[10:14])[0], struct.unpack("<I", data[14:18])[0]
    if head < 40:
        return None
    bits, compression = struct.unpack("<H", data[28:30])[0], struct.unpack("<I", data[30:34])[0]
    need = start + (header.width * bits + 31) // 32 * 4 * header.height
    return _cut(len(data), need) if compression in (0, 3) and len(data) < need else None


def _tiff_flaw(data: bytes, image: Image.Image | None) -> str | None:
    """Every strip or tile must lie inside the file."""
    tags = getattr(image, "tag_v2", {})
    for offsets, counts in zip(_TIFF_OFFSETS, _TIFF_COUNTS, strict=True):
        ends = [o + c for o, c in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)]
        if ends and max(ends) > len(data):
            return _cut(len(data), max(ends))
    return None
