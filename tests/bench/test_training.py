"""`--split`: specs are adapted to the training part alone, and the test part is judged by what came of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import pytest

from logidsl.bench.datasets import read_dataset
from logidsl.bench.judging import Judging
from logidsl.bench.record import Benchmark
from logidsl.bench.training import Trainer
from logidsl.learn import Options
from logidsl.records import read
from logidsl.syntax.spec_files import read_source
from tests.bench import sets
from tests.cli.commands import logidsl
from tests.learn import scenes

HEAD = sets.SPEC.read_text("utf-8").partition("rule ")[0]
RULES = (
    "rule one as quantity: every cell c: count(pushpin inside c) = 1  low missing_pushpin  high additional_pushpin\n"
)


def record(here: Path, *arguments: str, code: int = 0) -> Benchmark:
    done = logidsl("bench", *arguments, "--format", "json", "--bootstrap", "0", "--quiet", cwd=here)
    assert done.returncode == code, done.stderr
    return read(Benchmark, json.loads(done.stdout))


@pytest.fixture
def trays(tmp_path: Path) -> Path:
    sets.loco(tmp_path / "data")
    return tmp_path


def test_limits_are_fitted_to_the_training_part(trays: Path) -> None:
    head = HEAD.replace("area >= 0.1 %", "area >= least_area").replace(
        "blobs", "param least_area = 4 % in 0.05 .. 5 %\nblobs", 1
    )
    (trays / "pushpins.logic").write_text(head + RULES, "utf-8")
    before = record(trays, "data", "--spec", "pushpins.logic")
    assert before.products[0].binary.false_positive == 3
    after = record(trays, "data", "--spec", "pushpins.logic", "--split", "fit")
    (p,) = after.products
    assert after.split == "fit"
    assert p.binary.false_positive < 2  # of six training trays, the bound lies near the smallest pin
    assert (before.average.accuracy or 1) < (after.average.accuracy or 0)
    assert p.training is not None
    assert (p.training.pictures, p.training.parts) == (6, ["train"])
    assert p.training.result[1].startswith("least_area = ")
    assert p.spec_hash != before.products[0].spec_hash


def test_anomalies_of_the_training_part_are_fitted_to_as_well(tmp_path: Path) -> None:
    home = sets.loco(tmp_path / "data", defects=["missing"] * 5 + ["additional"] * 5 + ["both"]) / "pushpins"
    shutil.rmtree(home / "test" / "structural_anomalies")
    config = home / "defects_config.json"  # which calls one of them otherwise
    config.write_text(config.read_text().replace("missing_pushpin", "gone"))
    (tmp_path / "pushpins.logic").write_text(
        f"{HEAD}param fullest = 9 in 1 .. 9\n"
        "rule few as quantity: every cell c: count(pushpin inside c) in 1 .. fullest\n"
        "    low missing_pushpin  high additional_pushpin\n",
        "utf-8",
    )
    made = record(
        tmp_path,
        "data",
        "--spec",
        "pushpins.logic",
        "--layout",
        "loco-fc",
        "--split",
        "fit",
        "--name",
        "gone=missing_pushpin",
    )
    (p,) = made.products
    assert p.training is not None
    assert (p.training.pictures, p.logical) == (6 + 8, 2 + 1)
    assert "fullest = 1" in p.training.result
    assert p.binary.accuracy == 1
    assert p.classification is not None
    assert p.classification.exact.share == 1


def test_rules_are_inferred_from_normal_training_pictures(trays: Path) -> None:
    (trays / "pushpins.logic").write_text(HEAD, "utf-8")
    made = record(trays, "data", "--spec", "pushpins.logic", "--split", "infer")
    (p,) = made.products
    assert p.training is not None
    assert (p.training.how, p.training.pictures) == ("infer", 6)
    assert any("count(yellow inside g) = 1" in rule for rule in p.training.result)
    assert p.binary.accuracy == 1
    assert p.classification is None  # the draft has labels of its own


def test_a_training_picture_that_is_a_test_picture_is_left_out(trays: Path) -> None:
    home = trays / "data" / "pushpins"
    shutil.copyfile(home / "test" / "good" / "000.png", home / "train" / "good" / "100.png")
    (home / "train" / "good" / "101.png").write_bytes(b"no picture")
    spec = HEAD + "param fullest = 9 in 1 .. 9\n" + RULES.replace("= 1 ", "<= fullest ")
    (trays / "pushpins.logic").write_text(spec, "utf-8")
    made = record(trays, "data", "--spec", "pushpins.logic", "--split", "fit")
    training = made.products[0].training
    assert training is not None
    assert training.pictures == 6
    assert any("1 training picture left out, as the test part has the same file" in n for n in made.notes)
    assert any("1 training picture cannot be read, first " in n for n in made.notes)


@pytest.mark.parametrize("how", ["fit", "infer", "learn"])
def test_a_training_part_without_normals_is_refused(trays: Path, how: str) -> None:
    shutil.rmtree(trays / "data" / "pushpins" / "train")
    done = logidsl("bench", "data", "--spec", str(sets.SPEC), "--split", how, cwd=trays)
    assert done.returncode == 4
    assert "the training part of `pushpins` has no normal picture" in done.stderr
    assert "8 pictures, 1 in `validation`, 7 in `test`" in done.stderr


def test_nothing_to_train_is_said(trays: Path) -> None:
    for how, message in (
        ("fit", "has no parameter with bounds to fit"),
        ("learn", "expected one parts file in"),
    ):
        done = logidsl("bench", "data", "--spec", str(sets.SPEC), "--split", how, cwd=trays)
        assert (done.returncode, message in done.stderr) == (4, True), done.stderr


def test_parts_are_learned_from_annotated_training_pictures(tmp_path: Path) -> None:
    home = tmp_path / "data" / "parts"
    for seed in range(2):
        scenes.annotate(home / "train" / "good", f"{seed:03}", scenes.parts(seed, 3, 2), seed)
    for kind, seed, discs in (("good", 10, 3), ("logical_anomalies", 12, 2)):
        target = home / "test" / kind / f"{seed:03}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(target), scenes.picture(scenes.parts(seed, discs, 2), seed))
    spec = tmp_path / "parts.logic"
    spec.write_text(
        'object disc = learned("discs.parts", "disc")\nobject bar = learned("discs.parts", "bar")\n'
        "rule three as quantity: count(disc) = 3 low missing_disc high additional_disc\n"
    )
    dataset = read_dataset(tmp_path / "data", {}, "loco")
    (tmp_path / "work").mkdir()
    quick = Options(resample=False, validate=False, variations=1)
    trainer = Trainer("parts", read_source(spec), {}, dataset, tmp_path / "work", 1, learning=quick)
    program, training = trainer.trained("learn")
    assert (training.how, training.pictures, training.result) == ("learn", 2, ["classes: bar, disc"])
    tests = [s for s in dataset.samples if s.part == "test"]
    lines = Judging().lines(program, [s.path for s in tests if s.path], [])
    assert [line.verdict for line in lines] == ["pass", "fail"], [line.findings for line in lines]
    assert sorted(f.name for f in tmp_path.iterdir()) == ["data", "parts.logic", "work"]
