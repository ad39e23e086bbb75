"""Objects of classes that the spec does not name: one note, or the set `unlisted()`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import logidsl
from logidsl.report.build import unnamed_note
from tests.cli.commands import logidsl_process

TABLE = "image,class\na.png,bolt\na.png,screw\nb.png,screw\nb.png,glove\nb.png,?\n"


def test_one_note_counts_them_by_class(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    report = logidsl.loads("object bolt").check(str(tmp_path / "t.csv"))
    assert [n for n in report.notes if "does not name" in n] == [
        "objects of classes that the spec does not name: 2 `screw`, 1 `glove`"
    ]


def test_a_run_of_many_files_has_one_note(tmp_path: Path) -> None:
    (tmp_path / "s.logic").write_text("object bolt")
    for k in range(9):
        (tmp_path / f"{k}.csv").write_text(TABLE)
    found = logidsl_process("check", *(f"{k}.csv" for k in range(9)), "--spec", "s.logic", cwd=tmp_path)
    assert found.stdout.count("does not name") == 1
    assert "does not name: 18 `screw`, 9 `glove`" in found.stdout


def test_a_spec_that_asks_for_them_has_no_note(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    report = logidsl.loads("object bolt\nobject stranger = unlisted(): 0").check(str(tmp_path / "t.csv"))
    assert not [n for n in report.notes if "does not name" in n]
    assert [o.class_ for f in report.images[0].findings for o in f.objects] == ["screw"]


def test_of_many_classes_the_note_lists_the_most_frequent() -> None:
    (note,) = unnamed_note(Counter({f"c{k}": 10 - k for k in range(9)}))
    assert note.endswith("10 `c0`, 9 `c1`, 8 `c2`, 7 `c3`, 6 `c4`, 5 `c5`, and of 3 more classes")
