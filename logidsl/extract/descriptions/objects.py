"""From a description's statements to objects of a spec: open questions stay open.

A description is closed: what it does not mention is absent. One that is truncated, or mentions nothing that the spec
knows, is open: every class may have any number more. May import `ir`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

from logidsl.extract.amounts import ONE, SOME, UNKNOWN, Amount, amount_of
from logidsl.extract.descriptions.formulae import Statement, Term, parse_formulae
from logidsl.extract.descriptions.prose import read_prose
from logidsl.extract.descriptions.vocabulary import DescribedObjects, Vocabulary, label_of, words
from logidsl.extract.notes import Notes
from logidsl.extract.records import Record
from logidsl.table import COUNT

_HEADING = re.compile(r"^[\s*#_]*(?:formula(?:e|s)?|facts?)[\s*_]*:[\s*_]*", re.IGNORECASE | re.MULTILINE)
_COUNTING = re.compile(
    r"^(?:num(?:ber)?|count|quantity|amount)(?:_?of)?(?:_(?P<after>.+))?$|^(?P<before>.+)_(?:count|quantity|number)$"
)
_FACT = re.compile(r"[\w%]\([^()\n]*[,)]")
#: Words of place that exclude each other.
_OPPOSITES = ("left right", "top bottom", "upper lower", "above below", "front back", "inside outside", "center corner")
_PAIRS = [frozenset(pair.split()) for pair in _OPPOSITES]
_LISTED = 20


@dataclass
class DescriptionReader:
    """Makes objects of descriptions, one picture after the other.

    Parameters
    ----------
    vocabulary : Vocabulary
        The names of the spec.
    notes : Notes
        Takes what was not understood.
    image : str
        The picture that is being read.
    unknown : Counter
        Names that the spec does not know.
    """

    vocabulary: Vocabulary
    notes: Notes
    image: str = ""
    unknown: Counter[str] = field(default_factory=Counter)

    def records_of_text(self, text: str) -> list[Record]:
        """The objects in a description.

        Parameters
        ----------
        text : str
            Plain English, or formulae such as `left(orange,2)`, or both under headings.
        """
        prose, formulae = _parts(text)
        statements, cut_formulae = parse_formulae(formulae)
        mentioned, cut_prose = read_prose(prose, self.vocabulary)
        found = self._stated(statements)
        known = {d.name for d in found if d.amount != UNKNOWN}
        extra = [m for m in mentioned if m.name not in known]
        whole = bool(mentioned) and not cut_prose
        if statements and not cut_formulae:
            # The formulae are the answer; where the words before them mention more, one of the two is wrong.
            for m in extra:
                m.amount = Amount(0, m.amount.high)
            whole = True
        records = [self._record(d) for d in (*found, *extra)]
        recognized = any(self.vocabulary.meanings(d.name)[0] for d in (*found, *extra))
        if not whole or not recognized:
            self.notes.count("cut short" if recognized else "mentions nothing that the spec knows", self.image)
            records += [Record(c.name, values={COUNT: "0.."}) for c in self.vocabulary.program.classes]
        return records

    def records_of_counts(self, counts: Iterable[tuple[str, Amount, Sequence[str]]]) -> list[Record]:
        """The objects of names with their numbers and words of place."""
        return [self._record(d) for d in self._noted([d for count in counts for d in self._named(*count)])]

    def note_unknown_names(self) -> None:
        """Add one note for all names that the spec does not know, the most frequent first."""
        if self.unknown:
            listed = ", ".join(f"`{name}` ({often})" for name, often in self.unknown.most_common(_LISTED))
            more = f" and {len(self.unknown) - _LISTED} more" if len(self.unknown) > _LISTED else ""
            self.notes.say(f"names that the spec does not know: {listed}{more}")

    def _noted(self, found: list[DescribedObjects]) -> list[DescribedObjects]:
        self.unknown.update(d.said for d in found if not self.vocabulary.meanings(d.name)[0])
        return found

    def _stated(self, statements: Iterable[Statement]) -> list[DescribedObjects]:
        """The objects of all statements, those stated twice merged, with their attributes."""
        counted: list[DescribedObjects] = []
        described: list[tuple[str, str, str]] = []
        for statement in statements:
            groups = [[d for t in group if not t.denied for d in self._of_term(t, described)] for group in statement]
            counted += groups[0] if len(groups) == 1 else _either(groups)
        found = _merged(counted)
        _inherit_places(found)
        self._describe(found, described)
        return self._noted(found)

    def _of_term(self, term: Term, described: list[tuple[str, str, str]]) -> list[DescribedObjects]:
        """The objects that a fact counts; anything else that it says of an object goes to `described`."""
        *before, last = term.args
        *outer, predicate = term.path
        amount = amount_of(last)
        if amount is not None and (counting := _COUNTING.fullmatch(predicate.lower())):
            said = counting["after"] or counting["before"] or (before[-1] if before else "")
            return self._named(said, amount, outer) if said else []
        if amount is not None and before:
            return self._named(before[-1], amount, (*term.path, *before[:-1]))
        if amount is not None:
            return self._named(predicate, amount, outer)
        if before or self.vocabulary.attributes(predicate):
            described.append((predicate, before[0] if before else "", last))
            return []
        plural = words(last)[-1:] != tuple(last.casefold().replace("_", " ").split()[-1:])
        return self._named(last, SOME if plural else ONE, term.path)

    def _named(self, said: str, amount: Amount, where: Sequence[str]) -> list[DescribedObjects]:
        """The objects of a name; of each class that it may mean, where that is open."""
        names, sure = self.vocabulary.meanings(said)
        if amount.high == 0:
            return []
        each = amount if sure or not names else Amount(0, amount.high)
        return [DescribedObjects(name, said, each, tuple(where)) for name in names or [said]]

    def _describe(self, found: list[DescribedObjects], described: Iterable[tuple[str, str, str]]) -> None:
        """Set attributes: `color(juice, red)`, or `fruit_label(cherry)` for the class of the attribute."""
        said: dict[tuple[str, str], dict[str, bool]] = {}  # each value, and whether the attribute may have it
        for predicate, of, value in described:
            names, sure = self.vocabulary.meanings(of)
            owner = names[0] if sure else None
            for attribute in self.vocabulary.attributes(predicate, owner):
                only = attribute.classes[0] if not of and len(attribute.classes) == 1 else None
                label = label_of(attribute, value) if attribute.labels else value
                if name := owner or only:
                    said.setdefault((name, attribute.name), {})[label or value] = bool(label)
        for (name, attribute_name), values in said.items():
            if not any(d.name == name for d in found):
                found.append(DescribedObjects(name, name, ONE))
            mine = [d for d in found if d.name == name]
            if len(values) > 1 or not all(values.values()):
                listed = " or ".join(f"`{v}`" for v in sorted(values))
                what = f"`{attribute_name}` of `{name}` is given as {listed}: taken as not measured"
                self.notes.count(what, self.image)
            elif len(mine) == 1:
                mine[0].values[attribute_name] = next(iter(values))

    def _record(self, described: DescribedObjects) -> Record:
        """A row: the number of objects, their words of place, and the labels that these mean to the spec."""
        amount, values = described.amount, dict[str, object]()
        if amount != ONE:
            high = "" if amount.high is None else amount.high
            values[COUNT] = str(amount.low) if amount.exact else f"{amount.low}..{high}"
        place = " ".join(described.where)
        if place and not self.vocabulary.places():
            values["place"] = place  # for people: the spec has no attribute of place
        for attribute in self.vocabulary.places(described.name) if place else ():
            if label := label_of(attribute, place):
                values[attribute.name] = label
        return Record(described.name, values=values | described.values, place=f"`{described.said}`")


def _parts(text: str) -> tuple[str, str]:
    """The prose of a text, and its formulae: after the last heading for them, or everything without a heading."""
    headings = list(_HEADING.finditer(text))
    if headings:
        return text[: headings[-1].start()], text[headings[-1].end() :]
    lines = [line for line in text.splitlines() if line.strip()]
    facts = [line for line in lines if _FACT.search(line) and len(line.split("(")[0].split()) <= 2]
    return ("", text) if facts and len(facts) * 2 >= len(lines) else (text, "")


def _either(groups: Sequence[Sequence[DescribedObjects]]) -> list[DescribedObjects]:
    """The facts that follow if one of several groups holds."""
    found = []
    for name in dict.fromkeys(d.name for g in groups for d in g):
        by_group = [[d for d in g if d.name == name] for g in groups]
        first, *others = (d for g in by_group for d in g)
        amounts = [sum((d.amount for d in g), Amount(0, 0)) for g in by_group]
        common = tuple(w for w in first.where if all(w in d.where for d in others))
        found.append(DescribedObjects(name, first.said, reduce(Amount.either, amounts), common))
    return found


def _merged(found: Iterable[DescribedObjects]) -> list[DescribedObjects]:
    """Objects stated twice: `left(peach,1)` and `top(peach,1)` are one peach, a left and a right one are two."""
    kept: list[DescribedObjects] = []
    for d in found:
        same = next((k for k in kept if words(k.said) == words(d.said) and not _opposite(k.where, d.where)), None)
        if same is None:
            kept.append(d)
        elif same.amount == d.amount and words(" ".join(same.where)) != words(" ".join(d.where)):
            same.where = (*same.where, *d.where)
        elif same.amount != d.amount or d.amount.high is not None:
            same.amount = Amount(max(same.amount.low, d.amount.low), (same.amount + d.amount).high)
    return kept


def _opposite(a: Sequence[str], b: Sequence[str]) -> bool:
    first, second = ({w for part in p for w in words(part)} for p in (a, b))
    return any(len(pair & first) == len(pair & second) == 1 and pair & first != pair & second for pair in _PAIRS)


def _inherit_places(found: Sequence[DescribedObjects]) -> None:
    """The contents of a container are where it is: `right(mixture,*)`, `contains(mixture,almond,*)`."""
    containers = {words(d.said): d for d in found}
    for d in found:
        for word in d.where:
            container = containers.get(words(word), d)
            d.where += container.where if container is not d else ()
