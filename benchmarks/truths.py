"""What the shared pictures show, as their `truth.json` files say it: a picture, a spec, and what must come out.

`../shared/data` is read, never copied. A structural defect counts as logically normal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.loco import PRODUCTS

CHECKOUT = Path(__file__).resolve().parents[1]
DATA = CHECKOUT.parent / "shared" / "data"
SPECS = CHECKOUT / "specs"

#: Labels where the truth tells them in words.
_LABELS = {
    "extra_cable": {"extra_cable"},
    "1_additional_short_screw": {"1_additional_short_screw"},
    "wrong_fill_level_not_enough": {"wrong_fill_level_not_enough"},
    "total is 15 but": {"missing_pushpin", "1_additional_pushpin"},
}


@dataclass(frozen=True)
class Case:
    """A picture and what must be said of it.

    Parameters
    ----------
    picture : Path
        The file.
    spec : Path
        What it is checked with.
    labels : frozenset of str, optional
        The labels of the verdict; `normal` of a picture that passes.
    counts : mapping of str to int
        How many objects each class or set must have.
    slack : int
        By how much the sum of `counts` may be off.
    structural : bool
        Whether it shows a structural defect.
    """

    picture: Path
    spec: Path
    labels: frozenset[str] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    slack: int = 0
    structural: bool = False


def _truth(folder: str) -> Mapping[str, Mapping[str, object]]:
    found: Mapping[str, Mapping[str, object]] = json.loads((DATA / folder / "truth.json").read_text("utf-8"))
    return found


def _said(words: str) -> frozenset[str]:
    """The labels of a verdict in words.

    Raises
    ------
    ValueError
        If a logical anomaly has no known label.
    """
    if not words.startswith("logical "):
        return frozenset(["normal"])
    for key, labels in _LABELS.items():
        if key in words:
            return frozenset(labels)
    raise ValueError(f"no label is known for `{words}`")


def loco() -> Iterator[Case]:
    """All pictures of the five products."""
    for product, folder in PRODUCTS.items():
        spec = SPECS / "pictures" / f"{product}.logic"
        for name, truth in _truth(folder).items():
            words = str(truth["verdict"])
            yield Case(DATA / folder / name, spec, _said(words), structural="structural" in words)
        yield Case(DATA / "loco_five_normals_small" / f"{product}.png", spec, frozenset(["normal"]))


def candies() -> Iterator[Case]:
    """Sweets by colour."""
    for name, counts in _truth("candies_even").items():
        wanted = {f"{color}_sweet": int(str(n)) for color, n in counts.items()}
        yield Case(DATA / "candies_even" / name, SPECS / "candies.logic", counts=wanted)


def nuts() -> Iterator[Case]:
    """Dates, figs and hazelnuts, seen in the pixels; one of them may be missed or seen twice."""
    for name, counts in _truth("nuts_labelme").items():
        wanted = {kind: int(str(n)) for kind, n in counts.items()}
        yield Case(DATA / "nuts_labelme" / name, SPECS / "pictures" / "nuts.logic", counts=wanted, slack=1)


def small_parts() -> Iterator[Case]:
    """Coins, sweets and blades."""
    truth, folder = _truth("small_parts"), DATA / "small_parts"
    colors = {c: int(str(truth["smarties.png"][c])) for c in ("blue", "green", "red", "orange", "brown")}
    yield Case(folder / "smarties.png", SPECS / "smarties.logic", counts={f"{c}_sweet": n for c, n in colors.items()})
    coins = int(str(truth["coins_skimage.png"]["coins"]))
    yield Case(folder / "coins_skimage.png", SPECS / "coins.logic", frozenset(["normal"]), {"coin": coins})
    blades = truth["propeller_blades.jpg"]
    counted = {"lying": int(str(blades["roughly_horizontal"])), "standing": int(str(blades["vertical"]))}
    yield Case(folder / "propeller_blades.jpg", SPECS / "blades.logic", frozenset(["normal"]), counted)


def blisters() -> Iterator[Case]:
    """Blister packs with an empty pocket."""
    truth = json.loads((DATA / "blister_packs" / "truth.json").read_text("utf-8"))
    counts = {"pack": int(truth["packs"]), "pills": int(truth["filled"])}
    yield Case(DATA / "blister_packs" / "pills.png", SPECS / "blister.logic", frozenset(["empty_pocket"]), counts)


#: The folders, the share of pictures that must be right, and what is in them.
FOLDERS = {
    "loco_*": (0.9, loco),
    "candies_even": (1.0, candies),
    "nuts_labelme": (7 / 9, nuts),
    "small_parts": (1.0, small_parts),
    "blister_packs": (1.0, blisters),
}
