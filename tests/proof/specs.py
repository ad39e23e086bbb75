"""Random specs as text, of every kind of statement that judging knows."""

from __future__ import annotations

import re

from logidsl import types as ty
from tests.proof.choices import Choices
from tests.proof.expressions import Maker
from tests.proof.scope import Scope, Text, Things
from tests.proof.tables import CLASSES, COLORS, KINDS

#: A file that a spec imports, and the line before what stands in it.
PART = "part.logic"
APART = f"# {PART}"
ATTRIBUTES = {
    "mass": ("number", ty.RATIO),
    "teeth": ("count", ty.COUNT),
    "lead": ("length", ty.LENGTH),
    "pad": ("area", ty.AREA),
    "tilt": ("angle", ty.ANGLE),
    "heading": ("turn", ty.TURN),
    "spot": ("point", ty.POINT),
    "tint": ("color", ty.COLOR),
    "code": ("text", ty.TEXT),
}


def spec(choose: Choices, budget: int = 3, rules: int = 3) -> str:
    """The text of a spec."""
    things = Things(sets=["bolt", "nut", "washer"], colors=list(COLORS))
    maker = Maker(choose, things)
    lines = ["spec proof"]
    if choose.chance(20):
        lines.append("scale 1 px = 0.5 mm")
        things.scale = True
    if choose.chance(50):
        ends = choose.pick(["0.3 .. 0.6", "30 .. 60 %", "0.2 .. 1", "0.45 .. 0.9"])
        lines.append(f"doubtful {ends}" + (f" of {choose.pick(['bolt', 'nut | washer'])}" if choose.chance(25) else ""))
        if choose.chance(20):
            lines.append("doubtful 0.1 .. 0.9 of nut")
    lines += [
        f'color {n} = "{h}"' + (f" within {8 + 8 * choose.below(4)}" if choose.chance(50) else "")
        for n, h in COLORS.items()
    ]
    lines += [f"attribute {name}: {word}" for name, (word, _) in ATTRIBUTES.items()]
    lines.append(f"attribute kind of bolt: {' | '.join(KINDS[:3])}")
    things.attributes = {name: t for name, (_, t) in ATTRIBUTES.items()} | {"kind": ty.label("kind")}
    lines += _declarations(choose, maker)
    if choose.chance(15):
        lines.append(f"keep best of {choose.pick(['bolt | nut', 'tray', 'bolt'])} where overlap {_share(choose)}")
    if choose.chance(12):
        lines.append(f"frame {_frame(choose)}")
    maker.things.judging = True
    said = [_rule(choose, maker, f"r{k}", budget) for k in range(1 + choose.below(rules))]
    lines += _variants(choose, maker, said) if choose.chance(15) else said
    if choose.chance(8):
        lines.append("rule r9: (match count(nut) { 9 -> 2 }) >= 1")
    if choose.chance(15):
        lines = _imported(choose, lines)
    return "\n".join(lines) + "\n"


def _share(choose: Choices) -> str:
    return f"{choose.pick(['>', '>='])} {choose.pick([0, 25, 50, 100])} %"


def _frame(choose: Choices) -> str:
    """The frame of an object."""
    return choose.pick(["upright(tray)", "turned(tray)", "turned(tray, largest(nut))", "turned(tray, image.center)"])


def _variants(choose: Choices, maker: Maker, rules: list[str]) -> list[str]:
    """The rules, those of each variant on one line."""
    made = [f"variant one when {maker.truth(Scope(), 1)} {{ {rules[0]} }}"]
    second = "otherwise" if choose.chance(50) else f"when {maker.truth(Scope(), 1)}"
    made += [f"variant two {second} {{ {' '.join(rules[1:2])} }}"]
    return made + rules[2:]


def _imported(choose: Choices, lines: list[str]) -> list[str]:
    """The spec with some of its statements in a file that it imports; see `compare.compiled`."""
    away = [k for k in range(1, len(lines)) if choose.chance(40)]
    given = next((f" with limit = {lines[k].split(' = ')[1]}" for k in away if lines[k].startswith("param limit")), "")
    stay = [line for k, line in enumerate(lines) if k not in away]
    unset = [re.sub(r"^(param limit = [0-9.]+)", r"\g<1>7", lines[k]) for k in away]
    return [stay[0], f'import "{PART}"{given}', *stay[1:], APART, *unset]


