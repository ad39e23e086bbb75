"""Bags of screws, nuts and washers: parts taken away, added, exchanged, shortened, moved."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.edits.case import Edited, Maker, shared
from benchmarks.edits.retouch import Box, Cut, Pixels, Shares, cut, inside, oval, put, wiped

#: Of each picture: its parts by name, each a box in percent, and a turn that lays a screw level, in degrees.
BAGS: Mapping[str, tuple[str, Mapping[str, Sequence[tuple[Box, float]]]]] = {
    "first": (
        "loco_screw_bag/complete_one_nut_red.png",
        {
            "long": [((22.8, 55.0, 50.0, 73.5), -20.0)],
            "short": [((48.8, 42.0, 57.2, 71.5), -87.0)],
            "nut": [((35.8, 46.5, 44.3, 58.0), 0.0), ((44.4, 43.6, 51.9, 56.0), 0.0)],
            "washer": [((46.0, 33.4, 54.6, 46.0), 0.0), ((36.9, 62.8, 45.0, 75.0), 0.0)],
        },
    ),
    "second": (
        "loco_screw_bag/extra_short_bolt.png",
        {
            "long": [((11.2, 29.5, 32.0, 64.8), -52.0)],
            "short": [((47.8, 30.8, 63.4, 56.0), 47.0)],
            "nut": [((39.4, 55.8, 46.6, 67.4), 0.0), ((45.6, 61.6, 53.3, 73.5), 0.0)],
            "washer": [((10.8, 62.8, 19.6, 75.6), 0.0), ((57.0, 56.6, 65.8, 70.0), 0.0)],
        },
    ),
}
_EXTRA_SHORT: Box = (10.6, 28.4, 23.8, 55.6)
#: Lies in the box of the first picture's short screw and is none of it.
_NOT_SHORT: Box = (48.8, 42.0, 53.0, 61.0)
#: Where parts may lie, far from each other: places of screws, then of nuts and washers, in percent.
_SCREWS = ((26, 32), (26, 64), (54, 34), (54, 66), (40, 50))
_RINGS = ((14, 47), (38, 27), (40, 76), (66, 48), (50, 50), (68, 76), (68, 24))

#: Length of a screw that is far too short, as a share of the picture's height: its mask in the published table of
#: object sizes is 220 px long in pictures of 1100 px.
STUB = 0.2


def metal(values: Shares) -> npt.NDArray[np.bool_]:
    """Screws, nuts and washers; the film is darker."""
    return np.asarray((values[..., 0] > 50) | (values[..., 1] > 25), np.bool_)


@dataclass(frozen=True, eq=False)
class Bag:
    """A bag without its parts, and the parts."""

    film: Pixels
    parts: Mapping[str, Sequence[Cut]]

    @classmethod
    def of(cls, name: str) -> Bag:
        """Part a picture."""
        file, places = BAGS[name]
        picture = shared(file)
        parts: dict[str, list[Cut]] = {}
        mask = inside(picture, _EXTRA_SHORT) if name == "second" else np.zeros(picture.shape[:2], np.uint8)
        for kind, boxes in places.items():
            for box, turn_deg in boxes:
                mask |= inside(picture, box)
                parts.setdefault(kind, []).append(cls.part_of(name, picture, kind, box, turn_deg))
        return cls(wiped(picture, mask), parts)

    @staticmethod
    def part_of(name: str, picture: Pixels, kind: str, box: Box, turn_deg: float) -> Cut:
        """A part without its neighbours."""
        if name == "first" and kind == "short":
            picture = np.where(inside(picture, _NOT_SHORT)[..., None] > 0, 0, picture).astype(np.uint8)
        part = cut(picture, box, metal)
        if kind in ("nut", "washer"):
            return Cut(part.bgr, part.cover * oval(part.cover.shape))
        return levelled(part, turn_deg)

    def laid(self, wanted: Mapping[str, int], rng: random.Random) -> Pixels:
        """The film with so many parts of each kind, none on another."""
        screws, rings = list(_SCREWS), list(_RINGS)
        rng.shuffle(screws)
        picture = self.film
        taken: list[tuple[float, float]] = []
        for kind in ("long", "short", "stub"):
            for i in range(wanted.get(kind, 0)):
                x, y = screws.pop()
                taken.append((x, y))
                picture = put(picture, self.part(kind, i), x, y, rng.uniform(-25, 25) + rng.choice([0, 180]))
        free = [(x, y) for x, y in rings if all(abs(x - a) > 5 or abs(y - b) > 5 for a, b in taken)]
        free = [(x, y) for x, y in free if (x, y) != (50, 50) or (40, 50) not in taken] + [
            p for p in screws if p != (40, 50)
        ]
        rng.shuffle(free)
        for kind in ("nut", "washer"):
            for i in range(wanted.get(kind, 0)):
                x, y = free.pop()
                picture = put(picture, self.part(kind, i), x, y, rng.uniform(0, 360))
        return picture

    def part(self, kind: str, i: int) -> Cut:
        """One of the parts of a kind; a stub is a short screw of a fifth of the picture's height."""
        if kind == "stub":
            short = self.parts["short"][0]
            return shortened(short, STUB * self.film.shape[0] / short.cover.shape[1])
        found = self.parts[kind]
        return found[i % len(found)]


