"""What is compared: the evaluator with the oracle, with itself on other arrangements, and with every world."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from logidsl import ir
from logidsl.check import check
from logidsl.diagnostics import Bag
from logidsl.eval import Prepared, judge, traces
from logidsl.eval.margins import margin
from logidsl.eval.objects import inputs
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.table import ObjectTable
from logidsl.verdicts import Group, Judgement
from tests.oracle.findings import Finding, findings_of, reasons_of
from tests.oracle.interpreter import judge_image, verdict
from tests.oracle.margins import margins_of
from tests.oracle.picture import pictures_of
from tests.oracle.values import REASONS, Truth
from tests.oracle.worlds import MOST_WORLDS, count_worlds, judge_worlds
from tests.proof.choices import Choices
from tests.proof.specs import APART

VERDICTS = {-1: "fail", 0: "review", 1: "pass"}
TRUTHS: dict[int, Truth] = {-1: False, 0: None, 1: True}


@dataclass
class Tally:
    """What was counted on the way."""

    counts: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)

    def add(self, what: str, n: int = 1) -> None:
        """Count."""
        self.counts[what] += n

    @property
    def hasty(self) -> float:
        """Share of the undetermined, under doubt, on which all worlds agree."""
        return self.counts["undetermined though worlds agree"] / max(1, self.counts["undetermined under doubt"])

    def __str__(self) -> str:
        whole = ", ".join(f"{k}: {v}" for k, v in sorted(self.counts.items()))
        return f"{whole}; of the undetermined under doubt all worlds agree on {self.hasty:.1%}"


def compiled(text: str) -> ir.Program:
    """The program of a text; a refusal is a fault of the generator or of the checker."""
    program, bag = checked(text)
    assert program is not None, f"refused:\n{bag}\n{text}"
    return program


def checked(text: str) -> tuple[ir.Program | None, Bag]:
    """The program of a text, and what the checker has to say; no program where it refuses the text."""
    main, _, part = text.partition(f"{APART}\n")
    file, bag = parse(Source("proof.logic", main))
    program = check(file, bag, {}, lambda path: Source(path, part))
    return None if program is None else with_places(program), bag


def with_places(program: ir.Program) -> ir.Program:
    """A program whose layouts have the places that stand in the names of their files."""
    made = []
    for layout in program.layouts:
        words = layout.file.removesuffix(".csv").split()
        places = [
            ir.LayoutPlace(name=program.classes[int(n) % len(program.classes)].name, x=float(x), y=float(y))
            for n, x, y in zip(words[::3], words[1::3], words[2::3], strict=True)
        ]
        made.append(layout.replaced(places=tuple(places), digest=layout.file))
    return program.replaced(layouts=tuple(made)) if made else program


def truths(program: ir.Program, judged: Judgement) -> list[dict[str, Truth]]:
    """The truths of a judgement, image by image."""
    names = [rule.name for rule in program.rules]
    return [{n: TRUTHS[int(judged.truths[r, i])] for r, n in enumerate(names)} for i in range(len(judged.table.images))]


def margins(program: ir.Program, table: ObjectTable) -> list[dict[str, float]]:
    """The margin of each rule, image by image."""
    found: list[dict[str, float]] = [{} for _ in table.images]
    for trace in traces(program, Prepared(table)):
        for rule in program.rules:
            values = np.broadcast_to(margin(trace, rule.node), (trace.frame.n,))
            for image, value in zip(trace.frame.images.tolist(), values.tolist(), strict=True):
                found[image][rule.name] = value
    return found


def falsehoods(program: ir.Program, judged: Judgement) -> list[Counter[Finding]]:
    """The findings of false rules as the oracle gives them, image by image."""
    found: list[Counter[Finding]] = [Counter() for _ in judged.table.images]
    for c in judged.clauses:
        if not c.false:
            continue
        assert c.margin is not None
        for k, image in enumerate(c.images.tolist()):
            one = Finding(
                program.rules[c.rule].name,
                c.node,
                str(c.labels[k]),
                int(c.direction[k]),
                float(c.margin[k]),
                tuple(sorted({n for g in c.groups if g.role == "witness" for n in _names(judged.table, g, k)})),
                sum(int(counts[k]) for counts in c.absent.values()),
            )
            found[image][_rounded(one)] += 1
    return found


def open_clauses(program: ir.Program, judged: Judgement) -> list[dict[str, tuple[int, str]]]:
    """For each undetermined rule the clause that left it open, and the reason without the value that it is of."""
    found: list[dict[str, tuple[int, str]]] = [{} for _ in judged.table.images]
    for c in judged.clauses:
        for k, image in enumerate(c.images.tolist()):
            if not c.false:
                why = next((w for w in REASONS if c.reasons[k].endswith(w)), c.reasons[k].partition(":")[0])
                found[image][program.rules[c.rule].name] = c.node, why
    return found


def _settled(program: ir.Program, opened: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """Clauses that were left open, with their reasons: but where a clause closes a walk, which of the reasons of its
    members goes first is not settled by the reference, nor whether a place without a frame was not measured.
    """
    walks = (ir.Aggregate, ir.Quantifier)
    alike = {} if program.frame is None else {"not measured": "no frame"}
    return {
        rule: (i, "" if any(isinstance(program.nodes[k], walks) for k in _below(program, i)) else alike.get(why, why))
        for rule, (i, why) in opened.items()
    }


def _below(program: ir.Program, i: int) -> set[int]:
    """A node and all that it is made of, names followed."""
    found, waiting = {i}, [i]
    while waiting:
        node = program.nodes[waiting.pop()]
        new = {k for k in (*inputs(node), *getattr(node, "args", ())) if k not in found}
        found |= new
        waiting += new
    return found


def _rounded(f: Finding) -> Finding:
    """A finding whose margin may be compared."""
    return replace(f, margin=float(f"{round(f.margin, 12):.6g}") + 0.0)


def _names(table: ObjectTable, g: Group, k: int) -> list[str]:
    """Ids of objects, and the places of cells in their grid."""
    places = [p for p, row in enumerate(g.rows[k].tolist()) if row >= 0]
    if g.store == "objects":
        return [table.ids[int(g.rows[k, p])] for p in places]
    if not g.store.startswith("grid:"):
        return [g.store for _ in places]
    return [f"{g.store}[{int(g.columns['row'][k, p])},{int(g.columns['col'][k, p])}]" for p in places]


def same_as_oracle(program: ir.Program, table: ObjectTable, tally: Tally) -> None:
    """The evaluator gives the truths and labels that the oracle gives."""
    judged = judge(program, table, scores=True)
    got, near, said = truths(program, judged), margins(program, table), falsehoods(program, judged)
    opened = open_clauses(program, judged)
    for i, picture in enumerate(pictures_of(table)):
        want = judge_image(program, picture)
        assert got[i] == want, f"{picture.name}: oracle {want}, evaluator {got[i]}"
        assert VERDICTS[int(judged.verdicts[i])] == verdict(program, want), picture.name
        close, score = margins_of(program, picture)
        assert near[i] == pytest.approx(close, rel=1e-7, abs=1e-9), f"{picture.name}: margins of the oracle {close}"
        assert judged.scores is not None
        assert float(judged.scores[i]) == pytest.approx(score, rel=1e-7, abs=1e-9), picture.name
        found = Counter(_rounded(f) for f in findings_of(program, picture))
        assert said[i] == found, (
            f"{picture.name}: only the oracle finds {list((found - said[i]).elements())}, "
            f"only the evaluator {list((said[i] - found).elements())}"
        )
        why = reasons_of(program, picture)
        assert _settled(program, opened[i]) == _settled(program, why), (
            f"{picture.name}: oracle {why}, evaluator {opened[i]}"
        )
        for truth in want.values():
            tally.add({True: "true", False: "false", None: "undetermined"}[truth])


def every_failure_found(program: ir.Program, table: ObjectTable) -> None:
    """Each rule that is not true has a finding on that image, and no other rule has one."""
    judged = judge(program, table)
    found = {(c.rule, int(i)): c.false for c in judged.clauses for i in c.images}
    for r in range(len(program.rules)):
        for i in range(len(table.images)):
            state = int(judged.truths[r, i])
            assert found.get((r, i)) == {-1: True, 0: False, 1: None}[state], (program.rules[r].name, i, state)


def alone_as_in_batch(program: ir.Program, table: ObjectTable) -> None:
    """One image alone is judged as it is among others."""
    whole = judge(program, table, scores=True)
    for i in range(len(table.images)):
        alone = judge(program, table.take_image(i), scores=True)
        assert truths(program, alone)[0] == truths(program, whole)[i], table.images[i]
        _same_findings(_findings(program, alone)[0], _findings(program, whole)[i], table.images[i])
        assert whole.scores is not None and alone.scores is not None
        np.testing.assert_allclose(alone.scores[0], whole.scores[i], rtol=1e-9, atol=1e-12)


def shuffled_as_sorted(program: ir.Program, table: ObjectTable, choose: Choices) -> None:
    """The order of images, and of the rows of one, makes no difference."""
    images, rows = _order(choose, len(table.images)), []
    for i in range(len(table.images)):
        start, stop = int(table.offsets[i]), int(table.offsets[i + 1])
        rows += [start + k for k in _order(choose, stop - start)]
    mixed = table.take_rows(np.array(rows, np.int64)).take_images(np.array(images, np.int64))
    a, b = judge(program, table, scores=True), judge(program, mixed, scores=True)
    for place, i in enumerate(images):
        assert truths(program, b)[place] == truths(program, a)[i], (table.images[i], rows)
        _same_findings(_findings(program, a)[i], _findings(program, b)[place], f"{table.images[i]} {rows}")
        assert a.scores is not None and b.scores is not None
        np.testing.assert_allclose(b.scores[place], a.scores[i], rtol=1e-9, atol=1e-12)


def _findings(program: ir.Program, judged: Judgement) -> list[Counter[tuple[object, ...]]]:
    """Findings without their order, image by image: rule, clause, label, reason, and the objects by role."""
    found: list[Counter[tuple[object, ...]]] = [Counter() for _ in judged.table.images]
    for c in judged.clauses:
        assert c.margin is not None
        for k, image in enumerate(c.images.tolist()):
            named = [(g.role, g.store, tuple(sorted(_names(judged.table, g, k)))) for g in c.groups]
            objects = sorted(n for n in named if n[2])
            said = c.labels[k], int(c.direction[k]), c.reasons[k], float(f"{float(c.margin[k]):.6g}") + 0.0
            missing = tuple((name, int(counts[k])) for name, counts in sorted(c.absent.items()))
            found[image][program.rules[c.rule].name, c.node, c.false, said, missing, tuple(objects)] += 1
    return found


def _same_findings(one: Counter[tuple[object, ...]], two: Counter[tuple[object, ...]], words: str) -> None:
    assert one == two, f"{words}: first {list((one - two).elements())}, then {list((two - one).elements())}"


def _order(choose: Choices, n: int) -> list[int]:
    left, found = list(range(n)), []
    while left:
        found.append(left.pop(choose.below(len(left))))
    return found


def sound(program: ir.Program, table: ObjectTable, tally: Tally) -> None:
    """What is said under doubt holds in every world."""
    if not (program.doubtful or "count" in table.columns):
        return
    got = truths(program, judge(program, table, explain=False))
    for i, picture in enumerate(pictures_of(table)):
        if not 1 < count_worlds(program, picture) <= MOST_WORLDS:
            continue
        for name, found in judge_worlds(program, picture).items():
            tally.add("rules judged in every world")
            if got[i][name] is None and "count" not in table.columns:
                tally.add("undetermined under doubt")
                tally.add("undetermined though worlds agree", int(len(found) == 1 and None not in found))
            elif got[i][name] is not None:
                assert found == {got[i][name]}, f"{picture.name}: `{name}` is {got[i][name]}, worlds give {found}"


def serialised(program: ir.Program, table: ObjectTable) -> None:
    """A program read back from JSON means the same."""
    again = ir.Program.from_json(program.to_json())
    assert again.hash == program.hash
    assert again.nodes == program.nodes
    a, b = judge(program, table, scores=True), judge(again, table, scores=True)
    np.testing.assert_array_equal(a.truths, b.truths)
    assert a.scores is not None and b.scores is not None
    np.testing.assert_array_equal(a.scores, b.scores)


def _whole(text: str) -> str:
    """A spec and what it imports as one file."""
    main, _, part = text.partition(f"{APART}\n")
    if not part:
        return text
    statements = main.strip().split("\n")
    _, _, given = statements.pop(1).partition(" with limit = ")
    if given:
        part = re.sub(r"^param limit = .*$", f"param limit = {given}", part, flags=re.MULTILINE)
    return "\n".join([*statements, part])


def same_hash(text: str, choose: Choices) -> None:
    """Comments, spaces, the order of statements and the files they lie in make no difference to the hash."""
    first, *statements = _whole(text).strip().split("\n")
    order = _order(choose, len(statements))
    mixed = [f"{statements[k].replace(' where ', '  where ')}  # {k}" for k in order]
    assert compiled("\n".join(["# another", first, *mixed])).hash == compiled(text).hash
