"""Control charts as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from logidsl.control_charts import Chart
from logidsl.report.pages import paragraphs


def drawn(chart: Chart, names: Sequence[str]) -> str:
    """A chart as SVG: points, center line, limits, and signals in another shape and colour."""
    width, height, edge = 900.0, 220.0, 30.0
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
        return f'<polyline points="{points}" fill="none" {style}/>'

    signals: dict[int, list[str]] = {}
    for place, rule in chart.signals():
        signals.setdefault(place, []).append(rule)
    parts = [
        line(chart.lower, 'stroke="#888" stroke-dasharray="4"'),
        line(chart.upper, 'stroke="#888" stroke-dasharray="4"'),
        line([chart.center] * len(chart.values), 'stroke="#888"'),
        line(chart.values, 'stroke="#0072b2"'),
    ]
    for i, value in enumerate(chart.values):
        if math.isfinite(value):
            x, y = at(i, value).split(",")
            title = escape(f"{names[i]}: {value:.4g}" + (f" ({', '.join(signals[i])})" if i in signals else ""))
            shape = f'<rect x="{float(x) - 5:.1f}" y="{float(y) - 5:.1f}" width="10" height="10" fill="#d55e00">'
            dot = f'<circle cx="{x}" cy="{y}" r="3" fill="#0072b2">'
            mark, end = (shape, "rect") if i in signals else (dot, "circle")
            parts.append(f"{mark}<title>{title}</title></{end}>")
    text = f'<text x="2" y="12" font-size="11" fill="currentColor">{high:.4g}</text>'
    text += f'<text x="2" y="{height - 4:g}" font-size="11" fill="currentColor">{low:.4g}</text>'
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img">{"".join(parts)}{text}</svg>'
