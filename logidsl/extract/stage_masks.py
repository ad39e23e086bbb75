"""The masks of a picture, stage by stage: what each `blobs` statement takes, and what each of its steps leaves.

For people who are writing a spec. May import `ir`.
"""

from __future__ import annotations

from collections.abc import Iterator

from logidsl.extract.calibration import straightened
from logidsl.extract.picture import Picture, Pixels
from logidsl.extract.pixels import pixel_masks
from logidsl.extract.steps import parted, run_steps
from logidsl.ir import Program


def stages(program: Program, picture: Picture) -> Iterator[tuple[str, str, Pixels]]:
    """Yield each stage of each `blobs` statement.

    Parameters
    ----------
    program : Program
        With `blobs` statements.
    picture : Picture
        The pixels.

    Yields
    ------
    name : str
        `yellow-0-where`, `yellow-1-open`, and so on; in this order they sort.
    words : str
        The condition or step as the spec has it.
    mask : (h, w) uint8
        1 where a pixel belongs; parts that a `split` has made are a line of one pixel apart.
    """
    seen = straightened(program, picture).bgr
    for blobs, mask in zip(program.blobs, pixel_masks(program, seen), strict=True):
        yield f"{blobs.name}-0-where", program.nodes[blobs.where].span.text, mask
        for place, step in enumerate(blobs.steps, 1):
            mask, labels = run_steps(program, [step], mask)
            mask = parted(mask, labels)
            yield f"{blobs.name}-{place}-{step.name}", step.span.text, mask
