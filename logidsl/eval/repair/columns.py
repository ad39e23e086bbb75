"""Columns and lists: where their values are read, and how to write them for a wanted result.

New values are found by trying them on the aggregate itself: all in proportion, all shifted, only those beyond the
limit, sorted, made equal or different. Those that work with the least change come first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval import reductions
from logidsl.eval.gather import take_axis
from logidsl.eval.objects import objects_read
from logidsl.eval.repair import placing
from logidsl.eval.repair.bindings import Binding, Plain
from logidsl.eval.repair.operations import first_within, others
from logidsl.eval.repair.plans import Plan, exactly, moved, reach, reach_value, removed, together, wanted
from logidsl.ir.walk import entry_of
from logidsl.library.intervals import Interval
from logidsl.library.values import Categorical, Lab, List, Members, Num, exact
from logidsl.types import OBJECTS

Items: TypeAlias = Sequence[Plain | None]


@dataclass(frozen=True)
class Column:
    """The values of a column or a list, None if one is undefined, and the binding and node where each is read.

    The values of `steps` are differences, so one more value is read.
    """

    slots: list[tuple[Binding, int]]
    values: Items
    steps: bool = False

    def write(self, new: Items) -> Iterator[Plan]:
        """Plans that change the values, position by position; None keeps one."""
        pairs = zip(self.slots, self.values, new, strict=False)
        if not self.steps:
            changed = [(m, i, n) for (m, i), old, n in pairs if n is not None and n != old]
            yield from together(reach_value(m, i, n) for m, i, n in changed)
            return
        keys = [m.number(i) for m, i in self.slots]
        known = [k.low for k in keys if k is not None]
        if known and len(known) == len(keys):
            wished = np.cumsum([known[0], *(n or 0.0 for n in new)])
            apart = zip(self.slots, known, wished.tolist(), strict=False)
            yield from together(reach(m, i, exactly(w)) for (m, i), k, w in apart if not math.isclose(k, w))


def column_of(b: Binding, i: int) -> Column | None:
    """The column of an aggregate, or the list at a node; None if it is unknown where its values are read."""
    i, node = b.node(i)
    match node:
        case ir.Call(fn="list", args=args):
            return Column([(b, a) for a in args], b.items(i) or ())
        case ir.Call(fn="splice", args=args):
            parts = [column_of(b, a) for a in args]
            slots = [slot for p in parts if p is not None and not p.steps for slot in p.slots]
            values = b.items(i) or ()
            return Column(slots, values) if len(slots) == len(values) else None
        case ir.Aggregate(each=None, value=int(value)):
            return column_of(b, value)
        case ir.Aggregate(each=int(each), value=value, by=by) if value is not None or by is not None:
            inner = {row: m for m, row, _ in b.members(each, node.where)}
            rows, listed = list(inner), b.state.values[i]
            if isinstance(listed, List) and listed.rows is not None:
                rows = [int(b.one(listed.rows[k])) for k in range(int(b.one(listed.size)))] if b.defined(listed) else []
            elif by is not None:
                keys = {row: key.low for row, m in inner.items() if (key := m.number(by)) is not None}
                rows = sorted(keys, key=keys.__getitem__, reverse=node.descending)
            read = by if value is None else value
            slots = [(inner[row], read) for row in rows if row in inner and read is not None]
            is_list = node.type.kind == "list"
            return Column(
                slots, (b.items(i) or ()) if is_list else [m.plain(k) for m, k in slots], is_list and value is None
            )
        case _:
            return None


# ---- a number that is made of a column -------------------------------------------------------------------


def bring(b: Binding, i: int, node: ir.Aggregate, goal: Interval) -> Iterator[Plan]:
    """Plans that bring an aggregate of a column or list into a range."""
    entry, column = entry_of(node), column_of(b, i)
    if column is None or entry is None:
        return
    if entry.bounds is None:
        kernel = _with_arguments(b, node, entry.kernel)
        yield from _arranged(kernel, column, lambda f: f.why is None and goal.low <= f.lo <= goal.high)
        return
    sure = np.ones(len(column.values), bool)
    if node.each is not None:
        certain = {m.at: c for m, _, c in b.members(node.each, node.where)}
        sure = np.array([certain[m.at] for m, _ in column.slots], bool)
        if not column.slots and not goal.low <= 0 <= goal.high:
            yield wanted(b, node.each, node.where)
    old = [v for v in column.values if isinstance(v, float)]
    if not old or len(old) < len(column.values):
        return
    for new in _values(entry, np.array(old), sure, goal):
        changed = [(slot, n) for slot, o, n in zip(column.slots, old, new, strict=False) if n != o]
        one_end = goal.low == -math.inf or goal.high == math.inf
        if one_end and not column.steps and all(n in goal.ends for _, n in changed):
            yield from together(reach(m, k, goal) for (m, k), _ in changed)
        else:
            yield from column.write(new)


def _values(entry: Any, v: Any, sure: Any, goal: Interval) -> Iterator[list[float]]:
    """Values for which an aggregate gives the wanted result, least change first; of the sure ones alone last."""
    there = np.ones((len(v), 1), bool)

    def ends(tried: Any) -> tuple[Any, Any]:
        return (entry.kernel(tried, there),) * 2 if sure.all() else entry.bounds(tried, tried, sure[:, None], there)

    low, high = (float(e[0]) for e in ends(v[:, None]))
    step = goal.low - low if low < goal.low else goal.high - high
    for chosen in (np.ones(len(v), bool), *([sure] if sure.any() and not sure.all() else [])):
        part = v[chosen]
        now, mean = float(entry.kernel(part[:, None], there[chosen])[0]), part.mean()
        ratio = (now + step) / now if now and now * (now + step) >= 0 else 1.0
        ways = [
            part * ratio,
            mean + (part - mean) * ratio,
            np.clip(part, *goal.ends),
            part + step / len(part),
            part + step,
        ]
        alone = part + step * np.eye(len(part))[np.argsort(-part, kind="stable")]
        tried = np.repeat(v[:, None], len(ways) + len(alone), axis=1)
        tried[chosen] = np.concatenate([ways, alone]).T
        far = np.abs(tried - v[:, None]).sum(axis=0)
        least, most = ends(tried)
        slack = 1e-9 * np.maximum(np.abs(least), np.abs(most))
        serves = (least >= goal.low - slack) & (most <= goal.high + slack) & (far > 0)
        order = np.argsort(np.round(far / (np.abs(v).sum() or 1.0), 9), kind="stable")
        yield from (tried[:, k].tolist() for k in order if serves[k])
        if sure.all() and not serves.any():
            yield from _one_solved(entry.kernel, v, goal, step)


def _one_solved(kernel: Callable[..., Any], v: Any, goal: Interval, step: float) -> Iterator[list[float]]:
    """Only the maximum or minimum of some values changed, so that their aggregate is as wanted."""
    alone = np.zeros((len(v), 2, 1))
    alone[v.argmax(), 0], alone[v.argmin(), 1] = 1.0, -1.0

    def of(far: Any) -> Any:
        return kernel(v[:, None, None] + alone * far, np.ones((len(v), 1, 1), bool))

    tried = np.append(0.0, np.exp2(np.arange(-4.0, 12.0)) * (abs(step) or 1.0))
    found = first_within(of, np.stack([tried, tried]), goal)
    yield from ((v + alone[:, k, 0] * found[k]).tolist() for k in (0, 1) if found[k] > 0)


def regrouped(b: Binding, node: ir.Aggregate, goal: Interval) -> Iterator[Plan]:
    """Plans that bring a number of groups into a range: the smallest removed, or members added that may form some."""
    groups = sorted(grouped(b, node).values(), key=len)
    surplus = len(groups) - goal.high
    if surplus > 0:
        yield removed(b, [row for g in groups[: math.ceil(surplus)] for row in g])
    elif node.each is not None and b.of_objects(node.each) and len(groups) < goal.low < math.inf:
        yield wanted(b, node.each, node.where, math.ceil(goal.low - len(groups)))


def grouped(b: Binding, node: ir.Aggregate) -> dict[int, list[int]]:
    """The rows of the members by the group that each belongs to; none of cells and regions."""
    entry = entry_of(node)
    if entry is None or entry.groups is None or node.each is None or not b.of_objects(node.each):
        return {}
    at, m = [np.array([a]) for a in b.at], reductions.members_of(b.state, node)
    found: dict[int, list[int]] = {}
    for number, row in zip(take_axis(entry.groups(m), at)[:, 0], take_axis(m.walked.rows, at)[:, 0], strict=True):
        if number >= 0:
            found.setdefault(int(number), []).append(int(row))
    return found


# ---- what is said of a whole column ----------------------------------------------------------------------


def said_of_all(b: Binding, i: int, node: ir.Aggregate, want: bool) -> Iterator[Plan]:
    """Plans that make a statement about a whole set or list hold, or not."""
    entry = entry_of(node)
    if entry is not None and entry.misfits is not None:
        yield from placing.put_right(b, node, want)
        return
    column = column_of(b, i)
    if entry is not None and entry.groups is not None:
        yield removed(b, [] if want else grouped(b, node).get(0, []))
        return
    if column is None or entry is None:
        yield from _partnered(b, i, node, want)
        return
    kernel = _with_arguments(b, node, entry.kernel)
    ways = [_arranged(kernel, column, lambda found: bool(found.must if want else not found.can))]
    if node.each is not None and b.of_objects(node.each):
        ways.append(_thinned(b, i, node, kernel, column) if want else iter([wanted(b, node.each, node.where)]))
    if node.by is not None:
        yield from untied(b, node)
    elif want:
        ways.reverse()
    for way in ways:
        yield from way


def _with_arguments(b: Binding, node: ir.Aggregate, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel on members with the aggregate's further arguments."""
    if not node.args or node.value is None:
        return kernel
    args, period_deg = [b.number(a) for a in node.args], b.program.period_deg([node.value])
    known = [exact(a.low) for a in args if a is not None]
    return lambda m: kernel(replace(m, args=known, period_deg=period_deg))


