"""What is compared: the evaluator with the oracle, with itself on other arrangements, and with every world."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from logidsl import ir
from logidsl.check import check
from logidsl.eval import judge
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.table import ObjectTable
from logidsl.verdicts import Judgement
from tests.oracle.interpreter import judge_image
from tests.oracle.labels import label_image
from tests.oracle.picture import pictures_of
from tests.oracle.values import Truth
from tests.oracle.worlds import MOST_DOUBTFUL, doubtful_things, judge_worlds
from tests.proof.choices import Choices
from tests.proof.take import take_rows

TRUTHS: dict[int, Truth] = {-1: False, 0: None, 1: True}


@dataclass
class Tally:
    """What was counted on the way."""

    counts: Counter[str] = field(default_factory=Counter)

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
    file, bag = parse(Source("proof.logic", text))
    program = check(file, bag, {})
    assert program is not None, f"refused:\n{bag}\n{text}"
    return program


def truths(program: ir.Program, judged: Judgement) -> list[dict[str, Truth]]:
    """The truths of a judgement, image by image."""
    names = [rule.name for rule in program.rules]
    return [{n: TRUTHS[int(judged.truths[r, i])] for r, n in enumerate(names)} for i in range(len(judged.table.images))]


def labels(program: ir.Program, judged: Judgement) -> list[dict[str, set[str]]]:
    """The labels of the false rules, image by image."""
    found: list[dict[str, set[str]]] = [{} for _ in judged.table.images]
    for clause in judged.clauses:
        if clause.false:
            name = program.rules[clause.rule].name
            for image, label in zip(clause.images.tolist(), clause.labels, strict=True):
                found[image].setdefault(name, set()).add(str(label))
    return found


def same_as_oracle(program: ir.Program, table: ObjectTable, tally: Tally) -> None:
    """The evaluator gives the truths and labels that the oracle gives."""
    judged = judge(program, table)
    got, said = truths(program, judged), labels(program, judged)
    for i, picture in enumerate(pictures_of(table)):
        want = judge_image(program, picture)
        assert got[i] == want, f"{picture.name}: oracle {want}, evaluator {got[i]}"
        assert said[i] == label_image(program, picture), f"{picture.name}: labels of the evaluator {said[i]}"
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
    whole = judge(program, table)
    for i in range(len(table.images)):
        alone = judge(program, table.take_image(i))
        assert truths(program, alone)[0] == truths(program, whole)[i], table.images[i]
        assert labels(program, alone)[0] == labels(program, whole)[i], table.images[i]
        assert whole.scores is not None and alone.scores is not None
        np.testing.assert_allclose(alone.scores[0], whole.scores[i], rtol=1e-9, atol=1e-12)


def shuffled_as_sorted(program: ir.Program, table: ObjectTable, choose: Choices) -> None:
    """The order of images, and of the rows of one, makes no difference."""
    images, rows = _order(choose, len(table.images)), []
    for i in range(len(table.images)):
        start, stop = int(table.offsets[i]), int(table.offsets[i + 1])
        rows += [start + k for k in _order(choose, stop - start)]
    mixed = take_rows(table, np.array(rows, np.int64)).take_images(np.array(images, np.int64))
    a, b = judge(program, table), judge(program, mixed)
    for place, i in enumerate(images):
        assert truths(program, b)[place] == truths(program, a)[i], (table.images[i], rows)
        assert labels(program, b)[place] == labels(program, a)[i], (table.images[i], rows)
        assert a.scores is not None and b.scores is not None
        np.testing.assert_allclose(b.scores[place], a.scores[i], rtol=1e-9, atol=1e-12)
    one, two = _findings(program, a), _findings(program, b)
    assert one == two, f"sorted {list((one - two).elements())}, shuffled {list((two - one).elements())}"


def _findings(program: ir.Program, judged: Judgement) -> Counter[tuple[object, ...]]:
    """Findings without their order: rule, clause, image, label, and the objects by role."""
    found: Counter[tuple[object, ...]] = Counter()
    table = judged.table
    for c in judged.clauses:
        for k, image in enumerate(c.images.tolist()):
            if not c.false:  # of several members in doubt the first is shown
                found[program.rules[c.rule].name, table.images[image]] = 1
                continue
            objects = []
            for g in c.groups:
                names = [table.ids[r] if g.store == "objects" else "cell" for r in g.rows[k].tolist() if r >= 0]
                if _is_list(program, c.node):  # of equal ones that stand at one key, either may be named
                    names = ["one"] * len(names)
                objects.append((g.role, g.store, tuple(sorted(names))))
            said = (
                c.labels[k],
                int(c.direction[k]),
                sum(int(counts[k]) for counts in c.absent.values()),
                bool(c.reasons[k]),
            )
            found[program.rules[c.rule].name, c.node, c.false, table.images[image], said, tuple(sorted(objects))] += 1
    return found


def _is_list(program: ir.Program, clause: int) -> bool:
    node = program.nodes[clause]
    return isinstance(node, ir.Call) and bool(node.args) and program.nodes[node.args[0]].type.kind == "list"


def _order(choose: Choices, n: int) -> list[int]:
    left, found = list(range(n)), []
    while left:
        found.append(left.pop(choose.below(len(left))))
    return found


def sound(program: ir.Program, table: ObjectTable, tally: Tally) -> None:
    """What is said under doubt holds in every world."""
    if not program.doubtful:
        return
    got = truths(program, judge(program, table, scores=False))
    for i, picture in enumerate(pictures_of(table)):
        doubtful = doubtful_things(program, picture)
        if not 0 < len(doubtful) <= MOST_DOUBTFUL:
            continue
        for name, found in judge_worlds(program, picture).items():
            tally.add("rules judged in every world")
            if got[i][name] is None:
                tally.add("undetermined under doubt")
                tally.add("undetermined though worlds agree", int(len(found) == 1 and None not in found))
            else:
                assert found == {got[i][name]}, f"{picture.name}: `{name}` is {got[i][name]}, worlds give {found}"


def serialised(program: ir.Program, table: ObjectTable) -> None:
    """A program read back from JSON means the same."""
    again = ir.Program.from_json(program.to_json())
    assert again.hash == program.hash
    assert again.nodes == program.nodes
    a, b = judge(program, table), judge(again, table)
    np.testing.assert_array_equal(a.truths, b.truths)
    assert a.scores is not None and b.scores is not None
    np.testing.assert_array_equal(a.scores, b.scores)


def same_hash(text: str, choose: Choices) -> None:
    """Comments, spaces and the order of statements make no difference to the hash."""
    first, *statements = text.strip().split("\n")
    order = _order(choose, len(statements))
    mixed = [f"{statements[k].replace(' where ', '  where ')}  # {k}" for k in order]
    assert compiled("\n".join(["# another", first, *mixed])).hash == compiled(text).hash
