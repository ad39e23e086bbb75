"""From the names that a source uses to those of the spec.

`Pushpins`, `push_pin` and `push-pin` are one class to people and three to a program. A source name that the spec does
not have is compared again, ignoring case, spaces, hyphens, underscores and a trailing plural s; each match is noted.
May import `ir`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from logidsl.ir import Program

_GAPS = re.compile(r"[\s_\-]+")


def plain(name: str) -> str:
    """A name without case, gaps and plural.

    Examples
    --------
    >>> plain("Push-Pins"), plain("push_pin"), plain("glass")
    ('pushpin', 'pushpin', 'glass')
    """
    folded = _GAPS.sub("", name.casefold())
    return folded[:-1] if len(folded) > 3 and folded.endswith("s") and not folded.endswith("ss") else folded


def class_names(program: Program, found: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The spec's class for each name of a source.

    Parameters
    ----------
    program : Program
        Declares classes, with the names that sources give them.
    found : iterable of str
        Names of the source.

    Returns
    -------
    names : dict of str to str
        The class for each name; names that the spec does not have are unchanged.
    notes : list of str
        Which names were taken for a class though they are spelled otherwise.
    """
    classes = {b.name: b.name for b in program.blobs}
    classes |= {alias: c.name for c in program.classes for alias in c.aliases}
    classes |= {c.name: c.name for c in program.classes}
    return _matched(classes, found, "read as")


def column_names(program: Program, found: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The declared attribute for each column of a source; others are omitted.

    Parameters
    ----------
    program : Program
        Declares attributes, with the names that sources give them.
    found : iterable of str
        Names of columns.

    Returns
    -------
    names : dict of str to str
        For columns that are attributes, the attribute.
    notes : list of str
        As `class_names` has them.
    """
    known = {source: a.name for a in program.attributes for source in a.source}
    known |= {a.name: a.name for a in program.attributes if not a.source}
    names, notes = _matched(known, found, "read as the attribute")
    return {source: name for source, name in names.items() if name in known.values() and source != name}, notes


def label_names(attribute: str, labels: Iterable[str], found: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The label of an attribute for each value of its column, and notes on those spelled differently.

    Examples
    --------
    >>> label_names("side", ["left", "right"], ["Left", "right", "top"])
    ({'Left': 'left'}, ['`Left` in the column `side` read as the label `left`'])
    """
    listed = set(labels)
    by_plain: dict[str, set[str]] = {}
    for label in listed:
        by_plain.setdefault(_GAPS.sub("", label.casefold()), set()).add(label)
    names: dict[str, str] = {}
    for value in found:
        meant = by_plain.get(_GAPS.sub("", value.casefold()), set())
        if value not in listed and len(meant) == 1:
            names[value] = next(iter(meant))
    return names, [f"`{v}` in the column `{attribute}` read as the label `{n}`" for v, n in names.items()]


def _matched(known: Mapping[str, str], found: Iterable[str], words: str) -> tuple[dict[str, str], list[str]]:
    by_plain: dict[str, set[str]] = {}
    for spelling, name in known.items():
        by_plain.setdefault(plain(spelling), set()).add(name)
    names: dict[str, str] = {}
    notes: list[str] = []
    for word in dict.fromkeys(found):
        if word in known:
            names[word] = known[word]
            continue
        meant = by_plain.get(plain(word), set())
        names[word] = next(iter(meant)) if len(meant) == 1 else word
        if len(meant) == 1:
            notes.append(f"`{word}` {words} `{names[word]}`")
        elif meant:
            notes.append(f"`{word}` could be {' or '.join(f'`{m}`' for m in sorted(meant))}, and was taken for neither")
    return names, notes
