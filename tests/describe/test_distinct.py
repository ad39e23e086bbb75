"""What means something else is said in other words: on random specs, and on specs that differ in one word.

What a rule means is the digest of its node: made of what it consists of, blind to places in the text, to spelling
and to the names of variables. What a name stands for is said where it is declared, so it is left out.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

import pytest

from logidsl import ir
from logidsl.describe import describe
from logidsl.describe.nodes import written
from logidsl.describe.phrases import Condition
from logidsl.ir.digests import bare, digest
from tests.proof.choices import Seeded
from tests.proof.compare import checked
from tests.proof.specs import spec

SEEDS = 100


def compiled(text: str) -> ir.Program | None:
    program, _ = checked(text)
    return program


def meanings(program: ir.Program) -> list[str]:
    """A digest of what each node means, by way of the names that it uses."""
    found: list[str] = []
    for node in program.nodes:
        found.append(digest({**json.loads(bare(node, found)), "target": None, "depth": None}))
    return found


def conditions(program: ir.Program) -> Iterator[tuple[str, str]]:
    """Meaning and words of each condition that stands by itself, rules and parts of rules."""
    book, marks = written(program), meanings(program)
    assert book.unworded == []
    for number, node in enumerate(program.nodes):
        phrase = book.phrases[number]
        if isinstance(phrase, Condition) and node.depth == 0:
            yield marks[number], phrase.text


def test_random_conditions_with_other_meanings_have_other_words() -> None:
    meaning: dict[str, tuple[str, int]] = {}
    specs = 0
    for seed in range(SEEDS):
        program = compiled(spec(Seeded(seed)))
        if program is None:  # the generator is ahead of the checker, or behind
            continue
        specs += 1
        for mark, words in conditions(program):
            known = meaning.setdefault(words, (mark, seed))
            assert known[0] == mark, f"two meanings of `{words}`, with seeds {known[1]} and {seed}"
    assert specs > SEEDS * 0.7
    assert len(meaning) > SEEDS


# one word for another: numbers, operators, quantifiers, connectives, classes, colours, attributes, orders
SWAPS = [
    ("<=", "<"), ("<", "<="), (">=", ">"), (">", ">="), ("=", "!="), ("!=", "="),
    ("every", "some"), ("some", "no"), ("no", "some"), ("and", "or"), ("or", "and"),
    ("bolt", "nut"), ("nut", "washer"), ("washer", "bolt"), ("red", "blue"), ("blue", "red"),
    ("x", "y"), ("y", "x"), ("width", "height"), ("height", "width"), ("x_min", "x_max"), ("y_min", "y_max"),
    ("inside", "outside"), ("outside", "inside"), ("above", "below"), ("left_of", "right_of"), ("touches", "overlaps"),
    ("overlaps", "touches"), ("+", "-"), ("-", "+"), ("*", "/"), ("first", "last"), ("largest", "smallest"),
    ("min", "max"), ("max", "min"), ("mean", "median"), ("sum", "max"), ("increasing", "decreasing"),
    ("distinct", "same"), ("dx", "dy"), ("by", "by -"), ("other ", ""),
]  # fmt: skip
_WORD = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)?|<=|>=|!=|[<>=+*/-]")


def changed(line: str, chance: random.Random) -> str | None:
    """A line with one word, or one number, changed; None where there is nothing to change."""
    head, colon, body = line.partition(": ")
    places = [m for m in _WORD.finditer(body) if m[0][0].isdigit() or any(a == m[0] for a, _ in SWAPS)]
    if not places:
        return None
    place = chance.choice(places)
    if place[0][0].isdigit():
        new = f"{float(place[0]) + 1:g}" if "." in place[0] else str(int(place[0]) + 1)
    else:
        new = chance.choice([b for a, b in SWAPS if a == place[0]])
    return head + colon + body[: place.start()] + new + body[place.end() :]


def regrouped(line: str) -> str | None:
    """A line whose first two conjunctions are nested the other way."""
    found = re.search(r"\((\([^()]*\)) and (\([^()]*\))\) or", line)
    return None if found is None else line.replace(found[0], f"({found[1]} and ({found[2]} or", 1)


def rules_of(program: ir.Program) -> dict[str, tuple[str, str]]:
    """Meaning and sentence of each rule by its name; the name of its kind and its labels are left out."""
    marks, book = meanings(program), written(program)
    return {r.name: (marks[r.node], book.truth(r.node).must) for r in program.rules if not r.cardinality}


def test_a_changed_word_changes_the_sentence() -> None:
    tried = different = 0
    chance = random.Random(7)
    for seed in range(SEEDS):
        lines = spec(Seeded(seed), budget=2).splitlines()
        program = compiled("\n".join(lines))
        if program is None:
            continue
        before = rules_of(program)
        for at, line in enumerate(lines):
            if not line.startswith("rule "):
                continue
            for new in {changed(line, chance) for _ in range(4)} | {regrouped(line)}:
                other = compiled("\n".join([*lines[:at], new, *lines[at + 1 :]])) if new is not None else None
                if other is None:
                    continue
                name = line.split()[1].rstrip(":")
                (old_mark, old_words), (new_mark, new_words) = before[name], rules_of(other)[name]
                tried += 1
                different += old_mark != new_mark
                assert (old_words == new_words) <= (old_mark == new_mark), f"{line}\n{new}\nboth: {old_words}"
    assert different > SEEDS, (tried, different)


PAIRS = [
    ("no nut and (some bolt or some nut)", "(no nut and some bolt) or some nut"),
    ("not (some bolt and some nut)", "(not some bolt) and some nut"),
    (
        "if some nut then (if some bolt then no nut) else no bolt",
        "if some nut then (if some bolt then no nut else no bolt)",
    ),
    (
        "every bolt: (some nut where width > 3 px) and width > 2 px",
        "every bolt: some nut where (width > 3 px and width > 2 px)",
    ),
    ("every bolt a: every nut: width < a.width", "every bolt a: every nut: a.width < width"),
    ("every bolt a: every bolt b: a.x < b.x", "every bolt a: every bolt b: b.x < a.x"),
    ("count(bolt where inside top) = 1", "count(bolt) = 1"),
    (
        "count(bolt where inside (cell where row = 1) and x > 3 px) = 1",
        "count(bolt where inside (cell where row = 1 and x > 3 px)) = 1",
    ),
    ("some bolt where x > 3 px and y > 3 px or y < 1 px", "some bolt where x > 3 px and (y > 3 px or y < 1 px)"),
    ("count(bolt) + 2 * count(nut) = 4", "(count(bolt) + 2) * count(nut) = 4"),
    ("2 - (count(bolt) - 1) = 4", "2 - count(bolt) - 1 = 4"),
    ("last(bolt by x).y < 3 px", "first(bolt by x).y < 3 px"),
    ("every bolt: not inside cell", "every bolt: outside cell"),
    ("every bolt: not touches nut", "every bolt: (some nut n where not touches n)"),
    ("every bolt: width in 3 .. 5 px", "every bolt: 3 px <= width <= 5 px"),
    ("count(bolt where x > 1 px and inside top) = 1", "count(bolt where inside top and x > 1 px) = 1"),
]  # fmt: skip
PRELUDE = "object bolt, nut\ngrid cell = 2 rows, 3 columns\nregion top = box(0 %, 0 %, 100 %, 50 %)\n"


@pytest.mark.parametrize(("one", "two"), PAIRS, ids=[one for one, _ in PAIRS])
def test_nesting_is_told_apart(one: str, two: str) -> None:
    programs = [compiled(f"{PRELUDE}rule r: {rule}") for rule in (one, two)]
    said = [describe(p)[-1].sentence for p in programs if p is not None]
    assert len(said) == 2, "a rule of the pair does not compile"
    assert said[0] != said[1]


def test_variables_and_spelling_make_no_difference_where_they_mean_none() -> None:
    one, two = (compiled(f"{PRELUDE}rule r: {r}") for r in ("every bolt: width<3px", "every bolt b: b.width < 3 px"))
    assert one is not None and two is not None
    assert describe(one)[-1].sentence == describe(two)[-1].sentence
