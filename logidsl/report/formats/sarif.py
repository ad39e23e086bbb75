"""SARIF 2.1.0, which code hosts and editors read: findings on pictures, or diagnostics of specs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from logidsl.diagnostics import Code, Diagnostic, catalogue
from logidsl.report.formats import Diagnosed, Stream, Style
from logidsl.report.model import BatchFinding, BatchReport, Finding, ImageReport
from logidsl.source import SourceSpan, Span
from logidsl.version import __version__

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "advice": "note"}
_START = f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{"results": ['


def render(stream: Stream, _style: Style) -> Iterator[str]:
    """Yield a result for each finding, at the picture; the clause of the spec is its related location. That of a batch
    lies at the clause, and the pictures of its objects are related.
    """
    rules: dict[str, None] = {}
    failures: list[dict[str, object]] = []
    yield _START
    separator = "\n"
    for image in stream.images:
        if image.verdict == "error":
            message = {"text": image.error or "cannot be judged"}
            failures.append({"level": "error", "message": message, "locations": [_location(image.path)]})
        for finding in image.findings:
            rules[finding.rule] = None
            yield separator + _json(_finding(image, finding))
            separator = ",\n"
    for batch in stream.batches:
        for finding in batch.findings:
            rules[finding.rule] = None
            yield separator + _json(_of_batch(batch, finding))
            separator = ",\n"
    yield _end([{"id": rule} for rule in rules], failures, stream.notes)


def diagnostics(specs: Iterable[Diagnosed]) -> Iterator[str]:
    """Yield a result for each diagnostic, then the codes that occur."""
    known = catalogue()
    codes: dict[str, None] = {}
    failures: list[dict[str, object]] = []
    yield _START
    separator = "\n"
    for spec in specs:
        if spec.failure:
            message = {"text": spec.failure}
            failures.append({"level": "error", "message": message, "locations": [_location(spec.path)]})
        for item in spec.items:
            codes[item.code] = None
            yield separator + _json(_diagnostic(spec.path, item) | _fixes(spec, item))
            separator = ",\n"
    yield _end([_rule(known[code]) for code in codes], failures)


def _end(rules: list[dict[str, object]], failures: list[dict[str, object]], notes: Iterable[str] = ()) -> str:
    said = [{"level": "note", "message": {"text": note}} for note in notes]
    invocation = {"executionSuccessful": not failures, "toolExecutionNotifications": [*failures, *said]}
    driver = {"name": "logidsl", "version": __version__, "rules": rules}
    rest = {"tool": {"driver": driver}, "invocations": [invocation], "columnKind": "unicodeCodePoints"}
    return "\n], " + _json(rest)[1:] + "]}\n"


def _finding(image: ImageReport, finding: Finding) -> dict[str, object]:
    related = [_location(finding.span.path, finding.span, "the clause")]
    return _result(finding) | {"locations": [_location(image.path)], "relatedLocations": related}


def _result(finding: Finding) -> dict[str, object]:
    about = {
        "label": finding.label,
        "kind": finding.kind,
        "expected": finding.expected,
        "measured": finding.measured,
        "margin": finding.margin,
        "boxes": [list(o.box) for o in finding.objects if o.box is not None],
    }
    return {
        "ruleId": finding.rule,
        "level": "error" if finding.verdict == "fail" else "warning",
        "message": {"text": finding.message},
        "properties": {key: value for key, value in about.items() if value is not None},
    }


def _of_batch(batch: BatchReport, finding: BatchFinding) -> dict[str, object]:
    pictures = dict.fromkeys(o.image for o in finding.objects if o.image is not None)
    clause = _location(finding.span.path, finding.span)
    result = _result(finding) | {"locations": [clause], "relatedLocations": [_location(p) for p in pictures]}
    about: object = result["properties"]
    assert isinstance(about, dict)
    return result | {"properties": about | {"batch": batch.batch} | ({"key": batch.key} if batch.key else {})}


def _diagnostic(path: str, item: Diagnostic) -> dict[str, object]:
    text = f"{item.message}; fix: {item.fix}" if item.fix else item.message
    result: dict[str, object] = {
        "ruleId": item.code,
        "level": _LEVELS[item.severity],
        "message": {"text": text},
        "locations": [_place(path, item.span)],
    }
    if item.other:
        result["relatedLocations"] = [_place(path, *item.other)]
    return result


def _fixes(spec: Diagnosed, item: Diagnostic) -> dict[str, object]:
    fixes = [
        {
            "description": {"text": fix.title},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": _uri(fix.span.source.path or spec.path)},
                    "replacements": [{"deletedRegion": region(fix.span), "insertedContent": {"text": fix.text}}],
                }
            ],
        }
        for fix in spec.fixes(item)
    ]
    return {"fixes": fixes} if fixes else {}


def _rule(code: Code) -> dict[str, object]:
    example = f"wrong:\n{code.wrong.strip()}\n\nright:\n{code.right.strip()}"
    return {
        "id": code.code,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.why},
        "help": {"text": example},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
    }


def _place(path: str, span: Span, words: str | None = None) -> dict[str, object]:
    return _location(span.source.path or path, span if span.source.text else None, words)


def _location(path: str, span: Span | SourceSpan | None = None, words: str | None = None) -> dict[str, object]:
    physical: dict[str, object] = {"artifactLocation": {"uri": _uri(path)}}
    if span is not None:
        physical["region"] = region(span)
    found: dict[str, object] = {"physicalLocation": physical}
    return found | {"message": {"text": words}} if words else found


def region(span: Span | SourceSpan) -> dict[str, object]:
    """A place in a text, with the end just after the last character, as SARIF has it, too."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _uri(path: str) -> str:
    """A path as a reference: relative to where the command ran, or absolute."""
    plain = path.encode("utf-8", "backslashreplace")
    if not Path(path).is_absolute():
        return quote(Path(plain.decode()).as_posix() or ".", safe="/")
    return Path(plain.decode()).as_uri()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
