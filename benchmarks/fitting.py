"""How well limits are fitted, and how fast: `python -m benchmarks.fitting [SET ... | speed]`.

Each set is cut in two. Limits that are off are fitted on one half, and the other is judged: beside what came true
stands the estimate that the fit made of it. `candies_even` are photos with counts; of the one picture of
`blister_packs` each pocket is a picture; of `small_parts` each row of coins (its sweets and blades lie so that they
cannot be cut apart); trays are rendered, good and bad, in light that changes. `speed` is the time to fit one parameter
on 20 photos of 2 megapixels. The pictures of `../shared/data` are not part of the project; pieces of them are made in a
folder that is taken away.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.truths import DATA
from examples.render import COLUMNS, ROWS, render_tray
from logidsl.fit import Fit, Trials, fit
from logidsl.fit.limits import params_of
from logidsl.fit.report import FittedLimit, rate_words
from logidsl.fit.trials import Case
from logidsl.fit.truth import Expectation
from logidsl.pipeline import read_spec

SPECS = Path(__file__).resolve().parent / "specs" / "fitting"
GOAL_S = 30.0
#: Corners of the packs in the picture of blister packs, px: x0 y0 x1 y1.
PACKS = ((145, 61, 339, 292), (474, 73, 670, 306))


@dataclass(frozen=True)
class Set:
    """Pictures with what is known of them, and the spec whose limits are fitted."""

    spec: Path
    pictures: Sequence[tuple[Path, Expectation]]


def _counts(**counts: int) -> Expectation:
    return Expectation(None, None, counts)


def candies(_: Path) -> Set:
    """Sweets by colour, photos."""
    folder = DATA / "candies_even"
    truth: Mapping[str, Mapping[str, int]] = json.loads((folder / "truth.json").read_text("utf-8"))
    named = {name: {f"{c}_sweet": n for c, n in counts.items()} for name, counts in truth.items()}
    return Set(SPECS / "candies.logic", [(folder / name, _counts(**counts)) for name, counts in named.items()])


def pockets(home: Path) -> Set:
    """The pockets of two blister packs; one is empty."""
    bgr = _read(DATA / "blister_packs" / "pills.png")
    truth = json.loads((DATA / "blister_packs" / "truth.json").read_text("utf-8"))
    empty = (("left", "right").index(truth["empty"]["pack"]), truth["empty"]["row"] - 1, truth["empty"]["col"] - 1)
    made = []
    for pack, (x0, y0, x1, y1) in enumerate(PACKS):
        for row in range(3):
            for column in range(2):
                top, bottom = (y0 + (y1 - y0) * r // 3 for r in (row, row + 1))
                left, right = (x0 + (x1 - x0) * c // 2 for c in (column, column + 1))
                path = _write(home / f"pocket_{pack}{row}{column}.png", bgr[top:bottom, left:right])
                made.append((path, _counts(pills=int((pack, row, column) != empty))))
    return Set(SPECS / "pockets.logic", made)


def coins(home: Path) -> Set:
    """Rows of coins."""
    bgr = _read(DATA / "small_parts" / "coins_skimage.png")
    truth = json.loads((DATA / "small_parts" / "truth.json").read_text("utf-8"))["coins_skimage.png"]
    ends = [0, 84, 153, 226, bgr.shape[0]]  # between the rows
    made = []
    for row in range(truth["rows"]):
        path = _write(home / f"row_{row}.png", bgr[ends[row] : ends[row + 1]])
        made.append((path, _counts(coin=truth["per_row"])))
    return Set(SPECS / "coins.logic", made)


def trays(home: Path) -> Set:
    """Rendered trays: two of three good, the others with a pin too few or too many; light and noise change."""
    random, made = np.random.default_rng(3), []
    for number in range(24):
        cells = np.ones((ROWS, COLUMNS), int)
        if number % 6 in (2, 5):
            row, column = random.integers(ROWS), random.integers(COLUMNS)
            cells[row, column] = 0 if number % 6 == 2 else 2
        light = random.uniform(0.45, 1.05) * render_tray(cells.tolist(), seed=number).astype(float)
        noisy = light + random.normal(0, random.uniform(1, 8), light.shape)
        path = _write(home / f"tray_{number:02}.png", np.clip(noisy, 0, 255).astype(np.uint8))
        label = {2: "missing_pin", 5: "additional_pin"}.get(number % 6)
        known = Expectation("fail", frozenset([label])) if label else Expectation("pass")
        made.append((path, known))
    return Set(SPECS / "trays.logic", made)


SETS: Mapping[str, Callable[[Path], Set]] = {
    "candies_even": candies,
    "blister_packs": pockets,
    "small_parts": coins,
    "trays": trays,
}


def fitted(spec: Path, pictures: Sequence[tuple[Path, Expectation]], jobs: int | None = None) -> Fit:
    """The limits of a spec, fitted to pictures."""
    source = read_spec(spec)
    trials = Trials(source, params_of(source)[0], [path for path, _ in pictures], jobs=jobs)
    trials.look()
    trials.cases = tuple(Case(path.name, i, 0, known) for i, (path, known) in enumerate(pictures))
    return fit(trials)


def values(made: Fit) -> tuple[float, ...]:
    """The values of fitted limits."""
    return tuple(part.value for part in made.fitted if isinstance(part, FittedLimit))


def judged(made: Fit, pictures: Sequence[tuple[Path, Expectation]]) -> int:
    """How many other pictures come out wrong."""
    trials = Trials(made.trials.source, made.trials.limits, [path for path, _ in pictures])
    trials.cases = tuple(Case(path.name, i, 0, known) for i, (path, known) in enumerate(pictures))
    return int((trials.losses(values(made))[:, 0] > 0).sum())


def accuracy(names: Sequence[str], home: Path) -> None:
    """Print, for each set and half, what was fitted, what was estimated and what came true."""
    for name in names:
        found = SETS[name](home)
        for half in (0, 1):
            ours, others = found.pictures[half::2], found.pictures[1 - half :: 2]
            started = time.perf_counter()
            made = fitted(found.spec, ours)
            spent = time.perf_counter() - started
            pairs = zip(made.trials.limits, values(made), strict=True)
            changed = ", ".join(f"{x.name} {x.shown(x.value)} -> {x.shown(v)}" for x, v in pairs)
            wrong = judged(made, others)
            print(f"{name}, half {half + 1}: {changed} ({spent:.0f} s)")
            print(f"  fitted to: {made.right} of {made.count} right, before {made.before}")
            for rate in made.estimate.rates if made.estimate else ():
                print(f"  estimate:  {rate_words(rate, 0.95)}")
            print(f"  came true: {wrong} of {len(others)} wrong: {wrong / len(others):.1%}", flush=True)


def speed(home: Path) -> bool:
    """Print how long fitting one parameter takes on 20 photos of 2 megapixels; whether the goal is met."""
    found = candies(home)
    text = found.spec.read_text("utf-8").replace("param size = 0.2 % in 0.005 .. 0.3 %", "param size = 0.02 %")
    spec = home / "speed.logic"
    spec.write_text(text, "utf-8")
    pictures = []
    for i in range(20):
        path, known = found.pictures[i % len(found.pictures)]
        bgr = _read(path)
        by = (2e6 / (bgr.shape[0] * bgr.shape[1])) ** 0.5
        large = cv2.resize(bgr, None, fx=by, fy=by, interpolation=cv2.INTER_CUBIC)
        large = large if i < len(found.pictures) else cv2.flip(large, 1)
        pictures.append((_write(home / f"large_{i:02}.jpg", np.asarray(large, np.uint8)), known))
    started, before = time.perf_counter(), _processor_s()
    made = fitted(spec, pictures, jobs=2)
    spent, worked = time.perf_counter() - started, _processor_s() - before
    print(f"one parameter, 20 photos of {large.shape[1]} x {large.shape[0]} px: {made.right} right, ", end="")
    print(f"{spent:.1f} s elapsed, {worked:.1f} s of processor time (goal {GOAL_S:g} s elapsed on two cores)")
    return spent <= GOAL_S


def _processor_s() -> float:
    """Processor time of this process and of those that it has ended, s."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def _read(path: Path) -> np.ndarray:
    found = cv2.imread(str(path))
    assert found is not None, path
    return found


def _write(path: Path, bgr: np.ndarray) -> Path:
    assert cv2.imwrite(str(path), bgr)
    return path


def main(argv: Sequence[str] | None = None) -> int:
    """Run; 1 where the time misses its goal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = [*SETS, "speed"]
    parser.add_argument("set", nargs="*", help=f"of {', '.join(known)}; all where it is left out")
    chosen = parser.parse_args(argv).set or known
    unknown = [s for s in chosen if s not in known]
    if unknown:
        parser.error(f"expected some of {', '.join(known)}, found `{unknown[0]}`")
    if not DATA.is_dir():
        print(f"no folder {DATA}: the pictures are not part of the project", file=sys.stderr)
        return 4
    with tempfile.TemporaryDirectory() as home:
        accuracy([s for s in chosen if s != "speed"], Path(home))
        return 0 if "speed" not in chosen or speed(Path(home)) else 1


if __name__ == "__main__":
    sys.exit(main())
