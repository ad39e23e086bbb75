"""Expressions in a YAML file: in words, and with keys.

Owns `Clauses`. Words are read by the parser of the text form, in a frame: the beginning of a statement after
which just such an expression is wanted (`let … =` before a condition, `keep best of` before a set). What is said
about them, and the tree, is then moved to where the words stand in the file, whatever the quotes and folds.
Takes trees that have their shape (`yaml_shape`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar, cast

from logidsl.diagnostics import Bag, Diagnostic
from logidsl.source import Source, Span
from logidsl.syntax import ast
from logidsl.syntax.parse import parse
from logidsl.syntax.tables import reserved_words
from logidsl.syntax.tokens import short
from logidsl.syntax.yaml_tree import Mapping, Scalar, Sequence, Tree

N = TypeVar("N", bound=ast.Node)
FRAME = "yaml_value"  # a name that stands in the frames only, and is taken out of what is said


class UnreadableError(Exception):
    """An expression that cannot be read; what is wrong is in the bag."""


class Clauses:
    """Reads the expressions of one file.

    Parameters
    ----------
    bag : Bag
        Takes what is wrong.
    """

    def __init__(self, bag: Bag) -> None:
        self.bag = bag

    # ---- in words ----

    def expression(self, scalar: Scalar) -> ast.Expr:
        """A condition or a value.

        Raises
        ------
        UnreadableError
            If it is none, here and below.
        """
        let = self.framed(scalar, f"let {FRAME} = ", "", ast.Let)
        return let.value

    def phrase(self, scalar: Scalar) -> ast.Expr:
        """A set in words: `bolt where length > 3 px by x`."""
        return self.framed(scalar, "keep best of ", "", ast.Keep).phrase

    def union(self, scalar: Scalar) -> ast.Expr:
        """What may stand after `of`."""
        of = self.framed(scalar, "doubtful 0 .. 1 of ", "", ast.Doubtful).of
        assert of is not None
        return of

    def value(self, scalar: Scalar) -> ast.Expr:
        """The value of a parameter or setting."""
        bounds = self.framed(scalar, f"param {FRAME} = 0 in 0 .. ", "", ast.Param).bounds
        assert bounds is not None
        return bounds.high

    def range(self, scalar: Scalar) -> ast.RangeExpr:
        """`5 .. 80 px`."""
        bounds = self.framed(scalar, f"param {FRAME} = 0 in ", "", ast.Param).bounds
        assert bounds is not None
        return bounds

    def call(self, scalar: Scalar) -> ast.CallExpr:
        """`turned(plate, notch)`."""
        return self.framed(scalar, "frame ", "", ast.FrameDecl).call

    def cardinality(self, scalar: Scalar) -> ast.Cardinality:
        """`2`, `1 .. 3`, `at least 1`."""
        found = self.framed(scalar, f"object {FRAME}: ", "", ast.Object)
        if found.cardinality is None or found.outcomes:
            raise self.more(scalar)
        return found.cardinality

    def scale(self, scalar: Scalar) -> ast.Scale:
        """`250 px = 20 mm`."""
        return self.framed(scalar, "scale ", "", ast.Scale)

    def size(self, scalar: Scalar) -> tuple[ast.Quantity, ast.Quantity]:
        """`1600 px by 1100 px`."""
        found = self.framed(scalar, 'test "" on ', f" expect {FRAME}", ast.Test)
        if found.size is None or found.puts or len(found.expects) != 1:
            raise self.more(scalar)
        return found.size

    def item(self, scalar: Scalar) -> ast.Expr:
        """A part of a list, which may be a set or a column too."""
        let = self.framed(scalar, f"let {FRAME} = [", "]", ast.Let)
        if not isinstance(let.value, ast.ListExpr) or len(let.value.items) != 1:
            raise self.more(scalar)
        return let.value.items[0]

    def exists(self, scalar: Scalar, word: Literal["some", "no"]) -> ast.Expr:
        """What is said after `some` or `no`."""
        let = self.framed(scalar, f"let {FRAME} = {word} ", "", ast.Let)
        if not isinstance(let.value, ast.Exists):
            raise self.more(scalar)
        return let.value.phrase

    def patterns(self, scalar: Scalar) -> tuple[ast.Expr, ...]:
        """`red | blue` before a value of a match; nothing for `else`."""
        if scalar.value.strip() == "else":
            return ()
        let = self.framed(scalar, f"let {FRAME} = match {FRAME} {{ ", f" -> {FRAME} }}", ast.Let)
        arms = let.value.arms if isinstance(let.value, ast.MatchExpr) else ()
        if len(arms) != 1 or not arms[0].patterns or not isinstance(arms[0].value, ast.Ref):
            raise self.more(scalar)
        return arms[0].patterns

    def framed(self, scalar: Scalar, before: str, after: str, kind: type[N]) -> N:
        """The statement that a text makes in a frame, moved to where the text stands."""
        source = Source(scalar.span.source.path, before + scalar.value + after)
        file, said = parse(source)

        def move(span: Span) -> Span:
            return scalar.part(span.start - len(before), span.end - len(before))

        for found in said.items:
            self.bag.add(_moved_message(found, move))
        if file.comments:
            message = "expected words alone, found a comment, which would hide what follows it"
            fix = "write the comment after the text, on a line of the YAML file"
            self.bag.add(Diagnostic("E057", message, move(file.comments[0].span), fix))
            raise UnreadableError
        made = file.statements[0] if file.statements else None
        if len(file.statements) != 1 or not isinstance(made, kind):
            if said.ok:
                raise self.more(scalar)
            raise UnreadableError
        return made.moved(move)

    def more(self, scalar: Scalar) -> UnreadableError:
        """Say that a text holds more than what belongs into its place."""
        message = f"expected one expression, found `{short(scalar.value)}`, which holds more"
        self.bag.add(Diagnostic("E059", message, scalar.content, "give each part a key of its own"))
        return UnreadableError()

    # ---- names and texts ----

    def ident(self, scalar: Scalar) -> ast.Ident:
        """A name."""
        return ast.Ident(scalar.value, span=scalar.content)

    def text(self, scalar: Scalar) -> ast.Text:
        """A text."""
        return ast.Text(scalar.value, span=scalar.content)

    def listed_label(self, scalar: Scalar) -> ast.Ident | ast.Text:
        """A label of an attribute's list: a name, `color` too, or a text."""
        found = self.ident(scalar) if scalar.value == "color" else self.label(scalar)
        assert not isinstance(found, ast.MatchExpr)
        return found

    def label(self, tree: Tree) -> ast.Ident | ast.Text | ast.MatchExpr:
        """A label: what is a name is one, all else is a text; in quotes of its own, a name is a text too."""
        if isinstance(tree, Mapping):
            return self.match(tree)
        assert isinstance(tree, Scalar)
        value = tree.value
        if len(value) > 1 and value[0] == value[-1] == '"':
            return ast.Text(value[1:-1], span=tree.content)
        name = value.isascii() and value.isidentifier() and len(value) <= 48 and value not in reserved_words()
        return self.ident(tree) if name else self.text(tree)

    # ---- with keys ----

    def clause(self, tree: Tree) -> ast.Expr:
        """A condition or value, in words or with keys."""
        if isinstance(tree, Scalar):
            return self.expression(tree)
        assert isinstance(tree, Mapping)
        return self.clause_of(tree, tree.span)

    def clause_of(self, tree: Mapping, span: Span) -> ast.Expr:
        """The clauses for the keys of a mapping; other keys are ignored."""
        body = self.unquantified(tree, span)
        every = tree.get("every")
        if every is None:
            return body
        phrase = self.phrase(cast("Scalar", every))
        return ast.Every(phrase, body, span=span)

    def unquantified(self, tree: Mapping, span: Span) -> ast.Expr:
        """The clause without its `every`."""
        found = {key.value: value for key, value in tree.pairs}
        if "check" in found:
            return self.clause(found["check"])
        if "all" in found or "any" in found:
            return self.joint(found.get("all") or found["any"], "all" in found)
        if "not" in found:
            part = self.clause(found["not"])
            return ast.Not(part, span=span)
        if "if" in found:
            condition, then = self.clause(found["if"]), self.clause(found["then"])
            otherwise = self.clause(found["else"]) if "else" in found else None
            return ast.If(condition, then, otherwise, span=span)
        if "match" in found:
            return self.match(tree)
        word: Literal["some", "no"] = "some" if "some" in found else "no"
        scalar = cast("Scalar", found["some" if word == "some" else "none"])
        phrase = self.exists(scalar, word)
        return ast.Exists(word, phrase, span=scalar.content)

    def joint(self, tree: Tree, is_all: bool) -> ast.Expr:
        """`all` or `any` of a list."""
        kind = ast.And if is_all else ast.Or
        parts: list[ast.Expr] = []
        for item in cast("Sequence", tree).items:
            part = self.clause(item)
            parts += part.parts if isinstance(part, ast.And | ast.Or) and isinstance(part, kind) else (part,)
        return parts[0] if len(parts) == 1 else kind(tuple(parts), span=tree.span)

    def match(self, tree: Mapping) -> ast.MatchExpr:
        """`match` and `cases`."""
        subject_of, cases = tree.get("match"), tree.get("cases")
        assert isinstance(subject_of, Scalar) and cases is not None
        subject = self.union(subject_of)
        arms = []
        for key, value in entries(cases):
            patterns, result = self.patterns(key), self.result(value, tree)
            arms.append(ast.MatchArm(patterns, result, span=key.content.to(value.span)))
        span = subject_of.content.to(cases.span)
        return ast.MatchExpr(subject, tuple(arms), span=span)

    def result(self, tree: Tree, match: Mapping) -> ast.Expr:
        """What a case of a match gives."""
        return self.clause(tree)


