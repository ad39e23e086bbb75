"""What tables of good parts are about: classes, singles, columns, named colours, lists in order.

Everything here is written as the language has it, so that candidates are put together from words.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from logidsl import ir
from logidsl import types as ty
from logidsl.arrays import Floats
from logidsl.library import builtins
from logidsl.library.color import ciede2000
from logidsl.library.signatures import type_named
from logidsl.report.words import hex_of
from logidsl.source import Source
from logidsl.syntax.identifiers import quotable
from logidsl.table import BOX, COUNT, UNREADABLE, ColumnData, ObjectTable, TextColumn
from logidsl.translate.declarations import Declarations, declarations_of

#: More values than this, and a text is not a kind.
KINDS = 8
#: Lists and colours that are tried at most, the longest list, the most members looked at one by one, and how often
#: something must be seen.
_LISTS, _COLORS, _LONGEST, _PLACES, _ENOUGH = 4, 12, 16, 8, 3
_SAME_COLOR = 14.0
#: How many classes that only some parts have are named.
_NOTES = 3
_NAMES = (
    ("black", (5, 0, 0)), ("grey", (50, 0, 0)), ("white", (96, 0, 0)), ("red", (45, 60, 38)),
    ("orange", (65, 38, 60)), ("yellow", (85, 2, 75)), ("green", (50, -45, 35)), ("cyan", (70, -35, -15)),
    ("blue", (35, 15, -55)), ("purple", (38, 45, -45)), ("pink", (72, 38, 2)), ("brown", (35, 18, 28)),
)  # fmt: skip


@dataclass(eq=False)
class Vocabulary:
    """The words of tables, beside those of a spec.

    Parameters
    ----------
    table : ObjectTable
        As the program reads it; afterwards with the names of the draft.
    own : Source, optional
        The spec.
    program : Program, optional
    """

    table: ObjectTable
    own: Source | None = None
    program: ir.Program | None = None
    declared: Declarations = field(init=False)
    classes: list[str] = field(default_factory=list)
    singles: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    dependent: list[str] = field(default_factory=list)
    palette: dict[str, tuple[tuple[float, float, float], float]] = field(default_factory=dict)
    _numbers: dict[str, list[str]] = field(default_factory=dict)
    _renamed: dict[str, str] = field(default_factory=dict)

    #: Grids of the picture that are tried, unless the spec has its own.
    grids: tuple[str, ...] = tuple(f"cells_{r}x{c}" for r in range(1, 5) for c in range(1, 6) if r * c > 1)
    most_listed: int = 40

    def __post_init__(self) -> None:
        self.declared = declarations_of(self.table, self.program)
        classes = {source: name for name, source in self.declared.classes.items()}
        columns = {c.source: name for name, c in self.declared.columns.items()}
        self.table = replace(
            self.table,
            classes=TextColumn(self.table.classes.codes, tuple(classes.get(v, v) for v in self.table.classes.values)),
            columns={columns.get(name, name): data for name, data in self.table.columns.items()},
        )
        known = {*self.declared.classes, *self.declared.declared}
        rows = {
            name: np.flatnonzero(self.table.classes.codes == code)
            for code, name in enumerate(self.table.classes.values)
            if name in known
        }
        self._rows = {name: found for name, found in rows.items() if len(found)}
        self.classes = [*self._rows]
        n = len(self.table.images)
        self._counts = {c: np.bincount(self.table.image_index[self._rows[c]], minlength=n) for c in self.classes}
        single = {c.name for c in self.program.classes if c.single} if self.program is not None else set()
        self.singles = [
            c for c in self.classes if (self._counts[c] == 1).all() and (c in single or c in self.declared.classes)
        ]
        self._name_colors()
        self.sets = list(self.classes)
        for c in self.classes:
            for name, values in self.kinds_of(c).items():
                self.sets += [f"({c} where {name} = {v})" for v in values]
                others = [o for o in self.classes if o != c and c in self.singles]
                self.dependent += [f"({o} where {c}.{name} = {v})" for o in others for v in values]

    # ---- statements -----------------------------------------------------------------------------------

    @property
    def names(self) -> set[str]:
        """The names that rules may not have."""
        found = {*self.classes, *self.declared.columns, *self.palette}
        if self.program is not None:
            p = self.program
            for group in (p.rules, p.classes, p.sets, p.grids, p.regions, p.lets, p.params, p.attributes, p.colors):
                found |= {item.name for item in group}
        return found

    @property
    def has_unlisted(self) -> bool:
        """Whether the spec says what becomes of objects that it does not name."""
        return self.own is not None and "unlisted(" in self.own.text

    def statements(self) -> Source:
        """The spec and all declarations: what candidates build on."""
        own = self.own or Source("draft.logic", "")
        return Source(own.path, "\n".join([own.text, *self.declarations({}, None)]) + "\n")

    def declarations(self, numbers: Mapping[str, str], used: str | None) -> list[str]:
        """The declarations of what the spec does not declare.

        Parameters
        ----------
        numbers : mapping of str to str
            The required number of some classes.
        used : str, optional
            The rules; columns, colours and grids that they do not name are left out.
        """

        def needed(name: str) -> bool:
            return used is None or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", used) is not None

        lines = []
        for c in self.declared.classes:
            counts = self._counts[c]
            number = str(counts[0]) if (counts == counts[0]).all() else numbers.get(c)
            labels = f"    low missing_{c}  high additional_{c}" if number else ""
            lines.append(self.declared.object(c) + (f": {number}{labels}" if number else ""))
        lines += [self.declared.attribute(a, self.classes) for a in self.declared.columns if needed(a)]
        for name, (lab, reach) in self.palette.items():
            if needed(name):
                lines.append(f'color {name} = "{hex_of(lab)}" within {reach:g}')
        for name in filter(needed, self.grids):
            rows, columns = name.removeprefix("cells_").split("x")
            lines.append(f"grid {name} = {rows} rows, {columns} columns")
        return lines

    def notes(self) -> list[str]:
        """What is odd about the tables: classes that only some have, and gaps in columns."""
        found, n = [], len(self.table.images)
        there = {c: int((counts > 0).sum()) for c, counts in self._counts.items()}
        some = sorted((c for c in there if there[c] < n), key=lambda c: -there[c])
        found += [f"`{c}` is on {there[c]} of {n} parts: are all of one product?" for c in some[:_NOTES]]
        if len(some) > _NOTES:
            found.append(f"{len(some) - _NOTES} more of {len(there)} classes are on fewer parts")
        for name, data in self.table.columns.items():
            if name in (COUNT, UNREADABLE):
                continue
            for c, rows in self._rows.items():
                gaps = int((data.codes[rows] < 0).sum() if isinstance(data, TextColumn) else _gaps(data[rows]))
                if 0 < gaps < len(rows):
                    found.append(f"`{name}` of `{c}` lacks {gaps} of {len(rows)} values, so no rule uses it")
        return found

    # ---- columns --------------------------------------------------------------------------------------

    def _own_columns(self, cls: str) -> list[str]:
        """The columns that all objects of a class have values in."""
        rows, found = self._rows[cls], []
        for name, data in self.table.columns.items():
            gaps = (data.codes[rows] < 0).any() if isinstance(data, TextColumn) else _gaps(data[rows]) > 0
            if not gaps and name not in BOX and name not in (COUNT, UNREADABLE):
                found.append(name)
        return found

    def numbers_of(self, cls: str) -> list[str]:
        """The attributes of a class that are numbers: of its box, its colour, and columns with values."""
        if cls not in self._numbers:
            own = self._own_columns(cls)
            found = [n for n, e in builtins("attribute").items() if _is_number(e.result)]
            given = {"box": True, "color": "color" in own}
            entries = builtins("attribute")
            found = [n for n in found if given.get(entries[n].takes, False) or n in own]
            found += [n for n in own if (c := self.declared.columns.get(n)) is not None and _is_number(c.type)]
            self._numbers[cls] = [n for n in found if n not in entries or entries[n].telling]
        return self._numbers[cls]

    def inner_places(self, cls: str) -> range:
        """The places in an order between the first and the last, of a class of which all parts have equally many."""
        number = self._counts[cls]
        return range(2, int(number[0]) if (number == number[0]).all() and number[0] <= _PLACES else 0)

    @property
    def sizes(self) -> set[str]:
        """Attributes of which least, greatest and sum are of interest."""
        entries = builtins("attribute").values()
        extents = {e.name for e in entries if type_named(e.result) in _EXTENTS and not e.coordinate}
        return {*self.declared.columns, *extents}

    def colors_of(self, cls: str) -> list[str]:
        """Columns of colours with values for a class."""
        return [name for name in self._own_columns(cls) if _is_color(self.table.columns[name])]

    def points_of(self, cls: str) -> list[str]:
        """Two columns of points with values for a class, unless they are the corners of its boxes."""
        found = [n for n in self._own_columns(cls) if _is_point(self.table.columns[n])][:2]
        if len(found) < 2 or not all(name in self.table.columns for name in BOX):
            return found if len(found) == 2 else []
        rows = self._rows[cls]
        ends = [np.asarray(self.table.columns[name])[rows] for name in found]
        box = np.column_stack([np.asarray(self.table.columns[name])[rows] for name in BOX])
        return found if not np.allclose(np.hstack(ends), box) else []

    def has_rare_values(self, cls: str, column: str) -> bool:
        """Whether some text was seen only once, so that new parts may well have others (Good and Turing)."""
        return min(Counter(self._words(cls)[column].values()).values()) < 2

    def kinds_of(self, cls: str) -> dict[str, list[str]]:
        """The texts and named colours of a class's columns that many members have, if they are few."""
        found = {}
        for name, words in self._words(cls, whole=False).items():
            often = [w for w, times in Counter(words.values()).items() if times >= max(_ENOUGH, len(words) / 50)]
            if len(set(words.values())) > 1 and len(often) <= KINDS:
                found[name] = sorted(often)
        return found

    def _words(self, cls: str, *, whole: bool = True) -> dict[str, dict[int, str]]:
        """By column of texts or named colours of a class the word of each row, as the language writes it.

        Columns in which some rows have none are left out if `whole`.
        """
        rows, found = self._rows[cls], {}
        for name in self._own_columns(cls):
            data = self.table.columns[name]
            words: list[str | None] = []
            if isinstance(data, TextColumn):
                words = [f'"{v}"' if quotable(v) else None for v in (data.values[c] for c in data.codes[rows])]
            elif _is_color(data):
                words = self._named(data[rows])
            if words and not (whole and None in words):
                found[name] = {int(r): w for r, w in zip(rows, words, strict=True) if w is not None}
        return found

    def values_of(self, cls: str) -> dict[str, list[str]]:
        """The texts and named colours of a class's columns."""
        return {name: sorted(set(words.values())) for name, words in self._words(cls).items()}

    def patterns_of(self, cls: str) -> dict[str, list[str]]:
        """Patterns that all texts of a column fit: by runs of letters and digits."""
        found = {}
        for name in self._own_columns(cls):
            data = self.table.columns[name]
            if isinstance(data, TextColumn):
                values = {data.values[c] for c in data.codes[self._rows[cls]]}
                shapes = {_shape(v) for v in values}
                if len(values) >= _ENOUGH and len(shapes) == 1:
                    found[name] = [*shapes]
        return found

    def lists_of(self, cls: str) -> list[str]:
        """Clauses that a class's values in order are one of a few lists."""
        found = []
        for key, (name, words) in itertools.product(("x", "y"), self._words(cls).items()):
            found += self._listed(f"{name} of {cls} by {key}", key, words)
        return found

    def class_lists(self) -> list[str]:
        """Clauses that classes follow in order, for unions of two classes and of all."""
        found = []
        unions: list[Sequence[str]] = [*itertools.combinations(self.classes, 2)]
        if len(self.classes) > 2:
            unions.append(self.classes)
        for union, key in itertools.product(unions, ("x", "y")):
            words = {int(r): c for c in union for r in self._rows[c]}
            found += self._listed(f"class of {' | '.join(union)} by {key}", key, words)
        return found

    def _listed(self, subject: str, key: str, words: dict[int, str]) -> list[str]:
        """The clause that words in order are one of the lists seen, if there are few."""
        ends = (f"{key}0", f"{key}1")
        if not all(e in self.table.columns for e in ends):
            return []
        middle = self.table.columns[ends[0]] + self.table.columns[ends[1]]  # type: ignore[operator]
        seen: Counter[tuple[str, ...]] = Counter()
        for start, end in itertools.pairwise(self.table.offsets.tolist()):
            rows = sorted((r for r in range(start, end) if r in words), key=lambda r: float(middle[r]))
            seen[tuple(words[r] for r in rows)] += 1
        if (
            len(seen) > _LISTS
            or max(map(len, seen)) > _LONGEST
            or min(seen.values()) < _ENOUGH
            or max(map(len, seen)) < 2
        ):
            return []
        lists = [f"[{', '.join(s)}]" for s in sorted(seen)]
        return [f"[{subject}] = {lists[0]}" if len(lists) == 1 else f"[{subject}] in [{', '.join(lists)}]"]

    def lookups(self) -> list[str]:
        """Clauses by which a text or colour of a single object determines a count, or a text of another."""
        n = len(self.table.images)
        said: dict[str, list[str]] = {f"count({c})": [str(k) for k in self._counts[c]] for c in self.classes}
        keys: dict[str, list[str]] = {}
        for c in self.classes:
            for name, words in self._words(c).items():
                if c in self.singles:
                    keys[f"{c}.{name}"] = [word for _, word in sorted(words.items())]
                    continue
                for value in self.kinds_of(c).get(name, []):
                    rows = [r for r, w in words.items() if w == value]
                    counts = np.bincount(self.table.image_index[rows], minlength=n)
                    said[f"count({c} where {name} = {value})"] = [str(k) for k in counts]
        said |= keys
        found = []
        for key, given in keys.items():
            kinds = Counter(given)
            if not 1 < len(kinds) <= KINDS or min(kinds.values()) < _ENOUGH:
                continue
            for expression, results in said.items():
                pairs = sorted(set(zip(given, results, strict=True)))
                if expression != key and len(pairs) == len(kinds) and len({r for _, r in pairs}) > 1:
                    cases = ", ".join(f"{k} -> {r}" for k, r in pairs)
                    found.append(f"{expression} = match {key} {{ {cases}, else -> none }}")
        return found

    # ---- colours --------------------------------------------------------------------------------------

    def _name_colors(self) -> None:
        """Name the groups of colours that lie within a CIEDE2000 difference of their mean.

        None in a spec that finds objects by named colours: another one would take pixels from them, and so change what
        was measured.
        """
        if self.program is not None and self.program.sees and self.program.colors:
            return
        found = [np.asarray(d) for d in self.table.columns.values() if _is_color(d)]
        colors = [labs[np.isfinite(labs).all(axis=1)] for labs in found]
        groups: list[Floats] = []
        for lab in np.concatenate(colors) if colors else ():
            apart = [float(ciede2000(lab, g.mean(axis=0))) for g in groups]
            if apart and min(apart) <= _SAME_COLOR:
                nearest = int(np.argmin(apart))
                groups[nearest] = np.vstack([groups[nearest], lab])
            else:
                groups.append(lab[None])
        taken = self.names
        for group in sorted(groups, key=len, reverse=True)[:_COLORS]:
            centre = group.mean(axis=0)
            reach = float(ciede2000(group, centre).max())
            near = min(_NAMES, key=lambda n: float(ciede2000(np.array(n[1], np.float64), centre)))[0]
            name = next(n for k in itertools.count(1) if (n := near if k == 1 else f"{near}_{k}") not in taken)
            taken.add(name)
            lightness, a, b = centre.tolist()
            self.palette[name] = ((lightness, a, b), float(np.ceil(reach * 1.3 + 3)))

    def _named(self, labs: Floats) -> list[str | None]:
        """The named colour of each, or None."""
        if not self.palette:
            return [None] * len(labs)
        centres = np.array([lab for lab, _ in self.palette.values()])
        apart = ciede2000(labs[:, None], centres[None])
        best = apart.argmin(axis=1)
        names, reaches = [*self.palette], [reach for _, reach in self.palette.values()]
        return [names[k] if apart[i, k] <= reaches[k] else None for i, k in enumerate(best.tolist())]


