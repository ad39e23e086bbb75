"""Equality of measured numbers: two that are closer than a share of the greater are equal."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

#: Two measured numbers closer than this share of the greater are equal.
EPSILON = 1e-9


def at_most(a: Array, b: Array) -> Mask:
    """`a <= b`, equal numbers included."""
    if b.ndim == 0:
        limit = float(b)
        return np.asarray(a <= (limit / (1 - EPSILON) if limit > 0 else limit + EPSILON * abs(limit)))
    if a.ndim == 0:
        limit = float(a)
        return np.asarray(b >= (limit - EPSILON * limit if limit > 0 else limit / (1 - EPSILON)))
    return np.asarray(a - b <= EPSILON * np.maximum(np.abs(a), np.abs(b)))


def close(a: Array, b: Array) -> Mask:
    """`a = b` of measured numbers."""
    if a.ndim == 0 or b.ndim == 0:
        return np.asarray(at_most(a, b) & at_most(b, a))
    return np.asarray(np.abs(a - b) <= EPSILON * np.maximum(np.abs(a), np.abs(b)))
