"""Using logidsl from Python: load a spec, check pictures, arrays and tables with it.

Thin: it recognises its input and calls the phases of `pipeline`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl import extract, pipeline, seeing
from logidsl.dataframe import DataFrame, arrow_of, is_table, rows_of
from logidsl.diagnostics import Diagnostic, InputError
from logidsl.eval import judge
from logidsl.eval.schema import unmeasured
from logidsl.ir import Program
from logidsl.report.model import BatchReport
from logidsl.report.report import Report
from logidsl.seeing import Input
from logidsl.source import Source
from logidsl.table import ObjectTable, Unreadable, concatenate
from logidsl.thumbnails import thumbnails
from logidsl.workers import Progress

if TYPE_CHECKING:
    from logidsl.describe import Sentence
    from logidsl.extract.formats.detections import Detections, Results

# A list of anything here is one batch, but a list of mappings is one table by rows.
Checkable: TypeAlias = (
    "str | Path | npt.NDArray[np.uint8] | ObjectTable | DataFrame | Detections | Results | Mapping[str, object]"
    " | Sequence[Checkable]"
)


def load(path: str | Path, params: Mapping[str, str | float] | None = None) -> Spec:
    """Read and check a spec file.

    Parameters
    ----------
    path : str or Path
        A `.logic` file.
    params : mapping of str to str or float, optional
        Values for the parameters of the spec, as they would be written there: `{"max_gap": "12 px"}`.

    Raises
    ------
    SpecError
        If there is no such file, or anything in it is wrong; its text says what, its `diagnostics` hold it.
    """
    return Spec(pipeline.read_spec(path), params)


def loads(text: str, params: Mapping[str, str | float] | None = None, *, name: str = "<text>") -> Spec:
    """Check a spec given as text.

    Parameters
    ----------
    text : str
        The spec.
    params : mapping of str to str or float, optional
        Values for the parameters of the spec.
    name : str
        What messages call it. What it imports is looked for beside this path.

    Raises
    ------
    SpecError
        If anything in it is wrong.
    """
    return Spec(Source(name, text), params)


class Spec:
    """A checked spec, ready to judge.

    Parameters
    ----------
    source : Source
        Its text.
    params : mapping of str to str or float
        Values for its parameters.

    Attributes
    ----------
    program : Program
        What it means.
    """

    def __init__(self, source: Source, params: Mapping[str, str | float] | None = None) -> None:
        self.source = source
        self._params = {k: str(v) for k, v in (params or {}).items()}
        self._plans: dict[frozenset[str], Plan] = {}
        self.program: Program = pipeline.compile_spec(source, self._params)

    @cached_property
    def warnings(self) -> list[Diagnostic]:
        """Warnings and advice, in the order of the text; computed on first use."""
        return [d for d in pipeline.lint_spec(self.source, self._params) if d.severity == "warning"]

    @property
    def name(self) -> str | None:
        """The name that the spec gives itself."""
        return self.program.name

    @property
    def path(self) -> str:
        """Where its text is from."""
        return self.source.path

    def __repr__(self) -> str:
        count = len(self.program.rules) + len(self.program.batch_rules)
        return f"<Spec {self.name or self.path}: {count} rules>"

    def describe(self) -> list[Sentence]:
        """What it says, in plain English sentences.

        Examples
        --------
        >>> for sentence in loads("object nut: 2").describe():
        ...     print(sentence.kind, sentence.line, sentence.sentence)
        object 1 nut is a class of objects.
        cardinality 1 There must be exactly 2 nuts (object nut).
        """
        from logidsl.describe import describe  # not needed to check

        return describe(self.program)

    def check(
        self,
        what: Checkable,
        *,
        jobs: int | None = 1,
        on_progress: Progress | None = None,
        unreadable: Unreadable = "keep",
        max_findings: int | None = pipeline.MAX_FINDINGS,
        repairs: bool = False,
        scores: bool = False,
        lots: str | Path | None = None,
    ) -> Report:
        """Judge pictures or tables.

        Parameters
        ----------
        what : path, array, table, or a list of these
            A picture file, a folder or a pattern of them; an annotation or table file; an array of uint8,
            grey or BGR; an `ObjectTable`; a table of pandas, polars or Arrow, or a list of rows as mappings,
            with a row for each object; what a detector found in one picture: supervision's `Detections`,
            ultralytics' `Results`, a dictionary of `boxes`, `labels` and `scores`.
        jobs : int, optional
            Processes to read files with; None for as many as are worth it.
        on_progress : callable, optional
            Told how many inputs of how many were read.
        unreadable : {"keep", "skip"}
            What becomes of entries that could not be read: each an uncertain object, which sends what hangs on it to
            review, or nothing.
        max_findings : int, optional
            How many findings of one clause on one picture are made; a note counts the others. None for all.
        repairs : bool, optional
            Whether each finding says what would make its clause true.
        scores : bool, optional
            Whether each picture has a score: how far the rule nearest to its limit is from it.
        lots : path, optional
            A table that says which lot each picture belongs to: a column `path`, and those that the batches need.

        Returns
        -------
        Report
            One image each, in order. What could not be read has the verdict `error`.

        Raises
        ------
        InputError
            If it is nothing that can be checked.
        """
        parts = list(self._parts(what, "picture"))
        tables = self._tables(parts, jobs, on_progress, unreadable)
        facts = pipeline.facts_of(lots, self.program)
        batches = pipeline.judge_of_batches(self.program, facts)
        detail = pipeline.Detail(max_findings, scores, None if repairs else 0, batches=batches)
        made = pipeline.report_of(self.program, tables, detail)
        if batches is not None:
            notes = [*made.notes, *(facts.notes() if facts is not None else ())]
            made = made.replaced(batches=pipeline.batches_of(batches), notes=notes)
        made = made.with_sources({self.source.path: self.source.text})
        loaded = {part.path: part for part in parts if isinstance(part, extract.Picture)}
        return made.with_pictures(thumbnails(self.program, loaded=loaded))

    def batches(self, *, lots: str | Path | None = None) -> Batches:
        """Pictures checked one after another, and the rules over several at the end, as in a loop over a camera.

        Parameters
        ----------
        lots : path, optional
            As for `check`.

        Examples
        --------
        >>> text = "object nut: 1\\nbatch lot by lot_id\\nrule many over lot: count(nut) >= 3 defect few_nuts"
        >>> spec = loads(text)
        >>> batches = spec.batches()
        >>> for number in (1, 2):
        ...     row = {"image": f"{number}.png", "class": "nut", "lot_id": "L7"}
        ...     print(batches.check([row]).verdict)
        pass
        pass
        >>> print([(b.key, b.verdict, b.labels) for b in batches.finish()])
        [('L7', 'fail', ['few_nuts'])]
        """
        return Batches(self, lots)

    def plan(self, schema: ObjectTable | Iterable[str]) -> Plan:
        """The spec bound to the columns of a table, for judging many tables that have them; made once for each schema.

        `check` binds a spec by itself when it is first used. A plan is for those who want verdicts alone, or to know
        beforehand what a table lacks.

        Parameters
        ----------
        schema : ObjectTable or iterable of str
            A table, or the names of its columns.

        Examples
        --------
        >>> plan = loads("object nut: 2 .. 3\\nrule long: every nut: length >= 9 px").plan(["x0", "y0", "x1", "y1"])
        >>> plan.unmeasured
        {'long': ('length',)}
        """
        columns = frozenset(schema.columns if isinstance(schema, ObjectTable) else schema)
        if columns not in self._plans:
            self._plans[columns] = Plan(self, columns)
        return self._plans[columns]

    def see(
        self,
        what: Checkable,
        *,
        jobs: int | None = 1,
        on_progress: Progress | None = None,
        unreadable: Unreadable = "keep",
    ) -> ObjectTable:
        """The objects that would be judged; accepts the same inputs as `check`."""
        return concatenate(self._tables(list(self._parts(what, "picture")), jobs, on_progress, unreadable))

    def _tables(
        self,
        parts: Sequence[Input | ObjectTable],
        jobs: int | None,
        on_progress: Progress | None,
        unreadable: Unreadable = "keep",
    ) -> list[ObjectTable]:
        """A table for each thing there is to check."""
        inputs = [p for p in parts if not isinstance(p, ObjectTable)]
        seen = iter(seeing.see_each(self.program, inputs, jobs, on_progress, unreadable))
        tables = [p if isinstance(p, ObjectTable) else next(seen) for p in parts]
        return [t.readable() for t in tables] if unreadable == "skip" else tables

    def _parts(self, what: Checkable, name: str) -> Iterator[Input | ObjectTable]:
        """The inputs one by one; lists are flattened, folders and patterns resolved."""
        if isinstance(what, ObjectTable):
            yield what
        elif isinstance(what, str | Path):
            yield from seeing.gather([what])
        elif isinstance(what, np.ndarray):
            yield extract.picture_of(what, name)
        elif extract.is_detections(what):
            yield extract.table_of_detections([what], self.program, name)
        elif is_table(what):
            arrow = arrow_of(what)
            columnar = None if arrow is None else extract.table_of_arrow(arrow, self.program, "table")
            yield extract.table_of_json(rows_of(what), self.program, "table") if columnar is None else columnar
        elif isinstance(what, Iterable):
            for number, item in enumerate(what, 1):
                yield from self._parts(item, f"{name} {number}")
        else:
            kind = type(what).__name__
            raise InputError(f"expected a path, an array, a table or a list of these, found a `{kind}`")


class Batches:
    """Pictures of a run that are checked one after another: see `Spec.batches`.

    What rules over several pictures need of each is kept, not the pictures.
    """

    def __init__(self, spec: Spec, lots: str | Path | None = None) -> None:
        self._spec = spec
        self._judge = pipeline.judge_of_batches(spec.program, pipeline.facts_of(lots, spec.program))

    def check(self, what: Checkable) -> Report:
        """Judge further pictures; accepts the same as `Spec.check`. The report is on these alone."""
        tables = self._spec._tables(list(self._spec._parts(what, "picture")), 1, None)
        detail = pipeline.Detail(batches=self._judge)
        return pipeline.report_of(self._spec.program, tables, detail)

    def finish(self) -> list[BatchReport]:
        """The verdicts on all batches of the pictures so far; more may follow.

        Raises
        ------
        InputError
            If no picture says which batch it belongs to.
        """
        return [] if self._judge is None else pipeline.batches_of(self._judge)


class Plan:
    """A spec bound to the columns of a table: see `Spec.plan`.

    Attributes
    ----------
    columns : frozenset of str
        The columns that a table has.
    """

    def __init__(self, spec: Spec, columns: frozenset[str]) -> None:
        self.spec, self.columns = spec, columns

    @cached_property
    def unmeasured(self) -> dict[str, tuple[str, ...]]:
        """The attributes that each rule reads and that the columns do not give."""
        return unmeasured(self.spec.program, self.columns)

    def truths(self, table: ObjectTable) -> npt.NDArray[np.int64]:
        """What each rule comes to on each image, without findings.

        Parameters
        ----------
        table : ObjectTable
            With n images, and these columns; others may stand beside them.

        Returns
        -------
        (rules, n) int64
            1 if the rule holds, 0 if that is undetermined, -1 if it is violated; in the order of the spec.

        Raises
        ------
        InputError
            If the table lacks a column.
        """
        lacking = sorted(self.columns - set(table.columns))
        if lacking:
            raise InputError(
                f"expected a table with the columns of the plan, but it lacks {', '.join(f'`{c}`' for c in lacking)}"
            )
        return judge(self.spec.program, table, explain=False).truths
