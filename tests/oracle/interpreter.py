"""A slow, plain interpreter of checked programs: one picture at a time, one object at a time.

Written from the language reference, not from the evaluator, to be compared with it. `Interpreter` walks
the program by recursion; a walked object is looked up in `env`, which maps the node of each open walk to
the object it stands at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from logidsl import ir
from logidsl import types as ty
from tests.oracle import contact, frames, layouts, orders, process_control, shapes
from tests.oracle.functions import (
    COLOURS,
    RELATIONS,
    Palette,
    attribute,
    between,
    equal,
    equal_within,
    function,
    near,
    of_mean_color,
    place,
    relation,
    shape,
)
from tests.oracle.picture import Picture, Thing
from tests.oracle.pixels import PALETTE, Ring, inside, mean, of_pixel, reaches_out, rings_of, rounded, where_in
from tests.oracle.shapes import Axes, Shape
from tests.oracle.values import (
    Colour,
    Fact,
    Item,
    Laid,
    Listing,
    Members,
    Nothing,
    Num,
    Point,
    Truth,
    Undefined,
    Value,
    aggregate,
    arithmetic,
    both,
    either,
    exact,
    foremost,
    less,
    negated,
)

Env: TypeAlias = dict[int, Item]

OBJECTS = "objects"


class Interpreter:
    """One program on one picture."""

    def __init__(self, program: ir.Program, picture: Picture) -> None:
        self.program = program
        self.nodes = program.nodes
        self.colors = {c.name: c for c in program.colors}
        self.closed: dict[str, Members] = {}
        self.read: dict[object, list[tuple[Item, Truth, Value]]] = {}
        self.picture = frames.kept(program, picture)
        self.axes: Axes | None = None
        self.seen = self.picture
        self.pixel = Item(ty.PIXELS, ())
        self.met: dict[tuple[int, int], bool] = {}
        if program.frame is not None:
            axes = self.value(program.frame, {})
            self.axes = axes if isinstance(axes, Axes) else None
            self.picture = frames.said_on(self.axes, self.picture)
            self.closed, self.read = {}, {}

    # ---- what there is ------------------------------------------------------------------------------

    def doubt(self, thing: Thing) -> Truth:
        """Whether an object is there: True sure, None doubtful, False dropped."""
        uncertain = thing.columns.get("count") == "0..1" or thing.cls == "?" or thing.contested
        confidence = thing.columns.get("confidence")
        found: Truth = None if uncertain else True
        if not isinstance(confidence, float):
            return found
        for d in [d for d in self.program.doubtful if not d.classes] + [d for d in self.program.doubtful if d.classes]:
            if not d.classes or thing.cls in d.classes:
                found = True if confidence >= d.high else None if confidence >= d.low else False
        return None if uncertain and found is True else found

    def raw(self, name: str) -> Members:
        """All objects of a class."""
        found = []
        for k, thing in enumerate(self.picture.things):
            there = self.doubt(thing)
            if thing.cls in (name, "?") and there is not False:
                found.append((Item(OBJECTS, (k,), thing), there is True))
        return Members(OBJECTS, tuple(found))

    def unlisted(self) -> Members:
        """All objects of classes that the spec does not name."""
        known = {c.name for c in self.program.classes} | {s.name for s in self.program.sets}
        known |= {b.name for b in self.program.blobs}
        found = []
        for k, thing in enumerate(self.picture.things):
            there = self.doubt(thing)
            if thing.cls not in known and there is not False:
                found.append((Item(OBJECTS, (k,), thing), there is True))
        return Members(OBJECTS, tuple(found))

    def named(self, thing: str, name: str) -> Members:
        """A class, a set or a grid; each is the same wherever it is named."""
        key = f"{thing} {name}"
        if key not in self.closed:
            self.closed[key] = self._named(thing, name)
        return self.closed[key]

    def _named(self, thing: str, name: str) -> Members:
        if thing == "grid":
            return self._grid(next(g for g in self.program.grids if g.name == name))
        if thing == "class":
            made = next(c for c in self.program.classes if c.name == name)
            if made.each is None:
                return self.raw(name)
            return self._kept(made.each, made.where)
        derived = next(s for s in self.program.sets if s.name == name)
        return self._kept(derived.each, derived.where)

    def _kept(self, each: int, where: int | None) -> Members:
        node = self.nodes[each]
        assert isinstance(node, ir.Binder)
        source = self.value(node.source, {})
        assert isinstance(source, Members)
        return Members(source.store, tuple((i, m is True) for i, m, _ in self.walk(each, where, {}) if m is not False))

    def _grid(self, grid: ir.Grid) -> Members:
        store, found = f"grid:{grid.name}", []
        owners: list[tuple[Item | None, Shape | Axes | Undefined, bool]]
        of = None if grid.of is None else self.value(grid.of, {})
        if of is None:
            owners = [(None, self.whole(), True)]
        elif isinstance(of, Members):
            owners = [(i, shape(i), sure) for i, sure in of.items]
        else:
            owners = [(None, of if isinstance(of, Axes) else shape(of), True)]
        rows, columns = len(grid.rows_at) + 1 if grid.rows_at else grid.rows, grid.columns
        columns = len(grid.columns_at) + 1 if grid.columns_at else columns
        for item, owner, sure in owners:
            number = () if item is None else item.number
            for k in range(rows * columns):
                row, col = divmod(k, columns)
                cell = self._cell(grid, owner, row, col, rows, columns)
                found.append((Item(store, (*number, k), None, cell, row + 1, col + 1, item), sure))
        return Members(store, tuple(found))

    def _cell(
        self, grid: ir.Grid, owner: Shape | Axes | Undefined, row: int, col: int, rows: int, columns: int
    ) -> Shape | Undefined:
        if isinstance(owner, Undefined):
            return Undefined("no frame")
        axes, box = None, owner
        if isinstance(owner, Axes):
            axes, box = owner, Shape((0.0, 0.0, owner.width, owner.height))
        elif owner.own is not None:
            axes, box = owner.own
        assert isinstance(box, Shape)
        x0, y0, x1, y1 = box.box
        xs = self._cuts(x0, x1, columns, grid.columns_at)
        ys = self._cuts(y0, y1, rows, grid.rows_at)
        if isinstance(xs, Undefined):
            return xs
        if isinstance(ys, Undefined):
            return ys
        cell = Shape((xs[col], ys[row], xs[col + 1], ys[row + 1]), None, col + 1 < columns, row + 1 < rows)
        return cell if axes is None else frames.placed(cell, axes)

    def _cuts(self, low: float, high: float, parts: int, at: tuple[int, ...]) -> list[float] | Undefined:
        """Borders of the cells; the places of cuts are measured from where the owner begins."""
        if not at or math.isnan(low):  # cells of what is empty are
            return [low + (high - low) * (k / parts) for k in range(parts + 1)]
        inner = [self.value(i, {}) for i in at]
        if any(isinstance(v, Undefined) or (isinstance(v, Num) and not v.exact) for v in inner):
            return Undefined("no frame")
        shares = [self.nodes[i].type.dim == "ratio" for i in at]  # of the side of each owner
        places = [v.lo * (high - low) if s else v.lo for v, s in zip(inner, shares, strict=True) if isinstance(v, Num)]
        borders = [low]
        for p in places:
            borders.append(min(max(low + p, borders[-1]), high))
        return [*borders, high]

    def whole(self) -> Shape | Undefined:
        """The frame of the picture."""
        width, height = self.picture.width, self.picture.height
        if width is None or height is None:
            return Undefined("no frame")
        return Shape((0.0, 0.0, width, height))

    # ---- walks --------------------------------------------------------------------------------------

    def members(self, source: int, env: Env) -> tuple[tuple[Item, bool], ...]:
        """The members of a set, and whether each is there in every world."""
        found = self.value(source, env)
        assert isinstance(found, Members), found
        return found.items

    def walk(self, each: int, where: int | None, env: Env) -> list[tuple[Item, Truth, Env]]:
        """The objects of a walk, whether each is a member, and what is known while standing at it."""
        node = self.nodes[each]
        assert isinstance(node, ir.Binder)
        found = []
        for item, sure in self.members(node.source, env):
            inner = {**env, each: item}
            kept = True if where is None else self.truth(where, inner)
            found.append((item, both([True if sure else None, kept]), inner))
        return found

    def spoken_of(self, node: ir.Quantifier | ir.Aggregate, env: Env) -> list[tuple[Item, Truth, Env]]:
        """The members that a quantifier or aggregate ranges over; with `next`, those that are followed by another."""
        assert node.each is not None
        found = self.walk(node.each, node.where, env)
        if node.next is None:
            return found
        follow = self.nodes[node.next]
        assert isinstance(follow, ir.Aggregate)
        return [(i, both([m, self.follower(follow, inner)[0]]), inner) for i, m, inner in found]

    def quantifier(self, node: ir.Quantifier, env: Env) -> Truth:
        """`every`, `some`, `no`: a doubtful member is "if it is there, then"."""
        members = self.spoken_of(node, env)
        if node.fn == "every":
            assert node.body is not None
            return both(either([negated(m), self.truth(node.body, e)]) for _, m, e in members)
        found = either(both([m, True if node.body is None else self.truth(node.body, e)]) for _, m, e in members)
        return negated(found) if node.fn == "no" else found

    def keys(self, node: ir.Aggregate, env: Env) -> list[tuple[Item, bool, Num, Env]] | Undefined:
        """The members with their keys, least first in the order wanted; undefined where a key is."""
        found, unread = [], list[Value]()
        assert node.each is not None and node.by is not None
        for item, m, inner in self.spoken_of(node, env):
            if m is False:
                continue
            key = settled(self.value(node.by, inner))
            assert isinstance(key, Num | Undefined)
            if isinstance(key, Undefined):
                unread.append(key)
            else:
                found.append((item, m is True, Num(-key.hi, -key.lo) if node.descending else key, inner))
        if (missing := foremost(unread)) is not None:
            return missing
        return sorted(found, key=lambda f: f[2].lo)

    def round_(self, node: ir.Aggregate) -> bool:
        """Whether an order runs round the circle: its key is a full-circle angle."""
        assert node.by is not None
        return self.nodes[node.by].type == ty.TURN

    def follower(self, node: ir.Aggregate, env: Env) -> tuple[Truth, Item | Undefined]:
        """Whether the object that the walk stands at has a next one, and which it is."""
        assert node.each is not None
        here = env[node.each]
        members = [m for _, m, _ in self.spoken_of(node, env) if m is not False]
        if len(members) < 2:
            return False, Undefined("absent")
        ordered = self.keys(node, env)
        if isinstance(ordered, Undefined):
            return None, ordered
        if None in members:
            return None, Undefined("doubtful")
        own = next((key for item, _, key, _ in ordered if item.same(here)), None)
        if own is None:
            return False, Undefined("absent")
        if self.round_(node):
            return True, _next_round(here, own.lo, [(item, key.lo) for item, _, key, _ in ordered])
        return _next(here, own, [(item, key) for item, _, key, _ in ordered if not item.same(here)])

    def level(self, node: ir.Aggregate, env: Env) -> Num | Undefined:
        """The least key of the level in which the object stands: among all members, and among the sure ones."""
        assert node.each is not None and node.value is not None
        limit = settled(self.value(node.args[0], env))
        own = settled(self.value(node.value, env))
        if (missing := foremost([own, limit])) is not None:
            return missing
        assert isinstance(own, Num) and isinstance(limit, Num)
        if not own.exact:
            return Undefined("doubtful")
        members = self.read_of_each(node, node.value, env)
        known = [(i, m, k.lo) for i, m, k in members if m is not False and isinstance(k, Num)]
        if not any(i.same(env[node.each]) for i, _, _ in known):
            return own
        sure = [k for i, m, k in known if m is True]
        return Num(orders.level(own.lo, [k for _, _, k in known], limit.hi), orders.level(own.lo, sure, limit.lo))

    def read_of_each(self, node: ir.Aggregate, i: int, env: Env) -> list[tuple[Item, Truth, Value]]:
        """The members of a walk, whether each is there, and what is read of it; made once for each place around it."""
        assert node.each is not None
        around = tuple(
            (k, item.store, item.number) for k, item in sorted(env.items(), key=lambda e: e[0]) if k != node.each
        )
        key = (i, node.each, node.where, around)
        if key not in self.read:
            walked = self.spoken_of(node, env)
            self.read[key] = [(item, m, settled(self.value(i, e))) for item, m, e in walked]
        return self.read[key]

    def several(self, node: ir.Aggregate, env: Env) -> Num | Undefined:
        """A key that orders as several do: how many of the ends of the members' keys come before, digit by digit."""
        assert node.each is not None
        own = [settled(self.value(a, env)) for a in node.args]
        if (missing := foremost(own)) is not None:
            return missing
        low = high = 0.0
        for a, mine in zip(node.args, own, strict=True):
            ends: list[float] = []
            for value in (v for _, m, v in self.read_of_each(node, a, env) if m is not False):
                ends += [value.lo, value.hi] if isinstance(value, Num) else []
            assert isinstance(mine, Num)
            low, high = (
                total * (len(ends) + 1) + sum(less(e, end) for e in ends)
                for total, end in ((low, mine.lo), (high, mine.hi))
            )
        return Num(low, high)

    def first(self, node: ir.Aggregate, env: Env) -> Item | Undefined:
        """The first in an order, where no other member could be it."""
        ordered = self.keys(node, env)
        if isinstance(ordered, Undefined):
            return ordered
        if not ordered:
            return Undefined("absent")
        for item, sure, key, _ in ordered:
            others = [k for i, _, k, _ in ordered if not i.same(item)]
            if sure and all(less(key.hi, k.lo) for k in others):
                return item
        surely = [k for _, sure, k, _ in ordered if sure]
        tied = [k for k in surely if not less(min(s.hi for s in surely), k.lo)]
        return Undefined("ambiguous" if len(tied) > 1 else "doubtful")

    def only(self, node: ir.Aggregate, env: Env) -> Item | Undefined:
        """The one member, where it is there in every world and no other in any."""
        assert node.each is not None
        found = [(i, m) for i, m, _ in self.spoken_of(node, env) if m is not False]
        if not found:
            return Undefined("absent")
        if len(found) > 1:
            return Undefined("ambiguous" if sum(m is True for _, m in found) > 1 else "doubtful")
        return found[0][0] if found[0][1] is True else Undefined("doubtful")

    def listed(self, node: ir.Aggregate, env: Env) -> Listing | Undefined:
        """A column as a list; where two could change places, only if it makes no difference."""
        assert node.each is not None and node.value is not None
        if node.by is None:
            walked = [(m is True, e) for _, m, e in self.spoken_of(node, env) if m is not False]
            return Listing(tuple((self.value(node.value, e), sure) for sure, e in walked))
        ordered = self.keys(node, env)
        if isinstance(ordered, Undefined):
            return ordered
        values = [(self.value(node.value, e), sure, key) for _, sure, key, e in sorted(ordered, key=_standing)]
        for k, (a, _, one) in enumerate(values):
            for b, _, two in values[k + 1 :]:
                if not less(one.hi, two.lo) and equal(self.colors, a, b) is not True:
                    return Undefined("ambiguous")
        return Listing(tuple((v, sure) for v, sure, _ in values))

    def laid_out(self, node: ir.Aggregate, env: Env) -> list[tuple[Item, Value]]:
        """The members of a list in their order, with what is read of each."""
        assert node.each is not None and node.value is not None
        if node.by is None:
            walked = self.spoken_of(node, env)
            return [(item, self.value(node.value, e)) for item, m, e in walked if m is not False]
        ordered = self.keys(node, env)
        assert not isinstance(ordered, Undefined)
        return [(item, self.value(node.value, e)) for item, _, _, e in sorted(ordered, key=_standing)]

    def aggregate(self, node: ir.Aggregate, env: Env) -> Value:
        """What closes a walk, or a list."""
        match node.fn:
            case "only":
                return self.only(node, env)
            case "first":
                return self.first(node, env)
            case "next":
                return self.follower(node, env)[1]
            case "level":
                return self.level(node, env)
            case "keys":
                return self.several(node, env)
            case "list":
                return self.listed(node, env)
            case "nth" | "rank" | "steps":
                return self.ordered(node, env)
            case "distinct" | "same" | "increasing" | "decreasing" | "kinds":
                return self.compared(node, env)
            case "paired" | "symmetric":
                return self.placed(node, env)
            case "clusters" | "linked":
                return self.contact(node, env)
            case "placed":
                return Fact(layouts.holds(*self.on_layout(node, env)))
            case "cp" | "cpk":
                figures = [(v, sure) for v, sure in self.column(node, env) if isinstance(v, Num | Undefined)]
                return process_control.capability(node.fn, figures, self.limits(node, env))
            case fn if fn in process_control.RULES:
                series = self.series(node, env)
                if isinstance(series, Undefined):
                    return series
                return Fact(process_control.pattern(fn, series, self.limits(node, env)))
        column = self.column(node, env)
        if (missing := foremost(v for v, _ in column)) is not None:
            return missing
        return aggregate(node.fn, [(v, sure) for v, sure in column if isinstance(v, Num)])

    def ordered(self, node: ir.Aggregate, env: Env) -> Value:
        """`nth`, `rank`, `steps`."""
        arguments = [settled(self.value(a, env)) for a in node.args]
        for a in arguments:
            if isinstance(a, Undefined):
                return a
        found = self.keys(node, env)
        if isinstance(found, Undefined):
            return found
        keyed = [(item, sure, key) for item, sure, key, _ in found]
        if node.fn == "steps":
            return orders.steps(keyed, node.descending, self.round_(node))
        of = arguments[0]
        if node.fn == "nth":
            assert isinstance(of, Num)
            return orders.nth(keyed, of)
        if isinstance(of, Item):
            return orders.rank(of, keyed)
        assert node.value is not None
        away = [self.value(node.value, inner) for _, _, _, inner in found]
        missing = foremost(away)
        return missing or orders.rank_of_nearest(keyed, [v for v in away if isinstance(v, Num)])

    def compared(self, node: ir.Aggregate, env: Env) -> Value:
        """`distinct`, `same`, `increasing`, `decreasing`, `kinds`."""

        same = self.alike(node, env)
        rows = self.in_order(node, env)
        if isinstance(rows, Undefined):
            return rows
        values = [(v, sure) for v, sure, _ in rows]
        if node.fn == "kinds":
            return orders.kinds(values, same)
        if node.fn in ("distinct", "same"):
            return Fact(orders.pairwise(node.fn, values, same))
        return Fact(orders.rising(node.fn, rows))

    def in_order(self, node: ir.Aggregate, env: Env) -> list[tuple[Value, bool, Num | Undefined]] | Undefined:
        """The values of a column or list, whether each is sure, and its key, negated in falling orders."""
        rows: list[tuple[Value, bool, Num | Undefined]] = []
        if node.each is None:
            assert node.value is not None
            found = self.value(node.value, env)
            if isinstance(found, Undefined):
                return found
            assert isinstance(found, Listing)
            if not found.certain:
                return Undefined("doubtful")
            rows += [(settled(v), sure, exact(float(k))) for k, (v, sure) in enumerate(found.items)]
        else:
            assert node.value is not None
            for _, m, e in self.spoken_of(node, env):
                if m is not False:
                    key = exact(0.0) if node.by is None else settled(self.value(node.by, e))
                    assert isinstance(key, Num | Undefined)
                    if node.descending and isinstance(key, Num):
                        key = Num(-key.hi, -key.lo)
                    rows.append((settled(self.value(node.value, e)), m is True, key))
        return rows

    def series(self, node: ir.Aggregate, env: Env) -> list[process_control.Row] | Undefined:
        """The rows of an order of numbers."""
        rows = self.in_order(node, env)
        if isinstance(rows, Undefined):
            return rows
        return [(v, sure, key) for v, sure, key in rows if isinstance(v, Num | Undefined)]

    def limits(self, node: ir.Aggregate, env: Env) -> list[Num | Undefined]:
        """The numbers after a column."""
        return [v for v in (settled(self.value(a, env)) for a in node.args) if isinstance(v, Num | Undefined)]

    def alike(self, node: ir.Aggregate, env: Env) -> Callable[[Value, Value], Truth]:
        """When two values of a column are the same: equal, or within the tolerance."""
        if not node.args:
            return lambda a, b: equal(self.colors, a, b)
        limit = settled(self.value(node.args[0], env))
        assert node.value is not None
        period = self.period((node.value,))
        if not isinstance(limit, Num):
            return lambda a, b: None
        return lambda a, b: near(a, b, limit, period)

    def placed(self, node: ir.Aggregate, env: Env) -> Value:
        """`paired`, `symmetric`."""
        arguments = [settled(self.value(a, env)) for a in node.args]
        numbers = [a for a in arguments if isinstance(a, Num)]
        sides = [(node.each, node.where), *([(node.other, node.other_where)] if node.other is not None else [])]
        found: list[orders.Placed] = []
        for each, where in sides:
            assert each is not None
            members = [(place(i), m is True) for i, m, _ in self.walk(each, where, env) if m is not False]
            if any(isinstance(p, Undefined) for p, _ in members):
                return Undefined("not measured")
            found.append([(p, sure) for p, sure in members if isinstance(p, Point)])
        for a in arguments:
            if isinstance(a, Undefined):
                return a
        if node.fn == "paired":
            return Fact(orders.paired(found[0], found[1], numbers[0]))
        return Fact(orders.symmetric(found[0], numbers[0], not node.descending, numbers[1]))

    def contact(self, node: ir.Aggregate, env: Env) -> Value:
        """`clusters`, `linked`."""
        ends, limit = self.ends(node, env)
        members = self.shaped(node, env)
        lost = foremost(s for _, s, _ in members)
        placed = [(s, sure) for _, s, sure in members if isinstance(s, Shape)]
        if (missing := foremost([limit, *ends]) or (lost if node.fn == "clusters" else None)) is not None:
            return missing
        assert isinstance(limit, Num)
        if node.fn == "clusters":
            return contact.clusters(placed, limit)
        start, end = (e for e in ends if isinstance(e, Shape))
        found = contact.linked(start, end, placed, limit)
        return Fact(None if found is False and lost is not None else found)

    def ends(self, node: ir.Aggregate, env: Env) -> tuple[list[Value], Value]:
        """The two ends of a path, if any, and how far apart members are connected."""
        values = [settled(self.value(a, env)) for a in node.args]
        ends: list[Value] = []
        if node.fn == "linked":
            ends, values = [v if isinstance(v, Undefined) else shape(v) for v in values[:2]], values[2:]
        return ends, values[0] if values else exact(shapes.TOUCH_PX)

    def shaped(self, node: ir.Aggregate, env: Env) -> list[tuple[Item, Shape | Undefined, bool]]:
        """The members of a set with their shapes, and whether each is there in every world."""
        assert node.each is not None
        walked = self.spoken_of(node, env)
        return [(item, shape(item), m is True) for item, m, _ in walked if m is not False]

    def on_layout(self, node: ir.Aggregate, env: Env) -> tuple[list[layouts.Part], Laid, Num]:
        """The parts, places and limit of `placed`; parts have no position if the places are unknown."""
        laid, limit, names = (self.value(a, env) for a in node.args)
        program_layout = self.nodes[node.args[0]]
        assert isinstance(program_layout, ir.Name) and isinstance(names, Listing) and isinstance(limit, Num)
        known = isinstance(laid, Laid)
        if not isinstance(laid, Laid):
            named = next(y for y in self.program.layouts if y.name == program_layout.ref)
            laid = Laid(tuple((p.name, Point(0.0, 0.0)) for p in named.places))
        labels = [name for name, _ in names.items if isinstance(name, str)]
        laid = Laid(tuple(p for p in laid.places if p[0] in labels))
        parts = []
        assert node.each is not None and node.value is not None
        for item, m, inner in self.spoken_of(node, env):
            if m is not False:
                at, of = place(item), self.value(node.value, inner)
                assert isinstance(of, Listing)
                facts = {n: f.truth for n, (f, _) in zip(labels, of.items, strict=True) if isinstance(f, Fact)}
                parts.append(layouts.Part(item, m is True, at if isinstance(at, Point) and known else None, facts))
        return sorted(parts, key=lambda p: standing(p.item)), laid, limit

    def column(self, node: ir.Aggregate, env: Env) -> list[tuple[Value, bool]]:
        """What is read of the members of a set, or the items of a list, and whether each is there in every world."""
        if node.each is None:
            assert node.value is not None
            found = self.value(node.value, env)
            if isinstance(found, Undefined):
                return [(found, True)]
            assert isinstance(found, Listing)
            return [(settled(v), sure) for v, sure in found.items] if found.certain else [(Undefined("doubtful"), True)]
        members = [(m is True, e) for _, m, e in self.spoken_of(node, env) if m is not False]
        if node.value is None:
            return [(exact(0.0), sure) for sure, _ in members]
        return [(settled(self.value(node.value, e)), sure) for sure, e in members]

    # ---- values -------------------------------------------------------------------------------------

    def truth(self, i: int, env: Env) -> Truth:
        """The truth of a condition."""
        found = self.value(i, env)
        if isinstance(found, Undefined):
            return None
        assert isinstance(found, Fact), found
        return found.truth

    def value(self, i: int, env: Env) -> Value:
        """The value of a node."""
        node = self.nodes[i]
        match node:
            case ir.Literal_():
                return self.constant(node.type.kind, node.value)
            case ir.Name():
                return self.name(node)
            case ir.Binder():
                return env[i]
            case ir.Column():
                of = self.value(node.of, env)
                if isinstance(of, Undefined):
                    return of
                if node.attribute in COLOURS and not (isinstance(of, Item) and of.thing is not None):
                    return self.mean_color(of, node.attribute)
                found = attribute(of, node.attribute)
                declared = next((a for a in self.program.attributes if a.name == node.attribute), None)
                if isinstance(found, str) and declared and declared.labels and found not in declared.labels:
                    return Undefined("unknown label")
                if declared and declared.type == ty.COUNT and isinstance(found, Num):
                    return found if found.lo >= 0 and found.lo == int(found.lo) else Undefined("not measured")
                return found
            case ir.Call():
                return self.call(i, node, env)
            case ir.Quantifier():
                return Fact(self.quantifier(node, env))
            case ir.Aggregate():
                return self.aggregate(node, env)
            case ir.Match():
                return self.match(node, env)

    def mean_color(self, of: Value, name: str) -> Value:
        """The mean colour of the pixels of a place, or what follows from it."""
        found = self.pixels_in(of)
        if isinstance(found, Undefined):
            return found
        return of_mean_color(mean(found), name)

    def pixel_share(self, node: ir.Call, env: Env) -> Value:
        """The share of the pixels of a place for which a condition surely holds."""
        of = self.value(node.args[0], env)
        found = of if isinstance(of, Undefined) else self.pixels_in(of)
        if isinstance(found, Undefined):
            return found
        return exact(sum(self.meets(node.args[1], k) for k in found) / len(found))

    def unexplained(self, node: ir.Call, env: Env) -> Value:
        """The share of the foreground that no object covers: the least in some world, and the greatest."""
        of = self.value(node.args[0], env)
        found = of if isinstance(of, Undefined) else self.pixels_in(of)
        if isinstance(found, Undefined):
            return found
        assert self.picture.pixels is not None
        place = where_in(self.picture.pixels, self.rings(of))
        front = {p for p, k in place.items() if self.meets(node.args[1], k)}
        if not front:
            return exact(0.0)
        bare, sure, open_ = set(front), set(front), False
        members: dict[int, bool] = {}  # what is surely of one class may be only perhaps of another
        for name in self.explaining():
            for number, there in self.members_named(name).items():
                members[number] = members.get(number, False) or there
        for number, there in members.items():
            thing = self.seen.things[number]
            if thing.box is None:
                open_ = True
                continue
            own = {p for p in place if inside(rounded(self.rings_of_thing(thing)), p[0] + 0.5, p[1] + 0.5)}
            if 2 * len(own) >= len(place):  # the place lies on it
                continue
            bare -= own
            sure -= own if there else set()
        return Num(0.0 if open_ else len(bare) / len(front), len(sure) / len(front))

    def explaining(self) -> list[str]:
        """The objects of the spec; a `blobs` only where no other object is made of it."""
        made_of = {n for s in self.program.sets for n in self._bases(self.nodes[s.each])}
        names = [c.name for c in self.program.classes] + [s.name for s in self.program.sets if " " not in s.name]
        return [n for n in names if n not in made_of or n not in {b.name for b in self.program.blobs}]

    def _bases(self, node: ir.Node) -> set[str]:
        match node:
            case ir.Binder(source=source):
                return self._bases(self.nodes[source])
            case ir.Name(ref=ref):
                return {ref}
            case ir.Call(args=args):
                return {n for a in args for n in self._bases(self.nodes[a])}
            case _:
                return set()

    def members_named(self, name: str) -> dict[int, bool]:
        """The objects of a class or set, by their place in the picture, and whether each is there in every world."""
        known = any(c.name == name for c in self.program.classes)
        found = self.named("class" if known else "set", name)
        return {item.number[0]: sure for item, sure in found.items}

    def meets(self, condition: int, colour: int) -> bool:
        """Whether a condition surely holds of a pixel of one colour of the palette."""
        if (condition, colour) not in self.met:
            self.pixel = Item(ty.PIXELS, (colour,), Thing("", "", None, dict(of_pixel(PALETTE[colour]))))
            self.met[condition, colour] = self.truth(condition, {}) is True
        return self.met[condition, colour]

    def pixels_in(self, of: Value) -> list[int] | Undefined:
        """The colours of the pixels of a place, an object or a region."""
        own = shape(of)
        if isinstance(own, Undefined):
            return own
        if self.picture.pixels is None:
            return Undefined("no pixels")
        rings = self.rings(of)
        if not all(math.isfinite(v) for ring in rings for corner in ring for v in corner):
            return Undefined("empty")  # a cell of an empty region
        found = list(where_in(self.picture.pixels, rings).values()) if rings else []
        if rings and reaches_out(self.picture.pixels, rings):
            return Undefined("outside the picture")
        return found or Undefined("empty")

    def rings(self, of: Value) -> list[Ring]:
        """The borders of a place in px of the picture; those of an object where it was seen, with its holes."""
        if isinstance(of, Item) and of.thing is not None:
            return rounded(self.rings_of_thing(self.seen.things[of.number[0]]))
        own = shape(of)
        assert isinstance(own, Shape)
        rings = rings_of(own)
        if self.axes is not None:
            rings = [tuple(self.axes.outward(x, y) for x, y in ring) for ring in rings]
        return rounded(rings)

    def rings_of_thing(self, thing: Thing) -> list[Ring]:
        """The outline of an object, or its box."""
        assert thing.box is not None
        return list(thing.outline) if thing.outline and len(thing.outline[0]) >= 3 else rings_of(Shape(thing.box))

    def constant(self, kind: str, value: float | str | bool) -> Value:
        """A number, text, label or colour as written."""
        if value == "" and kind in ("number", "color", "label"):
            return Nothing()
        if isinstance(value, str):
            if kind == "color":
                if value in self.colors:
                    return Colour(self.colors[value].lab, value)
                return Colour(shapes.lab_of_hex(value))
            return value
        return exact(float(value))

    def name(self, node: ir.Name) -> Value:
        """What a name stands for."""
        match node.thing:
            case "raw":
                return self.raw(node.ref)
            case "class" | "set" | "grid":
                return self.named(node.thing, node.ref)
            case "region" | "let":
                assert node.target is not None
                return self.value(node.target, {})
            case "param":
                param = next(p for p in self.program.params if p.name == node.ref)
                return Undefined("not given") if param.value is None else self.constant(node.type.kind, param.value)
            case "layout":
                return self.laid(next(y for y in self.program.layouts if y.name == node.ref))
            case "image":
                return self.whole()
            case "pixel":
                return self.pixel
            case _:
                raise TypeError(f"a picture alone has no {node.thing}")

    def laid(self, layout: ir.Layout) -> Value:
        """The places of a layout in the picture."""
        of = None if layout.of is None else self.value(layout.of, {})
        if isinstance(of, Undefined):
            return of
        axes = None if of is None else _frame_of(of)
        if isinstance(axes, Undefined):
            return axes
        found = []
        for p in layout.places:
            x, y = (p.x, p.y) if axes is None else axes.outward(p.x, p.y)
            found.append((p.name, Point(x, y)))
        return Laid(tuple(found))

    # ---- calls --------------------------------------------------------------------------------------

    def call(self, i: int, node: ir.Call, env: Env) -> Value:
        """An operator or a function."""
        fn, args = node.fn, node.args
        match fn:
            case "pixel_share":
                return self.pixel_share(node, env)
            case "unexplained":
                return self.unexplained(node, env)
            case "and":
                return Fact(both(self.truth(a, env) for a in args))
            case "or":
                return Fact(either(self.truth(a, env) for a in args))
            case "not":
                return Fact(negated(self.truth(args[0], env)))
            case "if":
                return self._if(node, env)
            case "union":
                return self._union(args, env)
            case "places":
                return self._places(args, env)
            case "list":
                return Listing(tuple((self.value(a, env), True) for a in args))
            case "splice":
                return self._splice(args, env)
            case "share_x" | "share_y" | "share_r" | "share_area":
                return self._share(fn, args, env)
            case "as_ratio":
                return self.value(args[0], env)
            case "unlisted":
                return self.unlisted()
            case "one_variant":
                return Fact(_one_of([self.truth(a, env) for a in args]))
        values = [self.value(a, env) for a in args]
        if fn == "member":
            return Fact(_among(self.colors, values[0], values[1]))
        if fn == "one_of":
            return Fact(either(equal(self.colors, values[0], v) for v in values[1:]))
        if (missing := foremost(values)) is not None:
            return missing
        if any(isinstance(v, Nothing) for v in values):
            return _of_nothing(fn)
        match fn:
            case "=":
                return Fact(equal(self.colors, values[0], values[1]))
            case "!=":
                return Fact(negated(equal(self.colors, values[0], values[1])))
            case "equal_within":
                return Fact(equal_within(values, self.period(args[:2])))
            case "on_frame":
                return self._placed(i, values[0], values[1])
            case "member_of":
                return Fact(_member(values[0], values[1]))
        if fn in RELATIONS:
            return relation(fn, values)
        if fn == "between":
            return Fact(between(values, self.period(args)))
        return function(fn, values)

    def _splice(self, args: Sequence[int], env: Env) -> Value:
        """A list of the items of several; undefined where one of them is."""
        items: list[tuple[Value, bool]] = []
        for a in args:
            part = self.value(a, env)
            if isinstance(part, Undefined):
                return part
            assert isinstance(part, Listing)
            items += part.items
        return Listing(tuple(items))

    def _if(self, node: ir.Call, env: Env) -> Value:
        condition = self.truth(node.args[0], env)
        if node.type.kind == "truth":
            parts = [either([negated(condition), self.truth(node.args[1], env)])]
            if len(node.args) == 3:
                parts.append(either([condition, self.truth(node.args[2], env)]))
            return Fact(both(parts))
        if condition is None:
            return Undefined("doubtful")
        return self.value(node.args[1 if condition else 2], env)

    def _union(self, args: tuple[int, ...], env: Env) -> Members:
        found: dict[tuple[int, ...], tuple[Item, bool]] = {}
        for a in args:
            part = self.value(a, env)
            assert isinstance(part, Members)
            for item, sure in part.items:
                known = found.get(item.number)
                found[item.number] = (item, sure or (known is not None and known[1]))
        return Members(OBJECTS, tuple(found.values()))

    def _places(self, args: tuple[int, ...], env: Env) -> Members:
        """Several regions, each once; a region is the same wherever it is named."""
        regions: dict[tuple[int, ...], Item] = {}
        for a in args:
            part = self.value(a, env)
            if isinstance(part, Members):
                regions.update({item.number: item for item, _ in part.items})
            else:
                number = (self._drawn(a), 0)
                regions[number] = Item(ty.REGIONS, number, None, shape(part))
        return Members(ty.REGIONS, tuple((item, True) for item in regions.values()))

    def _drawn(self, i: int) -> int:
        """The node that draws a region, names followed; -1 for the picture."""
        node = self.nodes[i]
        while isinstance(node, ir.Name) and node.target is not None:
            i, node = node.target, self.nodes[node.target]
        return -1 if isinstance(node, ir.Name) and node.thing == "image" else i

    def _placed(self, n: int, made: Value, owner: Value) -> Value:
        """A region drawn in the frame of an object, where that object is."""
        frame = _frame_of(owner)
        if isinstance(made, Members):
            moved = [Item(ty.REGIONS, (n, k), None, _shifted(shape(i), frame)) for k, (i, _) in enumerate(made.items)]
            return Members(ty.REGIONS, tuple((item, True) for item in moved))
        assert isinstance(made, Shape)
        return _shifted(made, frame)

    def _share(self, fn: str, args: tuple[int, ...], env: Env) -> Value:
        part = self.value(args[0], env)
        width: Value
        height: Value
        if len(args) > 1:
            of = self.value(args[1], env)
            frame = _frame_of(of)
            width = frame if isinstance(frame, Undefined) else exact(frame.width)
            height = frame if isinstance(frame, Undefined) else exact(frame.height)
        else:
            w, h = self.picture.width, self.picture.height
            width = Undefined("no frame") if w is None else exact(w)
            height = Undefined("no frame") if h is None else exact(h)
        sides = {"share_x": [width], "share_y": [height]}.get(fn, [width, height])
        if (missing := foremost([part, *sides])) is not None:
            return missing
        lengths = [s.lo for s in sides if isinstance(s, Num)]
        assert isinstance(part, Num)
        whole = min(lengths) if fn == "share_r" else math.prod(lengths)
        return arithmetic("*", part, exact(whole))

    def period(self, args: tuple[int, ...]) -> float | None:
        """After how many degrees two angles are the same: main axes 180, what runs all round 360; amounts never."""
        types = [self.nodes[a].type for a in args]
        kinds = {self._angle(a) for a, t in zip(args, types, strict=True) if "angle" in (t.dim, t.item and t.item.dim)}
        if not kinds or "amount" in kinds:
            return None
        return 360.0 if "turn" in kinds else 180.0

    def _angle(self, i: int) -> str:
        """What an angle is: an `axis`, a `turn` all round, or an `amount`, as a step between two."""
        node = self.nodes[i]
        made: Sequence[int] = ()
        match node:
            case ir.Call(fn="direction" | "arc"):
                return "turn"
            case ir.Aggregate(fn="steps"):
                return "amount"
            case ir.Column(attribute=name):
                declared = next((a.type.domain for a in self.program.attributes if a.name == name), None)
                return "turn" if name == "hue" or declared == "turn" else "axis"
            case ir.Call(fn=fn, args=args) if fn != "angle_between":
                made = args
            case ir.Name(target=int(target)):
                made = (target,)
            case ir.Aggregate(value=int(value)):
                made = (value,)
            case ir.Match():
                made = [a.value for a in node.arms] + ([] if node.otherwise is None else [node.otherwise])
        types = [self.nodes[k].type for k in made]
        kinds = [self._angle(k) for k, t in zip(made, types, strict=True) if "angle" in (t.dim, t.item and t.item.dim)]
        return next((k for k in ("turn", "amount") if k in kinds), "axis")

    def match(self, node: ir.Match, env: Env) -> Value:
        """The value of the first case that fits."""
        found = self.chosen(node, env)
        return found if isinstance(found, Undefined) else self.value(found, env)

    def chosen(self, node: ir.Match, env: Env) -> int | Undefined:
        """The node of the first case that fits."""
        subject = settled(self.value(node.subject, env))
        if isinstance(subject, Undefined):
            return subject
        for arm in node.arms:
            fits: list[Truth] = []
            for p in arm.patterns:
                pattern = self.value(p, env)
                fits.append(pattern.truth if isinstance(pattern, Fact) else equal(self.colors, subject, pattern))
            fit = either(fits)
            if fit is None:
                return Undefined("doubtful")
            if fit:
                return arm.value
        return Undefined("no case") if node.otherwise is None else node.otherwise


