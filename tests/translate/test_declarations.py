"""What a table holds is declared for the model: columns and classes, under names that compile."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from logidsl.extract import read_table
from logidsl.library import Group, builtins
from logidsl.llm import Answer
from logidsl.pipeline import report
from logidsl.source import Source
from logidsl.syntax.identifiers import identifiers
from logidsl.syntax.tables import reserved_words
from logidsl.table import ObjectTable, TextColumn
from logidsl.translate import Session
from logidsl.translate.answer import compiled
from logidsl.translate.declarations import declarations_of
from tests.translate.test_session import looking, told

CSV = """image,class,x0,y0,x1,y1,Güte,caliper,width_px,seam_deg,turn_deg,tip_x,tip_y,paint,angle,row
a.png,ボルト,10,10,60,20,A,12.5,48,30,170,12,15,#c02020,3,1
a.png,ring,110,10,160,60,,,,,,,,,,1
a.png,螺栓,210,10,260,60,B+,11,47,-20,20,212,15,#c02020,5,2
"""
LINES = [
    "attribute caliper of boruto | class_1: number",
    "attribute width_px of boruto | class_1: length",
    "attribute seam_deg of boruto | class_1: angle",
    "attribute turn_deg of boruto | class_1: turn",
    "attribute tip of boruto | class_1: point",
    "attribute paint of boruto | class_1: color",
    'attribute gute "Güte" of boruto | class_1: text',
]


@pytest.fixture
def table_file(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text(CSV, "utf-8")
    return path


def session_of(path: Path, rules: str, draft: str | None = None) -> Session:
    """A session whose good pictures are a real table, read as each program says."""
    source = None if draft is None else Source("draft.logic", draft)
    return Session(rules, draft=source, look=lambda program: read_table(path, program))


def test_columns_and_classes_of_a_table_are_told_with_their_types(table_file: Path):
    said = told(session_of(table_file, "1. x"))
    assert "no others: o_ring, boruto, class_1." in said
    assert '- boruto (declared as `object boruto "ボルト"`): 1 each' in said
    assert '- o_ring (declared as `object o_ring "ring"`): 1 each' in said
    assert "\n".join(LINES) in said
    assert 'gute: "A"; caliper 12.5; width_px 48 px; seam_deg 30 deg;' in said
    assert "attribute angle" not in said, "a builtin needs no declaration"


def test_what_an_answer_uses_is_declared_for_it(table_file: Path):
    rules = "1. Every bolt has grade A.\n2. The gauge shows at most 13.\n3. One ring.\n4. No other bolt."
    session = session_of(table_file, rules)
    session.take(
        Answer(
            '# 1\nrule grade "grade A" as matching: every boruto: gute = "A"\n'
            '# 2\nrule gauge "at most 13" as size: every boruto b: b.caliper <= 13 message "{b.width_px} wide"\n'
            '# 3\nobject o_ring: 1\n# 4\nrule others "no other" as quantity: count(class_1) <= 1\n'
        )
    )
    made = session.translation
    assert session.request is None, made.problems
    assert made.spec is not None
    assert made.standing == "pass", (made.trial, made.problems)
    # the attributes that are used, of the classes that are declared, and no others
    assert made.spec.count("attribute") == 3
    for line in (
        'object boruto "ボルト"\n',
        'object class_1 "螺栓"\n',
        'object o_ring "ring": 1\n',
        'attribute gute "Güte" of boruto | class_1: text\n',
        "attribute width_px of boruto | class_1: length\n",
    ):
        assert line in made.spec
    program, _ = compiled(Source("again.logic", made.spec))
    assert program is not None
    assert sorted(set(read_table(table_file, program).classes.values)) == ["boruto", "class_1", "o_ring"]


def test_angles_that_no_axis_has_are_a_direction(tmp_path: Path) -> None:
    path = tmp_path / "knives.csv"
    rows = [f"a,knife,{x},0,{x + 9},99,{angle}" for x, angle in ((0, 268.5), (20, 271.0))]
    path.write_text("\n".join(["image,class,x0,y0,x1,y1,angle", *rows]), "utf-8")
    session = session_of(path, "1. x")
    assert 'attribute heading "angle" of knife: turn' in told(session)
    assert "heading 268.5 .. 271 deg" in told(session)
    session.take(Answer('# 1\nrule up "x" as position: every knife: heading = 270deg within 10deg\n'))
    spec = session.translation.spec
    assert spec is not None
    assert 'attribute heading "angle" of knife: turn' in spec
    program, _ = compiled(Source("knives.logic", spec))
    assert program is not None
    path.write_text(path.read_text("utf-8").replace("271.0", "91.0"), "utf-8")
    assert report(program, read_table(path, program)).images[0].verdict == "fail"


def test_declarations_of_the_model_win_and_get_the_names_of_the_source(table_file: Path):
    session = session_of(table_file, "1. x\n2. y")
    session.take(
        Answer(
            "# 1\nobject boruto, o_ring, class_1\nattribute gute of boruto: A | B\n"
            'rule grade "x" as matching: every boruto: gute = A\n# 2: nothing\n'
        )
    )
    spec = session.translation.spec
    assert spec is not None, session.translation.problems
    assert [line for line in spec.splitlines() if line.startswith(("object", "attribute"))] == [
        'object boruto "ボルト"',
        'object o_ring "ring"',
        'object class_1 "螺栓"',
        'attribute gute "Güte" of boruto: A | B',
    ]


@pytest.mark.parametrize(
    "text",
    [
        "let caliper = 13\nrule r: every boruto: width < caliper * 1px",
        "object boruto: 1\nrule r: every boruto caliper: caliper.width < 90px",
        'color caliper = "#102030"\nrule r: every boruto: color = caliper or gute = "A"',
        "param ring_1 = 3px\nrule caliper: every boruto gute next tip by x: dx(gute, tip) > ring_1",
    ],
)
def test_names_of_the_model_are_no_columns(table_file: Path, text: str):
    session = session_of(table_file, "1. x")
    session.take(Answer(f"# 1\n{text}\n"))
    assert session.translation.problems == ()


def test_a_broken_declaration_is_one_mistake(table_file: Path):
    session = session_of(table_file, "1. x")
    session.take(Answer("# 1\nobject boruto: 2 bolts\nrule r: count(boruto) = 2\n"))
    said = told(session)
    assert said.count("error[") == 1
    assert "answer:2:" in said


def test_a_draft_keeps_what_it_declares(table_file: Path):
    draft = 'spec a\nobject bolt "ボルト"\nattribute grade "Güte" of bolt: A | B\nlet caliper_value = 3\n'
    said = told(session_of(table_file, "1. x", draft))
    assert "grade: A; " in said, "a label is written without quotes"
    assert 'grade: "A"; ' in told(session_of(table_file, "1. x", draft.replace("A | B", "text")))
    assert "attribute caliper of bolt | class_1: number" in said
    assert "boruto" not in said
    assert "Güte" not in said.replace(draft.strip(), "")


@pytest.mark.parametrize("kind", ["class", "attribute"])
def test_every_word_of_the_language_becomes_a_name_that_compiles(kind: str):
    groups: tuple[Group, ...] = ("attribute", "function", "aggregate", "source", "relation", "step")
    words = sorted({*reserved_words(), "image", "logic", *(n for g in groups for n in builtins(g))})
    words += [
        "ボルト",
        "ボ ルト",
        "螺栓",
        "螺母",
        "Болт",
        "너트",
        "5 mm",
        "%",
        "Ring",
        "x" * 60,
        "x" * 61,
        "part",
        "my_object",
    ]
    names = identifiers(words, kind)  # type: ignore[arg-type]
    assert set(names) == set(words)
    assert len(set(names.values())) == len(words)
    told_so = [f'{n} "{w}"' for w, n in names.items()]
    lines = [f"object {t}" for t in told_so]
    if kind == "attribute":
        lines = ["object o", *(f"attribute {t} of o: text" for t in told_so)]
    program, bag = compiled(Source("a.logic", "\n".join(lines)))
    assert program is not None, str(bag)


def test_a_name_that_is_right_stays_and_others_give_way():
    assert identifiers(["Push pin", "push_pin", "PUSH-PIN"]) == {
        "push_pin": "push_pin",
        "Push pin": "push_pin_2",
        "PUSH-PIN": "push_pin_3",
    }
    assert identifiers(["ring"], taken=["o_ring"]) == {"ring": "o_ring_2"}


def test_a_class_that_no_text_can_hold_is_not_offered():
    n = 2
    table = ObjectTable(
        images=("a.png",),
        sizes=np.full((1, 2), 100.0),
        offsets=np.array([0, n], np.int64),
        classes=TextColumn.of(['5" bolt', "nut"]),
        ids=("1", "2"),
        columns={k: np.array([1.0, 2.0]) for k in ("x0", "y0", "x1", "y1")},
    )
    assert declarations_of(table, None).classes == {"nut": "nut"}
    assert '- 5" bolt (no spec can name it: ask the engineer): 1 each' in told(Session("x", look=looking(table)))
