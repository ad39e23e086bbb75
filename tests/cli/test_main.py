"""The command line as a whole: help, mistakes in it, faults, and what it costs to start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from logidsl import cli
from tests.cli.commands import environment, logidsl


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_every_subcommand_has_help_with_examples(command: str, tmp_path: Path) -> None:
    done = logidsl(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"examples:\n  logidsl {command}" in done.stdout
    assert done.stderr == ""


def test_the_help_names_commands_and_exit_codes(tmp_path: Path) -> None:
    done = logidsl("--help", cwd=tmp_path)
    assert done.returncode == 0
    for word in (*cli.COMMANDS, "0 pass", "1 a violation", "2 review", "3 a spec error"):
        assert word in done.stdout


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    import logidsl as package

    assert logidsl("--version", cwd=tmp_path).stdout == f"logidsl {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["chek", "a.png"], f"no command `chek`: expected one of {', '.join(cli.COMMANDS)}; did you mean `check`?"),
        (["here.png"], "did you mean `logidsl check here.png`?"),
        (["check"], "expected pictures to check, or --table FILE, and not both"),
        (["check", "a.png", "--table", "t.csv"], "expected pictures to check, or --table FILE, and not both"),
        (
            ["check", "here.png", "--format", "jsno"],
            "unknown report format `jsno`; there are csv, github, html, json, jsonl, junit, parquet, sarif, text;",
        ),
        (["check", "here.png", "-P", "gap"], "expected -P NAME=VALUE, found `gap`"),
        (["check", "here.png", "-P", "gap=1", "-P", "gap=2"], "-P sets `gap` twice: 1 and 2"),
        (["check", "here.png", "--jobs", "0"], "expected --jobs of 1 or more, found 0"),
        (["check", "here.png", "--jobs", "two"], "argument --jobs/-j: invalid int value: 'two'"),
        (["check", "here.png", "--sepc", "a.logic"], "unrecognized arguments: --sepc"),
        (["compile"], "the following arguments are required: SPEC"),
        (["table", "here.png", "--format", "xml"], "argument --format: invalid choice: 'xml'"),
    ],
)
def test_a_wrong_command_line_is_told_with_a_code_of_its_own(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    (tmp_path / "here.png").write_bytes(b"")
    (tmp_path / "one.logic").write_text("object pin: 1\n")
    done = logidsl(*arguments, cwd=tmp_path)
    assert done.returncode == 64
    assert complaint in done.stderr
    assert done.stdout == ""


def test_without_arguments_the_help_is_shown(tmp_path: Path) -> None:
    done = logidsl(cwd=tmp_path)
    assert done.returncode == 64
    assert "examples:" in done.stdout


def test_a_fault_is_one_line_that_asks_to_report_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr("logidsl.commands.explain.catalogue", fail)
    monkeypatch.delenv("LOGIDSL_DEBUG", raising=False)
    assert cli.main(["explain"]) == 70
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "RuntimeError: the sky fell" in told
    assert "LOGIDSL_DEBUG=1" in told
    monkeypatch.setenv("LOGIDSL_DEBUG", "1")
    with pytest.raises(RuntimeError, match="the sky fell"):
        cli.main(["explain"])


def test_an_interrupt_outside_a_check_is_silent_and_told_by_the_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("logidsl.commands.explain.catalogue", interrupted)
    assert cli.main(["explain"]) == 130
    assert capsys.readouterr().err == "logidsl: interrupted\n"


@pytest.mark.skipif(os.name == "nt", reason="pipes break in another way there")
@pytest.mark.parametrize(
    ("asked", "threads"), [({}, "1"), ({"OMP_NUM_THREADS": "3"}, "3"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")]
)
def test_openblas_starts_one_thread_unless_more_are_asked_for(asked: dict[str, str], threads: str) -> None:
    then = "print(os.environ['OPENBLAS_NUM_THREADS'])"
    script = f"import os, sys; from logidsl import cli; sys.argv[1:] = ['--version']; cli.main(); {then}"
    without = {k: v for k, v in environment().items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=without | asked, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == threads


def test_a_reader_that_leaves_is_no_fault(tmp_path: Path) -> None:
    """`logidsl explain | head -0`: the pipe is closed before anything is written."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "logidsl", "explain"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_unknown_public_names_are_told() -> None:
    import logidsl as package

    with pytest.raises(AttributeError, match="no attribute 'laod'; did you mean `load`"):
        _ = package.laod
    assert set(package.__all__) <= set(dir(package))
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_a_port_is_one_of_those_there_are(tmp_path: Path) -> None:
    for command, found in (("studio", "99999"), ("serve", "-3")):
        done = logidsl(command, "folder", "--port", found, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (64, "")
        assert done.stderr == f"logidsl: expected --port from 0 to 65535, found {found}\n"
