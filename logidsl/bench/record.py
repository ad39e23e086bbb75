"""The record of a benchmark: the contract that other programs rely on, and all that text and HTML show.

`logidsl bench --format json` prints a `Benchmark`; `docs/bench.schema.json` is made from these records. A measure
without a value, such as the recall where there are no anomalies, is null.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from logidsl.records import Record, made
from logidsl.report.model import Finding, ImageLine, Verdict

Interval: TypeAlias = tuple[float, float]
Share: TypeAlias = float | None
RankingKind: TypeAlias = Literal["logical", "structural", "all"]


class JudgedLine(ImageLine):
    """A judged picture as a line of the file of `--rows`: as `check --format jsonl` has it, and objects counted."""

    counts: Annotated[dict[str, tuple[int, int]], "of classes that the ground truth counts: least and most"] = made(
        factory=dict
    )


class Row(Record):
    """A test picture: its ground truth, and what came out."""

    picture: str
    product: str
    kind: Literal["normal", "logical", "structural"]
    expected: Annotated[list[str] | None, "labels by the ground truth; empty for normal, null if not known"]
    expected_types: Annotated[list[str] | None, "kinds of anomalies by the ground truth; null if not known"]
    verdict: Verdict
    found: Annotated[list[str], "labels of the verdict"]
    found_types: Annotated[list[str], "kinds of the violated rules"]
    score: float | None
    right: Annotated[bool, "whether verdict and, where known, labels are as expected"]
    reason_right: Annotated[bool | None, "whether the reasons are right; null unless it is an anomaly with known ones"]
    objects_right: Annotated[bool | None, "whether all known counts of objects are right; null without any"]
    messages: list[str]
    error: str | None
    truth_problem: Annotated[str | None, "why the labels of the ground truth could not be read"] = None


class Binary(Record):
    """The decision between normal parts and logical anomalies; undetermined and unread pictures count as wrong."""

    pictures: int
    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int
    review: Annotated[int, "of these pictures, how many were left undetermined"]
    error: Annotated[int, "of these pictures, how many could not be judged"]
    accuracy: Share
    precision: Share
    recall: Share
    f1: Share
    false_rejects_at_most: Annotated[Share, "upper bound (Clopper and Pearson, 95 %, one-sided); null without normal"]
    missed_at_most: Annotated[Share, "the same for missed anomalies"]


class ClassScore(Record):
    """A class of anomalies as a binary decision of its own."""

    label: str
    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int
    precision: Share
    recall: Share
    f1: Share


class Confused(Record):
    """An expected label that was missed, and what was found instead: a label, `(normal)` or `(undetermined)`."""

    expected: str
    found: str
    pictures: int


class ExactMatch(Record):
    """How many pictures have exactly the labels expected."""

    right: int
    pictures: int
    share: Share


class Classification(Record):
    """Sets of labels; pictures whose labels are not known are left out."""

    classes: list[ClassScore]
    binary_f1: Share
    macro_f1: Share
    macro_f1_single: Annotated[Share, "over normal pictures and those of one anomaly"]
    macro_f1_multiple: Annotated[Share, "over normal pictures and those of several anomalies"]
    exact: ExactMatch
    exact_normal: ExactMatch
    exact_single: ExactMatch
    exact_multiple: ExactMatch
    confused: list[Confused]
    left_out: Annotated[int, "logical anomalies whose labels are not known"]
    never_found: Annotated[list[str], "labels of the ground truth that the spec does not have"]


class Ranking(Record):
    """How image scores separate anomalies of one kind from normal pictures."""

    kind: RankingKind
    normal: int
    anomalous: int
    auroc: Share
    auroc_interval: Annotated[Interval | None, "95 %, bootstrap"]
    tpr_at_1: Annotated[Share, "share of anomalies found while at most 1 % of normal pictures are rejected"]
    tpr_at_1_interval: Interval | None
    tpr_at_5: Share
    tpr_at_5_interval: Interval | None
    unscored: Annotated[int, "pictures without a score, which rank as wrong: normal ones first, anomalies last"]


class Reasoning(Record):
    """Whether the reasons for a rejection are right, of the logical anomalies whose reasons are known."""

    judged: int
    right: int
    share: Share
    share_of_rejected: Annotated[Share, "of the anomalies that were rejected"]
    types_judged: int
    types_right: Annotated[int, "the kinds of violated rules are the kinds of anomalies"]
    objects_judged: Annotated[int, "pictures of any kind whose objects are counted in the ground truth"]
    objects_right: int


class Agreement(Record):
    """Scores that a person gave in the sheet, beside the automatic ones."""

    sheet: str
    scored: int
    people_right: Share
    automatic_right: Share
    agreed: Annotated[Share, "share of the scored pictures on which both agree"]
    kappa: Annotated[Share, "Cohen's kappa; null where chance would agree as well"]


class Generated(Record):
    """Specs that a model wrote for a product, judged on its test pictures beside the spec of the product."""

    asked: int
    success: Annotated[int, "its verdicts are those of the reference spec on every picture"]
    error: Annotated[int, "it does not compile, or cannot judge a picture that the reference judges"]
    missing: Annotated[int, "it does not reject a picture that the reference rejects"]
    strict: Annotated[int, "it rejects no less than the reference, and a picture that the reference accepts"]
    unanswered: int
    success_share: Share
    error_share: Share
    missing_share: Share
    outcomes: Annotated[list[str], "of each generated spec, in order"]
    details: list[str]


class Training(Record):
    """What was learned, fitted or inferred for a product, on pictures that are not among those judged."""

    how: Literal["learn", "fit", "infer"]
    pictures: int
    parts: list[str]
    result: list[str]


class Product(Record):
    """The measures of one product."""

    name: str
    spec: str
    spec_hash: str
    training: Training | None
    normal: int
    logical: int
    structural: int
    binary: Binary
    classification: Classification | None
    detection: list[Ranking]
    reasoning: Reasoning | None
    generated: Generated | None = None


class Average(Record):
    """The means over products of the measures that have a value."""

    products: int
    accuracy: Share
    precision: Share
    recall: Share
    f1: Share
    macro_f1: Share
    exact: Share
    auroc_logical: Share
    auroc_structural: Share
    auroc_all: Share
    tpr_at_1: Share
    tpr_at_5: Share
    reasoning: Share


class PublishedTable(Record):
    """Figures as a paper prints them. None was measured on the pictures judged here."""

    id: str
    title: str
    source: str
    measured_on: str
    columns: list[str]
    rows: list[list[str]]


class Benchmark(Record):
    """The measures of specs on a data set."""

    logidsl: str
    dataset: str
    layout: str
    split: Annotated[Literal["learn", "fit", "infer"] | None, "how specs were adapted to the training part, if at all"]
    seed: int
    bootstrap: int
    products: list[Product]
    average: Average
    agreement: list[Agreement]
    published: list[PublishedTable]
    rows: list[Row]
    treatment: Annotated[list[str], "how undetermined and unread pictures count in each measure"]
    notes: list[str]


def messages_of(findings: list[Finding]) -> list[str]:
    """The findings of a picture in words, each once."""
    return list(dict.fromkeys(f"{f.rule}: {f.message}" for f in findings))
