"""The decoder's copy of the grammar: what its masks let through is read, and what the grammar makes passes them."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer, grammar_from

from logidsl.diagnostics import Bag
from logidsl.source import Source
from logidsl.syntax import ast, decoder
from logidsl.syntax.decoder import decoder_grammar, refusal
from logidsl.syntax.lexer import lex
from logidsl.syntax.parse import parse
from logidsl.syntax.tables import CONTEXTUAL, reserved_words
from logidsl.syntax.tokens import Token
from tests.syntax.generated import texts
from tests.syntax.test_subset import FORBIDDEN_IN_PATTERNS, offences

CORPUS = sorted((Path(__file__).parents[2] / "specs").rglob("*.logic"))
CORPUS += sorted((Path(__file__).parent / "corpus").glob("*.logic"))
CORPUS += sorted((Path(__file__).parents[1] / "conformance").rglob("*.logic"))
TOKENS = LLTokenizer("byte")
FULL = LLMatcher(TOKENS, grammar_from("lark", decoder_grammar(notes=True)))
# What a person would type more often than a die: the walks end sooner, and say more.
FAVOUR = dict.fromkeys(b":=|.()[]{},0123", 6.0) | dict.fromkeys(b" ", 2.0) | dict.fromkeys(b"\n#", 0.05)
OPENINGS = ("", "rule r: ", "rule r: every ", "let v = ", "# 1\nrule r as size: ", "object a = ")
# What the grammar leaves to the parser: how long a name may be.
BEYOND = {"E009"}


def matcher(grammar: str | None = None) -> LLMatcher:
    """A matcher at the start of a text."""
    return FULL.deep_copy() if grammar is None else LLMatcher(TOKENS, grammar_from("lark", grammar))


def takes(text: str, grammar: str | None = None) -> bool:
    """Whether a decoder lets a whole text through."""
    m = matcher(grammar)
    return all(m.consume_token(byte) for byte in text.encode()) and m.is_accepting()


def walk(rng: random.Random, opening: str, limit: int = 160) -> str | None:
    """A random text along the masks, or None where it came to no end."""
    m, out = matcher(), bytearray(opening.encode())
    assert all(m.consume_token(byte) for byte in out)
    while len(out) < limit:
        if out and m.is_accepting() and rng.random() < 0.35:
            break
        bias = m.compute_logit_bias()
        allowed = [i for i in range(256) if bias[i]]
        plain = [i for i in allowed if 32 <= i < 127 or i == 10] or allowed
        if not plain:
            break
        weights = [9.0 if i == 34 and out.count(b'"') % 2 else 0.05 if i == 34 else FAVOUR.get(i, 1.0) for i in plain]
        pick = rng.choices(plain, weights)[0]
        assert m.consume_token(pick)
        out.append(pick)
    return out.decode() if m.is_accepting() else None


def as_a_decoder_spells(text: str) -> str:
    """A spec with one space between words, none before a unit, and without comments."""
    words, _ = lex(Source("a.logic", text), Bag())
    spelt = [re.sub(r"\s+(?=[a-z%])", "" if w.type == "QUANTITY" else " ", w.text) for w in words]
    return "".join(f"{word} " for word in spelt)


def test_a_decoder_reads_every_form_of_the_copy():
    for classes in (None, (), ("bolt", "nut")):
        for notes in (False, True):
            for head in (False, True):
                assert refusal(decoder_grammar(classes, notes=notes, head=head)) is None
    for kind in decoder.statements():
        assert refusal(decoder_grammar(only=[kind])) is None


def test_a_bad_grammar_is_refused():
    assert "nosuch" in (refusal("start: nosuch\n") or "")
    assert refusal('start: "a\n') is not None


def test_the_copy_keeps_what_every_decoder_reads():
    lines = decoder_grammar(notes=True).splitlines()
    patterns = [p for line in lines for p in re.findall(r"/((?:[^/\\]|\\.)+)/", line)]
    assert len(patterns) > 60
    bad = [(what, p) for what, p in offences([], patterns) if what in FORBIDDEN_IN_PATTERNS]
    assert bad == []
    assert not any("& ~" in line or "%declare" in line for line in lines)


def test_what_the_masks_let_through_is_read():
    rng, ended = random.Random(7), 0
    for number in range(360):
        text = walk(rng, OPENINGS[number % len(OPENINGS)])
        if text is not None:
            ended += 1
            _, bag = parse(Source("walk", text))
            assert {d.code for d in bag.errors} <= BEYOND, f"{text!r}\n{bag}"
    assert ended > 60


def words_of(text: str) -> list[Token]:
    return lex(Source("people", text), Bag())[0]


def test_what_people_write_passes():
    """But names that are words of statements elsewhere, which a model is not let write."""
    good = [text for path in CORPUS if parse(Source(path.name, text := path.read_text("utf-8")))[1].ok]
    good = [text for text in good if not any(w.type == "NAME" and w.text in CONTEXTUAL for w in words_of(text))]
    assert len(good) > 250
    assert [text for text in good if not takes(as_a_decoder_spells(text))] == []


def walks_a_noun(node: ast.Node) -> bool:
    """Whether every variable below a node follows a noun: the copy has no `every 3 x`."""
    if isinstance(node, ast.Named | ast.Neighbours):
        parts = node.of.parts if isinstance(node.of, ast.Union) else (node.of,)
        nouns = [p.of if isinstance(p, ast.Other) else p for p in parts]
        if not all(isinstance(n, ast.Ref | ast.CallExpr) for n in nouns):
            return False
    return all(walks_a_noun(child) for child in node.children())


@settings(max_examples=150)
@given(texts(fuel=60))
def test_what_the_grammar_makes_passes(text: str):
    file, bag = parse(Source("made", text))
    assume(bag.ok and walks_a_noun(file))
    assert takes(as_a_decoder_spells(text)), as_a_decoder_spells(text)


@given(st.text("abcdefghijklmnopqrstuvwxyzA_0", max_size=12) | st.sampled_from(sorted(reserved_words())))
def test_names_are_all_words_but_the_reserved_ones(name: str):
    pattern = re.compile(decoder._other_names(reserved_words()))
    fits = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None
    assert bool(pattern.fullmatch(name)) == (fits and name not in reserved_words())


def test_reserved_words_are_never_names():
    assert len(reserved_words()) > 50
    for word in sorted(reserved_words() - {"color"}):
        assert not takes(f"let {word} = 3"), word
        assert takes(f"let {word}x = 3"), word


@pytest.mark.parametrize(
    "text", ["rule r: a andnot b", "rule r: everya: b", "object boltrule r: some bolt", "let a = b c"]
)
def test_words_do_not_run_together(text: str):
    assert not takes(text)
    assert not takes(text, decoder_grammar(["bolt"]))


def test_classes_can_be_closed():
    closed = decoder_grammar(["bolt", "nut"], head=False)
    assert takes("object bolt , nut rule r: some bolt", closed)
    assert takes("object long = bolt where length > 3px rule r: some long", closed)
    assert not takes("object gear rule r: some gear", closed)
    assert not takes("object boltwhere length > 3px", closed)
    assert not takes("spec a object bolt ", closed)
    none = decoder_grammar([])
    assert takes("object long = bolt where length > 3px", none)
    assert not takes("object bolt ", none)


def test_statements_can_be_left_out():
    only = decoder_grammar(only=["object", "rule"])
    assert takes("object bolt rule r: some bolt", only)
    for text in ('import "a.logic"', "let a = 3", 'test "a" on "b.png" expect pass'):
        assert takes(text)
        assert not takes(text, only)


def test_notes_stand_between_statements():
    notes = decoder_grammar(notes=True)
    good = "# 1\nobject bolt # 2, 3\nrule r: some bolt # 4? how many – 何個?\n# 5: a heading\n"
    assert takes(good, notes)
    assert parse(Source("a", good))[1].ok
    for bad in ("# 0\n", "# one\n", "# 1 \n", "# 1? \x07\n", "#1\n", "# 1", "rule r: # 1\n some bolt"):
        assert not takes(bad, notes), bad
    assert not takes(good, decoder_grammar())


def test_invisible_characters_stay_out():
    assert takes('rule r "a é 何": some bolt')
    for sign in ("\x00", "\t", "\x1b", "\x7f", "\x85"):
        assert not takes(f'rule r "a{sign}b": some bolt'), repr(sign)
