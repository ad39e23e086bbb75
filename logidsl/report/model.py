"""The report: the contract that other programs rely on.

Records of the JSON that `logidsl check --format json` prints, and of a line of `--format jsonl`. Field names and
meaning are stable; `docs/report.schema.json` is made from these.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, TypeAlias

from logidsl.records import Record, made, plain
from logidsl.repairs import Box, Repair
from logidsl.source import SourceSpan

Verdict: TypeAlias = Literal["pass", "fail", "review", "error"]
#: Verdicts, the one that decides over several first.
WORST_FIRST: tuple[Verdict, ...] = ("fail", "error", "review", "pass")
Outline: TypeAlias = tuple[tuple[float, float], ...]


class ObjectRef(Record):
    """An object in a finding. `box` is x0 y0 x1 y1 in px; `row` and `col` of a cell count from 1.

    The class of an entry that could not be read is `?` where it is not known.
    """

    id: Annotated[str | None, "id of the object in the table; null for absent objects and for cells"]
    class_: str
    role: Literal["witness", "absent", "context"]
    box: Box | None = None
    outline: Annotated[Outline | None, "corners in px, simplified; null if the shape is the box or unknown"] = None
    row: int | None = None
    col: int | None = None
    unreadable: Annotated[str | None, "the entry that could not be read, and why"] = None

    def _adjust(self, values: dict[str, Any]) -> None:
        box = values.get("box")
        if box is not None and not all(map(math.isfinite, box)):
            values["box"] = None  # a corner is not known


class Finding(Record):
    """One reason why a rule is not true: one for each failing binding."""

    rule: str
    kind: str | None
    truth: Literal["false", "undetermined"]
    label: str | None
    severity: str | None
    message: str
    span: SourceSpan
    measured: str | None
    expected: str | None
    margin: float | None
    reason: str | None
    objects: list[ObjectRef]
    repairs: Annotated[list[Repair], "each alone makes the clause true; empty unless repairs were requested"] = made(
        factory=list
    )
    joint: Annotated[str | None, "why a false clause has no repair"] = None
    verdict: Annotated[Literal["fail", "review"], "of the picture, as far as this finding goes"] = "fail"

    def _adjust(self, values: dict[str, Any]) -> None:
        if values["truth"] == "undetermined":
            values["verdict"] = "review"


class ImageReport(Record):
    """The verdict on one image; without a verdict, `error` gives the reason."""

    _origin: tuple[str, str | None] | None = None  # no part of the report

    path: str
    verdict: Verdict
    labels: list[str]
    score: Annotated[float | None, "the greater, the worse; null unless scores were requested"]
    objects: int | None
    error: str | None
    findings: list[Finding]
    notes: list[str] = made(factory=list)
    size: Annotated[tuple[float, float] | None, "width and height of the picture in px"] = None

    @property
    def origin(self) -> tuple[str | None, str | None]:
        """The input that the image is from, and its digest, where they are known."""
        return self._origin or (None, None)

    def of(self, origin: tuple[str, str | None] | None) -> Self:
        """The same image, of an input."""
        image = self.replaced()
        image.__dict__["_origin"] = origin
        return image


class MemberRef(ObjectRef):
    """An object in a finding about a batch, and the picture that it is in."""

    image: Annotated[str | None, "the picture that it is in; null for absent objects"] = None


class BatchFinding(Finding):
    """One reason why a rule over several pictures is not true."""

    objects: list[MemberRef]  # type: ignore[assignment]


class BatchReport(Record):
    """The verdict on one batch of pictures, by the rules over several."""

    batch: Annotated[str, "its name in the spec"]
    key: Annotated[str | None, "what its pictures have in common; null for all pictures of a run"]
    verdict: Verdict
    labels: list[str]
    pictures: Annotated[int, "how many there are, also where a rule looks at the last ones only"]
    findings: list[BatchFinding]
    notes: list[str] = made(factory=list)

    score = error = objects = size = None  # of an image only

    @property
    def path(self) -> str:
        """What a report calls it, where an image has its path.

        Examples
        --------
        >>> BatchReport(batch="lot", key="L7", verdict="pass", labels=["normal"], pictures=3, findings=[]).path
        'lot L7'
        """
        return self.batch if self.key is None else f"{self.batch} {self.key}"


class SpecRef(Record):
    """The spec that was applied: `hash` identifies the program, `language` the meaning of its words."""

    name: str | None
    path: str
    hash: str
    language: int = 1
    parameters: Annotated[dict[str, str], "the value of each parameter, as it was written where it was set"] = made(
        factory=dict
    )


class ImageLine(ImageReport):
    """A line of `--format jsonl`: an image with the spec that judged it, so that each line stands alone.

    `input` is the file that it is from, `digest` that of the file's bytes, by which `--resume` knows it again.
    """

    logidsl: str
    spec: SpecRef
    input: str | None = None
    digest: str | None = None


class BatchLine(BatchReport):
    """A line of `--format jsonl` after those of the images: a batch with the spec that judged it."""

    logidsl: str
    spec: SpecRef


class Summary(Record):
    """How many images had each verdict."""

    pass_: int
    fail: int
    review: int
    error: int

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Self:
        """Count verdicts.

        Examples
        --------
        >>> Summary.of(["pass", "fail", "pass"]).pass_
        2
        """
        seen = Counter(verdicts)
        return cls(pass_=seen["pass"], fail=seen["fail"], review=seen["review"], error=seen["error"])

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole: that all images pass.

        As inside a spec, what is proved false stays false whatever the rest would say: `fail` before
        `error` (an image without a verdict), before `review`. A batch without images is an `error`, as
        nothing was shown.

        Examples
        --------
        >>> Summary.of(["pass", "error", "review"]).verdict, Summary.of(["error", "fail"]).verdict
        ('error', 'fail')
        """
        if self.fail:
            return "fail"
        if self.error or not (self.review or self.pass_):
            return "error"
        return "review" if self.review else "pass"


