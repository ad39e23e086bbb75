"""Check digits: those of GS1, Luhn's, and the systems of ISO 7064.

Each takes the characters of a text without spaces and hyphens, as they are printed for people, and says whether the
last ones agree with the rest. Sources: GS1 General Specifications, 7.9; ISO/IEC 7812-1, annex B; ISO/IEC 7064:2003.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

_DIGITS = "0123456789"
_ALPHANUMERIC = _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _gs1(text: str, lengths: tuple[int, ...]) -> bool:
    """Weights 3, 1, 3, … from the right, the check digit with 1; a multiple of 10."""
    return len(text) in lengths and sum(int(c) * (3 if k % 2 else 1) for k, c in enumerate(reversed(text))) % 10 == 0


def _luhn(text: str) -> bool:
    """Every second digit from the right doubled, as a sum of digits; a multiple of 10."""
    return len(text) > 1 and sum(sum(divmod(int(c) * (1 + k % 2), 10)) for k, c in enumerate(reversed(text))) % 10 == 0


def _pure(text: str, modulus: int, radix: int, characters: str) -> bool:
    """A pure system of ISO 7064 with one check character: the weighted sum is 1."""
    total = 0
    for c in text:
        total = (total * radix + characters.index(c)) % modulus
    return len(text) > 1 and total == 1


def _two_digits(text: str) -> bool:
    """ISO 7064 MOD 97-10: letters count 10 to 35, and the number leaves 1."""
    total = 0
    for c in text:
        value = _ALPHANUMERIC.index(c)
        total = (total * (100 if value > 9 else 10) + value) % 97
    return len(text) > 2 and total == 1


def _hybrid(text: str, modulus: int, characters: str) -> bool:
    """A hybrid system of ISO 7064, `MOD modulus + 1, modulus`."""
    carry = modulus
    for c in text[:-1]:
        carry = ((carry + characters.index(c)) % modulus or modulus) * 2 % (modulus + 1)
    return len(text) > 1 and (carry + characters.index(text[-1])) % modulus == 1


#: By name: the pattern that a text has before its check digits are looked at, and the check.
SYSTEMS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "ean8": ("[0-9]*", partial(_gs1, lengths=(8,))),
    "ean13": ("[0-9]*", partial(_gs1, lengths=(13,))),
    "gtin": ("[0-9]*", partial(_gs1, lengths=(8, 12, 13, 14))),
    "sscc": ("[0-9]*", partial(_gs1, lengths=(18,))),
    "luhn": ("[0-9]*", _luhn),
    "mod97": ("[0-9A-Z]*[0-9]{2}", _two_digits),
    "mod11-2": ("[0-9]*[0-9X]", partial(_pure, modulus=11, radix=2, characters=_DIGITS + "X")),
    "mod37-2": (r"[0-9A-Z]*[0-9A-Z*]", partial(_pure, modulus=37, radix=2, characters=_ALPHANUMERIC + "*")),
    "mod11,10": ("[0-9]*", partial(_hybrid, modulus=10, characters=_DIGITS)),
    "mod37,36": ("[0-9A-Z]*", partial(_hybrid, modulus=36, characters=_ALPHANUMERIC)),
}
#: What may stand at the end of a text as check digits.
CHECKS = (*(f"{k}" for k in range(10)), "X", "*", *_ALPHANUMERIC[10:], *(f"{k:02}" for k in range(100)))


def with_check(text: str, system: str) -> Iterator[str]:
    """The text with other check digits, with which it is valid.

    Examples
    --------
    >>> next(with_check("4006381333932", "ean13"))
    '4006381333931'
    """
    for check in CHECKS:
        made = text[: len(text) - len(check)] + check
        if is_valid(made, system):
            yield made


def is_valid(text: str, system: str) -> bool:
    """Whether the check digits of a text are right.

    Examples
    --------
    >>> is_valid("4 006381 333931", "ean13"), is_valid("4006381333932", "ean13")
    (True, False)
    """
    pattern, check = SYSTEMS[system]
    bare = re.sub(r"[ -]", "", text)
    return re.fullmatch(pattern, bare, re.ASCII) is not None and check(bare)
