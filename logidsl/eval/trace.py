"""The values that judging gives: what the findings, the margins and the report read. Imports `frames` and `values`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from logidsl import ir
from logidsl.eval.frames import Frame
from logidsl.eval.operators import Palette
from logidsl.eval.values import Array, Set, Truth


@dataclass
class Trace:
    """The values of all nodes for one batch of images.

    Parameters
    ----------
    program : Program
        What was judged.
    frame : Frame
        The batch.
    values : list
        A value for each node of the program.
    """

    program: ir.Program
    frame: Frame
    values: list[Any] = field(default_factory=list)
    palette: Palette = field(init=False)

    def __post_init__(self) -> None:
        colors = self.program.colors
        self.palette = Palette(
            tuple(c.name for c in colors), np.array([c.lab for c in colors]), np.array([c.reach for c in colors])
        )
        self.sets: dict[str, Set] = {}
        self.margins: dict[int, Array] = {}

    def truth(self, node: int) -> Truth:
        """The value of a truth node."""
        value = self.values[node]
        assert isinstance(value, Truth)
        return value
