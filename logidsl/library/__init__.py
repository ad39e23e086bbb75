"""The builtins: every attribute, function, aggregate and relation word, each declared once.

A new builtin is one decorated function in one of these modules.
"""

from collections.abc import Mapping

from logidsl.library import (
    aggregates,
    attributes,
    axes,
    classes,
    color,
    contact,
    functions,
    layouts,
    levels,
    operators,
    orders,
    pairings,
    pixels,
    places,
    process_control,
    relations,
    shapes,
    sources,
    texts,
)
from logidsl.library.declare import (
    REGISTRY,
    Builtin,
    Group,
    Pick,
    builtin,
    declare,
    implementation,
)
from logidsl.library.signatures import Parameter, type_named

__all__ = [
    "REGISTRY",
    "Builtin",
    "Group",
    "Parameter",
    "Pick",
    "aggregates",
    "attribute",
    "attributes",
    "axes",
    "builtin",
    "builtins",
    "classes",
    "color",
    "contact",
    "declare",
    "functions",
    "implementation",
    "layouts",
    "levels",
    "operators",
    "orders",
    "pairings",
    "pixels",
    "places",
    "process_control",
    "relations",
    "shapes",
    "sources",
    "takes",
    "texts",
    "type_named",
]


def builtins(group: Group) -> Mapping[str, Builtin]:
    """The builtins of one group, by name.

    Examples
    --------
    >>> builtins("function")["dx"].signature
    'dx(P, P) -> length x'
    """
    return REGISTRY.of(group)


def attribute(name: str) -> Builtin | None:
    """The declaration of an attribute; None for one declared by a spec.

    Examples
    --------
    >>> [n for n in ("width", "color", "start") if (entry := attribute(n)) and entry.takes == "color"]
    ['color']
    """
    return REGISTRY.get(("attribute", name))


def takes(name: str) -> str:
    """What an attribute follows from: `box`, `outline`, `color`; empty if it must be measured."""
    entry = attribute(name)
    return entry.takes if entry is not None else ""
