"""Builders of the statements. What is optional in them has a rule of its own, and is found by that name."""

from __future__ import annotations

from typing import Literal, cast

from logidsl.syntax import ast
from logidsl.syntax.children import Children, Item, builds
from logidsl.syntax.tokens import Token


def _of(items: Children) -> ast.Expr | None:
    return items.part_expr("of")


@builds("start")
def _start(items: Children) -> list[Item]:
    return list(items.items)


@builds("version")
def _version(items: Children) -> ast.Version:
    return ast.Version(items.of_type("NUMBER")[0].text, span=items.span)


@builds("spec")
def _spec(items: Children) -> ast.SpecName:
    about = items.texts[0].value if items.texts else None
    return ast.SpecName(items.names[0], about, span=items.span)


@builds("setting")
def _setting(items: Children) -> ast.Setting:
    name, value = items.exprs
    ident = ast.Ident(cast("ast.Ref", name).name, span=name.span)
    return ast.Setting(ident, value, span=items.span)


def _settings(items: Children) -> tuple[ast.Setting, ...]:
    part = items.part("settings")
    return part.nodes(ast.Setting) if part else ()


@builds("import")
def _import(items: Children) -> ast.Import:
    settings = _settings(items)
    return ast.Import(items.texts[0], settings, span=items.span)


@builds("param")
def _param(items: Children) -> ast.Param:
    value, *rest = items.exprs
    bounds = cast("ast.RangeExpr", rest[0]) if rest else None
    return ast.Param(items.names[0], value, bounds, span=items.span)


@builds("scale")
def _scale(items: Children) -> ast.Scale:
    if items.texts:
        return ast.Scale(items.texts[0], None, None, span=items.span)
    lengths = items.nodes(ast.Attr)
    if lengths:
        return ast.Scale(lengths[0], items.quantities[0], None, span=items.span)
    pixels, size, *rest = items.quantities
    return ast.Scale(pixels, size, rest[0] if rest else None, span=items.span)


@builds("doubtful")
def _doubtful(items: Children) -> ast.Doubtful:
    bounds, of = cast("ast.RangeExpr", items.expr), _of(items)
    return ast.Doubtful(bounds, of, span=items.span)


@builds("frame")
def _frame(items: Children) -> ast.FrameDecl:
    return ast.FrameDecl(cast("ast.CallExpr", items.expr), span=items.span)


@builds("color")
def _color(items: Children) -> ast.Color:
    reach = items.of_type("NUMBER")
    number = ast.Number(reach[0].text, span=reach[0].span) if reach else None
    return ast.Color(items.names[0], items.texts[0], number, span=items.span)


@builds("region")
def _region(items: Children) -> ast.Region:
    of = _of(items)
    return ast.Region(items.names[0], items.expr, of, span=items.span)


@builds("grid")
def _grid(items: Children) -> ast.Grid:
    splits = []
    for item in items.items:
        if isinstance(item, ast.Split):
            splits.append(item)
        elif isinstance(item, Token) and item.type in ("ROWS", "COLUMNS"):
            by: Literal["rows", "columns"] = "rows" if item.type == "ROWS" else "columns"
            splits.append(ast.Split(by, int(item.text.split()[0]), None, span=item.span))
    of = _of(items)
    return ast.Grid(items.names[0], tuple(splits), of, span=items.span)


@builds("rows_at", "columns_at")
def _split_at(items: Children) -> ast.Split:
    by: Literal["rows", "columns"] = "rows" if items.of_type("rows") else "columns"
    at = cast("ast.ListExpr", items.expr)
    return ast.Split(by, None, at, span=items.span)


def _aliases(items: Children) -> tuple[ast.Text, ...]:
    part = items.part("aliases")
    return part.texts if part else ()


@builds("attribute")
def _attribute(items: Children) -> ast.Attribute:
    name, of = items.names[0], _of(items)
    options = tuple(  # `color` is a type and a word
        o if isinstance(o, ast.Text) else ast.Ident(cast("ast.Ref", o).name, span=o.span) for o in items.exprs
    )
    return ast.Attribute(name, _aliases(items), of, options, span=items.span)


@builds("blobs")
def _blobs(items: Children) -> ast.Blobs:
    where = items.part_expr("where")
    assert where is not None
    steps = items.nodes(ast.CallExpr)
    return ast.Blobs(items.names[0], where, steps, span=items.span)


