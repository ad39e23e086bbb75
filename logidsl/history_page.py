"""What a history says, as HTML: yield, a control chart, labels, batches, and a measured column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape

from logidsl.report.charts import WIDE, drawn, ranked
from logidsl.report.pages import paragraphs, table
from logidsl.store.summary import BatchRow, History, Measured

VERDICTS = ("pass", "fail", "review", "error")
BATCH_HEAD = ("batch", "pictures", "verdict", "labels")


def history_body(found: History, column: Measured | None, width: float = WIDE) -> str:
    """The body of a page; everything in it is escaped.

    Parameters
    ----------
    found : History
    column : Measured, optional
    width : float
        Of the charts, in units of their text.
    """
    totals = found.totals
    decided = totals["pass"] + totals["fail"]
    body = paragraphs(
        [f"Yield {totals['pass'] / decided:.1%} of {decided} decided images." if decided else "Nothing was decided."]
    )
    title = f"{found.chart_name} chart"
    body += f"<h2>{escape(title)}</h2>" + drawn(found.chart, [g.name for g in found.groups], title, width)
    body += table(
        [(g.name, g.total, *(g.verdicts[v] for v in VERDICTS)) for g in found.groups], ("", "images", *VERDICTS)
    )
    if found.labels:
        rows = [(n, c, f"{s:.0%}") for n, c, s in found.labels]
        body += "<h2>Labels</h2>" + ranked(found.labels, width) + table(rows, ("label", "images", "cumulative"))
    if found.batches:
        body += "<h2>Batches</h2>" + table([batch_row(b) for b in found.batches], BATCH_HEAD)
    if column is not None:
        body += f"<h2>{escape(column.name)}</h2>" + paragraphs(list(lines_about(column)))
        names = [str(i + 1) for i in range(len(column.chart.values))]
        body += drawn(column.chart, names, f"individual values of {column.name}", width)
        body += "<h3>Moving range</h3>" + drawn(column.ranges, names[1:], f"moving range of {column.name}", width)
    return body


def batch_row(row: BatchRow) -> tuple[str, ...]:
    """The verdict on a batch, as the cells of `BATCH_HEAD`."""
    return row.name, str(row.pictures), row.verdict, ", ".join(label for label in row.labels if label != "normal")


def lines_about(column: Measured) -> Iterator[str]:
    """A measured column in plain lines."""
    chart = column.chart
    where = f"{chart.lower[0]:.4g} .. {chart.upper[0]:.4g}"
    yield f"{column.name}: mean {chart.center:.4g}, limits {where} of {len(chart.values)} values"
    for place, rule in chart.signals()[:20]:
        yield f"  value {place + 1}, {chart.values[place]:.4g}: {rule}"
    if column.capability is not None:
        found = column.capability
        for name, value, bounds in (("Cp", found.cp, found.cp_bounds), ("Cpk", found.cpk, found.cpk_bounds)):
            if value is not None and bounds is not None:
                yield f"  {name} {value:.3f}, {bounds[0]:.3f} .. {bounds[1]:.3f} at 95% confidence"
        if found.cpk is None and found.deviation == 0:
            yield "  Cp and Cpk: the values do not vary"


def since(text: str) -> datetime:
    """The time that `12h`, `30d` or `2026-11-30` stands for.

    Raises
    ------
    ValueError
        If it is malformed.
    """
    if match := re.fullmatch(r"(\d{1,6})([hd])", text):
        return datetime.now(UTC) - timedelta(**{"hours" if match[2] == "h" else "days": int(match[1])})
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
