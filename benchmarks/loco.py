"""The products of MVTec LOCO AD: their parts are learned from the shared pictures.

`annotations/` holds the outlines of the parts, coordinates only, and `specs/learned/` the specs on them. The pictures
stay in `../shared/data`, and what is learned from them in a folder of the user's: neither is part of the project.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from logidsl.extract.parts.model import packed
from logidsl.learn import Options, learn, read_annotations
from logidsl.learn.variations import Kinds

HERE = Path(__file__).resolve().parent
ANNOTATIONS = HERE / "annotations"
LEARNED = HERE / "specs" / "learned"

#: The five products: folder of their larger pictures, and their name among the small ones.
PRODUCTS = {
    "breakfast_box": "loco_breakfast_box",
    "juice_bottle": "loco_juice_bottle",
    "pushpins": "loco_pushpins",
    "screw_bag": "loco_screw_bag",
    "splicing_connectors": "loco_splicing",
}
#: How the parts of each are learned, where it is not as usual: of things that stand one way up nothing is turned, and
#: juices, fruit and cables come in colours that no shared picture shows.
OPTIONS: Mapping[str, Options] = {
    "breakfast_box": Options(Kinds(flip=False, turn=False)),
    "juice_bottle": Options(Kinds(flip=False, turn=False), any_color=("fruit", "juice")),
    "splicing_connectors": Options(any_color=("cable",)),
}

#: Products whose spec on learned parts does at least as well on edited copies as the one by thresholds; see
#: `python -m benchmarks.edited PRODUCT --learned`. For the others the latter is the one to use.
LEARNED_IS_BETTER: frozenset[str] = frozenset()


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


def build(product: str, folder: Path) -> Path:
    """Learn the parts of a product and put its spec beside them: the path of `folder/product/product.logic`.

    Raises
    ------
    InputError
        If the pictures are missing, or the extra `learn` is not installed.
    """
    spec = folder / product / f"{product}.logic"
    spec.parent.mkdir(parents=True, exist_ok=True)
    learned = learn(read_annotations(annotation_files(product)), OPTIONS.get(product))
    spec.with_suffix(".parts").write_bytes(packed(learned.parts))
    shutil.copyfile(LEARNED / spec.name, spec)
    return spec
