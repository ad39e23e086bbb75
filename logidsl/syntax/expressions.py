"""Builders of the expressions. A sign between operands, and a bracket, only leave their mark on the span."""

from __future__ import annotations

from typing import Literal, cast

from logidsl.syntax import ast
from logidsl.syntax.children import Children, Part, builds
from logidsl.syntax.tokens import Token


@builds("number")
def _number(items: Children) -> ast.Number:
    return ast.Number(items.of_type("NUMBER")[0].text, span=items.span)


@builds("quantity")
def _quantity_expr(items: Children) -> ast.Quantity:
    return items.quantities[0]


@builds("text")
def _text_expr(items: Children) -> ast.Text:
    return items.texts[0]


@builds("attr", "label")
def _ref(items: Children) -> ast.Ref:
    soft = items.part("soft_word")
    word = (soft or items).items[0]
    return ast.Ref(word.text if isinstance(word, Token) else "", span=items.span)


@builds("soft_word")
def _soft_word(items: Children) -> Part:
    return Part("soft_word", items, items.span)


@builds("path")
def _path(items: Children) -> ast.Attr:
    base, name = items.exprs
    return ast.Attr(base, cast("ast.Ref", name).name, span=items.span)


@builds("call")
def _call(items: Children) -> ast.CallExpr:
    return ast.CallExpr(items.names[0].name, items.exprs, span=items.span)


@builds("column")
def _column(items: Children) -> ast.ColumnOf:
    value, of = items.exprs
    return ast.ColumnOf(value, of, span=items.span)


@builds("list")
def _list(items: Children) -> ast.ListExpr:
    return ast.ListExpr(items.exprs, span=items.span)


@builds("range")
def _range(items: Children) -> ast.RangeExpr:
    low, high = items.exprs
    return ast.RangeExpr(low, high, span=items.span)


@builds("arm")
def _arm(items: Children) -> ast.MatchArm:
    *patterns, value = items.exprs
    return ast.MatchArm(tuple(patterns), value, span=items.span)


@builds("else_arm")
def _else_arm(items: Children) -> ast.MatchArm:
    return ast.MatchArm((), items.expr, span=items.span)


@builds("match")
def _match(items: Children) -> ast.MatchExpr:
    arms = items.nodes(ast.MatchArm)
    return ast.MatchExpr(items.expr, arms, span=items.span)


@builds("and")
def _and(items: Children) -> ast.And:
    parts = tuple(q for p in items.exprs for q in (p.parts if isinstance(p, ast.And) else (p,)))
    return ast.And(parts, span=items.span)


@builds("or")
def _or(items: Children) -> ast.Or:
    parts = tuple(q for p in items.exprs for q in (p.parts if isinstance(p, ast.Or) else (p,)))
    return ast.Or(parts, span=items.span)


@builds("union")
def _union(items: Children) -> ast.Union:
    parts = tuple(q for p in items.exprs for q in (p.parts if isinstance(p, ast.Union) else (p,)))
    return ast.Union(parts, span=items.span)


@builds("not")
def _not(items: Children) -> ast.Not:
    return ast.Not(items.expr, span=items.span)


@builds("if")
def _if(items: Children) -> ast.If:
    condition, then, *rest = items.exprs
    otherwise = rest[0] if rest else None
    return ast.If(condition, then, otherwise, span=items.span)


@builds("compare")
def _compare(items: Children) -> ast.Compare:
    operators = tuple(w.text for w in items.of_type("ORDER", "=", "!="))
    within = items.part_expr("within")
    return ast.Compare(items.exprs, operators, within, span=items.span)


@builds("among")
def _among(items: Children) -> ast.Among:
    value, options = items.exprs
    return ast.Among(value, options, span=items.span)


@builds("not_among")
def _not_among(items: Children) -> ast.Not:
    value, options = items.exprs
    among = ast.Among(value, options, span=items.span)
    return ast.Not(among, span=items.span)


@builds("relation", "implied")
def _relation(items: Children) -> ast.Relation:
    *left, right = items.exprs
    word = items.part("relation_word")
    within = items.part_expr("within")
    spoken = " ".join(w.text for w in word.items if isinstance(w, Token)) if word else ""
    subject = left[0] if left else None
    return ast.Relation(subject, spoken, right, within, span=items.span)


@builds("every")
def _every(items: Children) -> ast.Every:
    phrase, body = items.exprs
    return ast.Every(phrase, body, span=items.span)


@builds("some", "no")
def _exists(items: Children) -> ast.Exists:
    word: Literal["some", "no"] = "no" if items.of_type("no") else "some"
    phrase = items.expr
    where = items.part_expr("where")
    if where is not None:
        span = Children(items.items[1:]).span
        phrase = ast.Phrase(items.expr, where, None, span=span)
    return ast.Exists(word, phrase, span=items.span)


@builds("phrase", "filtered")
def _phrase(items: Children) -> ast.Expr:
    head, where, by = items.expr, items.part_expr("where"), items.part_expr("order")
    if where is None and by is None:
        return head
    return ast.Phrase(head, where, by, span=items.span)


@builds("named")
def _named_set(items: Children) -> ast.Named:
    return ast.Named(items.expr, items.names[0], span=items.span)


@builds("neighbours")
def _neighbours(items: Children) -> ast.Neighbours:
    first, second = items.names
    return ast.Neighbours(items.expr, first, second, span=items.span)


@builds("sum", "product")
def _binary(items: Children) -> ast.Binary:
    left, right = items.exprs
    op = cast("Literal['+', '-', '*', '/']", items.of_type("+", "-", "PLUS", "MINUS", "TIMES")[0].text)
    return ast.Binary(op, left, right, span=items.span)


@builds("minus")
def _minus(items: Children) -> ast.Negate:
    return ast.Negate(items.expr, span=items.span)


@builds("other")
def _other(items: Children) -> ast.Other:
    return ast.Other(items.expr, span=items.span)
