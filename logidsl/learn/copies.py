"""Pictures that were given twice, such as a copy under another name or in another format, or an augmented one.

What is learned from one of them knows the other, so that leaving it out would measure nothing. Two photos of one scene
differ by a part that moved, and by noise only where nothing did.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from logidsl.arrays import Pixels
from logidsl.extract.parts.features import STRIDE
from logidsl.extract.pixels.opencv import cv2
from logidsl.learn.examples import Example

#: What Roboflow puts between the name of a photo and the digest of a copy that it turned, mirrored or relit.
_OF_A_COPY = ".rf."
_BLUR = 2.0  # places
_MOST = 6  # levels that compression changes, once blurred
_SIDE_PX = 16  # of a small picture, compared first


def without_copies(examples: Sequence[Example], notes: list[str]) -> tuple[Example, ...]:
    """The pictures without those that show the same as an earlier one, with a note about each."""
    small = [cv2.resize(e.bgr, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA) for e in examples]
    kept: list[int] = []
    for number, shown in enumerate(examples):
        like = (k for k in kept if _alike(small[k], small[number]) and _same(examples[k], shown))
        if (first := next(like, None)) is None:
            kept.append(number)
            continue
        other = Path(examples[first].path).name
        if sorted(examples[first].kinds.tolist()) == sorted(shown.kinds.tolist()):
            notes.append(f"{shown.path} shows the same as {other} and was left out")
            continue
        kept.append(number)  # a part may be gone that is too small to make a difference here
        notes.append(f"{shown.path} looks like {other}, but is annotated differently: if it shows the same, remove one")
    return tuple(examples[k] for k in kept)


def sources_of(examples: Sequence[Example]) -> list[int]:
    """A number of the photo that each picture was made from, from 0 on."""
    names = [str(Path(e.path).with_name(Path(e.path).name.partition(_OF_A_COPY)[0])) for e in examples]
    return [list(dict.fromkeys(names)).index(name) for name in names]


def told_of_copies(examples: Sequence[Example]) -> list[str]:
    """A note if there are fewer photos than pictures."""
    photos = len(set(sources_of(examples)))
    if photos == len(examples):
        return []
    return [
        f"{len(examples)} pictures are copies of {photos} photos, by `{_OF_A_COPY}` in their names: those of one photo "
        "are left out together"
    ]


def _same(one: Example, two: Example) -> bool:
    if one.bgr.shape != two.bgr.shape:
        return False
    size = one.bgr.shape[1] // STRIDE, one.bgr.shape[0] // STRIDE
    small = (cv2.resize(e.bgr, size, interpolation=cv2.INTER_AREA) for e in (one, two))
    return _alike(*(cv2.GaussianBlur(s, (0, 0), _BLUR) for s in small))


def _alike(one: Pixels, two: Pixels) -> bool:
    return bool(np.max(cv2.absdiff(one, two)) <= _MOST)
