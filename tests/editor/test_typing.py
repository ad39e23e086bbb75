"""A spec typed letter by letter: whatever stands there, everything is answered and nothing is logged."""

from __future__ import annotations

import logging
import random

import pytest
from lsprotocol import types as lsp

from logidsl.editor import highlights, structure
from logidsl.editor.analysis import analyse
from logidsl.editor.completion import complete
from logidsl.editor.hints import hints
from logidsl.editor.hover import hover
from logidsl.editor.names import names
from logidsl.editor.outline import outline, update
from logidsl.editor.positions import Positions
from logidsl.editor.signatures import signature_help
from logidsl.source import Source
from logidsl.syntax.spec_files import read_source
from tests.conftest import CHECKOUT

TEXTS = {p.stem: p.read_text("utf-8") for p in sorted((CHECKOUT / "specs").glob("*.logic"))}


@pytest.mark.parametrize("name", ["screw_bag", "blister"])
def test_every_prefix_is_answered(name, caplog):
    text, positions = TEXTS[name], Positions()
    chosen = random.Random(7).sample(range(len(text)), 35)
    with caplog.at_level(logging.WARNING):
        for end in sorted(chosen):
            source = Source("t.logic", text[:end])
            now = outline(source)
            complete(now, end, positions, read_source, None, snippets=True)
            signature_help(now, end)
            structure.selection(now, end)
            analysis = analyse(source, read_source)
            known = names(analysis)
            hover(analysis, known, now, end, positions)
            hints(analysis, positions, source.span(0, end))
            highlights.semantic_tokens(now, source, known, {}, positions)
            list(highlights.colors(source, positions))
            structure.symbols(analysis.file, positions)
            structure.folds(analysis.file, source)
    assert not caplog.records


@pytest.mark.parametrize("name", ["screw_bag", "breakfast_box"])
def test_after_an_edit_the_diagnostics_are_those_of_the_statement(name):
    """What is said at once agrees with what the whole spec says of the changed statement."""
    text, rng = TEXTS[name], random.Random(3)
    before = analyse(Source("t.logic", text), read_source)
    old = outline(before.source)
    checked = 0
    for _ in range(40):
        at = rng.randrange(len(text))
        changed = text[:at] + rng.choice(["x", " 3", "(", "= ", "", "every "]) + text[at + rng.randrange(3) :]
        new = outline(Source("t.logic", changed))
        said = update(old, before.diagnostics, new, read_source)
        whole = analyse(new.source, read_source)
        number = new.at(at)
        if said is None or number is None or new.chunks[number].words[0].type != "rule" or not whole.errors:
            continue
        start, end = new.starts[number], new.chunks[number].words[-1].span.end
        quick = {d.code for d in said if d.severity == "error" and start <= d.span.start <= end}
        slow = {d.code for d in whole.diagnostics if d.severity == "error" and start <= d.span.start <= end}
        assert quick == slow, (changed[start:end], quick, slow)
        checked += bool(slow)
    assert checked >= 5


def test_what_did_not_change_keeps_its_diagnostics():
    text = "object bolt: 2\nrule a: count(blot) = 2\nrule b: count(bolt) = 2\nrule c: count(bulb) = 1\n"
    before = analyse(Source("t.logic", text), read_source)
    new = outline(Source("t.logic", text.replace("rule b: count(bolt)", "# why\n\nrule b: count(nolt)")))
    old = outline(before.source)
    moved = [d for d in before.diagnostics if d.severity == "error"]
    said = update(old, moved, new, read_source)
    assert [(d.span.text, d.span.line) for d in said or ()] == [("blot", 2), ("nolt", 5), ("bulb", 6)]


@pytest.mark.parametrize("name", ["screw_bag", "breakfast_box"])
def test_tokens_after_an_edit_are_those_of_the_text(name):
    text, rng = TEXTS[name], random.Random(5)
    old = outline(Source("t.logic", text))
    for _ in range(120):
        at = rng.randrange(len(text) + 1)
        put = rng.choice(["x", "\n", "# a\n", " 3 px", '"', "(", "/*", "\n\n", "", "bolt: 2\nobject "])
        source = Source("t.logic", text[:at] + put + text[at + rng.choice([0, 0, 1, 5, 90]) :])
        quick, whole = outline(source, old), outline(source)
        assert [(t.type, t.text, *t.span[1:]) for t in quick.tokens] == [
            (t.type, t.text, *t.span[1:]) for t in whole.tokens
        ]
        assert all(t.span.source is source for t in quick.tokens)
        assert [(c.text, *c.span[1:]) for c in quick.comments] == [(c.text, *c.span[1:]) for c in whole.comments]
        assert quick.lexical == whole.lexical


def test_a_slice_needs_nothing_but_what_it_names():
    text = outline(
        Source("t.logic", 'color red = "#f00"\nobject a, b\nlet n = count(a)\nrule r: n > 2\nrule s: b.x > 3\n')
    )
    (number,) = [k for k, words in enumerate(text.texts) if words.startswith("rule r")]
    needed = text.needed(text.chunks[number].words)
    assert [text.texts[k] for k in needed] == ["object a, b", "let n = count(a)"]


def test_positions_lie_within_the_text():
    source = Source("a.logic", "spec a\nobject \U0001f529b\n")
    positions = Positions(lsp.PositionEncodingKind.Utf16)
    for offset in range(len(source.text) + 1):
        assert positions.offset(source, positions.at(source, offset)) == offset
    assert positions.offset(source, lsp.Position(0, 99)) == 6
    assert positions.offset(source, lsp.Position(9, 0)) == len(source.text)
