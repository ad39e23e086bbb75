"""What a store keeps for rules over several pictures: verdicts on batches, and the objects of pictures judged before.

A run judges only pictures that are new or changed; the objects of the others come from here, so that its verdicts on
batches are those of a run that judges all of them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from logidsl.diagnostics import InputError
from logidsl.ir import Program
from logidsl.report.model import BatchReport
from logidsl.store.rows import finding_row, insert_all, inserted, kept
from logidsl.store.store import Place, Store, StoredSpec, Writer
from logidsl.store.tables import Batch, BatchVerdict, Picture, SeenObjects, Spec, StoredBatchFinding

FILES = 500  # whose objects are read at once


def packed(images: Sequence[Mapping[str, object]], problems: Sequence[tuple[str, str]]) -> bytes:
    """The objects of a file as they are kept: JSON, compressed.

    Parameters
    ----------
    images : sequence of mapping
        Its pictures, as `extract.to_json_rows` has them.
    problems : sequence of (str, str)
        What could not be used, and why.
    """
    return zlib.compress(json.dumps([images, problems]).encode(), 6)


def unpacked(rows: bytes) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """What `packed` was given.

    Raises
    ------
    ValueError
        If it is something else.

    Examples
    --------
    >>> unpacked(packed([{"path": "a.png", "objects": []}], [("b.png", "no picture")]))
    ([{'path': 'a.png', 'objects': []}], [('b.png', 'no picture')])
    """
    try:
        images, problems = json.loads(zlib.decompress(rows))
        return list(images), [(str(path), str(message)) for path, message in problems]
    except (zlib.error, TypeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None


def keep_objects(connection: Connection, spec: StoredSpec, path: str, digest: str, rows: bytes) -> None:
    """Keep the objects of a file, in a transaction of the run that judged it; those there already stay."""
    spec_id = kept(connection, Spec, {"program": spec.program}, spec._asdict())
    picture = kept(connection, Picture, {"path": path, "digest": digest})
    inserted(connection, SeenObjects, {"spec_id": spec_id, "picture_id": picture, "rows": rows})


def known_objects(store: Store, program: Program, files: Mapping[str, str]) -> set[str]:
    """Of some files, by their paths and digests, those whose objects are kept."""
    found = set[str]()
    with store.reading() as connection:
        for some in _parts(files):
            rows = connection.execute(_objects(program, some, Picture.path, Picture.digest))
            found.update(path for path, digest in rows if files[path] == digest)
    return found


def objects_of(store: Store, program: Program, files: Mapping[str, str]) -> Iterator[list[tuple[str, bytes]]]:
    """The objects of some files, by their paths and digests, some files at a time: the path and the rows of each.

    Raises
    ------
    InputError
        If some are gone.
    """
    for some in _parts(files):
        with store.reading() as connection:
            rows = connection.execute(_objects(program, some, Picture.path, Picture.digest, SeenObjects.rows))
            found = {path: data for path, digest, data in rows if files[path] == digest}
        if gone := [path for path in some if path not in found]:
            raise InputError(f"{store.shown} has forgotten {gone[0]} meanwhile: run the command again")
        yield [(path, found[path]) for path in some]


def _parts(files: Mapping[str, str]) -> Iterator[list[str]]:
    paths = list(files)
    return (paths[start : start + FILES] for start in range(0, len(paths), FILES))


def _objects(program: Program, paths: Sequence[str], *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(SeenObjects, SeenObjects.picture_id == Picture.id)
        .join(Spec, Spec.id == SeenObjects.spec_id)
        .where(Spec.program == program.hash, Picture.path.in_(paths))
    )


def keep_verdicts(writer: Writer, spec: StoredSpec, place: Place, reports: Iterable[BatchReport]) -> None:
    """Keep the verdicts of a run on its batches, all or none of them.

    Parameters
    ----------
    writer : Writer
        The run.
    spec : StoredSpec
        What judged them.
    place : Place
        Where the pictures of the run belong. The key of a batch with one of its names belongs there, too.
    reports : iterable of BatchReport
        The verdicts.
    """
    with writer.store.writing() as connection:
        spec_id = kept(connection, Spec, {"program": spec.program}, spec._asdict())
        for report in reports:
            row = {
                "run_id": writer.id, "spec_id": spec_id, "batch": report.batch, "key": report.key or "",
                "batch_id": kept(connection, Batch, place.of_batch(report.batch, report.key)._asdict()),
                "time": datetime.now(UTC), "verdict": report.verdict, "labels": list(report.labels),
                "pictures": report.pictures, "notes": list(report.notes),
            }  # fmt: skip
            verdict = inserted(connection, BatchVerdict, row)
            if verdict is not None:
                findings = [
                    {
                        "batch_verdict_id": verdict, **finding_row(f),
                        "objects": [{"image": o.image, "id": o.id, "class": o.class_} for o in f.objects],
                    }
                    for f in report.findings
                ]  # fmt: skip
                insert_all(connection, StoredBatchFinding, findings)
