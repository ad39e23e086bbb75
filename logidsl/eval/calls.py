"""Calls: operators and builtins on values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias, assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import list_ops, operators, place_values, reductions, template_pose
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import union
from logidsl.eval.reading import READERS, Reader, axes_of, put
from logidsl.library import Builtin, intervals
from logidsl.library.comparisons import AtMost, Comparison, Equal, InRange, Less, Near, Not, OneOf
from logidsl.library.geometry import Geometry
from logidsl.library.values import (
    Categorical,
    Ints,
    Lab,
    List,
    Mask,
    Num,
    Obj,
    Placing,
    Point,
    Reasons,
    Set,
    Shape,
    Truth,
    UndefinedReason,
    Value,
    decided,
    exact,
    first_why,
    foremost_why,
    mark,
    no_case,
    truth,
)

Step: TypeAlias = Callable[[EvalState], Value]
Binding: TypeAlias = Callable[[ir.Program, ir.Call], Step]
_FORMS: dict[str, Binding] = {}


def bound(program: ir.Program, node: ir.Call) -> Step:
    """The evaluation of an operator, a relation word or a function."""
    args, entry = node.args, ir.entry_of(node)
    if entry is None or node.fn in ir.MEASURING:
        return _FORMS[node.fn](program, node)
    if (said := ir.comparison(node)) is not None:
        return _compared(program, said)
    if entry.whole is not None:
        return _share(entry, *args)
    if entry.group == "operator":
        return _side_by_side(entry, args)
    if node.type.kind == "set":
        named = program.named_classes
        return lambda t: t.frame.members(entry.kernel(t.frame.prepared.table.classes.values, named))
    kinds = [p.kind for p in entry.parameters]
    if kinds[0] == "text":
        return lambda t: _of_text(entry, [t.values[i] for i in args], node.type.kind)
    readers = [READERS.get(kinds[min(i, len(kinds) - 1)], _plain) for i in range(len(args))]
    operands = tuple(zip(args, readers, strict=True))
    return lambda t: _builtin(t, entry, node, operands)


def _form(*names: str) -> Callable[[Binding], Binding]:
    """Declare what is not an operation of the library."""

    def declare(binding: Binding) -> Binding:
        _FORMS.update(dict.fromkeys(names, binding))
        return binding

    return declare


def _of_values(*names: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Declare what needs only the values of its operands."""

    def declare(operation: Callable[..., Value]) -> Callable[..., Value]:
        _FORMS.update(dict.fromkeys(names, lambda program, node: _applied(operation, node.args)))
        return operation

    return declare


def _applied(operation: Callable[..., Value], args: tuple[int, ...]) -> Step:
    if len(args) == 1:
        (only,) = args
        return lambda t: operation(t.values[only])
    if len(args) == 2:
        first, second = args
        return lambda t: operation(t.values[first], t.values[second])
    return lambda t: operation(*[t.values[i] for i in args])


def _side_by_side(entry: Builtin, args: tuple[int, ...]) -> Step:
    """Arithmetic."""
    if entry.identity:
        return _applied(lambda value: value, args)
    return _applied(operators.minus if entry.negates else partial(operators.arithmetic, entry), args)


def _compared(program: ir.Program, said: Comparison) -> Callable[[EvalState], Truth]:
    """Whether a comparison holds."""
    match said:
        case Less(a, b):
            return lambda t: operators.less(t.values[a], t.values[b])
        case AtMost(a, b):
            return lambda t: operators.less_equal(t.values[a], t.values[b])
        case Equal(a, b):
            return lambda t: operators.equal(t.values[a], t.values[b], t.palette)
        case Near(a, b, limit):
            period_deg = program.period_deg((a, b))
            return lambda t: operators.equal_within(t.values[a], t.values[b], t.values[limit], period_deg)
        case InRange(value, low, high):
            period_deg = program.period_deg((value, low, high))
            return lambda t: operators.between(t.values[value], t.values[low], t.values[high], period_deg)
        case OneOf(value, options):
            return lambda t: _one_of(t, value, options)
        case Not(of):
            opposite = _compared(program, of)
            return lambda t: operators.negated(opposite(t))
        case _:
            assert_never(said)


def _one_of(t: EvalState, value: int, options: tuple[int, ...]) -> Truth:
    found = truth(np.asarray(False))
    for option in options:
        found = operators.either(found, operators.equal(t.values[value], t.values[option], t.palette))
    return found


_of_values("not")(operators.negated)
_of_values("union")(lambda *sets: union(sets))
_of_values("splice")(lambda *lists: list_ops.spliced(lists))


