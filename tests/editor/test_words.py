"""The words that editors explain are those of the language."""

from __future__ import annotations

import re

from logidsl.editor.words import KEYWORDS, SNIPPETS, keyword_groups, relation_words, unit_words
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.syntax.split import STARTS
from logidsl.syntax.tables import keywords
from logidsl.types import UNITS


def test_every_reserved_word_is_explained():
    assert set(SNIPPETS) == set(STARTS)
    assert set(KEYWORDS) | set(SNIPPETS) | relation_words() == keywords()
    groups = [word for group in keyword_groups().values() for word in group]
    assert sorted(groups) == sorted(keywords())


def test_every_unit_is_explained():
    assert tuple(unit_words()) == UNITS
    assert "mm" not in unit_words(scaled=False)


def test_every_snippet_is_a_statement_when_it_is_not_filled_in():
    for word, (snippet, _) in SNIPPETS.items():
        text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", snippet).replace("$0", "object part")
        file, bag = parse(Source("t.logic", text))
        assert bag.ok, (word, str(bag))
        assert file.statements or word in ("logic", "spec")
