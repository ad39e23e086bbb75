"""Comparison, membership, lists and `match`: the type of one side determines the meaning of the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from logidsl import ir
from logidsl import types as ty
from logidsl.check import colors, errors, infer, number_errors, orders, sets, units, word_errors
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.types import Type

_EXACT_KINDS = ("label", "text", "object", "truth", "none")


@infer.handles_truth(ast.Compare)
def compare(c: Context, expr: ast.Compare, scope: Scope, spine: bool) -> Typed:
    """A chain of comparisons: the conjunction of its links."""
    if any(o[0] == "<" for o in expr.operators) and any(o[0] == ">" for o in expr.operators):
        words = [o.span.text for o in expr.operands]
        pairs = [f"{a} {op} {b}" for a, op, b in zip(words, expr.operators, words[1:], strict=False)]
        return c.error(errors.turned_chain(" and ".join(pairs), expr.span))
    operands = _operands(c, expr, scope)
    bad = next((o for o in operands if o.bad), None)
    if bad:
        return bad
    links = []
    for i, op in enumerate(expr.operators):
        pair = (expr.operands[i], expr.operands[i + 1])
        links.append(_link(c, op, operands[i], operands[i + 1], pair, expr, scope))
    bad = next((x for x in links if x.bad), None)
    if bad or len(links) == 1:
        return bad or links[0]
    return c.call("and", tuple(x.node for x in links), ty.TRUTH, scope, expr.span)


def _is_open_name(c: Context, expr: ast.Expr, scope: Scope) -> bool:
    """Whether a bare name can only be a colour or a label, so that the other side decides."""
    return (
        isinstance(expr, ast.Ref)
        and expr.name not in scope.names
        and expr.name not in c.things
        and c.attribute_type(expr.name) is None
        and expr.name != "image"
    )


def _operands(c: Context, expr: ast.Compare, scope: Scope) -> list[Typed]:
    first = next((i for i, o in enumerate(expr.operands) if not _is_open_name(c, o, scope)), 0)
    known = infer.value(c, expr.operands[first], scope)
    hint = None if known.bad else known.type
    rest = {
        i: infer.value(c, operand, scope, hint)
        for i, operand in enumerate(expr.operands)
        if i != first and not (known.bad and _is_open_name(c, operand, scope))
    }
    return [known, *rest.values()] if known.bad else [rest.get(i, known) for i in range(len(expr.operands))]


def _link(
    c: Context,
    op: str,
    a: Typed,
    b: Typed,
    pair: tuple[ast.Expr, ast.Expr],
    expr: ast.Compare,
    scope: Scope,
) -> Typed:
    left, right = pair
    if len(expr.operators) == 1 and op in ("=", "!=") and a.type == ty.COUNT and (meant := units.hyphenated(right)):
        among = f"{left.span.text} {'in' if op == '=' else 'not in'} {meant}"
        return c.error(number_errors.hyphen(right.span.text, among, expr.span))
    a, b = units.fit_pair(c, a, b, scope, (left.span, right.span))
    if a.bad or b.bad:
        return a if a.bad else b
    joined = ty.join(a.type, b.type)
    if joined is None or (op in ("<", "<=", ">", ">=") and joined.kind != "number"):
        if joined is not None:
            return c.error(errors.wrong_type(left.span.text, a.type, f"a number beside `{op}`", left.span))
        sides = left.span.text, a.type, right.span.text, b.type
        return c.error(number_errors.different_types(*sides, expr.span, c.scaled))
    if op in ("<", "<=", ">", ">="):
        return c.call(op, (a.node, b.node), ty.TRUTH, scope, expr.span)
    if expr.within is not None:
        return _within(c, a, b, joined, op, expr, scope)
    if joined == ty.COLOR and (chosen := colors.chosen(c, a.node, b.node)) is not None:
        measured = a if chosen == b.node else b
        found = colors.equal(c, measured, chosen, scope, expr.span)
        return c.call("not", (found.node,), ty.TRUTH, scope, expr.span) if op == "!=" else found
    if joined.kind == "list" and _unordered(c, a, b):
        return c.error(errors.list_needs_order(left.span))
    if not _is_exact(c, a, b, joined):
        counted = _as_a_count(c, a, b)
        of, words = (b, right.span.text) if a.type == ty.COUNT else (a, left.span.text)
        if ty.COUNT in (a.type, b.type) and counted is None:
            return c.error(number_errors.ratio_beside_count(words, of.type, expr.span))
        return c.error(number_errors.needs_within(words, of.type, expr.span, counted))
    return c.call(op, (a.node, b.node), ty.TRUTH, scope, expr.span)


def _within(c: Context, a: Typed, b: Typed, joined: Type, op: str, expr: ast.Compare, scope: Scope) -> Typed:
    assert expr.within is not None
    of = joined
    if joined.kind == "list" and joined.item is not None:
        if _unordered(c, a, b):
            return c.error(errors.list_needs_order(expr.operands[0].span))
        of = joined.item if joined.item.kind != "none" else ty.RATIO
    limit = units.tolerance(c, of, expr.within, scope)
    if of == ty.RATIO and (whole := units.share_of(c, a, b, expr)) is not None:
        return c.error(word_errors.share_of_a_value(expr.within.span.text, whole, expr.within.span))
    if limit is None:
        return c.error(number_errors.needless_within(str(joined), expr.within.span))
    if limit.bad:
        return limit
    found = c.call("equal_within", (a.node, b.node, limit.node), ty.TRUTH, scope, expr.span)
    return c.call("not", (found.node,), ty.TRUTH, scope, expr.span) if op == "!=" else found


def _is_exact(c: Context, a: Typed, b: Typed, joined: Type) -> bool:
    """Whether `=` without `within` is possible: counts, labels, texts, a colour and a named one, and lists of these."""
    match joined.kind:
        case "number":
            return ty.is_exact(joined)
        case "color":
            return any(_are_named_colors(c, v.node) for v in (a, b))
        case "list":
            items = [v.type.item or ty.NONE for v in (a, b)]
            if ty.NONE in items:  # of a list without items
                return True
            return _is_exact(c, Typed(a.node, items[0]), Typed(b.node, items[1]), joined.item or ty.NONE)
        case _:
            return joined.kind in _EXACT_KINDS


def _are_named_colors(c: Context, i: int) -> bool:
    node = c.nodes[i]
    if isinstance(node, ir.Call) and node.fn == "list":
        return all(_are_named_colors(c, a) for a in node.args)
    return isinstance(node, ir.Literal_) and node.value in c.colors


def _unordered(c: Context, *lists: Typed) -> bool:
    for v in lists:
        node = c.nodes[v.node]
        parts = node.args if isinstance(node, ir.Call) and node.fn == "splice" else ()
        if _unordered(c, *(Typed(a, c.nodes[a].type) for a in parts)):
            return True
        if isinstance(node, ir.Aggregate) and node.fn == "list" and node.by is None and node.each is not None:
            store = str(c.nodes[node.each].type.domain)
            several = next((g.of_set for g in c.grids if f"grid:{g.name}" == store), False)
            if store == ty.OBJECTS or several:
                return True
    return False


@infer.handles_truth(ast.Among)
def among(c: Context, expr: ast.Among, scope: Scope, spine: bool) -> Typed:
    """`value in range` and `value in [options]`."""
    found = infer.value(c, expr.value, scope)
    if found.bad:
        return found
    match expr.options:
        case ast.RangeExpr():
            return within_range(c, found, expr.value.span, expr.options, expr.span, scope)
        case ast.ListExpr():
            return _options(c, found, expr, expr.options, scope)
        case _:
            span = expr.options.span
            if (meant := units.hyphenated(expr.options)) is not None:
                return c.error(number_errors.hyphen(span.text, meant, span))
            if sets.is_place(c, expr.options, scope):
                return c.error(errors.use_inside(span.text, expr.span))
            other = infer.value(c, expr.options, scope)
            if other.bad:
                return other
            return c.error(errors.wrong_type(span.text, other.type, "a range `a .. b` or a list `[a, b]`", span))


def within_range(c: Context, found: Typed, words: Span, options: ast.RangeExpr, span: Span, scope: Scope) -> Typed:
    """`value in low .. high`, both ends included."""
    if found.type.kind != "number":
        return c.error(errors.wrong_type(words.text, found.type, "a number", words))
    low, high = (infer.value(c, e, scope, found.type) for e in units.ends(options))
    if low.bad or high.bad:
        return low if low.bad else high
    wanted = found.type
    if wanted == ty.PERCENT:
        found, wanted = units.fit(c, found, ty.RATIO, scope, words), ty.RATIO
    first, last = (units.fit(c, v, wanted, scope, e.span) for v, e in ((low, options.low), (high, options.high)))
    if first.bad or last.bad:
        return first if first.bad else last
    for v, e in ((first, options.low), (last, options.high)):
        if ty.join(v.type, wanted) is None:
            return c.error(number_errors.different_types(words.text, wanted, e.span.text, v.type, span, c.scaled))
    ends = units.constant(c, first.node), units.constant(c, last.node)
    round_ = ty.period_deg([found.type, first.type, last.type]) is not None
    alike = units.is_share(c, first.node) == units.is_share(c, last.node)  # 10 px .. 50 % depends on the picture
    if ends[0] is not None and ends[1] is not None and alike and ends[0] > ends[1] and not round_:
        return c.error(number_errors.backwards(options.low.span.text, options.high.span.text, options.span))
    return c.call("between", (found.node, first.node, last.node), ty.TRUTH, scope, span)


def _options(c: Context, found: Typed, expr: ast.Among, options: ast.ListExpr, scope: Scope) -> Typed:
    if any(isinstance(item, ast.ColumnOf) for item in options.items):
        return _among_members(c, found, expr, options, scope)
    if found.type.kind == "list" and _unordered(c, found):
        return c.error(errors.list_needs_order(expr.value.span))
    args = []
    for item in options.items:
        one = infer.value(c, item, scope, found.type)
        one = one if one.bad else units.fit(c, one, found.type, scope, item.span)
        if one.bad:
            return one
        joined = ty.join(found.type, one.type)
        if joined is None:
            words = expr.value.span.text
            return c.error(
                number_errors.different_types(words, found.type, item.span.text, one.type, expr.span, c.scaled)
            )
        if not _is_exact(c, found, one, joined):
            items = [i.span.text for i in options.items]
            return c.error(number_errors.needs_within_in_list(expr.value.span.text, found.type, items, expr.span))
        args.append(one.node)
    return c.call("one_of", (found.node, *args), ty.TRUTH, scope, expr.span)


def _among_members(c: Context, found: Typed, expr: ast.Among, options: ast.ListExpr, scope: Scope) -> Typed:
    """`value in [kind of icon]`: whether the value is in a list."""
    members = list_of(c, options, scope, ty.list_of(found.type))
    if members.bad:
        return members
    assert members.type.item is not None
    joined = ty.join(found.type, members.type.item)
    if joined is None:
        words = expr.value.span.text, options.span.text
        return c.error(
            number_errors.different_types(words[0], found.type, words[1], members.type.item, expr.span, c.scaled)
        )
    if joined.kind not in ("label", "text", "none") and not ty.is_exact(joined):
        return c.error(number_errors.needs_within_in_list(expr.value.span.text, found.type, (), expr.span))
    return c.call("member", (found.node, members.node), ty.TRUTH, scope, expr.span)


@infer.handles_value(ast.ListExpr)
def list_of(c: Context, expr: ast.ListExpr, scope: Scope, hint: Type | None) -> Typed:
    """`[a, b]`, or an ordered column of a set: `[class of bolt by x]`."""
    expr = orders.with_keys(c, expr, scope)
    if len(expr.items) == 1 and isinstance(expr.items[0], ast.ColumnOf):
        return _column_list(c, expr.items[0], expr.span, scope)
    if any(isinstance(e, ast.ColumnOf) for e in expr.items):
        return _spliced(c, expr, scope, hint)
    return _items_list(c, expr.items, expr.span, scope, hint)


def _items_list(c: Context, exprs: Sequence[ast.Expr], span: Span, scope: Scope, hint: Type | None) -> Typed:
    """A list of single items."""
    wanted = hint.item if hint is not None and hint.kind == "list" else None
    items: list[Typed] = []
    joined: Type = ty.NONE
    for e in units.sharing(exprs):
        one = infer.value(c, e, scope, wanted)
        if wanted is not None and not one.bad:
            one = units.fit(c, one, wanted, scope, e.span)
        if one.bad:
            return one
        one = units.zero(c, one, joined)
        items = [units.zero(c, i, one.type) for i in items]
        joined = items[0].type if items and joined == ty.COUNT else joined
        wider = ty.join(joined, one.type)
        if wider is None:
            return c.error(errors.mixed_arms(joined, one.type, e.span))
        joined, wanted = wider, wanted or wider
        items.append(one)
    return c.call("list", tuple(i.node for i in items), ty.list_of(joined), scope, span)


def _spliced(c: Context, expr: ast.ListExpr, scope: Scope, hint: Type | None) -> Typed:
    """A list of columns and single items: each column's values are inserted at its position.

    The columns determine the type of the items: a bare `cherry` beside `kind of icon` is a kind.
    """
    runs = [list(run) for _, run in groupby(expr.items, lambda e: isinstance(e, ast.ColumnOf) and id(e))]
    columns = {
        i: _column_list(c, e, e.span, scope) for i, run in enumerate(runs) if isinstance(e := run[0], ast.ColumnOf)
    }
    joined: Type = ty.list_of(ty.NONE)
    for i in [*columns, *(i for i in range(len(runs)) if i not in columns)]:
        one = columns[i] if i in columns else _items_list(c, runs[i], runs[i][0].span, scope, hint or joined)
        if one.bad:
            return one
        wider = ty.join(joined, one.type)
        if wider is None:
            return c.error(errors.mixed_arms(joined.item or joined, one.type.item or one.type, runs[i][0].span))
        joined = wider
        columns[i] = one
    return c.call("splice", tuple(columns[i].node for i in range(len(runs))), joined, scope, expr.span)


def _column_list(c: Context, column: ast.ColumnOf, span: Span, scope: Scope) -> Typed:
    w = sets.walk(c, column.of, scope)
    found = infer.value(c, column.value, w.scope)
    if w.bad or found.bad:
        return c.failed(span)
    if found.type.kind not in ("number", "label", "text", "color"):
        wanted = "numbers, labels, texts or colours"
        return c.error(errors.wrong_type(column.value.span.text, found.type, wanted, column.value.span))
    return c.add(
        ir.Aggregate(
            fn="list",
            each=w.each.node,
            where=w.filter(c, span),
            next=w.follower,
            value=found.node,
            by=w.by.node if w.by else None,
            descending=w.descending,
            type=ty.list_of(found.type),
            depth=scope.depth,
            span=place(span),
        )
    )


@infer.handles_value(ast.MatchExpr)
def match(c: Context, expr: ast.MatchExpr, scope: Scope, hint: Type | None) -> Typed:
    """`match E { p -> v, … }`."""
    subject = infer.value(c, expr.subject, scope)
    if subject.bad:
        return subject
    arms: list[ir.Arm | None] = []
    otherwise: int | None = None
    found: Type = ty.NONE
    nothing: list[tuple[int | None, tuple[int, ...], ast.Expr]] = []
    for arm in expr.arms:
        patterns = [pattern(c, subject, expr.subject.span, p, scope) for p in arm.patterns]
        bad = next((p for p in patterns if p.bad), None)
        if bad:
            return bad
        if not patterns and isinstance(arm.value, ast.Ref) and arm.value.name == "unknown":
            continue
        if hint != ty.TEXT and _is_none(c, arm.value, scope):
            nothing.append((len(arms) if patterns else None, tuple(p.node for p in patterns), arm.value))
            arms += [None] * bool(patterns)
            continue
        one = _arm_value(c, arm.value, scope, hint or (found if found != ty.NONE else None))
        if one.bad:
            return one
        if found == ty.COUNT:  # of cases that give 0 so far
            arms = [a and a.replaced(value=_zero(c, a.value, one.type)) for a in arms]
            found = next((c.nodes[a.value].type for a in arms if a is not None), found)
        wider = ty.join(found, one.type)
        if wider is None:
            return c.error(errors.mixed_arms(found, one.type, arm.value.span))
        found = wider
        if patterns:
            arms.append(ir.Arm(patterns=tuple(p.node for p in patterns), value=one.node))
        else:
            otherwise = one.node
    for where, tests, said in nothing:  # of the type that the other cases have
        wanted = hint if found == ty.NONE and hint is not None else found
        if wanted.kind not in ("number", "color", "label"):
            return infer.value(c, said, scope, hint)
        none = c.add(ir.Literal_(type=wanted, depth=0, span=place(said.span), value="", written="none"))
        if where is None:
            otherwise = none.node
        else:
            arms[where] = ir.Arm(patterns=tests, value=none.node)
        found = wanted
    return c.add(
        ir.Match(
            subject=subject.node,
            arms=tuple(a for a in arms if a is not None),
            otherwise=otherwise,
            type=found,
            depth=scope.depth,
            span=place(expr.span),
        )
    )


def _zero(c: Context, node: int, wanted: Type) -> int:
    return units.zero(c, Typed(node, c.nodes[node].type), wanted).node


def _is_none(c: Context, expr: ast.Expr, scope: Scope) -> bool:
    """Whether a case is `none`, which equals nothing."""
    return isinstance(expr, ast.Ref) and expr.name == "none" and "none" not in (*scope.names, *c.things, *c.colors)


def _arm_value(c: Context, expr: ast.Expr, scope: Scope, hint: Type | None) -> Typed:
    if hint == ty.TEXT and isinstance(expr, ast.Ref):
        # the label of a defect: any name
        return c.add(ir.Literal_(type=ty.TEXT, depth=0, span=place(expr.span), value=expr.name, written=expr.name))
    if hint is None:
        kinds = (ast.And, ast.Or, ast.Not, ast.Compare, ast.Among, ast.Relation, ast.Every, ast.Exists)
        return infer.truth(c, expr, scope) if isinstance(expr, kinds) else infer.value(c, expr, scope)
    found = infer.value(c, expr, scope, hint)
    return found if found.bad else units.fit(c, found, hint, scope, expr.span)


def pattern(c: Context, subject: Typed, words: Span, expr: ast.Expr, scope: Scope) -> Typed:
    """A case: a range is a condition on the subject, anything else is compared for equality."""
    if isinstance(expr, ast.RangeExpr):
        return within_range(c, subject, words, expr, expr.span, scope)
    found = infer.value(c, expr, scope, subject.type)
    found = found if found.bad else units.fit(c, found, subject.type, scope, expr.span)
    if found.bad:
        return found
    joined = ty.join(subject.type, found.type)
    if joined is None:
        return c.error(
            number_errors.different_types(words.text, subject.type, expr.span.text, found.type, expr.span, c.scaled)
        )
    if not _is_exact(c, subject, found, joined):
        node = c.nodes[found.node]
        around = units.around(node.written) if isinstance(node, ir.Literal_) else None
        counted = _as_a_count(c, subject, found)
        return c.error(number_errors.case_of_measured(words.text, subject.type, around, expr.span, counted))
    return found


def _as_a_count(c: Context, found: Typed, other: Typed) -> str | None:
    """The declaration that turns a `number` compared with a whole one into a `count`."""
    node = c.nodes[found.node]
    if other.type != ty.COUNT or not isinstance(node, ir.Column) or node.attribute not in c.attributes:
        return None
    declared = c.attributes[node.attribute]
    return re.sub(r"number$", "count", declared.span.text) if declared.type == ty.RATIO else None
