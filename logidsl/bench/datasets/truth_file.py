"""A plain data set: pictures or tables, and a `truth.csv` or `truth.json` with what is known of each picture.

The file is that of `logidsl fit`, with three more columns, each optional: `product`, `split` (`train`, `validation` or
`test`, which is the default) and `kind` (`normal`, `logical` or `structural`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

from logidsl.bench.datasets.base import Dataset, Kind, Part, Sample, told_twice
from logidsl.diagnostics import InputError, did_you_mean
from logidsl.extract.inputs import find_inputs
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.fit.cases import is_name_of
from logidsl.fit.truth import LABEL_KEYS, VERDICT_KEYS, Expectation, Names, read_rows, truth_rows
from logidsl.ir import Program

T = TypeVar("T")
NAMES = ("truth.csv", "truth.json", "truth.tsv")
_ENDINGS = (".csv", ".json", ".tsv")
_PARTS: Mapping[str, Part] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val"), "validation"),
    **dict.fromkeys(("test", "testing", ""), "test"),
}
_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("normal", "good"), "normal"),
    **dict.fromkeys(("logical", "logical_anomalies"), "logical"),
    **dict.fromkeys(("structural", "structural_anomalies"), "structural"),
}
_OTHER = ("height", "width", "image_height", "image_width")  # what tables say of a picture beside its truth


class NameIndex(Generic[T]):
    """Things by the names of pictures, which may be given without folders or ending.

    Parameters
    ----------
    items : iterable of (str, T)
    """

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        self._by_stem = defaultdict[str, list[tuple[Path, T]]](list)
        for name, item in items:
            path = Path(name)
            for key in {path.name, path.stem}:
                self._by_stem[key].append((path, item))

    def find(self, name: str) -> list[T]:
        """All that a name may mean."""
        last = PurePosixPath(name.replace("\\", "/")).name
        return [item for path, item in self._by_stem.get(last, []) if is_name_of(name, path)]


@dataclass(frozen=True)
class _Row:
    """What the file says of a picture, apart from what `fit` reads."""

    name: str
    value: object
    product: str
    part: Part
    kind: Kind | None


def truth_of(path: Path) -> Path | None:
    """The file of truth of a data set: the path itself, or that in the folder; None if there is none.

    Raises
    ------
    InputError
        If the path is a file of another kind.
    """
    if path.exists() and not path.is_dir():
        if path.suffix.lower() not in _ENDINGS:
            raise InputError(f"{path} is not a data set: expected a folder, or a file of truth (.csv, .json)")
        return path
    return next((path / name for name in NAMES if (path / name).is_file()), None)


def read_truth_file(
    path: Path,
    programs: Mapping[str, Program],
    renamed: Mapping[str, str],
    labels: bool = True,
    only: Collection[str] = (),
) -> Dataset:
    """The data set of a file of truth, and of what lies beside it.

    Parameters
    ----------
    path : Path
        The file.
    programs : mapping of str to Program
        The spec of each product, whose names the file uses.
    renamed : mapping of str to str
        Names of the file, and what the specs call them; empty for those to leave out.
    labels : bool
        Whether labels are read; else only verdicts and counts.
    only : collection of str
        The products to read; all if empty.

    Raises
    ------
    InputError
        If it cannot be read or says nothing of a picture, or the products are not told apart.
    """
    rows = [_row(path, name, value, programs, labels) for name, value in truth_rows(path)]
    rows = [r for r in rows if not only or r.product in only]
    if not rows:
        raise InputError(f"{path} contains no results: expected a verdict or labels for each picture")
    inputs = _beside(path)
    index = NameIndex((str(p), p) for p in inputs if p.suffix.lower() in SUFFIXES)
    several = [p for p in inputs if p.suffix.lower() not in SUFFIXES]
    samples: list[Sample] = []
    notes: list[str] = []
    for product in dict.fromkeys(r.product for r in rows):
        mine = [r for r in rows if r.product == product]
        program = programs.get(product)
        if program is None:
            raise InputError(f"no spec for the product `{product}` of {path}: add --spec {product}=FILE")
        things = frozenset([*(c.name for c in program.classes), *(s.name for s in program.sets if " " not in s.name)])
        found = read_rows(path, [(r.name, r.value) for r in mine], Names(things, program.defects, renamed))
        notes += [n for n in found.notes if n not in notes]
        samples += [_sample(path, r, found.pictures[r.name], index, bool(several)) for r in mine]
    told_twice(samples)
    own = {product: [file for file in several if file.stem == product] for product in programs}
    files = own if several and all(own.values()) else dict.fromkeys(programs, several) if several else {}
    return Dataset("truth", path, tuple(samples), files, tuple(notes))


def _beside(path: Path) -> list[Path]:
    """The files that lie beside a file of truth, or below: what a folder stands for, else descriptions of pictures."""
    try:
        found = find_inputs([path.parent])
    except InputError:
        found = [p for p in sorted(path.parent.glob("*.json")) if p.name not in NAMES]
        if not any(p.resolve() != path.resolve() for p in found):
            raise
    return [p for p in found if p.resolve() != path.resolve() and p.name not in NAMES]


def _row(path: Path, name: str, value: object, programs: Mapping[str, Program], labels: bool) -> _Row:
    if not name:
        raise InputError(f"{path}: expected the name of each picture, found results without one")
    said = {str(k).lower(): v for k, v in value.items()} if isinstance(value, dict) else {}
    if isinstance(value, dict):
        dropped = ("product", "split", "kind", *_OTHER, *(() if labels else LABEL_KEYS))
        value = {k: v for k, v in value.items() if str(k).lower() not in dropped}
        listed = [v for k in LABEL_KEYS for v in _words(said.get(k))]
        if not labels and not any(said.get(k) not in (None, "") for k in VERDICT_KEYS):
            value["verdict"] = "fail" if any(v.lower() not in ("normal", "none") for v in listed) else "pass"
    part, kind = str(said.get("split") or ""), str(said.get("kind") or "")
    for word, known, what in ((part, _PARTS, "split"), (kind, _KINDS, "kind")):
        if word and word.lower() not in known:
            choices = ", ".join(f"`{k}`" for k in dict.fromkeys(known.values()))
            raise InputError(
                f"{path}: `{name}`: expected {what} as one of {choices}, found `{word}`{did_you_mean(word, known)}"
            )
    verdict = next((v for v in (value, *said.values()) if isinstance(v, str)), "")
    told = _KINDS.get(kind.lower()) or ("structural" if verdict.lower().startswith("structural") else None)
    return _Row(name, value, _product(path, name, said, programs), _PARTS[part.lower()], told)


def _words(value: object) -> list[str]:
    """The labels of a cell: a list, an object by label, or text."""
    listed = re.split(r"[;,|]", value) if isinstance(value, str) else value
    listed = [k for k, n in listed.items() if n] if isinstance(listed, dict) else listed
    return [w for v in listed if (w := str(v).strip())] if isinstance(listed, list) else []


def _product(path: Path, name: str, said: Mapping[str, object], programs: Mapping[str, Program]) -> str:
    """The product of a picture: by its column, else by a folder on its path, else the only one."""
    if said.get("product"):
        return str(said["product"])
    inside = [p for p in PurePosixPath(name.replace("\\", "/")).parts if p in programs]
    if inside:
        return inside[-1]
    if len(programs) == 1:
        return next(iter(programs))
    raise InputError(
        f"{path} does not say of which product `{name}` is: expected a column `product`, or one spec, found "
        f"{len(programs)}"
    )


def _sample(path: Path, row: _Row, told: Expectation, index: NameIndex[Path], several: bool) -> Sample:
    fits = index.find(row.name)
    if len(fits) > 1 and (same := [p for p in fits if p.resolve() == (path.parent / row.name).resolve()]):
        fits = same
    if len(fits) > 1:
        raise InputError(f"{path}: `{row.name}` may be {fits[0]} or {fits[1]}: name the folder too")
    if told.verdict not in ("pass", "fail"):
        found = f"`{told.verdict}`" if told.verdict else "counts only"
        raise InputError(f"{path}: `{row.name}`: expected `pass`, `fail` or labels, found {found}")
    kind: Kind = row.kind or ("normal" if told.verdict == "pass" else "logical")
    if (kind == "logical") != (told.verdict == "fail"):
        raise InputError(f"{path}: contradictory truth: `{row.name}` is {kind}, and its verdict is {told.verdict}")
    labels = told.labels if kind == "logical" else frozenset[str]()
    place = fits[0] if fits else None if several else path.parent / row.name
    return Sample(str(place or row.name), place, row.product, row.part, kind, labels, None, told.counts)
