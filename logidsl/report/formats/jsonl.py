"""The report as lines of JSON: one for each image, written as soon as the image is judged.

Every line names the spec, so that lines are self-contained when the file is filtered, cut or appended to. There is no
header or summary; `#/$defs/ImageLine` of `docs/report.schema.json` describes a line. Batches, known at the end, have
a line each, a `#/$defs/BatchLine`.
"""

from __future__ import annotations

from collections.abc import Iterator

from logidsl.records import fields_of, json_line
from logidsl.report.formats import Stream, Style


def render(stream: Stream, _style: Style) -> Iterator[str]:
    """Yield a line for each image, then for each batch."""
    head = {"logidsl": stream.logidsl, "spec": stream.spec}
    for image in stream.images:
        name, digest = image.origin
        yield json_line({**fields_of(image), **head, "input": name, "digest": digest}) + "\n"
    for batch in stream.batches:
        yield json_line({**fields_of(batch), **head}) + "\n"
