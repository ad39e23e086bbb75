"""Whatever a source holds, it is answered, and in time that grows with its length only."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logidsl.diagnostics import Bag
from logidsl.source import Source
from logidsl.syntax.lexer import lex
from logidsl.syntax.parse import SIZE_MAX, parse, read_source
from tests.syntax.trees import SENTENCES, codes, read

PIECES = sorted({w.text for s in SENTENCES for w in lex(Source("t", s), Bag())[0]})
ODD = [
    "==",
    "&&",
    "is",
    "has",
    "exactly",
    "≤",
    "“",
    "'",
    '"',
    "#fff",
    "//",
    "\x00",
    "\ufffd",
    "1e5",
    "5pixels",
    "²",
    "@",
]


def answered(text):
    """Read a text; whatever is said points into it."""
    file, bag = parse(Source("test", text))
    for found in bag.items:
        assert 0 <= found.span.start <= found.span.end <= len(text)
        assert str(found)
    assert len(bag.items) <= bag.limit
    assert file.span.end <= len(text)


@given(st.text(max_size=300))
def test_any_text_is_answered(text):
    answered(text)


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(tmp_path_factory, data):
    answered(data.decode("utf-8", "replace"))


@given(st.lists(st.sampled_from(PIECES + ODD + ["\n"]), max_size=60), st.sampled_from([" ", "", "\n"]))
def test_word_soup_is_answered(words, between):
    answered(between.join(words))


@given(st.lists(st.sampled_from(SENTENCES), max_size=4), st.data())
def test_damaged_specs_are_answered(sentences, data):
    text = "\n".join(sentences)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(PIECES + ODD)) + text[at + data.draw(st.integers(0, 5)) :]
    answered(text)


# ---- size ----

# Texts whose parts repeat: what is nested, chained, listed, wrong.
REPEATED = {
    "statements": ("object bolt: 2\n", ""),
    "list": ("a, ", "object z, "),
    "and": ("x and ", "rule r: "),
    "or": ("x or ", "rule r: "),
    "union": ("x | ", "rule r: count("),
    "sum": ("x + ", "let v = "),
    "minus": ("- ", "let v = "),
    "not": ("not ", "rule r: "),
    "every": ("every a: ", "rule r: "),
    "brackets": ("(", "let v = "),
    "closing": (")", "let v = "),
    "lists": ("[", "let v = "),
    "variants": ("variant v otherwise { ", ""),
    "spaces": (" ", ""),
    "lines": ("\n", ""),
    "comments": ("# x\n", ""),
    "digits": ("9", "let v = "),
    "letters": ("a", "let "),
    "foreign": ("ä", "let "),
    "mixed": ("aä", "let "),
    "quotes": ('"', ""),
    "open": ('"a\n', ""),
    "single": ("'a", ""),
    "signs": ("@", ""),
    "wrong": ("&a ", ""),
    "equal": ("=", "let a "),
    "points": (".", "let a "),
    "keywords": ("rule ", ""),
    "outcomes": ("defect a ", "rule r: x "),
    "hash": ("= #8c2a1e ", ""),
    "slashes": ("/* ", ""),
    "names": ("a ", ""),
    "marks": ("`a", ""),
}


@pytest.mark.parametrize("name", REPEATED)
def test_work_grows_with_length_only(name):
    part, head = REPEATED[name]

    def calls(size):
        """How many functions are called: the work done, whatever else the machine is doing."""
        text = head + part * ((size - len(head)) // len(part))
        count = 0

        def counting(frame, event, arg):
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(counting)
        try:
            answered(text)
        finally:
            sys.setprofile(None)
        return count

    calls(200)
    small, large = calls(1_500), calls(12_000)
    # Eight times the length; a quadratic reader makes 64 times the calls.
    assert large < 12 * small + 5000, (small, large)


def test_the_largest_spec_is_read_and_a_larger_one_refused():
    line = "rule r: every bolt: inside left and length >= 3 px defect short\n"
    text = line * (SIZE_MAX // len(line))
    file = read(text)
    assert len(file.statements) == SIZE_MAX // len(line)
    assert codes(text + line) == ["E003"]
    assert parse(Source("test", text + line))[0].statements == ()


# ---- depth ----


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("[", "]"), ("f(", ")"), ("if x then (", ")")])
def test_brackets_are_read_to_a_depth(opening, closing):
    read("let v = " + opening * 45 + "x" + closing * 45)
    deep = "let v = " + opening * 101 + "x" + closing * 101 + "\nobject b"
    file, bag = parse(Source("test", deep))
    assert [d.code for d in bag.items] == ["E040"]
    assert len(file.statements) == 1
    assert file.broken[0].name == "v"


@pytest.mark.parametrize("part", ["- ", "not ", "every a: ", "if a then ", "x + ", "x * ", "x inside "])
def test_expressions_are_read_to_a_height(part):
    frame = "rule r: {}x" if part.split()[0] in ("not", "every", "if", "x") else "let v = {}x"
    read(frame.format(part * 90))
    assert codes(frame.format(part * 120)) == ["E040"]
    assert codes(frame.format(part * 5_000)) == ["E040"]


def test_long_chains_are_no_depth():
    for text in ("x and " * 5000, "x or " * 5000):
        assert read(f"rule r: {text}x").statements[0].height == 3
    read("rule r: count(" + "a | " * 5000 + "a) = 1")


def test_depth_needs_no_stack():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(250)
    try:
        for part, head in REPEATED.values():
            answered(head + part * 3000)
    finally:
        sys.setrecursionlimit(limit)


def test_a_file_of_any_bytes_is_answered(tmp_path):
    path = tmp_path / "all.logic"
    path.write_bytes(bytes(range(1, 256)) * 10)
    answered(read_source(path).text)


def test_a_statement_may_end_with_a_joint():
    answered("object bolt\nrule r: no bolt where length < 3 px and\nobject nut\n")
