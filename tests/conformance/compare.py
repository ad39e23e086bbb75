"""Whether a report says what a case expects, in words that tell what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from logidsl.report.model import BatchReport, Finding, ImageReport, ObjectRef
from tests.conformance.cases import Case, Expected

MARGIN_TOLERANCE = 1e-6
VERDICTS = {"false": "fail", "undetermined": "review", "true": "pass"}


def differences(case: Case, images: list[ImageReport], truths: dict[str, list[str]]) -> list[str]:
    """What is not as expected, one line each."""
    found = []
    if set(truths) != set(case.expected):
        found.append(f"rules: expected {sorted(case.expected)}, found {sorted(truths)}")
    for rule, by_image in case.expected.items():
        for i, outcomes in by_image.items():
            place = f"rule {rule}, image {i + 1}"
            truth = truths[rule][i] if rule in truths else "no rule"
            if truth != outcomes[0].truth:
                found.append(f"{place}: expected {outcomes[0].truth}, found {truth}")
            wanted = [o for o in outcomes if o.truth != "true"]
            given = [f for f in images[i].findings if f.rule == rule]
            found += [f"{place}: {line}" for line in _pair(wanted, given)]
    for i, image in enumerate(images):
        found += [f"image {i + 1}: {line}" for line in _image(case, i, image)]
    return found


def batch_differences(case: Case, batches: list[BatchReport], truths: dict[str, dict[str, str]]) -> list[str]:
    """What is not as expected of rules over several pictures: `truths` by rule and key."""
    found = []
    if set(truths) != set(case.over):
        found.append(f"rules over several pictures: expected {sorted(case.over)}, found {sorted(truths)}")
    expected: dict[str, list[tuple[str, Expected]]] = {}
    for rule, outcomes in case.over.items():
        by_key = truths.get(rule, {})
        if unknown := {key for keys, _ in outcomes for key in keys} - set(by_key):
            found.append(f"rule {rule}: there is no batch {sorted(unknown)}, only {sorted(by_key)}")
        for key, truth in by_key.items():
            mine = [o for keys, o in outcomes if key in keys or not keys]
            expected.setdefault(key, []).extend((rule, o) for o in mine)
            if {o.truth for o in mine} != {truth}:
                found.append(f"rule {rule}, batch {key}: expected {[o.truth for o in mine]}, found {truth}")
            given = [f for b in batches if (b.key or b.batch) == key for f in b.findings if f.rule == rule]
            wanted = [o for o in mine if o.truth != "true"]
            found += [f"rule {rule}, batch {key}: {line}" for line in _pair(wanted, list(given))]
    for batch in batches:
        key = batch.key or batch.batch
        said = expected.get(key, [])
        verdicts = {o.fields.get("verdict", VERDICTS[o.truth]) for _, o in said}
        verdict = next(v for v in ("fail", "review", "pass") if v in verdicts | {"pass"})
        labels = {o.fields.get("label", rule) for rule, o in said if o.truth == "false"}
        if batch.verdict != verdict:
            found.append(f"batch {key}: expected verdict {verdict}, found {batch.verdict}")
        if set(batch.labels) != (labels or ({"normal"} if verdict == "pass" else set())):
            found.append(f"batch {key}: expected labels {sorted(labels)}, found {batch.labels}")
        notes = [r.value for r in case.remarks if r.batch == key]
        if notes and sorted(notes) != sorted(batch.notes):
            found.append(f"batch {key}: expected notes {notes}, found {batch.notes}")
    return found


def _pair(wanted: list[Expected], given: list[Finding]) -> Iterator[str]:
    """Each expected finding takes the first that is as it says."""
    left = list(given)
    for e in wanted:
        wrong = [(list(_finding(e, f)), f) for f in left]
        best = min(wrong, key=lambda w: len(w[0]), default=None)
        if best is None:
            yield f"expected a further finding {e}"
            continue
        yield from best[0]
        left.remove(best[1])
    yield from (f"unexpected finding: {f.truth}, {f.message}, {_names(f.objects)}" for f in left)


def _finding(e: Expected, f: Finding) -> Iterator[str]:
    if f.truth != e.truth:
        yield f"expected a finding {e.truth}, found {f.truth}"
    told = said(f)
    always = {"witness": "", "absent": ""} | ({"label": f.rule, "verdict": "fail"} if e.truth == "false" else {})
    for word, value in (always | e.fields).items():
        if not _same(word, value, told[word]):
            yield f"{word}: expected `{value}`, found `{told[word]}`"


def _same(word: str, expected: str, found: str) -> bool:
    match word:
        case "margin":
            return found != "" and abs(float(Fraction(expected)) - float(found)) <= MARGIN_TOLERANCE
        case "because":
            return found == expected or found.endswith(f" {expected}") or f" {expected}: " in found  # what to do
        case "witness" | "context":
            return sorted(expected.split()) == sorted(found.split())
        case _:
            return expected == found


def said(f: Finding) -> dict[str, str]:
    """What a finding says, in the words of the cases."""
    absent = Counter(o.class_ for o in f.objects if o.role == "absent")
    return {
        "found": f.measured or "",
        "expected": f.expected or "",
        "label": f.label or "",
        "witness": _names(f.objects, "witness"),
        "absent": ", ".join(f"{n} {name}" for name, n in absent.items()),
        "context": _names(f.objects, "context"),
        "margin": "" if f.margin is None else repr(f.margin),
        "at": " ".join(f.span.text.split()),
        "because": f.reason or "",
        "message": f.message,
        "severity": f.severity or "",
        "kind": f.kind or "",
        "repair": f.repairs[0].text if f.repairs else "",
        "verdict": f.verdict,
    }


def _names(objects: list[ObjectRef], role: str | None = None) -> str:
    return " ".join(_name(o) for o in objects if role in (None, o.role))


def _name(o: ObjectRef) -> str:
    if o.id is not None:
        return o.id
    return o.class_ if o.row is None else f"{o.class_}[{o.row},{o.col}]"


def _image(case: Case, i: int, image: ImageReport) -> Iterator[str]:
    """The verdict and the labels follow from what is expected of the rules; remarks are said."""
    outcomes = [o for by_image in case.expected.values() for o in by_image[i]]
    verdicts = {o.fields.get("verdict", VERDICTS[o.truth]) for o in outcomes}
    verdict = next(v for v in ("fail", "review", "pass") if v in verdicts | {"pass"})
    if image.verdict != verdict:
        yield f"expected verdict {verdict}, found {image.verdict}"
    labels = {
        o.fields.get("label", rule)
        for rule, by_image in case.expected.items()
        for o in by_image[i]
        if o.truth == "false"
    }
    if set(image.labels) != (labels or ({"normal"} if verdict == "pass" else set())):
        yield f"expected labels {sorted(labels)}, found {image.labels}"
    said_here = [r for r in case.remarks if r.image in (None, i) and r.batch is None]
    notes = [r.value for r in said_here if r.word == "note"]
    if notes and sorted(notes) != sorted(image.notes):
        yield f"expected notes {notes}, found {image.notes}"
    for r in said_here:
        if r.word == "score":
            score = image.score
            if score is None or abs(float(Fraction(r.value)) - score) > MARGIN_TOLERANCE:
                yield f"expected score {r.value}, found {score}"
