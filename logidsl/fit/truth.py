"""Known results of pictures: verdicts, labels and counts, read from JSON or CSV, and matched to pictures by name.

Owns `Expectation`, `read_truth` and `Names`. Anything in a file that cannot be compared with a spec is an error or a
note, never silently dropped.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from logidsl.diagnostics import InputError, did_you_mean
from logidsl.files import file_errors, read_bytes
from logidsl.table import ANY_CLASS, COUNT, ObjectTable, TextColumn

Verdict: TypeAlias = Literal["pass", "fail", "review"]

MOST_BYTES = 64 << 20
SHOWN = 5  # names that a message lists
_PICTURE_KEYS = ("picture", "image", "file", "filename", "file_name", "path", "name")
#: Keys of verdicts.
VERDICT_KEYS = ("verdict", "truth", "result", "normal", "good", "ok")
#: Keys of defect labels.
LABEL_KEYS = ("label", "labels", "defect", "defects")
_VERDICTS: Mapping[str, Verdict] = {
    **dict.fromkeys(("pass", "good", "ok", "normal", "true", "logically normal", "structural"), "pass"),
    **dict.fromkeys(("fail", "bad", "ng", "anomaly", "anomalous", "defective", "false", "logical"), "fail"),
    "review": "review",
}


@dataclass(frozen=True)
class Expectation:
    """What is known of one picture.

    Parameters
    ----------
    verdict : "pass", "fail" or "review", optional
        The right verdict.
    labels : frozenset of str, optional
        The right defect labels of a picture that fails.
    counts : mapping of str to int
        How many objects of a class or set there are.
    """

    verdict: Verdict | None = None
    labels: frozenset[str] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        said = [", ".join(sorted(self.labels)) if self.labels else self.verdict or ""]
        return ", ".join([s for s in said if s] + [f"{n} {k}" for k, n in self.counts.items()])


@dataclass(frozen=True)
class Names:
    """What truth may name.

    Parameters
    ----------
    classes, labels : frozenset of str
        Classes and sets, and defect labels, of the spec.
    renamed : mapping of str to str
        Names of the truth, and what the spec calls them; empty if they are to be left out.
    """

    classes: frozenset[str]
    labels: frozenset[str]
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GroundTruth:
    """What a file says.

    Parameters
    ----------
    pictures : mapping of str to Expectation
        By the name that the file gives the picture; `""` where the file is about one picture without naming it.
    others : tuple of str
        Pictures that were not asked for, of which nothing was read.
    notes : tuple of str
        What was left out.
    """

    pictures: Mapping[str, Expectation]
    notes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def read_truth(path: Path, names: Names, wanted: Callable[[str], bool] = lambda _: True) -> GroundTruth:
    """Read a file of truth.

    Parameters
    ----------
    path : Path
        JSON: an object with a key for each picture, a list of objects that name their picture, or an object of counts
        for a single picture. CSV: a row for each picture, or for each picture and class.
    names : Names
        What it may name.
    wanted : callable
        Whether a picture is asked for, by its name; what is said of the others need not suit the spec.

    Raises
    ------
    InputError
        If it cannot be read, names what the spec does not have, or contradicts itself.
    """
    return read_rows(path, truth_rows(path), names, wanted)


def truth_rows(path: Path) -> Sequence[tuple[str, object]]:
    """The rows of a file of truth as they stand: the name of the picture, and what is said of it.

    Raises
    ------
    InputError
        If it cannot be read, or has no rows of pictures.
    """
    try:
        with file_errors(f"the truth {path}", "read"):
            text = read_bytes(path, MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"cannot read the truth {path}: expected UTF-8 text") from None
    return _rows_of_csv(path, text) if path.suffix.lower() in (".csv", ".tsv") else _rows_of_json(path, text)


def read_rows(
    path: Path, rows: Sequence[tuple[str, object]], names: Names, wanted: Callable[[str], bool] = lambda _: True
) -> GroundTruth:
    """The known results in rows of a file; see `read_truth`."""
    reader, others = _Reader(path, names), dict[str, None]()
    for name, value in rows:
        if not name or wanted(name):
            reader.take(name, value)
        else:
            others[name] = None
    if not reader.found and not others:
        raise InputError(f"{path} contains no results: expected a verdict, labels or counts for each picture")
    return GroundTruth(reader.found, reader.notes(), tuple(others))


def truth_of_annotations(path: Path, table: ObjectTable, names: Names) -> GroundTruth:
    """The counts on annotated pictures, on which each object of an annotated class has been marked.

    Parameters
    ----------
    path : Path
        Their file.
    table : ObjectTable
        Its objects. Of a class without any object in the file nothing is known.
    names : Names
        What they may be called.

    Raises
    ------
    InputError
        If a picture cannot be read, or a class is unknown.
    """
    if table.problems:
        raise InputError(table.problems[0].named)
    reader, texts = _Reader(path, names), table.classes.texts()
    known = sorted({text for text in texts if text and text != ANY_CLASS})
    uncertain = table.columns.get(COUNT)
    doubtful = uncertain.codes >= 0 if isinstance(uncertain, TextColumn) else np.zeros(len(table), bool)
    notes = []
    for image, name in enumerate(table.images):
        mine = slice(int(table.offsets[image]), int(table.offsets[image + 1]))
        if doubtful[mine].any():
            notes.append(f"{path}: {name} is left out, because the number of its objects is uncertain")
            continue
        counts = Counter(texts[mine])
        reader.take(name, {k: counts[k] for k in known})
    if not reader.found:
        raise InputError(f"{path} contains no results: expected annotated pictures")
    return GroundTruth(reader.found, (*reader.notes(), *table.notes, *notes))


class _Reader:
    """Collects the rows of a truth file."""

    def __init__(self, path: Path, names: Names) -> None:
        self.path, self.names = path, names
        self.found: dict[str, Expectation] = {}
        self.ignored: dict[str, None] = {}

    def notes(self) -> tuple[str, ...]:
        if not self.ignored:
            return ()
        return (f"{self.path}: left out, as neither a count, a verdict nor labels: {listed(self.ignored)}",)

    def take(self, name: str, value: object) -> None:
        """Add the results of a picture; several rows of one picture must agree."""
        made = self._expectation(name, value)
        before = self.found.get(name)
        if before is not None:
            made = self._joined(name, before, made)
        self.found[name] = made

    def _error(self, name: str, message: str) -> InputError:
        return InputError(f"{self.path}: {f'`{name}`: ' if name else ''}{message}")

    def _joined(self, name: str, a: Expectation, b: Expectation) -> Expectation:
        both = [k for k in a.counts if b.counts.get(k, a.counts[k]) != a.counts[k]]
        verdicts = {e.verdict for e in (a, b) if e.verdict}
        if both or len(verdicts) > 1 or (a.labels and b.labels and a.labels != b.labels):
            raise InputError(f"contradictory truth: {self.path} says of `{name}` both {a} and {b}")
        return Expectation(a.verdict or b.verdict, a.labels or b.labels, {**a.counts, **b.counts})

    def _expectation(self, name: str, value: object) -> Expectation:
        match value:
            case bool():
                return Expectation("pass" if value else "fail")
            case str():
                return self._words(name, value)
            case list():
                return self._labels(name, value)
            case dict():
                return self._entry(name, value)
            case _:
                raise self._error(name, f"expected a verdict, labels or counts, found `{_short(value)}`")

    def _entry(self, name: str, entry: Mapping[str, object]) -> Expectation:
        made, counts, labels = Expectation(), dict[str, int](), None
        for key, value in entry.items():
            ours = self.names.renamed.get(key, key)
            if not ours or value is None or value == "":
                continue
            if ours in self.names.classes:
                count = _count(value)
                if count is None:
                    raise self._error(name, f"expected a count for `{key}`, found `{_short(value)}`")
                if counts.get(ours, count) != count:
                    raise self._error(name, f"contradictory truth: `{ours}` is counted {counts[ours]} and {count}")
                counts[ours] = count
            elif key == "counts" and isinstance(value, dict):
                counts |= self._entry(name, value).counts
            elif key in LABEL_KEYS:
                labels = self._labels(name, value)
            elif key in VERDICT_KEYS and isinstance(value, str | bool):
                made = self._words(name, value) if isinstance(value, str) else self._expectation(name, value)
            elif key in VERDICT_KEYS and _count(value) in (0, 1):
                made = self._expectation(name, bool(value))
            elif _count(value) is not None:
                raise self._error(name, self._unknown(key, "class", self.names.classes))
            else:
                self.ignored[key] = None
        if labels is not None and (made.verdict or labels.verdict) != labels.verdict:
            said = ", ".join(sorted(labels.labels or ())) or "no defect"
            raise self._error(name, f"contradictory truth: the verdict is {made.verdict}, and the labels say {said}")
        # `defects: {}` beside `verdict: fail` adds nothing to the verdict
        verdict = made if labels is None or not labels.labels else labels
        verdict = labels if labels is not None and verdict.verdict is None else verdict
        return Expectation(verdict.verdict, verdict.labels or made.labels, counts)

    def _labels(self, name: str, value: object) -> Expectation:
        """Defect labels: a list, an object by label, or text separated by `;`, `,` or `|`."""
        listed = re.split(r"[;,|]", value) if isinstance(value, str) else value
        if isinstance(value, dict):
            listed = [k for k, n in value.items() if n]
        if not isinstance(listed, list) or not all(isinstance(v, str) for v in listed):
            raise self._error(name, f"expected labels, found `{_short(value)}`")
        found = [self.names.renamed.get(v.strip(), v.strip()) for v in listed]
        said = [v for v in found if v.lower() not in ("normal", "none")]
        kept = [v for v in said if v]
        for label in kept:
            if label not in self.names.labels:
                raise self._error(name, self._unknown(label, "label", self.names.labels))
        # if one is ignored, the right labels are unknown, but the picture is bad
        return Expectation("fail", frozenset(kept) if kept == said else None) if said else Expectation("pass")

    def _words(self, name: str, text: str) -> Expectation:
        """A verdict in words: `fail`, `normal`, a label, or a verdict followed by remarks."""
        words = " ".join(text.split())
        ours = self.names.renamed.get(words, words)
        if ours in self.names.labels:
            return Expectation("fail", frozenset([ours]))
        for key in sorted(_VERDICTS, key=len, reverse=True):
            if re.match(rf"{key}\b", words, re.IGNORECASE):
                verdict, rest = _VERDICTS[key], words[len(key) :].strip(" :;,")
                label = next((r for r in (self.names.renamed.get(rest, rest),) if r in self.names.labels), None)
                return Expectation(verdict, frozenset([label]) if label and verdict == "fail" else None)
        known = "`pass`, `fail`, `review`" + (f" or a label: {listed(self.names.labels)}" if self.names.labels else "")
        raise self._error(name, f"expected a verdict, {known}, found `{_short(text)}`")

    def _unknown(self, key: str, what: str, known: Iterable[str]) -> str:
        return (
            _no_such(what, key, known)
            + f"; or map it with --name {key}={what.upper()}, or ignore it with --name {key}="
        )


def _no_such(what: str, word: str, known: Iterable[str]) -> str:
    inside = next((f"; did you mean `{k}`?" for k in sorted(known) if word.lower() in k.lower()), "")
    hint = did_you_mean(word, known) or inside
    return f"the spec has no {what} `{word}`: expected one of {listed(sorted(known)) or 'none'}{hint}"


def _rows_of_json(path: Path, text: str) -> Sequence[tuple[str, object]]:
    """The rows of a JSON text, each with the name of its picture; duplicate names are kept."""

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in found:
            if key in made and made[key] != value:
                raise InputError(f"contradictory truth: {path} says two things of `{key}`")
            made[key] = value
        return made

    try:
        document = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise InputError(f"cannot read the truth {path}: it is not JSON: {error}") from None
    if isinstance(document, dict) and isinstance(document.get("images"), list):
        document = document["images"]  # a report of `check --format json`, corrected by hand
    match document:
        case list():
            return [_named(path, row) for row in document]
        case dict() if any(_count(v) is not None for v in document.values()):
            return [("", document)]
        case dict():
            return list(document.items())
        case _:
            raise InputError(f"{path}: expected an object with a key for each picture, found `{_short(document)}`")


def _named(path: Path, row: object) -> tuple[str, object]:
    if isinstance(row, dict):
        for key in _PICTURE_KEYS:
            if isinstance(row.get(key), str):
                report = ("score", "objects", "error", "findings", "notes") if "findings" in row else ()
                return row[key], {k: v for k, v in row.items() if k not in (key, *report)}
    raise InputError(f"{path}: expected rows with a `picture`, found `{_short(row)}`")


def _rows_of_csv(path: Path, text: str) -> Sequence[tuple[str, object]]:
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    try:
        lines = [row for row in csv.reader(io.StringIO(text), delimiter=mark, strict=True) if any(map(str.strip, row))]
    except csv.Error as error:
        raise InputError(f"cannot read the truth {path}: {error}") from None
    head = [cell.strip() for cell in lines[0]] if lines else []
    lower = [cell.lower() for cell in head]
    at = next((lower.index(k) for k in _PICTURE_KEYS if k in lower), None)
    if at is None:
        raise InputError(f"{path}: expected a column `picture`, found {listed(head) or 'nothing'}")
    twice = next((h for i, h in enumerate(head) if h in head[:i]), None)
    if twice is not None:
        raise InputError(f"{path}: two columns `{twice}`")
    rows: list[tuple[str, object]] = []
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(head):
            raise InputError(f"{path}: expected {len(head)} fields in row {number}, found {len(line)}")
        cells = {h: cell.strip() for i, (h, cell) in enumerate(zip(head, line, strict=True)) if i != at}
        if {"class", "count"} <= cells.keys():
            cells[cells.pop("class")] = cells.pop("count")
        rows.append((line[at].strip(), {k.lower() if k.lower() in _KEYS else k: v for k, v in cells.items()}))
    return rows


_KEYS = frozenset([*VERDICT_KEYS, *LABEL_KEYS])


def _count(value: object) -> int | None:
    """A whole number of objects in JSON or CSV; None for anything else."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else None


def listed(names: Iterable[str], quote: str = "`") -> str:
    """The first few of some names, and how many more there are."""
    words = [f"{quote}{n}{quote}" for n in names]
    rest = len(words) - SHOWN
    return ", ".join(words[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
