"""The report: the contract that other programs rely on.

Pydantic models of the JSON that `logidsl check --format json` prints, and of a line of `--format jsonl`.
Field names and meaning are stable; `docs/report.schema.json` is made from these.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from logidsl.repairs import Repair

Verdict = Literal["pass", "fail", "review", "error"]


def _finite(value: object) -> object:
    """Null where a number is none that JSON can say."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _finite_box(value: object) -> object:
    """Null where a corner is unknown."""
    return None if isinstance(value, tuple | list) and any(_finite(v) is None for v in value) else value


Measure = Annotated[float | None, BeforeValidator(_finite)]
Outline = tuple[tuple[float, float], ...]
Box = Annotated[tuple[float, float, float, float] | None, BeforeValidator(_finite_box)]


class Model(BaseModel):
    """Base of the report's models."""

    model_config = ConfigDict(extra="forbid")


class ReportSpan(Model):
    """Words of the spec: lines and columns from 1, the end just after the last character."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    path: str = ""


class ObjectRef(Model):
    """An object in a finding. `box` is x0 y0 x1 y1 in px; `row` and `col` of a cell count from 1.

    The class of an entry that could not be read is `?` where it is not known.
    """

    id: str | None = Field(description="id of the object in the table; null for what is absent, and for cells")
    class_: str = Field(validation_alias=AliasChoices("class", "class_"), serialization_alias="class")
    role: Literal["witness", "absent", "context"]
    box: Box = None
    outline: Outline | None = Field(
        default=None, description="corners in px, simplified; null where the box is the shape, or it is not known"
    )
    row: int | None = None
    col: int | None = None
    unreadable: str | None = Field(default=None, description="the entry that could not be read, and why")


class Finding(Model):
    """One reason why a rule is not true: one for each failing binding."""

    rule: str
    kind: str | None
    truth: Literal["false", "undetermined"]
    label: str | None
    severity: str | None
    message: str
    span: ReportSpan
    measured: str | None
    expected: str | None
    margin: Measure
    reason: str | None
    objects: list[ObjectRef]
    repairs: list[Repair] = Field(default=[], description="each alone makes the clause true; judged, not guessed")
    joint: str | None = Field(default=None, description="why no repair of a false clause can be promised")


class ImageReport(Model):
    """The verdict on one image. `error` says why there is none."""

    _origin: tuple[str, str | None] | None = PrivateAttr(None)

    path: str
    verdict: Verdict
    labels: list[str]
    score: Measure
    objects: int | None
    error: str | None
    findings: list[Finding]
    notes: list[str] = []
    size: tuple[float, float] | None = Field(default=None, description="width and height of the picture in px")

    @property
    def origin(self) -> tuple[str | None, str | None]:
        """The input that the image is from, and its digest, where they are known."""
        return self._origin or (None, None)

    def of(self, origin: tuple[str, str | None] | None) -> Self:
        """The same image, of an input."""
        self._origin = origin
        return self


class SpecRef(Model):
    """The spec that was applied: `hash` identifies the program, `language` the meaning of its words."""

    name: str | None
    path: str
    hash: str
    language: int = 1


class ImageLine(ImageReport):
    """A line of `--format jsonl`: an image with the spec that judged it, so that each line stands alone.

    `input` is the file that it is from, `digest` that of the file's bytes, by which `--resume` knows it again.
    """

    logidsl: str
    spec: SpecRef
    input: str | None = None
    digest: str | None = None


class Summary(Model):
    """How many images had each verdict."""

    pass_: int = Field(validation_alias=AliasChoices("pass", "pass_"), serialization_alias="pass")
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
        seen = list(verdicts)
        return cls.model_validate({word: seen.count(word) for word in ("pass", "fail", "review", "error")})

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


class Report(Model):
    """The verdicts on a batch of images, in the order they were given.

    `print(report)` shows it as text; a notebook shows it as a page.
    """

    logidsl: str
    spec: SpecRef
    images: list[ImageReport]
    summary: Summary
    notes: list[str] = []

    # Text of the spec's files by path, where it is known: only to show lines, no part of the report.
    _sources: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole batch; see `Summary.verdict`."""
        return self.summary.verdict

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
        self._sources = dict(sources)
        return self

    @property
    def sources(self) -> Mapping[str, str]:
        """Text of the spec's files by path, where it is known."""
        return self._sources

    def to_dict(self) -> dict[str, object]:
        """The report as plain values, with the names of the JSON contract."""
        return self.model_dump(mode="json", by_alias=True)

    def to_json(self, indent: int | None = None) -> str:
        """The report as JSON text, valid against `docs/report.schema.json`."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The report of a JSON text that `to_json` made.

        Raises
        ------
        pydantic.ValidationError
            If the text is not a report.
        """
        return cls.model_validate_json(text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Report) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        from logidsl.report.formats import Stream, Style, find

        return "".join(find("text")(Stream.of(self), Style(sources=self._sources))).rstrip("\n")

    def __repr__(self) -> str:
        s = self.summary
        name = self.spec.name or self.spec.path
        return f"<Report {self.verdict}: {s.pass_} pass, {s.fail} fail, {s.review} review, {s.error} error by {name}>"

    def _repr_html_(self) -> str:
        from logidsl.report.html import page

        return page(self)


def schema() -> dict[str, object]:
    """The JSON Schema of a report; `#/$defs/ImageLine` is that of a line of `jsonl`."""
    from pydantic.json_schema import models_json_schema

    _, made = models_json_schema([(Report, "serialization"), (ImageLine, "serialization")])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "logidsl report",
        "$ref": "#/$defs/Report",
        **made,
    }
