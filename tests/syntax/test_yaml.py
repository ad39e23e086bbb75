"""Two spellings, one meaning: text to YAML and back, and mistakes shown where they stand in the YAML file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import jsonschema
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import SIZE_MAX, parse
from logidsl.syntax.read import read as read_either
from logidsl.syntax.statement_printer import keyword
from logidsl.syntax.yaml import parse_yaml, to_yaml
from logidsl.syntax.yaml_keys import NAMED, SECTIONS, SHAPES, Key, schema
from logidsl.syntax.yaml_layout import lay_out, scalar
from logidsl.syntax.yaml_read import BUILDERS
from logidsl.syntax.yaml_tree import compose, scalars
from tests.conftest import CHECKOUT
from tests.syntax.generated import conditions, specs
from tests.syntax.trees import CORPUS, SENTENCES, read, walk

FILES = [*CORPUS, *sorted((CHECKOUT / "specs").glob("*.logic"))]
SCHEMA = CHECKOUT / "docs" / "spec.schema.json"
DOCUMENT = CHECKOUT / "docs" / "yaml.md"


def read_yaml(text: str) -> ast.File:
    """The tree of a text without mistakes."""
    file, bag = parse_yaml(Source("test.yaml", text))
    assert not bag.items, f"{text}\n{bag}"
    return file


def examples() -> list[str]:
    """The YAML of the documentation."""
    text = DOCUMENT.read_text("utf-8")
    return [part.partition("\n```")[0] for part in text.split("```yaml\n")[1:]]


def by_kind(file: ast.File) -> tuple[object, ...]:
    """What a file says, but for the order of statements and of outcomes of different kinds."""
    order = list(SECTIONS)
    statements = sorted((_outcomes_by_kind(s) for s in file.statements), key=lambda s: order.index(keyword(s)))
    return file.version, file.spec, tuple(statements)


def _outcomes_by_kind(s: ast.Statement) -> ast.Statement:
    if isinstance(s, ast.Variant):
        inside = by_kind(ast.File(None, None, s.statements, span=s.span))[2]
        return s.replaced(statements=inside)
    if isinstance(s, ast.Rule | ast.Object | ast.Derived):
        words = list(dict.fromkeys(o.word for o in s.outcomes))
        return s.replaced(outcomes=tuple(sorted(s.outcomes, key=lambda o: words.index(o.word))))
    return s


def assert_round_trips(text: str) -> str:
    """Text to YAML to text, and YAML to tree to YAML."""
    file = read(text)
    written = to_yaml(file)
    again = read_yaml(written)
    assert by_kind(again) == by_kind(file), written
    assert to_yaml(again) == written
    back = read(format_file(again))
    assert by_kind(back) == by_kind(file)
    for node in walk(again):
        assert 0 <= node.span.start <= node.span.end <= len(written)
    return written


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_files_go_to_yaml_and_back(path):
    text = path.read_text("utf-8")
    written = assert_round_trips(text)
    assert [h.height for h in read_yaml(written).statements]
    assert "  # " not in written


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_go_to_yaml_and_back(sentence):
    assert_round_trips(sentence)


@given(specs)
@example('rule r: x defect "a" low "" high match b { 1 -> c, 2 -> "c", else -> d.e }')
@example("object a: any object b: any + 1 object any")
@example("object a object a: 2 object b")
@example('test "a" on "b" expect pass expect pass test "a" on 1 px by 2 px expect fail x expect fail y, z')
@example("grid g = 3 rows, 2 rows of a grid h = columns at []")
@example("let a = match b { 1 -> c, 1 -> d, else -> e }")
@example('import "a" with b = 1, b = 2 doubtful 0 .. 1 doubtful 0 .. 1 of a scale 1 px = 2 mm scale 1 px = 2 mm')
def test_made_specs_go_to_yaml_and_back(text):
    assert_round_trips(text)


@given(conditions)
def test_made_conditions_go_to_yaml_and_back(text):
    assert_round_trips(text)


def test_all_statements_have_keys():
    kinds = {"import", "param", "scale", "doubtful", "frame", "color", "region", "grid", "attribute", "blobs", "object"}
    assert set(SECTIONS) == {*kinds, "layout", "keep", "let", "batch", "view", "rule", "variant", "test"}
    assert set(NAMED) < set(SECTIONS)
    for word in NAMED:
        assert SHAPES[word].node or word in BUILDERS or word in ("grid", "variant")


# ---- reading ----

READINGS: list[tuple[str, str]] = [
    ("spec: a\nabout: b c", 'spec a "b c"'),
    ("import: palette.logic", 'import "palette.logic"'),
    (
        "import: [a.logic, {file: b.logic, with: {n: 2, color: red}}]",
        'import "a.logic" import "b.logic" with n = 2, color = red',
    ),
    ("param: {gap: 20 px}", "param gap = 20 px"),
    ("param: {gap: {is: 20 px, in: 5 .. 80 px}}", "param gap = 20 px in 5 .. 80 px"),
    ("scale: 250 px = 20 mm by 21 mm", "scale 250 px = 20 mm by 21 mm"),
    ("doubtful: 0.3 .. 0.6", "doubtful 0.3 .. 0.6"),
    ("doubtful: {in: 0.3 .. 0.6, of: a | b}", "doubtful 0.3 .. 0.6 of a | b"),
    ("frame: turned(plate, notch)", "frame turned(plate, notch)"),
    (
        "color: {red: '#8c2a1e', blue: {hex: '#000000', within: 18}}",
        'color red = "#8c2a1e" color blue = "#000000" within 18',
    ),
    (
        "region: {left: 'box(0 %, 1 %)', neck: {is: circle(1 px), of: b}}",
        "region left = box(0 %, 1 %) region neck = circle(1 px) of b",
    ),
    (
        "grid: {cell: {rows: 3, columns: {at: [1 px, 2 px]}, of: tray}}",
        "grid cell = 3 rows, columns at [1 px, 2 px] of tray",
    ),
    ("attribute: {torque: number}", "attribute torque: number"),
    ("attribute: {kind: {named: [k, l], of: a, one of: [b, c]}}", 'attribute kind "k" | "l" of a: b | c'),
    ("attribute: {tint: {of: a, is: color}}", "attribute tint of a: color"),
    ("blobs: {p: {where: x = 1, then: [open(2 px), fill()]}}", "blobs p where x = 1 then open(2 px) then fill()"),
    (
        "object: {a: any, b: 2, c: at least 1, d: {count: 1 .. 3}}",
        "object a object b: 2 object c: at least 1 object d: 1 .. 3",
    ),
    ("object: {a: {named: b c, where: x > 3, low: l}}", 'object a "b c" where x > 3 low l'),
    ("object: {a: {is: b where x by y, count: 1, defect: d}}", "object a = b where x by y: 1 defect d"),
    ("keep: [a | b where overlap > 60 %]", "keep best of a | b where overlap > 60 %"),
    ("let: {a: 2 * b}", "let a = 2 * b"),
    ("rule: {r: x = 1}", "rule r: x = 1"),
    (
        "rule: {r: {about: b, as: size, check: x, severity: high, verdict: review, message: m}}",
        'rule r "b" as size: x severity high verdict review message "m"',
    ),
    ("rule: {r: {all: [a, {any: [b, c]}, {all: [d, e]}]}}", "rule r: a and (b or c) and d and e"),
    ("rule: {r: {all: [a]}}", "rule r: a"),
    ("rule: {r: {every: a b, some: c where d}}", "rule r: every a b: some c where d"),
    ("rule: {r: {every: a, check: {every: b, none: c}}}", "rule r: every a: every b: no c"),
    ("rule: {r: {not: {if: a, then: b, else: c}}}", "rule r: not (if a then b else c)"),
    ("rule: {r: {match: a, cases: {1 | 2: b, else: c}}}", "rule r: match a { 1 | 2 -> b, else -> c }"),
    (
        "rule: {r: {check: a, defect: {match: n, cases: {0: 2_missing, 1: x, else: {check: b.c}}}}}",
        'rule r: a defect match n { 0 -> "2_missing", 1 -> x, else -> b.c }',
    ),
    ("rule: {r: {check: a, defect: '\"x\"', low: [l, '2']}}", 'rule r: a defect "x" low l low "2"'),
    ("rule: {no_: a = yes}", "rule no_: a = yes"),
    (
        "variant: {v: {when: a, object: {b: 1}}, w: {when: otherwise}}",
        "variant v when a { object b: 1 } variant w otherwise { }",
    ),
    ("test: {t: {scene: f.json, expect: pass}}", 'test "t" on "f.json" expect pass'),
    (
        "test:\n  t u:\n    size: 9 px by 8 px\n    put: [{object: a, shape: box(1 px), with: {x: 2}}]\n"
        "    expect: {fail: [r, s], defect: d}",
        'test "t u" on 9 px by 8 px put a box(1 px) with x = 2 expect fail r, s expect defect d',
    ),
    ("object: [{a: 1}, {a: 2}]", "object a: 1 object a: 2"),
    ("rule:\n  r: >-\n    a\n    and b", "rule r: a and b"),
    ("rule:\n  r: |\n    a\n    and b\n", "rule r: a and b"),
    ('{"rule": {"r": {"check": "a", "low": "\\u0078"}}}', "rule r: a low x"),
]


@pytest.mark.parametrize(("text", "same"), READINGS, ids=[r[0] for r in READINGS])
def test_one_reading_of_a_statement(text, same):
    made, wanted = read_yaml(text), read(same)
    assert (made.version, made.spec, made.statements) == (wanted.version, wanted.spec, wanted.statements)


def test_the_examples_of_the_design_mean_what_they_say():
    text = """
