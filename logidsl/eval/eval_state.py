"""The values that judging gives: what the findings, the margins and the report read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from logidsl import ir
from logidsl.eval.image_batch import ImageBatch
from logidsl.eval.operators import Palette
from logidsl.eval.values import Array, Set, Truth


@dataclass
class EvalState:
    """The values of all nodes for one batch of images.

    Parameters
    ----------
    program : Program
        What was judged.
    frame : Frame
        The batch.
    values : list
        A value for each node of the program.
    work : (N,) float64, optional
        How many values of combinations of objects each image took.
    """

    program: ir.Program
    frame: ImageBatch
    values: list[Any] = field(default_factory=list)
    work: Array | None = None
    palette: Palette = field(init=False)

    def __post_init__(self) -> None:
        colors = self.program.colors
        self.palette = Palette(
            tuple(c.name for c in colors), np.array([c.lab for c in colors]), np.array([c.reach for c in colors])
        )
        self.sets: dict[str, Set] = {}
        self.margins: dict[int, Array] = {}
        self.narrowed: dict[tuple[str, str], tuple[int, int | None]] = {
            **{("class", c.name): (c.each, c.where) for c in self.program.classes if c.each is not None},
            **{("set", s.name): (s.each, s.where) for s in self.program.sets},
        }
        self.regions: dict[tuple[int | str, int], int] = {}

    def drawn_from(self, each: int, where: int | None) -> tuple[int, int | None]:
        """The walk and the filter that decide what belongs: of a named set without more, those of its declaration."""
        nodes = self.program.nodes
        while where is None:
            node = nodes[each]
            source = nodes[node.source] if isinstance(node, ir.Binder) else None
            if not isinstance(source, ir.Name) or (source.thing, source.ref) not in self.narrowed:
                break
            each, where = self.narrowed[source.thing, source.ref]
        return each, where

    def truth(self, node: int) -> Truth:
        """The value of a truth node."""
        value = self.values[node]
        assert isinstance(value, Truth)
        return value
