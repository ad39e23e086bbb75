"""Whether a way in works: said once in the log when it changes, and always in the metrics."""

from __future__ import annotations

import logging

from logidsl.server.metrics import Metrics

LOG = logging.getLogger("logidsl.server")


class State:
    """The state of one way in.

    Parameters
    ----------
    metrics : Metrics
        Where it is shown.
    name : str
        What it is called there and in the log.
    """

    def __init__(self, metrics: Metrics, name: str) -> None:
        self.metrics, self.name = metrics, name
        self.why: str | None = ""
        metrics.up(name, works=False)

    def works(self) -> None:
        """It works."""
        if self.why:
            LOG.info("it works again", extra={"source": self.name})
        self.why = None
        self.metrics.up(self.name, works=True)

    def fails(self, why: object) -> None:
        """It does not, for a reason."""
        if self.why != str(why):
            LOG.warning("it does not work", extra={"source": self.name, "why": str(why)})
        self.why = str(why)
        self.metrics.up(self.name, works=False)
