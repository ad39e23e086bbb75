"""What walked objects are called, and plurals.

The current object of an iteration without an inner iteration is `it`. With an inner one, `it` would be ambiguous: the
object then has its variable, or is `that bolt`, or, where both iterate over bolts, a letter. This is settled before any
phrase is made, from what the roots (the conditions and values of the statements) reach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from logidsl import ir

IT = "it"


def parts_of(node: ir.Node) -> list[int]:
    """The operands of a node; a name is described where it is declared."""
    return [] if isinstance(node, ir.Name) else ir.uses_of(node)


def reached(nodes: Sequence[ir.Node], roots: Iterable[int]) -> list[int]:
    """The nodes below some roots, each once, in the order of the program."""
    return ir.below(nodes, roots, parts_of)


def roots_of(program: ir.Program) -> Iterator[list[int]]:
    """The conditions and values of each statement; finally all nodes, for the rest."""
    for each, where in _filters(program):
        yield [each, *([] if where is None else [where])]
    for group in (program.variants, program.rules, program.batch_rules, program.lets, program.regions):
        for named in group:
            yield [named.node]
    yield list(range(len(program.nodes)))


def _filters(program: ir.Program) -> Iterator[tuple[int, int | None]]:
    """The iteration and the filter of each declared set."""
    for k in program.classes:
        if k.each is not None:
            yield k.each, k.where
    for s in program.sets:
        yield s.each, s.where


def spoken(program: ir.Program) -> frozenset[int]:
    """The iterated objects that a rule's label mentions, in a sentence of its own."""
    outcomes = [o for r in (*program.rules, *program.batch_rules) for o in (r.defect, r.low, r.high) if o is not None]
    inside = reached(program.nodes, [o.node for o in outcomes if o.node is not None])
    opened = {n for n in inside if isinstance(program.nodes[n], ir.Binder)}
    return frozenset(opened - {c for n in inside if (c := closed(program.nodes[n])) is not None})


def closed(node: ir.Node) -> int | None:
    """The walk that a node closes."""
    return node.each if isinstance(node, ir.Quantifier | ir.Aggregate) else None


def titles(program: ir.Program) -> dict[int, str]:
    """What each iterated object is called, by the number of its node."""
    nodes = program.nodes
    outer = _with_walks_inside(program)
    taken, found, told = _taken(program), dict[int, str](), spoken(program)
    for body in roots_of(program):
        inside = reached(nodes, body)
        walks = [n for n in inside if isinstance(nodes[n], ir.Binder)]
        nouns = Counter(noun_of(nodes, n) for n in walks)
        letters = (c for c in _letters() if c not in taken)
        for n in walks:
            if n in found:
                continue
            each = nodes[n]
            assert isinstance(each, ir.Binder)
            noun = noun_of(nodes, n)
            if n not in outer and n not in told:
                found[n] = IT
            elif each.var is not None:
                found[n] = each.var
            else:
                found[n] = f"that {noun}" if nouns[noun] == 1 else next(letters)
    for node in nodes:
        if isinstance(node, ir.Quantifier | ir.Aggregate) and node.next is not None:
            assert node.each is not None
            each = nodes[node.each]
            assert isinstance(each, ir.Binder)
            found[node.each] = each.var or found[node.each]
    return found


def noun_of(nodes: Sequence[ir.Node], each: int) -> str:
    """The word for a member of an iterated set."""
    node = nodes[each]
    source = nodes[node.source] if isinstance(node, ir.Binder) else node
    if isinstance(source, ir.Name) and source.thing in ("raw", "class", "set", "grid") and " " not in source.ref:
        return source.ref
    return "region" if str(node.type.domain).startswith("regions") else "object"


def _with_walks_inside(program: ir.Program) -> set[int]:
    """The iterations that contain another one."""
    nodes = program.nodes
    walking = [False] * len(nodes)
    found = set[int]()

    def note(each: int, within: Iterable[int | None]) -> None:
        if any(walking[n] for n in within if n is not None):
            found.add(each)

    for number, node in enumerate(nodes):
        walking[number] = closed(node) is not None or any(walking[n] for n in parts_of(node))
        match node:
            case ir.Quantifier(each=each):
                note(each, (node.where, node.body, node.by))
                if node.next is not None:
                    found.add(each)
            case ir.Aggregate(each=int(each)):
                note(each, (node.where, node.value, node.by))
                if node.next is not None:
                    found.add(each)
                if node.other is not None:
                    note(node.other, (node.other_where,))
    for each, where in _filters(program):
        note(each, (where,))
    return found


def _letters() -> Iterator[str]:
    yield from "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    number = 1
    while True:
        yield f"A{number}"
        number += 1


def _taken(program: ir.Program) -> set[str]:
    """Names that stand for something already."""
    found = {n.ref for n in program.nodes if isinstance(n, ir.Name)}
    found |= {v for n in program.nodes if isinstance(n, ir.Binder | ir.Aggregate) and (v := n.var) is not None}
    found |= {n.value for n in program.nodes if isinstance(n, ir.Literal_) and isinstance(n.value, str)}
    return found


def plurals(program: ir.Program) -> dict[str, str]:
    """The plural of each class, set and grid, or the name itself if the plural looked like another name."""
    names = {n.ref for n in program.nodes if isinstance(n, ir.Name)}
    for group in (program.classes, program.sets, program.grids, program.blobs, program.sources):
        names |= {declared.name for declared in group}
    made = {name: plural(name) for name in names}
    several = Counter(made.values())
    return {name: p if several[p] == 1 and p not in names else name for name, p in made.items()}


def plural(name: str) -> str:
    """The regular plural of a name, or the name if it already seems to be one.

    Examples
    --------
    >>> plural("nut"), plural("box"), plural("berry"), plural("tray"), plural("pills"), plural("a")
    ('nuts', 'boxes', 'berries', 'trays', 'pills', 'a')
    """
    last = name[-1:].lower()
    if len(name) < 3 or not last.isalpha() or last == "s":
        return name
    if name.endswith(("x", "z", "ch", "sh")):
        return f"{name}es"
    if last == "y" and name[-2:-1].lower() not in ("", "_", *"aeiou"):
        return f"{name[:-1]}ies"
    return f"{name}s"
