"""The draft as a person would have written it: grouped by what rules are about, named, with their support."""

from __future__ import annotations

import re
from collections.abc import Sequence

from logidsl.infer.candidates import Rule
from logidsl.infer.vocabulary import Vocabulary
from logidsl.source import Source
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import parse
from logidsl.syntax.tables import reserved_words

_COUNT = re.compile(r"count\((\w+)\) (?:= (\d+)|in (\d+ \.\. \d+)|<= (\d+)|>= (\d+))")
_MOST_WORDS, _LONGEST = 4, 40


def drafted(v: Vocabulary, rules: Sequence[Rule], parts: int) -> str:
    """The text of a draft: the spec that it completes, declarations, and rules by topic.

    Parameters
    ----------
    v : Vocabulary
    rules : sequence of Rule
    parts : int
        How many good parts they hold on.
    """
    numbers, others = dict[str, tuple[str, Rule]](), list[Rule]()
    for rule in rules:
        said = _COUNT.fullmatch(rule.clause)
        if said and said[1] in v.declared.classes and said[1] not in numbers:
            exact, between, most, least = said.groups()[1:]
            words = exact or between or (f"at most {most}" if most else f"at least {least}")
            numbers[said[1]] = (words, rule)
        else:
            others.append(rule)
    taken = {*v.names, *numbers}
    lines = [f"# Inferred from {parts} good parts, on all of which every rule holds."]
    lines += v.declarations({c: words for c, (words, _) in numbers.items()}, " ".join(r.clause for r in others))
    if not v.has_unlisted:
        name = _free("stranger", taken)
        lines.append(f"object {name} = unlisted(): 0    defect unknown_object")
    for topic in dict.fromkeys(r.topic for r in others):
        lines.append("")
        for rule in (r for r in others if r.topic == topic):
            lines += [f"# {rule.reason}", f"rule {_free(_name(rule.clause), taken)}: {rule.clause}"]
    before = f"{v.own.text.rstrip()}\n\n" if v.own is not None and v.own.text.strip() else ""
    source = Source("draft.logic", "\n".join(lines) + "\n")
    return before + format_file(parse(source)[0], source)


def _name(clause: str) -> str:
    """A name from the words of a clause: `every bolt: length in …` is `bolt_length`."""
    skip = {"every", "where", "px", "deg", "of", "by", "in", "a", "b", "g", "match", "cells", "px2", "else", "none"}
    words = [w for w in re.findall(r"[^\W\d]\w*", re.sub(r'"[^"]*"', "", clause)) if w not in skip]
    return "_".join(dict.fromkeys(words[: _MOST_WORDS + 1]))[:_LONGEST].strip("_") or "rule"


def _free(name: str, taken: set[str]) -> str:
    """A name that nothing else has."""
    found, number = name, 2
    while found in taken or found in reserved_words():
        found, number = f"{name}_{number}", number + 1
    taken.add(found)
    return found
