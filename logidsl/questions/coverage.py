"""Which clauses of a spec were true, false and undetermined at least once on some tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval import Prepared, reductions, traces
from logidsl.eval.eval_state import EvalState
from logidsl.table import ObjectTable


@dataclass
class Clause:
    """A clause of a rule, and on how many tables it was true, false and undetermined for some objects.

    Parameters
    ----------
    rule : str
        The rule.
    words : str
        The clause, as the spec says it.
    line : int
        Where it stands.
    whole : bool
        Whether it is the whole condition of the rule.
    node : int
        Its node.
    """

    rule: str
    words: str
    line: int
    whole: bool
    node: int
    walks: tuple[ir.Quantifier, ...] = ()
    true: int = 0
    false: int = 0
    undetermined: int = 0

    @property
    def covered(self) -> bool:
        """Whether it was both true and false."""
        return self.true > 0 and self.false > 0


@dataclass
class Coverage:
    """The clauses of a program, on the tables that were added."""

    program: ir.Program
    clauses: list[Clause] = field(default_factory=list)

    def __post_init__(self) -> None:
        for rule in self.program.rules:
            self.clauses += _clauses(self.program, rule)

    def add(self, table: ObjectTable) -> None:
        """Count the clauses on the images of a table."""
        for state in traces(self.program, Prepared(table), refused={}):
            for clause in self.clauses:
                self._count(clause, state)

    def _count(self, clause: Clause, state: EvalState) -> None:
        there = np.ones((1,), bool)
        for node in clause.walks:
            _, maybe = reductions.quantified(state.values, node)
            there = there & maybe
        t = state.truth(clause.node)
        must, can, there = np.broadcast_arrays(t.must, t.can, there)
        n = state.frame.n

        def images(found: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
            return int(np.broadcast_to(found.reshape(-1, found.shape[-1]).any(axis=0), (n,)).sum())

        clause.true += images(must & there)
        clause.false += images(~can & there)
        clause.undetermined += images(can & ~must & there)


def _clauses(program: ir.Program, rule: ir.Rule) -> list[Clause]:
    """The whole condition of a rule, and the smallest clauses that it is made of."""
    found: dict[int, Clause] = {}
    for node, walks in [(rule.node, ()), *_leaves(program, rule.node, ())]:
        number = ir.followed(program.nodes, node)
        if number not in found:
            span = program.nodes[number].span
            words = " ".join(span.text.split())
            found[number] = Clause(rule.name, words, span.line, number == rule.node, number, walks)
    return list(found.values())


Walks: TypeAlias = tuple[ir.Quantifier, ...]


def _leaves(program: ir.Program, i: int, walks: Walks) -> Iterator[tuple[int, Walks]]:
    """The clauses below a condition, with the iterations that they stand in, the innermost last."""
    number = ir.followed(program.nodes, i)
    node = program.nodes[number]
    walks = walks[: node.depth]  # the value of a `let` stands outside
    match node:
        case ir.Call(fn="and" | "or" | "not" | "if", args=args):
            for part in args:
                yield from _leaves(program, part, walks)
        case ir.Match(arms=arms, otherwise=otherwise) if node.type.kind == "truth":
            for value in (*(a.value for a in arms), *(() if otherwise is None else (otherwise,))):
                yield from _leaves(program, value, walks)
        case ir.Quantifier(body=int(body)) if node.next is None and program.nodes[body].span != node.span:
            yield from _leaves(program, body, (*walks, node))  # else the words say no iteration: `near bolt`
        case _:
            yield number, walks
