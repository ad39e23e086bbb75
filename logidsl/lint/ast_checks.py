"""Checks on the tree alone: `other a | b`, `within 0`, variables that hide names, labels of two defects, tests with
equal titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from logidsl.check.sets import is_set_call
from logidsl.diagnostics import Diagnostic
from logidsl.lint import warnings
from logidsl.lint.places import Spec, short
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.walk import names_in, walk

_GAPS = re.compile(r"[\s_-]+")


def find(spec: Spec) -> Iterator[Diagnostic]:
    """All slips of a file."""
    for s in spec.own:
        for node in walk(s):
            yield from _others(node)
            yield from _no_play(node)
            yield from _hiding(spec, node)
            if isinstance(node, ast.CallExpr) and is_set_call(node) and spec.program.sees:
                yield warnings.never_seen(node.span.text, node.span)
        yield from _idle_variables(s)
        if isinstance(s, ast.Let | ast.Param) and s.name.name in spec.colors:
            yield warnings.hides(s.name.name, "colour", s.name.span)
        if isinstance(s, ast.Doubtful):
            yield from _doubt(spec, s)
    yield from _titles(spec)
    yield from _aliases(spec)
    yield from _labels(spec)
    if spec.file.spec is not None and not (spec.program.rules or spec.program.batch_rules):
        yield warnings.no_rule(spec.file.spec.span)


def advice(spec: Spec) -> Iterator[Diagnostic]:
    """What would be a better habit."""
    rules = [s for s in spec.own if isinstance(s, ast.Rule)]
    if spec.file.spec is not None and spec.program.rules and not spec.program.tests:
        yield warnings.no_tests(spec.file.spec.name.span)
    kinds = list(dict.fromkeys(r.anomaly.name for r in rules if r.anomaly is not None))
    for r in rules:
        if kinds and r.anomaly is None:
            yield warnings.no_kind(r.name.name, r.name.span, kinds)
    seen: dict[str, ast.Ident] = {}
    for s in spec.own:
        if isinstance(s, ast.Object | ast.Blobs):
            plain = _GAPS.sub("", s.name.name.casefold()).removesuffix("s")
            if plain in seen:
                yield warnings.like_names(seen[plain].name, s.name.name, s.name.span, seen[plain].span)
            seen.setdefault(plain, s.name)


def _others(node: ast.Node) -> Iterator[Diagnostic]:
    """`other a | b`, which is `(other a) | b`."""
    if not isinstance(node, ast.Union):
        return
    for part in node.parts[:-1]:
        if isinstance(part, ast.Other) and not _in_parentheses(part.span):
            whole = " | ".join(short(p.of.span.text if p is part else p.span.text) for p in node.parts)
            yield warnings.other_of_one(part.of.span.text, whole, part.span)


def _in_parentheses(span: Span) -> bool:
    text = span.source.text
    return text[: span.start].rstrip()[-1:] == "(" and text[span.end :].lstrip()[:1] == ")"


def _no_play(node: ast.Node) -> Iterator[Diagnostic]:
    match node:
        case ast.Compare(within=(ast.Number() | ast.Quantity()) as limit):
            pass
        case ast.Color(reach=ast.Number() as limit):
            pass
        case _:
            return
    if float(limit.text) == 0:
        yield warnings.within_nothing(limit.span.text, limit.span)


def _variables(node: ast.Node) -> tuple[ast.Ident, ...]:
    match node:
        case ast.Named(variable=variable):
            return (variable,)
        case ast.Neighbours(first=first, second=second):
            return first, second
        case _:
            return ()


def _idle_variables(s: ast.Statement) -> Iterator[Diagnostic]:
    """A variable that is not used in its statement."""
    used = {name for node in walk(s) for name in names_in(node)}
    for node in walk(s):
        for v in _variables(node):
            if v.name not in used:
                yield warnings.idle_variable(v.name, v.span)


def _hiding(spec: Spec, node: ast.Node) -> Iterator[Diagnostic]:
    """A variable with the name of a colour or a label."""
    for v in _variables(node):
        if v.name in spec.colors:
            yield warnings.hides(v.name, "colour", v.span)
        elif v.name in spec.labels:
            yield warnings.hides(v.name, f"label of `{spec.labels[v.name]}`", v.span)


def _doubt(spec: Spec, s: ast.Doubtful) -> Iterator[Diagnostic]:
    made = next((d for d in spec.program.doubtful if spec.span(d.span) == s.span), None)
    if made is None:
        return
    if made.low == made.high:
        yield warnings.idle_doubt(short(s.span.text), "both ends are the same", s.range.span)
    elif made.low >= 1 or made.high <= 0:
        yield warnings.idle_doubt(short(s.span.text), "a confidence runs from 0 to 1", s.range.span)


def _titles(spec: Spec) -> Iterator[Diagnostic]:
    seen: dict[str, Span] = {}
    for s in spec.own:
        if isinstance(s, ast.Test):
            if s.title.value in seen:
                yield warnings.repeated_title(s.title.value, s.title.span, seen[s.title.value])
            seen.setdefault(s.title.value, s.title.span)


def _aliases(spec: Spec) -> Iterator[Diagnostic]:
    """A source name that two classes share, ignoring case and separators."""
    seen: dict[str, tuple[str, Span]] = {}
    for s in spec.own:
        if not isinstance(s, ast.Object):
            continue
        for alias in s.aliases:
            plain = _GAPS.sub(" ", alias.value.casefold().strip())
            name, first = seen.setdefault(plain, (s.name.name, alias.span))
            if name != s.name.name:
                yield warnings.shared_alias(alias.value, name, s.name.name, alias.span, first)


def _labels(spec: Spec) -> Iterator[Diagnostic]:
    """A label for two defects: of rules of different kinds, or for both too small and too large."""
    seen: dict[str, tuple[str, str, Span]] = {}
    for s in spec.own:
        if not isinstance(s, ast.Rule | ast.Object | ast.Derived):
            continue
        kind = (s.anomaly.name if s.anomaly else "") if isinstance(s, ast.Rule) else "quantity"
        severity = next(
            (o.value.name for o in s.outcomes if o.word == "severity" and isinstance(o.value, ast.Ident)), ""
        )
        own: dict[str, str] = {}
        for o in s.outcomes:
            label = _label(o)
            if label is None:
                continue
            said = own.get(label)
            if said is not None and {said, o.word} == {"low", "high"}:
                one, other = f"`{s.name.name}` too small", "too large"
                first = next(p.span for p in s.outcomes if _label(p) == label)
                yield warnings.shared_label(label, one, other, o.span, first)
            own.setdefault(label, o.word)
            rule, as_, first = seen.setdefault(label, (s.name.name, f"{kind}/{severity}", o.span))
            if rule != s.name.name and kind and as_[0] != "/" and as_ != f"{kind}/{severity}":
                one, other = (
                    f"`{n}`, of {k.strip('/').replace('/', ' and severity ')}"
                    for n, k in ((rule, as_), (s.name.name, f"{kind}/{severity}"))
                )
                yield warnings.shared_label(label, one, other, o.span, first)


def _label(o: ast.Outcome) -> str | None:
    if o.word not in ("defect", "low", "high"):
        return None
    match o.value:
        case ast.Ident(name=name):
            return name
        case ast.Text(value=value):
            return value
        case _:
            return None
