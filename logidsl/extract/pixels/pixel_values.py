"""Attributes of pixels: of their colour, by the kernels of the library, and of their surroundings.

An attribute that is declared with an implementation (`made_by`) has a function here that takes the picture, (h, w, 3)
uint8 BGR, and the rows and columns that are wanted, and returns its value at each of these pixels. May import
`library`.
"""

from __future__ import annotations

import numpy as np

from logidsl.arrays import Floats, Pixels, Singles
from logidsl.extract.pixels.opencv import cv2
from logidsl.library import builtins, implementation
from logidsl.library.color import lab_of_rgb

#: Side of the square over which `contrast` takes the mean lightness, as a share of the picture's shorter side.
CONTRAST_WINDOW = 0.5

# IEC 61966-2-1: linear light of each of 256 steps, and linear red, green, blue to CIE XYZ (D65).
_STEPS = np.arange(256) / 255.0
_LINEAR = np.where(_STEPS <= 0.04045, _STEPS / 12.92, ((_STEPS + 0.055) / 1.055) ** 2.4).astype(np.float32)
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_BGR = (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True))[:, ::-1].astype(np.float32)
_BGR_TO_RELATIVE_XYZ = {3: _BGR, 4: np.hstack([_BGR, np.zeros((3, 1), np.float32)])}  # by the number of channels


def colour_attribute(rgb: Pixels, name: str) -> Floats:
    """An attribute that follows from the colour alone.

    Parameters
    ----------
    rgb : (..., 3) uint8
        Red, green, blue (sRGB).
    name : str
        Of an attribute whose kernel takes a colour.

    Examples
    --------
    >>> colour_attribute(np.array([[255, 128, 0], [7, 7, 7]], np.uint8), "hue").round(1).tolist()
    [30.1, nan]
    """
    entry = builtins("attribute")[name]
    made = entry.kernel(lab_of_rgb(rgb)) if entry.of_rgb is None else entry.of_rgb(rgb.astype(np.float64))
    return np.asarray(made, np.float64)


def pixel_attribute(bgr: Pixels, name: str, part: tuple[slice, slice] | None = None) -> Floats:
    """An attribute of each pixel of a part of a picture, or of all of it, (h, w)."""
    rows, columns = part or np.s_[0 : bgr.shape[0], 0 : bgr.shape[1]]
    if made_by := builtins("attribute")[name].made_by:
        return np.asarray(implementation(made_by)(bgr, (rows, columns)), np.float64)
    return colour_attribute(bgr[rows, columns][..., ::-1], name)


def fast_lab(bgr: Pixels) -> Singles:
    """CIELAB of many pixels in float32, within 1e-3 of `lab_of_rgb`; of greys a and b are exactly 0.

    OpenCV's own conversion is off by up to 0.45 and would shift means.

    Parameters
    ----------
    bgr : (n, 3) or (n, 1, 3) uint8
        Blue, green, red.

    Returns
    -------
    (n, 3) float32
    """
    return np.asarray(lab_of_roots(cube_roots(bgr)), np.float32)


def cube_roots(pixels: Pixels) -> Singles:
    """X, Y and Z of CIE XYZ over those of white, as CIELAB takes them: their cube roots, and a line near black.

    Parameters
    ----------
    pixels : array of uint8, its last axis of 3 or 4
        Blue, green, red (sRGB), and perhaps a fourth value that is ignored.

    Returns
    -------
    (n, 3) float32
    """
    # one row of many pixels: OpenCV takes many times as long for many rows of one
    linear = cv2.LUT(np.ascontiguousarray(pixels).reshape(1, -1, pixels.shape[-1]), _LINEAR)
    t = np.asarray(cv2.transform(linear, _BGR_TO_RELATIVE_XYZ[pixels.shape[-1]]), np.float32).reshape(-1, 3)
    dark = t <= np.float32(216 / 24389)
    f: Singles = cv2.pow(t, 1 / 3)  # a ninth of the time of NumPy's cube root, within 2e-7 of it
    if dark.any():
        f[dark] = np.float32(24389 / 27 / 116) * t[dark] + np.float32(16 / 116)
    blue, green, red = pixels.reshape(-1, pixels.shape[-1]).T[:3]
    grey = (blue == green) & (green == red)
    if np.count_nonzero(grey):  # so that a and b are exactly 0
        f[grey] = f[grey, 1:2]
    return f


