"""Rules inferred from good parts: what is found, what is asked, what is refused."""

import random
from dataclasses import replace

import numpy as np
import pytest

from logidsl.check import check
from logidsl.diagnostics import InputError
from logidsl.eval import judge
from logidsl.infer import infer
from logidsl.infer.answers import Answers, questions, read_answers
from logidsl.infer.candidates import Rule, proposals, topic_of
from logidsl.infer.evidence import Evidence
from logidsl.infer.limits import LEAST_PARTS
from logidsl.infer.vocabulary import Vocabulary
from logidsl.infer.writing import drafted
from logidsl.library import REGISTRY
from logidsl.library.declare import declare
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.table import BOX, ObjectTable, TextColumn
from logidsl.verdicts import State

Row = tuple[str, float, float, float, float, str | None]


def part(dice: random.Random) -> list[Row]:
    """A tray that holds six bolts if its label says M, else four."""
    left, top, size = dice.uniform(20, 60), dice.uniform(20, 40), dice.choice("SM")
    rows: list[Row] = [("tray", left, top, left + 540, top + 400, None)]
    x, y = left + dice.uniform(10, 40), top + dice.uniform(10, 30)
    rows.append(("label", x, y, x + 100, y + 40, size))
    for place in range(4 if size == "S" else 6):
        x, y = left + 70 + 70 * place + dice.uniform(-9, 9), top + dice.uniform(200, 220)
        rows.append(("bolt", x, y, x + dice.uniform(18, 22), y + dice.uniform(58, 62), None))
    return rows


def table(parts: list[list[Row]]) -> ObjectTable:
    rows = [r for p in parts for r in p]
    return ObjectTable(
        images=tuple(f"part {i}" for i in range(len(parts))),
        sizes=np.full((len(parts), 2), (640.0, 480.0)),
        offsets=np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64),
        classes=TextColumn.of([r[0] for r in rows]),
        ids=tuple(str(i) for p in parts for i in range(len(p))),
        columns={
            **{name: np.array([r[1 + k] for r in rows], np.float64) for k, name in enumerate(BOX)},
            "size": TextColumn.of([r[5] for r in rows]),
        },
    )


def parts(count: int, seed: int = 0) -> list[list[Row]]:
    dice = random.Random(seed)
    return [part(dice) for _ in range(count)]


def verdicts(text: str, made: ObjectTable) -> list[int]:
    file, bag = parse(Source("draft.logic", text))
    program = check(file, bag)
    assert program is not None, f"{bag}\n{text}"
    return [int(v) for v in judge(program, made, explain=False).verdicts]


GOOD = parts(40)
DRAFT = infer(table(GOOD))


def test_a_draft_passes_what_it_comes_from_and_most_of_what_is_like_it():
    assert verdicts(DRAFT.text, table(GOOD)) == [State.PASS] * 40
    assert verdicts(DRAFT.text, table(parts(50, 1))).count(State.PASS) >= 45
    assert DRAFT.rejected <= 3 and DRAFT.bound > DRAFT.rejected / 40


def test_a_text_that_determines_a_count_is_found():
    assert 'count(bolt) = match label.size { "M" -> 6, "S" -> 4, else -> none }' in DRAFT.text


def bad(change):
    """The verdicts of twenty new parts, each changed."""
    return verdicts(DRAFT.text, table([change(p) for p in parts(20, 2)]))


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p[:-1],
        lambda p: [*p, p[-1]],
        lambda p: [r for r in p if r[0] != "label"],
        lambda p: [(r[0], *r[1:5], "L" if r[5] else None) for r in p],
        lambda p: [*p, ("spanner", 300, 60, 340, 90, None)],
        lambda p: [*p[:-1], (p[-1][0], p[-1][1], p[-1][2], p[-1][1] + 60, p[-1][4], None)],
        lambda p: [*p[:-1], ("bolt", 2, 2, 22, 62, None)],
    ],
    ids=["missing", "doubled", "no label", "unknown size", "stranger", "too wide", "beside the tray"],
)
def test_bad_parts_are_rejected(change):
    assert bad(change) == [State.FAIL] * 20


def test_the_same_seed_gives_the_same_draft():
    assert infer(table(GOOD)).text == DRAFT.text


def test_an_operation_takes_part_once_it_says_how():
    template = "{each}gap({a}, image) {?}"
    entry = REGISTRY["function", "gap"]
    v = Vocabulary(table(GOOD))
    assert "every bolt a: gap(a, image) {?}" not in {m.clause for m in proposals(v)[0]}
    REGISTRY["function", "gap"] = replace(entry, proposed=(*entry.proposed, template))
    try:
        assert "every bolt a: gap(a, image) {?}" in {m.clause for m in proposals(v)[0]}
    finally:
        REGISTRY["function", "gap"] = entry


