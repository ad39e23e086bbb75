"""The three forms of `scale`: a number, a length of an object, a calibration."""

from __future__ import annotations

import pytest

from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.format import format_file
from logidsl.syntax.read import read
from logidsl.syntax.yaml import to_yaml

FORMS = [
    "scale 1 px = 0.08 mm",
    "scale 250 px = 20 mm by 21 mm",
    "scale bolt.length = 20 mm",
    "scale only(bolt).length = 2 cm",
    "scale first(bolt by x).width = 20 mm",
    'scale "camera.json"',
]


def parsed(text: str, name: str = "s.logic") -> ast.File:
    file, bag = read(Source(name, text))
    assert bag.ok, str(bag)
    return file


@pytest.mark.parametrize("text", FORMS)
def test_each_form_is_written_as_it_was_read(text: str) -> None:
    file = parsed(text)
    assert format_file(file).strip() == text
    assert parsed(to_yaml(file), "s.yaml").statements == file.statements


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("scale bolt = 20 mm\nobject bolt: 1", "E043"),
        ("scale bolt.length = 20\nobject bolt: 1", "E043"),
        ("scale bolt.length = 20 mm by 21 mm\nobject bolt: 1", "E043"),
    ],
)
def test_a_mistake_in_it_is_the_only_one(text: str, code: str) -> None:
    """The name in it is not taken for one that it declares."""
    _, bag = read(Source("s.logic", text))
    assert [d.code for d in bag.items] == [code]
