"""A scene: the objects on one picture of a product, built by hand and then spoiled."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from logidsl.extract.records import PictureRecords, Record

Random: TypeAlias = random.Random


@dataclass(eq=False)
class Part:
    """One object: class, box in px, measured values."""

    name: str
    x0: float
    y0: float
    x1: float
    y1: float
    values: dict[str, object] = field(default_factory=dict)

    @property
    def center(self) -> tuple[float, float]:
        """Centre in px."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def height(self) -> float:
        """Height in px."""
        return self.y1 - self.y0

    def move(self, dx: float, dy: float) -> None:
        """Move box and points."""
        self.x0, self.x1 = self.x0 + dx, self.x1 + dx
        self.y0, self.y1 = self.y0 + dy, self.y1 + dy
        for name, value in self.values.items():
            if isinstance(value, tuple):
                self.values[name] = (value[0] + dx, value[1] + dy)

    def move_to(self, x: float, y: float) -> None:
        """Move the centre."""
        self.move(x - self.center[0], y - self.center[1])


@dataclass(eq=False)
class Scene:
    """The objects on one picture."""

    parts: list[Part] = field(default_factory=list)

    def put(self, name: str, x: float, y: float, width: float, height: float, **values: object) -> Part:
        """Add an object by its centre."""
        part = Part(name, x - width / 2, y - height / 2, x + width / 2, y + height / 2, dict(values))
        self.parts.append(part)
        return part

    def all(self, name: str) -> list[Part]:
        """The objects of a class."""
        return [p for p in self.parts if p.name == name]

    def one(self, name: str) -> Part:
        """The first object of a class."""
        return self.all(name)[0]

    def drop(self, *parts: Part) -> None:
        """Take objects away."""
        self.parts = [p for p in self.parts if p not in parts]

    def frame(self, path: str, size: tuple[float, float]) -> PictureRecords:
        """The scene as a source of tables has it; points become pairs."""
        records = [
            Record(
                p.name,
                [p.x0, p.y0, p.x1, p.y1],
                values={k: list(v) if isinstance(v, tuple) else v for k, v in p.values.items()},
            )
            for p in self.parts
        ]
        return PictureRecords(path, *size, records)


Change: TypeAlias = Callable[[Scene, Random], None]


@dataclass(frozen=True)
class Defect:
    """How to spoil a good scene; two defects that touch the same matter do not go together."""

    label: str
    matters: frozenset[str]
    change: Change


@dataclass(frozen=True)
class Product:
    """A product: size of its pictures in px, a good one, its defects, and changes that are no defect."""

    name: str
    spec: str
    size: tuple[float, float]
    good: Callable[[Random], Scene]
    defects: Sequence[Defect]
    fine: Mapping[str, Change]


def defect(label: str, matters: str, change: Change) -> Defect:
    """A defect and the matters that it touches, by their names."""
    return Defect(label, frozenset(matters.split()), change)


def moved(dx: float, dy: float, *names: str) -> Change:
    """Everything, or all of some classes, moved."""

    def change(scene: Scene, rng: Random) -> None:
        for p in scene.parts:
            if not names or p.name in names:
                p.move(dx, dy)

    return change


def away(rng: Random, least: float, most: float) -> tuple[float, float]:
    """A step of some length in one of eight directions."""
    length = rng.uniform(least, most)
    dx, dy = rng.choice([(1, 0), (-1, 0), (0, 1), (0, -1), (0.7072, 0.7072), (-0.7072, 0.7072)])
    return dx * length, dy * length
