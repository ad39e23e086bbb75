"""Findings: from a rule that is not true down to its smallest clause, with the objects by role.

Descends for all images of a batch at once. The position of a finding is a list of index arrays, one for each open axis,
newest first, with the image last, so that a value with fewer axes is read by the last of them. A false clause leads to
each false part; an undetermined one to the first part that caused it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from logidsl import ir
from logidsl.eval import layouts, reductions, twofold, witnesses
from logidsl.eval.eval_state import EvalState
from logidsl.eval.gather import At, narrow, take, take_members
from logidsl.eval.groups import group, owners, partition, regions_named
from logidsl.eval.margins import margin
from logidsl.eval.objects import direction, feeding, objects_read, set_words, shown
from logidsl.eval.plan import fits
from logidsl.eval.reading import READERS, Reader, ranks_of
from logidsl.library.values import Categorical, Mask, Obj, Reasons, Set, Truth, UndefinedReason, Value
from logidsl.verdicts import Clause, Group, Ints, Shown


@dataclass
class Descent:
    """Findings of one rule as they are found."""

    trace: EvalState
    rule: int
    most: int | None = None
    found: list[Clause] = field(default_factory=list)

    def node(self, i: int) -> ir.Node:
        """A node, names of values followed to what they name."""
        return self.trace.program.nodes[self.follow(i)]

    def follow(self, i: int) -> int:
        """The node that a name of a value stands for."""
        return ir.followed(self.trace.program.nodes, i)


@np.errstate(invalid="ignore", over="ignore")  # as in `plan.run`
def findings(trace: EvalState, number: int, *, most: int | None = None) -> list[Clause]:
    """The findings of a rule on a batch, at most `most` per clause and image."""
    root = trace.program.rules[number].node
    truth = trace.truth(root)
    must, can = (np.broadcast_to(t, (trace.frame.n,)) for t in (truth.must, truth.can))
    d = Descent(trace, number, most)
    broken, undetermined = np.flatnonzero(~can), np.flatnonzero(can & ~must)
    if len(broken):
        _false(d, root, [broken], True, [])
    if len(undetermined):
        for part, at, context in open_leaves(d, root, [undetermined], []):
            leaf(d, part, at, True, context, false=False)
    return d.found


def _parts(d: Descent, args: tuple[int, ...], at: At, wanted: str) -> list[tuple[int, Mask]]:
    """For each part of a conjunction or disjunction, where it is `false`, `true` or `open`."""
    found = []
    for a in args:
        t = d.trace.truth(a)
        must, can = take(t.must, at), take(t.can, at)
        found.append((a, {"false": ~can, "true": must, "open": can & ~must}[wanted]))
    return found


def _false(d: Descent, i: int, at: At, want: bool, context: list[int]) -> None:
    """Descend from a truth that is false but should be true (`want`), or true but should be false."""
    i = d.follow(i)
    node = d.node(i)
    match node:
        case ir.Call(fn="not", args=(inner,)):
            _false(d, inner, at, not want, context)
        case ir.Call(fn="and" | "or" as fn, args=args):
            parts = _parts(d, args, at, "false" if want else "true")
            if (fn == "and") == want:
                for part, here in parts:
                    if here.any():
                        _false(d, part, narrow(at, here), want, context)
            else:
                _nearest(d, parts, at, want, context)
        case ir.Call(fn="if", args=args) if want:
            condition = d.trace.truth(args[0])
            holds = take(condition.must, at)
            for branch, here in zip(args[1:], (holds, ~holds), strict=False):
                if here.any():
                    _false(d, branch, narrow(at, here), want, [*context, args[0]])
        case ir.Match() if node.type.kind == "truth":
            _chosen_case(d, node, at, want, context)
        case ir.Quantifier(fn="every", body=int(body)) if want and _stands_here(d, node, at):
            _each_member(d, node, body, at, context)
        case _:
            leaf(d, i, at, want, context, false=True)


def _stands_here(d: Descent, node: ir.Quantifier, at: At) -> bool:
    """Whether an iteration opens inside the open ones, unlike that of a `let` used inside an iteration."""
    return d.trace.program.nodes[node.each].depth == len(at)


def _chosen_case(d: Descent, node: ir.Match, at: At, want: bool, context: list[int]) -> None:
    """The chosen case of a `match` among conditions."""
    left = np.ones(at[-1].shape, bool)
    for arm, fit in zip(node.arms, fits(d.trace, node), strict=True):
        here = left & take(fit.must, at)
        if here.any():
            _false(d, arm.value, narrow(at, here), want, [*context, node.subject])
        left &= ~here
    if node.otherwise is not None and left.any():
        _false(d, node.otherwise, narrow(at, left), want, [*context, node.subject])


def _nearest(d: Descent, parts: list[tuple[int, Mask]], at: At, want: bool, context: list[int]) -> None:
    """The part of a false `or` nearest to being true, for each image."""
    sign = 1.0 if want else -1.0
    nearness = np.stack([np.broadcast_to(sign * take(margin(d.trace, p), at), at[-1].shape) for p, _ in parts])
    best = nearness.round(9).argmax(axis=0)  # so that rounding decides nothing between equal ones
    for place, (part, _) in enumerate(parts):
        here = best == place
        if here.any():
            _false(d, part, narrow(at, here), want, context)


def _each_member(d: Descent, node: ir.Quantifier, body: int, at: At, context: list[int]) -> None:
    """Of a false `every`, each member that fails."""
    sure, _ = reductions.quantified(d.trace.values, node)
    t = d.trace.truth(body)
    failing = take_members(sure, at, sure) & ~take_members(t.can, at, sure)
    member, place = np.nonzero(failing)
    _false(d, body, [member, *(a[place] for a in at)], True, [*context, node.each])


def open_leaves(d: Descent, i: int, at: At, context: list[int]) -> Iterator[tuple[int, At, list[int]]]:
    """Descend to the first part that left a truth open: its node, position, and context."""
    i = d.follow(i)
    node = d.node(i)
    match node:
        case ir.Call(fn="not", args=(inner,)):
            yield from open_leaves(d, inner, at, context)
        case ir.Call(fn="and" | "or" | "if", args=args):
            left = np.ones(at[-1].shape, bool)
            for part, here in _parts(d, args, at, "open"):
                if (here & left).any():
                    yield from open_leaves(d, part, narrow(at, here & left), context)
                left &= ~here
        case ir.Quantifier(fn="every", body=int(body)) if _stands_here(d, node, at):
            _, maybe = reductions.quantified(d.trace.values, node)
            t = d.trace.truth(body)
            must, can = take_members(t.must, at, maybe), take_members(t.can, at, maybe)
            hangs = take_members(maybe, at, maybe) & can & ~must
            some = hangs.any(axis=0)
            if some.any():
                # of several, one that does not depend on the order of the rows
                ranks = take_members(ranks_of(d.trace, d.trace.values[node.each]), at, maybe)
                first = np.where(hangs, ranks, np.iinfo(np.int64).max).argmin(axis=0)
                yield from open_leaves(d, body, narrow([first, *at], some), [*context, node.each])
            if not some.all():
                yield i, narrow(at, ~some), context
        case _:
            yield i, at, context


def leaf(d: Descent, i: int, at: At, want: bool, context: list[int], *, false: bool) -> None:
    """The findings of one clause."""
    t, node = d.trace, d.node(i)
    rule = t.program.rules[d.rule]
    told: list[set[int]] = []
    if false and not any(o is not None and o.node is not None for o in (rule.defect, rule.low, rule.high)):
        at, told = twofold.told_once(t, i, at, [c for c in context if isinstance(t.program.nodes[c], ir.Binder)], want)
    size = len(at[-1])
    way = direction(t, node, at) if false and want else np.zeros(size, np.int64)
    labels = _labels(d, rule, way, at) if false else (None,) * size
    omitted: dict[int, int] = {}
    if d.most is not None and size > d.most:
        first = _first(at[-1], labels, d.most)
        places, counts = np.unique(at[-1][~first], return_counts=True)
        omitted = dict(zip(t.frame.images[places].tolist(), counts.tolist(), strict=True))
        at, way = narrow(at, first), way[first]
        labels, told = tuple(itertools.compress(labels, first.tolist())), list(itertools.compress(told, first.tolist()))
        size = len(way)
    lacking = witnesses.absent(t, node, at, way, want) if false else {}
    missing = np.sum(list(lacking.values()), axis=0) if lacking else np.zeros(size, np.int64)
    groups = _roles(d, i, node, at, way, missing, want) if false else _all(d, _read_by(i, node), at, "context")
    groups = [_without(g, told) for g in groups] if any(told) else groups
    groups += _all(d, context, at, "context") + regions_named(t, i, at, context)
    told_of: dict[int, Shown] = {}
    if false and want and isinstance(node, ir.Aggregate) and (misfits := layouts.misfits(t, node, at)) is not None:
        told_of[i] = layouts.said(t, node, misfits, at, i)
        groups = [*layouts.by_class(t, node, misfits, at), *(g for g in groups if g.role != "witness")]
        groups += layouts.empty_places(t, node, misfits, at)
    named = {name: k for c in reversed(context) for name, k in t.program.named_values.get(c, {}).items()}
    display = dict.fromkeys([*_operands(node), *rule.message_nodes.values(), *named.values()])
    d.found.append(
        Clause(
            rule=d.rule,
            node=i,
            false=false,
            images=t.frame.images[at[-1]],
            direction=way,
            labels=labels,
            shown={o: shown(t, o, at, i) for o in display} | told_of,
            groups=tuple(groups),
            absent=lacking,
            reasons=("",) * size if false else reasons(d, i, at),
            margin=(1.0 if want else -1.0) * take(margin(t, i), at),
            negated=not want,
            at=tuple(at),
            walks=tuple(c for c in reversed(context) if isinstance(t.program.nodes[c], ir.Binder)),
            partition=partition(t, _read_by(i, node)[0] if _operands(node) else i, at) if false else None,
            named=named,
            omitted=omitted,
        )
    )


def _without(g: Group, told: list[set[int]]) -> Group:
    """A group of witnesses without those reported by another finding."""
    if g.role != "witness":
        return g
    gone = np.array([np.isin(row, [*out]) for row, out in zip(g.rows, told, strict=True)])
    return replace(g, rows=np.where(gone, -1, g.rows))


def _first(images: Ints, labels: tuple[str | None, ...], most: int) -> Mask:
    """(f,) the findings to make: the first of each label on each image, then the first of the image, `most` in all."""
    new = np.ones(len(images), bool)
    if len(set(labels)) > 1:
        codes = np.unique(np.array([label or "" for label in labels]), return_inverse=True)[1]
        new[:] = False
        new[np.unique(np.stack([images, codes]), axis=1, return_index=True)[1]] = True
    order = np.lexsort((~new, images))
    ordered = images[order]
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    place = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    chosen = np.zeros(len(images), bool)
    chosen[order[place < most]] = True
    return chosen


def _operands(node: ir.Node) -> list[int]:
    """The values shown in a finding: the compared operands, measured ones first."""
    entry = ir.entry_of(node)
    if not isinstance(node, ir.Call) or entry is None or entry.result != "truth" or entry.group == "relation":
        return []
    return list(node.args)


def _read_by(i: int, node: ir.Node) -> list[int]:
    """The nodes whose objects a clause reads, the measured ones first."""
    return list(node.args) if isinstance(node, ir.Call) and node.args else [i]


def _roles(d: Descent, i: int, node: ir.Node, at: At, way: Ints, missing: Ints, want: bool) -> list[Group]:
    """Objects of a false clause: those read on the left are witnesses, on the right context.

    A count that is too low has no witnesses, and its members are context; of two counts the larger side has.
    """
    first, *rest = _read_by(i, node)
    if isinstance(node, ir.Quantifier) and node.body is None and (node.fn == "some") == want:
        return _all(d, [first], at, "context")
    displaced = witnesses.out_of_place(d.trace, node, at, want) if isinstance(node, ir.Call) else None
    if displaced is not None:
        return [group(d.trace, at, True, r) for r in displaced] + _all(d, rest, at, "context")
    left = witnesses.counting(d.trace, first)
    rights = [witnesses.counting(d.trace, k) for k in rest]
    if left is None and not any(rights):
        return _all(d, [first], at, "witness") + _all(d, rest, at, "context")
    short = way < 0
    found = _split(d, first, at, ~short) if left else _all(d, [first], at, "witness")
    for k, right in zip(rest, rights, strict=True):
        found += _split(d, k, at, short if left else way < 0) if right else _all(d, [k], at, "context")
    for node_ in (left, *rights):
        misses = witnesses.near_misses(d.trace, node_, at, missing) if node_ is not None else []
        found += [group(d.trace, at, False, r) for r in misses]
    return found


def _split(d: Descent, i: int, at: At, guilty: Mask) -> list[Group]:
    """Objects of a count as witnesses if it is too high, otherwise as context."""
    found = []
    for read in objects_read(d.trace, i, at):
        for role, here in (("witness", guilty), ("context", ~guilty)):
            if here.any():
                rows = np.where(here[:, None], read.rows, -1)
                found.append(group(d.trace, at, role == "witness", read._replace(rows=rows)))
    return found


def _all(d: Descent, nodes: list[int], at: At, role: str) -> list[Group]:
    found = []
    for i in nodes:
        for read in objects_read(d.trace, i, at):
            cut_from = owners(d.trace, at, read)
            found += [group(d.trace, at, role == "witness", read, cut=bool(cut_from)), *cut_from]
    return found


def _labels(d: Descent, rule: ir.Rule, way: Ints, at: At) -> tuple[str | None, ...]:
    """The label of each finding: by direction, otherwise the rule's own, otherwise its name."""
    plain = _outcome(d, rule.defect, at) if rule.defect else (rule.name,) * len(way)
    low = _outcome(d, rule.low, at) if rule.low else plain
    high = _outcome(d, rule.high, at) if rule.high else plain
    if low is plain and high is plain:
        return plain
    return tuple(np.select([way < 0, way > 0], [np.array(low), np.array(high)], np.array(plain)).tolist())


