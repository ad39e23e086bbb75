"""Parts of sentences: values, truths and nouns, combined unambiguously.

Owns the three kinds of phrase. A phrase has a precedence (`Level`); where it binds more loosely than its place allows,
`held` puts it in parentheses. So a sentence can be read in one way only, however deep the condition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeAlias

PIXEL = -1  # the subject of a condition on pixels


class Level(IntEnum):
    """How loosely a phrase holds together."""

    ATOM = 0  #: a name, a number, `the length of c`; a clause of subject and verb
    TERM = 1  #: a function of others: `the distance from a to b`; a clause with two verbs' worth of limits
    SUM = 2  #: arithmetic: `a plus b`
    OPEN = 3  #: a phrase that contains a clause, and extends as far right as it can


@dataclass(frozen=True, slots=True)
class Noun:
    """A set: one of its members, and all of them."""

    one: str
    many: str
    level: Level = Level.ATOM


@dataclass(frozen=True, slots=True)
class Value:
    """A value.

    Parameters
    ----------
    text : str
        How it is said.
    level : Level
        How loosely it holds together.
    each : int, optional
        The walked object that it is, or with `noun` is an attribute of.
    noun : str
        The attribute.
    counted : Noun, optional
        Of a count: what is counted.
    fixed : bool
        Whether it is a number or a parameter, as a limit is.
    share : tuple of str, optional
        Of a share: how much, and of what thing's side or area.
    """

    text: str
    level: Level = Level.ATOM
    each: int | None = None
    noun: str = ""
    counted: Noun | None = None
    fixed: bool = False
    share: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: as a statement, and as a demand.

    Parameters
    ----------
    text, must : str
        `its length is at most 3 px`, `its length must be at most 3 px`.
    level : Level
        How loosely it holds together.
    subject : Value, optional
        For a clause, its subject.
    third, base, rest : str
        Of a clause: the verb as a statement and after `must`, and what follows it.
    after : str, optional
        The verb as it follows a noun, `touching`; empty where `rest` does so alone: `inside c`.
    denied_rest : str
        What follows the verb when the clause is denied; `rest` where empty.
    denied : bool
        Whether the clause holds a `not` already.
    word : str
        `and`, `or`, `if` where it is made of others.
    parts : tuple of Condition
        What `and` and `or` are made of.
    """

    text: str
    must: str
    level: Level = Level.ATOM
    subject: Value | None = None
    third: str = ""
    base: str = ""
    rest: str = ""
    after: str | None = None
    denied_rest: str = ""
    denied: bool = False
    word: str = ""
    parts: tuple[Condition, ...] = ()


Phrase: TypeAlias = Value | Condition | Noun


def held(phrase: Phrase, loosest: Level) -> str:
    """The text of a phrase, in parentheses if it binds more loosely than its place allows.

    Examples
    --------
    >>> held(Value("a plus b", Level.SUM), Level.ATOM)
    '(a plus b)'
    """
    text = phrase.many if isinstance(phrase, Noun) else phrase.text
    return text if phrase.level <= loosest else f"({text})"


def held_demand(truth: Condition, loosest: Level) -> str:
    """The demand of a truth, in parentheses if it binds more loosely than its place allows."""
    return truth.must if truth.level <= loosest else f"({truth.must})"


def clause(
    subject: Value,
    third: str,
    base: str,
    rest: str,
    *,
    after: str | None = None,
    denied_rest: str = "",
    level: Level = Level.ATOM,
) -> Condition:
    """A clause of subject, verb and rest.

    Examples
    --------
    >>> clause(Value("its length"), "is", "be", "at most 3 px").must
    'its length must be at most 3 px'
    """
    words = held(subject, Level.SUM)
    return Condition(
        joined(words, third, rest),
        joined(words, "must", base, rest),
        level,
        subject,
        third,
        base,
        rest,
        after,
        denied_rest,
    )


def joined(*words: str) -> str:
    """Words joined by spaces, without empty ones."""
    return " ".join(w for w in words if w)


def verb(truth: Condition, demand: bool) -> str:
    """A clause without its subject."""
    return joined("must", truth.base, truth.rest) if demand else joined(truth.third, truth.rest)


def denied(truth: Condition) -> Condition:
    """The negation: within the clause if that is clear, otherwise before the whole.

    Examples
    --------
    >>> denied(clause(Value("c"), "touches", "touch", "d")).text
    'c does not touch d'
    >>> denied(Condition("a or b", "either a or b", Level.OPEN)).text
    'it is not true that (a or b)'
    """
    if truth.subject is None or truth.denied or truth.level > Level.ATOM:
        whole = held(truth, Level.TERM)
        return Condition(f"it is not true that {whole}", f"it must not be true that {whole}", Level.OPEN)
    if truth.third in ("is", "are"):
        third = f"{truth.third} not"
    else:
        third = f"{'do' if truth.third == truth.base else 'does'} not {truth.base}"
    after = None if truth.after is None else joined("not", truth.after)
    made = clause(
        truth.subject, third, f"not {truth.base}", truth.denied_rest or truth.rest, after=after, level=truth.level
    )
    return replace(made, denied=True)


