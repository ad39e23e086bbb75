"""What a generated expression may speak of: the open walks and the declared things."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from logidsl import types as ty
from logidsl.library import builtins, type_named
from logidsl.types import Type

#: Attributes that every shape has; cells and regions have no others.
OF_SHAPES = frozenset(
    ["x", "y", "x_min", "x_max", "y_min", "y_max", "width", "height", "diagonal", "area", "box_area", "center"]
)
OF_CELLS = frozenset(["row", "col"])


@dataclass(frozen=True)
class Text:
    """An expression and its type."""

    text: str
    type: Type


@dataclass(frozen=True)
class Scope:
    """The objects of the open walks: variables with their stores, and the store of the innermost walk."""

    variables: tuple[tuple[str, str], ...] = ()
    bare: str | None = None
    walks: int = 0
    anonymous: frozenset[str] = frozenset()
    values: tuple[Text, ...] = ()

    def valued(self, value: Text) -> Scope:
        """The scope with a name for a value."""
        return replace(self, values=(*self.values, value))

    def walking(self, store: str, name: str | None, over: Iterable[str] = ()) -> Scope:
        """The scope inside a walk over these sets, which may not be named again where the walk has no variable."""
        named = self.variables if name is None else (*self.variables, (name, store))
        anonymous = self.anonymous | ({*over} if name is None else set())
        return replace(self, variables=named, bare=store, walks=self.walks + 1, anonymous=anonymous)

    def nameable(self, sets: Iterable[str]) -> list[str]:
        """Those of these sets that may be named here: no walk without a variable is over them."""
        return [s for s in sets if s not in self.anonymous]

    def naming(self, name: str, store: str) -> Scope:
        """The scope with one more variable."""
        return replace(self, variables=(*self.variables, (name, store)))


@dataclass
class Things:
    """What a generated spec has declared."""

    sets: list[str] = field(default_factory=list)
    singles: list[str] = field(default_factory=list)
    grids: list[str] = field(default_factory=list)
    several: set[str] = field(default_factory=set)
    regions: list[str] = field(default_factory=list)
    layouts: list[str] = field(default_factory=list)
    region_sets: list[str] = field(default_factory=list)
    colors: list[str] = field(default_factory=list)
    values: list[Text] = field(default_factory=list)
    attributes: dict[str, Type] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    scale: bool = False
    judging: bool = False  # whether all objects are declared
    count: int = 0

    def fresh(self, stem: str) -> str:
        """A name that is not yet taken."""
        self.count += 1
        return f"{stem}{self.count}"

    def attributes_of(self, store: str) -> list[tuple[str, Type]]:
        """The attributes that an object of a store has, by the library's declarations and the spec's."""
        found: list[tuple[str, Type]] = []
        for name, entry in builtins("attribute").items():
            type_ = type_named(entry.result)
            assert type_ is not None
            cell = store.startswith("grid:")
            if ("cells" if cell else "objects" if store == ty.OBJECTS else "places") in entry.of:
                found.append((name, type_))
        return found + (list(self.attributes.items()) if store == ty.OBJECTS else [])
