"""Everything that is said of a spec that can be used, one function each. Codes and why: `diagnostics.toml`.

From W101 on it is advice: a matter of habit, not of a slip.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from logidsl.diagnostics import Diagnostic
from logidsl.source import Span


def _listed(names: Iterable[str]) -> str:
    shown = [f"`{n}`" for n in names]
    more = len(shown) - 6
    return ", ".join(shown[:6]) + (f" and {more} more" if more > 0 else "")


UNUSED = {
    "object": ("W001", "state a rule about it, say how many there must be, or leave it out"),
    "region": ("W002", "leave it out"),
    "grid": ("W002", "leave it out"),
    "color": ("W003", "leave it out; it is too far from the others to take from them"),
    "param": ("W004", "leave it out, or put it in the place of the number it stands for"),
    "let": ("W005", "leave it out"),
    "attribute": ("W006", "leave it out"),
    "blobs": ("W007", "declare an object of it, or leave it out"),
}


def unused(kind: str, name: str, span: Span) -> Diagnostic:
    """What no rule comes to speak of."""
    code, fix = UNUSED[kind]
    return Diagnostic(code, f"no rule uses the {'colour' if kind == 'color' else kind} `{name}`", span, fix)


def never_fails(who: str, span: Span, words: str) -> Diagnostic:
    """A rule that can never fail."""
    return Diagnostic(
        "W010", f"{who} can never fail: `{words}` is false on no picture", span, "state a limit that can be broken"
    )


def never_passes(who: str, span: Span, words: str) -> Diagnostic:
    """A rule that can never pass."""
    return Diagnostic(
        "W011", f"{who} can never pass: `{words}` holds on no picture", span, "state what a good part can meet"
    )


def never_decided(who: str, span: Span, words: str) -> Diagnostic:
    """A rule that is always undetermined."""
    return Diagnostic("W011", f"{who} can never pass: `{words}` is undetermined on every picture", span)


def contradiction(who: str, other: str, span: Span, first: Span | None) -> Diagnostic:
    """Two rules that no picture can meet together."""
    message = f"no picture passes both {who} and {other}" if first else f"no picture passes {who} together with {other}"
    place = None if first is None else (first, "and this")
    return Diagnostic("W012", message, span, "change one of them", place)


def idle_part(words: str, always: bool, span: Span) -> Diagnostic:
    """A part of a condition that decides nothing."""
    message = f"`{words}` {'is false' if always else 'holds'} on no picture, so it decides nothing"
    return Diagnostic("W013", message, span, "leave it out, or change its limit")


def uncovered(words: str, missing: str, span: Span, outcome: bool) -> Diagnostic:
    """A match without a case for what can be there."""
    if outcome:
        return Diagnostic(
            "W014", f"no case of the label covers {missing} of `{words}`", span, "add `else -> some_label`"
        )
    fix = "add the case, or `else -> unknown`, which sends the picture to review, or `else -> none`, which fails"
    return Diagnostic("W014", f"no case covers {missing} of `{words}`", span, fix)


def unreachable(words: str, why: str, span: Span, first: Span | None = None) -> Diagnostic:
    """A case that is never chosen."""
    place = None if first is None else (first, "this one is chosen")
    return Diagnostic("W015", f"the case `{words}` is never chosen: {why}", span, "leave it out", place)


def idle_direction(word: str, words: str, span: Span) -> Diagnostic:
    """A `low` or `high` that no picture comes to."""
    side = "too small" if word == "low" else "too great"
    fix = f"leave `{word}` and its label out, or state the other limit"
    return Diagnostic("W016", f"`{word}` is never said: `{words}` is never broken by being {side}", span, fix)


def shared_label(label: str, one: str, other: str, span: Span, first: Span) -> Diagnostic:
    """A label of two different defects."""
    message = f"the label `{label}` is that of two defects: {one}, and {other}"
    return Diagnostic("W017", message, span, "give each its own label", (first, "first here"))


def hides(name: str, what: str, span: Span) -> Diagnostic:
    """A name that hides another."""
    return Diagnostic("W018", f"`{name}` is also the name of a {what}", span, "give one of them another name")


def idle_variable(name: str, span: Span) -> Diagnostic:
    """A variable that nothing speaks of."""
    return Diagnostic(
        "W028",
        f"the variable `{name}` is never used",
        span,
        f"use `{name}` where the one object is meant, or leave it out",
    )


def always_empty(name: str, words: str, span: Span) -> Diagnostic:
    """A set that can have no member."""
    return Diagnostic("W019", f"`{name}` never has a member: `{words}` holds of nothing", span, "change the condition")


def other_of_one(part: str, whole: str, span: Span) -> Diagnostic:
    """`other a | b`."""
    message = f"`other` speaks of `{part}` alone: it binds tighter than `|`"
    return Diagnostic("W020", message, span, f"`other ({whole})`, or `(other {part})` where that is meant")


def idle_doubt(words: str, why: str, span: Span) -> Diagnostic:
    """A range of doubt that no detection comes to lie in."""
    return Diagnostic("W021", f"nothing is ever in doubt by `{words}`: {why}", span, "`doubtful 0.3 .. 0.6`")


def within_nothing(words: str, span: Span) -> Diagnostic:
    """`within 0 px`."""
    return Diagnostic(
        "W022",
        f"`within {words}` leaves no play: no two measures are that equal",
        span,
        "say how far off is still good",
    )


def hopeless_test(title: str, rule: str, span: Span, first: Span) -> Diagnostic:
    """A test that expects an empty picture to pass."""
    message = f"the test `{title}` expects an empty picture to pass, which {rule} does not let"
    return Diagnostic("W023", message, span, "put the objects of a good part on it", (first, "this does not"))


def repeated_title(title: str, span: Span, first: Span) -> Diagnostic:
    """Two tests of one title."""
    return Diagnostic(
        "W023", f"two tests have the title `{title}`", span, "say what each is about", (first, "first here")
    )


def said_twice(who: str, other: str, span: Span, first: Span) -> Diagnostic:
    """Two rules that say the same."""
    return Diagnostic("W024", f"{who} says what {other} says", span, "leave one of them out", (first, "first here"))


def may_be_absent(who: str, name: str, span: Span) -> Diagnostic:
    """A rule that cannot be judged where an object is missing that may be missing."""
    message = f"{who} cannot pass where there is no `{name}`, which the spec allows: what it says is then undefined"
    return Diagnostic("W025", message, span, f"`if some {name} then …`, or `object {name}: 1`")


def shared_alias(alias: str, one: str, other: str, span: Span, first: Span) -> Diagnostic:
    """A name of the source that two classes claim."""
    message = f'both `{one}` and `{other}` are called `"{alias}"` by their source'
    return Diagnostic("W026", message, span, "give it to one of them", (first, "first here"))


def no_rule(span: Span) -> Diagnostic:
    """A spec that states nothing."""
    return Diagnostic(
        "W027",
        "the spec states no rule: every picture passes",
        span,
        "state a rule, or say how many objects there must be",
    )


def no_tests(span: Span) -> Diagnostic:
    """A spec without a test."""
    return Diagnostic("W101", "the spec has no test", span, "add one for a good part, and one for each defect")


def like_names(one: str, other: str, span: Span, first: Span) -> Diagnostic:
    """Two classes whose names a source may not tell apart."""
    message = f"`{other}` and `{one}` differ by case, separators or a plural alone, which tables often mix up"
    return Diagnostic("W102", message, span, "use names that differ", (first, "the other"))


def no_kind(rule: str, span: Span, kinds: Sequence[str]) -> Diagnostic:
    """A rule without kind among rules that have one."""
    return Diagnostic(
        "W103",
        f"rule `{rule}` says no kind, as others do",
        span,
        f"add {_listed(f'as {k}' for k in kinds)}, after its name",
    )
