"""Declarations for the good pictures' tables: classes and columns that the draft does not declare.

A model may use any of them: what it does not declare is declared for it, with its name in the source. So no column or
name in another script can be missing from a spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from logidsl.ir import Program
from logidsl.library import builtins
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.identifiers import identifiers, quotable
from logidsl.syntax.parse import parse
from logidsl.syntax.walk import names_in, walk
from logidsl.table import ANY_CLASS, BOX, COUNT, UNREADABLE, ColumnData, ObjectTable, TextColumn
from logidsl.translate.notes import name_of

_ENDINGS = {"_px": "length", "_px2": "area", "_deg": "angle"}
_WIDTHS = {2: "point", 3: "color"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table as an attribute: its name in the source, its type, and the classes with values."""

    source: str
    type: str
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Declarations:
    """What may be named without a declaration.

    Parameters
    ----------
    classes : mapping of str to str
        By name in the spec what the source calls a class.
    columns : mapping of str to Column
        The columns of the tables as attributes, by name in the spec.
    declared : frozenset of str
        The classes of the draft.
    """

    classes: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Column] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()

    def object(self, name: str) -> str:
        """The declaration of a class.

        Examples
        --------
        >>> Declarations({"boruto": "ボルト"}).object("boruto")
        'object boruto "ボルト"'
        """
        return f"object {name}{_beside(name, self.classes[name])}"

    def attribute(self, name: str, classes: Iterable[str]) -> str:
        """The declaration of a column, for the declared classes.

        Examples
        --------
        >>> Declarations(columns={"gute": Column("Güte", "text", ("bolt", "nut"))}).attribute("gute", ["nut", "cap"])
        'attribute gute "Güte" of nut: text'
        """
        column, known = self.columns[name], set(classes)
        of = " | ".join(c for c in column.classes if c in known)
        return f"attribute {name}{_beside(name, column.source)}{f' of {of}' if of else ''}: {column.type}"

    def attributes(self) -> Iterator[str]:
        """The declarations of all columns."""
        return (self.attribute(name, column.classes) for name, column in self.columns.items())

    def completed(self, own: str) -> str:
        """An answer with its missing declarations added, and missing source names filled in."""
        file, _ = parse(Source("answer", own))
        used = {n for s in file.statements for node in walk(s) for n in names_in(node)}
        mine = {name for s in file.statements for name in _declared_by(s)} | {b.name for b in file.broken}
        classes = [c for c in self.classes if c in used - mine]
        known = {*self.declared, *classes, *mine}
        lines = [self.object(c) for c in classes]
        lines += [self.attribute(a, known) for a in self.columns if a in used - mine]
        return "".join(f"{line}\n" for line in lines) + self._with_sources(own, file.statements)

    def _with_sources(self, own: str, statements: Sequence[ast.Statement]) -> str:
        """An answer whose declarations include the source names."""
        edits: set[tuple[int, int, str]] = set()
        for s in statements:
            if not isinstance(s, ast.Object | ast.Attribute) or s.aliases:
                continue
            name, start, end = s.name.name, s.name.span.start, s.name.span.end
            column = self.columns.get(name)
            source = self.classes.get(name) if isinstance(s, ast.Object) else column.source if column else None
            if source is None or source == name:
                continue
            edits.add((end, end, _beside(name, source)))
            after, before = re.compile(r"\s*,").match(own, end), re.search(r",\s*\Z", own[:start])
            if after is not None:  # `object a, b` takes no texts
                edits.add((after.end() - 1, after.end(), "\nobject"))
            if before is not None:
                edits.add((before.start(), before.start() + 1, "\nobject"))
        for at, end, text in sorted(edits, reverse=True):
            own = own[:at] + text + own[end:]
        return own


def declarations_of(table: ObjectTable, program: Program | None) -> Declarations:
    """What a table contains that a program does not declare.

    Parameters
    ----------
    table : ObjectTable
        As the program read it: what it declares has the program's names.
    program : Program, optional
        The draft.
    """
    declared = _declared(program)
    seen = np.unique(table.classes.codes[table.classes.codes >= 0]).tolist()
    found = [v for code, v in enumerate(table.classes.values) if code in seen and v not in (ANY_CLASS, *declared)]
    found = [v for v in found if quotable(v)]
    classes = identifiers(found, "class", _taken(program))
    inner = {*BOX, COUNT, UNREADABLE, *builtins("attribute")}
    inner |= {a.name for a in program.attributes} if program is not None else set()
    outer = [c for c in table.columns if c not in inner and quotable(c)]
    columns = identifiers(outer, "attribute", {*_taken(program), *classes.values()})
    if _turns(table.columns.get("angle")):
        taken = {*_taken(program), *classes.values(), *columns.values()}
        columns["angle"] = identifiers(["heading"], "attribute", taken)["heading"]
    known = {**{name: name for name in declared}, **classes}
    described = {name: _column(table, source, known) for source, name in columns.items()}
    return Declarations({name: source for source, name in classes.items()}, described, frozenset(declared))


def _beside(name: str, source: str) -> str:
    """A thing's name in the source, if different."""
    return "" if source == name else f' "{source}"'


def _column(table: ObjectTable, name: str, classes: Mapping[str, str]) -> Column:
    """A column as an attribute; `classes` are the spec's names by the source's."""
    data = table.columns[name]
    there = data.codes >= 0 if isinstance(data, TextColumn) else np.isfinite(data.reshape(len(data), -1)).all(axis=1)
    codes = np.unique(table.classes.codes[there]).tolist()
    of = [classes.get(v) for code, v in enumerate(table.classes.values) if code in codes]
    return Column(name, _type(name, data), tuple(c for c in of if c is not None))


def _declared_by(statement: ast.Statement) -> Iterator[str]:
    """The names that a statement declares in the namespace of things, attributes and variables."""
    if not isinstance(statement, ast.Color | ast.Rule | ast.Variant):
        yield from filter(None, [name_of(statement)])
    for node in walk(statement):
        if isinstance(node, ast.Named):
            yield node.variable.name
        elif isinstance(node, ast.Neighbours):
            yield from (node.first.name, node.second.name)


def _declared(program: Program | None) -> set[str]:
    return {c.name for c in program.classes} if program is not None else set()


def _taken(program: Program | None) -> set[str]:
    """The names of a draft that nothing else may have."""
    if program is None:
        return set()
    groups = (program.classes, program.sets, program.grids, program.regions, program.lets, program.params)
    named = {n.name for group in groups for n in group}
    return named | {a.name for a in program.attributes}


def _turns(angles: ColumnData | None) -> bool:
    """Whether a column `angle` has values that no angle of an axis has, by either convention: -90 to 90 or 0 to 180."""
    return isinstance(angles, np.ndarray) and bool(np.any((angles > 180) | (angles < -90)))


def _type(name: str, data: ColumnData) -> str:
    """The type for the values of a column."""
    if name == "angle":
        return "turn"
    if isinstance(data, TextColumn):
        return "text"
    if data.ndim > 1:
        return _WIDTHS.get(data.shape[1], "number")
    found = next((t for ending, t in _ENDINGS.items() if name.endswith(ending)), "number")
    beyond = found == "angle" and bool(np.any(np.abs(data[np.isfinite(data)]) > 90))
    return "turn" if beyond else found
