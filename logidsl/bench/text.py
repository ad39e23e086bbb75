"""A benchmark as tables of text. The HTML page shows the same tables, so `tables` makes them for both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from logidsl.bench.record import Benchmark, Binary, ExactMatch, Interval, Product, Ranking, Share
from logidsl.diagnostics import counted
from logidsl.report.formats.text import in_columns, printable

#: Classes and confusions that a table lists.
MOST = 20


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Parameters
    ----------
    title : str
    columns : tuple of str
    rows : sequence of tuple of str
    notes : tuple of str
        Below it.
    left : tuple of int
        Columns of words; the others hold numbers.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()
    left: tuple[int, ...] = (0,)


def share(value: Share) -> str:
    """A measure in three digits; `-` without a value.

    Examples
    --------
    >>> share(0.98765), share(None)
    ('0.988', '-')
    """
    return "-" if value is None else f"{value:.3f}"


def with_interval(value: Share, interval: Interval | None) -> str:
    """A measure with its interval, if it has one."""
    return share(value) + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")


def tables(made: Benchmark) -> list[Table]:
    """Every table of a benchmark that has rows, own measures first, then published figures."""
    found = [
        _pictures(made),
        _binary(made),
        _classification(made),
        _classes(made),
        _confused(made),
        _detection(made),
        _reasoning(made),
        _agreement(made),
        _generated(made),
    ]
    found += [
        Table(
            f"Published: {t.title}",
            tuple(t.columns),
            [tuple(row) for row in t.rows],
            (f"{t.source}; {t.measured_on}, not on the pictures above",),
            tuple(range(len(t.columns))),
        )
        for t in made.published
    ]
    return [t for t in found if t.rows]


def summary(made: Benchmark) -> list[str]:
    """What was measured, in a few lines."""
    rows = made.rows
    review, error = (sum(r.verdict == v for r in rows) for v in ("review", "error"))
    lines = [
        f"{made.dataset}: layout {made.layout}, {counted(len(made.products), 'product')}, "
        f"{counted(len(rows), 'test picture')}, {review} undetermined, {error} not judged"
    ]
    lines.append(
        f"specs adapted to the training part only: --split {made.split}"
        if made.split
        else "specs as they are: what their limits were tuned on is not known here"
    )
    for p in made.products:
        if p.training is not None:
            count = counted(p.training.pictures, "training picture")
            lines += [f"{p.name}: {p.training.how} on {count}", *(f"  {line}" for line in p.training.result[:MOST])]
    return lines


def as_text(made: Benchmark) -> str:
    """The benchmark for a terminal."""
    parts = ["\n".join(map(printable, summary(made))) + "\n"]
    for t in tables(made):
        body = in_columns([t.columns, *t.rows], t.left, "  ")
        parts.append(f"\n{printable(t.title)}\n{body}" + "".join(f"  {printable(n)}\n" for n in t.notes))
    wrong = sum(not r.right for r in made.rows)
    parts.append(f"\n{counted(wrong, 'picture')} of {len(made.rows)} went wrong\n")
    parts += [f"counted: {line}\n" for line in made.treatment]
    parts += [f"note: {printable(n)}\n" for n in made.notes]
    return "".join(parts)


def _pictures(made: Benchmark) -> Table:
    columns = ("product", "normal", "logical", "structural", "undetermined", "not judged", "spec")
    rows = []
    for p in made.products:
        mine = [r.verdict for r in made.rows if r.product == p.name]
        counts = (p.normal, p.logical, p.structural, mine.count("review"), mine.count("error"))
        rows.append((p.name, *map(str, counts), p.spec))
    return Table("Test pictures", columns, rows, left=(0, 6))


def _binary(made: Benchmark) -> Table:
    columns = ("product", "accuracy", "precision", "recall", "F1", "false rejects", "missed", "undetermined")
    rows = [(p.name, *_decision(p.binary)) for p in made.products]
    a = made.average
    if len(rows) > 1:
        rows.append(("average", *map(share, (a.accuracy, a.precision, a.recall, a.f1)), "", "", ""))
    notes = ("normal and logical pictures; in brackets the upper bound at 95 % (Clopper and Pearson)",)
    return Table("Binary decision", columns, rows, notes)


def _decision(b: Binary) -> tuple[str, ...]:
    normal, anomalous = b.false_positive + b.true_negative, b.true_positive + b.false_negative
    return (
        *map(share, (b.accuracy, b.precision, b.recall, b.f1)),
        _bounded(b.false_positive, normal, b.false_rejects_at_most),
        _bounded(b.false_negative, anomalous, b.missed_at_most),
        str(b.review + b.error),
    )


def _bounded(count: int, of: int, at_most: Share) -> str:
    return f"{count} of {of}" + ("" if at_most is None else f" (<= {at_most:.1%})")


def _classification(made: Benchmark) -> Table:
    columns = ("product", "binary F1", "macro F1", "single", "multiple", "exact", "exact single", "exact multiple")
    rows, notes = [], []
    for p in made.products:
        c = p.classification
        if c is None:
            continue
        scores = map(share, (c.binary_f1, c.macro_f1, c.macro_f1_single, c.macro_f1_multiple))
        rows.append((p.name, *scores, _exact(c.exact), _exact(c.exact_single), _exact(c.exact_multiple)))
        if c.left_out:
            notes.append(f"{p.name}: {c.left_out} anomalies of unknown class left out")
        if c.never_found:
            notes.append(f"{p.name}: the spec has no label {', '.join(f'`{n}`' for n in c.never_found)}")
    if len(rows) > 1:
        a = made.average
        f1 = [p.classification.binary_f1 for p in made.products if p.classification]
        known = [v for v in f1 if v is not None]
        mean = sum(known) / len(known) if known else None
        rows.append(("average", share(mean), share(a.macro_f1), "", "", share(a.exact), "", ""))
    return Table("Classification of logical anomalies", columns, rows, tuple(notes))


def _exact(match: ExactMatch) -> str:
    return f"{share(match.share)} ({match.right}/{match.pictures})" if match.pictures else "-"


def _classes(made: Benchmark) -> Table:
    columns = ("product", "label", "found", "false", "missed", "precision", "recall", "F1")
    rows, faultless = [], 0
    for p in made.products:
        for c in p.classification.classes if p.classification else ():
            counts = (c.true_positive, c.false_positive, c.false_negative)
            faultless += c.f1 == 1
            if c.f1 != 1:
                rows.append((p.name, c.label, *map(str, counts), *map(share, (c.precision, c.recall, c.f1))))
    notes = (f"{counted(faultless, 'label')} without a mistake not listed",) if faultless else ()
    return Table("Labels with mistakes", columns, rows, notes, (0, 1))


def _confused(made: Benchmark) -> Table:
    rows, notes = [], []
    for p in made.products:
        pairs = p.classification.confused if p.classification else []
        rows += [(p.name, c.expected, c.found, str(c.pictures)) for c in pairs[:MOST]]
        notes += [f"{p.name}: {len(pairs) - MOST} more pairs"] if len(pairs) > MOST else []
    return Table("Confused labels", ("product", "expected", "found instead", "pictures"), rows, tuple(notes), (0, 1, 2))


def _detection(made: Benchmark) -> Table:
    columns = ("product", "anomalies", "normal", "anomalous", "AUROC", "TPR at 1 %", "TPR at 5 %", "unscored")
    rows = [(p.name, *_ranked(r)) for p in made.products for r in p.detection]
    a = made.average
    if len(made.products) > 1:
        for kind, value in (("logical", a.auroc_logical), ("structural", a.auroc_structural), ("all", a.auroc_all)):
            at = (share(a.tpr_at_1), share(a.tpr_at_5)) if kind == "logical" else ("", "")
            rows += [("average", kind, "", "", share(value), *at, "")] if value is not None else []
    note = f"in brackets 95 % intervals, {made.bootstrap} bootstrap samples, seed {made.seed}" if made.bootstrap else ""
    return Table("Image scores", columns, rows, (note,) if note else (), (0, 1))


def _ranked(r: Ranking) -> tuple[str, ...]:
    return (
        r.kind,
        str(r.normal),
        str(r.anomalous),
        with_interval(r.auroc, r.auroc_interval),
        with_interval(r.tpr_at_1, r.tpr_at_1_interval),
        with_interval(r.tpr_at_5, r.tpr_at_5_interval),
        str(r.unscored),
    )


def _reasoning(made: Benchmark) -> Table:
    columns = ("product", "reasons right", "of rejected", "types right", "objects right")
    rows = []
    for p in made.products:
        if (r := p.reasoning) is not None:
            of = (f"{n}/{d} {share(n / d)}" if d else "-" for n, d in _fractions(p))
            reasons, types, objects = of
            rows.append((p.name, reasons, share(r.share_of_rejected), types, objects))
    if len(rows) > 1:
        rows.append(("average", share(made.average.reasoning), "", "", ""))
    return Table("Reasoning, scored automatically", columns, rows)


def _fractions(p: Product) -> Sequence[tuple[int, int]]:
    r = p.reasoning
    assert r is not None
    return ((r.right, r.judged), (r.types_right, r.types_judged), (r.objects_right, r.objects_judged))


def _agreement(made: Benchmark) -> Table:
    columns = ("sheet", "scored", "right, people", "right, automatic", "agreed", "kappa")
    rows = [
        (a.sheet, str(a.scored), *map(share, (a.people_right, a.automatic_right, a.agreed, a.kappa)))
        for a in made.agreement
    ]
    return Table("Reasoning, scored by people", columns, rows)


def _generated(made: Benchmark) -> Table:
    columns = ("product", "specs", "success", "error", "missing", "strict", "unanswered")
    rows, notes = [], list[str]()
    for p in made.products:
        if (g := p.generated) is not None:
            shares = map(share, (g.success_share, g.error_share, g.missing_share))
            rows.append((p.name, str(g.asked), *shares, str(g.strict), str(g.unanswered)))
            notes += g.details[:MOST]
    if len(rows) > 1:
        each: list[Callable[[Product], Share]] = [
            lambda p: p.generated.success_share if p.generated else None,
            lambda p: p.generated.error_share if p.generated else None,
            lambda p: p.generated.missing_share if p.generated else None,
        ]
        means = []
        for of in each:
            values = [v for p in made.products if (v := of(p)) is not None]
            means.append(share(sum(values) / len(values) if values else None))
        rows.append(("average", "", *means, "", ""))
    return Table("Generated specs", columns, rows, tuple(notes))
