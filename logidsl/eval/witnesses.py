"""The objects to blame for a false clause beyond those it reads: missing ones, near misses, misplaced ones.

A count that is too low misses objects, and the near misses are the candidates closest to counting. For two different
lists the members at the differing positions are named; of several lists the nearest one is used.
"""

from __future__ import annotations

import numpy as np

from logidsl import ir
from logidsl.eval import layouts, list_ops, operators, reductions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.gather import At, take, take_axis
from logidsl.eval.margins import margin
from logidsl.eval.objects import Read, set_name, set_words
from logidsl.library.comparisons import AtMost, Comparison, Equal, InRange, Less, Near, Not, OneOf
from logidsl.library.values import Categorical, Ints, List, Mask, Num, Obj


def counting(t: EvalState, i: int) -> ir.Aggregate | None:
    """The node of a `count(S)`, names resolved; None for any other."""
    return ir.counting(t.program.nodes, i)


def absent(t: EvalState, node: ir.Node, at: At, way: Ints, want: bool) -> dict[str, Ints]:
    """(f,) the number of missing objects, by their names. Of two counts neither misses any."""
    match node:
        case ir.Quantifier(body=None) if (node.fn == "some") == want:
            return {set_words(t.program, node.each): np.ones(len(at[-1]), np.int64)}
        case ir.Aggregate() if want and (found := layouts.misfits(t, node, at)) is not None:
            return layouts.missing(t, node, found)
        case ir.Call(args=(first, *_)):
            return _fewer(t, ir.comparison(node), first, at, way)
        case _:
            return {}


def _fewer(t: EvalState, said: Comparison | None, first: int, at: At, way: Ints) -> dict[str, Ints]:
    """What a count or a list lacks beside the other side of a comparison."""
    match said:
        case Less(a, b):
            limits = [(a, b, False), (b, a, True)]
        case AtMost(a, b):
            limits = [(a, b, False), (b, a, False)]
        case Equal(a, b) | Near(a, b) | Not(Equal(a, b)) if isinstance(t.values[b], List):
            return _shorter(t, a, b, at)
        case Equal(a, b):
            limits = [(a, b, False), (b, a, False)]
        case InRange(value, low, _):
            limits = [(value, low, False)]
        case _:
            return {}
    for counted, limit, strict in limits:
        node = counting(t, counted)
        if node is not None and counting(t, limit) is None:
            too_low = way < 0 if counted == first else way > 0
            return {set_words(t.program, _walk(node)): _short(t, counted, limit, at, too_low, strict)}
    return {}


def _walk(node: ir.Aggregate) -> int:
    assert node.each is not None
    return node.each


def _short(t: EvalState, counted: int, limit: int, at: At, low: Mask, strict: bool) -> Ints:
    have, need = t.values[counted], t.values[limit]
    assert isinstance(have, Num) and isinstance(need, Num)
    short = np.ceil(take(need.lo, at)) + strict - take(have.hi, at)
    return np.where(low, np.maximum(short, 0), 0).astype(np.int64)


def _shorter(t: EvalState, first: int, second: int, at: At) -> dict[str, Ints]:
    """What a list lacks: for a list of classes by class, for any other the difference in length."""
    a, b = t.values[first], t.values[second]
    node = t.program.nodes[first]
    if not isinstance(node, ir.Aggregate) or node.each is None or not isinstance(a, List) or not isinstance(b, List):
        return {}
    short = np.maximum(take(b.size, at) - take(a.size, at), 0).astype(np.int64)
    if node.type.item is None or node.type.item.domain != "class":
        return {set_words(t.program, node.each): short}
    have, need = _by_label(a, at), _by_label(b, at)
    return {
        name: np.where(short > 0, np.maximum(count - have.get(name, 0), 0), 0).astype(np.int64)
        for name, count in need.items()
    }


def _by_label(values: List, at: At) -> dict[str, Ints]:
    """(f,) how often each label stands in a list."""
    found: dict[str, Ints] = {}
    size = take(values.size, at)
    for k in range(operators.capacity(values)):
        one = operators.item(values, k)
        if isinstance(one, Categorical):
            codes = take(one.codes, at)
            for code, name in enumerate(one.values):
                found[name] = found.get(name, np.zeros(len(at[-1]), np.int64)) + ((codes == code) & (k < size))
    return found


def near_misses(t: EvalState, node: ir.Aggregate, at: At, missing: Ints) -> list[Read]:
    """As many candidates as are missing, those whose filter failed by least, including ties.

    None if nothing was filtered.
    """
    each, where = t.drawn_from(_walk(node), node.where)
    if where is None or not missing.any():
        return []
    obj: Obj = t.values[each]
    assert obj.members is not None
    _, there = obj.members
    counted = reductions.members(t.values, each, where)[1]
    out = take_axis(np.broadcast_to(there, counted.shape) & ~counted, at)
    far = np.where(out, take_axis(np.broadcast_to(margin(t, where), counted.shape), at), -np.inf)
    if not len(far):
        return []
    ranked = -np.sort(-far, axis=0)
    last = np.take_along_axis(ranked, np.clip(missing - 1, 0, len(ranked) - 1)[None], 0)
    chosen = out & (far >= last) & (missing > 0)
    rows = np.where(chosen, take_axis(obj.rows, at), -1).T
    return [Read(obj.store, rows, set_name(t.program, each))] if (rows >= 0).any() else []


def out_of_place(t: EvalState, node: ir.Call, at: At, want: bool) -> list[Read] | None:
    """The members of a list at the positions that should not differ from the other list; None for other clauses."""
    said = ir.comparison(node)
    if isinstance(said, Not):
        said, want = said.of, not want
    if not want or not isinstance(said, Equal | Near | OneOf):
        return None
    a = t.values[node.args[0]]
    options = [b for k in node.args[1:] if isinstance(b := t.values[k], List)]
    if not options or not isinstance(a, List) or a.rows is None:
        return None
    alike = list_ops.equality(t, said)
    masks = [_differ(a, b, at, alike) for b in options]
    sizes = [
        m.sum(axis=0) + np.maximum(take(b.size, at) - take(a.size, at), 0) for m, b in zip(masks, options, strict=True)
    ]
    nearest = np.stack(sizes).argmin(axis=0)
    chosen = np.stack(masks)[nearest, :, np.arange(len(nearest))].T
    rows = np.where(chosen, take_axis(a.rows, at), -1).T
    walks = _walks(t, node.args[0])
    if not rows.size or not walks:
        return []
    stores = {t.values[w].store for w in walks}  # a list of both objects and cells has no rows of one kind
    return [Read(stores.pop(), rows, set_name(t.program, walks[0]))] if len(stores) == 1 else []


def _walks(t: EvalState, i: int) -> list[int]:
    """The walks whose members a list was read of."""
    match t.program.nodes[i]:
        case ir.Aggregate(each=each) if each is not None:
            return [each]
        case ir.Call(fn="splice", args=args):
            columns = [t.program.nodes[a] for a in args]
            return [n.each for n in columns if isinstance(n, ir.Aggregate) and n.each is not None]
        case _:
            return []


def _differ(a: List, b: List, at: At, alike: operators.Equality) -> Mask:
    """(K, f) the positions at which two lists differ."""
    sizes = take(a.size, at), take(b.size, at)
    found = np.zeros((operators.capacity(a), len(at[-1])), bool)
    for k in range(len(found)):
        same = np.zeros(len(at[-1]), bool)
        if k < operators.capacity(b):
            pair = alike(operators.item(a, k), operators.item(b, k))
            same = take(pair.must, at) & (k < sizes[1])
        found[k] = (k < sizes[0]) & ~same
    return found
