"""What the names of a description mean to a spec: `small_orange` is an `orange`, `dark red` is `red`.

In an English name the last word says what a thing is and those before it what it is like. So a name of
several words means the class whose name, or name in its source, it ends with (`whole_almond`); where it only
has one inside (`granola_like_mixture`) it may be that or something else. May import `ir`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from logidsl.extract.naming import plain
from logidsl.ir import Attribute, Program

_WORD = re.compile(r"[^\W_]+(?:%|')?[^\W_]*")
_PLACE = frozenset(["place", "position", "location", "where", "side", "region", "compartment", "section"])


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


@dataclass(frozen=True, slots=True)
class Meaning:
    """The class that a name means, and whether it surely does."""

    name: str
    sure: bool = True


class Names:
    """What names mean to a spec.

    Parameters
    ----------
    program : Program
        Declares classes and attributes, with the names that sources give them.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        known = [(c.name, c.name) for c in program.classes]
        known += [(alias, c.name) for c in program.classes for alias in c.aliases]
        self.classes: dict[tuple[str, ...], str] = {}
        for name, meant in known:
            self.classes.setdefault(words(name), meant)
        self.longest = max((len(k) for k in self.classes), default=0)
        self._found: dict[str, tuple[Meaning, ...]] = {}

    def meanings(self, name: str) -> tuple[Meaning, ...]:
        """The classes that a name may mean: one that it surely does, or those that it may, or none."""
        if name not in self._found:
            self._found[name] = self._look_up(words(name))
        return self._found[name]

    def _look_up(self, said: tuple[str, ...]) -> tuple[Meaning, ...]:
        for size in range(min(len(said), self.longest), 0, -1):
            if said[-size:] in self.classes:
                return (Meaning(self.classes[said[-size:]]),)
        inside = [
            self.classes[said[at : at + size]]
            for size in range(min(len(said), self.longest), 0, -1)
            for at in range(len(said) - size)
            if said[at : at + size] in self.classes
        ]
        return tuple(Meaning(name, sure=False) for name in dict.fromkeys(inside))

    def at(self, said: Sequence[str], start: int) -> tuple[str, int] | None:
        """The class whose name stands at a place of a text, the longest, and how many words it takes."""
        for size in range(min(len(said) - start, self.longest), 0, -1):
            found = self.classes.get(tuple(said[start : start + size]))
            if found is not None:
                return found, size
        return None

    def attributes(self, said: str, of: str | None) -> list[Attribute]:
        """The declared attributes that a source calls so, of a class, or of any where None."""
        wanted = words(said)
        return [
            a
            for a in self.program.attributes
            if wanted in [words(n) for n in (a.name, *a.source)] and (of is None or not a.classes or of in a.classes)
        ]

    def places(self, of: str | None = None) -> list[Attribute]:
        """The declared attributes that say where a thing is: their name or source is a word for place."""
        return [
            a
            for a in self.program.attributes
            if a.labels
            and any(n.casefold() in _PLACE for n in (a.name, *a.source))
            and (of is None or not a.classes or of in a.classes)
        ]


def label_of(attribute: Attribute, said: str) -> str | None:
    """The one label of an attribute that a value speaks of; None where there is none, or several.

    A value that is no label as it stands is one where all the label's words are among its own: `right_top` is
    `right` to an attribute of `left | right`.
    """
    value = words(said)
    exact = [label for label in attribute.labels if words(label) == value]
    if exact:
        return exact[0]
    inside = {*value, *(stem for v in value if (stem := _without_ish(v)))}
    found = [label for label in attribute.labels if inside.issuperset(words(label))]
    found = [f for f in found if not any(set(words(f)) < set(words(g)) for g in found)]
    return found[0] if len(found) == 1 else None


def _without_ish(word: str) -> str | None:
    """`reddish` is red, `brownish` brown."""
    if not word.endswith("ish") or len(word) < 6:
        return None
    stem = word[:-3]
    return stem[:-1] if stem[-1] == stem[-2] else stem
