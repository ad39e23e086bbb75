"""Sets in words: walks with their filters, quantifiers, aggregates."""

from __future__ import annotations

import re
from dataclasses import replace

from logidsl import ir
from logidsl.describe.names import IT
from logidsl.describe.phrase_table import Book
from logidsl.describe.phrases import (
    Condition,
    Level,
    Noun,
    Phrase,
    Value,
    clause,
    declared_clause,
    fill,
    following,
    held,
    joined,
    verb,
)
from logidsl.describe.values import worded
from logidsl.library import Builtin, Pick, builtins

#: For an order by a full-circle angle, which is cyclic.
_AROUND = " all the way round, the last followed by the first"


def walked(book: Book, each: int, where: int | None, *said: str) -> Noun:
    """The iterated set with its filter; the object's own name if `said` uses it."""
    node = book.program.nodes[each]
    noun = book.noun(node.source) if isinstance(node, ir.Binder) else book.noun(each)
    title = book.titles.get(each, IT)
    words, more = ("" if where is None else following(book.truth(where), each, several) for several in (False, True))
    told = each in book.spoken or any(re.search(rf"\b{re.escape(title)}\b", s) for s in (words, *said))
    own = title if told and title != IT and " " not in title else ""
    if not own and not words:
        return noun
    level = Level.OPEN if words else noun.level
    one, many = (noun.one, noun.many) if noun.level == Level.ATOM else (f"({noun.one})", f"({noun.many})")
    return Noun(joined(one, own, words), joined(many, own, more), level)


def quantified(book: Book, node: ir.Quantifier) -> Condition:
    """`every`, `some`, `no`."""
    if node.next is not None:
        return _neighbours(book, node)
    if node.body is None:
        return _exists(book, node)
    if node.fn == "every":
        return _every(book, node)
    return _related(book, node)


def _exists(book: Book, node: ir.Quantifier) -> Condition:
    noun = walked(book, node.each, node.where)
    level = Level.OPEN if noun.level == Level.OPEN else Level.ATOM
    made = clause(Value("there"), "is", "be", f"{node.fn} {noun.one}", level=level)
    return replace(made, denied=True)


def _every(book: Book, node: ir.Quantifier) -> Condition:
    assert node.body is not None
    body = book.truth(node.body)
    subject = body.subject
    if subject is not None and subject.each == node.each and body.level <= Level.TERM:
        says, demands = verb(body, demand=False), verb(body, demand=True)
        noun = walked(book, node.each, node.where, says)
        if not subject.noun:
            return Condition(f"every {noun.one} {says}", f"every {noun.one} {demands}", Level.OPEN)
        if noun.level == Level.ATOM and node.where is None:
            head = f"the {subject.noun} of every {noun.one}"
            return Condition(f"{head} {says}", f"{head} {demands}", Level.OPEN)
    noun = walked(book, node.each, node.where, body.text)
    return Condition(f"for every {noun.one}, {body.text}", f"for every {noun.one}, {body.must}", Level.OPEN)


def _neighbours(book: Book, node: ir.Quantifier) -> Condition:
    assert node.body is not None
    body = book.truth(node.body)
    head = f"for every {_pair(book, node)}"
    return Condition(f"{head}, {body.text}", f"{head}, {body.must}", Level.OPEN)


def _pair(book: Book, node: ir.Quantifier | ir.Aggregate) -> str:
    """`a and the next one b of the bolts in order of x`."""
    assert node.each is not None and node.next is not None
    follower = book.program.nodes[node.next]
    assert isinstance(follower, ir.Aggregate)
    first, second = book.titles[node.each], book.value(node.next).text
    noun = held(walked(book, node.each, node.where), Level.ATOM)
    way = order(book, node.each, follower.by, follower.descending)
    return f"{first} and the next one {second} of the {noun}{way}{_AROUND if follower.cyclic else ''}"


def _related(book: Book, node: ir.Quantifier) -> Condition:
    """A relation to some member of a set: `is inside some pack`; `outside` all of them."""
    assert node.body is not None
    call = book.program.nodes[node.body]
    noun = walked(book, node.each, node.where)
    if not isinstance(call, ir.Call) or len(call.args) < 2 or call.args[1] != node.each:
        body = book.truth(node.body)
        head = f"for {node.fn} {noun.one}"
        return Condition(f"{head}, {body.text}", f"{head}, {body.must}", Level.OPEN)
    one = noun.one if noun.level == Level.ATOM else f"({noun.one})"
    relations = builtins("relation")
    negative = next((e for e in relations.values() if e.negation == call.fn), None)
    entry = relations.get(call.fn) if node.fn == "some" else negative
    english = entry.english if entry else ""
    made = [
        worded(book, english, call, [book.value(call.args[0]), Value(f"{word} {one}"), *map(book.value, call.args[2:])])
        for word in ("some" if node.fn == "some" else "every", "any" if node.fn == "some" else "every")
    ]
    says, denies = made
    assert isinstance(says, Condition) and isinstance(denies, Condition)
    if node.fn == "no":
        return replace(says, denied=True)
    return replace(says, denied_rest=denies.rest)


