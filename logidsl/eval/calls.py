"""Calls: operators and builtins on values that stand side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from logidsl import ir
from logidsl.eval import list_ops, operators, place_values, reductions, template_pose
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import union
from logidsl.eval.reading import axes_of, place_of, put, shape_of
from logidsl.eval.values import (
    Categorical,
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
    exact,
    first_why,
    foremost_why,
    mark,
    no_case,
    truth,
)
from logidsl.library import REGISTRY, Builtin


def call(t: EvalState, node: ir.Call) -> Value:
    """An operator, a relation word or a function."""
    args: list[Value] = [t.values[i] for i in node.args]
    match node.fn:
        case "and" | "or":
            join = operators.both if node.fn == "and" else operators.either
            found = _truth(args[0])
            for a in args[1:]:
                found = join(found, _truth(a))
            return found
        case "not":
            return operators.negated(_truth(args[0]))
        case "one_variant":
            return _one_variant([_truth(a) for a in args])
        case "if":
            return _if(args)
        case "<" | "<=" | ">" | ">=":
            return operators.order(node.fn, _number(args[0]), _number(args[1]))
        case "=":
            return operators.equal(args[0], args[1], t.palette)
        case "!=":
            return operators.negated(operators.equal(args[0], args[1], t.palette))
        case "equal_within":
            kinds = [t.program.nodes[a].type for a in node.args[:2]]
            period = 360.0 if any(k.domain is not None for k in kinds) else 180.0
            return operators.equal_within(
                args[0], args[1], _number(args[2]), period if kinds[0].dim == "angle" else None
            )
        case "between":
            turn = t.program.nodes[node.args[0]].type.dim == "angle"
            return operators.between(_number(args[0]), _number(args[1]), _number(args[2]), turn)
        case "one_of":
            return _one_of(t, args)
        case "+" | "-" | "*" | "/":
            return operators.arithmetic(node.fn, _number(args[0]), _number(args[1]))
        case "neg":
            return operators.minus(_number(args[0]))
        case "share_x" | "share_y" | "share_r" | "share_area":
            return _share(t, node.fn, _number(args[0]), args[1] if len(args) > 1 else None)
        case "as_ratio":
            return args[0]
        case "union":
            return union([a for a in args if isinstance(a, Set)])
        case "places" | "list":
            size = np.asarray(len(args))
            return List(args, size)
        case "splice":
            return list_ops.spliced([a for a in args if isinstance(a, List)])
        case "member":
            assert isinstance(args[1], List)
            return list_ops.member(args[0], args[1], t.palette)
        case "member_of":
            return _member_of(args[0], args[1])
        case fn if fn in ir.MEASURING:
            return place_values.share(t, node, args[0])
        case "placed":
            return _placed(t, args[0], args[1])
        case _:
            return _builtin(t, node, args)


def _number(value: Value) -> Num:
    assert isinstance(value, Num)
    return value


def _truth(value: Value) -> Truth:
    assert isinstance(value, Truth)
    return value


def _one_variant(whens: list[Truth]) -> Truth:
    """True where exactly one holds, else undetermined: it is not the part that is wrong."""
    sure = sum(w.must.astype(np.int64) for w in whens)
    ever = sum(w.can.astype(np.int64) for w in whens)
    must = np.asarray((sure == 1) & (ever == 1))
    return Truth(must, np.ones_like(must))


def _if(args: list[Value]) -> Value:
    if isinstance(args[1], Truth):
        return operators.implies(_truth(args[0]), args[1], _truth(args[2]) if len(args) > 2 else None)
    condition = _truth(args[0])
    return reductions.choose([condition], [args[1]], args[2])


def _one_of(t: EvalState, args: list[Value]) -> Truth:
    if len(args) == 1:
        return truth(np.asarray(False))
    found = operators.equal(args[0], args[1], t.palette)
    for option in args[2:]:
        found = operators.either(found, operators.equal(args[0], option, t.palette))
    return found


def _share(t: EvalState, fn: str, part: Num, of: Value | None) -> Num:
    if of is None:
        width, height = t.frame.size(0), t.frame.size(1)
    else:
        axes, why = axes_of(t, of)
        width, height = exact(axes.width, why), exact(axes.height, why)
    match fn:
        case "share_x":
            return operators.arithmetic("*", part, width)
        case "share_y":
            return operators.arithmetic("*", part, height)
        case "share_r":
            shorter = exact(np.minimum(width.lo, height.lo), first_why(width.why, height.why))
            return operators.arithmetic("*", part, shorter)
        case _:
            return operators.arithmetic("*", part, operators.arithmetic("*", width, height))


def _placed(t: EvalState, made: Value, owner: Value) -> Value:
    """A region drawn in the frame of an object, moved to where the object is."""
    if isinstance(made, List) and isinstance(made.items, list):
        return List([_placed(t, m, owner) for m in made.items], made.size, made.why)
    assert isinstance(made, Shape)
    axes, why = axes_of(t, owner)
    return Shape(put(made.geometry, axes), first_why(made.why, why))


def _member_of(of: Value, members: Value) -> Truth:
    """Whether an object is in a set; `members` is walked on an axis of its own and closed."""
    assert isinstance(of, Obj) and isinstance(members, Set)
    extra = (1,) * (of.rows.ndim - 1)
    rows = members.rows.reshape(members.rows.shape[0], *extra, members.rows.shape[-1])
    same = (of.rows[None] == rows) & (rows >= 0)
    sure = members.sure.reshape(rows.shape)
    must = np.asarray((same & sure).any(axis=0))
    if members.sure is members.maybe:
        return Truth(must, must)
    return Truth(must, np.asarray((same & members.maybe.reshape(rows.shape)).any(axis=0)))


def _builtin(t: EvalState, node: ir.Call, args: list[Value]) -> Value:
    group = "relation" if ("relation", node.fn) in REGISTRY else "function"
    entry = REGISTRY[group, node.fn]  # type: ignore[index]
    kinds = [p.kind for p in entry.parameters]
    if kinds[0] == "text":
        return _of_text(entry, args, node.type.kind)
    payload: list[Any] = []
    reasons: list[Reasons | None] = []
    doubted: list[Num] = []
    for i, value in enumerate(args):
        kind = kinds[min(i, len(kinds) - 1)]
        match kind:
            case "P" | "point":
                found: Any
                found, why = place_of(t, value)
            case "R" | "o":
                found, why = shape_of(t, value)
            case _:
                found, why = _plain(value)
                if isinstance(value, Num):
                    doubted.append(value)
        payload.append(found)
        reasons.append(why)
    if node.fn == "turned" and len(args) == 1:
        turn_deg, unknown = template_pose.turn_of(t, args[0])
        payload[0] = replace(payload[0], turn_deg=turn_deg)
        reasons.append(unknown)
    why = no_case(foremost_why(*reasons))
    if any(not v.exact for v in doubted):
        return _under_doubt(entry.bounds, entry.kernel, args, payload, why, node)
    return _wrap(entry.kernel(*payload), why, node.type.kind)


def _of_text(entry: Builtin, args: list[Value], kind: str) -> Value:
    """A function of a text: its kernel sees each distinct text once; what else it takes is fixed."""
    of = args[0]
    assert isinstance(of, Categorical)
    fixed = [a.values[int(a.codes.flat[0])] for a in args[1:] if isinstance(a, Categorical)]
    said = np.asarray(entry.kernel(list(of.values), *fixed))
    if not len(said):
        said = np.zeros(1, said.dtype)
    found = said[np.maximum(of.codes, 0)]
    gone = of.codes < 0
    if kind == "truth":
        missing = gone if of.why is None else gone | (of.why > 0)
        return truth(found, missing if missing.any() else None)
    lost = gone | np.isnan(found)
    return exact(np.where(lost, 0.0, found), first_why(of.why, mark(lost, UndefinedReason.NOT_MEASURED)))


def _plain(value: Value) -> tuple[Any, Reasons | None]:
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
            if not gone.any():
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
