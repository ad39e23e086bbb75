"""The parts of a program beside its nodes: declarations, rules, tests. Their values are nodes."""

from __future__ import annotations

from typing import ClassVar, Literal

from logidsl.ir.nodes import NodeId
from logidsl.records import Record, made
from logidsl.source import SourceSpan
from logidsl.types import Type


class Param(Record):
    """A value that can be set from outside. `value` is in base units; `unit` is the unit it was declared in.

    `value` is None if it must be set and is not; `written` is the value as it was written where it was set.
    """

    name: str
    type: Type
    value: float | str | None
    unit: str = ""
    written: str = ""
    low: float | None = None
    high: float | None = None
    span: SourceSpan


class NamedColor(Record):
    """A named colour: CIELAB centre (D65) and reach in CIEDE2000; `written` is the centre as in the spec."""

    name: str
    lab: tuple[float, float, float]
    reach: float = 20.0
    written: str = ""
    span: SourceSpan


class Let(Record):
    """A named value: a name for its node, which replaces the name where it is used."""

    name: str
    node: NodeId
    span: SourceSpan


class Variant(Record):
    """A variant of the part: `node` is the condition under which the `rules`, by name, are judged.

    `otherwise`: the condition is that no other variant applies. The rules themselves contain their conditions.
    """

    name: str
    node: NodeId
    otherwise: bool = False
    rules: tuple[str, ...] = ()
    span: SourceSpan


class Region(Record):
    """A named region: `node` is its value; `of` the set or object in whose frame it lies."""

    name: str
    node: NodeId
    span: SourceSpan


class Grid(Record):
    """Cells cut from a region, or from each object of a set.

    Either `rows` and `columns` are counts, or `rows_at`
    `columns_at` are nodes of the dividing places: lengths from the start of the owner, or, if the owner is a set,
    shares of each owner's side. `of` is a region node, a set node (one grid for each member), or None for the whole
    picture.
    """

    name: str
    rows: int = 1
    columns: int = 1
    rows_at: tuple[NodeId, ...] = ()
    columns_at: tuple[NodeId, ...] = ()
    of: NodeId | None = None
    of_set: bool = False
    span: SourceSpan

    @property
    def lines(self) -> dict[str, int]:
        """The number of rows and columns, by the attribute of a cell that counts them."""
        rows, columns = len(self.rows_at) + 1, len(self.columns_at) + 1
        return {"row": rows if self.rows_at else self.rows, "col": columns if self.columns_at else self.columns}


class LayoutPlace(Record):
    """A place for a part of a class or set: its centre on the axes of the layout, px."""

    name: str
    x: float
    y: float


class Layout(Record):
    """`layout NAME "file" of …`: places, read from a file below the spec's folder.

    `of` is the node of the frame, region or object on whose axes they lie, None for the picture. `digest` is that of
    the file; it is empty, and there are no places, until the file is read.
    """

    name: str
    file: str
    of: NodeId | None = None
    digest: str = ""
    places: tuple[LayoutPlace, ...] = ()
    span: SourceSpan


class Attribute(Record):
    """A declared attribute: a list of labels, or a type."""

    name: str
    type: Type
    labels: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    span: SourceSpan


class Step(Record):
    """A step of a `blobs` statement: `open`, `close` (`args` is one length node), `fill`, `split`."""

    name: str
    args: tuple[NodeId, ...] = ()
    span: SourceSpan


class Blobs(Record):
    """Pixels for which `where` holds, cleaned by `steps`, joined into objects of class `name`.

    `where` is a truth node over the attributes (`color lightness hue saturation edge`) of `pixel`, a `Name`
    node of thing `pixel`.
    """

    name: str
    where: NodeId
    steps: tuple[Step, ...] = ()
    span: SourceSpan


class SourceDecl(Record):
    """`object NAME = fn(…)`: rows of class `name` are found in a picture by reading, a template or a model.

    `file` is a picture, a detector or a parts file, its path below the spec's folder, with `/`. `score` is the minimum
    confidence. `of` is the node of the region to search, None for the whole picture. A template may be rotated by
    `turn_deg` to either side, and larger or smaller by the share `stretch`. `names` and `numbers` are classes of a
    model.
    """

    name: str
    fn: str
    file: str | None = None
    score: float | None = None
    of: NodeId | None = None
    turn_deg: float = 0.0
    stretch: float = 0.0
    names: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    span: SourceSpan


