"""The tables are lark's, the cache is safe, and lexer and machine agree with lark itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Lark
from lark.exceptions import UnexpectedInput

from logidsl.diagnostics import Bag
from logidsl.source import Source
from logidsl.syntax import lalr_parser, tables
from logidsl.syntax.lexer import lex
from logidsl.syntax.tables import END, build, grammar_text
from tests.syntax.trees import SENTENCES


@pytest.fixture(scope="module")
def strict():
    """The grammar as lark itself reads it: a conflict would be an error."""
    return Lark(grammar_text(), parser="lalr", lexer="basic", strict=True, maybe_placeholders=True)


def takes(lark, text):
    try:
        lark.parse(text)
    except UnexpectedInput:
        return False
    return True


def ours(text):
    """Whether the words make sense, with nothing repaired."""
    bag = Bag()
    words, _ = lex(Source("test", text), bag)
    return not bag.items and lalr_parser.reach(words) is None


@pytest.mark.parametrize("sentence", SENTENCES)
def test_words_are_those_of_lark(strict, sentence):
    ours_ = [w.text for w in lex(Source("test", sentence), Bag())[0]]
    assert ours_ == [str(t) for t in strict.lex(sentence)]


def test_the_machine_takes_what_lark_takes(strict):
    assert all(takes(strict, s) for s in SENTENCES)


PIECES = sorted({w.text for s in SENTENCES for w in lex(Source("t", s), Bag())[0]})


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_the_machine_agrees_with_lark_on_word_soup(strict, text):
    assert ours(text) == takes(strict, text)


@given(st.sampled_from(SENTENCES), st.data())
def test_the_machine_agrees_with_lark_on_damaged_sentences(strict, sentence, data):
    words = sentence.split(" ")
    at = data.draw(st.integers(0, len(words) - 1))
    new = data.draw(st.sampled_from(PIECES))
    text = " ".join([*words[:at], new, *words[at + data.draw(st.integers(0, 1)) :]])
    assert ours(text) == takes(strict, text)


# ---- the cache ----


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGIDSL_CACHE", str(tmp_path / "cache"))
    tables.tables.cache_clear()
    yield tmp_path / "cache"
    tables.tables.cache_clear()


def test_the_cache_gives_what_was_built(folder, monkeypatch):
    built = tables.tables()
    (file,) = folder.glob("tables-*.json")
    tables.tables.cache_clear()
    monkeypatch.setattr(tables, "build", lambda text: pytest.fail("built again"))
    assert tables.tables() == built
    assert file.stat().st_size < 400_000


@pytest.mark.parametrize("damage", ["empty", "cut", "changed", "another"])
def test_a_damaged_cache_is_built_again(folder, damage):
    built = tables.tables()
    (file,) = folder.glob("tables-*.json")
    text = file.read_text()
    damaged = {
        "empty": "",
        "cut": text[:1000],
        "changed": text.replace('"NAME"', '"NAMED"', 1),
        "another": "0" * 64 + "\n" + json.dumps({"states": []}),
    }
    file.write_text(damaged[damage])
    tables.tables.cache_clear()
    assert tables.tables() == built
    assert file.read_text() == text


def test_no_cache_where_none_can_be(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    for chosen in (str(blocked / "below"), ""):
        monkeypatch.setenv("LOGIDSL_CACHE", chosen)
        tables.tables.cache_clear()
        assert END in {kind for state in tables.tables().states for kind in state}
    tables.tables.cache_clear()
    assert blocked.read_text() == ""


def test_another_grammar_has_another_file(folder):
    changed = tables._cache_path(grammar_text() + "// more")
    assert changed != tables._cache_path(grammar_text())


def test_building_twice_gives_the_same():
    first, second = build(grammar_text()), build(grammar_text())
    assert first.terminals == second.terminals
    assert len(first.states) == len(second.states)
