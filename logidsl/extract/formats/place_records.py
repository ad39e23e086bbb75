"""Values of places as plain values, as in tables in JSON and CSV: `places` of a picture.

May import `table`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from logidsl.extract.notes import Notes
from logidsl.extract.records import rings_of
from logidsl.extract.values import empty_as_none, numbers
from logidsl.table import PlaceValue

#: Name of the values of places of a picture, in a table.
PLACES = "places"


def to_plain(places: Sequence[PlaceValue]) -> list[dict[str, object]]:
    """The values of places, as `from_plain` takes them back."""
    found: list[dict[str, object]] = []
    for place in places:
        item: dict[str, object] = {"of": place.words, "measure": place.measure}
        item |= {"lack": place.lack} if place.lack else {"value": list(place.value)}
        found.append({**item, "outline": [r.tolist() for r in place.rings]})
    return found


def from_plain(value: object, picture: str, notes: Notes) -> list[PlaceValue]:
    """The values of places in a table for a picture; unreadable ones are noted and dropped.

    Parameters
    ----------
    value : object
        A list as `to_plain` makes it, its JSON text, or nothing.
    picture : str
        What notes call the picture.
    notes : Notes
        Takes the notes.
    """
    if isinstance(value, str) and empty_as_none(value) is not None:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = [value]
    found = []
    for place, item in enumerate(value if isinstance(value, list) else (), 1):
        known = _place(item, f"{PLACES} {place} of {picture}", notes)
        if known is None:
            notes.each(" cannot be read: expected what `logidsl table` writes", f"place {place} of {picture}", "")
        else:
            found.append(known)
    return found


def _place(item: object, where: str, notes: Notes) -> PlaceValue | None:
    if not isinstance(item, dict) or not isinstance(measure := item.get("measure"), str):
        return None
    rings = rings_of(item.get("outline"), where, notes)
    if (lack := item.get("lack")) in ("outside", "empty", "unaligned"):
        return PlaceValue(measure, tuple(rings), lack=lack, words=str(item.get("of", "")))
    values = numbers(item.get("value"), 3 if measure == "color" else 2)
    if not rings or values is None or not all(map(math.isfinite, values)):
        return None
    return PlaceValue(measure, tuple(rings), tuple(values), words=str(item.get("of", "")))