def _outcome(d: Descent, outcome: ir.Outcome, at: At) -> tuple[str, ...]:
    if outcome.node is None:
        return (str(outcome.label),) * len(at[-1])
    value = d.trace.values[outcome.node]
    assert isinstance(value, Categorical)
    codes = np.broadcast_to(take(value.codes, at), at[-1].shape)
    names = np.array([*value.values, d.trace.program.rules[d.rule].name])
    return tuple(names[codes].tolist())


def reasons(d: Descent, i: int, at: At) -> tuple[str, ...]:
    """Why a clause is undetermined: the first reason, by priority, among its values, and the value it belongs to.

    An iteration with an undetermined filter or body has no reason of its own; the reasons of the values in it are used.
    """
    best = np.zeros(at[-1].shape, np.uint8)
    found = np.full(at[-1].shape, "", object)
    node = d.node(i)
    if isinstance(node, ir.Call) and node.fn == "one_variant":
        sure = np.sum([take(d.trace.truth(a).must, at) for a in node.args], axis=0)
        ever = np.sum([take(d.trace.truth(a).can, at) for a in node.args], axis=0)
        found[sure > 1] = f"{UndefinedReason.AMBIGUOUS.words}: two variants apply"
        found[ever == 0] = f"{UndefinedReason.NO_CASE.words}: no variant applies"
        best[found != ""] = np.iinfo(np.uint8).max
    made_from = feeding(d.trace.program, i)
    for number in made_from:
        node = d.trace.program.nodes[number]
        if isinstance(node, ir.Aggregate):  # an argument that is undefined makes it so
            more = [k for a in node.args for k in feeding(d.trace.program, a)]
            made_from = tuple(dict.fromkeys([*made_from, *more]))
    located = _located(d.trace.program, made_from)
    for number in made_from:
        _fill(d, best, found, number, at, located.get(number, set()))
    left = found == ""
    for number in made_from:
        node = d.trace.program.nodes[number]
        if isinstance(node, ir.Aggregate | ir.Quantifier) and node.each is not None and left.any():
            inners: list[tuple[int, int | None, int | None]] = [(node.each, None, node.where)]
            inners += [(node.each, node.where, getattr(node, name, None)) for name in ("body", "value")]
            if isinstance(node, ir.Aggregate) and node.other is not None:
                inners.append((node.other, None, node.other_where))
            for each, where, inner in inners:
                here = at[-1 - node.depth :]  # a walk that a `let` names stands outside of those that read it
                there = reductions.members(d.trace.values, each, where)[1]
                parts = feeding(d.trace.program, inner) if inner is not None else ()
                located = _located(d.trace.program, parts)
                for deep in parts:
                    _fill(d, best, found, deep, here, located.get(deep, set()), there, left)
    return tuple(np.where(found == "", UndefinedReason.DOUBTFUL.words, found).tolist())


