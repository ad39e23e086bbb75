"""Signatures of builtins, and the types that their words mean.

A signature is written as in the reference: `"dx(P, P) -> length x"`. Parameters:

====================  =====================================================================
`P`                   a place: a point, or an object, which stands for its centre
`o`                   an object
`axis`                an object, which stands for its `angle`, or an angle
`R`                   a region or an object
`S`, `S by k`         a set; a set with an order
`C`                   a column or a list
`tolerance`           how far apart two values of the column may be
`value`, `deviation`  a number as those of the column; a difference of two of them
`count ratio …`       a number of that dimension (`length x`: along x); `number` any
`color text point`    such a value
`pattern system form` a text that is written in the spec, in quotes
`layout`              a reference layout
`rule`                the name of a rule, or a condition on a picture
`…`                   the parameter before it, repeated
`?` after one         it may be left out
====================  =====================================================================

The result is a type, or `same` for the type of the column or of the joined arguments, `object` for a
member of the set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from logidsl import types as ty
from logidsl.types import Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a builtin: its letter or type name, and whether it repeats."""

    kind: str
    axis: ty.Axis | None = None
    repeats: bool = False
    optional: bool = False

    @property
    def quoted(self) -> bool:
        """Whether it is a text that is written in the spec."""
        return self.kind in ("pattern", "system", "form")

    @property
    def type(self) -> Type | None:
        """The type of a number of one dimension, a colour or a text; None if there are several."""
        return type_named(f"{self.kind} {self.axis}" if self.axis else self.kind)


_NUMBERS: Mapping[str, Type] = {
    "count": ty.COUNT,
    "ratio": ty.RATIO,
    "difference": ty.DIFFERENCE,
    "length": ty.LENGTH,
    "length x": ty.length("x"),
    "length y": ty.length("y"),
    "area": ty.AREA,
    "angle": ty.ANGLE,
    "turn": ty.TURN,
    "arc": ty.ARC,
    "date": ty.DATE,
}
_OTHERS: Mapping[str, Type] = {
    "truth": ty.TRUTH,
    "text": ty.TEXT,
    "color": ty.COLOR,
    "point": ty.POINT,
    "region": ty.REGION,
    "frame": ty.FRAME,
    "set": ty.set_of(ty.OBJECTS),
    "class": ty.label("class"),
}


def type_named(name: str) -> Type | None:
    """The type that a signature's word means, or None for `same`, `object` and letters.

    Examples
    --------
    >>> str(type_named("length x"))
    'length along x'
    """
    if name.startswith("list of "):
        item = type_named(name.removeprefix("list of "))
        return ty.list_of(item) if item else None
    return _NUMBERS.get(name) or _OTHERS.get(name)


def _parameter(text: str) -> Parameter:
    optional = text.endswith("?")
    text = text.rstrip("?").strip()
    word, _, axis = text.partition(" ")
    if axis in ("x", "y") and word == "length":
        return Parameter(word, "x" if axis == "x" else "y", optional=optional)
    return Parameter(text, optional=optional)


def parsed(signature: str) -> tuple[str, tuple[Parameter, ...], str]:
    """The name, the parameters and the result of a signature; raises ValueError for what is not one."""
    found = re.fullmatch(r"([^\s(]+|[a-z_ ]+?)(?:\((.*)\))? -> (.+)", signature)
    if not found:
        raise ValueError(f"not a signature: {signature}")
    name, inside, result = found.groups()
    parameters: list[Parameter] = []
    for part in filter(None, (p.strip() for p in (inside or "").split(","))):
        if part == "…":
            parameters[-1] = Parameter(parameters[-1].kind, parameters[-1].axis, repeats=True)
        else:
            parameters.append(_parameter(part))
    return name, tuple(parameters), result
