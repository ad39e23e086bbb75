"""Functions of texts. A kernel takes the different values of each argument in a batch, entry by entry, and what is
written in quotes in the spec (a pattern, a system) once.

Patterns are those of RE2 (https://github.com/google/re2/wiki/Syntax): matching takes a time linear in the
text, whatever the pattern, and a pattern that needs more memory than `MEMORY` is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.check_digits import SYSTEMS, is_valid, with_check
from logidsl.library.dates import ISO, date_text, day_of, is_form
from logidsl.library.declare import builtin

if TYPE_CHECKING:
    from typing import Protocol

    class Pattern(Protocol):
        """A compiled pattern."""

        def fullmatch(self, text: str) -> object | None:
            """Whether the whole text fits."""
            ...


Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

#: What the automaton of a pattern may take, bytes.
MEMORY = 1 << 20
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,15}(\.[0-9]{1,15})?\s*", re.ASCII)


def compiled(pattern: str) -> Pattern:
    """An automaton for a pattern.

    Raises
    ------
    ValueError
        If the pattern cannot be read; its text says why.

    Examples
    --------
    >>> bool(compiled("[A-Z]{2}-[0-9]+").fullmatch("AB-12"))
    True
    """
    import re2

    options: Any = re2.Options()
    options.log_errors, options.max_mem = False, MEMORY
    try:
        found: Pattern = re2.compile(pattern, options)
    except re2.error as error:
        why = error.args[0] if error.args else "it cannot be read"
        raise ValueError(why.decode() if isinstance(why, bytes) else str(why)) from None
    return found


def _bad_pattern(text: str | None, pattern: str) -> str:
    try:
        compiled(pattern)
    except ValueError as error:
        return f'invalid pattern `"{pattern}"`: {error}'
    return ""


@builtin(
    "function",
    "matches(text, pattern) -> truth",
    'matches(left_end.text, "[A-Z]{2}-[0-9]{3}")',
    brief="The whole text fits an RE2 pattern",
    english="{0} [fits|fit] the pattern {1}",
    proposed=("{each}matches({a}.{text}, {pattern})",),
    expected='a text that fits "{1}"',
    refuse=_bad_pattern,
    texts=lambda wanted, text, pattern: [pattern, "", "1"],
)
def matches(texts: Sequence[str], pattern: str) -> Mask:
    """Whether the whole text fits a pattern, in the syntax of RE2: `[0-9]+`, `[A-Z]{2}.*`, `(?i)juice`."""
    automaton = compiled(pattern)
    return np.array([automaton.fullmatch(t) is not None for t in texts], bool)


@builtin(
    "function",
    "contains_text(text, text) -> truth",
    "contains_text(left_end.text, right_end.text)",
    brief="The second stands in the first",
    english="{0} [contains|contain] the text {1}",
    expected='a text that contains "{1}"',
    texts=lambda wanted, text, part: [text + part] if wanted else [text.replace(part, "").strip()] if part else [],
)
def contains_text(texts: Sequence[str], parts: Sequence[str]) -> Mask:
    """Whether the second text stands somewhere in the first, letter by letter; an empty one does."""
    return np.array([part in text for text, part in zip(texts, parts, strict=True)], bool)


@builtin(
    "function",
    "number(text) -> count",
    "number(left_end.text) in 1 .. 3",
    brief="The number that the text is",
    english="the number read in {0}",
    texts=lambda wanted, text: [f"{np.ceil(wanted):g}"],
)
def number(texts: Sequence[str]) -> Array:
    """The number in a text, `12` or `-3.5`; any other text is *of the wrong form*."""
    return np.array([float(t) if _NUMBER.fullmatch(t) else np.nan for t in texts], np.float64)


def _bad_places(text: str | None, first: float | None, last: float | None = None) -> str:
    if first is not None and first < 1:
        return "characters are counted from 1"
    return "the last character comes before the first" if first and last is not None and last < first else ""


@builtin(
    "function",
    "characters(text, count, count?) -> text",
    'characters(left_end.text, 3, 6) = "2026"',
    brief="From one place to another, from 1, both included; without the second one character",
    english="character {1}< to {2}> of {0}",
    refuse=_bad_places,
    texts=lambda wanted, text, first, last=None: _spliced(
        wanted, text, int(first), int(first if last is None else last)
    ),
)
def characters(texts: Sequence[str], firsts: Sequence[float], lasts: Sequence[float] | None = None) -> list[str | None]:
    """The characters of a text from one place to another, both counted from 1 and included; one character without the
    second place. A text that ends before is *of the wrong form*.
    """
    return [
        text[int(first) - 1 : int(last)] if 1 <= first <= last <= len(text) else None
        for text, first, last in zip(texts, firsts, firsts if lasts is None else lasts, strict=True)
    ]


def _spliced(wanted: str, text: str, first: int, last: int) -> list[str]:
    return (
        [text[: first - 1] + wanted + text[last:]] if len(wanted) == last - first + 1 and first - 1 <= len(text) else []
    )


def _bad_system(text: str | None, system: str) -> str:
    return "" if system in SYSTEMS else f'unknown system `"{system}"`; expected {", ".join(SYSTEMS)}'


@builtin(
    "function",
    "valid(text, system) -> truth",
    'valid(left_end.text, "ean13")',
    brief="Check digits: ean8, ean13, gtin, sscc, luhn, mod97, mod11-2, mod37-2, mod11,10, mod37,36",
    english="the check digits of {0} [are|be] right by the system {1}",
    expected="right check digits ({1})",
    refuse=_bad_system,
    texts=lambda wanted, text, system: with_check(text, system) if wanted else [],
)
def valid(texts: Sequence[str], system: str) -> Mask:
    """Whether the check digits at the end of a text are right. The systems are `ean8`, `ean13`, `gtin` (8, 12, 13 or 14
    digits) and `sscc` of GS1, `luhn`, and of ISO 7064 `mod97` (MOD 97-10), `mod11-2`, `mod37-2`, `mod11,10` and
    `mod37,36`. Spaces and hyphens are ignored; letters are capital.
    """
    return np.array([is_valid(t, system) for t in texts], bool)


def _bad_form(text: str | None, form: str = ISO) -> str:
    if not is_form(form):
        return f'invalid form `"{form}"`: expected YYYY or YY, MM, and optionally DD, such as DD.MM.YYYY'
    if text is not None and np.isnan(day_of(text, form)):
        return f'`"{text}"` is not a date of the form {form}'
    return ""


@builtin(
    "function",
    "date_of(text, form?) -> date",
    'date_of(left_end.text, "DD.MM.YYYY") >= date_of("2026-11-30")',
    brief="The form is of YYYY, YY, MM, DD and other characters; YYYY-MM-DD without one",
    english="the date in {0}< in the form {1}>",
    refuse=_bad_form,
    texts=lambda wanted, text, form=ISO: [date_text(wanted, form)],
)
def date_of(texts: Sequence[str], form: str = ISO) -> Array:
    """The date that the whole text gives, in a form of YYYY or YY (from 2000 on), MM, DD and other characters;
    YYYY-MM-DD without one. Without DD it is the first of the month. Any other text is *of the wrong form*.
    """
    return np.array([day_of(t, form) for t in texts], np.float64)