class ClassDecl(Record):
    """A class of the table. `aliases` are its names in the source; `where`, over `each`, narrows it."""

    name: str
    aliases: tuple[str, ...] = ()
    each: NodeId | None = None
    where: NodeId | None = None
    single: bool = False
    span: SourceSpan


class SetDecl(Record):
    """A derived set: the members of `each` for which `where` holds."""

    name: str
    each: NodeId
    where: NodeId | None = None
    single: bool = False
    span: SourceSpan


class Doubtful(Record):
    """Confidences from `low` up to, not including, `high` are doubtful; below `low` an object is dropped."""

    low: float
    high: float
    classes: tuple[str, ...] = ()
    span: SourceSpan


class Keep(Record):
    """`keep best of classes where overlap > share`: of two that overlap by more, only the better is kept."""

    classes: tuple[str, ...]
    share: float
    strict: bool = True
    span: SourceSpan


class Put(Record):
    """An object of a test's scene: its class, the four edges of its box, and further values, as nodes."""

    name: str
    box: tuple[NodeId, NodeId, NodeId, NodeId]
    values: dict[str, NodeId] = made(factory=dict)
    span: SourceSpan


class Expect(Record):
    """An expectation of a test: a verdict, of the image or of the rules named, or a defect label."""

    verdict: Literal["pass", "fail", "review"] | None = None
    rules: tuple[str, ...] = ()
    defect: str | None = None
    span: SourceSpan


class TestCase(Record):
    """A test inside a spec: a scene, from a file or built on an empty picture, and the expectations."""

    __test__: ClassVar[bool] = False  # not one of pytest's

    title: str
    file: str | None = None
    width: float = 0.0
    height: float = 0.0
    puts: tuple[Put, ...] = ()
    expects: tuple[Expect, ...] = ()
    span: SourceSpan


class Outcome(Record):
    """An outcome of a rule: a fixed label, or the node of a match that returns it."""

    label: str | None = None
    node: NodeId | None = None


class Rule(Record):
    """A rule: `node` must be true. `cardinality` names the class or set whose cardinality it represents.

    `verdict` is that of an image on which it is false.
    """

    name: str
    node: NodeId
    about: str | None = None
    anomaly: str | None = None
    defect: Outcome | None = None
    low: Outcome | None = None
    high: Outcome | None = None
    severity: str | None = None
    verdict: Literal["fail", "review"] = "fail"
    message: str | None = None
    message_nodes: dict[str, NodeId] = made(factory=dict)
    cardinality: str | None = None
    span: SourceSpan


class Batch(Record):
    """Pictures that belong together: those with one value in `column`, or with one text in place of `{}` in the pattern
    `path`; without either, all pictures of a run. `order` is the column that orders them, None for their paths.
    """

    name: str
    column: str | None = None
    path: str | None = None
    order: str | None = None
    span: SourceSpan


class View(Record):
    """The pictures of a batch with `value` in `column`, or with a path of the pattern `path`."""

    name: str
    batch: str
    column: str | None = None
    value: str | None = None
    path: str | None = None
    span: SourceSpan


class BatchRule(Rule):
    """A rule over several pictures: those of each batch `over`, or the `last` of them.

    `node` is made of aggregates over what all these pictures hold; see `parts_of_pictures`.
    """

    over: str
    last: int | None = None


class Scale(Record):
    """Millimetres in one pixel, along x and y."""

    mm_per_px_x: float
    mm_per_px_y: float

    @property
    def stretch(self) -> float:
        """The height of a pixel divided by its width: 1 if it is square."""
        ratio = self.mm_per_px_y / self.mm_per_px_x
        return 1.0 if abs(ratio - 1.0) <= 1e-9 else ratio


class Camera(Record):
    """A calibration: the size of its pictures in px, and the lens, if measured.

    `matrix` is the camera matrix, row by row, `distortion` the coefficients k1 k2 p1 p2 k3 … in OpenCV's order.
    """

    width: int
    height: int
    matrix: tuple[float, ...] | None = None
    distortion: tuple[float, ...] = ()