def _one_of(whens: list[Truth]) -> Truth:
    """That exactly one variant applies: true, or undetermined, as it is not the part that is wrong."""
    return True if sorted(whens, key=str) == sorted([True, *[False] * (len(whens) - 1)], key=str) else None


def settled(value: Value) -> Value:
    """What is made of a value: of nothing nothing can be made."""
    return Undefined("no case") if isinstance(value, Nothing) else value


def _of_nothing(fn: str) -> Value:
    """What a comparison or another call gives with what `else -> none` gives."""
    if fn in ("=", "<", "<=", ">", ">=", "between", "equal_within"):
        return Fact(False)
    if fn == "!=":
        return Fact(True)
    return Nothing() if fn in ("+", "-", "*", "/", "neg") else Undefined("no case")


def standing(item: Item) -> tuple[float | str | None, ...]:
    """An order of members that has nothing to do with that of the rows: from the top, then from the left.

    A member without a place stands at 0; cells at the same place by what their grid divides, then row by row.
    """
    place = item.thing.box if item.thing is not None else item.shape.box if isinstance(item.shape, Shape) else None
    box = (0.0, 0.0, 0.0, 0.0) if place is None or math.isnan(place[0]) else place
    edges = *box[1::-1], *box[2:]
    if item.thing is not None:
        return (*edges, item.thing.name.rjust(9))
    if item.store == ty.REGIONS:
        return edges
    return (*edges, *(() if item.owner is None else standing(item.owner)), item.row, item.col)


