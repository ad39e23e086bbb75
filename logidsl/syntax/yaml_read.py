"""From a YAML file to the tree of a spec.

Owns `read_tree`: the statements of each key, in the order of the file. What is wrong with one statement leaves
the others as they are. Takes what `yaml_tree` composes and `yaml_shape` checks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias, cast

from logidsl.diagnostics import Bag, Diagnostic
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.node import HEIGHT_MAX
from logidsl.syntax.yaml_clauses import Clauses, LabelClauses, UnreadableError, entries, parts
from logidsl.syntax.yaml_keys import NAMED, SECTIONS, SHAPES
from logidsl.syntax.yaml_shape import check, check_keys
from logidsl.syntax.yaml_tree import Mapping, Scalar, Sequence, Tree

Builder: TypeAlias = "Callable[[Reader, Scalar, Tree, Span], ast.Statement]"


class Reader:
    """Reads the statements of one file; `broken` has the names that unreadable ones were about to declare."""

    def __init__(self, bag: Bag) -> None:
        self.bag = bag
        self.clauses = Clauses(bag)
        self.labels = LabelClauses(bag)
        self.broken: list[ast.Ident] = []

    def file(self, tree: Mapping) -> ast.File:
        """The whole file."""
        check_keys(tree, SHAPES["file"], None, self.bag)
        version: ast.Version | None = None
        spec: ast.SpecName | None = None
        logic, name, about = (self.head(tree, key) for key in ("logic", "spec", "about"))
        if logic is not None:
            version = ast.Version(logic.value, span=logic.content)
        if name is not None:
            words = about.value if about is not None else None
            spec = ast.SpecName(self.clauses.ident(name), words, span=name.content)
        statements = self.statements(tree)
        return ast.File(version, spec, statements, broken=tuple(self.broken), span=tree.span)

    def head(self, tree: Mapping, key: str) -> Scalar | None:
        """The text under a key of the file, if there is a good one."""
        found = next((pair for pair in tree.pairs if pair[0].value == key), None)
        if found is None or not check(found[1], SHAPES["file"].keys[key], found[0], self.bag):
            return None
        return cast("Scalar", found[1])

    def statements(self, tree: Mapping) -> tuple[ast.Statement, ...]:
        """The statements under the keys of a file or a variant."""
        out: list[ast.Statement] = []
        for key, value in tree.pairs:
            if key.value in NAMED:
                out += self.named(key, value)
            elif key.value in SECTIONS and check(value, SECTIONS[key.value], key, self.bag):
                for part in parts(value):
                    out += self.made(UNNAMED[key.value], key, part, part.span)
        return tuple(out)

    def named(self, section: Scalar, tree: Tree) -> list[ast.Statement]:
        """The statements of a kind, each under its name."""
        groups = parts(tree)
        if not groups or any(not isinstance(g, Mapping) for g in groups):
            check(tree, SECTIONS[section.value], section, self.bag)
            return []
        out: list[ast.Statement] = []
        shape = SHAPES[SECTIONS[section.value]]
        for key, value in entries(tree):
            alone = Mapping(((key, value),), key.span)
            good = check_keys(alone, shape, section, self.bag) and self.fits(value, section.value, key)
            made = self.made(BUILDERS[section.value], key, value, key.content.to(_content(value))) if good else []
            out += made
            if not made and section.value not in ("rule", "test", "color", "attribute"):
                self.broken.append(self.clauses.ident(key))
        return out

    def fits(self, tree: Tree, word: str, key: Scalar) -> bool:
        """Whether a statement has its shape; what is inside a variant is seen to when it is read."""
        if word != "variant" or not isinstance(tree, Mapping):
            return check(tree, NAMED[word], key, self.bag)
        good = check_keys(tree, SHAPES["variant"], key, self.bag)
        when = next((pair for pair in tree.pairs if pair[0].value == "when"), None)
        return when is not None and check(when[1], "clause", when[0], self.bag) and (good or bool(tree.pairs))

    def made(self, builder: Builder, key: Scalar, tree: Tree, span: Span) -> list[ast.Statement]:
        """A statement, or nothing if it cannot be read."""
        try:
            made = builder(self, key, tree, span)
        except UnreadableError:
            return []
        if made.height > HEIGHT_MAX:
            message = "expected at most 100 levels of expressions inside one another"
            place = key.content
            self.bag.add(Diagnostic("E040", message, place, "give a part of it a name of its own, and use that name"))
            return []
        return [made]

    # ---- parts that several statements have ----

    def outcomes(self, tree: Tree) -> tuple[ast.Outcome, ...]:
        """The outcomes, in the order of their keys."""
        out: list[ast.Outcome] = []
        for key, value in tree.pairs if isinstance(tree, Mapping) else ():
            for part in parts(value):
                word = key.value
                if word in ("defect", "low", "high"):
                    made: ast.Ident | ast.Text | ast.MatchExpr = self.labels.label(part)
                elif word in ("severity", "message"):
                    scalar = cast("Scalar", part)
                    made = self.clauses.ident(scalar) if word == "severity" else self.clauses.text(scalar)
                else:
                    continue
                kind = cast("Literal['defect', 'low', 'high', 'severity', 'message']", word)
                out.append(ast.Outcome(kind, made, span=key.content.to(_content(part))))
        return tuple(out)

    def texts(self, tree: Tree | None) -> tuple[ast.Text, ...]:
        """A text or a list of texts."""
        return tuple(self.clauses.text(cast("Scalar", p)) for p in parts(tree))

    def names(self, tree: Tree | None) -> tuple[ast.Ident, ...]:
        """A name or a list of names."""
        return tuple(self.clauses.ident(cast("Scalar", p)) for p in parts(tree))

    def of(self, tree: Tree) -> ast.Expr | None:
        """What stands under `of`."""
        found = _under(tree, "of")
        return self.clauses.union(found) if found else None

    def settings(self, tree: Tree) -> tuple[ast.Setting, ...]:
        """What stands under `with`."""
        found = tree.get("with") if isinstance(tree, Mapping) else None
        out: list[ast.Setting] = []
        for key, value in entries(found) if found is not None else ():
            made = self.clauses.value(cast("Scalar", value))
            span = key.content.to(made.span)
            out.append(ast.Setting(self.clauses.ident(key), made, span=span))
        return tuple(out)

    def expects(self, tree: Tree) -> tuple[ast.Expect, ...]:
        """What a test expects."""
        out: list[ast.Expect] = []
        for part in parts(tree):
            if isinstance(part, Scalar):
                out.append(ast.Expect(self.clauses.ident(part), (), None, span=part.content))
                continue
            for key, value in entries(part):
                span = key.content.to(_content(value))
                if key.value != "defect":
                    rules = self.names(value)
                    out.append(ast.Expect(self.clauses.ident(key), rules, None, span=span))
                    continue
                labels = [self.labels.label(p) for p in parts(value)]
                out += [ast.Expect(None, (), label, span=span) for label in labels]
        return tuple(out)


def _content(tree: Tree) -> Span:
    """A tree without the quotes around it."""
    return tree.content if isinstance(tree, Scalar) else tree.span


def _under(tree: Tree, key: str) -> Scalar | None:
    """The text under a key of a mapping; a text alone has no keys."""
    found = tree.get(key) if isinstance(tree, Mapping) else None
    return found if isinstance(found, Scalar) else None


def _main(tree: Tree, key: str) -> Scalar:
    """The text under a key, or the text alone, which stands for it."""
    return tree if isinstance(tree, Scalar) else cast("Scalar", _under(tree, key))


# ---- statements ----


def _import(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Import:
    path, settings = r.clauses.text(_main(tree, "file")), r.settings(tree)
    return ast.Import(path, settings, span=span)


def _param(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Param:
    value, bounds_of = r.clauses.value(_main(tree, "is")), _under(tree, "in")
    bounds = r.clauses.range(bounds_of) if bounds_of else None
    return ast.Param(r.clauses.ident(key), value, bounds, span=span)


def _scale(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Scale:
    return r.clauses.scale(cast("Scalar", tree)).replaced(span=span)


def _doubtful(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Doubtful:
    bounds, of = r.clauses.range(_main(tree, "in")), r.of(tree)
    return ast.Doubtful(bounds, of, span=span)


def _frame(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.FrameDecl:
    call = r.clauses.call(cast("Scalar", tree))
    return ast.FrameDecl(call, span=span)


def _keep(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Keep:
    phrase = r.clauses.phrase(cast("Scalar", tree))
    return ast.Keep(phrase, span=span)


def _color(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Color:
    within = _under(tree, "within")
    reach = ast.Number(within.value, span=within.content) if within else None
    return ast.Color(r.clauses.ident(key), r.clauses.text(_main(tree, "hex")), reach, span=span)


def _region(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Region:
    value, of = r.clauses.union(_main(tree, "is")), r.of(tree)
    return ast.Region(r.clauses.ident(key), value, of, span=span)


def _grid(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Grid:
    splits: list[ast.Split] = []
    of: ast.Expr | None = None
    for word, value in entries(tree):
        if word.value == "of":
            of = r.clauses.union(cast("Scalar", value))
            continue
        by: Literal["rows", "columns"] = "rows" if word.value == "rows" else "columns"
        whole = word.content.to(_content(value))
        at = value.get("at") if isinstance(value, Mapping) else None
        if isinstance(value, Scalar):
            splits.append(ast.Split(by, int(value.value), None, span=whole))
        elif isinstance(at, Sequence):
            items = tuple(r.clauses.item(cast("Scalar", item)) for item in at.items)
            places = ast.ListExpr(items, span=at.span)
            splits.append(ast.Split(by, None, places, span=whole))
    return ast.Grid(r.clauses.ident(key), tuple(splits), of, span=span)


def _attribute(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Attribute:
    if isinstance(tree, Scalar):
        return ast.Attribute(r.clauses.ident(key), (), None, r.names(tree), span=span)
    assert isinstance(tree, Mapping)
    options: tuple[ast.Ident | ast.Text, ...] = r.names(tree.get("is"))
    if (listed := tree.get("one of")) is not None:
        options = tuple(r.clauses.listed_label(cast("Scalar", p)) for p in parts(listed))
    of = r.of(tree)
    name = r.clauses.ident(key)
    return ast.Attribute(name, r.texts(tree.get("named")), of, options, span=span)


def _blobs(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Blobs:
    assert isinstance(tree, Mapping)
    condition = tree.get("where")
    assert condition is not None
    where = r.clauses.clause(condition)
    steps = tuple(r.clauses.call(cast("Scalar", p)) for p in parts(tree.get("then")))
    return ast.Blobs(r.clauses.ident(key), where, steps, span=span)


def _object(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Object | ast.Derived:
    count = _main(tree, "count") if isinstance(tree, Scalar) or _under(tree, "count") else None
    cardinality = r.clauses.cardinality(count) if count and count.value != "any" else None
    name, outcomes = r.clauses.ident(key), r.outcomes(tree)
    phrase_of = _under(tree, "is")
    if phrase_of:
        phrase = r.clauses.phrase(phrase_of)
        return ast.Derived(name, phrase, cardinality, outcomes, span=span)
    condition = tree.get("where") if isinstance(tree, Mapping) else None
    aliases = r.texts(tree.get("named")) if isinstance(tree, Mapping) else ()
    where = r.clauses.clause(condition) if condition is not None else None
    return ast.Object(name, aliases, where, cardinality, outcomes, span=span)


def _let(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Let:
    value = r.clauses.clause(tree)
    return ast.Let(r.clauses.ident(key), value, span=span)


def _rule(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Rule:
    about, kind = _under(tree, "about"), _under(tree, "as")
    body = r.clauses.clause(tree) if isinstance(tree, Scalar) else r.clauses.clause_of(cast("Mapping", tree), span)
    outcomes = r.outcomes(tree)
    words, anomaly = about.value if about else None, r.clauses.ident(kind) if kind else None
    return ast.Rule(r.clauses.ident(key), words, anomaly, body, outcomes, span=span)


def _variant(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Variant:
    assert isinstance(tree, Mapping)
    condition = tree.get("when")
    assert condition is not None
    otherwise = isinstance(condition, Scalar) and condition.value == "otherwise"
    when = None if otherwise else r.clauses.clause(condition)
    name, statements = r.clauses.ident(key), r.statements(tree)
    return ast.Variant(name, when, statements, span=span)


def _test(r: Reader, key: Scalar, tree: Tree, span: Span) -> ast.Test:
    assert isinstance(tree, Mapping)
    title, scene, size_of = r.clauses.text(key), _under(tree, "scene"), _under(tree, "size")
    expected = tree.get("expect")
    assert expected is not None
    size = r.clauses.size(size_of) if size_of else None
    puts: list[ast.Put] = []
    for part in parts(tree.get("put")):
        settings = r.settings(part)
        shape = r.clauses.call(_main(part, "shape"))
        name = r.clauses.ident(_main(part, "object"))
        puts.append(ast.Put(name, shape, settings, span=part.span))
    expects = r.expects(expected)
    path = r.clauses.text(scene) if scene else None
    return ast.Test(title, path, size, tuple(puts), expects, span=span)


UNNAMED: dict[str, Builder] = {
    "import": _import,
    "scale": _scale,
    "doubtful": _doubtful,
    "frame": _frame,
    "keep": _keep,
}
BUILDERS: dict[str, Builder] = {
    "param": _param,
    "color": _color,
    "region": _region,
    "grid": _grid,
    "attribute": _attribute,
    "blobs": _blobs,
    "object": _object,
    "let": _let,
    "rule": _rule,
    "variant": _variant,
    "test": _test,
}
