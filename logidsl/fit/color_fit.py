"""`--colors`: the colours of a spec fitted to cases, tested, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from logidsl.diagnostics import InputError, counted
from logidsl.fit.colors import (
    DEFAULT_REACH,
    FittedColor,
    fit_colors,
    objects_of,
    palette_of,
    with_colors,
    words_of,
)
from logidsl.fit.estimate import estimate_of
from logidsl.fit.report import Fit
from logidsl.fit.rewrite import Edit
from logidsl.fit.search import Options
from logidsl.fit.trials import Losses, Trials
from logidsl.fit.truth import Expectation, listed
from logidsl.report.pages import paragraphs
from logidsl.syntax import ast
from logidsl.workers import Progress, tracked


@dataclass(frozen=True)
class ShownColor:
    """A fitted colour, and its statement as it stood."""

    color: FittedColor
    statement: ast.Color

    @property
    def was(self) -> str:
        """The colour as it stood."""
        s = self.statement
        return f'"{s.value.value}" within {s.reach.text if s.reach else f"{DEFAULT_REACH:g}"}'

    @property
    def now(self) -> str:
        """The colour as it is now."""
        return f'"{self.color.written}" within {self.color.reach:g}'

    def lines(self, width: int) -> list[str]:
        """The colour before and after, and what its reach follows from."""
        return [f"{self.color.name} = {self.now}, was {self.was}", f"  {self.why()}"]

    def document(self) -> dict[str, object]:
        """As plain values."""
        c = self.color
        return {
            "name": c.name,
            "color": c.written,
            "within": c.reach,
            "was": self.was,
            "objects": c.count,
            "farthest": round(c.farthest, 3),
            "nearest_other": None if c.nearest_other is None else round(c.nearest_other, 3),
            "separate": c.separate,
        }

    def html(self) -> str:
        """The colour before and after."""
        swatches = _swatch(self.statement.value.value) + _swatch(self.color.written)
        return f"<h2>{escape(self.color.name)} = {escape(self.now)}</h2><p>{swatches}</p>" + paragraphs(
            [f"It was {self.was}.", f"{self.why()}."]
        )

    def edits(self, truth: str | None) -> list[Edit]:
        """The new centre and reach, with a comment."""
        c = self.color
        words = words_of(self.statement, c.written, c.reach)
        return [Edit(span, text, c.name, f"{self.why()}; was {self.was}") for span, text in words]

    def why(self) -> str:
        """What the reach follows from."""
        c = self.color
        objects = f"{counted(c.count, 'object')}, the farthest at {c.farthest:.1f}"
        if c.nearest_other is None:
            return f"{objects}; no object of another class is within reach"
        if c.separate:
            return f"{objects}; of other classes the nearest at {c.nearest_other:.1f}, and the middle is taken"
        return f"{objects}; of other classes the nearest at {c.nearest_other:.1f}: no reach separates them"


def color_fit(trials: Trials, options: Options, notes: Sequence[str] = (), on_progress: Progress | None = None) -> Fit:
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
    for i in tracked(told if len(told) > 1 else [], len(told), on_progress):
        without, _ = fit_colors(palette, objects, [None if k == i else e for k, e in enumerate(expected)], options)
        left_out.append(float(tried(without, [i])[0, 0]))
    estimate = estimate_of([cases[i] for i in told], left_out, len(told), options) if left_out else None
    fitted = tuple(ShownColor(c, palette.statements[c.name]) for c in colors)
    return Fit("colors", trials, fitted, losses, before, told, estimate, tuple(said))


def _swatch(color: str) -> str:
    return f'<svg width="40" height="20"><rect width="40" height="20" fill="{escape(color)}"/></svg>'
