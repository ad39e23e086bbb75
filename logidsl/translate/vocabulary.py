"""What a rule can speak of: the draft's names, and what is on the good pictures.

A model that knows that `pushpin` is a class with 15 members a picture, each about 90 px wide, writes better rules
than one that guesses. Imports `eval`, `ir`, `table`, `source` and `syntax`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from logidsl.eval import classify
from logidsl.ir import Program
from logidsl.source import Source
from logidsl.syntax.parse import reserved_words
from logidsl.table import ANY_CLASS, Floats, ObjectTable, TextColumn

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}")
LABELS_MAX = 8
_SHOWN = ("length", "thickness", "angle", "area")  # beside width and height
_UNITS = {"angle": "deg", "area": "px2", "aspect": "", "confidence": ""}
_BOX = ("x0", "y0", "x1", "y1")
_OWN = {
    *_BOX,
    "perimeter",
    "path_length",
    "skeleton_length",
    "roundness",
    "solidity",
    "holes",
    "start",
    "end",
    "aspect",
    *_SHOWN,
}


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What there is to speak of.

    Parameters
    ----------
    draft : Source, optional
        The spec that is gone on with.
    program : Program, optional
        The same, checked.
    table : ObjectTable, optional
        The objects on the good pictures.
    """

    draft: Source | None = None
    program: Program | None = None
    table: ObjectTable | None = None

    @property
    def open_classes(self) -> tuple[str, ...] | None:
        """The classes that the model may declare: those on the pictures that the draft does not; None for any."""
        declared = {c.name for c in self.program.classes} if self.program else set()
        if self.table is None:
            return () if self.program and self.program.sees else None
        return tuple(identifier(v) for v in self._seen() if identifier(v) not in declared)

    def _seen(self) -> tuple[str, ...]:
        if self.table is None:
            return ()
        counts = np.bincount(self.table.classes.codes[self.table.classes.codes >= 0])
        found = zip(self.table.classes.values, counts.tolist(), strict=False)
        return tuple(v for v, n in found if n and v != ANY_CLASS)

    def words(self) -> str:
        """The vocabulary for a model, in lines; empty where nothing is known."""
        parts = []
        if self.draft is not None:
            parts.append(
                "The spec so far. It stays as it is; use its names, do not declare them again:\n"
                f"```logic\n{self.draft.text.strip()}\n```"
            )
        if self.table is not None and self.table.images:
            parts.append("\n".join(self._pictures(self.table)))
        open_classes = self.open_classes
        if open_classes:
            listed = ", ".join(open_classes)
            parts.append(f"Classes that may be declared with `object`, no others: {listed}.")
        elif open_classes is not None:
            parts.append("No further class may be declared; a named set of a known one may: `object a = bolt where …`.")
        return "\n\n".join(parts)

    def _pictures(self, table: ObjectTable) -> list[str]:
        """What is on the pictures: a line for each class."""
        n = len(table.images)
        sizes = {f"{w:.0f} x {h:.0f} px" for w, h in table.sizes.tolist() if w == w and h == h}
        size = f" of {next(iter(sizes))}" if len(sizes) == 1 else ""
        lines = [f"On {n} good {'picture' if n == 1 else 'pictures'}{size} there are:"]
        for name, rows in self._members(table).items():
            if len(rows):
                counts = np.bincount(table.image_index[rows], minlength=n)
                own = identifier(name)
                shown = name if name == own else f'{own} (declared as `object {own} "{name}"`)'
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
        """The ranges of a class's measures, and its texts and labels."""
        found = []
        x0, y0, x1, y1 = (table.columns.get(k) for k in _BOX)
        if isinstance(x0, np.ndarray) and isinstance(x1, np.ndarray):
            found.append(_said("width", (x1 - x0)[rows]))
        if isinstance(y0, np.ndarray) and isinstance(y1, np.ndarray):
            found.append(_said("height", (y1 - y0)[rows]))
        for name, column in table.columns.items():
            if isinstance(column, TextColumn):
                values = sorted({t for t in column.take(rows).texts() if t is not None})
                some = ", ".join(values[:LABELS_MAX]) + (", …" if len(values) > LABELS_MAX else "")
                found += [f"{name}: {some}"] if values else []
            elif column.ndim == 1 and (name in _SHOWN or name not in _OWN):
                found.append(_said(name, column[rows]))
            elif name not in _OWN:
                found.append(f"{name} is measured")
        return [f for f in found if f]


def identifier(name: str) -> str:
    """A name that a spec can use for a class of a table.

    Examples
    --------
    >>> identifier("Push pin"), identifier("2-pin plug"), identifier("frame"), identifier("bolt")
    ('push_pin', '_2_pin_plug', 'frame_', 'bolt')
    """
    if NAME.fullmatch(name) and name not in reserved_words():
        return name
    plain = re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_")[:40] or "thing"
    plain = f"_{plain}" if plain[0].isdigit() else plain
    return f"{plain}_" if plain in reserved_words() else plain


def _said(name: str, values: Floats) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return ""
    unit = _UNITS.get(name, "px" if name in ("width", "height", "length", "thickness") else "")
    return f"{name} {_range(known)} {unit}".rstrip()


def _range(values: np.ndarray[tuple[int], np.dtype[np.int64]] | Floats) -> str:
    low, high = float(np.min(values)), float(np.max(values))
    a, b = f"{low:.4g}", f"{high:.4g}"
    return a if a == b else f"{a} .. {b}"
