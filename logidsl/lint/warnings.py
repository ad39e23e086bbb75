"""The warnings of `lint`, one function each; from W101 on they are advice on conventions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from logidsl.diagnostics import Diagnostic
from logidsl.source import Span


def _listed(names: Iterable[str]) -> str:
    shown = [f"`{n}`" for n in names]
    more = len(shown) - 6
    return ", ".join(shown[:6]) + (f" and {more} more" if more > 0 else "")


UNUSED = {
    "object": ("W001", "add a rule or a required number, or remove it"),
    "region": ("W002", "remove it"),
    "grid": ("W002", "remove it"),
    "layout": ("W002", "remove it"),
    "batch": ("W002", "remove it"),
    "view": ("W002", "remove it"),
    "color": ("W003", "remove it; no other colour is near enough to change"),
    "param": ("W004", "remove it, or use it instead of the literal number"),
    "let": ("W005", "remove it"),
    "name": ("W005", "remove it"),
    "attribute": ("W006", "remove it"),
    "blobs": ("W007", "declare an object from it, or remove it"),
}


def unused(kind: str, name: str, span: Span) -> Diagnostic:
    """A declaration that no rule uses."""
    code, fix = UNUSED[kind]
    return Diagnostic(code, f"no rule uses the {'colour' if kind == 'color' else kind} `{name}`", span, fix)


def never_fails(who: str, span: Span, words: str) -> Diagnostic:
    """A rule that can never fail."""
    return Diagnostic(
        "W010", f"{who} can never fail: `{words}` is never false", span, "choose a limit that can be violated"
    )


def never_passes(who: str, span: Span, words: str) -> Diagnostic:
    """A rule that can never pass."""
    return Diagnostic(
        "W011", f"{who} can never pass: `{words}` is never true", span, "choose a limit that a good part can meet"
    )


def never_decided(who: str, span: Span, words: str) -> Diagnostic:
    """A rule that is always undetermined."""
    return Diagnostic("W011", f"{who} can never pass: `{words}` is always undetermined", span)


def contradiction(who: str, other: str, span: Span, first: Span | None) -> Diagnostic:
    """Two rules that no picture can satisfy together."""
    message = f"no picture passes both {who} and {other}" if first else f"no picture passes {who} together with {other}"
    place = None if first is None else (first, "and this")
    return Diagnostic("W012", message, span, "change one of them", place)


def idle_part(words: str, always: bool, span: Span) -> Diagnostic:
    """A part of a condition without effect."""
    message = f"`{words}` is never {'false' if always else 'true'}, so it has no effect"
    return Diagnostic("W013", message, span, "remove it, or change its limit")


def uncovered(words: str, missing: str, span: Span, outcome: bool) -> Diagnostic:
    """A match without a case for a possible value."""
    if outcome:
        return Diagnostic(
            "W014", f"no case of the label covers {missing} of `{words}`", span, "add `else -> some_label`"
        )
    fix = "add the case, or `else -> unknown`, which sends the picture to review, or `else -> none`, which fails"
    return Diagnostic("W014", f"no case covers {missing} of `{words}`", span, fix)


def unreachable(words: str, why: str, span: Span, first: Span | None = None) -> Diagnostic:
    """A case that is never chosen."""
    place = None if first is None else (first, "this one is chosen")
    return Diagnostic("W015", f"the case `{words}` is unreachable: {why}", span, "remove it", place)


def idle_direction(word: str, words: str, span: Span) -> Diagnostic:
    """A `low` or `high` that never applies."""
    side = "too small" if word == "low" else "too large"
    fix = f"remove `{word}` and its label, or add the other limit"
    return Diagnostic("W016", f"`{word}` never applies: `{words}` never fails by being {side}", span, fix)


def shared_label(label: str, one: str, other: str, span: Span, first: Span) -> Diagnostic:
    """A label of two different defects."""
    message = f"the label `{label}` is used for two defects: {one}, and {other}"
    return Diagnostic("W017", message, span, "give each its own label", (first, "first here"))


def hides(name: str, what: str, span: Span) -> Diagnostic:
    """A name that hides another."""
    return Diagnostic("W018", f"`{name}` is also the name of a {what}", span, "rename one of them")


def idle_variable(name: str, span: Span) -> Diagnostic:
    """A variable that is never used."""
    return Diagnostic(
        "W028",
        f"the variable `{name}` is never used",
        span,
        f"use `{name}` where the current object is meant, or remove it",
    )


def idle_iteration(words: str, each: str, head: str, span: Span) -> Diagnostic:
    """`every pocket: count(bolt) = 1`."""
    message = f"`{words}` does not depend on the current `{each}`"
    return Diagnostic("W030", message, span, f"remove `{head}`, or give the current one a variable and use that")


def always_empty(name: str, words: str, span: Span) -> Diagnostic:
    """A set that is always empty."""
    return Diagnostic("W019", f"`{name}` is always empty: no object can meet `{words}`", span, "change the condition")


def other_of_one(part: str, whole: str, span: Span) -> Diagnostic:
    """`other a | b`."""
    message = f"`other` applies to `{part}` only: it binds tighter than `|`"
    return Diagnostic("W020", message, span, f"write `other ({whole})`, or `(other {part})` if that is meant")


def idle_doubt(words: str, why: str, span: Span) -> Diagnostic:
    """A range of doubt that no detection can lie in."""
    return Diagnostic(
        "W021", f"no detection is ever doubtful with `{words}`: {why}", span, "write `doubtful 0.3 .. 0.6`"
    )


def within_nothing(words: str, span: Span) -> Diagnostic:
    """`within 0 px`."""
    return Diagnostic(
        "W022",
        f"`within {words}` allows no tolerance, and measured values are never exactly equal",
        span,
        "give a tolerance",
    )


def hopeless_test(title: str, rule: str, span: Span, first: Span) -> Diagnostic:
    """A test that expects an empty picture to pass."""
    message = f"the test `{title}` expects an empty picture to pass, but {rule} fails on it"
    return Diagnostic("W023", message, span, "add the objects of a good part", (first, "fails here"))


def repeated_title(title: str, span: Span, first: Span) -> Diagnostic:
    """Two tests with the same title."""
    return Diagnostic(
        "W023", f"two tests have the title `{title}`", span, "give each its own title", (first, "first here")
    )


def said_twice(who: str, other: str, span: Span, first: Span) -> Diagnostic:
    """Two equivalent rules."""
    return Diagnostic("W024", f"{who} is equivalent to {other}", span, "remove one of them", (first, "first here"))


def may_be_absent(who: str, name: str, span: Span) -> Diagnostic:
    """A rule that is undetermined if an optional object is absent."""
    message = f"{who} cannot pass without a `{name}`, which the spec allows to be absent"
    return Diagnostic("W025", message, span, f"write `if some {name} then …`, or `object {name}: 1`")


def shared_alias(alias: str, one: str, other: str, span: Span, first: Span) -> Diagnostic:
    """A source name of two classes."""
    message = f'both `{one}` and `{other}` have the source name `"{alias}"`'
    return Diagnostic("W026", message, span, "use it for one of them only", (first, "first here"))


def never_seen(words: str, span: Span) -> Diagnostic:
    """Objects of further classes in a spec that finds its objects in pictures."""
    message = f"`{words}` is always empty in a picture: `blobs` and sources find only what the spec names"
    return Diagnostic("W029", message, span, "remove it: a share of unexplained pixels answers the same question")


def no_rule(span: Span) -> Diagnostic:
    """A spec without rules."""
    return Diagnostic(
        "W027",
        "the spec has no rules, so every picture passes",
        span,
        "add a rule, or the required number of an object",
    )


def no_tests(span: Span) -> Diagnostic:
    """A spec without a test."""
    return Diagnostic("W101", "the spec has no test", span, "add one for a good part and one for each defect")


def like_names(one: str, other: str, span: Span, first: Span) -> Diagnostic:
    """Two classes with similar names."""
    message = f"`{other}` and `{one}` differ only in case, separators or a plural, which tables often mix up"
    return Diagnostic("W102", message, span, "use more distinct names", (first, "the other"))


def no_kind(rule: str, span: Span, kinds: Sequence[str]) -> Diagnostic:
    """A rule without a kind among rules with one."""
    return Diagnostic(
        "W103",
        f"rule `{rule}` has no kind, but others have",
        span,
        f"add {_listed(f'as {k}' for k in kinds)}, after its name",
    )
