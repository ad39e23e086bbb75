"""Pushpin trays: a pin in each of 15 compartments, separators between them."""

from __future__ import annotations

from benchmarks.defects.scene import Change, Product, Random, Scene, defect, moved

ROWS, COLUMNS = 3, 5
WIDTH_PX, HEIGHT_PX = 1700 * 0.96 / COLUMNS, 1000 * 0.92 / ROWS


def good(rng: Random) -> Scene:
    scene = Scene()
    for i in range(ROWS * COLUMNS):
        pin(scene, rng, i)
    for row in range(ROWS):
        for column in range(COLUMNS):
            x, y = corner(row, column)
            if column:
                scene.put("separator", x, y + HEIGHT_PX / 2, 24, 280)
            if row:
                scene.put("separator", x + WIDTH_PX / 2, y, 300, 24)
    return scene


def corner(row: int, column: int) -> tuple[float, float]:
    """Upper left corner of a compartment, in px."""
    return 34 + column * WIDTH_PX, 40 + row * HEIGHT_PX


def pin(scene: Scene, rng: Random, cell: int) -> None:
    """A pin somewhere in a compartment."""
    x, y = corner(*divmod(cell, COLUMNS))
    scene.put("pushpin", x + rng.uniform(60, WIDTH_PX - 60), y + rng.uniform(60, HEIGHT_PX - 60), 110, 100)


def missing(scene: Scene, rng: Random) -> None:
    """Some compartments are empty; those that hold a second pin come after the fifteenth."""
    for p in rng.sample(scene.all("pushpin")[:8], rng.randint(1, 4)):
        scene.drop(p)


def additional(*cells: int) -> Change:
    """Further pins: each number is a compartment from 8 on, so that none is filled that was empty."""

    def change(scene: Scene, rng: Random) -> None:
        first = rng.randrange(8, 15)
        for c in cells:
            pin(scene, rng, 8 + (first - 8 + c) % 7)

    return change


def two_additional(scene: Scene, rng: Random) -> None:
    additional(*rng.choice([(0, 0), (0, 1), (0, 5)]))(scene, rng)


def no_separator(scene: Scene, rng: Random) -> None:
    scene.drop(*rng.sample(scene.all("separator"), rng.randint(1, 2)))


def to_the_border(scene: Scene, rng: Random) -> None:
    """A pin just within its compartment."""
    cell = rng.randrange(ROWS * COLUMNS)
    x, y = corner(*divmod(cell, COLUMNS))
    scene.all("pushpin")[cell].move_to(x + 1, y + HEIGHT_PX - 1)


PRODUCT = Product(
    "pushpins",
    "loco/pushpins.logic",
    (1700.0, 1000.0),
    good,
    (
        defect("missing_pushpin", "pins", missing),
        defect("1_additional_pushpin", "more", additional(0)),
        defect("2_additional_pushpins", "more", two_additional),
        defect("missing_separator", "separators", no_separator),
    ),
    {
        "a pin at the border": to_the_border,
        "pins pushed to one side": moved(20, 0, "pushpin"),
    },
)
