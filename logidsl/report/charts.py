"""Control charts as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from logidsl.control_charts import Chart
from logidsl.report.pages import paragraphs

WIDE = 900.0


def drawn(chart: Chart, names: Sequence[str], title: str, width: float = WIDE) -> str:
    """A chart as SVG: points, center line, limits, and signals in another shape and colour.

    Parameters
    ----------
    chart : Chart
    names : sequence of str
        Of its points.
    title : str
        What it shows, for those who cannot see it.
    width : float
        In units in which text is 11 high.
    """
    height, edge = 220.0, 30.0
    known = [v for values in (chart.values, chart.lower, chart.upper) for v in values if math.isfinite(v)]
    if not known:
        return paragraphs(["Nothing to draw."])
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = (width - 2 * edge) / max(1, len(chart.values) - 1)

    def at(i: int, value: float) -> str:
        return f"{edge + i * step:.1f},{height - edge - (value - low) / span * (height - 2 * edge):.1f}"

    def line(values: Any, style: str) -> str:
        points = " ".join(at(i, v) for i, v in enumerate(values) if math.isfinite(v))
        if len(values) == 1 and points:
            points += f" {width - edge:.1f},{points.split(',')[1]}"
        return f'<polyline points="{points}" fill="none" {style}/>'

    signals: dict[int, list[str]] = {}
    for place, rule in chart.signals():
        signals.setdefault(place, []).append(rule)
    parts = [
        line(chart.lower, 'stroke="#888" stroke-dasharray="4"'),
        line(chart.upper, 'stroke="#888" stroke-dasharray="4"'),
        line([chart.center] * len(chart.values), 'stroke="#888"'),
        line(chart.values, 'stroke="#0072b2"') if len(chart.values) > 1 else "",
    ]
    for i, value in enumerate(chart.values):
        if math.isfinite(value):
            x, y = at(i, value).split(",")
            about = escape(f"{names[i]}: {value:.4g}" + (f" ({', '.join(signals[i])})" if i in signals else ""))
            shape = f'<rect x="{float(x) - 5:.1f}" y="{float(y) - 5:.1f}" width="10" height="10" fill="#d55e00">'
            dot = f'<circle cx="{x}" cy="{y}" r="3" fill="#0072b2">'
            mark, end = (shape, "rect") if i in signals else (dot, "circle")
            parts.append(f"{mark}<title>{about}</title></{end}>")
    text = f'<text x="2" y="12" font-size="11" fill="currentColor">{high:.4g}</text>'
    text += f'<text x="2" y="{height - 4:g}" font-size="11" fill="currentColor">{low:.4g}</text>'
    return _svg(title, width, height, "".join(parts) + text)


def ranked(labels: Sequence[tuple[str, int, float]], width: float = WIDE) -> str:
    """Labels by how often they occur, the share that they make up together as a line: a Pareto chart as SVG.

    Parameters
    ----------
    labels : sequence of (label, count, cumulative share)
        The most frequent first; the first 12 are drawn.
    width : float
        As for `drawn`.
    """
    shown = labels[:12]
    row, left, right = 22.0, min(200.0, 0.4 * width), 46.0
    most = max(count for _, count, _ in shown)
    parts, points = [], []
    for i, (label, count, share) in enumerate(shown):
        y = i * row
        name = label if len(label) <= left / 7 else label[: int(left / 7) - 1] + "…"
        long = count / most * (width - left - right)
        parts.append(
            f'<text x="{left - 6:g}" y="{y + 15:g}" font-size="11" text-anchor="end" fill="currentColor">{escape(name)}'
            f'<title>{escape(label)}</title></text><rect x="{left:g}" y="{y + 3:g}" width="{long:.1f}" height="16" '
            f'fill="#0072b2"><title>{escape(f"{label}: {count}, with those above {share:.0%}")}</title></rect>'
            f'<text x="{width - 2:g}" y="{y + 15:g}" font-size="11" text-anchor="end" fill="currentColor">'
            f"{count}</text>"
        )
        points.append(f"{left + share * (width - left - right):.1f},{y + 11:g}")
    parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="#d55e00" stroke-width="1.5"/>')
    return _svg("labels by how often they occur", width, len(shown) * row, "".join(parts))


def _svg(title: str, width: float, height: float, body: str) -> str:
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">{body}</svg>'
