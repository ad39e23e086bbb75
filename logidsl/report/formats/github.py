"""Workflow commands of GitHub Actions: an annotation for what does not pass, an image or a batch, or for each
diagnostic.

GitHub shows ten errors and ten warnings of a step, so the findings of an image share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from logidsl.report.formats import Diagnosed, Stream, Style
from logidsl.report.formats.text import printable, summary_line
from logidsl.report.model import BatchReport, Finding, ImageReport, Summary, Verdict
from logidsl.source import Span

_LEVELS = {"error": "error", "warning": "warning", "advice": "notice"}


def render(stream: Stream, style: Style) -> Iterator[str]:
    """Yield a command for each image, and each batch, that does not pass, and the summary."""
    verdicts: list[Verdict] = []
    for image in stream.images:
        verdicts.append(image.verdict)
        if image.verdict != "pass":
            level = "warning" if image.verdict == "review" else "error"
            yield _command(level, _message(image), file=image.path, title=_title(image))
    for batch in stream.batches:
        if batch.verdict != "pass":
            level = "warning" if batch.verdict == "review" else "error"
            yield _command(level, _message(batch), title=f"{batch.path}: {_title(batch)}")
    for note in stream.notes:
        yield _command("notice", note, title="note")
    yield printable(summary_line(Summary.of(verdicts), stream, style)) + "\n"


def diagnostics(specs: Iterable[Diagnosed]) -> Iterator[str]:
    """Yield a command for each diagnostic of specs."""
    for spec in specs:
        if spec.failure:
            yield _command("error", spec.failure, file=spec.path, title="spec")
        for item in spec.items:
            message = item.message + (f"\nfix: {item.fix}" if item.fix else "")
            yield _command(_LEVELS[item.severity], message, **_place(spec, item.span), title=item.code)


def _place(spec: Diagnosed, span: Span) -> dict[str, object]:
    if not span.source.text:
        return {"file": spec.path}
    place: dict[str, object] = {"file": span.source.path or spec.path, "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # GitHub takes columns on a single line only
        place |= {"col": span.column, "endColumn": span.end_column}
    return place


def _title(image: ImageReport | BatchReport) -> str:
    return ", ".join(image.labels) or {"error": "cannot be judged"}.get(image.verdict, image.verdict)


def _message(image: ImageReport | BatchReport) -> str:
    return image.error or "\n".join(map(_line, image.findings)) or image.verdict


def _line(finding: Finding) -> str:
    span = finding.span
    return f"{finding.rule}: {finding.message} ({span.path}:{span.line})"


def _command(level: str, message: str, **properties: object) -> str:
    """A command on a line of its own, whatever is in the texts."""
    given = ",".join(f"{k}={_escaped(str(v)).replace(':', '%3A').replace(',', '%2C')}" for k, v in properties.items())
    lines = (_escaped(line) for line in message.split("\n"))
    return f"::{level} {given}::{'%0A'.join(lines)}\n"


def _escaped(text: str) -> str:
    return printable(text.replace("%", "%25"))
