"""The values of `library.values`, under the evaluator's name."""

from logidsl.library.values import *  # noqa: F403
