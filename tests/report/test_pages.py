"""HTML pages and contact sheets."""

from __future__ import annotations

from html.parser import HTMLParser

from logidsl.report.pages import Figure, html_page, sheet


class Reader(HTMLParser):
    """Collects elements with their attributes, and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_texts_stay_texts() -> None:
    odd = '"><script>alert(1)</script>&amp;'
    read = Reader(html_page(odd, sheet([Figure(f"a{odd}.png", odd, odd, f"b{odd}.png")])))
    assert "script" not in {tag for tag, _ in read.seen}
    found = dict(read.seen)
    assert found["img"] == {"src": f"a{odd}.png", "alt": odd}
    assert found["a"] == {"href": f"b{odd}.png"}
    assert read.texts.count(odd) == 4  # title, heading, title and caption of the figure
