"""Habits of plain English.

Owns a finder for each: it looks at a statement that cannot be read and says what was probably meant, but
only where the words that were meant make sense further than those that stand there. So a finder may guess
freely, and never blames a statement for what is not its fault.
"""

from __future__ import annotations

from logidsl.library import builtins
from logidsl.syntax.syntax_error_context import (
    RELATIONS,
    Finder,
    Recovery,
    SyntaxErrorContext,
    as_word,
    clause,
    near_by,
    spell,
)

COPULAS = frozenset({"is", "are", "be", "equals", "equal", "eq"})
COMPARED = {
    "least": ">=", "most": "<=", "greater": ">", "more": ">", "larger": ">", "bigger": ">", "longer": ">",
    "higher": ">",
    "less": "<", "fewer": "<", "smaller": "<", "shorter": "<", "lower": "<",
}  # fmt: skip
FILLING = COPULAS | COMPARED.keys() | {"at", "than", "or", "to", "the", "same", "as"}
HAVING = frozenset({"has", "have", "having", "that", "which", "whose", "with"})
AMOUNTS = {
    "exactly": "=", "only": "=", "precisely": "=", "least": ">=", "most": "<=", "minimum": ">=", "maximum": "<=",
    "more": ">", "over": ">", "fewer": "<", "less": "<", "under": "<", "min": ">=", "max": "<=",
    **{sign: sign for sign in ("<", "<=", ">", ">=")},
}  # fmt: skip
CONDITION_AFTER = frozenset({":", "and", "or", "not", "(", "then", "else", "if", "where", "when"})
QUANTIFIERS = {
    "each": "every", "all": "every", "forall": "every", "foreach": "every",
    "any": "some", "exists": "some", "exist": "some", "there": "some", "none": "no",
}  # fmt: skip


def copula(t: SyntaxErrorContext) -> Recovery | None:
    """`cable.color is red`, `bolt is above nut`, `length is at least 3 px`, `length greater than 3 px`."""
    for i, word in near_by(t, 0, -1):
        if word.text not in COPULAS and word.text not in COMPARED and word.text != "at":
            continue
        if i == 0 or t.words[i - 1].type in CONDITION_AFTER:
            continue
        after = i
        while after < len(t.words) and t.words[after].text in FILLING:
            after += 1
        following = t.words[after].type if after < len(t.words) else ""
        texts = {w.text for w in t.words[i:after]}
        signs = {COMPARED[x] for x in texts if x in COMPARED}
        if following == "not":
            after, sign = after + 1, "!="
        elif signs:
            sign = min(signs) + ("=" if "equal" in texts and min(signs) in "<>" else "")
        else:
            sign = "="
        if following in RELATIONS or following in ("ORDER", "=", "!=", "in"):
            meant, sign = t.swapped(i, after), t.words[after].text
        else:
            meant = t.swapped(i, after, sign)
        if after > i and t.further(meant):
            said = t.words[i:after]
            message = f"expected `{sign}`, found `{spell(said)}`"
            return t.found("E023", message, f"write `{clause(t, meant, i)}`", said[0].span.to(said[-1].span), meant)
    return None


OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def negation(t: SyntaxErrorContext) -> Recovery | None:
    """`bolt is not inside tray`, `length not > 3 px`, `x is not in 2 .. 4`: where `not` stands after its subject."""
    for i, word in near_by(t, 0, -1, 1):
        first = i
        while first > 0 and t.words[first - 1].text in COPULAS | {"do", "does"}:
            first -= 1
        if word.type != "not" or first == 0 or i + 1 == len(t.words):
            continue
        following, bare = t.words[i + 1], t.words[first - 1].type in CONDITION_AFTER
        if bare and (first == i or following.type not in RELATIONS):
            continue
        if following.type in ("in", "NAME") and following.text in ("in", "between", "from") and first < i:
            meant, sign = t.swapped(first, i), "not in"
        elif following.type == "ORDER":
            sign = OPPOSITE[following.text]
            meant = t.swapped(first, i + 2, sign)
        elif following.type in ("=", "NUMBER", "QUANTITY"):
            sign = "!="
            meant = t.swapped(first, i + 1 + (following.type == "="), sign)
        elif following.type in RELATIONS:
            start = next((k for k in range(first, 0, -1) if _begins(t, k, first)), first)
            put = as_word("not", t.words[i].span)
            meant = [*t.words[:start], put, *t.words[start:first], *t.words[i + 1 :]]
            sign = f"not {'' if bare else '… '}{following.text}"
        else:
            continue
        if t.further(meant):
            place = t.words[first].span.to(following.span)
            fix = f"write `{clause(t, meant, first)}`"
            return t.found("E023", f"expected `{sign}`, found `{spell(t.words[first : i + 2])}`", fix, place, meant)
    return None


