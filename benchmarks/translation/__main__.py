"""Measures a model on the rule sets: `python -m benchmarks.translation --help`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.translation.agree import Referee, faults
from benchmarks.translation.score import replayed, report, reworded, score
from benchmarks.translation.sets import rule_sets
from logidsl.diagnostics import InputError
from logidsl.translate import KINDS
from logidsl.translate.batch import read_answers, request_line

EPILOG = """One round after another, until no question is left:

  python -m benchmarks.translation ask -o round1.jsonl
  (have round1.jsonl answered by any model: answers1.jsonl)
  python -m benchmarks.translation ask -o round2.jsonl answers1.jsonl
  (have round2.jsonl answered: answers2.jsonl)
  python -m benchmarks.translation score answers1.jsonl answers2.jsonl

A line of answers is one of the OpenAI batch format, or {"custom_id": …, "text": …}; `custom_id` is that of the
question, or the name of the rule set for an answer to the first question in another wording. With the sentences that
were asked in `rules`, `score` says which rule sets were reworded since.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.translation",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=("ask", "score", "check"), help="`check` tries the gold specs themselves")
    parser.add_argument("answers", nargs="*", type=Path, help="files of answers")
    parser.add_argument("-o", "--out", type=Path, help="where the questions go; standard output by default")
    parser.add_argument("--sets", default="", help="only rule sets whose name matches this pattern")
    parser.add_argument("--folder", type=Path, help="other rule sets than those of the project")
    parser.add_argument("--constraint", default="plain", choices=KINDS, help="how the model is held to the language")
    args = parser.parse_intermixed_args(argv)
    chosen = [s for s in (rule_sets(args.folder) if args.folder else rule_sets()) if re.search(args.sets, s.name)]
    try:
        answers = read_answers(args.answers)
    except InputError as error:
        parser.error(str(error))
    for problem in answers.problems:
        print(problem, file=sys.stderr)
    if args.command == "ask":
        sessions = [replayed(s, answers, args.constraint)[0] for s in chosen]
        lines = [request_line(s.request) for s in sessions if s.request is not None]
        text = "".join(f"{line}\n" for line in lines)
        if args.out:
            args.out.write_text(text, "utf-8")
        else:
            sys.stdout.write(text)
        print(f"{len(lines)} questions", file=sys.stderr)
        return 0
    referees = [Referee(s) for s in chosen]
    if args.command == "check":
        found = faults(referees) + [r.rules.name for r in referees if r.judge(r.rules.spec).kind != "right"]
        print("\n".join(found) or f"{len(referees)} rule sets, {sum(len(r.scenes) for r in referees)} scenes, no fault")
        return 1 if found else 0
    scores = [score(r, answers, args.constraint) for r in referees]
    print(report(scores, referees, reworded(chosen, args.answers)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
