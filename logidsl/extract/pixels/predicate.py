"""The predicate of a `blobs` statement, judged over any array of pixels.

Truth is three-valued: 1 true, 0 undetermined, -1 false, as int8, so that `and`, `or` and `not` are
minimum, maximum and negation (Kleene). Numbers are float64 in base units, colours CIELAB. May import `ir`,
`library` and `diagnostics`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.extract.pixels.pixel_values import SPATIAL, Floats
from logidsl.ir import Aggregate, Binder, Call, Column, Literal_, Match, Name, Node, Program, Quantifier
from logidsl.library import angles
from logidsl.library.color import DEFAULT_REACH, ciede2000, lab_of_hex, tint_difference

Truths: TypeAlias = npt.NDArray[np.int8]
Value: TypeAlias = Floats | Truths | str | float
Leaf: TypeAlias = Callable[[str], Floats]
#: The value of a function of several pixels, from the values of its arguments.
Around: TypeAlias = Callable[[Call, Sequence[Value]], Value]

#: Functions of pixels whose arguments are constant for a picture.
FIXED = frozenset(["contrast", "background", "inside", "outside"])
AROUND = FIXED | {"otsu"}

#: Two measured numbers closer than this share of the greater are equal.
TOLERANCE = 1e-9


def _uses(program: Program, index: int) -> tuple[int, ...]:
    """The nodes that a node uses."""
    match program.nodes[index]:
        case Call(fn=fn) if fn in FIXED:
            return ()
        case Call(args=args):
            return args
        case Column(of=of):
            return (of,)
        case Name(target=target) if target is not None:
            return (target,)
        case Literal_() | Name():
            return ()
        case node:
            raise InputError(f"`{node.span.text}` cannot be asked of a pixel: a `blobs` predicate has no {node.kind}")


def _reachable(program: Program, root: int) -> list[int]:
    """The nodes below and with a root, used ones first."""
    found, waiting = set[int](), [root]
    while waiting:
        index = waiting.pop()
        if index not in found:
            found.add(index)
            waiting.extend(_uses(program, index))
    return sorted(found)


def _looks_around(node: Node) -> bool:
    """Whether a node by itself depends on more than the colour of a pixel."""
    match node:
        case Column(attribute=attribute):
            return attribute in SPATIAL
        case Call(fn=fn):
            return fn in AROUND
        case _:
            return False


def atoms(program: Program, root: int) -> tuple[int, ...]:
    """The largest parts of a predicate that are truths of the colour alone."""
    nodes = _reachable(program, root)
    spatial: set[int] = set()
    for index in nodes:
        node = program.nodes[index]
        looks = (isinstance(node, Column) and node.attribute in SPATIAL) or (
            isinstance(node, Call) and node.fn in AROUND
        )
        if looks or spatial.intersection(_uses(program, index)):
            spatial.add(index)
    inner = {use for i in nodes if i not in spatial for use in _uses(program, i)}
    outer = {use for i in spatial for use in _uses(program, i)} | {root}
    truths = [i for i in nodes if i not in spatial and program.nodes[i].type.kind == "truth"]
    return tuple(i for i in truths if i in outer or i not in inner)


def conjuncts(program: Program, root: int) -> tuple[int, ...]:
    """The parts that a predicate joins by `and`, in order; otherwise the predicate itself."""
    found, waiting = [], [root]
    while waiting:
        index = waiting.pop()
        node = program.nodes[index]
        if isinstance(node, Call) and node.fn == "and":
            waiting.extend(reversed(node.args))
        else:
            found.append(index)
    return tuple(found)


def evaluate(
    program: Program, root: int, leaf: Leaf, known: Mapping[int, Truths], around: Around | None = None
) -> Value:
    """The value of a node over the pixels whose attributes `leaf` returns, and their neighbours `around`."""
    values: dict[int, Value] = dict(known)
    needed, waiting = set[int](), [root]
    while waiting:
        index = waiting.pop()
        if index not in needed and index not in known:
            needed.add(index)
            waiting.extend(_uses(program, index))
    for index in sorted(needed):
        match program.nodes[index]:
            case Literal_(value=value):
                values[index] = value if isinstance(value, str) else float(value)
            case Name(thing="param", ref=ref):
                values[index] = next(p.value for p in program.params if p.name == ref)
            case Name(thing="let", target=int(target)):
                values[index] = values[target]
            case Name(thing="pixel"):
                values[index] = "pixel"
            case Column(attribute=attribute):
                values[index] = leaf(attribute)
            case Call(fn=fn) as call if fn in AROUND and around is not None:
                values[index] = around(call, [values[i] for i in _uses(program, index)])
            case Call() as call:
                values[index] = _call(program, call, [values[i] for i in call.args])
            case Name() | Binder() | Quantifier() | Aggregate() | Match() as node:
                raise InputError(f"`{node.span.text}` cannot be asked of a pixel")
    return values[root]


def _call(program: Program, call: Call, args: Sequence[Value]) -> Value:
    """The value of an operator."""
    types = [program.nodes[i].type for i in call.args]
    match call.fn:
        case "and" | "or":
            pick = np.minimum if call.fn == "and" else np.maximum
            return _fold(pick, args)
        case "not":
            return np.negative(_truth(args[0]))
        case "if":
            condition = _truth(args[0])
            then = np.maximum(np.negative(condition), _truth(args[1]))
            return np.minimum(then, np.maximum(condition, _truth(args[2]))) if len(args) > 2 else then
        case "<" | "<=" | ">" | ">=":
            return _compared(call.fn, _number(args[0]), _number(args[1]))
        case "=" | "!=":
            same = _equal(program, args[0], args[1], types[0].kind == "color", types[0].dim == "angle")
            return same if call.fn == "=" else np.negative(same)
        case "equal_within":
            limit = _number(args[2])
            if types[0].kind == "color":
                return _compared("<=", ciede2000(_lab(program, args[0]), _lab(program, args[1])), limit)
            return _compared("<=", _apart(_number(args[0]), _number(args[1]), types[0].dim == "angle"), limit)
        case "between":
            value, low, high = (_number(a) for a in args)
            if (period_deg := program.period_deg(call.args)) is not None:
                width = angles.width(np.asarray(high - low), period_deg)
                return _compared("<=", angles.offset(value, low, period_deg), width + angles.EPSILON_DEG)
            return np.minimum(_compared(">=", value, low), _compared("<=", value, high))
        case "one_of":
            kind, turns = types[0].kind == "color", types[0].dim == "angle"
            return _fold(np.maximum, [_equal(program, args[0], item, kind, turns) for item in args[1:]])
        case "difference":
            return ciede2000(_lab(program, args[0]), _lab(program, args[1]))
        case "tint_difference":
            return tint_difference(_lab(program, args[0]), _lab(program, args[1]))
        case _:
            return _arithmetic(call, [_number(a) for a in args])


def _arithmetic(call: Call, args: Sequence[Floats]) -> Floats:
    """The value of an operator on numbers."""
    with np.errstate(divide="ignore", invalid="ignore"):
        match call.fn:
            case "+":
                return np.asarray(args[0] + args[1])
            case "-":
                return np.asarray(args[0] - args[1])
            case "*":
                return np.asarray(args[0] * args[1])
            case "/":
                return np.where(args[1] == 0, np.nan, args[0] / args[1])
            case "neg":
                return np.asarray(-args[0])
            case "abs":
                return np.abs(args[0])
            case "as_ratio":
                return args[0]
            case _:
                raise InputError(f"`{call.span.text}` cannot be asked of a pixel")


def _truth(value: Value) -> Truths:
    return np.asarray(value, np.int8)


def _number(value: Value) -> Floats:
    return np.asarray(value, np.float64)


def _fold(pick: Callable[[Truths, Truths], Truths], args: Iterable[Value]) -> Truths:
    first, *rest = (_truth(a) for a in args)
    for other in rest:
        first = pick(first, other)
    return first


def _compared(word: str, a: Floats, b: Floats) -> Truths:
    """1 where the comparison holds, -1 where it does not, 0 where a side is not a number."""
    with np.errstate(invalid="ignore"):
        # With a fixed limit its own size sets the slack: near the limit both sides are of one size.
        slack = TOLERANCE * (np.abs(b) if b.ndim == 0 else np.maximum(np.abs(a), np.abs(b)))
        match word:
            case "<":
                holds = a < b - slack
            case "<=":
                holds = a <= b + slack
            case ">":
                holds = a > b + slack
            case _:
                holds = a >= b - slack
        truth = np.where(holds, np.int8(1), np.int8(-1))
        unknown = np.isnan(a) | np.isnan(b)
    return np.where(unknown, np.int8(0), truth) if unknown.any() else truth


def _apart(a: Floats, b: Floats, turns: bool) -> Floats:
    """Difference of two numbers; for angles, the shorter way."""
    far = np.abs(a - b)
    return np.minimum(far % 360, -far % 360) if turns else far


def _equal(program: Program, a: Value, b: Value, colour: bool, turns: bool) -> Truths:
    """Whether values are equal: numbers within the tolerance; a colour and a named one by reach and rivals."""
    if not colour:
        a, b = _number(a), _number(b)
        return _compared("<=", _apart(a, b, turns), TOLERANCE * np.maximum(np.abs(a), np.abs(b)))
    if isinstance(a, str):
        a, b = b, a
    named = next((c for c in program.colors if c.name == b), None)
    lab = np.asarray(_lab(program, a))
    if named is None:
        return _compared("<=", ciede2000(lab, _lab(program, b)), _number(DEFAULT_REACH))
    flat = lab.reshape(-1, 3)
    # CIEDE2000 is at least the difference of L by its weight, which never exceeds 1.75 (Sharma et al., eq. 15).
    near = np.flatnonzero(np.abs(flat[:, 0] - named.lab[0]) <= 1.75 * named.reach + 1e-6)
    apart = ciede2000(flat[near], named.lab)
    near, apart = near[apart <= named.reach * (1 + TOLERANCE)], apart[apart <= named.reach * (1 + TOLERANCE)]
    for rival in program.colors:
        if rival.name != named.name and len(near):
            wins = ciede2000(flat[near], rival.lab) >= apart
            near, apart = near[wins], apart[wins]
    same = np.full(len(flat), -1, np.int8)
    same[near] = 1
    return same.reshape(lab.shape[:-1])


def _lab(program: Program, value: Value) -> Floats:
    """CIELAB of a colour: measured, the name of one of the spec's, or hex text."""
    if not isinstance(value, str):
        return _number(value)
    named = next((c.lab for c in program.colors if c.name == value), None)
    lab = named or lab_of_hex(value)
    if lab is None:
        raise InputError(f"`{value}` is not a colour of the spec")
    return np.array(lab)
