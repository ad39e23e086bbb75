"""`logidsl query SPEC`: is there a table on which the spec gives a verdict and further conditions hold?"""

from __future__ import annotations

import argparse
import sys

from logidsl.commands import witnesses
from logidsl.commands.arguments import argument, pairs, refuse
from logidsl.commands.outputs import files_of
from logidsl.commands.specs import spec_source
from logidsl.commands.terminal import FAIL, PASS, Bar, UsageError, say, say_notes, speak_utf8, write, write_json
from logidsl.diagnostics import did_you_mean
from logidsl.ir import Program
from logidsl.pipeline import compile_spec, not_over_several
from logidsl.questions.query import Answer, Question, Verdict, answer, with_conditions
from logidsl.questions.tables import needs_pixels, require_programs
from logidsl.records import plain

EXAMPLES = """  logidsl query tray.logic --passes 'count(nut) = 3'
  logidsl query tray.logic --fails loose_nut
  logidsl query tray.logic --fails loose_nut --alone --draw witness.svg
  logidsl query tray.logic --passes --where 'count(nut) = 3' --where 'some bolt where length > 90 px'
  logidsl query tray.logic --reviews -o witness.json

A rule's name after --passes, --fails or --reviews stands for this rule, anything else is a condition
on the table beside the verdict on the whole. All that is said must hold on one table.
Exit codes: 0 a table was found, 1 none was found or none can exist, 3 a spec error, 4 an input error,
64 a wrong command line.
"""


def _said(*options: str, what: str) -> object:
    return argument(*options, nargs="?", const="", action="append", default=[], metavar="RULE|CONDITION", help=what)


ARGUMENTS = (
    argument("spec", metavar="SPEC", help="a spec, text or YAML; - for standard input"),
    _said("--passes", what="the table passes, or this rule does, or the table passes and the condition holds"),
    _said("--fails", "--violates", what="the same of violations"),
    _said("--reviews", what="the same of manual review"),
    argument("--where", action="append", default=[], metavar="CONDITION", help="a condition; may be repeated"),
    argument("--defect", action="append", default=[], metavar="LABEL", help="a finding has this label"),
    argument("--alone", action="store_true", help="every rule that is not named passes"),
    *witnesses.ARGUMENTS,
)


def run(args: argparse.Namespace) -> int:
    """Search: 0 if a table is found, 1 if not."""
    speak_utf8()
    source, params = spec_source(args.spec), pairs(args.param)
    read = files_of(source)
    witnesses.check_options(args, read)
    bare = compile_spec(source, params)
    question = _question(args, bare)
    program, own = with_conditions(source, params, question.conditions)
    require_programs((program,))
    say_notes(not_over_several(program))
    given = witnesses.given_tables(args.table, (program,))
    bar = Bar("steps", args.quiet)
    found = answer(program, own, question, given, seed=args.seed, effort=args.effort, progress=bar)
    if (pixels := needs_pixels((program,))) and found.witness is None and not found.impossible and not args.quiet:
        say(witnesses.pixel_note(pixels))
    witnesses.write_witness(args, found.witness, read)
    if args.format == "json":
        write_json(_document(found, args.seed, bare))
    else:
        write(sys.stdout, _text(found, args.seed, bare))
    return PASS if found.witness is not None else FAIL


def _question(args: argparse.Namespace, program: Program) -> Question:
    """What the options ask.

    Raises
    ------
    UsageError
        If they ask nothing, or two verdicts of one thing, or name what the spec does not have.
    """
    names = {r.name for r in program.rules}
    verdict: Verdict | None = None
    rules: dict[str, Verdict] = {}
    conditions: list[str] = []
    options: tuple[tuple[Verdict, list[str]], ...] = (
        ("pass", args.passes),
        ("fail", args.fails),
        ("review", args.reviews),
    )
    for word, said in options:
        for text in said:
            if text.strip() in names:
                refuse((rules.get(text.strip(), word) != word, f"the rule `{text.strip()}` is given two verdicts"))
                rules[text.strip()] = word
                continue
            if text.strip().isidentifier() and (hint := did_you_mean(text.strip(), names)):
                raise UsageError(f"no rule `{text.strip()}`{hint}")
            refuse((verdict not in (None, word), f"expected one verdict of the table, found {verdict} and {word}"))
            verdict = word
            conditions += [text] if text.strip() else []
    conditions += args.where
    known = sorted(program.defects | {r.name for r in program.rules})
    for label in args.defect:
        refuse((label not in known, f"no defect `{label}`{did_you_mean(label, known)}"))
    nothing = not (verdict or rules or conditions or args.defect or args.alone)
    refuse((nothing, "expected a question: --passes, --fails, --reviews, --where or --defect; see --help"))
    return Question(verdict, tuple(conditions), rules, tuple(args.defect), args.alone)


def _text(found: Answer, seed: int, program: Program) -> str:
    if found.impossible:
        reasons = "\n".join(f"  {r}" for r in found.impossible)
        why = "this can never happen" if len(found.impossible) == 1 else "these exclude each other"
        return f"impossible: no table with possible measurements shows it; {why}:\n{reasons}\n"
    w = found.witness
    if w is None:
        return f"none found in {found.tried:,} tables (seed {seed}); this does not prove that none exists\n"
    image = w.reports[0]
    title, expects = "asked for", witnesses.expectations(image)
    head = [f"found: {witnesses.size_of(w)}, {image.verdict}", *witnesses.findings(image), ""]
    return "\n".join(head) + "\n" + witnesses.as_text(w, program, title, expects)


def _document(found: Answer, seed: int, program: Program) -> dict[str, object]:
    w = found.witness
    witness = None
    if w is not None:
        witness = {
            **witnesses.plain_witness(w, program, "asked for", witnesses.expectations(w.reports[0])),
            "reports": [plain(r) for r in w.reports],
        }
    return {
        "found": w is not None,
        "impossible": list(found.impossible) or None,
        "witness": witness,
        "tried": found.tried,
        "seed": seed,
    }
