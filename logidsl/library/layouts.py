"""Parts at the places of a reference layout: each on a place of its class.

Every part either exists or may exist, and surely or possibly is of each class. With a limit the possible pairs are
known; a clause is true if all parts and all places can be paired one to one whatever is open, and false if they cannot
in any world: if no pairing has all places, or none has all sure parts. (If one has all places and another all sure
parts, one has both: Mendelsohn and Dulmage, 1958.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from logidsl.library.assignment import least_limit, most_pairs, shortest_pairs
from logidsl.library.declare import builtin
from logidsl.library.tolerance import at_most
from logidsl.library.values import Array, Categorical, Layout, List, Mask, Members, Truth

#: Of pairings that are equally short, that of the parts higher up, then further left.
_RANK_PX = 1e-6


class Misfit(NamedTuple):
    """What is wrong with a part, a place, or both.

    Parameters
    ----------
    kind : str
        `missing`: nothing fills a place. `misplaced`: a part is too far from its place. `exchanged`: a part lies on a
        place of another class. `surplus`: no place is left for a part.
    part : int
        Slot of the member, -1 for none.
    place : int
        Index of the place in the layout, -1 for none.
    name : str
        The class of the part, or of the place if there is no part.
    dx, dy : float
        From the place to the part, px.
    """

    kind: Literal["missing", "misplaced", "exchanged", "surplus"]
    part: int
    place: int
    name: str
    dx: float = 0.0
    dy: float = 0.0


@dataclass(frozen=True)
class Scene:
    """The K parts and P places of one image, and one member of each iteration around.

    Parameters
    ----------
    slots : (K,) int
        Slots of the parts among the members, from the top of the picture, then from the left.
    sure : (K,) bool
        Parts that exist in every world.
    placed : (K,) bool
        Parts with a known centre; none where the places of the layout are unknown.
    dx, dy : (K, P) float
        From each place to each part, px.
    must, can : (K, P) bool
        Whether a part surely, or possibly, is of the class of a place.
    places : (P,) int
        Indices of the places in the layout.
    names : tuple of str
        The class of each place.
    own : tuple of str
        A class of each part.
    """

    slots: npt.NDArray[np.int64]
    sure: Mask
    placed: Mask
    dx: Array
    dy: Array
    must: Mask
    can: Mask
    places: npt.NDArray[np.int64]
    names: tuple[str, ...]
    own: tuple[str, ...]

    @property
    def apart(self) -> Array:
        """(K, P) distances, px."""
        return np.hypot(self.dx, self.dy)

    def holds(self, limit: float) -> bool:
        """Whether everything is in its place in every world."""
        count = len(self.places)
        if len(self.slots) != count or not (self.sure & self.placed).all():
            return False
        return most_pairs(self.must & at_most(self.apart, np.asarray(limit))) == count

    def may_hold(self, limit: float) -> bool:
        """Whether it is in some world; a part without a known place may lie anywhere."""
        fits = self.can & (at_most(self.apart, np.asarray(limit)) | ~self.placed[:, None])
        sure = fits[self.sure]
        return most_pairs(fits.T) == len(self.places) and most_pairs(sure) == len(sure)


def _scenes(m: Members) -> Iterator[tuple[tuple[int, ...], Scene]]:
    """Each image and member of the iterations around, with its parts and places."""
    layout, labels = m.args[0], m.args[2]
    assert isinstance(layout, Layout) and isinstance(labels, List) and isinstance(labels.items, list)
    assert isinstance(m.value, List) and isinstance(m.value.items, list) and m.walked.place is not None
    names = tuple(c.values[0] for c in labels.items if isinstance(c, Categorical))
    kinds = [k for k in m.value.items if isinstance(k, Truth)]
    chosen = np.array([p for p, name in enumerate(layout.classes) if name in names], np.int64)
    classes = tuple(layout.classes[p] for p in chosen)
    column = [names.index(name) for name in classes]
    shape = _shape(m)
    wide = (len(m.maybe), *shape)
    sure, maybe = np.broadcast_to(m.sure, wide), np.broadcast_to(m.maybe, wide)
    must, can = ([np.broadcast_to(getattr(k, side), wide) for k in kinds] for side in ("must", "can"))
    x, y = (np.broadcast_to(v, wide) for v in m.walked.place)
    unplaced = None if m.walked.unplaced is None else np.broadcast_to(m.walked.unplaced > 0, wide)
    at_x, at_y = (np.broadcast_to(_beside(v[chosen], len(shape)), (len(chosen), *shape)) for v in (layout.x, layout.y))
    assert m.walked.ranks is not None
    ranks = np.broadcast_to(m.walked.ranks(), wide)
    lost = None if layout.why is None else np.broadcast_to(layout.why > 0, shape)
    for place in np.ndindex(shape):
        here = (slice(None), *place)
        slots = np.flatnonzero(maybe[here])
        slots = slots[np.argsort(ranks[here][slots], kind="stable")]
        own_must = np.stack([k[here][slots] for k in must], axis=1) if kinds else np.zeros((len(slots), 0), bool)
        own_can = np.stack([k[here][slots] for k in can], axis=1) if kinds else np.zeros((len(slots), 0), bool)
        placed = np.ones(len(slots), bool) if unplaced is None else ~unplaced[here][slots]
        if lost is not None and lost[place]:
            placed[:] = False
        yield (
            place,
            Scene(
                slots,
                sure[here][slots],
                placed,
                x[here][slots][:, None] - at_x[here][None, :],
                y[here][slots][:, None] - at_y[here][None, :],
                own_must[:, column],
                own_can[:, column],
                chosen,
                classes,
                tuple(names[int(row.argmax())] if names else "" for row in own_can),
            ),
        )


def _beside(values: Array, axes: int) -> Array:
    """(P, N) values with empty axes for the iterations around."""
    return values.reshape(len(values), *(1,) * (axes - 1), values.shape[-1])


def _shape(m: Members) -> tuple[int, ...]:
    """The images, after the members of the iterations around."""
    layout, limit = m.args[0], m.number(1)
    assert isinstance(layout, Layout)
    return np.broadcast_shapes(m.maybe.shape[1:], limit.lo.shape, limit.hi.shape, layout.x.shape[1:])


def _margin(m: Members) -> Array:
    shape, limit = _shape(m), m.number(1)
    low, high = np.broadcast_to(limit.lo, shape), np.broadcast_to(limit.hi, shape)
    found = np.full(shape, -1.0)
    for place, scene in _scenes(m):
        true = scene.holds(float(low[place]))
        top = float((low if true else high)[place])
        worst = least_limit(np.append(0.0, scene.apart.ravel()), scene.holds if true else scene.may_hold)
        if worst is not None:
            found[place] = (top - worst) / (top if top > 0 else 1.0)
    return found


def misfits_of(m: Members, *, exchanged: bool = True) -> npt.NDArray[np.object_]:
    """For each image, and member of the iterations around, what is wrong: a tuple of misfits.

    As many parts as possible are on places of their class within the limit, by the least total distance; of the others
    as many as possible on places of other classes within the limit; of the others each with the nearest place of its
    class. What then is left is missing or surplus. Without `exchanged`, parts on places of other classes are misplaced.
    """
    shape, limit = _shape(m), m.number(1)
    high, found = np.broadcast_to(limit.hi, shape), np.full(shape, None, object)
    for place, scene in _scenes(m):
        found[place] = tuple(_misfits(scene, float(high[place]), exchanged))
    return found


def _misfits(scene: Scene, limit: float, exchanged: bool) -> Iterator[Misfit]:
    near = at_most(scene.apart, np.asarray(limit))
    known = scene.placed[:, None]
    parts, places = np.ones(len(scene.slots), bool), np.ones(len(scene.places), bool)
    rounds: tuple[tuple[Literal["", "exchanged", "misplaced"], Mask], ...] = (
        ("", scene.can & (near | ~known)),
        ("exchanged", ~scene.can & near & known & exchanged),
        ("misplaced", scene.can),
    )
    for kind, fits in rounds:
        cost = np.where(known, scene.apart, 0.0) + _RANK_PX * np.arange(len(parts))[:, None]
        pairs = shortest_pairs(cost, fits & parts[:, None] & places[None, :])
        for part in np.flatnonzero(pairs >= 0).tolist():
            place = int(pairs[part])
            parts[part] = places[place] = False
            if kind:
                dx, dy = float(scene.dx[part, place]), float(scene.dy[part, place])
                yield Misfit(kind, int(scene.slots[part]), int(scene.places[place]), scene.own[part], dx, dy)
    for part in np.flatnonzero(parts & scene.sure).tolist():
        yield Misfit("surplus", int(scene.slots[part]), -1, scene.own[part])
    for place in np.flatnonzero(places).tolist():
        yield Misfit("missing", -1, int(scene.places[place]), scene.names[place])


def _wrong(m: Members) -> tuple[Mask]:
    found = np.zeros((len(m.maybe), *_shape(m)), bool)
    every = misfits_of(m)
    for place in np.ndindex(every.shape):
        for misfit in every[place]:
            if misfit.part >= 0:
                found[(misfit.part, *place)] = True
    return (found,)


@builtin(
    "aggregate",
    "placed(S, layout, length) -> truth",
    "placed(bolt | nut, seats, 3 px)",
    brief="Each place of the layout has a part of its class within the length, and none is left over",
    empty="value",
    centres=True,
    pairs=True,
    classed=True,
    margin=_margin,
    misfits=misfits_of,
    witness=_wrong,
    english="the {set} [are|be] one to one at the places of {0} for their class, at most {1} away",
)
def placed(m: Members) -> Truth:
    """Every place of the layout for these classes has a part of its class within the length, and no part is left over;
    the least total distance decides which part belongs to which place.
    """
    shape, limit = _shape(m), m.number(1)
    low, high = np.broadcast_to(limit.lo, shape), np.broadcast_to(limit.hi, shape)
    open_ = np.zeros(shape, bool) if limit.why is None else np.broadcast_to(limit.why > 0, shape)
    must, can = np.zeros(shape, bool), np.zeros(shape, bool)
    for place, scene in _scenes(m):
        top = np.inf if open_[place] else float(high[place])
        must[place] = not open_[place] and scene.holds(float(low[place]))
        can[place] = must[place] or scene.may_hold(top)
    return Truth(must, can)
