"""What the engine calls: the bytes of pictures in, rows out. A worker compiles the spec once."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import daft
from daft import DataType, TimeUnit

from logidsl.extract import to_json_rows
from logidsl.files import digest
from logidsl.judging import prepare, without_folders
from logidsl.pipeline import Detail, compile_cached, read_spec, report_of
from logidsl.records import plain
from logidsl.report.model import Summary
from logidsl.seeing import see_one
from logidsl.workers import ONE_THREAD

#: A row of the result, beside the address.
ROW = DataType.struct(
    {
        "verdict": DataType.string(),
        "labels": DataType.list(DataType.string()),
        "score": DataType.float64(),
        "findings": DataType.int64(),
        "objects": DataType.int64(),
        "error": DataType.string(),
        "digest": DataType.string(),
        "images": DataType.string(),
        "table": DataType.string(),
        "seconds": DataType.float64(),
        "bytes": DataType.int64(),
        "time": DataType.timestamp(TimeUnit.us(), "UTC"),
    }
)
BATCH = 16
UNREAD = "it could not be downloaded"


class _Bundle:
    """The files of a spec in a folder of the worker's own, and its program."""

    def __init__(self, files: Mapping[str, bytes], spec: str, parameters: Mapping[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="logidsl-"))
        for name, data in files.items():
            path = self.folder / "spec" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.spec = self.folder / "spec" / spec
        self.program = compile_cached(read_spec(str(self.spec)), parameters).program

    def __del__(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Judge:
    """A judge of pictures, in a process of its own.

    Parameters
    ----------
    files : mapping of str to bytes
        The spec and the files it reads.
    spec : str
        Which of them is the spec.
    parameters : mapping of str to str
        Values of its parameters.
    scores, objects : bool
        Whether rows have scores, and tables of objects.
    """

    def __init__(
        self, files: Mapping[str, bytes], spec: str, parameters: Mapping[str, str], scores: bool, objects: bool
    ) -> None:
        self.files, self.spec, self.parameters = files, spec, dict(parameters)
        self.scores, self.objects = scores, objects
        self.bundle: _Bundle | None = None

    @daft.method.batch(return_dtype=ROW, batch_size=BATCH)
    def rows(self, path: daft.Series, data: daft.Series) -> list[dict[str, Any]]:
        """The rows of pictures, each by its address; with its bytes, if it was downloaded."""
        if self.bundle is None:
            os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
            prepare(None, None)  # else the first picture of each worker counts what is loaded once
            self.bundle = _Bundle(self.files, self.spec, self.parameters)
        addresses, contents = path.to_pylist(), data.to_pylist()
        with _written(self.bundle.folder, addresses, contents) as files:
            judged = iter(self._judged([file for file in files if file is not None], self.bundle))
            return [failed(UNREAD) if file is None else next(judged) for file in files]

    def _judged(self, files: Sequence[Path], bundle: _Bundle) -> list[dict[str, Any]]:
        """The rows of pictures that lie here, judged together."""
        tables, seconds = [], []
        for file in files:
            started = time.process_time()
            tables.append(see_one(bundle.program, file))
            seconds.append(time.process_time() - started)
        started = time.process_time()
        report = report_of(bundle.program, tables, Detail(scores=self.scores, repairs=0))
        share = (time.process_time() - started) / max(1, len(files))
        left = iter(report.images)
        rows = []
        for file, table, spent in zip(files, tables, seconds, strict=True):
            images = list(islice(left, len(table.images) + len(table.problems)))
            made = without_folders(plain(images), [str(file.parent), str(bundle.spec.parent)])
            objects = [to_json_rows(table, i) for i in range(len(table.images))] if self.objects else None
            rows.append(_row(file, made, objects, spent + share))
        return rows


def _row(
    file: Path, images: Sequence[Mapping[str, Any]], objects: Sequence[object] | None, seconds: float
) -> dict[str, Any]:
    scores = [i["score"] for i in images if i["score"] is not None]
    errors = [i["error"] for i in images if i["error"]]
    return {
        "verdict": Summary.of([i["verdict"] for i in images]).verdict,
        "labels": sorted({label for i in images for label in i["labels"]}),
        "score": max(scores, default=None),
        "findings": sum(len(i["findings"]) for i in images),
        "objects": sum(i["objects"] or 0 for i in images),
        "error": "; ".join(errors) or None,
        "digest": digest(file),
        "images": json.dumps(images, ensure_ascii=False),
        "table": None if objects is None else json.dumps(objects, ensure_ascii=False),
        "seconds": seconds,
        "bytes": file.stat().st_size if file.exists() else None,
        "time": datetime.now(UTC),
    }


def failed(why: str) -> dict[str, Any]:
    """The row of a picture without a verdict."""
    empty = dict.fromkeys(("score", "findings", "objects", "digest", "images", "table", "seconds", "bytes"))
    return {"verdict": "error", "labels": [], "error": why, "time": datetime.now(UTC), **empty}


@contextmanager
def _written(folder: Path, addresses: Sequence[str], contents: Sequence[bytes | None]) -> Iterator[list[Path | None]]:
    """Pictures as files: those that lie here, and the bytes of others under the last part of their address."""
    pictures = folder / "pictures"
    files: list[Path | None] = []
    for number, (address, data) in enumerate(zip(addresses, contents, strict=True)):
        if "://" not in address:
            files.append(Path(address))
        elif data is None:
            files.append(None)
        else:
            file = pictures / str(number) / (Path(address).name or "picture")
            file.parent.mkdir(parents=True)
            file.write_bytes(data)
            files.append(file)
    try:
        yield files
    finally:
        shutil.rmtree(pictures, ignore_errors=True)


def judge_of(jobs: int, *arguments: Any) -> Any:
    """A `Judge` that the engine runs in so many processes; its arguments as there."""
    return daft.cls(Judge, use_process=True, max_concurrency=jobs)(*arguments)
