"""Hypothesis strategies: specs as text, tables, and both with decisions for what is done with them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import strategies as st

from logidsl import ir
from logidsl.table import ObjectTable
from tests.proof.choices import Choices, Drawn
from tests.proof.compare import compiled
from tests.proof.names import renamed
from tests.proof.pixels import measured
from tests.proof.specs import spec
from tests.proof.tables import table


@dataclass(frozen=True)
class Case:
    """A spec, its program, and a table to judge."""

    text: str
    program: ir.Program
    table: ObjectTable

    def __repr__(self) -> str:
        rows = [f"{k} {v.texts() if hasattr(v, 'texts') else v.tolist()}" for k, v in self.table.columns.items()]
        head = f"images {self.table.images} {self.table.sizes.tolist()} offsets {self.table.offsets.tolist()}"
        return "\n".join([self.text, head, f"classes {self.table.classes.texts()} {self.table.ids}", *rows])


def case(choose: Choices, budget: int = 3, most_images: int = 6, most_objects: int = 8) -> Case:
    """A random case."""
    text, seen = spec(choose, budget), table(choose, most_images, most_objects)
    if choose.chance(40):
        text, seen = renamed(choose, text, seen)
    program = compiled(text)
    return Case(text, program, measured(program, seen))


#: A region that is drawn, and what it lies on, if anything.
_DRAWN = re.compile(
    r"^(region zone\d+ = ).*?( of (?:tray|zone\d+|(?:upright|turned)\([^()]*(?:\(nut\))?\)))?$", re.MULTILINE
)
#: Regions that are empty, or have no extent.
HOLLOW = (
    "grow(tray, -50 px)",
    "ring(50 px, 50 px, 20 px, 20 px)",
    "grow(box(10 px, 10 px, 40 px, 40 px), -20 px)",
    "circle(30 px, 30 px, 0 px)",
    "box(20 px, 10 px, 20 px, 60 px)",
    "polygon(tray.center, point(10 px, 10 px), midpoint(tray, point(10 px, 10 px)))",
)


def hollow_case(choose: Choices) -> Case | None:
    """A random case whose regions are empty or have no extent; None of a spec without regions."""
    text, count = _DRAWN.subn(lambda m: f"{m[1]}{choose.pick(HOLLOW)}{m[2] or ''}", spec(choose))
    if not count:
        return None
    program = compiled(text)
    return Case(text, program, measured(program, table(choose)))


@st.composite
def specs(draw: st.DrawFn, budget: int = 3) -> str:
    """Texts of specs."""
    return spec(Drawn(draw), budget)


@st.composite
def tables(draw: st.DrawFn) -> ObjectTable:
    """Tables of 0 to 6 images with 0 to 8 objects each."""
    return table(Drawn(draw))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Specs with tables; smaller than the seeded ones, as each decision is drawn."""
    return case(Drawn(draw), budget=2, most_images=3, most_objects=6)


@st.composite
def cases_with_choices(draw: st.DrawFn) -> tuple[Case, Choices]:
    """Specs with tables, and decisions for what is done with them."""
    choose = Drawn(draw)
    return case(choose, budget=2, most_images=3, most_objects=6), choose
