"""Settings that are chosen by leaving rendered pictures out."""

from __future__ import annotations

from pathlib import Path

import pytest

from logidsl.learn import Options, prepared, read_annotations
from logidsl.learn.selection import choose, hits
from logidsl.learn.validation import validate
from tests.learn.scenes import annotate, filled_trays

pytestmark = pytest.mark.slow


def test_parts_on_larger_parts_need_a_limit_between_classes(tmp_path: Path) -> None:
    for number in range(3):
        annotate(tmp_path, f"p{number}", filled_trays(number), number)
    work, _ = prepared(read_annotations([tmp_path]), Options(variations=2, jobs=1))
    views = validate(work, 1)
    free, chosen = (choose([v for v in views if v.class_limit >= least], work.settings, 3, seed=0) for least in (1, 0))
    assert chosen.class_limit < free.class_limit == 1
    without, right = (sum(hits(j, c.threshold)[0] for j in c.judged) for c in (free, chosen))
    assert without < right
