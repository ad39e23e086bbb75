"""Messages about what is found in pictures: files, arguments and places of sources, conditions of `blobs`."""

from __future__ import annotations

from collections.abc import Iterable

from logidsl.check.errors import call
from logidsl.diagnostics import Diagnostic
from logidsl.source import Span


def source_outside(path: str, span: Span) -> Diagnostic:
    """A source's file outside the spec's folder."""
    return Diagnostic("E170", f"`{path}` is not in the spec's folder or below", span, "copy it beside the spec")


def source_ending(fn: str, path: str, endings: Iterable[str], span: Span) -> Diagnostic:
    """A source's file with the wrong extension."""
    return Diagnostic("E171", f"`{fn}` expects a file that ends in {', '.join(endings)}, found `{path}`", span)


def source_argument(signature: str, words: str, span: Span) -> Diagnostic:
    """An argument that fits no parameter of a source."""
    return Diagnostic("E172", f"expected `{call(signature)}`, found the argument `{words}`", span)


def source_place(fn: str, span: Span) -> Diagnostic:
    """A source inside an expression."""
    fix = f"declare `object found = {span.text}`, and write `found` here"
    return Diagnostic("E173", f"`{fn}` defines objects and has no value", span, fix)


def source_order(fn: str, key: str, span: Span) -> Diagnostic:
    """A source with an order."""
    return Diagnostic("E174", f"`{fn}` returns a set, which has no order", span, f"remove `by {key}`")


def layout_file(path: str, why: str, span: Span) -> Diagnostic:
    """A file that gives no reference layout."""
    fix = (
        f"`logidsl table --save-layout {path} PICTURE` writes one from a good picture"
        if path.endswith(".csv")
        else None
    )
    return Diagnostic("E195", f"unusable layout `{path}`: {why}", span, fix)


def only_in_blobs(name: str, span: Span) -> Diagnostic:
    """A function of pixels outside `blobs`."""
    return Diagnostic("E180", f"`{name}` is a function of pixels, for use in the condition of `blobs` only", span)


def not_of_a_pixel(words: str, span: Span) -> Diagnostic:
    """A condition of `blobs` that depends on objects."""
    return Diagnostic(
        "E181",
        f"`{words}` depends on objects, which are unknown before pixels are grouped",
        span,
        "move it to the declaration of an object; pixels can only be compared with regions of the picture",
    )
