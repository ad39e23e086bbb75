"""A report as self-contained, escaped HTML for notebooks, for light and dark pages."""

from __future__ import annotations

from html import escape

from logidsl.report.alike import shortened
from logidsl.report.formats import Style
from logidsl.report.formats.text import by_role, object_text, span_lines
from logidsl.report.marks import Mark, MarkRole, marks
from logidsl.report.model import Document, Finding, ImageReport

MOST = 100  # images shown; the summary counts all
#: As in overlays, with absent objects dashed. The last is drawn on top.
_STROKE: dict[MarkRole, str] = {"cell": "#8a8a8a", "context": "#1e8ce6", "absent": "#e62828", "witness": "#e62828"}
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
    ".logidsl svg{width:100%;max-width:480px;max-height:360px;margin:4px 0}"
    ".logidsl pre{background:rgba(128,128,128,.14);color:inherit;padding:6px 10px;border-radius:4px;overflow:auto}"
)


def page(report: Document) -> str:
    """The report as HTML: images that do not pass come first and open, in the order of the batch.

    Parameters
    ----------
    report : Document
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
    given = ", ".join(f"{key} = {value}" for key, value in report.spec.parameters.items())
    by = f"<b>{name}</b>{escape(f' with {given}' if given else '')}"
    body = "".join(_image(i, report) for i in shown)
    return f'<div class="logidsl"><style>{_CSS}</style><p>{head} by spec {by}</p>{body}{more}{notes}</div>'


def _badge(verdict: str, text: str) -> str:
    return f'<b class="v" style="background:{_TINT[verdict]}">{escape(text)}</b>'


def _image(image: ImageReport, report: Document) -> str:
    said = image.error or ", ".join(image.labels)
    head = f"{_badge(image.verdict, image.verdict)} {escape(image.path)} {escape(said)}"
    body = _drawing(image) + "".join(_finding(f, report) for f in image.findings)
    body += "".join(f"<p>note: {escape(n)}</p>" for n in image.notes)
    if not body:
        return f"<details><summary>{head}</summary>every rule holds</details>" if not image.error else f"<p>{head}</p>"
    return f"<details open><summary>{head}</summary>{body}</details>"


def _drawing(image: ImageReport) -> str:
    """The outlines of a finding's objects, cells and regions; empty if no position is known."""
    drawn = sorted(marks(image), key=lambda m: [*_STROKE].index(m.role))
    if not drawn:
        return ""
    corners = [corner for m in drawn for corner in m.corners]
    left, top, right, bottom = 0.0, 0.0, *(image.size or (0.0, 0.0))
    if not image.size or not right or not bottom:
        right, bottom = (max(v) for v in zip(*corners, strict=True))
        left, top = (min(v) for v in zip(*corners, strict=True))
    wide, high = max(right - left, 1.0), max(bottom - top, 1.0)
    text_px = max(wide, high) / 36
    frame = f'<rect x="{left:g}" y="{top:g}" width="{wide:g}" height="{high:g}" fill="none" stroke="#8a8a8a" '
    shapes = [frame + 'vector-effect="non-scaling-stroke"/>', *(_shape(m, text_px) for m in drawn)]
    label = escape(f"objects of the findings on {image.path}", quote=True)
    view = f"{left - text_px:g} {top - text_px:g} {wide + 2 * text_px:g} {high + 2 * text_px:g}"
    return f'<svg role="img" aria-label="{label}" viewBox="{view}">{"".join(shapes)}</svg>'


def _shape(mark: Mark, text_px: float) -> str:
    """One outline with its label beside its highest corner."""
    points = " ".join(f"{x:g},{y:g}" for x, y in mark.corners)
    dashes = ' stroke-dasharray="6 4"' if mark.role == "absent" else ""
    stroke, width = _STROKE[mark.role], 1 if mark.role == "cell" else 2
    drawn = f'<polygon points="{points}" fill="none" stroke="{stroke}" stroke-width="{width}"{dashes} '
    drawn += 'vector-effect="non-scaling-stroke"/>'
    if not mark.label:
        return drawn
    x, y = min(mark.corners, key=lambda p: (p[1], p[0]))
    place = f'x="{x:g}" y="{y - text_px / 4:g}" font-size="{text_px:g}"'
    return f'{drawn}<text {place} fill="{stroke}">{escape(mark.label)}</text>'


def _finding(finding: Finding, report: Document) -> str:
    listed = [(name, "; ".join(object_text(o) for o in items)) for name, items in by_role(finding.objects)]
    margin = f"{finding.margin:.3g}" if finding.margin is not None else None
    rows = [
        ("defect", finding.label),
        ("kind", finding.kind),
        ("verdict", "review" if finding.verdict == "review" else None),
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
