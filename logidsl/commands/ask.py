"""`logidsl ask PICTURE…`: a vision-language model's description as a table, for `check --table`."""

from __future__ import annotations

import argparse
import json
import sys

from logidsl.commands.arguments import MAX_PIXELS, OUTPUT, PARAMS, argument
from logidsl.commands.job import Job
from logidsl.commands.model import MODEL, NO_CACHE, model_client
from logidsl.commands.terminal import INPUT_ERROR, say, speak_utf8, write
from logidsl.diagnostics import InputError
from logidsl.extract import Picture, read_picture
from logidsl.extract.sources.asking import Form, ask_picture
from logidsl.llm import Client, NoModelError
from logidsl.llm.settings import BATCH_WAY
from logidsl.seeing import Input
from logidsl.table import Problem
from logidsl.workers import tracked

EXAMPLES = """  logidsl ask tray.png --spec pushpins.logic -o seen.jsonl
  logidsl ask pictures/ --spec pushpins.logic --base-url http://localhost:8080/v1 -o seen.jsonl
  logidsl check --table seen.jsonl --spec pushpins.logic

Pictures are sent to the server; nothing else of logidsl does so. The form of the answer is made of the classes and
attributes of the spec. Answers are kept: a second run is free, and the check by the table is always the same.
"""
OWN_WAY = """without a model: let any other program find the objects, and judge its table:
     logidsl check --table FILE"""
ARGUMENTS = (
    argument("path", nargs="+", metavar="PATH", help="a picture, a folder of them, or a pattern: 'a/*.png'"),
    argument("--spec", metavar="FILE", help="the .logic file with the objects to look for"),
    OUTPUT,
    argument("--show-prompt", action="store_true", help="print the prompt without sending it"),
    NO_CACHE,
    PARAMS,
    MAX_PIXELS,
    argument("--quiet", "-q", action="store_true", help="print errors only"),
    MODEL,
)


def run(args: argparse.Namespace) -> int:
    """Ask about each picture; 4 where one has no answer."""
    job = Job(args)
    form = Form.of(job.program)
    speak_utf8()
    if args.show_prompt:
        write(sys.stdout, f"{form.question()}\n\n{json.dumps(form.schema(), indent=2)}\n")
        return 0
    job.protect("--output")
    failed = 0
    try:
        with model_client(args) as client, job.output(lines=True) as out:
            for item in tracked(job.inputs, len(job.inputs), job.bar("pictures")):
                line = _line(client, form, item)
                failed += line is None
                if line is not None:
                    write(out, line)
            if not args.quiet:
                say(str(client.spent))
    except NoModelError as error:  # the ways to go on without a model are others here
        raise NoModelError(str(error).replace(BATCH_WAY, OWN_WAY)) from None
    return INPUT_ERROR if failed else 0


def _line(client: Client, form: Form, item: Input) -> str | None:
    """A line of the table; None without an answer, which is reported."""
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
