"""One aggregate, relation, attribute and function, declared as anybody can: every part of the project knows them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator

import numpy as np
import pytest

import logidsl
from examples import doc_reference
from logidsl import ir
from logidsl.describe import describe
from logidsl.diagnostics import SpecError
from logidsl.eval import judge
from logidsl.library import REGISTRY, Group, builtin, declare, intervals
from logidsl.library.comparisons import AtMost, Not
from logidsl.library.intervals import POSITIVE, Interval
from logidsl.lint.reason import Reasoner
from logidsl.pipeline import compile_spec, lint_spec
from logidsl.source import Source
from logidsl.syntax import tables
from logidsl.translate.prompt import builtin_words

HEAD = "logic 1\nspec parts\nobject bolt\nobject nut: 1\n"
ADDED: tuple[tuple[Group, str], ...] = (
    ("aggregate", "halfway"),
    ("relation", "level_with"),
    ("attribute", "half_width"),
    ("function", "twice"),
)
RULES = {
    "aggregate": "halfway(half_width of bolt) <= 8 px",
    "relation": "every bolt b: b level_with nut",
    "attribute": "nut.half_width <= 8 px",
    "function": "twice(nut.width) <= 30 px",
}
#: Boxes as (class, x0, y0, x1, y1): bolts of half widths 10 and 20, the second too low; a nut of half width 20.
BOXES = [("bolt", 10, 10, 30, 30), ("bolt", 60, 90, 100, 130), ("nut", 200, 5, 240, 35)]


def _forget() -> None:
    """Give up what was made from another grammar."""
    modules = [m for name, m in sys.modules.items() if name.startswith("logidsl.")]
    for cached in {v for m in modules for v in vars(m).values() if isinstance(v, functools._lru_cache_wrapper)}:
        cached.cache_clear()


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    grammar = tables.grammar_text
    for group, name in ADDED:
        monkeypatch.setitem(REGISTRY, (group, name), REGISTRY["function", "dx"])
        del REGISTRY[group, name]  # undone with the rest

    @builtin(
        "aggregate",
        "halfway(C) -> same",
        "halfway(width of bolt) <= 50 px",
        bounds=lambda low, high, sure, maybe: (
            (np.where(maybe, low, np.inf).min(axis=0) + np.where(sure, low, -np.inf).max(axis=0)) / 2,
            (np.where(sure, high, np.inf).min(axis=0) + np.where(maybe, high, -np.inf).max(axis=0)) / 2,
        ),
        values=lambda column: column,
        witness=lambda m: (m.value.lo == np.where(m.maybe, m.value.lo, -np.inf).max(axis=0),),
        english="the middle between the least and the greatest {column}",
    )
    def halfway(values, mask):
        """Half way between the least and the greatest value."""
        return (np.where(mask, values, np.inf).min(axis=0) + np.where(mask, values, -np.inf).max(axis=0)) / 2

    @builtin(
        "relation",
        "level_with(P, P) -> truth",
        "left_end level_with right_end",
        margin=lambda a, b: (10.0 - np.abs(a.place[1] - b.place[1])) / 100.0,
        converse="level_with",
        english="{0} [is|be|] level with {1}",
    )
    def level_with(a, b):
        """The centres are at most 10 px apart in y."""
        return np.abs(a[1] - b[1]) <= 10.0

    declare(
        "attribute",
        "half_width -> length x",
        "Half the width of the box.",
        "half_width",
        kernel=lambda g: (g.x1 - g.x0) / 2,
        takes="box",
        of=("objects", "places"),
        values=POSITIVE,
        english="half width",
    )

    @builtin(
        "function",
        "twice(number) -> same",
        "twice(left_end.width) <= 50 px",
        bounds=lambda a: intervals.plus(a, a),
        invert=lambda goal, ends: [(Interval(goal.low / 2, goal.high / 2),)],
        english="twice {0}",
    )
    def twice(a):
        """Two times the number."""
        return 2 * a

    monkeypatch.setattr(tables, "grammar_text", lambda: doc_reference.with_relation_words(grammar()))
    _forget()
    yield
    monkeypatch.undo()
    _forget()


def table() -> list[dict[str, object]]:
    """The picture as rows."""
    keys = ("class", "x0", "y0", "x1", "y1")
    return [
        {"image": "a.png", "image_width": 300, "image_height": 200, **dict(zip(keys, b, strict=True))} for b in BOXES
    ]


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("group", "score"), [("aggregate", 7 / 8), ("relation", 0.8), ("attribute", 12 / 8), ("function", 50 / 30)]
)
def test_it_is_checked_judged_explained_repaired_and_scored(group: str, score: float) -> None:
    spec = logidsl.loads(f"{HEAD}rule told: {RULES[group]}\n")
    (report,) = spec.check(table(), repairs=True, scores=True).images
    (finding,) = report.findings
    assert report.verdict == "fail"
    assert report.score == pytest.approx(score)
    assert finding.repairs, "a repair is offered"
    blamed = {o.class_ for o in finding.objects}
    assert blamed == {"aggregate": {"bolt"}, "relation": {"bolt", "nut"}}.get(group, {"nut"})
    if group == "aggregate":
        assert len(finding.objects) == 1, "the greatest one fixes it"


@pytest.mark.usefixtures("registered")
def test_it_is_judged_under_doubt() -> None:
    spec = logidsl.loads(f"{HEAD}doubtful 0.3 .. 0.6\nrule told: halfway(half_width of bolt) <= 12 px\n")
    rows = [{**row, "confidence": 0.5 if row["x0"] == 60 else 0.9} for row in table()]
    (report,) = spec.check(rows).images
    assert report.verdict == "review"


@pytest.mark.usefixtures("registered")
def test_a_mistake_in_it_is_a_diagnostic() -> None:
    for text, code in (
        ("halfway(class of bolt) <= 8 px", "E114"),
        ("every bolt b: nut level_with bolt", "E110"),
        ("every bolt b: b level_with nut within 3 px", "E118"),
        ("twice(nut) <= 3 px", "E114"),
    ):
        with pytest.raises(SpecError) as found:
            logidsl.loads(f"{HEAD}rule told: {text}\n")
        assert code in str(found.value), text


@pytest.mark.usefixtures("registered")
def test_warnings_know_what_it_can_be() -> None:
    for rule in (
        "halfway(half_width of bolt) >= 0 px",
        "nut.half_width >= 0 px",
        "twice(nut.half_width) >= 0 px",
    ):
        said = lint_spec(Source("t.logic", f"{HEAD}rule told: {rule}\n"), None)
        assert "W010" in [d.code for d in said], rule
    program = compile_spec(Source("t.logic", f"{HEAD}rule told: twice(nut.half_width) <= 3 px\n"))
    reason = Reasoner(program)
    calls = [n for n, node in enumerate(program.nodes) if getattr(node, "fn", "") == "twice"]
    assert [reason.range(n, reason.base) for n in calls] == [Interval(0.0)]


@pytest.mark.usefixtures("registered")
def test_it_is_described_documented_and_prompted() -> None:
    rules = "".join(f"rule a_{group}: {rule}\n" for group, rule in RULES.items())
    said = " ".join(s.sentence for s in logidsl.loads(HEAD + rules).describe())
    for words in (
        "middle between the least and the greatest half width of all bolts",
        "must be level with the nut",
        "half width of the nut",
        "wice the width of the nut",
    ):
        assert words in said, words
    for part, name in (
        (doc_reference.aggregates, "halfway(C)"),
        (doc_reference.relations, "P level_with P"),
        (doc_reference.attributes, "half_width"),
        (doc_reference.functions, "twice(number)"),
    ):
        assert f"`{name}`" in part()
        assert name.split("(")[0].removeprefix("P ").removesuffix(" P") in builtin_words()
    assert '"level_with"' in tables.grammar_text()
    assert "level_with" in tables.reserved_words()


def test_an_operator_is_known_by_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTRY, ("operator", "beyond"), REGISTRY["operator", ">"])
    del REGISTRY["operator", "beyond"]  # undone with the rest
    meaning = lambda a, b: Not(AtMost(a, b))  # noqa: E731
    words = "{0} [lies|lie] beyond {1}"
    declare("operator", "beyond(number, number) -> truth", "More.", "1 > 0", meaning=meaning, english=words)
    text = f"{HEAD}doubtful 0.3 .. 0.6\nrule told: every bolt: width > 30 px low too_narrow high too_wide\n"
    known = compile_spec(Source("t.logic", text))
    nodes = [n.replaced(fn="beyond") if isinstance(n, ir.Call) and n.fn == ">" else n for n in known.nodes]
    told = known.replaced(nodes=tuple(nodes))
    rows = logidsl.loads(HEAD).see([{**row, "confidence": 0.5 + 0.3 * (row["x0"] != 60)} for row in table()])
    one, other = (judge(p, rows, scores=True) for p in (known, told))
    assert one.truths.tolist() == other.truths.tolist() == [[1], [-1]]  # one nut, and this
    assert one.scores is not None and other.scores is not None
    assert one.scores.tolist() == other.scores.tolist()
    assert [c.direction.tolist() for c in one.clauses] == [c.direction.tolist() for c in other.clauses] == [[-1]]
    first, second = Reasoner(known), Reasoner(told)
    body = next(n for n, node in enumerate(nodes) if getattr(node, "fn", "") == "beyond")
    assert {*first.facts(body).values()} == {*second.facts(body).values()}
    assert first.truth(body, first.base) == second.truth(body, second.base) == (True, True)
    assert "The width of every bolt must lie beyond 30 px" in " ".join(s.sentence for s in describe(told))


def test_afterwards_nothing_knows_them() -> None:
    assert ("function", "twice") not in REGISTRY
    assert "level_with" not in tables.reserved_words()
