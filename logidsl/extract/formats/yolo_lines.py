"""The meaning of the numbers on a YOLO line: box or outline, keypoints, confidence, track number.

Lines do not state their form, so it is decided for a whole file:

* Four numbers are a box. With `kpt_shape` those of key points follow.
* After a box of four, after key points and after an outline (an even number of six or more) may stand a confidence, the
  number of a track, or a confidence and then a number. A confidence lies within 0 to 1; numbers of tracks are whole,
  from 1. Where both would do, as for a single `1`, neither is read.
* Without a `data.yaml`, lines of one length whose numbers also fit a box with key points in it are refused, unless they
  draw an outline that does not cross itself and has no long way to its second point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from logidsl.diagnostics import InputError

Numbers: TypeAlias = Sequence[float]
Single: TypeAlias = Literal["confidence", "track", "either"]

#: Points of outlines may lie so far beyond the picture, as a share of it.
_BEYOND = 0.1
_BOX = 4
_LEAST_OUTLINE = 6
#: An edge that is so many times longer than any other is hardly one of an outline.
_LONG = 2.0


@dataclass
class Line:
    """The content of a line: a box of four shares, or the points of an outline, and further values."""

    box: Numbers = ()
    points: list[tuple[float, float]] = field(default_factory=list)
    confidence: float | None = None
    track: str | None = None
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """The form of a file's lines.

    Parameters
    ----------
    key_points : int
        How many numbers of keypoints follow each box.
    single : str
        What a single number at the end of a line is.
    pairs : bool
        Whether the last two numbers of an even number of six or more are a confidence and a track.
    """

    key_points: int
    single: Single
    pairs: bool

    def read(self, numbers: Numbers) -> Line:
        """The numbers of a line, at least four, interpreted."""
        count = len(numbers)
        if self.key_points and count > _BOX + 2:
            start = _BOX + self.key_points
            if start <= count <= start + 2:
                return self._ended(Line(numbers[:_BOX]), numbers[start:])
            found = f"the numbers after its box are not read: expected {self.key_points} numbers of keypoints"
            return Line(numbers[:_BOX], doubts=[found])
        if count < _LEAST_OUTLINE or (count == _LEAST_OUTLINE and (self.pairs or self.key_points)):
            return self._ended(Line(numbers[:_BOX]), numbers[_BOX:])
        end = count - (count % 2 or 2 * self.pairs)
        points = list(zip(numbers[:end:2], numbers[1:end:2], strict=True))
        if not all(-_BEYOND <= v <= 1 + _BEYOND for v in numbers[:end]) and _is_box(numbers):
            return Line(
                numbers[:_BOX], doubts=["the numbers after its box are not read: expected shares of the picture"]
            )
        return self._ended(Line(points=points), numbers[end:])

    def _ended(self, line: Line, tail: Numbers) -> Line:
        match list(tail):
            case [confidence, track] if _is_share(confidence) and _is_track(track):
                line.confidence, line.track = confidence, str(int(track))
            case [value] if self.single == "confidence" and _is_share(value):
                line.confidence = value
            case [value] if self.single == "track" and _is_track(value):
                line.track = str(int(value))
            case [value] if self.single == "either" and value == 1:
                line.doubts.append("its last number is ignored: it may be a confidence or a track number")
            case []:
                pass
            case _:
                line.doubts.append(
                    "the numbers after its place are not read: expected a confidence (0 to 1), a track number, or both"
                )
        return line


def layout_of(lines: Sequence[Numbers], key_points: int, *, decided: bool, source: str) -> Layout:
    """The form of the lines of a file.

    Parameters
    ----------
    lines : sequence of sequence of float
        Of each line the numbers after its class.
    key_points : int
        How many numbers of keypoints follow each box, where `kpt_shape` says so; else 0.
    decided : bool
        Whether a description of the dataset says that there are no others.
    source : str
        What messages call the file.

    Raises
    ------
    InputError
        If the lines may be outlines or boxes with keypoints.

    Examples
    --------
    >>> layout_of([(0.5, 0.5, 0.1, 0.1, 0.9)], 0, decided=False, source="a.txt").single
    'confidence'
    >>> layout_of([(0.5, 0.5, 0.1, 0.1, 0.9, 3)], 0, decided=False, source="a.txt").pairs
    True
    """
    even = [line for line in lines if len(line) >= _LEAST_OUTLINE and len(line) % 2 == 0]
    ends = _tails(lines, key_points)
    pairs = bool(even) and not key_points and all(_ends_in_a_pair(line) for line in even)
    if not (decided or key_points) and lines and _may_be_poses(lines, pairs=pairs):
        raise InputError(
            f"{source}: its lines of {len(lines[0])} numbers may be outlines or boxes with keypoints: state "
            "`kpt_shape: [number, 2 or 3]` in a data.yaml beside it, or `names:` alone for outlines"
        )
    return Layout(key_points, _single(ends), pairs)


def _tails(lines: Sequence[Numbers], key_points: int) -> list[float]:
    """The single numbers at the ends of lines."""
    found = [line[_BOX] for line in lines if len(line) == _BOX + 1]
    if key_points:
        return found + [line[-1] for line in lines if len(line) == _BOX + key_points + 1]
    return found + [line[-1] for line in lines if len(line) > _LEAST_OUTLINE and len(line) % 2]


def _single(ends: Sequence[float]) -> Single:
    if ends and all(v == 1 for v in ends):
        return "either"
    return "track" if ends and all(_is_track(v) for v in ends) else "confidence"


def _is_share(value: float) -> bool:
    return 0 <= value <= 1


def _is_track(value: float) -> bool:
    return value >= 1 and value % 1 == 0


def _is_box(line: Numbers) -> bool:
    """Whether the first four numbers are a box in the picture."""
    x, y, width, height = line[:_BOX]
    low, high = -_BEYOND, 1 + _BEYOND
    across = low <= x - width / 2 and x + width / 2 <= high and width > 0
    return across and low <= y - height / 2 and y + height / 2 <= high and height > 0


def _ends_in_a_pair(line: Numbers) -> bool:
    """Whether the last two numbers are a confidence and a track and hardly a point."""
    *points, confidence, track = line
    if not (_is_share(confidence) and _is_track(track)):
        return False
    if track > 1 or (len(points) == _BOX and _is_box(points)):
        return True
    return len(points) >= _LEAST_OUTLINE and _long_edges(line, {len(line) // 2 - 1})


def _may_be_poses(lines: Sequence[Numbers], *, pairs: bool) -> bool:
    """Whether all lines fit a box with key points in it, and some line is hardly an outline."""
    count = len(lines[0])
    if count <= _LEAST_OUTLINE or any(len(line) != count for line in lines):
        return False
    fits = any(
        (count - _BOX - tail) % width == 0 and all(_is_pose(line[: count - tail], width) for line in lines)
        for tail in (0, 1, 2)
        for width in (2, 3)
        if count - _BOX - tail >= width
    )
    return fits and any(not _is_outline(line[: count - (count % 2 or 2 * pairs)]) for line in lines)


def _is_pose(line: Numbers, width: int) -> bool:
    """Whether a line is a box with key points in it, of two numbers or of three."""
    if not _is_box(line):
        return False
    x, y, wide, high = line[:_BOX]
    for k in range(_BOX, len(line), width):
        if width == 3 and not (line[k + 2] in (0, 1, 2) or _is_share(line[k + 2])):
            return False
        px, py = line[k], line[k + 1]
        if (px or py) and (abs(px - x) > 0.6 * wide or abs(py - y) > 0.6 * high):
            return False
    return True


def _is_outline(line: Numbers) -> bool:
    """Whether points draw an outline that does not cross itself, without a long way to or from the second."""
    import shapely

    if not all(-_BEYOND <= v <= 1 + _BEYOND for v in line):
        return False
    ring = shapely.Polygon(list(zip(line[::2], line[1::2], strict=True)))
    return bool(ring.is_valid) and (len(line) == 2 * _BOX or not _long_edges(line, {0, 1}))


def _long_edges(line: Numbers, of: set[int]) -> bool:
    """Whether the edges at some points are longer than any other by far."""
    points = list(zip(line[::2], line[1::2], strict=True))
    after = [*points[1:], points[0]]
    lengths = [math.dist(a, b) for a, b in zip(points, after, strict=True)]
    chosen = {k for k in range(len(points)) if k in of or (k + 1) % len(points) in of}
    others = max((length for k, length in enumerate(lengths) if k not in chosen), default=0.0)
    return max(lengths[k] for k in chosen) > _LONG * others
