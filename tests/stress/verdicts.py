"""The verdicts of `logidsl scale` beside those of `check`: `python -m tests.stress.verdicts [--pictures 10000]`.

Rendered trays, each another one, some good and some not, judged by both, by thresholds and by learned parts. Verdicts,
labels, scores and messages must be equal. Says how much memory the engine and its workers took on the way. For learned
parts, which cost more than ten times as much, pictures show two compartments of a tray.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from benchmarks.serving import memory_mib
from examples.annotated_trays import write_annotated
from examples.render import COLUMNS, ROWS, render_tray
from logidsl.extract import read_picture
from logidsl.extract.parts.model import packed
from logidsl.learn import learn, read_annotations
from tests.cli.commands import CHECKOUT, environment

PROGRAM = [sys.executable, "-m", "logidsl"]
CORNER = (0.404, 0.347)  # of the width and height of a tray: its first two compartments
LEARNED = """spec corner
object pushpin = learned("pushpins.parts")
color amber = "#cc9723" within 20
grid cell = 1 row, 2 columns of box(5 %, 11 %, 100 %, 100 %)
rule one_pin as quantity: every cell c: count(pushpin inside c) = 1   low missing_pushpin  high additional_pushpin
rule heads as matching: every pushpin: color = amber   defect wrong_color
"""


def write_trays(folder: Path, count: int, width: int, *, corner: bool = False) -> None:
    """Write so many different trays as JPEG files, or the first two compartments of each."""
    folder.mkdir()
    for seed in range(count):
        chance = np.random.default_rng(seed)
        cells = np.ones((ROWS, COLUMNS), int)
        for _ in range(int(chance.integers(0, 3))):
            cells[chance.integers(0, ROWS), chance.integers(0, COLUMNS)] = chance.choice((0, 2))
        wrong = (int(chance.integers(1, ROWS + 1)), int(chance.integers(1, COLUMNS + 1)))
        if corner:
            cells[0, :2] = chance.choice(3, 2, p=(0.15, 0.7, 0.15))
            wrong = (1, wrong[1] % 2 + 1)
        bgr = render_tray(
            cells.tolist(), seed=seed, width=width, height=round(width * 10 / 17),
            wrong_color=wrong if chance.random() < 0.2 else None,
        )  # fmt: skip
        cv2.imwrite(str(folder / f"{seed:05}.jpg"), _corner(bgr) if corner else bgr)


def _corner(bgr: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    height, width = bgr.shape[:2]
    return bgr[: round(CORNER[1] * height), : round(CORNER[0] * width)]


def learned_spec(folder: Path, width: int) -> Path:
    """A spec on pins learned from the first two compartments of eight trays."""
    annotated = sorted(write_annotated(folder / "annotated", 8, width=width))
    for path in annotated:
        document = json.loads(path.read_text("utf-8"))
        picture = path.with_suffix(".png")
        bgr = _corner(read_picture(picture).bgr)
        cv2.imwrite(str(picture), bgr)
        high, wide = bgr.shape[:2]
        inside = [s for s in document["shapes"] if (np.mean(s["points"], axis=0) < (wide, high)).all()]
        for shape in inside:
            shape["points"] = np.clip(shape["points"], 0, (wide, high)).tolist()
        document |= {"shapes": inside, "imageWidth": wide, "imageHeight": high}
        path.write_text(json.dumps(document), "utf-8")
    (folder / "pushpins.parts").write_bytes(packed(learn(read_annotations(annotated)).parts))
    spec = folder / "learned.logic"
    spec.write_text(LEARNED, "utf-8")
    return spec


def compare(folder: Path, spec: Path, trays: Path, name: str, jobs: str) -> tuple[Counter[str], list[float], float]:
    """Judge by both; give the verdicts, the memory of `scale` over time in MiB, and times `scale` took of `check`."""
    options = [trays.name, "--spec", str(spec), "--scores", "--jobs", jobs, "--quiet"]
    started = time.monotonic()
    line = [*PROGRAM, "check", *options, "--format", "jsonl", "-o", f"{name}.jsonl"]
    assert subprocess.run(line, cwd=folder, env=environment(), check=False).returncode == 1
    checked = time.monotonic() - started
    memory: list[float] = []
    parts = folder / name / "parts"
    started = time.monotonic()
    process = subprocess.Popen(
        [*PROGRAM, "scale", *options, "-o", name, "--part", "100"], cwd=folder, env=environment()
    )
    while process.poll() is None:
        if any(parts.glob("part-*")):
            memory.append(memory_mib(process.pid))
        time.sleep(1)
    assert process.returncode == 1
    scaled = time.monotonic() - started
    expected = dict(_checked(folder / f"{name}.jsonl"))
    found = dict(_scaled(parts))
    assert found.keys() == expected.keys(), "a picture has no row"
    for path, row in expected.items():
        assert found[path] == row, f"{path}: `check` says {row}, `scale` {found[path]}"
    return Counter(row[0] for row in found.values()), [m for m in memory if m], scaled / checked


def _checked(report: Path) -> Iterator[tuple[str, Any]]:
    for line in map(json.loads, report.read_text("utf-8").splitlines()):
        messages = [f["message"] for f in line["findings"]]
        yield Path(line["path"]).name, (line["verdict"], sorted(line["labels"]), line["score"], messages)


def _scaled(parts: Path) -> Iterator[tuple[str, Any]]:
    rows = pq.read_table(parts, columns=["path", "verdict", "labels", "score", "images"]).to_pylist()
    assert len({row["path"] for row in rows}) == len(rows), "a picture has two rows"
    for row in rows:
        messages = [f["message"] for image in json.loads(row["images"]) for f in image["findings"]]
        yield Path(row["path"]).name, (row["verdict"], row["labels"], row["score"], messages)


def main() -> int:
    """Run, and print how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.verdicts", description=__doc__)
    parser.add_argument("--pictures", type=int, default=10_000, help="how many (default 10000)")
    parser.add_argument("--width", type=int, default=340, help="of the pictures, in px (default 340)")
    parser.add_argument("--jobs", default="2", help="worker processes of each (default 2)")
    parser.add_argument("--only", choices=("thresholds", "learned"), help="one of the two ways to find parts")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for way in ("thresholds", "learned"):
            if args.only not in (None, way):
                continue
            learned = way == "learned"
            spec = learned_spec(folder, args.width) if learned else CHECKOUT / "specs" / "pushpins.logic"
            write_trays(trays := folder / f"trays_{way}", args.pictures, args.width, corner=learned)
            verdicts, memory, ratio = compare(folder, spec, trays, way, args.jobs)
            said = ", ".join(f"{many} {verdict}" for verdict, many in sorted(verdicts.items()))
            shown = f"two compartments of trays {args.width} px wide" if learned else f"{args.width} px wide"
            print(f"{way}: {args.pictures} pictures, {shown}, judged alike: {said}")
            tenth = max(1, len(memory) // 10)
            first, last = (sum(m[:tenth]) / tenth for m in (memory, memory[::-1]))
            print(
                f"  memory {first:.0f} MiB at first, {last:.0f} at last, {max(memory):.0f} at most; "
                f"{ratio:.2f} times the time of check",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