def _declarations(choose: Choices, maker: Maker) -> list[str]:
    """Params, classes, regions, grids, derived sets and lets, each of which may use those before it."""
    things = maker.things
    lines = []
    if choose.chance(50):
        value = choose.pick([("2", ty.COUNT), ("0.5", ty.RATIO), ("20 px", ty.LENGTH), ("300 px2", ty.AREA)])
        lines.append(f"param limit = {value[0]}")
        things.values.append(Text("limit", value[1]))
    if choose.chance(20):
        ends = 'in date_of("2026-01-01") .. date_of("2030-12-31")'
        given = choose.pick(["", '= date_of("2026-11-29") '])
        lines.append(f"param today {given}{ends}")
        things.values.append(Text("today", ty.DATE))
    for k, name in enumerate(CLASSES[:3]):
        things.sets = list(CLASSES[:k])  # a class may be narrowed by those before it
        where = f" where ({maker.truth(Scope().walking(ty.OBJECTS, None), 1)})" if choose.chance(20) else ""
        lines.append(f"object {name}{where}{_cardinality(choose)}")
    things.sets = list(CLASSES[:3])
    lines.append(f"object tray: {choose.pick(['1', 'at most 1', '0 .. 1'])}")
    things.singles.append("tray")
    for _ in range(choose.below(3)):
        name = things.fresh("zone")
        owner = f" of {choose.pick(['tray', *things.regions, _frame(choose)])}" if choose.chance(40) else ""
        drawn = maker.region(Scope(), 1).text
        if owner and drawn in (*things.regions, "image"):
            drawn = "box(10 %, 10 %, 60 %, 60 %)"
        lines.append(f"region {name} = {drawn}{owner}")
        things.regions.append(name)
    if len(things.regions) > 1 and choose.chance(60):
        name = things.fresh("zones")
        lines.append(f"region {name} = {' | '.join(things.regions)}")
        things.region_sets.append(name)
    lines += [_grid(choose, things) for _ in range(choose.pick([0, 0, 1, 2]))]
    lines += [_layout(choose, things) for _ in range(choose.pick([0, 1]))]
    for _ in range(choose.below(3)):
        made = maker.set(Scope(), 2, objects=True)
        assert made is not None
        name = things.fresh("part")
        single = choose.chance(25)
        lines.append(
            f"object {name} = {made[0]}{choose.pick([': 1', ': at most 1']) if single else _cardinality(choose)}"
        )
        (things.singles if single else things.sets).append(name)
    for _ in range(choose.below(3)):
        lines += _let(choose, maker)
    return lines


def _cardinality(choose: Choices) -> str:
    if not choose.chance(30):
        return ""
    limit = choose.pick(["2", "1 .. 3", "at least 1", "at most 3", "3"])
    tail = choose.pick(["", " low missing high extra", " defect odd", " defect odd high extra", " verdict review"])
    return f": {limit}{tail}"


def _grid(choose: Choices, things: Things) -> str:
    name = things.fresh("cell")
    several = ["bolt", *things.region_sets, *things.grids]
    owners = ["", "", " of tray", f" of {_frame(choose)}", *(f" of {r}" for r in (*things.regions, *several))]
    owner = choose.pick(owners)
    splits = ["2 rows, 3 columns", "3 columns", "2 rows", "columns at [40 px, 70 px]", "rows at [30 px]"]
    splits += ["columns at [tray.width]", "rows at [count(nut) * 10 px, 80 px]"]
    splits += ["columns at [50 %]", "rows at [20 %, 50 %, 70 %]"]
    split = choose.pick(splits)
    things.grids.append(name)
    if owner.removeprefix(" of ") in several:
        things.several.add(f"grid:{name}")
    return f"grid {name} = {split}{owner}"


def _layout(choose: Choices, things: Things) -> str:
    """A layout whose places stand in the name of its file; see `compare.with_places`."""
    name = things.fresh("seats")
    places = [f"{choose.below(3)} {choose.below(12)}1.3 {choose.below(9)}7.7" for _ in range(1 + choose.below(3))]
    owner = choose.pick(["", "", " of tray", f" of {_frame(choose)}"])
    things.layouts.append(name)
    return f'layout {name} "{" ".join(places)}.csv"{owner}'


def _let(choose: Choices, maker: Maker) -> list[str]:
    things, scope = maker.things, Scope()
    match choose.below(4):
        case 0:
            made = maker.object(scope, 2)
        case 1:
            made = Text(maker.truth(scope, 1), ty.TRUTH)
        case 2:
            made = maker.point(scope, 2)
        case _:
            made = maker.number(choose.pick(["count", "length", "ratio"]), scope, 2)
    if made is None:
        return []
    name = things.fresh("known")
    things.values.append(Text(name, made.type))
    return [f"let {name} = {made.text}"]


def _rule(choose: Choices, maker: Maker, name: str, budget: int) -> str:
    """A rule: any condition, or under `every`s a single comparison with labels by direction."""
    kind = choose.pick(["", " as size", " as quantity"])
    severity = choose.pick([" severity major", " verdict review"]) if choose.chance(15) else ""
    if choose.chance(50):
        tail = choose.pick(["", " defect broken"])
        return f"rule {name}{kind}: {maker.truth(Scope(), budget)}{tail}{severity}"
    scope, body = Scope(), ""
    for _ in range(choose.below(3)):
        made = maker.set(scope, budget - 2)
        if made is None:
            break
        text, scope = made
        body += f"every {text}: "
    if choose.chance(30):
        subject, patterns = maker.subject(scope, 1)
        cases = [f"{p} -> case_{k}" for k, p in enumerate(patterns)] + ["else -> other_case"] * choose.below(2)
        tail = f" defect match {subject} {{ {', '.join(cases)} }}"
        said = maker.truth(scope, budget - 1)
        if said.startswith("(every"):  # its walk would be the one that the defect speaks of
            said = maker.comparison(scope, budget - 1)
        return f"rule {name}{kind}: {body}{said}{tail}{severity}"
    dim = choose.pick(["count", "length", "ratio", "area"])
    left = maker.number(dim, scope, budget - 1)
    ops = ("=", "<=", ">=", "<", ">") if left.type.dim == "count" else ("<=", ">=", "<", ">")
    right = choose.pick([f"in {maker.range(left.type)}", f"{choose.pick(ops)} {maker.limit(left.type)}"])
    tail = choose.pick([" low under high ample", " low under", " high ample defect broken", ""])
    return f"rule {name}{kind}: {body}{left.text} {right}{tail}{severity}"
