"""The typed program: what a spec means, flat and serialisable.

`Program.nodes` is a post-ordered list; a node names the nodes it uses by their place in it, so that no
consumer recurses. Front ends produce AST, the checker makes a `Program`, and the evaluator, the
explainer and the documentation read it and nothing else. Imports `types` only.

Numbers are in base units: px, px2, deg, and shares of 1. A share of the frame (`45 %` beside an
x-length) is a call `share_x` of a literal.

Sets and binders. `Each` walks a set: its value is one object on a new axis, and what is said of that
object refers to the node. `Quantifier` and `Aggregate` close the axis that their `each` opened, and see
only members for which `where` holds. `depth` is the number of axes that are open where a node stands
(an `Each` counts itself).
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from logidsl.library import builtins
from logidsl.types import Type

IR_VERSION = 1
#: The version of the language: what `logic 1` names.
LANGUAGE = 1


class Frozen(BaseModel):
    """Base of all IR models: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Frozen):
    """Where in the spec a thing stands: lines and columns from 1, the end just after the last character."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    path: str = ""


class NodeBase(Frozen):
    """What every node has."""

    type: Type
    depth: int
    span: Place


class Literal_(NodeBase):
    """A number in base units, a text, a label, or a named colour (its name)."""

    kind: Literal["literal"] = "literal"
    value: float | str | bool
    written: str = ""


class Name(NodeBase):
    """A thing declared elsewhere.

    `thing` says what: `raw` (a class of the table, before its `where`), `class`, `set`, `grid`, `region` and `let`
    (`target` is the node of the value), `param`, `image` (the frame of the picture), `pixel` (inside `blobs`).
    """

    kind: Literal["name"] = "name"
    thing: Literal["raw", "class", "set", "grid", "region", "param", "let", "image", "pixel"]
    ref: str
    target: int | None = None


class Each(NodeBase):
    """An object that ranges over a set: opens an axis."""

    kind: Literal["each"] = "each"
    source: int
    var: str | None = None


class Column(NodeBase):
    """An attribute of an object."""

    kind: Literal["column"] = "column"
    of: int
    attribute: str


class Call(NodeBase):
    """An operator or function on values of the same rows.

    Operators: `and or not if one_variant`, `+ - * / neg`, `< <= > >= = !=`, `equal_within`, `between`, `one_of`,
    `member`, relation words, `union`, `member_of`, `share_x share_y share_area share_r as_ratio`, `list`, `splice`,
    and the names of the library.
    """

    kind: Literal["call"] = "call"
    fn: str
    args: tuple[int, ...]


class Quantifier(NodeBase):
    """`every`, `some`, `no` over the members of `each` for which `where` holds.

    `next` is the node of the neighbour after each in the order `by`, for `every S a next b by k`.
    """

    kind: Literal["quantifier"] = "quantifier"
    fn: Literal["every", "some", "no"]
    each: int
    where: int | None = None
    body: int | None = None
    by: int | None = None
    next: int | None = None


class Aggregate(NodeBase):
    """A value made from the members of `each` for which `where` holds, ordered by `by`.

    `value` is what is read of each member. With `each` None, `value` is a list. `args` are further
    arguments, which do not see the members. `other` and `other_where` are a second walk, of `paired`.
    `var` is what the spec calls the `next` one.
    """

    kind: Literal["aggregate"] = "aggregate"
    fn: str
    var: str | None = None
    each: int | None
    where: int | None = None
    value: int | None = None
    by: int | None = None
    descending: bool = False
    args: tuple[int, ...] = ()
    other: int | None = None
    other_where: int | None = None


class Arm(Frozen):
    """A case of a match: any of `patterns` (literals, or `between` of two literals) gives `value`."""

    patterns: tuple[int, ...]
    value: int


class Match(NodeBase):
    """The value of the first arm that fits the subject, else of `otherwise`, else undefined: no case."""

    kind: Literal["match"] = "match"
    subject: int
    arms: tuple[Arm, ...]
    otherwise: int | None = None


Node = Annotated[Literal_ | Name | Each | Column | Call | Quantifier | Aggregate | Match, Field(discriminator="kind")]


class Param(Frozen):
    """A value that may be set from outside. `value` is in base units; `unit` is the unit it was declared in."""

    name: str
    type: Type
    value: float | str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    span: Place


class NamedColor(Frozen):
    """A named colour: CIELAB centre (D65) and reach in CIEDE2000; `written` is the centre as the spec has it."""

    name: str
    lab: tuple[float, float, float]
    reach: float = 20.0
    written: str = ""
    span: Place


class Let(Frozen):
    """A named value: a name for its node, which takes its place where the name is used."""

    name: str
    node: int
    span: Place


class Variant(Frozen):
    """A variant of the part: `node` is the condition under which the `rules`, by name, are judged.

    `otherwise`: the condition is that no other variant applies. What it means stands in the rules themselves.
    """

    name: str
    node: int
    otherwise: bool = False
    rules: tuple[str, ...] = ()
    span: Place


class Region(Frozen):
    """A named region: `node` is its value; `of` the set or object whose frame it lives in."""

    name: str
    node: int
    span: Place


class Grid(Frozen):
    """Cells cut from a region, or from each object of a set.

    Either `rows` and `columns` are counts, or `rows_at` / `columns_at` are nodes of the cutting places: lengths from
    where the owner begins, or where the owner is a set ratios, which are shares of each owner's side.
    `of` is a region node, a set node (one grid for each member), or None for the whole picture.
    """

    name: str
    rows: int = 1
    columns: int = 1
    rows_at: tuple[int, ...] = ()
    columns_at: tuple[int, ...] = ()
    of: int | None = None
    of_set: bool = False
    span: Place


class Attribute(Frozen):
    """A declared attribute: a list of labels, or a type."""

    name: str
    type: Type
    labels: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    span: Place


class Step(Frozen):
    """A step of a `blobs` statement: `open`, `close` (`args` is one length node), `fill`, `split`."""

    name: str
    args: tuple[int, ...] = ()
    span: Place


class Blobs(Frozen):
    """Pixels for which `where` holds, cleaned by `steps`, joined into objects of class `name`.

    `where` is a truth node over the attributes (`color lightness hue saturation edge`) of `pixel`, a `Name`
    node of thing `pixel`.
    """

    name: str
    where: int
    steps: tuple[Step, ...] = ()
    span: Place


class SourceDecl(Frozen):
    """`object NAME = fn(…)`: where a picture is seen, rows of class `name` come from reading, a template or a detector.

    `file` is a picture or a model, its path below the folder of the spec, with `/`. `score` is the least confidence.
    `of` is the node of the region to look in, None for the whole picture. A template may be turned by `turn_deg` to
    either side, and greater or smaller by the share `stretch`. `names` and `numbers` are classes of a detector.
    """

    name: str
    fn: Literal["read_text", "read_code", "template", "detect"]
    file: str | None = None
    score: float | None = None
    of: int | None = None
    turn_deg: float = 0.0
    stretch: float = 0.0
    names: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    span: Place


class ClassDecl(Frozen):
    """A class of the table. `aliases` are the names that the source gives it; `where`, over `each`, narrows it."""

    name: str
    aliases: tuple[str, ...] = ()
    each: int | None = None
    where: int | None = None
    single: bool = False
    span: Place


class SetDecl(Frozen):
    """A derived set: the members of `each` for which `where` holds."""

    name: str
    each: int
    where: int | None = None
    single: bool = False
    span: Place


class Doubtful(Frozen):
    """Confidences from `low` up to, not including, `high` are doubtful; below `low` an object is dropped."""

    low: float
    high: float
    classes: tuple[str, ...] = ()
    span: Place


class Keep(Frozen):
    """`keep best of classes where overlap > share`: of two that overlap so much only the better stays."""

    classes: tuple[str, ...]
    share: float
    strict: bool = True
    span: Place


class Put(Frozen):
    """An object of a test's scene: its class, the four edges of its box, and further values, as nodes."""

    name: str
    box: tuple[int, int, int, int]
    values: dict[str, int] = {}
    span: Place


