"""What the engine calls: the bytes of pictures in, rows out. A worker compiles the spec once."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import daft
from daft import DataType, TimeUnit

from logidsl.files import digest
from logidsl.judging import Task, judge, prepare
from logidsl.report.model import Summary

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
    """The files of a spec in a folder of the worker's own."""

    def __init__(self, files: Mapping[str, bytes], spec: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="logidsl-"))
        for name, data in files.items():
            path = self.folder / "spec" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.spec = self.folder / "spec" / spec

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
        self.files, self.spec, self.parameters = files, spec, tuple(sorted(parameters.items()))
        self.scores, self.objects = scores, objects
        self.bundle: _Bundle | None = None

    @daft.method.batch(return_dtype=ROW, batch_size=BATCH)
    def rows(self, path: daft.Series, data: daft.Series) -> list[dict[str, Any]]:
        """The rows of pictures, each by its address; with its bytes, if it was downloaded."""
        if self.bundle is None:
            prepare(None, None)  # else the first picture of each worker counts what is loaded once
            self.bundle = _Bundle(self.files, self.spec)
        return [self._row(p, d, self.bundle) for p, d in zip(path.to_pylist(), data.to_pylist(), strict=True)]

    def _row(self, address: str, data: bytes | None, bundle: _Bundle) -> dict[str, Any]:
        if "://" not in address:
            return self._judged(Path(address), bundle, digest(Path(address)))
        if data is None:
            return failed(UNREAD)
        with _written(bundle.folder, address, data) as path:
            return self._judged(path, bundle, hashlib.sha256(data).hexdigest())

    def _judged(self, path: Path, bundle: _Bundle, digest: str | None) -> dict[str, Any]:
        task = Task(
            str(bundle.spec), self.parameters, str(path), str(path.parent), scores=self.scores, objects=self.objects
        )
        answer = judge(None, task)
        images = answer.report["images"]
        scores = [i["score"] for i in images if i["score"] is not None]
        errors = [i["error"] for i in images if i["error"]]
        return {
            "verdict": Summary.of([i["verdict"] for i in images]).verdict,
            "labels": sorted({label for i in images for label in i["labels"]}),
            "score": max(scores, default=None),
            "findings": sum(len(i["findings"]) for i in images),
            "objects": sum(i["objects"] or 0 for i in images),
            "error": "; ".join(errors) or None,
            "digest": digest,
            "images": json.dumps(images, ensure_ascii=False),
            "table": json.dumps(answer.objects, ensure_ascii=False) if self.objects else None,
            "seconds": answer.processor_s,
            "bytes": path.stat().st_size if path.exists() else None,
            "time": datetime.now(UTC),
        }


def failed(why: str) -> dict[str, Any]:
    """The row of a picture without a verdict."""
    empty = dict.fromkeys(("score", "findings", "objects", "digest", "images", "table", "seconds", "bytes"))
    return {"verdict": "error", "labels": [], "error": why, "time": datetime.now(UTC), **empty}


@contextmanager
def _written(folder: Path, address: str, data: bytes) -> Iterator[Path]:
    """The bytes of a picture as a file, under the last part of its address."""
    path = folder / "picture" / (Path(address).name or "picture")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def judge_of(jobs: int, *arguments: Any) -> Any:
    """A `Judge` that the engine runs in so many processes; its arguments as there."""
    return daft.cls(Judge, use_process=True, max_concurrency=jobs)(*arguments)
