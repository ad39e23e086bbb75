"""Everything sayable is read, in one way, and each node knows its words."""

from __future__ import annotations

import pytest

from logidsl.diagnostics import Bag
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.lexer import lex
from logidsl.syntax.parse import parse, reserved_words
from tests.syntax.trees import CORPUS, SENTENCES, codes, read, shape, value, walk


def test_the_corpus_is_not_empty():
    assert len(CORPUS) == 10
    assert len(SENTENCES) > 200


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_files_are_read(path):
    file = read(path.read_text("utf-8"))
    assert len(file.statements) >= 3
    assert not file.broken


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_sentence_is_read_by_itself(sentence):
    file = read(sentence)
    assert len(file.statements) + bool(file.version) + bool(file.spec) >= 1


@pytest.mark.parametrize("sentence", SENTENCES)
def test_line_ends_and_comments_change_nothing(sentence):
    words, _ = lex(Source("test", sentence), Bag())
    spread = " # a comment\r\n\t".join(word.text for word in words)
    assert read(f"\ufeff{spread}# done").statements == read(sentence).statements


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("count(bolt | nut inside left)", "CallExpr(count [Relation(Union([bolt nut]) inside left _)])"),
        (
            "count(bolt where a = 1 and b = 2)",
            "CallExpr(count [Phrase(bolt [] And([Compare([a 1] [=] _) Compare([b 2] [=] _)]) [])])",
        ),
        ("every a | b: inside c", "Every(Union([a b]) Relation(_ inside c _))"),
        ("every cell c inside d: x = 1", "Every(Relation(Named(cell c) inside d _) Compare([x 1] [=] _))"),
        ("every a p next q by x: p", "Every(Phrase(Neighbours(a p q) [] _ [x]) p)"),
        ("if a then if b then c else d", "If(a If(b c d) _)"),
        ("not a = 1 and b", "And([Not(Compare([a 1] [=] _)) b])"),
        ("a or b and c", "Or([a And([b c])])"),
        ("(a or b) and c", "And([Or([a b]) c])"),
        ("a and (b and c) and d", "And([a b c d])"),
        ("a | (b | c)", "Union([a b c])"),
        ("a - b - c", "Binary(- Binary(- a b) c)"),
        ("a - (b - c)", "Binary(- a Binary(- b c))"),
        ("-a.x * b", "Binary(* Negate(Attr(a x)) b)"),
        ("a.b.color", "Attr(Attr(a b) color)"),
        ("[class of a | b by y]", "ListExpr([ColumnOf(class Phrase(Union([a b]) [] _ [y]))])"),
        ("no a inside b and c", "And([Exists(no Relation(a inside b _)) c])"),
        ("no a where b and c", "Exists(no Phrase(a [] And([b c]) []))"),
        ("some other d where x = 1", "Exists(some Phrase(Other(d) [] Compare([x 1] [=] _) []))"),
        ("a in 1 .. 2 px", "Among(a RangeExpr(1 2px))"),
        ("a in [b, c]", "Among(a ListExpr([b c]))"),
        ("a.center = b within 3 px", "Compare([Attr(a center) b] [=] 3px)"),
        ("1 <= a < 2", "Compare([1 a 2] [<= <] _)"),
        ("a = b = c", "Compare([a b c] [= =] _)"),
        ("a != b", "Compare([a b] [!=] _)"),
        ("a wholly inside b", "Relation(a wholly inside b _)"),
        ("near b within 3 px", "Relation(_ near b 3px)"),
        (
            "every a p with n = p.x, m = n where n by m, x: m",
            "Every(Phrase(Named(a p) [Setting(n Attr(p x)) Setting(m n)] n [m x]) m)",
        ),
        ("[class of (a by x, y), b]", "ListExpr([ColumnOf(class Phrase(a [] _ [x y])) b])"),
        ("first(a by x, y)", "CallExpr(first [Phrase(a [] _ [x]) y])"),
        ("first(a by -x).y", "Attr(CallExpr(first [Phrase(a [] _ [Negate(x)])]) y)"),
        ("sum(x + 1 of a where b)", "CallExpr(sum [ColumnOf(Binary(+ x 1) Phrase(a [] b []))])"),
        ("now()", "CallExpr(now [])"),
        ("[]", "ListExpr([])"),
        (
            'match a { 1 | 2 .. 3 -> b, "x" | [d] -> 2 mm, else -> c }',
            'MatchExpr(a [MatchArm([1 RangeExpr(2 3)] b) MatchArm(["x" ListExpr([d])] 2mm) MatchArm([] c)])',
        ),
        ("color", "color"),
        ("0.5 * tray.width + 3 %", "Binary(+ Binary(* 0.5 Attr(tray width)) 3%)"),
    ],
)
def test_one_reading_of_an_expression(text, want):
    assert shape(value(text)) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ('import "a.logic" with n = 2, color = red', 'Import("a.logic" [Setting(n 2) Setting(color red)])'),
        ("param gap = 20 px in 5 .. 80 px", "Param(gap 20px RangeExpr(5 80px))"),
        ("scale 250 px = 20 mm by 21 mm", "Scale(250px 20mm 21mm)"),
        ("doubtful 0.3 .. 0.6 of nut | bolt", "Doubtful(RangeExpr(0.3 0.6) Union([nut bolt]))"),
        ("frame turned(plate, notch)", "FrameDecl(CallExpr(turned [plate notch]))"),
        ('color red = "#8c2a1e" within 18', 'Color(red "#8c2a1e" 18)'),
        ("region r = box(1 px) of pack", "Region(r CallExpr(box [1px]) pack)"),
        ("grid c = 3 rows, 5 columns of p", "Grid(c [Split(rows 3 _) Split(columns 5 _)] p)"),
        ("grid b = columns at [1 px, 2 px]", "Grid(b [Split(columns _ ListExpr([1px 2px]))] _)"),
        ("grid b = 1 row", "Grid(b [Split(rows 1 _)] _)"),
        ('attribute kind "k" | "l" of a: b | c', 'Attribute(kind ["k" "l"] a [b c])'),
        (
            "blobs p where x = 1 then open(2 px) then fill()",
            "Blobs(p Compare([x 1] [=] _) [CallExpr(open [2px]) CallExpr(fill [])])",
        ),
        ("keep best of a | b where c", "Keep(Phrase(Union([a b]) [] c []))"),
        ("object a, b", "[Object(a [] _ _ []) Object(b [] _ _ [])]"),
        (
            'object a "x" | "y" where b: at least 2 low l high "h"',
            'Object(a ["x" "y"] b Cardinality(at least 2) [Outcome(low l) Outcome(high "h")])',
        ),
        ("object a: 1 .. 3", "Object(a [] _ Cardinality(between RangeExpr(1 3)) [])"),
        ("object a: at most n", "Object(a [] _ Cardinality(at most n) [])"),
        ("object a: 2", "Object(a [] _ Cardinality(exactly 2) [])"),
        ("object a = b where c: 1", "Derived(a Phrase(b [] c []) Cardinality(exactly 1) [])"),
        ("object a = b inside c", "Derived(a Relation(b inside c _) _ [])"),
        (
            'rule r "about" as size: a severity high_one verdict review message "{x}" defect match b { 1 -> c }',
            'Rule(r about _ size a [Outcome(severity high_one) Outcome(verdict review) Outcome(message "{x}")'
            " Outcome(defect MatchExpr(b [MatchArm([1] c)]))])",
        ),
        ("rule r: a severity high low b", "Rule(r _ _ _ a [Outcome(severity high) Outcome(low b)])"),
        ("variant v when a { rule r: b object c }", "Variant(v a [Rule(r _ _ _ b []) Object(c [] _ _ [])])"),
        ("variant v otherwise { }", "Variant(v _ [])"),
        ('test "t" on "f.json" expect pass', 'Test("t" "f.json" _ [] [Expect(pass [] _)])'),
        (
            'test "t" on 9 px by 8 px put a box(1 px) with x = 2 expect fail r, s expect defect d',
            'Test("t" _ [9px 8px] [Put(a CallExpr(box [1px]) [Setting(x 2)])] [Expect(fail [r s] _) Expect(_ [] d)])',
        ),
    ],
)
def test_one_reading_of_a_statement(text, want):
    made = read(text).statements
    assert (shape(made) if len(made) > 1 else shape(made[0])) == want


