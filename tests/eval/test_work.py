"""One picture with too many objects costs its own row; many are judged in batches that fit; findings are counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import logidsl
from logidsl.eval import judge
from logidsl.eval.batches import traces
from logidsl.eval.image_batch import Prepared
from logidsl.report.model import ImageReport
from tests.cli.commands import environment, logidsl_process

TRIPLE = "object dot\nrule thrice: every dot a: every dot b: every dot c: distance(a, b) + distance(b, c) >= 0 px\n"
APART = "object dot\nrule apart: every dot a: every dot b: distance(a, b) > 5000 px\n"
MOST_MB = 1500
Row = dict[str, str | float]


def rows(name: str, n: int, seed: int = 0) -> list[Row]:
    """A picture with n objects that do not touch."""
    spots = np.random.default_rng(seed).permutation(10_000)[:n]
    head: Row = {"image": name, "image_width": 1000, "image_height": 1000, "class": "dot"}
    return [
        head | {"x0": s % 100 * 10.0, "y0": s // 100 * 10.0, "x1": s % 100 * 10 + 6.0, "y1": s // 100 * 10 + 6.0}
        for s in spots.tolist()
    ]


def many(*counts: int) -> list[Row]:
    """Pictures with so many objects each."""
    return [row for number, n in enumerate(counts) for row in rows(f"{number}.png", n, number)]


def widen(row: Row, width: float) -> None:
    """Give an object another width."""
    row["x1"] = float(row["x0"]) + width


def test_a_picture_with_too_many_objects_is_a_row_and_the_others_are_judged() -> None:
    """Nine pictures, one with 4,800 dots, under three quantifiers."""
    report = logidsl.loads(TRIPLE).check(many(3, 4, 5, 6, 4800, 7, 8, 9, 10))
    assert [i.verdict for i in report.images] == ["pass"] * 4 + ["error"] + ["pass"] * 4
    assert report.images[4].path == "4.png"
    assert report.images[4].error == (
        "rule `thrice` needs 110,592,000,000 combinations of objects on this picture: expected at most 1,000,000,000; "
        "narrow its sets, or raise the limit with `--max-combinations`"
    )
    assert (report.summary.pass_, report.summary.error) == (8, 1)


def test_what_counts_are_the_members_of_the_sets() -> None:
    """4,800 dots of which three are large: 27 combinations."""
    table = rows("a.png", 4800)
    for row in table[:3]:
        widen(row, 9)
    spec = TRIPLE.replace("every dot", "every big").replace("dot\n", "dot\nobject big = dot where width > 8 px\n", 1)
    assert logidsl.loads(spec).check(table).images[0].verdict == "pass"


@pytest.mark.parametrize(
    "clause",
    [
        "distinct(x of dot)",
        "count(dot d where some dot e where d overlaps e) >= 0",
        "every dot a: every dot b: a overlaps b or a.width > 0 px",
    ],
)
def test_every_way_to_nest_is_counted(clause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIDSL_MAX_COMBINATIONS", "900")
    spec = logidsl.loads(f"object dot\nrule r: {clause}\nrule also: count(dot) >= 0\n")
    few, much = spec.check(many(9, 31)).images
    assert few.verdict != "error"
    assert much.verdict == "error"
    assert "rule `r` needs 961 combinations" in str(much.error)


def test_a_picture_is_judged_as_in_any_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that are cut give what whole ones give."""
    spec = logidsl.loads(TRIPLE + "rule close: every dot a: some dot b where distance(a, b) < 100 px and a left_of b\n")
    table = many(*range(1, 30))
    whole, batches = spec.check(table), len(list(traces(spec.program, Prepared(spec.see(table)))))
    monkeypatch.setenv("LOGIDSL_MAX_MEMORY", "3000000")
    assert len(list(traces(spec.program, Prepared(spec.see(table))))) > batches
    assert spec.check(table).to_json() == whole.to_json()


def test_a_refused_picture_is_undetermined_where_nobody_reads_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIDSL_MAX_COMBINATIONS", "100")
    spec = logidsl.loads(TRIPLE)
    judgement = judge(spec.program, spec.see(many(3, 9)))
    assert judgement.verdicts.tolist() == [1, 0]
    assert list(judgement.refused) == [1]
    with pytest.raises(logidsl.InputError, match=r"1\.png: rule `thrice` needs 729 combinations"):
        list(traces(spec.program, Prepared(spec.see(many(3, 9)))))


