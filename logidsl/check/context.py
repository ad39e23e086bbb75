"""The checker's state: the declarations, the nodes so far, the open iterations.

Owns `Context`, `Scope` and `Typed`. There are four namespaces: things, colours, labels, rules. A thing is resolved when
it is first used, so the order of statements does not matter, and cycles are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, TypeAlias

from logidsl import ir
from logidsl import types as ty
from logidsl.diagnostics import Bag, Diagnostic
from logidsl.library import attribute, type_named
from logidsl.source import Source, Span
from logidsl.syntax import ast
from logidsl.types import Type

ThingKind = Literal["class", "set", "grid", "region", "layout", "param", "let"]
NameKind: TypeAlias = ThingKind | Literal["raw", "image", "pixel", "pictures", "view", "place"]


@dataclass(frozen=True, slots=True)
class Typed:
    """A node with its type."""

    node: int
    type: Type

    @property
    def bad(self) -> bool:
        """Whether a mistake has been reported for it."""
        return self.type.kind == "error"


class Use(NamedTuple):
    """What a name in the text means.

    `kind` is its namespace; `of` the attribute that a label belongs to, or where a variable is declared. `span` may be
    that of an expression that ends in the name, or of a message that contains it.
    """

    kind: Literal["thing", "color", "label", "attribute", "variable"]
    name: str
    span: Span
    of: str | int = ""


@dataclass
class Symbol:
    """A declared thing and what is known of it so far."""

    kind: ThingKind
    name: str
    span: Span
    statement: ast.Statement | None = None
    state: Literal["new", "open", "done"] = "new"
    type: Type | None = None
    node: int | None = None
    single: bool = False
    used: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The open iterations: the owners of bare attributes, and the variables.

    Parameters
    ----------
    walks : tuple of Typed
        The object of each open walk, outermost first.
    names : mapping
        Variables.
    bare : Typed, optional
        The object that a bare attribute belongs to.
    frame : int, optional
        Node of the object whose box shares are of; the picture where None.
    anonymous : frozenset of str
        Sets whose members an open walk stands at without a variable.
    """

    walks: tuple[Typed, ...] = ()
    names: Mapping[str, Typed] = field(default_factory=dict)
    bare: Typed | None = None
    frame: int | None = None
    anonymous: frozenset[str] = frozenset()

    @property
    def depth(self) -> int:
        """Number of open walks."""
        return len(self.walks)

    def walking(self, obj: Typed, anonymous: Iterable[str] = ()) -> Scope:
        """The scope inside an iteration; `anonymous`: the sets iterated without a variable."""
        return replace(self, walks=(*self.walks, obj), bare=obj, anonymous=self.anonymous | {*anonymous})

    def naming(self, name: str, obj: Typed) -> Scope:
        """The scope with one more variable."""
        return replace(self, names={**self.names, name: obj})


