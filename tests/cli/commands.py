"""Running the command line: in this process, or as users do, in one of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def environment(**changes: str) -> dict[str, str]:
    """This process's environment with the checkout to import from, and no colours asked for or refused."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LOGIDSL_DEBUG")}
    return {**kept, "PYTHONPATH": str(CHECKOUT), **changes}


def logidsl(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What becomes of a command line, run in this process, where everything is loaded already."""
    from logidsl.cli import main

    out, told = io.StringIO(), io.StringIO()
    words = [*map(str, arguments)]
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
        try:
            code = main(words)
        except SystemExit as end:  # argparse leaves so after `--help`
            code = int(end.code or 0)
    return subprocess.CompletedProcess(words, code, out.getvalue(), told.getvalue())


def logidsl_process(*arguments: str | Path, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """What becomes of a command line in a process of its own; a traceback is never right."""
    command = [sys.executable, "-m", "logidsl", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, env=environment(**changes), capture_output=True, encoding="utf-8", check=False, timeout=120
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done
