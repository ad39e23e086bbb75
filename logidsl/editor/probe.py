"""What is wanted where the cursor stands: the statement is completed around a placeholder and checked.

The checker says what it wants of the placeholder: its scope (variables, the object that bare attributes belong to), the
type that the place asks for, or after a point the type of what stands before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from logidsl.check import infer
from logidsl.check.context import Context, Scope, Typed
from logidsl.diagnostics import Bag
from logidsl.editor.analysis import ReadFile
from logidsl.editor.outline import Outline, checked
from logidsl.syntax import ast, lalr_parser
from logidsl.syntax.tokens import Token
from logidsl.types import Type, set_of

PLACEHOLDER = "__where_the_cursor_is__"
_TEXTS = {"NAME": "x", "NUMBER": "1", "STRING": '""'}


class PlaceholderRef(ast.Ref):
    """The placeholder as a name."""

    name: str


class PlaceholderAttr(ast.Attr):
    """The placeholder as an attribute."""

    base: ast.Expr
    name: str


@dataclass(frozen=True)
class Wanted:
    """What a place asks for: a value of a type, if one is known, or an attribute of `owner`."""

    scope: Scope
    hint: Type | None = None
    owner: Type | None = None


@dataclass
class Probing(Context):
    """The checker's context, with what it wanted of the placeholder, first things first."""

    wanted: list[Wanted] = field(default_factory=list)


@infer.handles_value(PlaceholderRef)
def _name(c: Context, expr: PlaceholderRef, scope: Scope, hint: Type | None) -> Typed:
    assert isinstance(c, Probing)
    c.wanted.append(Wanted(scope, hint))
    return c.failed(expr.span)


@infer.handles_value(PlaceholderAttr)
def _attribute(c: Context, expr: PlaceholderAttr, scope: Scope, hint: Type | None) -> Typed:
    assert isinstance(c, Probing)
    base = expr.base
    named = c.things.get(base.name) if isinstance(base, ast.Ref) and base.name not in scope.names else None
    if named is not None and named.kind in ("class", "set"):
        owner = set_of("objects")
    else:
        owner = infer.value(c, base, scope).type
    c.wanted.append(Wanted(scope, hint, owner))
    return c.failed(expr.span)


def probe(
    text: Outline, before: Sequence[Token], after: Sequence[Token], offset: int, own: int | None, read_file: ReadFile
) -> Probing | None:
    """Check a statement with a placeholder.

    Parameters
    ----------
    text : Outline
        The text around.
    before, after : sequence of Token
        The tokens of the statement before and after the placeholder; the latter only if they fit.
    offset : int
        Where the placeholder stands.
    own : int, optional
        The number of the statement, which the new one stands for.
    read_file : callable
        Returns the text of an imported file; raises InputError.

    Returns
    -------
    Probing or None
        None if no statement can be made of the tokens.
    """
    here = text.source.span(offset, offset)
    placeholder = Token("NAME", PLACEHOLDER, here)
    statement = _read([*before, placeholder, *after])
    if statement is None:
        missing = lalr_parser.completion([*before, placeholder])
        if missing is None:
            return None
        statement = _read([*before, placeholder, *(Token(kind, _TEXTS.get(kind, kind), here) for kind in missing)])
    if statement is None:
        return None
    context = Probing(Bag(), path=text.source.path, read=read_file)
    attributes = [n for n, c in enumerate(text.chunks) if c.words[0].type == "attribute"]
    needed = {*text.needed([*before, *after]), *attributes} - {own}
    checked(context, text.source, text.plain(needed), (statement,))
    return context


def _read(words: list[Token]) -> ast.Statement | None:
    try:
        (found,) = lalr_parser.read(words)
    except (lalr_parser.UnexpectedWordError, lalr_parser.TooDeepError, ValueError):
        return None
    made = _replaced(found) if isinstance(found, ast.Node) else found
    return made if isinstance(made, ast.Statement) else None


def _replaced(node: object) -> object:
    """A tree with the nodes of the placeholder instead of those of a name."""
    if isinstance(node, tuple):
        return tuple(map(_replaced, node))
    match node:
        case ast.Ref(name=name) if name == PLACEHOLDER:
            return PlaceholderRef(PLACEHOLDER, span=node.span)
        case ast.Attr(base=base, name=name) if name == PLACEHOLDER:
            return PlaceholderAttr(cast("ast.Expr", _replaced(base)), PLACEHOLDER, span=node.span)
        case ast.Node():
            return node.replaced(**{f: _replaced(getattr(node, f)) for f in node.fields})
        case _:
            return node
