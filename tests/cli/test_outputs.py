"""No output destroys an input, or its predecessor before it is complete; links and devices stay what they are."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import environment, logidsl, logidsl_process

SPEC = "blobs b where lightness > 50 %\nobject part = b\nrule r: some part\n"
TABLE = "image,class,x0,y0,x1,y1\np.png,bolt,0,0,9,9\n"
LABELS = '{"imagePath": "p.png", "imageWidth": 9, "imageHeight": 9, "shapes": []}'

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and limits work otherwise there")


@pytest.fixture
def here(tmp_path: Path, trays: dict[str, Path]) -> Path:
    """A folder with one of everything that is read."""
    folder = tmp_path / "here"
    folder.mkdir()
    shutil.copy(trays["good"], folder / "p.png")
    (folder / "s.logic").write_text('import "part.logic"\n' + SPEC)
    (folder / "part.logic").write_text("param n = 3\n")
    (folder / "t.csv").write_text(TABLE)
    (folder / "p.json").write_text(LABELS)
    (folder / "rules.txt").write_text("- one bolt\n")
    (folder / "again.png").hardlink_to(folder / "p.png")
    (folder / "link.png").symlink_to("p.png")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


CHECK = ["check", "p.png", "--spec", "s.logic", "-o"]
INPUTS = [
    [*CHECK, "p.png"],
    [*CHECK, "./x/../p.png"],
    [*CHECK, "again.png"],
    [*CHECK, "link.png"],
    [*CHECK, "s.logic"],
    [*CHECK, "part.logic"],
    [*CHECK, "p.json"],
    [*CHECK, "p.png", "--format", "jsonl"],
    ["check", ".", "--spec", "s.logic", "-o", "p.png"],
    ["check", "--table", "t.csv", "--spec", "s.logic", "-o", "t.csv"],
    ["check", "p.png", "--spec", "s.logic", "--overlay", "."],
    ["table", "p.png", "--spec", "s.logic", "-o", "p.png"],
    ["table", "p.png", "--spec", "s.logic", "-o", "s.logic", "--histogram", "area"],
    ["table", "p.png", "--spec", "s.logic", "--overlay", "again.png"],
    ["convert", "s.logic", "--to", "yaml", "-o", "s.logic"],
    ["convert", "s.logic", "-o", "part.logic", "--to", "yaml"],
    ["calibrate", "p.json", "--marker", "2 mm", "-o", "p.json"],
    ["ask", "p.png", "--spec", "part.logic", "-o", "p.png"],
    ["translate", "rules.txt", "-o", "rules.txt"],
    ["translate", "rules.txt", "--spec", "s.logic", "--batch-out", "part.logic"],
    ["translate", "rules.txt", "--images", "p.png", "-o", "p.png"],
]


@pytest.mark.parametrize("words", INPUTS, ids=[" ".join(w) for w in INPUTS])
def test_an_input_is_never_written_to(here: Path, words: list[str]) -> None:
    (here / "x").mkdir()
    before = contents(here)
    done = logidsl(*words, cwd=here)
    assert done.returncode in (4, 64), done.stderr
    assert contents(here) == before


def test_masks_are_not_written_over_a_picture(here: Path) -> None:
    (here / "b 1 lightness.png").write_bytes(b"")
    names = {p.name for p in here.iterdir()}
    assert logidsl("table", "p.png", "--spec", "s.logic", "--masks", "m", cwd=here).returncode == 0
    made = sorted(p.name for p in (here / "m").iterdir())
    assert made
    assert not set(made) & names
    (here / "p.png").replace(here / made[0])
    before = (here / made[0]).read_bytes()
    done = logidsl("table", made[0], "--spec", "s.logic", "--masks", ".", cwd=here)
    assert done.returncode == 64
    assert (here / made[0]).read_bytes() == before


@pytest.mark.parametrize("option", ["--output", "--overlay"])
@pytest.mark.parametrize("named", ["pictures", "pictures/p.png"])
def test_a_link_among_the_inputs_is_not_followed(here: Path, tmp_path: Path, option: str, named: str) -> None:
    """A downloaded folder may hold a link to anything of the user's."""
    (here / "pictures").mkdir()
    shutil.move(here / "p.png", here / "pictures" / "p.png")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "p.png").write_text("precious")
    target = tmp_path / "mine" if option == "--overlay" else tmp_path / "mine" / "p.png"
    (here / "pictures" / "out").symlink_to(target)
    done = logidsl("check", named, "--spec", "s.logic", option, "pictures/out", cwd=here)
    assert done.returncode == 64
    assert "is a link in the folder of the inputs, and leads to" in done.stderr
    assert (tmp_path / "mine" / "p.png").read_text() == "precious"
    (here / "marked").mkdir()
    (here / "marked" / "p.png").symlink_to(tmp_path / "mine" / "p.png")
    done = logidsl("check", named, "--spec", "s.logic", "--overlay", "marked", cwd=here)
    assert "is a link to" in done.stderr
    assert (tmp_path / "mine" / "p.png").read_text() == "precious"


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_a_report_replaces_its_predecessor_and_keeps_its_permissions(here: Path, form: str) -> None:
    (here / "out").write_text("ancient")
    (here / "out").chmod(0o640)
    done = logidsl("check", "p.png", "--spec", "s.logic", "--format", form, "-o", "out", cwd=here)
    assert done.returncode == 0
    assert "p.png" in (here / "out").read_text() or form == "text"
    assert "ancient" not in (here / "out").read_text()
    assert (here / "out").stat().st_mode & 0o777 == 0o640
    assert not list(here.glob(".logidsl-*"))


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_a_run_that_fails_leaves_the_old_report(here: Path, form: str) -> None:
    (here / "out").write_text("ancient")
    logidsl("check", "p.png", "--spec", "none.logic", "--format", form, "-o", "out", cwd=here)
    assert (here / "out").read_text() == "ancient"


