"""The formats for programs, their schema, and how formats are found."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path

import jsonschema
import pytest

import logidsl
from logidsl.records import plain
from logidsl.report import formats
from logidsl.report.formats import Stream, Style
from logidsl.report.marks import marks
from logidsl.report.model import ObjectRef, Summary
from logidsl.report.report import Report
from logidsl.report.schema import schema
from tests.report import made

KEYS = ["rule", "kind", "truth", "label", "severity", "message", "span", "measured", "expected", "margin", "reason"]


def rendered(name: str, report: Report) -> str:
    """The report in a format."""
    return "".join(map(str, formats.find(name)(Stream.of(report), Style())))


def test_json_keeps_the_contract() -> None:
    document = json.loads(rendered("json", made.mixed()))
    assert list(document)[:4] == ["logidsl", "spec", "images", "summary"]
    assert document["summary"] == {"pass": 1, "fail": 1, "review": 1, "error": 1}
    failed = document["images"][1]
    assert list(failed)[:7] == ["path", "verdict", "labels", "score", "objects", "error", "findings"]
    (finding,) = failed["findings"]
    assert list(finding) == [*KEYS, "objects", "repairs", "joint", "verdict"]
    assert finding["objects"][1] == {
        "id": None, "class": "cell", "role": "context", "box": [612.4, 338.0, 816.0, 662.04], "row": 2, "col": 4,
        "outline": None, "unreadable": None,
    }  # fmt: skip
    assert {"line": 7, "column": 9, "end_line": 7, "end_column": 36}.items() <= finding["span"].items()


def test_a_report_survives_json() -> None:
    report = made.mixed()
    assert Report.from_json(report.to_json()) == report
    assert json.loads(report.to_json()) == report.to_dict() == json.loads(rendered("json", report))


def test_jsonl_lines_stand_alone() -> None:
    report = made.mixed()
    lines = [json.loads(line) for line in rendered("jsonl", report).splitlines()]
    assert [line["verdict"] for line in lines] == ["pass", "fail", "review", "error"]
    for line, image in zip(lines, report.to_dict()["images"], strict=True):  # type: ignore[call-overload]
        assert line.pop("spec")["hash"] == "sha256:0123"
        assert line.pop("logidsl") == "0.1.0"
        assert (line.pop("input"), line.pop("digest")) == (None, None)
        assert line == image


def test_jsonl_and_text_write_each_image_before_the_next_is_judged() -> None:
    for name in ("jsonl", "text"):
        taken = 0

        def images():
            nonlocal taken
            for image in made.mixed().images:
                taken += 1
                yield image

        report = made.mixed()
        pieces = formats.find(name)(Stream(report.logidsl, report.spec, images(), 4), Style())
        next(iter(pieces))
        assert taken == 1, name


def test_numbers_that_json_cannot_say_are_null() -> None:
    finding = made.missing().replaced(margin=math.nan)
    assert plain(finding)["margin"] is None
    box = ObjectRef(id="1", class_="a", role="witness", box=(1, 2, math.nan, math.inf))
    assert box.box is None


def test_the_published_schema_is_that_of_the_models(checkout: Path) -> None:
    path = checkout / "docs" / "report.schema.json"
    text = json.dumps(schema(), indent=2) + "\n"
    if os.environ.get("UPDATE_DOCS") == "1":
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text, "the models changed: UPDATE_DOCS=1 pytest tests/report/test_formats.py"


def test_reports_are_valid_by_the_schema_and_others_are_not() -> None:
    whole = jsonschema.Draft202012Validator(schema())
    line = jsonschema.Draft202012Validator({**schema(), "$ref": "#/$defs/ImageLine"})
    jsonschema.Draft202012Validator.check_schema(schema())
    document = made.mixed().to_dict()
    whole.validate(document)
    for text in rendered("jsonl", made.mixed()).splitlines():
        line.validate(json.loads(text))
    for broken in (
        {**document, "extra": 1},
        {k: v for k, v in document.items() if k != "summary"},
        {**document, "images": [{**document["images"][0], "verdict": "good"}]},  # type: ignore[index]
    ):
        assert not whole.is_valid(broken)
    assert not line.is_valid(document["images"][0])  # type: ignore[index]


def test_batches_are_valid_by_the_schema_and_decide_the_verdict() -> None:
    report = made.report(made.image("1.png", "pass"), made.image("2.png", "pass")).replaced(batches=made.batches())
    assert report.verdict == "fail"
    assert report.replaced(batches=made.batches()[:1]).verdict == "pass"
    jsonschema.Draft202012Validator(schema()).validate(report.to_dict())
    line = jsonschema.Draft202012Validator({**schema(), "$ref": "#/$defs/BatchLine"})
    for text in rendered("jsonl", report).splitlines()[2:]:
        line.validate(json.loads(text))
    text = rendered("text", report)
    assert "PASS   lot L1: 3 pictures, every rule holds" in text
    assert "FAIL   lot L2: drift, 2 pictures" in text
    assert "bolt 7 in 1.png" in text
    assert "2 pictures: 2 pass; 2 batches: 1 pass, 1 fail" in text
    for form in ("html", "junit", "csv", "github", "sarif"):
        assert "drift: expected 2, found 3" in rendered(form, report), form
    assert "lot L2" in report._repr_html_()


@pytest.mark.parametrize(
    ("verdicts", "overall"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "review"], "review"),
        (["review", "error", "pass"], "error"),
        (["error", "fail", "review", "pass"], "fail"),
        ([], "error"),
    ],
)
def test_the_verdict_of_a_batch(verdicts: list[str], overall: str) -> None:
    summary = Summary.of(verdicts)  # type: ignore[arg-type]
    assert summary.verdict == overall
    report = made.mixed().replaced(summary=summary)
    assert (report.verdict, report.ok) == (overall, overall == "pass")


def test_repr_is_one_short_line() -> None:
    assert repr(made.mixed()) == "<Report fail: 1 pass, 1 fail, 1 review, 1 error by pushpins>"


class Page(HTMLParser):
    """Collects tags and texts, and that each tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_html_is_escaped_and_needs_nothing_from_outside() -> None:
    evil = made.missing().replaced(message="<script>alert(1)</script> & 'x'", label='"><b onclick=x>')
    evil.objects.append(ObjectRef(id="<u onclick=x>", class_="pushpin", role="witness", box=(1, 2, 3, 4)))
    report = made.report(made.image("<img src=x>.png", "fail", evil), made.image("ok.png", "pass"), notes=("<i>",))
    page = Page()
    page.feed(report._repr_html_())
    assert page.open == []
    assert {tag for tag, _ in page.seen} <= {
        "div", "style", "p", "b", "details", "summary", "table", "tr", "td", "pre", "svg", "rect", "polygon", "text"
    }  # fmt: skip
    drawing = {"viewbox", "role", "aria-label", "points", "fill", "vector-effect", "x", "y", "width", "height"}
    drawing |= {"stroke", "stroke-width", "stroke-dasharray", "font-size"}
    assert all(set(attrs) <= {"class", "style", "open"} | drawing for _, attrs in page.seen)
    assert "<script>alert(1)</script> & 'x'" in page.words
    assert "<img src=x>.png" in page.words
    assert "count(pushpin inside c) = 1" in page.words
    assert not re.search(r"(src|href|url\()", page.words.replace("<img src=x>.png", ""))


