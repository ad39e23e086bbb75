"""Signed margins: how far each clause is from flipping.

At least 0 if a clause is true, at most 0 if it is false, 0 if it is undetermined, and never above 1. The rule for each
kind of clause is the table "Margin" of the language reference. Under doubt a true clause uses the worst end of its
bounds, a false one the best. Computed on demand and cached in the state.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, Literal, TypeAlias, assert_never

import numpy as np
import numpy.typing as npt

from logidsl import ir
from logidsl.eval import arcs, list_ops, operators, reductions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.objects import feeding
from logidsl.eval.reading import place_of, shape_of
from logidsl.library import attribute
from logidsl.library.color import ciede2000
from logidsl.library.comparisons import AtMost, Comparison, Equal, InRange, Less, Near, Not, OneOf
from logidsl.library.relations import Operand
from logidsl.library.values import Lab, List, Num, Obj, Point, Shape, Truth, UndefinedReason, Value

Array: TypeAlias = npt.NDArray[np.float64]

#: The unit of a difference of dates, days.
MONTH_DAYS = 30.0


@np.errstate(invalid="ignore", over="ignore")  # as in `plan.run`
def margin(t: EvalState, i: int) -> Array:
    """Margin of a truth node, of a shape that broadcasts like its value."""
    if i not in t.margins:
        for k in _needed(t, i):
            if k not in t.margins:
                t.margins[k] = _margin(t, k)
    return t.margins[i]


def _needed(t: EvalState, i: int) -> list[int]:
    """The truth nodes that a margin depends on, inner ones first."""
    found, waiting = {i}, [i]
    while waiting:
        for k in _truths(t, t.program.nodes[waiting.pop()]):
            if k not in found:
                found.add(k)
                waiting.append(k)
    return sorted(found)


def _truths(t: EvalState, node: ir.Node) -> list[int]:
    match node:
        case ir.Call(fn="and" | "or" | "not" | "if", args=args):
            inner = list(args)
        case ir.Call(args=args):
            counted = [w for a in args if (w := ir.counting(t.program.nodes, a)) is not None]
            inner = [k for w in counted if (k := t.drawn_from(_each(w), w.where)[1]) is not None]
        case ir.Quantifier(body=None):
            where = t.drawn_from(node.each, node.where)[1]
            inner = [] if where is None else [where]
        case ir.Quantifier():
            inner = [k for k in (node.where, node.body) if k is not None]
        case ir.Name(thing="let", target=int(target)):
            inner = [target]
        case _:
            inner = []
    return [k for k in inner if isinstance(t.values[k], Truth)]


def _signed(value: Truth, raw: Array) -> Array:
    """A margin that agrees with the truth: from 0 to 1 where that is true, at most 0 where false, else 0."""
    if not np.isfinite(raw).all():
        raw = np.nan_to_num(raw)
    found = np.asarray(np.minimum(raw, value.must))
    wrong = (found < 0) & value.can
    return np.where(wrong, 0.0, found) if wrong.any() else found


def _margin(t: EvalState, i: int) -> Array:
    """The margin of a node, whose parts have theirs; one made of those of parts alone agrees with the truth anyway."""
    node = t.program.nodes[i]
    value = t.truth(i)
    match node:
        case ir.Call(fn="and", args=args):
            return _least([t.margins[a] for a in args])
        case ir.Call(fn="or", args=args):
            return -_least([-t.margins[a] for a in args])
        case ir.Call(fn="not", args=(inner,)):
            return np.minimum(-t.margins[inner], 1.0)
        case ir.Call(fn="if", args=args):
            return np.minimum(_if(t, args), 1.0)
        case ir.Name(thing="let", target=int(target)):
            return t.margins[target]
        case ir.Quantifier(fn="every", next=None):
            return _quantifier(t, node)
        case ir.Quantifier():
            return _signed(value, _quantifier(t, node))
        case ir.Call():
            return _signed(value, _clause(t, node, value))
        case ir.Aggregate() if (entry := ir.entry_of(node)) is not None and entry.margin is not None:
            return _signed(value, np.asarray(entry.margin(reductions.members_of(t, node))))
        case _:
            return _definite(value)


def _definite(value: Truth) -> Array:
    """1 where true, -1 where false, 0 where undetermined."""
    return np.where(value.must, 1.0, np.where(value.can, 0.0, -1.0))


def _least(parts: list[Array]) -> Array:
    found = parts[0]
    for p in parts[1:]:
        found = np.minimum(found, p)
    return found


def _if(t: EvalState, args: tuple[int, ...]) -> Array:
    a, b = t.margins[args[0]], t.margins[args[1]]
    found = np.maximum(-a, b)
    return found if len(args) < 3 else np.minimum(found, np.maximum(a, t.margins[args[2]]))


def presence(t: EvalState, each: int) -> Array:
    """Margin of each iterated object's presence, from its confidence; -1 if there is none."""
    obj: Obj = t.values[each]
    assert obj.members is not None
    sure, maybe = obj.members
    found: Array = np.where(sure, 1.0, np.where(maybe, 0.0, -1.0))
    if not t.program.doubtful or obj.store != "objects":
        return found
    column = t.frame.stores["objects"].column("confidence")
    if column is None:
        return found
    confidence = np.asarray(column[0])[obj.rows]
    top = t.frame.surely_from()[t.frame.table_classes().codes[obj.rows]]
    known = np.isfinite(top) if column[1] is None else np.isfinite(top) & ~column[1][obj.rows]
    above = np.where(known, (confidence - top) / np.where(known, np.maximum(1.0 - top, 1e-9), 1.0), 1.0)
    return np.where(sure, np.clip(above, 0.0, 1.0), found)


