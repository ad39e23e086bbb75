"""The command line: parses arguments, calls a subcommand, returns an exit code.

Exit codes: 0 pass, 1 a violation, 2 review, 3 a spec error, 4 an input error, 64 a command line that
cannot be followed, 70 a fault of logidsl itself, 130 interrupted, 141 the reader of the output left,
143 terminated.
Where pictures of one run differ, what is proved wins: a violation (1), then an unreadable picture (4),
then review (2); an unreadable picture is always reported on standard error, too.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import signal
import sys
from importlib import import_module

from logidsl.commands.terminal import (
    BROKEN_PIPE,
    FAULT,
    INPUT_ERROR,
    INTERRUPTED,
    PASS,
    SPEC_ERROR,
    TERMINATED,
    USAGE,
    UsageError,
    clear_bar,
    plain,
    say,
)
from logidsl.version import __version__

TYPE_CHECKING = False  # the answer to --version takes less time than importing `typing`, `argparse` and `pathlib`
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from types import FrameType
    from typing import Any, NoReturn

#: A module of `commands` each, and what it does.
COMMANDS = {
    "check": "check pictures, or a table of objects, against a spec",
    "table": "show the objects found in pictures",
    "test": "run the tests inside specs",
    "compile": "check specs, and show the compiled program",
    "lint": "report errors, warnings and advice about specs",
    "fmt": "format specs in the standard layout",
    "convert": "convert a spec between text and YAML",
    "describe": "restate a spec in plain English",
    "diff": "compare two specs, with the smallest table on which they differ",
    "query": "look for a table with a verdict and further conditions",
    "replay": "judge stored tables again with a changed spec",
    "explain": "explain a diagnostic's code; without one, list all",
    "fit": "find the limits of a spec that give the known results on pictures",
    "infer": "infer rules from good parts",
    "bench": "measure specs on a data set with ground truth",
    "learn": "learn to find parts from a few annotated pictures",
    "history": "show yield, defects, control charts and capability from a store of runs",
    "store": "migrate, prune or export a store of runs",
    "scale": "judge more pictures than one machine holds, to Parquet",
    "studio": "point, write and see: a local page that leads from photos to a spec",
    "serve": "judge pictures for a production line over HTTP",
    "export": "write what needs review for an annotation tool, to be corrected by hand",
    "calibrate": "measure the scale, and optionally the lens, on pictures of a board or marker of known size",
    "ask": "let a vision-language model describe pictures, and write its answers as a table",
    "lsp": "help in editors: a language server",
    "completion": "print what makes a shell complete the command line",
    "translate": "translate rules in plain language into a checked spec with a language model",
}
# Only writing fails like this, wherever it happens: the disk, the quota or the maximum file size is exhausted.
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
ISSUES = "please report it to the supplier of your copy"
EPILOG = """exit codes:
  0 pass   1 a violation   2 review   3 a spec error   4 an input error
  64 invalid command line   70 internal error   130 interrupted   143 terminated
  with several pictures: 1 before 4 before 2 before 0

examples:
  logidsl check tray.png
  logidsl check pictures/ --spec pushpins.logic --format jsonl
  logidsl explain E012
"""


class _Terminated(KeyboardInterrupt):
    """The process was asked to terminate: clean up, as after an interrupt."""


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


def parser(chosen: str = "") -> argparse.ArgumentParser:
    """The parser of the command line; it knows the chosen command alone, whose module it loads, or lists all."""
    import argparse

    from logidsl.commands.arguments import declare

    class Parser(argparse.ArgumentParser):
        """A parser whose errors leave exit code 2 to `review`."""

        def error(self, message: str) -> NoReturn:
            """Raise what `main` tells the user."""
            raise UsageError(f"{message}\n{self.format_usage().strip()}")

    layout: Any = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
    description = "Check pictures against a spec of what a good part looks like."
    top = Parser(prog="logidsl", description=description, epilog=EPILOG, **layout)
    top.add_argument("--version", action="version", version=f"logidsl {__version__}")
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name in [chosen] if chosen in COMMANDS else COMMANDS:
        sub = subparsers.add_parser(name, help=COMMANDS[name], description=COMMANDS[name], **layout)
        if name == chosen:
            command = import_module(f"logidsl.commands.{name}")
            sub.epilog = f"examples:\n{command.EXAMPLES}"
            declare(sub, command.ARGUMENTS)
            sub.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. Never raises, except to argparse's `--help`.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments without the program's name; those of the process by default.
    """
    if argv is not None:
        return _guarded(list(argv))
    # The process is ours. What is imported and compiled is kept, and OpenBLAS starts no threads: nothing multiplies
    # large matrices, and each thread spins for tens of milliseconds when NumPy is imported.
    gc.set_threshold(100_000)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
    code = _guarded(sys.argv[1:])
    threading = sys.modules.get("threading")
    if threading is not None and any(thread.daemon for thread in threading.enumerate()):
        # It decodes a picture, which nothing can end; taking the interpreter down under it would abort the process.
        with contextlib.suppress(OSError, ValueError):  # closed by their reader, or by us
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    return code


