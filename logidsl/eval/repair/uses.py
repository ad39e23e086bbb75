"""What a node is made from, inside walks and by way of names too."""

from __future__ import annotations

from logidsl import ir


def used(program: ir.Program, i: int) -> list[int]:
    """A node and all that it is made from, in their order."""
    found, waiting = {i}, [i]
    while waiting:
        for k in _parts(program, program.nodes[waiting.pop()]):
            if k not in found:
                found.add(k)
                waiting.append(k)
    return sorted(found)


def _parts(program: ir.Program, node: ir.Node) -> list[int]:
    match node:
        case ir.Name(thing="class" | "set"):
            return [k for d in declarations(program, node.ref) for k in _given(d.each, d.where)]
        case ir.Name(thing="grid"):
            return [k for g in program.grids if g.name == node.ref for k in (*_given(g.of), *g.rows_at, *g.columns_at)]
        case _:
            return ir.uses_of(node)


def declarations(program: ir.Program, name: str) -> list[ir.ClassDecl | ir.SetDecl]:
    """The class or set of a name."""
    classes: list[ir.ClassDecl | ir.SetDecl] = [c for c in program.classes if c.name == name]
    return [*classes, *(s for s in program.sets if s.name == name)]


def _given(*nodes: int | None) -> list[int]:
    return [k for k in nodes if k is not None]


def judged_alone(program: ir.Program, each: int, where: int | None) -> bool:
    """Whether no other object takes part in deciding what is a member of a walk.

    Of what `keep best` settles, one that goes may bring back another.
    """
    if program.keeps:
        return False
    nodes = [program.nodes[k] for i in (each, where) if i is not None for k in used(program, i)]
    return not any(isinstance(n, ir.Aggregate | ir.Quantifier) for n in nodes)