class Expect(Frozen):
    """What a test expects: a verdict, of the image or of the rules named, or a defect label."""

    verdict: Literal["pass", "fail", "review"] | None = None
    rules: tuple[str, ...] = ()
    defect: str | None = None
    span: Place


class TestCase(Frozen):
    """A test inside a spec: a scene, from a file or put together on an empty picture, and what is expected."""

    __test__ = False  # not one of pytest's

    title: str
    file: str | None = None
    width: float = 0.0
    height: float = 0.0
    puts: tuple[Put, ...] = ()
    expects: tuple[Expect, ...] = ()
    span: Place


class Outcome(Frozen):
    """What a rule says when it is broken: a fixed label, or the node of a match that gives it."""

    label: str | None = None
    node: int | None = None


class Rule(Frozen):
    """A rule: `node` must be true. `cardinality` names the class or set whose cardinality it states."""

    name: str
    node: int
    about: str | None = None
    anomaly: str | None = None
    defect: Outcome | None = None
    low: Outcome | None = None
    high: Outcome | None = None
    severity: str | None = None
    message: str | None = None
    message_nodes: dict[str, int] = {}
    cardinality: str | None = None
    span: Place


class Scale(Frozen):
    """Millimetres in one pixel, along x and y."""

    mm_per_px_x: float
    mm_per_px_y: float

    @property
    def stretch(self) -> float:
        """How many times as high as wide a pixel is: 1 where it is square."""
        ratio = self.mm_per_px_y / self.mm_per_px_x
        return 1.0 if abs(ratio - 1.0) <= 1e-9 else ratio


