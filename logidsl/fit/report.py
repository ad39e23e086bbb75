"""The result of a fit, for a terminal, as JSON and as one HTML page: values, plateaus as charts, expected errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePath

from logidsl.fit.estimate import Estimate, Rate
from logidsl.fit.limits import Limit
from logidsl.fit.search import Options, Plateau, SearchResult, Tolerance
from logidsl.fit.trials import UNDETERMINED, Case, Losses, Trials
from logidsl.report.pages import html_page

HIGH = 5  # rows of a chart in a terminal
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_WIDE, _TALL = 640, 150  # px of a chart in HTML


@dataclass(frozen=True)
class Fit:
    """A fit.

    Parameters
    ----------
    limits : tuple of Limit
        As they stood.
    found : Found
    losses : (n, 2) float64
        With the values found.
    before : int
        How many pictures were right with the values as they stood.
    estimate : Estimate, optional
    notes : tuple of str
    """

    trials: Trials
    limits: tuple[Limit, ...]
    found: SearchResult
    losses: Losses
    before: int
    options: Options
    estimate: Estimate | None = None
    notes: tuple[str, ...] = ()

    @property
    def right(self) -> int:
        """How many pictures come out right."""
        return int((self.losses[:, 0] == 0).sum())

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.losses)


def as_text(fit: Fit, width: int) -> str:
    """A fit for a terminal with a given width."""
    parts = [
        _limit_text(x, v, p, fit, width)
        for x, v, p in zip(fit.limits, fit.found.values, fit.found.plateaus, strict=True)
    ]
    lines = [f"right: {fit.right} of {_pictures(fit.count)}, with the values as they stood {fit.before}"]
    lines += [f"  {line}" for line in wrong_lines(fit.trials.cases, fit.losses)]
    lines += estimate_lines(fit)
    return "\n".join([*parts, *lines]) + "\n"


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
    best = f"{right} of {_pictures(count)} right"
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


def wrong_lines(cases: Sequence[Case], losses: Losses) -> list[str]:
    """A line about each picture with a wrong result."""
    lines = []
    for case, loss in zip(cases, losses.tolist(), strict=True):
        if loss[0] > 0:
            how = "undetermined" if loss[0] == UNDETERMINED else "wrong"
            lines.append(f"{case.name}: {how}, expected {case.expected}")
    return lines


def estimate_lines(fit: Fit) -> list[str]:
    """What to expect of new pictures."""
    found = fit.estimate
    if found is None:
        return ["new pictures: cannot be estimated from one picture"]
    alone = found.groups == fit.count
    how = (
        "each picture judged by values fitted without it"
        if alone
        else (f"pictures judged in {found.groups} groups by values fitted without them")
    )
    return [f"new pictures, {how}:"] + [f"  {rate_words(r, found.confidence)}" for r in found.rates]


def rate_words(rate: Rate, confidence: float) -> str:
    """A rate and its bound."""
    review = f" ({rate.undetermined} left to review)" if rate.undetermined else ""
    bound = f"on new ones at most {rate.at_most:.1%} with {confidence:.0%} confidence"
    return f"{rate.what}: {rate.errors} of {rate.judged}{review}, {bound}"


def as_document(fit: Fit) -> dict[str, object]:
    """A fit as plain values."""
    limits = []
    for x, v, p in zip(fit.limits, fit.found.values, fit.found.plateaus, strict=True):
        limits.append(
            {
                "name": x.name,
                "value": x.written(v),
                "was": x.written(x.value),
                "bounds": [x.written(x.low), x.written(x.high)],
                "plateau": [x.written(p.low), x.written(p.high)],
                "open": [p.open_low, p.open_high],
                "tolerance": None if p.tolerance is None else _tolerance(p.tolerance, fit.options),
                "curve": [{"value": x.written(at), "right": n} for at, n in p.curve],
            }
        )
    wrong = [c.name for c, loss in zip(fit.trials.cases, fit.losses.tolist(), strict=True) if loss[0] > 0]
    return {
        "spec": fit.trials.source.path,
        "limits": limits,
        "pictures": fit.count,
        "right": fit.right,
        "right_before": fit.before,
        "wrong": wrong,
        "estimate": None if fit.estimate is None else estimate_document(fit.estimate, fit.trials.cases),
        "notes": list(fit.notes),
    }


def _tolerance(t: Tolerance, options: Options) -> dict[str, object]:
    given = {"coverage": options.coverage, "confidence": options.confidence}
    return {**given, "pictures": t.pictures, "factor": t.factor, "within_bounds": t.reached}


def estimate_document(found: Estimate, cases: Sequence[Case]) -> dict[str, object]:
    """An estimate as plain values; `cases` are those left out."""
    rates = [
        {"what": r.what, "errors": r.errors, "judged": r.judged, "review": r.undetermined, "at_most": r.at_most}
        for r in found.rates
    ]
    wrong = [cases[i].name for i in found.wrong]
    return {"confidence": found.confidence, "groups": found.groups, "rates": rates, "wrong": wrong}


def as_page(fit: Fit) -> str:
    """A fit as one self-contained HTML page."""
    parts = []
    for x, v, p in zip(fit.limits, fit.found.values, fit.found.plateaus, strict=True):
        words = [plateau_words(x, p, fit.count), *tolerance_lines(x, p, fit.options)]
        parts.append(
            f"<h2>{escape(x.name)} = {escape(x.written(v))}</h2><p>It was {escape(x.written(x.value))}.</p>"
            + "".join(f"<p>{escape(w[:1].upper() + w[1:])}.</p>" for w in words)
            + _svg(x, v, p, fit.count)
        )
    wrong = "".join(f"<li>{escape(line)}</li>" for line in wrong_lines(fit.trials.cases, fit.losses))
    expected = "".join(f"<p>{escape(line.strip())}</p>" for line in estimate_lines(fit))
    return html_page(
        f"Limits of {fit.trials.source.path}",
        f"<p>{fit.right} of {_pictures(fit.count)} right; with the values as they stood {fit.before}.</p>"
        + (f"<ul>{wrong}</ul>" if wrong else "")
        + "".join(parts)
        + f"<h2>New pictures</h2>{expected}",
    )


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


def _pictures(count: int) -> str:
    return f"{count} picture{'' if count == 1 else 's'}"


def comment(limit: Limit, plateau: Plateau, fit: Fit, truth: str | None) -> str:
    """The comment about a fitted value, without its comment sign."""
    right = dict(plateau.curve).get(plateau.chosen, 0)
    where = f"from {limit.shown(plateau.low)} to {limit.shown(plateau.high)}"
    how = ""
    if plateau.tolerance is not None:
        how = f"; tolerance bound for {fit.options.coverage:.4g} of pictures at confidence {fit.options.confidence:.4g}"
    by = f" by {PurePath(truth).name}" if truth else ""
    return f"{right} of {_pictures(fit.count)} right{by} {where}{how}; was {limit.written(limit.value)}"
