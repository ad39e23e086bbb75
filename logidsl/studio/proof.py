"""What a spec is worth: marks against verdicts, the estimate for new photos, tests in the spec, and the export."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from logidsl import ir
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.thumbnails import data_uri, thumbnail
from logidsl.files import file_errors
from logidsl.fit.estimate import Estimate, estimate, estimate_of
from logidsl.fit.intervals import upper_bound
from logidsl.fit.limits import params_of
from logidsl.fit.search import Options, Search
from logidsl.ir import Program
from logidsl.pipeline import report_of
from logidsl.questions.paste import test_of
from logidsl.report.formats import Stream, Style
from logidsl.report.formats.html import render
from logidsl.scenes import Scene, SceneObject, SceneValue, run_tests
from logidsl.studio import spec as specs
from logidsl.studio.limits import MarkedTrials
from logidsl.studio.photos import Photo
from logidsl.studio.project import Project, is_wrong
from logidsl.table import BOX, ObjectTable, TextColumn
from logidsl.web.problems import ProblemError

_SIDE_PX = 640


class Prover:
    """Marks against verdicts; the estimate is worked out once for each spec and each set of marks.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._known: tuple[object, dict[str, Any] | None, str | None] = (None, None, None)

    def document(self) -> dict[str, Any]:
        """How many marked photos are judged right, which are not, and what to expect of new ones."""
        project = self.project
        marks = dict(project.state.marks)
        marked = [p for p in project.photos if p.id in marks]
        message = None
        for photo in marked:
            result = project.results.get(photo.id)
            checked = project.good
            stale = result is None or result.judging != checked.judging
            if checked.program is not None and stale and project.is_judgeable(checked.program, photo):
                project.judge(checked, [photo], [project.table(checked, photo)])
        rows = [project.photo_document(p) for p in marked]
        judged = [r for r in rows if r["verdict"] is not None]
        wrong = [r for r in judged if r["wrong"]]
        made: dict[str, Any] | None = None
        if not marked:
            message = "mark photos good or bad to see what the spec is worth"
        elif project.program is None:
            message = "the spec has errors: correct them first"
        elif len(judged) < len(marked):
            message = "the spec does not say how objects are found, so nothing is judged yet"
        else:
            made, message = self._estimate(marks)
        return {
            "marked": len(marked),
            "right": len(judged) - len(wrong),
            "wrong": [
                {"photo": r["id"], "expected": _expected(r["mark"]), "got": r["verdict"], "labels": r["labels"]}
                for r in wrong
            ],
            "estimate": made,
            "message": message,
        }

    def _estimate(self, marks: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
        key = self.project.good.judging, json.dumps(marks, sort_keys=True)
        if self._known[0] != key:
            try:
                made, message = self._worked_out()
            except InputError as error:
                made, message = None, f"nothing can be estimated: {error}"
            self._known = key, made, message
        return self._known[1], self._known[2]

    def _worked_out(self) -> tuple[dict[str, Any] | None, str | None]:
        try:
            limits, _ = params_of(self.project.good.source)
        except InputError:
            limits = []
        trials = MarkedTrials(self.project, limits)
        count = len(trials.cases)
        if count < 2:
            return None, "one photo is marked: an estimate needs two or more"
        options = Options()
        if limits:
            found = estimate(Search(trials, options), range(count))
            assert found is not None
            names = ", ".join(x.name for x in limits)
            method = f"each photo judged with {names} fitted without it"
            message = None
        else:
            losses = trials.losses(trials.start)[:, 0].tolist()
            found = estimate_of(trials.cases, losses, count, options)
            method = "the marked photos, by the spec as it is"
            message = (
                "limits that were set while looking at these photos make this estimate too good: mark photos that you "
                "have not looked at while writing, or declare limits as `param NAME = VALUE in LOW .. HIGH`, which are "
                "then fitted without each photo in turn"
            )
        return _document(found, method), message


def _document(found: Estimate, method: str) -> dict[str, Any]:
    errors, judged = sum(r.errors for r in found.rates), sum(r.judged for r in found.rates)
    low = 1 - upper_bound(judged - errors, judged, found.confidence) if errors else 0.0
    return {
        "error_rate": errors / judged,
        "low": low,
        "high": upper_bound(errors, judged, found.confidence),
        "method": f"{method}; one-sided bounds of Clopper and Pearson at {found.confidence:.0%}",
        "rates": [{"what": r.what, "errors": r.errors, "judged": r.judged, "at_most": r.at_most} for r in found.rates],
    }


def _expected(mark: Mapping[str, Any]) -> str:
    if mark["good"]:
        return "pass"
    return f"fail: {', '.join(mark['labels'])}" if mark["labels"] else "fail"


def with_test(project: Project, photo: Photo, title: str) -> str:
    """The spec with a test of what is on screen: the objects as boxes, or the photo itself where boxes cannot say it.

    Raises
    ------
    ProblemError
        If the spec has errors, the photo has no verdict, or the title cannot stand in a spec.
    """
    checked = project.checked
    program = checked.sound()
    title = " ".join(title.split())
    if not title or '"' in title or "\\" in title:
        raise ProblemError(422, "expected a title without quotes and backslashes")
    if any(t.title == title for t in program.tests):
        raise ProblemError(409, f"the spec has a test `{title}`", fix="choose another title")
    table = project.table(checked, photo)
    shown = project.judgement(photo, repairs=False)
    if shown is None or shown["verdict"] == "error":
        raise ProblemError(422, "the photo has no verdict that a test could expect")
    expects = _expects(shown)
    text = test_of(program, scene_of(program, table, title), title, expects)
    for made in (text, _of_file(project, photo, title, expects)):
        if made is None:
            continue
        whole = f"{checked.source.text.rstrip()}\n\n{made}"
        after = specs.checked(type(checked.source)(checked.source.path, whole))
        if after.program is not None and run_tests(after.program, project.spec_path.parent)[-1].ok:
            return whole
    raise ProblemError(422, "a test cannot say what is on this photo: its verdict depends on pixels beside the objects")


def _expects(shown: Mapping[str, Any]) -> list[str]:
    """What a test expects: the verdict, and the defects."""
    labels = dict.fromkeys(f["label"] for f in shown["findings"] if f["state"] == "false" and f["label"])
    found = [f"defect {label}" for label in labels]
    rules = [r["name"] for r in shown["rules"] if r["state"] == "false"]
    if shown["verdict"] == "fail" and not found:
        return [f"fail {', '.join(rules)}"]
    return found if shown["verdict"] == "fail" else [shown["verdict"]]


def scene_of(program: Program, table: ObjectTable, title: str) -> Scene:
    """The objects of a photo as boxes, with the values that rules read and a box does not give."""
    read = {n.attribute for n in program.nodes if isinstance(n, ir.Column)} - {"x", "y", *BOX}
    boxes = np.stack([np.asarray(table.columns[b], np.float64) for b in BOX], axis=1).round(1)
    objects = []
    for row in range(len(table)):
        values: dict[str, SceneValue] = {}
        for name in sorted(read & table.columns.keys()):
            column = table.columns[name]
            if isinstance(column, TextColumn):
                if column.codes[row] >= 0:
                    values[name] = column.values[int(column.codes[row])]
            elif np.isfinite(column[row]).all():
                found = np.round(column[row], 4).tolist()
                values[name] = tuple(found) if isinstance(found, list) else float(found)
        x0, y0, x1, y1 = boxes[row].tolist()
        objects.append(SceneObject(table.classes.values[table.classes.codes[row]], (x0, y0, x1, y1), values))
    width, height = table.sizes[0].tolist()
    return Scene(width, height, tuple(objects), title)


def _of_file(project: Project, photo: Photo, title: str, expects: list[str]) -> str | None:
    """A test on the photo itself, if it lies below the spec's folder."""
    folder = project.spec_path.parent
    if not photo.path.is_relative_to(folder) or '"' in photo.name or "\\" in photo.name:
        return None
    name = photo.path.relative_to(folder).as_posix()
    return f'test "{title}" on "{name}"\n    ' + "  ".join(f"expect {e}" for e in expects) + "\n"


def export(project: Project, name: str) -> dict[str, Any]:
    """Write the spec with its files, the marks as truth and a report to a new folder below the project's.

    Raises
    ------
    ProblemError
        If the name cannot be that of a folder, is taken, or the spec has errors.
    """
    name = name.strip()
    if not name or name.startswith(".") or re.search(r'[/\\:*?"<>|\x00-\x1f]', name) or len(name.encode()) > 200:
        raise ProblemError(422, f"expected the name of a new folder, found `{name}`")
    target = project.folder / name
    checked = project.checked
    program = checked.sound()
    if target.exists() or target.is_symlink():
        raise ProblemError(409, f"{target} exists already", fix="choose another name: nothing is overwritten")
    beside = project.folder / f".{name}.part"
    shutil.rmtree(beside, ignore_errors=True)
    with file_errors(target, "written"):
        try:
            beside.mkdir(parents=True)
            (beside / project.spec_path.name).write_text(checked.source.text, "utf-8")
            for file in {*specs.files_seen_with(program), *(x.file for x in program.layouts)}:
                source = project.spec_path.parent / file
                if source.is_file():
                    (beside / file).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, beside / file)
            (beside / "truth.json").write_text(_truth(project), "utf-8")
            _write_report(project, checked, program, beside / "report.html")
            beside.rename(target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    files = sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file())
    return {"path": str(target), "files": files}


def _truth(project: Project) -> str:
    """The marks as `logidsl fit --truth` reads them."""
    rows: dict[str, Any] = {}
    for photo in project.photos:
        mark = project.state.marks.get(photo.id)
        if mark is not None:
            bad: Any = {"labels": mark["labels"]} if mark["labels"] else "fail"
            rows[photo.name] = "pass" if mark["good"] else bad
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _write_report(project: Project, checked: specs.Checked, program: Program, path: Path) -> None:
    """The report on all photos, with small pictures of those that do not pass."""
    judgeable = [p for p in project.photos if project.is_judgeable(program, p)]
    report = report_of(program, [project.table(checked, p) for p in judgeable])
    by_name = {p.name: p for p in judgeable}

    def picture(name: str) -> str | None:
        photo = by_name.get(name)
        if photo is None:
            return None
        try:
            bgr = project.pictures.of(photo, program)
        except InputError:
            return None
        return data_uri(thumbnail(bgr, min(_SIDE_PX, max(bgr.shape[:2]))), lossless=False)

    stream = Stream.of(report)
    with path.open("w", encoding="utf-8") as out:
        out.writelines(render(stream, Style(picture=picture)))


__all__ = ["Prover", "export", "is_wrong", "scene_of", "with_test"]
