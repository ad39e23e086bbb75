"""Round trips and fuzzing of both front ends, on texts drawn from the generators, the grammar and nothing at all."""

from __future__ import annotations

import time

from lark.grammar import NonTerminal, Symbol

from logidsl import ir
from logidsl.check import check
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import parse
from logidsl.syntax.yaml import parse_yaml, to_yaml
from tests.proof.choices import Choices
from tests.proof.compare import with_places
from tests.proof.specs import APART
from tests.syntax.generated import SPACES, TERMINALS, rules
from tests.syntax.test_format import assert_formats
from tests.syntax.test_robustness import ODD, PIECES
from tests.syntax.test_yaml import assert_round_trips
from tests.syntax.trees import SENTENCES

#: Longest that a front end may take for a text of some hundred words, s. Generous: machines are shared.
PATIENCE_S = 10.0


def there_and_back(text: str) -> None:
    """Text to tree to text, text to YAML to text, YAML to tree to YAML."""
    for part in filter(None, text.split(f"{APART}\n")):
        assert_formats(part)
        assert_round_trips(part)


def one_meaning(text: str, program: ir.Program) -> None:
    """The formatted text and the YAML form make the program that the text makes; so does its JSON."""
    main, _, part = text.partition(f"{APART}\n")
    file, _ = parse(Source("proof.logic", main))
    forms: list[ast.File] = [
        parse(Source("proof.logic", format_file(file)))[0],
        parse_yaml(Source("proof.yaml", to_yaml(file)))[0],
    ]
    for form in forms:
        bag = parse(Source("empty", ""))[1]
        made = check(form, bag, {}, lambda path: Source(path, part))
        assert made is not None, f"refused:\n{bag}"
        assert with_places(made).hash == program.hash
    again = ir.Program.from_json(program.to_json())
    assert again == program
    assert again.to_json() == program.to_json()


def derived(choose: Choices, start: str = "start", fuel: int = 60) -> str:
    """A text that the grammar makes, with spaces and comments between the words."""
    left = choose.below(fuel)
    waiting: list[Symbol] = [NonTerminal(start)]
    text = ""
    while waiting:
        symbol = waiting.pop()
        if isinstance(symbol, NonTerminal):
            options = rules()[symbol.name]
            chosen = choose.below(len(options)) if left > 0 else 0
            left -= chosen > 0
            waiting += reversed(options[chosen].expansion)
        else:
            text += choose.pick(TERMINALS[symbol.name]) + choose.pick(SPACES)
    return text


def from_grammar(choose: Choices) -> bool:
    """What the grammar makes goes there and back, unless it is refused for its size."""
    text = derived(choose) if choose.chance(60) else f"rule r: {derived(choose, '_expr')}"
    if not parse(Source("made", text))[1].ok:
        return False
    assert_formats(text)
    assert_round_trips(text)
    return True


def answered(text: str) -> None:
    """Both front ends answer a text soon, and what they say points into it."""
    for read in (parse, parse_yaml):
        began = time.monotonic()
        file, bag = read(Source("fuzz", text))
        for found in bag.items:
            assert 0 <= found.span.start <= found.span.end <= len(text)
            assert str(found)
        assert file.span.end <= len(text)
        if bag.ok:
            check(file, bag, {})
        assert time.monotonic() - began < PATIENCE_S, f"{read.__name__} took {time.monotonic() - began:.1f} s"


def fuzz(choose: Choices, spec: str) -> str:
    """A text that nobody would write: bytes, words in any order, or a spec that is damaged."""
    match choose.below(3):
        case 0:
            return bytes(choose.below(256) for _ in range(choose.below(200))).decode("utf-8", "replace")
        case 1:
            words = [choose.pick(PIECES + ODD + ["\n"]) for _ in range(choose.below(60))]
            return choose.pick([" ", "", "\n"]).join(words)
        case _:
            text = choose.pick([spec, "\n".join(choose.pick(SENTENCES) for _ in range(choose.below(4)))])
            text = to_yaml(parse(Source("spec", text.partition(APART)[0]))[0]) if choose.chance(40) else text
            for _ in range(1 + choose.below(4)):
                start = choose.below(len(text) + 1)
                stop = min(len(text), start + choose.below(12))
                text = text[:start] + choose.pick(["", choose.pick(ODD), choose.pick(PIECES), " "]) + text[stop:]
            return text
