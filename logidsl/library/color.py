"""Colour: CIELAB of sRGB, and the CIEDE2000 difference.

sRGB follows IEC 61966-2-1, CIELAB the D65 white of the CIE 1931 observer, CIEDE2000 the formulation of
Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula: implementation notes, supplementary test
data, and mathematical observations", Color Research and Application 30 (2005).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.declare import builtin
from logidsl.library.intervals import POSITIVE

Array: TypeAlias = npt.NDArray[np.float64]

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _TO_XYZ.sum(axis=1)
#: Of the cosines of the hue, three and four times the hue, each less an angle, in the hue weight of CIEDE2000: their
#: shares of the cosine and of the sine.
_WEIGHTS = [
    (share * math.cos(math.radians(deg)), share * math.sin(math.radians(deg)))
    for share, deg in ((-0.17, 30.0), (0.32, -6.0), (-0.20, 63.0))
]

#: Reach of a colour that has no `within`.
DEFAULT_REACH = 20.0


def lab_of_rgb(rgb: npt.ArrayLike) -> Array:
    """CIELAB of sRGB.

    Parameters
    ----------
    rgb : (..., 3) array_like
        Red, green, blue, 0 to 255.

    Returns
    -------
    (..., 3) float64
        L 0 to 100, a, b; of a grey (equal red, green and blue) a and b are exactly 0.

    Examples
    --------
    >>> lab_of_rgb([255, 255, 255]).round(3).tolist()
    [100.0, 0.0, 0.0]
    """
    v = np.asarray(rgb, np.float64) / 255.0
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    t = linear @ _TO_XYZ.T / _WHITE
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    lab = np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)
    lab[(v[..., 0] == v[..., 1]) & (v[..., 1] == v[..., 2]), 1:] = 0.0  # free of rounding
    return lab


def lab_of_hex(text: str) -> tuple[float, float, float] | None:
    """CIELAB of `#rrggbb` or `#rgb`, or None if the text is not a colour.

    Examples
    --------
    >>> lab_of_hex("#fff") == lab_of_hex("#FFFFFF"), lab_of_hex("red")
    (True, None)
    """
    rgb = rgb_of_hex(text)
    if rgb is None:
        return None
    lab = lab_of_rgb(rgb)
    return float(lab[0]), float(lab[1]), float(lab[2])


def rgb_of_hex(text: str) -> tuple[float, float, float] | None:
    """Red, green and blue, 0 to 255, of `#rrggbb` or `#rgb`, or None if the text is not a colour."""
    if not re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", text):
        return None
    digits = text[1:] if len(text) == 7 else "".join(c * 2 for c in text[1:])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def rgb_of_hexes(texts: Sequence[object]) -> Array | None:
    """(n, 3) red, green and blue, 0 to 255, of n texts `#rrggbb` or `#rgb`, or None if one is not a colour.

    Examples
    --------
    >>> rgb_of_hexes(["#fff", "#0102FF"]).tolist()
    [[255.0, 255.0, 255.0], [1.0, 2.0, 255.0]]
    >>> rgb_of_hexes(["#fff", "red"]), rgb_of_hexes(["#fff#fff"]), rgb_of_hexes([7])
    (None, None, None)
    """
    lines = "".join([f"{text}\n" for text in texts])
    if lines.count("\n") != len(texts) or not re.fullmatch(r"(?:#(?:[0-9a-fA-F]{3}){1,2}\n)*", lines):
        return None
    digits = re.sub(r"#(.)(.)(.)\n", r"\1\1\2\2\3\3", lines).replace("#", "")
    return np.frombuffer(bytes.fromhex(digits), np.uint8).reshape(-1, 3).astype(np.float64)


def rgb_of_lab(lab: npt.ArrayLike) -> Array:
    """SRGB of CIELAB, cut to what sRGB has.

    Parameters
    ----------
    lab : (..., 3) array_like
        L 0 to 100, a, b.

    Returns
    -------
    (..., 3) float64
        Red, green, blue, 0 to 255.

    Examples
    --------
    >>> rgb_of_lab(lab_of_rgb([255, 128, 0])).round(3).tolist()
    [255.0, 128.0, 0.0]
    """
    light, a, b = np.moveaxis(np.asarray(lab, np.float64), -1, 0)
    middle = (light + 16) / 116
    f = np.stack([middle + a / 500, middle, middle - b / 200], axis=-1)
    t = np.where(f**3 > 216 / 24389, f**3, (116 * f - 16) * 27 / 24389)
    linear = np.clip((t * _WHITE) @ np.linalg.inv(_TO_XYZ).T, 0.0, 1.0)
    return np.asarray(255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def _rgb(lab: Array) -> Array:
    """Red, green and blue, 0 to 255."""
    return np.asarray(np.round(rgb_of_lab(lab), 6))  # or a pure red might have a hue of 359.999999 deg


def saturation_of_rgb(rgb: Array) -> Array:
    """Saturation of HSV, (…, 3) of 0 to 255; 0 for black."""
    high, low = rgb.max(-1), rgb.min(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(high > 0, (high - low) / high, 0.0)


def saturation_of_lab(lab: Array) -> Array:
    """Saturation of HSV of mean colours, (…, 3) CIELAB; 0 for black."""
    return saturation_of_rgb(_rgb(lab))


def hue_of_rgb(rgb: Array) -> Array:
    """Hue of HSV, (…, 3) of 0 to 255, deg.

    A colour whose red, green and blue are within half a step of 255 is grey and has no hue: NaN.

    Examples
    --------
    >>> hue_of_rgb(np.array([[255.0, 128.0, 0.0], [7.0, 7.0, 7.0]])).round(1).tolist()
    [30.1, nan]
    """
    high, low = rgb.max(-1), rgb.min(-1)
    span = high - low
    red, green, blue = np.moveaxis(rgb, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sixth = np.where(
            high == red,
            (green - blue) / span % 6,
            np.where(high == green, (blue - red) / span + 2, (red - green) / span + 4),
        )
    return np.where(span > 0.5, 60 * sixth, np.nan)


def hue_of_lab(lab: Array) -> Array:
    """Hue of HSV of mean colours, (…, 3) CIELAB, deg.

    Examples
    --------
    >>> hue_of_lab(lab_of_rgb([[255, 0, 0], [168, 48, 48]])).tolist()
    [0.0, 0.0]
    """
    return hue_of_rgb(_rgb(lab))


def _seventh(v: Array) -> Array:
    cube = v * v * v
    return cube * cube * v


def _hue(b: Array, a: Array) -> Array:
    hue = np.degrees(np.arctan2(b, a))
    return np.where(hue < 0.0, hue + 360.0, hue)


def _weight_of_hue(middle: Array) -> Array:
    """The factor T of the mean hue, deg: its four cosines as a polynomial of the hue's own cosine and sine."""
    angle = np.radians(middle)
    cos, sin = np.cos(angle), np.sin(angle)
    twice = 4 * cos * cos - 2  # 2 cos 2x, of which cos 3x is cos x (twice - 1), sin 3x is sin x (twice + 1)
    (cos_1, sin_1), (cos_3, sin_3), (cos_4, sin_4) = _WEIGHTS
    return np.asarray(
        (1 - cos_4)
        + twice * (0.12 + cos_4 / 2 * twice)
        + cos * (cos_1 - cos_3 + (cos_3 + 2 * sin_4 * sin) * twice)
        + sin * (sin_1 + sin_3 + sin_3 * twice)
    )


