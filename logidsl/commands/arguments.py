"""Arguments of the command line: how a command lists its own, those that several share, and what values mean."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import methodcaller
from typing import Any, NamedTuple, TypeAlias

from logidsl.commands.terminal import UsageError

#: Declares itself on a parser.
Argument: TypeAlias = Callable[[Any], object]
argument = partial(methodcaller, "add_argument")


def group(title: str, *arguments: Argument, description: str | None = None) -> Argument:
    """Arguments under a title of their own."""
    return lambda parser: declare(parser.add_argument_group(title, description), arguments)


def one_of(*arguments: Argument) -> Argument:
    """Arguments of which exactly one is given."""
    return lambda parser: declare(parser.add_mutually_exclusive_group(required=True), arguments)


def declare(parser: Any, arguments: Sequence[Argument]) -> None:
    """Declare arguments in their order."""
    for add in arguments:
        add(parser)


def number(
    option: str, least: float, most: float = 1e9, kind: Callable[[str], float] = int, expected: str = ""
) -> Callable[[str], float]:
    """The type of an option that takes a number from `least` to below `most`; `expected` says so in messages.

    Examples
    --------
    >>> number("--jobs", 1)("0")
    Traceback (most recent call last):
    ...
    logidsl.commands.terminal.UsageError: expected --jobs of 1 or more, found 0
    """

    def read(text: str) -> float:
        value = kind(text)
        if not least <= value < most:
            raise UsageError(f"expected {option} {expected or f'of {least:g} or more'}, found {value:g}")
        return value

    read.__name__ = getattr(kind, "__name__", "number")  # argparse names it where the text is not a number
    return read


PORT = number("--port", 0, 65536, expected="from 0 to 65535")


def share(option: str, least: float = 0.0) -> Callable[[str], float]:
    """The type of an option that takes a share from `least` to below 1, written as `99%` or `0.99`."""

    def read(text: str) -> float:
        try:
            value = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
        except ValueError:
            value = -1.0
        if not least <= value < 1:
            raise UsageError(f"expected {option} from {least:.0%} to below 100%, found `{text}`")
        return value

    return read


PICTURES = "a picture or annotation file, a folder of them, or a pattern: 'a/*.png'"
SPEC = argument("--spec", metavar="FILE", help="the spec, text or YAML; - for standard input")
SPECS = argument(
    "spec", nargs="+", metavar="SPEC", help="a spec (text or YAML), a folder of specs, or - for standard input"
)
FORMAT = argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
OUTPUT = argument("--output", "-o", metavar="FILE", help="write the table to this file instead of standard output")
JOBS = partial(argument, "--jobs", "-j", type=number("--jobs", 1), metavar="N")
_PARAM = "set a parameter of the spec, written as in the spec: -P 'max_gap=12 px'; may be repeated"
_param = partial(argument, "-P", "--param", action="append", default=[], metavar="NAME=VALUE")
PARAMS = _param(help=_PARAM)
SWEEPS = _param(help=f"{_PARAM}; -P 'lim=4..20%%/9' tries nine values and prints a row for each")
MAX_PIXELS = argument(
    "--max-pixels", metavar="N", help="reject pictures with more pixels than this, such as `200M` (default 100M)"
)
READING_TIME = argument(
    "--timeout",
    type=number("--timeout", 0, 1e9, float, "in seconds, 0 for none"),
    default=60.0,
    metavar="S",
    help="time limit in seconds for reading one picture (default 60; 0 for none)",
)
SEED = argument("--seed", type=number("--seed", 0), default=0, metavar="N", help="random seed (default 0)")
EFFORT = argument(
    "--effort",
    type=number("--effort", 0.01, 1000, float, "from 0.01 to below 1000"),
    default=1.0,
    metavar="X",
    help="try X times as many tables as usual",
)
UNREADABLE = argument(
    "--unreadable",
    choices=("keep", "skip"),
    default="keep",
    help="entries of annotations and tables that cannot be read: keep each as an uncertain object (default), so "
    "that rules that depend on it give `review`, or skip them",
)
MOST_ROWS = 1000
_NUMBER = r"-?\d{1,9}(?:\.\d{1,6})?"
_UNIT = r"[A-Za-z]{1,5}2?|%"
_SWEEP = re.compile(rf"({_NUMBER})\s*({_UNIT})?\s*\.\.\s*({_NUMBER})\s*({_UNIT})?\s*/\s*(\d{{1,4}})")
LIMITS = ("--max-pixels", "--max-combinations", "--max-memory")


def given(args: argparse.Namespace, options: Sequence[str]) -> list[str]:
    """Those of some options that are on the command line."""
    return [option for option in options if value_of(args, option)]


def value_of(args: argparse.Namespace, option: str) -> Any:
    """The value of an option; None if the command has none such."""
    return getattr(args, option.lstrip("-").replace("-", "_"), None)


def refuse(*cases: tuple[object, str]) -> None:
    """Refuse a command line with the message of the first case that is true.

    Raises
    ------
    UsageError
        If one is.
    """
    for wrong, message in cases:
        if wrong:
            raise UsageError(message)


def pairs(words: Sequence[str], option: str = "-P", form: str = "NAME=VALUE", empty: bool = False) -> dict[str, str]:
    """The names and values of `NAME=VALUE` words.

    Raises
    ------
    UsageError
        If a word has no `=`, or, unless it may be `empty`, no value, or a name is set twice.

    Examples
    --------
    >>> pairs(["max_gap=12 px"])
    {'max_gap': '12 px'}
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if not (name and equals and (value or empty)):
            raise UsageError(f"expected {option} {form}, found `{word}`")
        if found.get(name, value) != value:
            raise UsageError(f"{option} sets `{name}` twice: {found[name]} and {value}")
        found[name] = value
    return found


