"""What runs say about the process: those recorded in a store, and what the page judges now. Recording a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from logidsl.diagnostics import InputError
from logidsl.extras import needed
from logidsl.history_page import history_body, since
from logidsl.spreads import spread
from logidsl.store.summary import ChartName, Group, Grouping, History, Measured, individuals, summary
from logidsl.studio.jobs import Jobs
from logidsl.studio.limits import known_tables, values_document
from logidsl.studio.project import Project
from logidsl.table import concatenate
from logidsl.web.problems import ProblemError

#: The width of a chart in the page, in units in which its text is 11 high.
WIDTH = 460.0
#: The store of a folder, in what the studio keeps.
STORE = "runs.db"


@dataclass(frozen=True)
class Asked:
    """What a history is to show, as the options of `logidsl history` say it.

    Parameters
    ----------
    source : str
        `photos`: what the page judges now; `store`: recorded runs.
    by, chart : str
        What makes a subgroup, which is always the folder for photos; the control chart.
    since : str
        `12h`, `30d` or a date; empty for all.
    this_spec : bool
        Whether only what the spec on screen has judged counts.
    measure : str
        `class.column`, or empty.
    low, high : float, optional
        Its specification limits.
    """

    source: Literal["photos", "store"] = "photos"
    by: Grouping = "day"
    chart: ChartName = "p"
    since: str = ""
    this_spec: bool = False
    measure: str = ""
    low: float | None = None
    high: float | None = None


class Histories:
    """The history of a project.

    Parameters
    ----------
    project : Project
    jobs : Jobs
        Recording is one of them.
    folder : str
        The folder as the user named it: a store knows photos by these names, as `check --store` does.
    address : str, optional
        The store; by default a file in what the studio keeps.
    processes : int
        That look at photos.
    """

    def __init__(self, project: Project, jobs: Jobs, folder: str, address: str | None, processes: int) -> None:
        self.project, self.jobs, self.folder, self.processes = project, jobs, folder, processes
        self._own = project.kept / STORE
        self.address = address or str(self._own)

    @property
    def is_empty(self) -> bool:
        """Whether the store is the folder's own one and nothing is recorded yet."""
        return self.address == str(self._own) and not self._own.exists()

    def document(self, asked: Asked) -> dict[str, Any]:
        """A history as HTML, and the columns that can be shown.

        Raises
        ------
        InputError
            If the store cannot be used, or has nothing that fits.
        ProblemError
            If what is asked for does not exist, or nothing is recorded or judged yet.
        """
        if asked.low is not None and asked.high is not None and asked.low >= asked.high:
            raise ProblemError(
                422, f"expected a lower limit below the upper one, found {asked.low:g} and {asked.high:g}"
            )
        if (asked.low is not None or asked.high is not None) and not asked.measure:
            raise ProblemError(422, "limits are those of a measured column: choose one")
        found, column, columns = self._of_photos(asked) if asked.source == "photos" else self._of_store(asked)
        return {"html": history_body(found, column, WIDTH), "columns": columns}

    def _of_photos(self, asked: Asked) -> tuple[History, Measured | None, list[str]]:
        project = self.project
        if asked.chart == "u":
            raise ProblemError(
                422, "findings are counted in recorded runs", fix="record this run, or choose the chart p"
            )
        groups: dict[str, Group] = {}
        labels: Counter[str] = Counter()
        with project.lock:
            photos, checked = list(project.photos), project.good
            results = {k: r.summary for k, r in project.results.items() if r.judging == checked.judging}
        for photo in photos:
            if (judged := results.get(photo.id)) is not None:
                name = str(Path(photo.name).parent)
                group = groups.setdefault(name, Group(project.folder.name if name == "." else name))
                group.verdicts[judged.verdict] += 1
                if judged.verdict != "pass":
                    labels.update(judged.labels)
        if not groups or checked.program is None:
            raise ProblemError(
                409, "no photo is judged yet", fix="write a spec without errors, and wait for its verdicts"
            )
        columns = [f"{c['class']}.{c['column']}" for c in values_document(project)["columns"]]
        column = None
        if asked.measure:
            if asked.measure not in columns:
                raise ProblemError(
                    422, f"expected one of {', '.join(columns) or 'no columns'}, found `{asked.measure}`"
                )
            tables = known_tables(project, photos)
            values = spread(checked.program, concatenate(tables), asked.measure).values["objects"].tolist()
            column = individuals(project.folder.name, asked.measure, values, columns, asked.low, asked.high)
        return summary(project.folder.name, list(groups.values()), labels, asked.chart), column, columns

    def _of_store(self, asked: Asked) -> tuple[History, Measured | None, list[str]]:
        if asked.by == "folder":
            raise ProblemError(422, "recorded runs have no folders: group them by run or lot")
        if self.is_empty:
            raise ProblemError(
                404, "no run is recorded yet", fix="record this run, or start the studio with --store URL"
            )
        for module in ("sqlalchemy", "alembic"):
            needed(module, "store", "a store of runs")
        from logidsl.store.history import Choice, columns_of, history, measured
        from logidsl.store.store import Store

        spec = self.project.good.sound().hash if asked.this_spec else None
        store = Store(self.address, create=False)
        choice = Choice(_time(asked.since), spec)
        found = history(store, choice, asked.by, asked.chart)
        column = measured(store, choice, asked.measure, asked.low, asked.high) if asked.measure else None
        return found, column, columns_of(store)

    def record(self, lot: str) -> dict[str, Any]:
        """Begin to judge the folder as `logidsl check --store` does, which judges only what the store does not know.

        Raises
        ------
        ProblemError
            If the spec has errors, or a run is being recorded.
        InputError
            If the extra is missing.
        """
        for module in ("sqlalchemy", "alembic"):
            needed(module, "store", "a store of runs")
        self.project.checked.sound()
        request = {
            "folder": self.folder, "spec": str(self.project.spec_path), "store": self.address, "lot": lot.strip(),
            "photos": len(self.project.photos), "jobs": self.processes,
        }  # fmt: skip
        return self.jobs.start("record", request)


def _time(text: str) -> datetime | None:
    try:
        return since(text) if text else None
    except ValueError:
        raise InputError(f"expected a time such as 12h, 30d or 2026-11-30, found `{text}`") from None
