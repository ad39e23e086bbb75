"""Reading values at places: index arrays for each open axis, newest first, and last the image."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from logidsl.eval.values import Ints, Mask

At: TypeAlias = list[Ints]


def take(values: Any, at: At) -> Any:
    """(f,) values at f places; what has fewer axes is read by the last ones, an axis of one entry by it."""
    array = np.asarray(values)
    if array.ndim == 0:
        return np.broadcast_to(array, at[-1].shape)
    index = at[len(at) - array.ndim :]
    return array[tuple(np.zeros_like(a) if array.shape[k] == 1 else a for k, a in enumerate(index))]


def take_axis(values: Any, at: At) -> Any:
    """(K, f) values along a first axis that is not among the places."""
    array = np.asarray(values)
    if array.ndim == 1:
        return np.broadcast_to(array[:, None], (len(array), len(at[-1])))
    index = at[len(at) - (array.ndim - 1) :]
    picked = tuple(np.zeros_like(a) if array.shape[k + 1] == 1 else a for k, a in enumerate(index))
    return array[(slice(None), *picked)]


def narrow(at: At, here: Mask) -> At:
    """Some of the places."""
    return at if here.all() else [a[here] for a in at]
