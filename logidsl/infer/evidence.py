"""Evidence: what expressions give, and clauses say, on tables of good parts.

Owns `Evidence`. Expressions and clauses are text of the language; those that do not compile over the given
declarations are left out, so that whoever proposes them need not know every type.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from logidsl import ir
from logidsl.arrays import Floats, Ints, Mask
from logidsl.check import check
from logidsl.eval import Prepared
from logidsl.eval.batches import traces
from logidsl.library.values import Num
from logidsl.source import Source
from logidsl.syntax.parse import parse, read_source
from logidsl.table import ObjectTable


@dataclass(eq=False)
class Evidence:
    """Tables under declarations.

    Parameters
    ----------
    declarations : Source
        The statements that expressions build on; its path is where imports are looked for.
    table : ObjectTable
        An image for each part.
    params : mapping of str to str
        Values of parameters.
    """

    declarations: Source
    table: ObjectTable
    params: Mapping[str, str] = field(default_factory=dict)
    _compiled: dict[tuple[str, ...], Compiled] = field(default_factory=dict)
    _prepared: Prepared = field(init=False)

    def __post_init__(self) -> None:
        self._prepared = Prepared(self.table)

    def beside(self, table: ObjectTable) -> Evidence:
        """The same declarations, and what was compiled over them, with another table."""
        return Evidence(self.declarations, table, self.params, self._compiled)

    def numbers(self, expressions: Iterable[str], only: Collection[str] | None = None) -> dict[str, tuple[str, Floats]]:
        """By expression that compiles to a number its dimension and (n,) values, NaN where undefined or doubtful.

        With `only`, values of these alone; expressions that were compiled together before are not compiled again.
        """
        made = self._made("let", expressions)
        nodes = made.program.nodes
        wanted = {e: n for e, n in made.nodes.items() if nodes[n].type.kind == "number" and (only is None or e in only)}
        found = {e: np.full(len(self.table.images), np.nan) for e in wanted}
        for state in traces(made.program, self._prepared, roots=list(wanted.values())) if wanted else ():
            for e, number in wanted.items():
                value = state.values[number]
                if isinstance(value, Num):
                    gone = value.lo != value.hi
                    gone = gone if value.why is None else gone | (value.why > 0)
                    found[e][state.frame.images] = np.where(gone, np.nan, value.lo)
        return {e: (nodes[n].type.dim or "ratio", found[e]) for e, n in wanted.items()}

    def truths(self, clauses: Iterable[str], only: Collection[str] | None = None) -> dict[str, Ints]:
        """By clause that compiles (n,) 1 true, -1 false, 0 undetermined; see `numbers` for `only`."""
        made = self._made("rule", clauses)
        wanted = {c: n for c, n in made.nodes.items() if only is None or c in only}
        found = {c: np.zeros(len(self.table.images), np.int64) for c in wanted}
        for state in traces(made.program, self._prepared, roots=list(wanted.values())) if wanted else ():
            for c, number in wanted.items():
                t = state.truth(number)
                found[c][state.frame.images] = t.must.astype(np.int64) + t.can.astype(np.int64) - 1
        return found

    @cached_property
    def rejected(self) -> Mask:
        """(n,) whether the declarations alone reject a table, such as one without an object that must be there."""
        program = self._made("rule", ()).program
        found = np.zeros(len(self.table.images), bool)
        roots = [r.node for r in program.rules]
        for state in traces(program, self._prepared, roots=roots) if roots else ():
            for root in roots:
                found[state.frame.images] |= ~state.truth(root).can
        return found

    def _made(self, word: str, expressions: Iterable[str]) -> Compiled:
        key = (word, *expressions)
        if key not in self._compiled:
            self._compiled[key] = _compiled(self.declarations, self.params, word, key[1:])
        return self._compiled[key]


@dataclass(frozen=True, eq=False)
class Compiled:
    """A program, and the nodes of the expressions that compile."""

    program: ir.Program
    nodes: Mapping[str, int]


def _compiled(declarations: Source, params: Mapping[str, str], word: str, expressions: Sequence[str]) -> Compiled:
    """The program of all expressions that compile, each as a `let` or a `rule`.

    Raises
    ------
    ValueError
        If the declarations themselves do not compile.
    """
    before = declarations.text.rstrip("\n")
    lines, sign = before.count("\n") + 1, " =" if word == "let" else ":"
    waiting = list(expressions)
    while True:
        said = (f"{word} candidate_{i}{sign} {e}\n" for i, e in enumerate(waiting))
        file, bag = parse(Source(declarations.path, before + "\n" + "".join(said)))
        program = check(file, bag, params, read_source)
        if program is not None:
            group: Sequence[ir.Let | ir.Rule] = program.lets if word == "let" else program.rules
            nodes = {d.name: d.node for d in group}
            return Compiled(program, {e: nodes[f"candidate_{i}"] for i, e in enumerate(waiting)})
        wrong = {d.span.line - lines - 1 for d in bag.items if d.severity == "error"}
        if min(wrong) < 0:
            raise ValueError(str(bag))
        waiting = [e for i, e in enumerate(waiting) if i not in wrong]
