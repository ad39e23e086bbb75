"""What a finding tells: which objects a clause read, which way a value is off, how many are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from logidsl import ir
from logidsl.eval import arcs, operators, reductions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.gather import At, take, take_axis, take_members
from logidsl.eval.stretching import unit_shown
from logidsl.library.color import rgb_of_lab
from logidsl.library.comparisons import AtMost, Equal, InRange, Less, Near, Not
from logidsl.library.dates import date_text
from logidsl.library.values import (
    Categorical,
    Ints,
    Lab,
    List,
    Mask,
    Members,
    Num,
    Obj,
    Point,
    Reasons,
    Truth,
    UndefinedReason,
    Value,
)
from logidsl.verdicts import Shown


def inputs(node: ir.Node) -> tuple[int, ...]:
    """The nodes that a value is made from on the same axes: not those inside a walk that it closes."""
    match node:
        case ir.Call(args=args):
            return args
        case ir.Column(of=of):
            return (of,)
        case ir.Name(target=int(target)):
            return (target,)
        case ir.Match():
            more = () if node.otherwise is None else (node.otherwise,)
            return (node.subject, *(a.value for a in node.arms), *more)
        case ir.Aggregate(each=None, value=int(value)):
            return (value,)
        case ir.Aggregate(args=args) if (entry := ir.entry_of(node)) is not None:
            return args if any(p.kind in ("P", "R", "count") for p in entry.parameters) else ()
        case _:
            return ()


def feeding(program: ir.Program, i: int) -> tuple[int, ...]:
    """A node and all that it is made from, in their order."""
    return tuple(ir.below(program.nodes, [i], inputs))


def set_words(program: ir.Program, each: int) -> str:
    """What a walk's set is called."""
    node = program.nodes[each]
    assert isinstance(node, ir.Binder)
    return _source_words(program, node.source)


def phrase_words(node: ir.Quantifier, program: ir.Program) -> str:
    """The set of an `every` in the words of the spec, with its filter, if any."""
    if node.where is None or node.body is None:
        return set_words(program, node.each)
    text = " ".join(node.span.text.split())
    body = " ".join(program.nodes[node.body].span.text.split())
    return text[: text.rfind(body)].removeprefix("every").strip(" :") if body in text else set_words(program, node.each)


def set_name(program: ir.Program, each: int) -> str:
    """The one name of a walk's set; empty for a union, and for any class, where the class of each object says more."""
    node = program.nodes[each]
    source = program.nodes[node.source] if isinstance(node, ir.Binder) else None
    if not isinstance(source, ir.Name) or source.thing not in ("class", "set", "raw", "region"):
        return ""
    made = next((s for s in program.sets if s.name == source.ref), None)
    inner = None if made is None else program.nodes[made.each]
    drawn = program.nodes[inner.source] if isinstance(inner, ir.Binder) else None
    return "" if isinstance(drawn, ir.Call) and not drawn.args else source.ref


def _source_words(program: ir.Program, i: int) -> str:
    node = program.nodes[i]
    match node:
        case ir.Name():
            return node.ref
        case ir.Call(args=args) if args:
            return " | ".join(_source_words(program, a) for a in args)
        case _:
            return node.span.text


class Read(NamedTuple):
    """Objects that a node reads: (f, m) rows of a store, -1 for empty slots, and their names in the spec."""

    store: str
    rows: Ints
    name: str


def objects_read(t: EvalState, i: int, at: At) -> list[Read]:
    """Objects that a node reads at some places."""
    found: dict[int, Read] = {}
    for k in feeding(t.program, i):
        node = t.program.nodes[k]
        match node:
            case ir.Binder():
                obj: Obj = t.values[k]
                found[k] = Read(obj.store, _column(take(obj.rows, at)), set_name(t.program, k))
            case ir.Aggregate(each=int(each)):
                found.update(_of_aggregate(t, k, node, each, at))
            case ir.Quantifier():
                found.update(_of_quantifier(t, k, node, at))
            case _:
                pass
    return list(found.values())


def _column(rows: Any) -> Ints:
    return np.asarray(rows, np.int64)[:, None]


