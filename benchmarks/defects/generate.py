"""Corpora of object tables: good products, near misses, every logical defect alone and together with another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.defects import breakfast_box, juice_bottle, pushpins, screw_bag, splicing_connectors
from benchmarks.defects.scene import Defect, Product
from logidsl.extract.records import PictureRecords

PRODUCTS = {
    p.name: p
    for p in (
        breakfast_box.PRODUCT,
        juice_bottle.PRODUCT,
        pushpins.PRODUCT,
        screw_bag.PRODUCT,
        splicing_connectors.PRODUCT,
    )
}


@dataclass(frozen=True)
class Sample:
    """One picture's objects, and the labels that it deserves: none where it is good."""

    frame: PictureRecords
    labels: frozenset[str]
    about: str


def corpus(product: Product, seed: int, good: int = 30, each: int = 8) -> Iterator[Sample]:
    """Samples of a product, the same for the same seed.

    Parameters
    ----------
    product : Product
        What is made.
    seed : int
        Of the random numbers.
    good : int
        How many good ones.
    each : int
        How many of each near miss, and of each defect alone; for each four of these one more carries a
        second defect, so that of the defective ones a fifth carry two.
    """
    rng = random.Random(seed)
    for _ in range(good):
        yield _sample(product, rng, (), "good")
    for name, change in product.fine.items():
        for _ in range(each):
            scene = product.good(rng)
            change(scene, rng)
            yield Sample(scene.frame(name, product.size), frozenset(), name)
    for d in product.defects:
        for _ in range(each):
            yield _sample(product, rng, (d,), d.label)
        friends = [e for e in product.defects if not d.matters & e.matters]
        for _ in range(each // 4 if friends else 0):
            e = rng.choice(friends)
            yield _sample(product, rng, (d, e), f"{d.label} + {e.label}")


def _sample(product: Product, rng: random.Random, defects: tuple[Defect, ...], about: str) -> Sample:
    scene = product.good(rng)
    for d in sorted(defects, key=product.defects.index):
        d.change(scene, rng)
    return Sample(scene.frame(about, product.size), frozenset(d.label for d in defects), about)