def limit() -> None:
    """A disk with room for 500 bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize(
    "words", [["--format", "json", "-o", "out"], ["--overlay", "marked"], ["--format", "jsonl", "-o", "out"]]
)
def test_a_full_disk_leaves_nothing_half_written(here: Path, words: list[str], old: bool) -> None:
    (here / "part.logic").write_text("param n = 3\nrule never: 1 = 2\n")
    if old:
        (here / "out").write_text("ancient")
    done = subprocess.run(
        [sys.executable, "-m", "logidsl", "check", "p.png", "--spec", "s.logic", *words],
        cwd=here, env=environment(LOGIDSL_CACHE=""), capture_output=True, encoding="utf-8", preexec_fn=limit,
    )  # fmt: skip
    assert done.returncode in (1, 4), done.stderr
    assert "cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    found = {p.name for p in here.rglob("*")} - {"marked"}
    assert not {n for n in found if n.startswith(".logidsl-")}
    if "--overlay" in words:
        assert list((here / "marked").iterdir()) == []
    elif "json" in words:
        assert (here / "out").read_text() == "ancient" if old else "out" not in found
    else:
        assert (here / "out").stat().st_size > 0 if "out" in found else not old


def test_links_pipes_and_devices_are_written_to(here: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text("x" * 100_000)
    (tmp_path / "link.json").symlink_to(real)
    (tmp_path / "hard.json").hardlink_to(real)
    for name in ("link.json", "hard.json"):
        done = logidsl("check", "p.png", "--spec", "s.logic", "--format", "json", "-o", tmp_path / name, cwd=here)
        assert done.returncode == 0, done.stderr
        assert json.loads(real.read_text())["summary"]["pass"] == 1
    assert (tmp_path / "link.json").is_symlink()
    assert logidsl("check", "p.png", "--spec", "s.logic", "-o", "/dev/null", cwd=here).returncode == 0
    assert Path("/dev/null").is_char_device()
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", str(tmp_path / "pipe")], stdout=subprocess.PIPE, encoding="utf-8") as reader:
        logidsl_process("check", "p.png", "--spec", "s.logic", "--format", "jsonl", "-o", tmp_path / "pipe", cwd=here)
        assert json.loads(reader.communicate()[0])["verdict"] == "pass"
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs that name")
@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_the_other_name_of_standard_output(here: Path, form: str) -> None:
    command = [sys.executable, "-m", "logidsl", "check", "p.png", "--spec", "s.logic", "--format", form]
    with (here / "log").open("w") as log:
        log.write("before\n")
        log.flush()
        subprocess.run([*command, "-o", "/dev/stdout"], cwd=here, env=environment(), stdout=log, check=True)
    first, rest = (here / "log").read_text().split("\n", 1)
    assert first == "before"
    assert json.loads(rest)
    piped = subprocess.run(
        [*command, "-o", "/dev/stdout"], cwd=here, env=environment(), capture_output=True, check=True
    )
    assert json.loads(piped.stdout)


def test_a_folder_that_takes_no_new_file(here: Path, tmp_path: Path) -> None:
    done = logidsl("check", "p.png", "--spec", "s.logic", "-o", tmp_path / "none" / "out", cwd=here)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        4, f"logidsl: {tmp_path / 'none' / 'out'} cannot be written: No such file or directory",
    )  # fmt: skip
