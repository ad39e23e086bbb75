"""The values of `library.values`, under the name that the evaluator has for them."""

from logidsl.library.values import *  # noqa: F403
