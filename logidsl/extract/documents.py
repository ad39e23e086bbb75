"""Text files of annotations and tables: reading them, and saying what is wrong with them.

May import `diagnostics`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from logidsl.diagnostics import InputError

#: A text larger than this is refused: it would not fit in memory several times over.
LARGEST_BYTES = 2 << 30


@lru_cache(maxsize=2)
def _bytes(path: Path, size: int, changed_ns: int) -> bytes:
    """A file's bytes, kept while readers ask one after the other whether it is theirs."""
    return path.read_bytes()


def read_bytes(path: Path) -> bytes:
    """The bytes of a file.

    Raises
    ------
    InputError
        If it is missing, a folder, or larger than what is read at once.
    OSError
        If it cannot be read.
    """
    about = path.stat()
    if about.st_size > LARGEST_BYTES:
        found = f"{about.st_size / (1 << 30):.1f}"
        raise InputError(f"{path} is too large: expected at most {LARGEST_BYTES >> 30} GiB, found {found} GiB")
    return _bytes(path, about.st_size, about.st_mtime_ns)


def starts_as_json(path: Path, start: bytes, *keys: bytes) -> bool:
    """Whether a file is a JSON text that begins so and has all of some keys somewhere; never raises."""
    if path.suffix.lower() != ".json":
        return False
    try:
        data = read_bytes(path)
    except (OSError, InputError):
        return False
    return data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(start) and all(key in data for key in keys)


def read_text(path: Path) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises
    ------
    InputError
        If it is missing, a folder, empty, or no UTF-8.
    """
    try:
        data = read_bytes(path)
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"no file {path}") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder: expected a file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text: expected UTF-8, found byte {error.start} is none") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    _bytes.cache_clear()  # whose file it is is known
    if not text or text.isspace():
        raise InputError(f"{path} is empty")
    return text


def read_json(path: Path, each: Callable[[dict[str, object]], object] | None = None) -> object:
    """The value of a JSON file; of one with a value a line (JSON lines), the list of them.

    Parameters
    ----------
    path : Path
        The file.
    each : callable, optional
        Given each object as soon as it is parsed, the inner ones first; what it gives takes its place.

    Raises
    ------
    InputError
        If it cannot be read, or is no JSON; the message says where.
    """
    text = read_text(path)
    try:
        return json.loads(text, object_hook=each)
    except json.JSONDecodeError as error:
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) < 2 or error.msg != "Extra data":
            raise InputError(
                f"{path} is no JSON: {error.msg.lower()} in line {error.lineno}, column {error.colno}"
            ) from None
        values = []
        for number, line in lines:
            try:
                values.append(json.loads(line, object_hook=each))
            except json.JSONDecodeError as inner:
                raise InputError(f"{path} is no JSON: {inner.msg.lower()} in line {number}") from None
        return values
    except RecursionError:
        raise InputError(f"{path} is nested too deeply") from None
