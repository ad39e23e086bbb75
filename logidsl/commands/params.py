"""`-P name=value`: values for the parameters of a spec."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from logidsl.commands.terminal import UsageError


def add_params(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    parser.add_argument(
        "-P",
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter of the spec, as it would be written there: -P 'max_gap=12 px'; may be repeated",
    )


def read_params(words: Sequence[str]) -> dict[str, str]:
    """The parameters of `NAME=VALUE` words.

    Raises
    ------
    UsageError
        If a word has no `=`, or a name is set twice.

    Examples
    --------
    >>> read_params(["max_gap=12 px"])
    {'max_gap': '12 px'}
    """
    params: dict[str, str] = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if not (name and equals and value):
            raise UsageError(f"expected -P NAME=VALUE, found `{word}`")
        if params.get(name, value) != value:
            raise UsageError(f"-P sets `{name}` twice: {params[name]} and {value}")
        params[name] = value
    return params
