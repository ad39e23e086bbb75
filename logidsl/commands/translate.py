"""`logidsl translate RULES`: rules in plain language into a checked spec, with a language model."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.exit_codes import FAIL, INPUT_ERROR, PASS, REVIEW, SPEC_ERROR
from logidsl.commands.outputs import files_of, protect, write_text
from logidsl.commands.terminal import UsageError, plain, say, speak_utf8, write, write_json

if TYPE_CHECKING:
    from logidsl.ir import Program
    from logidsl.llm import Client, Settings, Spent
    from logidsl.source import Source
    from logidsl.table import ObjectTable
    from logidsl.translate import Constraint, Session, Translation
    from logidsl.translate.trial import SeeObjects

SUMMARY = "translate rules in plain language into a checked spec with a language model"
EXAMPLES = """  logidsl translate rules.txt --spec draft.logic --images 'good/*.png' -o tray.logic
  logidsl translate rules.txt --table good.csv --base-url http://localhost:8080/v1
  logidsl translate rules.txt --spec draft.logic --show-prompt
  logidsl translate rules.txt --spec draft.logic --batch-out requests.jsonl
  logidsl translate rules.txt --spec draft.logic --batch-in answers.jsonl -o tray.logic

The model is that of --model or LOGIDSL_MODEL, the server that of --base-url or OPENAI_BASE_URL, the key that of
OPENAI_API_KEY; [llm] in your own configuration may say the same. Answers are kept: a second run is free.

exit codes here: 0 every sentence has its rules and they pass on the good pictures; 1 a rule fails there;
2 look at it: a question, or a rule that says nothing; 3 no spec resulted; 4 no answer
"""
EXIT_CODES = {"pass": PASS, "fail": FAIL, "review": REVIEW, "error": SPEC_ERROR}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("rules", metavar="RULES", help="a text file of rules in any language, or - for the input")
    parser.add_argument("--spec", metavar="FILE", help="a draft to extend: how objects are found, what is named")
    parser.add_argument("--images", nargs="+", default=[], metavar="PATH", help="good pictures, to test each rule on")
    parser.add_argument("--table", nargs="+", default=[], metavar="FILE", help="tables of good pictures' objects")
    parser.add_argument("--output", "-o", metavar="FILE", help="write the spec to this file instead of standard output")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="format of the report about the spec"
    )
    parser.add_argument(
        "--constraint", choices=("auto", "openai", "llamacpp", "vllm", "schema", "plain"), default="auto",
        help="how the model is constrained to the language (default: as the server supports)",
    )  # fmt: skip
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="maximum number of repair rounds (default 3)"
    )
    parser.add_argument("--brief", action="store_true", help="a prompt of a sixth the size, for small models")
    parser.add_argument("--show-prompt", action="store_true", help="print the prompt with its size without sending it")
    parser.add_argument(
        "--batch-out", metavar="FILE", help="write the next request to this file in OpenAI's batch format"
    )
    parser.add_argument("--batch-in", nargs="+", default=[], metavar="FILE", help="read the answers from this file")
    parser.add_argument("--no-cache", action="store_true", help="ignore cached answers")
    parser.add_argument("--quiet", "-q", action="store_true", help="print errors only")
    add_model(parser)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that select and configure the model."""
    group = parser.add_argument_group("the model")
    group.add_argument("--model", metavar="NAME", help="the model's name; optional for a server with one model")
    group.add_argument("--base-url", metavar="URL", help="the server, such as http://localhost:8080/v1")
    group.add_argument("--key-env", metavar="NAME", help="the environment variable with the key")
    group.add_argument("--key-file", metavar="FILE", help="the file with the key")
    group.add_argument("--timeout", type=float, metavar="S", help="time limit in seconds for an answer (default 300)")
    group.add_argument("--retries", type=int, metavar="N", help="maximum number of retries (default 5)")
    group.add_argument("--max-tokens", type=int, metavar="N", help="maximum tokens of an answer (default 8192)")
    group.add_argument(
        "--temperature",
        type=float,
        metavar="T",
        help="sampling temperature (default 0, except for OpenAI's own models)",
    )
    group.add_argument(
        "--price", type=float, nargs=2, metavar=("IN", "OUT"), help="price of a million tokens, to report the cost"
    )


def model_settings(args: argparse.Namespace) -> Settings:
    """Which model is asked: options, else the environment, else the configurations of project and user.

    Raises
    ------
    InputError
        If a setting cannot be used.
    """
    from logidsl.config import llm_table, user_config, user_table
    from logidsl.llm import Options, find_settings

    options = Options(
        model=args.model,
        base_url=args.base_url,
        key_env=args.key_env,
        key_file=args.key_file,
        timeout_s=args.timeout,
        retries=args.retries,
        max_tokens=args.max_tokens,
        temperature=args.temperature,
        price=tuple(args.price) if args.price else None,
    )
    return find_settings(options, os.environ, llm_table(Path.cwd()), user_table(), str(user_config()))


