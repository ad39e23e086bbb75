"""Published figures, to stand beside those measured: data of the package, each table with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib import resources

from logidsl.bench.record import Product, PublishedTable

#: The products that the figures are about.
PRODUCTS = frozenset(["breakfast_box", "juice_bottle", "pushpins", "screw_bag", "splicing_connectors"])


def published_beside(products: Iterable[Product]) -> list[PublishedTable]:
    """The tables of measures that some products have; none unless one is a product of MVTec LOCO AD."""
    known = [p for p in products if p.name in PRODUCTS]
    measured = {"binary"} if known else set[str]()
    for p in known:
        there = {
            "classification": p.classification is not None,
            "detection": bool(p.detection),
            "reasoning": p.reasoning is not None,
            "generated": p.generated is not None,
        }
        measured |= {name for name, is_there in there.items() if is_there}
    return [made for made, of in _tables() if measured & of]


def _tables() -> list[tuple[PublishedTable, frozenset[str]]]:
    """Every table, and the measures that it has."""
    text = resources.files("logidsl.bench").joinpath("published.toml").read_text("utf-8")
    return [
        (PublishedTable(**{k: v for k, v in entry.items() if k != "measures"}), frozenset(entry["measures"]))
        for entry in tomllib.loads(text)["table"]
    ]
