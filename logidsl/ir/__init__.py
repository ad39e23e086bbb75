"""The typed program: the meaning of a spec, flat and serialisable.

`Program.nodes` is a post-ordered list; a node refers to its operands by index, so that no consumer recurses. Front ends
produce AST, the checker makes a `Program`, and the evaluator, `describe` and `lint` read it.

Numbers are in base units: px, px2, deg, and shares of 1. A share of the frame (`45 %` beside an
x-length) is a call `share_x` of a literal.
"""

from __future__ import annotations

from logidsl.ir.declarations import (
    Attribute,
    Blobs,
    Camera,
    ClassDecl,
    Doubtful,
    Expect,
    Grid,
    Keep,
    Layout,
    LayoutPlace,
    Let,
    NamedColor,
    Outcome,
    Param,
    Put,
    Region,
    Rule,
    Scale,
    SetDecl,
    SourceDecl,
    Step,
    TestCase,
    Variant,
)
from logidsl.ir.nodes import (
    Aggregate,
    Arm,
    Binder,
    Call,
    Column,
    Literal_,
    Match,
    Name,
    Node,
    NodeBase,
    NodeId,
    Quantifier,
)
from logidsl.ir.program import IR_VERSION, LANGUAGE, MEASURING, Program, defects_of
from logidsl.ir.walk import below, closes, comparison, counting, entry_of, followed, key_of, reads_picture, uses_of
from logidsl.source import SourceSpan

__all__ = [
    "IR_VERSION",
    "LANGUAGE",
    "MEASURING",
    "Aggregate",
    "Arm",
    "Attribute",
    "Binder",
    "Blobs",
    "Call",
    "Camera",
    "ClassDecl",
    "Column",
    "Doubtful",
    "Expect",
    "Grid",
    "Keep",
    "Layout",
    "LayoutPlace",
    "Let",
    "Literal_",
    "Match",
    "Name",
    "NamedColor",
    "Node",
    "NodeBase",
    "NodeId",
    "Outcome",
    "Param",
    "Program",
    "Put",
    "Quantifier",
    "Region",
    "Rule",
    "Scale",
    "SetDecl",
    "SourceDecl",
    "SourceSpan",
    "Step",
    "TestCase",
    "Variant",
    "below",
    "closes",
    "comparison",
    "counting",
    "defects_of",
    "entry_of",
    "followed",
    "key_of",
    "reads_picture",
    "uses_of",
]
