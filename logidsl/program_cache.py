"""Compiled programs kept on disk, so that a spec that has not changed is not parsed and checked again.

A program lies under a digest of all that it is made from: the spec's text and name, the parameters, and the version
and files of the compiler. What the spec imports is read again and compared with the digests that the entry names. An
entry is JSON behind a digest of its own, never anything that runs; it is read as strictly as any program, and only
where it belongs to the user who reads it. One that is damaged, or cannot be written or read, costs the compilation
and nothing else. `LOGIDSL_CACHE` names another folder, or, empty, none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from logidsl.config import cache_folder
from logidsl.diagnostics import InputError
from logidsl.files import open_regular, replacing
from logidsl.ir import Program
from logidsl.records import Record, RecordError, plain, read_json
from logidsl.source import Source
from logidsl.version import __version__

FORMAT = 1
#: The largest entry, in bytes, and how many are kept: the ones used last.
ENTRY_MAX, ENTRIES_MAX = 2 << 20, 64
#: What turns text into a program.
_COMPILER = ("check", "ir", "library", "lint", "syntax")


class Compiled(NamedTuple):
    """A program, how many warnings there are about it (None: not looked for), and digests of what it imports."""

    program: Program
    warnings: int | None
    files: Mapping[str, str]


class _Entry(Record):
    """What a file holds behind its digest."""

    program: Program
    warnings: int | None
    files: dict[str, str]


def digest_of(source: Source) -> str:
    """A digest of a text."""
    return hashlib.sha256(source.text.encode("utf-8", "surrogatepass")).hexdigest()


def key_of(source: Source, params: Mapping[str, str]) -> str:
    """The name of what a spec means with some parameters.

    Examples
    --------
    >>> key_of(Source("a.logic", "object nut"), {}) == key_of(Source("a.logic", "object  nut"), {})
    False
    """
    parts = [FORMAT, __version__, _stamp(), source.path, digest_of(source), sorted(params.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _stamp() -> list[object]:
    """What tells one state of the compiler's files from another, as in a checkout that is worked on."""
    package = Path(__file__).parent
    folders = [*(package / name for name in _COMPILER), package.parent / "grammar"]
    walked = ((here, name) for folder in folders for here, _, names in os.walk(folder) for name in names)
    files = [Path(here, name).stat() for here, name in walked if name.endswith((".py", ".lark"))]
    return [len(files), sum(f.st_size for f in files), max((f.st_mtime_ns for f in files), default=0)]


def _path(key: str) -> Path | None:
    folder = cache_folder()
    return folder / "programs" / f"{key}.json" if folder else None


def load(key: str, read_file: Callable[[str], Source]) -> Compiled | None:
    """The program cached under a key; None if missing or outdated."""
    path = _path(key)
    if path is None:
        return None
    try:
        with open_regular(path) as (file, size):
            if size > ENTRY_MAX or (hasattr(os, "geteuid") and os.fstat(file.fileno()).st_uid != os.geteuid()):
                return None
            digest, _, body = file.read(ENTRY_MAX).partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        entry = read_json(_Entry, body)
        if any(digest_of(read_file(name)) != was for name, was in entry.files.items()):
            return None
        entry.program.check_nodes()
    except (OSError, InputError, RecordError):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # the ones used last are kept
    return Compiled(entry.program, entry.warnings, entry.files)


def store(key: str, compiled: Compiled) -> None:
    """Keep a program, in one step, and drop those that were not used for longest."""
    path = _path(key)
    if path is None:
        return
    body = json.dumps(plain(_Entry(**compiled._asdict())), separators=(",", ":")).encode()
    data = hashlib.sha256(body).hexdigest().encode() + b"\n" + body
    if len(data) > ENTRY_MAX:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, 0o600) as file:
            file.write(data)
        kept = sorted(path.parent.glob("*.json"), key=lambda p: p.stat().st_mtime_ns)
        for old in kept[:-ENTRIES_MAX]:
            old.unlink(missing_ok=True)
