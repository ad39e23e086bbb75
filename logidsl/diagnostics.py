"""Diagnostics, and the catalogue of their codes.

Owns `Diagnostic`, `Bag` and the catalogue `CODES`. A code is never reused. Messages are lower case
without a full stop, with the user's words in backticks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from logidsl.source import Span

Severity = Literal["error", "warning", "advice"]
WIDEST_LINE = 200  # characters of a source line that a message shows


def _severity(code: str) -> Severity:
    if code.startswith("E"):
        return "error"
    return "advice" if code > "W100" else "warning"


@dataclass(frozen=True, slots=True)
class Code:
    """An entry of the catalogue: the meaning of a code, with a wrong and a right example."""

    code: str
    title: str
    why: str
    wrong: str
    right: str

    @property
    def severity(self) -> Severity:
        """`E…` is an error, `W…` a warning, from `W101` on advice."""
        return _severity(self.code)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error, a warning or advice.

    Parameters
    ----------
    code : str
        Its code in the catalogue, `E012` say.
    message : str
        One line, in the user's words.
    span : Span
        The place.
    fix : str, optional
        What to write instead.
    other : (Span, str), optional
        A second place that disagrees, with a label for it.
    """

    code: str
    message: str
    span: Span
    fix: str | None = None
    other: tuple[Span, str] | None = None

    @property
    def severity(self) -> Severity:
        """Whether it is an error, a warning or advice."""
        return _severity(self.code)

    def __str__(self) -> str:
        lines = [f"{self.severity}[{self.code}]: {self.message}"]
        lines += _underlined(self.span, "")
        if self.other:
            lines += _underlined(self.other[0], self.other[1])
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


def _underlined(span: Span, note: str) -> list[str]:
    """The source line of a span with the span underlined; empty without a text."""
    if not span.source.path and not span.source.text:
        return []
    text, number = span.source.line(span.line), str(span.line)
    width = max(1, (span.end - span.start) if span.end_line == span.line else len(text) - span.column + 1)
    text, at = _window(text, span.column - 1)
    before = "".join("\t" if c == "\t" else " " for c in text[:at])
    gutter = " " * len(number)
    return [
        f" {gutter}--> {span.source.path}:{span.line}:{span.column}",
        f" {number} | {text}",
        f" {gutter} | {before}{'^' * max(1, min(width, len(text) - at))} {note}".rstrip(),
    ]


def _window(line: str, at: int) -> tuple[str, int]:
    """The part of a line to show, and where the position `at` lies in it.

    Examples
    --------
    >>> shown, at = _window("a" * 5000 + "b" + "c" * 5000, 5000)
    >>> len(shown), shown[at]
    (200, 'b')
    """
    if at > WIDEST_LINE - 50:
        line, at = "..." + line[at - 57 :], 60
    return (line if len(line) <= WIDEST_LINE else line[: WIDEST_LINE - 3] + "...", at)


@dataclass
class Bag:
    """Collects diagnostics without duplicates.

    Examples
    --------
    >>> Bag().ok
    True
    """

    items: list[Diagnostic] = field(default_factory=list)
    limit: int = 50

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic, unless it is already there."""
        if diagnostic not in self.items and len(self.items) < self.limit:
            self.items.append(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Add several."""
        for d in diagnostics:
            self.add(d)

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors, in the order of the source."""
        return [d for d in self.sorted() if d.severity == "error"]

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not any(d.severity == "error" for d in self.items)

    @property
    def warnings(self) -> int:
        """The number of warnings."""
        return sum(d.severity == "warning" for d in self.items)

    def sorted(self) -> list[Diagnostic]:
        """All diagnostics, by path and position."""
        return sorted(self.items, key=lambda d: (d.span.source.path, d.span.start, d.code))

    def __str__(self) -> str:
        return "\n\n".join(str(d) for d in self.sorted())


class SpecError(Exception):
    """A spec that cannot be used; the text is for the user.

    Parameters
    ----------
    diagnostics : list of Diagnostic
        What is wrong, in the order of the source.
    """

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n\n".join(str(d) for d in diagnostics))

    @property
    def failure(self) -> str | None:
        """Why there is no text to point at; None where diagnostics point at it."""
        return None if self.diagnostics else str(self)


class NoSpecError(SpecError):
    """A spec that does not exist or cannot be read, so there is no text to point at.

    Parameters
    ----------
    message : str
        What to show the user.
    """

    def __init__(self, message: str) -> None:
        self.diagnostics = []
        Exception.__init__(self, message)


class InputError(Exception):
    """A picture, table or folder that cannot be used; the text is for the user."""


def diagnostic_rows(error: SpecError | None, said: Sequence[Diagnostic] = ()) -> list[dict[str, object]]:
    """What is wrong with a spec, or else said about it, as plain data."""
    rows: list[dict[str, object]] = [
        {
            "code": d.code,
            "severity": d.severity,
            "message": d.message,
            "span": _span(d.span),
            "fix": d.fix,
            "other": {"span": _span(d.other[0]), "message": d.other[1]} if d.other else None,
        }
        for d in (error.diagnostics if error else said)
    ]
    if error and error.failure:
        bare: dict[str, object] = {"code": None, "severity": "error", "message": error.failure}
        rows.append({**bare, "span": None, "fix": None, "other": None})
    return rows


def _span(span: Span) -> dict[str, object] | None:
    """A position, lines and columns from 1, the end just after the last character; None without a text."""
    if not span.source.path and not span.source.text:
        return None
    return {
        "path": span.source.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "text": span.text,
    }


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The most similar name, or None if none is similar.

    Examples
    --------
    >>> nearest("pushpn", ["pushpin", "cell"])
    'pushpin'
    """
    import difflib  # here, as are the imports of `catalogue`, because most runs need neither

    pool = {n.lower(): n for n in sorted(names)}
    found = difflib.get_close_matches(word.lower(), pool, n=1, cutoff=0.6)
    return pool[found[0]] if found else None


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The end of a message about an unknown word: the most similar known one, if any."""
    near = nearest(word, names)
    return f"; did you mean `{near}`?" if near else ""


def counted(count: int, what: str, plural: str = "") -> str:
    """A number of things in words.

    Examples
    --------
    >>> counted(1, "picture"), counted(2, "picture"), counted(0, "class", "classes")
    ('1 picture', '2 pictures', '0 classes')
    """
    return f"{count} {what if count == 1 else plural or what + 's'}"


def catalogue() -> dict[str, Code]:
    """Every code of a diagnostic, read from the catalogue that ships with the package."""
    import tomllib
    from importlib import resources

    text = resources.files("logidsl").joinpath("diagnostics.toml").read_text("utf-8")
    return {code: Code(code, **entry) for code, entry in tomllib.loads(text).items()}
