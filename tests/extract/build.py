"""Programs for the tests of `extract`, made node by node: what the checker would make of a spec's text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from logidsl.ir import (
    Blobs,
    Call,
    ClassDecl,
    Column,
    Literal_,
    Name,
    NamedColor,
    Node,
    Param,
    Program,
    SourceSpan,
    Step,
)
from logidsl.library.color import lab_of_hex
from logidsl.table import ObjectTable, TextColumn
from logidsl.types import ANGLE, COLOR, LENGTH, PIXELS, RATIO, TRUTH, TURN, Type, object_of

HERE = SourceSpan(line=1, column=1, end_line=1, end_column=2, text="here")
ATTRIBUTES = {
    "color": COLOR,
    "hue": TURN,
    "lightness": RATIO,
    "saturation": RATIO,
    "edge": RATIO,
    "contrast": RATIO,
}
TRUTHS = {"and", "or", "not", "if", "<", "<=", ">", ">=", "=", "!=", "equal_within", "between", "one_of"}


def floats(table: ObjectTable) -> dict[str, npt.NDArray[np.float64]]:
    """The columns of numbers, points and colours."""
    return {name: c for name, c in table.columns.items() if not isinstance(c, TextColumn)}


def lab_of(text: str) -> tuple[float, float, float]:
    lab = lab_of_hex(text)
    assert lab
    return lab


class Spec:
    """Collects nodes and statements of a program."""

    def __init__(self, **colors: str | tuple[str, float]) -> None:
        self.nodes: list[Node] = []
        self.blobs_: list[Blobs] = []
        self.classes: list[ClassDecl] = []
        self.params: list[Param] = []
        self.colors = []
        for name, value in colors.items():
            text, reach = (value, 20.0) if isinstance(value, str) else value
            self.colors.append(NamedColor(name=name, lab=lab_of(text), reach=reach, span=HERE))

    def _add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def number(self, value: float, kind: Type = RATIO) -> int:
        return self._add(Literal_(type=kind, depth=0, span=HERE, value=float(value)))

    def px(self, value: float) -> int:
        return self.number(value, LENGTH)

    def deg(self, value: float) -> int:
        return self.number(value, ANGLE)

    def percent(self, value: float) -> int:
        """A share of the shorter side."""
        return self.call("share_r", self.number(value / 100), type=LENGTH)

    def color(self, name: str) -> int:
        return self._add(Literal_(type=COLOR, depth=0, span=HERE, value=name))

    def pixel(self, attribute: str) -> int:
        of = self._add(Name(type=object_of(PIXELS), depth=0, span=HERE, thing="pixel", ref="pixel"))
        return self._add(Column(type=ATTRIBUTES[attribute], depth=0, span=HERE, of=of, attribute=attribute))

    def param(self, name: str, value: float, kind: Type = RATIO) -> int:
        self.params.append(Param(name=name, type=kind, value=value, span=HERE))
        return self._add(Name(type=kind, depth=0, span=HERE, thing="param", ref=name))

    def let(self, target: int) -> int:
        return self._add(Name(type=self.nodes[target].type, depth=0, span=HERE, thing="let", ref="v", target=target))

    def call(self, fn: str, *args: int, type: Type | None = None) -> int:  # noqa: A002 - the field's own name
        kind = type or (TRUTH if fn in TRUTHS else self.nodes[args[0]].type)
        return self._add(Call(type=kind, depth=0, span=HERE, fn=fn, args=args))

    def is_color(self, name: str) -> int:
        return self.call("=", self.pixel("color"), self.color(name))

    def at_least(self, attribute: str, value: float) -> int:
        return self.call(">=", self.pixel(attribute), self.number(value))

    def at_most(self, attribute: str, value: float) -> int:
        return self.call("<=", self.pixel(attribute), self.number(value))

    def blobs(self, name: str, where: int, *steps: str | tuple[str, int]) -> Spec:
        made = [
            Step(name=s, span=HERE) if isinstance(s, str) else Step(name=s[0], args=(s[1],), span=HERE) for s in steps
        ]
        self.blobs_.append(Blobs(name=name, where=where, steps=tuple(made), span=HERE))
        return self

    def object(self, name: str, *aliases: str) -> Spec:
        self.classes.append(ClassDecl(name=name, aliases=aliases, span=HERE))
        return self

    @property
    def program(self) -> Program:
        return Program(
            nodes=tuple(self.nodes),
            blobs=tuple(self.blobs_),
            colors=tuple(self.colors),
            classes=tuple(self.classes),
            params=tuple(self.params),
        )
