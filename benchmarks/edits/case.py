"""An edited picture and what must be said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.edits.retouch import Pixels
from benchmarks.truths import DATA

NORMAL = frozenset(["normal"])


@dataclass(frozen=True, eq=False)
class Edited:
    """An edited picture.

    Parameters
    ----------
    product : str
        Name of the spec.
    about : str
        What was done.
    labels : frozenset of str
        The labels of the verdict; `normal` of a picture that must pass.
    picture : (h, w, 3) uint8
        BGR.
    """

    product: str
    about: str
    labels: frozenset[str]
    picture: Pixels


def shared(name: str, margin_px: int = 0) -> Pixels:
    """A shared picture, without its outermost pixels.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    """
    data = np.frombuffer((DATA / name).read_bytes(), np.uint8)
    picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return picture[margin_px : len(picture) - margin_px, margin_px : picture.shape[1] - margin_px].copy()


class Maker:
    """Gathers the edited pictures of a product."""

    def __init__(self, product: str) -> None:
        self.product = product
        self.made: list[Edited] = []

    def __call__(self, about: str, picture: Pixels, *labels: str) -> None:
        """Add one; without labels it is normal."""
        self.made.append(Edited(self.product, about, frozenset(labels) or NORMAL, picture))

    def __iter__(self) -> Iterator[Edited]:
        return iter(self.made)
