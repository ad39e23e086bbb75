"""The products of MVTec LOCO AD, learned from the shared pictures.

`annotations/` holds the outlines of their parts, coordinates only; the pictures stay in `../shared/data`.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.truths import CHECKOUT, PRODUCTS

ANNOTATIONS = CHECKOUT / "benchmarks" / "annotations"


def annotation_files(product: str) -> list[Path]:
    """The annotation files of a product, one a picture.

    Raises
    ------
    KeyError
        If the product is unknown.

    Examples
    --------
    >>> [path.name for path in annotation_files("splicing_connectors")]
    ['small_normal.json', 'three_clamp_two_blue_cables.json']
    """
    if product not in PRODUCTS:
        raise KeyError(product)
    return sorted((ANNOTATIONS / product).glob("*.json"))
