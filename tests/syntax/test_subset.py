"""The grammar keeps to what lark and constrained decoders both read, and has no conflict."""

from __future__ import annotations

import re

import pytest
from lark import Lark

from logidsl.syntax.builders import NODES, OTHERS, PARTS
from logidsl.syntax.tables import grammar_text, tables

LINES = [line.split("//")[0].rstrip() for line in grammar_text().splitlines() if line.split("//")[0].strip()]
PATTERNS = [
    found[1] for line in LINES for found in re.finditer(r"/((?:[^/\\]|\\.)+)/", line) if re.match(r"[A-Z]", line)
]
WITHOUT_TEXT = [re.sub(r'"(?:[^"\\]|\\.)*"', '""', re.sub(r"(?<=: )/.*/$", "//", line)) for line in LINES]

# What one of the two readers lacks or reads otherwise.
FORBIDDEN_IN_RULES = {
    "a priority": r"^[?!_]*\w+\.-?\d",
    "a template": r"\w\{\s*\w",
    "a directive": r"^%(?!ignore )",
    "a range of letters": r'""\s*\.\.\s*""',
}
FORBIDDEN_IN_PATTERNS = {
    "look-around": r"\(\?[=!<]",
    "a lazy repeat": r"[*+?}]\?",
    "a word border": r"\\[bB]",
    "a back-reference": r"\\[1-9]|\(\?P",
    "a line border": r"(?<!\[)\^|(?<!\\)\$",
    "an unbounded dot": r"(?<!\\)\.[*+]",
    "a flag": r"\(\?[a-z]+[):]",
}


def offences(lines, patterns):
    """What of the forbidden there is."""
    found = [(what, line) for what, bad in FORBIDDEN_IN_RULES.items() for line in lines if re.search(bad, line)]
    return found + [(what, p) for what, bad in FORBIDDEN_IN_PATTERNS.items() for p in patterns if re.search(bad, p)]


def test_the_grammar_keeps_the_subset():
    assert len(LINES) > 100
    assert len(PATTERNS) >= 7
    assert offences(WITHOUT_TEXT, PATTERNS) == []


@pytest.mark.parametrize("line", ["rule.2: a", "_sep{x, y}: x", "%declare INDENT", "%import common.WS", 'L: ""..""'])
def test_the_linter_sees_forbidden_rules(line):
    assert offences([line], [])


@pytest.mark.parametrize("pattern", ["a(?=b)", "(?<!a)b", "a*?", "a+?", r"\bword", r"(a)\1", "^a", "a$", ".*", "(?i)a"])
def test_the_linter_sees_forbidden_patterns(pattern):
    assert offences([], [pattern])


def test_lark_finds_no_conflict():
    for lexer in ("basic", "contextual"):
        Lark(grammar_text(), parser="lalr", lexer=lexer, strict=True)


def test_no_terminal_fits_nothing():
    for name, pattern in tables().terminals:
        assert not re.fullmatch(pattern, ""), name


def test_what_is_ignored_overlaps_no_other_terminal():
    ignored = [line.split()[1] for line in LINES if line.startswith("%ignore")]
    assert ignored == ["SPACE"]
    space = dict(tables().terminals)["SPACE"]
    for text in (" ", "\t", "\n", "# x"):
        fitting = [name for name, pattern in tables().terminals if re.match(pattern, text)]
        assert fitting == ["SPACE"], (text, space)


def test_each_rule_has_its_builder():
    needed = {p.builder for p in tables().productions if not p.origin.startswith("<_")}
    assert needed == {*NODES, *OTHERS, *PARTS}
    assert len(needed) == len(NODES) + len(OTHERS) + len(PARTS)


def test_a_decoder_reads_the_grammar():
    llguidance = pytest.importorskip("llguidance", reason="NO DECODER: llguidance is not installed")
    grammar = llguidance.grammar_from("lark", grammar_text())
    error, warnings = llguidance.LLMatcher.validate_grammar_with_warnings(grammar, llguidance.LLTokenizer("byte"))
    assert not error, warnings
    assert not warnings
