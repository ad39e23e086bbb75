"""Functions of the pixels of a place. Declarations only; the values are measured where there is a picture."""

from __future__ import annotations

from logidsl.library.declare import measured
from logidsl.library.intervals import SHARE


@measured(
    "function",
    "pixel_share(R, pixels) -> ratio",
    "pixel_share(left_end, lightness < 30 %) <= 5 %",
    brief="Share of the pixels that meet a condition",
    values=SHARE,
    needs=(0,),
    of_pixels=False,
    english="the share of the pixels in {0} {1}",
)
def pixel_share() -> None:
    """Share of the pixels of the place that meet the condition on a pixel."""


@measured(
    "function",
    "unexplained(R, pixels?) -> ratio",
    "unexplained(left_end, lightness > 40 %) <= 2 %",
    brief="Share of the foreground, the pixels that meet the condition, that no object covers",
    values=SHARE,
    needs=(0,),
    after_objects=True,
    of_pixels=False,
    english="the share of the foreground in {0} that no object covers<, the foreground being pixels {1}>",
)
def unexplained() -> None:
    """Share of the foreground in the place that no object covers; 0 without any foreground. The foreground are the
    pixels that meet the condition, or without one what `learned` does not take for background.
    """
