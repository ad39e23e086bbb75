"""Screw bags: a long and a short screw, two nuts, two washers, anywhere and any way round."""

from __future__ import annotations

from benchmarks.defects.scene import Change, Part, Product, Random, Scene, defect

PX_A_MM = 12.5
LONG_MM, SHORT_MM = (35.0, 37.0), (25.8, 27.0)


def good(rng: Random) -> Scene:
    scene = Scene()
    screw(scene, rng, *LONG_MM)
    screw(scene, rng, *SHORT_MM)
    for name in ("nut", "washer") * 2:
        ring(scene, rng, name)
    return scene


def screw(scene: Scene, rng: Random, least_mm: float, most_mm: float) -> Part:
    """A screw, which lies level or on end: its length is that of its outline all the same."""
    length_px = rng.uniform(least_mm, most_mm) * PX_A_MM
    sides = (length_px, 60.0) if rng.random() < 0.5 else (60.0, length_px)
    return scene.put("bolt", rng.uniform(350, 1250), rng.uniform(300, 800), *sides, length=length_px)


def ring(scene: Scene, rng: Random, name: str) -> None:
    scene.put(name, rng.uniform(250, 1350), rng.uniform(200, 900), 120, 120)


def number(name: str, n: int) -> Change:
    """So many of a class."""

    def change(scene: Scene, rng: Random) -> None:
        there = scene.all(name)
        scene.drop(*there[n:])
        for _ in range(n - len(there)):
            ring(scene, rng, name)

    return change


def replace(which: int, least_mm: float, most_mm: float) -> Change:
    """Another screw in the place of the long (0) or the short one (1)."""

    def change(scene: Scene, rng: Random) -> None:
        scene.drop(scene.all("bolt")[which])
        screw(scene, rng, least_mm, most_mm)

    return change


def stubs(n: int) -> Change:
    """Very short screws in the place of so many."""

    def change(scene: Scene, rng: Random) -> None:
        scene.drop(*rng.sample(scene.all("bolt"), n))
        for _ in range(n):
            screw(scene, rng, 12.0, 20.0)

    return change


def further(least_mm: float, most_mm: float) -> Change:
    """One screw more."""

    def change(scene: Scene, rng: Random) -> None:
        screw(scene, rng, least_mm, most_mm)

    return change


def heaped(scene: Scene, rng: Random) -> None:
    for p in scene.parts:
        p.move_to(800, 550)


def too_long(scene: Scene, rng: Random) -> None:
    replace(*rng.choice([(0, 41.5, 46.0), (1, 29.2, 30.8)]))(scene, rng)


def too_short(scene: Scene, rng: Random) -> None:
    replace(*rng.choice([(0, 31.5, 32.7), (1, 21.8, 23.7)]))(scene, rng)


PRODUCT = Product(
    "screw_bag",
    "screw_bag.logic",
    (1600.0, 1100.0),
    good,
    (
        defect("2_missing_nuts", "nuts", number("nut", 0)),
        defect("1_missing_nut", "nuts", number("nut", 1)),
        defect("1_additional_nut", "nuts", number("nut", 3)),
        defect("2_additional_nuts", "nuts", number("nut", 4)),
        defect("2_missing_washers", "washers", number("washer", 0)),
        defect("1_missing_washer", "washers", number("washer", 1)),
        defect("1_additional_washer", "washers", number("washer", 3)),
        defect("2_additional_washers", "washers", number("washer", 4)),
        defect("1_missing_long_screw", "screws", lambda s, r: s.drop(s.all("bolt")[0])),
        defect("1_missing_short_screw", "screws", lambda s, r: s.drop(s.all("bolt")[1])),
        defect("1_additional_long_screw", "screws", further(*LONG_MM)),
        defect("1_additional_short_screw", "screws", further(*SHORT_MM)),
        defect("1_very_short_screw", "screws", stubs(1)),
        defect("2_very_short_screws", "screws", stubs(2)),
        defect("screw_too_long", "screws", too_long),
        defect("screw_too_short", "screws", too_short),
    ),
    {
        "a long screw nearly too long": replace(0, 40.7, 40.79),
        "a long screw nearly too short": replace(0, 33.01, 33.1),
        "a short screw nearly too long": replace(1, 28.7, 28.79),
        "a short screw nearly too short": replace(1, 24.01, 24.1),
        "parts heaped on one another": heaped,
    },
)
