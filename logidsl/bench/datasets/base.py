"""What every layout of a data set is read into: pictures with their ground truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from logidsl.diagnostics import InputError
from logidsl.extract.inputs import find_inputs
from logidsl.extract.pixels.header import SUFFIXES

Part: TypeAlias = Literal["train", "validation", "test"]
Kind: TypeAlias = Literal["normal", "logical", "structural"]
#: Kinds of anomalies, as a rule of a spec has them.
AnomalyType: TypeAlias = Literal["quantity", "size", "position", "matching"]


@dataclass(frozen=True)
class Sample:
    """A picture and its ground truth.

    Parameters
    ----------
    name : str
        What identifies it in a report of judging: a path, or its name within a file of several pictures.
    path : Path or None
        The file to judge; None for a picture within such a file.
    product : str
    part : "train", "validation" or "test"
    kind : "normal", "logical" or "structural"
        A structural anomaly is a logically normal part.
    labels : frozenset of str, optional
        The classes of its logical anomalies, in the words of the data set; None if they are not known.
    types : frozenset of str, optional
        Their kinds; None if they are not known.
    counts : mapping of str to int
        How many objects of each class there are, as far as known.
    problem : str
        Why the ground truth could not be read, or nothing.
    """

    name: str
    path: Path | None
    product: str
    part: Part
    kind: Kind
    labels: frozenset[str] | None = None
    types: frozenset[str] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Dataset:
    """A data set.

    Parameters
    ----------
    layout : str
        The name of its layout.
    path : Path
    samples : tuple of Sample
    files : mapping of str to sequence of Path
        For each product the files that hold several pictures of `samples`.
    notes : tuple of str
        What was left out.
    """

    layout: str
    path: Path
    samples: tuple[Sample, ...]
    files: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def products(self) -> list[str]:
        """The names of its products, in their order."""
        return list(dict.fromkeys(s.product for s in self.samples))


def product_folders(root: Path) -> dict[str, Path]:
    """The folders of products: the root itself, or those in it, that have a folder `train` or `test`.

    Raises
    ------
    InputError
        If there is none.
    """
    if _is_product(root):
        return {root.resolve().name: root}
    found = {p.name: p for p in sorted(root.iterdir()) if _is_product(p)}
    if not found:
        held = ", ".join(f"`{p.name}`" for p in sorted(root.iterdir())[:5] if not p.name.startswith(".")) or "nothing"
        raise InputError(
            f"no data set in {root}: expected a truth.csv or truth.json, or folders of products with `test` and "
            f"`train` in them, found {held}"
        )
    return found


def folders(path: Path) -> Iterator[Path]:
    """The folders in a folder, in order, without hidden ones; nothing if it does not exist."""
    if path.is_dir():
        yield from sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))


def pictures(folder: Path) -> list[Path]:
    """The picture files of a folder, not of those below it, in the order that people count in."""
    if not any(p.suffix.lower() in SUFFIXES and not p.name.startswith(".") for p in folder.iterdir()):
        return []
    return [p for p in find_inputs([folder]) if p.parent == folder and p.suffix.lower() in SUFFIXES]


def refuse_others(folder: Path, known: Sequence[str]) -> None:
    """Refuse a folder that has other folders in it than those known.

    Raises
    ------
    InputError
        If it has.
    """
    other = next((p for p in folders(folder) if p.name not in known), None)
    if other is not None:
        raise InputError(f"{folder}: expected the folders {', '.join(f'`{k}`' for k in known)}, found `{other.name}`")


def told_twice(samples: Sequence[Sample]) -> None:
    """Refuse a data set that names a picture twice.

    Raises
    ------
    InputError
        If one does.
    """
    name, times = next(iter(Counter(s.name for s in samples).most_common(1)), ("", 0))
    if times > 1:
        raise InputError(f"the data set has `{name}` {times} times: expected each picture once")


def _is_product(path: Path) -> bool:
    return path.is_dir() and ((path / "test").is_dir() or (path / "train").is_dir())
