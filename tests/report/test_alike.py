"""Notes of many files that say the same."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from logidsl.cli import main
from logidsl.report.alike import shortened


def test_few_stay_as_they_are() -> None:
    notes = [f"{n}.xml: `Nuts` read as `nut`" for n in range(5)] + ["a note without a source"]
    assert shortened(notes) == notes and shortened([]) == []


def test_many_alike_are_counted_whatever_their_source_and_numbers() -> None:
    many = [f"f/{n}.xml: a duplicate id made unique ({n} of them, first `{n}`)" for n in range(8)]
    others = [f"{n}.csv: line {n} left out: expected 6 fields, found 5" for n in range(7)]
    mixed = [note for pair in zip(many, [*others, "a: else"], strict=True) for note in pair]
    lines = shortened(mixed)
    assert lines[:4] == [*many[:3], "5 more notes like the last, of other files"]
    assert lines[4:8] == [*others[:3], "4 more notes like the last, of other files"]
    assert lines[8:] == ["a: else"]


@pytest.mark.parametrize("verbose", [False, True])
def test_a_folder_with_one_broken_file_has_a_row_for_it(tmp_path: Path, verbose: bool) -> None:
    (tmp_path / "s.logic").write_text("logic 1\nspec s\nobject nut\nrule r: some nut\n")
    box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>"
    for n in range(20):
        text = f"<annotation><object><name>Nuts</name>{box}</object></annotation>"
        (tmp_path / f"{n}.xml").write_text(text if n != 7 else text[:50])
    (tmp_path / "other.xml").write_text("<plan/>")  # no annotation, and not broken
    out = io.StringIO()
    with redirect_stdout(out):
        code = main(["check", str(tmp_path), "--spec", str(tmp_path / "s.logic"), *["--verbose"] * verbose])
    said = out.getvalue()
    assert code == 4 and "20 pictures: 19 pass, 1 error" in said
    assert "7.xml is not valid XML: unclosed token in line 1" in " ".join(said.split())
    assert said.count("read as `nut`") == (19 if verbose else 3)
    assert ("16 more notes like the last" in said) != verbose
