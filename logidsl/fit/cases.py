"""From known results and files to cases: which picture each entry of the truth is about.

Owns `cases_of` and `known_pictures`. An entry about a missing picture, a name that fits several pictures, and
contradictory entries about one picture are errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from logidsl.diagnostics import InputError, did_you_mean
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.files import digest, is_file
from logidsl.fit.trials import Case
from logidsl.fit.truth import Expectation, GroundTruth, listed
from logidsl.table import ObjectTable


@dataclass(frozen=True)
class Cases:
    """Pictures with their known results, and notes on what was dropped."""

    cases: tuple[Case, ...]
    notes: tuple[str, ...] = ()


def pictures_of(truth: GroundTruth, path: Path) -> list[Path]:
    """The pictures that a file of truth names, beside it or in folders below.

    Raises
    ------
    InputError
        If one is nowhere, or several have its name.
    """
    folder = path.parent
    below = {p.as_posix(): p for p in sorted(folder.rglob("*")) if p.suffix.lower() in SUFFIXES and p.is_file()}
    if "" in truth.pictures:
        here = [p for p in below.values() if p.parent == folder]
        if len(here) != 1:
            raise InputError(
                f"{path} is about one picture without naming it, and {len(here)} lie beside it: name the picture"
            )
        return here
    found, missing = list[Path](), list[str]()
    for name in truth.pictures:
        direct = folder / name
        fits = [direct] if is_file(direct) else _named(name, below)
        if len(fits) > 1:
            raise InputError(f"{path}: `{name}` may be {fits[0]} or {fits[1]}: name the folder too")
        found += fits
        missing += [] if fits else [name]
    if missing:
        raise InputError(_unknown(path, missing, [p.name for p in below.values()]))
    return list({p.resolve(): p for p in found}.values())


def cases_of(
    truth: GroundTruth, path: Path, inputs: Sequence[Path], tables: Mapping[int, ObjectTable], all_named: bool
) -> Cases:
    """The cases of a file of truth.

    Parameters
    ----------
    truth : Truth
    path : Path
        Its file.
    inputs : sequence of Path
        The files that were looked at.
    tables : mapping of int to ObjectTable
        What was seen in each.
    all_named : bool
        Whether the inputs are those of the truth; else pictures were chosen, and the others of the truth left out.

    Raises
    ------
    InputError
        If a picture of the truth is unknown, or its results are contradictory.
    """
    images = {(i, k): name for i, t in tables.items() for k, name in enumerate(t.images)}
    by_name = {place: Path(name) for place, name in images.items()}
    about: dict[tuple[int, int], str] = {}
    absent: list[str] = list(truth.others)
    for name in truth.pictures:
        fits = list(by_name) if name == "" else [p for p, image in by_name.items() if is_name_of(name, image)]
        if name == "" and len(fits) != 1:
            raise InputError(f"{path} is about one picture without naming it: expected one picture, found {len(fits)}")
        if len(fits) > 1 and (same := [p for p in fits if (path.parent / name).resolve() == by_name[p].resolve()]):
            fits = same
        if len(fits) > 1:
            raise InputError(f"{path}: `{name}` may be {images[fits[0]]} or {images[fits[1]]}: name the folder too")
        if not fits:
            absent.append(name)
        elif fits[0] in about:
            _agree(path, truth, about[fits[0]], name)
        else:
            about[fits[0]] = name
    if absent and not all_named:
        below = {p.as_posix(): p for p in path.parent.rglob("*") if p.suffix.lower() in SUFFIXES}
        unknown = [n for n in absent if not is_file(path.parent / n) and not _named(n, below)]
    else:
        unknown = absent
    if unknown:
        raise InputError(_unknown(path, unknown, [p.name for p in by_name.values()]))
    cases = [Case(images[place], *place, truth.pictures[name]) for place, name in sorted(about.items())]
    notes = []
    if absent:
        total = len(truth.pictures) + len(truth.others)
        notes.append(f"{len(absent)} of {total} pictures of {path} are not among those given")
    if len(about) < len(images):
        notes.append(f"nothing is known of {len(images) - len(about)} of {len(images)} pictures: they are left out")
    if not cases:
        raise InputError(f"{path} says nothing of the pictures given")
    _differ([c for c in cases if len(tables[c.input].images) == 1], inputs)
    return Cases(tuple(cases), tuple(notes))


def good_and_bad(good: Sequence[Path], bad: Sequence[Path], tables: Mapping[int, ObjectTable]) -> Cases:
    """The cases of folders of good and of bad pictures, whose inputs are in this order."""
    cases = []
    for number, table in sorted(tables.items()):
        expected = Expectation("pass" if number < len(good) else "fail")
        cases += [Case(name, number, i, expected) for i, name in enumerate(table.images)]
    _differ([c for c in cases if len(tables[c.input].images) == 1], [*good, *bad])
    return Cases(tuple(cases))


def _differ(cases: Sequence[Case], inputs: Sequence[Path]) -> None:
    """Check that identical files have identical results."""
    by_digest: dict[str, Case] = {}
    for case in cases:
        found = digest(inputs[case.input])
        before = by_digest.setdefault(found, case) if found else case
        if before.expected != case.expected:
            raise InputError(
                f"contradictory truth: {before.name} is {before.expected}, and {case.name}, the same picture, is "
                f"{case.expected}"
            )


def _agree(path: Path, truth: GroundTruth, first: str, second: str) -> None:
    a, b = truth.pictures[first], truth.pictures[second]
    if a != b:
        raise InputError(f"contradictory truth: {path} says of `{first}` {a}, and of `{second}`, the same picture, {b}")


def is_name_of(name: str, image: Path) -> bool:
    """Whether a name in the truth, with or without folders and ending, means a picture."""
    wanted = PurePosixPath(name.replace("\\", "/")).parts
    parts = PurePosixPath(image.as_posix()).parts
    tail = parts[-len(wanted) :]
    return tuple(tail) == wanted or (*tail[:-1], image.stem) == wanted


def _named(name: str, below: Mapping[str, Path]) -> list[Path]:
    return [p for p in below.values() if is_name_of(name, p)]


def _unknown(path: Path, names: Sequence[str], known: Sequence[str]) -> str:
    hint = did_you_mean(names[0], known) if len(names) == 1 else ""
    return f"{path} names {'a picture' if len(names) == 1 else 'pictures'} that cannot be found: {listed(names)}{hint}"
