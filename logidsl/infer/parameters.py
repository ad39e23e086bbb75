"""Values of parameters from good parts: what a rule leaves open, as "evenly spaced" does, is what good parts have.

Owns `measured`. Of a parameter with bounds, the value that just passes is found for each part by trying values, so that
any rule may use it; the limit then lies beyond them as those of inferred rules do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from logidsl.arrays import Floats, Ints
from logidsl.check import check
from logidsl.eval import judge
from logidsl.fit.limits import Limit, params_of
from logidsl.infer.limits import LEAST_PARTS, ROOM, room_above, rounded
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.parse import parse, read_source
from logidsl.table import ObjectTable

#: How many values are tried between the bounds, and again between those of the parts.
_COARSE, _FINE = 33, 65


def measured(source: Source, names: Collection[str], table: ObjectTable) -> dict[str, tuple[str, str]]:
    """The values of some parameters, from the parts that their rules must pass.

    Parameters
    ----------
    source : Source
        A spec without mistakes.
    names : collection of str
        Parameters with bounds; others are left out.
    table : ObjectTable
        An image for each good part.

    Returns
    -------
    dict of str to (str, str)
        By parameter its value as the spec has it, empty if it cannot be measured, and what was seen.
    """
    n = len(table.images)
    found = dict[str, tuple[str, str]]()
    for limit in _bounded(source, names):
        if n < LEAST_PARTS:
            why = f"not measured: expected at least {LEAST_PARTS} good pictures, found {n}"
            found[limit.name] = ("", why)
        else:
            found[limit.name] = _value(source, limit, table, {k: words for k, (words, _) in found.items() if words})
    return found


def _bounded(source: Source, names: Collection[str]) -> list[Limit]:
    """The parameters with bounds; others keep the value that they have."""
    file, _ = parse(source)
    known = {s.name.name for s in file.statements if isinstance(s, ast.Param) and s.bounds is not None}
    wanted = [name for name in names if name in known]
    return params_of(source, only=wanted)[0] if wanted else []


def _value(source: Source, limit: Limit, table: ObjectTable, settled: Mapping[str, str]) -> tuple[str, str]:
    values = np.linspace(limit.low, limit.high, _COARSE)
    passes = _passing(source, limit, table, settled, values)
    upward = _direction(passes)
    if upward is None:
        return ("", "not measured: the bounds do not decide whether good pictures pass")
    edges = _edges(passes, values, upward)
    if np.isnan(edges).any():
        return ("", f"not measured: no value between the bounds passes {table.images[int(np.isnan(edges).argmax())]}")
    step = float(values[1] - values[0])
    fine = np.linspace(max(limit.low, edges.min() - step), min(limit.high, edges.max() + step), _FINE)
    edges = _edges(_passing(source, limit, table, settled, fine), fine, upward)
    sign = 1.0 if upward else -1.0
    room = max(ROOM * float(room_above(sign * edges[None])[0]), float(fine[1] - fine[0]))
    best = float(edges.max() + room if upward else edges.min() - room)
    extent = float(np.ptp(edges)) or abs(best) or 1.0
    value = limit.clipped(float(np.ceil(best) if limit.whole and upward else rounded(best, upward, extent * 0.05)))
    low, high = limit.shown(float(edges.min())), limit.shown(float(edges.max()))
    seen = low if low == high else f"{low} to {high}"
    return (limit.written(value), f"measured on {len(table.images)} good pictures: {seen}")


def _passing(source: Source, limit: Limit, table: ObjectTable, settled: Mapping[str, str], values: Floats) -> Ints:
    """(v, rules, n) what each rule says of each part, by the value: 1 true, -1 false, 0 undetermined."""
    file, bag = parse(source)
    made = []
    for value in values.tolist():
        program = check(file, bag, {**settled, limit.name: limit.written(value)}, read_source)
        assert program is not None, f"{source.path} does not compile with {limit.name} = {limit.written(value)}:\n{bag}"
        made.append(judge(program, table, explain=False).truths)
    return np.asarray(made)


def _direction(passes: Ints) -> bool | None:
    """Whether greater values pass more parts; None where neither greater nor smaller ones do, or both do."""
    change = np.diff(passes, axis=0)
    up, down = bool((change > 0).any()), bool((change < 0).any())
    return up if up != down else None


def _edges(passes: Ints, values: Floats, upward: bool) -> Floats:
    """(n,) the strictest value that each part passes with, by all rules that depend on the value; NaN if none does."""
    depends = (passes != passes[:1]).any(axis=(0, 2))
    good = (passes[:, depends] == 1).all(axis=1)
    ordered = good if upward else good[::-1]
    first = ordered.argmax(axis=0)
    found = (values if upward else values[::-1])[first]
    return np.where(ordered.any(axis=0), found, np.nan)
