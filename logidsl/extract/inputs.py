"""From the user's arguments to files: files, folders, patterns.

May import `diagnostics`.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from pathlib import Path

from logidsl.diagnostics import InputError, nearest
from logidsl.extract.pixels.header import SUFFIXES

_TABLES = frozenset([".csv", ".tsv", ".jsonl", ".ndjson"])
_DIGITS = re.compile(r"(\d+)")


def find_inputs(paths: Sequence[str | Path]) -> list[Path]:
    """The files for some paths.

    Parameters
    ----------
    paths : sequence of str or Path
        A file is taken as it is. A folder stands for the pictures and their annotations (LabelMe, Pascal VOC,
        YOLO) in it and below, in the order that people count in (2 before 10), hidden ones left out; an
        annotation whose picture is among them is not an input of its own, and a broken file among annotations is
        one. A folder that has neither stands for its COCO files, else for those of other annotation tools and for
        descriptions, else for its tables. `*`, `?` and `**` make a pattern, unless there is a file of that very name.

    Returns
    -------
    list of Path
        In the order named, each once.

    Raises
    ------
    InputError
        If a path is missing, or a folder or pattern stands for nothing.
    """
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found.update(dict.fromkeys(_in_folder(path)))
        elif path.exists():
            found[path] = None
        elif glob.has_magic(str(given)):
            matches = sorted((Path(p) for p in glob.glob(str(given), recursive=True)), key=counting)  # noqa: PTH207
            files = _without_twins([p for p in matches if not p.is_dir()])
            if not files:
                raise InputError(f"{given}: no file fits this pattern")
            found.update(dict.fromkeys(files))
        else:
            raise InputError(f"no such file or folder: {given}{_hint(path)}")
    return list(found)


def _in_folder(folder: Path) -> list[Path]:
    """The inputs of a folder and of those below it."""
    from logidsl.extract.formats.beside import is_annotation, is_broken
    from logidsl.extract.formats.coco import is_ground_truth
    from logidsl.extract.registry import is_known_format  # which knows all readers

    files: list[Path] = []
    problems: list[OSError] = []
    for where, folders, names in os.walk(folder, onerror=problems.append):
        masks = "ground_truth" if "defects_config.json" in names else ""  # of a dataset: no pictures of parts
        folders[:] = [f for f in folders if not f.startswith(".") and f != masks]
        files += [Path(where) / n for n in names if not n.startswith(".")]
    if problems and not files:
        raise InputError(f"{folder} cannot be read: {problems[0].strerror or problems[0]}")
    files.sort(key=counting)
    known = {p for p in files if p.suffix.lower() in SUFFIXES or is_annotation(p)}
    kinds_of = {(p.parent, p.suffix.lower()) for p in known}
    # one that cannot be parsed among many that can is one of them, and a row of the report
    taken = _without_twins(
        [p for p in files if p in known or ((p.parent, p.suffix.lower()) in kinds_of and is_broken(p))]
    )
    taken = taken or [p for p in files if p.suffix.lower() == ".json" and is_ground_truth(p)]
    taken = taken or [p for p in files if is_known_format(p, installed=True)]
    taken = taken or [p for p in files if p.suffix.lower() in _TABLES]
    if not taken:
        kinds = ", ".join(sorted(SUFFIXES))
        count = f"{len(files)} other file{'' if len(files) == 1 else 's'}" if files else "nothing"
        raise InputError(f"no picture in the folder {folder}: expected files with {kinds}, found {count}")
    return taken


def _without_twins(files: list[Path]) -> list[Path]:
    """Leave out annotations of pictures that are there, beside them or in a folder of labels: they are one image."""
    from logidsl.extract.formats.beside import ENDINGS, annotation_of

    pictures = [p for p in files if p.suffix.lower() in SUFFIXES]
    beside = {p.with_suffix("") for p in pictures}
    rest = [p for p in files if p.suffix.lower() in ENDINGS and p.with_suffix("") not in beside]
    twins = {annotation_of(p) for p in pictures} if rest and pictures else set()
    same = {os.path.realpath(t) for t in twins if t}
    kept = {p for p in rest if p not in twins and os.path.realpath(p) not in same}
    return [p for p in files if p.suffix.lower() not in ENDINGS or p in kept]


def counting(path: Path) -> list[tuple[int, int, str]]:
    """A key that sorts numbers in names by their value: 2 before 10."""
    parts = _DIGITS.split(str(path).casefold())
    key = [(0, int(p), p) if p.isdecimal() else (1, 0, p) for p in parts]
    return [*key, (2, 0, str(path))]


def _hint(path: Path) -> str:
    """The name most similar to a missing one, in its folder."""
    try:
        near = nearest(path.name, [p.name for p in path.parent.iterdir()])
    except OSError:
        return ""
    return f"; did you mean `{path.parent / near}`?" if near else ""
