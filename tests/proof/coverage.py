"""What the generated cases hold: counted, so that a test can say that nothing is left out."""

from __future__ import annotations

from collections import Counter

import numpy as np

from logidsl import ir
from logidsl.eval import judge
from logidsl.library import builtins
from logidsl.library.values import UndefinedReason
from logidsl.table import BOX, ObjectTable
from logidsl.types import REGIONS, set_of
from tests.oracle.functions import OF_PICTURES
from tests.oracle.interpreter import Interpreter
from tests.oracle.picture import Picture, pictures_of
from tests.oracle.shapes import Shape, gap
from tests.oracle.values import Num
from tests.proof.compare import Tally
from tests.proof.specs import APART
from tests.proof.strategies import Case

#: Reasons that a case may have; those of pictures are too rare at random, and are in `test_place_values`.
WHYS = tuple(
    w.words
    for w in UndefinedReason
    if w
    not in (
        *(UndefinedReason.DEFINED, UndefinedReason.NOTHING, UndefinedReason.NO_PIXELS, UndefinedReason.OUTSIDE),
        UndefinedReason.NOT_READ,  # of a whole picture, in a batch
    )
)
#: What a table may hold.
SIGHTS = (
    "empty table",
    "empty image",
    "duplicate",
    "touching boxes",
    "nested boxes",
    "tie",
    "missing value",
    "missing box",
    "missing column",
    "doubtful object",
    "dropped object",
    "outline",
    "hole",
    "unknown size",
)
STATEMENTS = (
    "doubtful",
    "frame",
    "keep best",
    "import",
    "variant",
    "param",
    "grid of several",
    "grid at places",
    "grid of a turned region",
    "grid of cells",
    "grid of regions",
    "region of",
    "union of regions",
    "set",
    "narrowed class",
    "let",
    "scale",
    "cardinality",
)
NODES = ("literal", "name", "each", "column", "call", "quantifier", "aggregate", "match")


def wanted() -> list[str]:
    """All that a good number of cases must hold."""
    names = [f"{group} {name}" for group in ("function", "aggregate", "relation") for name in builtins(group)]
    names = [name for name in names if name.removeprefix("aggregate ") not in OF_PICTURES]
    folded = {"aggregate last": "aggregate first", "aggregate largest": "aggregate first"}
    folded |= dict.fromkeys(["aggregate smallest", "aggregate nearest"], "aggregate first")
    attributes = [f"attribute {n}" for n, e in builtins("attribute").items() if e.of != ("pixels",)]
    found = [*(folded.get(n, n) for n in names), *attributes, *(f"node {k}" for k in NODES)]
    found += [*(f"statement {s}" for s in STATEMENTS), *(f"table {s}" for s in SIGHTS)]
    found += [*(f"because {w}" for w in WHYS), "none of a match", "range round by the turn", "doubtful subject"]
    found += ["spliced list", "one of a set's values"]
    return [*dict.fromkeys(found), *(f"verdict {v}" for v in ("fail", "review", "pass"))]


def cover(case: Case, tally: Tally) -> None:
    """Count what a case holds."""
    for what in {*_of_program(case), *_of_table(case.program, case.table), *_of_judging(case)}:
        tally.held[what] += 1


def _of_program(case: Case) -> list[str]:
    p = case.program
    found = []
    for node in p.nodes:
        found.append(f"node {node.kind}")
        match node:
            case ir.Call(fn="between", args=(of, low, high)):
                if p.nodes[of].type.dim == "angle" and _fixed(p, low) > _fixed(p, high):
                    found.append("range round by the turn")
            case ir.Call(fn="splice"):
                found.append("spliced list")
            case ir.Call(fn="member"):
                found.append("one of a set's values")
            case ir.Call(fn=fn):
                found += [f"function {fn}", f"relation {fn}"]
            case ir.Aggregate(fn=fn):
                found.append(f"aggregate {fn}")
            case ir.Column(attribute=name):
                found.append(f"attribute {name}")
            case ir.Literal_(value="", written="none"):
                found.append("none of a match")
            case _:
                pass
    said = {
        "doubtful": p.doubtful,
        "frame": p.frame is not None,
        "keep best": p.keeps,
        "import": APART in case.text,
        "variant": "variant " in case.text,
        "param": p.params,
        "grid of several": any(g.of_set for g in p.grids),
        "grid at places": any(g.rows_at or g.columns_at for g in p.grids),
        "grid of a turned region": any(_turned(p, g.of) for g in p.grids),
        "grid of cells": any(g.of is not None and str(p.nodes[g.of].type.domain).startswith("grid:") for g in p.grids),
        "grid of regions": any(g.of is not None and p.nodes[g.of].type == set_of(REGIONS) for g in p.grids),
        "region of": any(isinstance(n, ir.Call) and n.fn == "on_frame" for n in p.nodes),
        "union of regions": any(isinstance(n, ir.Call) and n.fn == "places" and len(n.args) > 1 for n in p.nodes),
        "set": p.sets,
        "narrowed class": any(c.where is not None for c in p.classes),
        "let": any(isinstance(n, ir.Name) and n.thing == "let" for n in p.nodes),
        "scale": p.scale,
        "cardinality": any(r.cardinality for r in p.rules),
    }
    return found + [f"statement {name}" for name, there in said.items() if there]