def _begins(t: SyntaxErrorContext, at: int, index: int) -> bool:
    """Whether the operand that ends before `index` begins at a place."""
    return t.depths[at] == t.depths[index] and t.words[at - 1].type in CONDITION_AFTER


def amount(t: SyntaxErrorContext) -> Recovery | None:
    """`exactly 2 bolt`, `at least 2 bolts`, `2 bolt`."""
    for i, word in near_by(t, 0, -1, 1, 2):
        if word.type != "NUMBER" or i + 1 >= len(t.words) or t.words[i + 1].type != "NAME":
            continue
        first, sign = i, "="
        while first > 0 and (t.words[first - 1].text in AMOUNTS or t.words[first - 1].text in ("at", "than", "of")):
            first -= 1
            sign = AMOUNTS.get(t.words[first].text, sign)
        if first == 0 or t.words[first - 1].type not in CONDITION_AFTER:
            continue
        meant = t.swapped(first, i + 2, "count", "(", t.words[i + 1].text, ")", sign, word.text)
        if t.further(meant):
            said = spell(t.words[first : i + 2])
            place = t.words[first].span.to(t.words[i + 1].span)
            fix = f"write `count({t.words[i + 1].text}) {sign} {word.text}`"
            return t.found("E024", f"expected a comparison of a count, found `{said}`", fix, place, meant)
    return None


def amount_of_object(t: SyntaxErrorContext) -> Recovery | None:
    """`object bolt: exactly 2`, `object bolt: more than 2`."""
    for i, word in near_by(t, 0, -1, -2):
        if t.words[0].type != "object" or word.text not in AMOUNTS or word.type not in ("NAME", "ORDER"):
            continue
        last = i + 1
        while last < len(t.words) and t.words[last].text == "than":
            last += 1
        if last >= len(t.words) or t.words[last].type != "NUMBER":
            continue
        sign, number = AMOUNTS[word.text], int(float(t.words[last].text))
        kinds = {"=": (), ">=": ("at", "least"), "<=": ("at", "most"), ">": ("at", "least"), "<": ("at", "most")}[sign]
        number += {">": 1, "<": -1}.get(sign, 0)
        meant = t.swapped(i, last + 1, *kinds, str(max(0, number)))
        if t.further(meant):
            said = spell(t.words[i : last + 1])
            fix = f"write `{spell(meant[: i + len(kinds) + 1])}`"
            return t.found("E024", f"expected a number after `:`, found `{said}`", fix, word.span, meant)
    return None


def beside_of(t: SyntaxErrorContext) -> Recovery | None:
    """`bolt left of nut`, `nut under bolt`, `bolt on top of nut`."""
    for i, _ in near_by(t, 0, -1, -2):
        for phrase, new in [(s, e.name) for e in builtins("relation").values() for s in e.synonyms]:
            said = t.words[i : i + phrase.count(" ") + 1]
            if " ".join(w.text for w in said) != phrase:
                continue
            meant = t.swapped(i, i + len(said), new)
            if t.further(meant):
                place = said[0].span.to(said[-1].span)
                fix = f"write `{clause(t, meant, i)}`"
                return t.found("E025", f"expected `{new}`, found `{spell(said)}`", fix, place, meant)
    return None


