"""What a spec says, before its meaning is known: frozen nodes with spans, which do not affect equality.
The text form and the YAML form both build these.
"""

# ruff: noqa: F405
from __future__ import annotations

from typing import Literal, TypeAlias

from logidsl.syntax.expressions import *  # noqa: F403
from logidsl.syntax.node import Node as Node


class Version(Node):
    """`logic 1`."""

    number: str


class SpecName(Node):
    """`spec name "about"`."""

    name: Ident
    about: str | None


class Import(Node):
    """`import "file" with settings`."""

    path: Text
    settings: tuple[Setting, ...]


class Param(Node):
    """`param name = value in range`; without a value it must be set from outside."""

    name: Ident
    value: Expr | None
    bounds: RangeExpr | None


class Scale(Node):
    """`scale 250 px = 20 mm by 21 mm`, `scale bolt.length = 20 mm`, `scale "camera.json"` (then without a size)."""

    pixels: Quantity | Attr | Text
    size: Quantity | None
    size_y: Quantity | None


class Doubtful(Node):
    """`doubtful 0.3 .. 0.6 of classes`."""

    range: RangeExpr
    of: Expr | None


class FrameDecl(Node):
    """`frame turned(plate, notch)`."""

    call: CallExpr


class Color(Node):
    """`color name = "#hex" within reach`."""

    name: Ident
    value: Text
    reach: Number | None


class Region(Node):
    """`region name = shape of frame`."""

    name: Ident
    value: Expr
    of: Expr | None


class Split(Node):
    """The division of a grid: into `count` equal parts, or `at` places."""

    by: Literal["rows", "columns"]
    count: int | None
    at: ListExpr | None


class Grid(Node):
    """`grid name = 3 rows, 5 columns of region`."""

    name: Ident
    splits: tuple[Split, ...]
    of: Expr | None


class Layout(Node):
    """`layout name "golden.csv" of frame`."""

    name: Ident
    file: Text
    of: Expr | None


class Attribute(Node):
    """`attribute name "source" of classes: a | "b+" | c`."""

    name: Ident
    aliases: tuple[Text, ...]
    of: Expr | None
    options: tuple[Ident | Text, ...]


class Blobs(Node):
    """`blobs name where P then step() then step()`."""

    name: Ident
    where: Expr
    steps: tuple[CallExpr, ...]


class Keep(Node):
    """`keep best of set where P`."""

    phrase: Expr


class Cardinality(Node):
    """`: 2`, `: 1 .. 3`, `: at least 1`, `: at most 1`. `word` is `exactly`, `between`, `at least` or `at most`."""

    word: Literal["exactly", "between", "at least", "at most"]
    value: Expr


class Outcome(Node):
    """`defect L`, `low L`, `high L`, `severity NAME`, `verdict NAME`, `message "…"`.

    `value` is Ident, Text or MatchExpr.
    """

    word: Literal["defect", "low", "high", "severity", "verdict", "message"]
    value: Ident | Text | MatchExpr


class Object(Node):
    """`object name "alias" where P: 2 defect L`. `object a, b` gives one of these for each name."""

    name: Ident
    aliases: tuple[Text, ...]
    where: Expr | None
    cardinality: Cardinality | None
    outcomes: tuple[Outcome, ...]


class Derived(Node):
    """`object name = phrase: 2 defect L`."""

    name: Ident
    phrase: Expr
    cardinality: Cardinality | None
    outcomes: tuple[Outcome, ...]


class Let(Node):
    """`let name = value`."""

    name: Ident
    value: Expr


class BatchKey(Node):
    """What tells pictures of a batch or a view from others: a column, or with `word` (`path`) a pattern of the path."""

    word: Ident | None
    value: Ident | Text


class BatchOrder(Node):
    """`ordered by column`; `word` as written."""

    word: Ident
    column: Ident | Text


class Batch(Node):
    """`batch name by key ordered by column`; without a key all pictures of a run."""

    name: Ident
    key: BatchKey | None
    order: BatchOrder | None


class View(Node):
    """`view name of batch by key = value`."""

    name: Ident
    of: Ident
    key: BatchKey
    value: Text | Number | None


class Rule(Node):
    """`rule name "about" over batch as kind: body outcomes`; `over` is Ref or CallExpr."""

    name: Ident
    about: str | None
    over: Expr | None
    anomaly: Ident | None
    body: Expr
    outcomes: tuple[Outcome, ...]


class Variant(Node):
    """`variant name when P { … }`; `when` is None for `otherwise`."""

    name: Ident
    when: Expr | None
    statements: tuple[Statement, ...]


class Put(Node):
    """`put class box(…) with settings`."""

    name: Ident
    shape: CallExpr
    settings: tuple[Setting, ...]


class Expect(Node):
    """`expect pass`, `expect fail rule, rule`, `expect defect label`."""

    verdict: Ident | None
    rules: tuple[Ident, ...]
    defect: Ident | Text | MatchExpr | None


class Test(Node):
    """`test "name" on scene put … expect …`: the scene is a file, or the size of an empty one."""

    title: Text
    scene: Text | None
    size: tuple[Quantity, Quantity] | None
    puts: tuple[Put, ...]
    expects: tuple[Expect, ...]


Unnamed: TypeAlias = Import | Scale | Doubtful | FrameDecl | Keep
#: What has a name in the namespace of objects, places and values.
Thing: TypeAlias = Object | Derived | Grid | Layout | Region | Let | Param | Blobs
Declaration: TypeAlias = Thing | Color | Attribute | Batch | View | Rule | Variant
Statement: TypeAlias = Unnamed | Declaration | Test


class Comment(Node):
    """`# text`, kept for the formatter."""

    text: str


class File(Node):
    """A whole file.

    `broken` has the names that statements with a mistake were about to declare, whose users make no second mistake;
    `unread` has those of rules too. Comments and these are not compared.
    """

    version: Version | None
    spec: SpecName | None
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()
    broken: tuple[Ident, ...] = ()
    unread: tuple[Ident, ...] = ()
