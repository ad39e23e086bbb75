"""Words that are spelt in a way the language does not have.

Owns the diagnostics of single characters and words: what a word processor or another language put there,
texts that are too long or not closed, colours without quotes. Each check says what is wrong and gives back
the word that was meant, so that the statement is read on.
"""

from __future__ import annotations

import re
import unicodedata

from logidsl.diagnostics import Bag, Diagnostic
from logidsl.source import Source
from logidsl.syntax.malformed_tokens import KNOWN_UNITS, NAME_MAX, UNITS
from logidsl.syntax.tokens import UNKNOWN, Token, glued, short

TEXT_MAX = 200

# Where a comment of another language or an unquoted colour may begin; the rest of the text is never looked at twice.
SUSPECT = re.compile(r"//|/\*|#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![0-9A-Za-z_])")
BEFORE_COLOR = frozenset({"=", "!=", "within", "in", "to"})
BEFORE_LISTED_COLOR = frozenset({",", "[", "(", "|", "->"})

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200d\u2060]|(?<!^)\ufeff")

QUOTES_OPEN = "“”„‟«»″"
SINGLE_QUOTES = "'‘’‚‛′"
TYPOGRAPHIC = {
    "≤": ("ORDER", "<="), "≥": ("ORDER", ">="), "≠": ("!=", "!="), "–": ("-", "-"), "—": ("-", "-"),
    "−": ("-", "-"), "‒": ("-", "-"), "‐": ("-", "-"), "×": ("TIMES", "*"), "·": ("TIMES", "*"), "⋅": ("TIMES", "*"),
    "÷": ("TIMES", "/"), "…": ("..", ".."), "→": ("->", "->"), "⇒": ("->", "->"), "∧": ("and", "and"),
    "∨": ("or", "or"), "¬": ("not", "not"), "∈": ("in", "in"), "：": (":", ":"), "，": (",", ","), "、": (",", ","),
    "（": ("(", "("), "）": (")", ")"), "【": ("[", "["), "】": ("]", "]"), "［": ("[", "["), "］": ("]", "]"),
    "｛": ("{", "{"), "｝": ("}", "}"), "＝": ("=", "="), "＜": ("ORDER", "<"), "＞": ("ORDER", ">"), "｜": ("|", "|"),
    "＋": ("+", "+"), "－": ("-", "-"), "＊": ("TIMES", "*"), "／": ("TIMES", "/"), "．": (".", "."),
    "±": ("within", "within"),
}  # fmt: skip

WITHOUT_MEANING = {
    ";": "remove it: statements need no terminator",
    "%": "write a share as `50 %`, right after its number; the remainder of a division is `mod(a, b)`",
    "^": "write `px2` for square pixels, and `a * a` for a square",
    "~": "write `a = b within 5 px` for nearly equal",
    "`": "remove the marks of the code block",
    "\\": "remove it: a statement may span several lines",
    "$": "write the name alone",
    "@": "write the name alone",
}


def characters(source: Source, bag: Bag) -> None:
    """Report bytes that are not text once, and control characters once."""
    broken = source.text.find("\ufffd")
    if broken >= 0:
        message = "expected text in UTF-8, found an invalid byte"
        bag.add(Diagnostic("E001", message, source.span(broken, broken + 1), "save the file as UTF-8"))
    for found in CONTROL.finditer(source.text):
        name = unicodedata.name(found[0], f"control character {ord(found[0])}").lower()
        message = f"expected letters, digits and signs, found an invisible character: {name} (U+{ord(found[0]):04X})"
        bag.add(Diagnostic("E002", message, source.span(found.start(), found.end()), "remove it"))
        return


def strange(source: Source, at: int, words: list[Token], bag: Bag) -> int:
    """Deal with a place where no terminal fits, or with a suspect.

    Parameters
    ----------
    source : Source
        The text.
    at : int
        The place.
    words : list of Word
        The words before; the word that was meant is appended.
    bag : Bag
        Takes what is wrong.

    Returns
    -------
    int
        Where to go on; 0 for a suspect that is harmless.
    """
    char = source.text[at]
    if char in "/#":
        return _comment(source, at, words, bag)
    if char == "\ufeff" or char == "\ufffd" or CONTROL.match(char):
        return at + 1
    if char == '"':
        return _text(source, at, words, bag)
    if char in QUOTES_OPEN or char in SINGLE_QUOTES:
        return _other_quotes(source, at, words, bag)
    unit = re.compile(r"[µμ]m\b|°|\^?[23]\b|[²³]").match(source.text, at)
    if unit and words and words[-1].type in ("NUMBER", "QUANTITY"):
        return _sign_of_unit(source, at, unit.end(), words, bag)
    if char.isalpha() or char.isdigit():
        return _foreign_letters(source, at, words, bag)
    return _sign(source, at, words, bag)


