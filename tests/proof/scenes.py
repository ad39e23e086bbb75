"""Tests inside a spec: scenes put together at random, of which the oracle says what is to be expected."""

from __future__ import annotations

import math
from pathlib import Path

from logidsl import ir
from logidsl.scenes import run_tests
from tests.oracle.interpreter import judge_image, verdict
from tests.oracle.picture import Measured, Picture, Thing
from tests.oracle.shapes import lab_of_hex
from tests.proof.choices import Choices
from tests.proof.compare import compiled
from tests.proof.specs import APART
from tests.proof.tables import CLASSES, KINDS, SHADES

VERDICTS = {True: "pass", False: "fail", None: "review"}


def as_the_oracle_says(text: str, program: ir.Program, choose: Choices) -> None:
    """A scene is judged as the oracle judges it, and a test that expects otherwise does not pass."""
    lines, picture = scene(choose)
    truths = judge_image(program, picture)
    whole = verdict(program, truths)
    asking = {r.name for r in program.rules if r.verdict == "review"}
    each = {rule: "review" if t is False and rule in asking else VERDICTS[t] for rule, t in truths.items()}
    expected = [f"expect {whole}", *(f"expect {said} {rule}" for rule, said in each.items())]
    wrong = choose.pick([v for v in VERDICTS.values() if v != whole])
    size = f"on {picture.width:g} px by {picture.height:g} px"
    tests = [f'test "as it is" {size} {" ".join([*lines, *expected])}', f'test "otherwise" {size} expect {wrong}']
    tests[1] = tests[1].replace(" expect", " ".join(["", *lines, "expect"]))
    main, apart, part = text.partition(f"{APART}\n")
    made = compiled("\n".join([main.rstrip(), *tests, ""]) + apart + part)
    right, other = run_tests(made, Path())
    assert right.ok, (right.failures, lines, truths)
    assert not other.ok, (wrong, lines, truths)


def scene(choose: Choices) -> tuple[list[str], Picture]:
    """`put` clauses, and the picture that they make."""
    lines, things = [], []
    for _ in range(choose.below(6)):
        cls = choose.pick(CLASSES[:4])
        x0, y0 = 10.0 * choose.below(9), 10.0 * choose.below(9)
        box = (x0, y0, x0 + 10.0 * (1 + choose.below(3)), y0 + 10.0 * (1 + choose.below(3)))
        said, columns = _settings(choose)
        edges = ", ".join(f"{v:g} px" for v in box)
        lines.append(f"put {cls} box({edges})" + (f" with {', '.join(said)}" if said else ""))
        things.append((cls, box, columns))
    given = {name for _, _, columns in things for name in columns}
    made = [Thing(str(k + 1), c, b, _measured(b) | dict.fromkeys(given) | s) for k, (c, b, s) in enumerate(things)]
    ringed = [Thing(t.name, t.cls, t.box, t.columns, (_corners(t.box),)) for t in made if t.box is not None]
    return lines, Picture("scene", 100.0, 90.0, tuple(ringed))


def _settings(choose: Choices) -> tuple[list[str], dict[str, Measured]]:
    said: list[str] = []
    columns: dict[str, Measured] = {}
    if choose.chance(50):
        percent = choose.pick([10, 30, 45, 60, 90, 100])
        said.append(f"confidence = {percent} %")
        columns["confidence"] = percent / 100
    if choose.chance(40):
        shade = choose.pick(SHADES)
        said.append(f'color = "{shade}"')
        columns["color"] = lab_of_hex(shade)
    if choose.chance(40):
        kind = choose.pick(KINDS[:3])
        said.append(f"kind = {kind}")
        columns["kind"] = kind
    if choose.chance(40):
        mass = choose.pick([0, 1, 2])
        said.append(f"mass = {mass}")
        columns["mass"] = float(mass)
    return said, columns


def _corners(box: tuple[float, float, float, float]) -> tuple[tuple[float, float], ...]:
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _measured(box: tuple[float, float, float, float]) -> dict[str, Measured]:
    """What follows from a box as outline."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    return {
        "area": width * height,
        "perimeter": 2 * (width + height),
        "length": max(width, height),
        "thickness": min(width, height),
        "path_length": max(width, height),
        "skeleton_length": max(width, height),
        "angle": 0.0 if width >= height else 90.0,
        "aspect": max(width, height) / min(width, height),
        "roundness": 4 * math.pi * width * height / (2 * (width + height)) ** 2,
        "solidity": 1.0,
        "holes": 0.0,
        "start": (x0, y0),
        "end": (x1, y1),
    }
