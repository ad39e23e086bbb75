"""Specs in full: the shipped ones against texts that were read and found to be right, all others without a gap.

`UPDATE_DOCS=1 pytest tests/describe/test_specs.py` writes the texts in `golden/` anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from logidsl.describe import GROUPS, describe
from logidsl.describe.nodes import written
from logidsl.syntax.parse import read_source
from tests.cli.commands import CHECKOUT, logidsl

GOLDEN = Path(__file__).with_name("golden")
SPECS = sorted((CHECKOUT / "specs").rglob("*.logic"))
CASES = sorted(p for p in (CHECKOUT / "tests" / "conformance").glob("*/*.logic") if not p.name.startswith("part_"))


def golden_of(path: Path) -> Path:
    return GOLDEN / f"{'_'.join(path.relative_to(CHECKOUT / 'specs').with_suffix('').parts)}.txt"


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_a_shipped_spec_in_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)  # a test runner's terminal is none of the command's
    done = logidsl("describe", path.relative_to(CHECKOUT), cwd=CHECKOUT)
    assert done.returncode == 0, done.stderr
    golden = golden_of(path)
    if os.environ.get("UPDATE_DOCS") == "1":
        golden.write_text(done.stdout, "utf-8")
    assert done.stdout == golden.read_text("utf-8")


def test_every_shipped_spec_is_among_them() -> None:
    assert {golden_of(p) for p in SPECS} == set(GOLDEN.iterdir())
    assert len(SPECS) > 9


def test_every_conformance_case_is_worded() -> None:
    from logidsl.check import check
    from logidsl.syntax.parse import parse
    from tests.conformance.cases import read_scene

    described = 0
    kinds = {kind for group in GROUPS.values() for kind in group}
    for path in CASES:
        case = read_scene(path)
        file, bag = parse(case.source)
        program = check(file, bag, case.params, read_source)
        if program is None:  # a case of a diagnostic
            continue
        described += 1
        assert written(program).unworded == [], path
        sentences = describe(program)
        assert {s.kind for s in sentences} <= kinds
        assert all(s.sentence.endswith((".", '."')) for s in sentences), path
        named = {s.name for s in sentences if s.kind in ("rule", "cardinality")}
        rules = {r.name for r in (*program.rules, *program.batch_rules)}
        assert named == rules - ({"one_variant"} if program.variants else set()), path
    assert described > 200
