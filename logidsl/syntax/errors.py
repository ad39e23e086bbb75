"""What is wrong with a statement, in the user's words.

Owns `explain`, which asks the finders one by one, and the mistakes of structure: brackets, missing signs,
misspelt and reserved words, statements that run together or are not finished. Takes the words of a statement
and the place where they stop making sense, gives a diagnostic and, where the intent is plain, the words that
were meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from logidsl.diagnostics import Diagnostic
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.batch_mistakes import batch_without_word, reserved_column
from logidsl.syntax.identifiers import identifiers
from logidsl.syntax.layout import BRACKETS, LAYOUTS
from logidsl.syntax.malformed_tokens import KNOWN_UNITS
from logidsl.syntax.recovery_rules import AMOUNT_OF_OBJECT, CALLS, DECLARATIONS, HABITS, LISTS, NOT_EVERY, PHRASES
from logidsl.syntax.split import CLOSE, OPEN, STARTS
from logidsl.syntax.syntax_error_context import (
    OUTCOMES,
    RELATIONS,
    TRIAL_MAX,
    Finder,
    Recovery,
    SyntaxErrorContext,
    clause,
    describe,
    said,
    spell,
    tokens_of,
)
from logidsl.syntax.tables import END, reserved_words
from logidsl.syntax.tokens import UNKNOWN, Token, glued, line_start, short

DECLARING = frozenset({"attribute", "blobs", "color", "grid", "layout", "let", "object", "param", "region"})
NAMING = frozenset({*STARTS, "as", ".", "severity"}) - {"frame", "import", "keep", "scale", "doubtful", "test", "logic"}


def explain(source: Source, words: list[Token], index: int) -> Recovery:
    """Say why words cannot be read.

    Parameters
    ----------
    source : Source
        Where they stand.
    words : list of Word
        The words of a statement, at least one.
    index : int
        The first that cannot stand where it stands; their number where words are missing.
    """
    trouble = SyntaxErrorContext(source, words, index)
    if any(w.type == UNKNOWN or _cut_text(w) for w in words[: index + 1]):
        return Recovery(None)  # the word was reported when it was read
    finders = FINDERS if len(words) <= TRIAL_MAX else ()
    for finder in finders:
        found = finder(trouble)
        if found:
            return found
    return unexpected(trouble)


def _cut_text(word: Token) -> bool:
    """Whether a text was not closed, so that what follows may be part of it."""
    written = word.span.text
    return word.type == "STRING" and written[:1] == '"' and (len(written) < 2 or written[-1] != '"' or "\n" in written)


# ---- the whole source ----


def whole(source: Source, size_max: int) -> Diagnostic | None:
    """Why a source is rejected as a whole: too long, or another format."""
    if len(source.text) > size_max:
        message = f"expected a spec of at most {size_max // 1024} KiB, found {len(source.text) // 1024} KiB"
        return Diagnostic("E003", message, source.span(0, 0), "split it into several files and import them")
    found = OTHER_FORMAT.match(source.text)
    if not found:
        return None
    what = next(name for name, text in found.groupdict().items() if text)
    place = source.span(found.start(what), found.end(what))
    fix = "write statements, or name the file .yaml if it is the YAML form"
    return Diagnostic("E004", f"expected a spec in the text form, found {what.upper()}", place, fix)


_KEYS = "logic|spec|import|param|scale|doubtful|frame|color|region|grid|attribute|blobs|object|keep|let|rule|variant"
OTHER_FORMAT = re.compile(
    r"\ufeff?(?:\s|#[^\n]*\n)*(?:"
    r'(?P<json>[{\[](?=\s*["{\[\]}]))|'
    rf"(?P<yaml>---(?=\s)|(?:{_KEYS})\s*:(?=\s*\n|\s*\{{)|spec\s*:)|"
    r"(?P<xml><[?!\w]))"
)


# ---- one statement ----


def too_deep(words: Sequence[Token], limit: int) -> Diagnostic:
    """Too many nested brackets."""
    depth = 0
    for word in words:
        depth += (word.type in OPEN) - (word.type in CLOSE)
        if depth > limit:
            break
    message = f"expected at most {limit} nested brackets"
    return Diagnostic("E040", message, word.span, "give a part of it a name, and use that name")


def too_high(words: Sequence[Token], index: int) -> Diagnostic:
    """Too many nested expressions."""
    message = "expected at most 100 nested levels of expressions"
    return Diagnostic("E040", message, words[index].span, "give a part of it a name, and use that name")


def unclosed(bracket: Token) -> Diagnostic:
    """A bracket that is never closed."""
    message = f"expected `{OPEN[bracket.type]}`: `{bracket.text}` is never closed"
    return Diagnostic("E038", message, bracket.span, f"add `{OPEN[bracket.type]}` where it ends")


def declared(words: Sequence[Token]) -> list[ast.Ident]:
    """The names of things, colours and attributes that a broken statement was meant to declare."""
    return named(words) if words and words[0].type in DECLARING else []


def named(words: Sequence[Token]) -> list[ast.Ident]:
    """The names that a broken statement gives, to rules too."""
    names: list[ast.Ident] = []
    if words and words[0].type in STARTS and words[0].type != "scale":  # which uses a name, but declares none
        for at in range(1, len(words), 2):
            if words[at].type != "NAME":
                break
            names.append(ast.Ident(words[at].text, span=words[at].span))
            if words[0].type != "object" or [w.type for w in words[at + 1 : at + 2]] != [","]:
                break
    return names


def misspelt(t: SyntaxErrorContext) -> Recovery | None:
    """`objct bolt: 2`, `rule a: evry bolt: …`."""
    for i in (t.index, t.index - 1):
        word = t.words[i] if 0 <= i < len(t.words) else None
        if word is None or word.type != "NAME" or len(word.text) < 3 or word.text in OTHER_WORDS:
            continue
        for guess in difflib.get_close_matches(word.text.lower(), sorted(reserved_words()), n=2, cutoff=0.7):
            meant = t.swapped(i, i + 1, guess)
            if t.further(meant, by=2 if i == t.index and i + 1 < len(t.words) else 1):
                message = f"expected `{guess}`, found `{word.text}`"
                return t.found("E018", message, f"write `{guess}`", word.span, meant)
    return None


def reserved_name(t: SyntaxErrorContext) -> Recovery | None:
    """`object frame: 1`."""
    if not t.word or t.word.type not in reserved_words() or "NAME" not in t.expected or not t.before:
        return None
    if t.before.type in ("=", "!=", "[", ",", "->", "{", "|", ":") and t.words[0].type not in (
        "object",
        "let",
        "param",
    ):
        meant = t.swapped(t.index, t.index + 1, f'"{t.word.text}"')
        if t.further(meant, by=2) and not t.further(t.swapped(t.index, t.index + 1), by=2):
            message = f"expected a name, found the reserved word `{t.word.text}`"
            return t.found("E033", message, f'put the label in quotes: `"{t.word.text}"`', t.word.span, meant)
    name = identifiers([t.word.text], "class" if t.words[0].type == "object" else "attribute")[t.word.text]
    meant = t.swapped(t.index, t.index + 1, name)
    if not (t.before.type in NAMING and t.index <= 1) and not t.further(meant, by=2):
        return None
    message = f"expected a name, found the reserved word `{t.word.text}`"
    fix = f"choose another name, such as `{name}`"
    if t.words[0].type in ("object", "attribute") and t.index == 1:
        fix = f'choose another name, and give the one in the source: `{t.words[0].type} {name} "{t.word.text}"`'
    return t.found("E033", message, fix, t.word.span, meant if t.further(meant, by=2) else None)


def bracket(t: SyntaxErrorContext) -> Recovery | None:
    """An unclosed or unmatched bracket."""
    open_now: list[Token] = []
    for word in t.words[: t.index]:
        if word.type in OPEN:
            open_now.append(word)
        elif word.type in CLOSE and open_now:
            open_now.pop()
    word_now = t.word
    if word_now and word_now.type in CLOSE and (not open_now or open_now[-1].type != CLOSE[word_now.type]):
        if not open_now:
            message = f"expected `{CLOSE[word_now.type]}` before `{word_now.text}`"
            fix = f"remove `{word_now.text}`"
            return t.found("E039", message, fix, word_now.span, t.swapped(t.index, t.index + 1))
        needed = OPEN[open_now[-1].type]
        message = f"expected `{needed}`, found `{word_now.text}`"
        other = (open_now[-1].span, "opened here")
        meant = t.swapped(t.index, t.index + 1, needed)
        diagnostic = Diagnostic("E038", message, word_now.span, f"write `{needed}`", other)
        return Recovery(diagnostic, [meant] if t.further(meant) else None)
    if not open_now or (word_now and word_now.type not in OUTCOMES and word_now.type not in STARTS):
        return None
    last = open_now[-1]
    meant = t.inserted(t.index, OPEN[last.type])
    return Recovery(unclosed(last), [meant] if t.whole(meant) else None)


def rule_head(t: SyntaxErrorContext) -> Recovery | None:
    """A rule without a name or colon."""
    if t.words[0].type != "rule" or t.index == 0:
        return None
    if t.index == 1 and (t.word is None or t.word.type in (":", "STRING", "as")):
        message = f"expected a name after `rule`, found {said(t)}"
        return t.found("E034", message, "write `rule bolts_present: …`", t.words[0].span)
    head = [w.type for w in t.words[: t.index]]
    if ":" not in head and ":" in t.expected and t.word:
        swap = t.swapped(t.index, t.index + 1, ":") if t.word.type in ("=", "->", "-") else None
        meant = swap or t.inserted(t.index, ":")
        if t.further(meant, by=1):
            fix = f"write `{spell(meant[: t.index + 1])} …`"
            return t.found("E035", f"expected `:` before the condition of a rule, found {said(t)}", fix, t.place, meant)
    return None


def two_declarations(t: SyntaxErrorContext) -> Recovery | None:
    """`object bolt: 2 nut: 3`, `object bolt nut`."""
    if t.words[0].type != "object" or not t.word or END not in t.expected or t.word.type not in ("NAME", ",", ":"):
        return None
    if t.word.type == ":":
        names = [w for w in t.words[1 : t.index] if w.type == "NAME"]
        apart = [[t.words[0], name, *t.words[t.index :]] for name in names]
        fix = "write " + " and ".join(f"`{spell(one)}`" for one in apart[:3])
        diagnostic = Diagnostic("E036", "expected one object per number", t.word.span, fix)
        return Recovery(diagnostic, apart) if len(apart) > 1 and all(t.whole(one) for one in apart) else None
    listed = t.inserted(t.index, ",")
    if t.word.type == "NAME" and t.index == 2 and t.whole(listed):
        fix = f"write `{spell(listed)}`"
        return t.found("E036", "expected `,` between the names of objects", fix, t.word.span, listed)
    skip = int(t.word.type == ",")
    meant = t.swapped(t.index, t.index + skip, "object")
    if not t.further(meant, by=2):
        return None
    fix = f"write `{spell(meant[: t.index])}` and `{spell(meant[t.index :])}`"
    return t.found("E036", "expected one object per statement, found a second", fix, t.place, meant)


def no_statement(t: SyntaxErrorContext) -> Recovery | None:
    """A line that does not start with the first word of a statement."""
    if not t.word or not (t.index == 0 or (END in t.expected and line_start(t.word))):
        return None
    if t.word.type in STARTS:
        return None
    message = f"expected a statement such as `object` or `rule`, found {said(t)}"
    meant = t.words[: t.index]
    return t.found("E041", message, None, t.word.span, meant or None)


def text_without_quotes(t: SyntaxErrorContext) -> Recovery | None:
    """`import palette.logic`."""
    if not t.word or "STRING" not in t.expected or t.expected & {"NAME", ":", END}:
        return None
    if t.words[0].type == "color":
        code = t.word.text if re.fullmatch("[0-9a-fA-F]{6}", t.word.text) else "8c2a1e"
        message = f'expected a colour such as `"#8c2a1e"`, found `{t.word.text}`'
        return t.found("E047", message, f'write `"#{code}"`', t.word.span)
    last = t.index + 1
    while last < len(t.words) and glued(t.words[last - 1], t.words[last]):
        last += 1
    place = t.word.span.to(t.words[last - 1].span)
    meant = t.swapped(t.index, last, f'"{short(place.text)}"')
    message = f"expected a text in quotes, found `{short(place.text)}`"
    return t.found("E047", message, f'write `"{short(place.text)}"`', place, meant if t.further(meant) else None)


def unknown_unit(t: SyntaxErrorContext) -> Recovery | None:
    """`3 cubits`."""
    if not t.word or not t.before or t.word.type != "NAME" or t.before.type not in ("NUMBER", "QUANTITY"):
        return None
    meant = t.swapped(t.index, t.index + 1)
    follows = t.words[t.index + 1].type if t.index + 1 < len(t.words) else ""
    if line_start(t.word) or follows in ("=", "!=", "ORDER", ":", "(", ".") or not t.whole(meant):
        return None
    message = f"expected one of the units {KNOWN_UNITS}, found `{t.word.text}`"
    return t.found("E013", message, None, t.before.span.to(t.word.span), meant)


FINDERS: tuple[Finder, ...] = (
    batch_without_word,
    reserved_column,
    AMOUNT_OF_OBJECT,
    DECLARATIONS,
    rule_head,
    two_declarations,
    text_without_quotes,
    PHRASES,
    NOT_EVERY,
    *BRACKETS,
    HABITS,
    LISTS,
    *LAYOUTS,
    misspelt,
    CALLS,
    unknown_unit,
    reserved_name,
    bracket,
    no_statement,
)


def unexpected(t: SyntaxErrorContext) -> Recovery:
    """A word that is not allowed here, with the smallest change that completes the statement."""
    meant, fix = _least_change(t)
    if t.word is None:
        message = f"expected {describe(t.expected)}, found the end of `{t.statement}`"
        return t.found("E042", message, fix, t.place, meant)
    return t.found("E043", f"expected {describe(t.expected)}, found {said(t)}", fix, t.place, meant)


SIGNS = (":", "=", "|", ",", "..", "->", "of", "then", "by", "and", "where", ")", "]", "}")
#: Words that resemble one of the language and mean something else.
OTHER_WORDS = frozenset({"xor", "nor", "nand", "covers"})
#: What a condition has.
COMPARED = RELATIONS | {"ORDER", "=", "!=", "in"}
QUANTIFIED = frozenset({"some", "every", "no"})
#: What cannot be left out without another meaning.
MEANING = frozenset(
    {"NAME", "NUMBER", "QUANTITY", "STRING", "every", "some", "no", "not", "in", "other", "ORDER", "=", "!="}
)
HEADS = frozenset({"let", "param", "color", "region", "grid", "scale"})  # of these, a `=` is soon forgotten


def _joins_conditions(words: Sequence[Token], index: int) -> bool:
    """Whether an `and` at a place has a condition on either side; true of other words."""
    if words[index].type != "and":
        return True
    parts = words[:index], words[index + 1 :]
    compared = [any(w.type in COMPARED for w in part) for part in parts]
    if words[index].span.text == ",":
        return compared[0] == compared[1]
    return all(a or any(w.type in QUANTIFIED for w in part) for a, part in zip(compared, parts, strict=True))


def _least_change(t: SyntaxErrorContext) -> tuple[list[Token] | None, str | None]:
    """The tokens with one symbol inserted or changed, and how to say so; without one token, only the message."""
    if len(t.words) > TRIAL_MAX:
        return None, None
    signs = [s for s in SIGNS if s in t.expected and (s != "=" or t.words[0].type in HEADS)]
    candidates: list[list[Token]] = []
    if t.word and t.word.type in SIGNS:
        kind = t.word.type
        signs_for = {"->": (), ",": signs, "and": ("|", ",")}.get(kind, [s for s in signs if s != "and"])
        if kind != "and" and t.words[0].type not in ("attribute", "object"):
            signs_for = [s for s in signs_for if s != "|"]
        candidates += [t.swapped(t.index, t.index + 1, sign) for sign in signs_for]
        for sign in signs_for:  # the same slip all through the statement
            later = [
                token for w in t.words[t.index :] for token in (tokens_of(sign, w.span) if w.type == kind else [w])
            ]
            candidates.append([*t.words[: t.index], *later])
    if t.word and t.word.type in ("or", ",") and "->" in t.expected:  # two cases of a `match`
        candidates.insert(0, t.swapped(t.index, t.index + 1, "|"))
    if t.word and t.word.type == "QUANTITY" and "NUMBER" in t.expected:
        candidates.append(t.swapped(t.index, t.index + 1, re.sub(r"[^0-9.].*", "", t.word.text)))
    joins = t.word is not None and t.word.type == "NAME"
    candidates += [t.inserted(t.index, sign) for sign in signs if sign != "|" and (sign != "and" or joins)]
    for meant in candidates:
        if t.whole(meant) and _joins_conditions(meant, t.index):
            return meant, f"write `{clause(t, meant, t.index)}`"
    if t.word and t.word.type not in MEANING and t.whole(t.swapped(t.index, t.index + 1)):
        return None, f"remove `{spell([t.word], 60)}`"
    if t.word is None and t.before and t.before.type == "," and t.whole(t.words[:-1]):
        return t.words[:-1], "remove `,`"
    return None, None