def _guarded(argv: list[str]) -> int:
    """Run a command line; whatever goes wrong is a message and an exit code."""
    try:
        _tolerant_streams()
        with contextlib.suppress(ValueError):  # not the main thread
            if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
                signal.signal(signal.SIGTERM, _terminate)
        return _run(argv)
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe. Python flushes at exit, so the stream must stay open.
        _close_output()
        return BROKEN_PIPE
    except _Terminated:
        say("terminated")
        return TERMINATED
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except Exception as error:
        code = _told(error)
        if code is None and os.environ.get("LOGIDSL_DEBUG"):
            raise
        if code is None:
            say(f"internal error: {type(error).__name__}: {error}; {ISSUES}, with the output under LOGIDSL_DEBUG=1")
        return FAULT if code is None else code


def _run(argv: list[str]) -> int:
    """Run a command line."""
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what may come next
        _complete()
        return PASS
    if argv == ["--version"]:  # often called by scripts: the answer needs no parser
        print(f"logidsl {__version__}")
        return PASS
    if not argv:
        parser().print_help()
        return USAGE
    _known_command(argv[0])
    args = parser(argv[0]).parse_args(argv)
    code: int = args.run(args)
    sys.stdout.flush()
    return code


def _complete() -> None:
    """Answer a shell about the line that it holds, with the arguments of the command in it."""
    from logidsl.commands.completion import autocomplete

    words = os.environ.get("COMP_LINE", "").split()
    autocomplete(parser(next((word for word in words[1:] if word in COMMANDS), "")))


def _told(error: Exception) -> int | None:
    """Report an error in the command line, a spec or an input to the user; None if the fault is ours."""
    from logidsl.diagnostics import InputError, SpecError, counted

    if isinstance(error, OSError) and error.errno in _FULL:
        say(f"{error.filename or 'the output'} cannot be written: {error.strerror}")
        _close_output()
        return INPUT_ERROR
    if isinstance(error, SpecError) and error.diagnostics:
        clear_bar()
        print(plain(str(error)), file=sys.stderr)
        count = sum(d.severity == "error" for d in error.diagnostics)
        say(f"the spec cannot be used: {counted(count, 'mistake')}")
        return SPEC_ERROR
    codes = {UsageError: USAGE, SpecError: SPEC_ERROR, InputError: INPUT_ERROR}
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    if code is not None:
        say(str(error))
    return code


def _close_output() -> None:
    """Discard the remaining output, so that Python does not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _known_command(word: str) -> None:
    """Suggest a command if the first word is unknown; options pass."""
    names = list(COMMANDS)
    if word.startswith("-") or word in names:
        return
    from pathlib import Path

    from logidsl.diagnostics import did_you_mean

    hint = did_you_mean(word, names)
    if not hint and Path(word).exists():
        hint = f"; did you mean `logidsl check {word}`?"
    raise UsageError(f"no command `{word}`: expected one of {', '.join(names)}{hint}")


def _tolerant_streams() -> None:
    """Escape characters that a terminal cannot show, and redirect closed streams to nowhere.

    Otherwise newly opened files would reuse the descriptors of closed streams, and libraries would print into them.
    """
    for place, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(place)
        except OSError:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != place:
                os.dup2(handle, place)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if place == 0 else "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    raise SystemExit(main())
