"""Rules over several pictures, judged: pictures come in any order and any number at a time, batches at the end.

`BatchJudge` keeps what pictures contribute, see `contributions`, never their tables; of `last(lot, n)` it keeps n
pictures of each batch. What is left of a rule, its aggregates and what is made of them, is evaluated as it would be on
pictures, with a batch in the place of an image and the members of all its pictures in the place of objects: the same
plan, kernels and findings. The members of a batch stand in the order of its pictures, those of one picture in that of
its table.

A picture that could not be read or judged may hold any number of members, of unknown values. A picture whose batch is
not known may belong to any.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from logidsl import ir
from logidsl.diagnostics import InputError
from logidsl.eval import batch_keys
from logidsl.eval.batches import laid_out
from logidsl.eval.contributions import Cut, Pool, cut, value_of
from logidsl.eval.eval_state import EvalState
from logidsl.eval.findings import findings
from logidsl.eval.image_batch import ImageBatch, Prepared
from logidsl.eval.plan import Plan, bind
from logidsl.library.values import Ints, Mask, Num, Obj, Truth, UndefinedReason, exact, mark
from logidsl.picture_facts import PictureFacts
from logidsl.table import ObjectTable, Problem, TextColumn
from logidsl.types import OBJECTS
from logidsl.verdicts import PICTURE, BatchJudgement, Clause, Judgement, State, verdicts_by_rule

#: Members of a batch that a finding names.
MOST_NAMED = 50
#: Members laid out at once, so that batches of very different sizes are not padded to the greatest.
LAID_OUT = 1 << 21


@dataclass(frozen=True)
class Picture:
    """A picture of a run: its key is None where it is not known, `order` where it has no place in the order."""

    name: str
    key: str | None
    order: tuple[object, ...] | None
    error: str | None = None


@dataclass
class Scope:
    """What is kept for the rules over one kind of batch, or over the last pictures of each.

    Parameters
    ----------
    batch : Batch
        What the batches are.
    last : int, optional
        How many pictures of each are looked at.
    rules : tuple of int
        Which of the rules over several pictures.
    """

    batch: ir.Batch
    last: int | None
    rules: tuple[int, ...]
    cut: Cut
    views: tuple[ir.View, ...]
    pools: dict[int, Pool] = field(default_factory=dict)
    pictures: dict[int, Picture] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    strays: list[str] = field(default_factory=list)
    unordered: int = 0
    kept: int = 0  # pictures after those that cannot be among the last were dropped

    def add(self, table: ObjectTable, first: int) -> None:
        """Take the pictures of a table, the first of which has the number `first`."""
        keys = batch_keys.keys_of(self.batch, table)
        order: list[str | None] = list(table.images)
        if self.batch.order is not None:
            order = batch_keys.texts_of(table, self.batch.order)
        for place, (name, key, text) in enumerate(zip(table.images, keys, order, strict=True)):
            self._note(first + place, name, key, text)

    def add_unread(
        self, number: int, problem: Problem, table: ObjectTable | None, place: int, facts: PictureFacts | None
    ) -> None:
        """Take a picture that was not judged; one of a table is known by it, another by its path and `facts`."""

        def said(column: str | None) -> str | None:
            return None if facts is None or column not in facts.columns else facts.value(problem.path, column)

        if table is None:
            key = batch_keys.key_of_problem(self.batch, problem, facts)
            text = problem.path if self.batch.order is None else said(self.batch.order)
            self._note(number, problem.path, key, text)
        picture = self.pictures[number]
        self.errors[picture.key or ""].append(picture.name)
        views: dict[str, Truth] = {}
        for view in self.views:
            known = view.path is not None and batch_keys.fits_path(view.path, problem.path)
            open_ = view.path is None
            if (text := said(view.column)) is not None:
                known, open_ = batch_keys.same_text(text, view.value), False
            views[view.name] = Truth(np.asarray(known), np.asarray(known or open_))
            if table is not None:
                found = batch_keys.in_view(view, table)
                views[view.name] = Truth(found.must[place], found.can[place])
        for walk in self.cut.members:
            self.pool(walk).add_unread(self.cut, walk, number, picture.name, views)

    def _note(self, number: int, name: str, key: str | None, text: str | None) -> None:
        known = None if text is None else (batch_keys.order_key(text), batch_keys.order_key(name))
        self.pictures[number] = Picture(name, key, known)
        if key is None:
            self.strays.append(name)
        else:
            self.counts[key] += 1
            self.unordered += known is None

    def pool(self, walk: int) -> Pool:
        """The members of an iteration."""
        return self.pools.setdefault(walk, Pool())

    def drop(self) -> None:
        """Give up the pictures that cannot be among the last ones of their batch."""
        if self.last is None or len(self.pictures) < 2 * self.kept + 2 * self.last:
            return
        chosen = {n for n, p in self.pictures.items() if p.key is None or p.order is None}
        for members in self.by_key().values():
            chosen.update([n for n in members if self.pictures[n].order is not None][-self.last :])
        self.pictures = {n: p for n, p in self.pictures.items() if n in chosen}
        self.kept = len(self.pictures)
        for pool in self.pools.values():
            pool.keep(np.array(sorted(chosen), np.int64))

    def by_key(self) -> dict[str, list[int]]:
        """The pictures of each batch in its order; those without a place in it come last."""
        found: dict[str, list[int]] = {key: [] for key in sorted(self.counts, key=batch_keys.order_key)}
        if self.batch.column is None and self.batch.path is None:
            found.setdefault(self.batch.name, [])
        for number, picture in self.pictures.items():
            if picture.key is not None:
                found[picture.key].append(number)
        for members in found.values():
            members.sort(key=self._place)
        return found

    def _place(self, number: int) -> tuple[object, ...]:
        order = self.pictures[number].order
        return (order is None, order or (), number)

    def windows(self) -> Iterator[tuple[str, Ints, list[bool]]]:
        """For each batch its key, the pictures that a rule looks at in their order, and which of them surely."""
        strays = [n for n, p in self.pictures.items() if p.key is None]
        for key, members in self.by_key().items():
            surely = dict.fromkeys(members, True)
            if self.last is not None and len(members) + len(strays) > self.last:
                ordered = [n for n in members if self.pictures[n].order is not None]
                unplaced = [n for n in members if self.pictures[n].order is None]
                certain = max(0, self.last - len(unplaced) - len(strays))
                sure = {*ordered[len(ordered) - certain :]} if certain else set[int]()
                surely = {n: n in sure for n in [*ordered[-self.last :], *unplaced]}
            surely |= dict.fromkeys(strays, False)
            chosen = sorted(surely, key=self._place)
            yield key, np.array(chosen, np.int64), [surely[n] for n in chosen]

    def notes(self, key: str) -> tuple[str, ...]:
        """Which pictures leave a batch in doubt."""
        said = []
        unread = [*self.errors.get(key, ()), *self.errors.get("", ())]
        if unread:
            said.append(f"{_pictures(unread)} could not be judged and may hold anything: {_some(unread)}")
        if self.strays:
            what = f"`{self.batch.column}`" if self.batch.column is not None else f'a path like "{self.batch.path}"'
            said.append(
                f"{_pictures(self.strays)} without {what} may belong to any {self.batch.name}: {_some(self.strays)}"
            )
        if self.unordered:
            without = "picture has" if self.unordered == 1 else "pictures have"
            said.append(f"{self.unordered} {without} no `{self.batch.order}`, so the order is not known")
        return tuple(said)


def _pictures(names: Sequence[str]) -> str:
    return f"{len(names)} picture{'s' * (len(names) != 1)}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


class BatchJudge:
    """Judges the rules over several pictures of a program.

    Parameters
    ----------
    program : Program
        A checked spec.
    facts : PictureFacts, optional
        What is said of pictures beside their tables.
    """

    def __init__(self, program: ir.Program, facts: PictureFacts | None = None) -> None:
        self.program, self.facts = program, facts
        self.plan: Plan = bind(program)
        scopes: dict[tuple[str, int | None], list[int]] = {}
        for number, rule in enumerate(program.batch_rules):
            scopes.setdefault((rule.over, rule.last), []).append(number)
        self.scopes = [self._scope(name, last, tuple(rules)) for (name, last), rules in scopes.items()]
        self.roots = sorted({n for s in self.scopes for n in s.cut.needed})
        self.total = 0

    def _scope(self, name: str, last: int | None, rules: tuple[int, ...]) -> Scope:
        batch = next(b for b in self.program.batches if b.name == name)
        views = tuple(v for v in self.program.views if v.batch == name)
        roots = [n for k in rules for n in ir.uses_of(self.program.batch_rules[k])]
        return Scope(batch, last, rules, cut(self.plan, roots), views)

    def add(self, table: ObjectTable) -> None:
        """Take the pictures of a table; its problems are pictures that may hold anything."""
        if not self.scopes:
            return
        table = batch_keys.with_facts(table, self.program.picture_columns, self.facts)
        first, refused = self.total, dict[int, str]()
        self.total += len(table.images) + len(table.problems)
        for scope in self.scopes:
            scope.add(table, first)
        for state in laid_out(self.program, Prepared(table), refused).states(self.roots, keep=False):
            for scope in self.scopes:
                for walk in scope.cut.members:
                    scope.pool(walk).add(scope.cut, state, walk, first)
        for scope in self.scopes:
            for place, why in refused.items():
                scope.add_unread(first + place, Problem(table.images[place], why), table, place, self.facts)
            for place, problem in enumerate(table.problems, len(table.images)):
                scope.add_unread(first + place, problem, None, place, self.facts)
            scope.drop()

    def finish(self) -> Iterator[BatchJudgement]:
        """The verdicts on all batches.

        Raises
        ------
        InputError
            If no picture says which batch it belongs to.
        """
        for scope in self.scopes:
            yield from self._judged(scope)

    def _judged(self, scope: Scope) -> Iterator[BatchJudgement]:
        if scope.strays and not scope.counts:
            raise InputError(_unbound(scope))
        over = self.program.over_pictures
        layouts = {walk: _Members(scope.pool(walk).joined()) for walk in scope.cut.members}
        for keys, windows in _chunks(scope, layouts):
            state, table = _laid_out(over, scope, layouts, keys, windows)
            truths = np.ones((len(over.rules), len(keys)), np.int64)
            clauses: list[Clause] = []
            for number in scope.rules:
                t = state.truth(over.rules[number].node)
                codes = np.where(t.must, 1, np.where(t.can, 0, -1))
                truths[number] = np.broadcast_to(codes, (len(keys),))
                if (truths[number] < int(State.PASS)).any():
                    clauses += findings(state, number)
            clauses = [_first_members(clause) for clause in clauses]
            verdicts = verdicts_by_rule(over, truths).min(axis=0, initial=int(State.PASS))
            judgement = Judgement(over, table, truths, verdicts, None, tuple(clauses))
            counts = tuple(scope.counts.get(key, 0) for key in keys)
            yield BatchJudgement(scope.batch, judgement, counts, tuple(scope.notes(key) for key in keys))


def _first_members(clause: Clause) -> Clause:
    """A clause whose findings name the first members alone."""
    groups = []
    for group in clause.groups:
        place = np.cumsum(group.rows >= 0, axis=1)
        rows = np.where(place <= MOST_NAMED, group.rows, -1)
        used = (rows >= 0).any(axis=0)
        groups.append(replace(group, rows=rows[:, used], columns={}, outlines=None))
    return replace(clause, groups=tuple(groups))


def _unbound(scope: Scope) -> str:
    """Why pictures cannot be put into batches."""
    batch, example = scope.batch, scope.strays[0]
    if batch.path is not None:
        return f'no picture has a path like "{batch.path}", by which `{batch.name}` is known: `{example}` is one'
    return (
        f"no picture has a value of `{batch.column}`, by which `{batch.name}` is known: give a table with a column of "
        f'this name, as `--lots FILE` does, or write `batch {batch.name} by path "…"`'
    )


class _Members:
    """The members of an iteration, sorted by their pictures."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.order = np.argsort(pool.pictures[0], kind="stable")
        self.numbers = pool.pictures[0][self.order]

    def count(self, pictures: Ints) -> int:
        """How many members some pictures have."""
        return int((np.searchsorted(self.numbers, pictures, "right") - np.searchsorted(self.numbers, pictures)).sum())

    def of(self, pictures: Ints) -> tuple[Ints, Ints]:
        """The members of some pictures in their order, and for each the place of its picture among them."""
        starts = np.searchsorted(self.numbers, pictures)
        counts = np.searchsorted(self.numbers, pictures, "right") - starts
        place = np.repeat(np.arange(len(pictures)), counts)
        within = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.order[starts[place] + within], place


