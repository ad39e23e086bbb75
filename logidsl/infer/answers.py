"""Questions about doubtful candidates, and what a person answered.

A file of questions has a candidate a line: `? every bolt: length in 38 .. 42 px`. A person writes `keep`, `drop` or
`loosen` in place of the question mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from logidsl.diagnostics import InputError
from logidsl.infer.candidates import LIMITS, Rule

WORDS = ("keep", "drop", "loosen")
_LINE = re.compile(r"(?P<word>\S+)\s+(?P<clause>.*?)\s*(?:#.*)?")
_END = re.compile(r"(?:=|<=|>=|in) -?[\d.]+(?: \.\. -?[\d.]+)?(?: \w+)?$")
_HEAD = """\
# Rules that hold on all good parts, but may hold by chance, or have limits that are too narrow.
# Replace each ? by keep, drop or loosen, and run again with --keep and this file.
"""


@dataclass(frozen=True)
class Answers:
    """What a person said.

    Parameters
    ----------
    keep, loosen, drop : tuple of str
        Clauses: to write as they are, to write with wider limits, not to write with any limits.
    """

    keep: tuple[str, ...] = ()
    loosen: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    @property
    def settled(self) -> frozenset[str]:
        """The templates of all clauses that were answered."""
        return frozenset(template(c) for c in (*self.keep, *self.loosen, *self.drop))


NOTHING_SAID = Answers()


def template(clause: str) -> str:
    """A clause with its limits left open.

    Examples
    --------
    >>> template("every bolt: length in 38 .. 42 px"), template("lid above jar")
    ('every bolt: length {?}', 'lid above jar')
    """
    return _END.sub(LIMITS, clause)


def questions(rules: Iterable[Rule]) -> str:
    """The text of a file of questions."""
    return _HEAD + "".join(f"? {r.clause}    # {r.reason}\n" for r in rules)


def read_answers(text: str, name: str) -> Answers:
    """The answers in a file.

    Raises
    ------
    InputError
        If a line cannot be understood.
    """
    found: dict[str, list[str]] = {word: [] for word in WORDS}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        said = _LINE.fullmatch(line)
        if said is None or said["word"] not in (*WORDS, "?") or not said["clause"]:
            raise InputError(f"{name}:{number}: expected `keep`, `drop`, `loosen` or `?` and a clause, found `{line}`")
        if said["word"] != "?":
            found[said["word"]].append(said["clause"])
    return Answers(*(tuple(found[word]) for word in ("keep", "loosen", "drop")))
