"""Records as JSON and back: what is refused, and where the message says it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

import pytest

from logidsl.ir import Call, Column, NodeId, Param, Program, SourceSpan
from logidsl.records import RecordError, plain, read, read_json
from logidsl.types import COUNT, TRUTH, Type, list_of

HERE = SourceSpan(line=1, column=1, end_line=1, end_column=2, text="a")


def program_with(**changes: object) -> str:
    """The JSON of a program of one call, with other values of that call."""
    call = plain(Call(fn="and", args=(0,), type=TRUTH, depth=0, span=HERE)) | changes
    return json.dumps({"nodes": [call]})


@dataclass(frozen=True, kw_only=True)
class Holder:
    """One field of each kind."""

    class_: Literal["a", "b", 3]
    number: float = 0.0
    count: int | None = None
    either: float | str | tuple[float, float] = ""
    names: tuple[str, ...] = ()
    pair: tuple[int, float] = (0, 0.0)
    values: dict[str, NodeId] | None = None
    node: Call | Column | None = None
    kept: list[Type] | None = None


def test_a_record_comes_back_as_it_was() -> None:
    call = Call(fn="and", args=(1, 2), type=list_of(COUNT), depth=1, span=HERE)
    whole = Holder(class_="b", number=1.5, count=2, either=(1.0, 2.0), names=("x", "y"), values={"a": 1}, node=call)
    for holder in (whole, Holder(class_=3, either="text", kept=[list_of(list_of(COUNT))])):
        value = json.loads(json.dumps(plain(holder)))
        assert "class" in value
        assert read(Holder, value) == holder


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "class: missing"),
        ({"class": "c"}, "class: expected a, b or 3, found `c`"),
        ({"class": 3.0}, "class: expected a, b or 3, found 3.0"),
        ({"class": "a", "class_": "a"}, "class_: unknown key"),
        ({"class": "a", "number": "1"}, "number: expected a number, found `1`"),
        ({"class": "a", "number": True}, "number: expected a number, found true or false"),
        ({"class": "a", "number": float("nan")}, "number: expected a number, found nan"),
        ({"class": "a", "number": 10**400}, "number: expected a number, found 1000"),
        ({"class": "a", "count": 1.0}, "count: expected a whole number or null, found 1.0"),
        ({"class": "a", "either": [1]}, "either: expected a number, a text or a list, found a list"),
        ({"class": "a", "names": ["a", 1]}, "names.1: expected a text, found 1"),
        ({"class": "a", "names": "ab"}, "names: expected a list, found `ab`"),
        ({"class": "a", "pair": [1]}, "pair: expected 2 items, found 1"),
        ({"class": "a", "values": {"k": None}}, "values.k: expected a whole number, found null"),
        ({"class": "a", "node": {"kind": "match"}}, "node.kind: expected call or column, found `match`"),
        ({"class": "a", "node": {"kind": "column", "of": 1}}, "node.type: missing"),
        ([], "expected an object, found a list"),
    ],
)
def test_what_a_record_refuses(given: object, message: str) -> None:
    with pytest.raises(RecordError) as caught:
        read(Holder, given)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("text", ["", "{", "null", "[" * 100_000, '{"nodes": ' + "[" * 100_000])
def test_text_that_is_not_a_program_is_a_record_error(text: str) -> None:
    with pytest.raises(RecordError):
        Program.from_json(text)


def test_a_program_names_only_nodes_that_it_has() -> None:
    assert len(Program.from_json(program_with()).nodes) == 1
    for args in ([1], [-1], [0, 7]):
        with pytest.raises(RecordError, match="not there"):
            Program.from_json(program_with(args=args))


def test_a_number_without_a_point_is_read_as_the_float_it_stands_for() -> None:
    text = json.dumps(plain(Param(name="n", type=COUNT, value=2.0, span=HERE))).replace("2.0", "2")
    assert isinstance(read_json(Param, text).value, float)
