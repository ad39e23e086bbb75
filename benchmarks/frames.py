"""How well frames of reference hold: `python -m benchmarks.frames [--only NAME]`.

Each scene is a picture whose objects are said on the axes of a found object or of a mark that is cut from the picture
itself. The picture is turned, made greater and smaller, brighter and darker, and shifted to the border; for every
object the place in the frame, where the change has taken it, is compared with that on the picture as it was, and the
verdict of the spec, which sees the objects anew, with its verdict, also of a picture that fails. Errors are in px of
the picture as it was. Some scenes are photos of `../shared/data`, read and never copied, others
are rendered by the project.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.truths import DATA
from examples.render import VARIANTS, render_tray
from logidsl.eval import classify
from logidsl.eval.batches import traces
from logidsl.eval.image_batch import Prepared
from logidsl.extract.pixels.picture import picture_of
from logidsl.ir import Program
from logidsl.library.geometry import Axes
from logidsl.pipeline import compile_spec, report, see
from logidsl.source import Source

Image: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float64]

TURNS = (0.0, 1.0, 5.0, 17.0, 30.0, 44.0, 60.0, 90.0, 123.0, 179.0, 180.0, 250.0, 315.0)
SIZES = (0.5, 0.7, 1.4, 2.0)
LIGHTS = (0.6, 0.8, 1.25)


@dataclass(frozen=True)
class Scene:
    """A picture, a spec that it passes, and the class whose places in the frame are compared.

    Parameters
    ----------
    name : str
        Of the scene.
    bgr : (h, w, 3) uint8
        As it was.
    spec : str
        Its rules; `MARK` stands for the source of the mark.
    compared : str
        A class of the spec.
    without : (x0, y0, x1, y1)
        What is painted over for the picture that fails, px.
    mark : (x0, y0, x1, y1), optional
        Where in the picture the mark is, px.
    turns : sequence of float
        How it is turned.
    """

    name: str
    bgr: Image
    spec: str
    compared: str
    without: tuple[int, int, int, int]
    mark: tuple[int, int, int, int] | None = None
    turns: Sequence[float] = TURNS


@dataclass(frozen=True)
class Change:
    """What is done to a picture."""

    kind: str
    turn_deg: float = 0.0
    size: float = 1.0
    light: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)


def changes(turns: Sequence[float]) -> Iterator[Change]:
    """All changes: turns alone, then at a turn of 17 deg sizes, lights, and shifts to part of a px."""
    yield from (Change("turn", t) for t in turns)
    yield from (Change("size", 17.0, s) for s in SIZES)
    yield from (Change("light", 17.0, light=v) for v in LIGHTS)
    yield from (Change("shift", 17.0, shift=s) for s in ((0.5, 0.5), (31.3, -12.7)))


def way_of(bgr: Image, change: Change) -> tuple[Floats, int]:
    """Where the places of a picture, counted from the corner of its first pixel, go, (2, 3); the side of the ground."""
    height, width = bgr.shape[:2]
    side = int(np.ceil(np.hypot(height, width) * change.size)) + 80
    cos, sin = (f(np.radians(change.turn_deg)) * change.size for f in (np.cos, np.sin))
    way = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]])
    way[:, 2] = side / 2 + np.array(change.shift) - way[:, :2] @ (width / 2, height / 2)
    return way, side


def changed(bgr: Image, change: Change) -> Image:
    """A picture turned about its middle on a larger ground of the colour of its border, so that nothing is cut."""
    way, side = way_of(bgr, change)
    way[:, 2] += way[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV counts from the middle of the first pixel
    border = np.concatenate([bgr[0], bgr[-1], bgr[:, 0], bgr[:, -1]])
    ground = tuple(float(v) for v in np.median(border, axis=0))
    # what a lens does before a sensor samples fewer points
    soft = bgr if change.size >= 1 else cv2.GaussianBlur(bgr, (0, 0), 0.45 / change.size)
    made = cv2.warpAffine(soft, way, (side, side), flags=cv2.INTER_CUBIC, borderValue=ground)
    return np.asarray(np.clip(made * change.light, 0, 255), np.uint8)


@dataclass(frozen=True, eq=False)
class Seen:
    """What a spec makes of a picture: the frame, None without it; places of objects, (n, 2) px; the verdict."""

    axes: Axes | None
    places: Floats
    said: tuple[str, frozenset[str]]

    def shares(self, at: Floats) -> Floats:
        """Places of the picture as shares of the frame's sides."""
        assert self.axes is not None
        u, v = self.axes.inward(at[:, 0], at[:, 1])
        return np.stack([u / self.axes.width[0], v / self.axes.height[0]], axis=1)


