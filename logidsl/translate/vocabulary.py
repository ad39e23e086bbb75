"""The vocabulary for a model: the draft's names, and the objects in the good pictures.

A model that knows that `pushpin` is a class with 15 members per picture, each about 90 px wide, writes better rules
than one that guesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from logidsl.eval import classify
from logidsl.ir import Program
from logidsl.library import builtins
from logidsl.source import Source
from logidsl.syntax.identifiers import quotable
from logidsl.table import ANY_CLASS, Floats, ObjectTable, TextColumn
from logidsl.translate.declarations import Declarations, declarations_of

LABELS_MAX = 8
_SHOWN = ("length", "thickness", "angle", "area")  # beside width and height
_UNITS = {"length": "px", "thickness": "px", "angle": "deg", "area": "px2"}
_TYPE_UNITS = {"length": "px", "area": "px2", "angle": "deg", "turn": "deg"}
_MEASURED = (
    'A number that a sentence does not give ("evenly spaced", "about as long") is measured on the good pictures: '
    "declare it below the note of the sentence with wide bounds, `param uneven = 5px in 0px .. 100px`, and compare "
    "with it alone: `rule even as position: spread(steps(pin by x)) <= uneven`."
)
_ONLY = "Besides the box and what follows from it, an object has only the values named here: no other is measured."
_BOX = ("x0", "y0", "x1", "y1")
_OWN = {*_BOX, *(name for name, entry in builtins("attribute").items() if entry.outlined)}


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The available names.

    Parameters
    ----------
    draft : Source, optional
        The spec that is gone on with.
    program : Program, optional
        The same, checked.
    table : ObjectTable, optional
        The objects on the good pictures.
    measured : bool
        Whether values of parameters are measured on the good pictures.
    """

    draft: Source | None = None
    program: Program | None = None
    table: ObjectTable | None = None
    measured: bool = False

    @cached_property
    def declarations(self) -> Declarations:
        """What the pictures contain and the draft does not declare."""
        return Declarations() if self.table is None else declarations_of(self.table, self.program)

    @property
    def open_classes(self) -> tuple[str, ...] | None:
        """The classes that the model may declare: those in the pictures that the draft does not; None for any."""
        if self.table is None:
            return () if self.program and self.program.sees else None
        return tuple(self.declarations.classes)

    def words(self) -> str:
        """The vocabulary for a model, in lines; empty if nothing is known."""
        parts = []
        if self.draft is not None:
            parts.append(
                "The spec so far. It stays as it is; use its names, do not declare them again:\n"
                f"```logic\n{self.draft.text.strip()}\n```"
            )
        if self.table is not None and self.table.images:
            only = () if self.program is not None and self.program.sees else (_ONLY,)
            parts.append("\n".join([*self._pictures(self.table), *only]))
            if self.measured:
                parts.append(_MEASURED)
        open_classes = self.open_classes
        if open_classes:
            listed = ", ".join(open_classes)
            parts.append(
                f"Classes that may be declared with `object`, no others: {listed}. One that a rule uses is declared by "
                "itself where you do not: write its `object` for a number of them, or to narrow it."
            )
        elif open_classes is not None:
            parts.append("No further class may be declared; a named set of a known one may: `object a = bolt where …`.")
        columns = "\n".join(self.declarations.attributes())
        if columns:
            parts.append(f"Columns of the pictures' objects; these are declared:\n```logic\n{columns}\n```")
        return "\n\n".join(parts)

    def _pictures(self, table: ObjectTable) -> list[str]:
        """The content of the pictures: a line for each class."""
        n = len(table.images)
        sizes = {f"{w:.0f} x {h:.0f} px" for w, h in table.sizes.tolist() if w == w and h == h}
        size = f" of {next(iter(sizes))}" if len(sizes) == 1 else ""
        lines = [f"On {n} good {'picture' if n == 1 else 'pictures'}{size} there are:"]
        names = {source: name for name, source in self.declarations.classes.items()}
        for name, rows in self._members(table).items():
            if len(rows):
                counts = np.bincount(table.image_index[rows], minlength=n)
                own = names.get(name, name)
                shown = own if name == own else f"{own} (declared as `{self.declarations.object(own)}`)"
                shown += "" if quotable(name) else " (no spec can name it: ask the engineer)"
                measured = "; ".join(self._measures(table, rows))
                lines.append(f"- {shown}: {_range(counts)} each{', ' if measured else ''}{measured}")
        return lines

    def _members(self, table: ObjectTable) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
        """The rows of each class of the table, and of each set of the draft."""
        codes = table.classes.codes
        found = {name: np.flatnonzero(codes == code) for code, name in enumerate(table.classes.values)}
        found.pop(ANY_CLASS, None)
        if self.program is not None:
            found |= {name: np.flatnonzero(mask) for name, mask in classify(self.program, table).items()}
        return found

    def _measures(self, table: ObjectTable, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
        """The ranges of a class's measurements, and its texts and labels."""
        found = []
        x0, y0, x1, y1 = (table.columns.get(k) for k in _BOX)
        if isinstance(x0, np.ndarray) and isinstance(x1, np.ndarray):
            found.append(_said("width", (x1 - x0)[rows], "px"))
        if isinstance(y0, np.ndarray) and isinstance(y1, np.ndarray):
            found.append(_said("height", (y1 - y0)[rows], "px"))
        names = {column.source: name for name, column in self.declarations.columns.items()}
        texts = {"text", *names.values(), *self._texts()}
        for source, column in table.columns.items():
            name = names.get(source, source)
            if isinstance(column, TextColumn):
                values = sorted({t for t in column.take(rows).texts() if t is not None})
                values = [f'"{v}"' for v in values] if name in texts else values
                some = ", ".join(values[:LABELS_MAX]) + (", …" if len(values) > LABELS_MAX else "")
                found += [f"{name}: {some}"] if values else []
            elif column.ndim == 1 and (name in _SHOWN or name not in _OWN):
                known = self.declarations.columns.get(name)
                unit = _TYPE_UNITS.get(known.type) if known else _UNITS.get(name)
                found.append(_said(name, column[rows], unit or ""))
            elif name not in _OWN and np.isfinite(column[rows]).any():
                found.append(f"{name} is measured")
        return [f for f in found if f]

    def _texts(self) -> set[str]:
        """The attributes of the draft whose values are written in quotes."""
        return {a.name for a in self.program.attributes if a.type.kind == "text"} if self.program else set()


def _said(name: str, values: Floats, unit: str) -> str:
    known = values[np.isfinite(values)]
    return f"{name} {_range(known)} {unit}".rstrip() if len(known) else ""


def _range(values: np.ndarray[tuple[int], np.dtype[np.int64]] | Floats) -> str:
    low, high = float(np.min(values)), float(np.max(values))
    a, b = f"{low:.4g}", f"{high:.4g}"
    return a if a == b else f"{a} .. {b}"
