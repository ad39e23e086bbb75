"""Ranges of angles: arcs on a circle.

`low .. high` is the arc from `low` clockwise to the next `high`; a range at least one period wide is the whole circle.
Angles closer than `EPSILON_DEG` are equal, so that 359.9999999999 deg is 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EPSILON_DEG = 1e-7


def offset(angle_deg: Floats, start_deg: Floats, period_deg: float) -> Floats:
    """The distance of an angle from the start of an arc, clockwise, from 0 up to the period.

    Examples
    --------
    >>> float(offset(np.asarray(355.0), np.asarray(-10.0), 360.0))
    5.0
    """
    return _reduced(np.asarray(angle_deg - start_deg), np.asarray(np.inf), period_deg)


def width(difference_deg: Floats, period_deg: float) -> Floats:
    """The width of a range's arc, from the difference of its ends; more than a period if the range is.

    Examples
    --------
    >>> width(np.array([20.0, -340.0, 400.0]), 360.0).tolist()
    [20.0, 20.0, 400.0]
    """
    return _reduced(difference_deg, np.asarray(0.0), period_deg)


def turns(difference_deg: Floats, period_deg: float) -> Floats:
    """The number of whole periods in a difference of angles."""
    return np.floor((difference_deg + EPSILON_DEG) / period_deg)


def _reduced(difference_deg: Floats, most_turns: Floats, period_deg: float) -> Floats:
    return np.asarray(difference_deg - period_deg * np.minimum(turns(difference_deg, period_deg), most_turns))
