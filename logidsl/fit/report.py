"""What came of a fit: for a terminal, as JSON, as one HTML page, and as edits of the spec.

Limits show their plateaus as charts, colours their swatches; what is right and what to expect of new pictures is said
of both alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePath
from typing import Literal, Protocol

from logidsl.diagnostics import counted
from logidsl.fit.estimate import Estimate, Rate
from logidsl.fit.limits import Limit
from logidsl.fit.rewrite import Edit
from logidsl.fit.search import Options, Plateau
from logidsl.fit.trials import UNDETERMINED, Losses, Trials
from logidsl.report.pages import html_page, listed, paragraphs

HIGH = 5  # rows of a chart in a terminal
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_WIDE, _TALL = 640, 150  # px of a chart in HTML


class Fitted(Protocol):
    """Something fitted, in each form of a report."""

    def lines(self, width: int) -> list[str]:
        """For a terminal of a width."""

    def document(self) -> dict[str, object]:
        """As plain values."""

    def html(self) -> str:
        """As part of a page."""

    def edits(self, truth: str | None) -> list[Edit]:
        """The words of the spec that change; `truth` is the file of known results."""


@dataclass(frozen=True)
class Fit:
    """What came of a fit.

    Parameters
    ----------
    what : "limits" or "colors"
        What was fitted.
    trials : Trials
        With the cases.
    fitted : tuple of Fitted
    losses : (n, 2) float64
        With the values found.
    before : int
        How many pictures were right with the values as they stood.
    judged : sequence of int
        Places of the cases whose results are known.
    estimate : Estimate, optional
        Of these.
    notes : tuple of str
    """

    what: Literal["limits", "colors"]
    trials: Trials
    fitted: tuple[Fitted, ...]
    losses: Losses
    before: int
    judged: Sequence[int]
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

    def edits(self, truth: str | None) -> list[Edit]:
        """What changes in the spec; `truth` is the file of known results."""
        return [edit for part in self.fitted for edit in part.edits(truth)]

    def as_text(self, width: int) -> str:
        """The fit for a terminal with a given width."""
        parts = [line for part in self.fitted for line in part.lines(min(width, 100))]
        return "\n".join([*parts, self._right(), *(f"  {line}" for line in self._wrong()), *self._expected()]) + "\n"

    def as_page(self) -> str:
        """The fit as one self-contained HTML page."""
        parts = "".join(part.html() for part in self.fitted)
        found = paragraphs([self._right()]) + listed(self._wrong())
        title = f"{'Limits' if self.what == 'limits' else 'Colours'} of {self.trials.source.path}"
        return html_page(title, f"{found}{parts}<h2>New pictures</h2>{paragraphs(self._expected())}")

    def as_document(self) -> dict[str, object]:
        """The fit as plain values."""
        return {
            "spec": self.trials.source.path,
            self.what: [part.document() for part in self.fitted],
            "pictures": self.count,
            "right": self.right,
            "right_before": self.before,
            "wrong": [c.name for c, loss in zip(self.trials.cases, self.losses, strict=True) if loss[0] > 0],
            "estimate": self._estimate(),
            "notes": list(self.notes),
        }

    def _right(self) -> str:
        if not self.judged:
            return "without --truth, the correct results are unknown"
        of = counted(self.count, "picture")
        return f"right: {self.right} of {of}, with the {self._values} as they stood {self.before}"

    @property
    def _values(self) -> str:
        return "values" if self.what == "limits" else "colours"

    def _wrong(self) -> list[str]:
        """A line about each picture with a wrong result."""
        return [
            f"{case.name}: {'undetermined' if loss[0] == UNDETERMINED else 'wrong'}, expected {case.expected}"
            for case, loss in zip(self.trials.cases, self.losses.tolist(), strict=True)
            if loss[0] > 0
        ]

    def _expected(self) -> list[str]:
        """What to expect of new pictures."""
        found = self.estimate
        if found is None:
            return ["new pictures: cannot be estimated from one picture"] if self.judged else []
        how = f"pictures judged in {found.groups} groups by {self._values} fitted without them"
        if found.groups == len(self.judged):
            how = f"each picture judged by {self._values} fitted without it"
        return [f"new pictures, {how}:", *(f"  {rate_words(r, found.confidence)}" for r in found.rates)]

    def _estimate(self) -> dict[str, object] | None:
        found = self.estimate
        if found is None:
            return None
        rates = [
            {"what": r.what, "errors": r.errors, "judged": r.judged, "review": r.undetermined, "at_most": r.at_most}
            for r in found.rates
        ]
        wrong = [self.trials.cases[self.judged[i]].name for i in found.wrong]
        return {"confidence": found.confidence, "groups": found.groups, "rates": rates, "wrong": wrong}


def rate_words(rate: Rate, confidence: float) -> str:
    """A rate and its bound."""
    review = f" ({rate.undetermined} left to review)" if rate.undetermined else ""
    bound = f"on new ones at most {rate.at_most:.1%} with {confidence:.0%} confidence"
    return f"{rate.what}: {rate.errors} of {rate.judged}{review}, {bound}"


@dataclass(frozen=True)
class FittedLimit:
    """A limit as it stood, its new value, and its plateau on some number of pictures."""

    limit: Limit
    value: float
    plateau: Plateau
    count: int
    options: Options

    def lines(self, width: int) -> list[str]:
        """The values, what they follow from, and the plateau as a chart."""
        x = self.limit
        head = f"{x.name} = {x.written(self.value)}, was {x.written(x.value)}"
        return [head, *(f"  {line}" for line in self._why()), *self._chart(width), ""]

    def document(self) -> dict[str, object]:
        """As plain values."""
        x, p, t = self.limit, self.plateau, self.plateau.tolerance
        return {
            "name": x.name,
            "value": x.written(self.value),
            "was": x.written(x.value),
            "bounds": [x.written(x.low), x.written(x.high)],
            "plateau": [x.written(p.low), x.written(p.high)],
            "open": [p.open_low, p.open_high],
            "tolerance": None
            if t is None
            else {**vars(self.options), "pictures": t.pictures, "factor": t.factor, "within_bounds": t.reached},
            "curve": [{"value": x.written(at), "right": n} for at, n in p.curve],
        }

    def html(self) -> str:
        """The values, what they follow from, and the plateau as a chart."""
        x = self.limit
        head = f"<h2>{escape(x.name)} = {escape(x.written(self.value))}</h2><p>It was {escape(x.written(x.value))}.</p>"
        return head + paragraphs(f"{w[:1].upper()}{w[1:]}." for w in self._why()) + self._svg()

    def edits(self, truth: str | None) -> list[Edit]:
        """The new value with a comment; none of a number that the pictures do not constrain."""
        x, t = self.limit, self.plateau.tolerance
        if not x.param and self.value == x.value:
            return []
        where = f"from {x.shown(self.plateau.low)} to {x.shown(self.plateau.high)}"
        shares = f"{self.options.coverage:.4g} of pictures at confidence {self.options.confidence:.4g}"
        how = f"; tolerance bound for {shares}" if t else ""
        by = f" by {PurePath(truth).name}" if truth else ""
        comment = f"{self._best(by)} {where}{how}; was {x.written(x.value)}"
        return [Edit(x.span, x.words(self.value), x.name.partition(" (line ")[0], comment)]

    def _best(self, by: str = "") -> str:
        right = dict(self.plateau.curve).get(self.plateau.chosen, 0)
        return f"{right} of {counted(self.count, 'picture')} right{by}"

    def _why(self) -> list[str]:
        """The range of the plateau, and the basis of a value that is not its middle."""
        p, t = self.plateau, self.plateau.tolerance
        low, high = self.limit.shown(p.low), self.limit.shown(p.high)
        if p.open_low and p.open_high:
            return [f"{self._best()} wherever it lies from {low} to {high}: these pictures do not constrain it"]
        where = f"{self._best()} from {low} to {high}"
        if p.open_low or p.open_high:
            where += f", its {'low' if p.open_low else 'high'} bound"
        if t is None:
            return [f"{where}; the middle is taken"]
        share = f"{self.options.coverage:.1%}".replace(".0%", "%")
        what = f"at {self.options.confidence:.0%} confidence, {share} of such pictures stay right"
        how = f"{t.factor:.2f} standard deviations from the mean of {t.pictures} critical values"
        if t.reached:
            return [where, f"one-sided tolerance bound: {what} ({how}, if they are normally distributed)"]
        return [where, f"the one-sided tolerance bound ({what}; {how}) lies outside: the end of the plateau is taken"]

    def _chart(self, width: int) -> list[str]:
        """The number of right pictures over the bounds, as columns of blocks, with the plateau below."""
        limit, plateau, count = self.limit, self.plateau, self.count
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
        below[column(self.value)] = "▲"
        ends = limit.written(limit.low), limit.written(limit.high)
        lines.append(f"  {'':{label}} └{''.join(below)}".rstrip())
        lines.append(f"  {'':{label}}  {ends[0]}{ends[1]:>{max(1, room - len(ends[0]))}}")
        return lines

    def _svg(self) -> str:
        """The curve of a limit: the right pictures at each value, with the plateau shaded and the value marked."""
        limit, plateau, count = self.limit, self.plateau, self.count
        span = limit.high - limit.low or 1.0

        def x(at: float) -> float:
            return 34 + (_WIDE - 44) * (at - limit.low) / span

        def y(right: float) -> float:
            return 12 + (_TALL - 40) * (1 - right / max(count, 1))

        line = " ".join(f"{x(at):.1f},{y(n):.1f}" for at, n in plateau.curve)
        dots = "".join(f'<circle cx="{x(at):.1f}" cy="{y(n):.1f}" r="2.2" fill="#1565c0"/>' for at, n in plateau.curve)
        wide = max(1.5, x(plateau.high) - x(plateau.low))
        base, at = y(0), x(self.value)
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
