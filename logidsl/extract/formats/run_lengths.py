"""COCO's run-length masks, packed or not, decoded where the object is and nowhere else.

A mask is as large as its picture, and its object is small: only the columns from the first run of the object to the
last are created. Every run is checked before memory is allocated for it, because files may come from anyone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from logidsl.arrays import Ints, Pixels
from logidsl.diagnostics import InputError

#: A mask of more pixels than this is refused before memory is asked for it.
_MOST_PIXELS = 1 << 28
_FIRST, _VALUE, _MORE, _NEGATIVE, _BITS = 48, 0x1F, 0x20, 0x10, 5
_LONGEST = 12  # characters of one number, 60 bits


def decode_runs(rle: Mapping[str, object]) -> tuple[Pixels, int, int]:
    """The part of a mask that holds its object.

    Parameters
    ----------
    rle : mapping
        `size` is `[height, width]`; `counts` are the lengths of runs of 0 and 1 in turn, beginning with 0, column by
        column, as a list or packed in a text.

    Returns
    -------
    mask : (h, w) uint8
        1 for the object; without pixels if there is none.
    left, top : int
        Its corner in the picture, px.

    Raises
    ------
    InputError
        If there is no size, the mask is too large, or the runs do not fill it.

    Examples
    --------
    >>> decode_runs({"size": [3, 4], "counts": [4, 2, 6]})
    (array([[1],
           [1]], dtype=uint8), 1, 1)
    """
    height, width = _size(rle.get("size"))
    counts = rle.get("counts")
    try:
        runs = _runs_of_list(counts) if isinstance(counts, list) else _runs_of_code(counts)
        if len(runs) and (runs.min() < 0 or runs.max() > height * width):
            raise ValueError(f"expected runs of 0 to {height * width} pixels")
        if runs.sum() != height * width:
            raise ValueError(f"expected runs of {height * width} pixels in all, found {runs.sum()}")
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"its mask cannot be decoded: {error}") from None
    return _drawn(runs, height)


def _size(size: object) -> tuple[int, int]:
    if not isinstance(size, list) or len(size) != 2 or not all(_is_side(v) for v in size):
        raise InputError(f"its mask has no size: expected `[height, width]`, found `{str(size)[:40]}`")
    height, width = int(size[0]), int(size[1])
    if height * width > _MOST_PIXELS:
        raise InputError(f"its mask is too large: {width} by {height} px")
    return height, width


def _is_side(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 1 and value % 1 == 0


def _runs_of_list(counts: Sequence[object]) -> Ints:
    if any(isinstance(c, bool) or not isinstance(c, int) for c in counts):
        raise ValueError("expected whole numbers")
    return np.array(counts, np.int64)


def _runs_of_code(code: object) -> Ints:
    """The runs of the packed form: five bits a character, the sixth says that more follow.

    After `rleFrString` of COCO's own tools: from the fourth on, a number is the difference to the run two before it.
    """
    if not isinstance(code, str) or not code.isascii():
        raise ValueError("expected a code of plain characters")
    bits = np.frombuffer(code.encode("ascii"), np.uint8).astype(np.int64) - _FIRST
    if not len(bits):
        raise ValueError("its code is empty")
    if bits.min() < 0 or bits.max() >= 2 * _MORE:
        raise ValueError("expected characters from `0` to `o`")
    last = np.flatnonzero(bits & _MORE == 0)
    first = np.concatenate([[0], last[:-1] + 1])
    length = last - first + 1
    if not len(last) or last[-1] != len(bits) - 1 or length.max() > _LONGEST:
        raise ValueError("its code is cut short")
    place = np.arange(len(bits)) - np.repeat(first, length)
    runs = np.add.reduceat((bits & _VALUE) << (_BITS * place), first)
    runs -= np.where(bits[last] & _NEGATIVE, 1 << (_BITS * length), 0)
    for chain in (runs[1::2], runs[2::2]):
        np.cumsum(chain, out=chain)
    return runs


def _drawn(runs: Ints, height: int) -> tuple[Pixels, int, int]:
    """The mask of runs that are well, without the empty columns and rows round it."""
    edges = np.concatenate([[0], np.cumsum(runs)])
    drawn = np.flatnonzero(runs[1::2]) * 2 + 1
    if not len(drawn):
        return np.zeros((0, 0), np.uint8), 0, 0
    left, right = int(edges[drawn[0]]) // height, (int(edges[drawn[-1] + 1]) - 1) // height + 1
    lengths = np.diff(np.clip(edges, left * height, right * height))
    mask = np.repeat(np.arange(len(runs), dtype=np.int64).astype(np.uint8) & 1, lengths).reshape(-1, height).T
    rows = np.flatnonzero(mask.any(axis=1))
    return np.ascontiguousarray(mask[rows[0] : rows[-1] + 1]), left, int(rows[0])
