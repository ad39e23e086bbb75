"""A table judged in batches, on the axes of the spec's frame, without what `keep` drops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from logidsl import ir
from logidsl.diagnostics import InputError
from logidsl.eval import framing, nms, stretching
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import ImageBatch, Kept, Prepared
from logidsl.eval.plan import Plan, bind, run
from logidsl.eval.work import Limits, TooMuchError, TooWideError
from logidsl.library.geometry import Axes
from logidsl.library.values import Ints, Mask

#: The index of a `keep` statement, its images, and how many it dropped there; 0 if it could not be applied.
Dropped = tuple[int, Ints, Ints]


@dataclass(eq=False)
class Batches:
    """A table prepared for one program: `keep` is applied, and places are on the axes of the spec's frame.

    Parameters
    ----------
    plan : Plan
        The bound program.
    prepared : Prepared
        The table, on the axes of the frame.
    kept : Kept
        What `keep best` made of its rows.
    axes : Axes, optional
        The frame, of each image.
    dropped : list of Dropped
        What `keep best` dropped.
    refused : dict of int to str, optional
        Takes the images that would need too much work, and why; they are in no batch. Without it they raise.
    """

    plan: Plan
    prepared: Prepared
    kept: Kept
    axes: Axes | None
    dropped: list[Dropped]
    refused: dict[int, str] | None = None
    limits: Limits = field(default_factory=Limits.found)

    def states(
        self, roots: Iterable[int], images: Ints | None = None, *, keep: bool = True, widest: int | None = None
    ) -> Iterator[EvalState]:
        """The values of some nodes, batch by batch.

        Parameters
        ----------
        roots : iterable of int
            The nodes that are wanted.
        images : (N,) int64, optional
            Of these images only.
        keep : bool
            See `plan.run`.
        widest : int, optional
            How many walks nest, for the size of the batches; as the nodes have it unless given.

        Raises
        ------
        InputError
            If an image would need too much work, and none may be refused.
        """
        roots = tuple(roots)
        if widest is None:
            widest = self.plan.schedule(roots, keep=keep).depth
        for batch in self.prepared.batches(widest, images):
            waiting = [batch]
            while waiting:
                here = waiting.pop(0)
                if self.refused:
                    here = here[~np.isin(here, list(self.refused))]
                    if not len(here):
                        continue
                laid_out = ImageBatch(self.prepared, self.plan.program, here, self.kept, self.axes)
                try:
                    state = run(self.plan, laid_out, roots, keep=keep, limits=self.limits)
                except TooWideError:
                    half = len(here) // 2
                    waiting[:0] = [here[:half], here[half:]]
                except TooMuchError as error:
                    reasons = {int(here[place]): why for place, why in error.reasons.items()}
                    if self.refused is None:
                        image, why = next(iter(reasons.items()))
                        raise InputError(f"{self.prepared.table.images[image]}: {why}") from None
                    self.refused.update(reasons)
                    waiting[:0] = [here]
                else:
                    yield state


def laid_out(program: ir.Program, prepared: Prepared, refused: dict[int, str] | None = None) -> Batches:
    """A table made ready for a program.

    Parameters
    ----------
    program : Program
        A checked spec.
    prepared : Prepared
        The table, in the picture's axes.
    refused : dict of int to str, optional
        See `Batches`.
    """
    if program.scale is not None and program.scale.stretch != 1:
        seen = prepared.seen
        prepared = Prepared(stretching.stretched(program, seen))
        prepared.seen = seen
    kept, dropped, axes = Kept(), list[Dropped](), None
    # on the picture's axes, and before the frame is found: overlapping detections are resolved first
    if program.keeps:
        for images in prepared.batches(1):
            made, said = keep_best(prepared, program, images)
            kept = Kept(_either(kept.dropped, made.dropped), _either(kept.contested, made.contested))
            dropped += said
    if program.frame is not None:
        prepared, axes = framing.framed(prepared, program, kept)
    return Batches(bind(program), prepared, kept, axes, dropped, refused)


def traces(
    program: ir.Program,
    prepared: Prepared,
    widest: int | None = None,
    *,
    roots: Iterable[int] | None = None,
    refused: dict[int, str] | None = None,
) -> Iterator[EvalState]:
    """The values of some nodes, or of all, for each batch of a table.

    Parameters
    ----------
    program : Program
        A checked spec.
    prepared : Prepared
        The table, in the picture's axes.
    widest : int, optional
        How many walks nest, for the size of the batches.
    roots : iterable of int, optional
        The nodes that are wanted.
    refused : dict of int to str, optional
        See `Batches`.
    """
    wanted = range(len(program.nodes)) if roots is None else roots
    yield from laid_out(program, prepared, refused).states(wanted, widest=widest)


def keep_best(prepared: Prepared, program: ir.Program, images: Ints) -> tuple[Kept, list[Dropped]]:
    """What `keep best` keeps of the rows of some images, and how many it drops on which image."""
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
