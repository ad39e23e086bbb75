"""Estimating the work of a node before it is done: combinations of objects, and memory for values.

Nested iterations multiply. A picture that exceeds a limit is refused by name, so that it costs only its own row; a
batch that is too wide is split. The numbers of members are known by the time a node that iterates over them is reached.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from logidsl import ir
from logidsl.library.values import Array, Obj

#: The maximum number of combinations, and of bytes, for one picture; options and environment override them.
MOST_COMBINATIONS, MOST_BYTES = 10**9, 10**9
COMBINATIONS_VARIABLE, BYTES_VARIABLE = "LOGIDSL_MAX_COMBINATIONS", "LOGIDSL_MAX_MEMORY"
ON_THE_WAY_BYTES = 24  # per combination, for temporary values


class Limits(NamedTuple):
    """What one picture may need."""

    combinations: int = MOST_COMBINATIONS
    bytes: int = MOST_BYTES

    @classmethod
    def found(cls) -> Limits:
        """The limits in the environment, which `--max-combinations` and `--max-memory` set."""
        said = [os.environ.get(v, "") for v in (COMBINATIONS_VARIABLE, BYTES_VARIABLE)]
        numbers = [int(s) if s.isdecimal() and len(s) < 19 else None for s in said]
        return cls(numbers[0] or MOST_COMBINATIONS, numbers[1] or MOST_BYTES)


class TooMuchError(Exception):
    """Some images of a batch exceed the limits: why, by their index in it."""

    def __init__(self, reasons: dict[int, str]) -> None:
        self.reasons = reasons
        super().__init__()


class TooWideError(Exception):
    """The images of a batch exceed the limits together, but none of them alone."""


class Work:
    """The work of a batch, node by node.

    Parameters
    ----------
    program : Program
        What is judged.
    n : int
        How many images the batch has.
    limits : Limits
        Of one image; a batch of several may take half the memory.
    """

    def __init__(self, program: ir.Program, n: int, limits: Limits) -> None:
        self.program, self.n, self.limits = program, n, limits
        self.bytes: Array = np.zeros(n)
        self.values: Array = np.zeros(n)  # how many were made
        self.together = 0.0

    def begin(
        self, number: int, walks: Sequence[int], values: Sequence[Any], parts: int = 1, means: Mapping[int, Array] = {}
    ) -> None:
        """Count a node before it is evaluated, for combinations of the objects of some iterations.

        Evaluated in several parts, one after the other, it needs the memory of one. `means` says of how many objects
        a narrowed iteration is on average, on each image.

        Raises
        ------
        TooMuchError, TooWideError
            If it must not be.
        """
        combinations, slots = np.ones(self.n), float(self.n)
        for walk in walks:
            counts, most = (means[walk], means[walk].max(initial=0.0)) if walk in means else _members(values[walk])
            combinations = combinations * counts
            slots *= most
        kept = _kept_bytes(self.program.nodes[number]) / parts
        self.values += combinations
        self.bytes = self.bytes + combinations * kept
        need = self.bytes + combinations * ON_THE_WAY_BYTES / parts
        over = (combinations > self.limits.combinations) | (need > self.limits.bytes)
        if over.any():
            raise TooMuchError({int(i): self._reason(number, combinations[i], need[i]) for i in np.flatnonzero(over)})
        self.together += slots * kept
        if self.n > 1 and self.together + slots * ON_THE_WAY_BYTES / parts > self.limits.bytes / 2:
            raise TooWideError

    def _reason(self, number: int, combinations: float, need: float) -> str:
        rules = (r.name for r in self.program.rules if number in ir.below(self.program.nodes, [r.node]))
        rule = next(rules, None)
        what = f"rule `{rule}`" if rule else f"`{' '.join(self.program.nodes[number].span.text.split())}`"
        most = self.limits
        if combinations > most.combinations:
            limit, option = f"at most {most.combinations:,}", "--max-combinations"
        else:
            limit = f"at most {most.bytes / 1e9:.2g} GB of memory, found about {need / 1e9:.2g} GB"
            option = "--max-memory"
        return (
            f"{what} needs {combinations:,.0f} combinations of objects on this picture: expected {limit}; "
            f"narrow its sets, or raise the limit with `{option}`"
        )


def closed_walks(node: ir.Node) -> tuple[int, ...]:
    """The iterations that a node reduces: it visits their objects, or pairs if it compares them."""
    match node:
        case ir.Quantifier():
            return (node.each,)
        case ir.Aggregate(each=int(each), other=other) if (entry := ir.entry_of(node)) is not None and entry.pairs:
            return (each, each if other is None else other)
        case ir.Aggregate(each=int(each)) if ir.closes(node):
            return (each,)
        case _:
            return ()


def _kept_bytes(node: ir.Node) -> int:
    """Bytes of a node's value and margin per combination: none for reduced iterations."""
    if ir.closes(node):
        return 0
    return 10 if node.type.kind == "truth" else 16


def _members(walked: Obj) -> tuple[Array, int]:
    """The number of members of an iteration on each image, and their slots."""
    assert walked.origin is not None
    members = walked.origin
    if members.counts is None:
        members.counts = members.maybe.sum(axis=0).astype(np.float64)
    return members.counts, len(members.maybe)
