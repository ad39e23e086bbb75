"""Findings of the oracle: from a false rule down to its smallest false clauses, by the section "Findings".

Of each finding the clause, the label, which way the value is off, the margin, the witnesses, and how many
objects are missing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from logidsl import ir
from tests.oracle import contact, layouts, process_control
from tests.oracle.functions import FUNCTIONS, RELATIONS, as_place, equal, near, place, shape
from tests.oracle.interpreter import OBJECTS, Env, Interpreter, standing
from tests.oracle.margins import counting, margin, parts
from tests.oracle.orders import partnered
from tests.oracle.pairs import once
from tests.oracle.picture import Picture
from tests.oracle.shapes import Shape
from tests.oracle.values import REASONS, SAME_DEG, Item, Listing, Num, Point, Truth, Undefined, Value, arcs, less


@dataclass(frozen=True)
class Finding:
    """One smallest false clause, at one place."""

    rule: str
    clause: int
    label: str
    direction: int
    margin: float
    witnesses: tuple[str, ...]
    absent: int


def findings_of(program: ir.Program, picture: Picture) -> list[Finding]:
    """The findings of all false rules on one picture."""
    oracle = Interpreter(program, picture)
    found: list[Finding] = []
    for rule in program.rules:
        if oracle.truth(rule.node, {}) is False:
            leaves = list(smallest(oracle, rule.node, {}, True))
            found += [_finding(oracle, rule, *told) for told in once(oracle, rule, leaves, standing)]
    return found


def labels_of(program: ir.Program, picture: Picture) -> dict[str, set[str]]:
    """The labels that each false rule gives one picture."""
    found: dict[str, set[str]] = {}
    for f in findings_of(program, picture):
        found.setdefault(f.rule, set()).add(f.label)
    return found


def smallest(oracle: Interpreter, i: int, env: Env, want: bool) -> Iterator[tuple[int, Env, bool]]:
    """The smallest clauses that make a condition false that should be true, or the other way round."""
    node = oracle.nodes[i]
    while isinstance(node, ir.Name) and node.thing == "let" and node.target is not None:
        i, node = node.target, oracle.nodes[node.target]
    match node:
        case ir.Call(fn="not", args=(part,)):
            yield from smallest(oracle, part, env, not want)
        case ir.Call(fn="and" | "or" as fn, args=args):
            wrong = [a for a in args if oracle.truth(a, env) is (not want)]
            if (fn == "and") == want:
                for a in wrong:
                    yield from smallest(oracle, a, env, want)
            else:
                near = [round(margin(oracle, a, env) if want else -margin(oracle, a, env), 9) for a in args]
                yield from smallest(oracle, args[near.index(max(near))], env, want)
        case ir.Call(fn="if", args=args) if want:
            branch = 1 if oracle.truth(args[0], env) is True else 2
            yield from smallest(oracle, args[branch], env, want)
        case ir.Match() if node.type.kind == "truth":
            case = oracle.chosen(node, env)
            assert isinstance(case, int)
            yield from smallest(oracle, case, env, want)
        case ir.Quantifier(fn="every", body=int(body)) if want and _opens_here(oracle, node, env):
            for _, member, inner in oracle.spoken_of(node, env):
                if member is True and oracle.truth(body, inner) is False:
                    yield from smallest(oracle, body, inner, want)
        case _:
            yield i, env, want


def _opens_here(oracle: Interpreter, node: ir.Quantifier, env: Env) -> bool:
    """Whether a walk opens inside those that are open: one that a `let` names stands outside of them."""
    return oracle.nodes[node.each].depth == max((oracle.nodes[e].depth for e in env), default=0) + 1


def _finding(
    oracle: Interpreter, rule: ir.Rule, i: int, env: Env, want: bool, told: frozenset[tuple[int, ...]]
) -> Finding:
    node = oracle.nodes[i]
    way = direction(oracle, node, env) if want else 0
    return Finding(
        rule.name,
        i,
        _label(oracle, rule, way, env),
        way,
        margin(oracle, i, env) if want else -margin(oracle, i, env),
        tuple(sorted({name_of(w) for w in witnesses(oracle, i, env, way, want) if w.number not in told})),
        absent(oracle, node, env, way, want),
    )


def name_of(item: Item) -> str:
    """An object's id, or a cell's place in its grid."""
    if item.thing is not None:
        return item.thing.name
    return f"{item.store}[{item.row},{item.col}]" if item.store.startswith("grid:") else item.store


def _label(oracle: Interpreter, rule: ir.Rule, way: int, env: Env) -> str:
    said = {-1: rule.low, 0: None, 1: rule.high}[way] or rule.defect
    if said is None:
        return rule.name
    if said.node is None:
        assert said.label is not None
        return said.label
    value = oracle.value(said.node, env)
    return value if isinstance(value, str) else rule.name


def direction(oracle: Interpreter, node: ir.Node, env: Env) -> int:
    """-1 where the left side of a comparison is too low, 1 where it is too high, 0 where neither."""
    if not isinstance(node, ir.Call) or node.fn not in ("<", "<=", ">", ">=", "=", "!=", "equal_within", "between"):
        return 0
    values = [oracle.value(a, env) for a in node.args]
    left, right = values[0], values[1]
    if not isinstance(left, Num) or not isinstance(right, Num):
        return 0
    if node.fn == "between":
        top = values[2]
        if not isinstance(top, Num):
            return 0
        if (period := oracle.period(node.args)) is not None:
            return _side(left, right, top, period)
        return -1 if less(left.hi, right.lo) else 1 if less(top.hi, left.lo) else 0
    if node.fn == "equal_within" and (period := oracle.period(node.args[:2])) is not None:
        return _side(left, right, right, period)
    if left.hi < right.lo or left.lo > right.hi:
        return -1 if left.hi < right.lo else 1
    return {"<": 1, ">": -1}.get(node.fn, 0)


def _side(angle: Num, low: Num, high: Num, period: float) -> int:
    """-1 where an angle lies nearer to the start of a range, 1 where nearer to its end, 0 where it may lie in it."""
    found = arcs(low, high, period)
    before, beyond = (0.0, 0.0) if found is None else found[1].gaps(angle)
    return 0 if before == beyond == 0 else -1 if before <= beyond + SAME_DEG else 1


# ---- what left a rule open ---------------------------------------------------------------------------


def reasons_of(program: ir.Program, picture: Picture) -> dict[str, tuple[int, str]]:
    """For each undetermined rule on one picture the clause that left it open, and why."""
    oracle = Interpreter(program, picture)
    found = {}
    for rule in program.rules:
        if oracle.truth(rule.node, {}) is None:
            i, env = first_open(oracle, rule.node, {})
            found[rule.name] = i, reason(oracle, i, env)
    return found


def first_open(oracle: Interpreter, i: int, env: Env) -> tuple[int, Env]:
    """The first part that left a condition open."""
    node = oracle.nodes[i]
    while isinstance(node, ir.Name) and node.thing == "let" and node.target is not None:
        i, node = node.target, oracle.nodes[node.target]
    match node:
        case ir.Call(fn="not" | "and" | "or" | "if", args=args):
            return first_open(oracle, next(a for a in args if oracle.truth(a, env) is None), env)
        case ir.Quantifier(fn="every", body=int(body)) if _opens_here(oracle, node, env):
            open_ = [(item, e) for item, m, e in oracle.spoken_of(node, env) if m is not False]
            open_ = [(item, e) for item, e in open_ if oracle.truth(body, e) is None]
            if open_:
                return first_open(oracle, body, min(open_, key=lambda o: standing(o[0]))[1])
    return i, env


def reason(oracle: Interpreter, i: int, env: Env) -> str:
    """Of the reasons of all values that a clause is made of the one that is given first; of a walk those of each."""
    top = oracle.nodes[i]
    if isinstance(top, ir.Call) and top.fn == "one_variant":
        apply = [oracle.truth(a, env) for a in top.args]
        if apply.count(True) > 1 or None not in apply:
            return "ambiguous" if True in apply else "no case"
    nodes = _made_of(oracle, i)
    found = [why for n in nodes for why in _whys(oracle, n, env)]
    if not found:
        for n in nodes:
            node = oracle.nodes[n]
            if not isinstance(node, ir.Quantifier | ir.Aggregate) or node.each is None:
                continue
            for inner in (node.where, getattr(node, "body", None), getattr(node, "value", None)):
                where = None if inner == node.where else node.where
                found += _whys_of_each(oracle, node.each, where, inner, env)
            if isinstance(node, ir.Aggregate) and node.other is not None:
                found += _whys_of_each(oracle, node.other, None, node.other_where, env)
    return min(found, key=REASONS.index, default="doubtful")


def _whys_of_each(oracle: Interpreter, each: int, where: int | None, inner: int | None, env: Env) -> list[str]:
    """Why what a walk reads of its members is undefined."""
    members = [e for _, m, e in oracle.walk(each, where, env) if m is not False] if inner is not None else []
    return [
        why
        for deep in (_made_of(oracle, inner) if inner is not None else ())
        for e in members
        for why in _whys(oracle, deep, e)
    ]


def _whys(oracle: Interpreter, i: int, env: Env) -> list[str]:
    """Why a value is undefined; of a relation or function also that an argument has no place, or no shape."""
    node = oracle.nodes[i]
    values = [] if node.type.kind in ("truth", "set") else [oracle.value(i, env)]
    if isinstance(node, ir.Call) and node.fn in RELATIONS | FUNCTIONS:
        for k, a in enumerate(node.args):
            if oracle.nodes[a].type.kind in ("object", "region"):
                read = place if as_place(node.fn, k) else shape
                values.append(read(oracle.value(a, env)))
    case = oracle.chosen(node, env) if isinstance(node, ir.Match) and node.type.kind == "truth" else None
    if isinstance(case, Undefined) and case.why == "no case":
        return ["no case"]
    open_ = ["doubtful" for v in values if isinstance(v, Listing) and not v.certain]
    return open_ + [v.why for v in values if isinstance(v, Undefined)]


def _made_of(oracle: Interpreter, i: int) -> list[int]:
    """A node and all that it is made of, but for what stands inside of walks."""
    found, waiting = [i], [i]
    while waiting:
        node = oracle.nodes[waiting.pop()]
        match node:
            case ir.Call(fn="pixel_share" | "unexplained", args=args):
                parts = [args[0]]
            case ir.Call(args=args):
                parts = list(args)
            case ir.Column(of=of):
                parts = [of]
            case ir.Name(target=int(target)):
                parts = [target]
            case ir.Match():
                parts = [node.subject, *(a.value for a in node.arms)]
                parts += [] if node.otherwise is None else [node.otherwise]
            case ir.Aggregate():
                parts = [*([node.value] if node.each is None and node.value is not None else []), *node.args]
            case _:
                parts = []
        new = [p for p in parts if p not in found]
        found += new
        waiting += new
    return found


# ---- witnesses ----------------------------------------------------------------------------------------


def witnesses(oracle: Interpreter, i: int, env: Env, way: int, want: bool) -> list[Item]:
    """Objects whose presence or value breaks a clause."""
    node = oracle.nodes[i]
    args = list(node.args) if isinstance(node, ir.Call) and node.args else [i]
    if isinstance(node, ir.Quantifier) and node.body is None and (node.fn == "some") == want:
        return []
    if isinstance(node, ir.Call) and node.fn in (("=", "equal_within", "one_of") if want else ("!=",)):
        displaced = out_of_place(oracle, node, env)
        if displaced is not None:
            return displaced
    left = counting(oracle, args[0])
    found = [] if left is not None and way < 0 else reads(oracle, args[0], env)
    for k in args[1:]:
        if counting(oracle, k) is not None and way < 0:
            found += reads(oracle, k, env)
    return found


def reads(oracle: Interpreter, i: int, env: Env) -> list[Item]:
    """Objects that a value is read of."""
    node = oracle.nodes[i]
    match node:
        case ir.Binder():
            return [env[i]]
        case ir.Aggregate(each=int()):
            return _of_aggregate(oracle, i, node, env) + [x for k in parts(node) for x in reads(oracle, k, env)]
        case ir.Quantifier():
            return _of_quantifier(oracle, i, node, env)
        case _:
            return [x for k in parts(node) for x in reads(oracle, k, env)]


def _of_aggregate(oracle: Interpreter, i: int, node: ir.Aggregate, env: Env) -> list[Item]:
    assert node.each is not None
    if node.fn in ("only", "first", "nth", "next"):
        picked = oracle.value(i, env)
        if isinstance(picked, Item):
            return [picked]
        if node.fn == "next":
            return []
    if node.fn == "paired":
        return _without_partner(oracle, node, env)
    if node.fn in ("clusters", "linked"):
        return _apart(oracle, node, env)
    if node.fn == "placed":
        parts_, laid, limit = oracle.on_layout(node, env)
        return [*layouts.wrong(parts_, laid, limit.hi).parts]
    walked = [(item, m is True, e) for item, m, e in oracle.spoken_of(node, env) if m is not False]
    if node.fn in process_control.RULES:
        series = oracle.series(node, env)
        assert not isinstance(series, Undefined)
        return [walked[k][0] for k in process_control.members(node.fn, series, oracle.limits(node, env))]
    if node.value is None or node.fn not in ("min", "max", "spread", "distinct", "same"):
        return [item for item, _, _ in walked]
    values = [(item, sure, oracle.value(node.value, e)) for item, sure, e in walked]
    if node.fn in ("distinct", "same"):
        return _alike(node.fn, values, oracle.alike(node, env))
    numbers = [(item, sure, v) for item, sure, v in values if isinstance(v, Num)]
    least = min((v.hi for _, sure, v in numbers if sure), default=math.inf)
    greatest = max((v.lo for _, sure, v in numbers if sure), default=-math.inf)
    low = [item for item, _, v in numbers if v.lo <= least]
    high = [item for item, _, v in numbers if v.hi >= greatest]
    return low if node.fn == "min" else high if node.fn == "max" else low + high


def _alike(fn: str, values: list[tuple[Item, bool, Value]], alike: Callable[[Value, Value], Truth]) -> list[Item]:
    """Of members that should differ those that repeat; of those that should not, those like fewer than the most."""
    known = [
        (item, v) for item, _, v in values if not isinstance(v, Undefined) and not (isinstance(v, Num) and not v.exact)
    ]
    often = [(item, sum(alike(v, w) is True for _, w in known)) for item, v in known]
    if fn == "distinct":
        return [item for item, n in often if n > 1]
    most = max((n for _, n in often), default=0)
    rare = [item for item, n in often if n < most]
    return rare or [item for item, _ in often]


def _without_partner(oracle: Interpreter, node: ir.Aggregate, env: Env) -> list[Item]:
    assert node.each is not None and node.other is not None
    limit = oracle.value(node.args[-1], env)
    sides: list[list[tuple[Item, Point]]] = []
    for each, where in ((node.each, node.where), (node.other, node.other_where)):
        members = [(item, place(item)) for item, m, _ in oracle.walk(each, where, env) if m is not False]
        sides.append([(item, p) for item, p in members if isinstance(p, Point)])
    assert isinstance(limit, Num)
    found: list[Item] = []
    for own, others in (sides, sides[::-1]):
        points = [p for _, p in own], [p for _, p in others]
        found += [item for item, p in own if not partnered(p, *points, limit.lo)]
    return found


def _apart(oracle: Interpreter, node: ir.Aggregate, env: Env) -> list[Item]:
    """Of groups the members outside the largest; of a path those that it reaches from either end."""
    ends, limit = oracle.ends(node, env)
    placed = [(item, s) for item, s, _ in oracle.shaped(node, env) if isinstance(s, Shape)]
    assert isinstance(limit, Num)
    shapes = [s for _, s in placed]
    if node.fn == "linked":
        found = [k for e in ends if isinstance(e, Shape) for k in contact.reached(e, shapes, limit.hi)]
        return [placed[k][0] for k in sorted({*found})]
    groups = contact.groups(shapes, limit.hi)
    small = [g for g in groups if len(g) < max(len(g) for g in groups)] or groups
    return [placed[k][0] for g in small for k in g]


def _of_quantifier(oracle: Interpreter, i: int, node: ir.Quantifier, env: Env) -> list[Item]:
    """The members spoken of, of a false `every` those that fail; of a relation to some member of a set its subject."""
    if node.body is not None and node.fn != "every":
        body = oracle.nodes[node.body]
        if isinstance(body, ir.Call):
            return [x for a in body.args if a != node.each for x in reads(oracle, a, env)]
    broken = node.fn == "every" and oracle.truth(i, env) is False
    found = []
    for item, member, inner in oracle.spoken_of(node, env):
        if member is not False and (node.body is None or (oracle.truth(node.body, inner) is False) == broken):
            found.append(item)
    return found


def out_of_place(oracle: Interpreter, node: ir.Call, env: Env) -> list[Item] | None:
    """Members of a list at the places that differ from the nearest of the lists; None where it is no such clause."""
    listed = _listed(oracle, node.args[0], env)
    limit = oracle.value(node.args[2], env) if node.fn == "equal_within" else None
    options = [oracle.value(a, env) for a in (node.args[1:] if limit is None else node.args[1:2])]
    period = oracle.period(node.args[:2])

    def alike(a: Value, b: Value) -> bool:
        return (near(a, b, limit, period) if isinstance(limit, Num) else equal(oracle.colors, a, b)) is True

    if listed is None or not options or not all(isinstance(o, Listing) for o in options):
        return None
    best: tuple[int, list[Item]] | None = None
    for option in options:
        assert isinstance(option, Listing)
        wrong = [
            item
            for k, (item, value) in enumerate(listed)
            if k >= len(option.items) or not alike(value, option.items[k][0])
        ]
        size = len(wrong) + max(len(option.items) - len(listed), 0)
        if best is None or size < best[0]:
            best = size, [item for item in wrong if item is not None]
    assert best is not None
    return best[1] if len(_stores(oracle, node.args[0])) == 1 else []


def _listed(oracle: Interpreter, i: int, env: Env) -> list[tuple[Item | None, Value]] | None:
    """A list's values with the members they are read of, None for a single item; None where no column is in it."""
    match oracle.nodes[i]:
        case ir.Aggregate(fn="list") as node:
            return [*oracle.laid_out(node, env)]
        case ir.Call(fn="splice", args=args):
            parts = [oracle.nodes[a] for a in args]
            found: list[tuple[Item | None, Value]] = []
            for part in parts:
                if isinstance(part, ir.Call):
                    found += [(None, oracle.value(a, env)) for a in part.args]
                elif isinstance(part, ir.Aggregate):
                    found += oracle.laid_out(part, env)
            return found
        case _:
            return None


