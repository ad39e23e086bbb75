"""Random well-typed expressions as text, made by the type that is wanted.

One class, because a number may hold a set, a set a condition and a condition a number. What there is to
choose from comes from the library's declarations: a builtin that is added is generated at once. `budget`
falls with each level; at 0 only what is closed or at hand is taken. Compound parts stand in parentheses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from logidsl import types as ty
from logidsl.library import Builtin, builtins, type_named
from logidsl.library.check_digits import SYSTEMS
from logidsl.types import Type
from tests.oracle import functions as known
from tests.oracle import process_control
from tests.proof.choices import Choices
from tests.proof.scope import Scope, Text, Things
from tests.proof.tables import KINDS, SHADES

#: Walks inside one another.
MOST_WALKS = 3
#: Conditions on pixels.
ON_PIXELS = (
    "lightness < 50 %",
    "saturation >= 30 % and lightness in 20 .. 70 %",
    "hue in 20 .. 60 deg",
    "not hue in 20 .. 60 deg",
    "hue in 300 .. 30 deg or lab_a >= 10",
    "lab_b in -10 .. 20",
    'difference(color, "#a82a24") < 10',
    "color = red",
    "color = blue or color != red",
    "lightness > 0 %",
)
PATTERNS = ('"[A-Z][0-9]"', '"A.*"', '".*[12]"', '""', '"-?[0-9]+"')
UNITS = {"count": "", "ratio": "", "length": " px", "area": " px2", "angle": " deg"}
SPANS = {"count": (0, 5, 1), "ratio": (0, 8, 0.5), "length": (0, 10, 10), "area": (0, 10, 100), "angle": (-2, 3, 40)}

#: A polygon that is not convex.
CORNERS = "point(10 %, 10 %), point(90 %, 20 %), point(40 %, 40 %), point(20 %, 95 %)"


class Maker:
    """Makes expressions of any type."""

    def __init__(self, choose: Choices, things: Things) -> None:
        self.choose, self.things = choose, things

    def _any(self, options: list[Callable[[], Text | None]]) -> Text | None:
        """What the first option gives that gives anything, in a random order that begins anywhere."""
        start = self.choose.below(len(options))
        for option in options[start:] + options[:start]:
            found = option()
            if found is not None:
                return found
        return None

    # ---- numbers --------------------------------------------------------------------------------------

    def literal(self, dim: str) -> str:
        """A number with its unit."""
        low, high, step = SPANS[dim]
        value = (low + self.choose.below(high - low + 1)) * step
        if dim == "length" and self.things.scale and self.choose.chance(30):
            return f"{value / 20:g} cm" if self.choose.chance(20) else f"{value / 2:g} mm"
        if dim == "count" and self.choose.chance(10):
            return "-1"
        return f"{value:.1f}" if dim == "ratio" else f"{value:g}{UNITS[dim]}"

    def limit(self, t: Type) -> str:
        """A fixed number beside a value of a type: a share where that has a meaning."""
        if self.choose.chance(4):
            return "0"
        if _takes_shares(t) and self.choose.chance(40):
            return f"{self.choose.pick([0, 10, 25, 33.3, 50, 62.5, 100])} %"
        assert t.dim is not None
        return self.literal(t.dim)

    def number(self, dim: str, scope: Scope, budget: int) -> Text:
        """A number of a dimension, of any axis."""
        plain = Text(self.literal(dim), _number(dim))
        if budget <= 0 and self.choose.chance(60):
            return self.attribute_where(scope, lambda t: t.dim == dim) or plain
        options: list[Callable[[], Text | None]] = [
            lambda: plain,
            lambda: self.attribute_where(scope, lambda t: t.dim == dim),
            lambda: self.attribute_where(scope, lambda t: t.dim == dim),
            lambda: self.value_where(lambda t: t.dim == dim),
            lambda: self.aggregate(dim, scope, budget - 1),
            lambda: self.aggregate(dim, scope, budget - 1),
            lambda: self.called(dim, scope, budget - 1),
            *[lambda: self.arithmetic(dim, scope, budget - 1)] * 2,
            lambda: self.attribute_of_object(scope, budget - 1, lambda t: t.dim == dim),
            lambda: self.chosen(dim, scope, budget - 1),
        ]
        return self._any(options) or plain

    def value_where(self, fits: Callable[[Type], bool]) -> Text | None:
        """A declared `let` or `param`."""
        found = [v for v in self.things.values if fits(v.type)]
        return self.choose.pick(found) if found else None

    def attribute_where(self, scope: Scope, fits: Callable[[Type], bool]) -> Text | None:
        """An attribute of an object at hand: a bare one, or of a variable, or of a named single."""
        found = []
        owners = [(name, store) for name, store in scope.variables] + [(s, ty.OBJECTS) for s in self.things.singles]
        if scope.bare is not None:
            owners += [("", scope.bare)] * 2
        for owner, store in owners:
            of = [Text(f"{owner}.{n}" if owner else n, t) for n, t in self.things.attributes_of(store) if fits(t)]
            found += [self.choose.pick(of)] if of else []
        named = [v for v in scope.values if fits(v.type)]
        found += [self.choose.pick(named)] if named else []
        if fits(ty.length("x")) and self.choose.chance(10):
            found.append(Text("image.width", ty.length("x")))
        return self.choose.pick(found) if found else None

    def attribute_of_object(self, scope: Scope, budget: int, fits: Callable[[Type], bool]) -> Text | None:
        """An attribute of an object that is picked."""
        made = self.object(scope, budget)
        if made is None:
            return None
        of = [(n, t) for n, t in self.things.attributes_of(str(made.type.domain)) if fits(t)]
        if not of:
            return None
        name, t = self.choose.pick(of)
        return Text(f"{made.text}.{name}", t)

    def aggregate(self, dim: str, scope: Scope, budget: int) -> Text | None:
        """An aggregate of a set or of a list that gives such a number."""
        entries = [b for b in builtins("aggregate").values() if b.name in known.FIGURES]
        entry = self.choose.pick(entries)
        match entry.parameters[0].kind, entry.result:
            case "C", "same" if self.choose.chance(20):
                return self._of_list(entry, dim, scope, budget)
            case "C", "same":
                made = self.set(scope, budget)
                if made is None:
                    return None
                text, inner = made
                value = self.number(dim, inner, budget - 1)
                result = ty.RATIO if entry.name == "mean" and value.type == ty.COUNT else value.type
                return Text(f"{entry.name}({value.text} of {text})", result) if result.dim == dim else None
            case "C", "ratio" if dim == "ratio":
                return self._capability(entry, scope, budget)
            case "C", "count" if dim == "count":
                column = self.column(scope, budget)
                return None if column is None else Text(f"{entry.name}({column})", ty.COUNT)
            case _, "count" if dim == "count":
                return self.gathered(entry, scope, budget, ty.COUNT)
            case _:
                return None

    def _capability(self, entry: Builtin, scope: Scope, budget: int) -> Text | None:
        """The capability of a column, within limits in their order or with one that is measured."""
        made = self.set(scope, budget)
        if made is None:
            return None
        text, inner = made
        dim = self.choose.pick(["length", "ratio"])
        column, limits = self.number(dim, inner, budget - 1), sorted(SPANS[dim][:2])
        low, high = (f"{k * SPANS[dim][2]:.1f}{UNITS[dim]}" for k in limits)
        if self.choose.chance(30):
            measured = self.number(dim, scope, 0).text
            high = high if measured[0] in "-0123456789" else measured  # a literal may be the lower one
        return Text(f"{entry.name}({column.text} of {text}, {low}, {high})", ty.RATIO)

    def _of_list(self, entry: Builtin, dim: str, scope: Scope, budget: int) -> Text | None:
        """An aggregate of a written list, or of the steps of an order."""
        if dim == "angle" and self.choose.chance(50):
            made = self.set(scope, budget)
            way = f"direction({self.choose.pick(['tray', 'image'])}, center)"
            return None if made is None else Text(f"{entry.name}(steps({made[0]} by {way}))", ty.AMOUNT)
        if dim == "length" and self.choose.chance(50):
            made = self.set(scope, budget)
            if made is None:
                return None
            key = self.attribute_where(replace(made[1], variables=()), lambda t: t.dim == "length")
            return None if key is None else Text(f"{entry.name}(steps({made[0]} by {key.text}))", key.type)
        items = [self.number(dim, scope, budget - 1) for _ in range(1 + self.choose.below(3))]
        joined = items[0].type
        for i in items[1:]:
            joined = ty.join(joined, i.type) or joined
        texts = [i.text for i in items]
        made = self.set(scope, budget - 1) if self.choose.chance(35) else None
        if made is not None:
            value = self.number(dim, made[1], budget - 1)
            joined = ty.join(joined, value.type) or joined
            texts.insert(self.choose.below(len(texts) + 1), f"{value.text} of {made[0]}")
        joined = ty.RATIO if entry.name == "mean" and joined == ty.COUNT else joined
        return Text(f"{entry.name}([{', '.join(texts)}])", joined) if joined.dim == dim else None

    def gathered(self, entry: Builtin, scope: Scope, budget: int, result: Type) -> Text | None:
        """A call of an aggregate of sets, by its declaration; `object` results take the type of the member."""
        args, store = [], ty.OBJECTS
        for p in entry.parameters:
            if p.optional and self.choose.chance(40):
                continue
            match p.kind:
                case "S" | "S by k":
                    made = self.set(scope, budget, objects=True)
                    if made is None:
                        return None
                    store = str(made[1].bare)
                    one = entry.listed
                    args.append(made[0] + (self.order(made[1], budget - 1, not one) if p.kind == "S by k" else ""))
                case "P" if entry.name == "rank":
                    found = self.point(scope, budget - 1) if self.choose.chance(40) else self.object(scope, budget - 1)
                    if found is None or (found.type.kind == "object" and found.type.domain != ty.OBJECTS):
                        return None
                    args.append(found.text)
                case "P" | "R":
                    found = self.place(scope, budget - 1)
                    if found is None:
                        return None
                    args.append(found.text)
                case "count":
                    args.append(
                        self.number("count", scope, 0).text if self.choose.chance(20) else self.literal("count")
                    )
                case "line":
                    line = self.attribute_where(scope, lambda t: t.dim == "length" and t.axis is not None)
                    args.append(line.text if line else self.choose.pick(["image.width", "tray.x", "tray.y"]))
                case "length":
                    args.append(self.literal("length"))
                case "layout" if self.things.layouts:
                    args.append(self.choose.pick(self.things.layouts))
                case _:
                    return None
        return Text(f"{entry.name}({', '.join(args)})", ty.object_of(store) if result.kind == "object" else result)

    def column(self, scope: Scope, budget: int, ordered: bool = False) -> str | None:
        """`E of S`: numbers, labels or texts; `ordered`: numbers of a set in an order."""
        made = self.set(scope, budget)
        if made is None:
            return None
        text, inner = made
        value = self.number(self.choose.pick(["count", "length", "ratio"]), inner, budget - 1)
        if ordered:
            return f"{value.text} of {text}{self.order(inner, 0)}"
        wanted = self.choose.pick([ty.label("class"), ty.label("kind"), ty.TEXT])
        named = self.attribute_where(inner, lambda t: t == wanted) if self.choose.chance(60) else None
        return f"{(named or value).text} of {text}"

    def said(self, scope: Scope, budget: int) -> str | None:
        """An aggregate that gives a truth."""
        entries = [b for b in builtins("aggregate").values() if b.name in known.SAYINGS]
        entry = self.choose.pick(entries)
        if entry.parameters[0].kind != "C":
            made = self.gathered(entry, scope, budget, ty.TRUTH)
            return None if made is None else made.text
        if entry.name in process_control.RULES:
            return self._series(entry, scope, budget)
        apart = any(p.kind == "tolerance" for p in entry.parameters)
        if self.choose.chance(20):
            items = [self.number("length", scope, 0).text for _ in range(self.choose.below(4))]
            limit = f", {self.literal('length')}" if items and apart and self.choose.chance(50) else ""
            return f"{entry.name}([{', '.join(items)}]{limit})"
        if apart and self.choose.chance(40):
            return self._near(entry.name, scope, budget)
        column = self.column(scope, budget, ordered=entry.ordered)
        return None if column is None else f"{entry.name}({column})"

    def _series(self, entry: Builtin, scope: Scope, budget: int) -> str | None:
        """A Western Electric rule on a column in an order, or on a list, with or without a center and a deviation."""
        dim = self.choose.pick(["length", "ratio"])
        if self.choose.chance(40):
            column = f"[{', '.join(self.number(dim, scope, 0).text for _ in range(self.choose.below(10) + 1))}]"
        else:
            made = self.set(scope, budget)
            if made is None:
                return None
            column = f"{self.number(dim, made[1], budget - 1).text} of {made[0]}{self.order(made[1], 0, False)}"
        given = [self.number(dim, scope, 0).text, f"{0.25 * (1 + self.choose.below(12))}{UNITS[dim]}"]
        given = given[: self.choose.below(len(entry.parameters))]
        return f"{entry.name}({', '.join([column, *given])})"

    def _near(self, name: str, scope: Scope, budget: int) -> str | None:
        """An aggregate of a column of numbers or colours with a tolerance."""
        made = self.set(scope, budget)
        if made is None:
            return None
        text, inner = made
        color = self.attribute_where(inner, lambda t: t.kind == "color") if self.choose.chance(50) else None
        if color is not None:
            return f"{name}({color.text} of {text}, {self.choose.pick([5, 10, 40])})"
        dim = self.choose.pick(["length", "length", "ratio", "area", "angle"])
        value = self.number(dim, inner, budget - 1)
        return f"{name}({value.text} of {text}, {self.literal(dim)})"

    def called(self, dim: str, scope: Scope, budget: int) -> Text | None:
        """A call of a function that gives such a number."""
        entries = [b for b in builtins("function").values() if b.name in known.FUNCTIONS]
        fitting = [b for b in entries if b.result == "same" or _dim(b) == dim]
        fitting = [b for b in fitting if b.name != "unexplained" or self.things.judging]
        if not fitting:
            return None
        entry = self.choose.pick(fitting)
        if entry.name == "round" and dim in ("count", "ratio"):
            return Text(f"round({self.number('ratio', scope, budget).text})", ty.COUNT) if dim == "count" else None
        if entry.result != "same":
            args = self.arguments(entry, scope, budget)
            result = type_named(entry.result)
            assert result is not None
            return None if args is None else Text(f"{entry.name}({args})", result)
        several = len(entry.parameters) + (self.choose.below(2) if entry.parameters[-1].repeats else 0)
        items = [self.number(dim, scope, budget) for _ in range(several)]
        joined = items[0].type
        for i in items[1:]:
            joined = ty.join(joined, i.type) or joined
        return Text(f"{entry.name}({', '.join(i.text for i in items)})", joined) if joined.dim == dim else None

    def arguments(self, entry: Builtin, scope: Scope, budget: int) -> str | None:
        """Arguments of a function, by its declaration."""
        params = list(entry.parameters)
        if params and params[-1].repeats:
            params += [params[-1]] * self.choose.below(2)
        args: list[str] = []
        for p in params:
            made: Text | None
            match p.kind:
                case "P" | "R" | "o":
                    made = self.place(scope, budget) if p.kind != "o" else self.object(scope, budget)
                case "point":
                    made = self.point(scope, budget)
                case "axis":
                    made = self.object(scope, budget) if self.choose.chance(40) else None
                    made = made if made and made.type.domain == ty.OBJECTS else self.number("angle", scope, budget)
                case "color":
                    made = self.color(scope, budget)
                case "text":
                    made = self.attribute_where(scope, lambda t: t == ty.TEXT)
                case "pixels":
                    made = Text(self.choose.pick(ON_PIXELS), ty.TRUTH)
                case "length" | "count" | "ratio" | "area" | "angle":
                    fixed = entry.result == "region" and self.choose.chance(85)
                    share = f"{self.choose.below(11) * 10} %" if fixed and self.choose.chance(50) else None
                    made = Text(share or self.literal(p.kind), ty.LENGTH) if fixed else None
                    made = made or self.number(p.kind, scope, budget - 1)
                case _:
                    return None
            if made is None:
                return None
            args.append(made.text)
        return ", ".join(args)

    def arithmetic(self, dim: str, scope: Scope, budget: int) -> Text | None:
        """Sums, products and quotients of the dimension wanted."""
        op = self.choose.pick("+-*//n")
        if op in "+-":
            a, b = self.number(dim, scope, budget), self.number(dim, scope, budget)
            joined = ty.join(a.type, b.type)
            return Text(f"({a.text} {op} {b.text})", joined) if joined is not None and joined.dim == dim else None
        if op == "n":
            a = self.number(dim, scope, budget)
            return Text(f"(-{a.text})", a.type)
        first, second = dim, self.choose.pick(["count", "ratio"])
        if op == "/" and dim == "ratio":
            first = second = self.choose.pick(["count", "count", "ratio", "length", "area"])
        elif self.choose.chance(30) and dim in ("length", "area"):
            first, second = {"length": ("area", "length"), "area": ("length", "length")}[dim]
        a, b = self.number(first, scope, budget), self.number(second, scope, budget)
        made = ty.product(a.type, b.type, op == "/")
        return Text(f"({a.text} {op} {b.text})", made) if made is not None and made.dim == dim else None

    def chosen(self, dim: str, scope: Scope, budget: int) -> Text | None:
        """A number by case."""
        if self.choose.chance(50):
            a, b = self.number(dim, scope, budget), self.number(dim, scope, budget)
            joined = ty.join(a.type, b.type)
            if joined is None or joined.dim != dim:
                return None
            return Text(f"(if {self.truth(scope, budget)} then {a.text} else {b.text})", joined)
        arms = [self.number(dim, scope, 0) for _ in range(3)]
        if any(a.type != arms[0].type for a in arms):
            arms = [Text(self.literal(dim), _number(dim)) for _ in range(3)]
            if dim in ("count", "ratio"):
                arms = [Text(f"{k}", ty.COUNT) for k in range(3)]
        if arms[0].type.dim != dim:
            return None
        subject, patterns = self.subject(scope, budget)
        cases = [f"{p} -> {a.text}" for p, a in zip(patterns, arms, strict=False)]
        if self.choose.chance(40):
            cases.append(f"else -> {'none' if self.choose.chance(20) else arms[2].text}")
        return Text(f"(match {subject} {{ {', '.join(cases)} }})", arms[0].type)

    def subject(self, scope: Scope, budget: int) -> tuple[str, list[str]]:
        """What a `match` looks at, and two patterns."""
        label = self.attribute_where(scope, lambda t: t.kind == "label" and t.domain == "kind")
        if label is not None and self.choose.chance(40):
            return label.text, [self.choose.pick(KINDS[:3]), f"{self.choose.pick(KINDS[:3])} | {KINDS[1]}"]
        color = self.attribute_where(scope, lambda t: t.kind == "color")
        if color is not None and self.choose.chance(40):
            return color.text, [self.choose.pick(self.things.colors), self.choose.pick(self.things.colors)]
        if self.choose.chance(30):
            made = self.number(self.choose.pick(["length", "ratio", "area"]), scope, budget)
            dim = str(made.type.dim)
            low, high = sorted([self.choose.below(5), self.choose.below(5)])
            unit, step = UNITS[dim], 100 if dim == "area" else 10 if dim == "length" else 1
            return made.text, [f"{low * step} .. {high * step}{unit}", f"0 .. {20 * step}{unit}"]
        counted = self.gathered(builtins("aggregate")["count"], scope, budget, ty.COUNT)
        made = counted if counted and self.choose.chance(60) else self.number("count", scope, budget)
        return made.text, [f"{self.choose.below(3)}", f"{self.choose.below(2)} .. {2 + self.choose.below(2)}"]

    # ---- objects, places, sets ------------------------------------------------------------------------

    def object(self, scope: Scope, budget: int) -> Text | None:
        """One object: a variable, a name with at most one member, or one picked from a set."""
        at_hand = [Text(n, ty.object_of(s)) for n, s in scope.variables]
        at_hand += [Text(n, ty.object_of(ty.OBJECTS)) for n in self.things.singles]
        at_hand += [v for v in self.things.values if v.type.kind == "object"]
        if at_hand and (budget <= 0 or self.choose.chance(70)):
            return self.choose.pick(at_hand)
        if scope.walks >= MOST_WALKS:
            return None
        entry = self.choose.pick([b for b in builtins("aggregate").values() if b.name in known.PICKS])
        return self.gathered(entry, scope, budget - 1, ty.object_of(ty.OBJECTS))

    def order(self, inner: Scope, budget: int, several: bool = True) -> str:
        """` by k`, ascending or descending, now and then round the circle, or by several keys."""
        if inner.bare != ty.REGIONS and self.choose.chance(15):
            way = f"direction({self.choose.pick(['tray', 'image'])}, center)"
            return f" by {self.choose.pick(['', '-'])}{way if self.choose.chance(70) else f'arc({way}, 90 deg)'}"
        keys = [self._key(inner, budget) for _ in range(2 if several and self.choose.chance(30) else 1)]
        return f" by {', '.join(keys)}"

    def _key(self, inner: Scope, budget: int) -> str:
        """A number to order by, now and then its level."""
        dim = self.choose.pick(["length", "length", "count", "area", "ratio"])
        text = self.number(dim, inner, budget).text
        text = f"level({text}, {self.literal(dim)})" if self.choose.chance(20) else text
        return f"{'-' if self.choose.chance(25) else ''}{text}"

    def point(self, scope: Scope, budget: int) -> Text | None:
        """A point."""
        made = self.attribute_where(scope, lambda t: t.kind == "point")
        if made is not None and (budget <= 0 or self.choose.chance(60)):
            return made
        of = [b for b in builtins("function").values() if b.name in known.FUNCTIONS and b.result == "point"]
        entry = self.choose.pick(of)
        args = self.arguments(entry, scope, budget - 1) if budget > 0 else None
        return made if args is None else Text(f"{entry.name}({args})", ty.POINT)

    def region(self, scope: Scope, budget: int) -> Text:
        """A region: a name, or one that is drawn."""
        names = [*self.things.regions, "image"]
        if budget <= 0 or self.choose.chance(60):
            return Text(self.choose.pick(names), ty.REGION)
        of = [b for b in builtins("function").values() if b.name in known.FUNCTIONS and b.result == "region"]
        entry = self.choose.pick(of)
        args = self.arguments(entry, scope, budget - 1)
        if args is not None and entry.refused is not None:  # fixed corners stand in their order, measured ones in any
            args = self.choose.pick([CORNERS, f"{args}, tray.center"])
        return Text(self.choose.pick(names) if args is None else f"{entry.name}({args})", ty.REGION)

    def place(self, scope: Scope, budget: int, solid: bool = False) -> Text | None:
        """An object, a region or a point; `solid`: no point."""
        options: list[Callable[[], Text | None]] = [
            lambda: self.object(scope, budget),
            lambda: self.object(scope, budget),
            lambda: self.region(scope, budget),
        ]
        return self._any(options if solid else [*options, lambda: self.point(scope, budget)])

    def set(self, scope: Scope, budget: int, objects: bool = False) -> tuple[str, Scope] | None:
        """A set in words, and the scope inside a walk over it; None where walks are deep enough."""
        things = self.things
        free = scope.nameable([*things.sets, *things.singles])
        if scope.walks >= MOST_WALKS or not things.sets or not free:
            return None
        store, over = ty.OBJECTS, [self.choose.pick(free)]
        text = over[0]
        grids = scope.nameable(things.grids)
        regions = scope.nameable([*things.region_sets, *things.regions])
        if not objects and grids and self.choose.chance(20):
            text = self.choose.pick(grids)
            over, store = [text], f"grid:{text}"
        elif not objects and regions and self.choose.chance(10):
            text, store = self.choose.pick(regions), ty.REGIONS
            over = [text] if text in things.region_sets else []
        elif self.choose.chance(25):
            over.append(self.choose.pick(free))
            inside = scope.walking(ty.OBJECTS, None, over)
            text = " | ".join(self._part(name, inside, budget - 1) for name in over)
        elif self.choose.chance(6):
            text, over = "unlisted()", []
        mine = [s for _, s in scope.variables]
        if (
            store != ty.REGIONS
            and " " not in text
            and (store in mine or scope.bare == store)
            and self.choose.chance(30)
        ):
            text = f"other {text}"
        name = things.fresh("v") if budget > 0 and self.choose.chance(45) else None
        inner = scope.walking(store, name, [n for n in over if n not in things.singles])
        if name is not None:
            text = f"{text} {name}"
        if budget > 0 and self.choose.chance(35):
            text += f" {self.relation_to(inner, budget - 1)}"
        if budget > 0 and self.choose.chance(35):
            value = self.named_value(inner, budget - 1) if self.choose.chance(25) else None
            if value is not None:
                text, inner = f"{text} with {value[0]}", inner.valued(value[1])
            text += f" where ({self.truth(inner, budget - 1)})"
        return text, inner

    def named_value(self, inner: Scope, budget: int) -> tuple[str, Text] | None:
        """A name for a value of each member: a number, now and then an object or a label."""
        made: Text | None = self.number(self.choose.pick(["length", "count", "ratio", "area"]), inner, budget)
        if self.choose.chance(30):
            made = self.attribute_where(inner, lambda t: t == ty.label("kind") or t.kind == "point")
        name = self.things.fresh("n")
        return None if made is None else (f"{name} = ({made.text})", Text(name, made.type))

    def _part(self, name: str, inside: Scope, budget: int) -> str:
        """A part of a union, with a filter of its own now and then."""
        if budget > 0 and self.choose.chance(20):
            return f"({name} where ({self.truth(inside, budget - 1)}))"
        return name

    def relation_to(self, scope: Scope, budget: int) -> str:
        """A relation word with what stands to the right of it."""
        word = self.choose.pick(sorted(set(builtins("relation")) & known.RELATIONS))
        right: str | None = None
        if word not in known.BETWEEN_CENTRES and self.choose.chance(40):
            made = self.set(scope, budget - 1)
            if made is not None:
                right = f"({made[0]})" if " " in made[0] else made[0]
        if right is None:
            solid = word in ("inside", "outside")
            found = self.place(scope, budget, solid=solid) or self.region(scope, 0)
            right = found.text
        tail = f" within {self.number('length', scope, min(budget, 0)).text}" if word == "near" else ""
        return f"{word} {right}{tail}"

    # ---- colours, labels, lists -----------------------------------------------------------------------

    def color(self, scope: Scope, budget: int) -> Text | None:
        """A measured colour, or a named one."""
        made = self.attribute_where(scope, lambda t: t.kind == "color")
        made = made or self.attribute_of_object(scope, budget, lambda t: t.kind == "color")
        if made is not None and self.choose.chance(75):
            return made
        return Text(self.choose.pick(self.things.colors), ty.COLOR)

    def list(self, scope: Scope, budget: int) -> tuple[str, Callable[[], str], str] | None:
        """A column as a list, a maker of items to compare it with, and how far they may be apart."""
        made = self.set(scope, budget - 1)
        if made is None:
            return None
        text, inner = made
        if inner.bare == ty.OBJECTS or inner.bare in self.things.several:
            text = f"({text}{self.order(inner, 0)})"
        kinds: list[tuple[Callable[[Type], bool], Callable[[], str]]] = [
            (lambda t: t == ty.label("class"), lambda: self.choose.pick(self.things.sets[:2])),
            (lambda t: t == ty.label("kind"), lambda: self.choose.pick(KINDS[:3])),
            (lambda t: t.kind == "color", lambda: self.choose.pick(self.things.colors)),
            (lambda t: t == ty.TEXT, lambda: self.choose.pick(['"A1"', '"B2"'])),
        ]
        fits, item = self.choose.pick(kinds)
        value = self.attribute_where(replace(inner, variables=()), fits) if inner.bare == ty.OBJECTS else None
        limit = str(self.choose.pick([5, 10, 40])) if value is not None and value.type.kind == "color" else ""
        if value is None:
            dim = self.choose.pick(["count", "count", "length", "length", "angle"])
            value, item = self.number(dim, inner, budget - 1), lambda: self.literal(dim)
            limit = "" if dim == "count" else self.literal(dim)
        column = f"{value.text} of {text}"
        return f"[{self.spliced(column, item) if self.choose.chance(35) else column}]", item, limit

    def spliced(self, column: str, item: Callable[[], str]) -> str:
        """The items of a list: a column, now and then twice, with single items beside it."""
        items = [column, item(), *([column] if self.choose.chance(30) else [])]
        return ", ".join([item(), *items] if self.choose.chance(50) else items)

    # ---- conditions -----------------------------------------------------------------------------------

    def truth(self, scope: Scope, budget: int) -> str:
        """A condition that may stand anywhere."""
        if budget <= 0:
            return self.comparison(scope, 0)
        options: list[Callable[[], str | None]] = [
            *[lambda: self.comparison(scope, budget - 1)] * 4,
            *[lambda: self.related(scope, budget - 1)] * 2,
            lambda: self.alike(scope, budget - 1),
            lambda: self.listed(scope, budget - 1),
            lambda: self.among(scope, budget - 1),
            *[lambda: self.quantified(scope, budget - 1)] * 3,
            *[lambda: self.logic(scope, budget - 1)] * 2,
            lambda: self.by_case(scope, budget - 1),
            lambda: self._named_truth(),
            lambda: self.of_texts(scope, self.choose.pick(["=", "!="])),
            lambda: self.said(scope, budget - 1),
        ]
        return self.choose.pick(options)() or self.comparison(scope, budget - 1)

    def _named_truth(self) -> str | None:
        found = self.value_where(lambda t: t.kind == "truth")
        return None if found is None else found.text

    def comparison(self, scope: Scope, budget: int) -> str:
        """A comparison of numbers, with a fixed side more often than not."""
        dim = self.choose.pick(["count", "count", "ratio", "length", "length", "length", "area", "angle"])
        a = self.number(dim, scope, budget)
        assert a.type.dim is not None
        match self.choose.below(6):
            case 0:
                return f"{a.text} in {self.range(a.type)}"
            case 1 if a.type.dim != "count":
                b = self.number(a.type.dim, scope, budget)
                limit = self.literal(a.type.dim) if self.choose.chance(80) else self.number(a.type.dim, scope, 0).text
                return f"{a.text} = {b.text} within {limit}" if ty.join(a.type, b.type) else f"{a.text} < {b.text}"
            case 2 if a.type.dim == "count" and self.things.sets and self.choose.chance(20):
                share = f"{10 * self.choose.below(12)} % * count({self.choose.pick(self.things.sets)})"
                return f"{a.text} {self.choose.pick(['<', '<=', '>', '>='])} {share}"
            case 2 if a.type.dim == "count":
                items = ", ".join(self.literal("count") for _ in range(self.choose.below(4)))
                return f"{a.text} in [{items}]"
            case 3:
                low, high = self.number(dim, scope, 0), self.number(dim, scope, 0)
                first, second = self.choose.pick([("<", "<="), ("<=", "<="), (">", ">="), (">=", ">")])
                return f"{low.text} {first} {a.text} {second} {high.text}"
            case _:
                ops = ("<", "<=", ">", ">=", "=", "!=", "=") if a.type.dim == "count" else ("<", "<=", ">", ">=")
                other = self.number(a.type.dim, scope, budget)
                exact = other.type == ty.COUNT or a.type.dim != "count"
                right = other.text if exact and self.choose.chance(40) else self.limit(a.type)
                return f"{a.text} {self.choose.pick(ops)} {right}"

    def range(self, t: Type) -> str:
        """A range of fixed numbers, the right way round."""
        low, high = sorted([self.choose.below(6), self.choose.below(6)])
        if _takes_shares(t) and self.choose.chance(40):
            return f"{low * 20} .. {high * 20} %"
        _, _, step = SPANS[str(t.dim)]
        shift = 3 if t.dim == "angle" else 0
        step = 25 if t.dim == "angle" else step
        ends = [(k - shift) * step for k in (low, high)]
        if ty.period_deg([t]) is not None:
            ends = [e + self.choose.pick([0, 0, 0, 180, 360, -360]) for e in ends]
            if self.choose.chance(50):  # round by the turn
                ends.reverse()
        return f"{ends[0]:g} .. {ends[1]:g}{UNITS[str(t.dim)]}"

    def related(self, scope: Scope, budget: int) -> str | None:
        """A relation between two things."""
        if scope.bare is not None and self.choose.chance(30):
            return f"({self.relation_to(scope, budget)})"
        word_and_right = self.relation_to(scope, budget)
        solid = word_and_right.startswith("contains")
        left = self.place(scope, budget, solid=solid)
        return None if left is None else f"({left.text} {word_and_right})"

    def alike(self, scope: Scope, budget: int) -> str | None:
        """Equality of labels, texts, colours, points and objects."""
        op = self.choose.pick(["=", "=", "!="])
        match self.choose.below(6):
            case 0:
                return self._pair(scope, op, lambda t: t == ty.label("kind"), self.choose.pick(KINDS[:3]))
            case 1:
                return self.of_texts(scope, op)
            case 2:
                return self._colors(scope, op, budget)
            case 3:
                a, b = self.point(scope, budget), self.point(scope, budget)
                return None if a is None or b is None else f"{a.text} = {b.text} within {self.literal('length')}"
            case 4:
                a, b = self.object(scope, budget), self.object(scope, budget)
                return None if a is None or b is None or a.type != b.type else f"{a.text} {op} {b.text}"
            case _:
                wanted = self.choose.pick(self.things.sets[:3] or ["bolt"])
                return self._pair(scope, op, lambda t: t == ty.label("class"), wanted)

    def text(self, scope: Scope) -> str | None:
        """A text: an attribute, or some of its characters."""
        made = self.attribute_where(scope, lambda t: t == ty.TEXT)
        if made is None or self.choose.chance(60):
            return None if made is None else made.text
        last = self.choose.pick(["", ", 2", ", 3"])
        first = self.choose.pick(["1", "2"])
        if self.choose.chance(20) and not last:  # a 0 that is written, also as a name of `with`, is refused
            place = self.number("count", replace(scope, values=()), 0).text
            first = "1" if place == "0" else place
        return f"characters({made.text}, {first}{last})"

    def of_texts(self, scope: Scope, op: str) -> str | None:
        """Equality of texts, or a function that says something of one."""
        a, b = self.text(scope), self.text(scope)
        if a is None or b is None:
            return None
        if self.choose.chance(25):
            return self.of_dates(scope, a)
        b = b if self.choose.chance(40) else self.choose.pick(['"A1"', '"A"', '"2"'])
        functions = [f for f in builtins("function").values() if f.result == "truth" and f.parameters[0].kind == "text"]
        entry = self.choose.pick(functions) if self.choose.chance(60) else None
        if entry is None:
            return f"{a} {op} {b}"
        others = {"pattern": self.choose.pick(PATTERNS), "system": f'"{self.choose.pick([*SYSTEMS])}"', "text": b}
        return f"{entry.name}({', '.join([a, *(others[p.kind] for p in entry.parameters[1:])])})"

    def of_dates(self, scope: Scope, text: str) -> str:
        """A comparison of dates, or of how many days lie between them."""
        form = self.choose.pick(["", ', "YYYY-MM-DD"', ', "DD.MM.YYYY"', ', "DD.MM.YY"', ', "MM/YY"'])
        given = [v.text for v in self.things.values if v.type == ty.DATE]
        one = f"date_of({text}{form})"
        two = self.choose.pick([*given, 'date_of("2026-11-30")', 'date_of("02/28", "MM/YY")'])
        op = self.choose.pick(["=", "!=", "<", "<=", ">", ">="])
        days = self.choose.pick([0, 1, 30, 400])
        match self.choose.below(5):
            case 0:
                return f"{one} {op} {two}"
            case 1:
                return f"{one} - {two} {op} {days} days"
            case 2:
                return f"{one} + {days} days {op} {two}"
            case 3:
                return f"{one} = {two} within {days} days"
            case _:
                return f'{one} in date_of("2026-01-01") .. {two} + {days} days'

    def _pair(self, scope: Scope, op: str, fits: Callable[[Type], bool], fixed: str) -> str | None:
        """Two attributes of a type, or one and a fixed value."""
        a, b = self.attribute_where(scope, fits), self.attribute_where(scope, fits)
        if a is None or b is None:
            return None
        return f"{a.text} {op} {b.text if self.choose.chance(30) else fixed}"

    def _colors(self, scope: Scope, op: str, budget: int) -> str | None:
        a = self.attribute_where(scope, lambda t: t.kind == "color")
        if a is None:
            return None
        named = self.choose.pick(self.things.colors)
        match self.choose.below(4):
            case 0 if self.choose.chance(40):
                subject, (pattern, *_) = self.subject(scope, budget)
                last = self.choose.pick(["", f", else -> {self.choose.pick(self.things.colors)}", ", else -> none"])
                return f"{a.text} {op} match {subject} {{ {pattern} -> {named}{last} }}"
            case 0:
                return f"{a.text} {op} {named}"
            case 1:
                return f"{a.text} in [{named}, {self.choose.pick(self.things.colors)}]"
            case 2:
                return f'{a.text} = "{self.choose.pick(SHADES)}" within {self.choose.pick([5, 10, 40])}'
            case _:
                b = self.color(scope, budget)
                return None if b is None else f"{a.text} = {b.text} within {self.choose.pick([5, 10, 40])}"

    def listed(self, scope: Scope, budget: int) -> str | None:
        """A list against lists."""
        made = self.list(scope, budget)
        if made is None:
            return None
        text, item, limit = made
        exact = not limit or item() in self.things.colors
        wanted = [f"[{', '.join(item() for _ in range(self.choose.below(4)))}]" for _ in range(2)]
        if exact and self.choose.chance(30):
            return f"{text} in [{', '.join(wanted)}]"
        needed = not exact and wanted[0] != "[]"
        within = f" within {limit}" if needed or (limit and self.choose.chance(80)) else ""
        return f"{text} {self.choose.pick(['=', '=', '!='])} {wanted[0]}{within}"

    def among(self, scope: Scope, budget: int) -> str | None:
        """Whether a label, a text or a count is one of those of a set, or of single ones besides."""
        made = self.set(scope, budget)
        if made is None:
            return None
        text, inner = made
        kinds: list[tuple[Type, Callable[[], str]]] = [
            (ty.label("kind"), lambda: self.choose.pick(KINDS[:3])),
            (ty.TEXT, lambda: self.choose.pick(['"A1"', '"B2"'])),
            (ty.COUNT, lambda: self.literal("count")),
        ]
        wanted, item = self.choose.pick(kinds)
        found = [self.attribute_where(s, lambda t: t == wanted) for s in (scope, replace(inner, variables=()))]
        if wanted == ty.COUNT:
            found = [self.number("count", s, budget - 1) for s in (scope, inner)]
        left, right = found
        if left is None or right is None or left.type != wanted or right.type != wanted:
            return None
        column = f"{right.text} of {text}"
        return f"{left.text} in [{self.spliced(column, item) if self.choose.chance(30) else column}]"

    def quantified(self, scope: Scope, budget: int) -> str | None:
        """`every`, `some`, `no`, in parentheses."""
        made = self.set(scope, budget)
        if made is None:
            return None
        text, inner = made
        word = self.choose.pick(["every", "every", "some", "no"])
        if word != "every":
            return f"({word} {text})"
        if self.choose.chance(20):
            return self.neighbours(scope, budget)
        values = [] if " where " in text else [self.named_value(inner, budget) for _ in range(self.choose.below(3))]
        for number, value in enumerate(v for v in values if v is not None):
            text, inner = f"{text}{', ' if number else ' with '}{value[0]}", inner.valued(value[1])
        return f"(every {text}: {self.truth(inner, budget)})"

    def neighbours(self, scope: Scope, budget: int) -> str | None:
        """`every S a next b by k: P`; None where each set is walked over without a variable."""
        a, b = self.things.fresh("a"), self.things.fresh("b")
        sets, grids = (scope.nameable(found) for found in (self.things.sets, self.things.grids))
        if not sets:
            return None
        store, text = ty.OBJECTS, self.choose.pick(sets)
        if grids and self.choose.chance(15):
            text = self.choose.pick(grids)
            store = f"grid:{text}"
        inner = scope.walking(store, a)
        where = f" where ({self.truth(inner, budget - 1)})" if self.choose.chance(25) else ""
        order = self.order(inner, 0)
        body = self.truth(inner.naming(b, store), budget)
        return f"(every {text} {a} next {b}{where}{order}: {body})"

    def logic(self, scope: Scope, budget: int) -> str:
        """`and`, `or`, `not`, `if`."""
        parts = [f"({self.truth(scope, budget)})" for _ in range(3)]
        match self.choose.below(5):
            case 0:
                return f"(not {parts[0]})"
            case 1:
                return f"(if {parts[0]} then {parts[1]})"
            case 2:
                return f"(if {parts[0]} then {parts[1]} else {parts[2]})"
            case _:
                return f" {self.choose.pick(['and', 'or'])} ".join(parts[: 2 + self.choose.below(2)])

    def by_case(self, scope: Scope, budget: int) -> str | None:
        """A `match` that gives a truth or a label."""
        subject, patterns = self.subject(scope, budget)
        label = self.attribute_where(scope, lambda t: t == ty.label("kind"))
        rest = self.choose.pick(["", ", else -> unknown", "?"])
        if label is not None and self.choose.chance(50):
            cases = [f"{p} -> {self.choose.pick(KINDS[:3])}" for p in patterns]
            tail = ", else -> none" if rest == "?" else rest
            return f"{label.text} = match {subject} {{ {', '.join(cases)}{tail} }}"
        cases = [f"{p} -> ({self.truth(scope, budget)})" for p in patterns]
        tail = f", else -> ({self.truth(scope, budget)})" if rest == "?" else rest
        return f"(match {subject} {{ {', '.join(cases)}{tail} }})"


def _takes_shares(t: Type) -> bool:
    """Whether a percentage has a meaning beside a type: a colour difference and a length of no axis have no whole."""
    return t in (ty.RATIO, ty.AREA) or (t.dim == "length" and t.axis is not None)


def _number(dim: str) -> Type:
    """The type of a literal of a dimension."""
    return {"count": ty.COUNT, "ratio": ty.RATIO, "length": ty.LENGTH, "area": ty.AREA, "angle": ty.ANGLE}[dim]


def _dim(entry: Builtin) -> str | None:
    found = type_named(entry.result)
    return None if found is None else found.dim
