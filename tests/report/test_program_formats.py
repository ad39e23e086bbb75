"""The formats for other programs, each read back by a program that knows the format."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import junitparser
import pyarrow.parquet
import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from logidsl.diagnostics import InputError
from logidsl.report import formats
from logidsl.report.formats import OF_DIAGNOSTICS, Stream, Style, html, parquet
from logidsl.report.model import ImageReport
from logidsl.report.report import Report
from tests.cli.commands import logidsl
from tests.report import made
from tests.report.test_formats import Page

#: What each format has to escape: markup, separators, line ends, percent signs, control characters, half a surrogate.
ODD = "a<b>&\"c\"'d'::%0A,;\n=x\r\ty\x1b[2J\x00\ud800\u2028é.png"


def rendered(name: str, report: Report, style: Style | None = None) -> str:
    """The report in a format of text."""
    pieces = list(formats.find(name)(Stream.of(report), style or Style()))
    assert all(isinstance(piece, str) for piece in pieces)
    return "".join(map(str, pieces))


def odd() -> Report:
    """A report whose every text is odd."""
    finding = made.missing().replaced(rule=ODD, message=ODD, label=ODD, measured=ODD, expected=ODD, reason=ODD)
    return made.report(made.image(ODD, "fail", finding), made.image("ok.png", "pass"), notes=(ODD,))


def test_batches_are_read_by_other_programs(tmp_path: Path) -> None:
    report = made.report(made.image("1.png", "pass")).replaced(batches=made.batches())
    (suite,) = junitparser.JUnitXml.fromstring(rendered("junit", report).encode())
    assert (suite.tests, suite.failures) == (3, 1)
    assert [case.name for case in suite if not case.is_passed] == ["lot L2"]
    assert Sarif.model_validate_json(rendered("sarif", report))
    (result,) = json.loads(rendered("sarif", report))["runs"][0]["results"]
    places = [*result["relatedLocations"], *result["locations"]]
    found = [place["physicalLocation"]["artifactLocation"]["uri"] for place in places]
    assert found == ["1.png", "2.png", "pushpins.logic"]
    assert (result["properties"]["batch"], result["properties"]["key"]) == ("lot", "L2")
    (tmp_path / "f.parquet").write_bytes(b"".join(parquet.render(Stream.of(report), Style())))
    rows = pyarrow.parquet.read_table(tmp_path / "f.parquet").to_pylist()
    assert [(row["path"], row["verdict"]) for row in rows] == [
        ("1.png", "pass"),
        ("lot L1", "pass"),
        ("lot L2", "fail"),
    ]
    assert rows[2]["objects"] == ["bolt 7 in 1.png", "bolt 7 in 2.png"]


def test_junit_is_read_by_junitparser() -> None:
    suites = list(junitparser.JUnitXml.fromstring(rendered("junit", made.mixed()).encode()))
    (suite,) = suites
    assert (suite.name, suite.tests, suite.failures, suite.errors) == ("pushpins", 4, 2, 1)
    cases = {case.name: case for case in suite}
    assert cases["a/good.png"].is_passed
    (failure,) = cases["a/one missing.png"].result
    assert (type(failure), failure.type) == (junitparser.Failure, "missing_pushpin")
    assert failure.message == "each compartment holds one pin"
    assert "7 | count(pushpin inside c) = 1" in failure.text
    (review,) = cases["b/doubt.png"].result
    assert (type(review), review.type) == (junitparser.Failure, "review")
    (error,) = cases["b/broken.png"].result
    assert isinstance(error, junitparser.Error)
    assert error.message.startswith("no picture")
    assert {p.name: p.value for p in suite.properties()}["hash"] == "sha256:0123"


def test_junit_holds_any_text() -> None:
    text = rendered("junit", odd())
    (suite,) = junitparser.JUnitXml.fromstring(text.encode())
    case = next(iter(suite))
    assert case.name == ODD.replace("\x1b", "\\x1b").replace("\x00", "\\x00").replace("\ud800", "\\ud800")


def test_csv_has_a_line_for_each_finding_and_each_other_image() -> None:
    lines = list(csv.DictReader(io.StringIO(rendered("csv", made.mixed()))))
    assert [(line["path"], line["verdict"], line["rule"]) for line in lines] == [
        ("a/good.png", "pass", ""),
        ("a/one missing.png", "fail", "one_pin_per_cell"),
        ("b/doubt.png", "review", "one_pin_per_cell"),
        ("b/broken.png", "error", ""),
    ]
    assert (lines[1]["expected"], lines[1]["measured"], lines[1]["margin"]) == ("1", "0", "-1.0")
    assert lines[3]["error"].startswith("no picture")


def test_csv_holds_any_text_and_no_formula() -> None:
    report = odd()
    formula = report.images[0].findings[0].replaced(message="=HYPERLINK(1)", measured="-5")
    report.images.append(made.image("@x.png", "fail", formula))
    lines = list(csv.DictReader(io.StringIO(rendered("csv", report), newline="")))
    assert lines[0]["path"] == ODD
    assert (lines[2]["path"], lines[2]["message"], lines[2]["measured"]) == ("'@x.png", "'=HYPERLINK(1)", "-5")


def test_parquet_is_read_by_arrow() -> None:
    pieces = list(formats.find("parquet")(Stream.of(made.mixed()), Style()))
    assert all(isinstance(piece, bytes) for piece in pieces)
    data = b"".join(p for p in pieces if isinstance(p, bytes))
    table = pyarrow.parquet.read_table(io.BytesIO(data))
    assert table.column("verdict").to_pylist() == ["pass", "fail", "review", "error"]
    assert table.column("margin").to_pylist() == [None, -1.0, 0.0, None]
    assert table.column("labels").to_pylist()[:2] == [["normal"], ["missing_pushpin"]]
    assert table.schema.metadata[b"spec"] == b"sha256:0123"


def test_parquet_without_its_extra_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"writing Parquet needs the extra `arrow`: pip install 'logidsl\[arrow\]'"):
        next(iter(formats.find("parquet")(Stream.of(made.mixed()), Style())))


def commands_of(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """What GitHub reads: level, properties and message of each command."""
    for line in text.splitlines():
        if found := re.fullmatch(r"::(\w+) (.*?)::(.*)", line):
            pairs = (pair.split("=", 1) for pair in found[2].split(","))
            yield found[1], {k: unescaped(v) for k, v in pairs}, unescaped(found[3])


def unescaped(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_github_gets_an_annotation_for_each_image_that_does_not_pass() -> None:
    found = list(commands_of(rendered("github", made.mixed())))
    assert [(level, about.get("file"), about["title"]) for level, about, _ in found] == [
        ("error", "a/one missing.png", "missing_pushpin"),
        ("warning", "b/doubt.png", "review"),
        ("error", "b/broken.png", "cannot be judged"),
        ("notice", None, "note"),
    ]
    assert found[0][2] == "one_pin_per_cell: each compartment holds one pin (pushpins.logic:7)"


def test_github_commands_keep_to_their_lines() -> None:
    text = rendered("github", odd())
    assert [line[:2] for line in text.split("\n")] == ["::", "::", "2 ", ""]
    ((_, about, message), _) = commands_of(text)
    assert about["file"].startswith("a<b>&\"c\"'d'::%0A,; =x\\r y\\x1b[2J\\x00")
    assert "::%0A,;\n=x" in message


def test_sarif_keeps_to_its_schema() -> None:
    for report in (made.mixed(), odd(), made.report()):
        document = json.loads(rendered("sarif", report).encode("utf-8", "backslashreplace"))
        Sarif.model_validate(document)
    document = json.loads(rendered("sarif", made.mixed()))
    (run,) = document["runs"]
    first, second = run["results"]
    assert (first["ruleId"], first["level"], second["level"]) == ("one_pin_per_cell", "error", "warning")
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a/one%20missing.png"
    related = first["relatedLocations"][0]["physicalLocation"]
    assert related["region"] == {"startLine": 7, "startColumn": 9, "endLine": 7, "endColumn": 36}
    assert run["invocations"][0]["executionSuccessful"] is False  # one image could not be judged
    assert [n["level"] for n in run["invocations"][0]["toolExecutionNotifications"]] == ["error", "note"]
    with pytest.raises(ValueError, match="extra"):
        Sarif.model_validate({**document, "runs": [{**run, "surprise": 1}]})


LINTED = "object nut: 2\nobject washer\nrule large_nuts as quantity: count(nut where area > 400 px2) = 3\n"


def test_diagnostics_of_specs_are_sarif_and_annotations(tmp_path: Path) -> None:
    (tmp_path / "a b.logic").write_text(LINTED)
    (tmp_path / "wrong.logic").write_text("object nut\nrule r: count(nutt) = 1\n")
    specs = ("a b.logic", "wrong.logic", "missing.logic")
    done = logidsl("lint", *specs, "--format", "sarif", cwd=tmp_path)
    assert done.returncode == 3
    document = json.loads(done.stdout)
    Sarif.model_validate(document)
    (run,) = document["runs"]
    codes = [r["ruleId"] for r in run["results"]]
    assert codes[:2] == ["W001", "W012"]
    assert {r["id"] for r in run["tool"]["driver"]["rules"]} == set(codes)
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("a%20b.logic", 2)
    assert run["results"][1]["relatedLocations"][0]["message"] == {"text": "and this"}
    (failure,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "missing.logic" in failure["message"]["text"]
    (fix,) = run["results"][2]["fixes"]
    (change,) = fix["artifactChanges"]
    (edit,) = change["replacements"]
    lines = (tmp_path / "wrong.logic").read_text().splitlines()
    where, line = edit["deletedRegion"], lines[1]
    assert (change["artifactLocation"]["uri"], where["startLine"], where["endLine"]) == ("wrong.logic", 2, 2)
    new = line[: where["startColumn"] - 1] + edit["insertedContent"]["text"] + line[where["endColumn"] - 1 :]
    assert new == "rule r: count(nut) = 1"
    done = logidsl("lint", *specs, "--format", "github", cwd=tmp_path)
    found = list(commands_of(done.stdout))
    assert [level for level, _, _ in found] == ["warning", "warning", "error", "error"]
    assert found[0][1] == {
        "file": "a b.logic",
        "line": "2",
        "endLine": "2",
        "col": "8",
        "endColumn": "14",
        "title": "W001",
    }
    assert found[0][2].endswith("\nfix: add a rule or a required number, or remove it")
    assert logidsl("compile", "wrong.logic", "--format", "github", cwd=tmp_path).stdout.startswith("::error file=wrong")


def test_the_formats_of_diagnostics_are_formats() -> None:
    assert set(OF_DIAGNOSTICS) < set(formats.built_in())


class Whole(Page):
    """A page with tags that are not closed."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag in ("meta", "input"):
            self.open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_a_page_holds_pictures_with_findings_and_needs_nothing_from_outside() -> None:
    evil = made.missing().replaced(message="<script>alert(1)</script>", label='"><b onclick=x>')
    size = (1000.0, 600.0)
    images = [made.image("<img src=x>.png", "fail", evil).replaced(size=size), made.image("ok.png", "pass")]
    report = made.report(*images, made.image("x.png", "error"), notes=("<i>",))
    text = rendered(
        "html", report, Style(sources=report.sources, picture=lambda path: f"data:image/png;base64,{len(path)}")
    )
    page = Whole()
    page.feed(text)
    assert page.open == []
    pictures = [attrs["href"] for tag, attrs in page.seen if tag == "image"]
    assert pictures == ["data:image/png;base64,15"]  # what passes has no size here, and what is broken no picture
    assert [tag for tag, _ in page.seen if tag == "script"] == ["script"]
    assert not any(name.startswith("on") for _, attrs in page.seen for name in attrs)
    assert not re.search(r"(?:src|href)=[\"'](?!data:)|url\(|@import", text)
    assert "default-src 'none'" in text
    assert "<script>alert(1)</script>" in page.words
    assert [attrs["data-v"] for tag, attrs in page.seen if attrs.get("class") == "i"] == ["fail", "pass", "error"]


