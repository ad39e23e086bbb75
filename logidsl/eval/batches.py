"""A table judged batch by batch: each batch's trace, on the axes of the spec's frame, without what `keep` drops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from logidsl import ir
from logidsl.diagnostics import InputError
from logidsl.eval import framing, nms, stretching
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import ImageBatch, Kept, Prepared
from logidsl.eval.run import run
from logidsl.eval.values import Ints, Mask
from logidsl.eval.work import Limits, TooMuchError, TooWideError

#: A `keep` statement's place, the images that it concerns, and how many it dropped there; 0 where it cannot be settled.
Dropped = tuple[int, Ints, Ints]


def traces(
    program: ir.Program,
    prepared: Prepared,
    widest: int | None = None,
    *,
    stop: int | None = None,
    refused: dict[int, str] | None = None,
) -> Iterator[tuple[EvalState, list[Dropped]]]:
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
    refused : dict of int to str, optional
        Takes the images that would need too much work, and why; they are in no batch.

    Raises
    ------
    InputError
        If an image would need too much work, and `refused` is not given.
    """
    if program.scale is not None and program.scale.stretch != 1:
        seen = prepared.seen
        prepared = Prepared(stretching.stretched(program, seen))
        prepared.seen = seen
    depth = max((node.depth for node in program.nodes), default=0) if widest is None else widest
    batches = list(prepared.batches(depth))
    # in the picture's axes, and before the frame is looked for: detections are settled first
    settled = [keep_best(prepared, program, images) for images in batches]
    axes = None
    if program.frame is not None:
        prepared, axes = framing.framed(prepared, program, batches, [kept for kept, _ in settled])
    for batch, (kept, said) in zip(batches, settled, strict=True):
        limits, waiting = Limits.found(), [batch]
        while waiting:
            images = waiting.pop(0)
            try:
                trace = run(program, ImageBatch(prepared, program, images, kept, axes), stop, limits)
            except TooWideError:
                half = len(images) // 2
                waiting[:0] = [images[:half], images[half:]]
            except TooMuchError as error:
                reasons = {int(images[place]): why for place, why in error.reasons.items()}
                if refused is None:
                    image, why = next(iter(reasons.items()))
                    raise InputError(f"{prepared.table.images[image]}: {why}") from None
                refused.update(reasons)
                rest = np.setdiff1d(images, list(reasons))
                waiting[:0] = [rest] if len(rest) else []
            else:
                yield trace, said
                said = []


def keep_best(prepared: Prepared, program: ir.Program, images: Ints) -> tuple[Kept, list[Dropped]]:
    """What `keep best` makes of the rows of a batch, and how many each drops on which image."""
    kept, said = Kept(), list[Dropped]()
    for number, keep in enumerate(program.keeps):
        found = nms.settled(prepared, images, keep, kept)
        if found is None:
            continue
        for mask, most in ((found.dropped, None), (found.contested, 0)):
            if mask is not None and mask.any():
                counts = np.bincount(prepared.table.image_index[mask[:-1]], minlength=len(prepared.table.images))
                where = np.flatnonzero(counts)
                said.append((number, where, np.minimum(counts[where], most) if most is not None else counts[where]))
        kept = Kept(_either(kept.dropped, found.dropped), _either(kept.contested, found.contested))
    return kept, said


def _either(a: Mask | None, b: Mask | None) -> Mask | None:
    return b if a is None else a if b is None else a | b