def _arranged(kernel: Callable[..., Any], column: Column, serves: Callable[[Any], bool]) -> Iterator[Plan]:
    """The values sorted, made equal or different: what works, with the fewest changes."""
    old: list[Any] = [*column.values]
    seen = sorted({v for v in old if v is not None}, key=lambda v: (-old.count(v), old.index(v)))  # the commonest first
    if not seen:
        return
    fresh = list(others(*column.slots[-1], set(seen), len(old)))
    again = [k for k, v in enumerate(old) if v is None or v in old[:k]]
    tried = [[v if v in seen[:n] else seen[0] for v in old] for n in range(1, len(seen) + 1)]
    for n in range(1, min(len(again), len(fresh)) + 1):
        apart = dict(zip(again[:n], fresh, strict=False))
        tried.append([apart.get(k, v) for k, v in enumerate(old)])
    if None not in old and isinstance(old[0], float):
        rising = strict(sorted(old))
        order = sorted(range(len(old)), key=old.__getitem__)
        tried += [rising, rising[::-1], [rising[order.index(k)] for k in range(len(old))]]

    def changes(new: list[Any]) -> tuple[int, float]:
        pairs = [(n, o) for n, o in zip(new, old, strict=True) if n != o]
        return len(pairs), sum(abs(n - o) for n, o in pairs if isinstance(n, float) and o is not None)

    for new in sorted(tried, key=changes):
        if None not in new and serves(_judged(kernel, new)):
            yield from column.write(new)