def _of_aggregate(t: EvalState, k: int, node: ir.Aggregate, each: int, at: At) -> dict[int, Read]:
    value: Value = t.values[k]
    obj: Obj = t.values[each]
    name = set_name(t.program, each)
    picked = None
    if isinstance(value, Obj):
        picked = _column(take(value.rows, at))
        if value.why is None or node.fn == "next":
            return {k: Read(value.store, picked, name)}
    m = reductions.members_of(t, node)
    entry = ir.entry_of(node)
    chosen = take_axis(m.maybe, at)
    masks = () if entry is None or entry.witness is None else entry.witness(m)
    if len(masks) > 1:
        return _of_both(t, k, (m, m.other), masks, at)
    for mask in masks:
        chosen = chosen & take_axis(np.broadcast_to(mask, np.broadcast_shapes(mask.shape, m.maybe.shape)), at)
    rows = np.where(chosen, take_axis(obj.rows, at), -1).T
    if picked is not None and rows.size:
        # where one was picked it alone was read, else all that it might have been
        rows = np.where(picked >= 0, np.where(np.arange(rows.shape[1]) == 0, picked, -1), rows)
    return {k: Read(obj.store, rows, name)} if rows.size else {}


def _of_both(
    t: EvalState, k: int, sets: tuple[Members, Members | None], masks: Sequence[Mask], at: At
) -> dict[int, Read]:
    """The members of two sets that fix a value."""
    node = t.program.nodes[k]
    assert isinstance(node, ir.Aggregate)
    found = {}
    for n, (m, each, mask) in enumerate(zip(sets, (node.each, node.other), masks, strict=True)):
        assert m is not None and each is not None
        rows = np.where(take_axis(mask, at), take_axis(m.walked.rows, at), -1).T
        if rows.size:
            found[k if n == 0 else -1 - k] = Read(m.walked.store, rows, set_name(t.program, each))
    return found


def _of_quantifier(t: EvalState, k: int, node: ir.Quantifier, at: At) -> dict[int, Read]:
    """The members of `some S`, `no S`; of a relation to some member of a set, its subject."""
    if node.body is not None and node.fn != "every":
        body = t.program.nodes[node.body]
        if isinstance(body, ir.Call):
            own = [s for a in body.args if a != node.each for s in objects_read(t, a, at)]
            return {-1 - n: s for n, s in enumerate(own)}
    obj: Obj = t.values[node.each]
    _, maybe = reductions.quantified(t.values, node)
    chosen = take_axis(maybe, at)
    if node.body is not None:
        each, whole = t.truth(node.body), t.truth(k)
        holds = take_members(each.can, at, maybe)
        if node.fn == "every":  # a false one is broken by those that fail, an open one left so by those that may
            failed, left = ~take(whole.can, at), ~take(whole.must, at)
            holds = np.where(failed, ~holds, np.where(left, ~take_members(each.must, at, maybe), holds))
        chosen = chosen & holds
    rows = np.where(chosen, take_axis(obj.rows, at), -1).T
    return {k: Read(obj.store, rows, set_name(t.program, node.each))} if rows.size else {}


def direction(t: EvalState, node: ir.Node, at: At) -> Ints:
    """-1 where the left side of a comparison is too low, 1 where it is too high, else 0."""
    none = np.zeros(len(at[-1]), np.int64)
    if not isinstance(node, ir.Call) or not node.args or not isinstance(t.values[node.args[0]], Num):
        return none
    left: Num = t.values[node.args[0]]
    reasons = [v.why for a in node.args if isinstance(v := t.values[a], Num) and v.why is not None]
    given = np.logical_and.reduce([none == 0, *(take(why, at) != UndefinedReason.NOTHING for why in reasons)])
    return np.where(given, _way(t, node, left, at), 0)


def _way(t: EvalState, node: ir.Call, left: Num, at: At) -> Ints:
    said, level = ir.comparison(node), 0
    match said:
        case InRange(_, low, high) | Near(_, low as high) if (
            period_deg := t.program.period_deg((node.args[0], low, high))
        ) is not None:
            ends = _taken(t.values[low], at), _taken(t.values[high], at)
            return arcs.position(_taken(left, at), *ends, period_deg).side
        case InRange(_, low, high):
            under = ~operators.at_most(np.asarray(take(t.values[low].lo, at)), np.asarray(take(left.hi, at)))
            over = ~operators.at_most(np.asarray(take(left.lo, at)), np.asarray(take(t.values[high].hi, at)))
            return np.where(under, -1, np.where(over, 1, 0))
        case Less(a, _):
            level = 1 if a == node.args[0] else -1  # of equal numbers
        case AtMost() | Equal() | Near() | Not(Equal()):
            pass
        case _:
            return np.zeros(len(at[-1]), np.int64)
    right = t.values[node.args[1]]
    assert isinstance(right, Num)
    less, more = take(left.hi, at) < take(right.lo, at), take(left.lo, at) > take(right.hi, at)
    return np.where(less, -1, np.where(more, 1, level))


