"""Facts in plain English: which things of the spec a description mentions, how many, and where.

No parser of English: it looks for the names that the spec knows, and for a number, a denial or a doubt
before each. What it cannot tell stays open. May import `ir`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from logidsl.extract.amounts import ONE, SOME, Amount, amount_of
from logidsl.extract.fact_names import Names, words

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z\-*•\d\"'(])|\n+")
_TOKEN = re.compile(r"\d+(?:\.\d+)?%?|[^\W\d_]+(?:['’_-][^\W\d_]+)*|[.,:;!?()–—/]")
_ENDED = re.compile(r"[.!?:;)\]\"'”’`*}]\s*$")
_DENYING = frozenset(
    [
        "no",
        "not",
        "without",
        "missing",
        "absent",
        "lacks",
        "lacking",
        "lack",
        "none",
        "neither",
        "nor",
        "cannot",
        "can't",
        "isn't",
        "aren't",
    ]
)
_DOUBTING = frozenset(["possibly", "maybe", "perhaps", "might", "may", "could", "possible", "potentially"])
_BACKWARD = frozenset(["the", "this", "that", "these", "those", "each", "both", "other", "its", "their"])
_FAR_BACK = 5


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing that a text speaks of.

    Parameters
    ----------
    name : str
        Class of the spec; `said` is the word for it.
    amount : Amount
        How many, as far as it says.
    places : mapping of str to str, as pairs
        Attribute of place and the label last spoken of before.
    """

    name: str
    said: str
    amount: Amount
    places: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a text tells, and whether it ends in the middle of a sentence."""

    mentions: tuple[Mention, ...]
    cut: bool


def read_prose(text: str, names: Names) -> Told:
    """The things of a spec that a text mentions.

    Parameters
    ----------
    text : str
        English; sentences, or lines such as `left: 2 oranges`.
    names : Names
        What the spec knows.

    Returns
    -------
    Told
        A thing spoken of twice, in the same place, is told once: as it is first counted.
    """
    found: list[Mention] = []
    where: dict[str, str] = {}
    for sentence in _SENTENCE.split(text[:100_000]):
        found += _Sentence(sentence, names, where, {m.name for m in found}).mentions()
    return Told(tuple(_once(found)), not _ENDED.search(text) and "\n" not in text.strip()[-40:] and _is_prose(text))


def _is_prose(text: str) -> bool:
    """Whether the last line is a sentence, of many words: a list of things ends without a stop."""
    last = text.strip().rpartition("\n")[2]
    return len(last.split()) > 6


def _once(mentions: list[Mention]) -> list[Mention]:
    kept: dict[tuple[str, str, tuple[tuple[str, str], ...]], Mention] = {}
    for m in mentions:
        for key, before in kept.items():
            if key[:2] == (m.name, m.said) and not _apart(before.places, m.places):
                if before.amount == SOME and m.amount.exact and m.amount != ONE:
                    kept[key] = replace(before, amount=m.amount)
                break
        else:
            kept[m.name, m.said, m.places] = m
    return list(kept.values())


def _apart(a: tuple[tuple[str, str], ...], b: tuple[tuple[str, str], ...]) -> bool:
    """Whether two places exclude each other: another label of the same attribute."""
    other = dict(b)
    return any(other.get(name, label) != label for name, label in a)


class _Sentence:
    """One sentence; `where` is the place last spoken of, and goes on to the next; `told` is known from before."""

    def __init__(self, text: str, names: Names, where: dict[str, str], told: set[str]) -> None:
        self.raw = _TOKEN.findall(text.replace("_", " "))
        self.words = [(words(t) or (t,))[0] for t in self.raw]
        self.names, self.where, self.told = names, where, told

    def mentions(self) -> list[Mention]:
        """The mentions, each class name taken as long as it can be."""
        found: list[Mention] = []
        spoken: list[int] = []
        depth, at = 0, 0
        opened: list[int] = []
        while at < len(self.words):
            token = self.words[at]
            if token == "(":
                depth += 1
                opened.append(len(found))
            elif token == ")" and depth:
                depth -= 1
                opened.pop()
            self._walk_to(at)
            here = self.names.at(self.words, at)
            if here is None:
                at += 1
                continue
            name, size = here
            made = self._mention(name, at, size, found, spoken[-1] if spoken else -1)
            if made is not None and not (opened and opened[-1] and found[opened[-1] - 1].name == name):
                found.append(made)
            spoken.append(at + size)
            at += size
        return found

    def _walk_to(self, at: int) -> None:
        for attribute in self.names.places():
            for label in attribute.labels:
                said = words(label)
                if tuple(self.words[at : at + len(said)]) == said:
                    self.where[attribute.name] = label

    def _mention(self, name: str, at: int, size: int, found: list[Mention], end: int) -> Mention | None:
        """What is said of the name at a place; None where it is denied, or another word for the one before."""
        before = self._before(at, end)
        low = [w.lower() for w in before]
        if self._denied(at, at + size):
            return None
        if found and found[-1].name == name and _alternative(self.words[end:at]):
            return None
        if not _BACKWARD.isdisjoint(low) and (name in self.told or any(m.name == name for m in found)):
            return None
        amount = self._amount(low, self.raw[at + size - 1])
        if found and _alternative(self.words[end:at]):  # this or that, and no telling which
            amount = found[-1].amount
            found[-1] = replace(found[-1], amount=Amount(0, amount.high))
            amount = Amount(0, amount.high)
        if not _DOUBTING.isdisjoint(low):
            amount = Amount(0, amount.high)
        where = {**self.where, **self._after(at + size)}
        places = tuple((a.name, where[a.name]) for a in self.names.places(name) if a.name in where)
        return Mention(name, " ".join(self.words[at : at + size]), amount, places)

    def _after(self, start: int) -> dict[str, str]:
        """The places said just after a name: `two oranges on the left`."""
        found: dict[str, str] = {}
        preposition = False
        for k in range(start, min(start + _FAR_BACK, len(self.raw))):
            if self.raw[k] in ".,:;!?()–—" or self.raw[k] in ("and", "with") or self.names.at(self.words, k):
                break
            preposition |= self.raw[k] in ("on", "at", "in", "to")
            for attribute in self.names.places() if preposition else ():
                for label in attribute.labels:
                    said = words(label)
                    if tuple(self.words[k : k + len(said)]) == said:
                        found.setdefault(attribute.name, label)
        return found

    def _before(self, at: int, end: int) -> list[str]:
        """The words just before a name: up to a stop, another name, or too far back."""
        found: list[str] = []
        for k in range(at - 1, max(end - 1, at - 1 - _FAR_BACK, -1), -1):
            if self.raw[k] in ".,:;!?()–—":
                break
            found.append(self.raw[k])
        return found

    def _amount(self, before: list[str], said: str) -> Amount:
        for place, word in enumerate(before):
            if word in ("and", "or", "with", "of") and not (word == "of" and place + 1 < len(before)):
                break
            found = amount_of(word)
            if found is not None and word not in ("no", "none"):
                return SOME if word == "one" and place > 0 and before[place - 1] == "of" else found
        return ONE if words(said) == (said.lower(),) and "a" in before else SOME

    def _denied(self, at: int, end: int) -> bool:
        for k in range(at - 1, max(-1, at - 8), -1):
            if self.raw[k] in ".;:!?,(":
                break
            if self.raw[k].lower() in _DENYING:
                return True
        after = [w.lower() for w in self.raw[end : end + 4]]
        return bool(after) and after[0] in ("is", "are", "was", "were") and not _DENYING.isdisjoint(after[1:3])


def _alternative(between: list[str]) -> bool:
    """Whether words between two names make the second another word for the first: `peach or similar nectarine`."""
    return ("or" in between or "/" in between) and "and" not in between and "," not in between
