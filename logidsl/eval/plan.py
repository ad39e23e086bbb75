"""A program bound for judging: for each node the operation and its operands, resolved once.

Binding merges equal nodes (names of values are replaced by their values), so that each is evaluated once per batch, and
looks up every operation. Running a plan evaluates the nodes needed, in order; nothing loops over images or objects, and
no text is executed: a step is a closure. See `image_batch` for the shape of values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias, assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import blocks, calls, narrowing, operators, place_values, reductions
from logidsl.eval.blocks import JOINABLE, Block, joined, picked, sliced
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import ImageBatch
from logidsl.eval.merging import merged
from logidsl.eval.naming import binder, bound_name, known_value
from logidsl.eval.narrowing import CUTTABLE, candidates, narrowings
from logidsl.eval.operators import Palette
from logidsl.eval.reading import attribute
from logidsl.eval.work import Limits, Work, closed_walks
from logidsl.garbage import no_collections
from logidsl.ir import uses_of
from logidsl.library import takes
from logidsl.library.values import Shape, Truth, Value, no_case, unknown
from logidsl.types import OBJECTS, REGIONS

Step: TypeAlias = Callable[[EvalState], Value]


class Schedule(NamedTuple):
    """Nodes to evaluate in order, and how many walks nest in them.

    Parameters
    ----------
    items : tuple of (int or Block, tuple of int)
        Each with the values that can be released after it.
    depth : int
        The greatest number of nested walks.
    straight : tuple
        The same without blocks: each node, its step, the nodes that share its value, and what can be released.
    """

    items: tuple[tuple[int | Block, tuple[int, ...]], ...]
    depth: int
    straight: tuple[tuple[int, Step, tuple[int, ...], tuple[int, ...]], ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """A bound program.

    Parameters
    ----------
    program : Program
        What it means.
    same : tuple of int
        For each node the first that means the same, whose value it shares.
    steps : tuple of callable
        For each of these how it is evaluated; None for those of known value, and for nodes of a pixel, which seeing
        evaluates.
    known : tuple of Value
        The values that are the same on every image, literals and parameters; None for other nodes.
    """

    program: ir.Program
    same: tuple[int, ...]
    steps: tuple[Step | None, ...]
    known: tuple[Value | None, ...]
    palette: Palette
    _schedules: dict[tuple[frozenset[int], bool], Schedule] = field(default_factory=dict)
    _operands: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def heavy(self) -> dict[int, tuple[int, ...]]:
        """The iterations of each node whose value has combinations of objects."""
        walks, nodes = self.program.walks, self.program.nodes
        every = {n: (*walks[n], *closed_walks(nodes[n])) for n, step in enumerate(self.steps) if step is not None}
        return {n: tuple(self.same[w] for w in found) for n, found in every.items() if len(found) > 1}

    def combinations(self, batch: ImageBatch) -> int:
        """The most combinations of objects of any picture of a batch, whatever is walked."""
        offsets = batch.prepared.table.offsets
        most = int((offsets[batch.images + 1] - offsets[batch.images]).max(initial=1))
        cells, regions, walks = self._beside_objects
        found: int = (most * cells + regions) ** walks
        return found

    def is_light(self, batch: ImageBatch, combinations: int, limits: Limits) -> bool:
        """Whether no picture of a batch can come near the limits."""
        need = combinations * len(self.steps) * 40 * batch.n
        return combinations <= limits.combinations and need <= limits.bytes

    @cached_property
    def _beside_objects(self) -> tuple[int, int, int]:
        """The most members of a set, cells of grids for each object, and regions; and how many walks are combined."""
        nodes = self.program.nodes
        regions = any(isinstance(n, ir.Binder) and n.type.domain == REGIONS for n in nodes)
        cells = math.prod(math.prod(g.lines.values()) for g in self.program.grids)
        return cells, len(nodes) if regions else 0, max(map(len, self.heavy.values()), default=0)

    @cached_property
    def shared(self) -> dict[int, tuple[int, ...]]:
        """The other nodes that have the value of a node."""
        found: dict[int, list[int]] = {}
        for number, first in enumerate(self.same):
            if number != first:
                found.setdefault(first, []).append(number)
        return {first: tuple(others) for first, others in found.items()}

    @cached_property
    def walked_rules(self) -> dict[int, ir.Quantifier]:
        """The `every` at the start of rules: on an image where it has no members, the rule holds vacuously."""
        nodes = [self.program.nodes[r.node] for r in self.program.rules]
        return {i: n for i, n in enumerate(nodes) if isinstance(n, ir.Quantifier) and n.fn == "every"}

    @cached_property
    def verdict_nodes(self) -> tuple[int, ...]:
        """The nodes that verdicts are made of."""
        walks = [k for n in self.walked_rules.values() for k in (n.each, n.where, n.next) if k is not None]
        return (*(r.node for r in self.program.rules), *walks)

    @cached_property
    def _declared(self) -> dict[str, list[int]]:
        """The nodes that define each declared class and set."""
        declared: tuple[ir.ClassDecl | ir.SetDecl, ...] = (*self.program.classes, *self.program.sets)
        return {d.name: [n for n in (d.each, d.where) if n is not None] for d in declared}

    @cached_property
    def _grids(self) -> dict[str, list[int]]:
        return {g.name: [*(() if g.of is None else (g.of,)), *g.rows_at, *g.columns_at] for g in self.program.grids}

    def schedule(self, roots: Iterable[int], *, keep: bool = True) -> Schedule:
        """The nodes to evaluate for some results; without `keep` other values are released after their last use."""
        key = frozenset(roots), keep
        if key not in self._schedules:
            with no_collections():
                self._schedules[key] = self._scheduled(*key)
        return self._schedules[key]

    def _scheduled(self, roots: frozenset[int], keep: bool) -> Schedule:
        needed = self.below(roots)
        order = [n for n in sorted(needed) if self.steps[n] is not None]
        depth = max((self.program.nodes[n].depth for n in order), default=0)
        items = self._blocked(order) if self.heavy and not keep else list[int | Block](order)
        last: dict[int, int] = {}
        for place, item in enumerate(() if keep else items):
            for n in item.nodes if isinstance(item, Block) else (item,):
                last[n] = place
                for k in self.operands(n):
                    last[k] = place
        done: list[list[int]] = [[] for _ in items]
        kept = {self.same[r] for r in roots}
        for n, place in last.items():
            if n not in kept and self.steps[n] is not None:
                done[place] += [n, *self.shared.get(n, ())]
        straight: list[tuple[int, Step, tuple[int, ...], tuple[int, ...]]] = []
        for item, gone in zip(items, done, strict=True):
            here = item.nodes if isinstance(item, Block) else (item,)
            straight += [(n, self.step(n), self.shared.get(n, ()), ()) for n in here]
            straight[-1] = (*straight[-1][:3], tuple(gone))
        return Schedule(tuple(zip(items, map(tuple, done), strict=True)), depth, tuple(straight))

    def step(self, number: int) -> Step:
        """How a node is evaluated."""
        step = self.steps[number]
        assert step is not None
        return step

    def below(self, roots: Iterable[int], blocks: Mapping[int, Block] | None = None) -> set[int]:
        """Some nodes and all that they are made of; of a block that one is in, all that the block is made of."""
        found, waiting = set[int](), [self.same[r] for r in roots]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting += self.operands(here)
                if blocks and here in blocks:
                    waiting += blocks[here].nodes
        return found

    def _blocked(self, order: list[int]) -> list[int | Block]:
        """Nodes in their order, those that combine the objects of nested walks in blocks of the outermost."""
        found = self._blocks(order)
        items: list[int | Block] = []
        placed = set[int]()
        waiting = order[::-1]
        while waiting:
            number = waiting[-1]
            block = found.get(number)
            members = (number,) if block is None else block.nodes
            first = [k for n in members for k in self.operands(n) if k not in placed and k not in members]
            first = [k for k in first if self.steps[k] is not None]
            if number in placed:
                waiting.pop()
            elif first:
                waiting += sorted(set(first), reverse=True)
            else:
                items.append(number if block is None else block)
                placed.update(members)
        return items

    def _blocks(self, order: list[int]) -> dict[int, Block]:
        """The block of each node that can be evaluated in one; none needs itself by way of others."""
        blocks: dict[int, Block] = {}
        nodes, walks = self.program.nodes, {n: {self.same[w] for w in self.program.walks[n]} for n in order}
        users: dict[int, list[int]] = {}
        for n in order:
            for k in self.operands(n):
                users.setdefault(k, []).append(n)
        outermost: dict[int, list[int]] = {}
        for n in order:
            whole = n  # or the iteration of whose members it needs all
            if isinstance(node := nodes[n], ir.Aggregate) and node.each is not None and not ir.closes(node):
                whole = self.same[node.each]
            for walk in walks[n]:
                if walk not in (n, whole) and nodes[walk].depth == 1:
                    outermost.setdefault(walk, []).append(n)
        for walk, mine in outermost.items():
            deep = set[int]()
            for n in mine:
                if len(walks[n]) > 1 or not deep.isdisjoint(self.operands(n)):
                    deep.add(n)
            inside = [n for n in mine if n in deep]
            results = [n for n in inside if not deep.issuperset(users.get(n, ()))]
            inputs = {k for n in inside for k in self.operands(n) if k not in deep and walk in walks.get(k, ())}
            above = self.below([k for n in inside for k in self.operands(n) if k not in deep], blocks)
            joinable = all(nodes[n].type.kind in JOINABLE and len(walks[n]) == 1 for n in results)
            cuttable = all(nodes[k].type.kind in CUTTABLE for k in inputs)
            apart = above.isdisjoint(deep) and blocks.keys().isdisjoint(deep)
            if inside and joinable and cuttable and apart:
                chains = {self.heavy[n]: None for n in inside if n in self.heavy}
                narrower = narrowings(self.program, self.same, walk, inside, self.operands)
                outer = tuple(sorted(inputs - {walk}))
                block = Block(walk, tuple(inside), outer, tuple(results), tuple(chains), narrower)
                blocks |= dict.fromkeys(inside, block)
        return blocks

    def operands(self, number: int) -> tuple[int, ...]:
        """The operands of a node, including those through declarations."""
        if number not in self._operands:
            self._operands[number] = tuple(self.same[i] for i in self._read_by(number))
        return self._operands[number]

    def _read_by(self, number: int) -> list[int]:
        node = self.program.nodes[number]
        found = uses_of(node)
        match node:
            case ir.Name(thing="class" | "set", ref=ref):
                found += self._declared[ref]
            case ir.Name(thing="grid", ref=ref):
                found += self._grids[ref]
            case ir.Name(thing="layout", ref=ref):
                found += [y.of for y in self.program.layouts if y.name == ref and y.of is not None]
            case ir.Call(fn=fn) if fn in ir.MEASURING:  # what covers pixels may be any of them
                found += [i for walk in self._declared.values() for i in walk if i < number]
            case _:
                pass
        return [*found, *self.heavy.get(number, ())]


def bind(program: ir.Program) -> Plan:
    """The plan of a program, made once for each."""
    found = program.__dict__.get("_plan")
    if not isinstance(found, Plan) or found.program is not program:
        with no_collections():
            same, palette = merged(program), Palette.of(program.colors)
            left_out = program.pixel_nodes
            known: list[Value | None] = []
            steps: list[Step | None] = []
            for number, node in enumerate(program.nodes):
                first = same[number] == number
                known.append(known_value(program, palette, node) if first else known[same[number]])
                to_do = first and known[number] is None and number not in left_out
                steps.append(_step(program, node) if to_do else None)
            found = program.__dict__["_plan"] = Plan(program, same, tuple(steps), tuple(known), palette)
    return found


def run(
    plan: Plan, batch: ImageBatch, roots: Iterable[int], *, keep: bool = True, limits: Limits | None = None
) -> EvalState:
    """Evaluate some nodes, and their operands, for a batch of images.

    Parameters
    ----------
    plan : Plan
        The bound program.
    batch : ImageBatch
        Of N images.
    roots : iterable of int
        The nodes that are wanted.
    keep : bool
        Whether the values of the nodes on the way are kept too, for findings and margins to read.
    limits : Limits, optional
        What one image may need.

    Raises
    ------
    TooMuchError, TooWideError
        If there are limits, and an image, or the batch, exceeds them.
    """
    schedule = plan.schedule(roots, keep=keep)
    combinations = plan.combinations(batch)
    light = limits is None or plan.is_light(batch, combinations, limits)
    work = None if light or limits is None else Work(plan.program, batch.n, limits)
    state = EvalState(plan.program, batch, list(plan.known), plan.palette)
    if work is not None:
        state.work = work.values
    values = state.values
    with np.errstate(invalid="ignore", over="ignore"):
        if light and combinations * batch.n < min(blocks.BLOCK_ELEMENTS, narrowing.LEAST_OF_BATCH):
            for number, step, others, gone in schedule.straight:
                value = values[number] = step(state)
                for other in others:
                    values[other] = value
                for other in gone:
                    values[other] = None
            return state
        for item, gone in schedule.items:
            if isinstance(item, Block):
                _run_block(plan, state, item, work)
            else:
                if work is not None and item in plan.heavy:
                    work.begin(item, plan.heavy[item], values)
                _put(plan, state, item, plan.step(item)(state))
            for other in gone:
                values[other] = None
    return state


def _put(plan: Plan, state: EvalState, number: int, value: Value | None) -> None:
    state.values[number] = value
    for other in plan.shared.get(number, ()):
        state.values[other] = value


def _run_block(plan: Plan, state: EvalState, block: Block, work: Work | None) -> None:
    """Evaluate nodes for some members of a walk at a time, and put together what each member comes to."""
    found = {one: candidates(state, state.values[block.walk], one) for one in block.narrowings}
    narrowed = {one: some for one, some in found.items() if some is not None}
    parts = block.parts(state.values, state.frame.n, {one.walk: some for one, some in narrowed.items()})
    if work is not None:
        means = {one.walk: some.mean for one, some in narrowed.items()}
        for number in block.nodes:
            if number in plan.heavy:
                work.begin(number, plan.heavy[number], state.values, parts=max(1, len(parts)), means=means)
    if len(parts) <= 1 and not narrowed:
        for number in block.nodes:
            _put(plan, state, number, plan.step(number)(state))
        return
    nodes = (block.walk, *block.inputs, *(n for one in narrowed for n in (one.walk, *one.inputs)))
    whole = {n: state.values[n] for n in nodes}
    members = len(whole[block.walk].rows)
    results: dict[int, list[Value]] = {n: [] for n in block.results}
    for some in parts:
        if len(parts) > 1:
            for number in (block.walk, *block.inputs):
                _put(plan, state, number, sliced(whole[number], members, some))
        for one, candidate in narrowed.items():
            places = candidate.of(some)
            places = places.reshape(len(places), *(1,) * (plan.program.nodes[one.walk].depth - 2), *places.shape[1:])
            for number in (one.walk, *one.inputs):
                _put(plan, state, number, picked(whole[number], len(whole[one.walk].rows), places))
        for number in block.nodes:
            _put(plan, state, number, plan.step(number)(state))
        for number, values in results.items():
            values.append(state.values[number])
    for number, value in whole.items():
        _put(plan, state, number, value)
    sizes = [len(range(members)[some]) for some in parts]
    for number in block.nodes:
        _put(plan, state, number, joined(results[number], sizes) if number in results else None)


def _step(program: ir.Program, node: ir.Node) -> Step:
    """How a node is evaluated."""
    match node:
        case ir.Name():
            return bound_name(program, node)
        case ir.Binder():
            return lambda t: binder(t, node)
        case ir.Column(of=of, attribute=name):
            if takes(name) == "color":
                return lambda t: _color(t, node)
            kind = node.type.kind
            return lambda t: attribute(t, t.values[of], name, kind)
        case ir.Call():
            return calls.bound(program, node)
        case ir.Quantifier():
            return lambda t: reductions.quantify(t.values, node)
        case ir.Aggregate():
            return reductions.aggregate(program, node)
        case ir.Match():
            return lambda t: _match(t, node)
        case ir.Literal_():
            raise AssertionError("the values of literals are known")
        case _:
            assert_never(node)


def _color(t: EvalState, node: ir.Column) -> Value:
    of = t.values[node.of]
    if isinstance(of, Shape) or of.store != OBJECTS:
        return place_values.color(t, node, of)
    return attribute(t, of, node.attribute, node.type.kind)


def fits(t: EvalState, node: ir.Match) -> list[Truth]:
    """For each case of a match, whether the subject fits one of its patterns."""
    subject: Value = t.values[node.subject]
    made: list[Truth] = []
    for arm in node.arms:
        found: Truth | None = None
        for p in arm.patterns:
            pattern = t.values[p]
            one = pattern if isinstance(pattern, Truth) else operators.equal(subject, pattern, t.palette)
            found = one if found is None else operators.either(found, one)
        assert found is not None
        made.append(found)
    return made


def _match(t: EvalState, node: ir.Match) -> Value:
    subject: Value = t.values[node.subject]
    values = [t.values[arm.value] for arm in node.arms]
    otherwise = None if node.otherwise is None else t.values[node.otherwise]
    bad = unknown(getattr(subject, "why", None))
    why = no_case(getattr(subject, "why", None)) if bad is not None else None
    return reductions.choose(fits(t, node), values, otherwise, why)
