"""A contact sheet of thousands of photos, scrolled through and filtered: `python -m tests.studio.browser.many`.

Says how long it took, and fails if the page holds more than what is in view, or a thumbnail or a filter does not come.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from tests.studio.browser.driving import Workbench, chromium, workbench
from tests.studio.running import Studio

SPEC = """spec dots
blobs dark where lightness <= 30 %
rule one_dot: count(dark) = 1
    defect wrong_number
"""
#: Nodes of the page with any number of photos: a few hundred for the page, some for each of the tiles in view.
MOST_NODES = 1500
SEVERAL = 7  # every how many photos one has no dot


@dataclass
class Figures:
    """What was measured: milliseconds, and counts of nodes."""

    thumbnails_ms: list[float] = field(default_factory=list)
    filters_ms: dict[str, float] = field(default_factory=dict)
    nodes: int = 0


def write_dots(folder: Path, count: int) -> None:
    """Small photos that differ, most with one dark dot, the others without."""
    folder.mkdir(parents=True)
    dice = np.random.default_rng(0)
    for number in range(count):
        pixels = dice.integers(190, 230, (32, 48, 3), np.uint8)
        if number % SEVERAL:
            row, column = int(dice.integers(4, 22)), int(dice.integers(4, 38))
            pixels[row : row + 6, column : column + 6] = 10
        Image.fromarray(pixels).save(folder / f"{number}.png", compress_level=1)
    (folder / f"{folder.name}.logic").write_text(SPEC, "utf-8")


def in_view(bench: Workbench) -> None:
    """Wait until every tile in view has its thumbnail."""
    bench.page.wait_for_function(
        """() => { const box = document.querySelector('.tiles').getBoundingClientRect();
        const seen = [...document.querySelectorAll('.tile')].filter(t => { const r = t.getBoundingClientRect();
            return r.bottom > box.top && r.top < box.bottom; });
        return seen.length > 3 && seen.every(t => t.querySelector('img')?.complete
            && t.querySelector('img').naturalWidth > 0); }"""
    )


def look_through(bench: Workbench, count: int, stops: int) -> Figures:
    """Scroll from the first photo to the last, filter and sort; everything in view must be there, and nothing else."""
    made = Figures()

    def nodes() -> None:
        made.nodes = max(made.nodes, bench.page.evaluate("() => document.querySelectorAll('*').length"))
        assert made.nodes < MOST_NODES

    for stop in range(stops):
        started = time.perf_counter()
        bench.page.evaluate(
            """part => { const t = document.querySelector('.tiles');
            t.scrollTop = part * (t.scrollHeight - t.clientHeight); }""",
            stop / (stops - 1),
        )
        in_view(bench)
        made.thumbnails_ms.append((time.perf_counter() - started) * 1000)
        nodes()
    last = bench.page.locator(".tile-name").all_text_contents()
    assert f"{count - 1}.png" in last
    without = -(-count // SEVERAL)
    wanted = {"fail": without, "pass": count - without, "all": count}
    for name, number in wanted.items():
        started = time.perf_counter()
        bench.get("filter").select_option(name)
        said = f"{number} photos" if number == count else f"{number} of {count} photos"
        bench.expect("count").to_have_text(said)
        in_view(bench)
        made.filters_ms[name] = (time.perf_counter() - started) * 1000
        nodes()
    started = time.perf_counter()
    bench.get("sort").select_option("score")
    bench.page.wait_for_function("() => document.querySelector('.tile')?.dataset.verdict === 'fail'")
    made.filters_ms["by score"] = (time.perf_counter() - started) * 1000
    bench.page.locator(".tiles").focus()
    bench.page.keyboard.press("End")
    bench.page.wait_for_function("n => document.querySelector('.tile.chosen')?.ariaPosInSet === String(n)", arg=count)
    in_view(bench)
    nodes()
    return made


def main() -> int:
    """Run, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.studio.browser.many", description=__doc__)
    parser.add_argument("--photos", type=int, default=5000, help="how many photos (default 5000)")
    parser.add_argument("--stops", type=int, default=40, help="places that are scrolled to (default 40)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "dots"
        write_dots(folder, args.photos)
        with Studio(folder) as studio, chromium() as browser:
            started = time.monotonic()
            while not all(p["verdict"] for p in studio.photos().values()):
                time.sleep(2)  # asking for thousands of photos takes time that judging them needs
            print(f"{args.photos} photos judged for the first time in {time.monotonic() - started:.0f} s", flush=True)
            started = time.perf_counter()
            with workbench(browser, studio) as bench:
                print(f"page loaded and settled in {(time.perf_counter() - started) * 1000:.0f} ms")
                made = look_through(bench, args.photos, args.stops)
                started = time.perf_counter()
                bench.write(SPEC.replace("= 1", "<= 1"))
                bench.expect("verdict").to_contain_text("pass")
                shown = (time.perf_counter() - started) * 1000
                bench.settled()
                bench.get("filter").select_option("changed")
                changed = -(-args.photos // SEVERAL)
                bench.expect("count").to_have_text(f"{changed} of {args.photos} photos")
                whole = (time.perf_counter() - started) * 1000
                bench.screenshot("many")
    times = made.thumbnails_ms
    print(
        f"scrolled to {len(times)} places: thumbnails in view after {statistics.median(times):.0f} ms (median), ",
        end="",
    )
    print(f"{max(times):.0f} ms (most); at most {made.nodes} nodes in the page")
    print("filters: " + ", ".join(f"{k} {v:.0f} ms" for k, v in made.filters_ms.items()))
    print(f"an edit: on screen after {shown:.0f} ms, all {args.photos} photos after {whole:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
