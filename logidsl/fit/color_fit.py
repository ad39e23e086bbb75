"""`--colors`: the colours of a spec fitted to cases, tested, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from logidsl.diagnostics import InputError
from logidsl.fit.colors import DEFAULT_REACH, FittedColor, Palette, fit_colors, objects_of, palette_of, with_colors
from logidsl.fit.estimate import Estimate, estimate_of
from logidsl.fit.report import estimate_document, rate_words, wrong_lines
from logidsl.fit.search import Options
from logidsl.fit.trials import Case, Losses, Progress, Trials
from logidsl.fit.truth import SHOWN, Expectation
from logidsl.report.pages import html_page


@dataclass(frozen=True)
class ColorFit:
    """Colours fitted to cases, with the errors that remain and the number of cases that were right before."""

    trials: Trials
    palette: Palette
    colors: tuple[FittedColor, ...]
    losses: Losses
    before: int
    estimate: Estimate | None
    notes: tuple[str, ...]

    @property
    def right(self) -> int:
        """How many pictures come out right."""
        return int((self.losses[:, 0] == 0).sum())

    @property
    def values(self) -> dict[str, tuple[str | None, float]]:
        """Centre and reach of each colour."""
        return {c.name: (c.written, c.reach) for c in self.colors}

    def was(self, color: FittedColor) -> str:
        """A colour as it stood."""
        s = self.palette.statements[color.name]
        return f'"{s.value.value}" within {s.reach.text if s.reach else f"{DEFAULT_REACH:g}"}'


def color_fit(
    trials: Trials, options: Options, notes: Sequence[str] = (), on_progress: Progress | None = None
) -> ColorFit:
    """Fit the colours of a spec to the cases of some trials without limits, and leave each picture out in turn.

    Raises
    ------
    InputError
        If no class is selected by a colour, or no colour can be learned.
    """
    source, cases = trials.source, trials.cases
    palette = palette_of(source)
    tables = [trials.tables(())[c.input].take_image(c.image) for c in cases]
    objects = objects_of(source, palette, tables, trials.params)
    expected: list[Expectation | None] = [c.expected for c in cases]
    colors, odd = fit_colors(palette, objects, expected, options)
    said = list(notes)
    if odd:
        listed = ", ".join(cases[i].name for i in odd[:SHOWN]) + (f" and {len(odd) - SHOWN} more" * (len(odd) > SHOWN))
        said.append(f"the numbers of objects found and counted differ, so no colour is learned from {listed}")
    if not colors:
        raise InputError(
            "no colour can be learned: expected annotated objects, or pictures on which as many objects are seen as "
            f"are counted, {', '.join(f'`{c}`' for c in palette.classes)} together"
        )
    told = [i for i, c in enumerate(cases) if c.expected != Expectation()]

    def tried(found: Sequence[FittedColor], which: Sequence[int]) -> Losses:
        values = {c.name: (c.written, c.reach) for c in found}
        return trials.of(with_colors(source, palette, values)).losses((), which)

    before = int((trials.losses(())[:, 0] == 0).sum())
    losses = tried(colors, range(len(cases)))
    left_out = []
    for done, i in enumerate(told if len(told) > 1 else [], 1):
        without, _ = fit_colors(palette, objects, [None if k == i else e for k, e in enumerate(expected)], options)
        left_out.append(float(tried(without, [i])[0, 0]))
        if on_progress:
            on_progress(done, len(told))
    estimate = estimate_of([cases[i] for i in told], left_out, len(told), options) if left_out else None
    return ColorFit(trials, palette, tuple(colors), losses, before, estimate, tuple(said))


def color_words(c: FittedColor) -> str:
    """What a reach follows from."""
    objects = f"{c.count} object{'' if c.count == 1 else 's'}, the farthest at {c.farthest:.1f}"
    if c.nearest_other is None:
        return f"{objects}; no object of another class is within reach"
    if c.separate:
        return f"{objects}; of other classes the nearest at {c.nearest_other:.1f}, and the middle is taken"
    return f"{objects}; of other classes the nearest at {c.nearest_other:.1f}: no reach separates them"


def as_text(fit: ColorFit) -> str:
    """For a terminal."""
    lines = []
    for c in fit.colors:
        lines += [f'{c.name} = "{c.written}" within {c.reach:g}, was {fit.was(c)}', f"  {color_words(c)}"]
    return "\n".join([*lines, "", *_summary(fit)]) + "\n"


def _summary(fit: ColorFit) -> list[str]:
    if fit.estimate is None and not any(c.expected != Expectation() for c in fit.trials.cases):
        return ["without --truth, the correct results are unknown"]
    lines = [f"right: {fit.right} of {len(fit.losses)} pictures, with the colours as they stood {fit.before}"]
    lines += [f"  {line}" for line in wrong_lines(fit.trials.cases, fit.losses)]
    if fit.estimate is None:
        return [*lines, "new pictures: cannot be estimated from one picture"]
    return [
        *lines,
        "new pictures, each picture judged by colours fitted without it:",
        *(f"  {rate_words(r, fit.estimate.confidence)}" for r in fit.estimate.rates),
    ]


def as_document(fit: ColorFit) -> dict[str, object]:
    """As plain values."""
    colors = [
        {
            "name": c.name,
            "color": c.written,
            "within": c.reach,
            "was": fit.was(c),
            "objects": c.count,
            "farthest": round(c.farthest, 3),
            "nearest_other": None if c.nearest_other is None else round(c.nearest_other, 3),
            "separate": c.separate,
        }
        for c in fit.colors
    ]
    cases: Sequence[Case] = fit.trials.cases
    wrong = [c.name for c, loss in zip(cases, fit.losses, strict=True) if loss[0] > 0]
    told = [c for c in cases if c.expected != Expectation()]
    return {
        "spec": fit.trials.source.path,
        "colors": colors,
        "pictures": len(cases),
        "right": fit.right,
        "right_before": fit.before,
        "wrong": wrong,
        "estimate": None if fit.estimate is None else estimate_document(fit.estimate, told),
        "notes": list(fit.notes),
    }


def as_page(fit: ColorFit) -> str:
    """As one HTML page: each colour before and after."""
    rows = "".join(
        f"<tr><td>{escape(c.name)}</td>{_swatch(fit.palette.statements[c.name].value.value)}{_swatch(c.written)}"
        f"<td>{escape(c.written)} within {c.reach:g}</td><td>{escape(color_words(c))}</td></tr>"
        for c in fit.colors
    )
    said = "".join(f"<p>{escape(line.strip())}</p>" for line in _summary(fit))
    return html_page(
        f"Colours of {fit.trials.source.path}",
        f"<table><tr><th>colour</th><th>was</th><th>is</th><th></th><th></th></tr>{rows}</table>{said}",
    )


def _swatch(color: str) -> str:
    return f'<td><svg width="40" height="20"><rect width="40" height="20" fill="{escape(color)}"/></svg></td>'
