"""From a YAML file to the tree of a spec, by the shapes of `yaml_keys`.

Owns `Reader`. A mapping is read key by key, each value by its shape, and what was read fills the fields of a node;
the few nodes that need more than that have a builder in `BUILDERS`. What is wrong with one statement leaves the
others as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

from logidsl.diagnostics import Bag, Diagnostic
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.node import HEIGHT_MAX
from logidsl.syntax.yaml_check import check_keys, check_text, missing, wrong_shape
from logidsl.syntax.yaml_keys import NAMED, OUTCOMES, SECTIONS, SHAPES, Key, Shape, TextKind
from logidsl.syntax.yaml_tree import Mapping, Scalar, Sequence, Tree
from logidsl.syntax.yaml_words import UnreadableError, read_label, read_words

P = TypeVar("P")


@dataclass
class Found:
    """What was read under the keys of a mapping, the place of each key with its value, and the user's own keys."""

    span: Span
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    def place(self, *keys: str) -> Span:
        """From the first to the last of some keys."""
        places = [self.places[k] for k in keys if k in self.places]
        return places[0].to(places[-1])


class Reader:
    """Reads the statements of one file.

    Parameters
    ----------
    bag : Bag
        Takes what is wrong.
    """

    def __init__(self, bag: Bag) -> None:
        self.bag = bag
        self.broken: list[ast.Ident] = []

    def file(self, tree: Mapping) -> ast.File:
        """The whole file; `broken` has the names that unreadable statements were about to declare."""
        check_keys(tree, SHAPES["file"], None, self.bag)
        logic, name, about = (self.head(tree, key) for key in ("logic", "spec", "about"))
        version = ast.Version(logic.text, span=logic.span) if logic else None
        spec = ast.SpecName(name, about.value if about else None, span=name.span) if name else None
        return ast.File(version, spec, self.statements(tree), broken=tuple(self.broken), span=tree.span)

    def head(self, tree: Mapping, key: str) -> Any:
        """What stands under a key of the file, if there is a good one."""
        pair = next((pair for pair in tree.pairs if pair[0].value == key), None)
        return self.attempt(partial(self.read, pair[1], SHAPES["file"].keys[key], pair[0])) if pair else None

    def statements(self, tree: Mapping) -> tuple[ast.Statement, ...]:
        """The statements under the keys of a file or a variant."""
        out: list[ast.Statement | None] = []
        for key, value in tree.pairs:
            section = SECTIONS.get(key.value)
            if key.value in NAMED:
                out += self.named(key, value)
            elif section and isinstance(value, Sequence) and value.items:
                item = section._replace(shape=SHAPES[section.shape].items or "")
                out += [self.statement(part, item, key) for part in value.items]
            elif section:
                out.append(self.statement(value, section, key))
        return tuple(s for s in out if s is not None)

    def statement(self, tree: Tree, key: Key, owner: Scalar, name: ast.Node | None = None) -> ast.Statement | None:
        """A statement, or None where it cannot be read."""
        made = self.attempt(partial(self.read, tree, key, owner, name))
        made = made[0] if isinstance(made, tuple) else made
        if isinstance(made, ast.Node) and made.height > HEIGHT_MAX:
            message = f"expected at most {HEIGHT_MAX} levels of expressions inside one another"
            fix = "give a part of it a name of its own, and use that name"
            self.bag.add(Diagnostic("E040", message, owner.content, fix))
            return None
        return cast("ast.Statement | None", made)

    def named(self, section: Scalar, tree: Tree) -> list[ast.Statement | None]:
        """The statements of a kind, each under its name."""
        shape = SHAPES[SECTIONS[section.value].shape]
        groups = tree.items if isinstance(tree, Sequence) and tree.items else (tree,)
        wrong = [g for g in groups if not isinstance(g, Mapping)]
        self.bag.extend(wrong_shape(g, shape, section) for g in wrong)
        if wrong:
            return []
        out: list[ast.Statement | None] = []
        for key, value in (pair for g in groups if isinstance(g, Mapping) for pair in g.pairs):
            name = self.attempt(partial(self.text, key, shape.entry_kind, "a name", ""))
            out.append(self.statement(value, Key(section.value), key, name) if name else None)
            if out[-1] is None and section.value not in ("rule", "test", "color", "attribute"):
                self.broken.append(ast.Ident(key.value, span=key.content))
        return out

    def attempt(self, read: Callable[[], Any]) -> Any:
        """What is read, or None where it cannot be."""
        try:
            return read()
        except UnreadableError:
            return None

    def read(self, tree: Tree, key: Key, owner: Scalar, name: ast.Node | None = None) -> Any:
        """What stands in a place, by its shape; a tuple where several things may stand there.

        Raises
        ------
        UnreadableError
            If it cannot be read.
        """
        shape = SHAPES[key.shape]
        if shape.items is None:
            return self.one(tree, shape, key, owner, name)
        item = key._replace(shape=shape.items)
        parts: tuple[Tree, ...] = (tree,)
        if isinstance(tree, Sequence) and len(tree.items) >= shape.least:
            parts, shape = tree.items, SHAPES[shape.items]
        made = self.each(parts, lambda part: self.one(part, shape, item, owner, None))
        found = tuple(m for part in made for m in (part if isinstance(part, list) else [part]))
        if key.shape == "grid":
            return _grid(found, name, owner.content.to(tree.content))
        return ast.ListExpr(found, span=tree.span) if key.shape == "places" else found

    def one(self, tree: Tree, shape: Shape, key: Key, owner: Scalar, name: ast.Node | None) -> Any:
        """One value, not a list."""
        span = tree.span if name is None else owner.content.to(tree.content)
        if isinstance(tree, Scalar) and shape.text is not None and not missing(tree):
            main = shape.keys[shape.main] if shape.main else key
            found = self.text(tree, shape.text, shape.about, main.frame)
            if shape.main:
                found = Found(span, {shape.main: found}, {shape.main: tree.content})
        elif isinstance(tree, Mapping) and shape.mapping:
            good = check_keys(tree, shape, owner, self.bag)
            if key.shape == "variant":
                return self.variant(tree, span, name)
            if not good:
                raise UnreadableError
            found = Found(span)
            self.each(tree.pairs, lambda pair: self.under(pair, shape, found))
        else:
            self.bag.add(wrong_shape(tree, shape, owner))
            raise UnreadableError
        if shape.node and isinstance(found, Found):
            return self.node(found, shape, name)
        return BUILDERS[key.shape](found, name) if key.shape in BUILDERS else found

    def each(self, parts: Iterable[P], read: Callable[[P], Any]) -> list[Any]:
        """Read all parts, also after one that cannot be read, so that all that is wrong is said."""
        made, bad = [], False
        for part in parts:
            try:
                made.append(read(part))
            except UnreadableError:
                bad = True
        if bad:
            raise UnreadableError
        return made

    def under(self, pair: tuple[Scalar, Tree], shape: Shape, found: Found) -> None:
        """Read what stands under a key, and the key where the user chose it."""
        key, value = pair
        if key.value not in shape.keys:
            found.names[key.value] = self.text(key, shape.entry_kind, shape.about, "patterns")
        of = shape.keys.get(key.value) or shape.entries
        assert of is not None  # the keys have been checked
        found.values[key.value] = self.read(value, of, key)
        found.places[key.value] = key.content.to(value.content)

    def node(self, found: Found, shape: Shape, name: ast.Node | None) -> Any:
        """The node whose fields the keys fill, or a list of them, one for each entry."""
        kind: Any = shape.node
        if shape.entries:
            return [kind(found.names[k], value, span=found.places[k]) for k, value in found.values.items()]
        fields = {k: key for k, key in shape.keys.items() if key.field}
        values = {key.field: found.values.get(k, () if SHAPES[key.shape].items else None) for k, key in fields.items()}
        return kind(*([name] if name else []), **values, span=found.span)

    def variant(self, tree: Mapping, span: Span, name: ast.Node | None) -> ast.Variant:
        """A variant; what is wrong with a statement inside it leaves the others as they are."""
        pair = next((pair for pair in tree.pairs if pair[0].value == "when"), None)
        if pair is None:
            raise UnreadableError
        otherwise = isinstance(pair[1], Scalar) and pair[1].value == "otherwise"
        when = None if otherwise else self.read(pair[1], Key("clause"), pair[0])
        return ast.Variant(cast("ast.Ident", name), when, self.statements(tree), span=span)

    def text(self, scalar: Scalar, kind: TextKind, about: str, frame: str) -> Any:
        """A text of a kind, which is checked."""
        if not check_text(scalar, kind, about, self.bag):
            raise UnreadableError
        match kind:
            case "words":
                return read_words(scalar, frame, self.bag)
            case "name" | "option" | "level":
                return ast.Ident(scalar.value, span=scalar.content)
            case "number":
                return ast.Number(scalar.value, span=scalar.content)
            case "count":
                return int(scalar.value)
            case "text":
                return ast.Text(scalar.value, span=scalar.content)
            case "label":
                return read_label(scalar, frame)