#: The pictures of a batch in their order, and which of them belong to it surely.
_Window = tuple[Ints, list[bool]]


def _chunks(scope: Scope, members: dict[int, _Members]) -> Iterator[tuple[list[str], list[_Window]]]:
    """The batches, some at a time."""
    keys, windows, most = list[str](), list[_Window](), 0
    for key, pictures, sure in scope.windows():
        size = max((m.count(pictures) for m in members.values()), default=0)
        if keys and max(most, size) * (len(keys) + 1) > LAID_OUT:
            yield keys, windows
            keys, windows, most = [], [], 0
        keys.append(key)
        windows.append((pictures, sure))
        most = max(most, size)
    if keys:
        yield keys, windows


def _laid_out(
    program: ir.Program, scope: Scope, members: dict[int, _Members], keys: list[str], windows: list[_Window]
) -> tuple[EvalState, ObjectTable]:
    """The rules evaluated over some batches, and a table of all their members."""
    plan, n = bind(program), len(keys)
    every = np.concatenate([w[0] for w in windows])
    sure_picture = np.concatenate([np.array(w[1], bool) for w in windows])
    batch_of = np.repeat(np.arange(n), [len(w[0]) for w in windows])
    unplaced = np.array([scope.pictures[int(p)].order is None for p in every], bool)
    values: dict[int, object] = {}
    names, classes, ids, batches = list[str](), list[str](), list[str](), list[int]()
    start = 0
    for walk, found in members.items():
        pool = found.pool
        one, place = found.of(every)
        mine = batch_of[place]
        counts = np.bincount(mine, minlength=n)
        slot = np.arange(len(mine)) - np.repeat(np.cumsum(counts) - counts, counts)
        most = int(counts.max(initial=0))
        places = np.full((most, n), -1, np.int64)
        places[slot, mine] = one
        there = places >= 0
        at = np.maximum(places, 0)
        sure = np.zeros((most, n), bool)
        sure[slot, mine] = pool.sure[0][one] & sure_picture[place]
        uncounted = np.zeros((most, n), bool)
        uncounted[slot, mine] = pool.uncounted[0][one]
        numbered = np.full((most, n), -1, np.int64)
        numbered[slot, mine] = np.arange(start, start + len(one))
        obj = Obj(OBJECTS, numbered, members=(there, there) if (sure == there).all() else (sure, there))
        obj.uncounted = uncounted if uncounted.any() else None
        values[walk] = obj
        for node in scope.cut.members[walk]:
            if node in scope.cut.places:
                values[node] = _places(at, there, slot, mine, unplaced[place])
            elif node in pool.values:
                values[node] = value_of(pool.values[node][0], places)
            else:
                values[node] = value_of(_nothing(program, node), places)
        start += len(one)
        names += [scope.pictures[int(p)].name for p in every[place]]
        classes += pool.classes[0][one].tolist()
        ids += ["" if i is None else str(i) for i in pool.ids[0][one].tolist()]
        batches += mine.tolist()
    table, renumbered = _table(keys, batches, classes, ids, names)
    for walk in members:
        walked = values[walk]
        assert isinstance(walked, Obj)
        walked.rows = np.where(walked.rows >= 0, renumbered[walked.rows], -1)
    state = EvalState(program, ImageBatch(Prepared(table), program, np.arange(n)), list(plan.known), plan.palette)
    state.pooled = True
    given = {plan.same[node]: value for node, value in values.items()}
    with np.errstate(invalid="ignore", over="ignore"):
        for number in sorted({*given, *(n for n in scope.cut.rest if plan.steps[n] is not None)}):
            value = given[number] if number in given else plan.step(number)(state)
            for same in (number, *plan.shared.get(number, ())):
                state.values[same] = value
            if number in given and isinstance(value, Truth):
                made = np.where(value.must, 1.0, np.where(value.can, 0.0, -1.0))
                state.margins.update(dict.fromkeys((number, *plan.shared.get(number, ())), made))
    return state, table


