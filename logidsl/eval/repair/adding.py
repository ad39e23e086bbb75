"""Objects to be added: of which class, like which, and what the conditions of their set ask of them.

A new object begins as a copy of one that is already as wanted, else of one that nearly is, else of any of
its class, else as a bare box in the middle of the picture. The copy is judged in its place, and each
condition that it does not meet is handed down as if it were a clause, until all are met.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from logidsl import ir
from logidsl.eval.objects import set_words
from logidsl.eval.repair.bindings import SIZES, Binding, Plan, Wanted, locate
from logidsl.eval.repair.fixes import make
from logidsl.repairs import Add, AnyChange, Box, Change, Move, Remove
from logidsl.table import BOX, ObjectTable, TextColumn

Conditions = tuple[tuple[int, int | None], ...]


@dataclass(frozen=True)
class Adding:
    """Objects that are being added.

    Parameters
    ----------
    wanted : Wanted
        What for.
    name : str
        Id of the first of them in a table of trials.
    conditions : tuple of (int, int or None)
        The walks and filters that they must pass, the innermost first.
    """

    wanted: Wanted
    name: str
    conditions: Conditions


def begin(s: Binding, w: Wanted, changes: list[AnyChange]) -> list[Adding]:
    """Put an `Add` to the changes, to be refined; where `keep best` would drop one on another, each in a free place.

    Nothing where no class serves.
    """
    program = s.trace.program
    node = program.nodes[w.each]
    options = sources(program, node.source) if isinstance(node, ir.Binder) else []
    if not options:
        return []
    at = locate(s.trace, s.table, int(s.at[-1][0]), w.walks, w.keys)
    gone = {i for c in changes if isinstance(c, Remove) for i in c.objects[: c.count]}
    like = _like(at or s, w, options, gone)
    name, conditions = options[0]
    if like is not None:
        name, conditions = next((o for o in options if o[0] == s.raw_class_of(like)), options[0])
    before = 1 + sum(c.count for c in changes if isinstance(c, Add))
    told = None if w.where is None else " ".join(program.nodes[w.where].span.text.split())
    copied = None if like is None else s.table.ids[like]
    words = set_words(program, w.each)
    add = Add(class_=name, name="" if words == name else words, count=w.count, like=copied, meeting=told)
    passed = (*conditions, (w.each, w.where))
    if not any(name in keep.classes for keep in program.keeps):
        changes.append(add)
        return [Adding(w, f"added {before}", passed)]
    boxes = _free_places(s, like, w.count, changes)
    changes += [add.replaced(count=1, box=box) for box in boxes]
    return [Adding(w, f"added {before + k}", passed) for k in range(w.count)]


def _free_places(s: Binding, like: int | None, count: int, changes: list[AnyChange]) -> list[Box]:
    """Boxes that overlap no object of the picture, as large as that of a row, else a tenth of the picture."""
    image = int(s.trace.frame.images[s.at[-1][0]])
    width, height = (float(v) if np.isfinite(v) and v > 0 else 100.0 for v in s.table.sizes[image])
    own = None if like is None else _box(s.table, like)
    wide, high = (width / 10, height / 10) if own is None else (max(own[2] - own[0], 1.0), max(own[3] - own[1], 1.0))
    rows = range(int(s.table.offsets[image]), int(s.table.offsets[image + 1]))
    taken = [b for b in (_box(s.table, r) for r in rows) if b is not None]
    taken += [c.box for c in changes if isinstance(c, Add) and c.box is not None]
    found: list[Box] = []
    across = max(int(width // wide), 1)
    for place in range(across * (int(height // high) + len(taken) + count)):
        x, y = (place % across) * wide, (place // across) * high
        box = (x, y, x + wide, y + high)
        if not any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in (*taken, *found)):
            found.append(box)
        if len(found) == count:
            break
    return found


def sources(program: ir.Program, source: int) -> list[tuple[str, Conditions]]:
    """The classes that the members of a set may have, and the conditions that each must meet on the way."""
    node = program.nodes[source]
    match node:
        case ir.Name(thing="raw"):
            return [(node.ref, ())]
        case ir.Name(thing="class" | "set"):
            made: list[ir.ClassDecl | ir.SetDecl] = [*program.classes, *program.sets]
            decl = next(d for d in made if d.name == node.ref)
            if decl.each is None:
                return [(node.ref, ())]
            walked = program.nodes[decl.each]
            inner = sources(program, walked.source) if isinstance(walked, ir.Binder) else []
            return [(name, (*conditions, (decl.each, decl.where))) for name, conditions in inner]
        case ir.Call(fn="union", args=args):
            return [option for a in args for option in sources(program, a)]
        case _:
            return []


def _like(s: Binding, w: Wanted, options: list[tuple[str, Conditions]], gone: set[str]) -> int | None:
    """The row to copy: a member, else a candidate, else any of a class that serves."""
    names = {name for name, _ in options}

    def serves(row: int) -> bool:
        return row >= 0 and s.raw_class_of(row) in names and s.table.ids[row] not in gone

    for where in dict.fromkeys((w.where, None)):
        rows = [(certain, row) for _, row, certain in s.members(w.each, where) if serves(row)]
        if rows:
            return max(rows, key=lambda r: r[0])[1]
    image = int(s.trace.frame.images[s.at[-1][0]])
    lo, hi = int(s.table.offsets[image]), int(s.table.offsets[image + 1])
    return next((row for row in range(lo, hi) if serves(row)), None)


def refine(changes: list[AnyChange], added: list[Adding], s: Binding) -> bool | None:
    """Bring what is added nearer to meeting its conditions.

    Returns
    -------
    bool or None
        Whether something was done; None where something is lacking and nothing could be done about it.
    """
    done: bool | None = False
    for adding in list(added):
        for plan in _lacking(adding, s):
            used = plan is not None and _folded(changes, added, plan, adding, s)
            done = done or used or None
            if used:
                break
    return done


def _folded(changes: list[AnyChange], added: list[Adding], plan: Plan, adding: Adding, s: Binding) -> bool:
    """Put what new objects lack to their `Add`; False where none of it can be done."""
    done = False
    for c in plan:
        if isinstance(c, Wanted):
            more = begin(s, c, changes)
            added += more
            done = done or bool(more)
        elif isinstance(c, Change | Move):
            own = not is_added(c) or _place_of(changes, c.object) == _place_of(changes, adding.name)
            done = (own and fold(changes, c, s)) or done
        elif isinstance(c, Remove) and not is_added(c):
            changes.append(c)
            done = True
    return done


def is_added(c: AnyChange) -> bool:
    """Whether a change is one of an object that was itself added."""
    match c:
        case Change() | Move():
            return c.object.startswith("added ")
        case Remove():
            return any(o.startswith("added ") for o in c.objects)
        case Add():
            return False


def _place_of(changes: list[AnyChange], name: str) -> int:
    """Where the `Add` of an object stands among the changes."""
    number = int(name.removeprefix("added "))
    for place, c in enumerate(changes):
        if isinstance(c, Add):
            if number <= c.count:
                return place
            number -= c.count
    raise ValueError(f"{name} is not among the changes")


def _lacking(adding: Adding, s: Binding) -> Iterator[Plan | None]:
    """What the first of the new objects still needs to pass the conditions: plans, and None at their end."""
    w, key, image = adding.wanted, ("object", adding.name), int(s.at[-1][0])
    for each, where in adding.conditions:
        own = each == w.each
        spot = locate(s.trace, s.table, image, (each, *w.walks) if own else (each,), (key, *w.keys) if own else (key,))
        if spot is None or (where is not None and not spot.holds(where, True)):
            if spot is not None and where is not None:
                yield from islice(make(spot, where, True), 4)
            yield None
            return


def divided(changes: list[AnyChange], added: list[Adding], name: str) -> None:
    """Let several objects that are added as one each go their own way."""
    place = _place_of(changes, name)
    add = changes[place]
    assert isinstance(add, Add)
    if add.count == 1:
        return
    first = 1 + sum(c.count for c in changes[:place] if isinstance(c, Add))
    changes[place : place + 1] = [add.replaced(count=1) for _ in range(add.count)]
    whole = next(k for k, a in enumerate(added) if a.name == f"added {first}")
    added[whole : whole + 1] = [replace(added[whole], name=f"added {first + k}") for k in range(add.count)]


def fold(changes: list[AnyChange], c: Change | Move, s: Binding) -> bool:
    """A change of a new object goes into its `Add`, one of another stands beside it; whether it was of use.

    `s` is a spot of the trial that the change was worked out on.
    """
    if not is_added(c):
        changes.append(c)
        return True
    place = _place_of(changes, c.object)
    add = changes[place]
    assert isinstance(add, Add)
    image = int(s.trace.frame.images[s.at[-1][0]])
    row = s.table.ids.index(c.object, int(s.table.offsets[image]), int(s.table.offsets[image + 1]))
    here = _box(s.table, row)
    match c:
        case Move():
            if here is None:
                return False
            by = (c.dx, c.dy)
            old = add.box if add.box is not None and not set(add.values) & SIZES else here
            box = (old[0] + by[0], old[1] + by[1], old[2] + by[0], old[3] + by[1])
            changes[place] = add.replaced(box=box)
        case Change(attribute="class", value=str(value)):
            changes[place] = add.replaced(class_=value)
        case _:
            box_now = here if c.attribute in SIZES and c.attribute not in s.table.columns else add.box
            changes[place] = add.replaced(box=box_now, values={**add.values, c.attribute: c.value})
    return True


def _box(table: ObjectTable, row: int) -> Box | None:
    columns = [table.columns.get(k) for k in BOX]
    sides = [float(c[row]) for c in columns if c is not None and not isinstance(c, TextColumn)]
    return (sides[0], sides[1], sides[2], sides[3]) if len(sides) == 4 and np.isfinite(sides).all() else None