def test_the_head_of_a_file():
    file = read('logic 1\nspec a "b"\nobject c')
    assert (shape(file.version), shape(file.spec)) == ("Version(1)", "SpecName(a b)")
    assert read("").statements == ()
    assert read("# only words\n").comments[0].text == "only words"


def test_comments_are_kept_in_order():
    file = read("# one\nobject a # two\n#three\n")
    assert [(c.text, c.span.line) for c in file.comments] == [("one", 1), ("two", 2), ("three", 3)]


def test_variants_lie_inside_variants():
    made = read("variant a when x { variant b otherwise { object c } object d } object e").statements
    assert shape(made[0]) == "Variant(a x [Variant(b _ [Object(c [] _ _ [])]) Object(d [] _ _ [])])"
    assert made[0].span.text.endswith("object d }")
    assert shape(made[1]) == "Object(e [] _ _ [])"


# ---- spans and heights ----

FRAMES = ("let v = {}", "let v = count({})", "let v = x in {}", "rule r: every {}: x", "let v = match a {{ {} }}")


def again(text: str, node: ast.Node) -> bool:
    """Whether the words of a node, put where such a node may stand, give the node."""
    for frame in FRAMES:
        file, bag = parse(Source("again", frame.format(text)))
        if not bag.items and any(found == node for found in walk(file)):
            return True
    return False


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_the_words_of_a_node_give_the_node(path):
    checked = 0
    for statement in read(path.read_text("utf-8")).statements:
        for node in walk(statement):
            words = node.span.text
            if isinstance(node, ast.Ident):
                assert words == node.name
            elif isinstance(node, ast.Outcome | ast.Cardinality | ast.Setting | ast.Split | ast.Put | ast.Expect):
                first = {ast.Outcome: "", ast.Cardinality: ":", ast.Put: "put ", ast.Expect: "expect "}.get(
                    type(node), ""
                )
                assert words.startswith(getattr(node, "word", first) if isinstance(node, ast.Outcome) else first)
            elif isinstance(node, ast.Object) and words == node.name.name:
                continue  # one of a list
            elif words.split()[0] in reserved_words() and not again(words, node):
                assert read(words).statements == (node,), words
            else:
                assert again(words, node) or read(words).statements == (node,), (words, shape(node))
            checked += 1
    assert checked > 20


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_parts_lie_inside_and_heights_add_up(path):
    for node in walk(read(path.read_text("utf-8"))):
        below = list(node.children())
        for child in below:
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end
        if not isinstance(node, ast.File):
            assert node.height == 1 + max((c.height for c in below), default=0), shape(node)


