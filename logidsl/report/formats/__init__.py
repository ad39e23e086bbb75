"""Report formats: each is one module here, or an entry point of the group `logidsl.formats`.

A format is a function `render(stream, style)` that yields text, or bytes if it is a binary one. It takes the images one
by one, so that a long run can be written as it proceeds; the summary and the notes are read after the last image.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, TypeAlias

from logidsl.diagnostics import Diagnostic, did_you_mean
from logidsl.report.model import BatchReport, Document, ImageReport, SpecRef
from logidsl.source import Span

GROUP = "logidsl.formats"


@dataclass
class Stream:
    """A report that may still be growing.

    Parameters
    ----------
    logidsl : str
        Version of the program.
    spec : SpecRef
        The spec that judges.
    images : iterator of ImageReport
        The images, in order; may end early when a run is interrupted.
    total : int
        How many images are to come.
    notes : list of str
        What was normalised while reading; complete after the last image.
    batches : list of BatchReport
        By the rules over several pictures; complete after the last image.
    """

    logidsl: str
    spec: SpecRef
    images: Iterator[ImageReport]
    total: int
    notes: list[str] = field(default_factory=list)
    batches: list[BatchReport] = field(default_factory=list)

    @classmethod
    def of(cls, report: Document) -> Stream:
        """The stream of a finished report."""
        images = iter(report.images)
        return cls(report.logidsl, report.spec, images, len(report.images), list(report.notes), list(report.batches))

    def judged(self) -> Iterator[ImageReport | BatchReport]:
        """The images as they come, then the batches."""
        yield from self.images
        yield from self.batches


@dataclass(frozen=True)
class Style:
    """The style of text output.

    Parameters
    ----------
    color : bool
        Whether to write ANSI colours.
    width : int
        Columns of the page.
    verbose : bool
        Show every passing image and every object.
    quiet : bool
        Show only what does not pass, without a summary.
    sources : mapping of str to str
        Text of the spec's files by path, if known; other files are read from disk.
    picture : callable, optional
        Gives the picture of an image as a small `data:` address, or None where it cannot be read.
    """

    color: bool = False
    width: int = 100
    verbose: bool = False
    quiet: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)
    picture: Callable[[str], str | None] | None = None
    _lines: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def lines(self, path: str) -> list[str]:
        """The lines of a file of the spec; none where it is not known and cannot be read."""
        if path not in self._lines:
            text = self.sources.get(path)
            if text is None:
                try:
                    text = Path(path).read_text("utf-8") if path else ""
                except (OSError, ValueError):
                    text = ""
            self._lines[path] = [line.rstrip("\r") for line in text.split("\n")]
        return self._lines[path]


class Fix(NamedTuple):
    """An edit that was tried: what it does in words, what it replaces, and by what."""

    title: str
    span: Span
    text: str


class Diagnosed(NamedTuple):
    """What is said about a spec: diagnostics, or why there is no text to point at.

    `fixes` gives the edits of which a diagnostic is gone.
    """

    path: str
    items: Sequence[Diagnostic]
    failure: str | None = None
    fixes: Callable[[Diagnostic], Iterable[Fix]] = lambda _: ()


Render: TypeAlias = Callable[[Stream, Style], Iterator[str | bytes]]

#: Writes diagnostics of specs; the function `diagnostics` of a format that has one.
RenderDiagnostics: TypeAlias = Callable[[Iterable[Diagnosed]], Iterator[str]]
#: The formats of this package that have one.
OF_DIAGNOSTICS = ("github", "sarif")


def built_in() -> list[str]:
    """The names of the formats of this package."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__))


def names() -> list[str]:
    """The names of all formats, built in and installed.

    Examples
    --------
    >>> {"json", "jsonl", "text"} <= set(names())
    True
    """
    from importlib import metadata

    return sorted({*built_in(), *(e.name for e in metadata.entry_points(group=GROUP))})


def find_diagnostics(name: str) -> RenderDiagnostics:
    """How one of the formats `OF_DIAGNOSTICS` writes diagnostics of specs."""
    render: RenderDiagnostics = import_module(f"{__name__}.{name}").diagnostics
    return render


def find(name: str) -> Render:
    """The format with a name; built-in formats take precedence.

    Raises
    ------
    KeyError
        If it does not exist; its argument is the message to show.
    """
    if name in built_in():
        render: Render = import_module(f"{__name__}.{name}").render
        return render
    from importlib import metadata

    for entry in metadata.entry_points(group=GROUP):
        if entry.name == name:
            loaded: Render = entry.load()
            return loaded
    raise KeyError(f"unknown report format `{name}`; there are {', '.join(names())}{did_you_mean(name, names())}")
