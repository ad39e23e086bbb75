"""Options that several commands share: `-P name=value`, `--max-pixels`, `--unreadable`."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence

from logidsl.commands.terminal import UsageError


def add_params(parser: argparse.ArgumentParser, *, sweeps: bool = False) -> None:
    """Declare the option; `sweeps` where several values may be given at once."""
    parser.add_argument(
        "-P",
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter of the spec, written as in the spec: -P 'max_gap=12 px'; may be repeated"
        + ("; -P 'lim=4..20%%/9' tries nine values and prints a row for each" if sweeps else ""),
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
        "--max-pixels", metavar="N", help="reject pictures with more pixels than this, such as `200M` (default 100M)"
    )


def add_unreadable(parser: argparse.ArgumentParser) -> None:
    """Declare `--unreadable`."""
    parser.add_argument(
        "--unreadable",
        choices=("keep", "skip"),
        default="keep",
        help="entries of annotations and tables that cannot be read: keep each as an uncertain object (default), so "
        "that rules that depend on it give `review`, or skip them",
    )


def set_limit(text: str | None, option: str = "--max-pixels") -> None:
    """Set a limit for this process and for those that it starts.

    Raises
    ------
    UsageError
        If it is not a number.
    """
    if text is None:
        return
    found = re.fullmatch(r"(\d{1,9})([kKmMgG]?)", text.strip())
    if found is None or int(found[1]) == 0:
        raise UsageError(f"expected {option} as a number such as `200M`, found `{text}`")
    number = int(found[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[found[2].lower()]
    os.environ["LOGIDSL" + option.removeprefix("-").replace("-", "_").upper()] = str(number)


def add_work(parser: argparse.ArgumentParser) -> None:
    """Declare `--max-combinations` and `--max-memory`."""
    parser.add_argument(
        "--max-combinations",
        metavar="N",
        help="reject a picture for which a rule needs more combinations of objects (default 1G)",
    )
    parser.add_argument(
        "--max-memory", metavar="N", help="reject a picture for which these need more bytes (default 1G)"
    )


def set_work(args: argparse.Namespace) -> None:
    """Set both for this process; raises UsageError as `set_limit` does."""
    set_limit(args.max_combinations, "--max-combinations")
    set_limit(args.max_memory, "--max-memory")
