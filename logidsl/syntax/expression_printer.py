"""From an expression to its one spelling.

Owns `words`: the words of an expression with as few brackets as its reading allows. The levels are those of
the grammar, loosest first: what stands where a tighter level is wanted goes in brackets. One pair more than
needed is written: around `every`, `some … where` and `if` in the condition of an `if`, whose `then` would
otherwise be hard to find.
"""

from __future__ import annotations

from enum import IntEnum
from typing import assert_never

from logidsl.syntax import ast
from logidsl.syntax.pretty_printer import LINE, SOFT, Doc, Fill, Group, Nest, flat, joined, row


class Level(IntEnum):
    """The precedence of the parts of an expression, as in the grammar."""

    ARGUMENT = 0  # whatever may stand alone in brackets: `a where b by c`, `x of a`
    PHRASE = 1  # `a where b by c`
    OPEN = 2  # `every`, `some … where`, `if`: they extend as far right as they can
    OR = 3
    AND = 4
    NOT = 5
    COMPARISON = 6
    HEAD = 7  # `cell c`, `cell c inside a`
    RELATION = 8
    UNION = 9
    SUM = 10
    PRODUCT = 11
    UNARY = 12
    POSTFIX = 13
    PRIMARY = 14


def level(expr: ast.Expr) -> Level:
    """The precedence of an expression without brackets."""
    match expr:
        case ast.Phrase() | ast.ColumnOf() | ast.RangeExpr():
            return Level.PHRASE if isinstance(expr, ast.Phrase) else Level.ARGUMENT
        case ast.Every() | ast.If():
            return Level.OPEN
        case ast.Exists():
            filtered = isinstance(expr.phrase, ast.Phrase) and expr.phrase.where is not None and not expr.phrase.by
            return Level.OPEN if filtered else Level.COMPARISON
        case ast.Or():
            return Level.OR
        case ast.And():
            return Level.AND
        case ast.Not():
            return Level.NOT
        case ast.Compare() | ast.Among():
            return Level.COMPARISON
        case ast.Named() | ast.Neighbours():
            return Level.HEAD
        case ast.Relation():
            if expr.left is None:
                return Level.COMPARISON
            return Level.HEAD if level(expr.left) == Level.HEAD else Level.RELATION
        case ast.OnView():
            return Level.HEAD if level(expr.part) == Level.HEAD else Level.RELATION
        case ast.Union():
            return Level.UNION
        case ast.Binary():
            return Level.SUM if expr.op in "+-" else Level.PRODUCT
        case ast.Negate() | ast.Other():
            return Level.UNARY
        case ast.Attr():
            return Level.POSTFIX
        case ast.Number() | ast.Quantity() | ast.Text() | ast.Ref() | ast.CallExpr() | ast.ListExpr() | ast.MatchExpr():
            return Level.PRIMARY
        case _:
            assert_never(expr)


def fits(found: Level, wanted: Level) -> bool:
    """Whether an expression of one level needs no brackets where another level is expected."""
    match wanted:
        case Level.ARGUMENT:
            return True
        case Level.PHRASE:
            return found == Level.PHRASE or found >= Level.HEAD
        case Level.HEAD:
            return found >= Level.HEAD
        case _ if wanted <= Level.COMPARISON:
            return found >= wanted and found != Level.HEAD
        case _:
            return found >= wanted


def words(expr: ast.Expr, wanted: Level = Level.OPEN) -> Doc:
    """An expression as text, in brackets if its place needs higher precedence."""
    if wanted == Level.ARGUMENT and _has_commas(expr):
        wanted = Level.HEAD  # the first comma would end the argument
    made = _bare(expr)
    return made if fits(level(expr), wanted) else row("(", Nest(Group(row(SOFT, made))), SOFT, ")")


def text_of(expr: ast.Expr, wanted: Level = Level.OPEN) -> str:
    """An expression on one line.

    Examples
    --------
    >>> from logidsl.source import NOWHERE
    >>> a, b = ast.Ref("a", span=NOWHERE), ast.Ref("b", span=NOWHERE)
    >>> text_of(ast.Binary("*", ast.Binary("+", a, b, span=NOWHERE), b, span=NOWHERE))
    '(a + b) * b'
    """
    return flat(words(expr, wanted))


def quantity(q: ast.Quantity) -> str:
    """`20 px`."""
    return f"{q.text} {q.unit}"


def quoted(text: str) -> str:
    """`"A12"`."""
    return f'"{text}"'


def _bare(expr: ast.Expr) -> Doc:
    match expr:
        case ast.Number():
            return expr.text
        case ast.Quantity():
            return quantity(expr)
        case ast.Text():
            return quoted(expr.value)
        case ast.Ref():
            return expr.name
        case ast.Attr():
            base = words(expr.base, Level.POSTFIX)
            if isinstance(expr.base, ast.Number | ast.Quantity):  # `2.x` would be a number that goes wrong
                base = row("(", base, ")")
            return row(base, f".{expr.name}")
        case ast.CallExpr():
            return call(expr)
        case ast.ListExpr():
            return _listed("[", expr.items, "]")
        case ast.RangeExpr():
            return row(words(expr.low, Level.SUM), " .. ", words(expr.high, Level.SUM))
        case ast.MatchExpr():
            return _match(expr)
        case ast.And() | ast.Or():
            return _joint(expr)
        case ast.Not(part=ast.Among(value=value, options=options)):
            return row(words(value, Level.UNION), " not in ", _options(options))
        case ast.Not():
            return row("not ", words(expr.part, Level.NOT))
        case ast.If():
            return _if(expr)
        case ast.Every():
            return row("every ", words(expr.phrase, Level.PHRASE), ":", Group(Nest(row(LINE, words(expr.body)))))
        case ast.Exists():
            return row(f"{expr.word} ", _existing(expr))
        case _:
            return _set_or_number(expr)