@dataclass
class Context:
    """State of one run of the checker."""

    bag: Bag
    overrides: Mapping[str, str] = field(default_factory=dict)
    nodes: list[ir.Node] = field(default_factory=list)
    things: dict[str, Symbol] = field(default_factory=dict)
    colors: dict[str, ir.NamedColor] = field(default_factory=dict)
    attributes: dict[str, ir.Attribute] = field(default_factory=dict)
    params: list[ir.Param] = field(default_factory=list)
    sets: list[ir.SetDecl] = field(default_factory=list)
    grids: list[ir.Grid] = field(default_factory=list)
    layouts: list[ir.Layout] = field(default_factory=list)
    regions: list[ir.Region] = field(default_factory=list)
    lets: list[ir.Let] = field(default_factory=list)
    classes: dict[str, ir.ClassDecl] = field(default_factory=dict)
    sources: list[ir.SourceDecl] = field(default_factory=list)
    path: str = ""
    read: Callable[[str], Source] | None = None
    camera: ir.Camera | None = None
    known_length: ast.Scale | None = None
    fixed: bool = False
    raw: bool = False
    scale: ir.Scale | None = None
    unsettled: dict[int, Span] = field(default_factory=dict)
    spine: Scope = field(default_factory=Scope)
    singles: dict[str, int] = field(default_factory=dict)
    settings: dict[str, ast.Setting] = field(default_factory=dict)
    used_colors: set[str] = field(default_factory=set)
    waiting: int = 0
    variables: dict[tuple[int, str], int] = field(default_factory=dict)
    uses: list[Use] | None = None
    batches: dict[str, ir.Batch] = field(default_factory=dict)
    views: dict[str, ir.View] = field(default_factory=dict)
    rule_nodes: dict[str, int] = field(default_factory=dict)
    batch: str | None = None
    in_picture: bool = True

    @property
    def pooling(self) -> bool:
        """Whether the value wanted here is one of a batch, made from what all its pictures hold."""
        return self.batch is not None and not self.in_picture

    @contextmanager
    def over(self, batch: str) -> Iterator[None]:
        """While a rule over a batch is read."""
        self.batch, self.in_picture = batch, False
        try:
            yield
        finally:
            self.batch, self.in_picture = None, True

    @contextmanager
    def within_picture(self) -> Iterator[None]:
        """While a value is read that each picture has."""
        outer, self.in_picture = self.in_picture, True
        try:
            yield
        finally:
            self.in_picture = outer

    def note(self, kind: Literal["thing", "color", "label", "attribute"], name: str, span: Span, of: str = "") -> None:
        """Record what a name means, if somebody wants to know."""
        if self.uses is not None:
            self.uses.append(Use(kind, name, span, of))

    def note_variable(self, name: str, node: int, span: Span) -> None:
        """Record the use of a variable, if somebody wants to know."""
        if self.uses is not None:
            self.uses.append(Use("variable", name, span, self.variables.get((node, name), span.start)))

    @property
    def stretch(self) -> float:
        """How many times as high as wide a pixel is."""
        return 1.0 if self.scale is None else self.scale.stretch

    @property
    def scaled(self) -> bool:
        """Whether millimetres have a meaning."""
        return self.scale is not None or self.known_length is not None

    @contextmanager
    def before_seeing(self, *, fixed: bool = True, raw: bool = True) -> Iterator[None]:
        """While a value is made that must be known before objects are found. `raw`: its pixels are counted."""
        outer = self.fixed, self.raw
        self.fixed, self.raw = fixed, raw
        try:
            yield
        finally:
            self.fixed, self.raw = outer

    def reported(self, span: Span) -> bool:
        """Whether an error within this span has been reported."""
        return any(d.span.source is span.source and span.start <= d.span.start < span.end for d in self.bag.items)

    def first_class(self, beside: str = "") -> str | None:
        """A class for an example, preferably one that the words do not name."""
        classes = [t.name for t in self.things.values() if t.kind in ("class", "set")]
        return next((n for n in classes if n not in beside), next(iter(classes), None))

    def add(self, node: ir.Node) -> Typed:
        """Append a node."""
        self.nodes.append(node)
        return Typed(len(self.nodes) - 1, node.type)

    def error(self, diagnostic: Diagnostic) -> Typed:
        """Report an error; the error value suppresses its consequences."""
        self.bag.add(diagnostic)
        return self.failed(diagnostic.span)

    def failed(self, span: Span) -> Typed:
        """An error value for an error already reported, which suppresses its consequences."""
        return self.add(ir.Literal_(type=ty.ERROR, depth=0, span=place(span), value=0.0))

    def call(self, fn: str, args: tuple[int, ...], type_: Type, scope: Scope, span: Span) -> Typed:
        """Append a call."""
        return self.add(ir.Call(fn=fn, args=args, type=type_, depth=scope.depth, span=place(span)))

    def name(self, thing: NameKind, ref: str, type_: Type, span: Span, target: int | None = None) -> Typed:
        """Append a name."""
        return self.add(ir.Name(thing=thing, ref=ref, target=target, type=type_, depth=0, span=place(span)))

    def objects(self, thing: Literal["raw", "class", "set"], ref: str, span: Span) -> Typed:
        """Append an iteration over all objects of a class or a set."""
        source = self.name(thing, ref, ty.set_of(ty.OBJECTS), span).node
        return self.add(ir.Binder(source=source, type=ty.object_of(ty.OBJECTS), depth=1, span=place(span)))

    def number(self, value: float, type_: Type, span: Span, written: str) -> Typed:
        """Append a number in base units; `written` has its unit, also if a range supplies it."""
        return self.add(ir.Literal_(type=type_, depth=0, span=place(span), value=value, written=written))

    def attribute_type(self, name: str) -> Type | None:
        """The type of an attribute, declared or built in."""
        if name in self.attributes:
            return self.attributes[name].type
        entry = attribute(name)
        return None if entry is None else type_named(entry.result)

    def labels(self, domain: str | None) -> list[str]:
        """The labels of one list."""
        if domain == "class":
            return [t.name for t in self.things.values() if t.kind in ("class", "set")]
        return list(self.attributes[domain].labels) if domain in self.attributes else []


def place(span: Span) -> ir.SourceSpan:
    """A span as it stands in the program and in reports."""
    source, start, end = span
    line, column = source.position(start)
    text = source.text[start:end]
    end_line, end_column = source.position(end) if "\n" in text else (line, column + end - start)
    return ir.SourceSpan(
        line=line, column=column, end_line=end_line, end_column=end_column, text=text, path=source.path
    )