def _standing(found: tuple[Item, bool, Num, Env]) -> tuple[float, ...]:
    """By key, and of equal keys from the top, then from the left, by the corners of the box."""
    item, _, key, _ = found
    own = shape(item)
    x0, y0, x1, y1 = own.box if isinstance(own, Shape) else (0.0,) * 4
    return key.lo, y0, x0, x1, y1, float(item.thing.name.lstrip("o")) if item.thing is not None else 0.0


def _next_round(here: Item, own: float, all_: list[tuple[Item, float]]) -> Item | Undefined:
    """The first one on the way round the circle from a member; none where two are at its key, or at that one's."""
    away = sorted(
        ((orders.direction(key) - orders.direction(own)) % 360.0, k)
        for k, (item, key) in enumerate(all_)
        if not item.same(here)
    )
    tied = less(0.0, away[0][0]) is False or (len(away) > 1 and not less(away[0][0], away[1][0]))
    return Undefined("ambiguous") if tied else all_[away[0][1]][0]


def _next(here: Item, own: Num, others: list[tuple[Item, Num]]) -> tuple[Truth, Item | Undefined]:
    """Whether an object has a next one and which, where the order leaves no choice."""
    after = [(i, k) for i, k in others if less(own.hi, k.lo)]
    beside = [(i, k) for i, k in others if not less(own.hi, k.lo) and not less(k.hi, own.lo)]
    if beside:
        return (True if after else None), Undefined("ambiguous")
    for item, key in after:
        if all(less(key.hi, k.lo) for i, k in after if not i.same(item)):
            return True, item
    return bool(after), Undefined("ambiguous" if after else "absent")