def _fill(
    d: Descent,
    best: Reasons,
    found: npt.NDArray[np.object_],
    number: int,
    at: At,
    read_as: set[Reader],
    there: Mask | None = None,
    chosen: Mask | None = None,
) -> None:
    """Record the reason of a value unless one with higher priority is recorded; of several members the first one's.

    `there` marks the members of the innermost iteration: a place without a member has no reason.
    """
    for why in (*_whys(d.trace, d.trace.values[number], read_as), *_without_case(d, number)):
        codes = np.where(np.asarray(why) == UndefinedReason.NOTHING, 0, why)
        if there is not None and there.ndim > len(at):
            # Values that do not depend on the member are read only if there is one.
            some = there if codes.ndim >= there.ndim else there.any(axis=tuple(range(there.ndim - len(at))))
            codes = np.where(some, codes, 0)
        while codes.ndim > len(at):
            codes = codes.max(axis=0, initial=0)
        codes = np.broadcast_to(take(codes, at), at[-1].shape)
        better = codes > best if chosen is None else (codes > best) & chosen
        subject = _subject(d, d.trace.program.nodes[number])
        for code in np.unique(codes[better]):
            found[better & (codes == code)] = f"{subject} {UndefinedReason(int(code)).words}".strip()
        best[better] = codes[better]


