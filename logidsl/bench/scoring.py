"""From ground truth and verdicts to the measures of a product."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from logidsl.bench import measures
from logidsl.bench.datasets.base import Sample
from logidsl.bench.measures import Bools, Confusion, Floats, ratio
from logidsl.bench.record import (
    Average,
    Binary,
    Classification,
    ClassScore,
    Confused,
    ExactMatch,
    JudgedLine,
    Product,
    Ranking,
    RankingKind,
    Reasoning,
    Row,
    Share,
    Training,
    messages_of,
)
from logidsl.fit.intervals import upper_bound
from logidsl.ir import Program

NORMAL, UNDETERMINED, NOTHING = "(normal)", "(undetermined)", "(nothing)"
#: How undetermined and unread pictures count.
TREATMENT = (
    "accuracy, precision, recall, F1: a normal picture that is undetermined or cannot be judged counts as a false "
    "reject, an anomalous one as missed",
    "labels: such a picture has no label, never matches exactly, and is neither normal nor anomalous",
    "AUROC and TPR: an undetermined picture keeps its score; one without a score ranks as wrong, a normal one above "
    "and an anomaly below all others; a tie counts half in AUROC, and rejects both in TPR",
    "reasons: such a picture has no right reason; a count of objects is right only if it is certain",
    "structural anomalies are logically normal: they count only in the rankings of their own kind and of all",
)


@dataclass(frozen=True)
class Scorer:
    """How a product is scored.

    Parameters
    ----------
    program : Program
        Its spec.
    renamed : mapping of str to str
        Labels and classes of the data set, and what the spec calls them; empty for those that are not compared.
    seed : int
        Of the bootstrap.
    rounds : int
        Of the bootstrap; 0 for no intervals.
    """

    program: Program
    renamed: Mapping[str, str]
    seed: int = 0
    rounds: int = 1000

    def rows(self, samples: Sequence[Sample], lines: Sequence[JudgedLine | None]) -> list[Row]:
        """A row for each sample; one that was not found among the lines is an error."""
        expected = [self._expected(s) for s in samples]
        comparable = self._comparable(expected)
        each = zip(samples, lines, expected, strict=True)
        return [self._row(s, line, labels, comparable) for s, line, labels in each]

    def countable(self, samples: Sequence[Sample]) -> list[str]:
        """The names of the spec whose objects the ground truth counts."""
        known = {*(c.name for c in self.program.classes), *(s.name for s in self.program.sets)}
        return sorted(known & {name for s in samples for name in self._counts(s)})

    def _counts(self, s: Sample) -> Counter[str]:
        """The counts of a sample by the spec's names."""
        counts = Counter[str]()
        for name, count in s.counts.items():
            counts[self.renamed.get(name, name)] += count
        return counts

    def product(self, name: str, rows: Sequence[Row], training: Training | None = None) -> Product:
        """The measures of a product from its rows."""
        kinds = Counter(r.kind for r in rows)
        return Product(
            name=name,
            spec=self.program.path,
            spec_hash=self.program.hash,
            training=training,
            normal=kinds["normal"],
            logical=kinds["logical"],
            structural=kinds["structural"],
            binary=binary(rows),
            classification=self._classification(rows),
            detection=[r for k in get_args(RankingKind) if (r := self._ranking(name, rows, k)) is not None],
            reasoning=reasoning(rows),
        )

    def _expected(self, s: Sample) -> list[str] | None:
        if s.labels is None or s.kind != "logical":
            return None if s.labels is None else []
        found = [self.renamed.get(label, label) for label in sorted(s.labels)]
        return sorted(set(found)) if all(found) else None

    def _comparable(self, expected: Sequence[list[str] | None]) -> bool:
        """Whether any label of the ground truth is one of the spec."""
        return any(label in self.program.defects for labels in expected for label in labels or ())

    def _row(self, s: Sample, line: JudgedLine | None, labels: list[str] | None, comparable: bool) -> Row:
        verdict = line.verdict if line else "error"
        rejected = verdict == "fail"
        found = sorted(set(line.labels)) if line and rejected else []
        types = sorted({f.kind for f in line.findings if f.kind and f.truth == "false"}) if line and rejected else []
        wanted = None if s.types is None else sorted(s.types)
        reason: bool | None = None
        if s.kind == "logical" and labels is not None and comparable:
            reason = rejected and found == labels
        elif s.kind == "logical" and wanted is not None:
            reason = rejected and types == wanted
        right = (rejected and reason is not False) if s.kind == "logical" else verdict == "pass"
        return Row(
            picture=line.path if line else s.name,
            product=s.product,
            kind=s.kind,
            expected=labels,
            expected_types=wanted,
            verdict=verdict,
            found=found,
            found_types=types,
            score=line.score if line else None,
            right=right,
            reason_right=reason,
            objects_right=self._objects_right(s, line),
            messages=messages_of(line.findings) if line else [],
            error=line.error if line else "no such picture",
            truth_problem=s.problem or None,
        )

    def _objects_right(self, s: Sample, line: JudgedLine | None) -> bool | None:
        names = self.countable([s])
        if not names:
            return None
        counts = self._counts(s)
        return line is not None and all(line.counts.get(n) == (counts[n], counts[n]) for n in names)

    def _classification(self, rows: Sequence[Row]) -> Classification | None:
        """Set prediction; None unless the ground truth has labels of the spec."""
        compared = [r for r in rows if r.kind != "structural" and r.expected is not None]
        if not self._comparable([r.expected for r in compared]):
            return None
        labels = sorted({label for r in compared for label in (*(r.expected or ()), *r.found)})
        scores = self._class_scores(compared, labels)
        counts = [_confusion_of(s) for s in scores]
        expected = {label for r in compared for label in r.expected or ()}
        normal, single, multiple = ([r for r in compared if min(len(r.expected or ()), 2) == n] for n in range(3))
        return Classification(
            classes=scores,
            binary_f1=binary(compared).f1,
            macro_f1=measures.macro_f1(counts),
            macro_f1_single=self._macro([*normal, *single], labels) if single else None,
            macro_f1_multiple=self._macro([*normal, *multiple], labels) if multiple else None,
            exact=exact(compared),
            exact_normal=exact(normal),
            exact_single=exact(single),
            exact_multiple=exact(multiple),
            confused=confused(compared),
            left_out=sum(r.kind == "logical" and r.expected is None for r in rows),
            never_found=sorted(expected - self.program.defects),
        )

    def _class_scores(self, rows: Sequence[Row], labels: Sequence[str]) -> list[ClassScore]:
        wanted, found = (
            np.array([[label in side for label in labels] for side in sides], bool).reshape(len(rows), len(labels))
            for sides in ([r.expected or () for r in rows], [r.found for r in rows])
        )
        each = zip(labels, measures.label_confusion(wanted, found), strict=True)
        return [
            ClassScore(label=label, **vars(c), precision=c.precision, recall=c.recall, f1=c.f1) for label, c in each
        ]

    def _macro(self, rows: Sequence[Row], labels: Sequence[str]) -> Share:
        return measures.macro_f1([_confusion_of(s) for s in self._class_scores(rows, labels)])

    def _ranking(self, name: str, rows: Sequence[Row], kind: RankingKind) -> Ranking | None:
        bad = [r for r in rows if r.kind == kind or (kind == "all" and r.kind != "normal")]
        if not bad or (kind == "all" and len({r.kind for r in bad}) == 1):
            return None
        good = [r for r in rows if r.kind == "normal"]
        normal, anomalous = _scores(good, np.inf), _scores(bad, -np.inf)

        def of(what: str, measure: Callable[[Floats, Floats], Share]) -> tuple[Share, tuple[float, float] | None]:
            seed = self.seed + zlib.crc32(f"{name} {kind} {what}".encode())
            return measure(normal, anomalous), measures.bootstrap(measure, normal, anomalous, self.rounds, seed)

        auroc, auroc_interval = of("auroc", measures.auroc)
        one, one_interval = of("1", lambda a, b: measures.rate_at(a, b, 0.01))
        five, five_interval = of("5", lambda a, b: measures.rate_at(a, b, 0.05))
        return Ranking(
            kind=kind,
            normal=len(good),
            anomalous=len(bad),
            auroc=auroc,
            auroc_interval=auroc_interval,
            tpr_at_1=one,
            tpr_at_1_interval=one_interval,
            tpr_at_5=five,
            tpr_at_5_interval=five_interval,
            unscored=sum(r.score is None for r in (*good, *bad)),
        )


