"""The report that Python users get: what it holds, and how it shows itself."""

from __future__ import annotations

from logidsl.report.model import Document


class Report(Document):
    """The verdicts on a batch of images, in the order they were given.

    `print(report)` shows it as text; a notebook shows it as a page.
    """

    def __str__(self) -> str:
        from logidsl.report.formats import Stream, Style, find

        return "".join(map(str, find("text")(Stream.of(self), Style(sources=self.sources)))).rstrip("\n")

    def _repr_html_(self) -> str:
        from logidsl.report.html import page

        return page(self)
