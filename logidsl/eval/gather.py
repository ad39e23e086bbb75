"""Reading values at places: index arrays for each open axis, newest first, and last the image."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

from logidsl.library.values import Ints, Mask

At: TypeAlias = list[Ints]


def take(values: Any, at: At) -> Any:
    """(f,) values at f positions; values with fewer axes are indexed by the last ones."""
    array = np.asarray(values)
    if array.ndim == 0:
        return np.full(len(at[-1]), array)
    return array[_index(array.shape, at)]


def take_axis(values: Any, at: At) -> Any:
    """(K, f) values along a first axis that is not among the places."""
    array = np.asarray(values)
    if array.ndim == 1:
        return np.broadcast_to(array[:, None], (len(array), len(at[-1])))
    if array.ndim == 2:
        return array.take(at[-1], axis=1)
    flat = array.reshape(len(array), math.prod(array.shape[1:]))
    place = np.ravel_multi_index(_index(array.shape[1:], at), array.shape[1:])
    return flat.take(place, axis=1)


def take_members(values: Any, at: At, members: Mask) -> Any:
    """(K, f) values for each of the K members of an iteration; values independent of it are repeated."""
    array = np.asarray(values)
    found = take(array, at) if array.ndim < members.ndim else take_axis(array, at)
    return np.broadcast_to(found, (len(members), len(at[-1])))


def _index(shape: tuple[int, ...], at: At) -> tuple[Ints, ...]:
    """Index arrays for the last axes; those of one entry are read by it."""
    index = at[len(at) - len(shape) :]
    return tuple(
        a if size > 1 or k == len(shape) - 1 else a * 0 for k, (a, size) in enumerate(zip(index, shape, strict=True))
    )


def narrow(at: At, here: Mask) -> At:
    """Some of the places."""
    return at if here.all() else [a[here] for a in at]
