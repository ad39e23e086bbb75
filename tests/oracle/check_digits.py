"""Check digits by their definitions: as a sum over all characters at once, with weights worked out for each place."""

from __future__ import annotations

ALL = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
LENGTHS = {"ean8": [8], "ean13": [13], "gtin": [8, 12, 13, 14], "sscc": [18]}
PURE = {"mod11-2": (11, 2), "mod37-2": (37, 2)}
HYBRID = {"mod11,10": 10, "mod37,36": 36}


def checked(text: str, system: str) -> bool:
    """Whether the check digits of a text without spaces and hyphens are right."""
    digits = all(c in "0123456789" for c in text)
    places = [*range(len(text) - 1, -1, -1)]  # of each character, from the right
    if system in LENGTHS:
        total = sum(int(c) * [1, 3][k % 2] for c, k in zip(text, places, strict=True)) if digits else 1
        return len(text) in LENGTHS[system] and total % 10 == 0
    if system == "luhn":
        doubled = "0246813579"  # the sum of the digits of twice each digit
        total = sum(int(doubled[int(c)] if k % 2 else c) for c, k in zip(text, places, strict=True)) if digits else 1
        return len(text) >= 2 and total % 10 == 0
    if system == "mod97":
        if not all(c in ALL[:36] for c in text) or len(text) < 3 or not all(c in ALL[:10] for c in text[-2:]):
            return False
        return int("".join(str(ALL.index(c)) for c in text)) % 97 == 1
    if system in PURE:
        modulus, radix = PURE[system]
        numbers = ALL[:10] if modulus == 11 else ALL[:36]
        if len(text) < 2 or not all(c in numbers for c in text[:-1]):
            return False
        last = 10 if modulus == 11 and text[-1] == "X" else (numbers + "*").find(text[-1])
        if last < 0 or (modulus == 11 and text[-1] == "*"):
            return False
        values = [ALL.index(c) for c in text[:-1]] + [last]
        return sum(v * pow(radix, k, modulus) for v, k in zip(values, places, strict=True)) % modulus == 1
    modulus = HYBRID[system]
    if len(text) < 2 or not all(c in ALL[:modulus] for c in text):
        return False
    product = modulus
    for c in text[:-1]:
        total = (product + ALL.index(c)) % modulus
        product = 2 * (total if total else modulus) % (modulus + 1)
    return (product + ALL.index(text[-1])) % modulus == 1
