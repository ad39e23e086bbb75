"""Findings as rows of a table, with a row for each image or batch that has none."""

from __future__ import annotations

from collections.abc import Iterator

from logidsl.report.formats.text import object_text
from logidsl.report.model import BatchReport, ImageReport, SpecRef


def finding_rows(image: ImageReport | BatchReport, spec: SpecRef) -> Iterator[dict[str, object]]:
    """The rows of an image, or of a batch, whose `path` is its name and its key; the keys are those of the JSON report,
    `None` is a missing value.
    """
    head = {"path": image.path, "verdict": image.verdict, "labels": list(image.labels), "score": image.score}
    tail = {"error": image.error, "spec": spec.name or spec.path}
    if not image.findings:
        yield head | dict.fromkeys(_OF_FINDING) | tail
    for finding in image.findings:
        row: dict[str, object] = {name: getattr(finding, name) for name in _OF_FINDING[:-4]}
        row |= {"objects": [object_text(o) for o in finding.objects], "repairs": [r.text for r in finding.repairs]}
        row |= {"source": finding.span.path, "line": finding.span.line}
        yield head | row | tail


_OF_FINDING = (
    *("rule", "kind", "truth", "label", "severity", "message", "expected", "measured", "margin", "reason"),
    *("objects", "repairs", "source", "line"),
)
#: The names of all columns.
COLUMNS = ("path", "verdict", "labels", "score", *_OF_FINDING, "error", "spec")
