"""All worlds of a picture with doubtful objects: each is there or not, of any class where that is not known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from logidsl import ir
from tests.oracle.frames import kept
from tests.oracle.interpreter import Interpreter
from tests.oracle.picture import Picture, Thing
from tests.oracle.values import Truth

#: Pictures that may stand for more than this are not walked.
MOST_WORLDS = 64


def count_worlds(program: ir.Program, picture: Picture) -> int:
    """How many pictures a picture may stand for, among the objects that `keep best` leaves."""
    return math.prod(map(len, _all_ways(program, picture)))


def worlds(program: ir.Program, picture: Picture) -> Iterator[Picture]:
    """The pictures that a picture may stand for, in all of which every object is sure.

    Raises
    ------
    ValueError
        If there are more than `MOST_WORLDS`.
    """
    if count_worlds(program, picture) > MOST_WORLDS:
        raise ValueError(f"too many worlds of {picture.name}")
    for chosen in product(*_all_ways(program, picture)):
        yield replace(picture, things=tuple(thing for thing in chosen if thing is not None))


def _all_ways(program: ir.Program, picture: Picture) -> list[list[Thing | None]]:
    oracle = Interpreter(program, picture)
    return [_ways(program, oracle, thing) for thing in kept(program, picture).things]


def _ways(program: ir.Program, oracle: Interpreter, thing: Thing) -> list[Thing | None]:
    """What an object may be in a world: nothing, itself, or one of any class."""
    there = oracle.doubt(thing)
    if there is True:
        return [thing]
    if there is False:
        return [None]
    certain = replace(thing, contested=False, columns={k: v for k, v in thing.columns.items() if k != "count"})
    names = sorted({n.ref for n in program.nodes if isinstance(n, ir.Name) and n.thing == "raw"})
    classes = [*names, "stranger"] if thing.cls == "?" else [thing.cls]
    return [None, *(replace(certain, cls=cls) for cls in classes)]


def judge_worlds(program: ir.Program, picture: Picture) -> dict[str, set[Truth]]:
    """The truths that each rule has in some world.

    An object that is there is there for certain: the statement about doubt is taken out of the program, not
    the confidence out of the object, which a rule may read. `keep best` comes before doubt.
    """
    certain = program.replaced(doubtful=(), keeps=())
    found: dict[str, set[Truth]] = {rule.name: set() for rule in program.rules}
    for world in worlds(program, picture):
        oracle = Interpreter(certain, world)
        for rule in program.rules:
            found[rule.name].add(oracle.truth(rule.node, {}))
    return found
