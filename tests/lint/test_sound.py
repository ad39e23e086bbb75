"""What is called impossible never happens: on random specs and random tables, beside the evaluator.

The general specs of `tests/proof` seldom hold anything impossible, so there are also small ones made to: a few
limits on a few quantities, joined in every way.
"""

from __future__ import annotations

from collections import Counter

import pytest

from logidsl import ir
from logidsl.check import check
from logidsl.check.context import Context
from logidsl.check.imports import gather
from logidsl.diagnostics import Bag
from logidsl.eval import judge
from logidsl.lint.clauses import Clauses
from logidsl.lint.places import Spec
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.table import ObjectTable
from tests.proof import tables
from tests.proof.choices import Choices, Seeded
from tests.proof.compare import truths
from tests.proof.specs import APART
from tests.proof.specs import spec as general

GENERAL, SMALL = 60, 300


def clauses_of(text: str) -> Clauses:
    """The rules of a text."""
    main, _, part = text.partition(f"{APART}\n")  # the proof's specs may be two files
    file, bag = parse(Source("sound.logic", main))

    def read(path: str) -> Source:
        return Source(path, part)

    program = check(file, bag, {}, read)
    assert program is not None, f"refused:\n{bag}\n{text}"
    statements, _ = gather(Context(Bag()), file, read)
    return Clauses(Spec(program, file, statements))


def holds(clauses: Clauses, text: str, table: ObjectTable, tally: Counter[str]) -> None:
    """No image shows what is called impossible."""
    program = clauses.program
    got = truths(program, judge(program, table, explain=False))
    settled = set()
    for k, rule in enumerate(clauses.rules):
        true, false = clauses.reason.truth(rule.node, clauses.reason.base)
        tally["rules"] += 1
        tally["never pass"] += not true
        tally["never fail"] += not false
        if not (true and false):
            settled.add(k)
        for seen in got:
            assert true or seen[rule.name] is not True, f"`{rule.name}` passes:\n{text}"
            assert false or seen[rule.name] is not False, f"`{rule.name}` fails:\n{text}"
    said = list(clauses._contradictions(settled))
    tally["contradictions"] += len(said)
    if said:
        for seen in got:
            tally["images of contradicting specs"] += 1
            assert not all(t is True for t in seen.values()), f"an image passes:\n{text}\n{said[0]}"


def atom(choose: Choices) -> str:
    """A limit on one of a few quantities."""
    n, v = choose.pick([0, 1, 2, 3]), choose.pick(["0 px", "10 px", "20 px", "10 %", "30 %"])
    op = choose.pick(["<", "<=", ">", ">=", "=", "!="])
    order = op if op[0] in "<>" else "<="
    s = choose.pick(["bolt", "nut", "bolt | nut", "bolt where width > 10 px", "wide", "cell"])
    return choose.pick(
        [
            f"count({s}) {op} {n}",
            f"count({s}) in {n} .. {n + 1}",
            f"count({s}) + count(nut) {op} {n}",
            f"(every bolt: width {order} {v})",
            f"(every bolt where width > {v}: x in {v} .. 50 %)",
            f"(every bolt where width in 10 .. 20 px: width {order} 20 px)",
            f"(some {s})",
            f"(no {s})",
            f"(no bolt where width {order} {v} and width > 20 px)",
            f"min(width of {s.split(' where')[0]}) {order} 20 px",
            f"sum(width of {s}) {order} 0 px",
            f"tray.width {order} {v}",
            f"tray.width / tray.height {order} {n}",
            f"abs(tray.width - 20 px) {order} 0 px",
            f"tray.x = {v if '%' not in v else '20 px'} within 5 px",
            f"max(count(nut), 1) {op} {n}",
            "(every cell c: count(bolt inside c) >= 0)",
            f"(every bolt b: count(nut near b within {n} px) {op} {n})",
        ]
    )


def condition(choose: Choices, depth: int = 2) -> str:
    """Limits, joined."""
    if depth == 0 or choose.chance(35):
        return atom(choose)
    a, b = condition(choose, depth - 1), condition(choose, depth - 1)
    return choose.pick(
        [f"({a} and {b})", f"({a} or {b})", f"(not {a})", f"(if {a} then {b})", f"(if {a} then {b} else {a})"]
    )


def small(choose: Choices) -> str:
    """A spec of a few rules that often cannot be met."""
    counts = ["", ": 1", ": 2", ": at least 2", ": 1 .. 2", ": at most 1"]
    lines = [
        f"object bolt{choose.pick(counts[:5])}",
        f"object nut{choose.pick(counts[:5])}",
        f"object tray: {choose.pick(['1', 'at most 1'])}",
    ]
    lines += [
        "object wide = bolt where width >= 20 px" + choose.pick(["", ": 1", ": 3"]),
        "grid cell = 2 rows, 2 columns",
    ]
    if choose.chance(30):
        lines.append("doubtful 0.3 .. 0.6")
    lines += [f"rule r{k}: {condition(choose)}" for k in range(1 + choose.below(3))]
    return "\n".join(lines)


def test_on_the_specs_of_the_proof() -> None:
    tally: Counter[str] = Counter()
    for seed in range(GENERAL):
        choose = Seeded(seed)
        text = general(choose)
        holds(clauses_of(text), text, tables.table(choose), tally)
    assert tally["rules"] > 3 * GENERAL
    assert tally["never fail"] > 5, tally


def test_on_specs_that_often_cannot_be_met() -> None:
    tally: Counter[str] = Counter()
    for seed in range(SMALL):
        choose = Seeded(seed)
        text = small(choose)
        holds(clauses_of(text), text, tables.table(choose), tally)
    for what in ("never pass", "never fail", "contradictions", "images of contradicting specs"):
        assert tally[what] > SMALL / 20, tally


def test_a_claim_that_is_wrong_would_be_seen() -> None:
    """The check above fails for a reasoner that claims too much."""
    text = "object bolt\nrule r: count(bolt) >= 1"
    clauses = clauses_of(text)
    (rule,) = clauses.rules
    assert isinstance(clauses.program.nodes[rule.node], ir.Call)
    clauses.reason.base.truths[rule.node] = (True, False)
    tally: Counter[str] = Counter()

    def judged() -> None:
        for seed in range(20):
            holds(clauses, text, tables.table(Seeded(seed)), tally)

    with pytest.raises(AssertionError, match="`r` fails"):
        judged()
