"""Reading objects, regions and frames: attributes, places, shapes and axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from logidsl.eval.eval_state import EvalState
from logidsl.eval.nms import id_places
from logidsl.eval.stores import read
from logidsl.library import REGISTRY
from logidsl.library.axes import placed, upright
from logidsl.library.geometry import Axes, Geometry
from logidsl.library.values import (
    Categorical,
    Ints,
    Lab,
    Num,
    Obj,
    Placing,
    Point,
    Reasons,
    Shape,
    UndefinedReason,
    Value,
    exact,
    first_why,
    mark,
)
from logidsl.table import BOX, TextColumn, is_count
from logidsl.types import OBJECTS

Pair = tuple[Any, Any]
Reader: TypeAlias = Callable[[EvalState, Value], tuple[Any, Reasons | None]]


def attribute(t: EvalState, of: Value, name: str, kind: str = "number") -> Value:
    """An attribute of an object, a region or the frame."""
    if isinstance(of, Shape):
        return _shape_attribute(of, name)
    assert isinstance(of, Obj)
    if name not in of.columns:
        of.columns[name] = _read(t, of, name)
    found = of.columns[name]
    if of.why is None and isinstance(found, (Num, Point)):  # makes no union for each call
        return found
    if found is None:
        why = _unmeasured(of)
        return _undefined(kind, of.rows.shape, first_why(of.why, why))
    match found:
        case Num(lo, hi):
            return Num(lo, hi, first_why(of.why, found.why))
        case Point(x, y):
            return Point(x, y, first_why(of.why, found.why))
        case Lab(lab):
            there = None if of.members is None or of.members[1].all() else of.members[1]
            return Lab(lab, first_why(of.why, found.why), there=there)
        case (TextColumn() as text, gone):
            return Categorical(text.codes, text.values, first_why(of.why, gone))
        case _:
            raise TypeError(f"cannot read {name}")


def _unmeasured(of: Obj) -> Reasons:
    """The reason that no object was measured; a slot without one gives no reason."""
    return np.where(of.rows >= 0, np.uint8(UndefinedReason.NOT_MEASURED), np.uint8(UndefinedReason.DEFINED))


def _read(t: EvalState, of: Obj, name: str) -> Any:
    """A column of an object; for an iterated one through its set, so that each row is read once."""
    store = t.frame.stores[of.store]
    if of.origin is None or of.rows.ndim == 1:
        return _listed(t, name, read(store, name, of.rows))
    cache = of.origin.columns
    if name not in cache:
        cache[name] = _listed(t, name, t.frame.read(of.origin, name))
    shape, found = of.rows.shape, cache[name]
    if shape == of.origin.rows.shape:
        return found
    match found:
        case Num(lo, _, why):
            return exact(lo.reshape(shape), None if why is None else why.reshape(shape))
        case _:
            return _listed(t, name, read(store, name, of.rows))


def _listed(t: EvalState, name: str, found: Any) -> Any:
    """A column in which invalid values are undefined: a label that is not listed, a count that is not one."""
    if isinstance(found, Num) and name in t.program.counts:
        broken = ~is_count(found.lo) & ~np.isnan(found.lo)
        return (
            exact(found.lo, first_why(found.why, mark(broken, UndefinedReason.NOT_MEASURED))) if broken.any() else found
        )
    labels = t.program.labels.get(name)
    if labels is None or not isinstance(found, tuple):
        return found
    text, gone = found
    foreign = np.array([v not in labels for v in text.values] + [False], bool)
    if not foreign.any():
        return found
    strange = foreign[text.codes]
    return TextColumn(np.where(strange, -1, text.codes), text.values), first_why(
        gone, mark(strange, UndefinedReason.UNKNOWN_LABEL)
    )


def ranks_of(t: EvalState, of: Obj) -> Ints:
    """A rank of each object that does not depend on the order of the rows: by its box, from the top, then its id."""
    rows, places = np.unique(of.rows, return_inverse=True)
    ranks = np.empty(len(rows), np.int64)
    ranks[np.lexsort(_ranking(t, of.store, rows))] = np.arange(len(rows))
    return ranks[places.reshape(of.rows.shape)]


def _ranking(t: EvalState, name: str, rows: Ints) -> list[Any]:
    """What rows are ranked by, the last key first."""
    store = t.frame.stores[name]
    keys: list[Any] = [id_places(t.frame.prepared.table, rows)] if name == OBJECTS else []
    if store.owner is not None:  # cells: by their owner, then by their position in it
        owners = ranks_of(t, Obj(store.owners, store.owner[rows]))
        keys += [store.columns["col"][rows], store.columns["row"][rows], owners]
    found = store.geometry(rows)
    if found is None:
        return keys
    shape, why = found
    nowhere = (rows < 0) | np.isnan(shape.x0) if why is None else (rows < 0) | np.isnan(shape.x0) | (why > 0)
    return keys + [np.where(nowhere, 0.0, v) for v in (shape.y1, shape.x1, shape.x0, shape.y0)]


def _undefined(kind: str, shape: tuple[int, ...], why: Reasons | None) -> Value:
    zero = np.zeros(shape)
    match kind:
        case "number":
            return Num(zero, zero, why)
        case "point":
            return Point(zero, zero, why)
        case "color":
            return Lab(np.zeros((*shape, 3)), why)
        case _:
            return Categorical(np.full(shape, -1, np.int64), (), why)


def _shape_attribute(of: Shape, name: str) -> Value:
    made = REGISTRY["attribute", name].kernel(of.geometry)
    nothing = mark(np.isnan(made[0] if isinstance(made, tuple) else made), UndefinedReason.EMPTY)
    why = first_why(of.why, nothing)
    return Point(made[0], made[1], why) if isinstance(made, tuple) else exact(made, why)


def place_of(t: EvalState, value: Value) -> tuple[Pair, Reasons | None]:
    """A point, or an object's centre, as (x, y)."""
    if isinstance(value, Point):
        return (value.x, value.y), value.why
    if isinstance(value, Shape):
        center = _shape_attribute(value, "center")
        assert isinstance(center, Point)
        return (center.x, center.y), center.why
    x, y = attribute(t, value, "x"), attribute(t, value, "y")
    assert isinstance(x, Num) and isinstance(y, Num)
    return (x.lo, y.lo), first_why(x.why, y.why)


