"""`logidsl history URL`: what a store of runs says about the process."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from logidsl.commands.arguments import FORMAT, argument, refuse
from logidsl.commands.outputs import protect, write_text
from logidsl.commands.storing import opened, place_of
from logidsl.commands.terminal import PASS, UsageError, write, write_json
from logidsl.control_charts import Chart
from logidsl.diagnostics import InputError
from logidsl.extras import needed
from logidsl.history_page import BATCH_HEAD, VERDICTS, batch_row, history_body, lines_about, since
from logidsl.report.pages import html_page
from logidsl.scale import MANIFEST
from logidsl.store.summary import CHARTS, History, Measured

MOST_BATCHES = 50  # shown in the terminal: the last ones
EXAMPLES = """  logidsl history runs.db
  logidsl history runs.db --by hour --since 24h --chart laney
  logidsl history runs.db --batch lot=L17 --measure bolt.length --limits 19.8..20.2
  logidsl history postgresql://user@host/runs --html history.html
  logidsl history results/ --by folder
"""
ARGUMENTS = (
    argument("url", metavar="URL", help="a store (a file of SQLite, the address of a database), or results of `scale`"),
    argument("--since", metavar="TIME", help="from then on: 12h, 30d, or 2026-11-30"),
    argument("--spec", metavar="NAME", help="only judgements of a spec: its name, path or the digest of its program"),
    argument("--batch", action="append", default=[], metavar="NAME=VALUE", help="only a lot, say; may be repeated"),
    argument(
        "--by",
        choices=("hour", "day", "run", "folder", "lot", "order", "line", "cell"),
        default="day",
        help="what makes a subgroup (default day); folder: of results of `scale`",
    ),
    argument(
        "--chart",
        choices=tuple(CHARTS),
        default="p",
        help="p: share of failed; laney: the same with wider limits where subgroups vary; u: findings for each image",
    ),
    argument("--measure", metavar="CLASS.COLUMN", help="a measured column: individuals and moving range"),
    argument("--limits", metavar="LOW..HIGH", help="its specification limits, for Cp and Cpk; one may be left out"),
    FORMAT,
    argument("--html", metavar="FILE", help="write a page with charts"),
)


def run(args: argparse.Namespace) -> int:
    """Print it, or write the page."""
    refuse((args.limits and not args.measure, "expected --measure CLASS.COLUMN beside --limits"))
    low, high = _limits(args.limits) if args.limits else (None, None)
    if args.html:
        protect(args.html, [args.url])
    if (folder := Path(args.url)).is_dir() and not (folder / MANIFEST).is_file():
        raise InputError(f"{folder} has no finished results of `logidsl scale`: run that to its end, or name a store")
    found, column = (_of_results if folder.is_dir() else _of_store)(args, low, high)
    if args.html:
        write_text(args.html, html_page("History", history_body(found, column), wide=True))
    if args.format == "json":
        write_json(_document(found, column))
    elif not args.html:
        write(sys.stdout, "\n".join(_lines(found, column)) + "\n")
    return PASS


def _of_store(args: argparse.Namespace, low: float | None, high: float | None) -> tuple[History, Measured | None]:
    refuse((args.by == "folder", "--by folder is for results of `logidsl scale`"))
    store = opened(args.url, create=False)
    from logidsl.store.history import Choice, history, measured

    choice = Choice(_since(args.since), args.spec, place_of(args.batch))
    found = history(store, choice, args.by, args.chart)
    return found, measured(store, choice, args.measure, low, high) if args.measure else None


def _of_results(args: argparse.Namespace, low: float | None, high: float | None) -> tuple[History, Measured | None]:
    refuse((args.spec or args.batch, "--spec and --batch are for stores: results of `logidsl scale` are of one spec"))
    needed("pyarrow", "scale", "results of `logidsl scale`")
    from logidsl.scale.history import history, measured

    folder, since = Path(args.url), _since(args.since)
    found = history(folder, since, args.by, args.chart)
    return found, measured(folder, since, args.measure, low, high) if args.measure else None


def _since(text: str | None) -> datetime | None:
    try:
        return None if text is None else since(text)
    except ValueError:
        raise UsageError(f"expected --since such as 12h, 30d or 2026-11-30, found `{text}`") from None


def _limits(text: str) -> tuple[float | None, float | None]:
    parts = text.split("..")
    try:
        low, high = (float(part) if part.strip() else None for part in parts)
    except ValueError:
        raise UsageError(f"expected --limits LOW..HIGH, found `{text}`") from None
    if (low is None and high is None) or (low is not None and high is not None and low >= high):
        raise UsageError(f"expected --limits LOW..HIGH with LOW below HIGH, found `{text}`")
    return low, high


def _lines(found: History, column: Measured | None) -> Iterator[str]:
    totals = found.totals
    decided = totals["pass"] + totals["fail"]
    share = f"{totals['pass'] / decided:.1%}" if decided else "-"
    rest = ", ".join(f"{totals[v]} {v}" for v in VERDICTS if totals[v])
    yield f"yield {share} of {decided} decided ({rest})"
    yield ""
    signals: dict[int, list[str]] = {}
    for place, rule in found.chart.signals():
        signals.setdefault(place, []).append(rule)
    rows: list[tuple[str, ...]] = [
        ("", "images", "pass", "fail", "review", "error", found.chart_name, "limits", "signals")
    ]
    chart = found.chart
    for i, group in enumerate(found.groups):
        counts = [str(group.verdicts[v]) for v in VERDICTS]
        limits = f"{chart.lower[i]:.3g} .. {chart.upper[i]:.3g}"
        rows.append(
            (group.name, str(group.total), *counts, f"{chart.values[i]:.3g}", limits, ", ".join(signals.get(i, [])))
        )
    yield from _aligned(rows)
    if found.labels:
        yield ""
        yield from _aligned([("label", "images", "cumulative"), *((n, str(c), f"{s:.0%}") for n, c, s in found.labels)])
    if found.batches:
        yield ""
        yield from _aligned([BATCH_HEAD, *map(batch_row, found.batches[-MOST_BATCHES:])])
        if (more := len(found.batches) - MOST_BATCHES) > 0:
            yield f"and {more} judged before; --format json has all"
    if column is not None:
        yield ""
        yield from lines_about(column)


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "values": _numbers(chart.values),
        "center": _numbers([chart.center])[0],
        "lower": _numbers(chart.lower),
        "upper": _numbers(chart.upper),
        "signals": [{"point": place, "rule": rule} for place, rule in chart.signals()],
    }


def _numbers(values: Any) -> list[float | None]:
    return [float(v) if math.isfinite(v) else None for v in values]


def _document(found: History, column: Measured | None) -> dict[str, Any]:
    return {
        "totals": dict(found.totals),
        "groups": [
            {"name": g.name, "images": g.total, **{v: g.verdicts[v] for v in VERDICTS},
             "findings": g.findings}
            for g in found.groups
        ],
        "labels": [{"label": n, "images": c, "cumulative": s} for n, c, s in found.labels],
        "batches": [
            {"batch": b.batch, "key": b.key or None, "pictures": b.pictures, "verdict": b.verdict,
             "labels": list(b.labels), "time": b.time.isoformat()}
            for b in found.batches
        ],
        "chart": {"kind": found.chart_name, **_chart(found.chart)},
        "measured": None if column is None else {
            "name": column.name,
            "individuals": _chart(column.chart),
            "moving_range": _chart(column.ranges),
            "capability": None if column.capability is None else vars(column.capability),
        },
    }  # fmt: skip
