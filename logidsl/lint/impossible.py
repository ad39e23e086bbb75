"""Whether conditions exclude each other, for certain: on no table with possible measurements do they hold together."""

from __future__ import annotations

from collections.abc import Mapping

from logidsl import ir
from logidsl.lint.known_facts import Facts, KnownFacts, merged
from logidsl.lint.reason import Reasoner

_MOST = 200


def impossible(program: ir.Program, wanted: Mapping[int, bool]) -> tuple[int, ...]:
    """Rules that cannot be as wanted together.

    Parameters
    ----------
    program : Program
        A checked spec.
    wanted : mapping of int to bool
        By the place of a rule, whether it is to hold or to be violated.

    Returns
    -------
    tuple of int
        Places of rules that exclude each other, none of which can be left out; one if it can never be as wanted. Empty
        if nothing is proved, which does not mean that it is possible.
    """
    reason = Reasoner(program)
    found = _excluding(program, reason, wanted)
    if len(found) > 2:
        for k in found:
            fewer = {p: wanted[p] for p in found if p != k}
            if _excluding(program, reason, fewer):
                found = tuple(fewer)
    return found


def _excluding(program: ir.Program, reason: Reasoner, wanted: Mapping[int, bool]) -> tuple[int, ...]:
    """Rules that exclude each other, perhaps with others that do not matter."""
    nodes = {k: program.rules[k].node for k in list(wanted)[:_MOST]}

    def possible(k: int, given: KnownFacts) -> bool:
        true, false = reason.truth(nodes[k], given)
        return true if wanted[k] else false

    for k in nodes:
        if not possible(k, reason.base):
            return (k,)
    facts = {k: reason.facts(node, positive=wanted[k]) for k, node in nodes.items()}
    pairs = [(k, p) for k in nodes for p in nodes if k < p]
    for k, p in pairs:
        if not reason.consistent(merged([facts[k], facts[p]]), reason.base):
            return (k, p)
    together = merged(facts.values())
    if not reason.consistent(together, reason.base):
        return tuple(nodes)
    for k in nodes:
        others = merged(f for p, f in facts.items() if p != k)
        if not possible(k, KnownFacts(_sound(others))):
            alone = (p for p in nodes if p != k and not possible(k, KnownFacts(_sound(facts[p]))))
            partner = next(alone, None)
            return tuple(nodes) if partner is None else (k, partner)
    return ()


def _sound(facts: Facts) -> Facts:
    """Facts without those that contradict themselves, of members of a set that is empty then."""
    return {key: known for key, known in facts.items() if not known.empty}
