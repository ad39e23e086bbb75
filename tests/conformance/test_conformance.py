"""Every conformance case: the program says what the file says, for each image alone and for all at once."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from logidsl import ir, layouts
from logidsl.check import check
from logidsl.diagnostics import Bag, InputError
from logidsl.eval import judge
from logidsl.eval.locating import locate, pose, wanted
from logidsl.eval.over_batches import BatchJudge
from logidsl.extract.pixels.picture import Picture, picture_of
from logidsl.extract.records import table_of
from logidsl.extract.sources.dispatch import Evaluator
from logidsl.extract.sources.place_values import with_places
from logidsl.report.batches import batch_reports
from logidsl.report.build import build
from logidsl.scenes import run_tests
from logidsl.source import Source
from logidsl.syntax.parse import parse, read_source
from logidsl.syntax.yaml import parse_yaml, to_yaml
from logidsl.table import ObjectTable, Problem, concatenate
from tests.conformance.cases import Case, CaseError, expect, read_scene
from tests.conformance.compare import batch_differences, differences

HERE = Path(__file__).parent
FILES = sorted(p for p in HERE.glob("*/*.logic") if not p.name.startswith("part_"))
TRUTHS = {-1: "false", 0: "undetermined", 1: "true"}


def load(path: Path) -> tuple[Case, ir.Program | None, Bag]:
    case = read_scene(path)
    file, bag = parse(case.source)
    expect(case, file)
    program = check(file, bag, case.params, read_source)
    return case, None if program is None else layouts.with_places(program, case.source), bag


def table_of_case(case: Case, program: ir.Program) -> ObjectTable:
    """The objects of a scene, with what is measured of the pixels of its pictures, where it has any."""

    def picture(image: int) -> Picture:
        frame = case.frames[image]
        if image not in case.painted:
            raise InputError("no picture")
        bgr = np.full((int(frame.height), int(frame.width), 3), 128, np.uint8)
        for (x0, y0, x1, y1), colour in case.painted[image]:
            bgr[y0:y1, x0:x1] = [int(colour[i : i + 2], 16) for i in (5, 3, 1)]
        return picture_of(bgr)

    table = table_of(case.frames, program, "scene")
    return replace(with_places(program, table, picture, Evaluator(locate, wanted, pose)), notes=table.notes)


def judged(path: Path) -> list[str]:
    """What the program does not say as the case expects."""
    case, program, _ = load(path)
    assert program is not None
    table = table_of_case(case, program)
    judgement = judge(program, table, scores=True, repairs=case.repairs)
    images = build(program, table, judgement).images
    truths = {r.name: [TRUTHS[int(t)] for t in judgement.truths[i]] for i, r in enumerate(program.rules)}
    return differences(case, images, truths)


def batches_judged(case: Case, program: ir.Program, blocks: list[ObjectTable]) -> list[str]:
    """What rules over several pictures do not say as the case expects, whose pictures come in blocks."""
    judge, codes = BatchJudge(program), dict[str, dict[str, int]]()
    for block in blocks:
        judge.add(block)
    finished = list(judge.finish())
    for some in finished:
        for rule, row in zip(program.batch_rules, some.judgement.truths.tolist(), strict=True):
            by_key = codes.setdefault(rule.name, {})
            if rule.over == some.batch.name:  # rules of other scopes are true here
                by_key.update(
                    {k: min(c, by_key.get(k, 1)) for k, c in zip(some.judgement.table.images, row, strict=True)}
                )
    truths = {rule: {key: TRUTHS[code] for key, code in by_key.items()} for rule, by_key in codes.items()}
    return batch_differences(case, batch_reports(finished), truths)


def marked(path: Path):
    differs = read_scene(path).differs
    marks = [pytest.mark.xfail(reason=differs, strict=True)] if differs else []
    return pytest.param(path, id=f"{path.parent.name}/{path.stem}", marks=marks)


def test_there_are_cases_of_every_topic():
    topics = Counter(p.parent.name for p in FILES)
    assert len(FILES) >= 200
    assert len(topics) >= 20
    assert not {p.name for p in HERE.iterdir() if p.is_dir() and p.name != "__pycache__"} - set(topics)


@pytest.mark.parametrize("path", [marked(p) for p in FILES])
def test_case(path):
    case, program, bag = load(path)
    assert sorted(case.diagnostics) == sorted((d.span.line, d.code) for d in bag.items), str(bag)
    if program is None:
        return
    if case.frames:
        assert not judged(path)
        table = table_of_case(case, program)
        together = build(program, table, judge(program, table, scores=True)).images
        for i, image in enumerate(together if len(together) > 1 else []):
            alone = table.take_image(i)
            assert build(program, alone, judge(program, alone, scores=True)).images[0] == image
    if program.batch_rules:
        problems = [replace(concatenate([]), problems=(Problem(name, "no picture"),)) for name in case.unread]
        blocks = [table.take_image(i) for i in range(len(table.images))] + problems
        assert not batches_judged(case, program, [concatenate(blocks)])
        assert not batches_judged(case, program, blocks[::-1]), "one by one, the last first"
        file, _ = parse(case.source)
        form, said = parse_yaml(Source(str(path), to_yaml(file)))
        written = check(form, said, case.params, read_source)
        assert written is not None, said
        assert not batches_judged(case, written, [concatenate(blocks)]), "in the YAML form"
    for outcome in run_tests(program, path.parent):
        assert outcome.ok == case.tests[outcome.test.title], outcome.failures
    assert case.frames or case.tests, "a case without a scene shows nothing"


GOOD = "#! image 10 x 10\n#! bolt b\nobject bolt: 1    #= true\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("#= true", ""), "expected one truth on image 1, found none"),
        (GOOD.replace("true", "true; 2: true"), "there is no image 2"),
        (GOOD.replace("true", "true; false"), "expected one truth on image 1"),
        (GOOD.replace("10 x 10", "10 x 10 as"), "expected `400 x 300`, `as lot/a.png` and `name=value`"),
        (GOOD.replace("true", "maybe"), "expected `true`, `false` or `undetermined`, found `maybe`"),
        (GOOD.replace("true", "true, found 1"), "said of what is true"),
        (GOOD.replace("bolt b\n", "bolt b at 1\n"), "cannot read `#! bolt b at 1`"),
        (GOOD.replace("bolt b\n", "bolt\n"), "expected one id"),
        ("#= true\n" + GOOD, "no rule stands before"),
        (GOOD + "#? mood good\n", "expected `note"),
        (GOOD + 'test "t" on 9 px by 9 px expect pass\n', "nothing is expected of the tests"),
    ],
)
def test_a_case_that_is_written_wrongly_is_refused(tmp_path, text, words):
    path = tmp_path / "case.logic"
    path.write_text(text)
    with pytest.raises(CaseError, match=words.replace("`", ".")):
        load(path)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("true", "expected true, found false"),
        ("undetermined", "expected undetermined, found false"),
        ("false, found 2", "witness: expected ``, found `a b c`"),
        ("false, witness a b", "witness: expected `a b`, found `a b c`"),
        ("false, witness a b c, label x", "label: expected `x`"),
        ("false, witness a b c, margin -1/2", "margin: expected `-1/2`"),
        ("false, witness a b c, absent 1 nut", "absent: expected `1 nut`"),
        ("false, witness a b c; false", "expected a further finding"),
    ],
)
def test_a_wrong_expectation_is_noticed(tmp_path, outcome, words):
    path = tmp_path / "case.logic"
    path.write_text(f"#! image 10 x 10\n#! nut a b c\nobject nut: 1   #= {outcome}\n")
    assert any(words in line for line in judged(path))


def test_a_finding_that_nobody_expects_is_noticed(tmp_path):
    path = tmp_path / "case.logic"
    path.write_text(
        "#! image 10 x 10\n#! nut a b length=5\nobject nut\nrule r: every nut: length < 2 px    #= false, witness a\n"
    )
    lines = judged(path)
    assert len(lines) == 1
    assert "unexpected finding" in lines[0]
