"""The wheel works where there is no checkout: built, installed elsewhere, run on a picture from a third folder."""

from __future__ import annotations

import json
import os
import re
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SPEC = """
spec pushpins
color amber = "#f6b01c" within 25
blobs yellow where color = amber then open(0.4 %) then fill()
object pushpin = yellow where area >= 0.05 %
grid cell = 3 rows, 5 columns of box(2 %, 4 %, 98 %, 96 %)
rule one_pin as quantity: every cell c: count(pushpin inside c) = 1
    low missing_pushpin  high additional_pushpin
"""


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with what is installed, without the network."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, checkout],
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the wheel in it, and this one's other packages behind it."""
    folder = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
    )
    # A path file would run those of this environment too, and so find an editable install of the checkout:
    # plain paths only. The wheel stands before them.
    (target,) = folder.glob("lib/python*/site-packages")
    (target / "dependencies.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return python


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command's outcome, with nothing of this environment but its path."""
    env = {"PATH": os.environ["PATH"], "NO_COLOR": "1"}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_the_wheel_holds_what_it_needs_and_no_more(wheel: Path, checkout: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(next(n for n in names if n.endswith("METADATA"))).decode()
    assert {"logidsl/grammar/logic.lark", "logidsl/py.typed", "logidsl/diagnostics.toml"} <= names
    assert {f"logidsl/specs/{p.name}" for p in (checkout / "specs").glob("*.logic")} <= names
    modules = {p.relative_to(checkout).as_posix() for p in (checkout / "logidsl").rglob("*.py")}
    assert modules <= names
    assert {n.split("/")[0] for n in names} == {"logidsl", next(n for n in names if "dist-info" in n).split("/")[0]}
    assert {"logidsl/extract/parts/network.onnx", "logidsl/extract/parts/NOTICE.txt"} <= names
    assert "License-Expression: Apache-2.0" in metadata
    assert re.findall("(?m)^License-File: (.*)$", metadata) == ["LICENSE", "logidsl/extract/parts/NOTICE.txt"]


def test_versions_agree(python: Path, wheel: Path, tmp_path: Path) -> None:
    declared = wheel.name.split("-")[1]
    shown = run(python.with_name("logidsl"), "--version", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert declared in shown.stdout
    imported = run(python, "-c", "import logidsl; print(logidsl.__version__, logidsl.__file__)", cwd=tmp_path)
    version, file = imported.stdout.split()
    assert version == declared
    assert Path(file).is_relative_to(python.parents[1])


@pytest.mark.parametrize(
    ("variant", "code", "labels"),
    [("good", 0, []), ("two_in_one_cell", 1, ["additional_pushpin"]), ("one_missing", 1, ["missing_pushpin"])],
)
def test_it_checks_a_picture_from_anywhere(
    python: Path, trays: dict[str, Path], tmp_path: Path, variant: str, code: int, labels: list[str]
) -> None:
    spec = tmp_path / "tray rule.logic"
    spec.write_text(SPEC)
    command = (python.with_name("logidsl"), "check", trays[variant], "--spec", spec, "--format", "json")
    outcome = run(*command, cwd=tmp_path)
    assert outcome.returncode == code, outcome.stderr
    (image,) = json.loads(outcome.stdout)["images"]
    assert [label for label in image["labels"] if label != "normal"] == labels
