"""One HTML page with the pictures in it: findings drawn on them, and a filter. It loads nothing from elsewhere.

Images are written as they come; the page shows the summary first. What does not pass is unfolded, and has its picture,
up to `MOST_PICTURES`; of what passes, a few pictures show what is good.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from logidsl.report.formats import Stream, Style
from logidsl.report.formats.text import printable
from logidsl.report.html import CSS, TINT, badge, batch_html, image_html, notes_html, spec_html
from logidsl.report.model import ImageReport, Summary, Verdict

MOST_PICTURES = 400
MOST_GOOD_PICTURES = 20
MOST_UNFOLDED = 2000  # images that do not pass; the others are a line
MOST_MARKS = 200  # findings of an image that are written out
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_PAGE_CSS = (
    "body{margin:0}main{display:flex;flex-direction:column;max-width:70em;margin:auto;padding:0 1em 2em}"
    ".logidsl .top{order:-1;position:sticky;top:0;background:Canvas;padding:.6em 0;z-index:1}"
    ".logidsl h1{font-size:1.3em;margin:0 0 .3em}.logidsl .top label{margin-right:1em;cursor:pointer}"
    ".logidsl input[type=search]{font:inherit;width:min(100%,24em)}"
    ".logidsl .i{content-visibility:auto;contain-intrinsic-size:auto 2.2em}.logidsl [hidden]{display:none}"
    ":root{color-scheme:light dark}"
)
# Without a script the page is whole, only unfiltered.
_SCRIPT = (
    "const q=document.querySelector('input[type=search]'),b=[...document.querySelectorAll('input[type=checkbox]')],"
    "r=[...document.querySelectorAll('.i')],n=document.querySelector('output');"
    "const f=()=>{const v=new Set(b.filter(x=>x.checked).map(x=>x.value)),t=q.value.toLowerCase();let k=0;"
    "for(const x of r){const s=v.has(x.dataset.v)&&(!t||x.textContent.toLowerCase().includes(t));"
    "x.hidden=!s;k+=s}n.textContent=k+' shown'};"
    "for(const x of [q,...b])x.addEventListener('input',f);f()"
)


def render(stream: Stream, style: Style) -> Iterator[str]:
    """Yield the head of the page, each image, and at last the summary, which the page shows first."""
    title = f"{stream.spec.name or stream.spec.path}: checked pictures"
    yield (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)}</title><style>{CSS}{_PAGE_CSS}</style></head><body><main class="logidsl">\n'
    )
    verdicts: list[Verdict] = []
    shown = {"good": 0, "other": 0}
    left_out = unfolded = 0
    for image in stream.images:
        verdicts.append(image.verdict)
        kind, most = ("good", MOST_GOOD_PICTURES) if image.verdict == "pass" else ("other", MOST_PICTURES)
        picture = None
        if style.picture and image.verdict != "error":
            if shown[kind] < most:
                picture = style.picture(image.path)
                shown[kind] += picture is not None
            else:
                left_out += 1
        unfolded += image.verdict != "pass"
        body = _image(image, style, picture, unfolded <= MOST_UNFOLDED)
        yield f'<div class="i" data-v="{image.verdict}">{body}</div>\n'
    for batch in stream.batches:
        verdicts.append(batch.verdict)
        unfolded += batch.verdict != "pass"
        body = batch_html(batch.replaced(findings=batch.findings[:MOST_MARKS]), style, open_=unfolded <= MOST_UNFOLDED)
        yield f'<div class="i" data-v="{batch.verdict}">{body}</div>\n'
    notes = list(stream.notes)
    if left_out:
        what = f"the pictures of {left_out:,} images are left out: this page shows up to {MOST_PICTURES} of those"
        notes.append(f"{what} that do not pass, and {MOST_GOOD_PICTURES} others; --overlay writes all")
    yield _top(title, stream, Summary.of(verdicts), notes) + f"</main><script>{_SCRIPT}</script></body></html>\n"


def _image(image: ImageReport, style: Style, picture: str | None, whole: bool) -> str:
    findings = image.findings[: MOST_MARKS if whole else 0]
    cut = len(image.findings) - len(findings)
    notes = [*image.notes, f"{cut} more findings, not shown here"] if cut else list(image.notes)
    name = printable(image.path)
    return image_html(image.replaced(path=name, findings=findings, notes=notes), style, picture, open_=whole)


def _top(title: str, stream: Stream, summary: Summary, notes: list[str]) -> str:
    counts = {"pass": summary.pass_, "fail": summary.fail, "review": summary.review, "error": summary.error}
    passing = not (summary.fail or summary.review or summary.error)
    boxes = [
        f'<label><input type="checkbox" value="{verdict}"{" checked" if verdict != "pass" or passing else ""}> '
        f"{badge(verdict, f'{counts[verdict]:,} {verdict}')}</label>"
        for verdict in TINT
        if counts[verdict]
    ]
    search = '<input type="search" placeholder="picture, defect, rule" aria-label="filter">'
    return (
        f'<div class="top"><h1>{escape(title)}</h1><p>{"".join(boxes)}{search} <output></output></p>'
        f"<p>spec {spec_html(stream.spec)}, logidsl {escape(stream.logidsl)}</p>{notes_html(notes)}</div>"
    )