class Camera(Frozen):
    """What was calibrated: the size of its pictures in px, and its lens, where it was measured.

    `matrix` is the camera matrix, row by row, `distortion` the coefficients k1 k2 p1 p2 k3 … in OpenCV's order.
    """

    width: int
    height: int
    matrix: tuple[float, ...] | None = None
    distortion: tuple[float, ...] = ()


class Program(Frozen):
    """A checked spec."""

    format: Literal["logidsl-ir"] = "logidsl-ir"
    version: int = IR_VERSION
    language: int = LANGUAGE
    name: str | None = None
    about: str | None = None
    path: str = ""
    params: tuple[Param, ...] = ()
    scale: Scale | None = None
    camera: Camera | None = None
    frame: int | None = None
    doubtful: tuple[Doubtful, ...] = ()
    colors: tuple[NamedColor, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    classes: tuple[ClassDecl, ...] = ()
    sets: tuple[SetDecl, ...] = ()
    lets: tuple[Let, ...] = ()
    regions: tuple[Region, ...] = ()
    grids: tuple[Grid, ...] = ()
    blobs: tuple[Blobs, ...] = ()
    sources: tuple[SourceDecl, ...] = ()
    keeps: tuple[Keep, ...] = ()
    tests: tuple[TestCase, ...] = ()
    rules: tuple[Rule, ...] = ()
    variants: tuple[Variant, ...] = ()
    nodes: tuple[Node, ...] = ()

    @cached_property
    def pixel_nodes(self) -> frozenset[int]:
        """Nodes that speak of a pixel: seeing evaluates them, judging does not."""
        found, functions = set[int](), builtins("pixel")
        for number, node in enumerate(self.nodes):
            about = (isinstance(node, Name) and node.thing == "pixel") or (
                isinstance(node, Call) and node.fn in functions
            )
            used = node.args if isinstance(node, Call) else (node.of,) if isinstance(node, Column) else ()
            if about or not found.isdisjoint(used):
                found.add(number)
        return frozenset(found)

    def classes_below(self, node: int) -> frozenset[str]:
        """Classes of the table that the value of a node depends on, by way of sets, filters and sources too."""
        uses: dict[str, list[int]] = {}
        walks = [(c.name, c.each, c.where) for c in self.classes] + [(s.name, s.each, s.where) for s in self.sets]
        for name, each, where in walks:
            uses[name] = [i for i in (each, where) if i is not None]
        for source in self.sources:
            uses[source.name] = [*uses.get(source.name, ()), *(() if source.of is None else (source.of,))]
        names, seen, waiting = set[str](), set[int](), [node]
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            found = self.nodes[number]
            waiting += uses_of(found)
            if isinstance(found, Name) and found.thing in ("raw", "class", "set") and found.ref not in names:
                names.add(found.ref)
                waiting += uses.get(found.ref, ())
        return frozenset(names & {c.name for c in self.classes})

    @property
    def sees(self) -> bool:
        """Whether the spec says how objects are seen in a picture."""
        return bool(self.blobs or self.sources)

    @cached_property
    def marks(self) -> list[str]:
        """A digest of each node: two nodes that mean the same, at one depth, have the same."""
        return _marks(self)

    @property
    def hash(self) -> str:
        """What the program means, as 16 hex digits.

        Comments, spelling, the order of statements and places in the text make no difference; every value of
        a parameter does. Nodes are hashed by what they are made of, so their numbers make none either.
        """
        marks = self.marks
        parts: list[object] = [IR_VERSION, self.language]
        groups = (self.params, self.colors, self.attributes, self.classes, self.sets, self.regions, self.grids)
        for group in (*groups, self.blobs, self.sources, self.keeps, self.doubtful, self.rules):
            parts += [sorted(json.dumps(_bare(item, marks), sort_keys=True) for item in group)]
        parts.append(self.scale.model_dump() if self.scale else None)
        parts.append(None if self.frame is None else marks[self.frame])
        parts += [self.camera.model_dump()] if self.camera else []
        return _digest(parts)

    def to_json(self, indent: int | None = None) -> str:
        """The program as JSON text."""
        return self.model_dump_json(indent=indent)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The program of a JSON text that `to_json` made.

        Raises
        ------
        pydantic.ValidationError
            If the text is not a program.
        """
        return cls.model_validate_json(text)


def uses_of(node: Node) -> list[int]:
    """The nodes that a node uses."""
    found: list[int] = []
    for name, value in () if isinstance(node, Literal_) else node:
        if name in _NODE_FIELDS:
            found += value if isinstance(value, tuple) else [] if value is None else [value]
    if isinstance(node, Match):
        found += [i for arm in node.arms for i in (*arm.patterns, arm.value)]
    return found


#: Fields that hold the number of a node, by the model that has them.
_NODE_FIELDS = frozenset(
    {"target", "source", "of", "each", "where", "body", "by", "next", "value", "subject", "otherwise", "node"}
    | {"args", "patterns", "rows_at", "columns_at", "other", "other_where"}
)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _marks(program: Program) -> list[str]:
    """A digest of each node, from the digests of the nodes it uses."""
    marks: list[str] = []
    for node in program.nodes:
        marks.append(_digest(_bare(node, marks)))
    return marks


def _bare(item: BaseModel, marks: list[str]) -> dict[str, object]:
    """Fields of a model without places in the text, with digests in place of the numbers of nodes."""
    found: dict[str, object] = {"": type(item).__name__}
    for name, value in item:
        if name in ("span", "written", "var"):
            continue
        if name == "message_nodes":
            found[name] = {k: marks[v] for k, v in sorted(value.items())}
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            found[name] = [_bare(v, marks) for v in value]
        elif isinstance(value, BaseModel):
            found[name] = _bare(value, marks)
        elif name in _NODE_FIELDS and isinstance(value, tuple) and all(isinstance(v, int) for v in value):
            found[name] = [marks[v] for v in value]
        elif name in _NODE_FIELDS and isinstance(value, int) and not isinstance(value, bool):
            found[name] = marks[value]
        elif isinstance(value, Type):
            found[name] = str(value)
        else:
            found[name] = value
    return found
