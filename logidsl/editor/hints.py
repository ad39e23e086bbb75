"""Inlay hints: the number of cells of a grid, the number of objects, lengths in the other unit."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from logidsl import ir
from logidsl.editor.analysis import Analysis
from logidsl.editor.positions import Positions
from logidsl.report.words import figure
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.walk import flattened, walk
from logidsl.types import MM_PER


def hints(analysis: Analysis, positions: Positions, within: Span) -> list[lsp.InlayHint]:
    """What a text leaves unsaid, for a stretch of it; nothing while it has an error."""
    program = analysis.program
    if program is None:
        return []
    found = [*_cells(analysis, program), *_numbers(analysis, program), *_lengths(analysis, program)]
    return [
        lsp.InlayHint(positions.at(span.source, span.end), label, padding_left=True, tooltip=tooltip)
        for span, label, tooltip in found
        if within.start <= span.end <= within.end
    ]


def _cells(analysis: Analysis, program: ir.Program) -> Iterator[tuple[Span, str, str]]:
    grids = {g.name: g for g in program.grids}
    for s in flattened(analysis.file.statements):
        if isinstance(s, ast.Grid) and (grid := grids.get(s.name.name)) is not None:
            rows, columns = grid.lines["row"], grid.lines["col"]
            each = " each" if grid.of_set else ""
            yield s.name.span, f"{rows * columns} cells{each}", f"{rows} rows of {columns}"


def _numbers(analysis: Analysis, program: ir.Program) -> Iterator[tuple[Span, str, str]]:
    """Objects without a number, and numbers that are parameters."""
    values = {p.name: p.value for p in program.params}
    blobs = {b.name for b in program.blobs}
    for s in flattened(analysis.file.statements):
        if not isinstance(s, ast.Object | ast.Derived) or s.name.name in blobs:
            continue
        if s.cardinality is None:
            if isinstance(s, ast.Object):
                yield s.name.span, "any number", f"no number of `{s.name.name}` is required"
            continue
        for node in walk(s.cardinality.value):
            value = values.get(node.name) if isinstance(node, ast.Ref) else None
            if isinstance(value, float | int):
                yield node.span, f"= {value:g}", "the value of the parameter"


def _lengths(analysis: Analysis, program: ir.Program) -> Iterator[tuple[Span, str, str]]:
    """Lengths and areas in px as mm, and the other way round, where one scale gives both."""
    scale = program.scale
    if scale is None or scale.stretch != 1:
        return
    mm = scale.mm_per_px_x
    for s in flattened(analysis.file.statements):
        part = s.when if isinstance(s, ast.Variant) else s
        for node in walk(part) if part is not None and not isinstance(part, ast.Scale | ast.Test) else ():
            if not isinstance(node, ast.Quantity):
                continue
            value, power = float(node.text), 2 if node.unit.endswith("2") else 1
            square = "2" if power == 2 else ""
            if node.unit in ("px", "px2"):
                yield node.span, f"≈ {_plain(value * mm**power)} mm{square}", "by the scale"
            elif (size := MM_PER.get(node.unit.removesuffix("2"))) is not None:
                yield node.span, f"≈ {_plain(value * (size / mm) ** power)} px{square}", "by the scale"


def _plain(value: float) -> str:
    return figure(value, "ratio")
