"""Adapting the spec of a product to the training part of a data set: parts learned, limits fitted, rules inferred.

Only samples of the part `train` are looked at, and none whose file is also one of the test part.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

from logidsl.bench.datasets.base import Dataset, Sample
from logidsl.bench.datasets.truth_file import NameIndex
from logidsl.bench.record import Training
from logidsl.diagnostics import InputError, counted
from logidsl.extract.parts.model import SUFFIX, packed
from logidsl.files import digest, replace
from logidsl.fit import FittedLimit, Trials, fit
from logidsl.fit.limits import params_of
from logidsl.fit.report import rate_words
from logidsl.fit.trials import Case
from logidsl.fit.truth import Expectation
from logidsl.infer import infer
from logidsl.infer.limits import LEAST_PARTS
from logidsl.ir import Program
from logidsl.learn import Options, learn, read_annotations
from logidsl.library import builtins
from logidsl.pipeline import compile_cached, compile_spec
from logidsl.seeing import see_each
from logidsl.source import Source
from logidsl.table import ObjectTable, concatenate
from logidsl.workers import Progress

How: TypeAlias = Literal["learn", "fit", "infer"]


@dataclass(frozen=True)
class Trainer:
    """What is trained, and on what.

    Parameters
    ----------
    product : str
    source : Source
        The spec.
    params : mapping of str to str
        Values of its parameters.
    dataset : Dataset
    folder : Path
        An empty folder for what is learned, which must stay until the pictures are judged.
    jobs : int, optional
    seed : int
    progress : callable
        Returns, for the steps counted, a function called with the number done and the total.
    notes : list of str
        Takes what was left out.
    renamed : mapping of str to str
        Labels of the data set, and what the spec calls them.
    learning : Options
        How parts are learned, apart from seed and processes.
    """

    product: str
    source: Source
    params: Mapping[str, str]
    dataset: Dataset
    folder: Path
    jobs: int | None = None
    seed: int = 0
    progress: Callable[[str], Progress | None] = lambda _: None
    notes: list[str] = field(default_factory=list)
    renamed: Mapping[str, str] = field(default_factory=dict)
    learning: Options = Options()  # noqa: RUF009 - frozen

    def trained(self, how: How) -> tuple[Program, Training]:
        """The program after training, and what was done.

        Raises
        ------
        InputError
            If there is nothing to train on, or nothing in the spec to train.
        """
        assert self.samples
        return {"learn": self._learned, "fit": self._fitted, "infer": self._inferred}[how]()

    @cached_property
    def program(self) -> Program:
        """The spec before training."""
        return compile_cached(self.source, self.params).program

    @cached_property
    def samples(self) -> list[Sample]:
        """The logical samples of the training part.

        Raises
        ------
        InputError
            If there is no normal one among them.
        """
        mine = [s for s in self.dataset.samples if s.product == self.product]
        train = [s for s in mine if s.part == "train" and s.kind != "structural"]
        if not any(s.kind == "normal" for s in train):
            parts = Counter(s.part for s in mine)
            listed = ", ".join(f"{n} in `{p}`" for p, n in parts.items())
            raise InputError(
                f"--split: the training part of `{self.product}` has no normal picture: expected some in `train`, "
                f"found {counted(len(mine), 'picture')}, {listed}"
            )
        tests = {digest(s.path) for s in mine if s.part == "test" and s.path} - {None}
        kept = [s for s in train if s.path is None or digest(s.path) not in tests]
        if len(kept) < len(train):
            left = counted(len(train) - len(kept), "training picture")
            self.notes.append(f"{self.product}: {left} left out, as the test part has the same file")
        return kept

    def _seen(self, program: Program) -> tuple[list[Path], dict[int, ObjectTable], dict[str, tuple[int, int]]]:
        """The training files that can be read, what was seen in each, and the file and image of each sample."""
        paths = list(dict.fromkeys(s.path for s in self.samples if s.path))
        paths += self.dataset.files.get(self.product, ()) if any(s.path is None for s in self.samples) else ()
        seen = list(see_each(program, paths, self.jobs, self.progress("training pictures")))
        bad = [t for t in seen if t.problems]
        if bad:
            left = counted(len(bad), "training picture")
            self.notes.append(f"{self.product}: {left} cannot be read, first {bad[0].problems[0].named}")
        readable = [(p, t) for p, t in zip(paths, seen, strict=True) if not t.problems]
        tables = {i: t for i, (_, t) in enumerate(readable)}
        index = NameIndex((name, (i, k)) for i, t in tables.items() for k, name in enumerate(t.images))
        alone = {str(p): (i, 0) for i, (p, t) in enumerate(readable) if len(t.images) == 1}
        places: dict[str, tuple[int, int]] = {}
        for s in self.samples:
            fits = [alone[str(s.path)]] if str(s.path) in alone else index.find(s.name)
            if len(fits) == 1:
                places[s.name] = fits[0]
        return [p for p, _ in readable], tables, places

    def _fitted(self) -> tuple[Program, Training]:
        try:
            limits, notes = params_of(self.source, list(self.params))
        except InputError as error:
            hint = ", or --every-number"  # which only `logidsl fit` has
            raise InputError(f"--split fit: {str(error).removesuffix(hint)}") from None
        self.notes.extend(notes)
        paths, _, places = self._seen(self.program)
        trials = Trials(self.source, limits, paths, self.params, self.jobs)
        labels = self.program.defects
        cases = []
        for s in self.samples:
            if s.name not in places:
                continue
            said = frozenset(self.renamed.get(label, label) for label in s.labels or ())
            known = said if s.kind == "logical" and said and said <= labels else None
            cases.append(Case(s.name, *places[s.name], Expectation("pass" if s.kind == "normal" else "fail", known)))
        trials.look(self.progress("training pictures"))
        trials.cases = tuple(cases)
        made = fit(trials, None, (), self.progress)
        values = {x.limit.name: x.limit.written(x.value) for x in made.fitted if isinstance(x, FittedLimit)}
        result = [f"{name} = {value}" for name, value in values.items()]
        if made.estimate is not None:
            result += [rate_words(r, made.estimate.confidence) for r in made.estimate.rates]
        program = compile_cached(self.source, {**self.params, **values}).program
        return program, self._training("fit", len(cases), [f"right on the training part: {made.right}", *result])

    def _inferred(self) -> tuple[Program, Training]:
        _, tables, places = self._seen(self.program)
        normal = [places[s.name] for s in self.samples if s.kind == "normal" and s.name in places]
        if len(normal) < LEAST_PARTS:
            raise InputError(
                f"--split infer: expected at least {LEAST_PARTS} normal training pictures of `{self.product}`, found "
                f"{len(normal)}"
            )
        table = concatenate([tables[i].take_image(k) for i, k in normal])
        bar = self.progress("steps of inference")
        draft = infer(
            table,
            (self.source, self.program),
            params=self.params,
            seed=self.seed,
            progress=bar or (lambda done, total: None),
        )
        self.notes.extend(f"{self.product}: {note}" for note in draft.notes)
        program = compile_spec(Source(self.source.path, draft.text), self.params)
        summary = (
            f"{counted(len(draft.rules), 'rule')}; left out in turn, {draft.rejected} of {draft.parts} were rejected: "
            f"at most {draft.bound:.1%} of new normal pictures will be, at 95 % confidence"
        )
        return program, self._training("infer", len(normal), [summary, *(r.clause for r in draft.rules)])

    def _learned(self) -> tuple[Program, Training]:
        learnable = {name for name, b in builtins("source").items() if SUFFIX in b.files}
        files = {s.file for s in self.program.sources if s.fn in learnable and s.file}
        if len(files) != 1:
            raise InputError(
                f"--split learn: expected one parts file in {self.source.path}, as `object pin = "
                f'learned("pins.parts")`, found {len(files)}'
            )
        paths = [str(s.path) for s in self.samples if s.path]
        annotations = read_annotations(paths)
        learned = learn(annotations, replaced(self.learning, seed=self.seed, jobs=self.jobs), self.progress)
        self.notes.extend(f"{self.product}: {note}" for note in (*annotations.notes, *learned.notes))
        spec = self._copied(files)
        parts = spec.parent / min(files)
        parts.parent.mkdir(parents=True, exist_ok=True)
        replace(parts, packed(learned.parts))
        program = compile_spec(Source(str(spec), self.source.text), self.params)
        classes = f"classes: {', '.join(annotations.classes)}"
        return program, self._training("learn", len(learned.examples), [classes])

    def _copied(self, learned: set[str]) -> Path:
        """The spec in the folder of what is learned, with the files that it names."""
        home = Path(self.source.path).parent
        program = self.program
        groups = (program.rules, program.classes, program.sets, program.params, program.blobs)
        named = {Path(item.span.path) for group in groups for item in group}
        named |= {home / s.file for s in program.sources if s.file and s.file not in learned}
        named |= {home / layout.file for layout in program.layouts}
        for path in sorted(named):
            if path.is_file() and path.resolve().is_relative_to(home.resolve()):
                target = self.folder / path.resolve().relative_to(home.resolve())
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        return self.folder / Path(self.source.path).name

    def _training(self, how: How, count: int, result: Sequence[str]) -> Training:
        return Training(how=how, pictures=count, parts=["train"], result=list(result))
