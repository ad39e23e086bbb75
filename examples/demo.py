"""What `make demo` shows: rendered trays of pushpins and a photo of coins, judged by the specs in `specs/`; then the
trays again, with pins that were learned from four annotated ones.

Runs the command line as a user would, writes overlays beside the pictures, and then holds the verdicts
against what is known of each picture; the exit code is 1 where one is wrong.
`python -m examples.demo FOLDER` writes elsewhere than to `build/demo`.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import logidsl
from examples.annotated_trays import write_annotated
from examples.coins import write_coins
from examples.render import VARIANTS, write_variants
from logidsl.cli import main as logidsl_command

SPECS = Path(os.path.relpath(Path(__file__).parent.parent / "specs"))


def show(*arguments: str | Path) -> None:
    """Run the command line, which is shown with what it prints."""
    words = list(map(str, arguments))
    print(f"\n$ logidsl {shlex.join(words)}", flush=True)
    logidsl_command(words)


def mistakes(expected: Mapping[Path, str], spec: Path) -> list[str]:
    """Where a verdict is not the known one: picture, expected, found."""
    checked = logidsl.load(spec)
    found = {path: checked.check(path).verdict for path in expected}
    return [f"{p}: expected {expected[p]}, found {found[p]}" for p in expected if found[p] != expected[p]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Render, check, say where the overlays are. Paths are shown as given, from the working folder."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    folder = Path(given[0] if given else "build/demo")
    trays = write_variants(folder / "pushpins")
    coins = write_coins(folder / "coins" / "coins.png")
    pushpins_spec, coins_spec = (SPECS / f"{name}.logic" for name in ("pushpins", "coins"))

    show("check", folder / "pushpins", "--spec", pushpins_spec, "--overlay", folder / "overlays")
    show("check", coins, "--spec", coins_spec, "--overlay", folder / "overlays")

    learned = folder / "learned"
    write_annotated(learned / "annotated")
    learned_spec = Path(shutil.copy(Path(__file__).with_name("learned_pushpins.logic"), learned))
    show("learn", learned / "pushpins.parts", learned / "annotated", "--quiet")
    show("check", folder / "pushpins", "--spec", learned_spec, "--overlay", learned / "overlays")

    expected = {path: VARIANTS[path.stem.removeprefix("tray_")].verdict for path in trays}
    wrong = mistakes(expected, pushpins_spec) + mistakes({coins: "pass"}, coins_spec) + mistakes(expected, learned_spec)
    print(f"\noverlays: {folder / 'overlays'}, {learned / 'overlays'}")
    for line in wrong:
        print(f"wrong verdict: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