def _taken(value: Num, at: At) -> Num:
    return Num(np.asarray(take(value.lo, at)), np.asarray(take(value.hi, at)))


def shown(t: EvalState, i: int, at: At, clause: int) -> Shown:
    """A value at some places, ready to be put in words of a clause."""
    value: Value = t.values[i]
    type_ = t.program.nodes[i].type
    reasons = getattr(value, "why", None)
    why = None
    if reasons is not None:
        words = np.array(["", *(UndefinedReason(w).words for w in range(1, len(UndefinedReason)))])
        why = tuple(words[take(reasons, at)].tolist())
    match value:
        case Num(lo, hi):
            factor, dim = unit_shown(t.program, type_.dim, clause)
            numbers = np.stack([take(lo, at), take(hi, at)], axis=1) * factor
            return Shown(type_.kind, dim, numbers, why=why)
        case Point(x, y):
            factor, dim = unit_shown(t.program, "length", clause)
            return Shown("point", dim, np.stack([take(x, at), take(y, at)], axis=1) * factor, why=why)
        case Categorical(codes, values):
            names = np.array([*values, "none"])
            return Shown(type_.kind, None, texts=tuple(names[take(codes, at)].tolist()), why=why)
        case Lab(lab, _, name):
            if name is not None:
                return Shown("color", None, texts=(name,) * len(at[-1]))
            found = operators.Palette.names_of(t.palette, value).codes if len(t.palette.names) else None
            labs = np.stack([take(lab[..., k], at) for k in range(3)], axis=1)
            names = np.array([*t.palette.names, ""])
            texts = None if found is None else tuple(names[take(found, at)].tolist())
            return Shown("color", None, labs, texts, why)
        case Truth(must, can):
            words = np.array(["false", "undetermined", "true"])
            state = take(must, at).astype(int) + take(can, at).astype(int)
            return Shown("truth", None, texts=tuple(words[state].tolist()))
        case List():
            factor, dim = unit_shown(t.program, type_.item.dim if type_.item is not None else None, clause)
            return Shown("list", dim, texts=_list_words(t, value, at, factor, dim), why=why)
        case _:
            return Shown(type_.kind, None, texts=("",) * len(at[-1]))


def _color_words(t: EvalState, value: Lab, lab: Any, at: At) -> Any:
    """(f,) colours by their names, others as `#rrggbb`; any words where there is none."""
    known = np.nan_to_num(np.stack([take(lab[..., k], at) for k in range(3)], axis=1))
    rgb = rgb_of_lab(known).round().astype(int)
    found = take(t.palette.names_of(value).codes, at) if t.palette.names else np.full(len(rgb), -1)
    codes = ["#" + "".join(f"{v:02x}" for v in c) for c in rgb.tolist()]
    return np.array([t.palette.names[k] if k >= 0 else c for k, c in zip(found, codes, strict=True)], object)


def _list_words(t: EvalState, value: List, at: At, factor: float, dim: str | None) -> tuple[str, ...]:
    size = np.broadcast_to(take(value.size, at), at[-1].shape)
    places = []
    for k in range(operators.capacity(value)):
        one = operators.item(value, k)
        match one:
            case Num(lo, hi):
                ends = [np.broadcast_to(take(end, at), at[-1].shape) for end in (lo, hi)]
                pairs = zip(
                    *([date_text(v) if dim == "date" else f"{v * factor:g}" for v in e] for e in ends), strict=True
                )
                words = np.array([low if low == high else f"{low} to {high}" for low, high in pairs], object)
            case Categorical(codes, values):
                words = np.array([*values, "none"], object)[take(codes, at)]
            case Lab(lab, _, name):
                words = np.full(at[-1].shape, name, object) if name else _color_words(t, one, lab, at)
            case List():
                words = np.array(_list_words(t, one, at, factor, dim), object)
            case _:
                words = np.full(at[-1].shape, "?", object)
        reasons: Reasons | None = getattr(one, "why", None)
        if reasons is not None:
            why = take(reasons, at)
            words = np.where(why > 0, np.where(why == UndefinedReason.NOTHING, "none", "?"), words)
        places.append(np.where(k < size, np.where(k > 0, ", ", "") + words.astype(object), ""))
    joined = np.full(at[-1].shape, "", object)
    for p in places:
        joined = joined + p
    return tuple(("[" + joined + "]").tolist())
