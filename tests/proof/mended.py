"""Whether repairs do what they say: applied to the table, alone, each makes its clause true, in the oracle too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from logidsl import ir
from logidsl.eval import Prepared, repaired, traces
from logidsl.eval.findings import findings
from logidsl.eval.repair import Binding, Judged, Key, locate
from logidsl.repairs import Remove, Repair
from logidsl.table import ObjectTable
from logidsl.table_edits import apply_repair
from tests.oracle.interpreter import Env, Interpreter
from tests.oracle.picture import Picture, pictures_of
from tests.oracle.values import Item
from tests.proof.choices import Choices


@dataclass(frozen=True)
class Broken:
    """A false clause at one place: the objects that its walks stand at, and what would repair it."""

    image: int
    node: int
    want: bool
    walks: tuple[int, ...]
    keys: tuple[Key, ...]
    repairs: tuple[Repair, ...]
    joint: str | None
    words: str


@dataclass
class Shares:
    """How many findings of each kind of clause there were, and how many were joint."""

    every: Counter[str] = field(default_factory=Counter)
    joint: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, joint: str | None) -> None:
        """Count a finding."""
        self.every[kind] += 1
        if joint is not None:
            self.joint[kind] += 1
            self.reasons[joint] += 1

    @property
    def share(self) -> float:
        """Share of the joint ones, of the findings that some table could be without."""
        fixed = sum(n for reason, n in self.reasons.items() if reason.startswith("no object takes part"))
        return (sum(self.joint.values()) - fixed) / max(1, sum(self.every.values()) - fixed)

    def __str__(self) -> str:
        rows = [f"{k} {self.joint[k]}/{n}" for k, n in sorted(self.every.items(), key=lambda r: -r[1])]
        head = f"{sum(self.joint.values())} of {sum(self.every.values())} findings joint, {self.share:.1%} of those"
        reasons = "; ".join(f"{n} {r}" for r, n in self.reasons.most_common())
        return f"{head} that read objects: {', '.join(rows)}; {reasons}"


def kind_of(program: ir.Program, i: int) -> str:
    """What kind of clause a node is."""
    node = program.nodes[i]
    match node:
        case ir.Call(fn="=" | "!=" | "one_of" | "between" | "equal_within" | "<" | "<=" | ">" | ">=", args=(first, *_)):
            left = program.nodes[first]
            counts = isinstance(left, ir.Aggregate) and left.fn == "count"
            return f"{node.fn} {'count' if counts else left.type.kind}"
        case ir.Call() | ir.Aggregate() | ir.Quantifier():
            return node.fn
        case _:
            return node.kind


def broken_of(program: ir.Program, table: ObjectTable) -> Iterator[Broken]:
    """Every finding of a false clause, with its repairs."""
    for trace in traces(program, Prepared(table)):
        found = [c for number in range(len(program.rules)) for c in findings(trace, number)]
        for clause in repaired(trace, found, table):
            if not clause.false:
                continue
            assert clause.repairs is not None
            for k, image in enumerate(clause.images.tolist()):
                spot = Binding(Judged(trace, table), tuple(int(a[k]) for a in clause.at), clause.walks)
                words = program.nodes[clause.node].span.text
                yield Broken(
                    image, clause.node, not clause.negated, clause.walks, spot.keys(), clause.repairs[k],
                    clause.joint[k], words,
                )  # fmt: skip


def check(program: ir.Program, table: ObjectTable, shares: Shares, choose: Choices | None = None) -> None:
    """Each finding has repairs that hold, in the evaluator and in the oracle, or says why it has none."""
    for b in broken_of(program, table):
        assert (b.joint is None) == bool(b.repairs), b
        shares.add(kind_of(program, b.node), b.joint)
        for repair in b.repairs:
            chosen = repair if choose is None else any_of(repair, choose)
            mended = apply_repair(table.take_image(b.image), chosen)
            told = f"{table.images[b.image]}: `{b.words}` (wanted {b.want}) after `{repair.text}`: {chosen.changes}"
            assert holds(program, mended, b), f"evaluator: {told}"
            plain, there = numbered(mended, b)
            assert holds_in_oracle(program, pictures_of(plain)[0], there), f"oracle: {told}"


def numbered(table: ObjectTable, b: Broken) -> tuple[ObjectTable, Broken]:
    """The table with ids as the generator makes them, a letter and a number in the order of the rows."""
    names = {name: f"o{k}" for k, name in enumerate(table.ids)}
    keys = tuple((k[0], names.get(str(k[1]), k[1]), *k[2:]) if len(k) > 1 else k for k in b.keys)
    return replace(table, ids=tuple(names.values())), replace(b, keys=keys)


def any_of(repair: Repair, choose: Choices) -> Repair:
    """The same repair with other objects removed, where any of some may be."""
    changes = []
    for c in repair.changes:
        if isinstance(c, Remove) and c.count < len(c.objects):
            left = list(c.objects)
            taken = [left.pop(choose.below(len(left))) for _ in range(c.count)]
            c = c.replaced(objects=(*taken, *left))
        changes.append(c)
    return repair.replaced(changes=tuple(changes))


def holds(program: ir.Program, mended: ObjectTable, b: Broken) -> bool:
    """Whether the evaluator finds the clause as wanted, at the same objects, or these no longer walked over."""
    for trace in traces(program, Prepared(mended)):
        spot = locate(Judged(trace, mended), 0, b.walks, b.keys)
        if spot is None or spot.holds(b.node, b.want):
            return True
        return any(
            isinstance(n, ir.Aggregate) and n.fn == "next" and n.each in b.walks and not _has_next(spot, i)
            for i, n in enumerate(program.nodes)
        )
    return False


def _has_next(spot: Binding, i: int) -> bool:
    node = spot.program.nodes[i]
    assert isinstance(node, ir.Aggregate) and node.each is not None
    outer = spot.outer(len(spot.walks) - spot.walks.index(node.each))
    return bool(outer.one(spot.state.values[i].has_next.can))


def holds_in_oracle(program: ir.Program, picture: Picture, b: Broken) -> bool:
    """The same in the oracle."""
    oracle, env = Interpreter(program, picture), Env()
    for each, key in zip(reversed(b.walks), reversed(b.keys), strict=True):
        found = [item for item, member, _ in oracle.walk(each, None, env) if member is not False]
        here = next((item for item in found if _key(item) == key), None)
        if here is None:
            return True
        env = {**env, each: here}
    if oracle.truth(b.node, env) is b.want:
        return True
    neighbours = [n for n in program.nodes if isinstance(n, ir.Aggregate) and n.fn == "next" and n.each in b.walks]
    return any(oracle.follower(n, env)[0] is False for n in neighbours)


def _key(item: Item) -> Key:
    """What an item of the oracle is, in the words of the evaluator's spots."""
    if item.thing is not None:
        return ("object", item.thing.name)
    if item.store.startswith("grid:"):
        owner = ("nothing",) if item.owner is None else _key(item.owner)
        return ("cell", owner, float(item.row), float(item.col))
    return ("place", *item.number)
