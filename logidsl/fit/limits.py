"""What can be fitted: parameters with bounds, and literal numbers in a spec.

Owns `Limit`: a number in its unit with its bounds and its position in the text. Values are in the spec's unit, so that
what is shown can be written there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from logidsl.describe.numbers import number_text
from logidsl.diagnostics import InputError, did_you_mean
from logidsl.source import Source, Span
from logidsl.syntax import ast
from logidsl.syntax.read import read
from logidsl.syntax.walk import flattened, walk
from logidsl.types import MM_PER

MOST_DIGITS = 6  # after the point: what `-P` takes
_WORDS = 48  # characters of a condition that are shown


@dataclass(frozen=True)
class Limit:
    """A number that may be set.

    Parameters
    ----------
    name : str
        The parameter's name; of a number as it stands, where it is: `area >= _ (line 3)`.
    value, low, high : float
        As written, and its bounds, in `unit`.
    unit : str
        `%`, `px`, and so on; empty for a number without.
    whole : bool
        Whether only whole numbers mean anything.
    span : Span
        The words of the value.
    param : bool
        Whether it is a parameter, which is set from outside; else its words are replaced.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    whole: bool
    span: Span
    param: bool = True

    def written(self, value: float) -> str:
        """A value as the spec would have it.

        Examples
        --------
        >>> from logidsl.source import NOWHERE
        >>> Limit("lim", 12, 5, 20, "%", False, NOWHERE).written(13.25)
        '13.25 %'
        """
        text = number_text(value)
        if not self.whole and not self.unit and "." not in text:
            text += ".0"  # without a point it would be a count
        return f"{text}{' ' * bool(self.unit)}{self.unit}"

    def words(self, value: float) -> str:
        """A value formatted to replace the number, without a unit if the number has none."""
        text = self.written(value)
        return text if self.unit in self.span.text else text.removesuffix(self.unit).strip()

    def shown(self, value: float) -> str:
        """A value for people, in four digits."""
        return self.written(float(f"{value:.4g}"))

    def clipped(self, value: float) -> float:
        """The nearest value within the bounds."""
        return min(max(value, self.low), self.high)


def params_of(source: Source, fixed: Sequence[str] = (), only: Sequence[str] = ()) -> tuple[list[Limit], list[str]]:
    """The parameters of a spec with bounds, and notes on those without.

    Parameters
    ----------
    source : Source
        A spec without mistakes.
    fixed : sequence of str
        Parameters that are set from outside, which are not fitted.
    only : sequence of str
        The parameters to fit; all where it is empty.

    Raises
    ------
    InputError
        If nothing can be fitted, or one that is asked for has no bounds.
    """
    found = {s.name.name: s for s in statements(source) if isinstance(s, ast.Param)}
    for name in only:
        if name not in found:
            known = ", ".join(f"`{k}`" for k in found) or "none"
            raise InputError(
                f"{source.path}: unknown parameter `{name}`: expected one of {known}" + did_you_mean(name, found)
            )
        if name in fixed:
            raise InputError(f"`{name}` cannot be fitted and set by -P at once")
    limits, notes = list[Limit](), list[str]()
    for name, s in found.items():
        if name in fixed or (only and name not in only) or s.value is None or _amount(s.value)[0] is None:
            continue
        if s.bounds is None:
            words = f"`{name}` has no bounds: write `param {name} = {s.value.span.text} in LOW .. HIGH`"
            if name in only:
                raise InputError(f"{source.path}:{s.span.line}: {words}")
            notes.append(f"{words} to have it fitted")
        else:
            limits.append(_limit(s, s.value))
    if not limits:
        raise InputError(
            f"{source.path} has no parameter with bounds to fit: "
            + (notes[0].partition(": ")[2] if notes else "write `param NAME = VALUE in LOW .. HIGH`, or --every-number")
        )
    return limits, notes


def numbers_of(source: Source, fixed: Sequence[str] = (), only: Sequence[str] = ()) -> tuple[list[Limit], list[str]]:
    """The parameters with bounds, and every number with a unit or a decimal point in conditions, steps and rules, from
    half to twice its value.

    Counts, places, scales, colours and tests are left alone.
    """
    try:
        limits, notes = params_of(source, fixed, only)
    except InputError:
        if only:
            raise
        limits, notes = [], []
    found: dict[int, tuple[ast.Number | ast.Quantity, str, Span]] = {}
    for s in statements(source):
        for part in _conditions(s):
            for inner in walk(part):
                if not isinstance(inner, ast.Compare | ast.Among | ast.Relation | ast.CallExpr):
                    continue
                lent = {e.span.start: u for r in walk(inner) if isinstance(r, ast.RangeExpr) for e, u in _lent(r)}
                for number in walk(inner):  # what is nearer replaces what is farther
                    if isinstance(number, ast.Number | ast.Quantity):
                        unit = _amount(number)[1] or lent.get(number.span.start, "")
                        found[number.span.start] = (number, unit, inner.span)
    for number, unit, around in found.values():
        value = float(number.text)
        if value and (unit or "." in number.text):
            high = min(2 * value, max(100.0, value)) if unit == "%" else 2 * value
            limits.append(Limit(_words(number, around), value, value / 2, high, unit, False, number.span, False))
    if not limits:
        raise InputError(f"{source.path} has no number to fit: expected one with a unit or a point in a condition")
    return limits, notes


