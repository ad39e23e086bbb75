"""Text files of annotations and tables: reading them, and reporting errors.

May import `diagnostics` and `files`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from logidsl import files
from logidsl.diagnostics import InputError
from logidsl.table import ObjectTable

#: How UTF-16 begins.
WIDE = (b"\xff\xfe", b"\xfe\xff")
_MOST_DIGITS = 300  # of a whole number that a float can hold
#: Escaped backslashes, and escaped surrogates in pairs and alone.
_SURROGATES = re.compile(r"\\\\|\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u[dD][89a-fA-F]\w\w")
_LINES = frozenset([".jsonl", ".ndjson"])
#: Endings of files of JSON, as one value or one a line.
JSON_ENDINGS = (".json", ".jsonl", ".ndjson")


@lru_cache(maxsize=2)
def _bytes(path: Path, size: int, changed_ns: int) -> bytes:
    """A file's bytes, kept while readers ask one after the other whether it is theirs."""
    return files.read_bytes(path, files.MOST_BYTES)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file.

    Raises
    ------
    InputError
        If it is missing, not a regular file, too large to read at once, or cannot be read.
    """
    try:
        about = path.stat()
        return _bytes(path, about.st_size, about.st_mtime_ns)
    except FileNotFoundError:
        raise InputError(f"no such file: {path}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None


def sniffed(path: Path, *endings: str) -> bytes:
    """The bytes of a file with one of some endings, UTF-16 as UTF-8; empty for any other file; never raises."""
    try:
        data = read_bytes(path) if path.suffix.lower() in endings else b""
    except InputError:
        return b""
    return data.decode("utf-16", "replace").encode("utf-8", "replace") if data.startswith(WIDE) else data


def starts_as_json(path: Path, start: bytes, *keys: bytes, endings: Sequence[str] = (".json",)) -> bool:
    """Whether a file is a JSON text that begins so and has all of some keys somewhere; never raises."""
    data = sniffed(path, *endings)
    begins = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(start)
    return bool(data) and begins and all(key in data for key in keys)


@dataclass(frozen=True)
class FileReader:
    """An extractor made of two functions.

    Parameters
    ----------
    name : str
        What it reads, for people.
    matches : callable
        Whether it reads a file.
    read : callable
        The table of a file, from its path and a program; of one picture also from the name of that.
    generic : bool
        Whether its files are known by little, so that other readers are asked first.
    """

    name: str
    matches: Callable[[Path], bool]
    read: Callable[..., ObjectTable]
    generic: bool = False


def read_text(path: Path) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises
    ------
    InputError
        If it is missing, a folder, empty, or no UTF-8.
    """
    data = read_bytes(path)
    try:
        text = data.decode("utf-16" if data.startswith(WIDE) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path} is not text: expected UTF-8, found byte {error.object[error.start]:#04x} in line {line}; "
            "save it as UTF-8"
        ) from None
    _bytes.cache_clear()  # whose file it is is known
    if "\0" in text[:1024]:
        raise InputError(f"{path} is not text: expected UTF-8, or UTF-16 with a byte order mark, found zero bytes")
    if not text or text.isspace():
        raise InputError(f"{path} is empty")
    return text


def read_json(
    path: Path, each: Callable[[dict[str, object]], object] | None = None, broken: dict[int, str] | None = None
) -> object:
    """The value of a JSON file; of one with a value a line (JSON lines), the list of them.

    Parameters
    ----------
    path : Path
        The file.
    each : callable, optional
        Given each object as soon as it is parsed, the inner ones first; what it gives takes its place.
    broken : dict of int to str, optional
        Takes what is wrong with lines that are no JSON, by their number, where other lines are.

    Raises
    ------
    InputError
        If it cannot be read, or is no JSON; the message says where.
    """
    text = read_text(path)
    try:
        return _parsed(text, each)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data" and path.suffix.lower() not in _LINES:
            raise InputError(
                f"{path} is not valid JSON: {_said(error)} in line {error.lineno}, column {error.colno}"
            ) from None
    except RecursionError:
        raise InputError(f"{path} is nested too deeply") from None
    return _of_lines(path, text, each, broken)


def _parsed(text: str, each: Callable[[dict[str, object]], object] | None) -> object:
    """The value of a JSON text.

    A whole number of hundreds of digits is infinite, and so not one of any reader's; half a surrogate is U+FFFD.
    """
    if "\\ud" in text or "\\uD" in text:
        text = _SURROGATES.sub(lambda m: "\\ufffd" if len(m[0]) == 6 else m[0], text)
    try:
        found: object = json.loads(text, object_hook=each)
    except json.JSONDecodeError:
        raise
    except (ValueError, OverflowError):  # more digits than Python reads, or than a float holds
        found = json.loads(text, object_hook=each, parse_int=_integer)
    return found


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


def _of_lines(
    path: Path, text: str, each: Callable[[dict[str, object]], object] | None, broken: dict[int, str] | None
) -> list[object]:
    """The values of JSON lines."""
    values: list[object] = []
    wrong: dict[int, str] = {}
    for number, line in enumerate(text.split("\n"), 1):  # JSON texts may contain other line ends
        if line.strip():
            try:
                values.append(_parsed(line.strip(), each))
            except json.JSONDecodeError as error:
                wrong[number] = _said(error)
            except RecursionError:
                wrong[number] = "nested too deeply"
    if wrong and (broken is None or not values):
        number, said = next(iter(wrong.items()))
        raise InputError(f"{path} is not valid JSON: {said} in line {number}")
    if broken is not None:
        broken.update(wrong)
    return values


def _said(error: json.JSONDecodeError) -> str:
    return error.msg.lower().removesuffix(" starting at").removesuffix(" at")
