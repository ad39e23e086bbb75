"""From a text of rules to numbered sentences.

Rules are written as prose, bullets or numbered lists, in many languages. A sentence ends at `。`, `！`, `？`, at `.`,
`!`, `?` before a space, except after an abbreviation or within a number, at an empty line, before the next bullet, and
at the end of a line that was not merely wrapped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from logidsl.diagnostics import InputError

TEXT_MAX = 64 * 1024
SENTENCES_MAX = 200
WRAPPED_AFTER = 60  # a line with fewer columns was ended by its author
WRAPPED_BEFORE_SMALL = 30  # the same if the next one starts with a small letter

# en, de, es, fr: after these a point does not end a sentence
ABBREVIATIONS = frozenset(
    word
    for line in (
        "e.g i.e etc approx ca cf vs no nos fig figs max min dia incl excl resp qty pos ref sec dept tol nom",
        "z.b d.h u.a o.ä bzw ggf mind höchst nr abb evtl inkl vgl usw ggü zzgl dgl",
        "p.ej p.e núm aprox máx mín pág vol ej ud uds p.ex env réf qté n°",
    )
    for word in line.split(" ")
)
_BULLET = re.compile(
    r"^\s*(?:[-*+•‣▪◦●○■□–—・·►✓✔☐☑]|\[[ xX]?\]|[①-⑳]|（\d{1,3}）"
    r"|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)．）、](?!\d))\s*"
)
_MARKS = re.compile(r"^\s*(?:\[[ xX]?\]|[-*+•])\s+")
_ENDS = re.compile(r"[。！？!?.…]+[\"'”’»」』）)\]]*")
_WIDE = "。！？"


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence of the rules; `number` counts from 1."""

    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


def split_sentences(text: str) -> tuple[SourceSentence, ...]:
    """Split a text into sentences, without leading bullets and numbers, each on one line.

    Parameters
    ----------
    text : str
        Rules as somebody wrote them.

    Raises
    ------
    InputError
        If it is empty or far too long.

    Examples
    --------
    >>> [s.text for s in split_sentences("1. Two bolts, approx. 3.5 mm long! No nut.\\n2) ナットは2個。傷なし")]
    ['Two bolts, approx. 3.5 mm long!', 'No nut.', 'ナットは2個。', '傷なし']
    """
    if len(text) > TEXT_MAX:
        raise InputError(f"expected rules of at most {TEXT_MAX:,} characters, found {len(text):,}")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else " " for c in lines)
    found = [s for item in _items(clean) for s in _sentences(item)]
    if not found:
        raise InputError("expected rules in plain language, found nothing")
    if len(found) > SENTENCES_MAX:
        raise InputError(f"expected at most {SENTENCES_MAX} sentences, found {len(found)}: cut the rules into parts")
    return tuple(SourceSentence(number, sentence) for number, sentence in enumerate(found, 1))


def _items(text: str) -> Iterator[str]:
    """Ranges between bullets, empty lines and intentional line ends."""
    held = ""
    last = ""  # the line before, as it stood
    for line in [*text.split("\n"), ""]:
        bullet = _BULLET.match(line)
        if held and (not line.strip() or bullet or not _goes_on(last, line)):
            yield held
            held = ""
        if line.strip():
            body = line[bullet.end() :] if bullet else line
            body = _MARKS.sub("", body).strip()
            held = _joined(held, body) if held else body
        last = line


def _goes_on(before: str, line: str) -> bool:
    """Whether a line carries on the one before."""
    before, first = before.rstrip(), line.strip()[:1]
    if not before or _ENDS.search(before[-2:]) or before.endswith((":", "：")):
        return False
    if before.endswith((",", "、", "，", ";", "；", "-")):
        return True
    return _columns(before) >= (WRAPPED_BEFORE_SMALL if first.islower() else WRAPPED_AFTER)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _joined(left: str, right: str) -> str:
    """Two halves of a wrapped line, without a space if the script has none."""
    wide = unicodedata.east_asian_width(left[-1]) in "WF" and unicodedata.east_asian_width(right[0]) in "WF"
    return left + ("" if wide else " ") + right


def _sentences(item: str) -> Iterator[str]:
    """The sentences of one stretch."""
    item, start = " ".join(item.split()), 0
    for end in _ENDS.finditer(item):
        if _is_end(item, start, end):
            yield item[start : end.end()].strip()
            start = end.end()
    if any(c.isalnum() for c in item[start:]):
        yield item[start:].strip()


def _is_end(item: str, start: int, end: re.Match[str]) -> bool:
    """Whether a mark ends a sentence: a point may belong to a number or an abbreviation."""
    if not any(c.isalnum() for c in item[start : end.start()]):
        return False
    if end[0][0] in _WIDE:
        return True
    if end.end() < len(item) and item[end.end()] != " " and not _is_wide(item[end.end()]):
        return False
    if end[0] != ".":
        return True
    word = re.search(r"[^\s(]*$", item[start : end.start()])
    before = (word[0] if word else "").lower()
    after = item[end.end() :].lstrip()[:1]
    return not (before in ABBREVIATIONS or (len(before) == 1 and before.isalpha()) or after.islower())


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
