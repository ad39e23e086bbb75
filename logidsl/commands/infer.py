"""`logidsl infer GOOD…`: rules from pictures or tables of good parts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from logidsl.commands.arguments import FORMAT, MAX_PIXELS, PARAMS, argument, number, pairs, refuse, set_limits, share
from logidsl.commands.outputs import files_of, output, protect_each, write_text
from logidsl.commands.specs import spec_source
from logidsl.commands.terminal import Bar, say, say_notes, speak_utf8, write, write_json
from logidsl.diagnostics import InputError
from logidsl.files import file_errors
from logidsl.infer import Draft, infer
from logidsl.infer.answers import NOTHING_SAID, Answers, questions, read_answers
from logidsl.pipeline import compile_cached, not_over_several
from logidsl.seeing import good_parts
from logidsl.source import Source

EXAMPLES = """  logidsl infer --table good.csv -o draft.logic
  logidsl infer good/ --spec parts.logic -o draft.logic
  logidsl infer --table good.parquet --ask questions.txt
  logidsl infer --table good.parquet --keep questions.txt -o draft.logic

Pictures need a spec that says how objects are found in them; it is completed, and its rules are not repeated.
"""


ARGUMENTS = (
    argument("good", nargs="*", metavar="GOOD", help="pictures of good parts: files, folders, patterns"),
    argument("--table", nargs="+", default=[], metavar="FILE", help="tables of good parts' objects"),
    argument("--spec", metavar="SPEC", help="a spec to complete"),
    PARAMS,
    argument("-o", "--output", metavar="DRAFT", help="write the draft to a file instead of standard output"),
    argument(
        "--max-false-rejects",
        type=share("--max-false-rejects"),
        default=0.08,
        metavar="SHARE",
        help="share of good parts that rules learned without them may reject (default 8%%)",
    ),
    argument("--ask", metavar="FILE", help="write doubtful candidates as questions"),
    argument("--keep", metavar="FILE", help="answered questions: what to keep, to drop and to loosen"),
    FORMAT,
    argument("--seed", type=number("--seed", 0), default=0, metavar="N", help="random seed (default 0)"),
    argument("--quiet", action="store_true", help="no progress bar and no summary"),
    MAX_PIXELS,
)


def run(args: argparse.Namespace) -> int:
    """Infer, write the draft, and say what it is worth."""
    refuse(
        (
            not args.good and not args.table,
            "expected pictures of good parts, or --table FILE; see `logidsl infer --help`",
        ),
        (args.good and not args.spec, "expected --spec SPEC with pictures: it says how objects are found in them"),
    )
    set_limits(args)
    speak_utf8()
    source = spec_source(args.spec) if args.spec else None
    read = [*args.good, *args.table, *([args.keep] if args.keep else []), *(files_of(source) if source else [])]
    protect_each(args, ("--output", "--ask"), read)
    answers, params = _answers(args.keep) if args.keep else NOTHING_SAID, pairs(args.param)
    program = compile_cached(source or Source("draft.logic", ""), params).program
    say_notes(not_over_several(program))
    table = good_parts(args.good, args.table)(program)
    for problem in table.problems:
        say(problem.named)
    draft = infer(
        table,
        (source, program) if source else None,
        answers,
        params=params,
        max_false_rejects=args.max_false_rejects,
        seed=args.seed,
        progress=Bar("infer", args.quiet),
    )
    if not args.quiet:
        say_notes(draft.notes)
        say(_summary(draft))
    if args.ask:
        write_text(args.ask, questions(draft.questions), read)
    if args.output:
        with output(args.output, read) as out:
            write(out, draft.text)
    if args.format == "json":
        write_json(_document(draft))
    elif not args.output:
        write(sys.stdout, draft.text)
    return 0


def _answers(path: str) -> Answers:
    with file_errors(path, "read"):
        try:
            return read_answers(Path(path).read_text("utf-8"), path)
        except UnicodeDecodeError:
            raise InputError(f"{path}: expected answers in UTF-8") from None


def _document(draft: Draft) -> dict[str, object]:
    """The draft with its figures."""
    rules, asked = ([vars(r) for r in group] for group in (draft.rules, draft.questions))
    figures = {"parts": draft.parts, "rejected": draft.rejected, "bound": draft.bound, "caught": draft.caught}
    return {"spec": draft.text, "rules": rules, "questions": asked, **figures, "notes": draft.notes}


def _summary(draft: Draft) -> str:
    """What the draft is worth."""
    return (
        f"{len(draft.rules)} rules from {draft.parts} good parts. Left out in turn, {draft.rejected} of {draft.parts} "
        f"were rejected: at most {draft.bound:.1%} of new good parts will be, at 95 % confidence. "
        f"{draft.caught:.1%} of random changes are rejected"
    )
