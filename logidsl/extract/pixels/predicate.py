"""The predicate of a `blobs` statement, judged over any array of pixels.

Truth is three-valued: 1 true, 0 undetermined, -1 false, as int8, so that `and`, `or` and `not` are
minimum, maximum and negation (Kleene). Numbers are float64 in base units, colours CIELAB. Everything else is computed
by the kernels and meanings of the library. May import `ir`, `library` and `diagnostics`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TypeAlias, assert_never

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats, Mask
from logidsl.diagnostics import InputError
from logidsl.ir import (
    Aggregate,
    Binder,
    Call,
    Column,
    Literal_,
    Match,
    Name,
    Node,
    Program,
    Quantifier,
    comparison,
    entry_of,
)
from logidsl.library import angles, attribute
from logidsl.library.color import DEFAULT_REACH, ciede2000, lab_of_hex
from logidsl.library.comparisons import AtMost, Comparison, Equal, InRange, Less, Near, Not, OneOf
from logidsl.library.declare import unmade
from logidsl.library.tolerance import EPSILON, at_most

Truths: TypeAlias = npt.NDArray[np.int8]
Value: TypeAlias = Floats | Truths | str | float
Leaf: TypeAlias = Callable[[str], Floats]
#: The value of what is said of several pixels, from the values of its arguments.
Around: TypeAlias = Callable[[Call, Sequence[Value]], Value]


def _uses(program: Program, index: int) -> tuple[int, ...]:
    """The nodes that a node uses."""
    match program.nodes[index]:
        case Call(args=args) as call:
            return () if (entry := entry_of(call)) is not None and entry.fixed else args
        case Column(of=of):
            return (of,)
        case Name(target=target) if target is not None:
            return (target,)
        case Literal_() | Name():
            return ()
        case node:
            raise InputError(f"`{node.span.text}` does not apply to a pixel: a `blobs` predicate has no {node.kind}")


def _reachable(program: Program, root: int, known: Mapping[int, Truths] | None = None) -> list[int]:
    """The nodes below and with a root, used ones first; not those whose value is known."""
    found, waiting = set[int](), [root]
    while waiting:
        index = waiting.pop()
        if index not in found and index not in (known or ()):
            found.add(index)
            waiting.extend(_uses(program, index))
    return sorted(found)


def _is_spatial(node: Node) -> bool:
    """Whether a node by itself depends on more than the colour of a pixel."""
    entry = attribute(node.attribute) if isinstance(node, Column) else entry_of(node)
    return entry is not None and entry.spatial


def atoms(program: Program, root: int) -> tuple[int, ...]:
    """The largest parts of a predicate that are truths of the colour alone."""
    nodes = _reachable(program, root)
    spatial: set[int] = set()
    for index in nodes:
        if _is_spatial(program.nodes[index]) or spatial.intersection(_uses(program, index)):
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
    for index in _reachable(program, root, known):
        match program.nodes[index]:
            case Literal_(value=value):
                values[index] = value if isinstance(value, str) else float(value)
            case Name(thing="param", ref=ref) if (given := program.param(ref)) is not None:
                values[index] = given
            case Name(thing="let", target=int(target)):
                values[index] = values[target]
            case Name(thing="pixel"):
                values[index] = "pixel"
            case Column(attribute=name):
                values[index] = leaf(name)
            case Call() as call if _is_spatial(call) and around is not None:
                values[index] = around(call, [values[i] for i in _uses(program, index)])
            case Call() as call:
                values[index] = _call(program, call, [values[i] for i in call.args])
            case Name() | Binder() | Quantifier() | Aggregate() | Match() as node:
                raise InputError(f"`{node.span.text}` does not apply to a pixel")
    return values[root]


def _call(program: Program, call: Call, args: Sequence[Value]) -> Value:
    """The value of an operator or a function."""
    match call.fn, args:
        case "and", _:
            return reduce(np.minimum, map(_truth, args))
        case "or", _:
            return reduce(np.maximum, map(_truth, args))
        case "not", [truth]:
            return np.negative(_truth(truth))
        case "if", [condition, then, *otherwise]:
            found = np.maximum(np.negative(_truth(condition)), _truth(then))
            return np.minimum(found, np.maximum(_truth(condition), _truth(otherwise[0]))) if otherwise else found
    entry = entry_of(call)
    if (said := comparison(call)) is not None:
        return _Comparing(program, call, args).of(said)
    if entry is None or entry.kernel is unmade or not entry.of_pixels:
        raise InputError(f"`{call.span.text}` does not apply to a pixel")
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(entry.kernel(*(_numbers(program, a) for a in args)), np.float64)
        return found if np.isfinite(found).all() else np.where(np.isfinite(found), found, np.nan)


class _Comparing:
    """How values of pixels are compared."""

    def __init__(self, program: Program, call: Call, args: Sequence[Value]) -> None:
        self.program = program
        self.values = dict(zip(call.args, args, strict=True))
        self.of_colors = program.nodes[call.args[0]].type.kind == "color"
        self.period_deg = program.period_deg(call.args)

    def of(self, said: Comparison) -> Truths:
        """Whether a comparison holds."""
        values = self.values
        match said:
            case Less(a, b):
                return _known(~at_most(_number(values[b]), _number(values[a])), values[a], values[b])
            case AtMost(a, b):
                return self._at_most(values[a], values[b])
            case Equal(a, b):
                return self._equal(values[a], values[b])
            case Near(a, b, limit):
                return self._at_most(self._apart(values[a], values[b]), values[limit])
            case InRange(value, low, high):
                return self._in_range(values[value], values[low], values[high])
            case OneOf(value, options):
                return reduce(np.maximum, [self._equal(values[value], values[o]) for o in options])
            case Not(of):
                return np.negative(self.of(of))
            case _:
                assert_never(said)

    def _equal(self, a: Value, b: Value) -> Truths:
        """Numbers within the tolerance; a colour and a named one by reach and rivals."""
        if self.of_colors:
            return self._same_color(b, a) if isinstance(a, str) else self._same_color(a, b)
        return self._at_most(self._apart(a, b), EPSILON * np.maximum(np.abs(_number(a)), np.abs(_number(b))))

    def _apart(self, a: Value, b: Value) -> Floats:
        """Difference of two colours, or of two numbers; for angles, the shorter way."""
        if self.of_colors:
            return ciede2000(_numbers(self.program, a), _numbers(self.program, b))
        far = np.abs(_number(a) - _number(b))
        return far if self.period_deg is None else np.minimum(far % self.period_deg, -far % self.period_deg)

    def _at_most(self, a: Value, b: Value) -> Truths:
        return _known(at_most(_number(a), _number(b)), a, b)

    def _in_range(self, value: Value, low: Value, high: Value) -> Truths:
        if self.period_deg is None:
            return np.minimum(self._at_most(low, value), self._at_most(value, high))
        width = angles.width(np.asarray(_number(high) - _number(low)), self.period_deg)
        return self._at_most(angles.offset(_number(value), _number(low), self.period_deg), width + angles.EPSILON_DEG)

    def _same_color(self, color: Value, other: Value) -> Truths:
        program = self.program
        named = next((c for c in program.colors if c.name == other), None)
        if named is None:
            return self._at_most(self._apart(color, other), DEFAULT_REACH)
        lab = _numbers(program, color)
        flat = lab.reshape(-1, 3)
        # CIEDE2000 is at least the difference of L by its weight, which never exceeds 1.75 (Sharma et al., eq. 15).
        near = np.flatnonzero(np.abs(flat[:, 0] - named.lab[0]) <= 1.75 * named.reach + 1e-6)
        apart = ciede2000(flat[near], named.lab)
        inside = at_most(apart, np.asarray(named.reach))
        near, apart = near[inside], apart[inside]
        for rival in program.colors:
            if rival.name != named.name and len(near):
                wins = ciede2000(flat[near], rival.lab) >= apart
                near, apart = near[wins], apart[wins]
        same = np.full(len(flat), -1, np.int8)
        same[near] = 1
        return same.reshape(lab.shape[:-1])


def _truth(value: Value) -> Truths:
    return np.asarray(value, np.int8)


def _number(value: Value) -> Floats:
    return np.asarray(value, np.float64)


def _known(holds: Mask, *values: Value) -> Truths:
    """1 where a comparison holds, -1 where it does not, 0 where a side is not a number."""
    truth = np.where(holds, np.int8(1), np.int8(-1))
    for value in values:
        unknown = np.isnan(_number(value))
        truth = np.where(unknown, np.int8(0), truth) if unknown.any() else truth
    return truth


def _numbers(program: Program, value: Value) -> Floats:
    """Numbers as they are; CIELAB of a colour's name in the spec, or of hex text."""
    if not isinstance(value, str):
        return _number(value)
    lab = next((c.lab for c in program.colors if c.name == value), None) or lab_of_hex(value)
    if lab is None:
        raise InputError(f"`{value}` is not a colour of the spec")
    return np.array(lab)
