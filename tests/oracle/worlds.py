"""All worlds of a picture with doubtful objects: each is there or not, and nothing else is in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from logidsl import ir
from tests.oracle.frames import kept
from tests.oracle.interpreter import Interpreter
from tests.oracle.picture import Picture
from tests.oracle.values import Truth

#: Pictures with more doubtful objects than this have too many worlds to walk.
MOST_DOUBTFUL = 6


def doubtful_things(program: ir.Program, picture: Picture) -> list[int]:
    """Places of the objects that are in doubt, among those that `keep best` leaves."""
    oracle = Interpreter(program, picture)
    return [k for k, thing in enumerate(kept(program, picture).things) if oracle.doubt(thing) is None]


def worlds(program: ir.Program, picture: Picture) -> Iterator[Picture]:
    """The pictures that a picture may stand for, in all of which every object is sure.

    Raises
    ------
    ValueError
        If more than `MOST_DOUBTFUL` objects are in doubt.
    """
    oracle = Interpreter(program, picture)
    open_ = doubtful_things(program, picture)
    if len(open_) > MOST_DOUBTFUL:
        raise ValueError(f"{len(open_)} doubtful objects on {picture.name}")
    picture = kept(program, picture)
    sure = {k for k, thing in enumerate(picture.things) if oracle.doubt(thing) is True}
    for chosen in product([True, False], repeat=len(open_)):
        there = sure | {k for k, c in zip(open_, chosen, strict=True) if c}
        yield replace(picture, things=tuple(t for k, t in enumerate(picture.things) if k in there))


def judge_worlds(program: ir.Program, picture: Picture) -> dict[str, set[Truth]]:
    """The truths that each rule has in some world.

    An object that is there is there for certain: the statement about doubt is taken out of the program, not
    the confidence out of the object, which a rule may read. `keep best` comes before doubt.
    """
    certain = program.model_copy(update={"doubtful": (), "keeps": ()})
    found: dict[str, set[Truth]] = {rule.name: set() for rule in program.rules}
    for world in worlds(program, picture):
        oracle = Interpreter(certain, world)
        for rule in program.rules:
            found[rule.name].add(oracle.truth(rule.node, {}))
    return found
