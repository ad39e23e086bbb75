"""Inputs for learning at each place of a picture: the outputs of an image network, and filters.

A map has one vector for every `STRIDE` by `STRIDE` px of the picture it is computed from. May import `onnx`,
`opencv` and `picture`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Pixels
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.sources.onnx import Session, session

Maps: TypeAlias = npt.NDArray[np.float32]

STRIDE = 4
#: The network that ships with the package; a parts file holds a copy of the one it was learned with.
NETWORK = Path(__file__).with_name("network.onnx")
#: The purpose of the ONNX runtime, in messages.
PURPOSE = "finding learned parts"
_BLOCK = 16  # the network takes sides that are multiples of it
_SIGMAS = (1, 2, 4, 8)  # of the filters, in places of the map
#: Of a map of features, the first channels are CIELAB.
LAB = slice(0, 3)


@lru_cache(maxsize=1)
def shipped_network() -> Session:
    """The network that ships with the package; see `onnx.session`."""
    return session(NETWORK, str(NETWORK), PURPOSE)


def features(network: Session, bgr: Pixels) -> Maps:
    """The features of a picture.

    Parameters
    ----------
    network : Session
        Takes `x` (1, 3, h, w), RGB from -1 to 1, sides multiples of 16; gives maps at strides 8 and 16.
    bgr : (h, w, 3) uint8
        At least `STRIDE` px wide and high.

    Returns
    -------
    (h // STRIDE, w // STRIDE, k) float32
        CIELAB and its Gaussians, gradients and Laplacians at four scales, then the outputs of the network, read
        between their places.
    """
    rows, columns = bgr.shape[0] // STRIDE, bgr.shape[1] // STRIDE
    parts = [*_filtered(bgr, rows, columns), *(m[:rows, :columns] for m in _deep(network, bgr))]
    return np.concatenate(parts, axis=2)


def _deep(network: Session, bgr: Pixels) -> list[Maps]:
    height, width = (-(-s // _BLOCK) * _BLOCK for s in bgr.shape[:2])
    padded = cv2.copyMakeBorder(bgr, 0, height - bgr.shape[0], 0, width - bgr.shape[1], cv2.BORDER_REPLICATE)
    outputs = network.run(None, {"x": cv2.dnn.blobFromImage(padded, 1 / 128, mean=(127, 127, 127), swapRB=True)})
    size = width // STRIDE, height // STRIDE
    planes = (np.ascontiguousarray(output[0].transpose(1, 2, 0)) for output in outputs)
    return [cv2.resize(p, size, interpolation=cv2.INTER_LINEAR) for p in planes]


def _filtered(bgr: Pixels, rows: int, columns: int) -> list[Maps]:
    small = cv2.resize(bgr, (columns, rows), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / np.float32(255), cv2.COLOR_BGR2LAB)
    maps = [lab]
    for sigma in _SIGMAS:
        smooth = cv2.GaussianBlur(lab, (0, 0), sigma)
        lightness = np.ascontiguousarray(smooth[..., 0])
        slope = np.hypot(cv2.Sobel(lightness, -1, 1, 0), cv2.Sobel(lightness, -1, 0, 1))
        maps += [smooth, slope[..., None], cv2.Laplacian(lightness, -1)[..., None]]
    return maps