def test_of_more_candidates_than_a_spec_may_hold_the_plainest_are_tried(monkeypatch):
    every = proposals(Vocabulary(table(GOOD)))[0]
    monkeypatch.setattr("logidsl.infer.candidates._SPACE", 20_000)
    some = proposals(Vocabulary(table(GOOD)))[0]
    assert 50 < len(some) < len(every) / 3
    assert max(m.cost for m in some) <= min(m.cost for m in every if m not in some)


def test_a_new_relation_takes_part():
    declare("relation", "beside(P, P) -> truth", "Whether it lies beside.", "every bolt: beside left_end")
    try:
        assert "label beside tray" in {c.clause for c in proposals(Vocabulary(table(GOOD)))[1]}
    finally:
        del REGISTRY["relation", "beside"]


# ---- a person in the loop -----------------------------------------------------------------------------


def test_questions_and_answers_meet():
    text = questions(DRAFT.questions)
    assert read_answers(text, "q") == Answers()
    answered = text.replace("\n? ", "\ndrop ", 1)
    assert read_answers(answered, "q").drop == (DRAFT.questions[0].clause,)


def test_what_is_kept_is_written_what_is_dropped_is_not_what_is_loosened_gets_room():
    wide = next(r.clause for r in DRAFT.rules if "bolt" in r.clause and " .. " in r.clause)
    said = Answers(
        keep=("every bolt: wholly inside tray",),
        drop=('count(bolt) = match label.size { "M" -> 6, "S" -> 4, else -> none }',),
        loosen=(wide,),
    )
    made = infer(table(GOOD), answers=said)
    assert "rule bolt_wholly_inside_tray: every bolt: wholly inside tray" in made.text
    assert "match label.size" not in made.text
    assert wide not in made.text
    assert [r.clause for r in made.rules if r.kept][1].split(" in ")[0] == wide.split(" in ")[0]
    assert verdicts(made.text, table(GOOD)) == [State.PASS] * 40


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Answers(keep=("every bolt: width <= 19 px",)), "does not hold on part"),
        (Answers(keep=("every bolt: colour = 3",)), "does not compile"),
        (Answers(loosen=("no bolt above tray",)), "has no limits to loosen"),
    ],
)
def test_answers_that_cannot_be_followed(said, words):
    with pytest.raises(InputError, match=words):
        infer(table(GOOD), answers=said)


def test_an_answer_that_cannot_be_read():
    with pytest.raises(InputError, match="q:2: expected `keep`, `drop`, `loosen` or `\\?` and a clause"):
        read_answers("? count(bolt) = 4\nmaybe count(bolt) = 4\n", "q")


def test_a_spec_is_completed_and_not_repeated():
    text = (
        "object bolt, tray\nobject label: 1\nattribute size of label: text\n# mine\n"
        'rule as_labelled: count(bolt) = match label.size { "M" -> 6, "S" -> 4, else -> none }\n'
    )
    source = Source("own.logic", text)
    program = check(*parse(source))
    assert program is not None
    made = infer(table(GOOD), (source, program))
    assert made.text.startswith(text)
    assert not any("match label.size" in r.clause for r in made.rules)
    assert verdicts(made.text, table(GOOD)) == [State.PASS] * 40


def test_a_spec_that_finds_objects_by_named_colours_gets_no_further_ones():
    """A new named colour takes pixels from its neighbours, so that the rules of a draft failed on the good parts."""
    made = table(GOOD)
    made = replace(made, columns={**made.columns, "color": np.tile([70.0, 10.0, 68.0], (len(made), 1))})
    plain = "object bolt, tray, label\n"
    seen = 'color amber = "#f6b01c" within 25\nblobs bolt where color = amber\n'
    for text, named in ((plain, True), (seen, False)):
        source = Source("own.logic", text)
        program = check(*parse(source))
        assert program is not None
        assert bool(Vocabulary(made, source, program).palette) == named


# ---- odd tables ---------------------------------------------------------------------------------------


def test_too_few_parts_are_refused():
    with pytest.raises(InputError, match=f"expected at least {LEAST_PARTS} good parts, found 1"):
        infer(table(GOOD[:1]))


def test_parts_without_boxes_give_rules_too():
    made = table(GOOD[:12])
    bare = replace(made, columns={"size": made.columns["size"]})
    assert "bolt_count: count(bolt) = match label.size" in infer(bare).text


def test_parts_without_objects_are_refused():
    with pytest.raises(InputError, match="have no objects"):
        infer(table([[] for _ in range(8)]))


def test_a_bad_part_among_the_good_is_named():
    mixed = [*GOOD[:10], [*GOOD[10], ("tray", 0, 0, 90, 90, None)], *GOOD[11:]]
    notes = infer(table(mixed)).notes
    assert any(n.startswith("part 10 disagrees with all others: count(tray) = 2, elsewhere 1") for n in notes)


def test_parts_of_several_products_and_gaps_are_noted():
    mixed = [p if i % 3 else [(("cap" if r[0] == "label" else r[0]), *r[1:]) for r in p] for i, p in enumerate(GOOD)]
    notes = infer(table(mixed)).notes
    assert "`cap` is on 14 of 40 parts: are all of one product?" in notes
    gappy = [[(*r[:5], None) if i == 3 else r for r in p] for i, p in enumerate(GOOD)]
    assert "`size` of `label` lacks 1 of 40 values, so no rule uses it" in infer(table(gappy)).notes


