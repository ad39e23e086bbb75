"""Arguments that select and configure a language model, and the client for them."""

from __future__ import annotations

import argparse
import os
from dataclasses import fields
from pathlib import Path

from logidsl.commands.arguments import argument, group
from logidsl.commands.terminal import say
from logidsl.config import llm_table, user_config, user_table
from logidsl.llm import Client, Options, Store, find_settings

NO_CACHE = argument("--no-cache", action="store_true", help="ignore cached answers")
TIMEOUT = argument(
    "--timeout",
    dest="timeout_s",
    type=float,
    metavar="S",
    help="time limit in seconds for an answer (default 300)",
)
#: All that selects and configures a model but the time limit, whose name another option of the command may have.
MODEL_OPTIONS = (
    argument("--model", metavar="NAME", help="the model's name; optional for a server with one model"),
    argument("--base-url", metavar="URL", help="the server, such as http://localhost:8080/v1"),
    argument("--key-env", metavar="NAME", help="the environment variable with the key"),
    argument("--key-file", metavar="FILE", help="the file with the key"),
    argument("--retries", type=int, metavar="N", help="maximum number of retries (default 5)"),
    argument("--max-tokens", type=int, metavar="N", help="maximum tokens of an answer (default 8192)"),
    argument(
        "--temperature",
        type=float,
        metavar="T",
        help="sampling temperature (default 0, except for OpenAI's own models)",
    ),
    argument(
        "--price", type=float, nargs=2, metavar=("IN", "OUT"), help="price of a million tokens, to report the cost"
    ),
)
MODEL = group("the model", *MODEL_OPTIONS, TIMEOUT)


def model_client(args: argparse.Namespace) -> Client:
    """The client of the model: by the options, else the environment, else the configurations of project and user.

    Raises
    ------
    InputError
        If a setting cannot be used.
    """

    def waiting(why: str, seconds: float) -> None:
        if not args.quiet:
            say(f"{why}; asking again in {seconds:.0f} s")

    options = Options(**{field.name: getattr(args, field.name) for field in fields(Options)})
    settings = find_settings(options, os.environ, llm_table(Path.cwd()), user_table(), str(user_config()))
    return Client(settings, Store(None) if args.no_cache else None, waiting)
