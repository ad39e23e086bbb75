"""From a rule of the grammar to a node of the tree: what the builders share.

Owns the table `BUILDERS`: one builder for each rule of `grammar/logic.lark`, under the rule's name; those of
`expressions` and `statements` register here. The parser calls a builder with what the rule is made of,
bottom-up, so that nothing ever walks a tree: a node's `span` comes from its parts. A rule whose name begins
with `_` has no builder: its parts go to the rule above it, and with them the signs it held, so brackets vanish.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard, TypeVar, cast, get_args

from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.tokens import Token

EXPRESSIONS: frozenset[type] = frozenset(get_args(ast.Expr))


@dataclass(frozen=True, slots=True)
class Part:
    """Parts of a rule that are no node of their own: `where P`, `within t`."""

    rule: str
    items: Children
    span: Span


Item: TypeAlias = Token | ast.Node | Part
N = TypeVar("N", bound=ast.Node)


@dataclass(frozen=True, slots=True)
class Children:
    """What a rule is made of, in the order of the source."""

    items: Sequence[Item]

    @property
    def span(self) -> Span:
        """From the first to the last word."""
        return self.items[0].span.to(self.items[-1].span)

    @property
    def exprs(self) -> tuple[ast.Expr, ...]:
        """The expressions."""
        return tuple(cast("ast.Expr", i) for i in self.items if type(i) in EXPRESSIONS)

    @property
    def expr(self) -> ast.Expr:
        """The first expression."""
        return self.exprs[0]

    @property
    def names(self) -> tuple[ast.Ident, ...]:
        """The names that stand alone."""
        words = (ast.Ident(i.text, span=i.span) if _is_name(i) else i for i in self.items)
        return tuple(i for i in words if isinstance(i, ast.Ident))

    @property
    def texts(self) -> tuple[ast.Text, ...]:
        """The texts in quotes that are no expression."""
        return tuple(ast.Text(i.text[1:-1], span=i.span) for i in self.of_type("STRING"))

    @property
    def quantities(self) -> tuple[ast.Quantity, ...]:
        """The numbers with unit that are no expression."""
        return tuple(_quantity(i) for i in self.of_type("QUANTITY"))

    def of_type(self, *types: str) -> tuple[Token, ...]:
        """The words of some types."""
        return tuple(i for i in self.items if isinstance(i, Token) and i.type in types)

    def nodes(self, kind: type[N]) -> tuple[N, ...]:
        """The nodes of a class."""
        return tuple(i for i in self.items if isinstance(i, kind))

    def part(self, rule: str) -> Children | None:
        """What an optional part is made of, or None where it is left out."""
        return next((i.items for i in self.items if isinstance(i, Part) and i.rule == rule), None)

    def part_expr(self, rule: str) -> ast.Expr | None:
        """The expression of an optional part."""
        part = self.part(rule)
        return part.expr if part else None


Builder: TypeAlias = Callable[[Children], "ast.Node | Part | list[Item]"]
BUILDERS: dict[str, Builder] = {}


def builds(*rules: str) -> Callable[[Builder], Builder]:
    """Register a builder under the names of rules."""

    def register(builder: Builder) -> Builder:
        BUILDERS.update(dict.fromkeys(rules, builder))
        return builder

    return register


def _is_name(item: Item) -> TypeGuard[Token]:
    return isinstance(item, Token) and item.type == "NAME"


def _quantity(word: Token) -> ast.Quantity:
    """`20 px` as its number and its unit."""
    found = re.match(r"[0-9.]+", word.text)
    number = found[0] if found else ""
    return ast.Quantity(number, word.text[len(number) :].strip(), span=word.span)


def _mark(rule: str) -> None:
    """Let a rule only mark its parts for the rule above."""
    BUILDERS[rule] = lambda items: Part(rule, items, items.span)


for _rule in ("settings", "of", "where", "order", "within", "when", "aliases", "scene_size", "names", "relation_word"):
    _mark(_rule)
