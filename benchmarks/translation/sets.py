"""The rule sets: sentences as people write them, the vocabulary, a spec that says the same, and good scenes.

A file of `sets/` holds several, in this form:

    == name | language | manner
    the sentences
    -- draft
    the vocabulary, as LOGIC: what a user has before any rule is said
    -- gold
    the rules, as LOGIC: one way to say the sentences
    -- scene 300 x 200
    class x0 y0 x1 y1 column=value …

A draft may be missing: then the scenes are a table, whose classes and columns have the names of their source, in any
script. A scene is a picture on which every rule holds; there may be several. A value is a number, a text in quotes, a
label, a colour as `#rrggbb` or a point as `x,y`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from logidsl.library.color import lab_of_hex
from logidsl.table import BOX, ColumnData, ObjectTable, TextColumn

FOLDER = Path(__file__).parent / "sets"
Value = float | str | tuple[float, ...]


@dataclass(frozen=True)
class Thing:
    """An object of a scene: its class, its box in px, and further columns."""

    cls: str
    box: tuple[float, float, float, float]
    values: dict[str, Value]


@dataclass(frozen=True)
class Scene:
    """A picture of a size in px, with objects."""

    width: float
    height: float
    things: tuple[Thing, ...]


@dataclass(frozen=True)
class RuleSet:
    """Sentences with what they mean."""

    name: str
    language: str
    manner: str
    rules: str
    draft: str
    gold: str
    scenes: tuple[Scene, ...]

    @property
    def spec(self) -> str:
        """The whole gold spec."""
        return f"{self.draft}\n{self.gold}\n"


def rule_sets(folder: Path = FOLDER) -> list[RuleSet]:
    """All rule sets of a folder, by file and place."""
    return [made for path in sorted(folder.glob("*.txt")) for made in _read(path.read_text("utf-8"))]


def _read(text: str) -> Iterator[RuleSet]:
    for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        name, language, manner = (w.strip() for w in head.split("|"))
        rules, *sections = re.split(r"^-- ", body, flags=re.MULTILINE)
        found: dict[str, str] = {}
        scenes = []
        for section in sections:
            title, _, inner = section.partition("\n")
            if title.startswith("scene"):
                scenes.append(_scene(title, inner))
            else:
                found[title.strip()] = inner.strip()
        yield RuleSet(name, language, manner, rules.strip(), found.get("draft", ""), found["gold"], tuple(scenes))


def _scene(title: str, body: str) -> Scene:
    width, height = (float(n) for n in title.removeprefix("scene").split(" x "))
    return Scene(width, height, tuple(_thing(line) for line in body.splitlines() if line.strip()))


def _thing(line: str) -> Thing:
    cls, *rest = shlex.split(line, posix=False)
    box = tuple(float(n) for n in rest[:4])
    assert len(box) == 4, line
    return Thing(cls, (box[0], box[1], box[2], box[3]), {k: _value(v) for k, v in (w.split("=", 1) for w in rest[4:])})


def _value(text: str) -> Value:
    if text.startswith('"'):
        return text.strip('"')
    lab = lab_of_hex(text)
    if lab is not None:
        return lab
    if re.fullmatch(r"-?[0-9.]+(,-?[0-9.]+)?", text):
        numbers = tuple(float(n) for n in text.split(","))
        return numbers if len(numbers) > 1 else numbers[0]
    return text


def table(scenes: list[Scene]) -> ObjectTable:
    """The table of scenes, an image each."""
    things = [_measured(t) for s in scenes for t in s.things]
    columns: dict[str, ColumnData] = {
        name: np.array([t.box[i] for t in things], np.float64) for i, name in enumerate(BOX)
    }
    for name in dict.fromkeys(k for t in things for k in t.values):
        columns[name] = _column([t.values.get(name) for t in things])
    return ObjectTable(
        images=tuple(f"scene {i}" for i in range(len(scenes))),
        sizes=np.array([(s.width, s.height) for s in scenes], np.float64).reshape(-1, 2),
        offsets=np.concatenate([[0], np.cumsum([len(s.things) for s in scenes])]).astype(np.int64),
        classes=TextColumn.of([t.cls for t in things]),
        ids=tuple(str(i) for s in scenes for i in range(1, len(s.things) + 1)),
        columns=columns,
    )


def _measured(thing: Thing) -> Thing:
    """A thing with what follows from its box as its outline, where nothing else is said."""
    x0, y0, x1, y1 = thing.box
    width, height = x1 - x0, y1 - y0
    found: dict[str, Value] = {
        "length": max(width, height),
        "thickness": min(width, height),
        "aspect": max(width, height) / max(min(width, height), 1e-9),
        "perimeter": 2 * (width + height),
        "angle": 0.0 if width >= height else 90.0,
        "start": (x0, y0),
        "end": (x1, y1),
    }
    return replace(thing, values={**found, **thing.values})


def _column(values: list[Value | None]) -> ColumnData:
    first = next(v for v in values if v is not None)
    if isinstance(first, str):
        return TextColumn.of([v if isinstance(v, str) else None for v in values])
    width = (len(first),) if isinstance(first, tuple) else ()
    return np.array([np.full(width, np.nan) if v is None else v for v in values], np.float64)
