"""Whole instructions, judged by parts: `python -m benchmarks.translation.parts [ANSWERS]`.

A folder holds an instruction as an engineer wrote it, a table of one good part as a detector gives it, and five wrong
parts that each break one sentence (`truth.md` says which, and how the sentences are meant). A model sees the
instruction and the good part; its first answer, as it is, judges all six. `--ask FILE` writes the questions.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import logidsl
from benchmarks.translation.score import answer_to
from logidsl.infer.parameters import measured
from logidsl.seeing import good_parts
from logidsl.translate import Session
from logidsl.translate.batch import Answers, read_answers, request_line

HERE = Path(__file__).parent
PARTS = HERE / "parts"
ANSWERS = HERE / "answers" / "parts-answers.jsonl"


def session_of(folder: Path) -> Session:
    """The translation of an instruction with a good part."""
    look = good_parts([], [str(folder / "good.csv")])
    return Session((folder / "rules.txt").read_text("utf-8"), look=look, name=folder.name, measure=measured)


def verdicts(folder: Path, answers: Answers) -> tuple[str, Sequence[str], Sequence[str]] | None:
    """The verdict on the good part, those on the wrong ones, and the questions asked; None without an answer."""
    session = session_of(folder)
    answer = answer_to(session, folder.name, answers)
    if answer is None:
        return None
    session.take(answer)
    made = session.translation
    asked = [a.question for a in made.accounts if a.question]
    if made.spec is None:
        return "none", ["none"] * 5, asked
    report = logidsl.loads(made.spec).check([folder / "good.csv", folder / "bad.csv"])
    good, *bad = [image.verdict for image in report.images]
    return good, bad, asked


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, or judge and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.translation.parts", description=__doc__)
    parser.add_argument("answers", nargs="*", type=Path, default=[ANSWERS], help="files of answers")
    parser.add_argument("--ask", type=Path, metavar="FILE", help="write the questions to this file")
    args = parser.parse_args(arguments)
    folders = sorted(p for p in PARTS.iterdir() if p.is_dir())
    if args.ask:
        requests = [session_of(folder).request for folder in folders]
        args.ask.write_text("".join(f"{request_line(r)}\n" for r in requests if r is not None), "utf-8")
        return 0
    answers = read_answers(args.answers)
    on_good, on_bad = Counter[str](), Counter[str]()
    for folder in folders:
        found = verdicts(folder, answers)
        if found is None:
            print(f"{folder.name}: no answer")
            continue
        good, bad, asked = found
        on_good[good] += 1
        on_bad.update(bad)
        print(f"{folder.name}: good part {good}, wrong parts {', '.join(bad)}; {len(asked)} questions", flush=True)
    print(f"good parts: {_said(on_good)}; wrong parts: {_said(on_bad)}")
    return 0


def _said(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {verdict}" for verdict, number in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
