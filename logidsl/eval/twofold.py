"""Findings of symmetric clauses: "a overlaps b" and "b overlaps a" are one pair, reported once.

A clause is symmetric in its two innermost iterations if it means the same with their objects exchanged: its relations
and functions do not depend on the order of their arguments. Of two mirrored findings, that of the object with more
partners is kept, among equals that of the one higher in the picture, then further left.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import compress

import numpy as np

from logidsl import ir
from logidsl.eval import reductions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.gather import At, narrow, take, take_axis
from logidsl.eval.reading import ranks_of
from logidsl.library.comparisons import Equal, Not
from logidsl.library.values import Ints, Obj

#: Partners on all images of a batch beyond which each object keeps its finding.
MOST_PAIRS = 1_000_000


def mirrored(program: ir.Program, i: int, j: int, a: int, b: int) -> bool:
    """Whether a node means the same as another with the objects of two iterations exchanged."""
    one, two = program.nodes[i], program.nodes[j]
    match one, two:
        case ir.Binder(), _:
            return j == {a: b, b: a}.get(i, i)
        case (ir.Name(target=int(left)), ir.Name(target=int(right))):
            return mirrored(program, left, right, a, b)
        case (ir.Column(of=left, attribute=name), ir.Column(of=right, attribute=other)):
            return name == other and mirrored(program, left, right, a, b)
        case (ir.Call(fn=fn, args=left), ir.Call(fn=other, args=right)) if fn == other and len(left) == len(right):
            entry = ir.entry_of(one)
            if entry is not None and entry.even and _turned(program, left[0], right[0], a, b):
                return True
            if _all(program, left, right, a, b):
                return True
            commutes = fn in ("and", "or") if entry is None else entry.converse == fn
            return commutes and len(left) > 1 and _all(program, (left[1], left[0], *left[2:]), right, a, b)
        case (ir.Literal_(value=value), ir.Literal_(value=other)):
            return value == other
        case _:
            return i == j and not {a, b} & _inside(program, i)


def _turned(program: ir.Program, i: int, j: int, a: int, b: int) -> bool:
    """Whether a node means the same as another except for its sign."""
    one, two = program.nodes[i], program.nodes[j]
    entry = ir.entry_of(one)
    if entry is None or not entry.odd or not isinstance(one, ir.Call) or not isinstance(two, ir.Call):
        return False
    return one.fn == two.fn and _all(program, one.args[::-1], two.args, a, b)


def _all(program: ir.Program, left: tuple[int, ...], right: tuple[int, ...], a: int, b: int) -> bool:
    return len(left) == len(right) and all(mirrored(program, p, q, a, b) for p, q in zip(left, right, strict=True))


def _inside(program: ir.Program, i: int) -> set[int]:
    """A node and all that it is made of, inside walks too."""
    return {*ir.below(program.nodes, [i])}


def _symmetric(program: ir.Program, i: int, a: int, b: int) -> bool:
    return {a, b} <= _inside(program, i) and mirrored(program, i, i, a, b)


def _pairing(program: ir.Program, where: int | None, a: int, b: int) -> bool:
    """Whether a filter of b refers to a, and is symmetric in both."""
    if where is None:
        return False
    node = program.nodes[where]
    parts = node.args if isinstance(node, ir.Call) and node.fn == "and" else (where,)
    both = [p for p in parts if {a, b} <= _inside(program, p)]
    both = [p for p in both if not _apart(program.nodes[p], {a, b})]
    return bool(both) and all(_symmetric(program, p, a, b) for p in both)


def _apart(node: ir.Node, two: set[int]) -> bool:
    """Whether a condition only says that two objects are different ones."""
    match ir.comparison(node):
        case Not(Equal(a, b)):
            return {a, b} == two
        case _:
            return False


def told_once(t: EvalState, i: int, at: At, walks: list[int], want: bool) -> tuple[At, list[set[int]]]:
    """Where the findings of a clause are made, and the rows that each omits because another has them.

    Parameters
    ----------
    i : int
        The clause.
    at : At
        Where it fails.
    walks : list of int
        The walks that it stands in, the innermost last.
    want : bool
        Whether it should be true.
    """
    size = len(at[-1])
    everything = at, [set[int]()] * size
    if size < 2 or not walks or len(walks) != len(at) - 1:
        return everything
    node, program = t.program.nodes[i], t.program
    if isinstance(node, ir.Quantifier) and node.body is None:
        a, b = walks[-1], node.each
        if (node.fn == "no") != want or t.values[a].store != t.values[b].store:
            return everything
        return _with_partners(t, node, at, a) if _pairing(program, node.where, a, b) else everything
    if len(walks) < 2 or not _symmetric(program, i, walks[-2], walks[-1]):
        return everything
    a, b = walks[-2:]
    if t.values[a].store != t.values[b].store:
        return everything
    own, other = _rows(t, a, at[1:]), _rows(t, b, at)
    ranks = np.asarray(ranks_of(t, Obj(t.values[a].store, np.stack([own, other]))))
    one, two = np.unique(np.stack([own, other]), return_inverse=True)[1].reshape(2, -1)  # small numbers
    there, mirrors = _codes(at[2:], one, two), _codes(at[2:], two, one)
    mirror = np.isin(mirrors, there)
    kept = ~(mirror & (ranks[1] < ranks[0]))
    return narrow(at, kept), [set()] * int(kept.sum())


def _codes(rest: At, one: Ints, two: Ints) -> Ints:
    """A number for each pair of rows in a place, the same for equal pairs; `one` and `two` may be exchanged."""
    most = int(max(one.max(initial=0), two.max(initial=0))) + 1
    places = np.unique(np.stack(rest), axis=1, return_inverse=True)[1].ravel()
    return np.asarray((places * most + one) * most + two, np.int64)


def _rows(t: EvalState, walk: int, at: At) -> Ints:
    return np.broadcast_to(np.asarray(take(t.values[walk].rows, at)), at[-1].shape)


def _with_partners(t: EvalState, node: ir.Quantifier, at: At, a: int) -> tuple[At, list[set[int]]]:
    """The same for an iteration with partners in each finding."""
    own = _rows(t, a, at).tolist()
    maybe = take_axis(reductions.quantified(t.values, node)[1], at)
    if maybe.sum() > MOST_PAIRS:
        return at, [set()] * len(own)
    others = np.where(maybe, take_axis(t.values[node.each].rows, at), -1).T
    partners = [set(row[row >= 0].tolist()) for row in others]
    ranks = np.asarray(ranks_of(t, Obj(t.values[a].store, np.array(own)))).tolist()
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for k, key in enumerate(zip(*(x.tolist() for x in at[1:]), strict=True)):
        groups[key].append(k)
    kept, left_out = np.ones(len(own), bool), [set[int]() for _ in own]
    for members in groups.values():
        here = {own[k]: partners[k] for k in members}
        told: set[tuple[int, int]] = set()
        for k in sorted(members, key=lambda k: (-len(partners[k]), ranks[k])):
            twice = {row for row in partners[k] if (row, own[k]) in told}
            if twice == partners[k] and twice:
                kept[k] = False
            elif twice:
                left_out[k] = twice
            told |= {(own[k], row) for row in partners[k] if own[k] in here.get(row, ())}
    return narrow(at, kept), [*compress(left_out, kept.tolist())]
