"""The phases in order: spec -> program, pictures -> table, program and table -> verdicts -> report.

Start reading here. Each phase is one call into one package, and what passes between them are the plain
data of `syntax.ast`, `ir`, `table`, `verdicts` and `report.model`. May import everything but the command
line; the packages that take long to load are imported where they are first needed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl import program_cache
from logidsl.diagnostics import Bag, Diagnostic, InputError, NoSpecError, SpecError
from logidsl.files import file_errors
from logidsl.garbage import no_collections
from logidsl.ir import Program
from logidsl.layouts import with_places
from logidsl.program_cache import Compiled
from logidsl.report.report import Report
from logidsl.seeing import PATIENCE_S, UNDISTURBED, Course, Input, printable, see_each
from logidsl.source import Source
from logidsl.syntax.spec_files import read_source
from logidsl.table import ObjectTable, Unreadable, concatenate
from logidsl.workers import Progress

if TYPE_CHECKING:
    from logidsl.eval.over_batches import BatchJudge
    from logidsl.picture_facts import PictureFacts
    from logidsl.report.model import BatchReport
    from logidsl.syntax import ast

MAX_FINDINGS = 100  # of one clause on one picture
BATCH = 500  # pictures judged at once while results are streamed


@dataclass(frozen=True)
class Detail:
    """How much a report says.

    Parameters
    ----------
    most : int, optional
        How many findings of a clause on an image are made; the others are counted in a note. None for all.
    scores : bool
        Whether each image has a score.
    repairs : int, optional
        For how many findings, in the order of the report, repairs are worked out: image by image, and none from the
        first image on that has more findings than are left. None for all.
    unnamed : Counter, optional
        Where objects of classes that the spec does not name are counted, for a run of several reports; without it
        each report has a note.
    seen : callable, optional
        Given each table that is judged, before it is.
    batches : BatchJudge, optional
        Takes each table that is judged, for the rules over several pictures; without it a note says that these are not
        judged.
    """

    most: int | None = MAX_FINDINGS
    scores: bool = False
    repairs: int | None = 0
    unnamed: Counter[str] | None = None
    seen: Callable[[ObjectTable], None] | None = None
    batches: BatchJudge | None = None

    def after(self, made: Report) -> Detail:
        """What is left of it after a report."""
        if not self.repairs:
            return self
        return replace(self, repairs=max(0, self.repairs - sum(len(i.findings) for i in made.images)))


def read_spec(path: Path | str) -> Source:
    """The text of a spec file.

    Raises
    ------
    NoSpecError
        If there is no such file, or it is not text.
    """
    try:
        return read_source(path)
    except InputError as error:
        raise NoSpecError(str(error)) from None


def compile_spec(
    spec: Path | str | Source,
    params: Mapping[str, str] | None = None,
    bag: Bag | None = None,
    read_file: Callable[[str], Source] = read_source,
    *,
    layouts: bool = True,
) -> Program:
    """Parse and check a spec.

    Parameters
    ----------
    spec : path or Source
        A file, or a text with its name.
    params : mapping of str to str, optional
        Values of parameters as they would be written in the spec: `{"max_gap": "12 px"}`.
    bag : Bag, optional
        Takes the warnings; without it they are not looked for.
    read_file : callable
        Returns the text of a file that the spec names, or raises InputError.
    layouts : bool
        Whether the files of its layouts are read; without them nothing can be judged by one.

    Raises
    ------
    SpecError
        If anything is wrong; it holds every diagnostic, in the order of the source.
    """
    from logidsl.syntax.read import read

    source = spec if isinstance(spec, Source) else read_spec(spec)
    with no_collections():
        file, said = read(source)
        try:
            program = compile_file(file, said, params, read_file, layouts=layouts)
        finally:
            if bag is not None:
                bag.extend(said.items)
    if bag is not None:
        from logidsl.lint import lint

        bag.extend(lint(program, file, read_file))
    return program


def compile_cached(source: Source, params: Mapping[str, str], *, warn: bool = False, layouts: bool = True) -> Compiled:
    """The program of a spec: from the cache, or compiled and kept there.

    Parameters
    ----------
    source : Source
        The spec.
    params : mapping of str to str
        Values of parameters, as for `compile_spec`.
    warn : bool
        Whether to look for warnings, which are then counted.
    layouts : bool
        Whether the files of its layouts are read, anew each time.

    Raises
    ------
    SpecError
        As `compile_spec` does.
    """
    made = _compiled(source, params, warn)
    return made._replace(program=with_places(made.program, source)) if layouts and made.program.layouts else made


def _compiled(source: Source, params: Mapping[str, str], warn: bool) -> Compiled:
    key = program_cache.key_of(source, params)
    found = program_cache.load(key, read_source)
    if found is not None and (found.warnings is not None or not warn):
        return found
    files: dict[str, str] = {}

    def read_noted(path: str) -> Source:
        noted = read_source(path)
        files[path] = program_cache.digest_of(noted)
        return noted

    bag = Bag() if warn else None
    program = compile_spec(source, params, bag, read_noted, layouts=False)
    made = Compiled(program, None if bag is None else sum(d.severity == "warning" for d in bag.items), files)
    program_cache.store(key, made)
    return made


def compile_file(
    file: ast.File,
    said: Bag,
    params: Mapping[str, str] | None = None,
    read_file: Callable[[str], Source] = read_source,
    *,
    layouts: bool = True,
) -> Program:
    """Check a spec that was parsed, which `said` holds the diagnostics of; see `compile_spec`."""
    from logidsl.check import check

    program = check(file, said, params or {}, read_file)
    if program is None or not said.ok:
        raise SpecError(said.sorted())
    return with_places(program, file.span.source) if layouts else program


def lint_spec(spec: Path | str | Source, params: Mapping[str, str] | None = None) -> list[Diagnostic]:
    """Mistakes of a spec, or, where it has none, warnings and advice about it, in the order of the source.

    Parameters
    ----------
    spec : path or Source
        A file, or a text with its name.
    params : mapping of str to str, optional
        Values of parameters, as for `compile_spec`.

    Raises
    ------
    NoSpecError
        If there is no such file, or it is not text.
    """
    from logidsl.check import check
    from logidsl.lint import lint
    from logidsl.syntax.read import read

    file, said = read(spec if isinstance(spec, Source) else read_spec(spec))
    program = check(file, said, params or {}, read_source)
    if program is None or not said.ok:
        return said.sorted()
    try:
        with_places(program, file.span.source)
    except SpecError as error:
        return error.diagnostics
    return [*said.sorted(), *lint(program, file, read_source, advice=True)]


def local_files(spec: Path, names: list[Path]) -> dict[str, bytes]:
    """The files of a local spec, to be judged elsewhere: by their paths relative to its folder.

    Raises
    ------
    InputError
        If one lies elsewhere or cannot be read.
    """
    folder, found = spec.parent.resolve(), dict[str, bytes]()
    for path in names:
        if not path.is_file():
            continue
        if not path.resolve().is_relative_to(folder):
            raise InputError(
                f"{path} does not lie in the folder of {spec}: files that are sent together must lie in one folder"
            )
        with file_errors(path, "read"):
            found[path.resolve().relative_to(folder).as_posix()] = path.read_bytes()
    return found


def see(
    program: Program,
    inputs: Sequence[Input],
    jobs: int | None = 1,
    on_progress: Progress | None = None,
    unreadable: Unreadable = "keep",
) -> ObjectTable:
    """Extract the objects of all inputs into one table; what cannot be used is one of its problems.

    Parameters
    ----------
    program : Program
        Says how objects are seen.
    inputs : sequence of Path, Picture or Problem
        Files of pictures or annotations, pictures in memory; see `seeing.gather`.
    jobs : int, optional
        How many processes; None for as many as are worth it.
    on_progress : callable, optional
        Told how many inputs of how many are done.
    unreadable : {"keep", "skip"}
        What becomes of entries of a file that could not be read: each an uncertain object, or nothing.
    """
    return concatenate(list(see_each(program, inputs, jobs, on_progress, unreadable)))


def report(program: Program, table: ObjectTable, detail: Detail = Detail()) -> Report:
    """Judge a table and say what was found.

    Parameters
    ----------
    program : Program
        The rules.
    table : ObjectTable
        The objects; its problems become images of verdict `error`.
    detail : Detail, optional
        How much the report says.
    """
    from logidsl.report.build import unnamed, unnamed_note

    table = printable(table)
    if detail.seen is not None:
        detail.seen(table)
    made = _report(program, table, detail, repairs=detail.repairs is None)
    found, left = [], detail.repairs or 0
    for i, image in enumerate(made.images[: len(table.images)]):
        left -= len(image.findings)
        if left < 0:
            break
        if image.findings:
            found.append(i)
    if found:
        again = _report(program, table.take_images(found), detail, repairs=True)
        for i, image in zip(found, again.images, strict=False):
            made.images[i] = image
    counts = unnamed(program, table)
    if detail.batches is not None:
        detail.batches.add(table)
    else:
        made.notes.extend(not_over_several(program))
    if detail.unnamed is None:
        made.notes.extend(unnamed_note(counts))
    else:
        detail.unnamed.update(counts)
    return made


def not_over_several(program: Program) -> list[str]:
    """A note on rules over several pictures where pictures are judged one by one; nothing in a spec without any."""
    if not program.batch_rules:
        return []
    names = ", ".join(f"`{rule.name}`" for rule in program.batch_rules)
    return [f"rules over several pictures are not judged here, but by `logidsl check`: {names}"]


def batches_of(judge: BatchJudge) -> list[BatchReport]:
    """The verdicts on all batches of the tables that a judge was given.

    Raises
    ------
    InputError
        If no picture says which batch it belongs to.
    """
    from logidsl.report.batches import batch_reports

    return batch_reports(judge.finish())


def facts_of(path: Path | str | None, program: Program, more: Sequence[str] = ()) -> PictureFacts | None:
    """What a table says of pictures: the columns by which the batches of a program are known, or `more`.

    Raises
    ------
    InputError
        If it cannot be read, or has none of these columns.
    """
    if path is None:
        return None
    from logidsl.extract import read_picture_facts

    facts, wanted = read_picture_facts(Path(path)), dict[str, str]()
    for batch in program.batches:
        wanted.setdefault(batch.column or "", f"by which `{batch.name}` is known")
    for view in program.views:
        wanted.setdefault(view.column or "", f"by which `{view.name}` is known")
    for batch in program.batches:
        wanted.setdefault(batch.order or "", f"by which the pictures of `{batch.name}` are ordered")
    wanted = {name: use for name, use in wanted.items() if name} | dict.fromkeys(more, "where pictures belong")
    if not wanted:
        raise InputError(f"{path}: no batch or view of the spec is known by a column, so that no table is needed")
    facts.require(wanted)
    return facts


def judge_of_batches(program: Program, facts: PictureFacts | None = None) -> BatchJudge | None:
    """What judges the rules over several pictures, by what is said beside these; None in a spec without any."""
    if not program.batch_rules:
        return None
    from logidsl.eval.over_batches import BatchJudge

    return BatchJudge(program, facts)


def _report(program: Program, table: ObjectTable, detail: Detail, *, repairs: bool) -> Report:
    from logidsl.eval import judge
    from logidsl.report.build import build

    judgement = judge(program, table, scores=detail.scores, repairs=repairs, most=detail.most)
    return build(program, table, judgement)


def empty_report(program: Program) -> Report:
    """The report of no picture."""
    return report(program, concatenate([]), Detail(batches=judge_of_batches(program)))


def report_of(program: Program, tables: Sequence[ObjectTable], detail: Detail = Detail()) -> Report:
    """The report of several tables, with pictures and problems in the order of the tables."""
    table = concatenate(tables)
    made = report(program, table, detail)
    judged, failed = iter(made.images[: len(table.images)]), iter(made.images[len(table.images) :])
    images = [
        i.of(t.origin) for t in tables for i in (*islice(judged, len(t.images)), *islice(failed, len(t.problems)))
    ]
    return made.replaced(images=images)


def stream(
    program: Program,
    inputs: Sequence[Input],
    jobs: int | None = 1,
    on_progress: Progress | None = None,
    unreadable: Unreadable = "keep",
    detail: Detail = Detail(),
    course: Course = UNDISTURBED,
    on_judged: Callable[[Sequence[ObjectTable], Report], None] = lambda _tables, _report: None,
) -> Iterator[Report]:
    """Yield reports of the inputs in order, batch by batch, as they become known.

    A picture alone is judged as in any batch, so the parts make the whole. When the course is stopped, what
    was extracted until then is still judged. `on_judged` is called with the tables of each batch and their report.
    """
    batch: list[ObjectTable] = []
    judged_s = time.monotonic()
    with closing(see_each(program, inputs, jobs, on_progress, unreadable, course)) as tables:
        for table in tables:
            batch.append(table)
            if len(batch) >= BATCH or time.monotonic() - judged_s > PATIENCE_S or course.stopped():
                made = report_of(program, batch, detail)
                detail = detail.after(made)
                on_judged(batch, made)
                yield made
                batch, judged_s = [], time.monotonic()
            if course.stopped():
                break
    if batch:
        made = report_of(program, batch, detail)
        on_judged(batch, made)
        yield made
