"""Rules: the condition, the labels of a violation, and the rules from cardinalities."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from logidsl import ir
from logidsl import types as ty
from logidsl.check import errors, infer, matching, number_errors, units
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.syntax import ast


@dataclass
class Said:
    """What a rule says when it is broken."""

    labels: dict[str, ir.Outcome] = field(default_factory=dict)
    severity: str | None = None
    verdict: Literal["fail", "review"] = "fail"
    message: str | None = None
    message_nodes: dict[str, int] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The fields of the rule."""
        said = vars(self).copy()
        labels = said.pop("labels")
        return {**{word: labels.get(word) for word in ("defect", "low", "high")}, **said}


def rule(c: Context, s: ast.Rule) -> ir.Rule | None:
    """A `rule` statement."""
    node = infer.truth(c, s.body, Scope(), spine=True)
    spine = c.spine
    if node.bad:
        _outcomes(c, s.outcomes, Scope(), None, quiet=True)
        return None
    said = _outcomes(c, s.outcomes, spine, _single_comparison(s.body))
    return ir.Rule(
        name=s.name.name,
        node=node.node,
        about=s.about,
        anomaly=s.anomaly.name if s.anomaly else None,
        span=place(s.span),
        **said.fields(),
    )


def cardinality(c: Context, s: ast.Object | ast.Derived) -> ir.Rule | None:
    """The rule of a cardinality: of kind quantity, named after the object."""
    assert s.cardinality is not None
    name, card = s.name, s.cardinality
    thing = c.things[name.name].kind
    span = name.span.to(card.span)
    each = c.objects("class" if thing == "class" else "set", name.name, name.span)
    count = c.add(ir.Aggregate(fn="count", each=each.node, type=ty.COUNT, depth=0, span=place(span)))
    node = _limits(c, count, card, s)
    if node is None or node.bad:
        return None
    said = _outcomes(c, s.outcomes, Scope(), True)
    return ir.Rule(
        name=name.name,
        node=node.node,
        anomaly="quantity",
        cardinality=name.name,
        span=place(span),
        **said.fields(),
    )


def _limits(c: Context, count: Typed, card: ast.Cardinality, s: ast.Object | ast.Derived) -> Typed | None:
    span = s.name.span.to(card.span)
    if isinstance(card.value, ast.RangeExpr):
        return matching.within_range(c, count, s.name.span, card.value, span, Scope())
    meant = units.hyphenated(card.value)
    if meant is not None:
        return c.error(number_errors.hyphen(card.value.span.text, f"{s.name.name}: {meant}", span))
    limit = infer.value(c, card.value, Scope())
    if limit.bad:
        return limit
    number = units.constant(c, limit.node)
    if limit.type != ty.COUNT or (number is not None and number < 0):
        return c.error(errors.bad_cardinality(card.value.span, card.value.span.text))
    op = {"exactly": "=", "at least": ">=", "at most": "<="}[card.word]
    return c.call(op, (count.node, limit.node), ty.TRUTH, Scope(), span)


def _single_comparison(body: ast.Expr) -> bool:
    """Whether a rule is a single comparison below its `every`s."""
    while isinstance(body, ast.Every):
        body = body.body
    match body:
        case ast.Compare():
            return len(body.operators) == 1 and body.operators[0] != "!="
        case ast.Among():
            return isinstance(body.options, ast.RangeExpr)
        case _:
            return False


def _outcomes(
    c: Context, outcomes: tuple[ast.Outcome, ...], scope: Scope, single: bool | None, quiet: bool = False
) -> Said:
    said = Said()
    for o in outcomes:
        if o.word in ("low", "high") and single is False:
            c.bag.add(errors.low_high(o.word, o.span))
        match o.word, o.value:
            case "severity", ast.Ident(name):
                said.severity = name
            case "verdict", ast.Ident(name):
                if name == "review":
                    said.verdict = "review"
                else:
                    c.bag.add(errors.rule_verdict(name, o.span))
            case "message", ast.Text(value):
                said.message = value
                if not quiet:
                    said.message_nodes = _message(c, o.value, scope)
            case (("defect" | "low" | "high"), ast.Ident(name)):
                said.labels[o.word] = ir.Outcome(label=name)
            case (("defect" | "low" | "high"), ast.Text(value)):
                said.labels[o.word] = ir.Outcome(label=value)
            case (("defect" | "low" | "high"), ast.MatchExpr()) if not quiet:
                made = matching.match(c, o.value, scope, ty.TEXT)
                if not made.bad and made.type not in (ty.TEXT, ty.NONE):
                    c.bag.add(errors.rule_label(o.word, o.value.span))
                elif not made.bad:
                    said.labels[o.word] = ir.Outcome(node=made.node)
            case _:
                if not quiet:
                    c.bag.add(errors.rule_label(o.word, o.span))
    return said


def _message(c: Context, text: ast.Text, scope: Scope) -> dict[str, int]:
    """The node of each `{name}` and `{name.attribute}` in a message."""
    found = {}
    for words in re.findall(r"\{([^{}]*)\}", text.value):
        parts = words.strip().split(".")
        if not 1 <= len(parts) <= 2 or not all(re.fullmatch(r"[A-Za-z_]\w*", p) for p in parts):
            c.bag.add(errors.message_name(words, text.span))
            continue
        expr: ast.Expr = ast.Ref(parts[0], span=text.span)
        if len(parts) == 2:
            expr = ast.Attr(expr, parts[1], span=text.span)
        made = infer.value(c, expr, scope)
        if not made.bad:
            found[words] = made.node
    return found
