"""A file's metadata about samples: white is zero, significant bits, transparent colour, colour profile.

Owns `as_declared`, which puts samples right as decoders leave it to others to do. May import NumPy and, lazily, Pillow.
"""

from __future__ import annotations

import io
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Mask
from logidsl.extract.pixels.header import Header

Samples: TypeAlias = npt.NDArray[np.integer | np.bool_]

#: Samples of 16 bits that stay below this use a quarter of their range.
_QUARTER = 1 << 14
#: Colours that a profile moves by no more than this are those of sRGB.
_SAME = 2


def as_declared(samples: Samples, header: Header) -> tuple[Samples, list[str]]:
    """Samples with the file's metadata applied, and notes on conversions.

    Parameters
    ----------
    samples : (h, w) or (h, w, c) array
        As the decoder gave them: grey, BGR or BGRA.
    header : Header
        What the file says.
    """
    notes: list[str] = []
    if header.white_is_zero and samples.dtype == np.uint16 and samples.ndim == 2:
        samples = np.uint16(65535) - samples.astype(np.uint16)
        notes.append("white is zero in this file: inverted")
    alpha = _keyed(samples, header)
    if samples.dtype == np.uint16 and samples.size:
        samples, said = _shifted(samples, header.significant_bits)
        notes += said
    if header.profile is not None:
        samples, said = _in_srgb(samples, header)
        notes += said
    if alpha is not None:
        planes = samples.reshape(*samples.shape[:2], -1)
        most = 2 ** (8 * planes.dtype.itemsize) - 1
        samples = np.concatenate([planes, np.where(alpha, 0, most).astype(planes.dtype)[..., None]], axis=2)
    return samples, notes


def _keyed(samples: Samples, header: Header) -> Mask | None:
    """Where a picture without alpha has the colour that its file declares transparent; None without one."""
    planes = samples.reshape(*samples.shape[:2], -1)
    if header.key is None or planes.shape[2] != len(header.key):
        return None
    wide = 8 * planes.dtype.itemsize
    stored = min(header.bits, wide)
    # fewer bits than eight were spread over the whole range, as the key has to be
    key = [round(k * (2**wide - 1) / (2**stored - 1)) if stored < wide else k for k in header.key]
    there = np.asarray((planes == np.array(key[::-1])).all(axis=2))
    return there if there.any() else None


def _shifted(samples: Samples, significant: int | None) -> tuple[Samples, list[str]]:
    """Samples of 16 bits, moved to the top where the file says that fewer count and they lie at the bottom."""
    brightest = int(samples.max())
    if significant is not None and 0 < significant < 16 and brightest < 1 << significant:
        spare = 16 - significant
        if (samples & np.uint16((1 << spare) - 1)).any():  # else they lie at the top already
            return samples.astype(np.uint16) << np.uint16(spare), [f"{significant} bits that count of 16: scaled up"]
    if brightest < _QUARTER:
        share = 100 * brightest / 65535
        return samples, [
            f"the brightest sample is {share:.2g} % of the range of 16 bits: if the camera gives "
            f"{brightest.bit_length()} bits, say so in the file (`sBIT`) or scale its pictures up"
        ]
    return samples, []


def _in_srgb(samples: Samples, header: Header) -> tuple[Samples, list[str]]:
    """Samples of 8 bits in sRGB where a profile says that they are in another space."""
    from PIL import Image

    try:
        from PIL import ImageCms

        source = ImageCms.ImageCmsProfile(io.BytesIO(header.profile or b""))
        name = " ".join(ImageCms.getProfileDescription(source).split())[:60]
        space = source.profile.xcolor_space.strip()
        planes = samples.reshape(*samples.shape[:2], -1)
        colours = planes.shape[2] - (planes.shape[2] in (2, 4))
        mode = {(1, "GRAY"): "L", (3, "RGB"): "RGB"}.get((colours, space))
        if mode is None:
            return samples, [f"its ICC profile `{name}` is one of {space}, and was not applied"]
        target = ImageCms.createProfile("sRGB")
        change = ImageCms.buildTransform(
            source,
            target,
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if _is_same(change, mode):
            return samples, []
        if samples.dtype != np.uint8:
            return samples, [f"its ICC profile `{name}` was not applied, as its samples have 16 bits"]
        given = planes[..., 0] if mode == "L" else planes[..., 2::-1]
        made = np.asarray(change.apply(Image.fromarray(np.ascontiguousarray(given, np.uint8), mode)))[..., ::-1]
    except ImportError:
        return samples, ["its ICC profile was not applied: this Pillow has no LittleCMS"]
    except Exception:  # noqa: BLE001 - a profile is data of others, and Pillow raises what it likes
        return samples, ["its ICC profile cannot be read, and was not applied"]
    rest = planes[..., colours:]
    return np.concatenate([made, rest], axis=2), [f"colours converted from `{name}` to sRGB (ICC profile)"]


def _is_same(change: object, mode: str) -> bool:
    """Whether a transform leaves colours as they are."""
    from PIL import Image

    if mode == "L":
        given = np.arange(256, dtype=np.uint8)[None]
        expected = np.repeat(given[..., None], 3, axis=2)
    else:
        steps = np.linspace(0, 255, 9).astype(np.uint8)
        given = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(1, -1, 3)
        expected = given
    made = np.asarray(change.apply(Image.fromarray(given, mode)), np.int64)  # type: ignore[attr-defined]
    return bool(np.abs(made - expected).max() <= _SAME)
