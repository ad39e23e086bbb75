"""Self-contained HTML pages, for reports of fitting and learning and for contact sheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_CSS = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:1em 0}td,th{padding:2px 12px 2px 0;text-align:right}"
    "td:first-child,th:first-child{text-align:left}"
    "svg{display:block;max-width:100%;height:auto}img{max-width:100%}figure{margin:1.5em 0}"
    "h2{margin:1.6em 0 .2em}p{margin:.3em 0}code{background:rgba(128,128,128,.15);padding:0 .3em}"
    ".sheet{display:grid;grid-template-columns:repeat(auto-fill,minmax(18em,1fr));gap:1em}"
    ".sheet figure{margin:0}.sheet figcaption{overflow-wrap:anywhere}"
)


@dataclass(frozen=True)
class Figure:
    """A picture on a contact sheet.

    Parameters
    ----------
    source : str
        A data URI, or the address of a picture; empty without one.
    title : str
    caption : str
    link : str
        What a click opens, as an address relative to the page; nothing if empty.
    """

    source: str
    title: str
    caption: str = ""
    link: str = ""


def html_page(title: str, body: str, wide: bool = False) -> str:
    """A page with a heading.

    Parameters
    ----------
    title : str
        Plain text.
    body : str
        HTML, everything in it escaped.
    wide : bool
        Whether the page may fill the window.
    """
    css = _CSS + ("body{max-width:none}" if wide else "")
    name = escape(title)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><style>{css}</style>'
        f"<h1>{name}</h1>{body}</html>\n"
    )


def paragraphs(lines: Iterable[str]) -> str:
    """Plain texts as paragraphs."""
    return "".join(f"<p>{escape(line.strip())}</p>" for line in lines)


def listed(lines: Iterable[str], tag: str = "ul") -> str:
    """Plain texts as a list; nothing without any.

    Examples
    --------
    >>> listed(["a<b"]), listed([])
    ('<ul><li>a&lt;b</li></ul>', '')
    """
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return items and f"<{tag}>{items}</{tag}>"


def table(rows: Iterable[Iterable[object]], head: Iterable[object]) -> str:
    """Plain values as a table."""
    cells = "".join(f"<th>{escape(str(cell))}</th>" for cell in head)
    lines = ("".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows)
    return f"<table><tr>{cells}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def sheet(figures: Sequence[Figure]) -> str:
    """Pictures side by side, each with its title and caption.

    Examples
    --------
    >>> sheet([Figure("a.png", "a<b")])
    '<div class="sheet"><figure><img alt="a&lt;b" src="a.png"><figcaption><b>a&lt;b</b><br></figcaption></figure></div>'
    """
    return f'<div class="sheet">{"".join(map(_figure, figures))}</div>'


def _figure(figure: Figure) -> str:
    image = f'<img alt="{escape(figure.title)}" src="{escape(figure.source)}">' if figure.source else ""
    image = f'<a href="{escape(figure.link)}">{image}</a>' if figure.link else image
    caption = f"<b>{escape(figure.title)}</b><br>{escape(figure.caption)}"
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"
