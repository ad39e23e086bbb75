"""Names for things with other names in a source: `Push pin` is `push_pin`, `ボルト` is `boruto`, `ring` is `o_ring`.

Latin letters lose their accents; kana, hangul, Cyrillic and Greek are transliterated. What nothing is left of is
numbered: `class_1`. The spec keeps what the source says as a text beside the name: `object boruto "ボルト"`. Imports
`library` and, of this package, `joints`, `spelling` and `tables`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import count
from typing import Literal

from logidsl.library import builtins
from logidsl.syntax.malformed_tokens import NAME_MAX
from logidsl.syntax.spelling import CONTROL, TEXT_MAX
from logidsl.syntax.tables import reserved_words

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KANA = re.compile(r"(?:HIRAGANA|KATAKANA) LETTER (SMALL )?([A-Z]+)")
#: A Chinese character with its Japanese ending, which is meaningless alone.
_INFLECTED = re.compile("[\u4e00-\u9fff々][\u3041-\u3096]*")
#: The names of kana in Unicode are not what people write.
_HEPBURN = {"si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu"}
_LETTERS = dict(
    re.findall(
        r"(\w):(\w+)",
        "ß:ss æ:ae œ:oe ø:o ł:l đ:d ð:d þ:th ı:i "
        "а:a б:b в:v г:g ґ:g д:d е:e є:ye ж:zh з:z и:i і:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts "
        "ч:ch ш:sh щ:shch ы:y э:e ю:yu я:ya "
        "α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f χ:ch ψ:ps ω:o",
    )
) | dict.fromkeys("ъьー", "")
_BEFORE = {"class": "o", "attribute": "my", "spec": "my"}


def identifiers(
    found: Iterable[str], kind: Literal["class", "attribute", "spec"] = "class", taken: Collection[str] = ()
) -> dict[str, str]:
    """A unique name for each class or attribute of a source, or for a spec.

    Parameters
    ----------
    found : iterable of str
        What the source calls them.
    kind : str
        What they are: a class may not bear the name of a function.
    taken : collection of str
        Names that the spec has already.

    Returns
    -------
    dict of str to str
        What can be a name stays as it is.

    Examples
    --------
    >>> identifiers(["Push pin", "2-pin plug", "ring", "bolt", "ボルト", "螺栓", "螺母", "Push-Pin"])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'bolt': 'bolt', 'Push pin': 'push_pin', '2-pin plug': '_2_pin_plug', 'ring': 'o_ring', 'ボルト': 'boruto',
     '螺栓': 'class_1', '螺母': 'class_2', 'Push-Pin': 'push_pin_2'}
    >>> identifiers(["row", "Güte", "angle"], "attribute", ["guete", "gute"])
    {'row': 'my_row', 'Güte': 'gute_2', 'angle': 'my_angle'}
    """
    words = {*reserved_words()} if kind == "spec" else {*reserved_words(), *builtins("attribute")}
    if kind == "class":
        words |= {"image", *builtins("function"), *builtins("aggregate"), *builtins("source")}
    left, used = list(dict.fromkeys(found)), words.union(taken)
    names = {n: n for n in left if _NAME.fullmatch(n) and len(n) <= NAME_MAX and n not in used}
    used |= names.keys()
    for name in left:
        if name not in names:
            names[name] = next(n for n in _proposals(name, kind, words) if n not in used)
            used.add(names[name])
    return names


def _proposals(name: str, kind: str, words: Collection[str]) -> Iterator[str]:
    """Candidate names for one class or attribute, the most telling one first."""
    plain = re.sub(r"\W+", "_", transliterated(name), flags=re.ASCII).strip("_")[: NAME_MAX - 8].strip("_")
    if not plain:
        yield from (f"{kind}_{n}" for n in count(1))
    plain = f"_{plain}" if plain[0].isdigit() else plain
    yield plain
    plain = f"{_BEFORE[kind]}_{plain}" if plain in words else plain
    yield plain
    yield from (f"{plain}_{n}" for n in count(2))


def quotable(text: str) -> bool:
    """Whether a text can stand in quotes beside a name.

    Examples
    --------
    >>> quotable("Push pin"), quotable('5" bolt'), quotable("")
    (True, False, False)
    """
    bad = any(c in text for c in '"\\\n\r\ufffd') or CONTROL.search(text) is not None
    return 0 < len(text) <= TEXT_MAX and not bad


def transliterated(text: str) -> str:
    """A text in small Latin letters; characters without a transliteration become `_`.

    Examples
    --------
    >>> transliterated("Größe"), transliterated("ワッシャー"), transliterated("너트"), transliterated("Шайба")
    ('grosse', 'wassha', 'neoteu', 'shaiba')
    >>> transliterated("ファン"), transliterated("きゃっぷ"), transliterated("白いピン")
    ('fan', 'kyappu', '_pin')
    """
    made, doubled = "", False
    for c in _INFLECTED.sub("_", unicodedata.normalize("NFKC", text).casefold()):
        kana = _KANA.match(unicodedata.name(c, ""))
        if kana is None:
            made += _latin(c)
            continue
        small, letter = kana[1], kana[2].lower()
        if small and letter == "tu":
            doubled = True
        elif small and made[-1:] and made[-1] in "aiueo":
            glide = letter[1:] if letter[0] == "y" and made.endswith(("shi", "chi", "ji")) else letter
            made = made[:-1] + glide
        else:
            letter = _HEPBURN.get(letter, letter)
            made += letter[0] + letter if doubled else letter
            doubled = False
    return made


def _latin(c: str) -> str:
    """The Latin letters for one character."""
    name = unicodedata.name(c, "")
    if name.startswith("HANGUL SYLLABLE "):
        return name.rsplit(" ", 1)[1].lower()
    bases = [b for b in unicodedata.normalize("NFKD", c) if not unicodedata.combining(b)]
    return "".join(b if b.isascii() else _LETTERS.get(b, "_") for b in (_LETTERS.get(c, c) if c in _LETTERS else bases))
