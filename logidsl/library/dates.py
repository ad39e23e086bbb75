"""Dates as whole days, counted from 1 January of the year 1, and the forms in which texts give them."""

from __future__ import annotations

import math
import re
from datetime import date
from functools import cache

ISO = "YYYY-MM-DD"
_FIELDS = {"YYYY": "(?P<year>[0-9]{4})", "YY": "(?P<short>[0-9]{2})", "MM": "(?P<month>[0-9]{2})"}
_FIELDS |= {"DD": "(?P<day>[0-9]{2})"}
_FIELD = re.compile("YYYY|YY|MM|DD")


@cache
def _pattern(form: str) -> re.Pattern[str]:
    parts, at = [], 0
    for found in _FIELD.finditer(form):
        parts += [re.escape(form[at : found.start()]), _FIELDS[found[0]]]
        at = found.end()
    return re.compile(rf"\s*{''.join(parts)}{re.escape(form[at:])}\s*", re.ASCII)


def is_form(form: str) -> bool:
    """Whether a form has a year and a month, and each field once."""
    found = [f[:2] for f in _FIELD.findall(form)]
    return len(found) == len({*found}) and {"YY", "MM"} <= {*found}


def day_of(text: str, form: str) -> float:
    """The day that a text gives; NaN if it has another form, or there is no such day.

    A year of two digits is one from 2000 on; without a day it is the first of the month.

    Examples
    --------
    >>> day_of("30.11.2026", "DD.MM.YYYY") - day_of("11/26", "MM/YY"), day_of("31.02.2026", "DD.MM.YYYY")
    (29.0, nan)
    """
    found = _pattern(form).fullmatch(text)
    if found is None:
        return math.nan
    given = found.groupdict()
    year = int(given["year"]) if "year" in given else 2000 + int(given["short"])
    try:
        return float(date(year, int(given["month"]), int(given.get("day", 1))).toordinal())
    except ValueError:
        return math.nan


def date_text(day: float, form: str = ISO) -> str:
    """A day in a form; as a number where there is no such date.

    Examples
    --------
    >>> date_text(day_of("2026-11-30", "YYYY-MM-DD"), "DD.MM.YY")
    '30.11.26'
    """
    try:
        found = date.fromordinal(math.floor(day))
    except (ValueError, OverflowError):
        return f"day {day:.15g}"
    year = f"{found.year:04}"
    said = {"YYYY": year, "YY": year[2:], "MM": f"{found.month:02}", "DD": f"{found.day:02}"}
    return _FIELD.sub(lambda f: said[f[0]], form)