# ---- nodes that need more than fields ----


def _clause(found: Found, name: ast.Node | None = None) -> ast.Expr:
    match found.values:
        case {"check": body}:
            pass
        case {"all": parts}:
            body = _joint(ast.And, parts, found.place("all"))
        case {"any": parts}:
            body = _joint(ast.Or, parts, found.place("any"))
        case {"not": part}:
            body = ast.Not(part, span=found.place("not"))
        case {"if": condition, "then": then}:
            body = ast.If(condition, then, found.values.get("else"), span=found.place("if", "then", "else"))
        case {"match": subject, "cases": arms}:
            body = ast.MatchExpr(subject, arms, span=found.place("match", "cases"))
        case {"some": phrase}:
            body = ast.Exists("some", phrase, span=found.place("some"))
        case _:
            body = ast.Exists("no", found.values["none"], span=found.place("none"))
    every = found.values.get("every")
    return ast.Every(every, body, span=found.span) if every is not None else cast("ast.Expr", body)


def _joint(kind: type[ast.And] | type[ast.Or], parts: Iterable[ast.Expr], span: Span) -> ast.Expr:
    flat = [q for p in parts for q in (p.parts if isinstance(p, ast.And | ast.Or) and type(p) is kind else (p,))]
    return flat[0] if len(flat) == 1 else kind(tuple(flat), span=span)


