"""Statements beside the rules: variants, `keep best`, and tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from logidsl import ir
from logidsl import types as ty
from logidsl.check import errors, infer, number_errors, sets, units
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.library import attribute, builtins
from logidsl.syntax import ast

VERDICTS: tuple[Literal["pass", "fail", "review"], ...] = ("pass", "fail", "review")


def conditions(c: Context, variants: list[ast.Variant]) -> dict[str, Typed]:
    """The condition of each variant, by name; `otherwise` is when no other applies."""
    found: dict[str, Typed] = {}
    other: ast.Variant | None = None
    for v in variants:
        if v.name.name in found or (other is not None and other.name.name == v.name.name):
            c.bag.add(errors.declared_twice(v.name.name, v.name.span, v.name.span, "variant"))
        if v.when is not None:
            found[v.name.name] = infer.truth(c, v.when, Scope())
        elif other is not None:
            c.bag.add(errors.two_otherwise(v.name.span, other.name.span))
        else:
            other = v
    whens = tuple(found[name].node for name in sorted(found) if not found[name].bad)  # in no order of statements
    if other is not None and whens:
        some = c.call("or", whens, ty.TRUTH, Scope(), other.span) if len(whens) > 1 else Typed(whens[0], ty.TRUTH)
        found[other.name.name] = c.call("not", (some.node,), ty.TRUTH, Scope(), other.span)
    return found


def one_variant(c: Context, variants: list[ast.Variant], found: Mapping[str, Typed]) -> ir.Rule | None:
    """The rule that exactly one variant applies; it is never false, but leaves the image to review."""
    whens = tuple(found[name].node for name in sorted({v.name.name for v in variants} & set(found)))
    if not whens or any(t.bad for t in found.values()):
        return None
    span = variants[0].name.span
    node = c.call("one_variant", whens, ty.TRUTH, Scope(), span)
    return ir.Rule(name="one_variant", node=node.node, about="which variant it is", span=place(span))


def under(c: Context, rule: ir.Rule, condition: Typed, s: ast.Variant) -> ir.Rule:
    """A rule that is judged only if its variant applies."""
    node = c.call("if", (condition.node, rule.node), ty.TRUTH, Scope(), s.name.span)
    return rule.replaced(node=node.node)


def described(
    variants: Sequence[ast.Variant], conditions: Mapping[str, Typed], rules: Sequence[ir.Rule]
) -> tuple[ir.Variant, ...]:
    """The variants as stored in the program, for explanations: the rules themselves contain their conditions."""
    made = {r.name for r in rules}
    return tuple(
        ir.Variant(
            name=v.name.name,
            node=conditions[v.name.name].node,
            otherwise=v.when is None,
            rules=tuple(n for s in v.statements if (n := _rule_name(s)) is not None and n in made),
            span=place(v.span),
        )
        for v in variants
        if v.name.name in conditions
    )


def _rule_name(s: ast.Statement) -> str | None:
    """The name of a statement as a rule, if it is one."""
    match s:
        case ast.Rule():
            return s.name.name
        case ast.Object() | ast.Derived() if s.cardinality is not None:
            return s.name.name
        case _:
            return None


def keep(c: Context, s: ast.Keep) -> ir.Keep | None:
    """`keep best of classes where overlap > share`."""
    match s.phrase:
        case ast.Phrase(
            head=head,
            names=(),
            by=(),
            where=ast.Compare(operands=(ast.Ref(name=name), limit), operators=operators, within=None),
        ) if name in builtins("function") and builtins("function")[name].keeps and operators in ((">",), (">=",)):
            strict = operators == (">",)
        case _:
            head = s.phrase.head if isinstance(s.phrase, ast.Phrase) else s.phrase
            c.bag.add(errors.keep_form(sets.class_names(head), s.span))
            return None
    made = units.fit(c, infer.value(c, limit, Scope(), ty.RATIO), ty.RATIO, Scope(), limit.span)
    share = units.constant(c, made.node)
    names = sets.class_names(head)
    if made.bad or share is None or not names or not 0 <= share <= 1:
        if not made.bad:
            c.bag.add(errors.keep_form(names, s.span))
        return None
    for name in names:
        if name not in c.things or c.things[name].kind != "class":
            known = [t.name for t in c.things.values() if t.kind == "class"]
            c.bag.add(errors.unknown_name(name, head.span, known))
            return None
        c.things[name].used = True
    return ir.Keep(classes=tuple(sorted(names)), share=share, strict=strict, span=place(s.span))


def test(c: Context, s: ast.Test, rules: list[str], labels: set[str] | None) -> ir.TestCase | None:
    """A `test` statement. `labels` is None if an error elsewhere hides some."""
    width = height = 0.0
    if s.size is not None:
        sides = [infer.value(c, q, Scope()) for q in s.size]
        for side, q in zip(sides, s.size, strict=True):
            if not side.bad and side.type.dim != "length":
                c.bag.add(errors.test_form(q.span.text, "a length", q.span))
                return None
        width, height = (units.constant(c, side.node) or 0.0 for side in sides)
    puts = [_put(c, p) for p in s.puts]
    expects = [_expect(c, e, rules, labels) for e in s.expects]
    if any(p is None for p in puts) or any(e is None for e in expects):
        return None
    return ir.TestCase(
        title=s.title.value,
        file=s.scene.value if s.scene is not None else None,
        width=width,
        height=height,
        puts=tuple(p for p in puts if p),
        expects=tuple(e for e in expects if e),
        span=place(s.span),
    )


def _put(c: Context, p: ast.Put) -> ir.Put | None:
    known = [t.name for t in c.things.values() if t.kind == "class"]
    if p.name.name not in known:
        c.bag.add(errors.test_name(p.name.name, "class", p.name.span, known))
        return None
    if p.shape.function != "box" or len(p.shape.args) != 4:
        c.bag.add(errors.test_form(p.shape.span.text, "`box(x0, y0, x1, y1)`", p.shape.span))
        return None
    edges = []
    for n, e in enumerate(p.shape.args):
        wanted = ty.length("y" if n % 2 else "x")
        made = units.fit(c, infer.value(c, e, Scope(), wanted), wanted, Scope(), e.span)
        if not made.bad and made.type.dim != "length":
            made = c.error(errors.test_form(e.span.text, "a length", e.span))
        edges.append(made)
    further = {s.name.name: _setting(c, s) for s in p.settings}
    if any(e.bad for e in edges) or any(v is None for v in further.values()):
        return None
    x0, y0, x1, y1 = (e.node for e in edges)
    said = {name: node for name, node in further.items() if node is not None}
    return ir.Put(name=p.name.name, box=(x0, y0, x1, y1), values=said, span=place(p.span))


def _setting(c: Context, s: ast.Setting) -> int | None:
    wanted = c.attribute_type(s.name.name)
    if wanted is None:
        c.bag.add(errors.unknown_attribute(s.name.name, s.name.span, [*builtins("attribute"), *c.attributes]))
        return None
    known = attribute(s.name.name)
    directional = known is not None and known.directional
    if c.stretch != 1 and (directional or (wanted.dim == "length" and wanted.axis is None)):
        c.bag.add(number_errors.stretched_attribute(s.name.name, s.name.span))
        return None
    made = infer.value(c, s.value, Scope(), wanted)
    made = made if made.bad else units.fit(c, made, wanted, Scope(), s.value.span)
    if not made.bad and ty.join(made.type, wanted) is None:
        made = c.error(errors.test_form(s.value.span.text, f"a {wanted}", s.value.span))
    if wanted == ty.COUNT and not made.bad:
        value = units.constant(c, made.node)
        if value is None or value < 0 or not value.is_integer():
            made = c.error(errors.test_form(s.value.span.text, "a whole number of at least 0", s.value.span))
    return None if made.bad else made.node


def _expect(c: Context, e: ast.Expect, rules: list[str], labels: set[str] | None) -> ir.Expect | None:
    if e.defect is not None:
        name = e.defect.name if isinstance(e.defect, ast.Ident) else getattr(e.defect, "value", None)
        if not isinstance(name, str):
            c.bag.add(errors.rule_label("expect defect", e.span))
            return None
        if labels is not None and name not in labels:
            c.bag.add(errors.test_name(name, "defect", e.span, labels))
            return None
        return ir.Expect(defect=name, span=place(e.span))
    assert e.verdict is not None
    verdict = next((v for v in VERDICTS if v == e.verdict.name), None)
    if verdict is None:
        c.bag.add(errors.test_form(e.verdict.name, "`pass`, `fail`, `review` or `defect`", e.verdict.span))
        return None
    for r in e.rules:
        if r.name not in rules:
            c.bag.add(errors.test_name(r.name, "rule", r.span, rules))
            return None
    return ir.Expect(verdict=verdict, rules=tuple(r.name for r in e.rules), span=place(e.span))
