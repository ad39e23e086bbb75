"""Scenes made of good ones by changing them: what a spec must tell apart is met from both sides.

Each object is taken away, put there twice, moved, made larger and smaller in many steps, given another class
and other values; pairs of objects change places; and chains of random changes follow, from a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.translation.sets import Scene, Thing, Value
from logidsl import ir
from logidsl.library.color import lab_of_hex

#: Steps of a move, px, and factors of a size or number: from finer than any tolerance to out of the picture.
MOVES = (1.5, 3.5, 6.5, 9, 13, 18, 25, 35, 50, 70, 100, 140, 200, 280, 400)
FACTORS = (0.05, 0.3, 0.5, 0.62, 0.75, 0.83, 0.9, 0.95, 0.98, 1.02, 1.05, 1.1, 1.17, 1.25, 1.4, 1.6, 2.0, 3.0)
ANGLES = (-80, -40, -20, -11, -9, -6, -4, 4, 6, 9, 11, 20, 40, 80)
#: Colours that no spec names.
STRANGE = ("#000000", "#808080", "#7a3fb0")
STRANGER = "something_else"
CHAINS, LENGTH = 200, 4


@dataclass(frozen=True)
class Vocabulary:
    """What objects may be called and hold."""

    classes: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]
    colors: tuple[tuple[float, float, float], ...]
    texts: tuple[str, ...]
    confidences: tuple[float, ...]


def vocabulary(program: ir.Program, scenes: Sequence[Scene], *, strangers: bool = False) -> Vocabulary:
    """The vocabulary of a gold spec and its scenes; with `strangers` also a class that the spec does not name."""
    strange = [lab for h in STRANGE if (lab := lab_of_hex(h)) is not None]
    texts = {v for s in scenes for t in s.things for v in t.values.values() if isinstance(v, str)}
    written = {n.value for n in program.nodes if isinstance(n, ir.Literal_) and isinstance(n.value, str)}
    known = {n for a in program.attributes for n in a.labels}
    limits = [v for d in program.doubtful for v in (d.low - 0.1, (d.low + d.high) / 2, d.high + 0.1)]
    return Vocabulary(
        classes=(*(next(iter(c.aliases), c.name) for c in program.classes), *([STRANGER] if strangers else [])),
        labels={next(iter(a.source), a.name): a.labels for a in program.attributes if a.labels},
        colors=(*(c.lab for c in program.colors), *strange),
        texts=tuple(sorted((texts | written) - known - {c.name for c in program.colors})),
        confidences=tuple(limits),
    )


def mutations(scene: Scene, words: Vocabulary, seed: int = 0) -> list[Scene]:
    """A scene, and scenes that differ from it."""
    single = [scene, *(s for s in _singles(scene, words) if _seen(s))]
    dice = random.Random(seed)
    chains = []
    for _ in range(CHAINS if scene.things else 20):
        made = scene
        for _ in range(dice.randint(2, LENGTH)):
            options = [s for s in _changes(made, words, dice) if _seen(s)]
            made = dice.choice(options) if options else made
        chains.append(made)
    return single + chains


def _seen(scene: Scene) -> bool:
    """Whether every object has its centre in the picture, as what is seen has."""
    boxes = (t.box for t in scene.things)
    return all(0 <= x0 + x1 <= 2 * scene.width and 0 <= y0 + y1 <= 2 * scene.height for x0, y0, x1, y1 in boxes)


def _changes(scene: Scene, words: Vocabulary, dice: random.Random) -> list[Scene]:
    """A few random changes of one object of a scene."""
    if not scene.things:
        return [_with(scene, t) for t in _strangers(scene, words)]
    i = dice.randrange(len(scene.things))
    options = [_put(scene, i, t) for t in _variants(scene.things[i], words)]
    return [dice.choice(options), _without(scene, i), _doubled(scene, i), *_swapped(scene, i, dice)]


def _singles(scene: Scene, words: Vocabulary) -> Iterator[Scene]:
    closely = _telling(scene)
    for i, thing in enumerate(scene.things):
        yield _without(scene, i)
        yield _doubled(scene, i)
        for cls in words.classes:
            if cls != thing.cls:
                yield _put(scene, i, replace(thing, cls=cls))
        if i not in closely:
            continue
        for made in _variants(thing, words):
            yield _put(scene, i, made)
        for j in range(i):
            yield _exchanged(scene, i, j)
            yield _put(scene, i, replace(thing, box=_centred(thing.box, scene.things[j].box)))
    yield from _together(scene, words)
    for cls in words.classes:
        yield replace(scene, things=tuple(t for t in scene.things if t.cls != cls))
    yield replace(scene, things=())
    for stranger in _strangers(scene, words):
        yield _with(scene, stranger)
        yield _with(_with(scene, stranger), _moved(stranger, 37, 11))


def _together(scene: Scene, words: Vocabulary) -> Iterator[Scene]:
    """All objects of a class, and all of the scene, changed in one way."""
    for cls in (None, *words.classes):
        of = [i for i, t in enumerate(scene.things) if cls is None or t.cls == cls]
        if len(of) < 2:
            continue
        for f in FACTORS:
            made = scene
            for i in of:
                made = _put(made, i, _scaled(made.things[i], f, f))
            yield made
        for name in dict.fromkeys(k for i in of for k in scene.things[i].values):
            of_name = [i for i in of if name in scene.things[i].values]
            for other in _values(name, scene.things[of_name[0]].values[name], words):
                made = scene
                for i in of_name:
                    made = _put(made, i, replace(made.things[i], values={**made.things[i].values, name: other}))
                yield made


def _telling(scene: Scene) -> set[int]:
    """The objects that are changed in every way: of each class the first, the second and the last."""
    found: set[int] = set()
    for cls in {t.cls for t in scene.things}:
        of = [i for i, t in enumerate(scene.things) if t.cls == cls]
        found |= {of[0], of[min(1, len(of) - 1)], of[-1]}
    return found


def _strangers(scene: Scene, words: Vocabulary) -> Iterator[Thing]:
    """An object of each class at places where none need be."""
    likely = {t.cls: t for t in scene.things}
    for cls in words.classes:
        like = likely.get(cls)
        width, height = (30.0, 30.0) if like is None else (like.box[2] - like.box[0], like.box[3] - like.box[1])
        for x, y in ((0.5, 0.5), (0.1, 0.9), (0.97, 0.03)):
            middle = (scene.width * x, scene.height * y)
            box = (middle[0] - width / 2, middle[1] - height / 2, middle[0] + width / 2, middle[1] + height / 2)
            yield Thing(cls, box, {} if like is None else like.values)


def _variants(thing: Thing, words: Vocabulary) -> Iterator[Thing]:
    """An object moved, of another size, with other values."""
    for step in MOVES:
        for dx, dy in ((step, 0), (-step, 0), (0, step), (0, -step), (step, step), (-step, -step)):
            yield _moved(thing, dx, dy)
    x0, y0, x1, y1 = thing.box
    for f in FACTORS:
        for fx, fy in ((f, f), (f, 1), (1, f)):
            yield _scaled(thing, fx, fy)
        yield replace(thing, box=(x0, y1 - (y1 - y0) * f, x1, y1))  # a level that rises from the bottom
        yield replace(thing, box=(x0, y0, x1, y0 + (y1 - y0) * f))
    for name, value in thing.values.items():
        for other in _values(name, value, words):
            yield replace(thing, values={**thing.values, name: other})
    for confidence in words.confidences:
        yield replace(thing, values={**thing.values, "confidence": confidence})


def _values(name: str, value: Value, words: Vocabulary) -> Iterator[Value]:
    match value:
        case str() if name in words.labels:
            yield from (v for v in words.labels[name] if v != value)
        case str():
            yield from (v for v in words.texts if v != value)
            yield from ("", "x", value + "0", value[:-1], value.lower(), value.replace("0", "9"))
            if value.isdigit():
                yield from (str(round(int(value) * f)) for f in FACTORS)
        case tuple() if len(value) == 3:
            yield from words.colors
            yield from ((value[0] + d, value[1], value[2]) for d in (-12.0, -4.0, 4.0, 12.0))
        case tuple():
            yield from ((value[0] + dx, value[1] + dy) for dx in (-40, 0, 40) for dy in (-90, -30, 0, 30, 90))
        case float() if name == "angle":
            yield from (value + d for d in ANGLES)
        case _:
            yield from (value * f for f in FACTORS)


def _moved(thing: Thing, dx: float, dy: float) -> Thing:
    x0, y0, x1, y1 = thing.box
    ends: dict[str, Value] = {}
    for name, value in thing.values.items():
        ends[name] = (value[0] + dx, value[1] + dy) if isinstance(value, tuple) and len(value) == 2 else value
    return replace(thing, box=(x0 + dx, y0 + dy, x1 + dx, y1 + dy), values=ends)


def _scaled(thing: Thing, fx: float, fy: float) -> Thing:
    """A thing as many times as wide and high, about its centre."""
    x0, y0, x1, y1 = thing.box
    cx, cy, half_w, half_h = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2
    return replace(thing, box=(cx - half_w * fx, cy - half_h * fy, cx + half_w * fx, cy + half_h * fy))


def _centred(
    box: tuple[float, float, float, float], on: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """A box of the same size with the centre of another."""
    width, height = box[2] - box[0], box[3] - box[1]
    x, y = (on[0] + on[2]) / 2, (on[1] + on[3]) / 2
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _put(scene: Scene, i: int, thing: Thing) -> Scene:
    return replace(scene, things=(*scene.things[:i], thing, *scene.things[i + 1 :]))


def _with(scene: Scene, thing: Thing) -> Scene:
    return replace(scene, things=(*scene.things, thing))


def _without(scene: Scene, i: int) -> Scene:
    return replace(scene, things=(*scene.things[:i], *scene.things[i + 1 :]))


def _doubled(scene: Scene, i: int) -> Scene:
    return _with(scene, _moved(scene.things[i], 3, 2))


def _exchanged(scene: Scene, i: int, j: int) -> Scene:
    one, two = scene.things[i], scene.things[j]
    made = _put(scene, i, replace(one, box=_centred(one.box, two.box)))
    return _put(made, j, replace(two, box=_centred(two.box, one.box)))


def _swapped(scene: Scene, i: int, dice: random.Random) -> list[Scene]:
    others = [j for j in range(len(scene.things)) if j != i]
    return [_exchanged(scene, i, dice.choice(others))] if others else []
