"""What a node evaluates to: arrays over the open axes, images last.

An array of depth d has up to d + 1 dimensions: the newest axis first, the images last, so that what
depends on outer walks only broadcasts against what depends on inner ones. Under doubt a number is an
interval and a truth a pair (must, can); where nothing is in doubt both ends are the same array, and
code may ask so with `is`. `why` holds the reason of an undefined value, 0 where it is defined; None where
all are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.geometry import Axes, Geometry

Array: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Reasons: TypeAlias = npt.NDArray[np.uint8]


class UndefinedReason(IntEnum):
    """Why a value is undefined, or a truth undetermined: the greater the number, the higher its precedence.

    NOTHING is what `else -> none` gives: a comparison with it is false, not undetermined.
    """

    DEFINED = 0
    NOTHING = 1
    DOUBTFUL = 2
    NO_FRAME = 3
    NO_CASE = 4
    WRONG_FORM = 5
    UNKNOWN_LABEL = 6
    OUTSIDE = 7
    NO_PIXELS = 8
    NOT_MEASURED = 9
    DIVISION = 10
    EMPTY = 11
    AMBIGUOUS = 12
    ABSENT = 13
    NOT_GIVEN = 14
    NOT_READ = 15

    @property
    def words(self) -> str:
        """The reason as the reference calls it."""
        said = {
            self.DIVISION: "division by zero",
            self.NOTHING: "none",
            self.OUTSIDE: "outside the picture",
            self.WRONG_FORM: "text of the wrong form",
        }
        return said.get(self, self.name.lower().replace("_", " "))


@dataclass(slots=True, eq=False)
class Num:
    """A number: both ends are the same array where it is exact."""

    lo: Array
    hi: Array
    why: Reasons | None = None

    @property
    def exact(self) -> bool:
        """Whether no end is in doubt."""
        return self.lo is self.hi


@dataclass(slots=True, eq=False)
class Truth:
    """True in every world where `must`, in some where `can`."""

    must: Mask
    can: Mask

    @property
    def exact(self) -> bool:
        """Whether nothing is undetermined."""
        return self.must is self.can


@dataclass(slots=True, eq=False)
class Obj:
    """One row of a store; -1 where there is none.

    Parameters
    ----------
    origin : Set, optional
        Of a walked object the set that it ranges over, whose columns are read once for all its walks.
    members : (sure, maybe), optional
        Of a walked object which slots hold one.
    uncounted : Mask, optional
        Of a walked object which rows stand for any number of objects.
    has_next : Truth, optional
        Of a follower which members have one.
    place, unplaced : optional
        Of a walked object of `paired` or `symmetric` its (x, y), and why it has none.
    shape : (Geometry, reasons), optional
        Of an object whose contacts are read, its shape, and why it has none.
    ranks : callable, optional
        For a listed object, returns an order of its members that is independent of the order of the rows.
    geometry : optional
        The shapes that were read, and why some are undefined; None without boxes.
    columns : dict
        The attributes that were read, by their names.
    """

    store: str
    rows: Ints
    why: Reasons | None = None
    origin: Set | None = None
    members: tuple[Mask, Mask] | None = None
    uncounted: Mask | None = None
    has_next: Truth | None = None
    place: tuple[Any, Any] | None = None
    unplaced: Reasons | None = None
    shape: tuple[Geometry, Reasons | None] | None = None
    ranks: Callable[[], Ints] | None = None
    geometry: tuple[tuple[Geometry, Reasons | None] | None] | None = None
    columns: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Categorical:
    """Texts or labels, as places in `values`; -1 where undefined."""

    codes: Ints
    values: tuple[str, ...]
    why: Reasons | None = None


@dataclass(slots=True, eq=False)
class Lab:
    """A colour in CIELAB, its three numbers on the last axis; `name` where it is a named one.

    `there` says which places hold an object, if not all do. `far` keeps the distances to the named colours, and `found`
    which of them it is.
    """

    lab: Array
    why: Reasons | None = None
    name: str | None = None
    there: Mask | None = None
    far: Array | None = None
    found: Ints | None = None


@dataclass(slots=True, eq=False)
class Point:
    """A point, px."""

    x: Array
    y: Array
    why: Reasons | None = None


@dataclass(slots=True, eq=False)
class Shape:
    """A region."""

    geometry: Geometry
    why: Reasons | None = None


@dataclass(slots=True, eq=False)
class Layout:
    """Places with a class each: (P, N) px, of the N images."""

    x: Array
    y: Array
    classes: tuple[str, ...]
    why: Reasons | None = None


@dataclass(slots=True, eq=False)
class Placing:
    """A frame of reference."""

    axes: Axes
    why: Reasons | None = None


@dataclass(slots=True, eq=False)
class Set:
    """Members of a store on each image: (K, N) rows, and which of them are there surely, or perhaps.

    `columns` are the attributes that were read, and `counts` how many members there may be, (N,). Of the members of
    classes of the table, `part` says of which, and where each is among all rows of these.
    """

    store: str
    rows: Ints
    sure: Mask
    maybe: Mask
    columns: dict[str, Any] = field(default_factory=dict)
    counts: Array | None = None
    part: tuple[tuple[str, ...], Ints] | None = None


@dataclass(slots=True, eq=False)
class List:
    """Values along a first axis, of which the first `size` are there.

    `why` is for the list as a whole (its order is ambiguous); the items have their own. Where
    `doubt`, nothing is open but which members are there, and `sure` says which places are in every world. `rows` are
    the objects that the values were read of, where they were.
    """

    items: Num | Categorical | Lab | list[Value]
    size: Ints
    why: Reasons | None = None
    sure: Mask | None = None
    doubt: Mask | None = None
    rows: Ints | None = None


@dataclass(slots=True, eq=False)
class Members:
    """What an aggregate is made from: members along the first axis, and what is read of each.

    Parameters
    ----------
    sure, maybe : (K, …) Mask
        Which slots hold a member in every world, and in some; one array where nothing is in doubt.
    obj : Obj, optional
        The walked object; None of the places of a list.
    value : optional
        What is read of each member.
    key : Num, optional
        What they are ordered by; `descending` turns the order, `cyclic` runs it round the circle.
    args : sequence
        Further arguments, which do not see the members.
    other : Members, optional
        Those of a second set.
    period_deg : float, optional
        Of values that are angles, after how many degrees they repeat.
    """

    sure: Mask
    maybe: Mask
    obj: Obj | None = None
    value: Value | None = None
    key: Num | None = None
    descending: bool = False
    cyclic: bool = False
    args: Sequence[Value] = ()
    other: Members | None = None
    period_deg: float | None = None

    @property
    def walked(self) -> Obj:
        """The walked object of a set."""
        assert self.obj is not None
        return self.obj

    @property
    def order(self) -> Num:
        """The key of an aggregate that has one."""
        assert self.key is not None
        return self.key

    def number(self, place: int) -> Num:
        """An argument that is a number."""
        found = self.args[place]
        assert isinstance(found, Num)
        return found


Value: TypeAlias = Num | Truth | Obj | Categorical | Lab | Point | Shape | Placing | Layout | Set | List


def exact(values: npt.ArrayLike, why: Reasons | None = None) -> Num:
    """A number without doubt."""
    array = np.asarray(values, np.float64)
    return Num(array, array, why)


def truth(values: Mask, unknown: Mask | None = None) -> Truth:
    """A truth, undetermined where `unknown`."""
    if unknown is None:
        return Truth(values, values)
    return Truth(values & ~unknown, values | unknown)


def first_why(*reasons: Reasons | None) -> Reasons | None:
    """The first reason there is, place by place; that there is nothing only where there is no other."""
    found: Reasons | None = None
    for r in reasons:
        if r is None:
            continue
        if found is None:
            found = r
        else:
            given = (found > 0) & ((found != UndefinedReason.NOTHING) | (r == 0))
            found = np.where(given, found, r)
    return found


def foremost_why(*reasons: Reasons | None) -> Reasons | None:
    """Of the reasons of several values that one is made of, the one of the highest precedence."""
    given = [r for r in reasons if r is not None]
    found = given[0] if given else None
    for r in given[1:]:
        found = r if found is None else np.maximum(found, r)
    return found


def mark(chosen: Mask, why: UndefinedReason) -> Reasons | None:
    """A reason where chosen; None if nothing is."""
    return np.where(chosen, np.uint8(why), np.uint8(0)) if np.count_nonzero(chosen) else None


def decided(must: Mask, can: Mask, *reasons: Reasons | None) -> Truth:
    """A comparison of values with these reasons: undetermined where one is undefined, false where one is nothing."""
    why = first_why(*reasons)
    if why is None:
        return Truth(must, can)
    bad = why > 0
    if not (why == UndefinedReason.NOTHING).any() and not any(
        r is not None and (r == UndefinedReason.NOTHING).any() for r in reasons
    ):
        return Truth(np.asarray(must & ~bad), np.asarray(can | bad))
    given = [r for r in reasons if r is not None]
    bad = np.logical_or.reduce(np.broadcast_arrays(*((r > 0) & (r != UndefinedReason.NOTHING) for r in given)))
    gone = np.logical_or.reduce(np.broadcast_arrays(*(r == UndefinedReason.NOTHING for r in given)))
    return Truth(np.asarray(must & ~bad & ~gone), np.asarray((can & ~gone) | bad))


def weightiest(why: Reasons, there: Mask) -> Reasons:
    """The reason of a row of values along the first axis, of those that are there; of nothing can nothing be made."""
    return np.asarray(no_case(np.where(there, why, 0).max(axis=0, initial=0).astype(np.uint8)), np.uint8)


def no_case(why: Any) -> Any:
    """Reasons with nothing taken as no case, where a value is made of it."""
    return why if why is None else np.where(why == UndefinedReason.NOTHING, np.uint8(UndefinedReason.NO_CASE), why)


def unknown(*reasons: Reasons | None) -> Mask | None:
    """Where any reason stands; None if there is none at all."""
    why = first_why(*reasons)
    return None if why is None else why > 0
