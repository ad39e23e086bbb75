"""The masks of a picture, stage by stage: the condition of each `blobs` statement, and each of its steps.

For people who are writing a spec. May import `ir`.
"""

from __future__ import annotations

from collections.abc import Iterator

from logidsl.arrays import Pixels
from logidsl.extract.pixels.calibration import straightened
from logidsl.extract.pixels.masks import pixel_masks
from logidsl.extract.pixels.picture import Picture
from logidsl.extract.pixels.steps import parted, run_steps
from logidsl.extract.sources.blobs import aligned_backgrounds
from logidsl.extract.sources.dispatch import Evaluator
from logidsl.ir import Program


def stages(program: Program, picture: Picture, evaluator: Evaluator | None = None) -> Iterator[tuple[str, str, Pixels]]:
    """Yield each stage of each `blobs` statement.

    Parameters
    ----------
    program : Program
        With `blobs` statements.
    picture : Picture
        The pixels.
    evaluator : Evaluator, optional
        Says where frames lie; needed where a background is aligned.

    Yields
    ------
    name : str
        `yellow-0-where`, `yellow-1-open`, and so on; in this order they sort.
    words : str
        The condition or step as the spec has it.
    mask : (h, w) uint8
        1 where a pixel belongs; parts that a `split` has made are a line of one pixel apart.
    """
    picture = straightened(program, picture)
    masks = pixel_masks(program, picture.bgr, aligned_backgrounds(program, picture, evaluator))
    for blobs, mask in zip(program.blobs, masks, strict=True):
        yield f"{blobs.name}-0-where", program.nodes[blobs.where].span.text, mask
        for place, step in enumerate(blobs.steps, 1):
            mask, labels = run_steps(program, [step], mask)
            mask = parted(mask, labels)
            yield f"{blobs.name}-{place}-{step.name}", step.span.text, mask
