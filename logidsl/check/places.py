"""Places: grids, regions and reference layouts, on the axes of what they are `of`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from logidsl import ir
from logidsl import types as ty
from logidsl.check import errors, infer, sets, source_errors, units
from logidsl.check.context import Context, Scope, Symbol, Typed, place
from logidsl.check.imports import path_below
from logidsl.syntax import ast

MOST_CELLS = 10_000


def grid(c: Context, found: Symbol, s: ast.Grid) -> None:
    """A `grid` statement."""
    found.type = ty.set_of(f"grid:{found.name}")
    counts = {"rows": 1, "columns": 1}
    at: dict[str, tuple[int, ...]] = {"rows": (), "columns": ()}
    of, of_set = _grid_owner(c, found, s)
    scope = Scope(frame=of) if of is not None and not of_set else Scope()
    for split in s.splits:
        if split.count is not None:
            if not 1 <= split.count <= 10_000:
                c.bag.add(errors.bad_cardinality(split.span, split.span.text))
                found.type = ty.ERROR
            counts[split.by] = split.count
        elif split.at is not None:
            axis = ty.length("y") if split.by == "rows" else ty.length("x")
            at[split.by] = tuple(_cut(c, e, axis, scope, of_set) for e in split.at.items)
    if counts["rows"] * counts["columns"] > MOST_CELLS:
        c.bag.add(errors.too_many_cells(counts["rows"] * counts["columns"], MOST_CELLS, s.span))
        found.type, counts = ty.ERROR, {"rows": 1, "columns": 1}
    c.grids.append(
        ir.Grid(
            name=found.name,
            rows=counts["rows"],
            columns=counts["columns"],
            rows_at=at["rows"],
            columns_at=at["columns"],
            of=of,
            of_set=of_set,
            span=place(s.span),
        )
    )


def _cut(c: Context, e: ast.Expr, axis: ty.Type, scope: Scope, of_set: bool) -> int:
    """The node of a place where a grid is divided; for a set, a share refers to each owner, and stays a ratio."""
    made = infer.value(c, e, scope, axis)
    if of_set and made.type == ty.PERCENT:
        return units.fit(c, made, ty.RATIO, scope, e.span).node
    cut = units.fit(c, made, axis, scope, e.span)
    if not cut.bad and cut.type.dim != "length":
        cut = c.error(errors.wrong_type(e.span.text, cut.type, "a length", e.span))
    elif of_set and not cut.bad and units.holds_share(c, cut.node):
        cut = c.error(errors.share_among_others(e.span.text, e.span))
    return cut.node


def _grid_owner(c: Context, found: Symbol, s: ast.Grid) -> tuple[int | None, bool]:
    """The node that a grid divides, and whether it is a set."""
    if s.of is None:
        return None, False
    if sets.is_set(c, s.of, Scope()):
        if not sets.is_plain(s.of):
            w = sets.walk(c, s.of, Scope())
            if w.bad:
                found.type = ty.ERROR
                return None, False
            name = f"{found.name} owners"
            where = w.filter(c, s.of.span)
            c.sets.append(ir.SetDecl(name=name, each=w.each.node, where=where, span=place(s.of.span)))
            return c.name("set", name, ty.set_of(str(w.each.type.domain)), s.of.span).node, True
        source = sets.source(c, s.of, Scope())
        if source.bad:
            found.type = ty.ERROR
        return source.node, True
    made = infer.value(c, s.of, Scope())
    if not made.bad and made.type.kind not in ("region", "object", "frame"):
        made = c.error(errors.wrong_type(s.of.span.text, made.type, "a region, a frame or a set", s.of.span))
    if made.bad:
        found.type = ty.ERROR
    return made.node, False


def region(c: Context, found: Symbol, s: ast.Region) -> None:
    """A `region` statement."""
    scope = Scope()
    owner = _owner(c, s)
    if owner is not None:
        if owner.bad:
            found.type, found.node = ty.ERROR, owner.node
            return
        scope = replace(scope, frame=owner.node)
    if isinstance(s.value, ast.Union):
        made = sets.source(c, s.value, scope)
    else:
        made = infer.value(c, s.value, scope, ty.REGION)
    if not made.bad and made.type.kind not in ("region", "set"):
        made = c.error(errors.wrong_type(s.value.span.text, made.type, "a region", s.value.span))
    if owner is not None and not made.bad:
        made = c.call("on_frame", (made.node, owner.node), made.type, scope, s.span)
    found.node, found.type = made.node, made.type
    c.regions.append(ir.Region(name=found.name, node=made.node, span=place(s.span)))


def _owner(c: Context, s: ast.Region | ast.Layout) -> Typed | None:
    """The object, region or frame after `of`."""
    if s.of is None:
        return None
    owner = infer.value(c, s.of, Scope())
    if owner.bad or owner.type.kind in ("object", "region", "frame"):
        return owner
    return c.error(errors.wrong_type(s.of.span.text, owner.type, "an object or a frame", s.of.span))


def layout(c: Context, found: Symbol, s: ast.Layout) -> None:
    """A `layout` statement; its file is read when a whole program is known."""
    owner = _owner(c, s)
    file = path_below(Path(c.path).parent, s.file.span.source.path, s.file.value)
    if file is None:
        c.bag.add(source_errors.source_outside(s.file.value, s.file.span))
    if file is None or (owner is not None and owner.bad):
        found.type = ty.ERROR
        return
    found.type = ty.LAYOUT
    of = None if owner is None else owner.node
    c.layouts.append(ir.Layout(name=found.name, file=file, of=of, span=place(s.file.span)))
