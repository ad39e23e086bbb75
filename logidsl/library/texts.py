"""Functions of texts. A kernel takes the distinct texts of a batch and says something of each.

Patterns are those of RE2 (https://github.com/google/re2/wiki/Syntax): matching takes a time linear in the
text, whatever the pattern, and a pattern that needs more memory than `MEMORY` is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

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


@builtin(
    "function",
    "matches(text, pattern) -> truth",
    'matches(left_end.text, "[A-Z]{2}-[0-9]{3}")',
    english="{0} [fits|fit] the pattern {1}",
)
def matches(texts: Sequence[str], pattern: str) -> Mask:
    """Whether the whole text fits a pattern, in the syntax of RE2: `[0-9]+`, `[A-Z]{2}.*`, `(?i)juice`."""
    automaton = compiled(pattern)
    return np.array([automaton.fullmatch(t) is not None for t in texts], bool)


@builtin("function", "number(text) -> count", "number(left_end.text) in 1 .. 3", english="the number read in {0}")
def number(texts: Sequence[str]) -> Array:
    """The number in a text, `12` or `-3.5`; any other text is *not measured*."""
    return np.array([float(t) if _NUMBER.fullmatch(t) else np.nan for t in texts], np.float64)
