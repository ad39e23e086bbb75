"""What a folder holds: its photos, its spec, the verdicts, and what a person did; all that the page asks for.

One lock guards what changes. Photos are looked at and judged outside it, and what comes of it is kept only if it still
belongs to the spec.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from logidsl.diagnostics import InputError
from logidsl.extract.formats.beside import annotation_of
from logidsl.files import digest as file_digest
from logidsl.ir import Program
from logidsl.studio import spec as specs
from logidsl.studio.edits import Edited
from logidsl.studio.judgements import Summary, judgement, summaries
from logidsl.studio.looking import Seen, look
from logidsl.studio.photos import FactFile, Facts, Photo, photos_of
from logidsl.studio.pictures import Pictures
from logidsl.studio.tables import Tables
from logidsl.table import ObjectTable, concatenate
from logidsl.version import __version__
from logidsl.web.problems import ProblemError

Event = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """The summary of a photo, and the digest of the spec that it follows from."""

    judging: str
    summary: Summary


class Project(Edited):
    """A folder that is worked on; made from the same things as `Edited`, with the same errors."""

    def __init__(self, folder: Path, spec: Path | None = None) -> None:
        super().__init__(folder, spec)
        self.facts = FactFile(self.kept / "photos.json")
        self.tables = Tables(self.kept / "tables")
        self.pictures = Pictures(self.kept / "thumbnails")
        self.photos: list[Photo] = []
        self.by_id: dict[str, Photo] = {}
        self._signatures: dict[str, str | None] = {}
        self.results: dict[str, Result] = {}
        self.before: dict[str, str] = {}
        self.message: str | None = None
        self.refresh()

    def respecced(self, before: specs.Checked) -> None:
        """Remember the verdicts of the spec before."""
        current = {k: r.summary.verdict for k, r in self.results.items() if r.judging == before.judging}
        self.before = {**self.before, **current} if before.judging != self.good.judging else {}

    def touched(self, key: str) -> None:
        """Tell the page of a photo whose mark or annotations have changed."""
        if key in self.by_id:
            self.announce({"type": "photo", "photo": self.photo_document(self.by_id[key])})

    def photo(self, key: str) -> Photo:
        """A photo by its id.

        Raises
        ------
        ProblemError
            If there is none.
        """
        found = self.by_id.get(key)
        if found is None:
            raise ProblemError(404, "there is no such photo: it was moved or removed")
        return found

    def refresh(self) -> bool:
        """Look at the folder and the spec's file again; whether anything has changed.

        What became of the folder is announced.
        """
        try:
            photos = photos_of(self.folder)
        except InputError as error:
            if self.message is None:
                self.message = f"{error}: what you did is kept, and goes on when the folder is back"
                self.announce({"type": "folder", "ok": False, "message": self.message})
            return False
        signatures = {p.id: p.signature() for p in photos}
        with self.lock:
            back = self.message is not None
            self.message = None
            changed = signatures != self._signatures
            if changed:
                gone = {k for k, v in self._signatures.items() if signatures.get(k) != v}
                self.results = {k: r for k, r in self.results.items() if k not in gone}
                self.photos, self.by_id, self._signatures = photos, {p.id: p for p in photos}, signatures
            if back:
                self.kept.mkdir(exist_ok=True)
                self.state.save()
        if back:
            self.announce({"type": "folder", "ok": True, "message": None})
        if changed:
            self.announce({"type": "revision", "revision": self.revision})
            self.wake()
        return changed

    def look_elsewhere(self) -> None:
        """Notice what was changed elsewhere: the folder, its photos, the spec."""
        self.refresh()
        with self.lock:
            if self.message is None:
                self._adopt()

    def photo_document(self, photo: Photo) -> dict[str, Any]:
        """A photo as the contact sheet shows it."""
        result, facts = self.results.get(photo.id), self.facts.last(photo)
        summary = result.summary if result is not None and result.judging == self.good.judging else None
        mark = self.state.marks.get(photo.id)
        verdict = summary.verdict if summary is not None else None
        return {
            "id": photo.id,
            "name": photo.path.name.encode("utf-8", "backslashreplace").decode(),
            "path": photo.name,
            "width": facts.width if facts else 0,
            "height": facts.height if facts else 0,
            "error": summary.error if summary is not None else None,
            "verdict": verdict,
            "score": summary.score if summary is not None else None,
            "counts": dict(summary.counts) if summary is not None else {},
            "labels": list(summary.labels) if summary is not None else [],
            "mark": mark,
            "wrong": summary is not None and mark is not None and is_wrong(mark, summary),
            "changed": verdict is not None and self.before.get(photo.id, verdict) != verdict,
            "annotated": bool(self.state.annotations.get(photo.id)),
        }

    def photos_document(self, filter_: str, sort: str) -> dict[str, Any]:
        """The photos that a filter leaves, by name or with the worst first."""
        with self.lock:
            rows = [self.photo_document(p) for p in self.photos]
            revision = self.revision
        if filter_ in ("changed", "wrong"):
            rows = [r for r in rows if r[filter_]]
        elif filter_ == "marked":
            rows = [r for r in rows if r["mark"] is not None]
        elif filter_ != "all":
            rows = [r for r in rows if r["verdict"] == filter_]
        if sort == "score":
            rows.sort(key=lambda r: -r["score"] if r["score"] is not None else 2.0)
        return {"revision": revision, "total": len(self.photos), "photos": rows}

    def document(self) -> dict[str, Any]:
        """The project as the page has it."""
        with self.lock:
            return {
                "folder": str(self.folder),
                "name": self.folder.name or str(self.folder),
                "version": __version__,
                "spec": self.spec_document(warnings=True),
                "photos": len(self.photos),
                "message": self._message(),
                "canUndo": self.state.done > 0,
                "canRedo": self.state.done < len(self.state.steps),
            }

    def _message(self) -> str | None:
        if self.message is not None:
            return self.message
        if not self.photos:
            return f"there is no photo in {self.folder}: copy some there, and they appear here"
        if self.checked.program is None and self.program is not None:
            return "the spec has errors: verdicts are those of the last spec without"
        if self.read_only:
            return f"{self.spec_path} lies outside of the folder and is not written"
        if self.program is not None and not self.program.sees:
            return "the spec does not say how objects are found in a photo: add a `blobs` statement, or learn parts"
        return None

    def close(self) -> None:
        """Save what is not saved at once: what only saves time."""
        with contextlib.suppress(InputError):
            self.facts.save()

    def is_judgeable(self, program: Program, photo: Photo) -> bool:
        """Whether there is anything to judge: the spec says how objects are found, or an annotation does."""
        if program.sees or (program.measures and not program.classes):
            return True
        return annotation_of(photo.path) is not None

    def known_table(self, checked: specs.Checked, photo: Photo) -> ObjectTable | None:
        """The objects of a photo, if they were found before with the same pixel part."""
        facts = self.facts.of(photo)
        return None if facts is None else self.tables.get(checked.seeing, self._picture_digest(checked, photo, facts))

    def _picture_digest(self, checked: specs.Checked, photo: Photo, facts: Facts) -> str:
        if checked.program is None or checked.program.sees:
            return facts.digest
        beside = annotation_of(photo.path)
        return facts.digest if beside is None else f"{facts.digest[:32]}{(file_digest(beside) or '')[:32]}"

    def keep_table(self, checked: specs.Checked, photo: Photo, seen: Seen) -> ObjectTable:
        """Keep what was found in a photo."""
        table = replace(seen.table, images=(photo.name,) * len(seen.table.images))
        with self.lock:
            signature = photo.signature() or ""
            digest = seen.digest or f"{photo.id}-{signature}"  # of a file that no worker could read
            facts = Facts(signature, digest, seen.width, seen.height)
            self.facts.note(photo, facts)
        self.tables.put(checked.seeing, self._picture_digest(checked, photo, facts), table)
        return table

    def table(self, checked: specs.Checked, photo: Photo) -> ObjectTable:
        """The objects of a photo, looked for now if they are not known."""
        assert checked.program is not None
        found = self.known_table(checked, photo)
        return self.keep_table(checked, photo, look(None, (checked.program, photo.path))) if found is None else found

    def judgement(self, photo: Photo, *, repairs: bool) -> dict[str, Any] | None:
        """The judgement on a photo by the last spec without errors; None if there was none.

        Parameters
        ----------
        photo : Photo
        repairs : bool
            Whether to work out repairs, and to update the contact sheet: not while someone types.
        """
        with self.lock:
            checked, revision = self.good, self.revision
        if checked.program is None:
            return None
        started = time.perf_counter()
        if self.is_judgeable(checked.program, photo):
            table = self.table(checked, photo)
        else:
            table = replace(concatenate([]), images=())
        seen = time.perf_counter()
        made = judgement(checked.program, table, repairs=repairs)
        if not table.images and not table.problems:
            made["error"] = "the spec does not say how objects are found: add a `blobs` statement, or learn parts"
        elif table.images and repairs:
            self.judge(checked, [photo], [table])
        done = time.perf_counter()
        ms = {"see": round((seen - started) * 1000, 1), "judge": round((done - seen) * 1000, 1)}
        return {"photo": photo.id, "revision": revision, **made, "ms": ms}

    def judge(self, checked: specs.Checked, photos: Sequence[Photo], tables: Sequence[ObjectTable]) -> None:
        """Judge photos with their tables, and keep the summaries if the spec is still the same."""
        assert checked.program is not None
        there = [(p, t) for p, t in zip(photos, tables, strict=True) if len(t.images) == 1]
        found = dict(
            zip([p.id for p, _ in there], summaries(checked.program, concatenate([t for _, t in there])), strict=True)
        )
        for photo, table in zip(photos, tables, strict=True):
            if photo.id not in found:
                why = (
                    table.problems[0].message if table.problems else f"expected one picture, found {len(table.images)}"
                )
                found[photo.id] = Summary("error", error=why.replace(f"{self.folder}/", ""))
        with self.lock:
            if checked.judging != self.good.judging:
                return
            changed = [p for p in photos if self.results.get(p.id) != Result(checked.judging, found[p.id])]
            self.results.update({p.id: Result(checked.judging, found[p.id]) for p in changed})
            rows = [self.photo_document(p) for p in changed]
        for row in rows:
            self.announce({"type": "photo", "photo": row})

    def waiting(self, checked: specs.Checked) -> list[Photo]:
        """The photos that a spec has not judged yet."""
        program = checked.program
        if program is None:
            return []
        with self.lock:
            left = [p for p in self.photos if (r := self.results.get(p.id)) is None or r.judging != checked.judging]
        return [p for p in left if self.is_judgeable(program, p)]


def is_wrong(mark: dict[str, Any], summary: Summary) -> bool:
    """Whether a verdict disagrees with a mark; labels count where some were given."""
    if mark["good"]:
        return summary.verdict != "pass"
    return summary.verdict != "fail" or bool(mark["labels"] and set(mark["labels"]) != set(summary.labels))
