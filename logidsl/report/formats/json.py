"""The report as one JSON document, as `docs/report.schema.json` describes it."""

from __future__ import annotations

from collections.abc import Iterator

from logidsl.report.formats import Stream, Style
from logidsl.report.model import Document, Summary


def render(stream: Stream, _style: Style) -> Iterator[str]:
    """Yield the whole document after the last image."""
    images = list(stream.images)
    report = Document(
        logidsl=stream.logidsl,
        spec=stream.spec,
        images=images,
        summary=Summary.of(i.verdict for i in images),
        notes=list(stream.notes),
        batches=list(stream.batches),
    )
    yield report.to_json(indent=2) + "\n"