spec: splicing_connectors
color: {yellow: {hex: "#d9b32a", within: 20}}
object:
  connector: {count: 2, low: missing_connector}
  cable: 1
  slot: any
  left_slot: {is: slot inside left_end}
let: {left_end: first(connector by x)}
rule:
  cable_reaches:
    as: position
    all: [cable touches left_end, cable inside image]
    defect: cable_cut
  slots_in_rows: {every: left_slot, check: near cable within 30 px, defect: loose_slot}
"""
    same = """
spec splicing_connectors
color yellow = "#d9b32a" within 20
object connector: 2 low missing_connector
object cable: 1
object slot
object left_slot = slot inside left_end
let left_end = first(connector by x)
rule cable_reaches as position: cable touches left_end and cable inside image defect cable_cut
rule slots_in_rows: every left_slot: near cable within 30 px defect loose_slot
"""
    assert read_yaml(text).statements == read(same).statements


def test_every_scalar_is_a_text():
    file = read_yaml("object: {yes: any}\nrule: {r: {check: a, defect: 12:30, low: 1_000, high: null, message: true}}")
    rule = file.statements[1]
    assert isinstance(rule, ast.Rule)
    assert [o.value for o in rule.outcomes] == [
        ast.Text("12:30", span=file.span),
        ast.Text("1_000", span=file.span),
        ast.Ident("null", span=file.span),
        ast.Text("true", span=file.span),
    ]


# ---- places ----

# A YAML file, and words whose place a node must have: `^` marks their first character.
PLACES = [
    ("plain", "rule:\n  r: a and ^bolt.x = 3", "bolt.x"),
    ("in brackets", "rule: {r: {check: a and ^bolt.x = 3}}", "bolt.x"),
    ("single quotes", "rule:\n  r: 'it = \"it''s\" and ^bolt.x = 3'", "bolt.x"),
    ("double quotes", 'rule:\n  r: "a = \\"q\\x41\\" and\\\n    \\ ^bolt.x = 3"', "bolt.x"),
    ("folded plain", "rule:\n  r: a and\n    b and\n    ^bolt.x = 3", "bolt.x"),
    ("folded", "rule:\n  r: >-\n    a\n    and ^bolt.x = 3", "bolt.x"),
    ("literal", "rule:\n  r: |2-\n     a\n    and ^bolt.x = 3", "bolt.x"),
    ("quoted over lines", 'rule:\n  r: "a\n    and ^bolt.x = 3"', "bolt.x"),
    ("after letters beyond ascii", 'about: größe\nspec: s\nrule: {r: t = "é" and ^bolt.x = 3}', "bolt.x"),
    ("a key", "rule: {r: {match: a, cases: {b | ^bolt: c}}}", "bolt"),
    ("a quoted key", "rule: {r: {match: a, cases: {'b | ^bolt': c}}}", "bolt"),
    ("a name", "object:\n  ^bolt: any", "bolt"),
    ("a quoted name", 'object:\n  "^bolt": any', "bolt"),
    ("a phrase", "rule: {r: {every: b where ^bolt.x = 3, check: c}}", "bolt.x"),
    ("some", "rule: {r: {some: b where ^bolt.x = 3}}", "bolt.x"),
    ("json", '{"rule": {"r": "a and ^bolt.x = 3"}}', "bolt.x"),
]


@pytest.mark.parametrize(("marked", "words"), [p[1:] for p in PLACES], ids=[p[0] for p in PLACES])
def test_nodes_know_their_place_in_the_file(marked, words):
    at, text = marked.index("^"), marked.replace("^", "")
    nodes = [n for n in walk(read_yaml(text)) if isinstance(n, ast.Attr if "." in words else ast.Ident | ast.Ref)]
    places = [n.span for n in nodes if n.span.text == words]
    assert [p.start for p in places] == [at]


@given(specs, st.sampled_from([" ", "'", '"', ">", "|"]))
def test_nodes_know_their_words_in_any_style(text, style):
    """Names and numbers stand where their span says, in whatever way PyYAML writes the tree."""
    tree = yaml.load(to_yaml(read(text)), Loader=yaml.BaseLoader)
    written = yaml.dump(tree, default_style=style.strip() or None, width=30, allow_unicode=True)
    if tree is None or "&id" in written:
        return
    for node in walk(read_yaml(written)):
        if isinstance(node, ast.Ref | ast.Ident | ast.Number):
            assert node.span.text == (node.text if isinstance(node, ast.Number) else node.name)


# ---- mistakes ----

MISTAKES = [
    ("spec: a\nrule:\n  r: {chek: x}", "E051", 3, 7, "chek", "write `check`"),
    ("objekt: {a: 1}", "E051", 1, 1, "objekt", "write `object`"),
    ("object:\n  bolt: {count: 2, named: [a], is: b}", "E053", 2, 20, "named", None),
    ("rule:\n  r: {as: size}", "E053", 2, 3, "r", None),
    ("rule:\n  r: {check: a, some: b}", "E053", 2, 17, "some", "put both under"),
    ("rule:\n  r: {if: a}", "E053", 2, 7, "if", None),
    ("rule:\n  r: {then: a, check: b}", "E053", 2, 7, "then", None),
    ("rule:\n  r: {all: x}", "E052", 2, 12, "x", None),
    ("rule:\n  r: {all: []}", "E052", 2, 7, "all", None),
    ("rule: [a, b]", "E052", 1, 8, "a", None),
    ("color: {red: {within: 3}}", "E053", 1, 9, "red", None),
    ("color: {red: {hex: a, within: many}}", "E052", 1, 31, "many", None),
    ("color:\n  red: #8c2a1e", "E058", 2, 3, "red", 'quote a text that begins with `#`: `"#8c2a1e"`'),
    ("object:\n  bolt:\n  nut: 2", "E058", 2, 3, "bolt", "write `any`"),
    ("object: {frame: 1}", "E033", 1, 10, "frame", "my_frame"),
    ("object: {long-bolt: 1}", "E015", 1, 10, "long-bolt", "`long_bolt`"),
    ("rule:\n  r: count(bolt) == 2", "E020", 2, 18, "==", "write `=`"),
    ("rule:\n  r: >-\n    a and\n    count(bolt) == 2", "E020", 4, 17, "==", "write `=`"),
    ("rule:\n  r: 'a = ''b'' and c'", "E014", 2, 11, "''b''", '`"b"`'),
    ("rule:\n  r: {every: cell c, check: count(x inside c}}", "E050", 2, 46, "}", None),
    ("rule:\n  r: every b inside left", "E030", 2, 6, "every", "`every b: inside left`"),
    ("rule:\n  r: {every: b inside, check: x}", "E042", 2, 22, "", None),
    ("rule:\n  r: no a where x and no b where y", "E031", 2, 23, "no b where y", "`(no a where x) and (no b where y)`"),
    ("rule:\n  r: {check: x defect y}", "E043", 2, 16, "defect", None),
    ("object: {a: 2 low b}", "E059", 1, 13, "2 low b", None),
    ("let: {a: b let c = d}", "E059", 1, 10, "b let c = d", None),
    ("rule: {r: {some: a and b}}", "E059", 1, 18, "a and b", None),
    ("rule: {r: {match: a, cases: {'1 -> x, 2': y}}}", "E059", 1, 31, "1 -> x, 2", None),
    ("grid: {g: {rows: {at: ['a], [b']}}}", None, 1, 25, None, None),
    ("test: {t: {size: 1 px by 2 px expect pass, expect: fail}}", "E059", 1, 18, "1 px by 2 px expect pass", None),
    ("rule:\n  r: {check: dy(a, b) in 3 .. 4 px}", "E051", 2, 20, "b) in 3 .. 4 px", "quote a text that holds a comma"),
    ("rule:\n  r: x = a: b", "E050", 2, 11, ":", "quote a text that holds `: `"),
    ("rule:\n\tr: x", "E050", 2, 1, "\t", "indent by spaces"),
    ("spec: a\nspec: b", "E054", 2, 1, "spec", None),
    ("a: &x 1\nb: *x", "E055", 1, 4, "&x 1", None),
    ("object: {a: !!int 1}", "E055", 1, 13, "!!int 1", None),
    ("spec: a\n---\nspec: b", "E055", 2, 1, "---", None),
    ("spec pushpins", "E052", 1, 1, "spec pushpins", ".logic"),
    ("[a]", "E052", 1, 1, "[a]", None),
    ("rule:\n  r: |\n    a # why\n    and b", "E057", 3, 7, "# why", None),
    ("about: b", "E053", 1, 1, "about", None),
    ("spec: s\nabout: 'a \"b\"'", "E060", 2, 9, 'a "b"', None),
    ("spec: s\nabout: 'a\\b'", "E011", 2, 9, "a\\b", None),
    (f"spec: s\nabout: {'x' * 201}", "E008", 2, 8, "x" * 201, "by 1"),
    ("object: {a: 1\u200b}", "E002", 1, 14, "\u200b", None),
    ("variant: {v: {rule: {r: x}}}", "E053", 1, 11, "v", None),
    ("variant: {v: {when: a, rule: {r: x ==}}}", "E020", 1, 36, "==", "write `=`"),
    ("test: {t: {scene: a.json}}", "E053", 1, 8, "t", None),
    ("? [a]\n: b", "E052", 1, 3, "[a]", None),
]


@pytest.mark.parametrize(("text", "code", "line", "column", "words", "fix"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_shown_where_it_stands(text, code, line, column, words, fix):
    _, bag = parse_yaml(Source("a.yaml", text))
    found = bag.sorted()[0]
    if code is not None:
        assert {d.code for d in bag.items} <= {code, "E042"}, bag
        assert (found.code, found.span.line, found.span.column, found.span.text) == (code, line, column, words), bag
    assert fix is None or fix in (found.fix or ""), found
    assert found.message.startswith("expected ")
    assert "yaml_value" not in str(bag)
    assert str(found).splitlines()[1].startswith("  --> a.yaml:")


def test_one_mistake_leaves_the_other_statements():
    text = (
        "object: {a: 1, b: {coun: 2}}\nrule: {r: x ==, s: y}\nlet: {c: d, e: [f]}\n"
        "variant: {v: {when: z, rule: {t: {as: b}, u: w}}}"
    )
    file, bag = parse_yaml(Source("a.yaml", text))
    assert [d.code for d in bag.sorted()] == ["E051", "E020", "E042", "E052", "E053"]
    names = [n.name.name for n in walk(file) if isinstance(n, ast.Object | ast.Rule | ast.Let)]
    assert {"a", "s", "c", "u"} <= set(names)
    assert {i.name for i in file.broken} >= {"b", "e"}


# ---- whatever a file holds ----


def answered(text: str) -> None:
    file, bag = parse_yaml(Source("any.yaml", text))
    for found in bag.items:
        assert 0 <= found.span.start <= found.span.end <= len(text)
        assert str(found)
    assert file.span.end <= len(text)


PIECES = [
    "object",
    "rule",
    ":",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    '"',
    "|",
    ">-",
    "#",
    " # x",
    "&a",
    "*a",
    "!t",
    "---",
    "...",
    "? ",
    "a",
    "check",
    "all",
    "every",
    "count(a) = 2",
    "x and y",
    "\\",
    "\t",
    "%",
    "@",
    "\x00",
    "\ufffd",
    "\u2028",
    "é",
    "=",
    "then",
    "match",
    "cases",
    "where",
    "1 px",
]


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_any_text_is_answered(text):
    answered(text)


@given(st.sampled_from([to_yaml(read(p.read_text("utf-8"))) for p in FILES]), st.data())
def test_damaged_files_are_answered(text, data):
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(PIECES)) + text[at + data.draw(st.integers(0, 5)) :]
    answered(text)


def test_bombs_are_refused_soon():
    laughs = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{b}, *{b}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for text in (laughs, "[" * 100_000, "{a: " * 50_000, "- " * 50_000, "rule: {r: " + "{not: " * 5_000):
        start = time.perf_counter()
        answered(text)
        assert time.perf_counter() - start < 5
        codes = {d.code for d in parse_yaml(Source("bomb.yaml", text))[1].items}
        assert codes & {"E050", "E055", "E056"}
    assert [d.code for d in parse_yaml(Source("a.yaml", "#" * (SIZE_MAX + 1)))[1].items] == ["E003"]


def test_deep_conditions_are_refused_as_in_the_text_form():
    deep = "not " * 98 + "x"
    assert read_yaml(f"rule: {{r: {deep}}}").statements
    codes = [d.code for d in parse_yaml(Source("a.yaml", f"rule: {{r: {{not: {{not: {{not: {deep}}}}}}}}}"))[1].items]
    assert codes == ["E040"]


# ---- writing ----


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.booleans())
@example("no", False)
@example("a: b", False)
@example("'a\"", True)
@example("a\u2028b\x85\ufeff", False)
@example("a, b", True)
@example("...", False)
def test_texts_are_written_so_that_they_come_back(text, in_flow):
    written = scalar(text, in_flow)
    whole = f"[{written}, {{{written}: {written}}}]" if in_flow else f"- {written}\n- {written}: {written}\n"
    loaded = yaml.load(whole, Loader=yaml.BaseLoader)
    assert loaded == [text, {text: text}]


@given(
    st.recursive(
        st.text("ab \"':#,{}[]-?|>0é", min_size=1, max_size=200),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=4) | st.dictionaries(st.text("ab:# ", min_size=1), inner, min_size=1)
        ),
        max_leaves=12,
    )
)
def test_trees_are_written_so_that_they_come_back(tree):
    assert yaml.load(lay_out({"top": tree, "more": {"x": tree}}), Loader=yaml.BaseLoader) == {
        "top": tree,
        "more": {"x": tree},
    }


def test_lines_are_as_long_as_a_page():
    for path in FILES:
        for line in to_yaml(read(path.read_text("utf-8"))).splitlines():
            assert len(line) <= 100 or '"' in line


def test_comments_of_yaml_come_into_the_text_form():
    text = """# head
