"""Reports made by hand, for the tests of formats."""

from __future__ import annotations

from logidsl.records import plain, read
from logidsl.report.model import BatchFinding, BatchReport, Finding, ImageReport, MemberRef, ObjectRef, SpecRef, Summary
from logidsl.report.report import Report
from logidsl.source import SourceSpan

SPEC = """spec pushpins "Pushpin tray, 15 compartments"
object pushpin
grid cell = 3 rows, 5 columns of box(2 %, 4 %, 98 %, 96 %)

rule one_pin_per_cell "each compartment holds one pin" as quantity:
    every cell c:
        count(pushpin inside c) = 1
    low missing_pushpin  high additional_pushpin
"""


def span_of(words: str, path: str = "pushpins.logic") -> SourceSpan:
    """The span of words of `SPEC`."""
    start = SPEC.index(words)

    def place(offset: int) -> tuple[int, int]:
        before = SPEC[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    line, column = place(start)
    end_line, end_column = place(start + len(words))
    return SourceSpan(line=line, column=column, end_line=end_line, end_column=end_column, text=words, path=path)


def missing(path: str = "pushpins.logic", words: str = "count(pushpin inside c) = 1") -> Finding:
    """A compartment without a pin."""
    return Finding(
        rule="one_pin_per_cell",
        kind="quantity",
        truth="false",
        label="missing_pushpin",
        severity=None,
        message="each compartment holds one pin",
        span=span_of(words, path),
        measured="0",
        expected="1",
        margin=-1.0,
        reason=None,
        objects=[
            ObjectRef(id=None, class_="pushpin", role="absent"),
            ObjectRef(id=None, class_="cell", role="context", box=(612.4, 338, 816, 662.04), row=2, col=4),
        ],
    )


def batches() -> list[BatchReport]:
    """Two lots, of which one has drifted."""
    drift = missing().replaced(rule="drift", label="drift", message="drift: expected 2, found 3", objects=[])
    objects = [MemberRef(id="7", class_="bolt", role="witness", image=f"{n}.png") for n in (1, 2)]
    found = BatchFinding(**{name: getattr(drift, name) for name in drift.fields} | {"objects": objects})
    good = BatchReport(batch="lot", key="L1", verdict="pass", labels=["normal"], pictures=3, findings=[])
    return [good, BatchReport(batch="lot", key="L2", verdict="fail", labels=["drift"], pictures=2, findings=[found])]


def open_question() -> Finding:
    """A compartment whose pin is doubtful."""
    return missing().replaced(
        truth="undetermined",
        margin=0.0,
        reason="ambiguous: pushpin 3 has confidence 0.41, and from 0.3 to 0.6 is doubtful",
        measured="0 or 1",
        objects=[ObjectRef(id="3", class_="pushpin", role="context", box=(1, 2, 3, 4))],
    )


def image(path: str, verdict: str, *findings: Finding) -> ImageReport:
    """One image."""
    return read(
        ImageReport,
        {
            "path": path,
            "verdict": verdict,
            "labels": ["normal"]
            if verdict == "pass"
            else sorted({f.label for f in findings if f.label and f.truth == "false"}),
            "score": None if verdict == "error" else 1.0 if findings else -0.5,
            "objects": None if verdict == "error" else 15,
            "error": "no picture: expected PNG, JPEG, TIFF, BMP or WebP" if verdict == "error" else None,
            "findings": plain([*findings]),
        },
    )


def report(*images: ImageReport, notes: tuple[str, ...] = ()) -> Report:
    """A report by the spec `SPEC`."""
    made = Report(
        logidsl="0.1.0",
        spec=SpecRef(name="pushpins", path="pushpins.logic", hash="sha256:0123"),
        images=list(images),
        summary=Summary.of(i.verdict for i in images),
        notes=list(notes),
    )
    return made.with_sources({"pushpins.logic": SPEC})


def mixed() -> Report:
    """One image of each verdict."""
    return report(
        image("a/good.png", "pass"),
        image("a/one missing.png", "fail", missing()),
        image("b/doubt.png", "review", open_question()),
        image("b/broken.png", "error"),
        notes=("class `Pushpin` of the source read as `pushpin`",),
    )
