"""LOCO-Annotations: a LabelMe file for each picture, whose flags and labels say `Anomaly Type: Specific Reason`.

The authors publish that form of the text, the four types and the JSON format. How flags, labels and folders share the
text is not published, so that both places are read: a flag that is set, and the label of a shape. All other labels
are objects. The part of a file is the folder `train`, `validation` or `test` on its path.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PureWindowsPath
from typing import cast, get_args

from logidsl.bench.datasets.base import AnomalyType, Kind, Part, Sample
from logidsl.bench.datasets.loco import KINDS
from logidsl.diagnostics import InputError, did_you_mean
from logidsl.extract.formats.annotations import picture_beside
from logidsl.extract.formats.documents import read_json
from logidsl.extract.formats.labelme import is_labelme

TYPES: tuple[AnomalyType, ...] = get_args(AnomalyType)
_REASON = re.compile(r"\s*([A-Za-z]+)(?:[ _-]+anomal(?:y|ies))?\s*:\s*(.*\S)\s*", re.IGNORECASE)
_NORMAL = ("good", "normal", "ok")


def annotation_files(root: Path) -> list[Path]:
    """The LabelMe files of a product."""
    found = (p for part in get_args(Part) for p in (root / part).rglob("*.json"))
    return sorted(p for p in found if is_labelme(p))


def read_annotations(products: Mapping[str, Path]) -> Iterator[Sample]:
    """The annotated pictures of some products.

    Parameters
    ----------
    products : mapping of str to Path
        Their folders.

    Raises
    ------
    InputError
        If a product has no annotation, or a text is not of the form expected.
    """
    for product, root in products.items():
        files = [p for part in get_args(Part) for p in sorted((root / part).rglob("*.json"))]
        if not files:
            raise InputError(f"{root} has no annotation: expected LabelMe files (.json) below `train` and `test`")
        for path in files:
            yield _sample(product, root, path)


def _sample(product: str, root: Path, path: Path) -> Sample:
    inside = path.relative_to(root).parts
    part = cast("Part", inside[0])
    said: Kind | None = next((KINDS[f] for f in inside[1:-1] if f in KINDS), None)
    try:
        document = read_json(path)
        shapes = document.get("shapes") if isinstance(document, dict) else None
        if not isinstance(document, dict) or not isinstance(shapes, list):
            raise InputError(f"{path} is not a LabelMe file: expected a list `shapes`, found none")
    except InputError as error:
        return Sample(str(path), path, product, part, said or "normal", None, problem=str(error))
    flags = document.get("flags")
    marked = [str(k) for k, on in flags.items() if on] if isinstance(flags, dict) else []
    texts = [str(s["label"]) for s in shapes if isinstance(s, dict) and isinstance(s.get("label"), str)]
    reasons = {reason(t, path) for t in (*marked, *texts) if ":" in t}
    if other := [t for t in marked if ":" not in t and t.lower() not in _NORMAL]:
        raise InputError(f"{path}: expected flags as `Anomaly Type: Specific Reason`, found `{other[0]}`")
    if reasons and (said == "normal" or any(t.lower() in _NORMAL for t in marked)):
        raise InputError(f"{path}: contradictory truth: it is normal, and has the anomaly `{min(reasons)[1]}`")
    kind: Kind = "logical" if reasons else said or "normal"
    known = bool(reasons) or kind != "logical"
    return Sample(
        *_picture(document, path),
        product,
        part,
        kind,
        frozenset(label for _, label in reasons) if known else None,
        frozenset(t for t, _ in reasons) if known else None,
        Counter(t for t in texts if ":" not in t),
    )


def reason(text: str, path: Path) -> tuple[AnomalyType, str]:
    """The type and the class of an anomaly.

    Parameters
    ----------
    text : str
        Such as `Quantity: missing pushpin`.
    path : Path
        Of the file, for messages.

    Returns
    -------
    type, label : str
        The label is the reason in small letters, words joined by `_`.

    Raises
    ------
    InputError
        If it does not begin with one of the four types, or has no reason.

    Examples
    --------
    >>> reason("Quantity Anomaly: 1 additional Pushpin", Path("a.json"))
    ('quantity', '1_additional_pushpin')
    """
    found = _REASON.fullmatch(text)
    kind = found[1].lower() if found else ""
    label = re.sub(r"\W+", "_", found[2].lower()).strip("_") if found else ""
    for known in TYPES:
        if kind == known and label:
            return known, label
    listed = ", ".join(f"`{t}`" for t in TYPES)
    hint = did_you_mean(text.partition(":")[0].strip().lower(), TYPES)
    raise InputError(f"{path}: expected an anomaly as `TYPE: REASON` with one of {listed}, found `{text[:80]}`{hint}")


def _picture(document: Mapping[str, object], path: Path) -> tuple[str, Path]:
    """The picture that a file annotates, by name and path; the file itself where the picture is not there."""
    named = document.get("imagePath")
    name = named if isinstance(named, str) and named.strip() else f"{path.stem}.png"
    found = picture_beside(path.parent, name, path.stem)
    place = found or path.parent / Path(*PureWindowsPath(name).parts)
    return str(place), place if found else path
