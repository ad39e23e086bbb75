"""A row of the table of figures: how it is measured, and how it is printed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

LONG_S = 20.0  # a round that takes longer is not repeated


@dataclass(frozen=True)
class Row:
    """One figure, alone or beside a baseline.

    Parameters
    ----------
    name : str
        What is measured.
    value, unit : float, str
        The median over the rounds.
    spread : (float, float)
        Least and greatest of the rounds: of the ratio where there is a baseline, else of the value.
    rounds : int
        How many rounds there were.
    baseline, baseline_value, ratio : optional
        Name and median of what it is compared with, and the median over the rounds of the ratio.
    goal : float, optional
        The most that the ratio, or without a baseline the value, should be.
    """

    name: str
    value: float
    unit: str
    spread: tuple[float, float]
    rounds: int
    baseline: str | None = None
    baseline_value: float | None = None
    ratio: float | None = None
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        figure = self.value if self.ratio is None else self.ratio
        return None if self.goal is None else figure <= self.goal

    def to_dict(self) -> dict[str, object]:
        """The row as plain values."""
        return {**asdict(self), "met": self.met}


def timed(runs: Mapping[str, Callable[[], object]], rounds: int, repeat: int = 1) -> dict[str, list[float]]:
    """CPU seconds of each run in each round, the mean of `repeat` calls; the runs take turns.

    A run that takes more than `LONG_S` is measured once.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            if seconds[name] and seconds[name][0] > LONG_S:
                continue
            gc.collect()
            start = time.process_time()
            for _ in range(repeat):
                run()
            one = (time.process_time() - start) / repeat
            if turn or one > LONG_S:  # the first round warms caches
                seconds[name].append(one)
    return seconds


def compared(
    name: str, values: list[float], baseline: str, others: list[float], goal: float | None = None, unit: str = "s"
) -> Row:
    """A row beside a baseline, round by round."""
    rounds = min(len(values), len(others))
    ratios = [a / b for a, b in zip(values[-rounds:], others[-rounds:], strict=True)]
    return Row(
        name,
        median(values),
        unit,
        (min(ratios), max(ratios)),
        rounds,
        baseline,
        median(others),
        median(ratios),
        goal,
    )


def alone(name: str, values: list[float], unit: str, goal: float | None = None) -> Row:
    """A row without a baseline."""
    return Row(name, median(values), unit, (min(values), max(values)), len(values), goal=goal)


def lines(rows: Iterable[Row]) -> Iterable[str]:
    """The rows as a table for people, line by line, as they become known."""
    yield f"{'':52} {'value':>11} {'baseline':>11} {'ratio':>7} {'spread':>15} {'goal':>7}  rounds"
    for row in rows:
        beside = "" if row.baseline_value is None else figure(row.baseline_value, row.unit)
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        spread = " to ".join(f"{v:.3g}" for v in row.spread)
        goal = "" if row.goal is None else f"{row.goal:g}"
        met = {True: " met", False: " MISSED", None: ""}[row.met]
        yield (
            f"{row.name:52} {figure(row.value, row.unit):>11} {beside:>11} {ratio:>7} {spread:>15} {goal:>7}  "
            f"{row.rounds}{met}"
        )
        if row.baseline is not None:
            yield f"    over {row.baseline}"


def figure(value: float, unit: str) -> str:
    """A value with its unit.

    Examples
    --------
    >>> figure(0.00123, "s"), figure(12.0, "s"), figure(2.5e9, "B"), figure(1.25, "")
    ('1.23 ms', '12 s', '2.5 GB', '1.25')
    """
    scales: dict[str, list[tuple[float, str]]] = {
        "s": [(1.0, "s"), (1e-3, "ms"), (0.0, "us")],
        "B": [(1e9, "GB"), (1e6, "MB"), (0.0, "B")],
    }
    for least, name in scales.get(unit, []):
        if value >= least:
            factor: dict[str, Any] = {"us": 1e-6, "B": 1.0}
            return f"{value / factor.get(name, least):.3g} {name}"
    return f"{value:.3g} {unit}".strip()
