"""The output of `logidsl translate`: each sentence with the meaning of its rules, and open questions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from logidsl.diagnostics import counted
from logidsl.llm import Spent
from logidsl.translate import Account, Translation

WIDTH = 100


def as_text(made: Translation, spent: Spent | None = None) -> str:
    """The outcome for people."""
    plain = made.plain()
    lines = [line for account in made.accounts for line in _sentence(account, plain)]
    lines += _left_over(made)
    lines += _trial(made)
    if spent is not None:
        lines += ["", str(spent)]
    return "\n".join(lines)


def as_json(made: Translation, spent: Spent) -> dict[str, object]:
    """The outcome for programs."""
    plain = made.plain()
    return {
        "standing": made.standing,
        "spec": made.spec,
        "sentences": [
            {
                "number": a.sentence.number,
                "text": a.sentence.text,
                "names": list(a.names),
                "rules": [{"name": r, "says": plain.get(r)} for r in a.rules],
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


def _sentence(account: Account, plain: dict[str, str]) -> Iterator[str]:
    """A sentence of the user, and below it the result."""
    yield from _wrapped(f"{account.sentence.number:3d}  ", account.sentence.text)
    for rule in account.rules:
        yield from _wrapped(f"     {rule}: ", plain.get(rule, ""))
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