def lab_of_roots(roots: Floats | Singles, count: Floats | float = 1.0) -> Floats | Singles:
    """CIELAB of `cube_roots`, (n, 3); of their sums over some pixels its sums, given how many there are of each."""
    x, y, z = roots.T
    return np.stack([116 * y - 16 * count, 500 * (x - y), 200 * (y - z)], axis=1)


def lightness_image(bgr: Pixels) -> Singles:
    """L of CIELAB as a ratio, (h, w) float32, exact to 1e-6."""
    blue, green, red = (bgr[..., i] for i in range(3))
    if np.array_equal(blue, green) and np.array_equal(green, red):
        ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, 1)
        table = colour_attribute(ramp, "lightness").astype(np.float32)
        return np.asarray(cv2.LUT(np.ascontiguousarray(blue), table), np.float32)
    weights = _TO_XYZ[1, ::-1] / _TO_XYZ[1].sum()
    luminance = np.zeros(bgr.shape[:2], np.float32)
    for plane, weight in zip((blue, green, red), weights, strict=True):
        luminance += cv2.LUT(np.ascontiguousarray(plane), (_LINEAR * weight).astype(np.float32))
    dark = luminance * np.float32(24389 / 2700)
    return np.where(luminance > 216 / 24389, np.float32(1.16) * np.cbrt(luminance) - np.float32(0.16), dark)


def lightness(bgr: Pixels, part: tuple[slice, slice]) -> Singles:
    """L of CIELAB as a ratio."""
    return lightness_image(bgr[part])


def edge(bgr: Pixels, part: tuple[slice, slice]) -> Singles:
    """Length of the lightness gradient, by the 3 by 3 operator of Scharr (2000).

    Scaled so that a step from black to white between two columns gives 1 on both sides of it, and clipped there.
    """
    light = lightness_image(bgr)
    across = cv2.Scharr(light, cv2.CV_32F, 1, 0, scale=1 / 16, borderType=cv2.BORDER_REFLECT_101)
    down = cv2.Scharr(light, cv2.CV_32F, 0, 1, scale=1 / 16, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(np.minimum(np.hypot(across, down), 1.0))[part]


def contrast(bgr: Pixels, part: tuple[slice, slice]) -> Floats:
    """Contrast over a square of half the picture's shorter side; see `contrast_of`."""
    return contrast_of(bgr, CONTRAST_WINDOW * min(bgr.shape[:2]), part)


def contrast_of(bgr: Pixels, side_px: float, part: tuple[slice, slice] | None = None) -> Floats:
    """Lightness minus its mean over a square around each pixel, mirrored at the border; -1 to 1.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        The picture.
    side_px : float
        Side of the square, rounded down to an odd number of pixels; at most twice the picture's shorter side.
    part : two slices, optional
        Rows and columns that are wanted; what the square needs beyond them is looked at, too.
    """
    height, width = bgr.shape[:2]
    reach = max(0, min(int(side_px / 2), min(height, width) - 1))
    rows, columns = part or np.s_[0:height, 0:width]
    top, left = max(0, rows.start - reach), max(0, columns.start - reach)
    seen = bgr[top : rows.stop + reach, left : columns.stop + reach]
    light = lightness_image(seen)
    mean = cv2.blur(light, (2 * reach + 1, 2 * reach + 1), borderType=cv2.BORDER_REFLECT)
    found = (light - mean)[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    return np.asarray(found, np.float64)
