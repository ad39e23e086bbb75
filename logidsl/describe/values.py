"""Values in words: literals, names, attributes, arithmetic, shares, functions, cases."""

from __future__ import annotations

import re

from logidsl import ir
from logidsl.describe.numbers import decimal, figure, in_unit
from logidsl.describe.phrase_table import Book
from logidsl.describe.phrases import (
    PIXEL,
    Condition,
    Level,
    Noun,
    Phrase,
    Value,
    clause,
    declared_clause,
    enumerated,
    fill,
    following,
    held,
    held_demand,
)
from logidsl.library import REGISTRY, Group
from logidsl.library.comparisons import InRange
from logidsl.types import MM_PER, RATIO

METRIC = tuple(u for unit in MM_PER for u in (unit, f"{unit}2"))


def literal(node: ir.Literal_) -> Phrase:
    """A number as it was written, with its unit; a text in quotes; the name of a label or colour."""
    match node.value:
        case bool():
            return Value("true" if node.value else "false")
        case float():
            return Value(node.written or figure(node.value, node.type), fixed=True)
        case text if node.type.kind == "label":
            return Value(text or "none")
        case "" if node.type.kind != "text":
            return Value("none")
        case text if node.type.kind == "color" and not text.startswith("#"):
            return Value(text)
        case text:
            return Value(f'"{text}"')


def name(book: Book, node: ir.Name) -> Phrase:
    """A declared thing by its name."""
    match node.thing:
        case "raw" | "class" | "set" | "grid":
            return Noun(node.ref, book.plurals.get(node.ref, node.ref))
        case "param":
            return Value(_param(book, node.ref), fixed=node.type.kind == "number")
        case "image":
            return Value("the picture")
        case "pixel":
            return Value("it", each=-1)
        case "pictures":
            return Noun("picture", "pictures")
        case "view":
            return clause(Value("the picture"), "is", "be", f"in the view {node.ref}")
        case "place":
            return Value("the order of the pictures")
        case _ if node.type.kind == "truth":
            return clause(Value(node.ref), "holds", "hold", "")
        case _ if node.type.kind == "set":
            return Noun(f"region of {node.ref}", f"regions of {node.ref}")
        case _:
            return Value(f"the {node.ref}" if _is_member(book, node) else node.ref)


def _param(book: Book, ref: str) -> str:
    """A parameter with its value."""
    found = next((p for p in book.program.params if p.name == ref), None)
    if found is None:
        return ref
    return f"{ref} ({param_value(found, book.program.scale)})"


def param_value(param: ir.Param, scale: ir.Scale | None) -> str:
    """The value of a parameter, in the unit it was declared in."""
    if param.value is None:
        return "to be set"
    if isinstance(param.value, str):
        return f'"{param.value}"'
    return in_unit(param.value, param.type, param.unit, scale)


def _is_member(book: Book, node: ir.Name) -> bool:
    """Whether a name stands for the single member of its set."""
    if node.target is None:
        return False
    nodes = book.program.nodes
    only = nodes[node.target]
    if not isinstance(only, ir.Aggregate) or only.each is None:
        return False
    each = nodes[only.each]
    source = nodes[each.source] if isinstance(each, ir.Binder) else each
    return isinstance(source, ir.Name) and source.ref == node.ref


def column(book: Book, node: ir.Column) -> Phrase:
    """An attribute of an object."""
    of, noun = book.value(node.of), book.attribute(node.attribute)
    owner = of.each if not of.noun else None
    if of.text == "it":
        return Value(f"its {noun}", each=owner, noun=noun)
    return Value(f"the {noun} of {held(of, Level.ATOM)}", each=owner, noun=noun if owner is not None else "")


