"""Reports of batches: the verdicts of rules over several pictures, one for each batch.

The way of a batch: `eval.over_batches.BatchJudge(program)` takes the tables of a run, `add(table)`, as they become
known; its `finish()` yields `verdicts.BatchJudgement`s, and `batch_reports` makes a `model.BatchReport` of each batch:
`batch` and `key`, `verdict`, `labels`, how many `pictures`, `findings` whose `objects` say which `image` they are in,
and `notes`. `pipeline.Detail(batches=judge)` adds each table that is judged; `pipeline.batches_of(judge)` is the end.
"""

from __future__ import annotations

from collections.abc import Iterable

from logidsl.report.build import build
from logidsl.report.model import WORST_FIRST, BatchFinding, BatchReport, Finding, MemberRef, ObjectRef
from logidsl.verdicts import BatchJudgement


def batch_reports(judged: Iterable[BatchJudgement]) -> list[BatchReport]:
    """What is said of each batch, in the order of the spec and of their keys.

    Parameters
    ----------
    judged : iterable of BatchJudgement
        Several of one batch, as of all its pictures and of the last ones, give one report.
    """
    found: dict[tuple[str, str], BatchReport] = {}
    for some in judged:
        whole = some.batch.column is None and some.batch.path is None
        report = build(some.judgement.program, some.judgement.table, some.judgement)
        for image, pictures, notes in zip(report.images, some.pictures, some.notes, strict=True):
            made = BatchReport(
                batch=some.batch.name,
                key=None if whole else image.path,
                verdict=image.verdict,
                labels=image.labels,
                pictures=pictures,
                findings=[_finding(f) for f in image.findings],
                notes=[*image.notes, *notes],
            )
            name = some.batch.name, image.path
            found[name] = _both(found[name], made) if name in found else made
    order = {name: k for k, name in enumerate(dict.fromkeys(batch for batch, _ in found))}
    return [found[name] for name in sorted(found, key=lambda n: order[n[0]])]


def _both(a: BatchReport, b: BatchReport) -> BatchReport:
    """What is said of one batch, as a whole and of its last pictures."""
    labels = [name for name in dict.fromkeys([*a.labels, *b.labels]) if name != "normal"]
    return a.replaced(
        verdict=next(v for v in WORST_FIRST if v in (a.verdict, b.verdict)),
        labels=labels or ["normal"],
        findings=[*a.findings, *b.findings],
        notes=list(dict.fromkeys([*a.notes, *b.notes])),
    )


def _finding(f: Finding) -> BatchFinding:
    values = {name: getattr(f, name) for name in f.fields}
    return BatchFinding(**values | {"objects": [_member(o) for o in f.objects]})


def _member(o: ObjectRef) -> MemberRef:
    if isinstance(o, MemberRef):
        return o
    return MemberRef(**{name: getattr(o, name) for name in o.fields})
