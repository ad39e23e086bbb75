"""From what a description states to objects of a spec: whatever it leaves open stays open.

A description is closed: what it does not speak of is not there. One that is cut short, or speaks of nothing
that the spec knows, is not: of each class there may be any number more. May import `ir`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from logidsl.extract.amounts import ONE, SOME, UNKNOWN, Amount, amount_of
from logidsl.extract.fact_names import Names, label_of, words
from logidsl.extract.fact_prose import Mention, read_prose
from logidsl.extract.fact_terms import Statement, Statements, Term, parse_statements
from logidsl.extract.records import Record
from logidsl.table import COUNT

_HEADING = re.compile(r"^[\s*#_]*(?:formula(?:e|s)?|facts?)[\s*_]*:[\s*_]*", re.IGNORECASE | re.MULTILINE)
_COUNTING = re.compile(
    r"^(?:num(?:ber)?|count|quantity|amount)(?:_?of)?(?:_(?P<after>.+))?$|^(?P<before>.+)_(?:count|quantity|number)$"
)
#: Words of place that exclude each other.
_OPPOSITE = [
    frozenset(pair.split())
    for pair in (
        "left right",
        "top bottom",
        "upper lower",
        "above below",
        "front back",
        "inside outside",
        "center corner",
    )
]
#: Ends a value that is none of an attribute's labels.
_NO_LABEL = "\0"
#: How a note on a name ends.
UNKNOWN_NAME = " is no class of the spec"
_FACT = re.compile(r"[\w%]\([^()\n]*[,)]")


@dataclass
class DescribedObjects:
    """Objects of one kind that a description speaks of together.

    Parameters
    ----------
    name : str
        Class of the spec, or what the description calls it.
    said : str
        What the description calls it.
    amount : Amount
        How many.
    where : tuple of str
        Words of place.
    values : dict
        Attributes by the names of the spec.
    """

    name: str
    said: str
    amount: Amount
    where: tuple[str, ...] = ()
    values: dict[str, object] = field(default_factory=dict)


def records_of_text(text: str, names: Names, notes: list[str]) -> list[Record]:
    """The objects that a description of one picture speaks of.

    Parameters
    ----------
    text : str
        Plain English, or formulae such as `left(orange,2)`, or both under headings.
    names : Names
        What the spec knows.
    notes : list of str
        Takes what was not understood.
    """
    prose, formulae = _parts(text)
    stated = parse_statements(formulae) if formulae else Statements((), False)
    told = read_prose(prose, names)
    things = _things(stated.found, names, notes)
    known = {t.name for t in things if t.amount != UNKNOWN}
    extra = [m for m in told.mentions if m.name not in known]
    whole = bool(told.mentions) and not told.cut
    if stated.found and not stated.cut:
        # The formulae are the answer; where the words before them speak of more, one of the two is wrong.
        extra = [replace(m, amount=Amount(0, m.amount.high)) for m in extra]
        whole = True
    things += [_of_mention(m) for m in extra]
    records = [record_of_thing(t, names) for t in things]
    spoken = {t.name for t in things if names.meanings(t.name)}
    if not whole or not spoken:
        notes.append("cut short" if spoken else "speaks of nothing that the spec knows")
        records += [Record(c.name, values={COUNT: "0.."}) for c in names.program.classes]
    return records


def _parts(text: str) -> tuple[str, str]:
    """What is said in words, and the formulae: after the last heading for them, or all where there is none."""
    headings = list(_HEADING.finditer(text))
    if headings:
        return text[: headings[-1].start()], text[headings[-1].end() :]
    lines = text.splitlines()
    facts = [bool(_FACT.search(line)) and len(line.split("(")[0].split()) <= 2 for line in lines]
    if any(facts) and sum(facts) * 2 >= sum(bool(line.strip()) for line in lines):
        return "", text
    return text, ""


def _things(statements: Iterable[Statement], names: Names, notes: list[str]) -> list[DescribedObjects]:
    """The things of all statements, those said twice together, with their attributes."""
    counted: list[DescribedObjects] = []
    described: list[tuple[str, str, str]] = []
    for statement in statements:
        groups = [
            [t for term in group if not term.denied for t in _of_term(term, names, described)] for group in statement
        ]
        counted += groups[0] if len(groups) == 1 else _either(groups)
    things = _together(counted)
    _inherit(things)
    _describe(things, described, names, notes)
    notes += [f"`{t.said}`{UNKNOWN_NAME}" for t in things if not names.meanings(t.name)]
    return things


def _of_term(term: Term, names: Names, described: list[tuple[str, str, str]]) -> list[DescribedObjects]:
    """The things that a fact counts; what it says of a thing otherwise goes to `described`."""
    path, args = term.path, list(term.args)
    amount = amount_of(args[-1])
    counting = _COUNTING.fullmatch(path[-1].lower())
    if amount is not None and counting:
        said = counting["after"] or counting["before"] or (args[-2] if len(args) > 1 else "")
        return things_named(said, amount, path[:-1], names) if said else []
    if amount is not None:
        if len(args) == 1:
            return things_named(path[-1], amount, path[:-1], names)
        return things_named(args[-2], amount, (*path, *args[:-2]), names)
    if len(args) > 1:
        described.append((path[-1], args[0], args[-1]))
        return []
    if names.attributes(path[-1], None):
        described.append((path[-1], "", args[0]))
        return []
    plural = words(args[0])[-1:] != tuple(args[0].casefold().replace("_", " ").split()[-1:])
    return things_named(args[0], SOME if plural else ONE, path, names)


def things_named(said: str, amount: Amount, where: Sequence[str], names: Names) -> list[DescribedObjects]:
    """The thing of a name; each that it may be, if there is no telling."""
    if amount.high == 0:
        return []
    meant = names.meanings(said)
    if not meant:
        return [DescribedObjects(said, said, amount, tuple(where))]
    if meant[0].sure:
        return [DescribedObjects(meant[0].name, said, amount, tuple(where))]
    return [DescribedObjects(m.name, said, Amount(0, amount.high), tuple(where)) for m in meant]


def _either(groups: list[list[DescribedObjects]]) -> list[DescribedObjects]:
    """What is known where one of several groups of facts holds."""
    names = dict.fromkeys(t.name for g in groups for t in g)
    found = []
    for name in names:
        each = [[t for t in g if t.name == name] for g in groups]
        there = [t for g in each for t in g]
        amounts = [_sum(t.amount for t in g) for g in each]
        amount = amounts[0]
        for other in amounts[1:]:
            amount = amount.either(other)
        common = [w for w in there[0].where if all(w in t.where for t in there)]
        found.append(DescribedObjects(name, there[0].said, amount, tuple(common)))
    return found


def _sum(amounts: Iterable[Amount]) -> Amount:
    low, high = 0, 0
    open_ = False
    for a in amounts:
        low += a.low
        open_ |= a.high is None
        high += a.high or 0
    return Amount(low, None if open_ else high)


def _together(things: list[DescribedObjects]) -> list[DescribedObjects]:
    """Things said twice: `left(peach,1)` and `top(peach,1)` are one peach, left and right ones are two."""
    kept: list[DescribedObjects] = []
    for thing in things:
        same = next(
            (k for k in kept if words(k.said) == words(thing.said) and not _opposite(k.where, thing.where)), None
        )
        if same is None:
            kept.append(thing)
        elif same.amount == thing.amount and words(" ".join(same.where)) != words(" ".join(thing.where)):
            same.where = (*same.where, *thing.where)
        elif not (same.amount == thing.amount and thing.amount.high is None):
            both = _sum([same.amount, thing.amount])
            same.amount = Amount(max(same.amount.low, thing.amount.low), both.high)
    return kept


def _opposite(a: Sequence[str], b: Sequence[str]) -> bool:
    first, second = ({w for part in p for w in words(part)} for p in (a, b))
    return any(
        len(pair & first) == 1 and len(pair & second) == 1 and pair & first != pair & second for pair in _OPPOSITE
    )


def _inherit(things: list[DescribedObjects]) -> None:
    """What a container holds is where the container is: `right(mixture,*)`, `contains(mixture,almond,*)`."""
    holders = {words(t.said): t.where for t in things}
    for thing in things:
        for word in list(thing.where):
            more = holders.get(words(word), ())
            if more and more is not thing.where:
                thing.where = (*thing.where, *more)


def _describe(
    things: list[DescribedObjects], described: list[tuple[str, str, str]], names: Names, notes: list[str]
) -> None:
    """Give things what is said of them: `color(juice, red)`, or `fruit_label(cherry)` of an attribute's class."""
    said: dict[tuple[str, str], set[str]] = {}
    for attribute_said, of, value in described:
        meant = names.meanings(of) if of else ()
        name = meant[0].name if meant and meant[0].sure else None
        for attribute in names.attributes(attribute_said, name):
            owner = name or (attribute.classes[0] if not of and len(attribute.classes) == 1 else None)
            if owner is not None:
                label = label_of(attribute, value) if attribute.labels else value
                said.setdefault((owner, attribute.name), set()).add(label or value + _NO_LABEL)
    for (owner, attribute_name), values in said.items():
        mine = [t for t in things if t.name == owner]
        if not mine:
            mine = [DescribedObjects(owner, owner, ONE)]
            things += mine
        if len(values) > 1 or any(v.endswith(_NO_LABEL) for v in values):
            listed = " or ".join(f"`{v.removesuffix(_NO_LABEL)}`" for v in sorted(values))
            notes.append(f"`{attribute_name}` of `{owner}` is said to be {listed}: taken as not measured")
        elif len(mine) == 1:
            mine[0].values[attribute_name] = next(iter(values))


def _of_mention(mention: Mention) -> DescribedObjects:
    return DescribedObjects(mention.name, mention.said, mention.amount, values=dict(mention.places))


def record_of_thing(thing: DescribedObjects, names: Names) -> Record:
    """A thing as a row: how many, its words of place, and the labels that these mean to the spec."""
    amount = thing.amount
    values: dict[str, object] = {}
    if amount != ONE:
        values[COUNT] = (
            str(amount.low) if amount.exact else f"{amount.low}..{'' if amount.high is None else amount.high}"
        )
    place = " ".join(thing.where)
    if place and not names.places():
        values["place"] = place  # no attribute of the spec speaks of places: for people
    for attribute in names.places(thing.name):
        label = label_of(attribute, place) if place else None
        if label is not None:
            values[attribute.name] = label
    return Record(thing.name, values=values | thing.values, place=f"`{thing.said}`")