def seen(program: Program, bgr: Image, compared: str) -> Seen:
    """Judge a picture."""
    table = see(program, [picture_of(bgr)])
    (image,) = report(program, table).images
    (trace,) = traces(program, Prepared(table), 1)
    axes = trace.frame.axes
    chosen = classify(program, table)[compared]
    x0, y0, x1, y1 = (np.asarray(table.columns[k])[chosen] for k in ("x0", "y0", "x1", "y1"))
    there = None if axes is None or np.isnan(axes.x).any() else axes
    places = np.stack([(x0 + x1) / 2, (y0 + y1) / 2], axis=1)
    return Seen(there, places, (image.verdict, frozenset(f.rule for f in image.findings)))


def painted_over(bgr: Image, box: tuple[int, int, int, int]) -> Image:
    """A picture without what is in a box: the colour round it is there instead."""
    x0, y0, x1, y1 = box
    made = bgr.copy()
    border = np.concatenate([bgr[y0, x0:x1], bgr[y1 - 1, x0:x1], bgr[y0:y1, x0], bgr[y0:y1, x1 - 1]])
    made[y0:y1, x0:x1] = np.median(border, axis=0).astype(np.uint8)
    return made


def measured(scene: Scene, folder: Path) -> Iterator[tuple[Change, Floats | None, bool, float]]:
    """For each change: how far objects lie off, px, None without the frame; if both verdicts are kept; seconds."""
    if scene.mark is not None:
        x0, y0, x1, y1 = scene.mark
        cv2.imwrite(str(folder / "mark.png"), scene.bgr[y0:y1, x0:x1])
    turned = _program(scene, folder, "80 %, 180 deg")
    sized = _program(scene, folder, "85 %, 100 %, 20 deg") if scene.mark is not None else turned
    broken = painted_over(scene.bgr, scene.without)
    good, bad = seen(turned, scene.bgr, scene.compared), seen(turned, broken, scene.compared)
    if good.axes is None or good.said[0] != "pass" or bad.said[0] != "fail":
        raise ValueError(f"{scene.name}: expected pass and fail on the picture as it was, found {good} and {bad}")
    sides = np.array([good.axes.width[0], good.axes.height[0]])
    for change in changes(scene.turns):
        program = sized if change.kind == "size" else turned
        start = time.perf_counter()
        found = seen(program, changed(scene.bgr, change), scene.compared)
        spent = time.perf_counter() - start
        kept = found.said == good.said and seen(program, changed(broken, change), scene.compared).said == bad.said
        off = None
        if found.axes is not None:
            way, _ = way_of(scene.bgr, change)
            there = good.places @ way[:, :2].T + way[:, 2]
            off = np.hypot(*((found.shares(there) - good.shares(good.places)) * sides).T)
        yield change, off, kept, spent


def _program(scene: Scene, folder: Path, limits: str) -> Program:
    return compile_spec(
        Source(str(folder / "scene.logic"), scene.spec.replace("MARK", f'template("mark.png", {limits})'))
    )


# ---- scenes -------------------------------------------------------------------------------------------


def plate() -> Image:
    """A speckled grey ground with a light plate, a dark notch at its top edge, and nine pins on it."""
    rng = np.random.default_rng(4)
    made = rng.normal(90, 6, (420, 560, 3))
    made[90:330, 110:450] = rng.normal(200, 4, (240, 340, 3))
    made[92:122, 240:290] = 30
    for row in range(3):
        for column in range(3):
            cv2.circle(made, (170 + 110 * column, 160 + 60 * row), 12, (40.0, 60.0, 200.0), -1, cv2.LINE_AA)
    return np.clip(cv2.GaussianBlur(made, (0, 0), 0.7), 0, 255).astype(np.uint8)


_PINS = """
color red = "#c83c28" within 25
blobs light where lightness >= otsu(lightness) then close(4 %) then fill() then open(4 %)
blobs dark where lightness <= 22 % then open(1 %)
blobs reddish where tint_difference(color, red) <= 15 and saturation >= 50 % then open(1 %)
object plate = light where area >= 3 %: 1
object notch = dark where area >= 0.1 %: 1
object pin = reddish where area >= 0.02 %
grid cell = 3 rows, 3 columns of box(4 %, 16 %, 96 %, 92 %)
rule one_each: every cell c: count(pin inside c) = 1
rule at_the_middle: every cell c: every pin p where inside c: distance(p, c) < 6 % * image.width
"""

_TRAY = """
blobs yellow where hue in 25 .. 60 deg and saturation >= 60 % and lightness >= 30 % then open(0.8 %)
object pin = yellow where area >= 0.05 %
object hook = MARK: 1
frame turned(hook)
grid cell = 3 rows, 5 columns of box(-225 %, 25 %, 330 %, 830 %)
rule pins: [count(pin inside c) of cell c] = [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1]
"""

