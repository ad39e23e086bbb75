"""One spelling: formatting changes no meaning, loses no comment, and is done when it is done."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given

from logidsl.source import Source
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import parse
from logidsl.syntax.pretty_printer import LINE, SOFT, WIDTH, Doc, Fill, Group, Nest, flat, joined, render, row
from tests.conftest import CHECKOUT
from tests.syntax.generated import conditions, specs
from tests.syntax.trees import CORPUS, SENTENCES, read

FILES = [*CORPUS, *sorted((CHECKOUT / "specs").glob("*.logic"))]


def formatted(text: str) -> str:
    """A text in its one spelling."""
    source = Source("test", text)
    file, bag = parse(source)
    assert bag.ok, bag
    return format_file(file, source)


def meaning(text: str) -> tuple[object, ...]:
    """What a text says, with nothing of how it is written."""
    file, bag = parse(Source("test", text))
    assert bag.ok, f"{text}\n{bag}"
    return file.version, file.spec, file.statements


def comment_words(text: str) -> Counter[str]:
    """The words of all comments."""
    return Counter(c.text for c in parse(Source("test", text))[0].comments)


def assert_formats(text: str) -> str:
    made = formatted(text)
    assert meaning(made) == meaning(text), made
    assert formatted(made) == made
    assert comment_words(made) == comment_words(text), made
    lines = made.split("\n")
    assert all(line == line.rstrip() for line in lines if '"' not in line)
    assert not any(a == b == "" for a, b in pairwise(lines[:-1]))
    return made


def test_the_corpus_is_not_empty():
    assert len(FILES) >= 15


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_files_keep_their_meaning(path):
    made = assert_formats(path.read_text("utf-8"))
    assert [line for line in made.splitlines() if len(line.split("#")[0].rstrip()) > WIDTH] == []


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_keep_their_meaning(sentence):
    assert_formats(sentence)


@given(specs)
@example("object a, # one\n b # two\n, c\n#three")
@example("variant v # a\n otherwise # b\n { # c\n}")
@example("variant v when x { # c\n\n\nobject a # d\n# e\n}# f\n# g")
@example("# a\n\nrule r # b\n: x # c\n and y\n# d\ndefect e")
@example("object a object b # c\nobject d")
def test_made_specs_keep_their_meaning(text):
    assert_formats(text)


@given(conditions)
def test_made_conditions_keep_their_meaning(text):
    assert_formats(text)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("rule r: ((a or b) and (c))", "rule r: (a or b) and c"),
        ("rule r: (a and b) or c", "rule r: a and b or c"),
        ("rule r: not (not a)", "rule r: not not a"),
        ("rule r: (every b: x) and c", "rule r: (every b: x) and c"),
        ("rule r: not (some b where x)", "rule r: not (some b where x)"),
        ("rule r: some (b where x)", "rule r: some b where x"),
        ("rule r: some (b by x)", "rule r: some (b by x)"),
        ("rule r: some (b inside c)", "rule r: some b inside c"),
        ("rule r: if (every b: x) then y", "rule r: if (every b: x) then y"),
        ("rule r: if a then (if b then c) else d", "rule r: if a then (if b then c) else d"),
        ("rule r: if a then (if b then c else d)", "rule r: if a then if b then c else d"),
        ("rule r: (a + b) * c - (d - e) - -f", "rule r: (a + b) * c - (d - e) - -f"),
        ("rule r: ((a*b)/c).x = (-a).y", "rule r: (a * b / c).x = (-a).y"),
        ("rule r: a/(b*c) = 1", "rule r: a / (b * c) = 1"),
        ("rule r: count((a | b) where x) = 1", "rule r: count(a | b where x) = 1"),
        ("rule r: count((a where x) where y) = 1", "rule r: count((a where x) where y) = 1"),
        ("rule r: every (a|b) c: (inside d)", "rule r: every a | b c: inside d"),
        ("rule r: (a inside b) inside c", "rule r: a inside b inside c"),
        ("rule r: a inside (b inside c)", "rule r: a inside (b inside c)"),
        ("rule r: (inside b) = c", "rule r: (inside b) = c"),
        ("rule r: every a: (some b) and x", "rule r: every a: some b and x"),
        ("rule r: max((a), b) in (1) .. 2", "rule r: max(a, b) in 1 .. 2"),
        ("rule r: other (other a) = b", "rule r: other (other a) = b"),
        ("rule r: x   = 0.05%  within   3mm", "rule r: x = 0.05 % within 3 mm"),
        ("object  bolt:at   least 2", "object bolt: at least 2"),
        ("grid c=1 rows ,5 columns", "grid c = 1 row, 5 columns"),
        ("attribute tint: color", "attribute tint: color"),
        ("frame  turned( plate,notch )", "frame turned(plate, notch)"),
        ("variant v otherwise{}", "variant v otherwise {\n}"),
        ('rule r "so" as size: x low a', 'rule r "so" as size:\n    x\n    low a'),
    ],
)
def test_the_one_spelling(text, want):
    assert formatted(text) == f"{want}\n"
    assert meaning(want) == meaning(text)


def test_outcomes_stand_below_one_another():
    text = 'object a: 1 defect none_a\nobject long_name "x": 1  low l  high h\n\nobject c: 1 defect d\n'
    assert formatted(text) == (
        "object a: 1                defect none_a\n"
        'object long_name "x": 1    low l  high h\n'
        "\n"
        "object c: 1    defect d\n"
    )


def test_signs_stand_below_one_another():
    text = 'color a = "#000000"\ncolor long = "#ffffff" within 3\nobject b=c where x\nobject bb=c\nobject d:1'
    assert formatted(text) == (
        'color a    = "#000000"\ncolor long = "#ffffff" within 3\nobject b  = c where x\nobject bb = c\nobject d: 1\n'
    )


def test_long_statements_are_broken_where_they_can_be():
    long = " and ".join(f"count(bolt inside compartment_{n}) = 2" for n in range(4))
    made = formatted(f'rule r as quantity: {long} defect wrong low a high b message "{"m" * 70}"')
    assert made.splitlines()[:3] == [
        "rule r as quantity:",
        "    count(bolt inside compartment_0) = 2",
        "    and count(bolt inside compartment_1) = 2",
    ]
    assert made.splitlines()[5:] == ["    defect wrong  low a  high b", f'    message "{"m" * 70}"']
    names = [f"colour_{n}" for n in range(30)]
    made = formatted(
        f"rule r: every sweet: color in [{', '.join(names)}] and " + " and ".join(f"x_{n}" for n in range(20))
    )
    assert max(map(len, made.splitlines())) <= WIDTH
    made = formatted(f"object {', '.join(names)}")
    assert len(made.splitlines()) == 4
    assert max(map(len, made.splitlines())) <= WIDTH


def test_comments_stay_by_their_statements():
    text = """# the head