def _conditions(s: ast.Statement) -> Iterator[ast.Node]:
    """Where a statement sets limits."""
    match s:
        case ast.Object(where=where) if where is not None:
            yield where
        case ast.Derived(phrase=phrase):
            yield phrase
        case ast.Blobs(where=where, steps=steps):
            yield from (where, *steps)
        case ast.Rule(body=body):
            yield body
        case ast.Let(value=value):
            yield value
        case _:
            return


def _lent(ends: ast.RangeExpr) -> Iterator[tuple[ast.Expr, str]]:
    """The ends of a range that take the other's unit, and that unit."""
    for end, other in ((ends.low, ends.high), (ends.high, ends.low)):
        unit = _amount(other)[1]
        if unit and not _amount(end)[1]:
            yield end, unit


def _words(number: ast.Number | ast.Quantity, around: Span) -> str:
    """The name of a literal number: its condition with a gap in its place, and the line."""
    text = around.source.text
    words = " ".join(f"{text[around.start : number.span.start]}_{text[number.span.end : around.end]}".split())
    at = words.index("_")
    if len(words) > _WORDS:
        words = f"{'...' * (at > 20)}{words[max(0, at - 20) : at + 20]}{'...' * (len(words) > at + 20)}"
    return f"{words} (line {number.span.line})"


def statements(source: Source) -> Iterator[ast.Statement]:
    """The statements of a spec, including those inside variants."""
    return flattened(read(source)[0].statements)


def _limit(s: ast.Param, start: ast.Expr) -> Limit:
    assert s.bounds is not None
    parts = (start, s.bounds.low, s.bounds.high)
    (value, unit), (low, low_unit), (high, high_unit) = map(_amount, parts)
    assert value is not None and low is not None and high is not None
    ends = [low * _scale(low_unit or high_unit or unit, unit), high * _scale(high_unit or low_unit or unit, unit)]
    whole = not unit and not any("." in part.span.text for part in parts)
    return Limit(s.name.name, value, min(ends), max(ends), unit, whole, start.span)


def _scale(unit: str, other: str) -> float:
    """The factor from one unit to another of its kind."""
    if unit == other:
        return 1.0
    if not unit or not other:  # a share may be written without its %
        return {("", "%"): 100.0, ("%", ""): 0.01}.get((unit, other), 1.0)
    power = 2 if unit.endswith("2") else 1
    return float((MM_PER[unit.rstrip("2")] / MM_PER[other.rstrip("2")]) ** power)


def _amount(expr: ast.Expr) -> tuple[float | None, str]:
    """A number as it is written, and its unit; None for anything else."""
    match expr:
        case ast.Number(text=text):
            return float(text), ""
        case ast.Quantity(text=text, unit=unit):
            return float(text), unit
        case ast.Negate(part=part):
            value, unit = _amount(part)
            return None if value is None else -value, unit
        case _:
            return None, ""


def replaced(source: Source, words: Sequence[tuple[Span, str]]) -> Source:
    """A text with some ranges replaced."""
    text, end = "", 0
    for span, new in sorted(words, key=lambda w: w[0].start):
        text, end = text + source.text[end : span.start] + new, span.end
    return Source(source.path, text + source.text[end:])


def rounded(low: float, high: float, value: float, whole: bool = False) -> float:
    """The number with the fewest digits near a value, at most a tenth of the way to the nearer end.

    Examples
    --------
    >>> rounded(11.21, 15.83, 13.52), rounded(0.0, 1.0, 0.347), rounded(2, 5, 3.5, whole=True)
    (13.5, 0.35, 4.0)
    """
    if whole:
        return float(math.floor(value + 0.5)) if low <= math.floor(value + 0.5) <= high else float(math.floor(value))
    most = 0.1 * min(value - low, high - value)
    for digits in range(MOST_DIGITS):
        near = round(value, digits)
        if abs(near - value) <= most:
            return near
    return round(value, MOST_DIGITS)
