"""Texts of a YAML file as parts of the tree: expressions, names and labels, and back.

Expressions are read by the parser of the text form, in a frame: the words of a statement around the place where
such an expression stands (`let … =` before a condition, `keep best of` before a set). The tree and the diagnostics
are then moved to where the words stand in the file, whatever the quotes and folds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from logidsl.diagnostics import Bag, Diagnostic
from logidsl.source import Source, Span
from logidsl.syntax import ast
from logidsl.syntax.expression_printer import Level, quantity, text_of
from logidsl.syntax.parse import parse
from logidsl.syntax.pretty_printer import flat
from logidsl.syntax.statement_printer import batched, cardinality, scaled, viewed
from logidsl.syntax.tables import reserved_words
from logidsl.syntax.tokens import short
from logidsl.syntax.yaml_tree import Scalar

NAME = "yaml_value"  # stands in the frames only, and is taken out of the diagnostics

#: The words before and after each kind of expression, and its level in the text form.
FRAMES: dict[str, tuple[str, str, Level]] = {
    "": (f"let {NAME} = ", "", Level.OPEN),
    "phrase": ("keep best of ", "", Level.PHRASE),
    "union": ("doubtful 0 .. 1 of ", "", Level.UNION),
    "sum": (f"param {NAME} = 0 in 0 .. ", "", Level.SUM),
    "range": (f"param {NAME} = 0 in ", "", Level.ARGUMENT),
    "call": ("frame ", "", Level.PRIMARY),
    "item": (f"let {NAME} = [", "]", Level.ARGUMENT),
    "some": (f"let {NAME} = some ", "", Level.OPEN),
    "no": (f"let {NAME} = no ", "", Level.OPEN),
    "patterns": (f"let {NAME} = match {NAME} {{ ", f" -> {NAME} }}", Level.ARGUMENT),
    "cardinality": (f"object {NAME}: ", "", Level.SUM),
    "size": ('test "" on ', f" expect {NAME}", Level.SUM),
    "scale": ("scale ", "", Level.SUM),
    "frame": ("frame ", "", Level.PRIMARY),
    "keep": ("keep best of ", "", Level.PHRASE),
    "batch": (f"batch {NAME} ", "", Level.OPEN),
    "view": (f"view {NAME} ", "", Level.OPEN),
    "over": (f"rule {NAME} over ", f": {NAME}", Level.PRIMARY),
}


class UnreadableError(Exception):
    """Something that cannot be read; what is wrong with it is in the bag."""


def read_words(scalar: Scalar, frame: str, bag: Bag) -> Any:
    """What a text says in a frame.

    Raises
    ------
    UnreadableError
        If it cannot stand there.
    """
    before, after, _ = FRAMES[frame]
    if frame == "patterns" and scalar.value.strip() == "else":
        return ()
    if frame == "cardinality" and scalar.value == "any":
        return None
    whole = frame == "batch" and scalar.value.strip() == "run"
    file, said = parse(Source(scalar.span.source.path, before + ("" if whole else scalar.value) + after))

    def move(span: Span) -> Span:
        return scalar.part(span.start - len(before), span.end - len(before))

    bag.extend(_moved(found, move) for found in said.items)
    if file.comments:
        message = "expected words alone, found a comment, which would hide what follows it"
        fix = "write the comment after the text, on a line of the YAML file"
        bag.add(Diagnostic("E057", message, move(file.comments[0].span), fix))
        raise UnreadableError
    found = _framed(frame, file.statements[0].moved(move)) if len(file.statements) == 1 else None
    if found is None:
        if said.ok:
            message = f"expected one expression, found `{short(scalar.value)}`, which holds more"
            bag.add(Diagnostic("E059", message, scalar.content, "give each part a key of its own"))
        raise UnreadableError
    return found


def _framed(frame: str, statement: ast.Statement) -> Any:
    """What stands in a frame; None where its statement has become another one."""
    match frame, statement:
        case (
            ("", ast.Let(value=found))
            | ("phrase", ast.Keep(phrase=found))
            | ("union", ast.Doubtful(of=found))
            | ("sum", ast.Param(bounds=ast.RangeExpr(high=found)))
            | ("range", ast.Param(bounds=found))
            | ("call", ast.FrameDecl(call=found))
            | ("item", ast.Let(value=ast.ListExpr(items=(found,))))
            | ("some" | "no", ast.Let(value=ast.Exists(phrase=found)))
            | ("cardinality", ast.Object(cardinality=found, outcomes=()))
            | ("size", ast.Test(size=found, puts=(), expects=(_,)))
            | ("scale", (ast.Scale() as found))
            | ("frame", (ast.FrameDecl() as found))
            | ("keep", (ast.Keep() as found))
            | ("batch", (ast.Batch() as found))
            | ("view", (ast.View() as found))
            | ("over", ast.Rule(over=found, outcomes=(), body=ast.Ref()))
        ):
            return found
        case "patterns", ast.Let(value=ast.MatchExpr(arms=(ast.MatchArm(patterns=patterns, value=ast.Ref()),))):
            return patterns or None
    return None


def _moved(found: Diagnostic, move: Callable[[Span], Span]) -> Diagnostic:
    """A diagnostic at its place in the file, without the words of the frame."""

    def plain(text: str) -> str:
        for before, _, _ in FRAMES.values():
            statement = " ".join(before.split()[: 1 + (NAME in before)]).rstrip(":")
            text = text.replace(f"`{before}", "`").replace(f"the end of `{statement}`", "the end of the text")
        return text.replace("the end of the statement", "the end of the text")

    other = (move(found.other[0]), found.other[1]) if found.other else None
    fix = plain(found.fix) if found.fix else None
    fix = None if fix and NAME in fix else fix
    return Diagnostic(found.code, plain(found.message), move(found.span), fix, other)


def write_words(value: Any, frame: str) -> str:
    """The text of what `read_words` gives."""
    level = FRAMES[frame][2]
    match value:
        case ast.Cardinality():
            count = flat(cardinality(value))
            return "(any)" if count == "any" else count
        case ast.Scale():
            by = f" by {quantity(value.size_y)}" if value.size_y is not None else ""
            return f"{scaled(value)}{by}"
        case ast.FrameDecl():
            return text_of(value.call, level)
        case ast.Keep():
            return text_of(value.phrase, level)
        case ast.Batch():
            return batched(value) or "run"
        case ast.View():
            return viewed(value)
        case tuple() if frame == "size":
            return " by ".join(map(quantity, value))
        case tuple():
            return " | ".join(text_of(p, level) for p in value) or "else"
        case _:
            return text_of(value, level)


# ---- names and labels ----


def read_label(scalar: Scalar, frame: str = "") -> ast.Ident | ast.Text | ast.Ref:
    """A label: what is a name is one, all else is a text; in quotes of its own, a name is a text too.

    In the frame `case` a name is an expression, in the frame `option` it may be `color`.
    """
    value = scalar.value
    if len(value) > 1 and value[0] == value[-1] == '"':
        return ast.Text(value[1:-1], span=scalar.content)
    if frame == "case" and _is_name(value):
        return ast.Ref(value, span=scalar.content)
    if _is_name(value) or (frame == "option" and value == "color"):
        return ast.Ident(value, span=scalar.content)
    return ast.Text(value, span=scalar.content)


def write_label(value: ast.Ident | ast.Text | ast.Ref) -> str:
    """The text of a label: in quotes of its own where it would be read as a name."""
    if not isinstance(value, ast.Text):
        return value.name
    return f'"{value.value}"' if _is_name(value.value) or not value.value else value.value


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier() and len(text) <= 48 and text not in reserved_words()
