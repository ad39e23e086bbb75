"""Judging: a program and a table give a value for each node.

Nodes are evaluated in their order, each once for a whole batch of images; see `image_batch` for the shape of
values. Nothing loops over images or objects. An `EvalState` keeps every value, for the findings to read.
"""

from __future__ import annotations

from functools import partial
from typing import assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import operators, place_values, reductions
from logidsl.eval.calls import call
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import ImageBatch
from logidsl.eval.naming import each, literal, name_value
from logidsl.eval.reading import attribute, place_of, ranks_of
from logidsl.eval.values import Obj, Shape, Truth, Value, no_case, unknown
from logidsl.eval.work import Limits, Work
from logidsl.library import takes
from logidsl.types import OBJECTS


def run(program: ir.Program, frame: ImageBatch, stop: int | None = None, limits: Limits | None = None) -> EvalState:
    """Evaluate every node for a batch of images, or those before `stop`.

    Raises
    ------
    TooMuchError, TooWideError
        If there are limits, and an image, or the batch, exceeds them.
    """
    work = Work(program, frame.n, limits) if limits else None
    trace = EvalState(program, frame)
    if work is not None:
        trace.work = work.values
    seen = program.pixel_nodes
    with np.errstate(invalid="ignore", over="ignore"):
        for number, node in enumerate(program.nodes[:stop]):
            if work is not None and number not in seen:
                work.begin(number, trace.values)
            trace.values.append(None if number in seen else _value(trace, node))
    return trace


def _value(t: EvalState, node: ir.Node) -> Value:
    match node:
        case ir.Literal_():
            return literal(t, node)
        case ir.Name():
            return name_value(t, node)
        case ir.Binder():
            return each(t, node)
        case ir.Column():
            return _column(t, node)
        case ir.Call():
            return call(t, node)
        case ir.Quantifier():
            return reductions.quantify(t.values, node)
        case ir.Aggregate():
            return _aggregate(t, node)
        case ir.Match():
            return _match(t, node)
        case _:
            assert_never(node)


def _column(t: EvalState, node: ir.Column) -> Value:
    of = t.values[node.of]
    if takes(node.attribute) == "color" and (isinstance(of, Shape) or of.store != OBJECTS):
        return place_values.color(t, node, of)
    return attribute(t, of, node.attribute, node.type.kind)


def _aggregate(t: EvalState, node: ir.Aggregate) -> Value:
    args = [t.values[i] for i in node.args]
    for walk in (node.each, node.other):
        if walk is not None and node.fn in ("paired", "symmetric"):
            walked: Obj = t.values[walk]
            walked.place, walked.unplaced = place_of(t, walked)
    if node.fn == "list" and node.each is not None:
        listed: Obj = t.values[node.each]
        listed.ranks = partial(ranks_of, t, listed)
    return reductions.aggregate(t.values, node, args)


def fits(t: EvalState, node: ir.Match) -> list[Truth]:
    """For each case of a match, whether the subject fits one of its patterns."""
    subject: Value = t.values[node.subject]
    made: list[Truth] = []
    for arm in node.arms:
        found: Truth | None = None
        for p in arm.patterns:
            pattern = t.values[p]
            one = pattern if isinstance(pattern, Truth) else operators.equal(subject, pattern, t.palette)
            found = one if found is None else operators.either(found, one)
        assert found is not None
        made.append(found)
    return made


def _match(t: EvalState, node: ir.Match) -> Value:
    subject: Value = t.values[node.subject]
    values = [t.values[arm.value] for arm in node.arms]
    otherwise = None if node.otherwise is None else t.values[node.otherwise]
    bad = unknown(getattr(subject, "why", None))
    why = no_case(getattr(subject, "why", None)) if bad is not None else None
    return reductions.choose(fits(t, node), values, otherwise, why)
