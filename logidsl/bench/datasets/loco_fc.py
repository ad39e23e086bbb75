"""The split of MVTec LOCO FC, made from the defect classes of MVTec LOCO AD.

Four fifths of the logical anomalies of one class go to training, all others of one class and all of several to the test
set. Which pictures the authors chose is not published; here each class gives its share, drawn with a fixed seed. Of
structural anomalies the task knows nothing.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from logidsl.bench.datasets.base import Sample
from logidsl.diagnostics import counted

TRAINED = 0.8


def split_classes(samples: Sequence[Sample], seed: int) -> tuple[list[Sample], list[str]]:
    """The samples with the parts that the split gives them, and notes on what was left out.

    Parameters
    ----------
    samples : sequence of Sample
        Of MVTec LOCO AD.
    seed : int

    Returns
    -------
    samples : list of Sample
        In their order.
    notes : list of str
    """
    single = [s for s in samples if s.kind == "logical" and s.labels and len(s.labels) == 1]
    trained = {s.name for product in dict.fromkeys(s.product for s in single) for s in _drawn(single, product, seed)}
    unknown = sum(s.kind == "logical" and s.labels is None for s in samples)
    structural = sum(s.kind == "structural" for s in samples)
    notes = [f"{counted(structural, 'structural anomaly', 'structural anomalies')} left out"] if structural else []
    if unknown:
        notes.append(f"{counted(unknown, 'logical anomaly', 'logical anomalies')} of unknown class left out")
    kept = [s for s in samples if s.kind == "normal" or (s.kind == "logical" and s.labels)]
    return [replace(s, part="train") if s.name in trained else s for s in kept], notes


def _drawn(single: Sequence[Sample], product: str, seed: int) -> list[Sample]:
    """The training pictures of a product: its share of each class, rounded so that the sum is right."""
    classes = defaultdict[str, list[Sample]](list)
    for s in single:
        if s.product == product and s.labels:
            classes[min(s.labels)].append(s)
    count = sum(map(len, classes.values()))
    tests = count - round(TRAINED * count)
    shares = {name: (1 - TRAINED) * len(members) for name, members in classes.items()}
    taken = {name: int(share) for name, share in shares.items()}
    rest = sorted(classes, key=lambda name: (taken[name] - shares[name], name))
    for name in rest[: tests - sum(taken.values())]:
        taken[name] += 1
    found: list[Sample] = []
    for name in sorted(classes):
        members = sorted(classes[name], key=lambda s: s.name)
        random.Random(f"{seed} {product} {name}").shuffle(members)
        found += members[taken[name] :]
    return found
