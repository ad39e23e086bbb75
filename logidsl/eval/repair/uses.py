"""The operands of a node, also inside iterations and through declared classes and sets."""

from __future__ import annotations

from logidsl import ir
from logidsl.ir.walk import below, uses_of


def used(program: ir.Program, *roots: int | None) -> list[int]:
    """Nodes and all nodes below them, in order."""

    def parts(node: ir.Node) -> list[int]:
        found = uses_of(node)
        if isinstance(node, ir.Name) and node.thing in ("class", "set"):
            return [*found, *(i for d in declared(program, node.ref) for i in (d.each, d.where) if i is not None)]
        if isinstance(node, ir.Name) and node.thing == "grid":
            grids = [g for g in program.grids if g.name == node.ref]
            return [*found, *(i for g in grids for i in (g.of, *g.rows_at, *g.columns_at) if i is not None)]
        if isinstance(node, ir.Name) and node.thing == "layout":
            return [*found, *(y.of for y in program.layouts if y.name == node.ref and y.of is not None)]
        return found

    return below(program.nodes, [i for i in roots if i is not None], parts)


def declared(program: ir.Program, name: str) -> list[ir.ClassDecl | ir.SetDecl]:
    """The class and the set of a name."""
    return [*(c for c in program.classes if c.name == name), *(s for s in program.sets if s.name == name)]
