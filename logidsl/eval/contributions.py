"""What pictures contribute to rules over several: the members of their sets and a value of each, in flat arrays.

A rule over several pictures is cut below its aggregates. The iteration of an aggregate, its filter, its column and its
key are evaluated in each picture, as in any rule; what they come to is kept in a `Pool`, picture after picture. The
rest of the rule is evaluated over the batches, see `over_batches`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval.eval_state import EvalState
from logidsl.eval.plan import Plan
from logidsl.library.values import Categorical, Ints, Lab, Mask, Num, Obj, Truth, UndefinedReason, Value
from logidsl.types import OBJECTS, PICTURES

#: A value of members as arrays along one axis, by what they are called there.
Flat: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Cut:
    """Some rules over several pictures, cut into what is evaluated in each picture and over the batches.

    Parameters
    ----------
    members : mapping of int to tuple of int
        For each iteration the values of its members: filters, columns and keys.
    filters : mapping of int to tuple of (int or None)
        For each iteration the filters of its aggregates; None for one without.
    places : frozenset of int
        The nodes that say where a member stands in the order of the pictures.
    rest : tuple of int
        The nodes to evaluate over the batches, in order.
    """

    program: ir.Program
    members: dict[int, tuple[int, ...]]
    filters: dict[int, tuple[int | None, ...]]
    places: frozenset[int]
    rest: tuple[int, ...]

    @cached_property
    def needed(self) -> frozenset[int]:
        """The nodes to evaluate in each picture."""
        return frozenset(self.members.keys() | {n for found in self.members.values() for n in found} - self.places)

    def of_pictures(self, walk: int) -> bool:
        """Whether an iteration is one over the pictures themselves."""
        node = self.program.nodes[walk]
        source = self.program.nodes[node.source] if isinstance(node, ir.Binder) else None
        return isinstance(source, ir.Name) and source.thing == "pictures"


def cut(plan: Plan, roots: Iterable[int]) -> Cut:
    """Cut rules below their aggregates; nodes are the first that mean the same, as in the plan."""
    nodes, same = plan.program.nodes, plan.same
    members: dict[int, dict[int, None]] = {}
    filters: dict[int, list[int | None]] = {}
    rest, places = set[int](), set[int]()
    waiting = [same[r] for r in roots]
    while waiting:
        number = waiting.pop()
        if number in rest:
            continue
        rest.add(number)
        node = nodes[number]
        if not isinstance(node, ir.Aggregate) or node.each is None:
            waiting += plan.operands(number)
            continue
        walk, args = same[node.each], [same[a] for a in node.args]
        values = [same[v] for v in (node.where, node.value, node.by) if v is not None]
        filters.setdefault(walk, []).append(None if node.where is None else same[node.where])
        if node.fn == "keys":
            values += args
        else:
            waiting += args
        own = members.setdefault(walk, {})
        for value in values:
            if isinstance(nodes[value], ir.Aggregate) and nodes[value].depth > 0 and not ir.closes(nodes[value]):
                waiting.append(value)  # a key made from all members
            else:
                own[value] = None
                if _is_place(nodes, value):
                    places.add(value)
    made = {walk: tuple(own) for walk, own in members.items()}
    conditions = {walk: tuple(dict.fromkeys(found)) for walk, found in filters.items()}
    return Cut(plan.program, made, conditions, frozenset(places), tuple(sorted(rest)))


def _is_place(nodes: Sequence[ir.Node], number: int) -> bool:
    node = nodes[number]
    inner = nodes[node.args[1]] if isinstance(node, ir.Call) and node.fn == "of_member" else node
    return isinstance(inner, ir.Name) and inner.thing == "place"


@dataclass
class Pool:
    """The members of one iteration in many pictures, in the order in which they came.

    Parameters
    ----------
    pictures : list of (m,) int64
        The number of the picture of each member.
    sure, uncounted : list of (m,) bool
        Whether it exists in every world, and whether it stands for any number of members.
    classes, ids : list of (m,) object
        What it is called.
    values : mapping of int to list of Flat
        The values of the members, by their nodes.
    """

    pictures: list[Ints] = field(default_factory=list)
    sure: list[Mask] = field(default_factory=list)
    uncounted: list[Mask] = field(default_factory=list)
    classes: list[Any] = field(default_factory=list)
    ids: list[Any] = field(default_factory=list)
    values: dict[int, list[Flat]] = field(default_factory=dict)

    def add(self, c: Cut, t: EvalState, walk: int, first: int) -> None:
        """Take the members of a block of pictures, the first of whose table has the number `first`."""
        obj: Obj = t.values[walk]
        assert obj.members is not None
        sure, maybe = (np.broadcast_to(m, obj.rows.shape) for m in obj.members)
        kept = np.zeros((), bool)
        for where in c.filters[walk]:
            kept = kept | (np.ones((), bool) if where is None else np.asarray(t.values[where].can))
        image, slot = np.nonzero(np.broadcast_to(maybe & kept, maybe.shape).T)
        if not len(image):
            return
        uncounted = np.zeros(len(image), bool) if obj.uncounted is None else obj.uncounted[slot, image]
        classes, ids = _called(t, obj, obj.rows[slot, image])
        self.pictures.append(t.frame.images[image].astype(np.int64) + first)
        self.sure.append(sure[slot, image])
        self.uncounted.append(uncounted)
        self.classes.append(classes)
        self.ids.append(ids)
        for node in c.members[walk]:
            if node not in c.places:
                self.values.setdefault(node, []).append(_flat(t.values[node], maybe.shape, slot, image))

    def add_unread(self, c: Cut, walk: int, picture: int, name: str, views: dict[str, Truth]) -> None:
        """Take what a picture that was not judged may contribute: any number of members, of unknown values."""
        whole = c.of_pictures(walk)
        self.pictures.append(np.array([picture]))
        self.sure.append(np.array([whole]))
        self.uncounted.append(np.array([not whole]))
        self.classes.append(np.array(["picture" if whole else "?"], object))
        self.ids.append(np.array([name], object))
        for node in c.members[walk]:
            if node not in c.places:
                self.values.setdefault(node, []).append(_unread(c.program, node, views))

    def keep(self, chosen: Ints) -> None:
        """Drop the members of all pictures but those chosen, by their numbers."""
        if not self.pictures:
            return
        whole = self.joined()
        here = np.isin(whole.pictures[0], chosen)
        columns: list[list[Any]] = [whole.pictures, whole.sure, whole.uncounted, whole.classes, whole.ids]
        for parts in columns:
            parts[:] = [part[here] for part in parts]
        for flats in whole.values.values():
            flats[:] = [{k: v if k == "names" else v[here] for k, v in flat.items()} for flat in flats]
        vars(self).update(vars(whole))

    def joined(self) -> Pool:
        """The same in one part each."""
        parts: list[list[Any]] = [self.pictures, self.sure, self.uncounted, self.classes, self.ids]
        kinds: list[Any] = [np.int64, bool, bool, object, object]
        made = [[np.concatenate(p) if p else np.zeros(0, kind)] for p, kind in zip(parts, kinds, strict=True)]
        return Pool(made[0], made[1], made[2], made[3], made[4], {n: [_together(f)] for n, f in self.values.items()})


def _called(t: EvalState, obj: Obj, rows: Ints) -> tuple[Any, Any]:
    """The class and the name of some objects; of cells and places their store and number."""
    table = t.frame.prepared.table
    if obj.store == PICTURES:
        return np.full(len(rows), "picture", object), np.array(table.images, object)[rows]
    if obj.store != OBJECTS:
        name = obj.store.partition(":")[2] or obj.store
        return np.full(len(rows), name, object), np.full(len(rows), None, object)
    names = np.array([*table.classes.values, "?"], object)
    return names[table.classes.codes[rows]], np.array(table.ids, object)[rows]


def _flat(value: Value, shape: tuple[int, ...], slot: Ints, image: Ints) -> Flat:
    """A value for some members."""

    def pick(array: Any) -> Any:
        return np.broadcast_to(array, shape)[slot, image]

    def reasons(why: Any) -> Any:
        return np.zeros(len(slot), np.uint8) if why is None else pick(why)

    match value:
        case Num(lo, hi, why):
            return {"lo": pick(lo), "hi": pick(hi), "why": reasons(why)}
        case Truth(must, can):
            return {"must": pick(must), "can": pick(can)}
        case Categorical(codes, values, why):
            return {"names": tuple(values), "codes": pick(codes), "why": reasons(why)}
        case Lab(lab, why):
            planes = [pick(lab[..., k]) for k in range(3)]
            return {"lab": np.stack(planes, axis=-1), "why": reasons(why)}
        case _:
            raise TypeError(f"a column of {type(value).__name__}")


def _unread(program: ir.Program, number: int, views: dict[str, Truth]) -> Flat:
    """The value of a member of a picture that was not judged."""
    node = program.nodes[number]
    why = np.array([UndefinedReason.NOT_READ], np.uint8)
    match node.type.kind:
        case "truth":
            found = _filter(program, number, views)
            return {"must": found.must.reshape(1), "can": found.can.reshape(1)}
        case "number" if isinstance(node, ir.Call) and _is_share(program, node):
            return {"lo": np.zeros(1), "hi": np.ones(1), "why": np.zeros(1, np.uint8)}
        case "number":
            return {"lo": np.zeros(1), "hi": np.zeros(1), "why": why}
        case "color":
            return {"lab": np.zeros((1, 3)), "why": why}
        case _:
            return {"names": (), "codes": np.array([-1]), "why": why}


def _is_share(program: ir.Program, node: ir.Call) -> bool:
    inner = program.nodes[node.args[1]] if node.fn == "of_member" else node
    return isinstance(inner, ir.Call) and inner.fn == "as_share"


def _filter(program: ir.Program, number: int, views: dict[str, Truth]) -> Truth:
    """What is known of a filter of a picture that was not judged: whether it is of a view."""
    node = program.nodes[number]
    match node:
        case ir.Name(thing="view", ref=name):
            return views[name]
        case ir.Call(fn="of_member", args=(_, inner)):
            return _filter(program, inner, views)
        case ir.Call(fn="and" | "or" as fn, args=args):
            parts = [_filter(program, a, views) for a in args]
            join = np.logical_and if fn == "and" else np.logical_or
            return Truth(join.reduce([p.must for p in parts]), join.reduce([p.can for p in parts]))
        case _:
            return Truth(np.asarray(False), np.asarray(True))


def _together(flats: list[Flat]) -> Flat:
    """Values of members one after another; texts get codes of one list."""
    if len(flats) == 1:
        return flats[0]
    if "names" not in flats[0]:
        return {k: np.concatenate([f[k] for f in flats]) for k in flats[0]}
    names = tuple(dict.fromkeys(name for f in flats for name in f["names"]))
    place = {name: k for k, name in enumerate(names)}
    codes = [np.array([*(place[name] for name in f["names"]), -1], np.int64)[f["codes"]] for f in flats]
    return {"names": names, "codes": np.concatenate(codes), "why": np.concatenate([f["why"] for f in flats])}


def value_of(flat: Flat, places: Ints) -> Value:
    """Values of members laid out along axes: `places` has the member of each slot, -1 where there is none."""
    there = places >= 0
    at = np.maximum(places, 0)

    def lay(name: str) -> Any:
        found = flat[name][at] if len(flat[name]) else np.zeros((*at.shape, *flat[name].shape[1:]), flat[name].dtype)
        return np.where(there if found.ndim == there.ndim else there[..., None], found, np.zeros((), found.dtype))

    if "must" in flat:
        must, can = lay("must"), lay("can")
        return Truth(must, must if (must == can).all() else can)
    why = lay("why")
    reasons = why if why.any() else None
    if "lab" in flat:
        return Lab(lay("lab"), reasons, there=None if there.all() else there)
    if "names" in flat:
        codes = np.where(there, flat["codes"][at] if len(flat["codes"]) else -1, -1)
        return Categorical(codes, flat["names"], reasons)
    lo, hi = lay("lo"), lay("hi")
    return Num(lo, lo if np.array_equal(lo, hi) else hi, reasons)
