"""The pytest plugin: tests inside specs, and good and bad pictures beside them, as test items.

A spec is collected if it is named on the command line, if its name fits the ini option `logidsl_files`, or with
`--logidsl`. Its items are the tests inside it, and each picture in `good/` and `bad/`: folders in one that is named
like the spec, or beside the only spec of a folder. The text of a failure is the finding. Everything that judges is
loaded with the first spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from logidsl import ir
    from logidsl.report.model import BatchReport, ImageReport
    from logidsl.seeing import Input
    from logidsl.source import Source

DEFAULT_FILES = ("test_*.logic", "*_test.logic")
_FORMS = (".logic", ".yaml", ".yml")
_LEFT_OUT = pytest.StashKey[list[str]]()


class MismatchError(Exception):
    """A test that fails; the text is what pytest shows."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.getgroup("logidsl").addoption(
        "--logidsl", action="store_true", help="collect every .logic file of the folders, whatever its name"
    )
    parser.addini(
        "logidsl_files",
        "patterns of the specs to collect, by their name or, with a `/`, by their path; empty for none but those that "
        "are named on the command line",
        type="args",
        default=DEFAULT_FILES,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start counting the specs that are left out."""
    config.stash[_LEFT_OUT] = []


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SpecFile | None:
    """The collector of a spec that is to be collected."""
    if file_path.suffix not in _FORMS:
        return None
    config = parent.config
    named = parent.session.isinitpath(file_path)
    text_form = file_path.suffix == ".logic"
    if not (named or _fits(file_path, config) or (text_form and config.getoption("--logidsl"))):
        if text_form:
            config.stash[_LEFT_OUT].append(file_path.name)
        return None
    if not text_form:
        from logidsl.config import is_spec

        if not is_spec(file_path):
            return None
    return SpecFile.from_parent(parent, path=file_path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how specs are collected where nothing else was."""
    left_out = config.stash[_LEFT_OUT]
    if left_out and not getattr(terminalreporter, "_numcollected", 0):
        few = ", ".join(left_out[:3]) + (", …" if len(left_out) > 3 else "")
        terminalreporter.write_line(
            f"logidsl: specs not collected: {few}; `--logidsl` collects them, as does `logidsl_files = *.logic` in the "
            "configuration of pytest"
        )


def _fits(path: Path, config: pytest.Config) -> bool:
    """Whether a file fits one of the patterns of the ini option."""
    try:
        below = path.relative_to(config.rootpath).as_posix()
    except ValueError:
        below = path.as_posix()
    patterns: list[str] = config.getini("logidsl_files")
    return any(fnmatchcase(below if "/" in pattern else path.name, pattern) for pattern in patterns)


class SpecFile(pytest.File):
    """A spec: its tests, and the pictures beside it."""

    program: ir.Program
    source: Source

    def collect(self) -> Iterator[pytest.Item]:
        """The items of the spec.

        Raises
        ------
        CollectError
            If the spec has an error, or pictures beside it may belong to another spec.
        """
        from logidsl.config import shown
        from logidsl.diagnostics import SpecError
        from logidsl.pipeline import compile_cached, read_spec

        try:
            self.source = read_spec(shown(self.path))
            self.program = compile_cached(self.source, {}).program
        except SpecError as error:
            raise self.CollectError(str(error)) from None
        titles: dict[str, int] = {}
        for test in self.program.tests:
            name = test.title or f"line {test.span.line}"
            titles[name] = titles.get(name, 0) + 1
            number = f" ({titles[name]})" if titles[name] > 1 else ""
            yield SceneItem.from_parent(self, name=_one_line(name + number), test=test)
        for folder, wanted in self._folders():
            yield from self._pictures(folder, wanted)
            if wanted == "pass" and self.program.batch_rules:
                name = folder.relative_to(self.path.parent).as_posix()
                yield BatchesItem.from_parent(
                    self, name=f"{_one_line(name)} (rules over several pictures)", folder=folder
                )

    def _folders(self) -> Iterator[tuple[Path, str]]:
        """The folders of pictures, and the verdict that these should have."""
        from logidsl.config import specs_in

        here = self.path.parent
        for base in (here / self.path.stem, here):
            found = [(base / name, verdict) for name, verdict in (("good", "pass"), ("bad", "fail"))]
            found = [(folder, verdict) for folder, verdict in found if folder.is_dir()]
            if not found:
                continue
            specs = specs_in(here)
            if base == here and self.path not in specs:  # another spec imports this one
                return
            if base == here and len(specs) > 1:
                others = ", ".join(s.name for s in specs)
                raise self.CollectError(
                    f"{found[0][0]} lies beside several specs ({others}): put it into a folder that is named like its "
                    f"spec, such as {here / self.path.stem}"
                )
            yield from found
            return

    def _pictures(self, folder: Path, wanted: str) -> Iterator[pytest.Item]:
        """An item for each picture of a folder; in `bad`, the sub-folders are named by label."""
        from logidsl.seeing import gather, name_of

        for item in gather([folder]):
            path = Path(name_of(item))
            below = path.relative_to(folder).parts
            label = below[0] if wanted == "fail" and len(below) > 1 else None
            name = path.relative_to(self.path.parent).as_posix()
            yield PictureItem.from_parent(self, name=_one_line(name), picture=item, wanted=wanted, label=label)


class _SpecItem(pytest.Item):
    """A test of a spec."""

    parent: SpecFile
    line = 0
    funcargs: Mapping[str, object] = {}  # of every item that pytest brings itself, so that other plugins expect it

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands."""
        return self.path, self.line, f"{self.name} of {self.path.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The finding; a traceback for an error of logidsl alone."""
        if isinstance(excinfo.value, MismatchError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def report_on(self, image: ImageReport | BatchReport) -> list[str]:
        """The lines of a report on an image."""
        from logidsl.config import shown
        from logidsl.report.formats import Style
        from logidsl.report.formats.text import image_lines
        from logidsl.report.model import BatchReport

        image = image if isinstance(image, BatchReport) else image.replaced(path=shown(Path(image.path)))
        return image_lines(image, Style(sources={self.parent.source.path: self.parent.source.text}))


class SceneItem(_SpecItem):
    """A test inside a spec."""

    def __init__(self, *, test: ir.TestCase, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.test, self.line = test, test.span.line - 1

    def runtest(self) -> None:
        """Judge the scene.

        Raises
        ------
        MismatchError
            If something is not as expected.
        """
        from logidsl.scenes import run_test

        outcome = run_test(self.parent.program, self.test, self.path.parent)
        if not outcome.ok:
            found = [] if outcome.image is None else self.report_on(outcome.image)
            raise MismatchError("\n".join([*outcome.failures, *found]))


class PictureItem(_SpecItem):
    """A picture that should pass, or fail, possibly with a label."""

    def __init__(self, *, picture: Input, wanted: str, label: str | None, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.picture, self.wanted, self.label = picture, wanted, label

    def runtest(self) -> None:
        """Judge the picture.

        Raises
        ------
        MismatchError
            If its verdict or its labels are not as expected.
        """
        from logidsl.pipeline import report_of
        from logidsl.seeing import see_one

        program = self.parent.program
        lines: list[str] = []
        for image in report_of(program, [see_one(program, self.picture)]).images:
            if wrong := self._wrong(image):
                lines += [wrong, *self.report_on(image)]
        if lines:
            raise MismatchError("\n".join(lines))

    def _wrong(self, image: ImageReport) -> str | None:
        """What is not as expected, or None."""
        if image.verdict != self.wanted:
            return f"expected {self.wanted}, found {image.verdict}"
        if self.label is None or self.label in image.labels:
            return None
        defects = self.parent.program.defects
        if self.label not in defects:
            from logidsl.diagnostics import did_you_mean

            return f"the spec has no defect `{self.label}`, after which the folder is named" + did_you_mean(
                self.label, defects
            )
        found = ", ".join(f"`{label}`" for label in image.labels) or "none"
        return f"expected defect `{self.label}`, found {found}"


class BatchesItem(_SpecItem):
    """The good pictures together, which the rules over several should hold for; skipped if no batch is known."""

    def __init__(self, *, folder: Path, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.folder = folder

    def runtest(self) -> None:
        """Judge the batches.

        Raises
        ------
        MismatchError
            If one does not pass.
        """
        from logidsl.diagnostics import InputError
        from logidsl.pipeline import batches_of, judge_of_batches
        from logidsl.seeing import gather, see_one

        judge = judge_of_batches(self.parent.program)
        assert judge is not None
        for item in gather([self.folder]):
            judge.add(see_one(self.parent.program, item))
        try:
            batches = batches_of(judge)
        except InputError as error:
            pytest.skip(str(error))
        wrong = [b for b in batches if b.verdict != "pass"]
        if wrong:
            found = [line for b in wrong for line in self.report_on(b)]
            raise MismatchError("\n".join([f"expected pass, found {wrong[0].verdict}", *found]))


def _one_line(name: str) -> str:
    """A name for ids of tests, without control characters."""
    return name if name.isprintable() else name.encode("unicode_escape").decode()