def test_a_page_of_many_images_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_PICTURES", 3)
    monkeypatch.setattr(html, "MOST_UNFOLDED", 5)
    report = made.report(*(made.image(f"{i}.png", "fail", made.missing()).replaced(size=(9.0, 9.0)) for i in range(8)))
    text = rendered("html", report, Style(picture=lambda _: "data:x"))
    assert (text.count("<image "), text.count("<details open>"), text.count("<details>")) == (3, 5, 3)
    assert "the pictures of 5 images are left out" in text
    assert text.count("1 more findings, not shown here") == 3


def many(count: int) -> Iterator[ImageReport]:
    """So many images, made one by one."""
    finding = made.missing()
    passing, failing = made.image("x.png", "pass"), made.image("x.png", "fail", finding).replaced(size=(9.0, 9.0))
    for i in range(count):
        yield (failing if i % 20 == 0 else passing).replaced(path=f"pictures/{i:06}.png")


@pytest.mark.parametrize("name", ["csv", "github", "html", "jsonl", "junit", "parquet", "sarif"])
def test_ten_thousand_images_take_no_more_memory_than_a_thousand(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS", 500)
    render, report, peaks = formats.find(name), made.report(), []
    style = Style(sources=report.sources, picture=lambda _: None)
    for count in (1_000, 10_000):
        tracemalloc.start()
        written = sum(len(piece) for piece in render(Stream(report.logidsl, report.spec, many(count), count), style))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert written > 10_000 or name == "parquet"
    assert peaks[1] < 2 * peaks[0] + 100_000


def test_check_writes_every_format(tmp_path: Path, trays: dict[str, Path]) -> None:
    (tmp_path / "tray.logic").write_text(
        'color amber = "#f6b01c" within 25\nblobs yellow where color = amber then open(0.4 %)\n'
        "object pushpin = yellow where area >= 0.05 %\nrule pins: count(pushpin) = 15\n"
    )
    for tray in ("good", "one_missing"):
        (tmp_path / f"{tray}.png").write_bytes(trays[tray].read_bytes())
    check = ("check", "good.png", "one_missing.png", "--spec", "tray.logic")
    for name in formats.built_in():
        done = logidsl(*check, "--format", name, "-o", f"out.{name}", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, ""), name
    page = (tmp_path / "out.html").read_text("utf-8")
    assert page.count('<image href="data:image/jpeg;base64,') == 2
    assert page.count("<details open>") == 1
    assert pyarrow.parquet.read_table(tmp_path / "out.parquet").num_rows == 2
    done = logidsl(*check, "--format", "parquet", cwd=tmp_path)
    assert done.returncode == 64
    assert "expected a file for --format parquet, which is binary: add -o FILE" in done.stderr
