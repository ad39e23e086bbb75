"""Nodes: literal, name, binder, column, call, quantifier, aggregate, match. Every operator is a call.

A `Binder` iterates over a set: its value is one object on a new axis, and nodes about that object refer to it.
`Quantifier` and `Aggregate` close the axis that their `each` opened, and see only members for which `where` holds.
`depth` is the number of open axes at a node (a `Binder` counts itself).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from logidsl.records import Record, made
from logidsl.source import SourceSpan
from logidsl.types import Type

#: The number of a node: its place in `Program.nodes`.
NodeId: TypeAlias = Annotated[int, "node"]


class NodeBase(Record):
    """What every node has."""

    type: Type
    depth: int
    span: SourceSpan


class Literal_(NodeBase):
    """A number in base units, a text, a label, or a named colour (its name)."""

    kind: Literal["literal"] = "literal"
    value: float | str | bool
    written: str = ""


class Name(NodeBase):
    """A thing declared elsewhere.

    `thing` says what: `raw` (a class of the table, before its `where`), `class`, `set`, `grid`, `region` and `let`
    (`target` is the node of the value), `layout`, `param`, `image` (the picture), `pixel` (inside `blobs`). Under a
    rule over several pictures also `pictures` (those of the batch), `view` (whether the picture belongs to one), and
    `place` (where a member stands in the order of the pictures).
    """

    kind: Literal["name"] = "name"
    thing: Literal[
        "raw", "class", "set", "grid", "region", "layout", "param", "let", "image", "pixel", "pictures", "view", "place"
    ]
    ref: str
    target: NodeId | None = None


class Binder(NodeBase):
    """An object that ranges over a set: opens an axis."""

    kind: Literal["each"] = "each"
    source: NodeId
    var: str | None = None


class Column(NodeBase):
    """An attribute of an object."""

    kind: Literal["column"] = "column"
    of: NodeId
    attribute: str


class Call(NodeBase):
    """An operator or function on values of the same rows.

    Operators: `and or not if one_variant`, `+ - * / neg`, `< <= > >= = !=`, `equal_within`, `between`, `one_of`,
    `member`, relation words, `union`, `member_of`, `share_x share_y share_area share_r as_ratio`, `list`, `splice`,
    `of_member` (a value of a member, or of its picture, in a rule over several), `as_share` (1 where a truth holds,
    else 0), and the names of the library.
    """

    kind: Literal["call"] = "call"
    fn: str
    args: tuple[NodeId, ...]


class Quantifier(NodeBase):
    """`every`, `some`, `no` over the members of `each` for which `where` holds.

    `next` is the node of the successor of each in the order `by`, for `every S a next b by k`. `named` are the
    spec's names for values of each member, for findings to show.
    """

    kind: Literal["quantifier"] = "quantifier"
    fn: Literal["every", "some", "no"]
    each: NodeId
    where: NodeId | None = None
    body: NodeId | None = None
    by: NodeId | None = None
    next: NodeId | None = None
    named: dict[str, NodeId] = made(factory=dict)


class Aggregate(NodeBase):
    """A value computed from the members of `each` for which `where` holds, ordered by `by`.

    `value` is the column of the members. If `each` is None, `value` is a list. `args` are further arguments, which do
    not see the members. `other` and `other_where` are a second iteration, for `paired`. `var` is the spec's name for
    the `next` one; it and a key (`level`, and `keys`, the order by several, of `args`) have a value for each member.
    `cyclic`: the order is cyclic, so that the last of `steps` and `next` is followed by the first. `next` is the node
    of the successor of each, for a column of `S a next b by k`: the members are those that have one.
    """

    kind: Literal["aggregate"] = "aggregate"
    fn: str
    var: str | None = None
    each: NodeId | None
    where: NodeId | None = None
    next: NodeId | None = None
    value: NodeId | None = None
    by: NodeId | None = None
    descending: bool = False
    cyclic: bool = False
    args: tuple[NodeId, ...] = ()
    other: NodeId | None = None
    other_where: NodeId | None = None


class Arm(Record):
    """A case of a match: any of `patterns` (literals, or `between` of two literals) returns `value`."""

    patterns: tuple[NodeId, ...]
    value: NodeId


class Match(NodeBase):
    """The value of the first arm that fits the subject, otherwise of `otherwise`, otherwise undefined: no case."""

    kind: Literal["match"] = "match"
    subject: NodeId
    arms: tuple[Arm, ...]
    otherwise: NodeId | None = None


Node: TypeAlias = Literal_ | Name | Binder | Column | Call | Quantifier | Aggregate | Match