@_of_values("and")
def _and(first: Truth, *more: Truth) -> Truth:
    for other in more:
        first = operators.both(first, other)
    return first


@_of_values("or")
def _or(first: Truth, *more: Truth) -> Truth:
    for other in more:
        first = operators.either(first, other)
    return first


_form("of_member")(lambda program, node: lambda t: t.values[node.args[1]])
_of_values("as_share")(lambda found: Num(np.asarray(found.must, np.float64), np.asarray(found.can, np.float64)))


@_of_values("places", "list")
def _list(*items: Value) -> List:
    return List(list(items), np.asarray(len(items)))


@_form("member")
def _member(program: ir.Program, node: ir.Call) -> Step:
    value, of = node.args
    return lambda t: list_ops.member(t.values[value], t.values[of], t.palette)


@_form(*ir.MEASURING)
def _measured(program: ir.Program, node: ir.Call) -> Step:
    return lambda t: place_values.share(t, node, t.values[node.args[0]])


@_form("on_frame")
def _placed_in(program: ir.Program, node: ir.Call) -> Step:
    made, owner = node.args
    return lambda t: _placed(t, t.values[made], t.values[owner])


@_of_values("one_variant")
def _one_variant(*whens: Truth) -> Truth:
    """True if exactly one holds, otherwise undetermined: the rule itself is not violated."""
    sure = sum(w.must.astype(np.int64) for w in whens)
    ever = sum(w.can.astype(np.int64) for w in whens)
    must = np.asarray((sure == 1) & (ever == 1))
    return Truth(must, np.ones_like(must))


@_of_values("if")
def _if(condition: Truth, then: Value, otherwise: Value | None = None) -> Value:
    if isinstance(then, Truth):
        assert otherwise is None or isinstance(otherwise, Truth)
        return operators.implies(condition, then, otherwise)
    return reductions.choose([condition], [then], otherwise)


def _share(entry: Builtin, part: int, frame: int | None = None) -> Step:
    """A share of a measure of the picture, or of another frame."""
    whole = entry.whole
    assert whole is not None

    def step(t: EvalState) -> Num:
        if frame is None:
            return operators.combined(np.multiply, intervals.times, t.values[part], t.frame.measure(whole))
        axes, why = axes_of(t, t.values[frame])
        of = exact(np.asarray(whole(axes.width, axes.height)), why)
        return operators.combined(np.multiply, intervals.times, t.values[part], of)

    return step


def _placed(t: EvalState, made: Value, owner: Value) -> Value:
    """A region drawn in the frame of an object, moved to the object's place."""
    if isinstance(made, List) and isinstance(made.items, list):
        return List([_placed(t, m, owner) for m in made.items], made.size, made.why)
    assert isinstance(made, Shape)
    axes, why = axes_of(t, owner)
    return Shape(put(made.geometry, axes), first_why(made.why, why))


@_of_values("member_of")
def _member_of(of: Value, members: Value) -> Truth:
    """Whether an object is in a set; `members` is iterated on its own axis and reduced."""
    assert isinstance(of, Obj) and isinstance(members, Set)
    extra = (1,) * (of.rows.ndim - 1)
    rows = members.rows.reshape(members.rows.shape[0], *extra, members.rows.shape[-1])
    same = (of.rows[None] == rows) & (rows >= 0)
    sure = members.sure.reshape(rows.shape)
    must = np.asarray((same & sure).any(axis=0))
    if members.sure is members.maybe:
        return Truth(must, must)
    return Truth(must, np.asarray((same & members.maybe.reshape(rows.shape)).any(axis=0)))


def _builtin(t: EvalState, entry: Builtin, node: ir.Call, operands: tuple[tuple[int, Reader], ...]) -> Value:
    args: list[Value] = []
    payload: list[Any] = []
    reasons: list[Reasons | None] = []
    in_doubt = False
    for number, reader in operands:
        value: Value = t.values[number]
        found, why = reader(t, value)
        args.append(value)
        payload.append(found)
        reasons.append(why)
        in_doubt |= isinstance(value, Num) and not value.exact
    if entry.by_turn and len(args) == 1:
        turn_deg, unknown = template_pose.turn_of(t, args[0])
        payload[0] = replace(payload[0], turn_deg=turn_deg)
        reasons.append(unknown)
    why = no_case(foremost_why(*reasons))
    if in_doubt:
        return _under_doubt(entry.bounds, entry.kernel, args, payload, why, node)
    made = entry.kernel(*payload)
    if node.type.kind == "number" and any(isinstance(p, Geometry) for p in payload):
        why = first_why(why, mark(np.isnan(made), UndefinedReason.EMPTY))
    return _wrap(made, why, node.type.kind)


