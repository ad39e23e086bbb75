"""`logidsl bench` as users run it, on rendered trays in the published layouts."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path

import jsonschema
import pytest

from logidsl.bench.record import Benchmark, JudgedLine
from logidsl.records import read
from logidsl.report.schema import schema_of
from tests.bench import sets
from tests.cli.commands import logidsl, logidsl_process

SPEC = str(sets.SPEC)


def bench(here: Path, *arguments: str | Path, code: int = 0):
    done = logidsl("bench", *arguments, cwd=here)
    assert done.returncode == code, done.stderr + done.stdout
    return done


def record(here: Path, *arguments: str | Path, code: int = 0) -> Benchmark:
    done = bench(here, *arguments, "--format", "json", "--quiet", code=code)
    found = json.loads(done.stdout)
    jsonschema.validate(found, schema_of("logidsl benchmark", Benchmark, JudgedLine))
    return read(Benchmark, found)


@pytest.fixture(scope="module")
def trays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sets.loco(tmp_path_factory.mktemp("loco"))


def test_the_published_schema_is_that_of_the_records(checkout: Path) -> None:
    path = checkout / "docs" / "bench.schema.json"
    text = json.dumps(schema_of("logidsl benchmark", Benchmark, JudgedLine), indent=2) + "\n"
    if os.environ.get("UPDATE_DOCS") == "1":
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text, "the records changed: UPDATE_DOCS=1 pytest tests/bench/test_command.py"


def test_every_measure_of_a_right_spec(trays: Path) -> None:
    made = record(trays, ".", "--spec", SPEC, "--bootstrap", "50")
    p = made.products[0]
    assert (p.normal, p.logical, p.structural) == (3, 3, 1)
    assert (p.binary.accuracy, p.binary.f1) == (1, 1)
    assert p.classification is not None
    assert p.classification.macro_f1 == p.classification.exact.share == 1
    assert (p.classification.exact_single.pictures, p.classification.exact_multiple.pictures) == (2, 1)
    assert [(r.kind, r.normal, r.anomalous) for r in p.detection] == [
        ("logical", 3, 3),
        ("structural", 3, 1),
        ("all", 3, 4),
    ]
    assert (p.detection[0].auroc, p.detection[0].auroc_interval) == (1, (1, 1))
    assert p.reasoning is not None
    assert (p.reasoning.right, p.reasoning.judged) == (3, 3)
    assert [t.id for t in made.published] == ["logicode", "logicode-others", "logicls", "detection"]
    assert all("measured on the full data sets" in t.measured_on for t in made.published)
    assert made.average.products == 1
    assert all(r.right for r in made.rows)


def test_one_record_makes_text_json_and_page(trays: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "pushpins.logic"  # finds no surplus pins
    wrong.write_text(sets.SPEC.read_text("utf-8").replace("count(pushpin inside c) = 1", "some pushpin inside c", 1)
                     .replace("low missing_pushpin  high additional_pushpin", "defect missing_pushpin")
                     .partition("test ")[0], "utf-8")  # fmt: skip
    done = bench(trays, ".", "--spec", wrong, "--report", tmp_path / "wrong.html", "--bootstrap", "0")
    assert re.search(r"pushpins +0\.833 +1\.000 +0\.667 +0\.800 +0 of 3 .* +1 of 3", done.stdout)
    assert "the spec has no label `additional_pushpin`" in done.stdout
    assert re.search(r"additional_pushpin +\(normal\) +1", done.stdout)
    assert re.search(r"additional_pushpin +\(nothing\) +1", done.stdout)
    assert "2 pictures of 7 went wrong" in done.stdout
    assert "measured on the full data sets: LOCO-Annotations" in done.stdout
    page = (tmp_path / "wrong.html").read_text("utf-8")
    assert page.count("<img ") == page.count("data:image/jpeg;base64,") == 2
    assert "expected fail: additional_pushpin; found pass" in page
    assert "0.833" in page
    assert "https:" not in page


def test_a_broken_picture_is_a_row_and_counts(tmp_path: Path) -> None:
    sets.loco(tmp_path)
    test = tmp_path / "pushpins" / "test"
    (test / "good" / "001.png").write_bytes(b"no picture")
    (test / "logical_anomalies" / "000.png").write_bytes(b"")
    made = record(tmp_path, ".", "--spec", SPEC, "--report", "page.html", code=4)
    b = made.products[0].binary
    assert (b.error, b.false_positive, b.false_negative, b.pictures) == (2, 1, 1, 6)
    assert [r.picture for r in made.rows if r.verdict == "error"] == [
        str(Path("pushpins", "test", kind, name))
        for kind, name in (("good", "001.png"), ("logical_anomalies", "000.png"))
    ]
    assert made.products[0].detection[0].unscored == 2
    assert "001.png" in (tmp_path / "page.html").read_text("utf-8")


def test_rows_are_kept_and_not_judged_again(tmp_path: Path) -> None:
    sets.loco(tmp_path)
    first = record(tmp_path, ".", "--spec", SPEC, "--rows", "rows.jsonl")
    lines = (tmp_path / "rows.jsonl").read_text("utf-8").splitlines(keepends=True)
    assert len(lines) == 7
    (tmp_path / "rows.jsonl").write_text("".join(lines[:4]) + lines[4][:50], "utf-8")
    again = record(tmp_path, ".", "--spec", SPEC, "--rows", "rows.jsonl")
    assert again == first
    kept = (tmp_path / "rows.jsonl").read_text("utf-8").splitlines(keepends=True)
    assert kept == lines
    # a picture that has changed is judged again, others are not
    sets.tray(tmp_path / "pushpins" / "test" / "good" / "000.png", "missing", 99)
    changed = record(tmp_path, ".", "--spec", SPEC, "--rows", "rows.jsonl")
    assert changed.products[0].binary.false_positive == 1
    assert len((tmp_path / "rows.jsonl").read_text("utf-8").splitlines()) == 8
    assert record(tmp_path, ".", "--spec", SPEC, "--rows", "rows.jsonl") == changed


def test_another_file_is_not_taken_for_rows(tmp_path: Path) -> None:
    sets.loco(tmp_path)
    (tmp_path / "notes.txt").write_text("precious\n")
    done = bench(tmp_path, ".", "--spec", SPEC, "--rows", "notes.txt", code=4)
    assert "notes.txt: line 1 is not of a file of `logidsl bench --rows`" in done.stderr
    assert (tmp_path / "notes.txt").read_text() == "precious\n"


def test_people_score_reasons_on_a_sheet(trays: Path, tmp_path: Path) -> None:
    bench(trays, ".", "--spec", SPEC, "--sheet", tmp_path / "sheet.csv")
    lines = list(csv.DictReader((tmp_path / "sheet.csv").read_text("utf-8").splitlines()))
    assert [(x["expected"], x["found"], x["automatic"], x["person"]) for x in lines] == [
        ("missing_pushpin", "missing_pushpin", "1", ""),
        ("additional_pushpin", "additional_pushpin", "1", ""),
        ("additional_pushpin; missing_pushpin", "additional_pushpin; missing_pushpin", "1", ""),
    ]
    assert all("one_pin_per_cell" in x["reasons"] for x in lines)
    for line, answer in zip(lines, ("1", "no", ""), strict=True):
        line["person"] = answer
    with (tmp_path / "sheet.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows(lines)
    (a,) = record(trays, ".", "--spec", SPEC, "--scored", tmp_path / "sheet.csv").agreement
    assert (a.scored, a.people_right, a.automatic_right, a.agreed, a.kappa) == (2, 0.5, 1.0, 0.5, 0.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("picture,person\na.png,1\n", "expected the column `product`"),
        ("product,picture,person\npushpins,other.png,1\n", "row 2: no logical anomaly `other.png` of `pushpins`"),
        ("product,picture,person\npushpins,a.png,maybe\n", "expected 1, 0 or nothing under `person`, found `maybe`"),
        ("product,picture,person\npushpins,a.png,\n", "nothing is scored"),
    ],
)
def test_a_sheet_that_cannot_be_used(trays: Path, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "sheet.csv").write_text(text)
    done = bench(trays, ".", "--spec", SPEC, "--scored", tmp_path / "sheet.csv", "--bootstrap", "0", code=4)
    assert message in done.stderr
    assert "Binary decision" in done.stdout  # the rest is not lost


def test_loco_annotations_compare_types_and_objects(tmp_path: Path) -> None:
    reasons = {"": (), "missing": ["Quantity: pin missing"], "both": ["Position: moved"]}
    sets.annotated(tmp_path, reasons)
    made = record(tmp_path, ".", "--spec", SPEC)
    assert made.products[0].classification is None
    assert any("--name moved=LABEL maps one" in n for n in made.notes)
    r = made.products[0].reasoning
    assert r is not None
    assert (r.types_right, r.types_judged, r.objects_right, r.objects_judged) == (1, 2, 3, 3)
    named = record(tmp_path, ".", "--spec", SPEC, "--name", "pin_missing=missing_pushpin", "--name", "moved=")
    c = named.products[0].classification
    assert c is not None
    assert (c.exact.right, c.exact.pictures, c.left_out) == (2, 2, 1)


def test_annotations_alone_are_judged_by_a_spec_for_tables(tmp_path: Path) -> None:
    sets.annotated(tmp_path, {"": (), "missing": ["Quantity: too_few"]}, pictures=False)
    (tmp_path / "pushpins.logic").write_text("object pushpin\nrule few as quantity: count(pushpin) = 15 low too_few")
    made = record(tmp_path, ".", "--spec", "pushpins.logic")
    assert made.products[0].binary.accuracy == 1
    assert made.products[0].classification is not None


def test_vid_ad_shares_a_spec_over_capture_conditions(tmp_path: Path) -> None:
    sets.vid_ad(tmp_path)
    names = ("--name", "Single-Aspect-A=missing_pushpin", "--name", "Single-Aspect-B=additional_pushpin")
    made = record(tmp_path, ".", "--spec", f"Pins={SPEC}", *names)
    assert [p.name for p in made.products] == ["Pins", "Pins_Mesh_BG"]
    assert made.average.exact == made.average.accuracy == 1
    assert made.published == []


def test_a_configuration_file_is_relative_to_itself(trays: Path, tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text(
        f"dataset = {json.dumps(os.path.relpath(trays, tmp_path))}\nbootstrap = 0\nseed = 3\nlabels = false\n"
        f"[spec]\npushpins = {json.dumps(os.path.relpath(SPEC, tmp_path))}\n"
    )
    made = record(Path("/"), "--config", tmp_path / "bench.toml")
    assert (made.seed, made.bootstrap, made.products[0].classification) == (3, 0, None)
    assert record(Path("/"), "--config", tmp_path / "bench.toml", "--seed", "5").seed == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("datset = 'a'", "unknown key `datset`: expected one of"),
        ("seed = 'a'", "`seed`: expected a whole number of 0 or more, found `a`"),
        ("layout = 'mvtec'", "`layout`: expected one of loco,"),
        ("split = 3", "`split`: expected one of learn, fit, infer"),
        ("= 3", "bench.toml: Invalid"),
    ],
)
def test_a_configuration_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bench.toml").write_text(text)
    assert message in bench(tmp_path, "--config", "bench.toml", code=4).stderr


def test_usage(trays: Path, tmp_path: Path) -> None:
    for arguments, message in (
        ((".",), "expected --spec SPEC"),
        (("--spec", SPEC), "expected a data set"),
        ((".", "--spec", SPEC, "--rules", "a.txt"), "expected --rules beside --generate N or --answers"),
        ((".", "--spec", SPEC, "-P", "size=3"), "-P size: no spec has a parameter of that name"),
        ((".", "--spec", SPEC, "-o", "pushpins/test/good/000.png"), "expected another file after --output"),
        ((".", "--spec", SPEC, f"pushpins={tmp_path / 'other.logic'}"), "two specs of `pushpins`"),
    ):
        assert message in bench(trays, *arguments, code=64).stderr, arguments
    assert (
        "no spec for the product `pushpins`" in bench(trays, ".", "--spec", f"pins={SPEC}", f"a={SPEC}", code=4).stderr
    )
    assert "the data set has no label or class `x`" in bench(trays, ".", "--spec", SPEC, "--name", "x=y", code=4).stderr
    done = logidsl_process("bench", "--help", cwd=tmp_path)
    assert "logidsl bench --config bench.toml --rows rows.jsonl" in done.stdout