_BOTTLE = """
blobs yellow where hue in 30 .. 60 deg and saturation >= 35 % and lightness >= otsu(lightness)
    then close(1 %) then fill() then open(1 %)
object label = yellow where area >= 0.8 %
object fruit = MARK: 1
frame turned(fruit)
rule two: count(label) = 2
rule lower: some label where y in 190 .. 240 % and x in 35 .. 65 %
"""

_PACK = """
blobs blue where hue in 170 .. 230 deg and saturation >= 13 % and lightness >= 40 %
    then open(0.4 %) then close(3 %) then open(1.5 %)
object pills = blue where area >= 10 %
object torn = MARK: 1
frame turned(torn)
grid pocket = 3 rows, 2 columns of box(-200 %, -10 %, 100 %, 365 %)
rule filled: [count(pills inside p) of pocket p] = [1, 0, 1, 1, 1, 1]
"""

_RENDERED = """
color amber = "#f6b01c" within 30
blobs yellow where tint_difference(color, amber) <= 14 and lightness >= 20 % and saturation >= 50 %
    then open(0.4 %) then fill()
object pin = yellow where area >= 0.02 %
object badge = MARK: 1
frame turned(badge)
grid cell = 3 rows, 5 columns of box(-482.5 %, 120 %, 582.5 %, 753 %)
rule one_each: every cell c: count(pin inside c) = 1
"""


def badge_tray() -> Image:
    """A rendered tray below a badge of a dark and a light part."""
    tray = render_tray(VARIANTS["good"].cells, seed=3)
    made = np.full((tray.shape[0] + 100, tray.shape[1], 3), 14, np.uint8)
    made[100:] = tray
    cv2.rectangle(made, (390, 15), (459, 84), (150, 150, 150), -1)
    cv2.circle(made, (412, 40), 16, (60, 30, 170), -1, cv2.LINE_AA)
    cv2.line(made, (400, 74), (452, 66), (230, 230, 230), 5, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(made, (0, 0), 0.7), np.uint8)


def scenes() -> Iterator[Scene]:
    """All scenes; the photos only where they are at hand."""
    near = tuple(t for t in TURNS if t < 45)
    yield Scene("plate", plate(), _PINS + "frame turned(plate)", "pin", (260, 200, 300, 240), turns=near)
    yield Scene("plate and notch", plate(), _PINS + "frame turned(plate, notch)", "pin", (260, 200, 300, 240))
    yield Scene("tray and badge", badge_tray(), _RENDERED, "pin", (355, 195, 425, 275), (385, 10, 465, 90))
    if not DATA.is_dir():
        return
    tray, bottle, packs = (
        np.asarray(cv2.imread(str(DATA / name)), np.uint8)
        for name in (
            "loco_pushpins/wrong_arrangement.png",
            "loco_juice_bottle/half_filled.png",
            "blister_packs/pills.png",
        )
    )
    yield Scene("photo of a tray", tray, _TRAY, "pin", (236, 194, 285, 230), (240, 0, 340, 40))
    yield Scene("photo of a bottle", bottle, _BOTTLE, "label", (88, 465, 203, 525), (95, 288, 195, 385))
    pack = np.ascontiguousarray(packs[20:320, 100:370])
    yield Scene("photo of a pack", pack, _PACK, "pills", (170, 125, 220, 180), (165, 45, 225, 105))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a frame or a verdict is lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", metavar="NAME", help="only scenes whose name holds this")
    parser.add_argument(
        "--each", action="store_true", help="a line for each change that is lost or off by more than 2 px"
    )
    args = parser.parse_args(argv)
    if not DATA.is_dir():
        print(f"no folder {DATA}: the photos are left out", file=sys.stderr)
    lost = 0
    print(
        f"{'scene':<20} {'change':<6} {'frame':>6} {'verdicts':>9} {'median':>9} {'95 %':>9} {'worst':>9} {'time':>7}"
    )
    for scene in scenes():
        if args.only and args.only not in scene.name:
            continue
        with tempfile.TemporaryDirectory() as name:
            rows = list(measured(scene, Path(name)))
        for kind in dict.fromkeys(change.kind for change, *_ in rows):
            these = [r for r in rows if r[0].kind == kind]
            offs = [r[1] for r in these if r[1] is not None]
            joined = np.concatenate(offs) if offs else np.full(1, np.nan)
            kept = sum(r[2] for r in these)
            lost += 2 * len(these) - len(offs) - kept
            errors = " ".join(f"{v:>6.2f} px" for v in (np.median(joined), np.percentile(joined, 95), joined.max()))
            counts = f"{f'{len(offs)}/{len(these)}':>6} {f'{kept}/{len(these)}':>9}"
            print(f"{scene.name:<20} {kind:<6} {counts} {errors} {np.mean([r[3] for r in these]):>5.2f} s", flush=True)
            for change, off, good, _ in these if args.each else ():
                if off is None or not good or off.max() > 2:
                    print(f"    {change}: off {None if off is None else off.round(1).tolist()}, verdicts kept: {good}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