def _places(at: Ints, there: Mask, slot: Ints, mine: Ints, unplaced: Mask) -> Num:
    """Where members stand in the order of the pictures."""
    found = np.broadcast_to(np.arange(len(at), dtype=np.float64)[:, None], at.shape)
    why = np.zeros(at.shape, bool)
    why[slot, mine] = unplaced
    return exact(np.where(there, found, 0.0), mark(why, UndefinedReason.NOT_MEASURED))


def _nothing(program: ir.Program, node: int) -> dict[str, object]:
    """The column of no members."""
    match program.nodes[node].type.kind:
        case "truth":
            return {"must": np.zeros(0, bool), "can": np.zeros(0, bool)}
        case "number":
            return {"lo": np.zeros(0), "hi": np.zeros(0), "why": np.zeros(0, np.uint8)}
        case "color":
            return {"lab": np.zeros((0, 3)), "why": np.zeros(0, np.uint8)}
        case _:
            return {"names": (), "codes": np.zeros(0, np.int64), "why": np.zeros(0, np.uint8)}


def _table(
    keys: list[str], batches: list[int], classes: list[str], ids: list[str], names: list[str]
) -> tuple[ObjectTable, Ints]:
    """The table of the members, those of a batch together, and the row of each in it."""
    order = np.argsort(np.array(batches, np.int64), kind="stable")
    renumbered = np.empty(len(order), np.int64)
    renumbered[order] = np.arange(len(order))
    counts = np.bincount(np.array(batches, np.int64), minlength=len(keys))
    table = ObjectTable(
        images=tuple(keys),
        sizes=np.full((len(keys), 2), np.nan),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        classes=TextColumn.of(classes).take(order),
        ids=tuple(ids[k] for k in order.tolist()),
        columns={PICTURE: TextColumn.of(names).take(order)},
    )
    return table, renumbered if len(renumbered) else np.zeros(1, np.int64)
