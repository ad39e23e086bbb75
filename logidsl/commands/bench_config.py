"""`--config bench.toml` of `logidsl bench`: the options of its command line, in a file."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args

from logidsl.bench.datasets import LAYOUTS
from logidsl.bench.training import How
from logidsl.commands.terminal import UsageError
from logidsl.config import LARGEST_BYTES
from logidsl.diagnostics import InputError, did_you_mean
from logidsl.files import file_errors, read_bytes


def take_config(args: argparse.Namespace) -> None:
    """Take what the command line leaves out from the file of `--config`; paths are relative to its folder.

    Raises
    ------
    InputError
        If it cannot be read, or has a key or a value that is not known.
    """
    path = Path(args.config)
    try:
        with file_errors(path, "read"):
            found = tomllib.loads(read_bytes(path, LARGEST_BYTES).decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}") from None
    for key, value in found.items():
        if key not in _KEYS:
            listed = ", ".join(f"`{k}`" for k in _KEYS)
            raise InputError(f"{path}: unknown key `{key}`: expected one of {listed}{did_you_mean(key, _KEYS)}")
        name, read = _KEYS[key]
        try:
            taken = read(path.parent, value)
        except UsageError as error:
            raise InputError(f"{path}: `{key}`: {error}, found `{str(value)[:60]}`") from None
        if getattr(args, name) in (None, []):
            setattr(args, name, taken)


def _text(_: Path, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError("expected a text")
    return value


def _place(folder: Path, value: object) -> str:
    return str(folder / _text(folder, value))


def _choice(words: tuple[str, ...]) -> Callable[[Path, object], str]:
    def read(_: Path, value: object) -> str:
        if value not in words:
            raise UsageError(f"expected one of {', '.join(words)}")
        return str(value)

    return read


def _number(_: Path, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UsageError("expected a whole number of 0 or more")
    return value


def _no(_: Path, value: object) -> bool:
    if not isinstance(value, bool):
        raise UsageError("expected true or false")
    return not value


def _places(folder: Path, value: object) -> list[str]:
    """Files: one, a list of them, or a table of them by product."""
    if isinstance(value, Mapping):
        return [f"{product}={_place(folder, file)}" for product, file in value.items()]
    return [_place(folder, v) for v in (value if isinstance(value, list) else [value])]


def _words(folder: Path, value: object) -> list[str]:
    return [_text(folder, v) for v in (value if isinstance(value, list) else [value])]


def _pairs(_: Path, value: object) -> list[str]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise UsageError("expected a table of texts")
    return [f"{k}={v}" for k, v in value.items()]


#: The argument that each key fills, and how its value is read.
_KEYS: Mapping[str, tuple[str, Callable[[Path, object], object]]] = {
    "dataset": ("dataset", _place),
    "layout": ("layout", _choice(LAYOUTS)),
    "spec": ("spec", _places),
    "only": ("only", _words),
    "names": ("name", _pairs),
    "labels": ("no_labels", _no),
    "params": ("param", _pairs),
    "split": ("split", _choice(get_args(How))),
    "seed": ("seed", _number),
    "bootstrap": ("bootstrap", _number),
    "rules": ("rules", _places),
    "answers": ("answers", _places),
}
