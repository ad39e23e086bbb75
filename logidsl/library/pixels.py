"""What only a `blobs` statement may say: functions of pixels, and the steps that clean a mask.

Declarations only; the work is done where pictures are seen.
"""

from __future__ import annotations

from logidsl.library.declare import measured

_FUNCTIONS, _STEPS = "logidsl.extract.pixels.pixel_functions", "logidsl.extract.pixels.steps"


@measured(
    "pixel",
    "contrast(length) -> ratio",
    "contrast(15 %) >= 10 %",
    english="contrast over a square of {0}",
    made_by=f"{_FUNCTIONS}:contrast",
    spatial=True,
    fixed=True,
)
def contrast() -> None:
    """Lightness minus its mean over a square of this side; % is of the picture's shorter side."""


@measured(
    "pixel",
    "otsu(number) -> same",
    "lightness >= otsu(lightness)",
    english="the Otsu limit of {0}",
    made_by=f"{_FUNCTIONS}:otsu",
    spatial=True,
)
def otsu() -> None:
    """The threshold that best separates the values of all examined pixels into low and high ones (Otsu, 1979)."""


@measured(
    "pixel",
    "background(text, frame?) -> color",
    'difference(color, background("empty.png")) >= 12',
    of_pixels=False,
    english="the colour of the same pixel in {0}<, aligned by {1}>",
    made_by=f"{_FUNCTIONS}:background",
    spatial=True,
    fixed=True,
)
def background() -> None:
    """The colour of the same pixel in another picture, a file below the spec's folder; with a frame, of the same place
    of the part, `background("golden.png", turned(mark))`.
    """


@measured("step", "open(length) -> mask", "open(2 px)", english="opened by {0}", made_by=f"{_STEPS}:open_")
def open_() -> None:
    """Removes what a disc of this diameter does not fit into: specks, and threads thinner than the disc."""


@measured(
    "step", "close(length) -> mask", "close(3 px)", english="closed by {0}", made_by=f"{_STEPS}:close", grows=True
)
def close() -> None:
    """Fills what a disc of this diameter does not fit into from outside: pores, and gaps narrower than the disc."""


@measured(
    "step",
    "fill(length?) -> mask",
    "fill()",
    english="with holes< no wider than {0}> filled",
    made_by=f"{_STEPS}:fill",
)
def fill() -> None:
    """Fills the holes; with a length, only those into which no disc of more than this diameter fits."""


@measured("step", "holes() -> mask", "holes()", english="reduced to their holes", made_by=f"{_STEPS}:keep_holes")
def holes() -> None:
    """Keeps only the holes, so that each hole becomes an object."""


@measured(
    "step",
    "split(length?) -> mask",
    "split()",
    english="split where they touch<, into parts at least {0} wide>",
    made_by=f"{_STEPS}:part",
)
def split() -> None:
    """Separates objects that touch, at necks; with a length, a part narrower than that stays with its neighbour."""