def _set_or_number(
    expr: ast.Compare
    | ast.Among
    | ast.Relation
    | ast.ColumnOf
    | ast.Phrase
    | ast.Named
    | ast.Neighbours
    | ast.OnView
    | ast.Union
    | ast.Binary
    | ast.Negate
    | ast.Other,
) -> Doc:
    match expr:
        case ast.Compare() | ast.Relation() | ast.Among():
            return _comparison(expr)
        case ast.ColumnOf():
            of = words(expr.of, Level.HEAD if _has_commas(expr.of) else Level.PHRASE)
            return Group(row(words(expr.value), Nest(row(LINE, "of ", of))))
        case ast.Phrase():
            return _phrase(expr)
        case ast.Named():
            return row(words(expr.of, Level.UNION), f" {expr.variable.name}")
        case ast.Neighbours():
            return row(words(expr.of, Level.UNION), f" {expr.first.name} next {expr.second.name}")
        case ast.OnView():
            return row(words(expr.part, Level.HEAD), f" on {expr.view.name}")
        case ast.Union():
            return Nest(Fill(tuple(words(p, Level.SUM) for p in expr.parts), " |"))
        case ast.Binary():
            mine, right = level(expr), Level.PRODUCT if expr.op in "+-" else Level.UNARY
            return Group(row(words(expr.left, mine), Nest(row(LINE, f"{expr.op} ", words(expr.right, right)))))
        case ast.Negate():
            return row("-", words(expr.part, Level.UNARY))
        case ast.Other():
            return row("other ", words(expr.of, Level.POSTFIX))
        case _:
            assert_never(expr)


def _options(expr: ast.Expr) -> Doc:
    """The range or the list after `in`."""
    return words(expr, Level.ARGUMENT if isinstance(expr, ast.RangeExpr) else Level.UNION)


def call(expr: ast.CallExpr) -> Doc:
    """`function(args)`."""
    return row(expr.function, _listed("(", expr.args, ")"))


def _listed(opening: str, items: tuple[ast.Expr, ...], closing: str) -> Doc:
    if not items:
        return opening + closing
    filled = Fill(tuple(Group(words(i, Level.ARGUMENT)) for i in items))
    return Group(row(opening, Nest(row(SOFT, filled)), SOFT, closing))


def _match(expr: ast.MatchExpr) -> Doc:
    arms = joined([_arm(a) for a in expr.arms], row(",", LINE))
    return Group(row("match ", words(expr.subject, Level.UNION), " {", Nest(row(LINE, arms)), LINE, "}"))


def _arm(arm: ast.MatchArm) -> Doc:
    patterns = joined([words(p, Level.ARGUMENT) for p in arm.patterns], " | ") if arm.patterns else "else"
    return Group(row(patterns, " ->", Nest(row(LINE, words(arm.value)))))


def _joint(expr: ast.And | ast.Or) -> Doc:
    word, tighter = ("and", Level.NOT) if isinstance(expr, ast.And) else ("or", Level.AND)
    parts = [Group(words(p, tighter)) for p in expr.parts]
    return Group(joined(parts, row(LINE, f"{word} ")))


def _if(expr: ast.If) -> Doc:
    then = Level.OPEN if expr.otherwise is None else Level.OR
    pieces = [row("if ", words(expr.condition, Level.OR)), row("then ", words(expr.then, then))]
    if expr.otherwise is not None:
        pieces.append(row("else ", words(expr.otherwise)))
    return Group(joined(pieces, LINE))


def _existing(expr: ast.Exists) -> Doc:
    phrase = expr.phrase
    if level(expr) == Level.OPEN and isinstance(phrase, ast.Phrase):
        return _phrase(phrase)
    return words(phrase, Level.HEAD)


def _has_commas(expr: ast.Expr) -> bool:
    """Whether a set has several keys, or names for several values."""
    return isinstance(expr, ast.Phrase) and (len(expr.by) > 1 or len(expr.names) > 1)


def _phrase(expr: ast.Phrase) -> Doc:
    pieces: list[Doc] = []
    if expr.names:
        named = [row(f"{s.name.name} = ", words(s.value, Level.SUM)) for s in expr.names]
        pieces.append(row(LINE, "with ", joined(named, row(",", LINE))))
    if expr.where is not None:
        pieces.append(row(LINE, "where ", words(expr.where)))
    if expr.by:
        pieces.append(row(LINE, "by ", joined([words(k, Level.SUM) for k in expr.by], row(",", LINE))))
    return Group(row(words(expr.head, Level.HEAD), Nest(row(*pieces))))


def _comparison(expr: ast.Compare | ast.Relation | ast.Among) -> Doc:
    pieces: list[Doc] = []
    within: ast.Expr | None = None
    match expr:
        case ast.Compare():
            first: Doc = words(expr.operands[0], Level.UNION)
            if len(expr.operands) == 2 and isinstance(expr.operands[1], ast.MatchExpr) and expr.within is None:
                return row(first, f" {expr.operators[0]} ", words(expr.operands[1]))
            for sign, operand in zip(expr.operators, expr.operands[1:], strict=True):
                pieces.append(row(LINE, f"{sign} ", words(operand, Level.UNION)))
            within = expr.within
        case ast.Among():
            return row(words(expr.value, Level.UNION), " in ", _options(expr.options))
        case ast.Relation():
            related = row(f"{expr.word} ", words(expr.right, Level.UNION))
            left = expr.left
            first = related if left is None else words(left, Level.HEAD)
            if left is not None:
                pieces.append(row(LINE, related))
            within = expr.within
    if within is not None:
        pieces.append(row(" within ", words(within, Level.UNION)))
    return Group(row(first, Nest(row(*pieces))))