# ---- words of some statements ----


def test_batch_view_and_over_are_names_where_no_such_statement_can_stand():
    text = """object batch, view, over
rule view: every batch b: b.width > 3 px    low under  high over
rule batch: count(view) = count(over)    low batch
batch lot by path "{}_*.png" ordered by over
view front of lot by path "*_f.png"
rule over over lot: count(batch on front) = 2    high batch
batch batch_run
rule several "in all" over last(lot, 3): count(batch) = 2    low few
"""
    file, bag = parse(Source("a.logic", text))
    assert not bag.errors, str(bag)
    kinds = [type(s).__name__ for s in file.statements]
    assert kinds.count("Batch") == 2 and kinds.count("View") == 1
    rules = {s.name.name: s for s in file.statements if isinstance(s, ast.Rule)}
    assert [name for name, r in rules.items() if r.over is not None] == ["over", "several"]


# ---- reserved words ----


def test_reserved_words_are_never_names():
    words = reserved_words()
    assert 50 < len(words) < 70
    assert {"every", "left_of", "rows", "color"} <= words
    frames = [
        *("rule {}: x = 1", "object {} : 1", "let {} = 1", "rule a: x = {}", "rule a: b.{} = 1"),
        *("rule a: every bolt {}: x = 1", "rule a: count({}) = 1", "rule a: x = 1 defect {}"),
    ]
    for word in words - {"color"}:
        for frame in frames:
            assert codes(frame.format(word)), frame.format(word)
    for frame in ("rule color: x = 1", "object color: 1", "let color = 1", "rule a: every bolt color: x = 1"):
        assert codes(frame) == ["E033"]


def test_color_as_a_name_at_the_start_of_a_line_in_brackets_begins_no_statement():
    text = "rule r: some other (\n    color x by y\n)"
    file, bag = parse(Source("test", text))
    assert bag.ok and len(file.statements) == 1
    file, bag = parse(Source("test", 'rule r: x > (3 + 2\ncolor red = "#a82a24"'))
    assert [d.code for d in bag.items] == ["E038"] and len(file.statements) == 2
