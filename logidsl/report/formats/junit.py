"""JUnit XML: a suite by the name of the spec, with a test case for each image and each batch.

An image that fails, or asks for review, is a failure, whose type is the label or `review`; one that cannot be judged is
an error. The counts stand before the cases, which are kept in a temporary file until then.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from logidsl.report.formats import Stream, Style
from logidsl.report.formats.text import image_lines
from logidsl.report.model import BatchReport, ImageReport, Summary, Verdict

_PIECE = 1 << 16  # characters that are written at once
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(stream: Stream, style: Style) -> Iterator[str]:
    """Yield the document after the last image."""
    verdicts: list[Verdict] = []
    suite = stream.spec.name or stream.spec.path
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as cases:
        for judged in stream.judged():
            verdicts.append(judged.verdict)
            cases.write(_case(judged, suite, style))
        yield _head(Summary.of(verdicts), suite, stream)
        cases.seek(0)
        while piece := cases.read(_PIECE):
            yield piece
    notes = f"<system-out>{_text(chr(10).join(stream.notes))}</system-out>\n" if stream.notes else ""
    yield f"{notes}</testsuite>\n</testsuites>\n"


def _head(counts: Summary, suite: str, stream: Stream) -> str:
    total = counts.pass_ + counts.fail + counts.review + counts.error
    said = f'tests="{total}" failures="{counts.fail + counts.review}" errors="{counts.error}"'
    about = {"logidsl": stream.logidsl, "spec": stream.spec.path, "hash": stream.spec.hash, **stream.spec.parameters}
    properties = "".join(f"<property name={_quoted(k)} value={_quoted(v)}/>" for k, v in about.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="logidsl" {said}>\n'
        f'<testsuite name={_quoted(suite)} {said} skipped="0">\n<properties>{properties}</properties>\n'
    )


def _case(image: ImageReport | BatchReport, suite: str, style: Style) -> str:
    head = f"<testcase name={_quoted(image.path)} classname={_quoted(suite)}"
    if isinstance(image, ImageReport):
        head += f" file={_quoted(image.path)}"
    if image.verdict == "pass":
        return f"{head}/>\n"
    kind = "error" if image.verdict == "error" else "failure"
    labels = ", ".join(image.labels)
    first = image.error or next((f.message for f in image.findings), image.verdict)
    said = f"message={_quoted(first)} type={_quoted(labels if image.verdict == 'fail' and labels else image.verdict)}"
    return f"{head}><{kind} {said}>{_text(chr(10).join(image_lines(image, style)))}</{kind}></testcase>\n"


def _quoted(text: str) -> str:
    """An attribute's value in quotes."""
    return quoteattr(_allowed(text))


def _text(text: str) -> str:
    """A text between tags."""
    return escape(_allowed(text), {"\r": "&#13;"})


def _allowed(text: str) -> str:
    """A text with characters that XML cannot hold as Python escapes them."""
    return _NOT_XML.sub(lambda m: m[0].encode("unicode_escape").decode(), text)
