"""VID-AD: `SCENARIO[_CONDITION]/{train/good, test/good, test/logical_anomalies/ASPECT}`.

A folder of anomalies is named for what it violates: one aspect (`Single-Aspect-…`), or both (`Dual-Aspects`), whose
pictures have the classes of all single ones. Each capture condition of a scenario is a product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from logidsl.bench.datasets.base import Kind, Part, Sample, folders, pictures, refuse_others
from logidsl.diagnostics import InputError

CONDITIONS = ("_Blurry_CD", "_Cable_BG", "_Low-light_CD", "_Mesh_BG")
ANOMALIES = "logical_anomalies"
SINGLE, DUAL = "Single-Aspect-", "Dual-Aspects"


def scenario(product: str) -> str:
    """The scenario of a product, without its capture condition.

    Examples
    --------
    >>> scenario("Balls_Low-light_CD"), scenario("Balls")
    ('Balls', 'Balls')
    """
    end = next((c for c in CONDITIONS if product.endswith(c)), "")
    return product.removesuffix(end)


def read_vid_ad(products: Mapping[str, Path]) -> Iterator[Sample]:
    """The pictures of some products.

    Parameters
    ----------
    products : mapping of str to Path
        Their folders.

    Raises
    ------
    InputError
        If a folder is none that the data set has.
    """
    for product, root in products.items():
        refuse_others(root, ["train", "test"])
        refuse_others(root / "train", ["good"])
        refuse_others(root / "test", ["good", ANOMALIES])
        parts: tuple[Part, ...] = ("train", "test")
        for part in parts:
            for folder in folders(root / part):
                if folder.name == "good":
                    refuse_others(folder, [])
                    yield from _samples(product, part, "normal", folder, frozenset())
        aspects = list(folders(root / "test" / ANOMALIES))
        single = [f.name for f in aspects if f.name.startswith(SINGLE)]
        for folder in aspects:
            if folder.name not in (*single, DUAL):
                raise InputError(f"{folder.parent}: expected folders `{SINGLE}…` and `{DUAL}`, found `{folder.name}`")
            refuse_others(folder, [])
            labels = frozenset(single if folder.name == DUAL else [folder.name])
            yield from _samples(product, "test", "logical", folder, labels or None)
        if loose := pictures(root / "test" / ANOMALIES) if aspects else []:
            raise InputError(f"{loose[0]}: expected it in a folder `{SINGLE}…` or `{DUAL}`")


def _samples(product: str, part: Part, kind: Kind, folder: Path, labels: frozenset[str] | None) -> Iterator[Sample]:
    for path in pictures(folder):
        yield Sample(str(path), path, product, part, kind, labels)