spec: a  # its name
object:
  # two of steel
  bolt: 2  # M4
rule:  # all of them
  r: '"#" = x'   # not "#"
# end
"""
    file = read_yaml(text)
    assert [c.text for c in file.comments] == [
        "head",
        "its name",
        "two of steel",
        "M4",
        "all of them",
        'not "#"',
        "end",
    ]
    assert format_file(file) == (
        "# head\nspec a  # its name\n\n# two of steel\nobject bolt: 2  # M4\n\n"
        '# all of them\nrule r: "#" = x  # not "#"\n\n# end\n'
    )


# ---- the schema ----


def test_the_schema_is_published():
    """`python -m tests.syntax.test_yaml` writes it anew."""
    assert SCHEMA.read_text("utf-8") == schema_text()


def schema_text() -> str:
    return json.dumps(schema(), indent=1) + "\n"


def as_json(tree: object) -> object:
    """A loaded tree as JSON has it: its keys are texts."""
    if isinstance(tree, dict):
        return {str(k): as_json(v) for k, v in tree.items()}
    return [as_json(v) for v in tree] if isinstance(tree, list) else tree


@pytest.fixture(scope="module")
def valid() -> Callable[[object], bool]:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    return lambda tree: validator.is_valid(tree)


def test_the_schema_takes_every_spec(valid):
    texts = [*(to_yaml(read(p.read_text("utf-8"))) for p in FILES), *(r[0] for r in READINGS), *examples()]
    assert len(texts) > 50
    for text in texts:
        assert valid(yaml.load(text, Loader=yaml.BaseLoader)), text
        assert valid(as_json(yaml.safe_load(text))) or "null" in text, text


@given(specs)
def test_the_schema_takes_made_specs(valid, text):
    written = to_yaml(read(text))
    assert valid(yaml.load(written, Loader=yaml.BaseLoader) or {}), written


STRUCTURE = ("E051", "E052", "E053", "E058", "E060", "E008", "E011")


@pytest.mark.parametrize("text", [m[0] for m in MISTAKES if m[1] in STRUCTURE])
def test_the_schema_refuses_what_the_reader_refuses(valid, text):
    if not text.startswith("?"):
        assert not valid(as_json(yaml.safe_load(text)))


def test_shapes_refer_to_shapes():
    for name, shape in SHAPES.items():
        used = {
            *(key.shape for key in shape.keys.values()),
            *([shape.items] if shape.items else []),
            *([shape.entries.shape] if shape.entries else []),
        }
        assert used <= set(SHAPES), name
        assert {k.field for k in shape.keys.values() if k.field} <= {*(shape.node.fields if shape.node else ())}
        assert {*shape.needs, *shape.one_of, *shape.some_of, *shape.beside, *shape.without} <= set(shape.keys), name
    named = [n for s in SHAPES.values() for n in (*s.keys.values(), s.entries) if n]
    named += [Key(s.items) for s in SHAPES.values() if s.items]
    assert set(SHAPES) - {n.shape for n in named} == {"file"}


# ---- either form ----


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("a.yaml", "object: {b: 2}", None),
        ("a.yml", "object: {b: 2}", None),
        ("a.json", '{"object": {"b": "2"}}', None),
        ("a.logic", "object b: 2", None),
        ("<text>", "object b: 2", None),
        ("<text>", "object:\n  b: 2", None),
        ("<text>", '{"object": {"b": 2}}', None),
        ("a.logic", "object:\n  b: 2", "E004"),
        ("a.yaml", "object b: 2", "E051"),
    ],
)
def test_the_form_is_told_by_name_or_by_look(path, text, code):
    file, bag = read_either(Source(path, text))
    assert [d.code for d in bag.items] == ([code] if code else [])
    assert code or file.statements == read("object b: 2").statements


def test_compose_keeps_what_is_written():
    from logidsl.diagnostics import Bag

    tree = compose(Source("a", "a: [b, 'c', \"d\"]"), Bag())
    assert tree is not None
    assert [(s.value, s.content.text) for s in scalars(tree)] == [(c, c) for c in "abcd"]


def test_both_forms_make_one_program():
    """The checker gives the same program, but for the places of its words."""
    from logidsl.pipeline import compile_spec

    compared = 0
    for path in sorted((CHECKOUT / "specs").glob("*.logic")):
        text = path.read_text("utf-8")
        if "import " in text:
            continue
        program = compile_spec(Source(str(path), text))
        other = compile_spec(Source(str(path.with_suffix(".yaml")), to_yaml(parse(Source("a", text))[0])))
        assert program.hash == other.hash, path
        compared += 1
    assert compared >= 5


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), "utf-8")
