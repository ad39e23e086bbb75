"""Options that several commands share: `-P name=value`, `--max-pixels`, `--unreadable`."""

from __future__ import annotations

import argparse
import os
import re
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


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Declare `--max-pixels`."""
    parser.add_argument(
        "--max-pixels", metavar="N", help="refuse pictures of more pixels than this, `200M` say (default 100M)"
    )


def add_unreadable(parser: argparse.ArgumentParser) -> None:
    """Declare `--unreadable`."""
    parser.add_argument(
        "--unreadable",
        choices=("keep", "skip"),
        default="keep",
        help="entries of annotations and tables that cannot be read: keep each as an uncertain object (default), so "
        "that what hangs on it is `review`, or skip them",
    )


def set_limit(text: str | None) -> None:
    """Set the greatest picture for this process and for those that it starts.

    Raises
    ------
    UsageError
        If it is no number of pixels.
    """
    if text is None:
        return
    found = re.fullmatch(r"(\d{1,9})([kKmMgG]?)", text.strip())
    if found is None or int(found[1]) == 0:
        raise UsageError(f"expected --max-pixels as a number, `200M` say, found `{text}`")
    os.environ["LOGIDSL_MAX_PIXELS"] = str(
        int(found[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[found[2].lower()]
    )
