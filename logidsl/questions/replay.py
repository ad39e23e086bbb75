"""Stored tables judged again with a changed spec: which verdicts change, and by which rules."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from logidsl.diagnostics import InputError
from logidsl.files import file_errors
from logidsl.report.model import ImageReport


@dataclass(frozen=True)
class Before:
    """What a report said of a picture: its verdict, its defects, and the rules that did not pass."""

    verdict: str
    labels: tuple[str, ...]
    rules: Mapping[str, str]


@dataclass(frozen=True)
class Changed:
    """A picture that is judged otherwise.

    Parameters
    ----------
    path : str
        The picture.
    before, after : Before
        What was and what is said of it.
    """

    path: str
    before: Before
    after: Before

    @property
    def rules(self) -> list[tuple[str, str, str]]:
        """The rules with another verdict: name, verdict before, verdict now."""
        names = dict.fromkeys([*self.before.rules, *self.after.rules])
        pairs = [(n, self.before.rules.get(n, "pass"), self.after.rules.get(n, "pass")) for n in names]
        return [p for p in pairs if p[1] != p[2]]


@dataclass
class Replay:
    """The comparison of two series of verdicts.

    Attributes
    ----------
    judged : int
        How many pictures were judged by both.
    changed : list of Changed
        Those with another verdict, or the same verdict with other defects.
    unmatched : list of str
        Pictures of the report without a table, and tables without a report.
    """

    judged: int = 0
    changed: list[Changed] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)


def compared(before: Iterable[tuple[str, Before]], after: Iterable[tuple[str, Before]]) -> Replay:
    """Compare verdicts by the names of pictures; of those with one name in their order."""
    waiting: dict[str, deque[Before]] = defaultdict(deque)
    for path, said in before:
        waiting[path].append(said)
    found = Replay()
    for path, said in after:
        if not waiting[path]:
            found.unmatched.append(path)
            continue
        old = waiting[path].popleft()
        found.judged += 1
        if (old.verdict, sorted(old.labels)) != (said.verdict, sorted(said.labels)):
            found.changed.append(Changed(path, old, said))
    found.unmatched += [path for path, left in waiting.items() for _ in left]
    return found


def said_of(image: ImageReport) -> Before:
    """What a report says of an image."""
    return _before(image.verdict, image.labels, ((f.rule, f.verdict) for f in image.findings))


def _before(verdict: str, labels: Iterable[str], findings: Iterable[tuple[str, str]]) -> Before:
    rules: dict[str, str] = {}
    for rule, word in findings:
        rules[rule] = "fail" if "fail" in (word, rules.get(rule)) else word
    return Before(verdict, tuple(labels), rules)


def report_in(path: Path) -> list[tuple[str, Before]] | None:
    """What a report of `check` in JSON or JSON lines says, by picture; None if the file is not a report.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    if path.suffix.lower() not in (".json", ".jsonl", ".ndjson"):
        return None
    with file_errors(path, "read"):
        text = path.read_bytes().decode("utf-8", "replace")
    rows = _rows(text)
    if not rows or not all(isinstance(r, dict) and {"verdict", "findings", "path"} <= r.keys() for r in rows):
        return None
    try:
        return [_of_row(row) for row in rows]
    except (KeyError, TypeError):
        raise InputError(f"{path}: expected a report of `logidsl check`, but a finding has another form") from None


def _rows(text: str) -> list[Any]:
    """The images of a document, or of lines; a last line that was cut short is left out."""
    try:
        document = json.loads(text)
    except ValueError:
        rows = []
        for line in text.splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                break
        return rows
    if isinstance(document, dict) and isinstance(document.get("images"), list):
        return list(document["images"])
    return document if isinstance(document, list) else [document]


def _of_row(row: dict[str, Any]) -> tuple[str, Before]:
    findings = [(str(f["rule"]), str(f["verdict"])) for f in row["findings"]]
    return str(row["path"]), _before(str(row["verdict"]), map(str, row["labels"]), findings)
