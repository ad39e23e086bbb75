"""Random rules over random batches: no truth that some world denies, and the same in blocks of any size and order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

import logidsl
from logidsl.eval.over_batches import BatchJudge
from logidsl.table import ObjectTable, Problem, concatenate
from tests.oracle import batches as oracle
from tests.oracle.batches import Bolt, Rule, Shot
from tests.oracle.values import Truth, at_most
from tests.proof.choices import Choices
from tests.proof.compare import Tally

MOST_WORLDS = 1500
FIGURES = ("count", "sum", "mean", "median", "min", "max", "std", "spread", "cp", "cpk")
#: The pictures of a batch that a rule looks at.
Pick: TypeAlias = Callable[[Sequence[Shot]], list[Shot]]
CODES = ("A", "B", "C")
SAYINGS = ("distinct", "increasing", "beyond_3_sigma", "two_of_three_beyond_2_sigma", "eight_on_one_side")


def drawn_rule(choose: Choices, budget: int = 2) -> tuple[str, Rule]:
    """A condition on a batch, in words and as a function."""
    if budget and choose.chance(35):
        (a, first), (b, second) = drawn_rule(choose, budget - 1), drawn_rule(choose, budget - 1)
        word = choose.pick(["and", "or"])

        def both(batch: object) -> Truth:
            found = [first(batch), second(batch)]  # type: ignore[arg-type]
            decisive = word == "or"
            return decisive if decisive in found else None if None in found else not decisive

        return f"({a} {word} {b})", both
    if choose.chance(15):
        inside, holds = drawn_rule(choose, 0)

        def denied(batch: object) -> Truth:
            found = holds(batch)  # type: ignore[arg-type]
            return None if found is None else not found

        return f"(not {inside})", denied
    bolts = choose.pick(["bolt", "bolt", "(bolt on front)"])
    pick: Pick = list if bolts == "bolt" else oracle.on_front
    if choose.chance(25):
        return drawn_text_rule(choose, bolts, pick)
    if choose.chance(8):
        wanted = choose.below(3)
        return f"count(image on front) = {wanted}", lambda batch: len(oracle.on_front(batch)) == wanted
    if choose.chance(35):
        fn = choose.pick(SAYINGS)
        limits = () if fn in ("distinct", "increasing") else (5.0,) if fn == "eight_on_one_side" else (5.0, 1.0)
        given = "".join(f", {limit:g} px" for limit in limits)
        if choose.chance(30) and fn != "distinct":
            counted = "".join(f", {limit:g}" for limit in limits)
            return f"{fn}(count(bolt){counted})", lambda batch: oracle.statement(
                fn, [float(len(s.bolts)) for s in batch], limits
            )
        return f"{fn}(length of {bolts}{given})", lambda batch: oracle.statement(
            fn, oracle.values_in(pick(batch)), limits
        )
    if choose.chance(20):
        share = choose.pick([0, 25, 50, 75, 100])

        def enough(batch: object) -> Truth:
            several = [len(s.bolts) >= 1 for s in batch]  # type: ignore[attr-defined]
            return at_most(share / 100, sum(several) / len(several)) if several else None

        return f"pass_rate(some_bolt) >= {share} %", enough
    fn, limit = choose.pick(FIGURES), choose.below(14) / 2
    capable = f"length of {bolts}, 2 px, 9 px"
    of_what = {"count": bolts, "cp": capable, "cpk": capable}
    unit = "" if fn in of_what else " px"
    upwards = choose.chance(50)

    def compared(batch: Sequence[Shot]) -> Truth:
        value = oracle.figure(fn, oracle.values_in(pick(batch)), (2.0, 9.0))
        if value is None:
            return None
        return at_most(limit, value) if upwards else at_most(value, limit)

    sign = ">=" if upwards else "<="
    return f"{fn}({of_what.get(fn, f'length of {bolts}')}) {sign} {limit:g}{unit}", compared


def drawn_text_rule(choose: Choices, bolts: str, pick: Pick) -> tuple[str, Rule]:
    """A condition on the texts of a batch."""
    limit, upwards = choose.below(4), choose.chance(50)
    sign = ">=" if upwards else "<="
    match choose.below(3):
        case 0:
            fn = choose.pick(["distinct", "same"])
            return f"{fn}(code of {bolts})", lambda batch: oracle.texts(fn, oracle.codes_in(pick(batch)))
        case 1:

            def several(batch: Sequence[Shot]) -> Truth:
                found = oracle.kinds(oracle.codes_in(pick(batch)))
                return None if found is None else found >= limit if upwards else found <= limit

            return f"kinds(code of {bolts}) {sign} {limit}", several
        case _:
            wanted = choose.pick(CODES)

            def counted(batch: Sequence[Shot]) -> Truth:
                low, high = oracle.of_code(oracle.codes_in(pick(batch)), wanted)
                said = {n >= limit if upwards else n <= limit for n in (low, high)}
                return None if len(said) > 1 else said.pop()

            return f'count({bolts} where code = "{wanted}") {sign} {limit}', counted


def drawn_run(choose: Choices, ordered: bool, by_path: bool, view_by_path: bool) -> list[Shot]:
    """Pictures of a few lots, in the order of a table."""
    shots, open_ = [], 0
    for n in range(1 + choose.below(6)):
        lot = choose.pick(["L1", "L1", "L2"])
        bolts = []
        for _ in range(choose.below(4)):
            doubtful = open_ < 4 and choose.chance(15)
            open_ += doubtful
            code = None if choose.chance(6) else choose.pick(CODES)
            bolts.append(Bolt(None if choose.chance(4) else choose.below(18) / 2, doubtful, code))
        stray = not by_path and open_ < 3 and choose.chance(8)
        error = open_ < 3 and choose.chance(8)
        lost = ordered and open_ < 3 and choose.chance(6)
        open_ += 2 * (stray + error + lost)
        key = None if stray or (error and not by_path) else lot
        place = None if lost or error else float(choose.below(4))
        front: bool | None = choose.chance(50)
        name = f"{lot}/{n}_{'f' if front else 'b'}.png"
        if not view_by_path and (error or (open_ < 3 and choose.chance(6))):
            front = None
            open_ += 1
        shots.append(Shot(name, key, place, () if error else tuple(bolts), error, front))
    return shots


def tables(spec: logidsl.Spec, shots: list[Shot]) -> Iterator[ObjectTable]:
    """A table for each picture."""
    for shot in shots:
        if shot.error:
            yield replace(concatenate([]), problems=(Problem(shot.name, "no picture"),))
            continue
        camera = None if shot.front is None else "A" if shot.front else "B"
        common = {"image": shot.name, "lot": shot.key, "taken": shot.place, "camera": camera}
        rows = [
            {**common, "class": "bolt", "length": b.length, "code": b.code, "confidence": 0.5 if b.doubtful else 0.9}
            for b in shot.bolts
        ]
        yield spec.see([{**row, "x0": 0, "y0": 0, "x1": 9, "y1": 9} for row in rows or [{**common, "class": "other"}]])


def truths(spec: logidsl.Spec, blocks: list[ObjectTable]) -> dict[str, Truth]:
    """What the evaluator says of each lot."""
    judge = BatchJudge(spec.program)
    for block in blocks:
        judge.add(block)
    return {
        key: {1: True, 0: None, -1: False}[int(code)]
        for some in judge.finish()
        for key, code in zip(some.judgement.table.images, some.judgement.truths[0], strict=True)
    }


def check(choose: Choices, tally: Tally) -> None:
    """One rule over one run."""
    ordered, by_path, view_by_path = choose.chance(60), choose.chance(50), choose.chance(50)
    last = 1 + choose.below(4) if choose.chance(40) else None
    words, rule = drawn_rule(choose)
    shots = drawn_run(choose, ordered, by_path, view_by_path)
    if not any(s.key is not None and not s.error for s in shots):
        return
    if oracle.count_worlds(shots, ordered) > MOST_WORLDS:
        return
    over = "lot" if last is None else f"last(lot, {last})"
    by = 'path "{}/*"' if by_path else "lot"
    viewed = 'path "*_f.png"' if view_by_path else 'camera = "A"'
    text = (
        f"object bolt\nattribute code of bolt: text\ndoubtful 0.3 .. 0.6\n"
        f"batch lot by {by}{' ordered by taken' if ordered else ''}\nview front of lot by {viewed}\n"
        f"rule some_bolt: some bolt\nrule asked over {over}: {words}\n"
    )
    spec = logidsl.loads(text)
    whole = list(tables(spec, shots))
    said = truths(spec, [concatenate(whole)])
    tried = f"{text}{shots}"
    for key, found in oracle.in_every_world(rule, shots, last, ordered).items():
        if said[key] is not None:
            assert found == {said[key]}, f"{key} is {said[key]}, in worlds {found}: {tried}"
        elif len(found) == 1 and None not in found:
            surely = all(
                s.key is not None and not s.error and (s.place is not None or not ordered) and s.front is not None
                for s in shots
            )
            doubtful = any(b.doubtful for s in shots for b in s.bolts)
            assert not surely or doubtful, f"{key} is undetermined, and always {found}: {tried}"
            tally.add("batches undetermined though worlds agree")
        tally.add(f"batches {said[key]}")
    left, mixed = list(whole), list[ObjectTable]()
    while left:
        mixed.append(left.pop(choose.below(len(left))))
    blocks, start = [], 0
    while start < len(mixed):
        size = 1 + choose.below(3)
        blocks.append(concatenate(mixed[start : start + size]))
        start += size
    assert truths(spec, blocks) == said, f"in blocks {[len(b.images) for b in blocks]}: {tried}"
