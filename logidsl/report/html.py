"""A report as self-contained, escaped HTML, for light and dark pages: for notebooks, and the parts of whole pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from logidsl.diagnostics import counted
from logidsl.report.alike import shortened
from logidsl.report.formats import Style
from logidsl.report.formats.text import by_role, object_text, printable, span_lines
from logidsl.report.marks import Mark, MarkRole, marks
from logidsl.report.model import BatchReport, Document, Finding, ImageReport, SpecRef

MOST = 100  # images shown in a notebook; the summary counts all
MOST_PICTURES = 30  # of these with their picture, which notebooks keep
#: As in overlays, with absent objects dashed. The last is drawn on top.
_STROKE: dict[MarkRole, str] = {"cell": "#8a8a8a", "context": "#1e8ce6", "absent": "#e62828", "witness": "#e62828"}
TINT = {"pass": "#2e7d32", "fail": "#c62828", "review": "#9a6700", "error": "#7b1fa2"}
# Every colour is either the page's own or readable on both white and black.
CSS = (
    ".logidsl{font:14px/1.45 system-ui,sans-serif;color:inherit}"
    ".logidsl details{border:1px solid rgba(128,128,128,.4);border-radius:6px;margin:6px 0;padding:4px 10px}"
    ".logidsl summary{cursor:pointer;overflow-wrap:anywhere}"
    ".logidsl b.v{color:#fff;border-radius:4px;padding:1px 7px;font-weight:600}"
    ".logidsl table{border-collapse:collapse;margin:4px 0}"
    ".logidsl td{padding:1px 10px 1px 0;text-align:left;vertical-align:top;background:none}"
    ".logidsl td:first-child{opacity:.7}"
    ".logidsl svg{width:100%;max-width:640px;max-height:480px;margin:4px 0}"
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
    head = " ".join(badge(word, f"{n} {word}") for word, n in counts if n)
    shown = sorted(report.images, key=lambda i: i.verdict == "pass")[:MOST]
    style = Style(sources=report.sources)
    rest = len(report.images) - len(shown)
    more = f"<p>and {rest} more, not shown</p>" if rest else ""
    notes = notes_html(report.notes)
    pictures = [report.picture(i.path) if report.picture and n < MOST_PICTURES else None for n, i in enumerate(shown)]
    body = "".join(image_html(i, style, picture) for i, picture in zip(shown, pictures, strict=True))
    body += "".join(batch_html(b, style) for b in sorted(report.batches, key=lambda b: b.verdict == "pass")[:MOST])
    top = f"<style>{CSS}</style><p>{head} by spec {spec_html(report.spec)}</p>"
    return f'<div class="logidsl">{top}{body}{more}{notes}</div>'


def spec_html(spec: SpecRef) -> str:
    """The name of a spec, with its parameters."""
    given = ", ".join(f"{key} = {value}" for key, value in spec.parameters.items())
    return f"<b>{escape(spec.name or spec.path)}</b>{escape(f' with {given}' if given else '')}"


def notes_html(notes: Sequence[str]) -> str:
    """The notes of a report."""
    return "".join(f"<p>note: {escape(n)}</p>" for n in shortened(notes))


def badge(verdict: str, text: str) -> str:
    """A text in the colour of a verdict."""
    return f'<b class="v" style="background:{TINT[verdict]}">{escape(text)}</b>'


def image_html(image: ImageReport, style: Style, picture: str | None = None, *, open_: bool = True) -> str:
    """An image that unfolds.

    Parameters
    ----------
    image : ImageReport
    style : Style
        Has the texts of the spec.
    picture : str, optional
        Its picture as a `data:` address; findings are drawn on it.
    open_ : bool
        Whether what was found is shown at once.
    """
    return _unfolding(image, image.error or ", ".join(image.labels), _drawing(image, picture), style, open_)


def batch_html(batch: BatchReport, style: Style, *, open_: bool = True) -> str:
    """A batch that unfolds; as of `image_html`."""
    said = f"{', '.join(batch.labels)}, {counted(batch.pictures, 'picture')}"
    return _unfolding(batch.replaced(key=batch.key and printable(batch.key)), said, "", style, open_)


def _unfolding(image: ImageReport | BatchReport, said: str, drawn: str, style: Style, open_: bool) -> str:
    head = f"{badge(image.verdict, image.verdict)} {escape(image.path)} {escape(said)}"
    body = drawn + "".join(_finding(f, style) for f in image.findings)
    body += "".join(f"<p>note: {escape(n)}</p>" for n in image.notes)
    if image.verdict == "pass":
        return f"<details><summary>{head}</summary>{body or 'every rule holds'}</details>"
    if not body:
        return f"<p>{head}</p>"
    return f"<details{' open' if open_ else ''}><summary>{head}</summary>{body}</details>"


def _drawing(image: ImageReport, picture: str | None) -> str:
    """The outlines of a finding's objects, cells and regions; empty if no position is known."""
    found, known = marks(image), picture is not None and bool(image.size and all(image.size))
    if not found and not known:
        return ""
    return drawing(found, image.size, f"objects of the findings on {image.path}", picture if known else None)


def drawing(
    shown: Sequence[Mark],
    size: tuple[float, float] | None,
    label: str,
    picture: str | None = None,
    *,
    standalone: bool = False,
) -> str:
    """Outlines as SVG, the most important on top.

    Parameters
    ----------
    shown : sequence of Mark
        At least one, unless the size is known.
    size : (float, float), optional
        Width and height of the picture, px; without it as large as what is shown.
    label : str
        What it shows, for those who cannot see it.
    picture : str, optional
        The picture as a `data:` address, where its size is known; the outlines are drawn on it.
    standalone : bool
        Whether it is to be a file of its own.
    """
    drawn = sorted(shown, key=lambda m: [*_STROKE].index(m.role))
    corners = [corner for m in drawn for corner in m.corners]
    left, top, right, bottom = 0.0, 0.0, *(size or (0.0, 0.0))
    if not size or not right or not bottom:
        right, bottom = (max(v) for v in zip(*corners, strict=True))
        left, top = (min(v) for v in zip(*corners, strict=True))
    wide, high = max(right - left, 1.0), max(bottom - top, 1.0)
    text_px = max(wide, high) / 36
    frame = f'<rect x="{left:g}" y="{top:g}" width="{wide:g}" height="{high:g}" fill="none" stroke="#8a8a8a" '
    shapes = [frame + 'vector-effect="non-scaling-stroke"/>', *(_shape(m, text_px) for m in drawn)]
    if picture is not None:
        sides = f'width="{wide:g}" height="{high:g}" preserveAspectRatio="none"'
        shapes.insert(0, f'<image href="{escape(picture, quote=True)}" {sides}/>')
    view = f"{left - text_px:g} {top - text_px:g} {wide + 2 * text_px:g} {high + 2 * text_px:g}"
    about = f'role="img" aria-label="{escape(label, quote=True)}" viewBox="{view}"'
    if standalone:
        about += f' xmlns="http://www.w3.org/2000/svg" width="{min(wide, 800):g}" font-family="sans-serif"'
    return f"<svg {about}>{''.join(shapes)}</svg>"


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


def _finding(finding: Finding, style: Style) -> str:
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
    source = escape("\n".join(span_lines(finding.span, style)))
    return f"<p><b>{escape(finding.rule)}</b>: {escape(finding.message)}</p><table>{cells}</table><pre>{source}</pre>"