def _stores(oracle: Interpreter, i: int) -> set[str]:
    """Of what a list's columns are: objects, the cells of a grid, or several of these, whose members are not named."""
    node = oracle.nodes[i]
    columns = [oracle.nodes[a] for a in node.args] if isinstance(node, ir.Call) else [node]
    walks = [c.each for c in columns if isinstance(c, ir.Aggregate) and c.each is not None]
    return {str(oracle.nodes[w].type.domain) for w in walks}


# ---- what is missing ----------------------------------------------------------------------------------


def absent(oracle: Interpreter, node: ir.Node, env: Env, way: int, want: bool) -> int:
    """How many objects are missing."""
    if isinstance(node, ir.Quantifier) and node.body is None and (node.fn == "some") == want:
        return 1
    if isinstance(node, ir.Aggregate) and node.fn == "placed" and want:
        found, laid, limit = oracle.on_layout(node, env)
        return len(layouts.wrong(found, laid, limit.hi).missing)
    if not isinstance(node, ir.Call) or node.fn not in ("<", "<=", ">", ">=", "=", "!=", "equal_within", "between"):
        return 0
    counted = [counting(oracle, a) is not None for a in node.args[:2]]
    values = [oracle.value(a, env) for a in node.args[:2]]
    if counted == [True, False] and way < 0 and node.fn != "equal_within":
        return _short(values[0], values[1], node.fn == ">")
    if counted == [False, True] and way > 0 and node.fn not in ("between", "equal_within"):
        return _short(values[1], values[0], node.fn == "<")
    alike = ("=", "equal_within") if want else ("!=",)
    if node.fn in alike and isinstance(values[0], Listing) and isinstance(values[1], Listing):
        return _shorter(oracle, node, values[0], values[1])
    return 0


def _short(have: Value, need: Value, strict: bool) -> int:
    if not isinstance(have, Num) or not isinstance(need, Num):
        return 0
    return max(math.ceil(need.lo) + strict - int(have.hi), 0)


def _shorter(oracle: Interpreter, node: ir.Call, have: Listing, need: Listing) -> int:
    """What a list of members lacks: of classes class by class."""
    of = oracle.nodes[node.args[0]]
    short = len(need.items) - len(have.items)
    if not isinstance(of, ir.Aggregate) or of.each is None or short <= 0:
        return 0
    if of.type.item is None or of.type.item.domain != "class":
        return short
    wanted = Counter(v for v, _ in need.items if isinstance(v, str))
    return sum((wanted - Counter(v for v, _ in have.items if isinstance(v, str))).values())


__all__ = ["OBJECTS", "Finding", "findings_of", "labels_of"]
