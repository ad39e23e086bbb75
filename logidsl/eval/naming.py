"""Named values: literals, parameters, classes and sets, grids, regions; and iterations over sets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import batch_keys, layouts, reductions, regions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import Cells, union
from logidsl.eval.operators import Palette
from logidsl.eval.reading import shape_of
from logidsl.library.color import lab_of_hex
from logidsl.library.geometry import Geometry
from logidsl.library.values import (
    Categorical,
    Lab,
    List,
    Mask,
    Num,
    Obj,
    Placing,
    Set,
    Shape,
    Truth,
    UndefinedReason,
    Value,
    exact,
    first_why,
    mark,
    truth,
    unknown,
)
from logidsl.types import OBJECTS, PICTURES


def known_value(program: ir.Program, palette: Palette, node: ir.Node) -> Value | None:
    """The value of a literal or a parameter, which is the same on every image; None for other nodes."""
    match node:
        case ir.Literal_():
            return constant(palette, node.type.kind, node.value)
        case ir.Name(thing="param"):
            param = next(p for p in program.params if p.name == node.ref)
            if param.value is None:
                return exact(np.zeros(()), np.asarray(np.uint8(UndefinedReason.NOT_GIVEN)))
            return constant(palette, param.type.kind, param.value)
        case _:
            return None


def constant(palette: Palette, kind: str, value: float | str | bool) -> Value:
    """A value that is the same on every image; a named colour is one of the palette."""
    match kind, value:
        case "truth", bool():
            return truth(np.asarray(value))
        case "number" | "color" | "label", "":  # what `else -> none` gives
            return nothing(kind)
        case "color", str():
            lab = lab_of_hex(value)
            if lab is not None:
                return Lab(np.asarray(lab))
            return Lab(palette.labs[palette.names.index(value)], None, value)
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


def bound_name(program: ir.Program, node: ir.Name) -> Callable[[EvalState], Value]:
    """How the value of a declared thing is found."""
    match node.thing:
        case "raw":
            return lambda t: t.frame.members((node.ref,))
        case "class" | "set":
            return partial(set_named, name=node.ref)
        case "grid":
            grid = next(g for g in program.grids if g.name == node.ref)
            return lambda t: grid_cells(t, grid)
        case "layout":
            layout = next(found for found in program.layouts if found.name == node.ref)
            return lambda t: layouts.places(t, layout)
        case "image":
            return _whole_picture
        case "pixel":
            raise ValueError("a pixel has no value outside of seeing")
        case "place":
            return lambda t: exact(np.zeros(()))  # known once the pictures of a batch are
        case "view":
            view = next(v for v in program.views if v.name == node.ref)
            return lambda t: _in_view(t, view)
        case "pictures":
            return _pictures
        case "region" | "let" | "param":
            raise ValueError(f"a {node.thing} has the value of what it stands for")
        case _:
            assert_never(node.thing)


def _in_view(t: EvalState, view: ir.View) -> Truth:
    found = batch_keys.in_view(view, t.frame.prepared.table)
    must = found.must[t.frame.images]
    return Truth(must, must if found.exact else found.can[t.frame.images])


def _pictures(t: EvalState) -> Set:
    there = np.ones((1, t.frame.n), bool)
    return Set(PICTURES, t.frame.images[None], there, there)


def _whole_picture(t: EvalState) -> Shape:
    width, height = t.frame.size(0), t.frame.size(1)
    zero = np.zeros(t.frame.n)
    return Shape(Geometry(zero, zero, width.lo, height.lo), first_why(width.why, height.why))


def set_named(t: EvalState, name: str) -> Set:
    """The members of a declared class or set."""
    kind, each, where = t.program.walked[name]
    if each is None:
        return t.frame.members((name,))
    found = _derived(t, f"{kind} {name}", each, where)
    return found if kind == "class" else _own_too(t, name, found)


def _derived(t: EvalState, key: str, each: int, where: int | None) -> Set:
    if key not in t.sets:
        t.sets[key] = reductions.kept(t.values, each, where, t.frame.n)
    return t.sets[key]


def _own_too(t: EvalState, name: str, found: Set) -> Set:
    """A derived set with the rows that already have its name, as in a table from another source."""
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
    rows, sure, maybe = source.rows, source.sure, source.maybe
    if node.depth > 1:
        shape = (len(rows), *(1,) * (node.depth - 1), t.frame.n)
        rows, sure = rows.reshape(shape), sure.reshape(shape)
        maybe = sure if source.sure is maybe else maybe.reshape(shape)
    found = Obj(source.store, rows, origin=source, members=(sure, maybe))
    uncounted = t.frame.prepared.uncounted
    if uncounted is not None and source.store == OBJECTS:
        found.uncounted = uncounted[found.rows]
    return found
