"""Files that clients send or name."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from logidsl.web.problems import ProblemError

#: Endings of uploads that come without a name.
ENDINGS = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/bmp": ".bmp", "image/tiff": ".tif", "image/webp": ".webp",
    "image/gif": ".gif", "image/avif": ".avif", "application/json": ".json", "text/csv": ".csv",
    "application/jsonl": ".jsonl", "application/vnd.apache.parquet": ".parquet",
}  # fmt: skip


def name_of(request: Request) -> str:
    """The name of an upload that is the whole body: its own, or one that says what it is."""
    found = re.search(r'filename="?([^";]+)', request.headers.get("content-disposition", ""))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found:
        return found[1]
    if kind not in ENDINGS:
        raise ProblemError(415, f"expected a Content-Type of a picture, a table or a form, found `{kind}`")
    return f"input{ENDINGS[kind]}"


async def pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """The content of a file of a form."""
    while piece := await file.read(1 << 20):
        yield piece


async def save(pieces: AsyncIterator[bytes], path: Path) -> None:
    """Write an upload to a new file."""
    size = 0
    with path.open("wb") as file:
        try:
            async for piece in pieces:
                file.write(piece)
                size += len(piece)
        except ClientDisconnect:
            raise ProblemError(400, "the client left before the body was complete") from None
    if not size:
        raise ProblemError(422, "expected a picture or a table, found an empty body")


def below(folder: str | None, name: str) -> Path:
    """The existing file or folder of a name, below a folder."""
    if folder is None:
        raise ProblemError(403, "paths are not accepted: start the server with --root FOLDER")
    root = Path(folder).resolve()
    try:
        path = (root / name).resolve()
        there = path.exists()
    except (OSError, ValueError):  # no name that a file can have
        path, there = root, False
    if not path.is_relative_to(root):
        raise ProblemError(403, f"`{name}` does not lie below the root")
    if not there:
        raise ProblemError(404, f"no file `{name}` below the root")
    return path


@contextlib.contextmanager
def removed_unless_kept(folder: Path) -> Iterator[Callable[[], object]]:
    """Remove a folder in the end, unless what this yields is called."""
    kept: list[bool] = []
    try:
        yield lambda: kept.append(True)
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def sync(paths: Iterable[Path]) -> None:
    """Make sure that new files in new folders are on disk."""
    for path in paths:
        for place in (path, path.parent, path.parent.parent):
            handle = os.open(place, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
