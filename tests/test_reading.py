"""What others made, read and judged as `benchmarks/reading.py` measures it; and its specs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import reading


@pytest.fixture(scope="module")
def rows(shared: Path) -> dict[tuple[str, str], reading.Row]:
    return {(r.dataset, r.what): r for r in reading.rows(shared)}


def test_files_are_read_exactly(rows: dict[tuple[str, str], reading.Row]) -> None:
    exact = [r for r in rows.values() if not r.dataset.startswith("facts_")]
    assert len(exact) >= 12
    assert [r for r in exact if r.right != r.of] == []


def test_descriptions_are_judged_better_than_by_five_naive_rules(rows: dict[tuple[str, str], reading.Row]) -> None:
    """The naive rules pass 83 of 102 normals; what they miss of the anomalies is in no description."""
    normal = rows["facts_breakfast_v10/breakfast", "normal, passed"]
    anomalous = rows["facts_breakfast_v10/breakfast", "anomalous, failed"]
    assert normal.of == 102 and normal.right >= 93
    assert anomalous.of == 83 and anomalous.right >= 71
    assert "missed: {'in no description': 11}" in anomalous.note


def test_one_broken_file_of_many_costs_one_row() -> None:
    lines = list(reading.speed(40))
    assert len(lines) == 6
    assert all("{'pass': 39, 'error': 1}" in line for line in lines)


def test_a_large_coco_file_is_read_whole() -> None:
    truth, found = reading.coco(300)
    assert "coco truth.json: 300 objects" in truth and "coco found.json: 600 objects" in found
