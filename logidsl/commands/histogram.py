"""`logidsl table --histogram`: how a column is spread over members and candidates, and the gap between them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import numpy as np

from logidsl.commands.outputs import rendered
from logidsl.commands.terminal import UsageError, page_width
from logidsl.diagnostics import InputError, counted
from logidsl.ir import Program
from logidsl.spreads import Spread, spread
from logidsl.table import ObjectTable

_GROUPS = {"objects": "#", "undetermined": "?", "rejected": "-"}  # the segments of a bar


def histogram(program: Program, table: ObjectTable, args: argparse.Namespace) -> str:
    """How a column is spread, in the format asked for.

    Raises
    ------
    UsageError
        If the spec has no such class, or the table no such column of numbers.
    """
    try:
        found = spread(program, table, args.histogram)
    except InputError as error:
        raise UsageError(str(error)) from None

    def document() -> object:
        return {
            "column": found.column,
            "unit": found.unit or None,
            **{g: len(v) for g, v in found.values.items()},
            "without_value": found.missing,
            "bins": [{"low": a, "high": b, **n} for a, b, n in found.bins()],
            "gaps": [{**vars(g), "middle": g.middle} for g in found.gaps],
            "rejected_among_objects": found.among,
        }

    def lines() -> Iterator[list[object]]:
        yield ["low", "high", *_GROUPS]
        yield from ([repr(a), repr(b), *n.values()] for a, b, n in found.bins())

    return rendered(args.format, lambda: _as_text(found, len(table.images)), document, lines)


def _as_text(found: Spread, pictures: int) -> str:
    """Bars for the eye, then the gaps."""
    rejected, undetermined, values = (found.values[g] for g in ("rejected", "undetermined", "objects"))
    missing = f"{found.missing} without a value" if found.missing else ""
    others = [f"{len(v)} {g}" for g, v in (("undetermined", undetermined), ("rejected", rejected)) if len(v)]
    tail = "".join(f"; {said}" for said in [", ".join(others), missing] if said)
    if not len(values) and not others:
        return f"{found.column}: no object has it{tail}\n"
    text = f"{found.column}: {counted(len(values), 'object')} on {counted(pictures, 'picture')}"
    if len(values):
        text += f", from {values.min():.4g} to {values.max():.4g}, median {np.median(values):.4g}"
    text += tail + "\n"
    bins = found.bins()
    shown = [g for g in _GROUPS if g == "objects" or len(found.values[g])]
    if others:
        text += " " * 29 + "".join(f"{g:>13}" for g in shown) + "\n"
    most = max(sum(n.values()) for _, _, n in bins)
    wide = 13 if others else 6
    room = max(10, page_width(sys.stdout) - 30 - wide * len(shown))
    for low, high, n in bins:
        bar = "".join(_GROUPS[g] * int(np.ceil(room * n[g] / most)) for g in shown)
        text += f"  {low:>10.4g} .. {high:<10.4g}   {''.join(f'{n[g]:>{wide}d}' for g in shown)}  {bar}".rstrip() + "\n"
    for gap in found.gaps:
        text += f"gap {gap.side}: {gap.low:.4g} to {gap.high:.4g}, middle {gap.middle:.4g} {found.unit}".rstrip()
        text += f"; {gap.undetermined} undetermined in it\n" if gap.undetermined else "\n"
    if found.among:
        text += f"{found.among} of {len(rejected)} rejected lie among the objects: other conditions reject them\n"
    return text