def _comment(source: Source, at: int, words: list[Token], bag: Bag) -> int:
    """`//`, `/* */`, or a colour without quotes, which would be read as a comment."""
    text = source.text
    line_end = _line_end(text, at)
    if text[at] == "/":
        close = text.find("*/", at + 2) if text[at + 1] == "*" else -1
        end = close + 2 if close >= 0 else line_end
        message = f"expected `#` before a comment, found `{text[at : at + 2]}`"
        fix = f"write `# {short(text[at + 2 : min(end, line_end)].removesuffix('*/').strip())}`"
        bag.add(Diagnostic("E017", message, source.span(at, min(end, line_end)), fix))
        return end
    before = words[-1] if words else None
    if before is None or "\n" in text[before.span.end : at]:
        return 0
    found = SUSPECT.match(text, at)
    assert found is not None
    if before.type not in BEFORE_COLOR and not (before.type in BEFORE_LISTED_COLOR and len(found[0]) == 7):
        return 0
    whole = found[0] if len(found[0]) == 7 else "#" + "".join(2 * c for c in found[0][1:])
    message = f"expected a colour in quotes, found `{found[0]}`, which begins a comment"
    bag.add(Diagnostic("E012", message, source.span(at, found.end()), f'write `"{whole}"`'))
    words.append(Token("STRING", f'"{whole}"', source.span(at, found.end())))
    return found.end()


def _text(source: Source, at: int, words: list[Token], bag: Bag) -> int:
    """A quote after which no text of the language follows: not closed, too long, or with a backslash."""
    text, line_end = source.text, _line_end(source.text, at)
    close = text.find('"', at + 1, line_end)
    end = close + 1 if close >= 0 else line_end
    inner = text[at + 1 : close if close >= 0 else line_end]
    place = source.span(at, end)
    if close < 0:
        following = text[line_end + 1 : _line_end(text, line_end + 1)]
        message = 'expected a closing `"` on the same line, found the end of the line'
        inches = words and words[-1].type == "NUMBER" and glued(words[-1], Token("STRING", '"', place))
        meant = f"{words[-1].text} inch" if inches else f'"{short(inner.strip())}"'
        bag.add(Diagnostic("E007", message, place, f"write `{meant}`"))
        if following.count('"') % 2:  # a text that was meant to go on over the line
            end = text.index('"', line_end + 1) + 1
    elif "\\" in inner:
        message = f"expected a text without backslash, found `{short(inner)}`"
        pattern = any(w.text == "matches" for w in words[-6:])
        bag.add(Diagnostic("E011", message, place, f'write `"{without_backslash(inner, pattern)}"`'))
    else:
        message = f"expected at most {TEXT_MAX} characters in a text, found {len(inner)}"
        bag.add(Diagnostic("E008", message, place, f"shorten it by {len(inner) - TEXT_MAX}"))
    words.append(Token("STRING", f'"{inner.rstrip()}"', source.span(at, end)))
    return end


_CLASSES = {"d": "[0-9]", "D": "[^0-9]", "w": "[A-Za-z0-9_]", "W": "[^A-Za-z0-9_]", "s": "[ ]", "S": "[^ ]"}


def without_backslash(text: str, pattern: bool) -> str:
    """A pattern, or a path, as it is written without backslashes.

    Examples
    --------
    >>> print(without_backslash("LOT-\\\\d+\\\\.", True), without_backslash("parts\\\\lid.png", False))
    LOT-[0-9]+[.] parts/lid.png
    """
    if not pattern:
        return re.sub(r"\\+", "/", text)
    return re.sub(r"\\(.?)", lambda m: _CLASSES.get(m[1], f"[{m[1]}]" if m[1] else ""), text)


