"""`logidsl completion SHELL`: completion of the command line in bash, zsh and fish.

The shell asks the program itself (by argcomplete), so that what is offered follows the words so far: commands, options,
formats, specs, codes, and the parameters of the spec that is named.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import argcomplete
import argcomplete.shell_integration
from argcomplete.completers import FilesCompleter

from logidsl.commands.arguments import argument
from logidsl.commands.terminal import PASS, write
from logidsl.config import SUFFIX, YAML_SUFFIXES

EXAMPLES = """  logidsl completion fish > ~/.config/fish/completions/logidsl.fish
  eval "$(logidsl completion bash)"        # in ~/.bashrc
  eval "$(logidsl completion zsh)"         # in ~/.zshrc, after compinit
"""
ARGUMENTS = (argument("shell", choices=("bash", "zsh", "fish"), help="the shell"),)
_SPEC_FILES = FilesCompleter([f"*{suffix}" for suffix in (SUFFIX, *YAML_SUFFIXES)])
_PARAM = re.compile(r"^\s*param\s+(\w+)", re.MULTILINE)


def run(args: argparse.Namespace) -> int:
    """Print what the shell has to read once."""
    write(sys.stdout, argcomplete.shell_integration.shellcode(["logidsl"], shell=args.shell) + "\n")
    return PASS


def autocomplete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks what may come next, and end the process."""
    for action in _actions(parser):
        if action.choices is None and (completer := _completer_of(action)) is not None:
            action.completer = completer  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser, always_complete_options="long")


def _actions(parser: argparse.ArgumentParser) -> Iterable[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                yield from _actions(sub)


def _completer_of(action: argparse.Action) -> Callable[..., Any] | None:
    """What completes the value of an argument; files where nothing else is known."""
    match action.dest, action.metavar:
        case "spec", _:
            return _SPEC_FILES
        case "format", _:
            from logidsl.report.formats import names

            return _choices(names())
        case "param", _:
            return _params
        case _, "CODE":
            from logidsl.diagnostics import catalogue

            return _choices(catalogue())
    return None


def _choices(names: Iterable[str]) -> Callable[..., list[str]]:
    found = list(names)
    return lambda **_: found


def _params(prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """`NAME=` of each parameter of the specs that are named."""
    if "=" in prefix:
        return []
    named = getattr(parsed_args, "spec", None) or []
    names: dict[str, None] = {}
    for spec in [named] if isinstance(named, str) else named:
        try:
            names.update(dict.fromkeys(_PARAM.findall(Path(spec).read_text("utf-8"))))
        except (OSError, ValueError):
            continue
    return [f"{name}=" for name in names]
