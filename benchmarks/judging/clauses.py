"""The twelve clauses in the language, their table, and what a baseline must agree with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.judging.baselines import baseline, numpy_like_the_language
from logidsl.eval import Prepared, judge
from logidsl.ir import Program
from logidsl.pipeline import compile_spec
from logidsl.report.words import hex_of
from logidsl.source import Source
from logidsl.table import ObjectTable, TextColumn
from logidsl.verdicts import Judgement

CLASSES = {"label": "tag", "text": "print"}  # names that the language has for something else
COLORS = ("yellow", "blue", "red")
COLUMNS = {"x0": "x0", "y0": "y0", "x1": "x1", "y1": "y1", "x": "cx", "y": "cy", "area": "area", "length": "length"}

#: The class whose bound objects a baseline names, by clause.
BOUND = {1: "compartment", 10: "pushpin"}
#: Clauses where a baseline names every object counted; the language names the surplus, and what is absent.
WHOLE = {0, 3, 8, 9}


def spec_text(gen: ModuleType, pins: int, nearest_px: float) -> str:
    """The twelve clauses; their order is that of the baselines."""
    palette = "\n".join(
        f'color {name} = "{hex_of((float(lab[0]), float(lab[1]), float(lab[2])))}" within 60'
        for name, lab in zip(COLORS, gen.PALETTE, strict=True)
    )
    heights = ", ".join(f"{name} -> {h:g} px" for name, h in zip(COLORS, gen.HEIGHTS, strict=True))
    return f"""
spec bench
{palette}
object pushpin, compartment, bolt, tag, print, cable, connector, fruit, mix
rule pins: count(pushpin) = {pins}
rule one_pin: every compartment c: count(pushpin inside c) = 1
rule bolt_area: every bolt: area in {gen.BOLT_LO} .. {gen.BOLT_HI} px2
rule bolt_pair: count(bolt where length > {gen.LEN_T} px) = 1 and count(bolt) = 2
rule tag_above: every tag a: every print b: a above b
rule apart: every connector a: every other connector b: distance(a, b) in {gen.DIST_LO} .. {gen.DIST_HI} px
rule height: every cable a: every connector b: b.height = match a.color {{ {heights} }} within {gen.H_TOL} px
rule order: (every fruit a: every mix b: a left_of b) and (every tag a: every fruit b: a left_of b)
rule as_many: count(fruit) = count(mix)
rule share:
    {gen.RATIO_LO} * sum(area of mix) <= sum(area of fruit) and sum(area of fruit) <= {gen.RATIO_HI} * sum(area of mix)
rule spaced: every pushpin a: no other pushpin b where distance(a, b) < {nearest_px:.6f} px
rule level: every connector: y = mean(y of connector) within {gen.ALIGN} px
"""


@dataclass(frozen=True)
class Case:
    """Some images for the twelve clauses.

    Parameters
    ----------
    made : Table of the baselines
        Its images and objects.
    """

    made: Any

    @classmethod
    def of(cls, images: int, seed: int | None = None) -> Case:
        """Images with about 43 objects each, of which a quarter fail."""
        return cls(baseline("gen").make(images, 15, 3, seed=images if seed is None else seed))

    @cached_property
    def text(self) -> str:
        """The spec."""
        return spec_text(baseline("gen"), self.made.K, self.made.nn_min)

    @cached_property
    def program(self) -> Program:
        """The spec, compiled."""
        return compile_spec(Source("bench.logic", self.text))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """What the spec calls the classes."""
        return tuple(CLASSES.get(c, c) for c in baseline("gen").CLASSES)

    @cached_property
    def table(self) -> ObjectTable:
        """The baselines' table as an object table, with the rows in the same order."""
        made = self.made
        columns: dict[str, Any] = {name: np.asarray(getattr(made, k), np.float64) for name, k in COLUMNS.items()}
        columns["confidence"] = np.asarray(made.conf, np.float64)
        columns["color"] = np.stack([made.L, made.a, made.b], axis=1).astype(np.float64)
        return ObjectTable(
            images=tuple(map(str, range(made.N))),
            sizes=np.tile([1700.0, 1000.0], (made.N, 1)),
            offsets=np.asarray(made.off, np.int64),
            classes=TextColumn(np.asarray(made.cls, np.int64), self.classes),
            ids=tuple(map(str, range(made.n))),
            columns=columns,
        )

    @cached_property
    def prepared(self) -> Prepared:
        """The table, prepared."""
        return Prepared(self.table)

    @cached_property
    def judgement(self) -> Judgement:
        """Verdicts and findings."""
        return judge(self.program, self.prepared)

    @cached_property
    def plain_columns(self) -> dict[str, npt.NDArray[Any]]:
        """The table as a user's data frame has it: names of images and classes, colours as `#rrggbb`."""
        made = self.made
        found: dict[str, npt.NDArray[Any]] = {
            "image": np.array([str(i) for i in range(made.N)], object)[made.image_id],
            "class": np.array(self.classes, object)[made.cls],
        }
        found |= {name: np.asarray(getattr(made, k), np.float64) for name, k in COLUMNS.items()}
        cables = np.flatnonzero(made.cls == self.classes.index("cable"))
        colors = np.full(made.n, None, object)
        colors[cables] = [hex_of((float(made.L[i]), float(made.a[i]), float(made.b[i]))) for i in cables]
        return found | {"color": colors}

    def differences(self, judgement: Judgement) -> list[str]:
        """What differs between a judgement of all images and both NumPy baselines."""
        found = []
        for module in (numpy_like_the_language(), baseline("impl_numpy")):
            ok, rows = module.run(module.prepare(self.made), self.made)
            found += [f"{module.__name__}: {line}" for line in compare(judgement, ok, rows)]
        return found


def witnesses(judgement: Judgement, rule: int, wanted: str | None = None) -> set[int]:
    """Rows that the findings of a rule name as witnesses; with `wanted` the bound objects of that class."""
    found: set[int] = set()
    classes = judgement.table.classes
    for clause in judgement.clauses:
        if clause.rule != rule:
            continue
        for group in clause.groups:
            if wanted is None and group.role != "witness":
                continue
            rows = group.rows[group.rows >= 0]
            if wanted is not None:
                rows = rows[classes.codes[rows] == classes.values.index(wanted)]
            found |= set(rows.tolist())
    return found


def compare(judgement: Judgement, ok: npt.NDArray[np.bool_], rows: list[npt.NDArray[np.int64]]) -> list[str]:
    """What differs between a judgement and a baseline's verdicts (12, N) and rows of witnesses."""
    wrong = []
    for k in range(12):
        mine = judgement.truths[k] == 1
        if not np.array_equal(mine, ok[k]):
            wrong.append(f"clause {k + 1}: verdicts differ on {int((mine != ok[k]).sum())} images")
        theirs = set(np.asarray(rows[k]).tolist())
        named = witnesses(judgement, k, BOUND.get(k))
        if k in WHOLE:
            if not named <= theirs:
                wrong.append(f"clause {k + 1}: witnesses that the baseline does not name")
        elif named != theirs:
            wrong.append(f"clause {k + 1}: {len(named ^ theirs)} witnesses differ")
    return wrong