def _label(found: Any, name: ast.Node | None) -> Any:
    return _clause(found) if isinstance(found, Found) else found


def _outcomes(found: Found) -> tuple[ast.Outcome, ...]:
    """The outcomes, in the order of their keys."""
    return tuple(
        ast.Outcome(cast("Any", word), value, span=place.source.span(place.start, value.span.end))
        for word, place in found.places.items()
        if word in OUTCOMES
        for value in found.values[word]
    )


def _expects(found: Found | ast.Ident, name: ast.Node | None) -> list[ast.Expect]:
    if isinstance(found, ast.Ident):
        return [ast.Expect(found, (), None, span=found.span)]
    out: list[ast.Expect] = []
    for key, value in found.values.items():
        if key in found.names:
            out.append(ast.Expect(found.names[key], value, None, span=found.places[key]))
        else:
            out += [ast.Expect(None, (), label, span=found.places[key]) for label in value]
    return out


def _grid_part(found: Found, name: ast.Node | None) -> list[ast.Node]:
    out: list[ast.Node] = []
    for key, value in found.values.items():
        match key, value:
            case ("rows" | "columns") as by, int():
                out.append(ast.Split(by, value, None, span=found.places[key]))
            case ("rows" | "columns") as by, Found(values={"at": at}):
                out.append(ast.Split(by, None, at, span=found.places[key]))
            case _:
                out.append(value)
    return out


def _grid(parts: tuple[ast.Node, ...], name: Any, span: Span) -> ast.Grid:
    splits = tuple(p for p in parts if isinstance(p, ast.Split))
    of = next((p for p in parts if not isinstance(p, ast.Split)), None)
    return ast.Grid(name, splits, cast("ast.Expr | None", of), span=span)


def _attribute(found: Found, name: Any) -> ast.Attribute:
    values = found.values
    options = (values["is"],) if "is" in values else values["one of"]
    return ast.Attribute(name, values.get("named", ()), values.get("of"), options, span=found.span)


def _object(found: Found, name: Any) -> ast.Object | ast.Derived:
    values, outcomes = found.values, _outcomes(found)
    count = values.get("count")
    if "is" in values:
        return ast.Derived(name, values["is"], count, outcomes, span=found.span)
    return ast.Object(name, values.get("named", ()), values.get("where"), count, outcomes, span=found.span)


def _let(found: Found, name: Any) -> ast.Let:
    return ast.Let(name, _clause(found), span=found.span)


def _several(found: Found, name: Any) -> ast.Batch | ast.View:
    made: ast.Batch | ast.View = found.values["is"]
    return made.replaced(name=name)


def _rule(found: Found, name: Any) -> ast.Rule:
    about = found.values.get("about")
    words = about.value if about else None
    return ast.Rule(
        name, words, found.values.get("over"), found.values.get("as"), _clause(found), _outcomes(found), span=found.span
    )


BUILDERS: dict[str, Callable[[Any, ast.Node | None], Any]] = {
    "clause": _clause,
    "label": _label,
    "label_case": _label,
    "expect": _expects,
    "grid_part": _grid_part,
    "attribute": _attribute,
    "object": _object,
    "let": _let,
    "batch": _several,
    "view": _several,
    "rule": _rule,
}
