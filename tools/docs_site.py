"""Hooks of MkDocs: what the documentation site shows besides `docs/`, and how its Markdown is made to suit MkDocs.

The first page is the README; the gallery shows each spec with its sentences, the scenes of its tests and, where they
can be rendered here, pictures, all judged while the site is built. Links to files that are not pages become their text.
"""

from __future__ import annotations

import base64
import os
import re
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from mkdocs.structure.files import File, Files

import logidsl
from examples.coins import write_coins
from examples.render import write_variants
from logidsl import ir
from logidsl.report.formats import Style
from logidsl.report.html import CSS, image_html
from logidsl.report.model import ImageReport
from logidsl.scenes import run_test, scene
from logidsl.table import BOX
from logidsl.thumbnails import thumbnails

CHECKOUT = Path(__file__).resolve().parent.parent
#: Pages from outside `docs/`, by the name that the site gives them.
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
FIRST = ("index.md", "guide.md", "studio.md", "gallery.md", "language.md", "command-line.md", "diagnostics.md")
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")
_FENCE = re.compile(r"^( *)(`{3,})(\w+)[^\n`]*$")
_NUMBERED = re.compile(r"^\d+\. ")


def slug(title: str, _separator: str) -> str:
    """The anchor of a heading, as code hosts form it."""
    plain = re.sub(r"<[^>]*>", "", title)
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages from elsewhere, and the gallery."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(CHECKOUT / source).read_text("utf-8")))
    files.append(File.generated(config, "gallery.md", content="".join(gallery())))
    files.append(File.generated(config, "gallery.css", content=CSS))
    config["extra_css"] = ["gallery.css"]
    pages = sorted(f.src_uri for f in files if f.is_documentation_page())
    top = [p for p in pages if "/" not in p]
    rest = [p for p in top if p not in (*FIRST, "contributing.md", "implementation.md", "changelog.md")]
    decisions = {"Decisions": sorted((p for p in pages if p.startswith("decisions/")), key=lambda p: "README" not in p)}
    config["nav"] = [*FIRST, *rest, "contributing.md", "implementation.md", decisions, "changelog.md"]
    return files


def on_page_markdown(markdown: str, page: Any, files: Files, **_: Any) -> str:
    """Rewrite links to what lies outside, code blocks with options, and the indents of numbered lists."""
    source = next((s for s, name in PAGES.items() if name == page.file.src_uri), f"docs/{page.file.src_uri}")
    lines, fence, numbered = list[str](), "", False
    for line in markdown.split("\n"):
        numbered = bool(_NUMBERED.match(line)) or (numbered and (not line.strip() or line.startswith("   ")))
        if numbered and line.startswith("   "):
            line = f" {line}"
        opening = _FENCE.match(line)
        if opening and not fence:
            fence, line = opening[2], opening[1] + opening[2] + opening[3]
        elif fence and line.strip() == fence:
            fence = ""
        elif not fence:
            line = _LINK.sub(lambda m: _link(m, source, page.file.src_uri, files), line)
        lines.append(line)
    return "\n".join(lines)


def _link(found: re.Match[str], source: str, page: str, files: Files) -> str:
    """A link of a file in the checkout, on a page of the site; only its text where it leads out of the site."""
    mark, text, target, anchor = found[1], found[2], found[3], found[4] or ""
    if re.match(r"[a-z]+:", target):
        return found[0]
    path = os.path.normpath(os.path.join(os.path.dirname(source), target))  # noqa: PTH118, PTH120
    name = PAGES.get(path, path.removeprefix("docs/"))
    if path == "specs":
        name = "gallery.md"
    if (path not in PAGES and path != "specs" and not path.startswith("docs/")) or not files.get_file_from_path(name):
        return text
    return f"{mark}[{text}]({os.path.relpath(name, os.path.dirname(page) or '.')}{anchor})"  # noqa: PTH120


def gallery() -> Iterator[str]:
    """The page of specs with their scenes and pictures, as Markdown."""
    yield "# Gallery\n\nThe specs that come with logidsl. What is shown was judged when this page was built.\n"
    with tempfile.TemporaryDirectory() as folder:
        trays = write_variants(Path(folder) / "trays")
        pictures = {"pushpins": trays, "coins": [write_coins(Path(folder) / "coins.png")]}
        for path in sorted((CHECKOUT / "specs").glob("*.logic")):
            yield from _spec(path, pictures.get(path.stem, []))


def _spec(path: Path, pictures: list[Path]) -> Iterator[str]:
    spec = logidsl.load(path)
    style = Style(sources={spec.path: spec.source.text})
    yield f"\n## {path.stem}\n\n{escape(spec.program.about or '')}\n\n```logic\n{spec.source.text.rstrip()}\n```\n\n"
    sentences = "".join(f"<li>{escape(s.sentence)}</li>" for s in spec.describe() if s.kind != "test")
    yield _html(f"<details><summary>In plain English</summary><ul>{sentences}</ul></details>")
    for test in spec.program.tests:
        if test.file is None:
            outcome = run_test(spec.program, test, path.parent)
            if outcome.image is not None:
                yield _html(image_html(outcome.image, style, _scene(spec.program, test), open_=False))
    shown = thumbnails(spec.program)
    for picture in pictures:
        for image in spec.check(picture).images:
            named: ImageReport = image.replaced(path=picture.name)
            yield _html(image_html(named, style, shown(str(picture)), open_=True))


def _html(text: str) -> str:
    """HTML that Markdown leaves alone: on one line each, without blank ones."""
    return f'<div class="logidsl">{re.sub(chr(10), "&#10;", text)}</div>\n\n'


def _scene(program: ir.Program, test: ir.TestCase) -> str:
    """The objects of a scene as a picture."""
    table = scene(program, test)
    boxes = np.stack([np.asarray(table.columns[name]) for name in BOX], axis=1).tolist()
    size_px = max(test.width, test.height) / 40
    drawn = [
        f'<rect x="{x0:g}" y="{y0:g}" width="{x1 - x0:g}" height="{y1 - y0:g}" fill="#9ab" stroke="#567"/>'
        f'<text x="{x0:g}" y="{y1:g}" font-size="{size_px:g}" font-family="sans-serif">{escape(name or "")}</text>'
        for (x0, y0, x1, y1), name in zip(boxes, table.classes.texts(), strict=True)
    ]
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {test.width:g} {test.height:g}">{"".join(drawn)}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