def binary(rows: Sequence[Row]) -> Binary:
    """The binary decision on the rows that are normal or logical anomalies."""
    chosen = [r for r in rows if r.kind != "structural"]
    verdicts = Counter(r.verdict for r in chosen)
    c = measures.confusion(
        _where(chosen, lambda r: r.kind == "logical"),
        _where(chosen, lambda r: r.verdict == "fail"),
        _where(chosen, lambda r: r.verdict == "pass"),
    )
    normal, anomalous = c.false_positive + c.true_negative, c.true_positive + c.false_negative
    return Binary(
        pictures=len(chosen),
        **vars(c),
        review=verdicts["review"],
        error=verdicts["error"],
        accuracy=c.accuracy,
        precision=c.precision,
        recall=c.recall,
        f1=c.f1,
        false_rejects_at_most=upper_bound(c.false_positive, normal) if normal else None,
        missed_at_most=upper_bound(c.false_negative, anomalous) if anomalous else None,
    )


def exact(rows: Sequence[Row]) -> ExactMatch:
    """How many rows have exactly the labels expected, and a verdict."""
    right = sum(r.found == r.expected and r.verdict == ("fail" if r.expected else "pass") for r in rows)
    return ExactMatch(right=right, pictures=len(rows), share=ratio(right, len(rows)))