def _members(t: EvalState, each: int, where: int | None) -> Array:
    """Membership margins of the slots of an iteration along the first axis, -inf in those without a candidate."""
    there = presence(t, each)
    if where is not None and _fills(t.margins[where], there) and (there == 1.0).all():
        return t.margins[where]
    found = there if where is None else np.minimum(there, t.margins[where])
    return np.where(there > -1.0, found, -np.inf)


def _fills(whole: Array, part: npt.NDArray[Any]) -> bool:
    """Whether an array is as large as both together."""
    return np.broadcast_shapes(whole.shape, part.shape) == whole.shape


def _membership(t: EvalState, each: int, where: int | None) -> Array:
    """The same of all candidates: for a set narrowed only by its declaration, the members of its source."""
    depth = t.program.nodes[each].depth
    each, where = t.drawn_from(each, where)
    found = _members(t, each, where)
    more = depth - t.program.nodes[each].depth
    return found.reshape(len(found), *(1,) * more, *found.shape[1:]) if more else found


def _quantifier(t: EvalState, node: ir.Quantifier) -> Array:
    sure, maybe = reductions.quantified(t.values, node)
    if node.fn == "every":
        assert node.body is not None
        body = t.margins[node.body]
        if sure is not maybe:
            body = np.where(sure, body, np.where(maybe, np.maximum(body, 0.0), 1.0))
        elif not _fills(body, sure) or not sure.all():
            body = np.where(sure, body, 1.0)
        return np.asarray(body.min(axis=0, initial=1.0))
    if node.body is None:
        found = _membership(t, node.each, node.where)
    else:
        found = np.minimum(_members(t, node.each, node.where), t.margins[node.body])
    most = np.asarray(found.max(axis=0, initial=-np.inf))
    most = np.where(np.isfinite(most), most, -1.0)
    return -most if node.fn == "no" else most


def _clause(t: EvalState, node: ir.Call, value: Truth) -> Array:
    if (said := ir.comparison(node)) is not None:
        return _compared(t, said, value)
    entry = ir.entry_of(node)
    if entry is None or entry.margin is None:
        return np.where(value.must, 1.0, -1.0)
    args: list[Value] = [t.values[a] for a in node.args]
    more = [v.lo if v.exact else np.where(value.must, v.lo, v.hi) for v in args[2:] if isinstance(v, Num)]
    return np.asarray(entry.margin(*(_operand(t, v) for v in args[:2]), *more))


