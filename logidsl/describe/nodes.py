"""The phrase of each node, in one pass over the program: each is built from the phrases of its operands."""

from __future__ import annotations

from typing import assert_never

from logidsl import ir
from logidsl.describe import clauses, sets, values
from logidsl.describe.phrase_table import Book
from logidsl.describe.phrases import Level, Phrase, Value
from logidsl.library.comparisons import InRange, Near, OneOf


def written(program: ir.Program) -> Book:
    """The phrases of all nodes.

    Parameters
    ----------
    program : Program
        The described program.
    """
    book = Book.of(program)
    for number, node in enumerate(program.nodes):
        book.phrases.append(_phrase(book, number, node))
    return book


def _phrase(book: Book, number: int, node: ir.Node) -> Phrase:
    match node:
        case ir.Literal_():
            return values.literal(node)
        case ir.Name():
            return _name(book, node)
        case ir.Binder():
            return Value(book.titles[number], each=number)
        case ir.Column():
            return values.column(book, node)
        case ir.Call():
            return call(book, node)
        case ir.Quantifier():
            return sets.quantified(book, node)
        case ir.Aggregate():
            return sets.aggregated(book, node)
        case ir.Match():
            return values.matched(book, node)
        case _:
            assert_never(node)


def _name(book: Book, node: ir.Name) -> Phrase:
    """A name; a set made by the checker, such as the owners of a grid, by its definition."""
    if node.thing == "set" and " " in node.ref:
        made = next(s for s in book.program.sets if s.name == node.ref)
        return sets.walked(book, made.each, made.where)
    return values.name(book, node)


def call(book: Book, node: ir.Call) -> Phrase:
    """An operator, or a function of the library."""
    entry = ir.entry_of(node)
    if entry is not None and entry.share_of:
        return values.share(book, node)
    if entry is not None and entry.identity:
        return book.phrases[node.args[0]]
    if entry is not None and entry.group == "operator" and entry.bounds is not None:
        return values.arithmetic(book, node)
    match ir.comparison(node):
        case Near():
            return clauses.close(book, node)
        case InRange():
            return clauses.between(book, node)
        case OneOf():
            return clauses.among(book, node)
        case None:
            pass
        case _:
            return clauses.compared(book, node)
    match node.fn:
        case "if" if node.type.kind != "truth":
            return values.chosen(book, node)
        case "and" | "or" | "not" | "if" | "one_variant":
            return clauses.logical(book, node)
        case "member" | "member_of":
            return clauses.among(book, node)
        case "list" | "splice":
            return values.listed(book, node)
        case "on_frame" | "places":
            return values.placed(book, node)
        case "union":
            return values.union(book, node)
        case "of_member" | "as_share":
            return book.phrases[node.args[-1]]
        case _:
            return values.called(book, node)


__all__ = ["Level", "call", "written"]
