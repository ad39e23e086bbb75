"""The program and its hash."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal, Self

from logidsl.ir.declarations import (
    Attribute,
    Batch,
    BatchRule,
    Blobs,
    Camera,
    ClassDecl,
    Doubtful,
    Grid,
    Keep,
    Layout,
    Let,
    NamedColor,
    Param,
    Region,
    Rule,
    Scale,
    SetDecl,
    SourceDecl,
    TestCase,
    Variant,
    View,
)
from logidsl.ir.digests import bare, digest, marks_of
from logidsl.ir.nodes import Aggregate, Binder, Call, Column, Literal_, Match, Name, Node, NodeId, Quantifier
from logidsl.ir.walk import below, closes, reads_picture, uses_of
from logidsl.library import builtins, takes, type_named
from logidsl.records import Record, RecordError, plain
from logidsl.types import COUNT, MM_PER, OBJECTS, Type, period_deg

#: Functions measured on the pixels of their first argument, a place; the others are conditions on a pixel.
MEASURING = frozenset(n for n, e in builtins("function").items() if any(p.kind == "pixels" for p in e.parameters))
IR_VERSION = 1
#: The version of the language: what `logic 1` names.
LANGUAGE = 1


class Program(Record):
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
    frame: NodeId | None = None
    doubtful: tuple[Doubtful, ...] = ()
    colors: tuple[NamedColor, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    classes: tuple[ClassDecl, ...] = ()
    sets: tuple[SetDecl, ...] = ()
    lets: tuple[Let, ...] = ()
    regions: tuple[Region, ...] = ()
    grids: tuple[Grid, ...] = ()
    layouts: tuple[Layout, ...] = ()
    blobs: tuple[Blobs, ...] = ()
    sources: tuple[SourceDecl, ...] = ()
    keeps: tuple[Keep, ...] = ()
    tests: tuple[TestCase, ...] = ()
    rules: tuple[Rule, ...] = ()
    variants: tuple[Variant, ...] = ()
    batches: tuple[Batch, ...] = ()
    views: tuple[View, ...] = ()
    batch_rules: tuple[BatchRule, ...] = ()
    nodes: tuple[Node, ...] = ()

    def __getstate__(self) -> dict[str, object]:
        """The fields without cached values: a bound plan contains closures, which cannot be sent to other processes."""
        return {name: value for name, value in self.__dict__.items() if name in self._known}

    @cached_property
    def pixel_nodes(self) -> frozenset[int]:
        """Nodes about pixels: extraction evaluates them, not judging."""
        found, functions = set[int](), builtins("pixel")
        for number, node in enumerate(self.nodes):
            if isinstance(node, Call) and node.fn in MEASURING:
                continue
            about = (isinstance(node, Name) and node.thing == "pixel") or (
                isinstance(node, Call) and node.fn in functions
            )
            used = node.args if isinstance(node, Call) else (node.of,) if isinstance(node, Column) else ()
            if about or not found.isdisjoint(used):
                found.add(number)
        return frozenset(found)

    def period_deg(self, nodes: Sequence[int]) -> float | None:
        """The period of the angles of some nodes in degrees; None for plain numbers."""
        return period_deg(self.nodes[i].type for i in nodes)

    def classes_below(self, node: int) -> frozenset[str]:
        """Classes of the table that a node depends on, also through sets, filters and sources."""
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

    @cached_property
    def measures(self) -> tuple[int, ...]:
        """Nodes measured on the pixels of places, whose values are looked up in the table."""
        found = []
        for number, node in enumerate(self.nodes):
            match node:
                case Call(fn=fn) if fn in MEASURING:
                    found.append(number)
                case Column(of=of, attribute=name) if takes(name) == "color" and number not in self.pixel_nodes:
                    owner = self.nodes[of].type
                    if owner.kind == "region" or owner.domain != OBJECTS:
                        found.append(number)
        return tuple(found)

    def measure(self, node: Node) -> str:
        """The measurement of a node of `measures`: equal measurements have the same name, whatever the place."""
        if not isinstance(node, Call):
            return "color"
        used = [self.nodes[i] for i in below(self.nodes, node.args[1:])]
        params = {n.ref for n in used if isinstance(n, Name) and n.thing == "param"}
        named = any(isinstance(n, Literal_) and n.type.kind == "color" for n in used)
        parts: list[object] = [self.marks[i] for i in node.args[1:]]
        parts += [(p.name, p.value) for p in self.params if p.name in params]
        parts += [(c.name, c.lab, c.reach) for c in self.colors if named]
        if not node.args[1:]:
            parts += sorted({s.file or "" for s in self.sources if builtins("source")[s.fn].background})
        return f"{node.fn} {digest(parts)}"

    def backgrounds_below(self, root: int) -> tuple[tuple[str, int], ...]:
        """The files and frames of the aligned backgrounds in a condition."""
        found = set[tuple[str, int]]()
        for here in below(self.nodes, [root]):
            match self.nodes[here]:
                case Call(args=(name, frame)) as call if reads_picture(call):
                    file = self.nodes[name]
                    assert isinstance(file, Literal_)
                    found.add((str(file.value), frame))
        return tuple(sorted(found))

    @cached_property
    def aligned(self) -> tuple[Blobs, ...]:
        """The `blobs` that use an aligned background."""
        return tuple(b for b in self.blobs if self.backgrounds_below(b.where))

    @cached_property
    def finders(self) -> Program:
        """The program with only the `blobs` and sources that define the frames of aligned backgrounds."""
        roots = [b.where for b in self.aligned] + [b.where for b in self.conditions.blobs]
        frames = {frame for root in roots for _, frame in self.backgrounds_below(root)}
        needed = {n for frame in frames for n in self.classes_below(frame)}
        blobs = tuple(b for b in self.blobs if b.name in needed and b not in self.aligned)
        sources = tuple(s for s in self.sources if s.name in needed)
        return self.replaced(blobs=blobs, sources=sources)

    @cached_property
    def covering(self) -> tuple[str, ...]:
        """The classes and sets whose members explain the pixels that they cover: objects, and `blobs` used directly,
        not those that other objects are derived from.
        """
        bases = set[str]()
        for made in self.sets:
            each = self.nodes[made.each]
            waiting = [each.source] if isinstance(each, Binder) else []
            while waiting:
                node = self.nodes[waiting.pop()]
                waiting += node.args if isinstance(node, Call) else ()
                bases |= {node.ref} if isinstance(node, Name) else set()
        raw = bases & {b.name for b in self.blobs}
        named = [c.name for c in self.classes] + [s.name for s in self.sets if " " not in s.name]
        return tuple(sorted(set(named) - raw))

    @cached_property
    def conditions(self) -> Program:
        """The program with `blobs` for the pixel conditions on places, named by their nodes."""
        asked = [n for i in self.measures if isinstance(n := self.nodes[i], Call)]
        found = dict.fromkeys(i for n in asked for i in n.args[1:])
        blobs = tuple(Blobs(name=str(i), where=i, span=self.nodes[i].span) for i in found)
        return self.replaced(blobs=blobs)

    def type_of(self, attribute: str) -> Type | None:
        """The type of an attribute, as the spec declares it, otherwise as built in; None if it is neither."""
        entry = builtins("attribute").get(attribute)
        known = type_named(entry.result) if entry is not None else None
        return next((a.type for a in self.attributes if a.name == attribute), known)

    @cached_property
    def labels(self) -> dict[str, frozenset[str]]:
        """The possible labels of each attribute with a list."""
        return {a.name: frozenset(a.labels) for a in self.attributes if a.labels}

    @cached_property
    def counts(self) -> frozenset[str]:
        """The attributes that are declared as counts."""
        return frozenset(a.name for a in self.attributes if a.type == COUNT)

    @cached_property
    def picture_columns(self) -> frozenset[str]:
        """The columns that say which batch or view a picture belongs to, and where it stands in its order."""
        batches = [name for b in self.batches for name in (b.column, b.order)]
        return frozenset(name for name in (*batches, *(v.column for v in self.views)) if name is not None)

    @cached_property
    def over_pictures(self) -> Program:
        """The program whose rules are those over several pictures."""
        return self.replaced(rules=self.batch_rules, batch_rules=())

    @cached_property
    def defects(self) -> frozenset[str]:
        """Every defect label that a rule can give."""
        return defects_of(self.rules, self.nodes)

    def param(self, name: str) -> float | str | None:
        """The value of a parameter; None if it is left open."""
        return next(p.value for p in self.params if p.name == name)

    @cached_property
    def named_classes(self) -> frozenset[str]:
        """The classes of a table that the spec names: those of objects, sets and `blobs`."""
        return frozenset(d.name for group in (self.classes, self.sets, self.blobs) for d in group)

    @property
    def sees(self) -> bool:
        """Whether the spec defines how objects are found in a picture."""
        return bool(self.blobs or self.sources)

    def unit_below(self, index: int) -> str | None:
        """The first unit below a node that needs a scale, of an area that of its side; None without any."""
        used = [self.nodes[i] for i in sorted(below(self.nodes, [index]))]
        written = [n.written.rstrip("2") for n in used if isinstance(n, Literal_)]
        return next((unit for text in written for unit in MM_PER if text.endswith(unit)), None)

    def compares_with_share(self, index: int) -> bool:
        """Whether an argument of a comparison is given in %."""
        node = self.nodes[index]
        sides = [self.nodes[i] for i in node.args] if isinstance(node, Call) else []
        given = [self.nodes[side.args[0]] if isinstance(side, Call) and len(side.args) == 1 else side for side in sides]
        return any(side.type.dim == "percent" for side in given)

    @cached_property
    def walked(self) -> dict[str, tuple[str, int | None, int | None]]:
        """Each class and set: which of the two it is, its iteration and its filter."""
        classes = {c.name: ("class", c.each, c.where) for c in self.classes}
        return {s.name: ("set", s.each, s.where) for s in self.sets} | classes

    @cached_property
    def named_values(self) -> dict[int, dict[str, int]]:
        """The values that the spec names for each member of an iteration, by the iteration."""
        return {n.each: n.named for n in self.nodes if isinstance(n, Quantifier) and n.named}

    @cached_property
    def walks(self) -> list[tuple[int, ...]]:
        """The open iterations in the value of each node: it has an entry for each combination of their objects."""
        found: list[tuple[int, ...]] = []
        for number, node in enumerate(self.nodes):
            inner: dict[int, None] = {}
            for used in uses_of(node):
                if used < number and found[used]:
                    inner.update(dict.fromkeys(found[used]))
            if isinstance(node, Binder):
                inner[number] = None
            elif isinstance(node, Quantifier | Aggregate) and closes(node):
                for closed in (node.each, getattr(node, "other", None)):
                    inner.pop(-1 if closed is None else closed, None)
            found.append(tuple(inner))
        return found

    @cached_property
    def marks(self) -> list[str]:
        """A digest of each node: nodes at one depth with the same meaning have the same digest."""
        return marks_of(self.nodes)

    @property
    def hash(self) -> str:
        """What the program means, as 16 hex digits.

        Comments, layout, and the order and positions of statements make no difference; every value of a parameter does.
        Nodes are hashed by their content, so their indices make no difference either.
        """
        marks = self.marks
        parts: list[object] = [IR_VERSION, self.language]
        groups = (self.params, self.colors, self.attributes, self.classes, self.sets, self.regions, self.grids)
        for group in (*groups, self.blobs, self.sources, self.keeps, self.doubtful, self.rules):
            parts += [sorted(bare(item, marks) for item in group)]
        for late in (self.layouts, self.batches, self.views, self.batch_rules):
            parts += [sorted(bare(item, marks) for item in late)] if late else []
        parts.append(plain(self.scale) if self.scale else None)
        parts.append(None if self.frame is None else marks[self.frame])
        parts += [plain(self.camera)] if self.camera else []
        return digest(parts)

    def replaced(self, **changes: Any) -> Self:
        """The program with some fields replaced; values cached for the nodes are kept."""
        made = super().replaced(**changes)
        if made.nodes is self.nodes:
            made.__dict__.update({k: v for k, v in self.__dict__.items() if k in _OF_NODES})
        return made

    def to_json(self, indent: int | None = None) -> str:
        """The program as JSON text."""
        separators = (",", ":") if indent is None else None
        return json.dumps(plain(self), indent=indent, separators=separators, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The program of a JSON text that `to_json` made.

        Raises
        ------
        RecordError
            If the text is not a program, or names a node that it does not have.
        """
        made = super().from_json(text)
        made.check_nodes()
        return made

    def check_nodes(self) -> None:
        """Check that all node references are valid; raises RecordError."""
        if not all(0 <= number < len(self.nodes) for number in uses_of(self)):
            raise RecordError("a node is named that is not there")


#: Cached properties that depend on the nodes alone.
_OF_NODES = frozenset(["pixel_nodes", "measures", "walks", "marks"])


def defects_of(rules: Sequence[Rule], nodes: Sequence[Node]) -> frozenset[str]:
    """Every possible defect label: those of outcomes, and the names of rules without a `defect`."""
    found: set[str] = {rule.name for rule in rules if rule.defect is None}
    waiting: list[int] = []
    for outcome in (o for r in rules for o in (r.defect, r.low, r.high) if o is not None):
        if outcome.label is not None:
            found.add(outcome.label)
        elif outcome.node is not None:
            waiting.append(outcome.node)
    while waiting:
        match nodes[waiting.pop()]:
            case Match(arms=arms, otherwise=otherwise):
                waiting += [a.value for a in arms] + ([] if otherwise is None else [otherwise])
            case Literal_(value=str() as text):
                found.add(text)
    return frozenset(found)
