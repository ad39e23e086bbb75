"""A program deeper than any parser would let through, as a tool may write one."""

from __future__ import annotations

from logidsl import ir
from logidsl import types as ty


def nested_program(depth: int) -> ir.Program:
    """`not not … true`, as nodes."""
    at = ir.SourceSpan(line=1, column=1, end_line=1, end_column=2, text="x")
    nodes: list[ir.Node] = [ir.Literal_(type=ty.TRUTH, depth=0, span=at, value=True, written="true")]
    nodes += [ir.Call(fn="not", args=(k,), type=ty.TRUTH, depth=0, span=at) for k in range(depth)]
    rule = ir.Rule(name="deep", node=depth, span=at)
    return ir.Program(nodes=tuple(nodes), rules=(rule,))
