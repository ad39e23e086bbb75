"""Data sets: from a folder in a published layout, or a file of truth, to pictures with their ground truth.

`base` says what a data set is. Each layout has a module of its own, which refuses folders and texts that it does not
know; `read_dataset` recognises the layout and reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from logidsl.bench.datasets.base import Dataset, Sample, folders, product_folders, told_twice
from logidsl.bench.datasets.loco import read_loco
from logidsl.bench.datasets.loco_annotations import annotation_files, read_annotations
from logidsl.bench.datasets.loco_fc import split_classes
from logidsl.bench.datasets.truth_file import read_truth_file, truth_of
from logidsl.bench.datasets.vid_ad import ANOMALIES, read_vid_ad
from logidsl.diagnostics import InputError, did_you_mean
from logidsl.ir import Program

__all__ = ["LAYOUTS", "Dataset", "Sample", "read_dataset"]

Layout: TypeAlias = Literal["loco", "loco-annotations", "loco-fc", "vid-ad", "truth"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)


def read_dataset(
    path: Path,
    programs: Mapping[str, Program],
    layout: Layout | None = None,
    *,
    only: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
    labels: bool = True,
    seed: int = 0,
) -> Dataset:
    """A data set with its ground truth.

    Parameters
    ----------
    path : Path
        Its folder, or a file of truth.
    programs : mapping of str to Program
        The specs by product, for names that a file of truth shares with them.
    layout : str, optional
        One of `LAYOUTS`; recognised if left out.
    only : collection of str
        The products to read; all if empty.
    renamed : mapping of str to str, optional
        Names of classes in the data set, and what the specs call them.
    labels : bool
        Whether classes of anomalies are compared.
    seed : int
        Of the split of `loco-fc`.

    Raises
    ------
    InputError
        If it is missing or empty, or holds what the layout does not have.
    """
    if not path.exists():
        raise InputError(f"no such data set: {path}")
    chosen = layout or recognised(path)
    if chosen == "truth":
        file = truth_of(path)
        if file is None:
            raise InputError(f"{path} has no truth: expected truth.csv or truth.json in it")
        return _checked(read_truth_file(file, programs, renamed or {}, labels, only), labels)
    if not path.is_dir():
        raise InputError(f"{path}: expected a folder for the layout `{chosen}`, found a file")
    products = product_folders(path)
    for name in only:
        if name not in products:
            listed = ", ".join(f"`{p}`" for p in products)
            raise InputError(f"no product `{name}`: expected one of {listed}{did_you_mean(name, products)}")
    products = {name: folder for name, folder in products.items() if not only or name in only}
    notes: list[str] = []
    if chosen == "vid-ad":
        samples = list(read_vid_ad(products))
    elif chosen == "loco-annotations" or (chosen == "loco-fc" and _is_annotated(products)):
        samples = list(read_annotations(products))
    else:
        samples = list(read_loco(products))
    if chosen == "loco-fc":
        samples, notes = split_classes(samples, seed)
    told_twice(samples)
    return _checked(Dataset(chosen, path, tuple(samples), {}, tuple(notes)), labels)


def recognised(path: Path) -> Layout:
    """The layout of a data set, by its files.

    Raises
    ------
    InputError
        If nothing in it is known.
    """
    if truth_of(path) is not None:
        return "truth"
    products = product_folders(path)
    if any(True for root in products.values() for _ in folders(root / "test" / ANOMALIES)):
        return "vid-ad"
    return "loco-annotations" if _is_annotated(products) else "loco"


def _is_annotated(products: Mapping[str, Path]) -> bool:
    """Whether the products have annotations in place of masks."""
    masks = any((root / "defects_config.json").is_file() for root in products.values())
    return not masks and any(annotation_files(root) for root in products.values())


def _checked(found: Dataset, labels: bool) -> Dataset:
    """A data set that can be measured on, with or without labels: it has test pictures, and normal ones among them."""
    tests = [s for s in found.samples if s.part == "test"]
    if not tests:
        held = f"{len(found.samples)} in other parts" if found.samples else "it is empty"
        raise InputError(f"{found.path} has no test picture: {held}")
    if not any(s.kind == "normal" for s in tests):
        raise InputError(
            f"{found.path}: the test part has no normal picture among {len(tests)}: without any, false rejects cannot "
            "be measured"
        )
    return (
        found if labels else replace(found, samples=tuple(replace(s, labels=None, types=None) for s in found.samples))
    )
