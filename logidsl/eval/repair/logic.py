"""Truths changed: logic by its parts, iterations member by member, comparisons by their operands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from logidsl import ir
from logidsl.eval.objects import feeding
from logidsl.eval.repair import columns, lists, operations
from logidsl.eval.repair.bindings import Binding
from logidsl.eval.repair.plans import (
    Plan,
    each_first,
    exactly,
    handles,
    point_written,
    reach,
    reach_value,
    removed,
    together,
    wanted,
    written,
)
from logidsl.eval.repair.uses import declared
from logidsl.ir.walk import comparison, entry_of
from logidsl.library import REGISTRY, takes
from logidsl.library.comparisons import Not
from logidsl.library.declare import unmade
from logidsl.library.intervals import Interval
from logidsl.library.values import Lab, List, Num, Point, Shape, UndefinedReason

#: Placeholder for a point that was not measured, to be moved to where it is wanted.
_FIRST_PX = 10.0


@handles(bool)
def make(b: Binding, i: int, node: ir.Node, want: bool) -> Iterator[Plan]:
    """Plans that make a condition hold (`want`), or not."""
    match node:
        case ir.Call(fn="not", args=(inner,)):
            yield from reach(b, inner, not want)
        case ir.Call(fn="and" | "or" as fn, args=args):
            left = [a for a in args if not b.holds(a, want)]
            if (fn == "and") == want:
                yield from _all(b, left, want)
            else:
                yield from each_first(reach(b, a, want) for a in args)
        case ir.Call(fn="if", args=args):
            yield from _if(b, args, want)
        case ir.Match():
            value = b.chosen(node)
            if value is not None:
                yield from reach(b, value, want)
        case ir.Quantifier():
            yield from _walk(b, node, want)
        case ir.Call(fn="member_of", args=(of, members)):
            yield from _member(b, of, members, want)
        case ir.Aggregate():
            yield from _defined(b, i)
            yield from columns.said_of_all(b, i, node, want)
        case ir.Call():
            yield from _defined(b, i)
            yield from _compare(b, node, want)


def _all(b: Binding, parts: list[int], want: bool) -> Iterator[Plan]:
    """All of the parts; if the first ways of each are incompatible, another is tried."""
    ways = [list(islice(reach(b, p, want), 3)) for p in parts]
    if not parts or not all(ways):
        return
    yield [c for way in ways for c in way[0]]
    for k, way in enumerate(ways):
        for other in way[1:]:
            yield [c for j, first in enumerate(ways) for c in (other if j == k else first[0])]


def _if(b: Binding, args: tuple[int, ...], want: bool) -> Iterator[Plan]:
    """The conclusion of the condition, otherwise the condition."""
    condition, then, *otherwise = args
    if b.holds(condition, True):
        yield from reach(b, then, want)
    elif otherwise and b.holds(condition, False):
        yield from reach(b, otherwise[0], want)
    if want and not otherwise:
        yield from reach(b, condition, False)
    elif not want:
        yield from ([*first, *second] for first in reach(b, condition, True) for second in reach(b, then, False))


# ---- walks ------------------------------------------------------------------------------------------------


def _walk(b: Binding, node: ir.Quantifier, want: bool) -> Iterator[Plan]:
    """`every`, `some`, `no`: members are changed, taken away, or added."""
    if node.fn != "every":
        yield from _some(b, node, node.body, True) if (node.fn == "some") == want else _none(b, node)
    elif not want:
        yield from _some(b, node, node.body, False)
    elif node.body is not None:
        failing = [m for m in b.members(node.each, node.where) if not m[0].holds(node.body, True)]
        yield from together(reach(inner, node.body, True) for inner, _, _ in failing)
        if failing and b.of_objects(node.each):
            yield removed(b, [row for _, row, _ in failing])


def _none(b: Binding, node: ir.Quantifier) -> Iterator[Plan]:
    """No member meets the condition: members are removed if the clause is about them, otherwise changed."""
    found = [m for m in b.members(node.each, node.where) if node.body is None or m[0].truth(node.body)[1]]
    conditions = [c for c in (node.body, node.where) if c is not None]
    changed = [together(reach(inner, c, False) for inner, _, _ in found) for c in conditions]
    gone = [removed(b, [row for _, row, _ in found])] if found and b.of_objects(node.each) else []
    for way in [gone, *changed] if node.body is None else [*changed, gone]:
        yield from way


def _some(b: Binding, node: ir.Quantifier, body: int | None, want: bool) -> Iterator[Plan]:
    """Some member meets the condition: one is changed, or added."""
    added = [wanted(b, node.each, node.where)] if b.of_objects(node.each) else []
    if body is None:
        yield from added
    asked = [(c, w) for c, w in ((node.where, True), (body, want)) if c is not None]
    for inner, _, certain in b.members(node.each):
        left = [(c, w) for c, w in asked if not inner.holds(c, w)]
        if certain and left:
            firsts = [plan for c, w in left[:-1] for plan in islice(reach(inner, c, w), 1)]
            for plan in islice(reach(inner, *left[-1]), 4):
                yield [*(c for first in firsts for c in first), *plan]
    if body is not None:
        yield from added


def _member(b: Binding, of: int, members: int, want: bool) -> Iterator[Plan]:
    """The conditions of a set on one object; an object of another class cannot be changed into a member."""
    _, node = b.node(members)
    row = b.row(of)
    if not isinstance(node, ir.Name) or row < 0:
        return
    narrowed = next((d for d in declared(b.program, node.ref) if d.each is not None), None)
    if narrowed is None:
        plan = written(b, row, "class", node.ref) if want else []
        if plan:
            yield plan
    elif narrowed.each is not None and narrowed.where is not None:
        inner = next((m for m, r, _ in b.outer(0).members(narrowed.each) if r == row), None)
        if inner is not None:
            yield from reach(inner, narrowed.where, want)


# ---- comparisons --------------------------------------------------------------------------------------------


def _compare(b: Binding, node: ir.Call, want: bool) -> Iterator[Plan]:
    """The operands are changed, the left side first, then the right."""
    entry, args = entry_of(node), node.args
    value = b.state.values[b.node(args[0])[0]]
    if entry is None:
        if node.fn == "member" and want:
            yield from each_first(reach_value(b, args[0], v) for v in b.items(args[1]) or () if v is not None)
    elif isinstance(value, Num) or entry.kernel is not unmade:
        yield from operations.inverted(b, node, exactly(float(want)))
    elif len(args) == 3 and isinstance(value, Point | Lab) and (limit := b.number(args[2])) is not None:
        goal = Interval(0.0, limit.low) if want else Interval(limit.high, low_open=True)
        kinds, fn = (("P", "P"), "distance") if isinstance(value, Point) else (("color", "color"), "difference")
        kernel = REGISTRY["function", fn].kernel
        yield from operations.solved(b, kernel, kinds, args[:2], goal, False)
    else:
        yield from _equal(b, args, want is not isinstance(comparison(node), Not))


def _equal(b: Binding, args: tuple[int, ...], want: bool) -> Iterator[Plan]:
    """A value equal to one of several, or different from all of them."""
    one, *options = args
    if isinstance(b.state.values[b.node(one)[0]], List):
        for option in (o for o in options if isinstance(b.state.values[b.node(o)[0]], List)):
            for pair in ((one, option), (option, one)):
                yield from lists.equal_lists(b, *pair) if want else lists.unequal_lists(b, *pair)
        return
    if want:
        yield from each_first(_alike(b, one, option) for option in options)
        return
    for i, against in ((one, options), *((o, [one]) for o in options)):
        avoided = {b.plain(b.node(o)[0]) for o in against}
        names = {v.name for o in against if isinstance(v := b.state.values[b.node(o)[0]], Lab)}
        for value in operations.others(b, b.node(i)[0], avoided, 12):
            if not isinstance(value, tuple) or _name_of(b, value) not in names:
                yield from reach_value(b, i, value)
                break


def _alike(b: Binding, one: int, other: int) -> Iterator[Plan]:
    """One value written like the other; for a choice by cases, another case chosen."""
    for i, against in ((one, other), (other, one)):
        value = b.plain(b.node(against)[0])
        if value is not None:
            yield from reach_value(b, i, value)
    for i in (other, one):
        _, node = b.node(i)
        if isinstance(node, ir.Match):
            yield from each_first(_fit(b, node.subject, arm.patterns[0]) for arm in node.arms)


def _fit(b: Binding, subject: int, pattern: int) -> Iterator[Plan]:
    """What a `match` looks at made to fit a pattern."""
    if b.program.nodes[pattern].type.kind == "truth":
        yield from reach(b, pattern, True)
    else:
        yield from _alike(b, subject, pattern)


def _name_of(b: Binding, lab: tuple[float, float, float]) -> str | None:
    """The named colour that a colour is."""
    found = int(b.state.palette.which(Lab(np.asarray(lab))))
    return b.state.palette.names[found] if found >= 0 else None


# ---- what is undefined --------------------------------------------------------------------------------------


def _defined(b: Binding, i: int) -> Iterator[Plan]:
    """Plans that make the values below an undetermined condition defined."""
    must, can = b.truth(i)
    if must != can:
        yield from _define(b, i)


def _define(b: Binding, i: int) -> Iterator[Plan]:
    for k in feeding(b.program, i):
        node, why = b.program.nodes[k], b.reason(k)
        match node:
            case ir.Aggregate(each=int(each)) | ir.Quantifier(each=each):
                read = [getattr(node, name, None) for name in ("where", "value", "by", "body")]
                for inner, _, _ in b.members(each):
                    yield from (
                        p for part in read if part is not None and _is_open(inner, part) for p in _define(inner, part)
                    )
        match node:
            case ir.Column(of=of, attribute=name) if why is UndefinedReason.NOT_MEASURED and not isinstance(
                b.state.values[of], Shape
            ):
                if node.type.kind == "point" and not takes(name):  # a centre follows from its box
                    yield point_written(b, b.row(of), name, _FIRST_PX, _FIRST_PX)
                yield from (p for value in operations.others(b, k, set(), 1) for p in reach_value(b, k, value))
            case ir.Aggregate(each=int(each)) if b.of_objects(each):
                if why in (UndefinedReason.ABSENT, UndefinedReason.EMPTY):
                    yield wanted(b, each, node.where)
                elif why is UndefinedReason.AMBIGUOUS and node.by is None:  # of the only one there are several
                    yield removed(b, [row for _, row, _ in b.members(each, node.where)][1:])
            case ir.Match() if why is UndefinedReason.NO_CASE:
                yield from (p for arm in node.arms for q in arm.patterns for p in _fit(b, node.subject, q))


def _is_open(b: Binding, i: int) -> bool:
    """Whether a value is undefined, or a truth undetermined."""
    if b.program.nodes[i].type.kind == "truth":
        must, can = b.truth(i)
        return must != can
    return b.reason(i) is not UndefinedReason.DEFINED