#: Types of sizes.
_EXTENTS = [type_named(name) for name in ("length", "length x", "length y", "area")]


def _is_color(data: ColumnData) -> bool:
    return not isinstance(data, TextColumn) and data.ndim == 2 and data.shape[1] == 3


def _is_point(data: ColumnData) -> bool:
    return not isinstance(data, TextColumn) and data.ndim == 2 and data.shape[1] == 2


def _gaps(values: Floats) -> int:
    """How many rows have no value."""
    return int((~np.isfinite(values.reshape(len(values), -1)).all(axis=1)).sum())


def _is_number(type_name: str) -> bool:
    type_ = type_named(type_name) if type_name != "number" else ty.RATIO
    return type_ is not None and type_.kind == ty.LENGTH.kind


def _shape(text: str) -> str:
    """A pattern of a text: each run of digits, capitals and small letters with its length."""
    made = ""
    for run in re.findall(r"[0-9]+|[A-Z]+|[a-z]+|.", text):
        for kind in ("[0-9]", "[A-Z]", "[a-z]"):
            if re.fullmatch(f"{kind}+", run):
                made += kind + (f"{{{len(run)}}}" if len(run) > 1 else "")
                break
        else:
            made += f"[{run}]" if run in ".+*?()|^$" else run
    return made