def _among(palette: Palette, of: Value, listing: Value) -> Truth:
    """Whether a value equals one of a list; a doubtful place counts if it is there."""
    if isinstance(listing, Undefined):
        return None
    assert isinstance(listing, Listing)
    parts = [equal(palette, of, item) for item, _ in listing.items]
    return either(both([same, True if sure else None]) for same, (_, sure) in zip(parts, listing.items, strict=True))


def _member(of: Value, members: Value) -> Truth:
    """Whether an object is in a set."""
    assert isinstance(of, Item) and isinstance(members, Members)
    for item, sure in members.items:
        if item.same(of):
            return True if sure else None
    return False


def _frame_of(owner: Value) -> Axes | Undefined:
    """The axes of a frame, an object or a region; an empty one has none."""
    found = owner if isinstance(owner, Axes) else shape(owner)
    if not isinstance(found, Shape):
        return found
    return Undefined("empty") if math.isnan(found.box[0]) else frames.of_shape(found)


def _shifted(made: Shape | Undefined, frame: Axes | Undefined) -> Shape | Undefined:
    if isinstance(made, Undefined):
        return made
    if isinstance(frame, Undefined):
        return frame
    return frames.placed(made, frame)


def judge_image(program: ir.Program, picture: Picture) -> dict[str, Truth]:
    """The truth of each rule on one picture."""
    oracle = Interpreter(program, picture)
    return {rule.name: oracle.truth(rule.node, {}) for rule in program.rules}


def verdict(program: ir.Program, truths: Mapping[str, Truth]) -> str:
    """The verdict of the truths of all rules."""
    if any(truths[r.name] is False and r.verdict != "review" for r in program.rules):
        return "fail"
    return "pass" if all(truths[r.name] for r in program.rules) else "review"