def _compared(t: EvalState, said: Comparison, value: Truth) -> Array:
    match said:
        case Less(a, b) | AtMost(a, b):
            return _or_nothing(t, (a, b), _order(t, a, b, isinstance(said, Less), value))
        case Equal(a, b):
            return _equal(t, a, b)
        case Near(a, b, limit):
            return _or_nothing(t, (a, b, limit), _within(t, said, value))
        case InRange(of, low, high):
            return _or_nothing(t, (of, low, high), _between(t, said, value))
        case OneOf(of, options):
            return -_least([-_equal(t, of, o) for o in options]) if options else np.where(value.must, 1.0, -1.0)
        case Not(of=opposite):
            return -_compared(t, opposite, operators.negated(value))
        case _:
            assert_never(said)


def _operand(t: EvalState, value: Value) -> Operand:
    kind: Literal["object", "region", "point"] = (
        "object" if isinstance(value, Obj) else "region" if isinstance(value, Shape) else "point"
    )
    return Operand(place_of(t, value)[0], shape_of(t, value)[0], kind)


def _or_nothing(t: EvalState, args: tuple[int, ...], found: Array) -> Array:
    """The margin of a comparison, -1 if one side is `none`."""
    for a in args:
        why = getattr(t.values[a], "why", None)
        if why is not None and (why == UndefinedReason.NOTHING).any():
            found = np.asarray(np.where(why == UndefinedReason.NOTHING, -1.0, found))
    return found


def _scale(t: EvalState, pair: tuple[int, ...], a: Num, b: Num) -> Array:
    """The unit of a difference: the fixed side's size, or the greater one; for coordinates a tenth of the frame."""
    nodes = [t.program.nodes[i] for i in pair]
    dim, axis = nodes[0].type.dim, nodes[0].type.axis or nodes[1].type.axis
    width, height = t.frame.size(0).lo, t.frame.size(1).lo
    side = {"x": width, "y": height}.get(axis or "", np.minimum(width, height)) / 10.0
    spare: Array = {"length": side, "area": side * side, "angle": np.asarray(10.0)}.get(dim or "", np.asarray(1.0))
    if dim in ("date", "days"):
        return np.asarray(MONTH_DAYS)
    if any(_is_coordinate(t, i) for i in pair):
        return np.where(spare > 0, spare, 1.0)
    fixed = [_is_fixed(t, i) for i in pair]
    sides = (a,) if fixed[0] and not fixed[1] else (b,) if fixed[1] and not fixed[0] else (a, b)
    ends = [np.abs(end) for v in sides for end in ((v.lo,) if v.exact else (v.lo, v.hi))]
    size = reduce(np.maximum, ends)
    return np.where(size > 0, size, np.where(spare > 0, spare, 1.0))


def _is_coordinate(t: EvalState, i: int) -> bool:
    """Whether a length is a coordinate, so that its size is meaningless: 5 px is not near 0."""
    for k in feeding(t.program, i):
        node = t.program.nodes[k]
        between = isinstance(node, ir.Aggregate) and (made := ir.entry_of(node)) is not None and made.coordinate
        if isinstance(node, ir.Aggregate) and between and node.value is not None and _is_coordinate(t, node.value):
            return True
        entry = attribute(node.attribute) if isinstance(node, ir.Column) else ir.entry_of(node)
        if entry is not None and entry.coordinate and not isinstance(node, ir.Aggregate):
            return True
    return False


def _is_fixed(t: EvalState, i: int) -> bool:
    for n in (t.program.nodes[k] for k in feeding(t.program, i)):
        if isinstance(n, ir.Name) and n.thing not in ("param", "let", "image"):
            return False
        if not isinstance(n, ir.Literal_ | ir.Call | ir.Name) or (isinstance(n, ir.Call) and n.fn in ir.MEASURING):
            return False
    return True


