"""Statements of the package by part, at a revision and now: `python tools/count_statements.py [REVISION]`.

Docstrings are not counted, so that leaving them out does not count as less code. With a revision, the statements that
it had are set beside those of the working tree.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "logidsl"


def statements(text: str) -> int:
    """The number of statements of a module, without docstrings.

    Examples
    --------
    >>> statements('"doc"\\nx = 1\\nif x:\\n    pass')
    3
    """
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    texts = [n for n in nodes if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)]
    return len(nodes) - sum(isinstance(n.value.value, str) for n in texts if isinstance(n.value, ast.Constant))


def by_part(paths: Iterable[str], read: Callable[[str], str]) -> Counter[str]:
    """Statements by the module or package directly below the package."""
    found: Counter[str] = Counter()
    for path in paths:
        if path.endswith(".py"):
            found[path.split("/")[1]] += statements(read(path))
    return found


def git(*args: str) -> str:
    """What a git command prints."""
    return subprocess.run(["git", "-C", str(ROOT), *args], capture_output=True, text=True, check=True).stdout


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("revision", nargs="?", help="a revision to compare with, for example a tag")
    revision = parser.parse_args().revision
    now = by_part(git("ls-files", PACKAGE).split(), lambda path: (ROOT / path).read_text("utf-8"))
    before: Counter[str] = Counter()
    if revision is not None:
        try:
            paths = git("ls-tree", "-r", "--name-only", revision, PACKAGE).split()
        except subprocess.CalledProcessError:
            print(f"expected a revision of this repository, found `{revision}`", file=sys.stderr)
            return 64
        before = by_part(paths, lambda path: git("show", f"{revision}:{path}"))
    parts = sorted(now | before, key=lambda part: -max(now[part], before[part]))
    rows = [(part, before[part], now[part]) for part in parts] + [("total", before.total(), now.total())]
    for part, old, new in rows:
        print(f"{part:24} {old:7} {new:7} {new - old:+7}" if revision else f"{part:24} {new:7}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