def having(t: SyntaxErrorContext) -> Recovery | None:
    """`no bolt has length < 3 px`."""
    for i, word in near_by(t, 0, -1):
        if word.text in HAVING:
            meant = t.swapped(i, i + 1, "where")
            if t.further(meant):
                fix = f"write `{clause(t, meant, i)}`"
                return t.found("E026", f"expected `where`, found `{word.text}`", fix, word.span, meant)
    return None


def between(t: SyntaxErrorContext) -> Recovery | None:
    """`count(nut) between 2 and 4`, `in 2 to 4`, `doubtful 0.3-0.6`."""
    for i, word in near_by(t, 0, -1, -2):
        if word.text == "to" or (word.text == "-" and i == t.index - 2 and ".." in t.expected):
            meant = t.swapped(i, i + 1, "..")
            if t.further(meant):
                message = f"expected `..` between the ends of a range, found `{word.text}`"
                return t.found("E027", message, f"write `{clause(t, meant, i)}`", word.span, meant)
        if word.text in ("between", "from"):
            joint = next((k for k in range(i + 1, len(t.words)) if t.words[k].text in ("and", "to")), None)
            if joint is None:
                continue
            swapped = SyntaxErrorContext(t.source, t.swapped(joint, joint + 1, ".."), t.index).swapped(i, i + 1, "in")
            if t.further(swapped):
                message = f"expected `in` and a range, found `{word.text}`"
                return t.found("E027", message, f"write `{clause(t, swapped, i)}`", word.span, swapped)
    return None


def quantifier(t: SyntaxErrorContext) -> Recovery | None:
    """`all bolt: inside left`, `for each bolt: …`, `none bolt`."""
    for i, word in near_by(t, 0, -1, -2):
        first = i
        if word.text == "for" and i + 1 < len(t.words):
            i, word = i + 1, t.words[i + 1]
        new = "every" if word.type == "every" and i > first else QUANTIFIERS.get(word.text)
        if new is None:
            continue
        meant = t.swapped(first, i + 1, new)
        if t.further(meant):
            said = spell(t.words[first : i + 1])
            place = t.words[first].span.to(word.span)
            return t.found(
                "E028", f"expected `{new}`, found `{said}`", f"write `{clause(t, meant, first)}`", place, meant
            )
    return None


def function(t: SyntaxErrorContext) -> Recovery | None:
    """`count bolt = 2`, `number of bolt = 2`."""
    for i, word in near_by(t, -1):
        of = t.word is not None and t.word.type == "of"
        names = [w for w in t.words[i + 1 + of : i + 2 + of] if w.type == "NAME"]
        if word.type != "NAME" or not names or t.words[i - 1].type not in CONDITION_AFTER:
            continue
        new = {"number": "count", "amount": "count", "num": "count"}.get(word.text, word.text)
        if (of and new != "count") or not (new in builtins("function") or new in builtins("aggregate")):
            continue
        meant = t.swapped(i, i + 2 + of, new, "(", names[0].text, ")")
        if t.further(meant):
            place = word.span.to(names[0].span)
            fix = f"write `{clause(t, meant, i)}`"
            found = spell(t.words[i : i + 2 + of])
            return t.found("E019", f"expected parentheses after `{new}`, found `{found}`", fix, place, meant)
    return None


def column(t: SyntaxErrorContext) -> Recovery | None:
    """`length of bolt > 3 px`: the lengths of all are no single length."""
    if not t.word or not t.before or t.word.type != "of" or t.before.type != "NAME" or t.index + 1 >= len(t.words):
        return None
    value, of = t.before.text, t.words[t.index + 1].text
    meant = t.swapped(t.index - 1, t.index + 2, of, ".", value)
    if not t.further(meant):
        return None
    message = f"expected one value, found `{value} of {of}`, which is a value for each `{of}`"
    fix = f"write `every {of}: {value} …`, `max({value} of {of})`, or `{of}.{value}` where there is only one"
    return t.found("E045", message, fix, t.before.span.to(t.words[t.index + 1].span), meant)


HABITS: tuple[Finder, ...] = (negation, copula, having, beside_of, between, quantifier, amount)