def _gap(a: Num, b: Num, value: Truth) -> Array:
    """B - a at the relevant end: the worst of a true clause, the best of a false one."""
    if a.exact and b.exact:
        return np.asarray(b.lo - a.lo)
    return np.asarray(np.where(value.must, b.lo - a.hi, b.hi - a.lo))


def _order(t: EvalState, low: int, high: int, strict: bool, value: Truth) -> Array:
    a, b = t.values[low], t.values[high]
    assert isinstance(a, Num) and isinstance(b, Num)
    counted = _counted(t, (low, high))
    if counted is not None:
        which, counting = counted
        members = _ranked(_membership(t, _each(counting), counting.where))
        if which == 0:
            return _at_most(members, np.ceil(b.lo) - 1 if strict else np.floor(b.lo))
        return _at_least(members, np.floor(a.lo) + 1 if strict else np.ceil(a.lo))
    gap = _gap(a, b, value)
    if all(t.program.nodes[k].type.dim == "count" for k in (low, high)):
        return np.where(gap - strict >= 0, gap - strict + 1.0, gap - strict)
    return gap / _scale(t, (low, high), a, b)


def _counted(t: EvalState, pair: tuple[int, ...]) -> tuple[int, ir.Aggregate] | None:
    """Which side is a `count(S)` while the other is a fixed number."""
    for which in (0, 1):
        node = ir.counting(t.program.nodes, pair[which])
        if node is not None and _is_fixed(t, pair[1 - which]):
            return which, node
    return None


def _each(node: ir.Aggregate) -> int:
    assert node.each is not None
    return node.each


def _ranked(members: Array) -> Array:
    """Membership margins in descending order along the first axis; slots without a candidate count -1."""
    return np.sort(np.where(np.isfinite(members), members, -1.0), axis=0)[::-1]


def _places(ranked: Array) -> npt.NDArray[np.int64]:
    return np.arange(len(ranked)).reshape(-1, *(1,) * (ranked.ndim - 1))


def _exactly(members: Array, n: Array) -> Array:
    """Margin of "n members", from the candidates' membership margins."""
    if not np.isfinite(members).all():
        members = np.where(np.isfinite(members), members, -1.0)
    found = np.asarray(np.abs(members).min(axis=0, initial=1.0))  # of n members, whichever is nearest to the border
    inside = (members >= 0).view(np.uint8).sum(axis=0, dtype=np.uint8 if len(members) < 256 else np.int64)
    other = np.asarray(inside != n)
    if other.any():
        ranked = _ranked(np.broadcast_to(members, (len(members), *other.shape))[:, other])
        number = np.broadcast_to(n, other.shape)[other]
        found = np.broadcast_to(found, other.shape).copy()
        found[other] = np.minimum(_at_least(ranked, np.ceil(number)), _at_most(ranked, np.floor(number)))
    return found


def _at_least(ranked: Array, n: Array) -> Array:
    """Margin of "at least n members", from the candidates' membership margins in descending order."""
    place = _places(ranked)
    first = place < n
    missing = np.maximum(n - len(ranked), 0.0)
    short = np.where(first & (ranked < 0), np.maximum(ranked, -1.0), 0.0).sum(axis=0) - missing
    nth = np.where(place == n - 1, ranked, 0.0).sum(axis=0)
    enough = (np.where(first, ranked, 1.0) >= 0).all(axis=0) & (missing == 0)
    return np.asarray(np.where(n <= 0, 1.0, np.where(enough, nth, short)))


def _at_most(ranked: Array, n: Array) -> Array:
    """Margin of "at most n members", from the candidates' membership margins in descending order."""
    place = _places(ranked)
    surplus = np.where((place >= n) & (ranked > 0), ranked, 0.0).sum(axis=0)
    following = np.where(place == n, ranked, 0.0).sum(axis=0)
    fine = np.where((place == n).any(axis=0), -following, 1.0)
    return np.asarray(np.where(n < 0, n - surplus, np.where(surplus > 0, -surplus, fine)))


