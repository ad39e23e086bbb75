"""A picture file as pixels.

Owns `Picture`, `read_picture`, `picture_of` and `write_picture`. Every picture becomes 8-bit BGR, upright, without
alpha; conversions are noted:

- 16 bits a sample are scaled to 8 (divided by 257, rounded), 1 and 4 bits to 8;
- what the file says of its samples is honoured, as `sample_range` has it: white that is zero, bits that count,
  a colour that is transparent, an ICC profile;
- grey becomes three equal channels, a palette its colours;
- what is transparent is laid over white, as viewers do; wholly opaque alpha is dropped in silence;
- a turn or mirror that EXIF asks for is carried out;
- of a file with several pages, the first counts.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.header import (
    FORMATS,
    MORE_FORMATS,
    Header,
    justified_bytes,
    opened,
    read_header,
    wrong_checksum,
)
from logidsl.extract.pixels.jpeg import runs_out
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.sample_range import as_declared
from logidsl.files import amount, open_regular, replace

Samples: TypeAlias = npt.NDArray[np.integer | np.bool_]

#: The largest picture that is decoded, in pixels, unless more is asked for.
MAX_PIXELS = 100_000_000
#: Environment variable that sets another limit, also for worker processes; `--max-pixels` does.
LIMIT_VARIABLE = "LOGIDSL_MAX_PIXELS"
#: A file up to this size is read whatever its header says.
ANY_BYTES = 64 << 20


class Picture(NamedTuple):
    """A picture in memory.

    Parameters
    ----------
    path : str
        Where it came from, as shown in reports.
    bgr : (h, w, 3) uint8
        Blue, green, red (sRGB), origin at the top-left corner, C-contiguous.
    notes : tuple of str
        What was changed while reading.
    """

    path: str
    bgr: Pixels
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Width in px."""
        return int(self.bgr.shape[1])

    @property
    def height(self) -> int:
        """Height in px."""
        return int(self.bgr.shape[0])


def pixel_limit() -> int:
    """The greatest number of pixels that a picture may have."""
    said = os.environ.get(LIMIT_VARIABLE, "")
    return int(said) if said.isdigit() else MAX_PIXELS


def read_picture(path: Path | str, max_pixels: int | None = None) -> Picture:
    """Decode a picture file.

    Parameters
    ----------
    path : Path
        PNG, JPEG, TIFF, BMP, WebP, GIF, AVIF, JPEG 2000 or HEIC; any characters may be in it.
    max_pixels : int
        A larger picture is refused before it is decoded.

    Raises
    ------
    InputError
        If the file is missing, empty, no picture, damaged, cut short, or too large.
    """
    samples, notes = read_samples(path, max_pixels)
    return picture_of(samples, str(path), notes)


def read_samples(path: Path | str, max_pixels: int | None = None) -> tuple[Samples, tuple[str, ...]]:
    """The samples of a picture file including alpha, upright; and notes on conversions.

    Raises
    ------
    InputError
        As `read_picture` does.
    """
    path = Path(path)
    data, header = _checked(path, pixel_limit() if max_pixels is None else max_pixels)
    samples = _by_pillow(data, header, path) if header.format in MORE_FORMATS else _by_opencv(data, header, path)
    if header.format == "JPEG" and runs_out(data, samples):
        raise InputError(
            f"{path} is damaged: its header says {header.width} by {header.height} px, and its data end early"
        )
    samples, notes = as_declared(samples, header)
    # The TIFF decoder turns by itself, all the others leave it to us when nothing is to be changed.
    if header.format != "TIFF" and header.orientation != 1:
        samples = _turned(samples, header.orientation)
    if header.orientation != 1:
        notes.append(f"rotated (EXIF orientation {header.orientation})")
    if header.pages > 1:
        notes.append(f"the first of {header.pages} {'frames' if header.format in ('GIF', 'AVIF') else 'pages'}")
    if sorted(samples.shape[:2]) != sorted((header.height, header.width)):
        raise InputError(
            f"{path} is damaged: its header says {header.width} by {header.height} px, "
            f"found {samples.shape[1]} by {samples.shape[0]} px"
        )
    return samples, tuple(notes)


def _by_opencv(data: bytes, header: Header, path: Path) -> Samples:
    """The samples of a picture, alpha and all."""
    try:
        samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except (cv2.error, MemoryError) as error:
        raise InputError(f"{path} cannot be decoded: {str(error).splitlines()[0]}") from None
    if samples is None:
        why = wrong_checksum(data) if header.format == "PNG" else None
        raise InputError(f"{path} is damaged: {why or 'its header is valid, but its pixels cannot be decoded'}")
    return np.asarray(samples)