def _of_text(entry: Builtin, args: list[Value], kind: str) -> Value:
    """A function of a text: its kernel sees each combination of its arguments once, and what is quoted in the spec."""
    read = [_entries(a) for a, p in zip(args, entry.parameters, strict=False) if not p.quoted]
    quoted = [a.values[int(a.codes.flat[0])] for a in args[len(read) :] if isinstance(a, Categorical)]
    (first, codes, _), *others = read
    chosen = [first, *(values * len(first) for values, _, _ in others)]
    if any(len(values) > 1 for values, _, _ in others):
        sizes = tuple(len(values) for values, _, _ in read)
        keys = np.ravel_multi_index(np.broadcast_arrays(*(c for _, c, _ in read)), sizes)
        different, codes = np.unique(keys, return_inverse=True)
        codes, places = codes.reshape(keys.shape), np.unravel_index(different, sizes)
        chosen = [[values[k] for k in at] for (values, _, _), at in zip(read, places, strict=True)]
    said = entry.kernel(*chosen, *quoted)
    why = no_case(foremost_why(*(reasons for _, _, reasons in read)))
    if kind == "truth":
        return truth(np.asarray(said)[codes], None if why is None else why > 0)
    if kind == "number":
        found = np.asarray(said)[codes]
        lost = np.isnan(found)
        return exact(np.where(lost, 0.0, found), first_why(why, mark(lost, UndefinedReason.WRONG_FORM)))
    texts = tuple(dict.fromkeys(s for s in said if s is not None))
    found = np.array([-1 if s is None else texts.index(s) for s in said], np.int64)[codes]
    why = first_why(why, mark(found < 0, UndefinedReason.WRONG_FORM))
    return Categorical(found if why is None else np.where(why > 0, -1, found), texts, why)


def _entries(value: Value) -> tuple[list[Any], Ints, Reasons | None]:
    """The different values of an argument, which of them stands where, and why some are undefined."""
    match value:
        case Categorical(codes, values, why):
            reasons = first_why(why, mark(codes < 0, UndefinedReason.NOT_MEASURED))
            return list(values) or [""], np.maximum(codes, 0), reasons
        case Num(lo, hi, why):
            different, codes = np.unique(lo, return_inverse=True)
            doubtful = None if lo is hi else mark(lo != hi, UndefinedReason.DOUBTFUL)
            return different.tolist() or [0.0], codes.reshape(lo.shape), first_why(why, doubtful)
        case _:
            raise TypeError(f"{type(value).__name__} as an argument of a function of a text")


def _plain(t: EvalState, value: Value) -> tuple[Any, Reasons | None]:
    match value:
        case Num(lo, _, why):
            return lo, why
        case Lab(lab, why):
            return lab, why
        case _:
            raise TypeError(f"{type(value).__name__} as an argument")


def _under_doubt(
    bounds: Callable[..., Any] | None,
    kernel: Callable[..., Any],
    args: list[Value],
    payload: list[Any],
    why: Reasons | None,
    node: ir.Call,
) -> Value:
    if bounds is not None:
        lo, hi = bounds(*((a.lo, a.hi) if isinstance(a, Num) else p for a, p in zip(args, payload, strict=True)))
        if node.type.kind == "truth":
            return decided(lo, hi, why)
        return Num(np.asarray(lo), np.asarray(hi), why)
    gaps = [a.lo != a.hi for a in args if isinstance(a, Num) and not a.exact]
    open_: Mask = gaps[0]
    for g in gaps[1:]:
        open_ = open_ | g
    return _wrap(kernel(*payload), first_why(why, mark(open_, UndefinedReason.DOUBTFUL)), node.type.kind)


def _wrap(made: Any, why: Reasons | None, kind: str) -> Value:
    match kind:
        case "truth":
            return truth(np.asarray(made), None if why is None else why > 0)
        case "number":
            number = np.asarray(made)
            gone = np.isnan(number)
            if not np.count_nonzero(gone):
                return exact(number, why)
            return exact(np.where(gone, 0.0, number), first_why(why, mark(gone, UndefinedReason.DIVISION)))
        case "point":
            return Point(made[0], made[1], why)
        case "region":
            return Shape(made, why)
        case "frame":
            return Placing(made, why)
        case _:
            raise TypeError(f"a builtin that gives {kind}")