def _turned(program: ir.Program, i: int | None) -> bool:
    """Whether a node is a region that is drawn on a turned frame."""
    while i is not None:
        node = program.nodes[i]
        if not isinstance(node, ir.Name):
            owner = program.nodes[node.args[1]] if isinstance(node, ir.Call) and node.fn == "on_frame" else None
            return isinstance(owner, ir.Call) and owner.fn == "turned"
        i = node.target
    return False


def _fixed(program: ir.Program, i: int) -> float:
    """A number that is written, with its sign; 0 for another."""
    match program.nodes[i]:
        case ir.Literal_(value=float() as value):
            return value
        case ir.Call(fn="neg", args=(part,)):
            return -_fixed(program, part)
        case _:
            return 0.0


def _of_table(program: ir.Program, table: ObjectTable) -> list[str]:
    found = ["empty table"] * (not table.images)
    missing = [k for k in table.columns if k not in BOX]
    found += ["missing column"] * (len(missing) < 11)
    for picture in pictures_of(table):
        found += _of_picture(program, picture)
    return [f"table {f}" for f in found]


def _of_picture(program: ir.Program, picture: Picture) -> list[str]:
    things = picture.things
    oracle = Interpreter(program, picture)
    doubt = [oracle.doubt(t) for t in things]
    boxes = [t.box for t in things if t.box is not None]
    pairs = [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :]]
    shapes = [(_shape(a), _shape(b)) for a, b in pairs]
    measured = Counter((name, value) for t in things for name, value in t.columns.items() if value is not None)
    seen = {
        "empty image": not things,
        "duplicate": any(a == b for a, b in pairs),
        "touching boxes": any(gap(a, b) == 0 and a.box[2] == b.box[0] for a, b in shapes),
        "nested boxes": any(a[0] <= b[0] and a[1] <= b[1] and b[2] <= a[2] and b[3] <= a[3] for a, b in pairs),
        "tie": any(n > 1 for n in measured.values()),
        "missing value": any(v is None for t in things for v in t.columns.values()),
        "missing box": any(t.box is None for t in things),
        "doubtful object": None in doubt,
        "dropped object": False in doubt,
        "outline": any(t.outline for t in things),
        "hole": any(len(t.outline) > 1 for t in things),
        "unknown size": picture.width is None,
    }
    return [name for name, there in seen.items() if there]


def _shape(box: tuple[float, float, float, float]) -> Shape:
    return Shape(box)


def _of_judging(case: Case) -> list[str]:
    judged = judge(case.program, case.table)
    found = [f"verdict {({-1: 'fail', 0: 'review', 1: 'pass'})[int(v)]}" for v in np.unique(judged.verdicts)]
    for clause in judged.clauses:
        found += [f"because {w}" for reason in set(clause.reasons) for w in WHYS if reason.endswith(w)]
    return found + ["doubtful subject"] * _doubtful_subject(case)


def _doubtful_subject(case: Case) -> bool:
    """Whether a `match` outside of walks looks at a number that is in doubt."""
    tops = [n for n in case.program.nodes if isinstance(n, ir.Match) and n.depth == 0]
    if not tops:
        return False
    for picture in pictures_of(case.table):
        oracle = Interpreter(case.program, picture)
        values = [oracle.value(n.subject, {}) for n in tops]
        if any(isinstance(v, Num) and not v.exact for v in values):
            return True
    return False
