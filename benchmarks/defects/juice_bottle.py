"""Juice bottles: fill, two labels, a fruit on the upper one."""

from __future__ import annotations

from benchmarks.defects.scene import Product, Random, Scene, away, defect

SHADES = {"cherry": "#8c2a1e", "orange": "#e08a2c", "banana": "#cfc9a8"}
OTHER_SHADES = {"cherry": "#93301f", "orange": "#d98630", "banana": "#c6c0a4"}


def good(rng: Random) -> Scene:
    scene, kind = Scene(), rng.choice(list(SHADES))
    x, height = 400 + rng.uniform(-20, 20), 1400.0
    bottle = scene.put("bottle", x, 850 + rng.uniform(-30, 30), 400, height)
    scene.put("juice", x, 0, 380, 10, color=SHADES[kind])
    fill(scene, rng.uniform(0.64, 0.68))
    for name, share, size in (("fruit_label", 0.55, (303, 344)), ("text_label", 0.82, (330, 255))):
        scene.put(name, x + rng.uniform(-8, 8), bottle.y0 + share * height + rng.uniform(-8, 8), *size)
    label = scene.one("fruit_label")
    scene.put("fruit_icon", label.center[0] + rng.uniform(-6, 6), label.center[1], 109, 94, kind=kind)
    return scene


def fill(scene: Scene, share: float) -> None:
    """Fill to a share of the bottle's height."""
    bottle, juice = scene.one("bottle"), scene.one("juice")
    juice.y1 = bottle.y1
    juice.y0 = bottle.y1 - share * bottle.height


def move_label(scene: Scene, name: str, dx: float, dy: float) -> None:
    """The icon is printed on its label."""
    scene.one(name).move(dx, dy)
    for icon in scene.all("fruit_icon") if name == "fruit_label" else []:
        icon.move(dx, dy)


def drop_top_label(scene: Scene, rng: Random) -> None:
    scene.drop(scene.one("fruit_label"), scene.one("fruit_icon"))


def swap(scene: Scene, rng: Random) -> None:
    step = scene.one("text_label").center[1] - scene.one("fruit_label").center[1]
    move_label(scene, "fruit_label", 0, step)
    move_label(scene, "text_label", 0, -step)


def other_fruit(scene: Scene, rng: Random) -> None:
    icon = scene.one("fruit_icon")
    icon.values["kind"] = rng.choice([k for k in SHADES if k != icon.values["kind"]])


def other_shade(scene: Scene, rng: Random) -> None:
    scene.one("juice").values["color"] = OTHER_SHADES[str(scene.one("fruit_icon").values["kind"])]


PRODUCT = Product(
    "juice_bottle",
    "juice_bottle.logic",
    (800.0, 1600.0),
    good,
    (
        defect("missing_top_label", "top icon", drop_top_label),
        defect("missing_bottom_label", "bottom", lambda s, r: s.drop(s.one("text_label"))),
        defect("empty_bottle", "juice color", lambda s, r: s.drop(s.one("juice"))),
        defect("missing_fruit_icon", "icon", lambda s, r: s.drop(s.one("fruit_icon"))),
        defect("swapped_labels", "top bottom", swap),
        defect("misplaced_label_top", "top", lambda s, r: move_label(s, "fruit_label", *away(r, 45, 100))),
        defect("misplaced_label_bottom", "bottom", lambda s, r: move_label(s, "text_label", *away(r, 45, 100))),
        defect("misplaced_fruit_icon", "icon", lambda s, r: s.one("fruit_icon").move(*away(r, 30, 70))),
        defect("wrong_fill_level_not_enough", "juice", lambda s, r: fill(s, r.uniform(0.2, 0.61))),
        defect("wrong_fill_level_too_much", "juice", lambda s, r: fill(s, r.uniform(0.71, 0.76))),
        defect("wrong_juice_type", "icon color", other_fruit),
    ),
    {
        "filled nearly too little": lambda s, r: fill(s, 0.621),
        "filled nearly too much": lambda s, r: fill(s, 0.699),
        "a label a little off": lambda s, r: move_label(s, "fruit_label", *away(r, 12, 18)),
        "a fruit a little off": lambda s, r: s.one("fruit_icon").move(*away(r, 8, 13)),
        "another shade": other_shade,
    },
)
