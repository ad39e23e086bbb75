"""Errors of the connection to a model."""

from __future__ import annotations

from logidsl.diagnostics import InputError

MISSING_EXTRA = "asking a model needs the extra `llm`: pip install 'logidsl[llm]'"


class ModelError(InputError):
    """A model without a usable answer. The text is for the user; it never contains a key.

    Parameters
    ----------
    message : str
        Text for the user.
    status : int, optional
        The HTTP status, if any.
    again : bool
        Whether a retry may help.
    after_s : float, optional
        The delay requested by the server.
    """

    def __init__(
        self, message: str, *, status: int | None = None, again: bool = False, after_s: float | None = None
    ) -> None:
        self.status, self.again, self.after_s = status, again, after_s
        super().__init__(message)


class NoModelError(ModelError):
    """No model is configured, or its server does not respond."""
