"""From a rule of the grammar to a node of the tree.

Owns `NODES`, which gives for each rule the class of its node and where the fields come from, and `build`, which the
parser calls with what the rule is made of, bottom-up; a node's `span` comes from its parts. A rule whose name begins
with `_` has no node: its parts go to the rule above it, and with them the signs it held, so brackets vanish.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from logidsl.syntax import ast
from logidsl.syntax.children import Children, Item, Part
from logidsl.syntax.tokens import Token

Exprs: TypeAlias = tuple[ast.Expr, ...]
Field: TypeAlias = Callable[[Children, Exprs], Any]

#: Rules that only mark their parts for the rule above.
PARTS = frozenset(
    {"settings", "of", "where", "order", "within", "when", "aliases", "scene_size", "names", "relation_word"}
    | {"soft_word", "over", "view_value"}
)


def build(rule: str, items: list[Item]) -> Item | list[Item]:
    """What a rule makes of its parts: a node, a marked part, or several items for the rule above."""
    made = Children(items)
    if (entry := NODES.get(rule)) is not None:
        exprs = made.exprs
        return entry[0](*[field(made, exprs) for field in entry[1:]], span=made.span)
    return Part(rule, made, made.span) if rule in PARTS else OTHERS[rule](made)


# ---- where a field comes from ----


def _expr(index: int) -> Field:
    return lambda c, exprs: exprs[index] if index < len(exprs) else None


def _name(index: int) -> Field:
    return lambda c, exprs: c.names[index] if index < len(c.names) else None


def _text(index: int) -> Field:
    return lambda c, exprs: c.texts[index] if index < len(c.texts) else None


def _part(rule: str) -> Field:
    return lambda c, exprs: c.part_expr(rule)


def _nodes(kind: type[ast.Node]) -> Field:
    return lambda c, exprs: c.nodes(kind)


def _node(kind: type[ast.Node]) -> Field:
    return lambda c, exprs: next(iter(c.nodes(kind)), None)


def _first(*types: str) -> Field:
    """The text of the first token of some types."""
    return lambda c, exprs: c.of_type(*types)[0].text


def _joined(kind: type[ast.And | ast.Or | ast.Union]) -> Field:
    """The operands, those of an operand of the same kind with them."""
    return lambda c, exprs: tuple(q for p in exprs for q in (p.parts if isinstance(p, kind) else (p,)))


def _exprs(c: Children, exprs: Exprs) -> Exprs:
    return exprs


def _always(value: object) -> Field:
    return lambda c, exprs: value


def _about(c: Children, exprs: Exprs) -> str | None:
    return c.texts[0].value if c.texts else None


def _relation_word(c: Children, exprs: Exprs) -> str:
    part = c.part("relation_word")
    return " ".join(w.text for w in part.items if isinstance(w, Token)) if part else ""


def _ident(ref: ast.Expr) -> ast.Ident | ast.Text:
    """A name that the grammar reads as an expression, since `color` is a reserved word."""
    return ast.Ident(ref.name, span=ref.span) if isinstance(ref, ast.Ref) else ref  # type: ignore[return-value]


def _settings(c: Children, exprs: Exprs) -> tuple[ast.Setting, ...]:
    part = c.part("settings")
    return part.nodes(ast.Setting) if part else ()


def _aliases(c: Children, exprs: Exprs) -> tuple[ast.Text, ...]:
    part = c.part("aliases")
    return part.texts if part else ()


def _rules(c: Children, exprs: Exprs) -> tuple[ast.Ident, ...]:
    part = c.part("names")
    return part.names if part else ()


def _size(c: Children, exprs: Exprs) -> tuple[ast.Quantity, ...] | None:
    part = c.part("scene_size")
    return part.quantities if part else None


def _reach(c: Children, exprs: Exprs) -> ast.Number | None:
    return next((ast.Number(w.text, span=w.span) for w in c.of_type("NUMBER")), None)


def _over(c: Children, exprs: Exprs) -> ast.Expr | None:
    part = c.part("over")
    if part is None:
        return None
    return part.exprs[0] if part.exprs else ast.Ref(part.names[0].name, span=part.names[0].span)


def _view_value(c: Children, exprs: Exprs) -> ast.Text | ast.Number | None:
    part = c.part("view_value")
    if part is None:
        return None
    return part.texts[0] if part.texts else _reach(part, ())


def _splits(c: Children, exprs: Exprs) -> tuple[ast.Split, ...]:
    counted = [
        ast.Split("rows" if i.type == "ROWS" else "columns", int(i.text.split()[0]), None, span=i.span)
        if isinstance(i, Token) and i.type in ("ROWS", "COLUMNS")
        else i
        for i in c.items
    ]
    return tuple(s for s in counted if isinstance(s, ast.Split))


def _cardinality_word(c: Children, exprs: Exprs) -> str:
    if c.of_type("at"):
        return "at least" if c.of_type("least") else "at most"
    return "between" if isinstance(exprs[0], ast.RangeExpr) else "exactly"


def _label(c: Children, exprs: Exprs) -> ast.Node:
    """The label after `defect`, `low` or `high`."""
    return (*c.names, *c.texts, *c.nodes(ast.MatchExpr))[0]


def _statements(c: Children, exprs: Exprs) -> tuple[ast.Node, ...]:
    return tuple(n for n in c.nodes(ast.Node) if not isinstance(n, ast.Ident))


_FIRST, _SECOND = _expr(0), _expr(1)
_OUTCOMES = ("defect", "low", "high", "severity", "verdict", "message")
NODES: dict[str, tuple[Callable[..., ast.Node], *tuple[Field, ...]]] = {
    # ---- statements ----
    "version": (ast.Version, _first("NUMBER")),
    "spec": (ast.SpecName, _name(0), _about),
    "setting": (ast.Setting, lambda c, exprs: _ident(exprs[0]), _SECOND),
    "import": (ast.Import, _text(0), _settings),
    "param": (ast.Param, _name(0), _FIRST, _SECOND),
    "required": (ast.Param, _name(0), _always(None), _FIRST),
    "doubtful": (ast.Doubtful, _FIRST, _part("of")),
    "frame": (ast.FrameDecl, _FIRST),
    "color": (ast.Color, _name(0), _text(0), _reach),
    "region": (ast.Region, _name(0), _FIRST, _part("of")),
    "grid": (ast.Grid, _name(0), _splits, _part("of")),
    "layout": (ast.Layout, _name(0), _text(0), _part("of")),
    "rows_at": (ast.Split, _always("rows"), _always(None), _FIRST),
    "columns_at": (ast.Split, _always("columns"), _always(None), _FIRST),
    "attribute": (ast.Attribute, _name(0), _aliases, _part("of"), lambda c, exprs: tuple(map(_ident, exprs))),
    "blobs": (ast.Blobs, _name(0), _part("where"), _nodes(ast.CallExpr)),
    "keep": (ast.Keep, _FIRST),
    "object": (ast.Object, _name(0), _aliases, _part("where"), _node(ast.Cardinality), _nodes(ast.Outcome)),
    "derived": (ast.Derived, _name(0), _FIRST, _node(ast.Cardinality), _nodes(ast.Outcome)),
    **dict.fromkeys(("cardinality", "at_least", "at_most"), (ast.Cardinality, _cardinality_word, _FIRST)),
    "let": (ast.Let, _name(0), _FIRST),
    "batch": (ast.Batch, _name(0), _node(ast.BatchKey), _node(ast.BatchOrder)),
    "view": (ast.View, _name(0), _name(1), _node(ast.BatchKey), _view_value),
    "rule": (ast.Rule, _name(0), _about, _over, _name(1), _FIRST, _nodes(ast.Outcome)),
    **dict.fromkeys(_OUTCOMES, (ast.Outcome, _first(*_OUTCOMES), _label)),
    "variant": (ast.Variant, _name(0), _part("when"), _statements),
    "test": (ast.Test, _text(0), _text(1), _size, _nodes(ast.Put), _nodes(ast.Expect)),
    "put": (ast.Put, _name(0), _FIRST, _settings),
    "expect": (ast.Expect, _name(0), _rules, _always(None)),
    "expect_defect": (ast.Expect, _always(None), _always(()), _label),
    # ---- expressions ----
    "number": (ast.Number, _first("NUMBER")),
    "path": (ast.Attr, _FIRST, lambda c, exprs: getattr(exprs[1], "name", "")),
    "call": (ast.CallExpr, _first("NAME"), _exprs),
    "column": (ast.ColumnOf, _FIRST, _SECOND),
    "list": (ast.ListExpr, _exprs),
    "range": (ast.RangeExpr, _FIRST, _SECOND),
    "arm": (ast.MatchArm, lambda c, exprs: exprs[:-1], lambda c, exprs: exprs[-1]),
    "else_arm": (ast.MatchArm, _always(()), _FIRST),
    "match": (ast.MatchExpr, _FIRST, _nodes(ast.MatchArm)),
    "and": (ast.And, _joined(ast.And)),
    "or": (ast.Or, _joined(ast.Or)),
    "union": (ast.Union, _joined(ast.Union)),
    "not": (ast.Not, _FIRST),
    "if": (ast.If, _FIRST, _SECOND, _expr(2)),
    "compare": (
        ast.Compare,
        _exprs,
        lambda c, exprs: tuple(w.text for w in c.of_type("ORDER", "=", "!=")),
        _part("within"),
    ),
    "among": (ast.Among, _FIRST, _SECOND),
    "relation": (ast.Relation, _FIRST, _relation_word, _SECOND, _part("within")),
    "implied": (ast.Relation, _always(None), _relation_word, _FIRST, _part("within")),
    "on_view": (ast.OnView, _FIRST, _name(0)),
    "every": (ast.Every, _FIRST, _SECOND),
    "named": (ast.Named, _FIRST, _name(0)),
    "neighbours": (ast.Neighbours, _FIRST, _name(0), _name(1)),
    **dict.fromkeys(("sum", "product"), (ast.Binary, _first("+", "-", "PLUS", "MINUS", "TIMES"), _FIRST, _SECOND)),
    "minus": (ast.Negate, _FIRST),
    "other": (ast.Other, _FIRST),
}


# ---- rules that make another node, or several ----


def _scale(c: Children) -> ast.Scale:
    if c.texts:
        return ast.Scale(c.texts[0], None, None, span=c.span)
    pixels, size, size_y = (*c.nodes(ast.Attr), *c.quantities, None, None)[:3]
    return ast.Scale(pixels, size, size_y, span=c.span)  # type: ignore[arg-type]


def _ref(c: Children) -> ast.Ref:
    word = c.items[0]
    while isinstance(word, Part):  # `color`
        word = word.items.items[0]
    return ast.Ref(word.text if isinstance(word, Token) else "", span=word.span)


def _exists(c: Children) -> ast.Exists:
    phrase, where = c.expr, c.part_expr("where")
    if where is not None:
        phrase = ast.Phrase(phrase, _settings(c, ()), where, (), span=Children(c.items[1:]).span)
    return ast.Exists("no" if c.of_type("no") else "some", phrase, span=c.span)


def _phrase(c: Children) -> ast.Expr:
    where, order = c.part_expr("where"), c.part("order")
    by, names = () if order is None else order.exprs, _settings(c, ())
    return c.expr if where is None and not by and not names else ast.Phrase(c.expr, names, where, by, span=c.span)


def _key(c: Children) -> ast.BatchKey:
    *words, value = sorted([*c.names, *c.texts], key=lambda n: n.span.start)
    return ast.BatchKey(words[0] if words else None, value, span=c.span)  # type: ignore[arg-type]


def _order(c: Children) -> ast.BatchOrder:
    column = c.texts[0] if c.texts else c.names[1]
    return ast.BatchOrder(c.names[0], column, span=c.span)


def _level(c: Children) -> ast.Ident:
    word = c.of_type("NAME", "high", "low")[0]
    return ast.Ident(word.text, span=word.span)


OTHERS: dict[str, Callable[[Children], Item | list[Item]]] = {
    "start": lambda c: list(c.items),
    "scale": _scale,
    "class_name": lambda c: c.names[0],
    "objects": lambda c: [ast.Object(n, (), None, None, (), span=n.span) for n in c.names],
    "level": _level,
    "batch_key": _key,
    "batch_order": _order,
    "attr": _ref,
    "label": _ref,
    "quantity": lambda c: c.quantities[0],
    "text": lambda c: c.texts[0],
    "not_among": lambda c: ast.Not(ast.Among(*c.exprs, span=c.span), span=c.span),
    "some": _exists,
    "no": _exists,
    "phrase": _phrase,
    "filtered": _phrase,
    "bracketed": _phrase,
}
