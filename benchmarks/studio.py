"""How long the page of `logidsl studio` waits for the judgement on the photo on screen after an edit.

A real studio is driven over HTTP, on rendered trays. Rules are edited, which judges the objects that are known, then
the pixel part, which looks at the photo again; in between the others are judged in the background, as they are when
someone types. Also measured: the list of photos.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from examples.render import write_variants

SPEC = Path(__file__).resolve().parents[1] / "specs" / "pushpins.logic"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a line for each kind of edit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=50, help="photos in the folder (default 50)")
    parser.add_argument("--width", type=int, default=850, help="width of a photo, px (default 850)")
    parser.add_argument("--edits", type=int, default=40, help="edits of each kind (default 40)")
    parser.add_argument("--pause", type=float, default=0.3, help="seconds between edits (default 0.3)")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "trays"
        drawn = write_variants(folder, width=args.width)
        for number in range(args.photos - len(drawn)):
            shutil.copyfile(drawn[number % len(drawn)], folder / f"{number:05}.png")
        shutil.copyfile(SPEC, folder / "trays.logic")
        _measured(folder, args)
    return 0


def _measured(folder: Path, args: argparse.Namespace) -> None:
    command = [sys.executable, "-m", "logidsl", "studio", str(folder), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = re.search(r" is at (http://\S+?)/ ", process.stderr.readline())
            assert found is not None
            with httpx.Client(base_url=found[1], timeout=120) as client:
                _edited(client, args)
        finally:
            process.terminate()


def _edited(client: httpx.Client, args: argparse.Namespace) -> None:
    token = re.search(r'logidsl-token"\s+content="([^"]+)"', client.get("/").text)
    assert token is not None
    client.headers["X-Logidsl-Studio"] = token[1]
    photos = _all_judged(client)
    key = photos[0]["id"]
    text: str = client.get("/api/project").json()["spec"]["text"]
    kinds: dict[str, Callable[[int], str]] = {
        "a rule": lambda n: text.replace("inside c) = 1", f"inside c) = {1 + n % 2}"),
        "a limit of objects": lambda n: text.replace("area >= 0.1 %", f"area >= {0.1 + n / 1000:.4f} %"),
        "the pixel part": lambda n: text.replace("saturation >= 60 %", f"saturation >= {50 + n / 10:.1f} %"),
    }
    print(f"{len(photos)} photos of {args.width} px, {args.edits} edits of each kind, ms")
    print(f"{'edit of':<20}{'p50':>8}{'p95':>8}{'most':>8}{'look':>8}{'judge':>8}")
    for what, made in kinds.items():
        times, parts = [], []
        for number in range(1, args.edits + 1):
            digest = client.get("/api/project").json()["spec"]["digest"]
            started = time.perf_counter()
            answer = client.put("/api/spec", json={"text": made(number), "digest": digest, "photo": key})
            times.append((time.perf_counter() - started) * 1000)
            parts.append(answer.raise_for_status().json()["judgement"]["ms"])
            time.sleep(args.pause)
        _line(what, times, parts)
        _all_judged(client)
    times = []
    for _ in range(args.edits):
        started = time.perf_counter()
        client.get("/api/photos").raise_for_status()
        times.append((time.perf_counter() - started) * 1000)
    _line("(list of photos)", times, [])


def _all_judged(client: httpx.Client) -> list[dict[str, Any]]:
    while True:
        photos: list[dict[str, Any]] = client.get("/api/photos").json()["photos"]
        if all(p["verdict"] for p in photos):
            return photos
        time.sleep(0.2)


def _line(what: str, times: Sequence[float], parts: Sequence[dict[str, float]]) -> None:
    cuts = statistics.quantiles(times, n=20, method="inclusive") if len(times) > 1 else [times[0]] * 19
    means = [statistics.mean(p[k] for p in parts) if parts else float("nan") for k in ("see", "judge")]
    shown = "".join(f"{v:8.0f}" if v == v else f"{'':>8}" for v in (cuts[9], cuts[18], max(times), *means))
    print(f"{what:<20}{shown}".rstrip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