def arithmetic(book: Book, node: ir.Call) -> Phrase:
    """`a plus b`; a negative number with its sign."""
    entry = REGISTRY["operator", node.fn]
    if entry.negates:
        part = book.value(node.args[0])
        if isinstance(book.program.nodes[node.args[0]], ir.Literal_):
            return Value(f"-{part.text}", fixed=True)
        return Value(f"minus {held(part, Level.ATOM)}", Level.SUM)
    first = book.program.nodes[node.args[0]]
    if isinstance(first, ir.Literal_) and first.type == RATIO and first.written.endswith(METRIC):
        return _by_object(book, first, node.args[1])
    a, b = (held(book.value(n), Level.ATOM) for n in node.args)
    return Value(fill(entry.english, {"0": a, "1": b}), Level.SUM)


def _by_object(book: Book, first: ir.Literal_, known: int) -> Value:
    """A quantity in mm if the scale is an object of known length: as written, and its value."""
    square = book.program.nodes[known]
    if first.written.endswith("2") and isinstance(square, ir.Call):
        worth = f"the square of {held(book.value(square.args[0]), Level.ATOM)}"
    else:
        worth = held(book.value(known), Level.ATOM)
    return Value(f"{first.written} ({decimal(float(first.value))} times {worth})", fixed=True)


def share(book: Book, node: ir.Call) -> Phrase:
    """A share of a side or of the area of the picture, of the part's frame, or of an object."""
    part = book.value(node.args[0])
    words = held(part, Level.ATOM)
    level = Level.ATOM if part.fixed else Level.TERM
    owner = held(book.value(node.args[1]), Level.ATOM) if len(node.args) > 1 else None
    whole = "the picture" if book.program.frame is None else "the frame"
    parts = {"0": words, "1": owner, "whole": f"{whole}'s" if owner is None else "the"}
    return Value(fill(REGISTRY["operator", node.fn].english, parts), level, share=(words, owner or whole))


def listed(book: Book, node: ir.Call) -> Phrase:
    """A list of items, or of lists one after the other."""
    items = [book.value(n) for n in node.args]
    if node.fn == "splice":
        return Value(" followed by ".join(held(i, Level.ATOM) for i in items), Level.SUM)
    return Value(f"[{', '.join(held(i, Level.SUM) for i in items)}]")


def placed(book: Book, node: ir.Call) -> Phrase:
    """A region in the frame of an object; regions as a set."""
    if node.fn == "on_frame":
        shape, owner = book.phrases[node.args[0]], held(book.value(node.args[1]), Level.ATOM)
        if isinstance(shape, Noun):
            return Noun(f"{shape.one} in the frame of {owner}", f"{shape.many} in the frame of {owner}", Level.OPEN)
        return Value(f"{held(book.value(node.args[0]), Level.ATOM)} in the frame of {owner}", Level.TERM)
    parts = [_place(book, n) for n in node.args]
    return Noun(f"region ({enumerated(parts, 'or')})", f"regions ({enumerated(parts)})")


def _place(book: Book, node: int) -> str:
    found = book.phrases[node]
    return f"any of the {found.many}" if isinstance(found, Noun) else held(found, Level.ATOM)


def union(book: Book, node: ir.Call) -> Phrase:
    """Several sets as one."""
    parts = [book.noun(n) for n in node.args]
    ones = [p.one if p.level == Level.ATOM else f"({p.one})" for p in parts]
    return Noun(enumerated(ones, "or"), enumerated([held(p, Level.ATOM) for p in parts]), Level.SUM)