def set_limits(args: argparse.Namespace) -> None:
    """Set the limits on the command line for this process and for those that it starts.

    Raises
    ------
    UsageError
        If one is not a number.
    """
    for option in LIMITS:
        text = value_of(args, option)
        if text is None:
            continue
        found = re.fullmatch(r"(\d{1,9})([kKmMgG]?)", text.strip())
        if found is None or int(found[1]) == 0:
            raise UsageError(f"expected {option} as a number such as `200M`, found `{text}`")
        amount = int(found[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[found[2].lower()]
        os.environ["LOGIDSL" + option.removeprefix("-").replace("-", "_").upper()] = str(amount)


class Sweep(NamedTuple):
    """Values of a parameter, evenly spaced, in a unit."""

    name: str
    values: tuple[float, ...]
    unit: str
    whole: bool


def sweeps_of(params: Mapping[str, str]) -> tuple[dict[str, str], list[Sweep]]:
    """The parameters that have one value, and the sweeps of the others.

    Raises
    ------
    UsageError
        If a sweep has fewer than two values, two units, or all together too many rows.

    Examples
    --------
    >>> plain, (sweep,) = sweeps_of({"gap": "12 px", "lim": "4..20%/5"})
    >>> plain, sweep.values, sweep.unit
    ({'gap': '12 px'}, (4.0, 8.0, 12.0, 16.0, 20.0), '%')
    """
    plain, sweeps, rows = dict[str, str](), list[Sweep](), 1
    for name, text in params.items():
        found = _SWEEP.fullmatch(text.strip())
        if found is None:
            plain[name] = text
            continue
        low, one, high, other, many = found.groups()
        count = int(many)
        if one and other and one != other:
            raise UsageError(f"-P {name}={text}: expected one unit, found {one} and {other}")
        if count < 2:
            raise UsageError(f"-P {name}={text}: expected two values or more after /, found {count}")
        step = (float(high) - float(low)) / (count - 1)
        values = tuple(round(float(low) + i * step, 6) for i in range(count))
        whole = "." not in low + high and all(v.is_integer() for v in values)
        sweeps.append(Sweep(name, values, one or other or "", whole))
        rows *= count
    if rows > MOST_ROWS:
        raise UsageError(f"-P: expected at most {MOST_ROWS} combinations of values, found {rows}")
    return plain, sweeps
