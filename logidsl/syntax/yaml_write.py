"""From the tree of a spec to its YAML form.

Owns `to_yaml`. Conditions become keys (`all`, `every`, `if`, ...) as deep as they have structure; what is left
are expressions in the words of the text form. Takes any tree that the text form can say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from logidsl.syntax import ast
from logidsl.syntax.expression_printer import Level, call, quantity, text_of
from logidsl.syntax.pretty_printer import flat
from logidsl.syntax.statement_printer import cardinality, keyword, scaled
from logidsl.syntax.tables import reserved_words
from logidsl.syntax.yaml_keys import NAMED, SECTIONS
from logidsl.syntax.yaml_layout import Tree, lay_out


def to_yaml(file: ast.File) -> str:
    """Write a file in the YAML form.

    The statements come by kind; of one kind they keep their order. Comments are left out.

    Parameters
    ----------
    file : File
        Read without mistakes, from either form.

    Examples
    --------
    >>> from logidsl.source import Source
    >>> from logidsl.syntax.parse import parse
    >>> file, _ = parse(Source("a.logic", "rule r as size: every nut: x > 3 px and y > 3 px  defect big"))
    >>> print(to_yaml(file), end="")
    rule:
      r: {as: size, every: nut, all: [x > 3 px, y > 3 px], defect: big}
    """
    top: dict[str, Tree] = {}
    if file.version is not None:
        top["logic"] = file.version.number
    if file.spec is not None:
        top["spec"] = file.spec.name.name
        if file.spec.about is not None:
            top["about"] = file.spec.about
    return lay_out(top | _sections(file.statements))


def _sections(statements: Sequence[ast.Statement]) -> dict[str, Tree]:
    """The statements by kind."""
    out: dict[str, Tree] = {}
    for word in SECTIONS:
        chosen = [s for s in statements if keyword(s) == word]
        if chosen and word in NAMED:
            out[word] = _grouped([_named(s) for s in chosen])
        elif chosen:
            out[word] = _single([_unnamed(s) for s in chosen])
    return out


def _grouped(pairs: Sequence[tuple[str, Tree]]) -> Tree:
    """A mapping; where a name comes again, a list of mappings."""
    groups: list[dict[str, Tree]] = [{}]
    for name, value in pairs:
        if name in groups[-1]:
            groups.append({})
        groups[-1][name] = value
    return groups[0] if len(groups) == 1 else groups


def _single(items: Sequence[Tree]) -> Tree:
    """A list, or the only part of it."""
    return items[0] if len(items) == 1 else items


def _unnamed(s: ast.Statement) -> Tree:
    match s:
        case ast.Import():
            settings = _settings(s.settings)
            return {"file": s.path.value, "with": settings} if settings else s.path.value
        case ast.Scale():
            by = f" by {quantity(s.size_y)}" if s.size_y is not None else ""
            return f"{scaled(s)}{by}"
        case ast.Doubtful():
            bounds = text_of(s.range, Level.ARGUMENT)
            return bounds if s.of is None else {"in": bounds, "of": text_of(s.of, Level.UNION)}
        case ast.FrameDecl():
            return flat(call(s.call))
        case ast.Keep():
            return text_of(s.phrase, Level.PHRASE)
        case _:
            raise TypeError(s)


def _named(s: ast.Statement) -> tuple[str, Tree]:
    match s:
        case ast.Test():
            return s.title.value, _test(s)
        case ast.Import() | ast.Scale() | ast.Doubtful() | ast.FrameDecl() | ast.Keep():
            raise TypeError(s)
        case _:
            return s.name.name, _body(s)


def _body(
    s: ast.Param
    | ast.Color
    | ast.Region
    | ast.Grid
    | ast.Attribute
    | ast.Blobs
    | ast.Object
    | ast.Derived
    | ast.Let
    | ast.Rule
    | ast.Variant,
) -> Tree:
    match s:
        case ast.Param():
            value = text_of(s.value, Level.SUM)
            return value if s.bounds is None else {"is": value, "in": text_of(s.bounds, Level.ARGUMENT)}
        case ast.Color():
            return s.value.value if s.reach is None else {"hex": s.value.value, "within": s.reach.text}
        case ast.Region():
            value = text_of(s.value, Level.UNION)
            return value if s.of is None else {"is": value, "of": text_of(s.of, Level.UNION)}
        case ast.Grid():
            return _grid(s)
        case ast.Attribute():
            return _attribute(s)
        case ast.Blobs():
            steps: list[Tree] = [flat(call(step)) for step in s.steps]
            return {"where": _clause(s.where), **({"then": steps} if steps else {})}
        case ast.Object() | ast.Derived():
            return _object(s)
        case ast.Let():
            return _clause(s.value)
        case ast.Rule():
            return _rule(s)
        case ast.Variant():
            when = "otherwise" if s.when is None else _clause(s.when)
            return {"when": when, **_sections(s.statements)}
        case _:
            assert_never(s)


def _settings(settings: Sequence[ast.Setting]) -> Tree:
    return _grouped([(s.name.name, text_of(s.value, Level.SUM)) for s in settings])


def _grid(s: ast.Grid) -> Tree:
    pairs: list[tuple[str, Tree]] = []
    for split in s.splits:
        places: list[Tree] = [text_of(i, Level.ARGUMENT) for i in split.at.items] if split.at is not None else []
        pairs.append((split.by, {"at": places} if split.at is not None else str(split.count)))
    if s.of is not None:
        pairs.append(("of", text_of(s.of, Level.UNION)))
    groups = _grouped(pairs)
    return groups if isinstance(groups, dict) else [{key: value} for key, value in pairs]


def _attribute(s: ast.Attribute) -> Tree:
    names: list[Tree] = [_label(o) for o in s.options]
    out: dict[str, Tree] = {}
    if s.of is not None:
        out["of"] = text_of(s.of, Level.UNION)
    if s.aliases:
        out["named"] = _texts(s.aliases)
    alone = len(names) == 1 and isinstance(s.options[0], ast.Ident)
    if alone and not out:
        return names[0]
    return {**out, **({"is": names[0]} if alone else {"one of": names})}


def _texts(texts: Sequence[ast.Text]) -> Tree:
    return _single([t.value for t in texts])


def _object(s: ast.Object | ast.Derived) -> Tree:
    out: dict[str, Tree] = {}
    match s:
        case ast.Derived():
            out["is"] = text_of(s.phrase, Level.PHRASE)
        case ast.Object():
            if s.aliases:
                out["named"] = _texts(s.aliases)
            if s.where is not None:
                out["where"] = _clause(s.where)
    if s.cardinality is not None:
        count = flat(cardinality(s.cardinality))
        out["count"] = "(any)" if count == "any" else count
    out |= _outcomes(s.outcomes)
    if not out:
        return "any"
    return out["count"] if list(out) == ["count"] else out


def _rule(s: ast.Rule) -> Tree:
    out: dict[str, Tree] = {}
    if s.about is not None:
        out["about"] = s.about
    if s.anomaly is not None:
        out["as"] = s.anomaly.name
    out |= _keyed(s.body)
    out |= _outcomes(s.outcomes)
    return out["check"] if list(out) == ["check"] else out


def _test(s: ast.Test) -> Tree:
    out: dict[str, Tree] = {}
    if s.scene is not None:
        out["scene"] = s.scene.value
    if s.size is not None:
        out["size"] = " by ".join(quantity(q) for q in s.size)
    if s.puts:
        out["put"] = [
            {
                "object": p.name.name,
                "shape": flat(call(p.shape)),
                **({"with": _settings(p.settings)} if p.settings else {}),
            }
            for p in s.puts
        ]
    expects = [_expect(e) for e in s.expects]
    names = [next(iter(e)) for e in expects if isinstance(e, dict)]
    if len(names) == len(expects) == len(set(names)):
        out["expect"] = {key: value for e in expects if isinstance(e, dict) for key, value in e.items()}
    else:
        out["expect"] = _single(expects)
    return out


def _expect(e: ast.Expect) -> Tree:
    if e.defect is not None:
        return {"defect": _label(e.defect)}
    verdict = e.verdict.name if e.verdict is not None else ""
    rules: list[Tree] = [r.name for r in e.rules]
    return {verdict: rules} if rules else verdict


# ---- outcomes ----


def _outcomes(outcomes: Sequence[ast.Outcome]) -> dict[str, Tree]:
    """The outcomes by their word, in the order in which the words come first."""
    out: dict[str, list[Tree]] = {}
    for o in outcomes:
        text = o.value.value if o.word == "message" and isinstance(o.value, ast.Text) else None
        out.setdefault(o.word, []).append(text if text is not None else _label(o.value))
    return {word: _single(values) for word, values in out.items()}


def _label(value: ast.Ident | ast.Text | ast.MatchExpr) -> Tree:
    match value:
        case ast.Ident():
            return value.name
        case ast.Text():
            return _label_text(value.value)
        case ast.MatchExpr():
            arms = [(_patterns(a), _label_case(a.value)) for a in value.arms]
            return {"match": text_of(value.subject, Level.UNION), "cases": _grouped(arms)}
        case _:
            assert_never(value)


def _label_text(text: str) -> str:
    """A label that is a text: in quotes of its own where it would be read as a name."""
    is_name = text.isascii() and text.isidentifier() and len(text) <= 48 and text not in reserved_words()
    return f'"{text}"' if is_name or not text else text


def _label_case(value: ast.Expr) -> Tree:
    match value:
        case ast.Ref() if value.name not in reserved_words():
            return value.name
        case ast.Text():
            return _label_text(value.value)
        case ast.MatchExpr():
            return _label(value)
        case _:
            return {"check": _clause(value)}


# ---- conditions ----


def _clause(expr: ast.Expr) -> Tree:
    """A condition or value: with keys where it has structure, else in words."""
    match expr:
        case ast.And():
            return {"all": [_clause(p) for p in expr.parts]}
        case ast.Or():
            return {"any": [_clause(p) for p in expr.parts]}
        case ast.Not():
            return {"not": _clause(expr.part)}
        case ast.If():
            otherwise = {"else": _clause(expr.otherwise)} if expr.otherwise is not None else {}
            return {"if": _clause(expr.condition), "then": _clause(expr.then), **otherwise}
        case ast.Every():
            body = _keyed(expr.body)
            phrase = text_of(expr.phrase, Level.PHRASE)
            return {"every": phrase, **({"check": body} if "every" in body else body)}
        case ast.Exists():
            key = "none" if expr.word == "no" else "some"
            return {key: text_of(expr)[len(expr.word) + 1 :]}
        case ast.MatchExpr():
            cases = _grouped([(_patterns(a), _clause(a.value)) for a in expr.arms])
            return {"match": text_of(expr.subject, Level.UNION), "cases": cases}
        case _:
            return text_of(expr)


def _keyed(expr: ast.Expr) -> dict[str, Tree]:
    """A condition as keys of the mapping around it."""
    made = _clause(expr)
    return dict(made) if isinstance(made, dict) else {"check": made}


def _patterns(arm: ast.MatchArm) -> str:
    return " | ".join(text_of(p, Level.ARGUMENT) for p in arm.patterns) if arm.patterns else "else"
