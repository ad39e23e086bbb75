"""The checker's diagnostics on rules over several pictures."""

from __future__ import annotations

from collections.abc import Iterable

from logidsl.diagnostics import Diagnostic, did_you_mean
from logidsl.source import Span


def wrong_word(found: str, wanted: str, span: Span) -> Diagnostic:
    """Another word where `ordered` or `path` is expected."""
    return Diagnostic("E190", f"expected `{wanted}`, found `{found}`", span, f"write `{wanted}`")


def pattern_braces(pattern: str, found: int, span: Span) -> Diagnostic:
    """A pattern of paths without exactly one pair of braces."""
    message = f"expected `{{}}` once, in place of what the pictures of a batch have in common, found it {found} times"
    fix = None if found else f'write `"{pattern.rstrip("/")}{"/" if pattern else ""}{{}}/"`, for folders say'
    return Diagnostic("E190", message, span, fix)


def view_braces(pattern: str, span: Span) -> Diagnostic:
    """Braces in the pattern of a view."""
    fix = f'write `"{pattern.replace("{}", "*")}"`'
    return Diagnostic("E190", "expected a pattern without `{}`: a view is one part of each batch", span, fix)


def view_value(column: str, span: Span) -> Diagnostic:
    """A view by a column without a value."""
    fix = f'say which value: `{span.text} = "A"`'
    return Diagnostic("E190", f"expected a value of `{column}` that the pictures of the view have", span, fix)


def view_of_path(span: Span) -> Diagnostic:
    """A value after a pattern."""
    return Diagnostic("E190", "expected nothing after the pattern of a path", span, f"remove `= {span.text}`")


def unknown_batch(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A batch that is not declared."""
    known = list(known)
    fix = did_you_mean(name, known).strip(";, ").strip() or f"declare it: `batch {name} by lot_id`"
    return Diagnostic("E191", f"unknown batch `{name}`", span, fix)


def unknown_view(name: str, batch: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A view that is not declared for this batch."""
    known = list(known)
    fix = did_you_mean(name, known).strip(";, ").strip() or f'declare it: `view {name} of {batch} by camera = "A"`'
    return Diagnostic("E191", f"unknown view `{name}` of `{batch}`", span, fix)


def over_form(words: str, span: Span) -> Diagnostic:
    """Something after `over` that is neither a batch nor its last pictures."""
    message = f"expected a batch, or its last pictures, after `over`, found `{words}`"
    return Diagnostic("E191", message, span, "write `last(lot, 50)`, with a number of at least 1")


def of_each_picture(words: str, meant: str | None, span: Span) -> Diagnostic:
    """A value of one picture where one of the batch is expected."""
    fix = f"say what is made of them: {meant}" if meant else None
    return Diagnostic("E192", f"`{words}` has a value in each picture; a rule over several needs one of all", span, fix)


def every_picture(words: str, span: Span) -> Diagnostic:
    """A condition on the objects of one picture."""
    fix = f"write `pass_rate({words}) >= 100 %`"
    return Diagnostic(
        "E192", f"`{words}` is a condition on one picture; a rule over several needs one on all", span, fix
    )


def within_one_picture(name: str, call: str, kind: str, span: Span) -> Diagnostic:
    """An aggregate that compares places, or picks a member."""
    meant = {"number": f"max({call})", "truth": f"pass_rate({call}) >= 100 %"}.get(kind)
    message = f"`{name}` looks at the objects of one picture, and cannot range over several"
    return Diagnostic("E193", message, span, f"take its value in each picture: `{meant}`" if meant else None)


def only_over(words: str, span: Span) -> Diagnostic:
    """Words for several pictures in a rule about one."""
    return Diagnostic("E194", f"`{words}` needs several pictures", span, "say which: `rule name over lot: …`")


def in_variant(span: Span) -> Diagnostic:
    """A rule over several pictures inside a variant."""
    message = "a variant is chosen for each picture, so a rule inside it cannot be over several"
    return Diagnostic("E194", message, span, "write the rule outside the variant")


def unknown_rule(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A pass rate of a rule that there is not."""
    fix = did_you_mean(name, known).strip(";, ").strip() or None
    return Diagnostic("E191", f"unknown rule `{name}`", span, fix)
