"""`logidsl ask PICTURE…`: a vision-language model's description as a table, for `check --table`."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.check import chosen_spec
from logidsl.commands.exit_codes import INPUT_ERROR
from logidsl.commands.outputs import files_of, output, protect
from logidsl.commands.params import add_limit, add_params, read_params, set_limit
from logidsl.commands.terminal import Bar, say, speak_utf8, write
from logidsl.commands.translate import add_model, model_settings

if TYPE_CHECKING:
    from logidsl.extract.sources.asking import Form
    from logidsl.llm import Client
    from logidsl.seeing import Input

SUMMARY = "let a vision-language model describe pictures, and write its answers as a table"
EXAMPLES = """  logidsl ask tray.png --spec pushpins.logic -o seen.jsonl
  logidsl ask pictures/ --spec pushpins.logic --base-url http://localhost:8080/v1 -o seen.jsonl
  logidsl check --table seen.jsonl --spec pushpins.logic

Pictures are sent to the server; nothing else of logidsl does so. The form of the answer is made of the classes and
attributes of the spec. Answers are kept: a second run is free, and the check by the table is always the same.
"""
OWN_WAY = """without a model: let any other program find the objects, and judge its table:
     logidsl check --table FILE"""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", nargs="+", metavar="PATH", help="a picture, a folder of them, or a pattern: 'a/*.png'")
    parser.add_argument("--spec", metavar="FILE", help="the .logic file with the objects to look for")
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="write the table to this file instead of standard output"
    )
    parser.add_argument("--show-prompt", action="store_true", help="print the prompt without sending it")
    parser.add_argument("--no-cache", action="store_true", help="ignore cached answers")
    add_params(parser)
    add_limit(parser)
    parser.add_argument("--quiet", "-q", action="store_true", help="print errors only")
    add_model(parser)


def run(args: argparse.Namespace) -> int:
    """Ask about each picture; 4 where one has no answer."""
    from logidsl.extract.sources.asking import Form
    from logidsl.llm import Client, Store
    from logidsl.pipeline import compile_cached
    from logidsl.seeing import gather

    set_limit(args.max_pixels)
    source = chosen_spec(args.spec, args.path, args.quiet)
    program = compile_cached(source, read_params(args.param)).program
    form = Form.of(program)
    speak_utf8()
    if args.show_prompt:
        write(sys.stdout, f"{form.question()}\n\n{json.dumps(form.schema(), indent=2)}\n")
        return 0
    inputs = gather(args.path)
    read = [*args.path, *(str(i) if isinstance(i, Path) else i.path for i in inputs), *files_of(source, program)]
    if args.output:
        protect(args.output, read)

    def waiting(why: str, seconds: float) -> None:
        if not args.quiet:
            say(f"{why}; asking again in {seconds:.0f} s")

    store = Store(None) if args.no_cache else None
    with (
        _own_ways(),
        Client(model_settings(args), store, waiting) as client,
        output(args.output, read, lines=True) as out,
    ):
        failed = 0
        bar = Bar("pictures", args.quiet)
        for done, item in enumerate(inputs, 1):
            line = _line(client, form, item)
            failed += line is None
            if line is not None:
                write(out, line)
            bar(done, len(inputs))
        if not args.quiet:
            say(str(client.spent))
    return INPUT_ERROR if failed else 0


@contextlib.contextmanager
def _own_ways() -> Iterator[None]:
    """Of the ways to go on without a model, name that of this command, which has no batches."""
    from logidsl.llm.errors import NoModelError
    from logidsl.llm.settings import BATCH_WAY

    try:
        yield
    except NoModelError as error:
        raise NoModelError(str(error).replace(BATCH_WAY, OWN_WAY)) from None


def _line(client: Client, form: Form, item: Input) -> str | None:
    """A line of the table; None without an answer, which is reported."""
    from logidsl.diagnostics import InputError
    from logidsl.extract import Picture, read_picture
    from logidsl.extract.sources.asking import ask_picture
    from logidsl.llm.errors import NoModelError
    from logidsl.table import Problem

    try:
        if isinstance(item, Problem):
            raise InputError(item.message)
        picture = item if isinstance(item, Picture) else read_picture(item)
        return json.dumps(ask_picture(client, form, picture), ensure_ascii=False) + "\n"
    except NoModelError:  # it would not answer for the next picture either
        raise
    except InputError as error:
        path = item.path if isinstance(item, Problem | Picture) else item
        words = str(error)
        say(words if str(path) in words else f"{path}: {words}")
        return None
