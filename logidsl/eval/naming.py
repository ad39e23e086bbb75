"""What is named: literals, parameters, classes and sets, grids, regions; and the walks over sets."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import reductions, regions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import Cells, union
from logidsl.eval.reading import shape_of
from logidsl.eval.values import (
    Categorical,
    Lab,
    List,
    Mask,
    Num,
    Obj,
    Placing,
    Set,
    Shape,
    UndefinedReason,
    Value,
    exact,
    first_why,
    mark,
    truth,
    unknown,
)
from logidsl.library.color import lab_of_hex
from logidsl.library.geometry import Geometry
from logidsl.types import OBJECTS, set_of


def literal(t: EvalState, node: ir.Literal_) -> Value:
    """A literal."""
    return constant(t, node.type.kind, node.value)


def constant(t: EvalState, kind: str, value: float | str | bool) -> Value:
    """A value that is the same on every image."""
    match kind, value:
        case "truth", bool():
            return truth(np.asarray(value))
        case "number" | "color" | "label", "":  # what `else -> none` gives
            return nothing(kind)
        case "color", str():
            lab = lab_of_hex(value)
            if lab is not None:
                return Lab(np.asarray(lab))
            return Lab(t.palette.labs[t.palette.names.index(value)], None, value)
        case _, str():
            return Categorical(np.asarray(0), (value,))
        case _:
            return exact(np.asarray(float(value)))


def nothing(kind: str) -> Value:
    """What equals nothing, of a kind."""
    why = np.asarray(np.uint8(UndefinedReason.NOTHING))
    match kind:
        case "number":
            zero = np.asarray(0.0)
            return Num(zero, zero, why)
        case "color":
            return Lab(np.zeros(3), why)
        case _:
            return Categorical(np.asarray(-1), (), why)


def name_value(t: EvalState, node: ir.Name) -> Value:
    """What a declared thing is."""
    match node.thing:
        case "raw":
            return t.frame.members((node.ref,))
        case "class":
            decl = next(c for c in t.program.classes if c.name == node.ref)
            if decl.each is None:
                return t.frame.members((node.ref,))
            return _derived(t, f"class {node.ref}", decl.each, decl.where)
        case "set":
            made = next(s for s in t.program.sets if s.name == node.ref)
            return _own_too(t, node.ref, _derived(t, f"set {node.ref}", made.each, made.where))
        case "grid":
            return grid_cells(t, next(g for g in t.program.grids if g.name == node.ref))
        case "region" | "let":
            assert node.target is not None
            found: Value = t.values[node.target]
            return found
        case "param":
            param = next(p for p in t.program.params if p.name == node.ref)
            return constant(t, param.type.kind, param.value)
        case "image":
            width, height = t.frame.size(0), t.frame.size(1)
            zero = np.zeros(t.frame.n)
            return Shape(Geometry(zero, zero, width.lo, height.lo), first_why(width.why, height.why))
        case "pixel":
            raise ValueError("a pixel has no value outside of seeing")
        case _:
            assert_never(node.thing)


def set_named(t: EvalState, name: str) -> Set:
    """The members of a declared class or set."""
    kind = "class" if any(c.name == name for c in t.program.classes) else "set"
    nowhere = ir.SourceSpan(line=1, column=1, end_line=1, end_column=1, text="")
    asked = ir.Name(thing="class" if kind == "class" else "set", ref=name, type=set_of(OBJECTS), depth=0, span=nowhere)
    found = name_value(t, asked)
    assert isinstance(found, Set)
    return found


def _derived(t: EvalState, key: str, each: int, where: int | None) -> Set:
    if key not in t.sets:
        t.sets[key] = reductions.kept(t.values, each, where, t.frame.n)
    return t.sets[key]


def _own_too(t: EvalState, name: str, found: Set) -> Set:
    """A derived set with the rows that already bear its name, as in a table from elsewhere."""
    key = f"own {name}"
    if name not in t.frame.prepared.table.classes.values:
        return found
    if key not in t.sets:
        t.sets[key] = union([found, t.frame.members((name,))])
    return t.sets[key]


def grid_cells(t: EvalState, grid: ir.Grid) -> Set:
    """The cells of a grid."""
    key = f"grid {grid.name}"
    if key not in t.sets:
        cells = Cells(
            grid.name,
            len(grid.rows_at) + 1 if grid.rows_at else grid.rows,
            len(grid.columns_at) + 1 if grid.columns_at else grid.columns,
            [t.values[i].lo for i in grid.rows_at],
            [t.values[i].lo for i in grid.columns_at],
            _lost([t.values[i] for i in (*grid.rows_at, *grid.columns_at)]),
            tuple(t.program.nodes[i].type.dim == "ratio" for i in grid.rows_at),
            tuple(t.program.nodes[i].type.dim == "ratio" for i in grid.columns_at),
        )
        of = None if grid.of is None else t.values[grid.of]
        match of:
            case Set():
                t.sets[key] = t.frame.cells_of(of, cells)
            case List():
                assert grid.of is not None
                t.sets[key] = t.frame.cells_of(regions.walked(t, grid.of, of), cells)
            case Shape() | Obj():
                geometry, why = shape_of(t, of)
                t.sets[key] = t.frame.fixed_cells(geometry, why, cells)
            case Placing(axes, why):
                zero = np.zeros_like(axes.width)
                whole = Geometry(zero, zero, axes.width, axes.height)
                t.sets[key] = t.frame.fixed_cells(whole, why, cells, axes)
            case None:
                width, height = t.frame.size(0), t.frame.size(1)
                zero = np.zeros(t.frame.n)
                whole = Geometry(zero, zero, width.lo, height.lo)
                t.sets[key] = t.frame.fixed_cells(whole, first_why(width.why, height.why), cells)
            case _:
                raise TypeError(f"a grid of {type(of).__name__}")
    return t.sets[key]


def _lost(cuts: list[Num]) -> Mask | None:
    """Where a place of a cut is undefined or in doubt."""
    open_ = [mark(c.lo != c.hi, UndefinedReason.DOUBTFUL) for c in cuts if not c.exact]
    return unknown(*(c.why for c in cuts), *open_)


def binder(t: EvalState, node: ir.Binder) -> Obj:
    """An object that ranges over a set, on a new axis."""
    source = t.values[node.source]
    if isinstance(source, List):
        source = regions.walked(t, node.source, source)
    assert isinstance(source, Set)
    depth = (source.rows.shape[0], *(1,) * (node.depth - 1), t.frame.n)
    found = Obj(source.store, source.rows.reshape(depth), origin=source)
    sure = source.sure.reshape(depth)
    maybe = sure if source.sure is source.maybe else source.maybe.reshape(depth)
    found.members = (sure, maybe)
    uncounted = t.frame.prepared.uncounted
    if uncounted is not None and source.store == OBJECTS:
        found.uncounted = uncounted[found.rows]
    return found
