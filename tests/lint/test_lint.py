"""What is said of a spec, and what is not: near misses of each warning, places, files that are imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from logidsl.diagnostics import Diagnostic
from logidsl.pipeline import lint_spec
from logidsl.source import Source

BOLT, CAP = "object bolt\n", "object cap: at most 1\n"
RED = 'color red = "#a82a24"\ncolor blue = "#2c4fa3"\n'
KIND = "attribute kind of icon: cherry | banana\nobject icon: 1\n"


def said(text: str, params: dict[str, str] | None = None) -> list[Diagnostic]:
    """Mistakes and warnings, without advice."""
    return [d for d in lint_spec(Source("t.logic", text), params) if d.severity != "advice"]


def codes(text: str) -> list[str]:
    """Their codes."""
    return [d.code for d in said(text)]


CLEAN = {
    "used by way of a let": BOLT + "let n = count(bolt)\nrule r: n = 2",
    "used as a label": "object bolt, nut\nrule r: [class of bolt by x] = [bolt, nut]",
    "used in a message": 'param n = 3\nobject bolt: 2 message "{n}"',
    "used by keep": "object bolt, nut\nkeep best of bolt | nut where overlap > 60 %\nrule r: count(bolt) = 2",
    "used by a variant": RED + "object cap: 1\nvariant a when cap.color = red { rule r: cap.width > 3 px }\n"
    "variant b when cap.color = blue { rule s: cap.width > 2 px }",
    "a file for others": RED + BOLT,
    "a colour near to one in use": RED + 'color rust = "#a83a20"\nobject cap: 1\nrule r: cap.color in [red, blue]',
    "a count that can be too low": BOLT + "rule r: count(bolt) >= 1",
    "a width that may be nothing": BOLT + "rule r: every bolt: width > 0 px",
    "two halves": BOLT + "rule a: every bolt: width > 10 px\nrule b: every bolt: width < 30 px",
    "of sets that may be empty": BOLT + "rule a: every bolt: width > 30 px\nrule b: every bolt: width < 10 px",
    "shares of different sides": "object a: 1\nrule r: a.x > 60 %\nrule s: a.y < 50 %",
    "px beside a share": "object a: 1\nrule r: a.x > 60 %\nrule s: a.x < 500 px",
    "a part of a set": "object bolt: 3\nrule r: count(bolt where width > 3 px) = 2",
    "parts of a whole": "object bolt: 1\nobject nut: 2\nrule r: count(bolt | nut) = 3",
    "in different variants": RED
    + "object cap: 1\nobject bolt\nvariant a when cap.color = red { rule r: count(bolt) = 1 }\n"
    "variant b when cap.color = blue { rule s: count(bolt) = 2 }",
    "a case for each label": KIND
    + "rule r: icon.row = match icon.kind { cherry -> 1, banana -> 2 }".replace("icon.row", "icon.holes"),
    "no case, and says so": KIND + "rule r: icon.holes = match icon.kind { cherry -> 1, else -> unknown }",
    "counts that are broken have a case": BOLT
    + "rule r: count(bolt) = 2 defect match count(bolt) { 0 .. 1 -> few, else -> many }",
    "only the good count has none": BOLT
    + "rule r: count(bolt) <= 2 defect match count(bolt) { 3 -> one_more, else -> more }",
    "colours that a rule keeps to": RED + 'color green = "#20a030"\nobject cap: 1\nobject bolt\n'
    "rule known: cap.color in [red, blue]\nrule g: no bolt where color = green\n"
    "rule r: cap.holes = match cap.color { red -> 1, blue -> 2 }",
    "a label shared by one kind": BOLT + "rule a as size: every bolt: width > 3 px defect wrong_size\n"
    "rule b as size: every bolt: height > 3 px defect wrong_size",
    "other, in parentheses": "object bolt, nut\nrule r: every bolt b: no (other bolt) | nut overlaps b",
    "other at the end": "object bolt, nut\nrule r: every bolt b: no nut | other bolt overlaps b",
    "guarded by some": CAP + "rule r: if some cap then cap.width > 3 px",
    "guarded by a count": CAP + "rule r: if count(cap) = 1 then cap.width > 3 px",
    "guarded by or": CAP + "rule r: (no cap) or cap.width > 3 px",
    "asked for elsewhere": CAP + "rule there: some cap\nrule r: cap.width > 3 px",
    "asked for by another object": CAP
    + "object jar: 1\nrule there: if some jar then some cap\nrule r: cap.width > 3 px",
    "an empty picture that fails": 'object bolt: 1\ntest "t" on 9 px by 9 px expect fail bolt',
    "an empty picture, rule by rule": "object bolt: 1\nrule r: no bolt where width > 3 px\n"
    'test "t" on 9 px by 9 px expect pass r',
    "angles go round": "object bolt\nrule r: every bolt: angle in 80 .. 100 deg",
    "a range of a full circle and less": "object bolt\nrule r: every bolt: hue in 0 .. 350 deg",
    "an image as it is": "object bolt\nrule r: every bolt: inside image",
    "a range that is a param's": "param top = 3\nobject bolt\nrule r: count(bolt) in 1 .. top low few high many",
}


@pytest.mark.parametrize("what", CLEAN)
def test_nothing_is_said_of(what: str) -> None:
    assert [str(d) for d in said(CLEAN[what])] == []


GRID = "object bolt\ngrid cell = 2 rows, 3 columns\n"
WARNED = [
    (BOLT + "rule r: not (count(bolt) >= 0)", "W011", "count(bolt) >= 0"),
    (BOLT + "rule r: every bolt: roundness <= 1 or width > 3 px", "W010", "roundness <= 1"),
    (BOLT + "rule r: every bolt: angle in -90 .. 90 deg", "W010", "angle in -90 .. 90 deg"),
    (BOLT + "rule r: every bolt: hue in 0 .. 360 deg", "W010", "hue in 0 .. 360 deg"),
    (BOLT + "rule r: every bolt: angle = 0 deg within 90 deg", "W010", "within 90 deg"),
    (BOLT + "rule r: if count(bolt) >= 3 then count(bolt) > 1", "W010", "count(bolt) > 1"),
    (BOLT + "rule r: every bolt where width > 20 px: width > 10 px", "W010", "width > 10 px"),
    (BOLT + "rule r: count(bolt) in 1 .. 4 and count(bolt) > 5", "W011", "count(bolt) > 5"),
    (BOLT + "rule r: count(bolt) > 2 and count(bolt) < 3", "W011", "count(bolt) < 3"),
    (BOLT + "rule r: abs(count(bolt) - 2) >= 0", "W010", "abs"),
    (BOLT + "param enough = 0\nrule r: count(bolt) >= enough", "W010", "enough"),
    ("object bolt\ngrid cell = 2 rows, 3 columns\nrule r: count(cell c where (some bolt inside c)) > 6", "W011", "6"),
    ("object a: 1\nrule r: a.x in 20 % .. 50 % and a.x > 60 %", "W011", "60 %"),
    ("object bolt: 2\nobject nut: 1\nrule r: count(bolt | nut) = 4", "W012", "together with the other rules"),
    ("object bolt: 2\nobject long = bolt where width > 9 px: 3", "W012", "`object bolt: 2`"),
    ("object bolt: 1 .. 2\nrule a: every bolt: width > 30 px\nrule b: every bolt: width < 10 px", "W012", "rule `"),
    ("object bolt\nrule a: some bolt\nrule b: no bolt", "W012", "rule `a`"),
    (BOLT + "rule a: (every bolt: width > 3 px) and count(bolt) = 2\nrule b: count(bolt) = 3", "W012", "rule `a`"),
    (RED + "object cap: 1\nobject bolt\nrule n: count(bolt) = 2\n"
     "variant a when cap.color = red { rule r: count(bolt) = 1 }\n"
     "variant b when cap.color = blue { rule s: count(bolt) = 2 }", "W012", "rule `n`"),
    (BOLT + "rule r: (some bolt) and count(bolt) >= 0", "W013", "count(bolt) >= 0"),
    (KIND + 'rule r: icon.holes = match icon.text { "A" -> 1, "B" -> 2 }', "W014", "any other value"),
    (GRID + "rule r: every cell c: count(bolt inside c) = match c.row { 1 -> 2 }", "W014", "2 of"),
    (GRID + "rule r: every cell c: count(bolt inside c) = match c.col { 1 -> 2, 2 | 3 -> 1, 4 -> 0 }", "W015", "4"),
    (GRID + "rule r: every cell c where c.row = 3: count(bolt inside c) = 2", "W010", "where c.row = 3"),
    (GRID + "grid band = columns at [10 px]\nrule r: every band c: c.col <= 2", "W010", "c.col <= 2"),
    (RED + "object cap: 1\nrule b: cap.color = blue\nrule r: cap.holes = match cap.color { red -> 1 }", "W014", "blue"),
    ("object a, b\nrule r: every a | b: holes = match class { a -> 1 }", "W014", "`b`"),
    (BOLT + "rule r: count(bolt) = 2 defect match count(bolt) { 0 -> none_there, 1 -> one }", "W014", "3 or more"),
    (BOLT + "rule r: every bolt: holes = match width { 0 .. 10 px -> 1, 20 .. 30 px -> 2 }", "W014", "any other value"),
    (BOLT + "rule r: count(bolt) = 2 defect match count(bolt) { 0 .. 3 -> a, 2 -> b, else -> c }", "W015", "`2`"),
    (BOLT + "rule r: count(bolt) <= 3 low few high many", "W016", "too small"),
    (BOLT + "rule r: count(bolt) in 0 .. 3 low few high many", "W016", "too small"),
    (BOLT + "rule r: every bolt: roundness in 0.5 .. 1 low a high b", "W016", "too large"),
    (BOLT + "rule r as size: every bolt: width in 3 .. 5 px low bad high bad", "W017", "too large"),
    ("attribute kind: a | b\nobject bolt\nrule r: every bolt a: a.kind = b", "W018", "label of `kind`"),
    ("blobs dark where lightness > 120 %\nobject bolt = dark where area > 1 %: 1", "W019", "lightness"),
    (CAP + "rule r: cap.width > 3 px and cap.height > 3 px", "W025", "`cap`"),
    (CAP + "let one = only(cap)\nrule r: one.width in 3 .. 9 px", "W025", "`cap`"),
    ("object a: 2\nobject b = a where width > 9 px: at most 1\nrule r: every a: left_of b", "W025", "`b`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "words"), WARNED)
def test_is_said_of(text: str, code: str, words: str) -> None:
    found = [d for d in said(text) if d.code == code]
    assert found, codes(text)
    assert any(words in d.message + d.span.text for d in found)


def test_a_contradiction_shows_both_places() -> None:
    (found,) = said("object nut: 2\nrule nuts: count(nut) = 3\n")
    assert (found.code, found.span.line, found.span.text) == ("W012", 2, "count(nut) = 3")
    assert found.other is not None
    assert (found.other[0].line, found.other[0].text) == (1, "nut: 2")
    assert "`object nut: 2`" in found.message


def test_values_from_outside_count() -> None:
    text = BOLT + "param enough = 2\nrule r: count(bolt) >= enough"
    assert codes(text) == []
    assert [d.code for d in said(text, {"enough": "0"})] == ["W010"]


def test_mistakes_come_alone() -> None:
    assert codes("object bolt\nobject nut\nrule r: count(bot) = 2\nrule s: count(bolt) >= 0") == ["E101"]


def test_a_comment_keeps_a_warning_silent() -> None:
    rule = "rule r: count(bolt) >= 0"
    assert codes(BOLT + rule + "  # lint: allow W010") == []
    assert codes(BOLT + "# lint: allow W003, W010\n" + rule) == []
    assert codes(BOLT + rule + "  # lint: allow W011") == ["W010"]
    assert codes("# lint: allow W010\n" + BOLT + rule) == ["W010"]
    assert codes("# lint: allow-file W010\n" + BOLT + rule) == []
    assert codes("object bolt  # lint: allow E101\nrule r: bot.width > 3 px") == ["E101"]


def test_only_the_file_itself_is_spoken_of(tmp_path: Path) -> None:
    (tmp_path / "palette.logic").write_text(RED + "param n = 2\nobject nut\nrule all: count(nut) >= 0\n")
    main = tmp_path / "main.logic"
    main.write_text('import "palette.logic" with n = 3\nobject cap: n\nobject bolt\nrule r: every cap: color = red\n')
    found = [d for d in lint_spec(main) if d.severity != "advice"]
    assert [(d.code, d.span.source.path, d.span.text) for d in found] == [("W001", str(main), "bolt")]


def test_the_yaml_form_has_its_own_places(tmp_path: Path) -> None:
    spec = tmp_path / "a.yaml"
    rules = "  nuts: {check: count(nut) = 3}  # lint: allow W012\n  bolts:\n    check: count(bolt) >= 0\n"
    spec.write_text("spec: a\nobject:\n  bolt: any\n  nut: 2\nrule:\n" + rules)
    found = [d for d in lint_spec(spec) if d.severity != "advice"]
    assert [(d.code, d.span.line, d.span.text) for d in found] == [("W010", 8, "count(bolt) >= 0")]


def test_every_shipped_spec_is_clean_and_in_its_one_spelling(checkout: Path) -> None:
    from logidsl.config import specs_below
    from logidsl.syntax.format import format_file
    from logidsl.syntax.parse import parse

    specs = specs_below(checkout / "specs")
    assert len(specs) > 10
    for path in specs:
        found = [d for d in lint_spec(path) if d.severity != "advice"]
        assert found == [], "\n".join(map(str, found))
        source = Source(str(path), path.read_text("utf-8"))
        assert format_file(parse(source)[0], source) == source.text, f"logidsl fmt {path}"


def test_many_rules_take_time_in_proportion() -> None:
    """Work, counted in steps of the reasoner, is linear in the number of rules."""
    from logidsl.check import check
    from logidsl.lint.clauses import Clauses
    from logidsl.lint.places import Spec
    from logidsl.syntax.parse import parse

    steps = []
    for n in (50, 100, 200):
        text = "".join(f"object b{k}: at most 1\nrule r{k}: b{k}.width > 3 px or count(b{k}) = 0\n" for k in range(n))
        file, bag = parse(Source("t.logic", text))
        program = check(file, bag, {})
        assert program is not None
        clauses = Clauses(Spec(program, file, file.statements))
        assert list(clauses.find()) == []
        steps.append(clauses.reason.steps)
    assert steps[2] < 2.2 * steps[1] < 2.2 * 2.2 * steps[0]


@pytest.mark.parametrize(
    ("part", "words"),
    [("count(bolt) >= 0", "is never false"), ("count(bolt) < 0", "is never true")],
)
def test_a_part_that_decides_nothing_says_which_way(part: str, words: str) -> None:
    text = BOLT + f"rule r: (some bolt) {'and' if 'false' in words else 'or'} {part}"
    (found,) = [d for d in lint_spec(Source("t.logic", text)) if d.code == "W013"]
    assert found.message == f"`{part}` {words}, so it has no effect"


def test_batches_and_views_that_no_rule_uses():
    text = """object bolt
batch lot by lot_id
batch run
view front of lot by camera = "A"
view back of lot by camera = "B"
rule a over lot: count(bolt on front) = 2
"""
    found = [d.message for d in lint_spec(Source("a.logic", text)) if d.code == "W002"]
    assert found == ["no rule uses the batch `run`", "no rule uses the view `back`"]
