"""What a user may give by mistake: each is answered in words that say what to give, and by the right exit code."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from logidsl.diagnostics import WIDEST_LINE, Diagnostic
from logidsl.source import Source
from tests.cli.commands import logidsl

SPEC = "object bolt: 1\n"
TABLE = "image,class,x0,y0,x1,y1\na.png,bolt,0,0,9,9\n"


class Piped(io.StringIO):
    """Standard input with bytes beneath, as a process has it."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data

    @property
    def buffer(self) -> io.BytesIO:
        """The bytes."""
        return io.BytesIO(self.data)


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    return lambda data: monkeypatch.setattr("sys.stdin", Piped(data))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compile", "-"], "-: ok, 1 rule"),
        (["lint", "-"], "no findings"),
        (["describe", "-"], "exactly 1 bolt"),
        (["test", "-"], "-: no tests"),
        (["fmt", "-"], "object bolt: 1"),
        (["check", "--table", "objects.csv", "--spec", "-"], "PASS   a.png"),
    ],
)
def test_every_command_takes_a_spec_from_the_input(
    tmp_path: Path, pipe: Callable[[bytes], None], words: list[str], said: str
) -> None:
    (tmp_path / "objects.csv").write_text(TABLE)
    for data in (SPEC.encode(), SPEC.encode("utf-16"), b"\xef\xbb\xbf" + SPEC.encode()):
        pipe(data)
        done = logidsl(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


@pytest.mark.parametrize("command", ["compile", "lint", "describe", "test", "fmt", "convert"])
def test_an_input_that_is_no_text(tmp_path: Path, pipe: Callable[[bytes], None], command: str) -> None:
    pipe(b"\x89PNG\0\0\0")
    done = logidsl(command, "-", cwd=tmp_path)
    assert done.returncode == 3
    assert "found a binary file `<stdin>`" in done.stdout + done.stderr


def test_a_folder_for_a_spec(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "objects.csv").write_text(TABLE)
    done = logidsl("check", "--table", "objects.csv", "--spec", "specs", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (3, "logidsl: expected a spec file, found the folder `specs`\n")
    (tmp_path / "specs" / "a.logic").write_text(SPEC)
    done = logidsl("check", "--table", "objects.csv", "--spec", "specs", cwd=tmp_path)
    assert done.stderr.endswith("found the folder `specs`; in it are `a.logic`\n")


def test_overlays_of_check_go_to_a_folder(tmp_path: Path, trays: dict[str, Path]) -> None:
    shutil.copy(next(iter(trays.values())), tmp_path / "tray.png")
    (tmp_path / "a.logic").write_text("blobs b where lightness > 50 %\nobject part = b\nrule r: some part\n")
    done = logidsl("check", "tray.png", "--spec", "a.logic", "--overlay", "marked.png", cwd=tmp_path)
    assert done.returncode == 64
    assert "expected a folder after --overlay, found `marked.png`" in done.stderr
    assert not (tmp_path / "marked.png").exists()


def test_a_misspelt_corner_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.logic").write_text(SPEC)
    (tmp_path / "t.csv").write_text("image,class,left,top,right,bottm\na.png,bolt,0,0,9,9\n")
    done = logidsl("check", "--table", "t.csv", "--spec", "a.logic", cwd=tmp_path)
    assert done.returncode == 4
    assert "expected a column `bottom` (`y1`) beside the other three; did you mean `bottm`?" in done.stderr


def test_a_picture_of_another_format(tmp_path: Path) -> None:
    (tmp_path / "a.logic").write_text(SPEC)
    (tmp_path / "x.psd").write_bytes(b"8BPS")
    done = logidsl("check", "x.psd", "--spec", "a.logic", cwd=tmp_path)
    assert done.returncode == 4
    assert "JPEG 2000 or HEIC, found `.psd`" in " ".join(done.stdout.split())


def test_a_spec_that_imports_itself(tmp_path: Path) -> None:
    (tmp_path / "a.logic").write_text('import "a.logic"\n' + SPEC)
    done = logidsl("compile", "a.logic", cwd=tmp_path)
    assert done.returncode == 3
    assert "`a.logic` imports itself" in done.stderr
    assert "fix: remove the import" in done.stderr


@pytest.mark.parametrize(("before", "word", "after"), [(0, 9, 0), (0, 10**6, 5), (10**6, 9, 10**6), (149, 9, 500)])
def test_a_long_line_is_shown_where_the_mistake_is(before: int, word: int, after: int) -> None:
    source = Source("a.logic", "a" * before + "B" * word + "c" * after)
    lines = str(Diagnostic("E101", "unknown name", source.span(before, before + word))).splitlines()
    assert max(map(len, lines)) <= WIDEST_LINE + 10
    assert lines[2][lines[3].index("^")] == "B"
    assert lines[3].count("^") <= word


@pytest.mark.parametrize("second", ["--save-annotations", "--masks", "--histogram"])
def test_no_option_is_silently_left_out(tmp_path: Path, second: str) -> None:
    done = logidsl("table", "a.png", "--explain", "part", second, "x", cwd=tmp_path)
    assert done.returncode == 64
    assert f"--explain cannot be combined with {second}: it replaces the table" in done.stderr
