"""Diagnostics on words of plain English, and on what they were meant as."""

from __future__ import annotations

from collections.abc import Sequence

from logidsl.diagnostics import Diagnostic
from logidsl.library import builtins
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.count_rules import figure
from logidsl.syntax.rewriting import COPULAS, NUMERALS

#: What people call a type: the type to write.
_TYPES = {
    **dict.fromkeys(("float", "double", "real", "decimal", "numeric", "ratio"), "number"),
    **dict.fromkeys(("int", "integer", "whole"), "count"),
    **dict.fromkeys(("string", "str"), "text"),
    **dict.fromkeys(("px", "mm", "cm", "um", "inch", "mil"), "length"),
    **dict.fromkeys(("px2", "mm2", "cm2", "inch2"), "area"),
    **dict.fromkeys(("deg", "degrees"), "angle"),
    "colour": "color",
    **dict.fromkeys(("bool", "boolean"), '"yes" | "no"'),
}
#: Words that say something of a value, and name nothing that could be declared.
SAID_OF_VALUES = frozenset({"even", "odd", "empty", "true", "false", "null", "nothing", "present", "missing"})
_FILLING = frozenset({*COPULAS.split("|"), "must", "should", "shall", "has", "have"})
_RELATED = ("region", "class", "set", "grid")


def unknown_word(name: str, span: Span) -> Diagnostic | None:
    """What to say of an unknown name that is a word of plain English, or a function; None of any other."""
    message = f"unknown name `{name}`"
    if name in NUMERALS:
        return Diagnostic("E101", message, span, f"write `{figure(name)}`")
    if name in _FILLING:
        return Diagnostic("E101", message, span, f"leave out `{name}`")
    if name in builtins("aggregate") or name in builtins("function"):
        return Diagnostic("E101", f"`{name}` is a function, but has no argument here", span)
    return Diagnostic("E101", message, span) if name in SAID_OF_VALUES else None


def type_as_a_label(name: str, span: Span) -> Diagnostic | None:
    """`attribute torque of bolt: float`; None where it may be a label."""
    if name not in _TYPES:
        return None
    return Diagnostic("E183", f"expected a type or several labels, found `{name}`", span, f"write `{_TYPES[name]}`")


def else_as_a_label(name: str, known: Sequence[str], domain: str, span: Span) -> Diagnostic:
    """`match cap.kind { a -> 2, _ -> 3 }`."""
    options = ", ".join(f"`{k}`" for k in known)
    return Diagnostic("E104", f"unknown {domain} `{name}`; expected one of {options}", span, "write `else`")


def one_of_several(expr: ast.And | ast.Or, kinds: dict[str, str]) -> str | None:
    """What `count(bolt) = 2 or 3` and `inside left or right` were meant as.

    Parameters
    ----------
    expr : And or Or
        The conditions.
    kinds : dict of str to str
        What each name is that stands for no truth: `variable`, `class`, `region`, …
    """
    first, *rest = expr.parts
    every = isinstance(expr, ast.And)
    if isinstance(first, ast.Relation) and first.within is None:
        before = first.span.text.removesuffix(first.right.span.text)
        if not all(isinstance(p, ast.Ref) and kinds.get(p.name) in _RELATED for p in rest):
            return None
        places = [p.span.text for p in (first.right, *rest)]
        if not every and not builtins("relation")[first.word].negation:
            return f"{before}({' | '.join(places)})"
        return f" {'and' if every else 'or'} ".join(f"{before}{p}" for p in places)
    if not isinstance(first, ast.Compare) or first.operators not in (("=",), ("!=",)) or first.within is not None:
        return None
    if every and first.operators == ("=",):
        return None
    for part in rest:
        if isinstance(part, ast.Ref):
            if kinds.get(part.name, "class") not in ("class", "set"):
                return None
        elif not isinstance(part, ast.Number | ast.Quantity | ast.Text):
            return None
    left, right = first.operands
    options = ", ".join(e.span.text for e in (right, *rest))
    return f"{left.span.text} {'in' if first.operators == ('=',) else 'not in'} [{options}]"


def several_values(expr: ast.And | ast.Or, meant: str) -> Diagnostic:
    """`count(bolt) = 2 or 3`."""
    word = "and" if isinstance(expr, ast.And) else "or"
    message = f"`{word}` joins conditions, but a value follows it in `{expr.span.text}`"
    return Diagnostic("E113", message, expr.span, f"write `{meant}`")


def numbers_as_a_set(parts: Sequence[ast.Expr], span: Span) -> Diagnostic:
    """`count(bolt) = 2 | 3`."""
    meant = f"in [{', '.join(p.span.text for p in parts)}]"
    return Diagnostic("E110", f"expected one value, found `{span.text}`", span, f"write `{meant}` instead of `=`")


def column_of(function: str, of: str, attribute: str, span: Span) -> Diagnostic:
    """`max(bolt.width)`."""
    message = f"`{of}` is a set of objects, so `{of}.{attribute}` is not a single value"
    return Diagnostic("E110", message, span, f"write `{function}({attribute} of {of})`")


def sets_as_arguments(function: str, parts: Sequence[str], span: Span) -> Diagnostic:
    """`count(bolt, nut)`."""
    message = f"expected `{function}(set)`, found {len(parts)} arguments"
    return Diagnostic("E122", message, span, f"write `{function}({' | '.join(parts)})`")


def share_of_a_value(words: str, value: str, span: Span) -> Diagnostic:
    """`torque = 8 within 5 %`."""
    return Diagnostic("E119", f"`{words}` is a share, but of what?", span, f"name the reference: `{words} * {value}`")


def comment_as_a_difference(span: Span) -> Diagnostic:
    """`count(bolt) = 2 -- two of them`."""
    fix = "write `#`; for a difference put a space between the signs"
    return Diagnostic("E017", "expected `#` before a comment, found `--`", span, fix)


def tolerance_as_a_sum(left: str, rest: str, span: Span) -> Diagnostic:
    """`count(bolt) = 5 +- 1`, `length = 20 mm +-1 mm`."""
    fix = f"write `{left} within {rest}` for a tolerance; for a sum put a space before the minus sign"
    return Diagnostic("E117", "`+-` may mean a tolerance or a sum", span, fix)
