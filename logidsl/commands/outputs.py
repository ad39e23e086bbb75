"""Where results go: standard output or a file; never one of the inputs, and never half of it.

A file replaces its predecessor when it is complete. JSON lines are appended one by one, so that results survive however
the run ends.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from logidsl.commands.arguments import given, value_of
from logidsl.commands.terminal import UsageError, json_text, speak_utf8, write
from logidsl.files import file_errors, replacing
from logidsl.ir import Program
from logidsl.source import Source
from logidsl.spreadsheets import csv_text, guarded

ESCAPED = "backslashreplace"  # half a surrogate, which a name may hold, is written as JSON escapes it
#: Files that readers look for in the folder of a picture or above, such as lists of classes.
_BESIDE = frozenset(["classes.txt", "obj.names", "data.yaml", "data.yml", "defects_config.json"])
#: A possible file name in a spec, in quotes or, in YAML, without.
_NAMED = re.compile(r"""["']([^"'\n]+)["']|([^\s"'\[\]{},:]+\.\w+)""")


def protect(target: str | Path | None, inputs: Iterable[str | Path], option: str = "--output") -> None:
    """Refuse to write to an input, or through a link that lies among the inputs.

    Parameters
    ----------
    target : path, optional
        What would be written; None for nothing.
    inputs : iterable of path
        All that is read: files, and folders of them.
    option : str
        What messages call the output.

    Raises
    ------
    UsageError
        If it is an input, an annotation of one, or such a link.
    """
    if not target:
        return
    path = Path(target)
    known = status(path)
    link = next((p for p in (path, *path.parents) if p.is_symlink()), None)
    if known is None and link is None:
        return
    for name in inputs:
        given = Path(name)
        about = status(given)
        if about is None:
            continue
        if known is not None and os.path.samestat(about, known):
            raise UsageError(f"expected another file after {option}: {target} is the input {name}")
        folder = given if stat.S_ISDIR(about.st_mode) else given.parent
        if link is not None and _inside(link, folder):
            raise UsageError(
                f"expected another file after {option}: {link} is a link in the folder of the inputs, and leads to "
                f"{os.path.realpath(link)}"
            )
        if known is not None and _beside(path, given):
            raise UsageError(f"expected another file after {option}: {target} is read with the input {name}")


def protect_each(args: argparse.Namespace, options: Sequence[str], inputs: Iterable[str | Path]) -> None:
    """Refuse the outputs of some options that would replace an input; see `protect`."""
    for option in given(args, options):
        protect(value_of(args, option), inputs, option)


def files_of(source: Source, program: Program | None = None) -> list[Path]:
    """The files that a spec may read: itself, its imports, and any existing file that its text names."""
    folder = Path(source.path).parent
    groups = (program.rules, program.classes, program.sets, program.params, program.blobs) if program else ()
    found = [Path(source.path), *(Path(item.span.path) for group in groups for item in group)]
    found += [folder / name for quoted, bare in _NAMED.findall(source.text) if (name := quoted or bare)]
    return list(dict.fromkeys(found))


@contextlib.contextmanager
def output(
    path: str | None, inputs: Iterable[str | Path] = (), *, lines: bool = False, keep: bool = False
) -> Iterator[TextIO]:
    """Standard output, or the file that was asked for.

    Parameters
    ----------
    path : str, optional
        The file; None for standard output.
    inputs : iterable of path
        See `protect`.
    lines : bool
        Whether lines are appended, which are there at once; else the file is there when it is complete.
    keep : bool
        Whether lines are appended to what the file holds.

    Raises
    ------
    UsageError
        If the file is an input.
    InputError
        If it cannot be written.
    """
    if path is None:
        yield sys.stdout
        return
    protect(path, inputs)
    if _is_stdout(path):
        yield sys.stdout  # reopening it would truncate what a shell has written before
        return
    with file_errors(path, "written"), contextlib.ExitStack() as stack:
        if lines:
            text: TextIO = stack.enter_context(appending(Path(path), keep=keep))
        else:
            text = io.TextIOWrapper(stack.enter_context(replacing(Path(path))), "utf-8", ESCAPED, newline="\n")
        yield text
        text.flush()


@contextlib.contextmanager
def appending(path: Path, *, keep: bool = False) -> Iterator[TextIO]:
    """A text file to which lines are appended.

    Its old content is kept until the first line is written, or with `keep` for good; a new file without any line is
    removed.

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    new = not os.path.lexists(path)
    try:
        with _Lines(path, keep) as file:
            yield file
    finally:
        if new and path.is_file() and not path.stat().st_size:
            path.unlink()


def shorten(path: Path, size: int) -> None:
    """Cut a file off after some bytes, if it is there and longer.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    with file_errors(path, "written"):
        if path.exists() and path.stat().st_size != size:
            os.truncate(path, size)


class _Lines(io.TextIOWrapper):
    """A file opened for appending that is emptied at the first write."""

    def __init__(self, path: Path, keep: bool) -> None:
        self._empty = keep
        super().__init__(path.open("ab"), "utf-8", ESCAPED, newline="\n")

    def write(self, text: str) -> int:
        """Write, after emptying the file at the first time."""
        if not self._empty and text:
            self._empty = True
            if stat.S_ISREG(os.fstat(self.fileno()).st_mode):
                self.truncate(0)
        return super().write(text)


def rendered(
    form: str,
    text: Callable[[], str],
    document: Callable[[], object],
    lines: Callable[[], Iterable[Iterable[object]]],
    guard: bool = True,
) -> str:
    """A result in the format asked for: text, JSON of a document, or CSV of lines, with `guard` as `guarded` says."""
    if form == "text":
        return text()
    speak_utf8()
    return json_text(document()) if form == "json" else csv_text(lines(), guarded if guard else str)


def write_text(path: str | Path | None, text: str, inputs: Iterable[str | Path] = ()) -> None:
    """Write a whole file, as `output` does."""
    with output(str(path) if path else None, inputs) as out:
        write(out, text)


def make_folder(folder: Path) -> None:
    """Make a folder for results if it is not there.

    Raises
    ------
    InputError
        If it cannot be made.
    """
    with file_errors(folder, "written"):
        folder.mkdir(parents=True, exist_ok=True)


def status(path: str | Path) -> os.stat_result | None:
    """The identity of a file, with links resolved; None if it does not exist."""
    try:
        return Path(path).stat()
    except (OSError, ValueError):
        return None


def _inside(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder or below it, links on the way to it followed."""
    return Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(folder))


def _beside(path: Path, picture: Path) -> bool:
    """Whether a file that is there is read together with a picture: its annotation, the names of its classes."""
    if path.name.lower() in _BESIDE:
        return Path(os.path.realpath(picture)).is_relative_to(os.path.realpath(path.parent))
    if path.stem not in (picture.stem, picture.name) or picture.is_dir():
        return False
    from logidsl.extract.formats.beside import annotations_of

    return any(path.samefile(found) for found in annotations_of(picture))


def _is_stdout(path: str) -> bool:
    """Whether a path is another name of standard output, such as `/dev/stdout`."""
    try:
        mine, named = os.fstat(sys.stdout.fileno()), Path(path).stat()
    except (OSError, ValueError, AttributeError):
        return False
    return os.path.samestat(mine, named) and Path(path).is_symlink()
