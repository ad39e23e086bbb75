"""What came of a fit, of limits or of colours: what is right now, and what to expect of new pictures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from logidsl.diagnostics import counted
from logidsl.fit.estimate import Estimate, Rate
from logidsl.fit.rewrite import Edit
from logidsl.fit.trials import UNDETERMINED, Losses, Trials


@dataclass(frozen=True, kw_only=True)
class Outcome(ABC):
    """What came of a fit.

    Parameters
    ----------
    trials : Trials
        With the cases.
    losses : (n, 2) float64
        With the values found.
    before : int
        How many pictures were right with the values as they stood.
    estimate : Estimate, optional
    judged : sequence of int
        Places of the cases that the estimate is of.
    notes : tuple of str
    """

    trials: Trials
    losses: Losses
    before: int
    estimate: Estimate | None = None
    judged: Sequence[int] = ()
    notes: tuple[str, ...] = ()

    what: ClassVar[str]  # what was fitted

    @property
    def right(self) -> int:
        """How many pictures come out right."""
        return int((self.losses[:, 0] == 0).sum())

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.losses)

    @abstractmethod
    def fitted_text(self, width: int) -> str:
        """What was fitted, for a terminal."""

    @abstractmethod
    def fitted_document(self) -> dict[str, object]:
        """What was fitted, as plain values."""

    @abstractmethod
    def as_page(self) -> str:
        """The fit as one self-contained HTML page."""

    @abstractmethod
    def edits(self, truth: str | None) -> list[Edit]:
        """What changes in the spec; `truth` is the file of known results."""

    def as_text(self, width: int) -> str:
        """The fit for a terminal with a given width."""
        return "\n".join([self.fitted_text(width), *self.summary()]) + "\n"

    def as_document(self) -> dict[str, object]:
        """The fit as plain values."""
        wrong = [c.name for c, loss in zip(self.trials.cases, self.losses.tolist(), strict=True) if loss[0] > 0]
        return {
            "spec": self.trials.source.path,
            **self.fitted_document(),
            "pictures": self.count,
            "right": self.right,
            "right_before": self.before,
            "wrong": wrong,
            "estimate": self._estimate_document(),
            "notes": list(self.notes),
        }

    def summary(self) -> list[str]:
        """What is right, and what to expect, in lines."""
        lines = [
            f"right: {self.right} of {counted(self.count, 'picture')}, with the {self.what} as they stood {self.before}"
        ]
        return [*lines, *(f"  {line}" for line in self.wrong()), *self.expected()]

    def wrong(self) -> list[str]:
        """A line about each picture with a wrong result."""
        lines = []
        for case, loss in zip(self.trials.cases, self.losses.tolist(), strict=True):
            if loss[0] > 0:
                how = "undetermined" if loss[0] == UNDETERMINED else "wrong"
                lines.append(f"{case.name}: {how}, expected {case.expected}")
        return lines

    def expected(self) -> list[str]:
        """What to expect of new pictures."""
        found = self.estimate
        if found is None:
            return ["new pictures: cannot be estimated from one picture"]
        how = f"pictures judged in {found.groups} groups by {self.what} fitted without them"
        if found.groups == len(self.judged):
            how = f"each picture judged by {self.what} fitted without it"
        return [f"new pictures, {how}:", *(f"  {rate_words(r, found.confidence)}" for r in found.rates)]

    def _estimate_document(self) -> dict[str, object] | None:
        found = self.estimate
        if found is None:
            return None
        rates = [
            {"what": r.what, "errors": r.errors, "judged": r.judged, "review": r.undetermined, "at_most": r.at_most}
            for r in found.rates
        ]
        wrong = [self.trials.cases[self.judged[i]].name for i in found.wrong]
        return {"confidence": found.confidence, "groups": found.groups, "rates": rates, "wrong": wrong}


def rate_words(rate: Rate, confidence: float) -> str:
    """A rate and its bound."""
    review = f" ({rate.undetermined} left to review)" if rate.undetermined else ""
    bound = f"on new ones at most {rate.at_most:.1%} with {confidence:.0%} confidence"
    return f"{rate.what}: {rate.errors} of {rate.judged}{review}, {bound}"
