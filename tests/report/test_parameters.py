"""A report records the value of each parameter, and an open date must be given."""

from __future__ import annotations

import json
from pathlib import Path

import logidsl
from tests.cli.commands import logidsl_process

SPEC = """
param play = 12 px
param today in date_of("2026-01-01") .. date_of("2099-12-31")
object label: 1
rule fresh: date_of(label.text) >= today
rule wide: label.width >= play
"""
TABLE = "image,class,text,x0,y0,x1,y1\na.png,label,2026-11-30,0,0,20,5\n"


def test_values_stand_in_the_report_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    report = logidsl.loads(SPEC, params={"today": "2026-11-30"}).check(str(tmp_path / "t.csv"))
    assert report.verdict == "pass"
    assert report.spec.parameters == {"play": "12 px", "today": "2026-11-30"}
    assert "with play = 12 px, today = 2026-11-30" in report._repr_html_()


def test_an_open_date_must_be_given(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "s.logic").write_text(SPEC)
    found = logidsl_process("check", "--table", "t.csv", "--spec", "s.logic", cwd=tmp_path)
    assert found.returncode == 64
    assert "-P today=VALUE" in found.stderr
    given = "check", "--table", "t.csv", "--spec", "s.logic", "-P", "today=2026-12-01", "--format", "jsonl"
    line = json.loads(logidsl_process(*given, cwd=tmp_path).stdout)
    assert (line["verdict"], line["spec"]["parameters"]["today"]) == ("fail", "2026-12-01")


def test_without_the_date_what_depends_on_it_is_undetermined(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    report = logidsl.loads(SPEC).check(str(tmp_path / "t.csv"))
    assert report.verdict == "review"
    assert [f.rule for f in report.images[0].findings] == ["fresh"]
    assert "not given" in (report.images[0].findings[0].reason or "")
    assert "today" not in report.spec.parameters
