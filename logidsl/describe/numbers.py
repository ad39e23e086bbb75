"""Numbers with their units, exactly: the shortest decimal that parses to the value."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from logidsl import ir
from logidsl.library.dates import date_text
from logidsl.types import MM_PER, Type

_UNITS = {"length": " px", "area": " px2", "angle": " deg", "days": " days"}


def decimal(value: float, factor: float = 1.0) -> str:
    """The shortest decimal that gives the value when multiplied by the factor.

    Parameters
    ----------
    value : float
        In base units.
    factor : float
        Base units in one of the unit to write in.

    Examples
    --------
    >>> decimal(543.0), decimal(0.07, 0.01), decimal(300.0, 12.5), decimal(1e-7)
    ('543', '7', '24', '0.0000001')
    """
    return _shortest(value / factor, lambda v: v * factor == value or (factor != 1.0 and v / (1 / factor) == value))


def _shortest(value: float, is_same: Callable[[float], bool]) -> str:
    """The decimal with the fewest digits that is the same."""
    for digits in range(1, 18):
        text = f"{value:.{digits}g}"
        if is_same(float(text)):
            break
    plain = format(Decimal(text), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def number_text(value: float) -> str:
    """A number as the language takes it: with at most six digits after the point.

    Examples
    --------
    >>> number_text(12.50000004), number_text(-1e-9)
    ('12.5', '0')
    """
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def figure(value: float, type_: Type) -> str:
    """A number in base units.

    Examples
    --------
    >>> from logidsl import types as ty
    >>> figure(20.0, ty.LENGTH), figure(0.5, ty.PERCENT)
    ('20 px', '50 %')
    """
    if type_.dim == "percent":
        return percent(value)
    if type_.dim == "date":
        return date_text(value)
    return decimal(value) + _UNITS.get(str(type_.dim), "")


def percent(share: float) -> str:
    """A share.

    Examples
    --------
    >>> percent(0.07), percent(0.625)
    ('7 %', '62.5 %')
    """
    return f"{decimal(share, 0.01)} %"


def in_unit(value: float, type_: Type, unit: str, scale: ir.Scale | None) -> str:
    """A number in the unit that it was declared in.

    Parameters
    ----------
    value : float
        In base units.
    type_ : Type
        Its type.
    unit : str
        `px`, `mm2`, `%`, … or empty.
    scale : Scale, optional
        Needed by units of mm; base units are the px along x.

    Examples
    --------
    >>> from logidsl import types as ty
    >>> in_unit(300.0, ty.LENGTH, "mm", ir.Scale(mm_per_px_x=0.08, mm_per_px_y=0.08))
    '24 mm'
    """
    base = unit.removesuffix("2")
    if unit == "%":
        return percent(value)
    if scale is None:
        return figure(value, type_)
    if base not in MM_PER:
        return figure(value / scale.stretch if unit == "px2" else value, type_)
    if base == unit:
        return f"{_scaled(value, MM_PER[base], scale.mm_per_px_x)} {unit}"
    return f"{_scaled(value, MM_PER[base] * MM_PER[base], scale.mm_per_px_x * scale.mm_per_px_x)} {unit}"


def _scaled(value: float, mm: float, per_px: float) -> str:
    """The shortest decimal that the checker converts to the value."""
    return _shortest(value * per_px / mm, lambda v: v * mm / per_px == value)
