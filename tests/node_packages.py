"""The packages of `editors/`, installed from the lock file; tests in several processes share them."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

EDITORS = CHECKOUT / "editors"


def is_current(modules: Path) -> bool:
    """Whether what is installed is what the lock file names."""
    kept = modules / ".package-lock.json"
    if not kept.is_file():
        return False
    wanted = json.loads((EDITORS / "package-lock.json").read_text("utf-8"))["packages"]
    there = json.loads(kept.read_text("utf-8"))["packages"]
    return all(
        there.get(name, {}).get("version") == package.get("version")
        for name, package in wanted.items()
        if name.startswith("node_modules/") and not package.get("optional") and not package.get("link")
    )


def installed() -> Path:
    """The folder of the packages; without npm, the test that asks is skipped."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js with npm is missing, so the packages of editors/ are not there")
    modules = EDITORS / "node_modules"
    with (EDITORS / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current(modules):
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=EDITORS, capture_output=True, text=True, check=False, timeout=300)
            if done.returncode:
                pytest.skip(f"npm cannot install the packages of editors/: {done.stderr[-300:]}")
    return modules