def _other_quotes(source: Source, at: int, words: list[Token], bag: Bag) -> int:
    """Text in typographic or single quotes."""
    text, char = source.text, source.text[at]
    closing = QUOTES_OPEN if char in QUOTES_OPEN else SINGLE_QUOTES
    found = re.compile(f'.([^\n{closing}"\\\\]{{0,{TEXT_MAX}}})["{closing}]', re.S).match(text, at)
    end = found.end() if found else at + 1
    inner = found[1] if found else ""
    code = "E014" if char == "'" else "E006"
    message = f'expected text in `"`, found `{char}`'
    fix = f'write `"{short(inner)}"`' if found else "remove it"
    bag.add(Diagnostic(code, message, source.span(at, end), fix))
    words.append(Token("STRING" if found else UNKNOWN, f'"{inner}"', source.span(at, end)))
    return end


def _sign_of_unit(source: Source, at: int, end: int, words: list[Token], bag: Bag) -> int:
    """`20 °`, `5 µm`, `3 px²`, `3 px^2`."""
    number, sign = words[-1], source.text[at:end]
    if number.type == "NUMBER":
        unit = {"°": "deg", "µm": "um", "μm": "um"}.get(sign)
    else:
        unit = number.text.lstrip("0123456789. ") + "2" if sign.strip("^") in "²2" else None
    place = number.span.to(source.span(at, end))
    if unit not in UNITS:
        message = f"expected one of the units {KNOWN_UNITS}, found `{short(place.text)}`"
        bag.add(Diagnostic("E013", message, place))
        words[-1] = Token(UNKNOWN, place.text, place)
        return end
    value = re.match(r"[0-9.]+", number.text)
    meant = f"{value[0] if value else ''} {unit}"
    message = f"expected the unit `{unit}`, found `{sign}`"
    bag.add(Diagnostic("E013", message, place, f"write `{meant}`"))
    words[-1] = Token("QUANTITY", meant, place)
    return end


def _foreign_letters(source: Source, at: int, words: list[Token], bag: Bag) -> int:
    """A name with letters outside a to z; it may have begun in the word before."""
    found = re.compile(r"\w+").match(source.text, at)
    end = found.end() if found else at + 1
    start = at
    if words and words[-1].span.end == at and re.fullmatch(r"\w+", words[-1].text):
        start = words.pop().span.start
    place = source.span(start, end)
    plain = unicodedata.normalize("NFKD", place.text.translate(_GERMAN)).encode("ascii", "ignore").decode()
    plain = re.sub(r"^(?=[0-9])|^$", "name_", re.sub(r"\W", "_", plain))[:NAME_MAX]
    message = f"expected a name of a to z, 0 to 9 and `_`, found `{short(place.text)}`"
    fix = f"write `{plain}`" if plain != "name_" else "write a name in these letters"
    bag.add(Diagnostic("E015", message, place, fix))
    words.append(Token("NAME", plain, place))
    return end


_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "o"})


def _sign(source: Source, at: int, words: list[Token], bag: Bag) -> int:
    """A sign that the language does not have."""
    text, char = source.text, source.text[at]
    end = at + 1
    while end < len(text) and text[end] == char:
        end += 1
    place = source.span(at, end)
    if char in TYPOGRAPHIC:
        kind, meant = ("..", "..") if char in "–—" and _in_range(words, text[end:]) else TYPOGRAPHIC[char]
        bag.add(Diagnostic("E006", f"expected `{meant}`, found `{char}`", place, f"write `{meant}`"))
        words.append(Token(kind, meant, place))
    elif char.isspace():
        name = unicodedata.name(char, "another one").lower()
        message = f"expected an ordinary space, found {name} (U+{ord(char):04X})"
        bag.add(Diagnostic("E006", message, place, "write an ordinary space"))
    elif char in "&!":
        meant = "and" if char == "&" else "not"
        bag.add(Diagnostic("E021", f"expected `{meant}`, found `{place.text}`", place, f"write `{meant}`"))
        words.append(Token(meant, meant, place))
    else:
        message = f"expected a word or sign of the language, found `{short(place.text)}`"
        bag.add(Diagnostic("E005", message, place, WITHOUT_MEANING.get(char, "remove it")))
        if char == "`":
            end += len(re.match(r"\w*", text[end : end + 20])[0])  # type: ignore[index]
        elif char != ";":
            words.append(Token(UNKNOWN, place.text, place))
    return end


def _in_range(words: list[Token], after: str) -> bool:
    """Whether a dash stands between the ends of a range: `object nut: 2–3`, `in 10 px – 20 px`."""
    number = words and words[-1].type in ("NUMBER", "QUANTITY")
    return bool(number and [w.text for w in words[-2:-1]] in ([":"], ["in"]) and re.match(r"\s*[0-9]", after))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
