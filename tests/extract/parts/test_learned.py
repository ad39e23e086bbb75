"""`object NAME = learned("FILE.parts", …)`: what a spec may say, and what it says back."""

from __future__ import annotations

from pathlib import Path

import pytest

from logidsl.describe import describe
from logidsl.diagnostics import SpecError
from logidsl.ir import Program
from logidsl.pipeline import compile_spec
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.syntax.yaml_write import to_yaml

FULL = 'object nut = learned("nuts.parts", 60 %, "hazelnut") where area > 20 px2: 4\n'
FORMS = {
    'learned("nuts.parts")': (None, (), False),
    'learned("nuts.parts", 60 %)': (0.6, (), False),
    'learned("nuts.parts", "hazelnut", "brazil nut")': (None, ("hazelnut", "brazil nut"), False),
    'learned("nuts.parts", box(0 %, 0 %, 50 %, 100 %))': (None, (), True),
    'learned("sub/nuts.parts", sure, box(0 %, 0 %, 50 %, 100 %), kind)': (0.45, ("hazelnut",), True),
}


def spec_of(folder: Path, text: str) -> Program:
    return compile_spec(Source(str(folder / "nuts.logic"), text))


@pytest.mark.parametrize("written", FORMS)
def test_threshold_region_and_classes_may_be_left_out(written: str, tmp_path: Path) -> None:
    score, names, region = FORMS[written]
    text = f'param sure = 45 %\nparam kind = "hazelnut"\nobject nut = {written}\nrule r: count(nut) < 99\n'
    (source,) = spec_of(tmp_path, text).sources
    assert (source.fn, source.score, source.names, source.of is not None) == ("learned", score, names, region)


@pytest.mark.parametrize(
    ("written", "code", "message"),
    [
        ('learned("../nuts.parts")', "E170", "does not lie below the spec's folder"),
        ('learned("nuts.onnx")', "E171", "`learned` takes a file that ends in .parts, and `nuts.onnx` does not"),
        ('learned("nuts.parts", 3 px)', "E172", "`3 px` has no place here"),
        ('learned("nuts.parts", "hazelnut", 60 %)', "E172", "`60 %` has no place here"),
        ('learned("nuts.parts", 160 %)', "E114", "a share of 0 to 100 %"),
        ("learned()", "E122", "`learned`"),
        ('learned("nuts.parts") by x', "E174", "what `learned` finds is a set, which has no order"),
    ],
)
def test_mistakes_are_diagnostics(written: str, code: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        spec_of(tmp_path, f"object nut = {written}\nrule r: count(nut) = 1\n")
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert message in str(caught.value)


def test_the_yaml_form_is_the_same_program(tmp_path: Path) -> None:
    text = f"logic 1\nspec nuts\n{FULL}"
    program = spec_of(tmp_path, text)
    written = to_yaml(parse(Source("nuts.logic", text))[0])
    again = compile_spec(Source(str(tmp_path / "nuts.yaml"), written))
    assert [s.model_copy(update={"span": None}) for s in again.sources] == [
        s.model_copy(update={"span": None}) for s in program.sources
    ]


def test_it_is_described(tmp_path: Path) -> None:
    said = " ".join(s.sentence for s in describe(spec_of(tmp_path, FULL)))
    assert (
        'Every "hazelnut" that the parts file "nuts.parts" finds, with a confidence of at least 60 % counts as nut.'
        in said
    )