@builds("keep")
def _keep(items: Children) -> ast.Keep:
    return ast.Keep(items.expr, span=items.span)


@builds("class_name")
def _class_name(items: Children) -> ast.Ident:
    return items.names[0]


@builds("objects")
def _objects(items: Children) -> list[Item]:
    """`object a, b`: a statement for each name, each with the words of its name."""
    return [ast.Object(n, (), None, None, (), span=n.span) for n in items.names]


@builds("object")
def _object(items: Children) -> ast.Object:
    where, cardinality, outcomes = items.part_expr("where"), _cardinality_of(items), items.nodes(ast.Outcome)
    return ast.Object(items.names[0], _aliases(items), where, cardinality, outcomes, span=items.span)


@builds("derived")
def _derived(items: Children) -> ast.Derived:
    cardinality, outcomes = _cardinality_of(items), items.nodes(ast.Outcome)
    return ast.Derived(items.names[0], items.expr, cardinality, outcomes, span=items.span)


def _cardinality_of(items: Children) -> ast.Cardinality | None:
    return next(iter(items.nodes(ast.Cardinality)), None)


@builds("cardinality", "at_least", "at_most")
def _cardinality(items: Children) -> ast.Cardinality:
    value = items.expr
    word: Literal["exactly", "between", "at least", "at most"] = "exactly"
    if items.of_type("at"):
        word = "at least" if items.of_type("least") else "at most"
    elif isinstance(value, ast.RangeExpr):
        word = "between"
    return ast.Cardinality(word, value, span=items.span)


@builds("let")
def _let(items: Children) -> ast.Let:
    return ast.Let(items.names[0], items.expr, span=items.span)


def _label(items: Children) -> ast.Ident | ast.Text | ast.MatchExpr:
    """The label after `defect`, `low` or `high`."""
    choices: tuple[ast.Ident | ast.Text | ast.MatchExpr, ...] = (
        *items.names,
        *items.texts,
        *items.nodes(ast.MatchExpr),
    )
    return choices[0]


@builds("level")
def _level(items: Children) -> ast.Ident:
    word = items.of_type("NAME", "high", "low")[0]
    return ast.Ident(word.text, span=word.span)


@builds("defect", "low", "high", "severity", "message")
def _outcome(items: Children) -> ast.Outcome:
    first = items.of_type("defect", "low", "high", "severity", "message")[0]
    word = cast("Literal['defect', 'low', 'high', 'severity', 'message']", first.type)
    value = _label(items)
    return ast.Outcome(word, value, span=items.span)


@builds("rule")
def _rule(items: Children) -> ast.Rule:
    name, *anomaly = items.names
    about = items.texts[0].value if items.texts else None
    outcomes = items.nodes(ast.Outcome)
    return ast.Rule(name, about, anomaly[0] if anomaly else None, items.expr, outcomes, span=items.span)


@builds("variant")
def _variant(items: Children) -> ast.Variant:
    when = items.part_expr("when")
    statements = tuple(cast("ast.Statement", i) for i in items.items if _is_statement(i))
    return ast.Variant(items.names[0], when, statements, span=items.span)


def _is_statement(item: Item) -> bool:
    return isinstance(item, ast.Node) and not isinstance(item, ast.Ident)


@builds("put")
def _put(items: Children) -> ast.Put:
    shape, settings = cast("ast.CallExpr", items.expr), _settings(items)
    return ast.Put(items.names[0], shape, settings, span=items.span)


@builds("expect")
def _expect(items: Children) -> ast.Expect:
    rules = items.part("names")
    return ast.Expect(items.names[0], rules.names if rules else (), None, span=items.span)


@builds("expect_defect")
def _expect_defect(items: Children) -> ast.Expect:
    label = _label(items)
    return ast.Expect(None, (), label, span=items.span)


@builds("test")
def _test(items: Children) -> ast.Test:
    title, *scene = items.texts
    part = items.part("scene_size")
    size = (part.quantities[0], part.quantities[1]) if part else None
    puts, expects = items.nodes(ast.Put), items.nodes(ast.Expect)
    return ast.Test(title, scene[0] if scene else None, size, puts, expects, span=items.span)
