"""Inference: the handler of each kind of expression, by the class of its node.

`value` wants a value, `truth` a condition. A hint is the type that the place wants; it decides whether a bare name is a
thing, a colour or a label. The modules of this package import this one and register what they handle, so that an
expression may stand inside any other without circular imports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from logidsl import types as ty
from logidsl.check import errors
from logidsl.check.context import Context, Scope, Symbol, Typed
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.types import Type

F = TypeVar("F", bound=Callable[..., Any])
ValueHandler: TypeAlias = Callable[[Context, Any, Scope, Type | None], Typed]
TruthHandler: TypeAlias = Callable[[Context, Any, Scope, bool], Typed]
_VALUES: dict[type[ast.Node], ValueHandler] = {}
_TRUTHS: dict[type[ast.Node], TruthHandler] = {}
_PROVIDED: dict[str, Callable[..., Any]] = {}


def handles_value(*kinds: type[ast.Node]) -> Callable[[F], F]:
    """Register a handler of expressions where a value is wanted: of context, expression, scope and hint."""
    return _registering(_VALUES, kinds)


def handles_truth(*kinds: type[ast.Node]) -> Callable[[F], F]:
    """Register a handler of expressions where a condition is wanted: of context, expression, scope and `spine`."""
    return _registering(_TRUTHS, kinds)


def _registering(table: dict[type[ast.Node], Any], kinds: tuple[type[ast.Node], ...]) -> Callable[[F], F]:
    def register(handler: F) -> F:
        table.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def provides(function: F) -> F:
    """Register the function that stands behind one of the same name here."""
    _PROVIDED[function.__name__] = function
    return function


def value(c: Context, expr: ast.Expr, scope: Scope, hint: Type | None = None) -> Typed:
    """The node of a value."""
    handler = _VALUES.get(type(expr))
    return truth(c, expr, scope) if handler is None else handler(c, expr, scope, hint)


def truth(c: Context, expr: ast.Expr, scope: Scope, spine: bool = False) -> Typed:
    """The node of a condition. `spine`: its walks lend their variables to the rule's outcomes."""
    if spine:
        c.spine = scope
    if (handler := _TRUTHS.get(type(expr))) is not None:
        return handler(c, expr, scope, spine)
    found = value(c, expr, scope, ty.TRUTH)
    if found.bad or found.type == ty.TRUTH:
        return found
    return c.error(errors.not_a_truth(expr.span.text, found.type, expr.span))


def resolve(c: Context, name: str, span: Span) -> Symbol | None:
    """A thing with its type and node; None in a circular definition."""
    found: Symbol | None = _PROVIDED["resolve"](c, name, span)
    return found


def relation(c: Context, subject: Typed, expr: ast.Relation, scope: Scope) -> Typed:
    """A relation of a subject, given or implicit, to the right side."""
    found: Typed = _PROVIDED["relation"](c, subject, expr, scope)
    return found