def following(truth: Condition, each: int, several: bool = False) -> str:
    """A condition on an iterated object as it follows the object's noun, or that of `several`.

    Examples
    --------
    >>> long = clause(Value("its length", each=4, noun="length"), "is", "be", "at most 3 px")
    >>> inside = clause(Value("it", each=4), "is", "be", "inside c", after="")
    >>> following(long, 4), following(inside, 4)
    ('whose length is at most 3 px', 'inside c')
    >>> following(both([inside, long]), 4), following(both([long, inside]), 4, several=True)
    ('inside c and whose length is at most 3 px', 'whose length is at most 3 px and that are inside c')
    """
    if truth.word == "and" or (truth.word == "or" and all(_fits(p, each, Level.ATOM) for p in truth.parts)):
        words, own = list[str](), False  # once a part has its own verb, all later ones do
        for part in truth.parts:
            words.append(_one_following(part, each, several, own))
            own = own or not _bare(part, each)
        return f" {truth.word} ".join(words)
    return _one_following(truth, each, several, own=False)


def _fits(truth: Condition, each: int, loosest: Level) -> bool:
    """Whether a clause can follow the noun of the iterated object that it is about."""
    subject = truth.subject
    if subject is None or subject.each != each or truth.level > loosest:
        return False
    return bool(subject.noun) or truth.after is not None


def _bare(truth: Condition, each: int) -> bool:
    """Whether a clause can follow without a verb: `inside c`, `touching c`."""
    return _fits(truth, each, Level.TERM) and truth.subject is not None and not truth.subject.noun


def _one_following(truth: Condition, each: int, several: bool, own: bool) -> str:
    if not _fits(truth, each, Level.TERM):
        return f"for which {held(truth, Level.TERM)}"
    if not _bare(truth, each):
        assert truth.subject is not None
        return f"whose {truth.subject.noun} {verb(truth, demand=False)}"
    if not own:
        return joined(truth.after or "", truth.rest)
    third = _PLURAL.get(truth.third, truth.base) if several else truth.third
    return joined("that", third, truth.rest)


_PLURAL = {"is": "are", "is not": "are not"}


def fill(template: str, parts: Mapping[str, str | None]) -> str:
    """A declaration's words with their placeholders filled; a part in `<…>` is omitted if one of its arguments is.

    Examples
    --------
    >>> fill("the frame turned with {0}<, {1} towards the top>", {"0": "the plate"})
    'the frame turned with the plate'
    """

    def kept(found: re.Match[str]) -> str:
        names = re.findall(r"\{([*\w]+)\}", found[1])
        return found[1] if all(parts.get(n) is not None for n in names) else ""

    whole = re.sub(r"<([^<>]*)>", kept, template)
    return re.sub(r"\{([*\w]+)\}", lambda m: parts.get(m[1]) or "", whole)


_VERB = re.compile(r"(?P<subject>.*) \[(?P<third>[^|]*)\|(?P<base>[^|\]]*)(?:\|(?P<after>[^\]]*))?\] (?P<rest>.*)")


def declared_clause(template: str, parts: Mapping[str, str | None], subject: Value | None = None) -> Condition:
    """The clause from a declaration's words; `subject` replaces what comes before the verb.

    Examples
    --------
    >>> declared_clause("{0} [touches|touch|touching] {1}", {"0": "c", "1": "d"}).must
    'c must touch d'
    """
    found = _VERB.fullmatch(template)
    if found is None:
        raise ValueError(f"no verb in brackets: {template}")
    about = subject or Value(fill(found["subject"], parts), Level.TERM)
    return clause(about, found["third"], found["base"], fill(found["rest"], parts), after=found["after"])


def both(truths: Sequence[Condition]) -> Condition:
    """A conjunction."""
    return Condition(
        " and ".join(held(t, Level.ATOM) for t in truths),
        " and ".join(held_demand(t, Level.ATOM) for t in truths),
        Level.OPEN,
        word="and",
        parts=tuple(truths),
    )


def either(truths: Sequence[Condition]) -> Condition:
    """A disjunction."""
    return Condition(
        "either " + " or ".join(held(t, Level.ATOM) for t in truths),
        "either " + " or ".join(held_demand(t, Level.ATOM) for t in truths),
        Level.OPEN,
        word="or",
        parts=tuple(truths),
    )


def enumerated(words: Sequence[str], last: str = "and") -> str:
    """Words in a row.

    Examples
    --------
    >>> enumerated(["a", "b", "c"]), enumerated(["a", "b"], "or")
    ('a, b and c', 'a or b')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
