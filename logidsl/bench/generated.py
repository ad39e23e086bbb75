"""Specs that a language model writes for a product: questions, answers, and how they fare beside the product's spec.

The model gets the rules of a product in plain language and a draft: the product's spec without its rules, so that
objects are found alike. Every answer is a first answer: nothing is repaired. A spec is judged by what it does on the
test pictures, as the literature judges generated code:

success   its verdicts are those of the reference
error     it does not compile, or cannot judge a picture that the reference judges
missing   it does not reject a picture that the reference rejects: a rule is not there
strict    it rejects all of them, and a picture that the reference accepts
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from logidsl.bench.measures import ratio
from logidsl.bench.record import Generated, JudgedLine
from logidsl.diagnostics import InputError, SpecError, did_you_mean
from logidsl.eval import judge
from logidsl.files import file_errors
from logidsl.fit import Trials
from logidsl.llm import Answer, Json
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.format import format_file
from logidsl.syntax.read import read
from logidsl.table import ObjectTable, concatenate
from logidsl.translate import Constraint, Request, Session, read_answer
from logidsl.translate.batch import Answers
from logidsl.translate.result import written
from logidsl.workers import Progress, tracked

Outcome: TypeAlias = Literal["success", "error", "missing", "strict", "unanswered"]
#: Words of a mistake that a detail shows.
_MOST = 200


@dataclass(frozen=True)
class Task:
    """What a model is asked for a product.

    Parameters
    ----------
    product : str
    rules : str
        In plain language.
    reference : Source
        The product's spec.
    constraint : str
        How the model is held to the language; see `translate.constraint`.
    """

    product: str
    rules: str
    reference: Source
    constraint: Constraint = "plain"

    @property
    def draft(self) -> Source:
        """The reference without rules and tests.

        Raises
        ------
        SpecError
            If it has a mistake.
        """
        file, bag = read(self.reference)
        if not bag.ok:
            raise SpecError(bag.sorted())
        kept = tuple(s for s in file.statements if not isinstance(s, ast.Rule | ast.Test | ast.Variant))
        path = Path(self.reference.path).with_suffix(".logic")
        return Source(str(path), format_file(file.replaced(statements=kept, comments=())))

    def session(self) -> Session:
        """A translation that takes one answer."""
        return Session(self.rules, draft=self.draft, constraint=self.constraint, rounds=0, name=self.product)

    def questions(self, count: int) -> list[Request]:
        """The same question a number of times, each with its id and its seed."""
        opening = self.session().request
        assert opening is not None
        numbered = range(1, count + 1)
        return [replace(opening, id=id_of(self.product, n), body=seeded(opening.body, n)) for n in numbered]


def id_of(product: str, number: int) -> str:
    """The id of a question: `juice_bottle-3`."""
    return f"{product}-{number}"


def seeded(body: Mapping[str, Json], number: int) -> dict[str, Json]:
    """A request with a seed, so that equal questions get answers of their own."""
    return {**body, "seed": number}


def read_tasks(
    places: Sequence[str], sources: Mapping[str, Source], constraint: Constraint = "plain"
) -> dict[str, Task]:
    """The tasks of products: `PRODUCT.txt` in a folder, or `PRODUCT=FILE`.

    Raises
    ------
    InputError
        If a file cannot be read, or belongs to no product.
    """
    found: dict[str, Path] = {}
    for place in places:
        product, equals, file = place.partition("=")
        if equals:
            found[product] = Path(file)
        elif Path(place).is_dir():
            found |= {p.stem: p for p in sorted(Path(place).glob("*.txt"))}
        else:
            found[Path(place).stem] = Path(place)
    if not found:
        raise InputError(f"no rules in {', '.join(places)}: expected a file PRODUCT.txt for each product")
    for product, path in found.items():
        if product not in sources:
            listed = ", ".join(f"`{s}`" for s in sources)
            raise InputError(
                f"{path}: no product `{product}`: expected one of {listed}; name it as --rules PRODUCT={path}"
                + did_you_mean(product, sources)
            )
    return {product: Task(product, _text(path), sources[product], constraint) for product, path in found.items()}


def sort_answers(answers: Answers, tasks: Mapping[str, Task], count: int | None) -> dict[str, list[Answer | None]]:
    """The answers of each product in the order of their numbers, None where one is missing.

    Parameters
    ----------
    answers : Answers
    tasks : mapping of str to Task
    count : int, optional
        How many were asked for; as many as the greatest number where it is left out.

    Raises
    ------
    InputError
        If an answer belongs to no question.
    """
    by_product: dict[str, dict[int, Answer]] = {product: {} for product in tasks}
    for key, answer in answers.by_id.items():
        product, _, number = key.rpartition("-")
        if key in tasks:
            product, number = key, "1"
        if product not in tasks or not number.isdecimal() or not 1 <= int(number) <= (count or 10**6):
            listed = ", ".join(f"`{id_of(p, 1)}`" for p in tasks)
            most = f" to `…-{count}`" if count else ""
            raise InputError(f"an answer that matches no question: expected ids such as {listed}{most}, found `{key}`")
        by_product[product][int(number)] = answer
    return {
        product: [found.get(n) for n in range(1, (count or max(found, default=0)) + 1)]
        for product, found in by_product.items()
    }


@dataclass(frozen=True)
class Referee:
    """Judges generated specs on pictures that the reference has judged.

    Parameters
    ----------
    task : Task
    params : mapping of str to str
        Values of the reference's parameters.
    lines : sequence of JudgedLine
        Its verdicts on the test pictures.
    jobs : int, optional
    """

    task: Task
    params: Mapping[str, str]
    lines: Sequence[JudgedLine]
    jobs: int | None = None

    @cached_property
    def _session(self) -> Session:
        """Sentences and names that answers are read with."""
        return self.task.session()

    def judge(
        self, answers: Sequence[Answer | None], progress: Callable[[str], Progress | None] = lambda _: None
    ) -> Generated:
        """The outcomes of some answers."""
        readable = [line for line in self.lines if line.verdict != "error"]
        paths = list(dict.fromkeys(Path(str(line.input)) for line in readable))
        trials = Trials(self.task.reference, (), paths, self.params, self.jobs)
        trials.look(progress("test pictures"))
        wanted = {line.path: line.verdict for line in readable}
        outcomes, details = list[Outcome](), list[str]()
        for number, answer in tracked(enumerate(answers, 1), len(answers), progress("generated specs")):
            outcome, detail = self._outcome(answer, trials, wanted)
            outcomes.append(outcome)
            details += [f"{id_of(self.task.product, number)}: {outcome}: {detail}"] if detail else []
        counts, asked = Counter(outcomes), len(answers)
        return Generated(
            asked=asked,
            success=counts["success"],
            error=counts["error"],
            missing=counts["missing"],
            strict=counts["strict"],
            unanswered=counts["unanswered"],
            success_share=ratio(counts["success"], asked),
            error_share=ratio(counts["error"], asked),
            missing_share=ratio(counts["missing"], asked),
            outcomes=[str(o) for o in outcomes],
            details=details,
        )

    def _outcome(self, answer: Answer | None, trials: Trials, wanted: Mapping[str, str]) -> tuple[Outcome, str]:
        if answer is None:
            return "unanswered", ""
        asked, draft = self._session, self._session.draft
        if answer.finish in ("refusal", "length"):
            return "error", {"refusal": "the model refuses", "length": "the answer was cut off"}[answer.finish]
        candidate = read_answer(answer.text, asked.sentences, draft, asked.vocabulary.declarations)
        if candidate.program is None or not candidate.pieces:
            return "error", " ".join((candidate.problems or ("no spec in the answer",))[0].split())[:_MOST]
        text = written(candidate, draft, self.task.product)[0].text
        source = Source(str(Path(self.task.reference.path).with_name(f"{self.task.product}.logic")), text)
        try:
            mine = trials.of(source)
            tables = mine.tables(())
            table = concatenate([tables[i] for i in sorted(tables)])
            found = _verdicts(mine, table)
        except (InputError, SpecError) as error:
            return "error", str(error).splitlines()[0][:_MOST]
        return _compared(found, wanted)


def _verdicts(trials: Trials, table: ObjectTable) -> dict[str, str]:
    """The verdict of a spec on each image of a table; `error` where it cannot be judged."""
    judged = judge(trials.program(()), table, explain=False)
    words = np.array(["fail", "review", "pass"])[judged.verdicts + 1].tolist()
    return {name: "error" if i in judged.refused else words[i] for i, name in enumerate(table.images)}


def _compared(found: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[Outcome, str]:
    """The outcome of verdicts beside those of the reference, and the first picture that shows it."""
    cases: tuple[tuple[Outcome, Callable[[str, str], bool]], ...] = (
        ("error", lambda mine, its: mine == "error"),
        ("missing", lambda mine, its: its == "fail" and mine != "fail"),
        ("strict", lambda mine, its: its == "pass" and mine != "pass"),
    )
    for outcome, shows in cases:
        differ = [name for name, its in wanted.items() if shows(found.get(name, "error"), its)]
        if differ:
            return outcome, f"{len(differ)} of {len(wanted)} pictures, first {differ[0]}"
    return "success", ""


def _text(path: Path) -> str:
    try:
        with file_errors(f"the rules {path}", "read"):
            return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"expected rules in UTF-8, found something else in {path}") from None
