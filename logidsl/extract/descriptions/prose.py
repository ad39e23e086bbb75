"""Facts in plain English: which objects of the spec a description mentions, how many, and where.

Not a parser of English: it looks for the names that the spec knows, and for a number, a denial or a doubt before
each. Everything else stays open. May import `ir`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from logidsl.extract.amounts import ONE, SOME, Amount, amount_of
from logidsl.extract.descriptions.vocabulary import DescribedObjects, Vocabulary, words

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z\-*•\d\"'(])|\n+")
_TOKEN = re.compile(r"\d+(?:\.\d+)?%?|[^\W\d_]+(?:['’_-][^\W\d_]+)*|[.,:;!?()–—/]")
_ENDED = re.compile(r"[.!?:;)\]\"'”’`*}]\s*$")
_DENYING = re.compile(r"no|not|without|missing|absent|lack(s|ing)?|none|neither|nor|cannot|(ca|is|are)n't")
_DOUBTING = re.compile(r"possibly|maybe|perhaps|might|may|could|possible|potentially")
_BACKWARD = re.compile(r"the|this|that|these|those|each|both|other|its|their")
_STOPS = frozenset(".,:;!?()–—")
_FAR_BACK = 5
_MOST_CHARACTERS = 100_000


def read_prose(text: str, vocabulary: Vocabulary) -> tuple[list[DescribedObjects], bool]:
    """The objects of a spec that a text mentions, and whether it ends in the middle of a sentence.

    Parameters
    ----------
    text : str
        English; sentences, or lines such as `left: 2 oranges`.
    vocabulary : Vocabulary
        The names of the spec.

    Returns
    -------
    found : list of DescribedObjects
        An object mentioned twice, in the same place, is found once, with its first number.
    cut : bool
        Whether the last line is a sentence without an end; a list of things ends without a stop.
    """
    found: list[DescribedObjects] = []
    where: dict[str, str] = {}
    for sentence in _SENTENCE.split(text[:_MOST_CHARACTERS]):
        found += _Sentence(sentence, vocabulary, where, {m.name for m in found}).mentions()
    last = text.strip().rpartition("\n")[2]
    cut = not _ENDED.search(text) and len(last.split()) > 6 and "\n" not in text.strip()[-40:]
    return _once(found), cut


def _once(mentions: list[DescribedObjects]) -> list[DescribedObjects]:
    kept: list[DescribedObjects] = []
    for m in mentions:
        same = [k for k in kept if (k.name, k.said) == (m.name, m.said) and not _apart(k.values, m.values)]
        if not same:
            kept.append(m)
        elif same[0].amount == SOME and m.amount.exact and m.amount != ONE:
            same[0].amount = m.amount
    return kept


def _apart(a: dict[str, object], b: dict[str, object]) -> bool:
    """Whether two places exclude each other: another label of the same attribute."""
    return any(b.get(name, label) != label for name, label in a.items())


class _Sentence:
    """One sentence; `where` is the place mentioned last, and applies to the next; `known` was mentioned before."""

    def __init__(self, text: str, vocabulary: Vocabulary, where: dict[str, str], known: set[str]) -> None:
        raw = _TOKEN.findall(text.replace("_", " "))
        self.raw = [t.lower() for t in raw]
        self.words = [(words(t) or (t,))[0] for t in raw]
        self.vocabulary, self.where, self.known = vocabulary, where, known

    def mentions(self) -> list[DescribedObjects]:
        """The objects mentioned, each class name taken as long as it can be."""
        found: list[DescribedObjects] = []
        opened: list[int] = []
        end, at = -1, 0
        while at < len(self.words):
            if self.words[at] == "(":
                opened.append(len(found))
            elif self.words[at] == ")" and opened:
                opened.pop()
            self.where |= self.vocabulary.places_at(self.words, at)
            name, size = self.vocabulary.class_at(self.words, at)
            if name:
                explained = bool(opened and opened[-1] and found[opened[-1] - 1].name == name)  # `2 nuts (1 steel nut)`
                mention = self._mention(name, at, at + size, found, end)
                found += [mention] if mention and not explained else []
                end = at + size
            at += size
        return found

    def _mention(
        self, name: str, start: int, stop: int, found: list[DescribedObjects], end: int
    ) -> DescribedObjects | None:
        """The statement about the name at a position; None if it is negated, or repeats the one before."""
        before = self._before(start, end)
        either = bool(found) and _alternative(self.words[end:start])
        again = any(map(_BACKWARD.fullmatch, before)) and name in {*self.known, *(m.name for m in found)}
        if self._denied(start, stop) or again or (either and found[-1].name == name):
            return None
        amount = self._amount(before, self.raw[stop - 1])
        if either:  # one or the other
            amount = found[-1].amount = Amount(0, found[-1].amount.high)
        elif any(map(_DOUBTING.fullmatch, before)):
            amount = Amount(0, amount.high)
        where = {**self.where, **self._after(stop)}
        places: dict[str, object] = {a.name: where[a.name] for a in self.vocabulary.places(name) if a.name in where}
        return DescribedObjects(name, " ".join(self.words[start:stop]), amount, values=places)

    def _after(self, start: int) -> dict[str, str]:
        """The places just after a name: `two oranges on the left`."""
        found: dict[str, str] = {}
        preposition = False
        for k in range(start, min(start + _FAR_BACK, len(self.raw))):
            if self.raw[k] in _STOPS | {"and", "with"} or self.vocabulary.class_at(self.words, k)[0]:
                break
            preposition |= self.raw[k] in ("on", "at", "in", "to")
            if preposition:
                found = self.vocabulary.places_at(self.words, k) | found
        return found

    def _before(self, at: int, end: int) -> list[str]:
        """The words before a name, the nearest first: up to a stop, another name, or too far back."""
        found: list[str] = []
        for word in reversed(self.raw[max(end, at - _FAR_BACK, 0) : at]):
            if word in _STOPS:
                break
            found.append(word)
        return found

    def _amount(self, before: Sequence[str], said: str) -> Amount:
        for place, word in enumerate(before):
            if word in ("and", "or", "with") or (word == "of" and place + 1 == len(before)):
                break
            found = amount_of(word)
            if found is not None and word not in ("no", "none"):
                return SOME if word == "one" and "of" in before[place - 1 : place] else found
        return ONE if words(said) == (said,) and "a" in before else SOME

    def _denied(self, start: int, stop: int) -> bool:
        for word in reversed(self.raw[max(0, start - 7) : start]):
            if word in ".;:!?,(":
                break
            if _DENYING.fullmatch(word):
                return True
        after = self.raw[stop : stop + 3]
        return after[:1] in (["is"], ["are"], ["was"], ["were"]) and any(map(_DENYING.fullmatch, after))


def _alternative(between: Sequence[str]) -> bool:
    """Whether words between two names make the second another word for the first: `peach or similar nectarine`."""
    return ("or" in between or "/" in between) and "and" not in between and "," not in between
