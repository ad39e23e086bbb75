"""What can go wrong between us and a model."""

from __future__ import annotations

from logidsl.diagnostics import InputError

MISSING_EXTRA = "asking a model needs the extra `llm`: pip install 'logidsl[llm]'"


class ModelError(InputError):
    """A model that gave no answer that can be used. Its text is what to show the user; it never holds a key.

    Parameters
    ----------
    message : str
        What to show the user.
    status : int, optional
        The HTTP status, where the server said one.
    again : bool
        Whether asking once more may help.
    after_s : float, optional
        How long the server wants to be left alone.
    """

    def __init__(
        self, message: str, *, status: int | None = None, again: bool = False, after_s: float | None = None
    ) -> None:
        self.status, self.again, self.after_s = status, again, after_s
        super().__init__(message)


class NoModelError(ModelError):
    """No model is set up, or its server is not there."""
