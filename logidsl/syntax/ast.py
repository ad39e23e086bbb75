"""What a spec says, before its meaning is known: frozen nodes with spans, which do not affect equality.
The text form and the YAML form both build these.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from logidsl.syntax.node import Node as Node


class Ident(Node):
    """A name where it is declared or listed."""

    name: str


# ---- expressions ----


class Number(Node):
    """`3`, `0.5`; `text` as written."""

    text: str


class Quantity(Node):
    """`20 px`: the number as written, and the unit."""

    text: str
    unit: str


class Text(Node):
    """`"A12"`, without its quotes."""

    value: str


class Ref(Node):
    """A bare name: a thing, a variable, an attribute, a colour or a label."""

    name: str


class Attr(Node):
    """`base.name`."""

    base: Expr
    name: str


class CallExpr(Node):
    """`function(args)`."""

    function: str
    args: tuple[Expr, ...]


class ColumnOf(Node):
    """`value of set`; the set may be a `Phrase`."""

    value: Expr
    of: Expr


class ListExpr(Node):
    """`[a, b]`."""

    items: tuple[Expr, ...]


class RangeExpr(Node):
    """`low .. high`."""

    low: Expr
    high: Expr


class MatchArm(Node):
    """`p | q -> value`; no patterns for `else`. A pattern is Ref, Number, Quantity, Text, RangeExpr or ListExpr."""

    patterns: tuple[Expr, ...]
    value: Expr


class MatchExpr(Node):
    """`match subject { arms }`."""

    subject: Expr
    arms: tuple[MatchArm, ...]


class And(Node):
    """`a and b and c`."""

    parts: tuple[Expr, ...]


class Or(Node):
    """`a or b or c`."""

    parts: tuple[Expr, ...]


class Not(Node):
    """`not a`."""

    part: Expr


class If(Node):
    """`if condition then … else …`."""

    condition: Expr
    then: Expr
    otherwise: Expr | None


class Compare(Node):
    """`a < b <= c`, `a = b within t`, `a != b`: operands and the operators between them."""

    operands: tuple[Expr, ...]
    operators: tuple[str, ...]
    within: Expr | None


class Among(Node):
    """`value in range` or `value in list`."""

    value: Expr
    options: Expr


class Relation(Node):
    """`left word right within …`; `left` is None for the current object.

    `word` has single spaces: `wholly inside`.
    """

    left: Expr | None
    word: str
    right: Expr
    within: Expr | None


class OnView(Node):
    """`part on view`: what is in the pictures of a view."""

    part: Expr
    view: Ident


class Every(Node):
    """`every phrase: body`."""

    phrase: Expr
    body: Expr


class Exists(Node):
    """`some phrase` or `no phrase` (`word`)."""

    word: Literal["some", "no"]
    phrase: Expr


class Phrase(Node):
    """`head with i = E where P by k, j`: a set with names for values of its members, a filter, an order."""

    head: Expr
    names: tuple[Setting, ...]
    where: Expr | None
    by: tuple[Expr, ...]


class Named(Node):
    """`set variable`."""

    of: Expr
    variable: Ident


class Neighbours(Node):
    """`set a next b`."""

    of: Expr
    first: Ident
    second: Ident


class Union(Node):
    """`a | b | c`."""

    parts: tuple[Expr, ...]


class Binary(Node):
    """`a + b`, `a - b`, `a * b`, `a / b`."""

    op: Literal["+", "-", "*", "/"]
    left: Expr
    right: Expr


class Negate(Node):
    """`-a`."""

    part: Expr


class Other(Node):
    """`other set`."""

    of: Expr


Value: TypeAlias = Number | Quantity | Text | Ref | Attr | CallExpr | ColumnOf | ListExpr | RangeExpr | MatchExpr
Condition: TypeAlias = And | Or | Not | If | Compare | Among | Relation | Every | Exists
Collection: TypeAlias = Phrase | Named | Neighbours | OnView | Union | Other
Expr: TypeAlias = Value | Condition | Collection | Binary | Negate

# ---- statements ----


class Version(Node):
    """`logic 1`."""

    number: str


class SpecName(Node):
    """`spec name "about"`."""

    name: Ident
    about: str | None


class Setting(Node):
    """`name = value` after `with`."""

    name: Ident
    value: Expr


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
Declaration: TypeAlias = (
    Param | Color | Region | Grid | Layout | Attribute | Blobs | Object | Derived | Let | Batch | View | Rule | Variant
)
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
