"""How a builtin is declared: one decorated function says everything that any part needs to know.

Owns `Builtin`, the decorators and the registry. A declaration gives name, parameters, result, a sentence
of documentation and an example that is run; the function is the kernel. The checker reads the
signature, the evaluator calls the kernel, the reference is generated from the sentences.

A signature is written as in the reference: `"dx(P, P) -> length x"`. Parameters:

====================  =====================================================================
`P`                   a place: a point, or an object, which stands for its centre
`o`                   an object
`axis`                an object, which stands for its `angle`, or an angle
`R`                   a region or an object
`S`, `S by k`         a set; a set with an order
`C`                   a column or a list
`count ratio …`       a number of that dimension (`length x`: along x); `number` any
`color text point`    such a value
`…`                   the parameter before it, repeated
`?` after one         it may be left out
====================  =====================================================================

The result is a type, or `same` for the type of the column or of the joined arguments, `object` for a
member of the set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from logidsl import types as ty
from logidsl.types import Type

F = TypeVar("F", bound=Callable[..., object])
Group = Literal["function", "aggregate", "relation", "attribute", "step", "source", "pixel"]
Empty = Literal["zero", "undefined", "value"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a builtin: its letter or type name, and whether it repeats."""

    kind: str
    axis: ty.Axis | None = None
    repeats: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Builtin:
    """What a builtin is.

    Parameters
    ----------
    name : str
        As written in a spec.
    group : str
        `function` (of values of the same rows), `aggregate` (closes a set), `relation` (a word between
        two), `attribute`, `step`, `source` (rows of a class, where a picture is seen), `pixel` (a function of
        pixels, in a `blobs` condition).
    signature : str
        As in the reference.
    doc : str
        What it gives, in a sentence.
    example : str
        A rule body, or for an attribute an expression, that compiles.
    kernel : callable
        The function on arrays.
    bounds : callable, optional
        The same under doubt, for functions of numbers: takes and gives pairs (low, high).
    empty : str
        Of an aggregate: what an empty set gives.
    english : str
        How it is said, see below; a test finds what is not worded.

    Notes
    -----
    In `english`, `{0}` stands for an argument and `{*}` for all of them; `{set}`, `{other}`, `{column}` and `{order}`
    for what an aggregate closes; `{file}` and the like for the fields of a source. What stands in `<…>` is left out
    where a part in it is missing. A truth has its verb in `[is|be|]`: as a statement, after `must`, and optionally
    as what follows a noun (`bolts inside c`, `bolts touching c`). An attribute is a noun.
    """

    name: str
    group: Group
    signature: str
    doc: str
    example: str
    kernel: Callable[..., object]
    parameters: tuple[Parameter, ...]
    result: str
    bounds: Callable[..., object] | None = None
    empty: Empty = "undefined"
    witness: Literal["all", "extreme"] = "all"
    english: str = ""


REGISTRY: dict[tuple[Group, str], Builtin] = {}
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
}
_OTHERS: Mapping[str, Type] = {
    "truth": ty.TRUTH,
    "text": ty.TEXT,
    "color": ty.COLOR,
    "point": ty.POINT,
    "region": ty.REGION,
    "frame": ty.FRAME,
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


def _parse(signature: str) -> tuple[str, tuple[Parameter, ...], str]:
    found = re.fullmatch(r"([a-z_ ]+)(?:\((.*)\))? -> (.+)", signature)
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


def builtin(
    group: Group,
    signature: str,
    example: str,
    *,
    bounds: Callable[..., object] | None = None,
    empty: Empty = "undefined",
    witness: Literal["all", "extreme"] = "all",
    english: str = "",
) -> Callable[[F], F]:
    """Declare a builtin; the docstring's first paragraph is its documentation."""
    name, parameters, result = _parse(signature)

    def declare(kernel: F) -> F:
        doc = " ".join((kernel.__doc__ or "").strip().split("\n\n")[0].split())
        entry = Builtin(
            name, group, signature, doc, example, kernel, parameters, result, bounds, empty, witness, english
        )
        if (group, name) in REGISTRY:
            raise ValueError(f"declared twice: {group} {name}")
        REGISTRY[group, name] = entry
        return kernel

    return declare
