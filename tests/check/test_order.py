"""Declarations that build on one another: in any order, in circles, and without end."""

import numpy as np
import pytest

from logidsl.check import check
from logidsl.eval import judge
from logidsl.report.build import build
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.table import ObjectTable, TextColumn

CHAINS = {
    "numbers": ("let a0 = count(bolt)", "let a{i} = a{j} + 1", "rule r: a{n} > 5000"),
    "truths": ("let a0 = count(bolt) = 1", "let a{i} = a{j} and count(bolt) = 1", "rule r: a{n}"),
    "sets": ("object a0 = bolt", "object a{i} = a{j} where width > {i} px", "rule r: count(a{n}) = 1"),
    "regions": ("region a0 = box(0 %, 0 %, 50 %, 50 %)", "region a{i} = grow(a{j}, 1 px)", "rule r: bolt inside a{n}"),
}


def checked(text):
    file, bag = parse(Source("test", text))
    return check(file, bag), [d.code for d in bag.items]


def chain(name, length, backwards=False):
    first, link, rule = CHAINS[name]
    links = [first, *(link.format(i=i, j=i - 1) for i in range(1, length + 1))]
    return "\n".join(["object bolt: 1", *(reversed(links) if backwards else links), rule.format(n=length)])


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_without_end_is_refused(name, backwards):
    assert checked(chain(name, 1500, backwards))[1] == ["E167"]


@pytest.mark.parametrize("name", CHAINS)
def test_the_longest_chain_is_judged_and_reported(name):
    length = max(n for n in range(40, 301, 10) if checked(chain(name, n))[0] is not None)
    assert length >= 50
    program, codes = checked(chain(name, length))
    assert program is not None
    assert codes == []
    none = ObjectTable(("a",), np.array([[100.0, 100.0]]), np.array([0, 0]), TextColumn.of([]), ())
    report = build(program, none, judge(program, none))
    assert report.images[0].verdict == "fail"


def test_a_circle_is_refused_however_wide():
    for size in (1, 2, 3, 2500):
        text = "\n".join(f"let a{i} = a{(i + 1) % size} + 1" for i in range(size))
        assert set(checked(text)[1]) == {"E108"}