class LabelClauses(Clauses):
    """Reads the labels of outcomes: in their cases, a text in words is a label."""

    def result(self, tree: Tree, match: Mapping) -> ast.Expr:
        """The label of a case; under `check` any expression."""
        if isinstance(tree, Mapping) and tree.get("check") is not None:
            check = tree.get("check")
            assert check is not None
            return Clauses(self.bag).clause(check)
        found = self.label(tree)
        return ast.Ref(found.name, span=found.span) if isinstance(found, ast.Ident) else found


def entries(tree: Tree) -> list[tuple[Scalar, Tree]]:
    """The pairs of a mapping, or of a list of mappings."""
    groups = tree.items if isinstance(tree, Sequence) else (tree,)
    return [pair for group in groups if isinstance(group, Mapping) for pair in group.pairs]


def parts(tree: Tree | None) -> tuple[Tree, ...]:
    """The parts of a list; a single one stands for a list of it."""
    if tree is None:
        return ()
    return tree.items if isinstance(tree, Sequence) else (tree,)


def _moved_message(found: Diagnostic, move: Callable[[Span], Span]) -> Diagnostic:
    """A diagnostic at its place in the file, without a word of the frame."""

    def plain(text: str) -> str:
        for frame in (f"let {FRAME} = ", f"param {FRAME} = 0 in ", f"object {FRAME}: ", "keep best of "):
            text = text.replace(f"`{frame}", "`")
        for statement in (f"let {FRAME}", f"param {FRAME}", f"object {FRAME}", "keep", "doubtful", "frame", "scale"):
            text = text.replace(f"the end of `{statement}`", "the end of the text")
        return text.replace("the end of the statement", "the end of the text")

    other = (move(found.other[0]), found.other[1]) if found.other else None
    fix = plain(found.fix) if found.fix else None
    if fix and FRAME in fix:
        fix = None
    return Diagnostic(found.code, plain(found.message), move(found.span), fix, other)