# ---- the draft ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clause", "seen", "said"),
    [
        ("count(bolt) = 4", "", "object bolt: 4 low missing_bolt high additional_bolt"),
        (
            "every cells_1x2 g where col = 1: count(bolt inside g) <= 2",
            "1 to 2",
            "rule bolt_in_column_1: every cells_1x2 g where col = 1: count(bolt inside g) <= 2 high additional_bolt",
        ),
        ("count(bolt) - 2 * count(label) = 0", "0", "count(bolt) = 2 * count(label) defect wrong_bolt_count"),
        ("every bolt: width >= 9 px", "10 to 11 px", "every bolt: width >= 9 px defect misshapen_bolt"),
        ('label.size = "M"', "", 'label.size = "M" defect wrong_label'),
        ("every bolt: inside tray", "", "rule bolt_inside_tray: every bolt: inside tray defect misplaced_bolt"),
    ],
)  # fmt: skip
def test_rules_have_names_and_defect_labels(clause, seen, said):
    mixed = Vocabulary(table([p if i % 2 else p[:-1] for i, p in enumerate(GOOD)]))
    rule = Rule(clause, topic_of(clause), seen, 0.1, 0.1)
    assert said in " ".join(drafted(mixed, [rule], 40).split())


def test_texts_seen_once_make_no_list_and_equal_sequences_are_tried():
    pairs = [[*p, *(("nut", *r[1:]) for r in p if r[0] == "bolt")] for p in GOOD]
    named = [[(*r[:5], f"K{i % 3}" if r[0] in ("bolt", "nut") else r[5]) for i, r in enumerate(p)] for p in pairs]
    clauses = {c.clause for c in proposals(Vocabulary(table(named)))[1]}
    assert "[size of bolt by x] = [size of nut by x]" in clauses
    assert 'label.size in ["M", "S"]' in clauses
    odd = [[(*r[:5], "L") if i == 0 and r[0] == "label" else r for r in p] for i, p in enumerate(named)]
    assert not any("label.size in" in c.clause for c in proposals(Vocabulary(table(odd)))[1])


def slots(dice: random.Random) -> tuple[list[Row], tuple[float, float]]:
    """Three slots on each side, one side higher than the other; a cable joins the same ones, at these heights."""
    rows: list[Row] = []
    for side, x in (("left_slot", 10.0), ("right_slot", 370.0)):
        shift = dice.uniform(0, 90)
        for place in range(3):
            y = shift + 60 * place + dice.uniform(0, 6)
            left = x + dice.uniform(-6, 6)
            rows.append((side, left, y, left + dice.uniform(18, 22), y + dice.uniform(18, 22), None))
    place = dice.randrange(3)
    start, end = (rows[place + k][2] + dice.uniform(6, 14) for k in (0, 3))
    left, right = dice.uniform(10, 30), dice.uniform(360, 380)
    rows.append(("cable", left, min(start, end) - 4, right, max(start, end) + 4, None))
    return rows, (start, end)


def wired(made: list[tuple[list[Row], tuple[float, float]]]) -> ObjectTable:
    """Their table, with the ends of the cables."""
    found = table([rows for rows, _ in made])
    ends = {name: np.full((len(found.image_index), 2), np.nan) for name in ("start", "end")}
    for image, (rows, heights) in enumerate(made):
        for name, x, y in zip(ends, (rows[-1][1], rows[-1][3]), heights, strict=True):
            ends[name][found.offsets[image + 1] - 1] = (x, y)
    return replace(found, columns={**found.columns, **ends})


def test_the_same_rank_at_both_ends_is_a_candidate_that_tells_a_crossed_cable():
    dice = random.Random(3)
    good = [slots(dice) for _ in range(8)]
    rows, (start, end) = next(g for g in good if abs(g[1][1] - g[0][4][2]) < 20)
    v = Vocabulary(wired([*good, (rows, (start, end + 60)), (rows, (start, end - 60))]))
    same = "rank(cable.start, left_slot by y) = rank(cable.end, right_slot by y)"
    assert same in {c.clause for c in proposals(v)[1]}
    assert Evidence(v.statements(), v.table, {}).truths([same])[same].tolist() == [1] * 8 + [-1, -1]


def test_members_between_the_first_and_the_last_are_looked_at_where_their_number_is_fixed():
    found = {m.clause for m in proposals(Vocabulary(table([p for p in GOOD if len(p) == 6])))[0]}
    assert {"nth(bolt by x, 2).height {?}", "nth(bolt by x, 3).height {?}"} <= found
    assert "nth(bolt by x, 4).height {?}" not in found
    assert not any(m.clause.startswith("nth(") for m in proposals(Vocabulary(table(GOOD)))[0])
