"""The specs of the five products on tables: every logical defect is named, nothing good is."""

import random
import re
from collections import Counter

import pytest

from benchmarks.defects.generate import PRODUCTS, corpus
from benchmarks.defects.scene import Product
from logidsl.extract.records import table_of
from logidsl.pipeline import compile_spec, report
from logidsl.scenes import run_tests

SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module", params=sorted(PRODUCTS))
def product(request) -> Product:
    return PRODUCTS[request.param]


def published(text: str) -> dict[str, set[str]]:
    """The logical defect classes of each product, as the publisher lists them."""
    found: dict[str, set[str]] = {}
    here: set[str] = set()
    for line in text.splitlines():
        if head := re.match(r"\('(\w+)', '(\w+)'\)", line):
            here = found.setdefault(head[1], set()) if head[2] == "logical_anomalies" else set()
        elif row := re.match(r"    (\w+) images \d+", line):
            here.add(row[1])
    return found


def test_every_published_logical_defect_is_made(shared):
    listed = published((shared / "loco_defect_table" / "loco_stats.txt").read_text())
    assert sum(len(v) for v in listed.values()) == 57
    assert {name: {d.label for d in p.defects} for name, p in PRODUCTS.items()} == listed


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_are_exactly_those_of_the_defects(product, seed, checkout):
    program = compile_spec(checkout / "specs" / product.spec)
    samples = list(corpus(product, seed))
    images = report(program, table_of([s.frame for s in samples], program, "corpus")).images
    wrong = [
        f"{s.about}: expected {sorted(s.labels)}, found {i.verdict} {i.labels}: {[f.message for f in i.findings][:3]}"
        for s, i in zip(samples, images, strict=True)
        if set(i.labels) != (s.labels or {"normal"}) or i.verdict != ("fail" if s.labels else "pass")
    ]
    assert not wrong, f"{len(wrong)} of {len(samples)}\n" + "\n".join(wrong[:20])


def test_a_fifth_of_the_defective_ones_carry_two_defects(product):
    samples = [s for s in corpus(product, 1) if s.labels]
    pairs = Counter(len(s.labels) for s in samples)
    assert pairs[1] >= 8 * len(product.defects)
    assert 0.1 <= pairs[2] / len(samples) <= 0.25


def test_each_defect_is_made_in_several_ways(product):
    for d in product.defects:
        scenes = [product.good(random.Random(seed)) for seed in range(4)]
        for seed, scene in enumerate(scenes):
            d.change(scene, random.Random(seed))
        assert len({repr(s.parts) for s in scenes}) > 1


def test_the_tests_inside_the_spec_pass(product, checkout):
    path = checkout / "specs" / product.spec
    program = compile_spec(path)
    outcomes = run_tests(program, path.parent)
    assert len(outcomes) >= 2
    assert [o.failures for o in outcomes if not o.ok] == []
