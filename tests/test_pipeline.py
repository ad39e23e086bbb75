"""How much a report says: repairs and scores on request."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest

import logidsl
from logidsl.pipeline import Detail, report, report_of
from logidsl.table import ObjectTable, TextColumn
from tests.cli.commands import logidsl as command

SPEC = "object bolt\nrule wide: every bolt: width >= 30 px\nrule few: count(bolt) <= 9\n"


def table_of(*counts: int) -> ObjectTable:
    """Images with so many bolts that are too narrow; each is a finding."""
    n = sum(counts)
    x0 = np.arange(n) * 20.0
    return ObjectTable(
        images=tuple(f"{i}.png" for i in range(len(counts))),
        sizes=np.full((len(counts), 2), 500.0),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        classes=TextColumn.of(["bolt"] * n),
        ids=tuple(str(i) for i in range(n)),
        columns=dict(zip(("x0", "y0", "x1", "y1"), np.stack([x0, x0 * 0, x0 + 10, x0 * 0 + 10]), strict=True)),
    )


@pytest.fixture(scope="module")
def spec() -> logidsl.Spec:
    return logidsl.loads(SPEC)


def test_a_program_that_was_judged_by_can_be_sent_to_a_worker(spec: logidsl.Spec) -> None:
    assert spec.check(table_of(1)).verdict == "fail"
    sent = copy.deepcopy(spec.program)  # by the same way as pickle, which workers use
    assert pickle.dumps(spec.program)
    assert sent == spec.program
    assert report(sent, table_of(1)) == report(spec.program, table_of(1))


def repaired(made: logidsl.Report) -> list[list[bool]]:
    """Of each image's findings whether they have a repair."""
    return [[bool(f.repairs) for f in image.findings] for image in made.images]


def test_scores_and_repairs_are_made_on_request(spec: logidsl.Spec) -> None:
    table = table_of(1, 0)
    plain = spec.check(table)
    assert [i.score for i in plain.images] == [None, None]
    assert json.loads(plain.to_json())["images"][0]["score"] is None
    assert repaired(plain) == [[False], []]
    assert plain.images[0].findings[0].margin == pytest.approx(-2 / 3)
    full = spec.check(table, scores=True, repairs=True)
    assert [i.score for i in full.images] == pytest.approx([2 / 3, -1.0])
    assert repaired(full) == [[True], []]


@pytest.mark.parametrize(
    ("most", "shown"),
    [(0, [False] * 4), (2, [True, False, False, False]), (5, [True, True, True, False]), (None, [True] * 4)],
)
def test_repairs_are_worked_out_for_the_first_findings(spec: logidsl.Spec, most: int | None, shown: list[bool]) -> None:
    table, detail = table_of(2, 3, 0, 1), Detail(repairs=most)
    expected = [[s] * n for s, n in zip([*shown[:2], True, shown[3]], (2, 3, 0, 1), strict=True)]
    assert repaired(report(spec.program, table, detail)) == expected
    parts = []
    for i in range(4):
        made = report_of(spec.program, [table.take_image(i)], detail)
        detail = detail.after(made)
        parts += made.images
    assert parts == report(spec.program, table, Detail(repairs=most)).images


def test_the_command_line_says_which(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bolts.logic").write_text(SPEC)
    rows = [f"{image},bolt,{x},0,{x + 10},10" for image, n in (("a.png", 2), ("b.png", 19)) for x in range(n)]
    (tmp_path / "bolts.csv").write_text("\n".join(["image,class,x0,y0,x1,y1", *rows]) + "\n")

    def check(*options: str) -> str:
        return command("check", "--table", "bolts.csv", "--spec", "bolts.logic", *options, cwd=tmp_path).stdout

    # 22 findings, the last of them that there are too many bolts
    assert check().count("     repair  ") == 2
    assert "note: repairs are shown for up to 20 findings; --repairs shows all\n" in check()
    assert check("--repairs").count("     repair  ") == 22
    assert "repairs are shown" not in check("--repairs")
    assert "     repair  " not in check("--no-repairs")
    plain = json.loads(check("--format", "json"))["images"]
    assert {image["score"] for image in plain} == {None}
    assert not any(f["repairs"] for image in plain for f in image["findings"])
    full = json.loads(check("--format", "json", "--repairs", "--scores"))["images"]
    assert [image["score"] for image in full] == [pytest.approx(2 / 3), 10.0]
    assert all(f["repairs"] for image in full for f in image["findings"])