def confused(rows: Sequence[Row]) -> list[Confused]:
    """Expected labels that were missed, with what was found in their place; the most frequent first."""
    pairs = Counter[tuple[str, str]]()
    for r in rows:
        expected, found = set(r.expected or ()), set(r.found)
        if r.verdict in ("review", "error"):
            found = {UNDETERMINED}
        elif r.verdict == "pass":
            found = {NORMAL}
        missed = (expected or {NORMAL}) - found
        pairs.update((m, f) for m in missed for f in (found - expected or {NOTHING}))
    ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return [Confused(expected=e, found=f, pictures=n) for (e, f), n in ordered]


def reasoning(rows: Sequence[Row]) -> Reasoning | None:
    """Whether reasons and objects are right; None where nothing of them is known."""
    known = [r for r in rows if r.reason_right is not None]
    typed = [r for r in rows if r.kind == "logical" and r.expected_types is not None]
    counted = [r for r in rows if r.objects_right is not None]
    if not (known or typed or counted):
        return None
    right = sum(bool(r.reason_right) for r in known)
    rejected = sum(r.verdict == "fail" for r in known)
    return Reasoning(
        judged=len(known),
        right=right,
        share=ratio(right, len(known)),
        share_of_rejected=ratio(right, rejected),
        types_judged=len(typed),
        types_right=sum(r.verdict == "fail" and r.found_types == r.expected_types for r in typed),
        objects_judged=len(counted),
        objects_right=sum(bool(r.objects_right) for r in counted),
    )


def average(products: Sequence[Product]) -> Average:
    """The means over products, each with the same weight."""

    def mean(of: Callable[[Product], Share]) -> Share:
        values = [v for p in products if (v := of(p)) is not None]
        return sum(values) / len(values) if values else None

    def ranked(kind: str, of: Callable[[Ranking], Share]) -> Share:
        return mean(lambda p: next((of(r) for r in p.detection if r.kind == kind), None))

    return Average(
        products=len(products),
        accuracy=mean(lambda p: p.binary.accuracy),
        precision=mean(lambda p: p.binary.precision),
        recall=mean(lambda p: p.binary.recall),
        f1=mean(lambda p: p.binary.f1),
        macro_f1=mean(lambda p: p.classification.macro_f1 if p.classification else None),
        exact=mean(lambda p: p.classification.exact.share if p.classification else None),
        auroc_logical=ranked("logical", lambda r: r.auroc),
        auroc_structural=ranked("structural", lambda r: r.auroc),
        auroc_all=ranked("all", lambda r: r.auroc),
        tpr_at_1=ranked("logical", lambda r: r.tpr_at_1),
        tpr_at_5=ranked("logical", lambda r: r.tpr_at_5),
        reasoning=mean(lambda p: p.reasoning.share if p.reasoning else None),
    )


def _where(rows: Sequence[Row], test: Callable[[Row], bool]) -> Bools:
    return np.array([test(r) for r in rows], bool)


def _scores(rows: Sequence[Row], without: float) -> Floats:
    return np.array([without if r.score is None else r.score for r in rows], np.float64)


def _confusion_of(s: ClassScore) -> Confusion:
    return Confusion(s.true_positive, s.false_positive, s.false_negative, s.true_negative)
