"""From a condition that should be otherwise to changes of the objects that it speaks of.

`make` yields plans, the most natural first: for logic those of its parts, for comparisons changes of the
left side, then of the right one, for walks what is to be added, removed or changed member by member.
"""

from __future__ import annotations

from collections.abc import Iterator

from logidsl import ir
from logidsl.eval.repair import shifts
from logidsl.eval.repair.bindings import Binding, Plan
from logidsl.eval.repair.comparisons import compare, equal
from logidsl.eval.repair.count_repairs import by_confidence, removed, wanted
from logidsl.eval.repair.goals import together
from logidsl.library import REGISTRY
from logidsl.types import OBJECTS


def make(s: Binding, i: int, want: bool) -> Iterator[Plan]:
    """Plans by which a condition comes to hold (`want`), or not to."""
    i, node = s.node(i)
    if _is_open(s, i, node):
        from logidsl.eval.repair import defining

        yield from defining.define(s, i)
    match node:
        case ir.Call(fn="not", args=(inner,)):
            yield from make(s, inner, not want)
        case ir.Call(fn="and" | "or" as fn, args=args):
            left = [a for a in args if not s.holds(a, want)]
            if (fn == "and") == want:
                yield from _all(s, left, want)
            else:
                yield from _any(s, args, want)
        case ir.Call(fn="if", args=args):
            yield from _if(s, args, want)
        case ir.Match():
            yield from _by_case(s, node, want)
        case ir.Quantifier():
            yield from _walk(s, node, want)
        case ir.Aggregate():
            from logidsl.eval.repair import gatherings

            yield from gatherings.make(s, node, want)
        case ir.Call(fn="member_of", args=(of, members)):
            yield from _member(s, of, members, want)
        case ir.Call(fn=fn) if ("relation", fn) in REGISTRY:
            yield from shifts.relate(s, node, want)
        case ir.Call():
            yield from compare(s, node, want)
        case _:
            return


def _is_open(s: Binding, i: int, node: ir.Node) -> bool:
    """Whether a comparison or relation is undetermined."""
    must, can = s.truth(i)
    return must != can and isinstance(node, ir.Call) and node.fn not in ("and", "or", "not", "if")


def fit(s: Binding, subject: int, pattern: int) -> Iterator[Plan]:
    """Plans by which what a `match` looks at comes to fit a pattern."""
    if s.trace.program.nodes[pattern].type.kind == "truth":
        yield from make(s, pattern, True)
    else:
        yield from equal(s, subject, pattern, True)


def _all(s: Binding, parts: list[int], want: bool) -> Iterator[Plan]:
    """All of the parts; where the first ways of each do not go together, one has another."""
    ways = [list(_few(make(s, p, want), 3)) for p in parts]
    if not parts or not all(ways):
        return
    yield [c for w in ways for c in w[0]]
    for k, w in enumerate(ways):
        for other in w[1:]:
            yield [c for j, v in enumerate(ways) for c in (other if j == k else v[0])]


def _few(plans: Iterator[Plan], most: int) -> Iterator[Plan]:
    for _, plan in zip(range(most), plans, strict=False):
        yield plan


def _any(s: Binding, parts: tuple[int, ...], want: bool) -> Iterator[Plan]:
    """Each part's first way, then the others."""
    ways = [make(s, p, want) for p in parts]
    for w in ways:
        yield from _few(w, 1)
    for w in ways:
        yield from w


def _if(s: Binding, args: tuple[int, ...], want: bool) -> Iterator[Plan]:
    """The conclusion that the condition leads to, else the condition."""
    condition, then = args[:2]
    if s.holds(condition, True):
        yield from make(s, then, want)
    elif len(args) > 2 and s.holds(condition, False):
        yield from make(s, args[2], want)
    if want and len(args) < 3:
        yield from make(s, condition, False)
    elif not want:
        yield from _all(s, [a for a, w in ((condition, True),) if not s.holds(a, w)], True)
        for first in make(s, condition, True):
            for second in make(s, then, False):
                yield [*first, *second]


def _by_case(s: Binding, node: ir.Match, want: bool) -> Iterator[Plan]:
    value = s.chosen(node)
    if value is not None:
        yield from make(s, value, want)


def _walk(s: Binding, node: ir.Quantifier, want: bool) -> Iterator[Plan]:
    """`every`, `some`, `no`: members are changed, taken away, or added."""
    if node.fn == "every":
        assert node.body is not None
        yield from _each(s, node, node.body, True) if want else _one(s, node, node.body, False)
    elif (node.fn == "some") == want:
        yield from _one(s, node, node.body, True)
    else:
        yield from _none(s, node)


def _each(s: Binding, node: ir.Quantifier, body: int, want: bool) -> Iterator[Plan]:
    """Every member as wanted: each that is not is changed, else taken away."""
    failing = [m for m in s.members(node.each, node.where) if not m[0].holds(body, want)]
    plan = together(make(inner, body, want) for inner, _, _ in failing)
    if plan:
        yield plan
    if s.trace.program.nodes[node.each].type.domain == OBJECTS and failing:
        yield removed(s, by_confidence(s, [r for _, r, _ in failing]), len(failing))


def _none(s: Binding, node: ir.Quantifier) -> Iterator[Plan]:
    """No member for which it holds: taken away where the clause speaks of the members, else changed."""
    found = list(s.members(node.each, node.where))
    if node.body is not None:
        found = [m for m in found if m[0].truth(node.body)[1]]
    conditions = [c for c in (node.body, node.where) if c is not None]
    changed = [together(make(inner, c, False) for inner, _, _ in found) for c in conditions]
    gone: Plan = []
    if s.trace.program.nodes[node.each].type.domain == OBJECTS:
        gone = removed(s, by_confidence(s, [r for _, r, _ in found]), len(found))
    ordered = [gone, *changed] if node.body is None else [*changed, gone]
    yield from (p for p in ordered if p)


def _one(s: Binding, node: ir.Quantifier, body: int | None, want: bool) -> Iterator[Plan]:
    """Some member for which it is as wanted: one is changed, or added."""
    objects = s.trace.program.nodes[node.each].type.domain == OBJECTS
    filters = [f for f in (node.where,) if f is not None]
    if body is None and objects:
        yield [wanted(s, node.each, node.where)]
    for inner, _, certain in s.members(node.each):
        if certain and (body is not None or filters):
            first = [p for f in filters if not inner.holds(f, True) for p in _few(make(inner, f, True), 1)]
            if body is None or inner.holds(body, want):
                yield from (p for p in first if p)
                continue
            for plan in _few(make(inner, body, want), 4):
                yield [*(c for p in first for c in p), *plan]
    if body is not None and objects:
        yield [wanted(s, node.each, node.where)]


def _member(s: Binding, of: int, members: int, want: bool) -> Iterator[Plan]:
    """What a set asks of its members, of one object; an object of no other class can be made one."""
    _, node = s.node(members)
    row = s.row(of)
    if not isinstance(node, ir.Name) or row < 0:
        return
    made: list[ir.ClassDecl | ir.SetDecl] = [*s.trace.program.classes, *s.trace.program.sets]
    decl = next((d for d in made if d.name == node.ref and d.each is not None), None)
    if decl is None or decl.each is None or decl.where is None:
        if decl is None and want:
            plan = s.set_other(row, "class", node.ref)
            if plan:
                yield plan
        return
    alone = Binding(s.trace, s.at[-1:], (), s.table)
    inner = next((m for m, r, _ in alone.members(decl.each) if r == row), None)
    if inner is not None:
        yield from make(inner, decl.where, want)