def run(args: argparse.Namespace) -> int:
    """Translate; see the exit codes in the help."""
    from logidsl.llm import Client, ModelError, Store
    from logidsl.pipeline import read_spec

    if args.rounds < 0:
        raise UsageError(f"expected --rounds of 0 or more, found {args.rounds}")
    speak_utf8()
    rules, draft = _rules(args.rules), read_spec(args.spec) if args.spec else None
    read = [args.rules, *args.images, *args.table, *args.batch_in, *(files_of(draft) if draft else [])]
    for option, target in (("--output", args.output), ("--batch-out", args.batch_out)):
        if target:
            protect(target, read, option)
    look = _looking(args)
    settings = model_settings(args)
    with Client(settings, Store(None) if args.no_cache else None, _waiting(args.quiet)) as client:
        session = _session(args, rules, draft, look, client)
        if args.show_prompt:
            return _show_prompt(session)
        if args.batch_out or args.batch_in:
            if _by_file(args, session, client):
                return 0
            return _told(args, session.translation, client.spent, None)
        try:
            failed = _live(args, session, client)
        except ModelError as error:
            if error.status != 400 or args.constraint != "auto" or session.constraint == "plain":
                raise
            # built without the decoder, or older than it: the answer is checked in any case
            say(f"{error}; asking again without the grammar")
            args.constraint = "plain"
            session = _session(args, rules, draft, look, client)
            failed = _live(args, session, client)
        return _told(args, session.translation, client.spent, failed)


def _session(
    args: argparse.Namespace, rules: str, draft: Source | None, look: SeeObjects | None, client: Client
) -> Session:
    """The session, with the constraint that the server understands."""
    from logidsl.diagnostics import InputError
    from logidsl.translate import Session, choose

    offline = args.show_prompt or args.batch_out or args.batch_in
    kind: Constraint = args.constraint if args.constraint != "auto" else "plain" if offline else choose(client)
    name = Path(args.rules).stem if args.rules != "-" else "rules"
    session = Session(rules, draft=draft, look=look, constraint=kind, rounds=args.rounds, name=name, brief=args.brief)
    table = session.vocabulary.table
    if table is not None and not table.images and table.problems:
        hint = "" if args.spec else "; a draft defines how objects are found: --spec FILE"
        raise InputError(f"no good picture can be used: {table.problems[0].path}: {table.problems[0].message}{hint}")
    return session


def _rules(name: str) -> str:
    from logidsl.diagnostics import InputError

    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"the rules {name} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise InputError(f"expected rules in UTF-8, found something else in {name}") from None


def _looking(args: argparse.Namespace) -> SeeObjects | None:
    """The function that finds the objects in the good pictures for a program; None without pictures."""
    if not args.images and not args.table:
        return None
    from logidsl.seeing import gather

    inputs = gather(args.images)

    def look(program: Program) -> ObjectTable:
        from logidsl.extract import read_table
        from logidsl.pipeline import see
        from logidsl.table import concatenate

        parts = [see(program, inputs)] if inputs else []
        return concatenate([*parts, *(read_table(Path(t), program) for t in args.table)])

    return look


def _waiting(quiet: bool) -> Callable[[str, float], None]:
    """Tells the user why it takes longer."""

    def told(why: str, wait_s: float) -> None:
        if not quiet:
            say(f"{why}; asking again in {wait_s:.0f} s")

    return told


def _show_prompt(session: Session) -> int:
    from logidsl.translate import tokens_about

    assert session.request is not None
    prompt = session.request.prompt
    write(sys.stdout, prompt.rstrip("\n") + "\n")
    say(f"about {tokens_about(prompt):,} tokens, of which the part that is always the same is the first")
    return 0


def _live(args: argparse.Namespace, session: Session, client: Client) -> str | None:
    """Ask until the session is done; returns the error, if one occurred after the first answer."""
    from logidsl.llm import ModelError
    from logidsl.translate import tokens_about

    asked = False
    while session.request is not None:
        if not args.quiet:
            what = {
                "translate": "translating",
                "repair": "repairing",
                "mend": "repairing rules that fail on good pictures",
            }
            say(f"{what[session.request.step]}, about {tokens_about(session.request.prompt):,} tokens")
        try:
            answer = client.ask(session.request.body)
        except ModelError as error:
            if not asked:
                raise
            return str(error)
        except KeyboardInterrupt:
            if asked or client.spent.asked:
                say("answers are cached: the same command continues")
            raise
        session.take(answer)
        asked = True
    return None


def _by_file(args: argparse.Namespace, session: Session, client: Client) -> bool:
    """Take answers from files, write the next question; whether one is open and was written."""
    from logidsl.diagnostics import InputError
    from logidsl.translate.batch import read_answers, replay, request_line

    answers = read_answers(map(Path, args.batch_in))
    for problem in answers.problems:
        say(problem)
    taken = replay(session, answers)
    if args.batch_in and not taken:
        listed = ", ".join(list(answers.by_id)[:3]) or "none"
        asked = session.request.id if session.request else ""
        raise InputError(f"expected an answer to {asked}, found {listed}: rules, draft and pictures must be the same")
    request = session.request
    if not args.batch_out:
        if request is not None and not args.quiet:
            say(f"a further question, {request.id}, was not answered; --batch-out FILE writes it down")
        return False
    settings = client.settings
    body = dict(request.body) if request is not None else {}
    line = request_line(request, client.complete_body(body | {"model": settings.model})) + "\n" if request else ""
    write_text(args.batch_out, line)
    if request is not None and not args.quiet:
        say(f"{args.batch_out} holds the question {request.id}; come back with --batch-in and the answers, all of them")
    return request is not None


def _told(args: argparse.Namespace, made: Translation, spent: Spent, failed: str | None) -> int:
    """Write the spec, and report the result for each sentence."""
    from logidsl.commands.translated import as_json, as_text

    if args.output and made.spec is not None:
        write_text(args.output, made.spec)
    if args.format == "json":
        write_json(as_json(made, spent))
    else:
        if made.spec is not None and not args.output:
            write(sys.stdout, made.spec)
        if not args.quiet or made.standing != "pass":
            print(plain(as_text(made, spent if spent.asked or spent.kept else None)), file=sys.stderr)
    if failed is not None:
        say(f"the last request got no answer: {failed}")
        return INPUT_ERROR
    return EXIT_CODES[made.standing]
