"""Splicing connectors: two of one type, a cable of the type's colour from a clamp to the same clamp."""

from __future__ import annotations

from benchmarks.defects.scene import Change, Part, Product, Random, Scene, defect, moved

SHADES = {2: "#d9b32a", 3: "#2c4fa3", 5: "#a82a24"}
OTHER_SHADES = {2: "#d2ad30", 3: "#3153a0", 5: "#a5302a"}
PITCH_PX = 90.0
ENDS_PX = (250.0, 1450.0)


def good(rng: Random) -> Scene:
    scene, clamps = Scene(), rng.choice(list(SHADES))
    for x in ENDS_PX:
        connector(scene, x, clamps)
    cable(scene, rng.randrange(clamps), clamps)
    return scene


def level(i: int, clamps: int) -> float:
    """Height of a clamp of a connector, in px."""
    return 425 + (i - (clamps - 1) / 2) * PITCH_PX


def connector(scene: Scene, x: float, clamps: int) -> None:
    """A connector with its clamps, on the side where the cable comes in."""
    scene.put("connector", x, 425, 300, clamps * PITCH_PX + 20)
    inner = x + (110 if x < 850 else -110)
    for i in range(clamps):
        scene.put("slot", inner, level(i, clamps), 80, 70)


def cable(scene: Scene, clamp: int, clamps: int, end: int | None = None, others: int | None = None) -> Part:
    """A cable from a clamp on the left to one on the right, where the connector may have `others` clamps."""
    y0, y1 = level(clamp, clamps), level(clamp if end is None else end, others or clamps)
    left, right = ENDS_PX[0] + 140, ENDS_PX[1] - 140
    height = abs(y1 - y0) + 24
    made = scene.put("cable", (left + right) / 2, (y0 + y1) / 2, right - left, height, color=SHADES[clamps])
    made.values |= {"start": (left, y0), "end": (right, y1)}
    return made


def clamps_of(scene: Scene) -> int:
    """Clamps of the left connector, which the cable fits, or of the right one where only that is there."""
    slots = scene.all("slot")
    return sum(s.center[0] < 850 for s in slots) or len(slots)


def point(part: Part, name: str) -> tuple[float, float]:
    """A measured point of an object."""
    found = part.values[name]
    assert isinstance(found, tuple)
    return found


def used(scene: Scene) -> int:
    """The clamp that the cable begins in."""
    clamps, y = clamps_of(scene), point(scene.one("cable"), "start")[1]
    return min(range(clamps), key=lambda i: abs(level(i, clamps) - y))


def drop_connector(scene: Scene, rng: Random) -> None:
    x = rng.choice(ENDS_PX)
    scene.drop(*(p for p in scene.parts if p.name != "cable" and abs(p.center[0] - x) < 200))


def cut(scene: Scene, rng: Random) -> None:
    """Every cable becomes two pieces with a gap between them."""
    for whole in scene.all("cable"):
        at, gap = rng.uniform(600, 1000), rng.uniform(20, 80)
        left = scene.put("cable", 0, 0, 0, 0, **whole.values)
        right = scene.put("cable", 0, 0, 0, 0, **whole.values)
        left.x0, left.y0, left.x1, left.y1 = whole.x0, whole.y0, at, whole.y1
        right.x0, right.y0, right.x1, right.y1 = at + gap, whole.y0, whole.x1, whole.y1
        left.values["end"], right.values["start"] = (at, whole.center[1]), (at + gap, whole.center[1])
        scene.drop(whole)


def extra(scene: Scene, rng: Random) -> None:
    clamps, taken = clamps_of(scene), used(scene)
    free = rng.choice([i for i in range(clamps) if i != taken])
    cable(scene, free, clamps).values["color"] = scene.one("cable").values["color"]


def other_color(scene: Scene, rng: Random) -> None:
    shade = SHADES[rng.choice([n for n in SHADES if n != clamps_of(scene)])]
    for c in scene.all("cable"):
        c.values["color"] = shade


def other_clamp(scene: Scene, rng: Random) -> None:
    clamps, begin = clamps_of(scene), used(scene)
    color = scene.one("cable").values["color"]
    scene.drop(scene.one("cable"))
    cable(scene, begin, clamps, rng.choice([i for i in range(clamps) if i != begin])).values["color"] = color


def other_type(many: int, few: int) -> Change:
    """Connectors of two types; the cable fits the left one."""

    def change(scene: Scene, rng: Random) -> None:
        scene.parts.clear()
        left, right = rng.sample([many, few], 2)
        connector(scene, ENDS_PX[0], left)
        connector(scene, ENDS_PX[1], right)
        begin = rng.randrange(left)
        cable(scene, begin, left, min(begin, right - 1), right)

    return change


def other_shade(scene: Scene, rng: Random) -> None:
    scene.one("cable").values["color"] = OTHER_SHADES[clamps_of(scene)]


def nearly_out(scene: Scene, rng: Random) -> None:
    """The cable ends 1.4 px before the connector, which still touches it."""
    c = scene.one("cable")
    c.x1 = ENDS_PX[1] - 150 - 1.4


def slanted(scene: Scene, rng: Random) -> None:
    c = scene.one("cable")
    x, y = point(c, "end")
    c.values["end"] = (x, y + PITCH_PX / 3)


PRODUCT = Product(
    "splicing_connectors",
    "splicing_connectors.logic",
    (1700.0, 850.0),
    good,
    (
        defect("missing_connector", "ends place", drop_connector),
        defect("missing_cable", "cable color place", lambda s, r: s.drop(*s.all("cable"))),
        defect("extra_cable", "cable place", extra),
        defect("cable_cut", "cut ends place", cut),
        defect("cable_color", "color type", other_color),
        defect("wrong_cable_location", "place cable cut", other_clamp),
        defect("wrong_connector_type_3_2", "type ends color cable place", other_type(3, 2)),
        defect("wrong_connector_type_5_2", "type ends color cable place", other_type(5, 2)),
        defect("wrong_connector_type_5_3", "type ends color cable place", other_type(5, 3)),
    ),
    {
        "another shade": other_shade,
        "a cable that only just reaches": nearly_out,
        "a cable a little slanted": slanted,
        "all moved": moved(12, -9),
    },
)
