"""Colours fitted to pictures: the centre and reach of each.

The class of each object is known from an annotation, or follows from counts: objects are assigned to classes so that
the counts of their picture are met and colours lie near their centres, centres move to the means of their objects, and
so on until nothing changes (k-means with given sizes). A reach ends half-way between the farthest of a colour's own
objects and the nearest object of another class that it would include. Without such an object, it is the one-sided
tolerance bound of its own distances, or half-way to the nearest colour of another class, whichever is greater.
Distances are CIEDE2000, as in the language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.eval import members
from logidsl.fit.intervals import tolerance_factor
from logidsl.fit.limits import replaced, statements
from logidsl.fit.search import FEWEST, Options
from logidsl.fit.truth import Expectation
from logidsl.ir import Program
from logidsl.library.color import ciede2000, lab_of_hex
from logidsl.pipeline import compile_spec
from logidsl.report.words import hex_of
from logidsl.source import Source, Span
from logidsl.syntax import ast
from logidsl.syntax.walk import walk
from logidsl.table import ObjectTable

Floats = npt.NDArray[np.float64]
EVERYTHING = 150  # a reach that takes in all colours
DEFAULT_REACH = 20.0
ROUNDS = 30


@dataclass(frozen=True)
class Objects:
    """Objects to be classified by colour: the picture of each, (n,), and its CIELAB, (n, 3).

    `known` is the index of each object's class in `Palette.classes`, or -1 if only counts are known.
    """

    pictures: npt.NDArray[np.int64]
    labs: Floats
    known: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Palette:
    """The colours of a spec that separate classes.

    Parameters
    ----------
    classes : mapping of str to tuple of str
        For each class or set the colours that its objects have.
    statements : mapping of str to ast.Color
        The statement of each colour.
    """

    classes: Mapping[str, tuple[str, ...]]
    statements: Mapping[str, ast.Color]

    @property
    def names(self) -> list[str]:
        """All colours of the classes, each once."""
        return list(dict.fromkeys(n for names in self.classes.values() for n in names))


@dataclass(frozen=True)
class FittedColor:
    """A colour: its new centre and reach, and the distances of its own and the nearest other objects.

    `separate`: whether all own objects are nearer than those of other classes.
    """

    name: str
    written: str
    reach: float
    count: int
    farthest: float
    nearest_other: float | None
    separate: bool


def palette_of(source: Source) -> Palette:
    """Which classes are selected by which colours: `where color = red`, `where color in [red, dark_red]`.

    Raises
    ------
    InputError
        If no class is selected by a named colour.
    """
    colors = {s.name.name: s for s in statements(source) if isinstance(s, ast.Color)}
    classes: dict[str, tuple[str, ...]] = {}
    for s in statements(source):
        if isinstance(s, ast.Object | ast.Derived):
            below = s.where if isinstance(s, ast.Object) else s.phrase
            names = [n for part in walk(below) for n in _named(part) if n in colors] if below is not None else []
            if names:
                classes[s.name.name] = tuple(dict.fromkeys(names))
    if not classes:
        raise InputError(
            f"{source.path} has no class selected by a named colour: expected `object NAME = SET where color = COLOR`"
        )
    return Palette(classes, colors)


def _named(node: ast.Node) -> Iterable[str]:
    """The colours named by a condition on an object's own colour."""
    match node:
        case ast.Compare(operands=(ast.Ref(name="color"), ast.Ref(name=name)), operators=("=",)):
            return [name]
        case ast.Among(value=ast.Ref(name="color"), options=ast.ListExpr(items=items)):
            return [i.name for i in items if isinstance(i, ast.Ref)]
        case _:
            return []


def with_colors(source: Source, palette: Palette, fitted: Mapping[str, tuple[str | None, float]]) -> Source:
    """A spec with other colours: for each its centre as `#rrggbb`, or None to keep it, and its reach."""
    return replaced(source, [w for n, (c, r) in fitted.items() for w in words_of(palette.statements[n], c, r)])


