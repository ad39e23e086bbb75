"""Breakfast boxes: a nectarine and two tangerines on the left, cereals over almonds and bananas on the right."""

from __future__ import annotations

from benchmarks.defects.scene import Change, Product, Random, Scene, defect, moved

TOP_PX, BOTTOM_PX, LEFT_PX, RIGHT_PX = 40.0, 1240.0, 740.0, 1580.0


def good(rng: Random) -> Scene:
    scene = Scene()
    fruit(1, 2)(scene, rng)
    heaps(scene, rng.uniform(0.58, 0.66))
    return scene


def fruit(nectarines: int, tangerines: int) -> Change:
    """So many fruits in the left compartment."""

    def change(scene: Scene, rng: Random) -> None:
        scene.drop(*scene.all("nectarine"), *scene.all("tangerine"))
        names = ["nectarine"] * nectarines + ["tangerine"] * tangerines
        rng.shuffle(names)
        for i, name in enumerate(names):
            x = 210 + 290 * (i % 2) + rng.uniform(-20, 20)
            scene.put(name, x, 250 + 260 * i + rng.uniform(-20, 20), 330, 330)

    return change


def heaps(scene: Scene, cereals: float, filled: float = 1.0) -> None:
    """Cereals over a share of the compartment's height, toppings side by side below them."""
    crumbs = [p for p in scene.parts if p.name in ("cereals", "almonds", "bananas") and p.height < 100]
    scene.parts = [p for p in scene.parts if p.name in ("nectarine", "tangerine")] + crumbs
    height = (BOTTOM_PX - TOP_PX) * filled
    border = BOTTOM_PX - height * (1 - cereals)
    middle, width = (LEFT_PX + RIGHT_PX) / 2, RIGHT_PX - LEFT_PX
    top = BOTTOM_PX - height
    scene.put("cereals", middle, (top + border) / 2, width, border - top)
    for name, x in (("almonds", middle - width / 4), ("bananas", middle + width / 4)):
        scene.put(name, x, (border + BOTTOM_PX) / 2, width / 2, BOTTOM_PX - border)


def without(*names: str) -> Change:
    """Without some heaps."""

    def change(scene: Scene, rng: Random) -> None:
        scene.drop(*(p for n in names for p in scene.all(n) if p.height >= 100))

    return change


def swap(scene: Scene, rng: Random) -> None:
    """What lay on the left lies on the right, and the other way round."""
    for p in scene.parts:
        p.move_to(1600 - p.center[0], p.center[1])


def spill(scene: Scene, rng: Random) -> None:
    for _ in range(rng.randint(1, 5)):
        name = rng.choice(["cereals", "almonds", "bananas"])
        scene.put(name, rng.uniform(60, 690), rng.uniform(60, 1200), rng.uniform(12, 60), rng.uniform(12, 60))


def crumbs_inside(scene: Scene, rng: Random) -> None:
    for _ in range(3):
        scene.put("cereals", rng.uniform(760, 1560), rng.uniform(60, 1200), 40, 30)


def wrong_ratio(scene: Scene, rng: Random) -> None:
    heaps(scene, rng.choice([rng.uniform(0.25, 0.53), rng.uniform(0.72, 0.85)]))


PRODUCT = Product(
    "breakfast_box",
    "breakfast_box.logic",
    (1600.0, 1280.0),
    good,
    (
        *(
            defect(f"{n}_nectarine{'s' * (n != 1)}_{t}_tangerine{'s' * (t != 1)}", "fruit", fruit(n, t))
            for n, t in ((0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 1), (2, 1), (3, 0))
        ),
        defect("missing_cereals", "heaps", without("cereals")),
        defect("missing_almonds", "heaps", without("almonds")),
        defect("missing_bananas", "heaps", without("bananas")),
        defect("missing_toppings", "heaps", without("almonds", "bananas")),
        defect("missing_cereals_and_toppings", "heaps", without("cereals", "almonds", "bananas")),
        defect("wrong_ratio", "heaps", wrong_ratio),
        defect("underflow", "heaps", lambda s, r: heaps(s, r.uniform(0.58, 0.66), r.uniform(0.4, 0.8))),
        defect("overflow", "spill sides", spill),
        defect("compartments_swapped", "sides fruit heaps", swap),
    ),
    {
        "little cereal": lambda s, r: heaps(s, 0.55),
        "much cereal": lambda s, r: heaps(s, 0.70),
        "not quite full": lambda s, r: heaps(s, 0.6, 0.95),
        "crumbs where they belong": crumbs_inside,
        "fruit pushed together": moved(30, 0, "tangerine"),
    },
)
