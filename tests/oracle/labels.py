"""Labels of a broken rule, written from the language reference.

The label of a rule is its `defect`, else its name; `low` and `high` stand for it where a single comparison
says which way the measured side is off. Under `every`, each member that fails has its own.
"""

from __future__ import annotations

from logidsl import ir
from tests.oracle.interpreter import Env, Interpreter
from tests.oracle.picture import Picture
from tests.oracle.values import Num, less


def label_image(program: ir.Program, picture: Picture) -> dict[str, set[str]]:
    """The labels that each false rule gives one picture."""
    oracle = Interpreter(program, picture)
    found = {}
    for rule in program.rules:
        if oracle.truth(rule.node, {}) is False:
            found[rule.name] = labels(oracle, rule, rule.node, {})
    return found


def labels(oracle: Interpreter, rule: ir.Rule, i: int, env: Env) -> set[str]:
    """Labels of a false condition, from the members that fail."""
    node = oracle.nodes[i]
    if isinstance(node, ir.Quantifier) and node.fn == "every":
        assert node.body is not None
        found = set()
        for _, member, inner in oracle.spoken_of(node, env):
            if member is True and oracle.truth(node.body, inner) is False:
                found |= labels(oracle, rule, node.body, inner)
        return found
    way = direction(oracle, node, env)
    said = {-1: rule.low, 0: None, 1: rule.high}[way] or rule.defect
    if said is None:
        return {rule.name}
    if said.node is None:
        assert said.label is not None
        return {said.label}
    value = oracle.value(said.node, env)
    return {value if isinstance(value, str) else rule.name}


def direction(oracle: Interpreter, node: ir.Node, env: Env) -> int:
    """-1 where the left side of a false comparison is too low, 1 where it is too high, 0 where neither."""
    if not isinstance(node, ir.Call) or node.fn not in ("<", "<=", ">", ">=", "=", "equal_within", "between"):
        return 0
    values = [oracle.value(a, env) for a in node.args]
    left, right = values[0], values[1]
    if not isinstance(left, Num) or not isinstance(right, Num):
        return 0
    if node.fn == "between":
        top = values[2]
        assert isinstance(top, Num)
        return -1 if less(left.hi, right.lo) else 1 if less(top.hi, left.lo) else 0
    match node.fn:
        case "<" | "<=":
            return 1
        case ">" | ">=":
            return -1
        case _:
            return -1 if left.hi < right.lo else 1 if left.lo > right.hi else 0
