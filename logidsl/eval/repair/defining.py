"""What is undefined made defined: a value written where none was measured, an object added where it is absent.

New objects are judged by conditions on values that the object they are like may not have.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from logidsl import ir
from logidsl.eval.objects import feeding
from logidsl.eval.repair.bindings import Binding, Goal, Plan
from logidsl.eval.repair.count_repairs import removed, wanted
from logidsl.eval.values import Obj, Set, Shape, Truth, UndefinedReason
from logidsl.library import takes
from logidsl.types import OBJECTS, Type

#: What is written where nothing was measured, to be changed to what is wanted.
_PLAIN = {"length": 10.0, "area": 100.0, "angle": 0.0}


def define(s: Binding, i: int) -> Iterator[Plan]:
    """Plans by which what a node is made from becomes defined; for each thing that is undefined one."""
    for k in feeding(s.trace.program, i):
        node = s.trace.program.nodes[k]
        match node:
            case ir.Aggregate(each=int(each)):
                for inner, _, _ in s.members(each, None):
                    for part in (node.where, node.value, node.by):
                        if part is not None and _reason(inner, part):
                            yield from define(inner, part)
            case ir.Quantifier(each=each):
                for inner, _, _ in s.members(each, None):
                    for part in (node.where, node.body):
                        if part is not None and inner.truth(part)[0] != inner.truth(part)[1]:
                            yield from define(inner, part)
            case _:
                pass
        why = _reason(s, k)
        if why:
            yield from (p for p in _defined(s, k, node, why) if p)


def _reason(s: Binding, i: int) -> UndefinedReason | None:
    """Why a value is undefined; None where it is not."""
    value = s.trace.values[i]
    if value is None or isinstance(value, Truth | Set):
        return None
    why = value.why
    code = 0 if why is None else int(s.one(np.broadcast_to(why, np.shape(why)))) if np.ndim(why) <= len(s.at) else 0
    return UndefinedReason(code) if code else None


def _defined(s: Binding, i: int, node: ir.Node, why: UndefinedReason) -> Iterator[Plan]:
    match node:
        case ir.Column(of=of, attribute=name) if why is UndefinedReason.NOT_MEASURED and not isinstance(
            s.trace.values[of], Shape
        ):
            if s.trace.program.nodes[of].type.domain == OBJECTS and s.row(of) >= 0:
                yield from _measured(s, s.row(of), name, node.type)
        case ir.Aggregate(each=int(each)) if s.trace.program.nodes[each].type.domain == OBJECTS:
            if why in (UndefinedReason.ABSENT, UndefinedReason.EMPTY):
                yield [wanted(s, each, node.where)]
            elif why is UndefinedReason.AMBIGUOUS and node.fn == "only":
                rows = [r for _, r, _ in s.members(each, node.where)]
                yield removed(s, rows[1:], len(rows) - 1)
        case ir.Match() if why is UndefinedReason.NO_CASE:
            from logidsl.eval.repair.fixes import fit

            for arm in node.arms:
                for p in arm.patterns:
                    yield from fit(s, node.subject, p)
        case _:
            if isinstance(s.trace.values[i], Obj) and why is UndefinedReason.DOUBTFUL:
                return


def _measured(s: Binding, row: int, name: str, type_: Type) -> Iterator[Plan]:
    """A first value for what was not measured."""
    made: Plan | None
    match type_.kind:
        case "number":
            value = _PLAIN.get(type_.dim or "", 1.0)
            made = s.set_number(row, name, Goal(value, value), None)
        case "point":  # a centre follows from its box
            made = None if takes(name) else s.set_point(row, name, 10.0, 10.0)
        case "color":
            colors = s.trace.program.colors
            made = s.set_other(row, name, colors[0].lab if colors else (50.0, 0.0, 0.0))
        case "label":
            labels = next((a.labels for a in s.trace.program.attributes if a.name == name), ())
            made = s.set_other(row, name, labels[0]) if labels else None
        case _:
            made = s.set_other(row, name, "")
    if made:
        yield made
