"""`PictureFacts`: what a table beside the pictures says of each of them, such as the lot that it belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from logidsl.diagnostics import InputError, did_you_mean

_SHOWN = 3  # names in a message


class PictureFacts:
    """A table with a row for each picture.

    A row is for the picture whose path ends in the row's path, at a component of it; the longest one wins.

    Parameters
    ----------
    source : str
        What messages call the table.
    columns : sequence of str
        Its columns, without the paths.
    rows : iterable of (str, str, mapping of str to str)
        Where each row stands, its path, and its values by column; those that are missing or empty are not known.

    Raises
    ------
    InputError
        If a picture is there twice, with other values.

    Examples
    --------
    >>> facts = PictureFacts("lots.csv", ["lot"], [("line 2", "day1/a.png", {"lot": "L7"})])
    >>> facts.value("pictures/day1/a.png", "lot"), facts.value("pictures/day2/a.png", "lot")
    ('L7', None)
    """

    def __init__(
        self, source: str, columns: Sequence[str], rows: Iterable[tuple[str, str, Mapping[str, str | None]]]
    ) -> None:
        self.source, self.columns = source, tuple(columns)
        self._rows: dict[str, Mapping[str, str | None]] = {}
        self._used: dict[str, str] = {}
        self._without: dict[str, None] = {}
        for place, path, values in rows:
            known = self._rows.setdefault(_plain(path), values)
            if other := next((c for c in self.columns if known.get(c) != values.get(c)), None):
                said = " and ".join(f"`{v}`" if v is not None else "nothing" for v in (known.get(other), values[other]))
                raise InputError(f"{source}, {place}: `{path}` is there twice, with {said} as `{other}`")

    def value(self, path: str, column: str) -> str | None:
        """What is said of a picture; None if nothing is.

        Raises
        ------
        InputError
            If its row is that of another picture, too.
        """
        name = self._used_row(path)
        return None if name is None else self._rows[name].get(column)

    def _used_row(self, path: str) -> str | None:
        parts = os.path.normpath(Path.cwd() / path.replace("\\", "/")).split("/")
        name = next((n for k in range(len(parts)) if (n := "/".join(parts[k:])) in self._rows), None)
        if name is None:
            self._without[path] = None
        elif (other := self._used.setdefault(name, path)) != path:
            raise InputError(
                f"{self.source}: the row of `{name}` fits {other} and {path}; write more of their paths into it"
            )
        return name

    def require(self, wanted: Mapping[str, str]) -> None:
        """See that at least one of some columns is there.

        Parameters
        ----------
        wanted : mapping of str to str
            What each column is for.

        Raises
        ------
        InputError
            If there is none of them.
        """
        if not set(wanted) & set(self.columns):
            name, use = next(iter(wanted.items()))
            found = ", ".join(f"`{c}`" for c in self.columns) or "none"
            hint = did_you_mean(name, self.columns)
            raise InputError(f"{self.source}: expected a column `{name}`, {use}, found {found}{hint}")

    def notes(self) -> list[str]:
        """Which pictures have no row, and which rows have no picture."""
        said = []
        if self._without:
            what = "a picture" if len(self._without) == 1 else f"{len(self._without)} pictures"
            said.append(f"{self.source} has no row for {what}: {_some(list(self._without))}")
        unused = [name for name in self._rows if name not in self._used]
        if unused:
            what = (
                "a row is for a picture that is"
                if len(unused) == 1
                else f"{len(unused)} rows are for pictures that are"
            )
            said.append(f"{self.source}: {what} not among those named: {_some(unused)}")
        return said


def _plain(path: str) -> str:
    path = path.replace("\\", "/")
    return os.path.normpath(Path.cwd() / path if path.startswith("..") else path)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