def _without_case(d: Descent, number: int) -> list[Reasons]:
    """Where a `match` among conditions has no case: it has no other reasons."""
    node = d.trace.program.nodes[number]
    if not isinstance(node, ir.Match) or node.type.kind != "truth" or node.otherwise is not None:
        return []
    some = np.zeros((), bool)
    for fit in fits(d.trace, node):
        some = some | fit.can
    return [np.where(some, np.uint8(0), np.uint8(UndefinedReason.NO_CASE))]


def _located(program: ir.Program, nodes: tuple[int, ...]) -> dict[int, set[Reader]]:
    """How a relation or a function among some nodes reads its arguments that lie somewhere: as points or as shapes."""
    found: dict[int, set[Reader]] = {}
    for number in nodes:
        node = program.nodes[number]
        entry = ir.entry_of(node) if isinstance(node, ir.Call) else None
        kinds = [p.kind for p in entry.parameters] if entry is not None and entry.group != "operator" else []
        for arg, kind in zip(node.args if isinstance(node, ir.Call) else (), kinds, strict=False):
            if kind in READERS:
                found.setdefault(arg, set()).add(READERS[kind])
    for number in reversed(nodes):  # a name stands after what it names
        node = program.nodes[number]
        if isinstance(node, ir.Name) and node.target is not None and number in found:
            found.setdefault(node.target, set()).update(found[number])
    return found


def _whys(t: EvalState, value: Value | None, read_as: set[Reader]) -> list[Reasons]:
    """The reasons of a value, and why it has no place, or no shape, where one is asked for."""
    if value is None or isinstance(value, Truth | Set):
        return []
    return [w for w in (value.why, *(read(t, value)[1] for read in read_as)) if w is not None]


def _subject(d: Descent, node: ir.Node) -> str:
    if isinstance(node, ir.Aggregate) and node.each is not None and isinstance(d.trace.values[node.each], Obj):
        return f"`{set_words(d.trace.program, node.each)}`"
    return f"`{node.span.text}`"
