"""What a rule of the grammar is made of: tokens, nodes, and marked parts that have no node of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard, TypeVar, get_args

from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.tokens import Token

EXPRESSIONS: frozenset[type] = frozenset(get_args(ast.Expr))


@dataclass(frozen=True, slots=True)
class Part:
    """Parts of a rule without a node of their own: `where P`, `within t`."""

    rule: str
    items: Children
    span: Span


Item: TypeAlias = Token | ast.Node | Part
N = TypeVar("N", bound=ast.Node)


@dataclass(slots=True)
class Children:
    """What a rule is made of, in the order of the source."""

    items: Sequence[Item]
    _names: tuple[ast.Ident, ...] | None = None

    @property
    def span(self) -> Span:
        """From the first to the last word."""
        first, last = self.items[0].span, self.items[-1].span
        return first if first is last else first.to(last)

    @property
    def exprs(self) -> tuple[ast.Expr, ...]:
        """The expressions."""
        return tuple([i for i in self.items if type(i) in EXPRESSIONS])  # type: ignore[misc]

    @property
    def expr(self) -> ast.Expr:
        """The first expression."""
        return self.exprs[0]

    @property
    def names(self) -> tuple[ast.Ident, ...]:
        """The names that stand alone."""
        if self._names is None:
            words = [ast.Ident(i.text, span=i.span) if _is_name(i) else i for i in self.items]
            self._names = tuple([i for i in words if isinstance(i, ast.Ident)])
        return self._names

    @property
    def texts(self) -> tuple[ast.Text, ...]:
        """The quoted texts that are not expressions."""
        return tuple([ast.Text(i.text[1:-1], span=i.span) for i in self.of_type("STRING")])

    @property
    def quantities(self) -> tuple[ast.Quantity, ...]:
        """The quantities that are not expressions."""
        return tuple(_quantity(i) for i in self.of_type("QUANTITY"))

    def of_type(self, *types: str) -> tuple[Token, ...]:
        """The words of some types."""
        return tuple([i for i in self.items if isinstance(i, Token) and i.type in types])

    def nodes(self, kind: type[N]) -> tuple[N, ...]:
        """The nodes of a class."""
        return tuple([i for i in self.items if isinstance(i, kind)])

    def part(self, rule: str) -> Children | None:
        """The parts of an optional element, or None if it is absent."""
        for item in self.items:
            if isinstance(item, Part) and item.rule == rule:
                return item.items
        return None

    def part_expr(self, rule: str) -> ast.Expr | None:
        """The expression of an optional part."""
        part = self.part(rule)
        return part.expr if part else None


def _is_name(item: Item) -> TypeGuard[Token]:
    return isinstance(item, Token) and item.type == "NAME"


def _quantity(word: Token) -> ast.Quantity:
    """`20 px` as its number and its unit."""
    found = re.match(r"[0-9.]+", word.text)
    number = found[0] if found else ""
    return ast.Quantity(number, word.text[len(number) :].strip(), span=word.span)
