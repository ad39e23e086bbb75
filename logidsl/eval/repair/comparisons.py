"""Comparisons that should come out otherwise: what is compared is changed, the left side first, then the right.

Numbers are handed on as goals; labels, texts and colours are written where they are read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

import numpy as np

from logidsl import ir
from logidsl.eval import operators
from logidsl.eval.plan import fits
from logidsl.eval.repair import lists, shifts
from logidsl.eval.repair.bindings import Binding, Goal, Plan
from logidsl.eval.repair.goals import reach
from logidsl.eval.values import Categorical, Lab, List, Num, Point
from logidsl.library import angles
from logidsl.library.color import ciede2000
from logidsl.repairs import Setting
from logidsl.types import OBJECTS

#: Colours to choose from where one must not be what it is: white, black, grey and the six hues, in CIELAB.
PLAIN = (
    (100.0, 0.0, 0.0), (0.0, 0.0, 0.0), (53.6, 0.0, 0.0), (53.2, 80.1, 67.2), (87.7, -86.2, 83.2),
    (32.3, 79.2, -107.9), (97.1, -21.6, 94.5), (91.1, -48.1, -14.1), (60.3, 98.2, -60.8),
)  # fmt: skip


def compare(s: Binding, node: ir.Call, want: bool) -> Iterator[Plan]:
    """Plans by which a comparison comes to hold, or not to."""
    args = node.args
    values = [s.trace.values[s.node(a)[0]] for a in args]
    match node.fn:
        case "<" | "<=" | ">" | ">=":
            yield from _ordered(s, node, want)
        case "between":
            yield from _between(s, args, want)
        case "equal_within":
            yield from _within(s, node, want)
        case "=" | "!=":
            yield from equal(s, args[0], args[1], (node.fn == "=") == want)
        case "one_of" if want:
            ways = [equal(s, args[0], o, True) for o in args[1:]]
            for w in ways:
                yield from islice(w, 1)
            for w in ways:
                yield from w
        case "one_of":
            yield from _unlike(s, args[0], values[0], args[1:])
        case "member" if want:
            for item in lists.read(s, args[1]) or ():
                if item is not None:
                    yield from assign(s, args[0], item)
        case "matches" if not want:
            yield from assign(s, args[0], "")
        case _:
            return


def nudge(limit: float, counts: bool) -> float:
    """How far beyond a limit a value is put that must not be equal to it."""
    return 1.0 if counts else max(abs(limit) * 1e-3, 1e-3)


def _ordered(s: Binding, node: ir.Call, want: bool) -> Iterator[Plan]:
    a, b = node.args
    op = node.fn if want else {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[node.fn]
    x, y = s.number(a), s.number(b)
    counts = all(s.trace.program.nodes[k].type.dim == "count" for k in (a, b))
    for part, limit, below in ((a, y, op in ("<", "<=")), (b, x, op in (">", ">="))):
        if limit is not None:
            beyond = nudge(limit[0], counts) if op in ("<", ">") else 0.0
            yield from reach(
                s, part, Goal(-math.inf, limit[0] - beyond) if below else Goal(limit[1] + beyond, math.inf)
            )


def _outside(s: Binding, i: int, low: float, high: float, counts: bool) -> Iterator[Plan]:
    """A number beyond the nearer end of a range, or beyond the other."""
    now = s.number(i)
    ways = [Goal(-math.inf, low - nudge(low, counts)), Goal(high + nudge(high, counts), math.inf)]
    if now is not None and now[0] - low > high - now[0]:
        ways.reverse()
    for way in ways:
        yield from reach(s, i, way)


def _between(s: Binding, args: tuple[int, ...], want: bool) -> Iterator[Plan]:
    value, low, high = (s.number(a) for a in args)
    if low is None or high is None:
        return
    counts = s.trace.program.nodes[args[0]].type.dim == "count"
    period_deg = s.trace.program.period_deg(args)
    if period_deg is not None:
        start, end = (low[1], high[0]) if want else (low[0], high[1])
        width_deg = float(angles.width(np.asarray(end - start), period_deg))
        yield from _on_arc(s, args[0], start, start + width_deg, period_deg, want)
    elif want:
        yield from reach(s, args[0], Goal(low[1], high[0]))
        if value is not None:
            yield from reach(s, args[1], Goal(-math.inf, value[0])) if value[0] < low[1] else ()
            yield from reach(s, args[2], Goal(value[1], math.inf)) if value[1] > high[0] else ()
    else:
        yield from _outside(s, args[0], low[0], high[1], counts)


def _on_arc(s: Binding, i: int, start: float, end: float, period_deg: float, want: bool) -> Iterator[Plan]:
    """An angle turned into an arc, or out of it, by the shorter way first."""
    if not want:
        start, end = end + nudge(0.0, False), start + period_deg - nudge(0.0, False)
    if end < start:
        return
    found = s.number(i)
    now = start if found is None else found[0]
    forward, backward = (start - now) % period_deg, (now - end) % period_deg
    ways = [Goal(now + forward, now + forward + end - start), Goal(now - backward - (end - start), now - backward)]
    for way in ways if forward <= backward else ways[::-1]:
        yield from reach(s, i, way)


def _within(s: Binding, node: ir.Call, want: bool) -> Iterator[Plan]:
    a, b, t = node.args
    limit = s.number(t)
    if limit is None:
        return
    match s.trace.values[a]:
        case Num():
            yield from _numbers_within(s, a, b, limit, want)
        case Lab():
            yield from recoloured(s, a, b, Goal(0.0, limit[0]) if want else Goal(limit[1] + 0.1, math.inf))
        case Point():
            p, q = s.place(a), s.place(b)
            if p is None or q is None:
                return
            dx, dy = q[0] - p[0], q[1] - p[1]
            if not want:
                away = math.hypot(dx, dy)
                ux, uy = (dx / away, dy / away) if away > 0 else (1.0, 0.0)
                dx, dy = (
                    (away - limit[1] - nudge(limit[1], False)) * ux,
                    (away - limit[1] - nudge(limit[1], False)) * uy,
                )
            yield from shifts.displace(s, a, (dx, dy))
            yield from shifts.displace(s, b, (-dx, -dy))
        case _:
            return
    now = _apart(s, a, b)
    if now is not None:
        yield from reach(s, t, Goal(now, math.inf) if want else Goal(-math.inf, now - nudge(now, False)))


def _apart(s: Binding, a: int, b: int) -> float | None:
    """How far two values are from each other."""
    match s.trace.values[a]:
        case Num():
            x, y = s.number(a), s.number(b)
            if x is None or y is None:
                return None
            one, other = (Num(np.asarray(low), np.asarray(high)) for low, high in (x, y))
            return float(operators.apart(one, other, s.trace.program.period_deg((a, b))).hi)
        case Point():
            p, q = s.place(a), s.place(b)
            return None if p is None or q is None else math.hypot(p[0] - q[0], p[1] - q[1])
        case _:
            return None


def _numbers_within(s: Binding, a: int, b: int, limit: tuple[float, float], want: bool) -> Iterator[Plan]:
    x, y = s.number(a), s.number(b)
    period_deg = s.trace.program.period_deg((a, b))
    for part, other in ((a, y), (b, x)):
        if other is None:
            continue
        low, high = (other[1] - limit[0], other[0] + limit[0]) if want else (other[0] - limit[1], other[1] + limit[1])
        if period_deg is not None:
            yield from _on_arc(s, part, low, high, period_deg, want)
        elif want:
            yield from reach(s, part, Goal(low, high))
        else:
            yield from _outside(s, part, low, high, False)


def equal(s: Binding, a: int, b: int, want: bool) -> Iterator[Plan]:
    """Two values of one kind made equal, or unlike."""
    match s.trace.values[s.node(a)[0]]:
        case Num():
            x, y = s.number(a), s.number(b)
            for part, other in ((a, y), (b, x)):
                if other is not None and want:
                    yield from reach(s, part, Goal(other[1], other[0]))
                elif other is not None:
                    counts = s.trace.program.nodes[a].type.dim == "count"
                    yield from _outside(s, part, other[0], other[1], counts)
        case Categorical() | Lab() as value:
            if not want:
                yield from _unlike(s, a, value, (b,))
                yield from _unlike(s, b, s.trace.values[s.node(b)[0]], (a,))
                return
            for part, other_side in ((a, b), (b, a)):
                setting = _setting(s, other_side)
                if setting is not None:
                    yield from assign(s, part, setting)
            yield from _other_case(s, b)
            yield from _other_case(s, a)
        case List() if want:
            yield from lists.equal_lists(s, a, b)
            yield from lists.equal_lists(s, b, a)
        case List():
            yield from lists.unequal_lists(s, a, b)
        case _:
            return


def _other_case(s: Binding, i: int) -> Iterator[Plan]:
    """Of a choice among cases, each case by what chooses it."""
    _, node = s.node(i)
    if isinstance(node, ir.Match):
        for arm in node.arms:
            from logidsl.eval.repair.fixes import fit

            yield from fit(s, node.subject, arm.patterns[0])


def _setting(s: Binding, i: int) -> Setting | None:
    i, _ = s.node(i)
    return s.lab(i) if isinstance(s.trace.values[i], Lab) else s.label(i)


def assign(s: Binding, i: int, value: Setting) -> Iterator[Plan]:
    """Plans by which a text, label, colour or number becomes a value."""
    i, node = s.node(i)
    if isinstance(value, float):
        yield from reach(s, i, Goal(value, value))
        return
    match node:
        case ir.Column(of=of, attribute=name) if s.trace.program.nodes[of].type.domain == OBJECTS:
            plan = s.set_other(s.row(of), name, value)
            if plan:
                yield plan
        case ir.Match():
            for arm, fit in zip(node.arms, fits(s.trace, node), strict=True):
                if s.one(fit.must):
                    yield from assign(s, arm.value, value)
                    return
        case ir.Call(fn="if", args=(condition, then, other)):
            chosen = then if s.holds(condition, True) else other if s.holds(condition, False) else None
            if chosen is not None:
                yield from assign(s, chosen, value)
        case _:
            return


def _unlike(s: Binding, i: int, value: object, options: tuple[int, ...]) -> Iterator[Plan]:
    """A value that is none of some others."""
    i, _ = s.node(i)
    if isinstance(value, Num):
        ends = [v for v in (s.number(o) for o in options) if v is not None]
        if ends:
            counts = s.trace.program.nodes[i].type.dim == "count"
            yield from _outside(s, i, min(e[0] for e in ends), max(e[1] for e in ends), counts)
    elif isinstance(value, Lab):
        names = {v.name for o in options if isinstance(v := s.trace.values[s.node(o)[0]], Lab)}
        others = [c.lab for c in s.trace.program.colors if c.name not in names]
        for lab in (*others, *PLAIN):
            if _name_of(s, lab) not in names:
                yield from assign(s, i, lab)
                break
    elif isinstance(value, Categorical):
        used = {s.label(s.node(o)[0]) for o in options}
        domain = s.trace.program.nodes[i].type.domain
        labels = next((a.labels for a in s.trace.program.attributes if a.name == domain), ())
        if domain == "class":
            labels = tuple(c.name for c in s.trace.program.classes)
        yield from assign(s, i, next((v for v in labels if v not in used), "other"))


def _name_of(s: Binding, lab: tuple[float, float, float]) -> str | None:
    """The named colour that a colour is."""
    found = int(s.trace.palette.which(Lab(np.asarray(lab))))
    return s.trace.palette.names[found] if found >= 0 else None


def recoloured(s: Binding, a: int, b: int, goal: Goal) -> Iterator[Plan]:
    """Two colours as near, or as far apart, as wanted: the other's own one, or a plain one that is far enough."""
    for part, other in ((a, b), (b, a)):
        lab = s.lab(s.node(other)[0])
        if lab is None:
            continue
        for option in (lab, *PLAIN):
            far = float(ciede2000(np.asarray(lab), np.asarray(option)))
            if goal.low <= far <= goal.high:
                yield from assign(s, part, option)
                break