def words_of(s: ast.Color, centre: str | None, reach: float) -> list[tuple[Span, str]]:
    """The replacements for another centre and reach."""
    words = [] if centre is None else [(s.value.span, f'"{centre}"')]
    if s.reach is not None:
        return [*words, (s.reach.span, f"{reach:g}")]
    end = s.value.span.source.span(s.value.span.end, s.value.span.end)
    return [*words, (end, f" within {reach:g}")]


def objects_of(source: Source, palette: Palette, tables: Sequence[ObjectTable], params: Mapping[str, str]) -> Objects:
    """The objects that would belong to some class by all conditions except colour, from one table per picture."""
    wide = compile_spec(with_colors(source, palette, dict.fromkeys(palette.names, (None, EVERYTHING))), params)
    pictures, labs, known = [], [], []
    for number, table in enumerate(tables):
        inside = members(wide, table)
        annotated = _annotated(wide, palette, table)
        rows = np.flatnonzero(np.any([inside[c][1] for c in palette.classes], axis=0) | (annotated >= 0))
        colors = table.columns.get("color")
        if not isinstance(colors, np.ndarray):
            colors = np.full((len(table), 3), np.nan)
        rows = rows[np.isfinite(colors[rows]).all(axis=1)]
        pictures += [number] * len(rows)
        labs.append(colors[rows])
        known.append(annotated[rows])
    empty = np.zeros((0, 3))
    return Objects(
        np.array(pictures, np.int64), np.concatenate([empty, *labs]), np.concatenate([np.zeros(0, np.int64), *known])
    )


def _annotated(program: Program, palette: Palette, table: ObjectTable) -> npt.NDArray[np.int64]:
    """The class of each row by its name in the source, -1 if not in the palette."""
    aliases = {a: c.name for c in program.classes for a in c.aliases}
    names = list(palette.classes)
    texts = [aliases.get(t, t) if t is not None else "" for t in table.classes.texts()]
    return np.array([names.index(t) if t in names else -1 for t in texts], np.int64)


def fit_colors(
    palette: Palette, objects: Objects, expected: Sequence[Expectation | None], options: Options
) -> tuple[list[FittedColor], list[int]]:
    """Fit the colours of a palette.

    Parameters
    ----------
    palette : Palette
    objects : Objects
    expected : sequence of Expectation, optional
        What is known of each picture; None for one that is left out.
    options : Options

    Returns
    -------
    list of FittedColor
        Those with objects.
    list of int
        Pictures with another number of objects than counted, from which nothing was learned.
    """
    names, classes = palette.names, list(palette.classes)
    centres = np.array([lab_of_hex(palette.statements[n].value.value) for n in names], np.float64)
    of_class = [[names.index(n) for n in palette.classes[c]] for c in classes]
    wanted: dict[int, list[int]] = {}
    odd = []
    for picture, known in enumerate(expected):
        rows = np.flatnonzero(objects.pictures == picture)
        if known is None or (objects.known[rows] >= 0).all():
            continue
        counts = [known.counts.get(c, 0) for c in classes]
        if sum(counts) != len(rows) or not any(c in known.counts for c in classes):
            odd.append(picture)
        else:
            wanted[picture] = counts
    usable = [p for p, known in enumerate(expected) if known is not None and p not in odd]
    used = np.isin(objects.pictures, usable)
    owner = np.where(used, objects.known, -1)
    for _ in range(ROUNDS):
        distances = ciede2000(objects.labs[:, None], centres[None])
        costs = np.stack([distances[:, list(of)].min(axis=1) for of in of_class], axis=1)
        new = owner.copy()
        for picture, counts in wanted.items():
            rows = np.flatnonzero(objects.pictures == picture)
            new[rows] = assigned(costs[rows], counts)
        member = _members(new, distances, of_class)
        moved = np.array(
            [objects.labs[member == k].mean(axis=0) if (member == k).any() else c for k, c in enumerate(centres)]
        )
        settled = (new == owner).all() and np.allclose(moved, centres)
        owner, centres = new, moved
        if settled:
            break
    written = [hex_of((float(c[0]), float(c[1]), float(c[2]))) for c in centres]
    centres = np.array([lab_of_hex(w) for w in written], np.float64)  # as the spec will have them
    distances = ciede2000(objects.labs[:, None], centres[None])
    member = _members(owner, distances, of_class)
    nearest = distances.argmin(axis=1)
    fitted = []
    for k, name in enumerate(names):
        own = distances[member == k, k]
        of = [i for i, ks in enumerate(of_class) if k in ks]
        others = distances[(owner >= 0) & ~np.isin(owner, of) & (nearest == k), k]
        if len(own):
            foreign = [i for i in range(len(names)) if not any(i in of_class[c] for c in of)]
            apart = float(ciede2000(centres[k], centres[foreign]).min()) if foreign else 0.0
            fitted.append(_reach(name, written[k], own, others, apart / 2, options))
    return fitted, odd


