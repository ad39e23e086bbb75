"""Facts assumed while a clause is analysed: ranges of expressions, by their meaning.

An expression is identified by the digest of its node (`Program.marks`), so that equal expressions in two rules are one.
Inside an iteration the filter's facts hold as well, and what other rules state for every member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from logidsl.library.intervals import Interval

Facts = dict[str, Interval]
Possible = tuple[bool, bool]  # whether it can be true, whether it can be false


def merged(parts: Iterable[Mapping[str, Interval]]) -> Facts:
    """All facts together."""
    found: Facts = {}
    for part in parts:
        for key, known in part.items():
            found[key] = found[key].meet(known) if key in found else known
    return found


@dataclass
class KnownFacts:
    """Facts that hold in a scope and the scopes around it.

    Parameters
    ----------
    own : mapping of str to Interval
        Facts of this scope.
    outer : Given, optional
        The scope around it.
    prefix : str
        Under which the outer scopes keep what holds for every member of the walk that this scope is inside of.
    """

    own: Mapping[str, Interval] = field(default_factory=dict)
    outer: KnownFacts | None = None
    prefix: str = ""
    truths: dict[int, Possible] = field(default_factory=dict)
    ranges: dict[int, Interval] = field(default_factory=dict)

    def of(self, key: str) -> Interval | None:
        """The known range of an expression, or None."""
        found = self.own.get(key)
        if self.outer is None:
            return found
        for name in (key, self.prefix + key) if self.prefix else (key,):
            known = self.outer.of(name)
            if known is not None:
                found = known if found is None else found.meet(known)
        return found


@dataclass
class Entry:
    """A fact, the rule that states it, and the variant of this rule."""

    rule: int
    known: Interval
    variant: str | None = None


@dataclass
class Stated(KnownFacts):
    """What the rules of a spec state together, but for one of them.

    What contradicts itself is left out: it says nothing of a third rule.
    """

    entries: Mapping[str, list[Entry]] = field(default_factory=dict)
    rule: int = -1
    variant: str | None = None

    def of(self, key: str) -> Interval | None:
        """The range that the other rules keep an expression in, or None."""
        found = self.own.get(key)
        for entry in self.entries.get(key, ())[:50]:
            if entry.rule != self.rule and entry.variant in (None, self.variant):
                found = entry.known if found is None else found.meet(entry.known)
        return None if found is not None and found.empty else found