spec a # its name
#of b
object b:2#two
rule r: # why
   x # so
   # and
   and y  # end
variant v when z { # open

  # inside
  object c # last
  # tail
} # closed


# the end"""
    assert (
        formatted(text)
        == """# the head
spec a  # its name
# of b
object b: 2  # two
# why
# so
# and
rule r: x and y  # end
variant v when z {  # open
    # inside
    object c  # last
    # tail
}  # closed

# the end
"""
    )


def test_objects_with_names_only_are_one_statement():
    assert formatted("object a\nobject b, c\n\nobject d # x\nobject e") == "object a, b, c\n\nobject d  # x\nobject e\n"


def test_inner_spaces_of_comments_stay():
    assert formatted("#  rule a:\n#      x\n#!x\n##\n#\n") == "#  rule a:\n#      x\n#!x\n##\n#\n"


def test_without_a_text_kinds_stand_apart():
    file = read(
        'logic 1\nspec a\nobject b, c\nobject d: 1\nrule r: x\nrule s: y\nrule t "u": z\ntest "a" on "b" expect pass'
    )
    assert format_file(file) == (
        "logic 1\nspec a\n\nobject b, c\nobject d: 1\n\nrule r: x\nrule s: y\n\n"
        'rule t "u":\n    z\n\ntest "a" on "b" expect pass\n'
    )


def test_an_empty_file_is_empty():
    assert formatted("") == formatted("\n \n") == ""


# ---- the layout ----


def test_a_group_is_whole_or_broken():
    piece = Group(joined(["aaaa", "bbbb", "cccc"], LINE))
    assert render(piece, width=14) == ["aaaa bbbb cccc"]
    assert render(piece, width=13) == ["aaaa", "bbbb", "cccc"]
    assert flat(piece) == "aaaa bbbb cccc"


def test_what_follows_a_group_counts():
    piece = row(Group(row("a", Nest(row(SOFT, "b")))), "cccc")
    assert render(piece, width=6) == ["abcccc"]
    assert render(piece, width=5) == ["a", "    bcccc"]


def test_a_fill_takes_what_fits():
    assert render(Nest(Fill(("aa", "bb", "cc", "dd"))), width=8) == ["aa, bb,", "    cc,", "    dd"]


def test_a_deep_piece_needs_no_stack():
    piece: Doc = "x"
    for _ in range(20_000):
        piece = Group(row("(", piece, ")"))
    assert len(flat(piece)) == 40_001
