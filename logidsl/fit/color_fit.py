"""`--colors`: the colours of a spec fitted to cases, tested, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from logidsl.diagnostics import InputError, counted
from logidsl.fit.colors import (
    DEFAULT_REACH,
    FittedColor,
    Palette,
    fit_colors,
    objects_of,
    palette_of,
    with_colors,
    words_of,
)
from logidsl.fit.estimate import estimate_of
from logidsl.fit.outcome import Outcome
from logidsl.fit.rewrite import Edit
from logidsl.fit.search import Options
from logidsl.fit.trials import Losses, Progress, Trials
from logidsl.fit.truth import Expectation, listed
from logidsl.report.pages import html_page, paragraphs


@dataclass(frozen=True, kw_only=True)
class ColorFit(Outcome):
    """Colours fitted to cases."""

    palette: Palette
    colors: tuple[FittedColor, ...]

    what = "colours"

    def was(self, color: FittedColor) -> str:
        """A colour as it stood."""
        s = self.palette.statements[color.name]
        return f'"{s.value.value}" within {s.reach.text if s.reach else f"{DEFAULT_REACH:g}"}'

    def fitted_text(self, width: int) -> str:
        """Each colour before and after."""
        lines = []
        for c in self.colors:
            lines += [f'{c.name} = "{c.written}" within {c.reach:g}, was {self.was(c)}', f"  {color_words(c)}"]
        return "\n".join([*lines, ""])

    def fitted_document(self) -> dict[str, object]:
        """Each colour as plain values."""
        colors = [
            {
                "name": c.name,
                "color": c.written,
                "within": c.reach,
                "was": self.was(c),
                "objects": c.count,
                "farthest": round(c.farthest, 3),
                "nearest_other": None if c.nearest_other is None else round(c.nearest_other, 3),
                "separate": c.separate,
            }
            for c in self.colors
        ]
        return {"colors": colors}

    def edits(self, truth: str | None) -> list[Edit]:
        """The new centres and reaches, with a comment on each colour."""
        return [
            Edit(span, words, c.name, f"{color_words(c)}; was {self.was(c)}")
            for c in self.colors
            for span, words in words_of(self.palette.statements[c.name], c.written, c.reach)
        ]

    def summary(self) -> list[str]:
        """What is right, and what to expect, in lines."""
        return super().summary() if self.judged else ["without --truth, the correct results are unknown"]

    def as_page(self) -> str:
        """The fit as one HTML page: each colour before and after."""
        rows = "".join(
            f"<tr><td>{escape(c.name)}</td>{_swatch(self.palette.statements[c.name].value.value)}{_swatch(c.written)}"
            f"<td>{escape(c.written)} within {c.reach:g}</td><td>{escape(color_words(c))}</td></tr>"
            for c in self.colors
        )
        head = "<tr><th>colour</th><th>was</th><th>is</th><th></th><th></th></tr>"
        title = f"Colours of {self.trials.source.path}"
        return html_page(title, f"<table>{head}{rows}</table>{paragraphs(self.summary())}")


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
        from_none = listed([cases[i].name for i in odd], quote="")
        said.append(f"the numbers of objects found and counted differ, so no colour is learned from {from_none}")
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
    return ColorFit(
        trials=trials,
        palette=palette,
        colors=tuple(colors),
        losses=losses,
        before=before,
        estimate=estimate,
        judged=told,
        notes=tuple(said),
    )


def color_words(c: FittedColor) -> str:
    """What a reach follows from."""
    objects = f"{counted(c.count, 'object')}, the farthest at {c.farthest:.1f}"
    if c.nearest_other is None:
        return f"{objects}; no object of another class is within reach"
    if c.separate:
        return f"{objects}; of other classes the nearest at {c.nearest_other:.1f}, and the middle is taken"
    return f"{objects}; of other classes the nearest at {c.nearest_other:.1f}: no reach separates them"


def _swatch(color: str) -> str:
    return f'<td><svg width="40" height="20"><rect width="40" height="20" fill="{escape(color)}"/></svg></td>'