def test_html_and_overlays_show_the_region_of_a_clause() -> None:
    spec = logidsl.loads(
        "object pin\nregion tray = polygon(point(10 %, 10 %), point(90 %, 10 %), point(50 %, 90 %))\n"
        "rule in_tray: every pin: inside tray"
    )
    table = [
        {
            "image": "a.png",
            "class": "pin",
            "x0": 0,
            "y0": 80,
            "x1": 10,
            "y1": 90,
            "image_width": 100,
            "image_height": 100,
        }
    ]
    report = spec.check(table)
    assert 'points="10,10 90,10 50,90"' in report._repr_html_()
    assert [(m.role, m.outline is not None) for m in marks(report.images[0])] == [("witness", False), ("cell", True)]


def test_html_of_a_large_batch_stays_small() -> None:
    page = made.report(*(made.image(f"{n}.png", "pass") for n in range(5000)))._repr_html_()
    assert len(page) < 50_000
    assert "and 4900 more" in page


def test_formats_are_found_by_name_and_from_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = metadata.EntryPoint("short", "tests.report.test_formats:short", formats.GROUP)
    shadow = metadata.EntryPoint("json", "tests.report.test_formats:short", formats.GROUP)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [entry, shadow] if group == formats.GROUP else [])
    assert formats.names() == sorted([*formats.built_in(), "short"])
    assert rendered("short", made.mixed()) == "4"
    assert rendered("json", made.mixed()).startswith("{")
    with pytest.raises(KeyError, match=r"unknown report format `jsnl`; .*did you mean `jsonl`\?"):
        formats.find("jsnl")


def short(stream: Stream, _style: Style):
    """A format of another package."""
    yield str(len(list(stream.images)))


def test_a_model_is_all_that_reading_a_report_imports() -> None:
    code = "import sys, logidsl.report.model; print([m for m in ('numpy', 'cv2', 'lark') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_json_line_is_what_the_model_says_also_where_a_number_is_not_finite() -> None:
    image = made.image("a.png", "fail", made.missing())
    for score in (0.5, float("nan"), float("inf")):
        changed = image.replaced(score=score)
        (line,) = rendered("jsonl", made.report(changed)).splitlines()
        found = json.loads(line)
        assert {key: found[key] for key in plain(changed)} == plain(changed)
        assert found["score"] == (0.5 if score == 0.5 else None)
