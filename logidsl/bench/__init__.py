"""Benchmarks: specs judged on data sets with ground truth, by the measures of the literature.

The phases in order: `datasets` reads a data set, `training` adapts specs to its training part, `judging` judges the
test part, `scoring` compares and measures, `generated` judges specs that a model wrote, `text` and `html` show the
`record`, with `published` figures beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from logidsl.bench.datasets import Dataset, Sample
from logidsl.bench.datasets.vid_ad import scenario
from logidsl.bench.judging import Judging, matched
from logidsl.bench.record import JudgedLine, Product, Row, Training
from logidsl.bench.scoring import Scorer
from logidsl.bench.training import How, Trainer
from logidsl.diagnostics import InputError, counted, did_you_mean
from logidsl.ir import Program
from logidsl.pipeline import compile_cached
from logidsl.source import Source
from logidsl.workers import Progress

__all__ = ["Bench", "Outcome"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one product.

    Parameters
    ----------
    product : Product
        Its measures.
    program : Program
        By which it was judged.
    rows : list of Row
        Of its test pictures.
    lines : list of JudgedLine
        Of those among them that were found.
    """

    product: Product
    program: Program
    rows: list[Row]
    lines: list[JudgedLine]


@dataclass(frozen=True)
class Bench:
    """A benchmark of specs on a data set.

    Parameters
    ----------
    dataset : Dataset
    sources : mapping of str to Source
        The spec of each product, or of the scenario that several products share.
    params : mapping of str to str
        Values of the specs' parameters; each spec takes those that it has.
    renamed : mapping of str to str
        Labels and classes of the data set, and what the specs call them.
    split : {"learn", "fit", "infer"}, optional
        How specs are adapted to the training part.
    judging : Judging
    seed : int
    rounds : int
        Of the bootstrap.
    progress : callable
        Returns, for the steps counted, a function called with the number done and the total.
    notes : list of str
        Takes what was left out.
    """

    dataset: Dataset
    sources: Mapping[str, Source]
    params: Mapping[str, str]
    renamed: Mapping[str, str] = field(default_factory=dict)
    split: How | None = None
    judging: Judging = field(default_factory=Judging)
    seed: int = 0
    rounds: int = 1000
    progress: Callable[[str], Progress | None] = lambda _: None
    notes: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Refuse a data set with a product that has no spec, and names of labels that nothing has.

        Raises
        ------
        InputError
            If there is one.
        """
        for product in self.dataset.products:
            self.source(product)
        if self.dataset.layout == "truth":
            return  # whose reader has renamed and checked them
        names = {name for s in self.dataset.samples for name in (*(s.labels or ()), *s.counts)}
        programs = [self._compiled(p) for p in self.dataset.products]
        known = {name for p in programs for name in (*p.defects, *p.named_classes)}
        for theirs, ours in self.renamed.items():
            if theirs not in names:
                hint = did_you_mean(theirs, names)
                raise InputError(f"--name: the data set has no label or class `{theirs}`{hint}")
            if ours and ours not in known:
                raise InputError(f"--name: the specs have no label or class `{ours}`{did_you_mean(ours, known)}")

    def source(self, product: str) -> Source:
        """The spec of a product.

        Raises
        ------
        InputError
            If it has none.
        """
        found = self.sources.get(product) or self.sources.get(scenario(product))
        if found is None and len(self.sources) == 1 and len(self.dataset.products) == 1:
            found = next(iter(self.sources.values()))
        if found is None:
            listed = ", ".join(f"`{name}`" for name in self.sources) or "none"
            raise InputError(
                f"no spec for the product `{product}`: expected --spec {product}=FILE, or a spec of that name; found "
                f"{listed}; --only NAME measures on fewer products"
            )
        return found

    def params_of(self, source: Source) -> dict[str, str]:
        """The values of those parameters that a spec has."""
        if not self.params:
            return {}
        names = {p.name for p in compile_cached(source, {}).program.params}
        return {name: value for name, value in self.params.items() if name in names}

    def run(self, product: str) -> Outcome:
        """Train where that is asked for, judge the test part, and measure."""
        source = self.source(product)
        tests = [s for s in self.dataset.samples if s.product == product and s.part == "test"]
        with ExitStack() as stack:
            program, training = self._compiled(product), None
            if self.split:
                folder = Path(stack.enter_context(TemporaryDirectory(prefix="logidsl-bench-")))
                program, training = self._trained(product, folder)
            if open_ := [p.name for p in program.params if p.value is None]:
                raise InputError(f"the spec of `{product}` leaves `{open_[0]}` open: set it with -P {open_[0]}=VALUE")
            scorer = Scorer(program, self.renamed, self.seed, self.rounds)
            names = scorer.countable(tests)
            paths = list(dict.fromkeys([*(s.path for s in tests if s.path), *self._files(product, tests)]))
            lines = self.judging.lines(program, paths, names, self.progress(f"pictures of {product}"))
        found, stray = matched(self.dataset, tests, lines)
        if stray:
            self.notes.append(f"{product}: nothing is known of {counted(stray, 'picture')}: left out")
        rows = scorer.rows(tests, found)
        measured = scorer.product(product, rows, training).replaced(spec=source.path)
        self._note(measured, rows)
        return Outcome(measured, program, rows, [line for line in found if line])

    def _files(self, product: str, tests: Sequence[Sample]) -> Sequence[Path]:
        """The files of several pictures that hold some of the samples."""
        return self.dataset.files.get(product, ()) if any(s.path is None for s in tests) else ()

    def _compiled(self, product: str) -> Program:
        source = self.source(product)
        return compile_cached(source, self.params_of(source)).program

    def _trained(self, product: str, folder: Path) -> tuple[Program, Training]:
        assert self.split is not None
        source = self.source(product)
        return Trainer(
            product,
            source,
            self.params_of(source),
            self.dataset,
            folder,
            self.judging.jobs,
            self.seed,
            self.progress,
            self.notes,
            self.renamed,
        ).trained(self.split)

    def _note(self, measured: Product, rows: Sequence[Row]) -> None:
        """Say what could not be measured of a product."""
        if not measured.normal:
            self.notes.append(f"{measured.name}: no normal test picture: false rejects and rankings are not measured")
        if not measured.logical:
            self.notes.append(f"{measured.name}: no logical anomaly among the test pictures: recall is not measured")
        labels = sorted({label for r in rows for label in r.expected or ()})
        if labels and measured.classification is None:
            self.notes.append(
                f"{measured.name}: labels are not compared, as the spec has none of the {len(labels)} of the data set, "
                f"such as `{labels[0]}`: --name {labels[0]}=LABEL maps one"
            )
        broken = [r for r in rows if r.truth_problem]
        if broken:
            self.notes.append(
                f"{measured.name}: the ground truth of {counted(len(broken), 'picture')} cannot be read, first "
                f"{broken[0].truth_problem}"
            )