def _by_pillow(data: bytes, header: Header, path: Path) -> Samples:
    """The samples of the first frame, as OpenCV has them, of a format that Pillow decodes."""
    try:
        image = opened(io.BytesIO(data), [header.format])
        if image.mode in ("P", "PA"):
            image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
        if image.mode not in ("L", "LA", "RGB", "RGBA", "I;16"):
            image = image.convert("RGB")
        samples = np.asarray(image)
    except Exception as error:  # noqa: BLE001 - Pillow's plugins raise what they like on damaged files
        raise InputError(f"{path} is damaged: its pixels cannot be decoded ({error})") from None
    if samples.ndim == 3 and samples.shape[2] >= 3:
        samples = samples[..., [2, 1, 0, 3][: samples.shape[2]]]
    return np.ascontiguousarray(samples)


def picture_of(samples: Samples, path: str = "picture", notes: tuple[str, ...] = ()) -> Picture:
    """The picture of an array.

    Parameters
    ----------
    samples : (h, w), (h, w, 1), (h, w, 3) or (h, w, 4) array of bool, uint8 or uint16
        Grey, BGR or BGRA, as OpenCV has it.
    path : str
        Name shown in reports.
    notes : tuple of str
        Notes to begin with.

    Raises
    ------
    InputError
        If the array has another shape or type, or no pixel.

    Examples
    --------
    >>> picture_of(np.full((2, 3), 65535, np.uint16)).bgr[0, 0].tolist()
    [255, 255, 255]
    """
    shape, said = samples.shape, list(notes)
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in (1, 2, 3, 4)):
        raise InputError(f"{path}: expected 1 to 4 channels in two dimensions, found an array of shape {shape}")
    if shape[0] < 1 or shape[1] < 1:
        raise InputError(f"{path} has no pixel: {shape[1]} by {shape[0]} px")
    if samples.dtype == np.bool_:
        samples = samples.astype(np.uint8) * np.uint8(255)
    elif samples.dtype == np.uint16:
        samples = ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)
        said.append("16 bits a sample scaled to 8")
    elif samples.dtype != np.uint8:
        raise InputError(f"{path}: expected 8 or 16 bits a sample, found {samples.dtype.name}")
    planes = samples.reshape(*shape[:2], -1)
    colour, alpha = (planes, None) if planes.shape[2] in (1, 3) else (planes[..., :-1], planes[..., -1:])
    if alpha is not None and int(alpha.min()) < 255:
        weight = alpha.astype(np.uint32)
        over = colour.astype(np.uint32) * weight + 255 * (255 - weight)
        colour = ((over + 127) // 255).astype(np.uint8)
        said.append("transparent pixels placed on white")
    bgr = np.repeat(colour, 3, axis=2) if colour.shape[2] == 1 else colour
    return Picture(path, np.ascontiguousarray(bgr, np.uint8), tuple(said))


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture file in px, upright, without decoding it.

    Raises
    ------
    InputError
        As `read_picture` does.
    """
    header = _checked(path, max_pixels=1 << 62)[1]
    turned = header.orientation >= 5 and header.format != "TIFF"
    return (header.height, header.width) if turned else (header.width, header.height)


def write_picture(path: Path | str, bgr: Pixels) -> None:
    """Write a picture in the format of its ending.

    Parameters
    ----------
    path : Path
        Ends in one of the endings of `FORMATS`; any characters may be in it.
    bgr : (h, w, 3) uint8
        Blue, green, red.

    Raises
    ------
    InputError
        If the ending is unknown or the file cannot be written.
    """
    path = Path(path)
    if not any(path.suffix.lower() in suffixes for suffixes in FORMATS.values()):
        raise InputError(f"{path}: expected an ending .png, .jpg, .tif, .bmp or .webp, found `{path.suffix}`")
    done, data = cv2.imencode(path.suffix.lower(), bgr)
    if not done:
        raise InputError(f"{path}: a picture of {bgr.shape[1]} by {bgr.shape[0]} px cannot be written in this format")
    replace(path, data.tobytes())


def _checked(path: Path, max_pixels: int) -> tuple[bytes, Header]:
    """The bytes of a file and its header, of a size that is allowed."""
    try:
        data = _justified(path)
    except FileNotFoundError:
        raise InputError(f"no picture {path}: there is no such file") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    header = read_header(data, str(path))
    if header.width * header.height > max_pixels:
        raise InputError(
            f"{path} is too large: expected at most {max_pixels / 1e6:g} megapixels, found "
            f"{header.width * header.height / 1e6:.4g} ({header.width} by {header.height} px); "
            "raise the limit with `--max-pixels`, or scale the picture down"
        )
    return data, header


def _justified(path: Path) -> bytes:
    """The bytes of a picture file; one that is far larger than its header justifies is not read.

    Metadata and videos behind a picture take some megabytes.
    """
    with open_regular(path) as (file, size):
        if size > ANY_BYTES:
            most = ANY_BYTES + justified_bytes(file, str(path), ANY_BYTES)
            if size > most:
                raise InputError(
                    f"{path} is too large: its header justifies at most {amount(most)}, found {amount(size)}"
                )
            file.seek(0)
        return file.read()


def _turned(samples: Samples, orientation: int) -> Samples:
    """Turn and mirror a picture as EXIF (JEITA CP-3451, tag 274) asks for."""
    if orientation >= 5:
        samples = samples.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    return np.ascontiguousarray(samples)
