"""A table judged batch by batch: each batch's trace, on the axes of the spec's frame, without what `keep` drops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from logidsl import ir
from logidsl.eval import framing, keeping, stretching
from logidsl.eval.frames import Frame, Prepared
from logidsl.eval.run import run
from logidsl.eval.trace import Trace
from logidsl.eval.values import Ints

#: A `keep` statement's place, the images on which it dropped any, and how many.
Dropped = tuple[int, Ints, Ints]


def traces(
    program: ir.Program, prepared: Prepared, widest: int | None = None, *, stop: int | None = None
) -> Iterator[tuple[Trace, list[Dropped]]]:
    """The trace of each batch of a table, and what `keep best` dropped there.

    Parameters
    ----------
    program : Program
        A checked spec.
    prepared : Prepared
        The table, in the picture's axes.
    widest : int, optional
        How many walks nest, for the size of the batches; the program's own depth unless given.
    stop : int, optional
        Nodes from this one on are not wanted.
    """
    if program.scale is not None and program.scale.stretch != 1:
        prepared = Prepared(stretching.stretched(program, prepared.table))
    depth = max((node.depth for node in program.nodes), default=0) if widest is None else widest
    batches = list(prepared.batches(depth))
    # in the picture's axes, and before the frame is looked for: detections are settled first
    dropped = [kept(prepared, program, images) for images in batches]
    axes = None
    if program.frame is not None:
        prepared, axes = framing.framed(prepared, program, batches, [gone for gone, _ in dropped])
    for images, (gone, said) in zip(batches, dropped, strict=True):
        yield run(program, Frame(prepared, program, images, gone, axes), stop), said


def kept(prepared: Prepared, program: ir.Program, images: Ints) -> tuple[npt.NDArray[np.bool_] | None, list[Dropped]]:
    """Rows that `keep best` drops on a batch, and how many each drops on which image."""
    gone: npt.NDArray[np.bool_] | None = None
    said = []
    for number, keep in enumerate(program.keeps):
        found = keeping.dropped(prepared, images, keep, gone)
        if found is None:
            continue
        gone = found if gone is None else gone | found
        counts = np.bincount(prepared.table.image_index[found[:-1]], minlength=len(prepared.table.images))
        where = np.flatnonzero(counts)
        if len(where):
            said.append((number, where, counts[where]))
    return gone, said
