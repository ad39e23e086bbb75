"""Texts of the language, made by the rules of its grammar.

A derivation draws a production for each rule. It has fuel: each time it takes one that is not among the shortest
it burns some, and with none left it takes the shortest way to the end. So texts are rich and end soon.
"""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st
from lark import Lark
from lark.grammar import NonTerminal, Rule, Symbol

from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.syntax.tables import grammar_text

# Names that are no reserved words, and texts with what spellings trip over: spaces, signs, what looks like other types.
NAMES = ["a", "b", "bolt", "any", "no_", "x", "count", "e1", "yes", "null", "_0", "on_1", "otherwise_"]
TEXTS = ["", "a", "bolt", "high", "two  words", "x: y", "a # b", "- a", "no", "0x1F", "12:30", "{a}", "'", "a, b]", "é"]
TERMINALS = {
    "NAME": NAMES,
    "STRING": [
        f'"{t}"' for t in [*TEXTS, "\u2028", " lead", "else", "any", "%", "!t", "&a", "*a", "@", "`", "? a", "|"]
    ],
    "NUMBER": ["0", "2", "0.50", "12"],
    "QUANTITY": ["20 px", "0.05%", "3   mm2", "1deg"],
    "ROWS": ["3 rows", "1 row"],
    "COLUMNS": ["5 columns", "1  column"],
    "ORDER": ["<", "<=", ">", ">="],
    "TIMES": ["*", "/"],
}
SPACES = [" ", " ", " ", " ", " ", "\n", "\n\n\n", " # c\n", "\n#  d e\n\n", "\t"]


@cache
def rules() -> dict[str, list[Rule]]:
    """The productions of each rule, the shortest way to an end first."""
    made: dict[str, list[Rule]] = {}
    lark = Lark(grammar_text(), parser="lalr", lexer="basic")
    for t in lark.terminals:
        if t.pattern.type == "str":
            TERMINALS.setdefault(t.name, [t.pattern.value])
    for rule in lark.rules:
        made.setdefault(rule.origin.name, []).append(rule)
    depth = dict.fromkeys(made, 10**6)
    for _ in made:
        depth = {name: min(length(r, depth) for r in options) for name, options in made.items()}
    return {name: sorted(options, key=lambda r: length(r, depth)) for name, options in made.items()}


def length(rule: Rule, depth: dict[str, int]) -> int:
    """How many words a production needs at least."""
    return sum(depth[s.name] if isinstance(s, NonTerminal) else 1 for s in rule.expansion) + 1


@st.composite
def texts(draw: st.DrawFn, start: str = "start", fuel: int = 40) -> str:
    """Texts that a rule of the grammar makes, with spaces and comments between the words."""
    left = draw(st.integers(0, fuel))
    waiting: list[Symbol] = [NonTerminal(start)]
    words: list[str] = []
    while waiting:
        symbol = waiting.pop()
        if isinstance(symbol, NonTerminal):
            options = rules()[symbol.name]
            chosen = draw(st.integers(0, len(options) - 1)) if left > 0 else 0
            left -= chosen > 0
            waiting += reversed(options[chosen].expansion)
        else:
            words.append(draw(st.sampled_from(TERMINALS[symbol.name])))
    spaces = draw(st.lists(st.sampled_from(SPACES), min_size=len(words), max_size=len(words)))
    return "".join(word + space for word, space in zip(words, spaces, strict=True))


def is_read(text: str) -> bool:
    """Whether a text has no mistake of size, nor of what the grammar leaves to the lexer."""
    return parse(Source("made", text))[1].ok


specs = texts(fuel=80).filter(is_read)
# Statement heads that a rule's condition is put into.
conditions = texts("_expr", fuel=60).map(lambda words: f"rule r: {words}").filter(is_read)