def shape_of(t: EvalState, value: Value) -> tuple[Geometry, Reasons | None]:
    """A region, or an object's outline or box; a point is a box without extent."""
    if isinstance(value, Shape):
        return value.geometry, value.why
    if isinstance(value, Point):
        return Geometry(value.x, value.y, value.x, value.y), value.why
    assert isinstance(value, Obj)
    if value.geometry is None:
        value.geometry = (_geometry(t, value),)
    (found,) = value.geometry
    if found is None:
        zero = np.zeros(value.rows.shape)
        gone = _unmeasured(value)
        return Geometry(zero, zero, zero, zero), first_why(value.why, gone)
    return found[0], first_why(value.why, found[1])


#: How an argument that lies somewhere is read, by the kind of its parameter: as a point, or as a shape.
READERS: dict[str, Reader] = {"P": place_of, "point": place_of, "R": shape_of, "o": shape_of}


def _geometry(t: EvalState, of: Obj) -> tuple[Geometry, Reasons | None] | None:
    store = t.frame.stores[of.store]
    if of.origin is None or of.origin.part is None or not store.only_boxes:
        return store.geometry(of.rows)
    x0, y0, x1, y1 = (_read(t, of, name).lo for name in BOX)
    return Geometry(x0, y0, x1, y1), None


def axes_of(t: EvalState, owner: Value) -> tuple[Axes, Reasons | None]:
    """The axes of a frame, of a turned region or cell, or of an object's box; those of an empty region are unknown."""
    if isinstance(owner, Placing):
        return owner.axes, owner.why
    g, why = shape_of(t, owner)
    nothing = mark(np.isnan(g.x0), UndefinedReason.EMPTY)
    return (upright(g) if g.local is None else g.local.frame), first_why(why, nothing)


def put(g: Geometry, axes: Axes) -> Geometry:
    """Shapes of a frame as shapes of the picture."""
    if axes.upright and g.shapes is None:
        return Geometry(g.x0 + axes.x, g.y0 + axes.y, g.x1 + axes.x, g.y1 + axes.y, None, g.open_right, g.open_bottom)
    return placed(g, axes)