def ciede2000(first: npt.ArrayLike, second: npt.ArrayLike) -> Array:
    """CIEDE2000 colour difference, with all weights 1.

    Parameters
    ----------
    first, second : (..., 3) array_like
        CIELAB; shapes broadcast.

    Returns
    -------
    (...) float64

    Examples
    --------
    >>> round(float(ciede2000([50, 2.6772, -79.7751], [50, 0, -82.7485])), 4)
    2.0425
    """
    l1, a1, b1, l2, a2, b2 = (np.asarray(lab, np.float64)[..., k] for lab in (first, second) for k in range(3))
    chroma7 = _seventh((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2)
    stretch = 1.5 - 0.5 * np.sqrt(chroma7 / (chroma7 + 25.0**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2, h1, h2 = np.hypot(a1, b1), np.hypot(a2, b2), _hue(b1, a1), _hue(b2, a2)
    turn = h2 - h1
    turn = turn - 360 * np.rint(turn / 360)
    delta_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))  # 0 with a grey, whose hue then makes no difference
    middle = h1 + turn / 2
    middle = middle - 360 * np.floor(middle / 360)
    light, chroma = (l1 + l2) / 2 - 50, (c1 + c2) / 2
    seventh = _seventh(chroma)
    light2 = light * light
    scale_l = 1 + 0.015 * light2 / np.sqrt(20 + light2)
    scale_c, scale_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * _weight_of_hue(middle)
    rotation = (
        -2 * np.sin(math.radians(60) * np.exp(-(((middle - 275) / 25) ** 2))) * np.sqrt(seventh / (seventh + 25.0**7))
    )
    dl, dc, dh = (l2 - l1) / scale_l, (c2 - c1) / scale_c, delta_h / scale_h
    return np.asarray(np.sqrt(np.maximum(dl**2 + dc**2 + dh**2 + rotation * dc * dh, 0.0)))


@builtin(
    "function",
    "difference(color, color) -> difference",
    "difference(left_end.color, right_end.color) <= 12",
    brief="CIEDE2000",
    proposed=(
        "{each}difference({a}.{color}, {P}.{color}) {?}",
        "{each}difference({a}.{color}, nearest({N}, {a}).{color}) {?}",
    ),
    values=POSITIVE,
    converse="difference",
    english="the colour difference of {0} and {1}",
)
def difference(a: Array, b: Array) -> Array:
    """CIEDE2000 difference of two colours."""
    return ciede2000(a, b)


@builtin(
    "function",
    "tint_difference(color, color) -> difference",
    "tint_difference(left_end.color, right_end.color) <= 12",
    brief="CIEDE2000, whatever the lightness",
    values=POSITIVE,
    converse="tint_difference",
    english="the colour difference of {0} and {1} in the same light",
)
def tint_difference(a: Array, b: Array) -> Array:
    """CIEDE2000 difference of two colours after the first is brought to the lightness of the second, as by more or less
    light.
    """
    return ciede2000(relit(a, b), b)


def relit(color: npt.ArrayLike, to: npt.ArrayLike) -> Array:
    """A colour under more or less light, so that its lightness equals another's.

    More light multiplies X, Y and Z by one factor, and so L + 16, a and b by its cube root, wherever none of the
    three is in the linear part of CIELAB.

    Parameters
    ----------
    color, to : (..., 3) array_like
        CIELAB; shapes broadcast.

    Returns
    -------
    (..., 3) float64

    Examples
    --------
    >>> relit(lab_of_rgb([60, 40, 20]), lab_of_rgb([120, 120, 120])).round(1).tolist()
    [50.4, 13.1, 32.7]
    """
    one, two = np.broadcast_arrays(np.asarray(color, np.float64), np.asarray(to, np.float64))
    factor = (two[..., :1] + 16) / (one[..., :1] + 16)
    return np.concatenate([two[..., :1], one[..., 1:] * factor], axis=-1)
