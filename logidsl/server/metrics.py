"""Metrics for Prometheus: verdicts, latency by phase, what waits, what was dropped, and the drift of measurements."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """All metrics of a server.

    Parameters
    ----------
    window : int
        Over how many of the last pictures means are taken; the first as many after a change of the spec are what
        drift is measured from.
    """

    def __init__(self, window: int = 100) -> None:
        self.registry = registry = CollectorRegistry()
        self.window = window
        self._verdicts = Counter(
            "logidsl_verdicts", "Pictures judged", ["product", "variant", "verdict"], registry=registry
        )
        self._labels = Counter("logidsl_labels", "Pictures with a label", ["product", "label"], registry=registry)
        self._seconds = Histogram(
            "logidsl_seconds", "Time by phase", ["product", "phase"], registry=registry, buckets=_BUCKETS_S
        )
        self._refused = Counter("logidsl_refused", "Requests refused", ["why"], registry=registry)
        self._delivered = Counter("logidsl_delivered", "Decisions delivered", ["receiver"], registry=registry)
        self._up = Gauge("logidsl_source_up", "Whether a way in works", ["source"], registry=registry)
        self._mean = Gauge("logidsl_mean", "Mean over the last pictures", ["product", "column"], registry=registry)
        self._drift = Gauge(
            "logidsl_drift",
            "Difference of the mean from that of the first pictures of the revision, in their standard deviations",
            ["product", "column"],
            registry=registry,
        )
        self._last: dict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=self.window))
        self._first: dict[tuple[str, str], tuple[str, list[float]]] = {}

    def gauge(self, name: str, what: str, value: Callable[[], float]) -> None:
        """A metric whose value is asked for when it is read."""
        Gauge(name, what, registry=self.registry).set_function(value)

    def judged(
        self, product: str, variant: str, verdicts: Sequence[str], labels: Sequence[str], seconds: Mapping[str, float]
    ) -> None:
        """Count one decision."""
        for verdict in verdicts:
            self._verdicts.labels(product, variant, verdict).inc()
        for label in labels:
            self._labels.labels(product, label).inc()
        for phase, value in seconds.items():
            self._seconds.labels(product, phase).observe(value)

    def measured(self, product: str, revision: str, means: Mapping[str, float]) -> None:
        """Follow the means of columns; those of a new revision begin anew."""
        for column, value in means.items():
            key = product, column
            known, first = self._first.get(key, ("", []))
            if known != revision:
                self._first[key] = (revision, first := [])
                self._last[key].clear()
            if len(first) < self.window:
                first.append(value)
            last = self._last[key]
            last.append(value)
            mean = float(np.mean(last))
            self._mean.labels(product, column).set(mean)
            deviation = float(np.std(first, ddof=1)) if len(first) > 1 else 0.0
            if deviation > 0:
                self._drift.labels(product, column).set((mean - float(np.mean(first))) / deviation)

    def up(self, source: str, *, works: bool) -> None:
        """Say whether a folder, a camera, a broker or a controller can be reached."""
        self._up.labels(source).set(works)

    def refused(self, why: str) -> None:
        """Count a request that was refused."""
        self._refused.labels(why).inc()

    def delivered(self, receiver: str, many: int) -> None:
        """Count decisions that a receiver has got."""
        self._delivered.labels(receiver).inc(many)

    def text(self) -> bytes:
        """All metrics in the format of Prometheus."""
        return generate_latest(self.registry)