def called(book: Book, node: ir.Call) -> Phrase:
    """A function or a relation, in the words of its declaration."""
    groups: tuple[Group, ...] = ("function", "relation", "pixel")
    entry = next((e for g in groups if (e := REGISTRY.get((g, node.fn))) is not None), None)
    if entry is not None and node.type.kind == "set":
        one, many = (re.sub(r"\[(.*)\|(.*)\]", number, entry.english) for number in (r"\1", r"\2"))
        return Noun(one, many, Level.OPEN)
    args = [_argument(book, node, n) for n in node.args]
    owners = {a.share[1] if a.share else None for a in args}
    by_axis = entry is not None and all(p.axis for p in entry.parameters)
    if by_axis and len(owners) == 1 and None not in owners:
        # every x a share of the width, every y of the height of one thing: name it once
        shares = [Value(a.share[0]) for a in args if a.share]
        found = worded(book, entry.english if entry else "", node, shares)
        owner = str(owners.pop())
        level = Level.ATOM if owner in ("the picture", "the frame") else Level.TERM
        return Value(f"{found.text} of {owner}", level) if isinstance(found, Value) else found
    return worded(book, entry.english if entry else "", node, args)


def _argument(book: Book, node: ir.Call, n: int) -> Value:
    """An argument; a condition on a pixel as what follows `pixels`."""
    if node.fn in ir.MEASURING and n != node.args[0]:
        return Value(following(book.truth(n), PIXEL))
    return book.value(n)


def worded(book: Book, english: str, node: ir.Call, args: list[Value]) -> Phrase:
    """Words with arguments put in."""
    texts = [held(a, Level.ATOM) for a in args]
    if not english:
        book.missing(node.fn)
        english = f"{node.fn} of {{*}}"
    parts: dict[str, str | None] = {str(k): t for k, t in enumerate(texts)}
    parts["*"] = enumerated(texts)
    if "|" in english:
        return declared_clause(english, parts, args[0] if english.startswith("{0} [") else None)
    # a phrase that ends in parentheses needs no others
    return Value(fill(english, parts), Level.ATOM if english.endswith(")") else Level.TERM)


def chosen(book: Book, node: ir.Call) -> Phrase:
    """A value by a condition."""
    condition, then, otherwise = node.args
    words = (held(book.value(then), Level.SUM), held(book.truth(condition), Level.TERM))
    return Value(f"{words[0]} if {words[1]}, otherwise {held(book.value(otherwise), Level.SUM)}", Level.OPEN)


def matched(book: Book, node: ir.Match) -> Phrase:
    """What follows from a value, case by case."""
    subject = held(book.value(node.subject), Level.TERM)
    arms = [_patterns(book, arm) for arm in node.arms]
    if node.type.kind == "truth":
        return _matched_truth(book, node, subject, arms)
    cases = [f"{p}: {held(book.value(a.value), Level.SUM)}" for p, a in zip(arms, node.arms, strict=True)]
    rest = "undecided" if node.otherwise is None else held(book.value(node.otherwise), Level.SUM)
    return Value(f"what follows from {subject} ({'; '.join([*cases, f'anything else: {rest}'])})", Level.TERM)


def _matched_truth(book: Book, node: ir.Match, subject: str, arms: list[str]) -> Condition:
    says, demands = [], []
    for p, arm in zip(arms, node.arms, strict=True):
        found = book.truth(arm.value)
        says.append(f"{p}: {held(found, Level.TERM)}")
        demands.append(f"{p}: {held_demand(found, Level.TERM)}")
    rest = None if node.otherwise is None else book.truth(node.otherwise)
    says.append("anything else: " + ("undecided" if rest is None else held(rest, Level.TERM)))
    demands.append("anything else: " + ("undecided" if rest is None else held_demand(rest, Level.TERM)))
    head = f"what follows from {subject}"
    return Condition(f"{head} holds ({'; '.join(says)})", f"{head} must hold ({'; '.join(demands)})", Level.TERM)


def _patterns(book: Book, arm: ir.Arm) -> str:
    """The patterns of a case: a range by its ends, anything else by itself."""
    words = []
    for pattern in arm.patterns:
        if isinstance(said := ir.comparison(book.program.nodes[pattern]), InRange):
            low, high = (held(book.value(n), Level.SUM) for n in (said.low, said.high))
            words.append(f"{low} to {high}")
        else:
            words.append(held(book.value(pattern), Level.SUM))
    return enumerated(words, "or")
