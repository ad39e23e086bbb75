"""The values that judging gives: what the findings, the margins and the report read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from logidsl import ir
from logidsl.eval.image_batch import ImageBatch
from logidsl.eval.operators import Palette
from logidsl.library.values import Array, Set, Truth


@dataclass(eq=False)
class EvalState:
    """The values of all nodes for one batch of images.

    Parameters
    ----------
    program : Program
        What was judged.
    frame : ImageBatch
        The batch.
    values : list
        A value for each node of the program that was wanted, else None.
    palette : Palette
        The named colours.
    work : (N,) float64, optional
        How many values of combinations of objects each image took.
    """

    program: ir.Program
    frame: ImageBatch
    values: list[Any]
    palette: Palette
    work: Array | None = None
    sets: dict[str, Set] = field(default_factory=dict)
    margins: dict[int, Array] = field(default_factory=dict)
    regions: dict[tuple[int | str, int], int] = field(default_factory=dict)
    pooled: bool = False  # whether the images are batches, and members come from many pictures

    def drawn_from(self, each: int, where: int | None) -> tuple[int, int | None]:
        """The iteration and filter that define the members: for a plain named set, those of its declaration."""
        nodes = self.program.nodes
        while where is None and not self.pooled:
            node = nodes[each]
            source = nodes[node.source] if isinstance(node, ir.Binder) else None
            if not isinstance(source, ir.Name) or source.thing not in ("class", "set"):
                break
            _, own, narrowed = self.program.walked[source.ref]
            if own is None:
                break
            each, where = own, narrowed
        return each, where

    def truth(self, node: int) -> Truth:
        """The value of a truth node."""
        value = self.values[node]
        assert isinstance(value, Truth)
        return value
