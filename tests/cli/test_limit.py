"""`--max-pixels` reaches the reading of pictures, also in worker processes."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

SPEC = "blobs bright where lightness > 50 %\nobject part = bright: 0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(3):
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.zeros((400, 500, 3), np.uint8))
    (tmp_path / "s.logic").write_text(SPEC)
    return tmp_path


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k != "LOGIDSL_MAX_PIXELS"}
    words = [sys.executable, "-m", "logidsl", "check", str(folder), "--spec", str(folder / "s.logic"), *args]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=env)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_larger_pictures_are_refused_and_the_message_names_the_option(folder, jobs):
    done = run(folder, "--max-pixels", "100k", "--jobs", jobs)
    assert done.returncode == 4
    assert done.stdout.count("too large") == 3
    assert "--max-pixels" in done.stdout
    assert run(folder, "--max-pixels", "0.2M", "--jobs", jobs).returncode == 64
    assert run(folder, "--max-pixels", "200000", "--jobs", jobs).returncode == 0
