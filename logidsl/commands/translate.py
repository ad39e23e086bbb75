"""`logidsl translate RULES`: rules in plain language into a checked spec, with a language model."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from logidsl.commands.arguments import argument, number
from logidsl.commands.model import MODEL, NO_CACHE, model_client
from logidsl.commands.outputs import files_of, protect_each, write_text
from logidsl.commands.specs import STDIN
from logidsl.commands.terminal import (
    FAIL,
    INPUT_ERROR,
    PASS,
    REVIEW,
    SPEC_ERROR,
    plain,
    say,
    speak_utf8,
    write,
    write_json,
)
from logidsl.diagnostics import InputError, counted
from logidsl.files import file_errors
from logidsl.infer.parameters import measured
from logidsl.llm import Client, ModelError, Spent
from logidsl.pipeline import read_spec
from logidsl.seeing import good_parts
from logidsl.source import Source
from logidsl.translate import Account, Constraint, Session, Translation, choose, tokens_about
from logidsl.translate.batch import read_answers, replay, request_line
from logidsl.translate.trial import SeeObjects

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
WIDTH = 100  # of what is said about sentences
EXIT_CODES = {"pass": PASS, "fail": FAIL, "review": REVIEW, "error": SPEC_ERROR}


ARGUMENTS = (
    argument("rules", metavar="RULES", help="a text file of rules in any language, or - for the input"),
    argument("--spec", metavar="FILE", help="a draft to extend: how objects are found, what is named"),
    argument(
        "--images",
        "--good",
        nargs="+",
        default=[],
        metavar="PATH",
        help="good pictures, to test each rule on, and to measure numbers that no sentence states",
    ),
    argument("--table", nargs="+", default=[], metavar="FILE", help="tables of good pictures' objects"),
    argument("--output", "-o", metavar="FILE", help="write the spec to this file instead of standard output"),
    argument("--format", choices=("text", "json"), default="text", help="format of the report about the spec"),
    argument(
        "--constraint",
        choices=("auto", "openai", "llamacpp", "vllm", "schema", "plain"),
        default="auto",
        help="how the model is constrained to the language (default: as the server supports)",
    ),
    argument(
        "--rounds",
        type=number("--rounds", 0),
        default=3,
        metavar="N",
        help="maximum number of repair rounds (default 3)",
    ),
    argument("--brief", action="store_true", help="a prompt of a sixth the size, for small models"),
    argument("--show-prompt", action="store_true", help="print the prompt with its size without sending it"),
    argument("--batch-out", metavar="FILE", help="write the next request to this file in OpenAI's batch format"),
    argument("--batch-in", nargs="+", default=[], metavar="FILE", help="read the answers from this file"),
    NO_CACHE,
    argument("--quiet", "-q", action="store_true", help="print errors only"),
    MODEL,
)


def run(args: argparse.Namespace) -> int:
    """Translate; see the exit codes in the help."""
    speak_utf8()
    rules, draft = _rules(args.rules), read_spec(args.spec) if args.spec else None
    read = [args.rules, *args.images, *args.table, *args.batch_in, *(files_of(draft) if draft else [])]
    protect_each(args, ("--output", "--batch-out"), read)
    look = good_parts(args.images, args.table) if args.images or args.table else None
    with model_client(args) as client:
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
    offline = args.show_prompt or args.batch_out or args.batch_in
    kind: Constraint = args.constraint if args.constraint != "auto" else "plain" if offline else choose(client)
    name = Path(args.rules).stem if args.rules != "-" else "rules"
    session = Session(
        rules,
        draft=draft,
        look=look,
        constraint=kind,
        rounds=args.rounds,
        name=name,
        brief=args.brief,
        measure=measured,
    )
    table = session.vocabulary.table
    if table is not None and not table.images and table.problems:
        hint = "" if args.spec else "; a draft defines how objects are found: --spec FILE"
        raise InputError(f"no good picture can be used: {table.problems[0].path}: {table.problems[0].message}{hint}")
    return session


def _rules(name: str) -> str:

    try:
        with file_errors(f"the rules {name}", "read"):
            return sys.stdin.read() if name == STDIN else Path(name).read_text("utf-8-sig")
    except ValueError:
        raise InputError(f"expected rules in UTF-8, found something else in {name}") from None


def _show_prompt(session: Session) -> int:

    assert session.request is not None
    prompt = session.request.prompt
    write(sys.stdout, prompt.rstrip("\n") + "\n")
    say(f"about {tokens_about(prompt):,} tokens, of which the part that is always the same is the first")
    return 0


def _live(args: argparse.Namespace, session: Session, client: Client) -> str | None:
    """Ask until the session is done; returns the error, if one occurred after the first answer."""
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


def as_text(made: Translation, spent: Spent | None = None) -> str:
    """The outcome for people."""
    meanings = made.plain()
    lines = [line for account in made.accounts for line in _sentence(account, meanings)]
    lines += _left_over(made)
    lines += _trial(made)
    if spent is not None:
        lines += ["", str(spent)]
    return "\n".join(lines)


def as_json(made: Translation, spent: Spent) -> dict[str, object]:
    """The outcome for programs."""
    meanings = made.plain()
    return {
        "standing": made.standing,
        "spec": made.spec,
        "sentences": [
            {
                "number": a.sentence.number,
                "text": a.sentence.text,
                "names": list(a.names),
                "rules": [{"name": r, "says": meanings.get(r)} for r in a.rules],
                "question": a.question,
                "remark": a.remark,
            }
            for a in made.accounts
        ],
        "unasked": list(made.unasked),
        "left_out": [p.text for p in made.lost],
        "problems": list(made.problems),
        "tried": {
            "pictures": made.trial.pictures,
            "failures": [
                {"rule": f.rule, "picture": f.picture, "message": f.message, "undetermined": f.undetermined}
                for f in made.trial.failures
            ],
            "say_nothing": list(made.trial.silent),
            "unread": list(made.trial.unread),
        },
        "answers": made.rounds,
        "tokens": {"asked": made.usage.asked, "answered": made.usage.answered},
        "cost": spent.cost,
    }


def _sentence(account: Account, meanings: dict[str, str]) -> Iterator[str]:
    """A sentence of the user, and below it the result."""
    yield from _wrapped(f"{account.sentence.number:3d}  ", account.sentence.text)
    for rule in account.rules:
        yield from _wrapped(f"     {rule}: ", meanings.get(rule, ""))
    others = [n for n in account.names if n not in account.rules]
    if others:
        yield from _wrapped("     names ", ", ".join(others))
    elif account.said and not account.rules:
        yield "     is in the spec"
    if account.question:
        yield from _wrapped("     question: ", account.question)
    if account.remark:
        yield from _wrapped("     nothing to check: ", account.remark)
    if not account.settled:
        yield "     not translated"


def _left_over(made: Translation) -> Iterator[str]:
    if made.unasked:
        yield ""
        yield from _wrapped("no sentence asks for: ", ", ".join(made.unasked))
    if made.lost or made.standing == "error":
        yield ""
        for piece in made.lost:
            yield f"left out: {' '.join(piece.text.split())}"
        yield from made.problems


def _trial(made: Translation) -> Iterator[str]:
    trial = made.trial
    if made.program is None:
        yield ""
        yield "no spec resulted"
        return
    yield ""
    if trial.pictures:
        where = counted(trial.pictures, "good picture")
        yield f"tried on {where}: {'' if trial.failures else 'every rule passes'}".rstrip()
        yield from (line for f in trial.failures for line in _wrapped("  ", str(f)))
    else:
        yield "not tried on good pictures: --images or --table names some"
    for problem in trial.unread:
        yield f"  cannot be used: {problem}"
    for rule in trial.silent:
        yield from _wrapped("", f"`{rule}` is vacuous: no random picture violates it")


def _wrapped(mark: str, text: str) -> list[str]:
    """Lines of a text behind a mark; those after the first below its beginning, at most 8 columns in."""
    indent = " " * min(len(mark) if mark.strip() == "" or mark.strip().isdigit() else 7, 8)
    return textwrap.wrap(text, WIDTH, initial_indent=mark, subsequent_indent=indent, break_on_hyphens=False) or [mark]