def _members(
    owner: npt.NDArray[np.int64], distances: Floats, of_class: Sequence[Sequence[int]]
) -> npt.NDArray[np.int64]:
    """The colour of each object: the nearest of its class's; -1 without a class."""
    member = np.full(len(owner), -1)
    for i, of in enumerate(of_class):
        rows = np.flatnonzero(owner == i)
        member[rows] = np.asarray(of)[distances[rows][:, list(of)].argmin(axis=1)] if len(rows) else member[rows]
    return member


def _reach(name: str, written: str, own: Floats, others: Floats, half_way: float, options: Options) -> FittedColor:
    farthest, nearest = float(own.max()), float(others.min()) if len(others) else None
    separate = nearest is None or nearest > farthest
    if nearest is not None and separate:
        reach = (farthest + nearest) / 2
    elif nearest is not None:  # as few mistakes as can be
        ends = np.unique(np.concatenate([own, others]))
        between = (ends[:-1] + ends[1:]) / 2
        wrong = [(own > r).sum() + (others <= r).sum() for r in between]
        reach = float(between[int(np.argmin(wrong))])
    else:
        factor = tolerance_factor(len(own), options.coverage, options.confidence) if len(own) >= FEWEST else 0.0
        bound = float(own.mean() + factor * own.std(ddof=1)) if factor else DEFAULT_REACH
        reach = min(max(bound, half_way, 1.1 * farthest, 1.0), 100.0)
    return FittedColor(name, written, float(f"{reach:.3g}"), len(own), farthest, nearest, separate)


def assigned(costs: Floats, counts: Sequence[int]) -> npt.NDArray[np.int64]:
    """Assign objects to classes of given sizes at low cost: greedily, then by exchanges that reduce it.

    Parameters
    ----------
    costs : (n, k) float64
        Of giving each object to each class.
    counts : sequence of k int
        How many each class gets; n together.

    Examples
    --------
    >>> assigned(np.array([[0.0, 1.0], [0.1, 5.0], [0.2, 0.3]]), [1, 2]).tolist()
    [1, 0, 1]
    """
    left, owner = list(counts), np.full(len(costs), -1)
    for flat in np.argsort(costs, axis=None, kind="stable"):
        row, k = divmod(int(flat), costs.shape[1])
        if owner[row] < 0 and left[k]:
            owner[row], left[k] = k, left[k] - 1
    while True:
        mine = costs[np.arange(len(costs)), owner]
        # exchanging the classes of two objects saves
        crossed = costs[:, owner]
        saved = mine[:, None] + mine[None] - crossed - crossed.T
        a, b = np.unravel_index(int(saved.argmax()), saved.shape) if len(costs) else (0, 0)
        if not len(costs) or saved[a, b] <= 1e-9:
            return owner
        owner[a], owner[b] = owner[b], owner[a]