def _equal(t: EvalState, one: int, other: int) -> Array:
    return _or_nothing(t, (one, other), _equal_values(t, (one, other), t.values[one], t.values[other]))


def _equal_values(t: EvalState, pair: tuple[int, int], a: Value, b: Value) -> Array:
    same = operators.equal(a, b, t.palette)
    match a, b:
        case Num(), Num():
            counted = _counted(t, pair)
            if counted is not None:
                limit = b if counted[0] == 0 else a
                return _exactly(_membership(t, _each(counted[1]), counted[1].where), np.asarray(limit.lo))
            apart = np.where(a.hi < b.lo, b.lo - a.hi, np.where(b.hi < a.lo, a.lo - b.hi, 0.0))
            return np.where(same.must, 1.0, -np.maximum(apart, np.where(same.can, 0.0, 1.0)))
        case Obj(), _:
            return _definite(same)
        case Lab(), Lab():
            return _color(t, a, b, same)
        case List(), List():
            return np.where(same.must, 1.0, -_differing(a, b, list_ops.equality(t)))
        case _:
            return np.where(same.must, 1.0, -1.0)


def _color(t: EvalState, a: Lab, b: Lab, same: Truth) -> Array:
    named, other = (a, b) if a.name is not None else (b, a)
    if named.name is None or other.name is not None:
        return np.where(same.must, 1.0, -1.0)
    far = t.palette.distances(other)
    own = t.palette.names.index(named.name)
    reach = max(float(t.palette.reaches[own]), 1e-9)
    rest = np.delete(far, own, axis=0)
    found = (reach - far[own]) / reach
    return np.asarray(np.minimum(found, (rest.min(axis=0) - far[own]) / reach) if len(rest) else found)


def _differing(a: List, b: List, alike: operators.Equality) -> Array:
    count = np.abs(np.asarray(a.size) - np.asarray(b.size)).astype(np.float64)
    for k in range(min(operators.capacity(a), operators.capacity(b))):
        there = (k < a.size) & (k < b.size)
        pair = alike(operators.item(a, k), operators.item(b, k))
        count = count + np.where(there & ~pair.must, 1.0, 0.0)
    return np.maximum(count, 1.0)


def _between(t: EvalState, said: InRange, value: Truth) -> Array:
    v, low, high = (t.values[a] for a in (said.value, said.low, said.high))
    assert isinstance(v, Num) and isinstance(low, Num) and isinstance(high, Num)
    counted = _counted(t, (said.value, said.low))
    if counted is not None and counted[0] == 0 and _is_fixed(t, said.high):
        members = _ranked(_membership(t, _each(counted[1]), counted[1].where))
        return np.minimum(_at_least(members, np.ceil(low.lo)), _at_most(members, np.floor(high.lo)))
    period_deg = t.program.period_deg((said.value, said.low, said.high))
    if period_deg is not None:
        return arcs.position(v, low, high, period_deg).margin
    found, half = np.minimum(_gap(low, v, value), _gap(v, high, value)), (high.lo - low.lo) / 2.0
    return np.asarray(found / np.where(half > 0, half, 1.0))


def _within(t: EvalState, said: Near, value: Truth) -> Array:
    a, b, limit = (t.values[k] for k in (said.a, said.b, said.limit))
    assert isinstance(limit, Num)
    match a, b:
        case List(), List():
            return np.where(value.must, 1.0, -_differing(a, b, list_ops.equality(t, said)))
        case Num(), Num():
            away = operators.apart(a, b, t.program.period_deg((said.a, said.b)))
            apart = np.where(value.must, away.hi, away.lo)
        case Point(), Point():
            apart = np.hypot(a.x - b.x, a.y - b.y)
        case Lab(), Lab():
            apart = ciede2000(a.lab, b.lab)
        case _:
            return np.where(value.must, 1.0, -1.0)
    size = np.where(limit.lo > 0, limit.lo, 1.0)
    return np.asarray((limit.lo - apart) / size)
