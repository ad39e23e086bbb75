"""Rewriting rules for statements that cannot be read, and the engine that tries them.

A rule is a regular expression over the tokens of a statement and what was meant in its place. It is taken where the
rewritten statement makes sense further than the one that stands there, as the LALR tables tell; so a rule may guess
freely, and never blames a statement for what is not its fault. In a pattern a space separates tokens, and `@NAME` and
the like stand for what `_macros` defines; in a replacement `\\1` keeps the tokens of a group.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from logidsl.library import builtins
from logidsl.syntax.syntax_error_context import (
    OUTCOMES,
    RELATIONS,
    Finder,
    Recovery,
    SyntaxErrorContext,
    clause,
    spell,
    tokens_of,
)
from logidsl.syntax.tables import reserved_words
from logidsl.syntax.tokens import Token, glued

WINDOW = 80  # tokens on either side of the one that cannot stand there that a rule looks at
REACH = 2  # tokens between a rewritten stretch and the token that cannot stand there
COPULAS = "is|are|be|equals|equal|eq"
NUMERALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
LESS = "less|fewer|smaller|shorter|lower"
MORE = "greater|more|larger|bigger|longer|higher"
COMPARED = f"least|most|{LESS}|{MORE}"
BEFORE_CONDITION = (":", "and", "or", "not", "(", "then", "else", "if", "where", "when")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One rule.

    Parameters
    ----------
    code : str
        The code of the diagnostic.
    pattern : str
        What is found; group references in the other fields refer to it.
    meant : str or function of the match
        What is to stand in its place.
    message : str
        The message, with `{found}` for the words found and `{meant}` for the replacement.
    fix : str
        The fix line, in which `{clause}` is the clause with the replacement, `{meant}` the replacement alone.
    statement : str
        The kind of statement that it is for; empty for any.
    begins : (int, int)
        Where the stretch may begin, as tokens from the one that cannot stand there: the first and the last place.
    glued : bool
        Whether the tokens found must stand without a space between them.
    """

    code: str
    pattern: str
    meant: str | Callable[[re.Match[str]], str]
    message: str = "expected `{meant}`, found `{found}`"
    fix: str = "write `{clause}`"
    statement: str = ""
    begins: tuple[int, int] = (-WINDOW, REACH)
    glued: bool = False


def rewriting(rules: Sequence[Rewrite]) -> Finder:
    """A finder that tries rules in their order."""

    def find(t: SyntaxErrorContext) -> Recovery | None:
        low = max(0, t.index - WINDOW)
        near = [f"{w.text}\t" for w in t.words[low : t.index + WINDOW]]
        starts = [-1] * low + [*accumulate(map(len, near), initial=0)]
        tried = (found for rule in rules for found in _applied(t, rule, "".join(near), starts))
        return next(tried, None)

    return find


def _applied(t: SyntaxErrorContext, rule: Rewrite, line: str, starts: list[int]) -> Iterator[Recovery]:
    """The rewritten statements that make sense further; `starts` are the places of the tokens in the line."""
    if rule.statement not in ("", t.words[0].type):
        return
    for m in _compiled(rule.pattern).finditer(line):
        first, last = bisect_left(starts, m.start()), bisect_left(starts, m.end())
        if not rule.begins[0] <= first - t.index <= rule.begins[1] or last < t.index - REACH:
            continue
        if rule.glued and not all(map(glued, t.words[first : last - 1], t.words[first + 1 : last])):
            continue
        place = t.words[first].span.to(t.words[last - 1].span)
        template = rule.meant if isinstance(rule.meant, str) else rule.meant(m)
        new: list[Token] = []
        for part in re.split(r"(\\[1-9])", template):
            if part[:1] == "\\":
                start, end = m.span(int(part[1]))
                new += t.words[bisect_left(starts, start) : bisect_left(starts, end)]
            else:
                new += tokens_of(part, place)
        meant = [*t.words[:first], *new, *t.words[last:]]
        if t.further(meant):
            shown = {"meant": spell(new), "found": spell(t.words[first:last]), "clause": clause(t, meant, first)}
            message, fix = (_shown(text, m, shown) for text in (rule.message, rule.fix))
            yield t.found(rule.code, message, fix, place, meant)


def _shown(text: str, m: re.Match[str], shown: dict[str, str]) -> str:
    text = re.sub(r"\\([1-9])", lambda group: m[int(group[1])].strip("\t").replace("\t", " "), text)
    return re.sub(r"\{(meant|found|clause)\}", lambda name: shown[name[1]], text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    pattern = re.sub(r"@([A-Z]+)", lambda name: _macros()[name[1]], pattern).replace(" ", "\t")
    return re.compile(rf"(?<![^\t])(?:{pattern})\t")


def _synonyms() -> Iterator[str]:
    """What people write for a relation, in one word."""
    return (word for entry in builtins("relation").values() for word in entry.synonyms if " " not in word)


@cache
def _macros() -> dict[str, str]:
    """What stands for a kind of token, or for several."""
    reserved, outcomes = ("|".join(map(re.escape, sorted(words))) for words in (reserved_words(), OUTCOMES))
    stop = rf"(?!(?:and|or|not|then|else|if|where|when|{outcomes}) )"
    balanced = r"[^\t()\[\]{},]+"
    for _ in range(3):
        balanced = rf"(?:[(\[](?: (?:{balanced}|,))* [)\]]|[^\t()\[\]{{}},]+)"
    return {
        "OPERAND": rf"{stop}{balanced}(?: {stop}{balanced})*?",
        "REST": rf"(?!(?:{outcomes}) ){balanced}(?: (?!(?:{outcomes}) ){balanced})*",
        "OUTSIDE": "(?:" + "|".join(rf"(?<=\t{re.escape(w)}\t)" for w in BEFORE_CONDITION) + ")",
        "INSIDE": "".join(rf"(?<!\t{re.escape(w)}\t)" for w in BEFORE_CONDITION),
        "ENDED": rf"(?= (?:(?:and|or|then|else|,|[)}}]|{outcomes}) |$))",
        "WORD": r"[A-Za-z_]\w*",
        "NAME": rf"(?!(?:{reserved}) )[A-Za-z_]\w*",
        "NUMBER": r"[0-9]+(?:\.[0-9]+)?",
        "COUNT": f"(?:[0-9]+|{'|'.join(NUMERALS)})",
        "AMOUNT": r"[0-9]+(?:\.[0-9]+)?(?:\x20*[a-z%]\w*)?",
        "RELATION": "(?:" + "|".join(sorted(RELATIONS)) + ")",
        "RELATED": "(?:" + "|".join(sorted({*RELATIONS, *_synonyms()})) + ")",
        "FUNCTION": "(?:" + "|".join(sorted({*builtins("function"), *builtins("aggregate")})) + ")",
        "COMPARISON": "(?:<=|>=|!=|<|>|=)",
        "FILLED": rf"(?:{COPULAS}|at|{COMPARED})(?: (?:{COPULAS}|at|than|or|to|the|same|as|{COMPARED}))*",
        "COPULA": f"(?:{COPULAS})",
    }
