"""Programs bound once, and what the columns of a table do not give."""

from __future__ import annotations

import numpy as np
import pytest

import logidsl
from logidsl import ir
from logidsl.eval import plan as plans
from logidsl.eval.plan import bind
from logidsl.table import BOX, ObjectTable, TextColumn

SPEC = """object nut: 2
let widest = max(width of nut)
rule narrow: widest <= 30 px and max(width of nut) <= 40 px
rule apart: every nut a: no other nut b where distance(a, b) < 12 px
rule red: every nut: lightness < 50 % or hue >= 5 deg
rule long: every nut: length >= 9 px
"""


def table(*images: list[tuple[float, float]]) -> ObjectTable:
    """Nuts of 10 px at some places."""
    places = np.array([p for image in images for p in image], np.float64).reshape(-1, 2)
    columns = dict(zip(BOX, (*places.T, *(places + 10.0).T), strict=True))
    return ObjectTable(
        images=tuple(map(str, range(len(images)))),
        sizes=np.full((len(images), 2), 100.0),
        offsets=np.cumsum([0, *map(len, images)]),
        classes=TextColumn(np.zeros(len(places), np.int64), ("nut",)),
        ids=tuple(map(str, range(len(places)))),
        columns=columns,
    )


def test_a_spec_is_bound_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bound, step = [], plans._step

    def counted(program: ir.Program, node: ir.Node) -> plans.Step:
        bound.append(node)
        return step(program, node)

    monkeypatch.setattr(plans, "_step", counted)
    spec = logidsl.loads(SPEC)
    picture = np.zeros((20, 20, 3), np.uint8)
    for _ in range(3):
        spec.check(picture)
    assert 0 < len(bound) <= len(spec.program.nodes)


def test_what_means_the_same_is_evaluated_once() -> None:
    plan = bind(logidsl.loads(SPEC).program)
    widths = {n for n, node in enumerate(plan.program.nodes) if getattr(node, "attribute", "") == "width"}
    assert len(widths) > 1
    assert len({plan.same[n] for n in widths}) == 1


def test_what_a_table_lacks_is_said_by_rule() -> None:
    spec = logidsl.loads(SPEC)
    plan = spec.plan(BOX)
    assert plan.unmeasured == {"red": ("hue", "lightness"), "long": ("length",)}
    assert spec.plan([*BOX, "color", "length"]).unmeasured == {}
    assert spec.plan(table([])) is plan


def test_truths_are_those_of_a_check() -> None:
    spec, seen = logidsl.loads(SPEC), table([(0, 0), (40, 40)], [(0, 0), (5, 5)], [(0, 0)])
    truths = spec.plan(seen).truths(seen)
    names = [rule.name for rule in spec.program.rules]
    for image, column in zip(spec.check(seen).images, truths.T, strict=True):
        found = {
            name: "false" if truth < 0 else "undetermined"
            for name, truth in zip(names, column, strict=True)
            if truth < 1
        }
        assert found == {f.rule: f.truth for f in image.findings}
    with pytest.raises(logidsl.InputError, match="lacks `length`"):
        spec.plan([*BOX, "length"]).truths(seen)
