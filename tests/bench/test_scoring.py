"""What a product's verdicts amount to, with review, error and unknown labels among them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from logidsl.bench.datasets.base import Kind, Sample
from logidsl.bench.record import JudgedLine
from logidsl.bench.scoring import Scorer, average
from logidsl.pipeline import compile_spec
from logidsl.report.build import spec_ref
from logidsl.report.model import Finding, Verdict
from logidsl.source import Source
from logidsl.version import __version__

PROGRAM = compile_spec(
    Source(
        "pins.logic",
        "object pin\nrule few as quantity: count(pin) = 2 low too_few high too_many\n"
        "rule big as size: every pin: area > 2 px2 defect too_small",
    )
)
RULE = PROGRAM.rules[0]


def sample(name: str, kind: Kind, *labels: str, known: bool = True, types: Sequence[str] | None = None, **counts: int):
    kinds = None if types is None else frozenset(types)
    return Sample(name, None, "pins", "test", kind, frozenset(labels) if known else None, kinds, counts)


def line(
    name: str, verdict: Verdict, *labels: str, score: float | None = 0.0, kind: str = "quantity", **counts
) -> JudgedLine:
    finding = Finding(
        rule="few",
        kind=kind,
        truth="false",
        label=None,
        severity=None,
        message="m",
        span=RULE.span,
        measured=None,
        expected=None,
        margin=None,
        reason=None,
        objects=[],
    )
    return JudgedLine(
        path=name,
        verdict=verdict,
        labels=list(labels),
        score=None if verdict == "error" else score,
        objects=1,
        error="broken" if verdict == "error" else None,
        findings=[finding] if verdict == "fail" else [],
        logidsl=__version__,
        spec=spec_ref(PROGRAM),
        input=name,
        digest=None,
        counts=counts,
    )


def measured(*pairs, **options):
    scorer = Scorer(PROGRAM, options.get("renamed", {}), rounds=0)
    samples, lines = [s for s, _ in pairs], [one for _, one in pairs]
    rows = scorer.rows(samples, lines)
    return rows, scorer.product("pins", rows)


GOOD = (sample("g", "normal"), line("g", "pass", "normal", score=-0.5))


def test_review_error_and_missing_pictures_count_against_the_spec() -> None:
    rows, p = measured(
        GOOD,
        (sample("g2", "normal"), line("g2", "review")),
        (sample("g3", "normal"), line("g3", "error")),
        (sample("b", "logical", "too_few"), line("b", "fail", "too_few", score=0.5)),
        (sample("b2", "logical", "too_few"), line("b2", "review", score=0.1)),
        (sample("b3", "logical", "too_few"), line("b3", "error")),
        (sample("b4", "logical", "too_few"), None),
    )
    b = p.binary
    assert (b.true_positive, b.false_positive, b.false_negative, b.true_negative) == (1, 2, 3, 1)
    assert (b.review, b.error, b.pictures) == (2, 3, 7)
    assert [r.right for r in rows] == [True, False, False, True, False, False, False]
    assert rows[-1].error == "no such picture"
    c = p.classification
    assert c is not None
    assert (c.exact.right, c.exact.pictures) == (2, 7)
    assert [(x.expected, x.found, x.pictures) for x in c.confused] == [
        ("too_few", "(undetermined)", 3),
        ("(normal)", "(undetermined)", 2),
    ]
    (ranking,) = p.detection
    # normal scores -0.5, 0, inf; anomalies 0.5, 0.1, -inf, -inf
    assert ranking.auroc == pytest.approx((2 + 2 + 0 + 0) / 12)
    assert ranking.unscored == 3
    assert p.reasoning is not None
    assert (p.reasoning.right, p.reasoning.judged) == (1, 4)


def test_single_and_multiple_anomalies_are_apart() -> None:
    _, p = measured(
        GOOD,
        (sample("a", "logical", "too_few"), line("a", "fail", "too_few")),
        (sample("b", "logical", "too_few", "too_small"), line("b", "fail", "too_few")),
        (sample("c", "logical", "too_many"), line("c", "fail", "too_few")),
    )
    c = p.classification
    assert c is not None
    assert (c.exact_single.right, c.exact_single.pictures) == (1, 2)
    assert (c.exact_multiple.right, c.exact_multiple.pictures) == (0, 1)
    by_label = {x.label: (x.true_positive, x.false_positive, x.false_negative) for x in c.classes}
    assert by_label == {"too_few": (2, 1, 0), "too_many": (0, 0, 1), "too_small": (0, 0, 1)}
    assert c.macro_f1 == pytest.approx((0.8 + 0 + 0) / 3)
    assert {(x.expected, x.found) for x in c.confused} == {("too_many", "too_few"), ("too_small", "(nothing)")}
    assert c.macro_f1_multiple == pytest.approx((1 + 0) / 2)


def test_structural_anomalies_are_normal_by_logic_and_ranked_apart() -> None:
    rows, p = measured(
        GOOD,
        (sample("s", "structural"), line("s", "pass", "normal", score=-0.9)),
        (sample("s2", "structural"), line("s2", "fail", "too_few", score=0.2)),
        (sample("b", "logical", "too_few"), line("b", "fail", "too_few", score=0.5)),
    )
    assert p.binary.pictures == 2
    assert [(r.kind, r.auroc) for r in p.detection] == [("logical", 1.0), ("structural", 0.5), ("all", 2 / 3)]
    assert [r.right for r in rows] == [True, True, False, True]


def test_labels_that_are_not_known_are_left_out_of_classification_only() -> None:
    _, p = measured(
        GOOD,
        (sample("a", "logical", known=False), line("a", "fail", "too_few")),
        (sample("b", "logical", "too_few"), line("b", "fail", "too_few")),
    )
    assert p.binary.recall == 1
    assert p.classification is not None
    assert p.classification.left_out == 1
    assert p.classification.exact.pictures == 2


def test_labels_of_another_vocabulary_are_not_compared_unless_they_are_mapped() -> None:
    pairs = (GOOD, (sample("a", "logical", "pin gone"), line("a", "fail", "too_few")))
    rows, p = measured(*pairs)
    assert p.classification is None
    assert (rows[1].right, rows[1].reason_right) == (True, None)
    rows, p = measured(*pairs, renamed={"pin gone": "too_few"})
    assert p.classification is not None
    assert p.classification.exact.share == 1
    assert rows[1].reason_right is True
    rows, p = measured(*pairs, renamed={"pin gone": ""})
    assert rows[1].expected is None


def test_a_class_that_the_spec_lacks_is_never_found_and_counts() -> None:
    _, p = measured(
        GOOD,
        (sample("a", "logical", "too_few"), line("a", "fail", "too_few")),
        (sample("b", "logical", "rusty"), line("b", "fail", "too_few")),
    )
    assert p.classification is not None
    assert p.classification.never_found == ["rusty"]
    assert {c.label: c.recall for c in p.classification.classes} == {"too_few": 1.0, "rusty": 0.0}


def test_types_are_compared_where_labels_cannot_be() -> None:
    rows, p = measured(
        GOOD,
        (sample("a", "logical", "pin gone", types=["quantity"]), line("a", "fail", "too_few")),
        (sample("b", "logical", "pin gone", types=["quantity"]), line("b", "fail", "too_small", kind="size")),
    )
    assert [r.reason_right for r in rows] == [None, True, False]
    assert p.reasoning is not None
    assert (p.reasoning.types_right, p.reasoning.types_judged) == (1, 2)


def test_objects_are_right_only_if_their_count_is_certain() -> None:
    rows, p = measured(
        (sample("a", "normal", pin=2, nut=1), line("a", "pass", "normal", pin=(2, 2))),
        (sample("b", "normal", pin=2), line("b", "pass", "normal", pin=(1, 2))),
        (sample("c", "logical", "too_few", pin=1), line("c", "fail", "too_few", pin=(1, 1))),
        (sample("d", "normal", pin=2), line("d", "error")),
    )
    assert [r.objects_right for r in rows] == [True, False, True, False]
    assert p.reasoning is not None
    assert (p.reasoning.objects_right, p.reasoning.objects_judged) == (2, 4)


def test_averages_leave_out_what_has_no_value() -> None:
    _, with_anomalies = measured(GOOD, (sample("a", "logical", "too_few"), line("a", "pass", "normal")))
    _, without = measured(GOOD)
    a = average([with_anomalies, without])
    assert (a.accuracy, a.recall, a.auroc_logical) == (0.75, 0.0, 1.0)
    assert a.auroc_structural is None
