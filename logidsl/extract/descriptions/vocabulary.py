"""The meaning of a description's names in a spec: `small_orange` is an `orange`, `dark red` is `red`.

In an English name the last word is the thing, the words before it describe it. So a name of several words means the
class whose name, or source name, it ends with (`whole_almond`); a name that only contains one (`granola_like_mixture`)
may mean that class or something else. May import `ir`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from logidsl.extract.amounts import Amount
from logidsl.extract.naming import plain
from logidsl.ir import Attribute, Program

_WORD = re.compile(r"[^\W_]+(?:%|')?[^\W_]*")
_PLACE = frozenset(["place", "position", "location", "where", "side", "region", "compartment", "section"])


@dataclass
class DescribedObjects:
    """Objects of one kind that a description mentions together.

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


@lru_cache(maxsize=50_000)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, without case and plural; at most a hundred.

    Examples
    --------
    >>> words("Dried_Banana-Chips"), words("cherries"), words("100%_juice")
    (('dried', 'banana', 'chip'), ('cherry',), ('100%', 'juice'))
    """
    return tuple(_singular(w) for w in _WORD.findall(name.casefold())[:100])


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "oes")):
        return word[:-2]
    return plain(word)


class Vocabulary:
    """The classes, attributes and places of a spec, found by the words of a description.

    Parameters
    ----------
    program : Program
        Declares classes and attributes, with the names that sources give them.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        spellings = [(c.name, c.name) for c in program.classes]
        spellings += [(alias, c.name) for c in program.classes for alias in c.aliases]
        self.classes = {words(spelling): name for spelling, name in reversed(spellings)}
        self.longest = max(map(len, self.classes), default=0)
        self._labels = [(a.name, label, words(label)) for a in self.places() for label in a.labels if words(label)]

    def meanings(self, name: str) -> tuple[list[str], bool]:
        """The classes that a name may mean, and whether it surely means the one."""
        said = words(name)
        sizes = range(min(len(said), self.longest), 0, -1)
        for size in sizes:
            if said[-size:] in self.classes:
                return [self.classes[said[-size:]]], True
        inside = (said[at : at + size] for size in sizes for at in range(len(said) - size))
        return list(dict.fromkeys(self.classes[part] for part in inside if part in self.classes)), False

    def class_at(self, said: Sequence[str], start: int) -> tuple[str, int]:
        """The class with the longest name at a place of a text, and its number of words; `("", 1)` without one."""
        for size in range(min(len(said) - start, self.longest), 0, -1):
            if found := self.classes.get(tuple(said[start : start + size])):
                return found, size
        return "", 1

    def places_at(self, said: Sequence[str], start: int) -> dict[str, str]:
        """The labels of attributes of place at a position of a text."""
        return {name: label for name, label, its in self._labels if tuple(said[start : start + len(its)]) == its}

    def attributes(self, said: str, of: str | None = None) -> list[Attribute]:
        """The declared attributes with a name or source, of a class or of any."""
        return [a for a in self._attributes(of) if words(said) in map(words, (a.name, *a.source))]

    def places(self, of: str | None = None) -> list[Attribute]:
        """The declared attributes of place: their name or source is a word for place."""
        return [
            a for a in self._attributes(of) if a.labels and any(n.casefold() in _PLACE for n in (a.name, *a.source))
        ]

    def _attributes(self, of: str | None) -> list[Attribute]:
        return [a for a in self.program.attributes if of is None or not a.classes or of in a.classes]


def label_of(attribute: Attribute, said: str) -> str | None:
    """The one label of an attribute that a value means; None if there is none or several.

    A value that is not itself a label means the label whose words are all among its own: `right_top` is `right` to an
    attribute of `left | right`, and `reddish` is `red`.
    """
    value = words(said)
    exact = [label for label in attribute.labels if words(label) == value]
    inside = {*value, *map(_without_ish, value)}
    within = [label for label in attribute.labels if inside.issuperset(words(label))]
    found = exact[:1] or [f for f in within if not any(set(words(f)) < set(words(g)) for g in within)]
    return found[0] if len(found) == 1 else None


def _without_ish(word: str) -> str:
    """`reddish` is red, `brownish` brown."""
    stem = word.removesuffix("ish")
    if len(word) < 6 or stem == word:
        return word
    return stem[:-1] if stem[-1] == stem[-2] else stem
