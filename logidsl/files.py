"""Reading and writing files: only regular ones are read, within a limit, and a file is replaced only when complete.

Pipes, devices and sockets are never opened for reading, because they may block or never end. Regular files are written
beside their final name and then renamed; links, pipes and devices named by a user are written directly, because
replacing them would change what they are.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from logidsl.diagnostics import InputError

MOST_BYTES = 2 << 30  # of a file that is read at once
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def kind_of(about: os.stat_result) -> str | None:
    """What kind of non-regular file it is: `a named pipe`, `a folder`; None for a regular file."""
    if stat.S_ISREG(about.st_mode):
        return None
    return _KINDS.get(stat.S_IFMT(about.st_mode), "no regular file")


@contextlib.contextmanager
def open_regular(path: Path) -> Iterator[tuple[BufferedReader, int]]:
    """A regular file, open for reading, and its size in bytes.

    Raises
    ------
    InputError
        If it is anything else: a pipe, a device, a socket, a folder.
    OSError
        If it is missing or cannot be read.
    """
    try:
        _refuse(path, path.stat())
    except ValueError:  # a zero byte, or half a surrogate
        raise InputError(f"{os.fspath(path)!a} cannot be the name of a file") from None
    # It may have been exchanged since: without O_NONBLOCK, opening a pipe would wait for a writer.
    with os.fdopen(
        os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
    ) as file:
        about = os.fstat(file.fileno())
        _refuse(path, about)
        yield file, about.st_size


@contextlib.contextmanager
def file_errors(what: object, done: str) -> Iterator[None]:
    """Say of a failure of the system that a file, or what is in it, cannot be `read` or `written`.

    Raises
    ------
    InputError
        In place of an OSError; that of a pipe whose reader has closed it stays.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        missing = done == "read" and isinstance(error, FileNotFoundError)
        why = "there is no such file" if missing else error.strerror or error
        raise InputError(f"{what} cannot be {done}: {why}") from None


def read_bytes(path: Path, most: int) -> bytes:
    """The bytes of a regular file of at most `most` bytes.

    Raises
    ------
    InputError
        If it is not a regular file, or is larger.
    OSError
        If it is missing or cannot be read.
    """
    with open_regular(path) as (file, size):
        if size > most:
            raise InputError(f"{path} is too large: expected at most {amount(most)}, found {amount(size)}")
        return file.read(most)


def digest(path: Path) -> str | None:
    """The SHA-256 of a file in hexadecimal; None if it cannot be read or exceeds the limit for inputs."""
    try:
        with open_regular(path) as (file, size):
            return hashlib.file_digest(file, "sha256").hexdigest() if size <= MOST_BYTES else None
    except (OSError, ValueError, InputError):
        return None


def is_file(path: Path) -> bool:
    """Whether a regular file exists; False for an impossible name: too long, or with a zero byte.

    Examples
    --------
    >>> is_file(Path("x" * 5000)), is_file(Path("a\\0b"))
    (False, False)
    """
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def amount(size: int) -> str:
    """A number of bytes in a readable unit.

    Examples
    --------
    >>> amount(300), amount(3 << 20), amount(6 << 30)
    ('300 bytes', '3.0 MiB', '6.0 GiB')
    """
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size:,} bytes"


def _refuse(path: Path, about: os.stat_result) -> None:
    kind = kind_of(about)
    if kind is not None:
        raise InputError(f"{path} is {kind}: expected a file")


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A file to write that replaces `path` when the block ends; after an error nothing has changed.

    Links, pipes and devices are written directly.

    Parameters
    ----------
    path : Path
        The file.
    mode : int
        Permissions of a new file, of which the process's mask is taken off; one that is replaced keeps its own.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    before = about(path)
    if before is not None and (not stat.S_ISREG(before.st_mode) or before.st_nlink > 1):
        with path.open("wb") as file:
            yield file
        return
    temporary = path.with_name(f".logidsl-{os.urandom(8).hex()}.tmp")
    if before is not None and not os.access(path, os.W_OK):
        raise PermissionError(13, "Permission denied", str(path))  # as opening it for writing would be
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    except OSError as error:
        if before is None:
            error.filename = str(path)
            raise
        with path.open("wb") as file:  # of a folder that does not allow new files
            yield file
        return
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        if before is not None:
            temporary.chmod(stat.S_IMODE(before.st_mode))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def about(path: Path) -> os.stat_result | None:
    """What a name refers to, without following links; None if nothing."""
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def replace(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a whole file, as `replacing` does; a private one is readable by its owner only, and is synced to disk.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    with file_errors(path, "written"), replacing(path, 0o600 if private else 0o666) as file:
        file.write(data)
        if private:
            file.flush()
            os.fsync(file.fileno())
