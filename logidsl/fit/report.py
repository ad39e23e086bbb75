"""Fitted limits for a terminal, as JSON and as one HTML page: values, and plateaus as charts."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import PurePath

from logidsl.diagnostics import counted
from logidsl.fit.limits import Limit
from logidsl.fit.outcome import Outcome
from logidsl.fit.rewrite import Edit
from logidsl.fit.search import Options, Plateau, SearchResult, Tolerance
from logidsl.report.pages import html_page, listed, paragraphs

HIGH = 5  # rows of a chart in a terminal
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_WIDE, _TALL = 640, 150  # px of a chart in HTML


@dataclass(frozen=True, kw_only=True)
class Fit(Outcome):
    """Limits fitted to cases: what was searched, and the values found."""

    found: SearchResult
    options: Options

    what = "values"

    @property
    def fitted(self) -> list[tuple[Limit, float, Plateau]]:
        """Each limit as it stood, with its value and its plateau."""
        return list(zip(self.trials.limits, self.found.values, self.found.plateaus, strict=True))

    def fitted_text(self, width: int) -> str:
        """Each limit with its chart."""
        return "\n".join(_limit_text(x, v, p, self, width) for x, v, p in self.fitted)

    def fitted_document(self) -> dict[str, object]:
        """Each limit as plain values."""
        limits = [
            {
                "name": x.name,
                "value": x.written(v),
                "was": x.written(x.value),
                "bounds": [x.written(x.low), x.written(x.high)],
                "plateau": [x.written(p.low), x.written(p.high)],
                "open": [p.open_low, p.open_high],
                "tolerance": None if p.tolerance is None else _tolerance(p.tolerance, self.options),
                "curve": [{"value": x.written(at), "right": n} for at, n in p.curve],
            }
            for x, v, p in self.fitted
        ]
        return {"limits": limits}

    def edits(self, truth: str | None) -> list[Edit]:
        """The new values with their comments; a number that the pictures do not constrain gets none."""
        return [
            Edit(x.span, x.words(v), x.name.partition(" (line ")[0], comment(x, p, self, truth))
            for x, v, p in self.fitted
            if x.param or v != x.value
        ]

    def as_page(self) -> str:
        """The fit as one self-contained HTML page."""
        parts = []
        for x, v, p in self.fitted:
            words = [plateau_words(x, p, self.count), *tolerance_lines(x, p, self.options)]
            parts.append(
                f"<h2>{escape(x.name)} = {escape(x.written(v))}</h2><p>It was {escape(x.written(x.value))}.</p>"
                + paragraphs(f"{w[:1].upper()}{w[1:]}." for w in words)
                + _svg(x, v, p, self.count)
            )
        right = f"{self.right} of {counted(self.count, 'picture')} right; with the values as they stood {self.before}."
        return html_page(
            f"Limits of {self.trials.source.path}",
            paragraphs([right])
            + listed(self.wrong())
            + "".join(parts)
            + "<h2>New pictures</h2>"
            + paragraphs(self.expected()),
        )


def _limit_text(limit: Limit, value: float, plateau: Plateau, fit: Fit, width: int) -> str:
    head = f"{limit.name} = {limit.written(value)}, was {limit.written(limit.value)}"
    said = [
        f"  {line}"
        for line in (plateau_words(limit, plateau, fit.count), *tolerance_lines(limit, plateau, fit.options))
    ]
    return "\n".join([head, *said, *_chart(limit, value, plateau, fit.count, min(width, 100)), ""])


def plateau_words(limit: Limit, plateau: Plateau, count: int) -> str:
    """The range of a plateau, in a sentence."""
    right = dict(plateau.curve).get(plateau.chosen, 0)
    best = f"{right} of {counted(count, 'picture')} right"
    low, high = limit.shown(plateau.low), limit.shown(plateau.high)
    if plateau.open_low and plateau.open_high:
        return f"{best} wherever it lies from {low} to {high}: these pictures do not constrain it"
    where = f"{best} from {low} to {high}"
    if plateau.open_low or plateau.open_high:
        side = "low" if plateau.open_low else "high"
        where += f", its {side} bound"
    return where if plateau.tolerance else f"{where}; the middle is taken"


def tolerance_lines(limit: Limit, plateau: Plateau, options: Options) -> list[str]:
    """The basis of a value that is not the middle of a plateau."""
    t = plateau.tolerance
    if t is None:
        return []
    what = f"at {options.confidence:.0%} confidence, {options.coverage:.1%} of such pictures stay right".replace(
        ".0%", "%"
    )
    how = f"{t.factor:.2f} standard deviations from the mean of {t.pictures} critical values"
    if t.reached:
        return [f"one-sided tolerance bound: {what} ({how}, if they are normally distributed)"]
    return [f"the one-sided tolerance bound ({what}; {how}) lies outside: the end of the plateau is taken"]


def _chart(limit: Limit, value: float, plateau: Plateau, count: int, width: int) -> list[str]:
    """The number of right pictures over the bounds, as columns of blocks, with the plateau below."""
    label = len(str(count))
    room = max(20, width - label - 6)
    span = limit.high - limit.low or 1.0
    tried = sorted(plateau.curve)
    columns = []
    for c in range(room):
        at = limit.low + span * (c + 0.5) / room
        columns.append(min(tried, key=lambda point: abs(point[0] - at))[1] / max(count, 1))
    lines = []
    for row in range(HIGH, 0, -1):
        cells = "".join(_EIGHTHS[round(8 * min(max(v * HIGH - (row - 1), 0), 1))] for v in columns)
        mark = str(count) if row == HIGH else "0" if row == 1 else ""
        lines.append(f"  {mark:>{label}} │{cells}".rstrip())

    def column(at: float) -> int:
        return min(room - 1, max(0, int((at - limit.low) / span * room)))

    below = [" "] * room
    for c in range(column(plateau.low), column(plateau.high) + 1):
        below[c] = "─"
    below[column(value)] = "▲"
    ends = limit.written(limit.low), limit.written(limit.high)
    lines.append(f"  {'':{label}} └{''.join(below)}".rstrip())
    lines.append(f"  {'':{label}}  {ends[0]}{ends[1]:>{max(1, room - len(ends[0]))}}")
    return lines


def _tolerance(t: Tolerance, options: Options) -> dict[str, object]:
    given = {"coverage": options.coverage, "confidence": options.confidence}
    return {**given, "pictures": t.pictures, "factor": t.factor, "within_bounds": t.reached}


def _svg(limit: Limit, value: float, plateau: Plateau, count: int) -> str:
    """The curve of a limit: the right pictures at each value, with the plateau shaded and the value marked."""
    span = limit.high - limit.low or 1.0

    def x(at: float) -> float:
        return 34 + (_WIDE - 44) * (at - limit.low) / span

    def y(right: float) -> float:
        return 12 + (_TALL - 40) * (1 - right / max(count, 1))

    line = " ".join(f"{x(at):.1f},{y(n):.1f}" for at, n in plateau.curve)
    dots = "".join(f'<circle cx="{x(at):.1f}" cy="{y(n):.1f}" r="2.2" fill="#1565c0"/>' for at, n in plateau.curve)
    wide = max(1.5, x(plateau.high) - x(plateau.low))
    base, at = y(0), x(value)
    texts = "".join(
        f'<text x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
        for left, top, anchor, words in (
            (30, y(count) + 4, "end", str(count)),
            (30, base + 4, "end", "0"),
            (34, base + 18, "start", limit.written(limit.low)),
            (_WIDE - 10, base + 18, "end", limit.written(limit.high)),
        )
    )
    return (
        f'<svg viewBox="0 0 {_WIDE} {_TALL}" width="{_WIDE}" role="img" font-size="11" fill="currentColor">'
        f"<title>pictures that are right, by {escape(limit.name)}</title>"
        f'<rect x="{x(plateau.low):.1f}" y="{y(count):.1f}" width="{wide:.1f}" height="{base - y(count):.1f}" '
        'fill="#2e7d32" opacity=".18"/>'
        f'<path d="M34 {y(count):.1f}V{base:.1f}H{_WIDE - 10}" fill="none" stroke="currentColor" opacity=".5"/>'
        f'<polyline points="{line}" fill="none" stroke="#1565c0" stroke-width="1.5"/>{dots}'
        f'<path d="M{at:.1f} {y(count):.1f}V{base:.1f}" stroke="#c62828" stroke-width="2"/>{texts}</svg>'
    )


def comment(limit: Limit, plateau: Plateau, fit: Fit, truth: str | None) -> str:
    """The comment about a fitted value, without its comment sign."""
    right = dict(plateau.curve).get(plateau.chosen, 0)
    where = f"from {limit.shown(plateau.low)} to {limit.shown(plateau.high)}"
    how = ""
    if plateau.tolerance is not None:
        how = f"; tolerance bound for {fit.options.coverage:.4g} of pictures at confidence {fit.options.confidence:.4g}"
    by = f" by {PurePath(truth).name}" if truth else ""
    return f"{right} of {counted(fit.count, 'picture')} right{by} {where}{how}; was {limit.written(limit.value)}"
