"""Conformance cases: a spec, a scene and what is to be found, in one `.logic` file that a person reads in one sitting.

The scene stands in comments at the top; what is expected stands beside the rules:

    #! image 400 x 300                     a picture; what follows lies on it; `#! image` alone has no size
    #! image 9 x 9 as L1/a.png day=2       its path, and what its table says of it
    #! unread as L1/b.png                  a picture that could not be read; it has no number
    #! bolt b1 box 10 10 50 30 length=40   a class, an id, its place, measured values
    #! nut n1 n2                           several objects without a place
    #! nut n3 at 60 80 color=#999999       a box of 10 by 10 px round a centre
    #! tray t outline 0,0 90,0 0,90        a polygon, measured as any outline is; `hole` adds a hole
    #! pixels 0 0 60 40 #c02020            pixels of the picture, which is grey (#808080) without
    #! param gap = 12 px                   a value given from outside
    #! differs: why                        the program is known not to do what is said here
    object bolt: 2    #= false, found 1, expected 2, absent 1 bolt
    rule a: …         #= 1: true; 2: undetermined, because absent

Each rule must say what is expected of it on every image: `true`, `false` (several where there are several
findings) or `undetermined`. `1 3:` limits an outcome to images. Of a finding these must be right whether said
or not: `label` (else the rule's name), `witness` (else none), `absent` (else none). These only where they are
said: `found`, `expected`, `context`, `margin`, `at` (the words of the clause), `because`, `severity`, `kind`,
`repair` (the first one), `verdict` (else fail), and last `message`. A cell is written `cell[row,column]`, a margin may
be a fraction.

What is expected of a rule over several pictures is limited to batches by their keys: `L1 L2: true; L3: false, found 2`.
Witnesses that are pictures have their paths. `#? L1: note …` speaks of a batch.

`#= error E115` stands on the line of a diagnostic, and the file must have exactly those.
`#= rule pins: …` speaks of a rule that is imported.
A test inside the spec says `#= ok` or `#= failed`. `#? 2: note …` and `#? score …` speak of an image's report.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from logidsl.extract.records import PictureRecords, Record
from logidsl.source import Source
from logidsl.syntax import ast

TRUTHS = ("true", "false", "undetermined")
FIELDS = (
    "found", "expected", "label", "witness", "absent", "context", "margin", "at", "because", "message", "severity",
    "kind", "repair", "verdict",
)  # fmt: skip
_FIELD = re.compile(rf",\s+(?=(?:{'|'.join(FIELDS)})\s)")
_IMAGES = re.compile(r"([\d ]+):\s+")
_BATCHES = re.compile(r"([^\s:,;]+(?: [^\s:,;]+)*):\s+(?=true|false|undetermined|note )")
_PICTURE = re.compile(r"(?:(\d+) x (\d+))?\s*(?:as (\S+))?((?:\s*[a-z_]+=\S+)*)")


class CaseError(ValueError):
    """A case that is written wrongly."""


@dataclass(frozen=True)
class Expected:
    """One outcome of a rule on one image: its truth, and what a finding must say."""

    truth: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Remark:
    """What an image's report, or a batch's, must say besides its findings."""

    image: int | None
    word: str
    value: str
    batch: str | None = None


@dataclass
class Case:
    """A case as it is written; rules by the name that the program gives them, images from 0."""

    source: Source
    frames: list[PictureRecords] = field(default_factory=list)
    painted: dict[int, list[tuple[list[int], str]]] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    differs: str | None = None
    expected: dict[str, dict[int, list[Expected]]] = field(default_factory=dict)
    diagnostics: list[tuple[int, str]] = field(default_factory=list)
    over: dict[str, list[tuple[tuple[str, ...], Expected]]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    tests: dict[str, bool] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def repairs(self) -> bool:
        """Whether it says of a finding how to repair it."""
        return any("repair" in o.fields for images in self.expected.values() for all_ in images.values() for o in all_)


def read_scene(path: Path) -> Case:
    """A case with its scene; `expect` adds what is expected, once the statements are known.

    Raises
    ------
    CaseError
        If a line of the scene cannot be read.
    """
    case = Case(Source(str(path), path.read_text("utf-8")))
    for number, line in enumerate(case.source.text.splitlines(), 1):
        if line.startswith("#!"):
            try:
                _scene_line(case, line[2:].strip())
            except (ValueError, IndexError) as error:
                raise CaseError(f"{path}:{number}: cannot read `{line}`: {error}") from None
        elif "#!" in line:
            raise CaseError(f"{path}:{number}: a line of the scene begins with `#!`")
    return case


def _scene_line(case: Case, text: str) -> None:
    word, _, rest = text.partition(" ")
    match word:
        case "image" | "unread":
            said = _PICTURE.fullmatch(rest)
            if said is None or (word == "unread" and not said[3]):
                raise CaseError("expected `400 x 300`, `as lot/a.png` and `name=value`")
            if word == "unread":
                case.unread.append(said[3])
                return
            width, height = (float(said[1]), float(said[2])) if said[1] else (np.nan, np.nan)
            facts: dict[str, str | None] = {k: v for k, _, v in (pair.partition("=") for pair in said[4].split())}
            name = said[3] or f"image {len(case.frames) + 1}"
            case.frames.append(PictureRecords(name, width, height, facts=facts))
        case "pixels":
            *sides, colour = rest.split()
            painted = case.painted.setdefault(len(case.frames) - 1, [])
            painted.append(([int(s) for s in sides], colour))
        case "param":
            name, _, value = rest.partition(" = ")
            case.params[name] = value
        case "differs:":
            case.differs = rest
        case _:
            name, *words = shlex.split(text, comments=False)
            case.frames[-1].records += _objects(name, words)


def _objects(name: str, words: list[str]) -> Iterator[Record]:
    """The objects of one line: ids, a place, values."""
    values = dict(_value(w) for w in words if "=" in w)
    words = [w for w in words if "=" not in w]
    cut = next((i for i, w in enumerate(words) if w in ("box", "at", "outline")), len(words))
    ids, place = words[:cut], words[cut:]
    if not ids or (place and len(ids) > 1):
        raise CaseError("expected one id before a place, and at least one")
    for id_ in ids:
        yield replace(_placed(place), name=name, id=id_, values=values)


def _placed(words: list[str]) -> Record:
    match words:
        case []:
            return Record("")
        case ["box", *sides] if len(sides) == 4:
            return Record("", [float(s) for s in sides])
        case ["at", x, y]:
            return Record("", [float(x) - 5, float(y) - 5, float(x) + 5, float(y) + 5])
        case ["outline", *points]:
            rings: list[list[list[float]]] = [[]]
            for p in points:
                if p == "hole":
                    rings.append([])
                else:
                    rings[-1].append([float(v) for v in p.split(",")])
            return Record("", None, [np.array(r, np.float64) for r in rings])
        case _:
            raise CaseError("expected `box x0 y0 x1 y1`, `at x y` or `outline x,y …`")


def _value(word: str) -> tuple[str, object]:
    name, _, text = word.partition("=")
    if re.fullmatch(r"-?[\d.]+,-?[\d.]+", text):
        return name, [float(v) for v in text.split(",")]
    return name, text


def expect(case: Case, file: ast.File) -> None:
    """Read what is expected beside the statements of a file.

    Raises
    ------
    CaseError
        If it cannot be read, stands beside nothing, or is not complete.
    """
    owners = list(_owners(file.statements))
    outcomes: dict[str, list[str]] = {name: [] for name, start in owners if not isinstance(start, ast.Test)}
    for number, line in enumerate(case.source.text.splitlines(), 1):
        place = f"{case.source.path}:{number}"
        if line.startswith("#?"):
            case.remarks.append(_remark(line[2:].strip(), place))
            continue
        _, mark, text = line.partition("#=")
        if not mark:
            continue
        text = text.strip()
        if found := re.fullmatch(r"error (E\d{3}(?: E\d{3})*)", text):
            case.diagnostics += [(number, code) for code in found[1].split()]
            continue
        if imported := re.fullmatch(r"rule (\w+): (.*)", text):
            outcomes.setdefault(imported[1], []).extend(p.strip() for p in imported[2].split(";"))
            continue
        owner = next((o for o in reversed(owners) if o[1].span.line <= number), None)
        if owner is None:
            raise CaseError(f"{place}: no rule stands before `#= {text}`")
        if isinstance(owner[1], ast.Test):
            if text not in ("ok", "failed") or owner[0] in case.tests:
                raise CaseError(f"{place}: expected `ok` or `failed` once beside a test, found `{text}`")
            case.tests[owner[0]] = text == "ok"
        else:
            outcomes[owner[0]] += [part.strip() for part in text.split(";")]
    if case.diagnostics:
        return
    over = {s.name.name for s in file.statements if isinstance(s, ast.Rule) and s.over is not None}
    for name in over & outcomes.keys():
        place = f"{case.source.path}: {name}"
        case.over[name] = [_of_batches(text, place) for text in outcomes.pop(name)]
        if not case.over[name]:
            raise CaseError(f"{place}: nothing is expected")
    for name, texts in outcomes.items():
        case.expected[name] = _by_image(texts, len(case.frames), f"{case.source.path}: {name}")
    missing = [t for t, s in owners if isinstance(s, ast.Test) and t not in case.tests]
    if missing:
        raise CaseError(f"{case.source.path}: nothing is expected of the tests {missing}")


def _owners(statements: tuple[ast.Statement, ...], first: bool = True) -> Iterator[tuple[str, ast.Statement]]:
    """What expectations may stand beside, in order: rules, cardinalities, the first variant, tests."""
    for s in statements:
        match s:
            case ast.Rule():
                yield s.name.name, s
            case ast.Object() | ast.Derived() if s.cardinality is not None:
                yield s.name.name, s
            case ast.Test():
                yield s.title.value, s
            case ast.Variant():
                if first:
                    yield "one_variant", s
                    first = False
                yield from _owners(s.statements, False)
            case _:
                pass


def _by_image(texts: list[str], images: int, place: str) -> dict[int, list[Expected]]:
    found: dict[int, list[Expected]] = {i: [] for i in range(images)}
    for text in texts:
        limited = _IMAGES.match(text)
        chosen = [int(n) - 1 for n in limited[1].split()] if limited else list(found)
        outcome = _outcome(text[limited.end() :] if limited else text, place)
        for i in chosen:
            if i not in found:
                raise CaseError(f"{place}: there is no image {i + 1}")
            found[i].append(outcome)
    for i, outcomes in found.items():
        truths = {o.truth for o in outcomes}
        if len(truths) != 1 or (len(outcomes) > 1 and truths != {"false"}):
            raise CaseError(f"{place}: expected one truth on image {i + 1}, found {sorted(truths) or 'none'}")
    return found


def _of_batches(text: str, place: str) -> tuple[tuple[str, ...], Expected]:
    """An outcome, and the keys of the batches that it is limited to; none for all."""
    limited = _BATCHES.match(text)
    keys = tuple(limited[1].split()) if limited else ()
    return keys, _outcome(text[limited.end() :] if limited else text, place)


def _outcome(text: str, place: str) -> Expected:
    text, message, words = text.partition(", message ")  # the last field, as any word may be in it
    truth, *parts = _FIELD.split(text) + ([f"message {words}"] if message else [])
    if truth not in TRUTHS:
        raise CaseError(f"{place}: expected `true`, `false` or `undetermined`, found `{truth}`")
    fields = dict(p.split(maxsplit=1) for p in parts)
    if len(fields) != len(parts) or (fields and truth == "true"):
        raise CaseError(f"{place}: a word said twice, or said of what is true, in `{text}`")
    return Expected(truth, fields)


def _remark(text: str, place: str) -> Remark:
    limited = _IMAGES.match(text)
    if limited is None and (batch := _BATCHES.match(text)):
        return Remark(None, "note", text[batch.end() :].removeprefix("note "), batch[1])
    word, _, value = text[limited.end() if limited else 0 :].partition(" ")
    if word not in ("note", "score") or not value:
        raise CaseError(f"{place}: expected `note …` or `score …`, found `{text}`")
    return Remark(int(limited[1]) - 1 if limited else None, word, value)
