"""The data sets that are written from what is at hand, measured by `logidsl bench`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import datasets
from benchmarks.truths import SPECS
from logidsl.bench.record import Benchmark
from logidsl.records import read
from tests.cli.commands import logidsl


def record(here: Path, *arguments: str) -> Benchmark:
    done = logidsl("bench", *arguments, "--bootstrap", "0", "--format", "json", "--quiet", cwd=here)
    assert done.returncode == 0, done.stderr
    return read(Benchmark, json.loads(done.stdout))


def test_tables_with_every_defect_are_judged_without_a_mistake(tmp_path: Path) -> None:
    assert datasets.main(["tables", str(tmp_path)]) == 0
    made = record(tmp_path, ".", "--spec", "specs", "--only", "pushpins")
    (p,) = made.products
    assert (p.normal, p.logical, p.training) == (46, 40, None)
    assert p.classification is not None
    assert [c.label for c in p.classification.classes] == [
        "1_additional_pushpin",
        "2_additional_pushpins",
        "missing_pushpin",
        "missing_separator",
    ]
    assert p.binary.accuracy == p.classification.exact.share == p.classification.macro_f1 == 1
    assert "rule " not in (tmp_path / "drafts" / "pushpins.logic").read_text("utf-8")


def test_the_shared_pictures_are_judged_right(shared: Path, tmp_path: Path) -> None:
    assert datasets.main(["loco", str(tmp_path)]) == 0
    made = record(tmp_path, ".", "--spec", str(SPECS / "pictures"))
    assert [(p.name, p.normal, p.logical, p.structural) for p in made.products] == [
        ("breakfast_box", 1, 0, 1),
        ("juice_bottle", 1, 1, 1),
        ("pushpins", 1, 1, 1),
        ("screw_bag", 1, 1, 1),
        ("splicing_connectors", 1, 1, 0),
    ]
    assert [r.picture for r in made.rows if not r.right] == []
    assert any("breakfast_box: no logical anomaly" in n for n in made.notes)


def test_descriptions_by_a_language_model(shared: Path, tmp_path: Path, checkout: Path) -> None:
    assert datasets.main(["facts", str(tmp_path)]) == 0
    spec = checkout / "benchmarks" / "specs" / "breakfast_facts.logic"
    made = record(tmp_path, ".", "--no-labels", "--only", "breakfast_box", "--spec", f"breakfast_box={spec}")
    b = made.products[0].binary
    assert (b.true_negative, b.true_positive, b.pictures) == (93, 71, 185)
    assert b.review == 5


@pytest.mark.parametrize("kind", datasets.KINDS)
def test_nothing_is_written_into_the_checkout(kind: str, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert datasets.main([kind, str(checkout / "docs" / "data")]) == 4
    assert "expected a folder outside of" in capsys.readouterr().err
    assert not (checkout / "docs" / "data").exists()
