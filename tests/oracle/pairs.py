"""Symmetric clauses in the oracle: of two findings that say the same of one pair only one is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from logidsl import ir
from tests.oracle.interpreter import Env, Interpreter
from tests.oracle.values import Item

Leaf = tuple[int, Env, bool]
Told = tuple[int, Env, bool, frozenset[tuple[int, ...]]]

#: Their first two arguments may be exchanged.
EITHER_WAY = frozenset(
    [
        *("overlaps", "touches", "near", "=", "!=", "equal_within", "and", "or", "+", "*", "min", "max"),
        *("distance", "gap", "overlap", "angle_between", "midpoint", "difference", "tint_difference"),
    ]
)


def once(oracle: Interpreter, rule: ir.Rule, leaves: list[Leaf], standing: Callable[[Item], object]) -> list[Told]:
    """The findings to make, each with the numbers of the objects that another one tells of."""
    if any(o is not None and o.node is not None for o in (rule.defect, rule.low, rule.high)):
        return [(*leaf, frozenset()) for leaf in leaves]
    groups: dict[tuple[object, ...], list[Leaf]] = defaultdict(list)
    for i, env, want in leaves:
        groups[i, want, tuple(env)].append((i, env, want))
    return [told for group in groups.values() for told in _group(oracle, group, standing)]


def _group(oracle: Interpreter, leaves: list[Leaf], standing: Callable[[Item], object]) -> list[Told]:
    i, first, want = leaves[0]
    walks, node = list(first), oracle.nodes[i]
    everything: list[Told] = [(*leaf, frozenset()) for leaf in leaves]
    if isinstance(node, ir.Quantifier) and node.body is None:
        if (node.fn == "no") != want or not walks or not _about_pairs(oracle, node, walks[-1]):
            return everything
        return _with_partners(oracle, node, leaves, walks[-1], standing)
    if len(walks) < 2 or not _same_both_ways(oracle, i, walks[-2], walks[-1]):
        return everything
    a, b = walks[-2:]

    def key(env: Env, swapped: bool) -> tuple[object, ...]:
        one, two = (env[b], env[a]) if swapped else (env[a], env[b])
        outer = [env[w].number for w in walks[:-2]]
        return (*outer, one.store, one.number, two.store, two.number)

    there = {key(env, False) for _, env, _ in leaves}
    return [
        (k, env, w, frozenset())
        for k, env, w in leaves
        if key(env, True) not in there or standing(env[a]) <= standing(env[b])  # type: ignore[operator]
    ]


def _with_partners(
    oracle: Interpreter, node: ir.Quantifier, leaves: list[Leaf], a: int, standing: Callable[[Item], object]
) -> list[Told]:
    found: list[Told] = []
    rest: dict[tuple[object, ...], list[Leaf]] = defaultdict(list)
    for leaf in leaves:
        rest[tuple(item.number for w, item in leaf[1].items() if w != a)].append(leaf)
    for group in rest.values():
        partners = {}
        for _, env, _ in group:
            walked = oracle.walk(node.each, node.where, env)
            partners[env[a].number] = {
                item.number for item, m, _ in walked if m is not False and item.store == env[a].store
            }
        ordered = sorted(group, key=lambda leaf: (-len(partners[leaf[1][a].number]), standing(leaf[1][a])))
        before: list[tuple[int, ...]] = []
        for k, env, want in ordered:
            mine = env[a].number
            twice = frozenset(n for n in before if n in partners[mine] and mine in partners[n])
            if not twice or twice != partners[mine]:
                found.append((k, env, want, twice))
            before.append(mine)
    return found


def _about_pairs(oracle: Interpreter, node: ir.Quantifier, a: int) -> bool:
    """Whether the filter of a walk relates its objects to that of the walk around it, the same both ways."""
    b, where = node.each, node.where
    if where is None or oracle.nodes[a].type != oracle.nodes[b].type:
        return False
    top = oracle.nodes[where]
    parts = top.args if isinstance(top, ir.Call) and top.fn == "and" else (where,)
    both = []
    for p in parts:
        part = oracle.nodes[p]
        unequal = isinstance(part, ir.Call) and part.fn == "!=" and sorted(part.args) == sorted((a, b))
        if {a, b} <= _made_of(oracle, p) and not unequal:
            both.append(p)
    return bool(both) and all(_same_both_ways(oracle, p, a, b) for p in both)


def _same_both_ways(oracle: Interpreter, i: int, a: int, b: int) -> bool:
    if not {a, b} <= _made_of(oracle, i) or oracle.nodes[a].type != oracle.nodes[b].type:
        return False
    return _form(oracle, i, {a: "1", b: "2"}) == _form(oracle, i, {a: "2", b: "1"})


def _form(oracle: Interpreter, i: int, names: dict[int, str]) -> str:
    """A node in writing, with what may be exchanged in one order."""
    match oracle.nodes[i]:
        case ir.Binder():
            return names.get(i, f"each {i}")
        case ir.Name(target=int(target)):
            return _form(oracle, target, names)
        case ir.Column(of=of, attribute=name):
            return f"{name} of ({_form(oracle, of, names)})"
        case ir.Literal_(value=value):
            return repr(value)
        case ir.Call(fn=fn, args=args):
            parts = [_form(oracle, k, names) for k in args]
            inner = oracle.nodes[args[0]] if args else None
            if fn == "abs" and isinstance(inner, ir.Call) and inner.fn in ("dx", "dy", "-"):
                parts = [inner.fn, *sorted(_form(oracle, k, names) for k in inner.args)]
            elif fn in EITHER_WAY:
                parts = [*sorted(parts[:2]), *parts[2:]]
            return f"{fn}({'; '.join(parts)})"
    touched = {*names} & _made_of(oracle, i)
    return f"node {i} {sorted(names.items()) if touched else ''}"


def _made_of(oracle: Interpreter, i: int) -> set[int]:
    found, waiting = {i}, [i]
    while waiting:
        new = set(ir.uses_of(oracle.nodes[waiting.pop()])) - found
        found |= new
        waiting += new
    return found
