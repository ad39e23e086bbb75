"""How many objects each class and set has, on each picture and in total: a line below the table, and `--counts`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logidsl.commands.outputs import rendered
from logidsl.object_counts import Counts, total
from logidsl.report.formats.text import in_columns


def line(counts: Counts) -> str:
    """The counts in words."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def plain(counts: Counts) -> dict[str, dict[str, int | None]]:
    """The counts as JSON has them."""
    return {name: {"least": c.least, "most": c.most} for name, c in counts.items()}


def table_of(names: Sequence[str], counts: Sequence[Counts], form: str) -> str:
    """A line for each picture, and for several their total, in the format asked for.

    Parameters
    ----------
    names : sequence of n str
        Of the pictures.
    counts : sequence of n mappings of str to Count
    form : str
        `text`, `json` or `csv`, where each count has two columns, `NAME` and `NAME most`, and the total is left out.
    """
    pictures = list(zip(names, counts, strict=True))
    classes = list(counts[0]) if counts else []

    def text() -> str:
        every = [*pictures, *([("total", total(counts))] if len(counts) > 1 else [])]
        return in_columns([["picture", *classes], *([name, *map(str, mine.values())] for name, mine in every)])

    def document() -> object:
        images = [{"path": name, "counts": plain(mine)} for name, mine in pictures]
        return {"images": images, "counts": plain(total(counts))}

    def lines() -> Iterator[list[object]]:
        yield ["image", *(f"{c}{end}" for c in classes for end in ("", " most"))]
        for name, mine in pictures:
            bounds = (v for c in mine.values() for v in (c.least, c.most))
            yield [name, *("" if v is None else v for v in bounds)]

    return rendered(form, text, document, lines)
