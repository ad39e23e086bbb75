"""Conditions in words: comparisons, chains, membership, and, or, not, if."""

from __future__ import annotations

from itertools import pairwise

from logidsl import ir
from logidsl.describe.phrase_table import Book
from logidsl.describe.phrases import (
    Condition,
    Level,
    Phrase,
    Value,
    both,
    clause,
    declared_clause,
    denied,
    either,
    enumerated,
    fill,
    held,
    held_demand,
)
from logidsl.library import builtins
from logidsl.library.comparisons import AtMost, Equal, Less, Near, Not, OneOf

#: The comparisons that a chain may join.
_LINKS = (Less, AtMost, Equal, Near)


def compared(book: Book, node: ir.Call) -> Condition:
    """A comparison of two values."""
    a, b = (book.value(n) for n in node.args)
    entry = builtins("operator")[node.fn]
    if (found := _counted(a, entry.of_count, [b])) is not None:
        return found
    limit = held(b, Level.SUM)
    kind = book.program.nodes[node.args[0]].type.kind
    match ir.comparison(node), kind:
        case Equal(), "truth":
            words = [held(book.truth(n), Level.ATOM) for n in node.args]
            return clause(Value(f"what {words[0]} says"), "agrees", "agree", f"with what {words[1]} says")
        case Equal(), "object":
            return clause(a, "is", "be", f"the same object as {limit}", after="being")
        case Equal(), "number" | "list":
            return clause(a, "is", "be", f"equal to {limit}")
        case Equal(), _:
            return clause(a, "is", "be", limit)
        case Not(), "object":
            return clause(a, "is", "be", f"other than {limit}", after="")
        case _:
            return declared_clause(entry.english, {"1": limit}, a)


def _counted(a: Value, english: str, limits: list[Value]) -> Condition | None:
    """`there are exactly 2 nuts`, for a count; None otherwise."""
    if a.counted is None or not english or not all(b.fixed for b in limits):
        return None
    one = [b.text for b in limits] == ["1"]
    noun = a.counted.one if one else a.counted.many
    level = Level.OPEN if a.counted.level == Level.OPEN else Level.ATOM
    amount = fill(english, {str(k): b.text for k, b in enumerate(limits, 1)})
    return clause(Value("there"), "is" if one else "are", "be", f"{amount} {noun}", level=level)


def close(book: Book, node: ir.Call) -> Condition:
    """A measured value near another one."""
    a, b, limit = (book.value(n) for n in node.args)
    words = (held(limit, Level.SUM), held(b, Level.SUM))
    type_ = book.program.nodes[node.args[0]].type
    if (type_.item or type_).kind == "color":
        return clause(a, "is", "be", f"within a colour difference of {words[0]} from {words[1]}")
    return clause(a, "is", "be", f"within {words[0]} of {words[1]}")


def between(book: Book, node: ir.Call) -> Condition:
    """A value in a range, ends included."""
    a, low, high = (book.value(n) for n in node.args)
    if (found := _counted(a, builtins("operator")[node.fn].of_count, [low, high])) is not None:
        return found
    first, last = (_literal(book, n) for n in node.args[1:])
    way = "to" if first is None or last is None or first <= last else "round to"  # only angles stand backwards
    return clause(a, "is", "be", f"from {held(low, Level.SUM)} {way} {held(high, Level.SUM)}")


def _literal(book: Book, i: int) -> float | None:
    match book.program.nodes[i]:
        case ir.Literal_(value=float(value)):
            return value
        case ir.Call(args=(inner,)) as call if (entry := ir.entry_of(call)) is not None and entry.negates:
            found = _literal(book, inner)
            return None if found is None else -found
        case _:
            return None


def among(book: Book, node: ir.Call) -> Condition:
    """A value that is one of several, or in a list, or an object in a set."""
    first = book.value(node.args[0])
    if isinstance(said := ir.comparison(node), OneOf):
        options = [held(book.value(n), Level.ATOM) for n in said.options]
        return clause(first, "is", "be", f"one of {enumerated(options, 'or')}" if options else "one of no values")
    match node.fn:
        case "member":
            return clause(first, "is", "be", f"in the list {held(book.value(node.args[1]), Level.ATOM)}")
        case _:
            return clause(first, "is", "be", f"among the {held(book.noun(node.args[1]), Level.ATOM)}", after="")


def logical(book: Book, node: ir.Call) -> Phrase:
    """`and`, `or`, `not`, `if`, and the choice of a variant."""
    match node.fn:
        case "and":
            return chain(book, node) or both([book.truth(n) for n in node.args])
        case "or":
            return either([book.truth(n) for n in node.args])
        case "not":
            return denied(book.truth(node.args[0]))
        case "one_variant":
            words = [held(book.truth(n), Level.ATOM) for n in node.args]
            return Condition(f"exactly one holds of {', '.join(words)}", f"exactly one must hold of {', '.join(words)}")
        case _:
            return _if(book, node)


def _if(book: Book, node: ir.Call) -> Condition:
    condition, then, *other = (book.truth(n) for n in node.args)
    head = f"if {held(condition, Level.TERM)}, then"
    if not other:
        loosest = Level.TERM if then.word == "if" else Level.OPEN  # of two, an `otherwise` would belong to either
        says, demands = held(then, loosest), held_demand(then, loosest)
        return Condition(f"{head} {says}", f"{head} {demands}", Level.OPEN, word="if")
    tail = other[0]
    return Condition(
        f"{head} {held(then, Level.TERM)}, otherwise {tail.text}",
        f"{head} {held_demand(then, Level.TERM)}, otherwise {tail.must}",
        Level.OPEN,
        word="if",
    )


def chain(book: Book, node: ir.Call) -> Condition | None:
    """A conjunction that was written as a chain, `a <= b < c`: the middle operand is named once."""
    nodes = book.program.nodes
    links = [nodes[n] for n in node.args]
    calls = [x for x in links if isinstance(x, ir.Call) and isinstance(ir.comparison(x), _LINKS)]
    if len(calls) < len(links) or any(x.span != node.span for x in calls):
        return None
    if any(_bare(nodes, a.args[1]) != _bare(nodes, b.args[0]) for a, b in pairwise(calls)):
        return None
    operators = builtins("operator")
    if len(calls) == 2 and all(isinstance(ir.comparison(x), Less | AtMost) for x in calls):
        low, middle, high = (book.value(n) for n in (*calls[0].args, calls[1].args[1]))
        turned = operators[operators[calls[0].fn].converse]
        first = declared_clause(turned.english, {"1": held(low, Level.SUM)}, middle).rest
        second = declared_clause(operators[calls[1].fn].english, {"1": held(high, Level.SUM)}, middle).rest
        rest = f"{first} and {second}"
        return clause(middle, "is", "be", rest, level=Level.TERM)
    first_link, *others = (book.truth(n) for n in node.args)
    tail = "".join(f", which {joined_link(t, demand=False)}" for t in others)
    demand = "".join(f", which {joined_link(t, demand=True)}" for t in others)
    return Condition(first_link.text + tail, first_link.must + demand, Level.OPEN)


def joined_link(truth: Condition, demand: bool) -> str:
    """A link of a chain without its subject."""
    return f"must {truth.base} {truth.rest}" if demand else f"{truth.third} {truth.rest}"


def _bare(nodes: tuple[ir.Node, ...], number: int) -> int:
    """A share without what it is a share of."""
    node = nodes[number]
    entry = ir.entry_of(node)
    share = entry is not None and (entry.share_of or entry.identity)
    return node.args[0] if isinstance(node, ir.Call) and share else number