def _judged(kernel: Callable[..., Any], items: Sequence[Any]) -> Any:
    """What an aggregate makes of a list of values."""
    there, names = np.ones((len(items), 1), bool), tuple(dict.fromkeys(items))
    value: Num | Categorical | Lab = Categorical(np.array([[names.index(v)] for v in items]), names)
    if isinstance(items[0], float):
        value = exact(np.array(items)[:, None])
    elif isinstance(items[0], tuple):
        value = Lab(np.array(items)[:, None, :])
    return kernel(Members(there, there, value=value, key=exact(np.arange(float(len(items)))[:, None])))


def _thinned(b: Binding, i: int, node: ir.Aggregate, kernel: Callable[..., Any], column: Column) -> Iterator[Plan]:
    """Members removed until the statement holds for the rest, those named by the finding first."""
    values, kept = [*column.values], list[int]()
    read = objects_read(b.state, i, [np.array([a]) for a in b.at])
    odd = {row for r in read for row in r.rows[0].tolist()}
    rows = [m.row(node.each) for m, _ in column.slots] if node.each is not None else []
    for k in sorted(range(len(values)), key=lambda k: (rows[k] in odd, -values.count(values[k]))):
        if values[k] is not None and _judged(kernel, [values[j] for j in sorted([*kept, k])]).must:
            kept.append(k)
    yield removed(b, [row for k, row in enumerate(rows) if k not in kept])


