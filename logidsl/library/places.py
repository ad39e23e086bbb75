"""Functions of the pixels of a place. Declarations only; the values are measured where there is a picture."""

from __future__ import annotations

from logidsl.library.declare import builtin


@builtin(
    "function",
    "pixel_share(R, pixels) -> ratio",
    "pixel_share(left_end, lightness < 30 %) <= 5 %",
    english="the share of the pixels in {0} {1}",
)
def pixel_share() -> None:
    """Share of the pixels of the place that meet the condition on a pixel."""
