"""Reference layouts: where their places lie in a picture, and what is wrong with the parts on them.

The places are given on the axes of what the layout is `of`, else on those of the spec's frame or of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from logidsl import ir
from logidsl.eval import reductions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.gather import At, take
from logidsl.eval.groups import in_picture
from logidsl.eval.reading import axes_of
from logidsl.eval.stretching import unit_shown
from logidsl.library.geometry import Geometry
from logidsl.library.layouts import Misfit
from logidsl.library.values import Ints, Layout, Num, Obj, UndefinedReason, mark
from logidsl.table import BOX
from logidsl.verdicts import Group, Shown

_SAID = 5  # misfits that a finding puts into words

Misfits = Sequence[tuple[Misfit, ...]]


def places(t: EvalState, layout: ir.Layout) -> Layout:
    """The places of a layout on each image."""
    wide = (len(layout.places), t.frame.n)
    x, y = (np.array([[getattr(p, side)] for p in layout.places], float).reshape(-1, 1) for side in ("x", "y"))
    why = None if layout.digest else mark(np.ones(t.frame.n, bool), UndefinedReason.NOT_MEASURED)
    if layout.of is not None:
        axes, why = axes_of(t, t.values[layout.of])
        x, y = axes.outward(x, y)
    return Layout(np.broadcast_to(x, wide), np.broadcast_to(y, wide), tuple(p.name for p in layout.places), why)


def misfits(t: EvalState, node: ir.Node, at: At, *, exchanged: bool = True) -> Misfits | None:
    """What is wrong at some places, for a clause about parts on a layout; None for any other."""
    entry = ir.entry_of(node)
    if not isinstance(node, ir.Aggregate) or entry is None or entry.misfits is None:
        return None
    m = reductions.members_of(t, node)
    return [tuple(found) for found in take(entry.misfits(m, exchanged=exchanged), at)]


def missing(t: EvalState, node: ir.Aggregate, found: Misfits) -> dict[str, Ints]:
    """(f,) how many places are empty, by their class."""
    layout = t.values[node.args[0]]
    assert isinstance(layout, Layout)
    names = dict.fromkeys(layout.classes)
    return {n: np.array([sum(x.kind == "missing" and x.name == n for x in each) for each in found]) for n in names}


def empty_places(t: EvalState, node: ir.Aggregate, found: Misfits, at: At) -> list[Group]:
    """The empty places, a group for each class: the box round each that the centre of a part may lie in."""
    layout, limit = (t.values[a] for a in node.args[:2])
    assert isinstance(layout, Layout) and isinstance(limit, Num)
    reach = take(limit.hi, at)[:, None]
    groups = []
    for name, counts in missing(t, node, found).items():
        if not counts.any():
            continue
        rows = np.full((len(found), int(counts.max())), -1)
        for line, each in zip(rows, found, strict=True):
            mine = [x.place for x in each if x.kind == "missing" and x.name == name]
            line[: len(mine)] = mine
        x, y = (v[np.maximum(rows, 0), at[-1][:, None]] for v in (layout.x, layout.y))
        if layout.why is not None:
            x = np.where((np.broadcast_to(layout.why, (t.frame.n,))[at[-1]] > 0)[:, None], np.nan, x)
        box = in_picture(t, Geometry(x - reach, y - reach, x + reach, y + reach), at)
        columns = dict(zip(BOX, (box.x0, box.y0, box.x1, box.y1), strict=True))
        groups.append(Group("absent", f"layout:{name}", rows, columns, name=name))
    return groups


def said(t: EvalState, node: ir.Aggregate, found: Misfits, at: At, clause: int) -> Shown:
    """What is wrong at each place, in words."""
    assert node.each is not None
    walked = t.values[node.each].rows
    factor, unit = unit_shown(t.program, "length", clause)
    layout = t.values[node.args[0]]
    texts = []
    for place, each in enumerate(found):
        here = [axis[place] for axis in at]
        ids = {x.part: t.frame.prepared.table.ids[row_of(walked, x.part, here)] for x in each if x.part >= 0}
        words = [
            *_exchanged(each, layout, ids),
            *_others(each, ids, factor, "px" if unit in (None, "length") else unit),
        ]
        more = [f"and {len(words) - _SAID} more"] if len(words) > _SAID + 1 else []
        texts.append(", ".join([*words[: _SAID if more else None], *more]) or "nothing")
    return Shown("text", None, texts=tuple(texts))


def row_of(walked: Ints, part: int, here: Sequence[int]) -> int:
    """The row of a member of an iteration, where the others stand `here`."""
    index = here[len(here) - (walked.ndim - 1) :]
    return int(walked[(part, *(i if size > 1 else 0 for i, size in zip(index, walked.shape[1:], strict=True)))])


def by_class(t: EvalState, node: ir.Aggregate, found: Misfits, at: At) -> list[Group]:
    """The witnesses of a clause, a group for each class that the spec names them by."""
    assert node.each is not None
    walk: Obj = t.values[node.each]
    walked, rows = walk.rows, dict[str, list[list[int]]]()
    for k, each in enumerate(found):
        for x in each:
            if x.part >= 0:
                line = rows.setdefault(x.name, [[] for _ in found])
                line[k].append(row_of(walked, x.part, [axis[k] for axis in at]))
    made = []
    for name, lines in rows.items():
        wide = max(map(len, lines))
        filled = np.array([line + [-1] * (wide - len(line)) for line in lines])
        made.append(Group("witness", walk.store, filled, name=name))
    return made


def _exchanged(each: tuple[Misfit, ...], layout: Layout, ids: dict[int, str]) -> list[str]:
    """Parts on places of another class, two at once where each lies on a place of the other's class."""
    left = [x for x in each if x.kind == "exchanged"]
    words = []
    while left:
        one = left.pop(0)
        wanted = layout.classes[one.place]
        other = next((x for x in left if x.name == wanted and layout.classes[x.place] == one.name), None)
        if other is None:
            words.append(f"{one.name} {ids[one.part]} in the place of a {wanted}")
        else:
            left.remove(other)
            words.append(f"{one.name} {ids[one.part]} and {other.name} {ids[other.part]} swapped")
    return words


def _others(each: tuple[Misfit, ...], ids: dict[int, str], factor: float, unit: str) -> list[str]:
    words = []
    for x in each:
        match x.kind:
            case "misplaced":
                ways = ((x.dx, "left", "right"), (x.dy, "up", "down"))
                way = " and ".join(f"{abs(v) * factor:.3g} {back if v < 0 else on}" for v, back, on in ways if v)
                words.append(f"{x.name} {ids[x.part]} off by {np.hypot(x.dx, x.dy) * factor:.3g} {unit} ({way})")
            case "surplus":
                words.append(f"{x.name} {ids[x.part]} surplus")
            case _:
                pass
    empty: dict[str, int] = {}
    for x in each:
        if x.kind == "missing":
            empty[x.name] = empty.get(x.name, 0) + 1
    return words + [f"{count} {name} missing" for name, count in empty.items()]