def test_seeing_what_there_is_needs_no_rule(tmp_path: Path) -> None:
    (tmp_path / "s.logic").write_text(TRIPLE)
    lines = "".join(f"a.png,dot,{r['x0']},{r['y0']},{r['x1']},{r['y1']}\n" for r in rows("a.png", 4800))
    (tmp_path / "t.csv").write_text("image,class,x0,y0,x1,y1\n" + lines)
    done = logidsl_process("table", "t.csv", "--spec", "s.logic", "--format", "csv", cwd=tmp_path)
    assert (done.returncode, done.stdout.count("\n")) == (0, 4801)
    options = ["--max-combinations", "10k", "--max-memory", "1M", "--max-findings", "7"]
    done = logidsl_process("check", "--table", "t.csv", "--spec", "s.logic", *options, "--format", "json", cwd=tmp_path)
    assert done.returncode == 4
    assert "expected at most 10,000" in done.stdout
    for option, value in (("--max-combinations", "0"), ("--max-memory", "x"), ("--max-findings", "0")):
        done = logidsl_process("check", "--table", "t.csv", "--spec", "s.logic", option, value, cwd=tmp_path)
        assert (done.returncode, option in done.stderr) == (64, True)


SCRIPT = """
import sys
import logidsl
from tests.eval.test_work import many
s = logidsl.loads(sys.argv[1]).check(many(*map(int, sys.argv[2:]))).summary
print(s.pass_, s.fail, s.review, s.error)
# not ru_maxrss: that of a process begins with what its parent had
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="how much memory a process had is read from /proc")
@pytest.mark.parametrize(
    ("spec", "counts", "summary"),
    [
        (TRIPLE, [100] * 40, "40 0 0 0"),
        (
            TRIPLE.replace("dot c: distance(a, b)", "dot c: every dot d: distance(a, d)"),
            [100, 5],
            "2 0 0 0",
        ),
        (TRIPLE.replace("dot c:", "dot c: every dot d:"), [100, 5], "2 0 0 0"),
        (APART, [300] * 10, "0 10 0 0"),
        ("object dot\nrule r: distinct(x of dot)\n", [9000, 1], "1 0 0 1"),
    ],
    ids=["many tables", "four quantifiers", "one of them unused", "many findings", "pairs of a column"],
)
def test_memory_is_bounded(spec: str, counts: list[int], summary: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, spec, *map(str, counts)],
        env=environment(), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    told, most_kb = done.stdout.splitlines()
    assert told == summary, done.stderr
    assert int(most_kb) < MOST_MB << 10


def image(spec: str, table: list[Row], most: int | None = 100) -> ImageReport:
    """The report of one picture."""
    return logidsl.loads(spec).check(table, max_findings=most).images[0]


def test_of_many_findings_a_hundred_are_made_and_the_others_counted() -> None:
    found = image(APART, rows("a.png", 300))
    assert len(found.findings) == 100
    assert found.notes == ["45,050 more findings of rule `apart` left out: `distance(a, b) > 5000 px`"]
    few, whole = image(APART, rows("a.png", 12), 7), image(APART, rows("a.png", 12), None)
    assert (len(whole.findings), whole.notes) == (78, [])
    assert few.findings == whole.findings[:7]
    assert few.notes == ["71 more findings of rule `apart` left out: `distance(a, b) > 5000 px`"]
    assert (few.verdict, few.score, few.labels) == (whole.verdict, whole.score, whole.labels)


def test_each_clause_and_picture_has_its_own_number() -> None:
    spec = "object dot\nrule r: every dot: width > 100 px and height > 100 px\nrule s: every dot: x > 5000 px\n"
    report = logidsl.loads(spec).check(many(20, 3, 30), max_findings=10)
    assert [len(i.findings) for i in report.images] == [30, 9, 30]
    assert [len(i.notes) for i in report.images] == [3, 0, 3]
    assert "20 more findings of rule `s` left out: `x > 5000 px`" in report.images[2].notes


def test_no_label_is_lost_among_the_findings_left_out() -> None:
    spec = "object dot\nrule r: every dot: width in 7 px .. 9 px low narrow high wide\n"
    table = rows("a.png", 50)
    widen(table[-1], 20)
    assert image(spec, table, 5).labels == image(spec, table, None).labels == ["narrow", "wide"]
    assert len(image(spec, table, 5).findings) == 5
