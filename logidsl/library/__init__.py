"""The builtins: every attribute, function, aggregate and relation word, each declared once.

A new builtin is one decorated function in one of these modules.
"""

from logidsl.library import (
    aggregates,
    attributes,
    axes,
    color,
    functions,
    operators,
    pixels,
    places,
    relations,
    shapes,
    sources,
    texts,
)
from logidsl.library.declare import REGISTRY, Builtin, Group, Parameter, builtin, declare, type_named

__all__ = [
    "REGISTRY",
    "Builtin",
    "Group",
    "Parameter",
    "aggregates",
    "attributes",
    "axes",
    "builtin",
    "builtins",
    "color",
    "declare",
    "functions",
    "operators",
    "pixels",
    "places",
    "relations",
    "shapes",
    "sources",
    "texts",
    "type_named",
]


def builtins(group: Group) -> dict[str, Builtin]:
    """The builtins of one group, by name.

    Examples
    --------
    >>> builtins("function")["dx"].signature
    'dx(P, P) -> length x'
    """
    return {name: b for (g, name), b in REGISTRY.items() if g == group}
