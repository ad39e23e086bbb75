"""What is looked for: tables on which some programs hold, or give different verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from logidsl import ir
from logidsl.arrays import Ints, Mask
from logidsl.eval import Prepared, judge
from logidsl.extract.naming import class_names, column_names
from logidsl.table import ObjectTable, TextColumn
from logidsl.types import TRUTH
from logidsl.verdicts import Judgement, State

#: Findings of a clause on an image that get repairs.
MOST_REPAIRS = 24
#: The verdict of a rule that is wanted, by the place of the rule.
Wanted: TypeAlias = Mapping[int, State]


def read_as(table: ObjectTable, program: ir.Program) -> ObjectTable:
    """A table with a program's names for classes and columns, as a reader of files gives them."""
    classes, _ = class_names(program, table.classes.values)
    columns, _ = column_names(program, table.columns)
    changed = {name for name, own in classes.items() if name != own}
    if not changed and not columns:
        return table
    texts = [None if t is None else classes[t] for t in table.classes.texts()]
    renamed = {columns.get(name, name): data for name, data in table.columns.items()}
    return replace(table, classes=TextColumn.of(texts) if changed else table.classes, columns=renamed)


class Tables:
    """A table that several programs judge, prepared once for all that call its classes and columns the same."""

    def __init__(self, table: ObjectTable) -> None:
        self.table = table
        self._prepared: dict[tuple[object, ...], Prepared] = {}

    def judged(self, program: ir.Program, *, explain: bool = False, repairs: bool = False) -> Judgement:
        """What a program says of the table."""
        read = read_as(self.table, program)
        key = (read.classes.values, tuple(read.columns))
        prepared = self._prepared.setdefault(key, Prepared(read))
        return judge(program, prepared, explain=explain, repairs=repairs, most=MOST_REPAIRS)


@dataclass(frozen=True)
class Goal:
    """Programs whose rules are all to hold at once on one table."""

    programs: tuple[ir.Program, ...]

    def missed(self, table: ObjectTable) -> Ints:
        """(n,) how many rules do not hold on each of n images."""
        tables = Tables(table)
        found = np.zeros(len(table.images), np.int64)
        for program in self.programs:
            found += (tables.judged(program).truths != int(State.PASS)).sum(axis=0)
        return found

    def findings(self, table: ObjectTable) -> Ints:
        """(n,) how many findings there are on each of n images: how far it is from the goal."""
        tables = Tables(table)
        found = np.zeros(len(table.images), np.int64)
        for program in self.programs:
            for clause in tables.judged(program, explain=True).clauses:
                found += np.bincount(clause.images, minlength=len(found))
                for image, more in clause.omitted.items():
                    found[image] += more
        return found

    def met(self, table: ObjectTable) -> Mask:
        """(n,) the images on which every rule of every program holds."""
        return np.asarray(self.missed(table) == 0)


def demanding(program: ir.Program, wanted: Wanted) -> ir.Program:
    """A program whose rules hold where the chosen rules of another have these verdicts.

    Parameters
    ----------
    program : Program
        What is asked about.
    wanted : mapping of int to State
        By the place of the rule: `PASS` if it is to hold, `FAIL` if it is to be violated.
    """
    nodes, rules = list(program.nodes), list[ir.Rule]()
    for place, rule in enumerate(program.rules):
        if wanted.get(place) is State.FAIL:
            nodes.append(ir.Call(fn="not", args=(rule.node,), type=TRUTH, depth=0, span=program.nodes[rule.node].span))
            rules.append(rule.replaced(node=len(nodes) - 1, defect=None, low=None, high=None, message_nodes={}))
        elif place in wanted:
            rules.append(rule)
    return program.replaced(nodes=tuple(nodes), rules=tuple(rules), tests=())