def strict(values: Sequence[float], apart: float = 1e-3) -> list[float]:
    """Values in ascending order, with equal ones moved apart slightly."""
    found: list[float] = []
    for v in values:
        equal = bool(found) and v <= found[-1] * (1 + 1e-6) + 1e-6
        found.append(found[-1] + max(apart, abs(found[-1]) * 1e-3) if equal else v)
    return found


def untied(b: Binding, node: ir.Aggregate) -> Iterator[Plan]:
    """Members with equal keys moved apart, so that they have an order."""
    if node.each is None or (by := node.by) is None:
        return
    keyed = [(key.low, m) for m, _, _ in b.members(node.each, node.where) if (key := m.number(by)) is not None]
    keyed.sort(key=lambda k: k[0])
    apart = zip(keyed, strict([key for key, _ in keyed], 1.0), strict=True)
    yield from together(reach(m, by, exactly(new)) for (old, m), new in apart if new != old)


def _partnered(b: Binding, i: int, node: ir.Aggregate, want: bool) -> Iterator[Plan]:
    """Members without a required partner are removed; or a partner is added, or moved away."""
    if node.each is None or not b.of_objects(node.each):
        return
    if not want:
        walks = ((node.each, node.where), (node.other, node.other_where))
        yield from (wanted(b, each, where) for each, where in walks if each is not None)
        rows = [row for _, row, _ in b.members(node.each, node.where)]
        yield from (moved(b, row, *far) for far in ((500.0, 0.0), (0.0, 500.0)) for row in rows)
    elif node.other is not None:
        read = objects_read(b.state, i, [np.array([a]) for a in b.at])
        parts = [[row for row in r.rows[0].tolist() if row >= 0] for r in read if r.store == OBJECTS]  # not cells
        yield [c for rows in parts for c in removed(b, rows)]
    else:
        line, limit = (b.number(a) for a in node.args)
        at = {row: m.place(node.each) for m, row, _ in b.members(node.each, node.where)}
        if line is not None and limit is not None:
            sides, near = 1 if node.descending else 0, limit.low * (1 + 1e-9)  # which way, as the evaluator has it
            alone = [r for r, p in at.items() if not any(_mirrored(p, q, sides, line.low, near) for q in at.values())]
            yield removed(b, alone)


def _mirrored(
    p: tuple[float, float] | None, q: tuple[float, float] | None, axis: int, line: float, near: float
) -> bool:
    """Whether one place is nearly the mirror image of the other."""
    if p is None or q is None:
        return False
    mirror = (2 * line - p[0], p[1]) if axis == 0 else (p[0], 2 * line - p[1])
    return math.hypot(q[0] - mirror[0], q[1] - mirror[1]) <= near
