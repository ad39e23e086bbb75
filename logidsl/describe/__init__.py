"""A spec in plain English, made from the program alone.

Takes an `ir.Program`, returns sentences: what is found, what is named, what must hold, variants and tests. Programs
with different meanings get different sentences; nested conditions are bracketed, so that every sentence is unambiguous.
"""

from __future__ import annotations

from logidsl import ir
from logidsl.describe.nodes import written
from logidsl.describe.rules import rules, tests, variants
from logidsl.describe.sentence import Sentence
from logidsl.describe.statements import defined, seen

__all__ = ["GROUPS", "Sentence", "describe", "group_of"]

#: The kinds of sentences, in the groups and order of the output.
GROUPS: dict[str, tuple[str, ...]] = {
    "the spec": ("spec",),
    "what is seen": ("scale", "camera", "frame", "doubtful", "color", "attribute", "blobs", "source", "object", "keep"),
    "what is named": ("param", "set", "region", "grid", "layout", "batch", "view", "let"),
    "what must hold": ("rule", "cardinality"),
    "variants": ("variant",),
    "tests": ("test",),
}


def describe(program: ir.Program) -> list[Sentence]:
    """What a program says, in sentences.

    Parameters
    ----------
    program : Program
        The checked spec.

    Returns
    -------
    list of Sentence
        In the order of `GROUPS`, within one in the order of the spec, with imports last.

    Examples
    --------
    >>> import logidsl
    >>> spec = logidsl.loads("object nut: 2 low missing_nut")
    >>> print(describe(spec.program)[-1].sentence)
    There must be exactly 2 nuts (object nut). Too few is called missing_nut.
    """
    book = written(program)
    found = [_spec(program)] if program.name else []
    for part in (seen(book), defined(book), rules(book), variants(book), tests(book)):
        found += sorted(part, key=lambda s: (s.path != program.path, s.path, s.line))
    return found


def group_of(sentence: Sentence) -> str:
    """The group that a sentence is shown in."""
    return next(group for group, kinds in GROUPS.items() if sentence.kind in kinds)


def _spec(program: ir.Program) -> Sentence:
    about = f": {program.about}" if program.about else ""
    return Sentence("spec", program.name or "", f"{program.name}{about}.", 1, program.path)
