"""Sets of objects by class: a kernel takes the classes of a table and those that the spec names, and picks some."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from logidsl.library.declare import builtin


@builtin(
    "function",
    "unlisted() -> set",
    "every unlisted() s: s outside left_end",
    brief="Objects whose class the spec does not name",
    of_pixels=False,
    english="[object|objects] of a class that the spec does not name",
)
def unlisted(found: Iterable[str], named: Collection[str]) -> tuple[str, ...]:
    """The objects whose class the spec does not name, as an object, a set or `blobs`."""
    return tuple(name for name in found if name not in named)