def verdict_of(images: Summary, batches: Iterable[BatchReport]) -> Verdict:
    """The verdict on all images and all batches of them; see `Summary.verdict`."""
    found = {images.verdict, *(b.verdict for b in batches)}
    return next(v for v in WORST_FIRST if v in found)


class Document(Record):
    """What a report holds: the verdicts on a batch of images, in the order they were given."""

    logidsl: str
    spec: SpecRef
    images: list[ImageReport]
    summary: Summary
    notes: list[str] = made(factory=list)
    batches: Annotated[list[BatchReport], "by the rules over several pictures; not there in a spec without any"] = made(
        factory=list
    )

    # Only to show lines of the spec, and pictures: no part of the report.
    _sources: Mapping[str, str] = MappingProxyType({})
    _picture: Callable[[str], str | None] | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole: all images, and all batches of them; see `Summary.verdict`."""
        return verdict_of(self.summary, self.batches)

    @property
    def ok(self) -> bool:
        """Whether every image passes."""
        return self.verdict == "pass"

    def with_sources(self, sources: Mapping[str, str]) -> Self:
        """The same report, able to show the lines of specs that are in no file.

        Parameters
        ----------
        sources : mapping of str to str
            Text of the spec's files, by path as in the spans.
        """
        return self._shown_with(sources, self._picture)

    def with_pictures(self, picture: Callable[[str], str | None]) -> Self:
        """The same report, able to show its pictures.

        Parameters
        ----------
        picture : callable
            Gives the picture of an image, by its path, as a `data:` address; None where it cannot be read.
        """
        return self._shown_with(self._sources, picture)

    def _shown_with(self, sources: Mapping[str, str], picture: Callable[[str], str | None] | None) -> Self:
        report = self.replaced()
        report.__dict__.update(_sources=dict(sources), _picture=picture)
        return report

    @property
    def sources(self) -> Mapping[str, str]:
        """Text of the spec's files by path, where it is known."""
        return self._sources

    @property
    def picture(self) -> Callable[[str], str | None] | None:
        """What gives the pictures, where they can be shown."""
        return self._picture

    def to_dict(self) -> dict[str, object]:
        """The report as plain values, with the names of the JSON contract."""
        found: dict[str, object] = plain(self)
        if not self.batches:
            del found["batches"]
        return found

    def to_json(self, indent: int | None = None) -> str:
        """The report as JSON text, valid against `docs/report.schema.json`."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        s = self.summary
        name = self.spec.name or self.spec.path
        return f"<Report {self.verdict}: {s.pass_} pass, {s.fail} fail, {s.review} review, {s.error} error by {name}>"