def order(book: Book, each: int | None, by: int | None, descending: bool) -> str:
    """` in order of x`."""
    if by is None:
        return ""
    return f" in {'descending ' if descending else ''}order of {_key(book, each, by)}"


def _key(book: Book, each: int | None, by: int) -> str:
    node = book.program.nodes[by]
    if isinstance(node, ir.Call) and node.fn == "of_member":
        return _key(book, each, node.args[1])
    if isinstance(node, ir.Name) and node.thing == "place":
        return "the pictures"
    if isinstance(node, ir.Aggregate) and node.fn == "keys":
        return ", then of ".join(_key(book, each, k) for k in node.args)
    if isinstance(node, ir.Call) and (entry := ir.entry_of(node)) is not None and entry.negates:
        return f"descending {_key(book, each, node.args[0])}"
    key = book.value(by)
    return key.noun if key.noun and key.each == each else f"({key.text})"


def aggregated(book: Book, node: ir.Aggregate) -> Phrase:
    """The value of an aggregate, in the words of its declaration."""
    entry, argument = _declared(book, node)
    if (key := ir.key_of(node)) is not None and node.value is not None:
        value = book.value(node.value)
        words = {"column": value.noun or value.text, "0": held(book.value(node.args[0]), Level.ATOM)}
        return Value(fill(key.english, words), noun=fill(key.english, words), each=node.each)
    if node.fn == "keys":
        return Value(", then ".join(_key(book, node.each, k) for k in node.args))
    if node.fn == "next":
        return Value(node.var or "the next one")
    if node.fn == "list":
        noun = node.value is not None and book.value(node.value).noun
        english = f"the list of {'the ' if noun else ''}{{column}}{{order}}"
    elif entry is None or not entry.english:
        book.missing(node.fn)
        english = f"{node.fn} of the {{set}}"
    else:
        english = entry.english
    counts = entry is not None and entry.counts
    turned = entry is not None and entry.kept_as is not None and entry.kept_as.descending
    parts = _parts(book, node, argument, Level.OPEN if counts else Level.SUM, node.descending is not turned)
    if "|" in english:
        return declared_clause(english, parts)
    members = None if node.each is None else walked(book, node.each, node.where)
    level = Level.OPEN if members is not None and members.level == Level.OPEN else Level.TERM
    return Value(fill(english, parts), level, counted=members if counts else None)


def _declared(book: Book, node: ir.Aggregate) -> tuple[Builtin | None, tuple[int, ...]]:
    """The builtin as it was written, and its arguments: `largest` is stored as `first` by area."""
    for entry in builtins("aggregate").values() if node.by is not None else ():
        kept = entry.kept_as
        if kept is None or kept.fn != node.fn or kept.descending != node.descending or node.by is None:
            continue
        key = book.program.nodes[node.by]
        if isinstance(key, ir.Column) and (key.attribute, key.of) == (kept.key, node.each):
            return entry, ()
        if isinstance(key, ir.Call) and (key.fn, key.args[0]) == (kept.key, node.each):
            return entry, key.args[1:]
    last = next((e for e in builtins("aggregate").values() if e.kept_as == Pick(node.fn, "", node.descending)), None)
    return last or ir.entry_of(node), node.args


def _parts(
    book: Book, node: ir.Aggregate, args: tuple[int, ...], loosest: Level, descending: bool
) -> dict[str, str | None]:
    """The placeholders in the words of an aggregate."""
    parts: dict[str, str | None] = {str(k): held(book.value(n), Level.ATOM) for k, n in enumerate(args)}
    if node.each is not None:
        parts["set"] = held(walked(book, node.each, node.where, *_inside(book, node)), loosest)
        parts["order"] = order(book, node.each, node.by, descending) if node.next is None else ""
        parts["round"] = _AROUND if node.cyclic else ""
    if node.other is not None:
        parts["other"] = held(walked(book, node.other, node.other_where), Level.ATOM)
    if node.value is not None:
        found = book.phrases[node.value]
        parts["column"] = found.text if isinstance(found, Condition) else _column(book, node)
    return parts


def _inside(book: Book, node: ir.Aggregate) -> list[str]:
    """The condition on each member besides the filter."""
    return [_text(book.phrases[n]) for n in (node.value, node.by) if n is not None]


def _text(phrase: Phrase) -> str:
    return "" if isinstance(phrase, Noun) else phrase.text


def _column(book: Book, node: ir.Aggregate) -> str:
    """The column of the members: `length of all bolts`."""
    assert node.value is not None
    found = book.value(node.value)
    if node.each is None:
        return f"value of {held(found, Level.ATOM)}"
    if node.next is not None:
        return f"({found.text}) of every {_pair(book, node)}"
    noun = walked(book, node.each, node.where, found.text)
    words = found.noun if found.noun and found.each == node.each else f"({found.text})"
    return f"{words} of all {held(noun, Level.SUM if node.by is not None else Level.OPEN)}"
