"""What a program can and cannot come to, whatever the table: interval analysis over its nodes.

Every truth has two answers: whether it can be true, and whether it can be false, on some table; every number
a range. The answers are meant for tables whose measures are possible: no negative width, no roundness above 1,
no count below 0. A table without doubt is one world, and a definite verdict holds in every world, so what is
impossible in each world is impossible under doubt. Undetermined is always possible and never counted.

The nodes are gone through once in their order, so that nothing is as deep as the chain of `let`s. Only inside a
walk, where its filter is given, is a clause reasoned about anew; that is bounded by the nesting of one
statement, and by `BUDGET` for the whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from logidsl import ir
from logidsl.library import builtins, intervals
from logidsl.library.comparisons import AtMost, Comparison, Equal, InRange, Less, Near, Not, OneOf, opposite
from logidsl.library.intervals import ANY, POSITIVE, Interval, at_most, below
from logidsl.lint.known_facts import Facts, KnownFacts, Possible, merged
from logidsl.types import COUNT, Type

BUDGET = 400_000
EITHER: Possible = (True, True)
NEITHER: Possible = (False, False)


class Reasoner:
    """Answers of a program's nodes.

    Parameters
    ----------
    program : Program
        What is reasoned about.
    subsets : bool
        Take a derived set to have no member that the set it is made of does not have. A table from elsewhere may
        bring rows that bear the name of the derived set itself, so this is likely, and not certain.
    """

    def __init__(self, program: ir.Program, subsets: bool = False) -> None:
        self.program, self.nodes, self.marks = program, program.nodes, program.marks
        self.subsets = subsets
        self.blind = False  # to what is undefined as an object is missing
        self.params = {p.name: p.value for p in program.params}
        self.grids = {g.name: g for g in program.grids}
        self.sets = {s.name: s for s in program.sets}
        self.steps = 0
        self.base = KnownFacts()
        for number, node in enumerate(self.nodes):
            if node.type.kind == "truth":
                self.truth(number, self.base)
            elif node.type.kind == "number":
                self.range(number, self.base)

    # ---- names --------------------------------------------------------------------------------------

    def resolved(self, number: int) -> int:
        """The node that a `let` names, else the node itself."""
        return ir.followed(self.nodes, number)

    def key(self, number: int) -> str:
        """What an expression is known by."""
        number = self.resolved(number)
        counted = ir.counting(self.nodes, number)
        if counted is not None and counted.each is not None:
            return self.count_key(counted.each, counted.where)
        return self.marks[number]

    def count_key(self, each: int, where: int | None) -> str:
        """What the number of a walk's members is known by."""
        walked = self.nodes[each]
        assert isinstance(walked, ir.Binder)
        return f"count:{self.marks[walked.source]}:{'' if where is None else self.marks[where]}"

    def walk_key(self, each: int, where: int | None) -> str:
        """What is known of every member of a walk is known under this."""
        return f"{self.marks[each]}:{'' if where is None else self.marks[where]}|"

    def inside(self, node: ir.Quantifier | ir.Aggregate, given: KnownFacts) -> KnownFacts:
        """What is given of the members of a walk."""
        assert node.each is not None
        own = {} if node.where is None else self.facts(node.where)
        return KnownFacts(own, given, self.walk_key(node.each, node.where))

    def _spent(self) -> bool:
        self.steps += 1
        return self.steps > BUDGET

    # ---- truths -------------------------------------------------------------------------------------

    def truth(self, number: int, given: KnownFacts) -> Possible:
        """Whether a condition can be true, and whether it can be false."""
        number = self.resolved(number)
        found = given.truths.get(number)
        if found is None:
            found = EITHER if self._spent() else self._truth(number, given)
            given.truths[number] = found
        return found

    def _truth(self, number: int, given: KnownFacts) -> Possible:
        node = self.nodes[number]
        match node:
            case ir.Call():
                return self._call(node, given)
            case ir.Quantifier():
                return self._quantifier(node, given)
            case ir.Match():
                values = [a.value for a in node.arms] + ([] if node.otherwise is None else [node.otherwise])
                answers = [self.truth(v, given) for v in values]
                return any(t for t, _ in answers), any(f for _, f in answers)
            case _:
                return EITHER

    def _call(self, node: ir.Call, given: KnownFacts) -> Possible:
        match node.fn, node.args:
            case "and", parts:
                answers = [self.truth(p, given) for p in parts]
                true = all(t for t, _ in answers) and self.consistent(merged(self.facts(p) for p in parts), given)
                return true, any(f for _, f in answers)
            case "or", parts:
                answers = [self.truth(p, given) for p in parts]
                denied = merged(self.facts(p, positive=False) for p in parts)
                return any(t for t, _ in answers), all(f for _, f in answers) and self.consistent(denied, given)
            case "not", (part,):
                true, false = self.truth(part, given)
                return false, true
            case "if", (condition, then):
                holds = self.truth(condition, given)
                within = self.truth(then, KnownFacts(self.facts(condition), given))
                return holds[1] or self.truth(then, given)[0], holds[0] and within[1]
            case "if", (_, then, otherwise):
                one, other = self.truth(then, given), self.truth(otherwise, given)
                return one[0] or other[0], one[1] or other[1]
            case "one_variant", _:
                return EITHER
            case _:
                if self._lacking(node, given):
                    return NEITHER
                said = ir.comparison(node)
                return EITHER if said is None else self._comparison(said, given)

    def _lacking(self, node: ir.Call, given: KnownFacts) -> bool:
        """Whether an argument without which there is no value is undefined for certain."""
        entry = ir.entry_of(node)
        if entry is None:
            return False
        needed = node.args if entry.needs is None else [node.args[k] for k in entry.needs]
        return any(self.gone(a, given) for a in needed)

    def _comparison(self, said: Comparison, given: KnownFacts) -> Possible:
        match said:
            case Not(of):
                true, false = self._comparison(of, given)
                return false, true
            case Less(a, b) | AtMost(a, b) | Equal(a, b) if self.key(a) == self.key(b) and self._type(a).kind != "list":
                return not isinstance(said, Less), isinstance(said, Less)
            case Less(a, b) | AtMost(a, b) if self._numbers(a, b):
                return self.order(said, given)
            case Equal(a, b) if self._numbers(a, b) and not self._angles(a, b):
                return self._equal(a, b, given)
            case InRange(a, low, high) if self._numbers(a, low, high):
                period_deg = self.program.period_deg((a, low, high))
                if period_deg is not None:
                    least, _ = intervals.minus(self.range(high, given).ends, self.range(low, given).ends)
                    return True, bool(least < period_deg)
                first, last = self.order(AtMost(low, a), given), self.order(AtMost(a, high), given)
                return first[0] and last[0], first[1] or last[1]
            case Near(a, b, limit) if self._numbers(a, b, limit):
                period_deg = self.program.period_deg((a, b))
                ends = intervals.size(intervals.minus(self.range(a, given).ends, self.range(b, given).ends))
                apart = Interval.of(ends) if period_deg is None else Interval(0.0, period_deg / 2)
                return at_most(apart, self.range(limit, given))
            case OneOf(a, options) if self._numbers(a, *options) and not self._angles(a, *options):
                answers = [self._equal(a, o, given) for o in options]
                return any(t for t, _ in answers), all(f for _, f in answers)
            case _:
                return EITHER

    def _type(self, number: int) -> Type:
        return self.nodes[self.resolved(number)].type

    def _numbers(self, *numbers: int) -> bool:
        return all(self._type(n).kind == "number" for n in numbers)

    def _angles(self, *numbers: int) -> bool:
        return any(self._type(n).dim == "angle" for n in numbers)

    def order(self, said: Less | AtMost, given: KnownFacts) -> Possible:
        """An order of two numbers; beside a share of the frame, both are taken as shares of it."""
        a, b = said.a, said.b
        one, other = self.range(a, given), self.range(b, given)
        left, right = self.limit(a), self.limit(b)
        if left is not None and right is not None and left[0] == right[0]:
            one, other = Interval(left[1], left[1]), Interval(right[1], right[1])
        elif right is not None and right[0] and (known := given.of(self.key(a) + right[0])) is not None:
            one, other = known, Interval(right[1], right[1])
        elif left is not None and left[0] and (known := given.of(self.key(b) + left[0])) is not None:
            one, other = Interval(left[1], left[1]), known
        if one.empty or other.empty:
            return EITHER
        return below(one, other) if isinstance(said, Less) else at_most(one, other)

    def _equal(self, a: int, b: int, given: KnownFacts) -> Possible:
        one, other = self.range(a, given), self.range(b, given)
        if one.empty or other.empty:
            return EITHER
        return not one.meet(other).empty, not (one.point and other.point and one.low == other.low)

    def _quantifier(self, node: ir.Quantifier, given: KnownFacts) -> Possible:
        number = self.count(node.each, node.where, given)
        pair = 2 if node.next is not None else 1
        may, must = number.high >= pair, number.low >= pair
        true, false = True, False
        if node.body is not None and may:
            true, false = self.truth(node.body, self.inside(node, given))
        if node.fn == "every":
            return not must or true, may and false
        some = may and true, not must or false
        return some if node.fn == "some" else (some[1], some[0])

    def consistent(self, facts: Facts, given: KnownFacts) -> bool:
        """Whether all of this can be at once."""
        for key, known in facts.items():
            if "|" in key:  # of every member of a set, of which there may be none
                continue
            other = given.of(key)
            both = known if other is None else known.meet(other)
            if (both.whole() if key.startswith("count:") else both).empty:
                return False
        return True

    def gone(self, number: int, given: KnownFacts) -> bool:
        """Whether a value is undefined for certain, as an object that it is read from is not there."""
        if self.blind:
            return False
        number = self.resolved(number)
        match self.nodes[number]:
            case ir.Aggregate(each=int() as each, where=where) as node:
                entry = ir.entry_of(node)
                needed = entry is not None and entry.empty == "undefined"
                return needed and self.count(each, where, given).high < 1
            case ir.Column(of=of):
                return self.gone(of, given)
            case ir.Call() as call:
                return self._lacking(call, given)
            case ir.Match(subject=subject):
                return self.gone(subject, given)
            case _:
                return False

    # ---- numbers ------------------------------------------------------------------------------------

    def range(self, number: int, given: KnownFacts) -> Interval:
        """What a number can be where it is defined."""
        number = self.resolved(number)
        found = given.ranges.get(number)
        if found is None:
            found = ANY if self._spent() else self._range(number, given)
            known = given.of(self.key(number))
            found = found if known is None else found.meet(known)
            given.ranges[number] = found
        return found

    def _range(self, number: int, given: KnownFacts) -> Interval:
        node = self.nodes[number]
        match node:
            case ir.Literal_(value=float() as value):
                return Interval(value, value)
            case ir.Name(thing="param", ref=name) if isinstance(set_to := self.params.get(name), int | float):
                return Interval(float(set_to), float(set_to))
            case ir.Column(of=of, attribute=name):
                grid = self.grids.get(str(self.nodes[of].type.domain).removeprefix("grid:"))
                if grid is not None and name in grid.lines:
                    return Interval(1.0, float(grid.lines[name]))
                entry = builtins("attribute").get(name)
                known = None if entry is None else entry.values
                return known if isinstance(known, Interval) else POSITIVE if node.type == COUNT else ANY
            case ir.Aggregate():
                return self._aggregate(node, given)
            case ir.Match():
                values = [a.value for a in node.arms] + ([] if node.otherwise is None else [node.otherwise])
                return self._hull([self.range(v, given) for v in values])
            case ir.Call():
                return self._made(node, given)
            case _:
                return ANY

    def _hull(self, parts: list[Interval]) -> Interval:
        found = parts[0] if parts else ANY
        for part in parts[1:]:
            found = found.hull(part)
        return found

    def _made(self, node: ir.Call, given: KnownFacts) -> Interval:
        """What a call can give, as its declaration has it."""
        if node.fn == "if":
            return self._hull([self.range(a, given) for a in node.args[1:]])
        entry = ir.entry_of(node)
        if entry is None:
            return ANY
        if isinstance(entry.values, Interval):
            return entry.values
        numbers = [a for a in node.args if self.nodes[self.resolved(a)].type.kind == "number"]
        parts = [self.range(a, given) for a in numbers]
        if any(p.empty for p in parts):
            return ANY
        if entry.values is not None:
            return entry.values(parts[0])
        if entry.bounds is None or len(numbers) < len(node.args):
            return ANY
        return Interval.of(entry.bounds(*(p.ends for p in parts)))

    def _aggregate(self, node: ir.Aggregate, given: KnownFacts) -> Interval:
        entry = ir.entry_of(node)
        if entry is not None and entry.counts and node.each is not None:
            return self.count(node.each, node.where, given)
        if entry is None or entry.values is None:
            return ANY
        if isinstance(entry.values, Interval):
            return entry.values
        if node.value is None or node.each is None or node.type.dim == "angle":
            return ANY
        value = self.range(node.value, self.inside(node, given))
        return ANY if value.empty else entry.values(value)

    def count(self, each: int, where: int | None, given: KnownFacts) -> Interval:
        """How many members a walk can have."""
        walked = self.nodes[each]
        assert isinstance(walked, ir.Binder)
        found = self._size(walked.source, given)
        if where is not None:
            child = KnownFacts(self.facts(where), given, self.walk_key(each, where))
            can = self.truth(where, given)[0] and self.consistent(dict(child.own), given)
            found = Interval(0.0, found.high if can else 0.0)
        known = given.of(self.count_key(each, where))
        return (found if known is None else found.meet(known)).whole()

    def _size(self, source: int, given: KnownFacts) -> Interval:
        """How many members a set without filters can have."""
        node = self.nodes[source]
        found = POSITIVE
        match node:
            case ir.Name(thing="grid", ref=name) if not self.grids[name].of_set:
                found = Interval(0.0, math.prod(self.grids[name].lines.values()))
            case ir.Name(thing="set", ref=name) if self.subsets and name in self.sets:
                found = Interval(0.0, self.count(self.sets[name].each, self.sets[name].where, given).high)
            case ir.Call(fn="union", args=args):
                parts = [self._size(a, given) for a in args]
                classes = [n.ref for a in args if isinstance(n := self.nodes[a], ir.Name) and n.thing == "class"]
                apart = len(classes) == len(set(classes)) == len(args)
                lows = [p.low for p in parts]
                found = Interval(sum(lows) if apart else max(lows), sum(p.high for p in parts))
            case ir.Call(fn="places", args=args) if all(self.nodes[a].type.kind == "region" for a in args):
                found = Interval(0.0, len(args))
        known = given.of(f"count:{self.marks[source]}:")
        return (found if known is None else found.meet(known)).whole()

    # ---- facts --------------------------------------------------------------------------------------

    def limit(self, number: int) -> tuple[str, float] | None:
        """A number that the spec fixes: in base units, or as a share of a frame, which is then named."""
        number = self.resolved(number)
        match self.nodes[number]:
            case ir.Call(fn=fn, args=(share, *of)) as call if (entry := ir.entry_of(call)) and entry.share_of:
                value = self.range(share, self.base)
                return (f"@{fn}:{''.join(self.marks[o] for o in of)}", value.low) if value.point else None
            case node if node.type.kind == "number":
                value = self.range(number, self.base)
                return ("", value.low) if value.point else None
            case _:
                return None

    def facts(self, number: int, positive: bool = True) -> Facts:
        """What is known of expressions where a condition is true, or false."""
        number = self.resolved(number)
        node = self.nodes[number]
        match node:
            case ir.Call(fn="and" | "or" as fn, args=parts) if (fn == "and") is positive or len(parts) == 1:
                return merged(self.facts(p, positive) for p in parts)
            case ir.Call(fn="not", args=(part,)):
                return self.facts(part, not positive)
            case ir.Call() if (said := ir.comparison(node)) is not None:
                return self._compared(said if positive else opposite(said))
            case ir.Quantifier(fn="some" | "no" as fn, body=None, each=each, where=where):
                there = (fn == "some") is positive
                return {self.count_key(each, where): Interval(1.0) if there else Interval(0.0, 0.0)}
            case ir.Quantifier(fn="every", body=int() as body, each=each, where=where, next=None) if positive:
                prefix = self.walk_key(each, where)
                return {prefix + key: known for key, known in self.facts(body).items()}
            case _:
                return {}

    def _compared(self, said: Comparison) -> Facts:
        """What a comparison says of either side of fixed numbers."""
        match said:
            case Less(a, b) | AtMost(a, b) if self._numbers(a, b):
                strict = isinstance(said, Less)
                above = self._beside(a, b, lambda limit: Interval(high=limit, high_open=strict))
                return merged([above, self._beside(b, a, lambda limit: Interval(low=limit, low_open=strict))])
            case Equal(a, b) if self._numbers(a, b) and not self._angles(a, b):
                exactly = (self._beside(x, y, lambda limit: Interval(limit, limit)) for x, y in ((a, b), (b, a)))
                return merged(exactly)
            case InRange(a, low, high) if self._numbers(a, low, high) and not self._angles(a, low, high):
                return merged([self._beside(a, low, Interval), self._beside(a, high, lambda end: Interval(high=end))])
            case Near(a, b, limit) if self._numbers(a, b, limit) and not self._angles(a, b, limit):
                centre, reach = self.limit(b), self.limit(limit)
                if centre is None or reach is None or centre[0] or reach[0]:
                    return {}
                return {self.key(a): Interval(centre[1] - reach[1], centre[1] + reach[1])}
            case _:
                return {}

    def _beside(self, a: int, b: int, said: Callable[[float], Interval]) -> Facts:
        """What is said of a number beside one that the spec fixes."""
        fixed = self.limit(b)
        if fixed is None or self.limit(a) is not None:
            return {}
        base, value = fixed
        return {self.key(a) + base: said(value)}
