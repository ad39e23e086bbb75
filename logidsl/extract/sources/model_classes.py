"""Which finds of a model belong to a source: the model's classes by name or number, and the least confidence.

May import `ir`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from logidsl.diagnostics import InputError, did_you_mean
from logidsl.extract.naming import plain
from logidsl.extract.sources.detection_records import Detection
from logidsl.ir import SourceDecl

_SHOWN = 20  # names of classes in a message


def of_class(
    model: str, names: Mapping[int, str], found: Sequence[Detection], source: SourceDecl, least: float
) -> list[Detection]:
    """The finds of the classes that a source names, or of the one called as its object, of sufficient confidence.

    Parameters
    ----------
    model : str
        The model's file, for messages.
    names : mapping of int to str
        Its classes; empty if it does not say what they are called.
    found : sequence of Find
        With the number of the class as the value `class_number`, which is taken away.
    source : SourceDecl
        Says which classes are meant.
    least : float
        Least confidence where the source gives none.

    Raises
    ------
    InputError
        If the model has no such class, or does not say what its classes are called.
    """
    wanted = source.names or (() if source.numbers else (source.name,))
    numbers = {_number(model, names, source, name) for name in wanted} | set(source.numbers)
    for number in source.numbers:
        if names and number not in names:
            raise InputError(f"the model {model} has classes 0 to {len(names) - 1}, found {number}")
    least = least if source.score is None else source.score
    kept = [f for f in found if f.values["class_number"] in numbers and f.confidence >= least]
    return [replace(f, values={k: v for k, v in f.values.items() if k != "class_number"}) for f in kept]


def _number(model: str, names: Mapping[int, str], source: SourceDecl, name: str) -> int:
    """The number of a class by its name; case, gaps and plural make no difference where the name is not exact."""
    exact = [n for n, known in names.items() if known == name]
    like = [n for n, known in names.items() if plain(known) == plain(name)]
    if len(exact or like) == 1:
        return (exact or like)[0]
    if not names:
        raise InputError(
            f"the model {model} does not say what its classes are called: name the class of `{source.name}` by its "
            f'number, `{source.fn}("{source.file}", 0)`'
        )
    known = ", ".join(f"`{n}`" for n in list(names.values())[:_SHOWN])
    raise InputError(f"the model {model} has no class `{name}`; it has {known}{did_you_mean(name, names.values())}")
