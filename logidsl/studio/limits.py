"""The limits of a spec, how the values they part are spread, and the limits at which marks come out right."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from logidsl import ir
from logidsl.arrays import Floats
from logidsl.describe.numbers import number_text
from logidsl.diagnostics import InputError, SpecError
from logidsl.eval import constants
from logidsl.fit.limits import Limit as FitLimit
from logidsl.fit.limits import statements
from logidsl.fit.search import Search
from logidsl.fit.trials import Case, Trials, Values
from logidsl.fit.truth import Expectation
from logidsl.ir import Program
from logidsl.ir.nodes import Node
from logidsl.library import builtins
from logidsl.object_counts import shown_names
from logidsl.source import Source, Span
from logidsl.spreads import spread
from logidsl.studio.photos import Photo
from logidsl.studio.pictures import pixel_sample, pixel_values
from logidsl.studio.project import Project
from logidsl.studio.spec import Checked, span_of
from logidsl.syntax import ast
from logidsl.table import ObjectTable, concatenate
from logidsl.web.problems import ProblemError

BINS = 40
#: How long a page waits for a plateau, in seconds.
WAIT_S = 1.0
#: Photos whose pixels a histogram of all shows, and pixels of all of them.
MOST_PHOTOS, MOST_PIXELS = 24, 400_000
_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(%|[A-Za-z]+2?)?\s*$")
_UNITS = {"length": "px", "area": "px2", "angle": "deg", "turn": "deg"}


@dataclass(frozen=True)
class Limit:
    """A number that a value is compared with.

    Parameters
    ----------
    span : Span
        The number in the text, without its unit.
    value, unit : float, str
        As written.
    factor : float
        By what the measured value is multiplied to have this unit.
    pixel : str
        The attribute of a pixel; empty if it is one of objects.
    name, column : str
        The class or set, and the attribute of its objects.
    """

    span: Span
    value: float
    unit: str
    factor: float
    pixel: str = ""
    name: str = ""
    column: str = ""

    def document(self) -> dict[str, Any]:
        """As the page has it."""
        about = {"pixel": self.pixel} if self.pixel else {"class": self.name, "column": self.column}
        return {"span": span_of(self.span), "value": self.value, "unit": self.unit, **about}


def limits_of(program: Program, source: Source, size: tuple[float, float]) -> list[Limit]:
    """The limits of a spec on attributes of pixels and of objects, in the order of the text.

    Parameters
    ----------
    program : Program
    source : Source
        Its text.
    size : (width, height)
        Of a picture, px: what a share of it is.
    """
    found: dict[int, Limit] = {}
    narrowed: dict[int, str] = {}
    for group in (program.classes, program.sets):
        for declared in group:
            if declared.where is not None:
                narrowed |= dict.fromkeys(ir.below(program.nodes, [declared.where]), declared.name)
    for number, node in enumerate(program.nodes):
        if not isinstance(node, ir.Call) or node.span.path not in ("", source.path):
            continue
        columns = [i for i in node.args if _column(program, i) is not None]
        if len(columns) != 1 or node.type.kind != "truth":
            continue
        about = _column(program, columns[0])
        assert about is not None
        if number in narrowed and about[1]:
            about = ("", narrowed[number], about[2])
        for i in node.args:
            if i != columns[0] and (made := _limit(program, source, number, i, about, size)) is not None:
                found.setdefault(made.span.start, made)
    return [found[k] for k in sorted(found)]


def _column(program: Program, index: int) -> tuple[str, str, str] | None:
    """Whether a node is an attribute: the attribute of a pixel, or the class and its attribute."""
    node: Node = program.nodes[index]
    while isinstance(node, ir.Call) and len(node.args) == 1:  # its absolute value, say
        node = program.nodes[node.args[0]]
    if not isinstance(node, ir.Column):
        return None
    owner = program.nodes[node.of]
    if isinstance(owner, ir.Name) and owner.thing == "pixel":
        return node.attribute, "", ""
    while isinstance(owner, ir.Binder):
        owner = program.nodes[owner.source]
    named = isinstance(owner, ir.Name) and owner.thing in ("raw", "class", "set")
    return ("", owner.ref, node.attribute) if named and isinstance(owner, ir.Name) else None


def _limit(
    program: Program, source: Source, call: int, index: int, about: tuple[str, str, str], size: tuple[float, float]
) -> Limit | None:
    inner = program.nodes[index]
    while isinstance(inner, ir.Call) and len(inner.args) == 1:
        inner = program.nodes[inner.args[0]]
    span: Span | None = None
    if isinstance(inner, ir.Literal_):
        at = inner.span
        span = source.span(source.offset(at.line, at.column), source.offset(at.end_line, at.end_column))
    elif isinstance(inner, ir.Name) and inner.thing == "param":
        declared = (s for s in statements(source) if isinstance(s, ast.Param) and s.name.name == inner.ref)
        span = next((s.value.span for s in declared if s.value is not None), None)
    said = None if span is None else _NUMBER.match(span.text)
    if span is None or said is None:
        return None
    try:
        (base,) = constants(program, (index,), *size)
    except (InputError, TypeError, ValueError, KeyError, IndexError):
        return None
    if not isinstance(base, float) or not np.isfinite(base):
        return None
    value, unit = float(said[1]), said[2] or _lent(program, call, index)
    factor = value / base if value and base else 1.0
    number = source.span(span.start + said.start(1), span.start + said.end(1))
    pixel, name, column = about
    return Limit(number, value, unit, factor, pixel, name, column)


def _lent(program: Program, call: int, index: int) -> str:
    """The unit that a number without one takes from the other end of its range."""
    node = program.nodes[call]
    for i in node.args if isinstance(node, ir.Call) else ():
        said = _NUMBER.match(program.nodes[i].span.text)
        if i != index and said is not None and said[2]:
            return said[2]
    return ""


def values_document(project: Project) -> dict[str, Any]:
    """What histograms can show."""
    program, source = project.program, project.good.source
    if program is None:
        return {"pixel": list(pixel_values()), "columns": [], "limits": []}
    names = shown_names(program)
    tables = known_tables(project, project.photos[:MOST_PHOTOS])
    numbers = {c for t in tables for c, v in t.columns.items() if isinstance(v, np.ndarray) and v.ndim == 1}
    columns = [{"class": n, "column": c, "unit": unit_of(c)} for n in names for c in sorted(numbers - set("xy"))]
    return {
        "pixel": list(pixel_values()),
        "columns": columns,
        "limits": [limit.document() for limit in limits_of(program, source, size_of(project))],
    }


def size_of(project: Project) -> tuple[float, float]:
    """The size of the photos, px: that of the first one that is known."""
    found = (project.facts.last(p) for p in project.photos)
    return next(((float(f.width), float(f.height)) for f in found if f is not None and f.width), (1000.0, 1000.0))


def unit_of(column: str) -> str:
    """The unit of a column as it is measured; empty for ratios and counts."""
    known = builtins("attribute").get(column)
    return _UNITS.get(known.result.split()[0], "") if known else ""


def known_tables(project: Project, photos: Iterable[Photo]) -> list[ObjectTable]:
    """The tables of photos that are known."""
    found = (project.known_table(project.good, p) for p in photos)
    return [t for t in found if t is not None and t.images]


@dataclass(frozen=True)
class Asked:
    """What a histogram is to show: a value of pixels, or a column of a class; of one photo or of all.

    Parameters
    ----------
    value : str
        The attribute of a pixel; empty for objects.
    name, column : str
        The class or set, and the attribute of its objects.
    photo : Photo, optional
    limit : float, optional
        The value of the limit that is shown, where there are several.
    """

    value: str = ""
    name: str = ""
    column: str = ""
    photo: Photo | None = None
    limit: float | None = None


def histogram(project: Project, plateaus: Plateaus, asked: Asked) -> dict[str, Any]:
    """How a value of pixels, or a column of objects, is spread over one photo or all.

    Raises
    ------
    ProblemError
        If the spec has errors, or there is no such value.
    """
    value, column, photo, limit = asked.value, asked.column, asked.photo, asked.limit
    program = project.good.sound()
    if bool(value) == bool(column) or (value and value not in pixel_values()):
        known = ", ".join(pixel_values())
        raise ProblemError(422, f"expected `value` as one of {known}, or `class` and `column`")
    about = (value, "", "") if value else ("", asked.name, column)
    limits = limits_of(program, project.good.source, size_of(project))
    mine = [x for x in limits if (x.pixel, x.name, x.column) == about]
    nearest = (lambda x: abs(x.value - limit)) if limit is not None else (lambda _: 0.0)
    chosen = min(mine, key=nearest, default=None)
    unit = pixel_values()[value] if value else unit_of(column)
    factor = 100.0 if value and unit == "%" else 1.0
    if chosen is not None:
        unit, factor = chosen.unit, chosen.factor
    photos = [photo] if photo is not None else project.photos
    groups: dict[str, list[Photo]] = {"": photos, "good": [], "bad": []}
    for p in photos if photo is None else ():
        mark = project.state.marks.get(p.id)
        if mark is not None:
            groups["good" if mark["good"] else "bad"].append(p)
    spreads = {g: _values(project, program, about, ps) * factor for g, ps in groups.items()}
    edges = bin_edges(spreads[""])
    counts = {g: np.histogram(v, edges)[0].tolist() for g, v in spreads.items()}
    plateau, pending = (None, False) if chosen is None else plateaus.of(chosen, edges)
    return {
        "edges": edges.tolist(),
        "counts": counts[""],
        "unit": unit,
        "limit": None if chosen is None else chosen.value,
        "span": None if chosen is None else span_of(chosen.span),
        "good": counts["good"] if groups["good"] else None,
        "bad": counts["bad"] if groups["bad"] else None,
        "plateau": plateau,
        "pending": pending,
    }


def bin_edges(values: Floats) -> Floats:
    """The edges of bins: one for each of a few whole numbers, else 40."""
    if not len(values):
        return np.array([0.0, 1.0])
    low, high = float(values.min()), float(values.max())
    if high - low < BINS and bool((values == np.round(values)).all()):
        return np.arange(low, high + 2) - 0.5
    return np.linspace(low, high, BINS + 1) if high > low else np.array([low - 0.5, low + 0.5])


def _values(project: Project, program: Program, about: tuple[str, str, str], photos: Sequence[Photo]) -> Floats:
    value, name, column = about
    if not value:
        tables = known_tables(project, photos)
        if not tables:
            return np.zeros(0)
        found = spread(program, concatenate(tables), f"{name}.{column}" if name else column)
        return np.concatenate(list(found.values.values()))
    some = photos[:: max(1, -(-len(photos) // MOST_PHOTOS))]
    samples = []
    for photo in some:
        try:
            samples.append(pixel_sample(project.pictures.of(photo, program), value, MOST_PIXELS // len(some)))
        except InputError:
            continue  # its message stands on the contact sheet
    return np.concatenate([np.zeros(0), *samples])


class MarkedTrials(Trials):
    """Trials on the photos that are marked; their objects are those of the project where they are known.

    Parameters
    ----------
    project : Project
    limits : sequence of fit's Limit
        What is varied.
    """

    def __init__(self, project: Project, limits: Sequence[FitLimit]) -> None:
        self._project = project
        with project.lock:
            marks = dict(project.state.marks)
        self.photos = [p for p in project.photos if p.id in marks]
        super().__init__(project.good.source, limits, [p.path for p in self.photos], jobs=1)
        self._checked: dict[Values, Checked] = {}
        self.cases = tuple(Case(p.id, i, 0, expectation(marks[p.id])) for i, p in enumerate(self.photos))

    def tables(self, values: Values, which: Iterable[int] | None = None) -> dict[int, ObjectTable]:
        """The objects found in the photos; raises InputError if one cannot be read."""
        if values not in self._checked:
            self._checked[values] = Checked(self.source, self.program(values))
        known = self._known(values)
        for i in range(len(self.inputs)) if which is None else which:
            if i not in known:
                self._keep(known, i, self._project.table(self._checked[values], self.photos[i]))
        return known


def expectation(mark: dict[str, Any]) -> Expectation:
    """What a mark says of a photo."""
    labels = frozenset(mark["labels"]) or None
    return Expectation("pass") if mark["good"] else Expectation("fail", labels)


class Plateaus:
    """The plateaus of limits, worked out beside the page: those of the pixel part look at marked photos many times.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._found: dict[tuple[object, ...], tuple[float, float] | None] = {}
        self._threads = ThreadPoolExecutor(1, "plateaus")
        self._waiting: dict[tuple[object, ...], Future[None]] = {}

    def of(self, limit: Limit, edges: Floats) -> tuple[tuple[float, float] | None, bool]:
        """The limits at which the most marked photos are judged right, and whether they are still worked out.

        None without marks. The page is told once they are known.
        """
        marks = self.project.state.marks
        if not marks:
            return None, False
        ends = min(float(edges[0]), limit.value), max(float(edges[-1]), limit.value)
        key = (self.project.good.judging, limit.span.start, limit.value, ends, repr(sorted(marks.items())))
        if key not in self._found:
            if key not in self._waiting:
                for other in self._waiting.values():
                    other.cancel()
                self._waiting = {key: self._threads.submit(self._work_out, key, limit, ends)}
            with contextlib.suppress(TimeoutError):
                self._waiting[key].result(WAIT_S)
        return self._found.get(key), key not in self._found

    def close(self) -> None:
        """Begin no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _work_out(self, key: tuple[object, ...], limit: Limit, ends: tuple[float, float]) -> None:
        whole = not limit.unit and "." not in limit.span.text
        varied = FitLimit("the limit", limit.value, *ends, limit.unit, whole, limit.span, False)
        try:
            trials = MarkedTrials(self.project, [varied])
            found = Search(trials).sweep(trials.start, 0, range(len(trials.cases))) if trials.cases else None
        except (InputError, SpecError):
            found = None
        while len(self._found) > 50:
            self._found.pop(next(iter(self._found)))
        self._found[key] = None if found is None else (found.low, found.high)
        self.project.announce({"type": "revision", "revision": self.project.revision})


def with_limit(project: Project, span: dict[str, int], value: float) -> str:
    """The text with another number at a place.

    Raises
    ------
    ProblemError
        If there is no number at this place.
    """
    source = project.checked.source
    try:
        start = source.offset(span["line"], span["column"])
        end = source.offset(span["endLine"], span["endColumn"])
    except (IndexError, KeyError):
        raise ProblemError(409, "the limit is no longer at this place: the spec has changed") from None
    said = _NUMBER.match(source.text[start:end])
    if said is None or not np.isfinite(value):
        raise ProblemError(409, "the limit is no longer at this place: the spec has changed")
    words = number_text(value)
    if "." in said[1] and not said[2] and "." not in words:
        words += ".0"  # without a point it would be a count
    return source.text[: start + said.start(1)] + words + source.text[start + said.end(1) :]
