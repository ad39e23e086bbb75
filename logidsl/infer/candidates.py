"""Candidates: clauses that may hold on good parts, expanded from the templates that operations declare.

Owns `Measure`, an expression whose values over the good tables give limits, and `Claim`, a clause that holds or not.
What they say is decided later; here they are only written down. Templates are described in `Builtin.proposed`.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from logidsl.infer.vocabulary import Vocabulary
from logidsl.library import REGISTRY, builtins

#: For every attribute, relation and kind of condition, whatever it is called.
_ATTRIBUTES = (
    "every {M}: {number} {?}", "{O}.{number} {?}", "every {M}: {at} {?}", "{O}.{at} {?}", "every {F}: {number} {?}",
    "{each}{a}.{shared} / {P}.{shared} {?}",
    "{each}{a}.{side} - {P}.{side} {?}",
    "every {M} a next b by {key}: b.{size} - a.{size} {?}", "every {M} a next b by {key}: b.{size} / a.{size} {?}",
    "{each}{a}.{text} {values}", "{each}{a}.{text} = {P}.{text}", "{each}{a}.{text} = nearest({N}, {a}).{text}",
    "[{text} of {M} by {key}] = [{text} of {N} by {key}]", "{each}dx({a}.{point}, {a}.{end}) {?}",
    "{each}dy({a}.{point}, {a}.{end}) {?}",
)  # fmt: skip
_RELATIONS = (
    "{each}{a} {word} {P}", "every {C}: {word} {N}", "no {C} {word} {N}", "every {N} b: some {C} {word} b",
    "every {M} a: no other {M} {word} a", "every {M} a: some other {M} {word} a",
    "every {C} a: every {N} b: a {word} b", "every {M} a next b by {key}: a {word} b",
    "every ({C} | {N}) a: no other ({C} | {N}) {word} a",
)  # fmt: skip
_CONDITIONS = (
    "every {M} a next b by {key}: a.{text} != b.{text}", "every ({C} | {N}) a next b by {key}: a.class != b.class",
    "if some {S} then some {T}", "not ((some {S}) and (some {T}))", "(some {S}) = (some {T})",
)  # fmt: skip
#: Where limits go.
LIMITS = "{?}"
#: The text of all candidates, and what each has beside its clause, in characters.
_SPACE, _OVERHEAD = 500_000, 80
_MOST_SETS = 24
_LENGTHS = ("4", "8", "15", "30", "60")
_TOKEN = re.compile(r'\[[^\]]*\]|\{[^}]*\}|"[^"]*"|\w+(?:\.\w+)*|[^\w\s]')
#: The cost of the plainest clause, `count(bolt) = 4`.
PLAINEST = 1.3
_DOUBLED = re.compile(r"\(\((\w+ where [^()]*)\)\)")
_GRID = re.compile(r"cells_\d+x\d+")
_SLOT = re.compile(r"\{(\w+)\}")
_EVERY = re.compile(r"every (?P<walk>[^:]+): (?P<value>[^:]*)")


@dataclass(frozen=True)
class Claim:
    """A clause that is true or not."""

    clause: str

    @property
    def cost(self) -> float:
        """How hard it is to read: by words and signs; a text and `a.width` are one each, items of lists less."""
        return 1 + 0.3 * max(len(_TOKEN.findall(self.clause)) - 4, 0) + 0.1 * self.clause.count(",")


@dataclass(frozen=True)
class Measure(Claim):
    """A clause with limits, and the expressions for the least and the greatest value that they hold for.

    Parameters
    ----------
    clause : str
        With `{?}` for `= 3`, `in 2 .. 3 px` or `<= 3 px`.
    low, high : str
        The same expression where a part has one value.
    """

    low: str
    high: str


@dataclass(frozen=True)
class Rule:
    """A clause with its limits.

    Parameters
    ----------
    clause : str
    topic : str
        The class that it is about.
    seen : str
        What was measured on the good parts; empty for a claim.
    rejects, alone : float
        The share of random changes that it rejects, and that no other rule does.
    kept : bool
        Whether a person asked for it.
    """

    clause: str
    topic: str
    seen: str
    rejects: float
    alone: float
    kept: bool = False

    @property
    def reason(self) -> str:
        """Its support, for a comment."""
        seen = f"seen {self.seen}; " if self.seen else ""
        return "kept" if self.kept else f"{seen}rejects {self.rejects:.1%} of random changes, {self.alone:.1%} alone"


#: Words of the language, and variables of the templates.
KEYWORDS = frozenset(
    "every no some if not other where next by of in and or then match count max min a b g".split()  # noqa: SIM905
)


def topic_of(clause: str) -> str:
    """The first word that is not part of the language."""
    words: list[str] = re.findall(r"[^\W\d]\w*", clause)
    known = {name for _, name in REGISTRY}
    return next((w for w in words if w not in KEYWORDS and w not in known and not _GRID.fullmatch(w)), words[0])


def proposals(v: Vocabulary) -> tuple[list[Measure], list[Claim]]:
    """All candidates, each once."""
    templates = [*_ATTRIBUTES, *_CONDITIONS]
    templates += [t for entry in REGISTRY.values() for t in entry.proposed]
    for name, entry in builtins("relation").items():
        if len(entry.parameters) == 2:
            templates += [t.replace("{word}", name) for t in _RELATIONS]
    clauses = dict.fromkeys(c for t in dict.fromkeys(templates) for c in _expanded(t, v, {}))
    found = [_measure(c) for c in clauses if LIMITS in c]
    said = [c for c in clauses if LIMITS not in c]
    said += [*v.class_lists(), *v.lookups(), *(c for cls in v.classes if cls not in v.singles for c in v.lists_of(cls))]
    claims = [Claim(c) for c in dict.fromkeys(said)]
    return _plainest([m for m in found if m is not None]), _plainest(claims)


_Candidate = TypeVar("_Candidate", bound=Claim)


def _plainest(candidates: list[_Candidate]) -> list[_Candidate]:
    """All candidates, or the plainest of them: many classes have more than a spec may hold."""
    space = list(itertools.accumulate(len(c.clause) * 2 + _OVERHEAD for c in sorted(candidates, key=lambda c: c.cost)))
    if not space or space[-1] <= _SPACE:
        return candidates
    return sorted(candidates, key=lambda c: c.cost)[: bisect.bisect(space, _SPACE)]


def _measure(clause: str) -> Measure | None:
    """The expressions of a clause with limits: of an `every` the least and greatest value of its members."""
    left = clause.removesuffix(f" {LIMITS}")
    found = _EVERY.fullmatch(left)
    if found is None:
        return Measure(clause, left, left)
    if found["value"].startswith("every "):
        return None
    of = f"{found['value']} of {found['walk']}"
    return Measure(clause, f"min({of})", f"max({of})")


def _expanded(template: str, v: Vocabulary, bound: dict[str, str]) -> Iterator[str]:
    """A template with everything that fits put in, one slot after the other."""
    slots = [s for s in _SLOT.findall(template) if s in _OPTIONS]
    if not slots:
        yield _DOUBLED.sub(r"(\1)", template)
        return
    name = min(slots, key=_ORDER.index)
    for value in _OPTIONS[name](v, bound):
        made = template.replace(f"{{{name}}}", value)
        now = {**bound, name: value}
        if name == "each":
            several = value not in v.singles
            made = template.replace("{each}", f"every {value} a: " if several else "").replace(
                "{a}", "a" if several else value
            )
            now["subject"] = value
        elif "subject" not in bound and name in ("C", "M", "O", "S", "F"):
            now["subject"] = value.strip("(").split()[0]
        elif name in ("N", "P"):
            now["object"] = value
        yield from _expanded(made, v, now)


def _numbers(v: Vocabulary, bound: dict[str, str], *, coordinate: bool, shared: bool = False) -> list[str]:
    of = v.numbers_of(bound["subject"])
    if shared:
        theirs = v.numbers_of(bound["object"])
        of = [n for n in of if n in theirs]
    attributes = builtins("attribute")
    return [n for n in of if (n in attributes and attributes[n].coordinate) == coordinate]


def _sets_after(v: Vocabulary, bound: dict[str, str]) -> list[str]:
    sets = v.sets[:_MOST_SETS]
    return sets[sets.index(bound["S"]) + 1 :] if bound["S"] in sets else []


def _lines(axis: int) -> Callable[[Vocabulary, dict[str, str]], list[str]]:
    def numbers(v: Vocabulary, bound: dict[str, str]) -> list[str]:
        sides = re.fullmatch(r"cells_(\d+)x(\d+)", bound["cells"])
        most = int(sides[axis + 1]) if sides else 1
        return [str(k + 1) for k in range(most)] if most > 1 else []

    return numbers


def _values(v: Vocabulary, bound: dict[str, str]) -> list[str]:
    values = v.values_of(bound["subject"]).get(bound["text"], [])
    if not 0 < len(values) <= v.most_listed or v.has_rare_values(bound["subject"], bound["text"]):
        return []
    return [f"in [{', '.join(values)}]" if len(values) > 1 else f"= {values[0]}"]


_OPTIONS: dict[str, Callable[[Vocabulary, dict[str, str]], list[str]]] = {
    "each": lambda v, b: v.classes,
    "C": lambda v, b: v.classes,
    "M": lambda v, b: [c for c in v.classes if c not in v.singles],
    "O": lambda v, b: v.singles,
    "S": lambda v, b: v.sets[:_MOST_SETS],
    "T": _sets_after,
    "F": lambda v, b: [*(s for s in v.sets if s not in v.classes), *v.dependent],
    "whole": lambda v, b: [b["subject"]],
    "N": lambda v, b: [c for c in v.classes if c != b["subject"]],
    "V": lambda v, b: [c for c in v.classes if c not in (b["subject"], b["object"])],
    "P": lambda v, b: [c for c in v.singles if c != b["subject"]],
    "number": lambda v, b: _numbers(v, b, coordinate=False),
    "at": lambda v, b: _numbers(v, b, coordinate=True),
    "size": lambda v, b: [n for n in _numbers(v, b, coordinate=False) if n in v.sizes],
    "shared": lambda v, b: _numbers(v, b, coordinate=False, shared=True),
    "side": lambda v, b: _numbers(v, b, coordinate=True, shared=True),
    "text": lambda v, b: list(v.values_of(b["subject"])),
    "point": lambda v, b: v.points_of(b["subject"])[:1],
    "end": lambda v, b: v.points_of(b["subject"])[1:2],
    "own_color": lambda v, b: v.colors_of(b["subject"]),
    "color": lambda v, b: [c for c in v.colors_of(b["subject"]) if c in v.colors_of(b["object"])],
    "value": lambda v, b: v.values_of(b["subject"])[b["text"]][:5],
    "values": _values,
    "pattern": lambda v, b: [f'"{p}"' for p in v.patterns_of(b["subject"]).get(b["text"], [])],
    "key": lambda v, b: ["x", "y"],
    "place": lambda v, b: [str(k) for k in v.inner_places(b["subject"])],
    "cells": lambda v, b: [*v.grids, *(g.name for g in v.program.grids)] if v.program else [*v.grids],
    "row": _lines(0),
    "col": _lines(1),
    "length": lambda v, b: [f"{t} px" for t in _LENGTHS],
    "delta": lambda v, b: ["4", "8", "14"],
    "parity": lambda v, b: ["0", "1"],
}
#: Classes are put in before what depends on them.
_ORDER = [*_OPTIONS]
