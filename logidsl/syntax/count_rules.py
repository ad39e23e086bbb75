"""Numbers of objects as people say them: `at least two bolts`, `every tray holds three pins`; as rewriting rules."""

from __future__ import annotations

import re
from collections.abc import Callable

from logidsl.syntax.rewriting import NUMERALS, Rewrite

#: What is said before a number, for each sign.
AMOUNTS = {
    "=": "(?:exactly|only|precisely|just)",
    ">=": "(?:(?:at )?(?:least|minimum|min)|(?:no|not) (?:fewer|less)(?: than)?|>=)",
    "<=": "(?:(?:at )?(?:most|maximum|max)|(?:no|not) more(?: than)?|up to|<=)",
    ">": "(?:(?:more|over)(?: than)?|>)",
    "<": "(?:(?:fewer|less|under)(?: than)?|<)",
}
AMOUNT = ("expected a comparison of a count, found `{found}`", "write `{meant}`")
OBJECTS = ("expected a number after `:`, found `{found}`", "write `{clause}`", "object")
_THERE = "(?:there (?:@COPULA|must be|should be) )?"
_COUNTED = "(@NAME(?: (?:@RELATION )+@NAME| where @REST)?)"
_EACH = "(?:per|(?:in|inside|for) (?:each|every))"
_HOLDS = "(?:(?:: )?(?:contains|holds|has|have) |: )"


def figure(word: str) -> str:
    """A number in figures.

    Examples
    --------
    >>> figure("three"), figure("12")
    ('3', '12')
    """
    return str(NUMERALS.index(word)) if word in NUMERALS else word


def _counted(sign: str) -> Callable[[re.Match[str]], str]:
    """A count of what is said, compared with the number that is said."""
    return lambda m: rf"count(\2) {sign} {figure(m[1])}"


def _held(sign: str) -> Callable[[re.Match[str]], str]:
    """The same of what each member of a set holds."""
    return lambda m: rf"every \1 a: count(\3 inside a) {sign} {figure(m[2])}"


def _for_each(sign: str) -> Callable[[re.Match[str]], str]:
    """The same with the holder at the end."""
    return lambda m: rf"every \3 a: count(\2 inside a) {sign} {figure(m[1])}"


COUNTS = (
    # `at most one bolt per tray`
    *(
        Rewrite("E024", rf"@OUTSIDE{_THERE}{words} (@COUNT) (@NAME) {_EACH} (@NAME)", _for_each(sign), *AMOUNT)
        for sign, words in AMOUNTS.items()
    ),
    Rewrite("E024", rf"@OUTSIDE{_THERE}(@COUNT) (@NAME) {_EACH} (@NAME)", _for_each("="), *AMOUNT),
    # `every tray holds two bolts`
    *(
        Rewrite("E024", rf"every (@NAME) {_HOLDS}{words} (@COUNT) (@NAME)", _held(sign), *AMOUNT)
        for sign, words in AMOUNTS.items()
    ),
    Rewrite("E024", rf"every (@NAME) {_HOLDS}(@COUNT) (@NAME)", _held("="), *AMOUNT),
    Rewrite("E024", rf"@OUTSIDE{_THERE}(@COUNT) or more {_COUNTED}", _counted(">="), *AMOUNT),
    Rewrite("E024", rf"@OUTSIDE{_THERE}(@COUNT) or (?:less|fewer) {_COUNTED}", _counted("<="), *AMOUNT),
    # `there are two bolts`, `exactly 2 bolt`, `2 bolt inside tray`
    *(
        Rewrite("E024", rf"@OUTSIDE{_THERE}{words}(?: of)? (@COUNT)(?: of)? {_COUNTED}", _counted(sign), *AMOUNT)
        for sign, words in AMOUNTS.items()
    ),
    Rewrite("E024", rf"@OUTSIDE{_THERE}(@COUNT) {_COUNTED}", _counted("="), *AMOUNT),
    Rewrite(
        "E024",
        r"@OUTSIDE(@NAME) (?:contains|holds|has|have) (?:exactly )?(@COUNT) (@NAME)",
        lambda m: rf"count(\3 inside \1) = {figure(m[2])}",
        *AMOUNT,
    ),
)
OF_OBJECTS = (
    Rewrite(
        "E024", "(?:between|from) (@COUNT) (?:and|to) (@COUNT)", lambda m: f"{figure(m[1])} .. {figure(m[2])}", *OBJECTS
    ),
    Rewrite("E024", "(@COUNT) or more", lambda m: f"at least {figure(m[1])}", *OBJECTS),
    Rewrite("E024", "(@COUNT) or (?:less|fewer)", lambda m: f"at most {figure(m[1])}", *OBJECTS),
    Rewrite("E024", rf"{AMOUNTS['=']} (@COUNT)", lambda m: figure(m[1]), *OBJECTS),
    Rewrite("E024", rf"{AMOUNTS['>=']} (@COUNT)", lambda m: f"at least {figure(m[1])}", *OBJECTS),
    Rewrite("E024", rf"{AMOUNTS['<=']} (@COUNT)", lambda m: f"at most {figure(m[1])}", *OBJECTS),
    Rewrite("E024", rf"{AMOUNTS['>']} (@COUNT)", lambda m: f"at least {int(figure(m[1])) + 1}", *OBJECTS),
    Rewrite("E024", rf"{AMOUNTS['<']} (@COUNT)", lambda m: f"at most {max(0, int(figure(m[1])) - 1)}", *OBJECTS),
)