def levelled(part: Cut, turn_deg: float) -> Cut:
    """A part turned so that it lies level."""
    if not turn_deg:
        return part
    height, width = part.cover.shape
    side = int(np.ceil(np.hypot(height, width)))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, 1)
    matrix[:, 2] += [(side - width) / 2, (side - height) / 2]
    bgr = cv2.warpAffine(part.bgr, matrix, (side, side), flags=cv2.INTER_LINEAR)
    cover = cv2.warpAffine(part.cover, matrix, (side, side), flags=cv2.INTER_LINEAR)
    x, y, width, height = cv2.boundingRect((cover > 0.1).astype(np.uint8))
    box = np.s_[y : y + height, x : x + width]
    return Cut(np.asarray(bgr[box], np.uint8), np.asarray(cover[box], np.float32))


def shortened(part: Cut, share: float) -> Cut:
    """A level screw that keeps this share of its length: its head, at the thicker end, and the tip."""
    thick = (part.cover > 0.5).sum(0)
    width = len(thick)
    gone = width - round(width * share)
    start = width - gone - width // 8 if thick[: width // 4].mean() > thick[-width // 4 :].mean() else width // 8
    keep = np.r_[0:start, start + gone : width]
    return Cut(np.ascontiguousarray(part.bgr[:, keep]), np.ascontiguousarray(part.cover[:, keep]))


_GOOD = {"long": 1, "short": 1, "nut": 2, "washer": 2}
#: Each label, and how many of each part there are.
DEFECTS: Mapping[str, Mapping[str, int]] = {
    "1_missing_nut": {"nut": 1},
    "2_missing_nuts": {"nut": 0},
    "1_additional_nut": {"nut": 3},
    "2_additional_nuts": {"nut": 4},
    "1_missing_washer": {"washer": 1},
    "2_missing_washers": {"washer": 0},
    "1_additional_washer": {"washer": 3},
    "2_additional_washers": {"washer": 4},
    "1_missing_long_screw": {"long": 0},
    "1_missing_short_screw": {"short": 0},
    "1_additional_long_screw": {"long": 2},
    "1_additional_short_screw": {"short": 2},
    "screw_too_long": {"long": 2, "short": 0},
    "screw_too_short": {"long": 0, "short": 2},
    "1_very_short_screw": {"short": 0, "stub": 1},
    "2_very_short_screws": {"long": 0, "short": 0, "stub": 2},
}


def screw_bag() -> Iterator[Edited]:
    """All edited bags."""
    made = Maker("screw_bag")
    made("first as it is", shared(BAGS["first"][0]))
    second = shared(BAGS["second"][0])
    made("second as it is", second, "1_additional_short_screw")
    made("third as it is", shared("loco_five_normals_small/screw_bag.png"))
    rng = random.Random(11)
    for name, (file, places) in BAGS.items():
        bag, picture = Bag.of(name), shared(file)
        if name == "second":  # its second short screw lies across the long one: both are laid anew
            picture = wiped(picture, inside(picture, _EXTRA_SHORT) | inside(picture, places["long"][0][0]))
            picture = put(picture, bag.part("long", 0), 24, 45, 60)
            made("second without its extra screw", picture)
        for kind in ("nut", "washer"):
            bare = wiped(picture, inside(picture, places[kind][1][0]))
            made(f"{name} {kind} wiped away", bare, f"1_missing_{kind}")
        for i in range(8):
            made(f"{name} other places {i}", bag.laid(_GOOD, rng))
        for label, change in DEFECTS.items():
            for i in range(2):
                made(f"{name} {label} {i}", bag.laid({**_GOOD, **change}, rng), label)
        both = bag.laid({**_GOOD, "nut": 3, "washer": 1}, rng)
        made(f"{name} a nut for a washer", both, "1_additional_nut", "1_missing_washer")
    return iter(made)
