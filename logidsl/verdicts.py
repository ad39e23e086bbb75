"""Results of judging, as columns: verdicts by image, and findings by clause.

Owns `Judgement` and `Clause`. Columns, because a hundred thousand images are judged at once; the report turns those it
shows into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.ir import Batch, Program
from logidsl.repairs import Repair
from logidsl.table import ObjectTable

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Rings: TypeAlias = npt.NDArray[np.object_]  # each (k, 2) float64, or None
Role = Literal["witness", "absent", "context"]


#: Represents an unbounded count: more objects than any picture has, but still a finite number.
BOUNDLESS = 1e9


class State(IntEnum):
    """Truth of a rule, and verdict of an image."""

    FAIL = -1
    REVIEW = 0
    PASS = 1


class Shown(NamedTuple):
    """The values at some findings, ready to be put into words.

    Parameters
    ----------
    kind : str
        Kind of the value's type; `dim` its dimension, or a unit (`mm`, `inch2`) in which it is shown.
    numbers : (f, k) float64, optional
        For numbers low and high end; for points x and y; for colours L, a, b.
    texts : tuple of f str, optional
        For texts, labels and lists.
    why : (f,) str, optional
        Reason where undefined, else empty.
    """

    kind: str
    dim: str | None
    numbers: Floats | None = None
    texts: tuple[str, ...] | None = None
    why: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Group:
    """Objects of findings in one role.

    Parameters
    ----------
    rows : (f, m) int64
        Rows of the store, -1 for empty slots.
    columns : mapping
        Of a store other than the table: box, row and col of each of `rows`, (f, m).
    name : str
        What the spec calls them; empty where only the class of each says it.
    cut : bool
        Whether these are cells cut from something; the group after it holds what each was cut from.
    outlines : (f, m) object, optional
        For other stores, the corners of shapes other than axis-parallel boxes, px of the picture; otherwise None.
    """

    role: Role
    store: str
    rows: Ints
    columns: Mapping[str, Floats] = field(default_factory=dict)
    cut: bool = False
    name: str = ""
    outlines: Rings | None = None


class Partition(NamedTuple):
    """The groups that the members of a set form, at f findings: `numbers` (f, m) has that of each of `of.rows`."""

    of: Group
    numbers: Ints


@dataclass(frozen=True, eq=False)
class Clause:
    """The findings of one clause of one rule on a batch: f of them.

    Parameters
    ----------
    rule : int
        Place of the rule in the program.
    node : int
        Place of the clause.
    false : bool
        Whether the clause is false; else it is undetermined.
    images : (f,) int64
        Image of each finding.
    direction : (f,) int64
        -1 where the measured value is too low, 1 where too high, 0 where that means nothing.
    labels : tuple of f (str or None)
        The defect.
    measured, expected : mapping of int to Shown
        Values of the operands, by node.
    groups : tuple of Group
        The objects.
    named : mapping of str to int
        The values that the spec names for the members of the open walks: their nodes, which are among `shown`.
    partition : Partition, optional
        The groups that the measured value counts, or that a path reaches.
    absent : mapping of str to (f,) int64
        How many objects are missing, by what the spec calls them.
    reasons : tuple of f str
        Why it is undetermined; empty if it is false.
    margin : (f,) float64, optional
        Signed margin of the clause.
    negated : bool
        Whether it stands under a `not`: it is true, and should not be.
    at : tuple of (f,) int64
        Where each finding stands: which member of each open walk, the newest first, and last the image of its
        batch. `walks` are the nodes of these walks.
    repairs : tuple of f (tuple of Repair), optional
        What would make the clause true, one repair or more for each finding; None if they were not wanted.
    joint : tuple of f (str or None)
        Why there is no repair, if so.
    omitted : mapping of int to int
        How many more findings the clause has on an image than were made.
    """

    rule: int
    node: int
    false: bool
    images: Ints
    direction: Ints
    labels: tuple[str | None, ...]
    shown: Mapping[int, Shown]
    groups: tuple[Group, ...]
    absent: Mapping[str, Ints]
    reasons: tuple[str, ...]
    margin: Floats | None = None
    negated: bool = False
    at: tuple[Ints, ...] = ()
    walks: tuple[int, ...] = ()
    repairs: tuple[tuple[Repair, ...], ...] | None = None
    joint: tuple[str | None, ...] = ()
    partition: Partition | None = None
    named: Mapping[str, int] = field(default_factory=dict)
    omitted: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Judgement:
    """Verdicts and findings of a program on a table of N images.

    Parameters
    ----------
    truths : (R, N) int64
        Truth of each rule on each image, as `State`; `by_rule` is the verdict that follows from it.
    verdicts : (N,) int64
        `State` of each image.
    scores : (N,) float64
        The negated least margin of the rules: greater is worse.
    clauses : tuple of Clause
        Findings, for what is not true.
    vacuous : tuple of (rule, words, images)
        Rules that hold because their outermost `every` had no members.
    dropped : tuple of (keep, images, counts)
        How many objects each `keep best` dropped on images where it dropped any.
    refused : mapping of int to str
        Images that were not judged, as that would take too much, and why; their rules are undetermined.
    """

    program: Program
    table: ObjectTable
    truths: Ints
    verdicts: Ints
    scores: Floats | None
    clauses: tuple[Clause, ...]
    vacuous: tuple[tuple[int, str, Ints], ...] = ()
    dropped: tuple[tuple[int, Ints, Ints], ...] = ()
    refused: Mapping[int, str] = field(default_factory=dict)

    @property
    def by_rule(self) -> Ints:
        """(R, N) `State`: the verdict of each rule on each image. A violated rule may ask for review."""
        return verdicts_by_rule(self.program, self.truths)


#: The column of a table of members that says which picture each is from: it cannot be an attribute's name.
PICTURE = "of picture"


class BatchJudgement(NamedTuple):
    """The verdicts on some batches of one kind, as those on images: its table has a batch for each image.

    Parameters
    ----------
    batch : Batch
        What the batches are.
    judgement : Judgement
        Of the rules over them. The rows of its table are members; the column `PICTURE` has the picture of each.
    pictures : tuple of int
        How many pictures each batch has.
    notes : tuple of tuple of str
        What is to be said of each.
    """

    batch: Batch
    judgement: Judgement
    pictures: tuple[int, ...]
    notes: tuple[tuple[str, ...], ...]


def verdicts_by_rule(program: Program, truths: Ints) -> Ints:
    """The verdict of each rule on each image, (R, N) `State`, of its truths."""
    least = [State.REVIEW if rule.verdict == "review" else State.FAIL for rule in program.rules]
    return np.maximum(truths, np.array(least, np.int64).reshape(-1, 1))
