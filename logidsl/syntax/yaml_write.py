"""From the tree of a spec to its YAML form, by the shapes of `yaml_keys`.

Owns `to_yaml`. Conditions become keys (`all`, `every`, `if`, ...) as deep as they have structure; what is left
are expressions in the words of the text form. Takes any tree that the text form can say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from logidsl.syntax import ast
from logidsl.syntax.expression_printer import text_of
from logidsl.syntax.statement_printer import keyword
from logidsl.syntax.tables import reserved_words
from logidsl.syntax.yaml_keys import NAMED, OUTCOMES, SECTIONS, SHAPES, Key
from logidsl.syntax.yaml_layout import Tree, lay_out
from logidsl.syntax.yaml_words import write_label, write_words

Keyed = dict[str, Tree]


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
    top: Keyed = {}
    if file.version is not None:
        top["logic"] = file.version.number
    if file.spec is not None:
        top["spec"] = file.spec.name.name
        if file.spec.about is not None:
            top["about"] = file.spec.about
    return lay_out(top | _sections(file.statements))


def _sections(statements: Sequence[ast.Statement]) -> Keyed:
    """The statements by kind."""
    out: Keyed = {}
    for word, key in SECTIONS.items():
        chosen = [s for s in statements if keyword(s) == word]
        if chosen and word in NAMED:
            names = [s.title.value if isinstance(s, ast.Test) else s.name.name for s in chosen]  # type: ignore[union-attr]
            out[word] = _grouped(zip(names, (_write(s, Key(word)) for s in chosen), strict=True))
        elif chosen:
            out[word] = _write(tuple(chosen), key)
    return out


def _grouped(pairs: Iterable[tuple[str, Tree]]) -> Tree:
    """A mapping; where a name comes again, a list of mappings."""
    groups: list[Keyed] = [{}]
    for name, value in pairs:
        if name in groups[-1]:
            groups.append({})
        groups[-1][name] = value
    return groups[0] if len(groups) == 1 else groups


def _single(items: Sequence[Tree]) -> Tree:
    """A list, or the only part of it."""
    return items[0] if len(items) == 1 else items


def _write(value: Any, key: Key) -> Tree:
    """What stands in a place, by its shape."""
    shape = SHAPES[key.shape]
    if key.shape in WRITERS:
        return WRITERS[key.shape](value)
    if shape.entries and shape.node:
        name, of = shape.node.fields
        return _grouped((_name(getattr(v, name)), _write(getattr(v, of), shape.entries)) for v in value)
    if shape.items:
        items = [_write(v, key._replace(shape=shape.items)) for v in value]
        return _single(items) if shape.text or shape.keys else items
    if shape.node:
        return _mapping({k: getattr(value, of.field) for k, of in shape.keys.items()}, key.shape)
    match value:
        case _ if shape.text == "words":
            return write_words(value, key.frame)
        case ast.Ident():
            return value.name
        case ast.Text():
            return write_label(value) if shape.text == "label" else value.value
        case ast.Number():
            return value.text
        case _:
            raise TypeError(value)


def _mapping(values: dict[str, Any], shape: str, more: Keyed | None = None) -> Tree:
    """The keys that have something to say; the main one alone stands without its key."""
    keys, main = SHAPES[shape].keys, SHAPES[shape].main
    made = {k: _write(v, keys[k]) for k, v in values.items() if v not in (None, ())} | (more or {})
    return made[main] if list(made) == [main] else made


def _name(value: ast.Ident | tuple[ast.Expr, ...]) -> str:
    return value.name if isinstance(value, ast.Ident) else write_words(value, "patterns")


# ---- conditions and labels ----


def _clause(expr: ast.Expr) -> Tree:
    """A condition or value: with keys where it has structure, else in words."""
    match expr:
        case ast.And():
            found: dict[str, Any] = {"all": expr.parts}
        case ast.Or():
            found = {"any": expr.parts}
        case ast.Not():
            found = {"not": expr.part}
        case ast.If():
            found = {"if": expr.condition, "then": expr.then, "else": expr.otherwise}
        case ast.MatchExpr():
            found = {"match": expr.subject, "cases": expr.arms}
        case ast.Every():
            body = _keyed(expr.body)
            phrase = write_words(expr.phrase, "phrase")
            return {"every": phrase, **({"check": body} if "every" in body else body)}
        case ast.Exists():
            return {"none" if expr.word == "no" else "some": text_of(expr)[len(expr.word) + 1 :]}
        case _:
            return text_of(expr)
    return _mapping(found, "clause")


def _keyed(expr: ast.Expr) -> Keyed:
    """A condition as keys of the mapping around it."""
    made = _clause(expr)
    return dict(made) if isinstance(made, dict) else {"check": made}


def _label(value: ast.Ident | ast.Text | ast.MatchExpr) -> Tree:
    if isinstance(value, ast.MatchExpr):
        return _mapping({"match": value.subject, "cases": value.arms}, "label")
    return write_label(value)


def _label_case(value: ast.Expr) -> Tree:
    match value:
        case ast.Ref() if value.name not in reserved_words():
            return value.name
        case ast.Text() | ast.MatchExpr():
            return _label(value)
        case _:
            return {"check": _clause(value)}


def _outcomes(outcomes: Sequence[ast.Outcome]) -> Keyed:
    """The outcomes by their word, in the order in which the words come first."""
    words = dict.fromkeys(o.word for o in outcomes)
    return {w: _write(tuple(o.value for o in outcomes if o.word == w), OUTCOMES[w]) for w in words}


# ---- statements that need more than fields ----


def _grid(s: ast.Grid) -> Tree:
    pairs: list[tuple[str, Tree]] = []
    for split in s.splits:
        at = {"at": [write_words(i, "item") for i in split.at.items]} if split.at is not None else str(split.count)
        pairs.append((split.by, at))
    if s.of is not None:
        pairs.append(("of", write_words(s.of, "union")))
    groups = _grouped(pairs)
    return groups if isinstance(groups, dict) else [{key: value} for key, value in pairs]


def _attribute(s: ast.Attribute) -> Tree:
    alone = s.options[0] if len(s.options) == 1 and isinstance(s.options[0], ast.Ident) else None
    options = s.options if alone is None else None
    return _mapping({"of": s.of, "named": s.aliases, "is": alone, "one of": options}, "attribute")


def _object(s: ast.Object | ast.Derived) -> Tree:
    said = {"is": s.phrase} if isinstance(s, ast.Derived) else {"named": s.aliases, "where": s.where}
    return _mapping(said | {"count": s.cardinality}, "object", _outcomes(s.outcomes)) or "any"


def _rule(s: ast.Rule) -> Tree:
    about = {} if s.about is None else {"about": s.about}
    over = {} if s.over is None else {"over": write_words(s.over, "over")}
    kind = {} if s.anomaly is None else {"as": s.anomaly.name}
    return _mapping({}, "rule", {**about, **over, **kind, **_keyed(s.body), **_outcomes(s.outcomes)})


def _variant(s: ast.Variant) -> Tree:
    return {"when": "otherwise" if s.when is None else _clause(s.when), **_sections(s.statements)}


def _expects(expects: Sequence[ast.Expect]) -> Tree:
    written = [_expect(e) for e in expects]
    names = {next(iter(e)) for e in written if isinstance(e, dict)}
    if len(names) == len(written):
        return {key: value for e in written if isinstance(e, dict) for key, value in e.items()}
    return _single(written)


def _expect(e: ast.Expect) -> Tree:
    if e.defect is not None:
        return {"defect": _label(e.defect)}
    verdict = e.verdict.name if e.verdict is not None else ""
    rules: list[Tree] = [r.name for r in e.rules]
    return {verdict: rules} if rules else verdict


WRITERS: dict[str, Callable[[Any], Tree]] = {
    "clause": _clause,
    "label": _label,
    "label_case": _label_case,
    "grid": _grid,
    "attribute": _attribute,
    "object": _object,
    "let": lambda s: _clause(s.value),
    "batch": lambda s: write_words(s, "batch"),
    "view": lambda s: write_words(s, "view"),
    "rule": _rule,
    "variant": _variant,
    "expects": _expects,
}
