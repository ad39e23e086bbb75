"""A report as a piece of HTML for notebooks: self-contained, escaped, at home on light and dark pages."""

from __future__ import annotations

from html import escape

from logidsl.report.alike import shortened
from logidsl.report.formats import Style
from logidsl.report.formats.text import by_role, object_text, span_lines
from logidsl.report.model import Finding, ImageReport, Report

MOST = 100  # images shown; the summary counts all
_TINT = {"pass": "#2e7d32", "fail": "#c62828", "review": "#9a6700", "error": "#7b1fa2"}
# Every colour is either the page's own or readable on both white and black.
_CSS = (
    ".logidsl{font:14px/1.45 system-ui,sans-serif;color:inherit}"
    ".logidsl details{border:1px solid rgba(128,128,128,.4);border-radius:6px;margin:6px 0;padding:4px 10px}"
    ".logidsl summary{cursor:pointer;overflow-wrap:anywhere}"
    ".logidsl b.v{color:#fff;border-radius:4px;padding:1px 7px;font-weight:600}"
    ".logidsl table{border-collapse:collapse;margin:4px 0}"
    ".logidsl td{padding:1px 10px 1px 0;text-align:left;vertical-align:top;background:none}"
    ".logidsl td:first-child{opacity:.7}"
    ".logidsl pre{background:rgba(128,128,128,.14);color:inherit;padding:6px 10px;border-radius:4px;overflow:auto}"
)


def page(report: Report) -> str:
    """The report as HTML: non-passing images first open, in the order of the batch.

    Parameters
    ----------
    report : Report
        Any report, an empty one too.
    """
    s = report.summary
    counts = (("pass", s.pass_), ("fail", s.fail), ("review", s.review), ("error", s.error))
    head = " ".join(_badge(word, f"{n} {word}") for word, n in counts if n)
    shown = sorted(report.images, key=lambda i: i.verdict == "pass")[:MOST]
    rest = len(report.images) - len(shown)
    more = f"<p>and {rest} more, not shown</p>" if rest else ""
    notes = "".join(f"<p>note: {escape(n)}</p>" for n in shortened(report.notes))
    name = escape(report.spec.name or report.spec.path)
    body = "".join(_image(i, report) for i in shown)
    return f'<div class="logidsl"><style>{_CSS}</style><p>{head} by spec <b>{name}</b></p>{body}{more}{notes}</div>'


def _badge(verdict: str, text: str) -> str:
    return f'<b class="v" style="background:{_TINT[verdict]}">{escape(text)}</b>'


def _image(image: ImageReport, report: Report) -> str:
    said = image.error or ", ".join(image.labels)
    head = f"{_badge(image.verdict, image.verdict)} {escape(image.path)} {escape(said)}"
    body = "".join(_finding(f, report) for f in image.findings) + "".join(
        f"<p>note: {escape(n)}</p>" for n in image.notes
    )
    if not body:
        return f"<details><summary>{head}</summary>every rule holds</details>" if not image.error else f"<p>{head}</p>"
    return f"<details open><summary>{head}</summary>{body}</details>"


def _finding(finding: Finding, report: Report) -> str:
    listed = [(name, "; ".join(object_text(o) for o in items)) for name, items in by_role(finding.objects)]
    margin = f"{finding.margin:.3g}" if finding.margin is not None else None
    rows = [
        ("defect", finding.label),
        ("kind", finding.kind),
        ("expected", finding.expected),
        ("found", finding.measured),
        *listed,
        ("margin", margin),
        ("because", finding.reason),
        *(("repair", r.text) for r in finding.repairs),
    ]
    cells = "".join(f"<tr><td>{n}</td><td>{escape(v)}</td></tr>" for n, v in rows if v)
    source = escape("\n".join(span_lines(finding.span, Style(sources=report.sources))))
    return f"<p><b>{escape(finding.rule)}</b>: {escape(finding.message)}</p><table>{cells}</table><pre>{source}</pre>"
