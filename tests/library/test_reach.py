"""What an operation declares about far objects holds for its kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logidsl.library import REGISTRY, Builtin, geometry
from logidsl.library.geometry import Geometry

LIMIT_PX = 7.0
REACHING = [e for e in REGISTRY.values() if e.reach is not None]
APART = [e for e in REGISTRY.values() if e.apart]


def operands(entry: Builtin, seed: int = 0) -> tuple[list[Any], np.ndarray]:
    """Two batches of boxes or places, and the gap between them."""
    draw = np.random.default_rng(seed)
    made: list[Any] = []
    shapes: list[Geometry] = []
    for parameter in entry.parameters[:2]:
        x, y = draw.uniform(0, 40, (2, 2000))
        width, height = draw.uniform(0, 20, (2, 2000)) * (parameter.kind == "R")
        shapes.append(Geometry(x, y, x + width, y + height))
        made.append(shapes[-1] if parameter.kind == "R" else (x, y))
    return made, geometry.gap(*shapes)


@pytest.mark.parametrize("entry", REACHING, ids=lambda e: e.name)
def test_a_relation_is_false_beyond_its_reach(entry: Builtin) -> None:
    given = [LIMIT_PX] * (len(entry.parameters) - 2)
    made, gap = operands(entry)
    holds = np.asarray(entry.kernel(*made, *given))
    assert holds.any() and not holds[gap > entry.reach(*given)].any()  # type: ignore[misc]


@pytest.mark.parametrize("entry", APART, ids=lambda e: e.name)
def test_a_distance_is_at_least_the_gap(entry: Builtin) -> None:
    made, gap = operands(entry)
    assert (entry.kernel(*made) >= gap - 1e-9).all()


def test_some_operations_declare_it() -> None:
    assert len(REACHING) >= 6 and len(APART) >= 2
