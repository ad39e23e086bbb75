"""A YAML file as a tree whose leaves know their places.

Owns `compose`: mappings, lists and texts, every scalar read as text, each character of a scalar with its place
in the file, so that a mistake inside an expression is shown where it stands. Only what a spec needs is taken:
no anchors, aliases, tags or second documents, and at most `DEPTH_MAX` levels; so a small file makes a small
tree, and the recursion stays shallow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import yaml

from logidsl.diagnostics import Bag, Diagnostic
from logidsl.source import Source, Span
from logidsl.syntax import ast

DEPTH_MAX = 60

#: Half a surrogate, which an escape may make and no file can hold.
_HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Scalar:
    """A text; `span` is the whole of it in the file, with its quotes."""

    value: str
    span: Span
    style: str | None = None

    @cached_property
    def places(self) -> tuple[list[int], list[int]]:
        """For each character of the value, and for its end, where it begins and ends in the file."""
        return _places(self)

    @property
    def content(self) -> Span:
        """The text without its quotes."""
        return self.part(0, len(self.value))

    def part(self, start: int, end: int) -> Span:
        """Where a stretch of the value stands in the file."""
        starts, ends = self.places
        first = max(0, min(start, len(self.value)))
        last = max(first, min(end, len(self.value)))
        return self.span.source.span(starts[first], ends[last - 1] if last > first else starts[first])


@dataclass(frozen=True)
class Sequence:
    """A list."""

    items: tuple[Tree, ...]
    span: Span

    @property
    def content(self) -> Span:
        """The whole list."""
        return self.span


@dataclass(frozen=True)
class Mapping:
    """Keys with values, in the order of the file; no key twice."""

    pairs: tuple[tuple[Scalar, Tree], ...]
    span: Span
    flow: bool = False

    @property
    def content(self) -> Span:
        """The whole mapping."""
        return self.span


Tree: TypeAlias = Scalar | Sequence | Mapping


class _RefusedError(Exception):
    """An event that has no place in a spec."""

    def __init__(self, event: yaml.events.Event, code: str, message: str, fix: str) -> None:
        self.event, self.code, self.message, self.fix = event, code, message, fix
        super().__init__(message)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """Composes plain nodes only, and no deeper than `DEPTH_MAX`."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()
        named = "give the value a name of its own"
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(event, "E055", "expected no alias, found `*…`", f"write out its value, or {named}")
        if event.anchor:
            raise _RefusedError(event, "E055", f"expected no anchor, found `&{event.anchor}`", named)
        if event.tag:
            raise _RefusedError(
                event, "E055", f"expected no tag, found `{event.tag}`", "remove it: every value is text"
            )
        if self.depth >= DEPTH_MAX and isinstance(event, yaml.CollectionStartEvent):
            message = f"expected at most {DEPTH_MAX} lists and mappings inside one another"
            raise _RefusedError(event, "E056", message, "give a part of it a name of its own, and use that name")
        self.depth += 1
        made = super().compose_node(parent, index)
        self.depth -= 1
        return made


def compose(source: Source, bag: Bag) -> Tree | None:
    """Read a YAML file.

    Parameters
    ----------
    source : Source
        The file.
    bag : Bag
        Takes what is wrong.

    Returns
    -------
    Tree or None
        None if the file is empty, or is no YAML that can be read.
    """
    try:
        root = _Loader(source.text).get_single_node()
        return _tree(root, source, bag) if root is not None else None
    except yaml.reader.ReaderError as error:
        place = source.span(error.position, error.position + 1)
        if not any(d.code in ("E001", "E002") for d in bag.items):
            bag.add(Diagnostic("E002", "expected letters, digits and signs, found an invisible character", place))
    except yaml.MarkedYAMLError as error:
        bag.add(_no_yaml(error.problem or "", error.problem_mark, error.context_mark, source))
    except _RefusedError as error:
        place = source.span(error.event.start_mark.index, error.event.end_mark.index)
        bag.add(Diagnostic(error.code, error.message, place, error.fix))
    return None


def _no_yaml(problem: str, mark: yaml.Mark | None, opened: yaml.Mark | None, source: Source) -> Diagnostic:
    """What PyYAML says about a text that it cannot read, in our words where it is a common slip."""
    at = min(mark.index, len(source.text)) if mark else 0
    unclosed = opened is not None and source.text[opened.index : opened.index + 1] in ("'", '"', "[", "{")
    if opened and unclosed and ("end of stream" in problem or "stream end" in problem):
        at, message = opened.index, f"expected YAML: `{source.text[opened.index : opened.index + 1]}` is never closed"
        return Diagnostic("E050", message, source.span(at, at + 1), "close it")
    if "found another document" in problem:
        message = "expected one document in the file, found a second"
        return Diagnostic("E055", message, source.span(at, at + 3), "put it into a file of its own, and import that")
    message = f"expected YAML: {problem.replace(chr(39), '`') or 'it cannot be read from here on'}"
    return Diagnostic("E050", message, source.span(at, min(at + 1, len(source.text))), _advice(problem))


def _advice(problem: str) -> str | None:
    if "mapping values" in problem:
        return "quote a text that holds `: `"
    if "\\t" in problem:
        return "indent by spaces"
    if "cannot start any token" in problem or "found character" in problem:
        return "quote a text that begins with a sign"
    return None


def _tree(node: yaml.Node, source: Source, bag: Bag) -> Tree:
    """The tree of a node that PyYAML has composed."""
    start, end = node.start_mark.index, node.end_mark.index
    match node:
        case yaml.ScalarNode():
            return Scalar(_HALVES.sub("\ufffd", node.value), source.span(start, end), node.style)
        case yaml.SequenceNode():
            items = tuple(_tree(item, source, bag) for item in node.value)
            return Sequence(items, _collection(node, items, source))
    parts = [(_tree(key, source, bag), _tree(value, source, bag)) for key, value in node.value]
    pairs: dict[str, tuple[Scalar, Tree]] = {}
    for key, value in parts:
        if not isinstance(key, Scalar):
            bag.add(Diagnostic("E052", "expected a text before `:`, found a list or mapping", key.span))
        elif key.value in pairs:
            other = (pairs[key.value][0].content, "the first one")
            fix = "join them, or make the mapping around them a list of two mappings"
            bag.add(Diagnostic("E054", f"expected each key once, found `{key.value}` again", key.content, fix, other))
        else:
            pairs[key.value] = (key, value)
    span = _collection(node, [value for _, value in parts], source)
    return Mapping(tuple(pairs.values()), span, bool(node.flow_style))


def _collection(node: yaml.CollectionNode, parts: tuple[Tree, ...] | list[Tree], source: Source) -> Span:
    """Where a list or mapping stands; a block has no sign at its end, so it ends with its last part."""
    start, end = node.start_mark.index, node.end_mark.index
    return source.span(start, end if node.flow_style or not parts else max(start, parts[-1].span.end))


def scalars(tree: Tree) -> Iterator[Scalar]:
    """All texts of a tree, keys too, in the order of the file."""
    waiting: list[Tree] = [tree]
    while waiting:
        now = waiting.pop()
        match now:
            case Scalar():
                yield now
            case Sequence():
                waiting.extend(reversed(now.items))
            case Mapping():
                waiting.extend(part for pair in reversed(now.pairs) for part in reversed(pair))


_COMMENT = re.compile(r"(?:(?<=[\s\ufeff])|^)#[^\n]*", re.M)


def comments(source: Source, tree: Tree | None) -> tuple[ast.Comment, ...]:
    """The comments of a YAML file: what follows a `#` that stands in no text, at the start of a line or after space."""
    found: list[ast.Comment] = []
    at = 0
    taken = [*([s.span for s in scalars(tree)] if tree else []), source.span(len(source.text), len(source.text))]
    for span in taken:
        hits = _COMMENT.finditer(source.text, at, span.start)
        found += [ast.Comment(hit[0][1:].strip(), span=source.span(hit.start(), hit.end())) for hit in hits]
        at = max(at, span.end)
    return tuple(found)


# ---- from a character of a value to its place in the file ----

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.S)
_CONTINUED = re.compile(r"\\(?:\r\n|[\r\n\x85\u2028\u2029])\s*")
_SPACE = frozenset(" \t\r\n\x85\u2028\u2029")
_RUN = re.compile(r"[ \t\r\n\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")


def _places(scalar: Scalar) -> tuple[list[int], list[int]]:
    """Where each character begins and ends; the last entry is the end of the content."""
    pairs = _block_places(scalar) if scalar.style in ("|", ">") else _flow_places(scalar)
    starts, ends = [a for a, _ in pairs], [b for _, b in pairs]
    if len(pairs) != len(scalar.value):  # never seen; a message then shows where the text begins
        starts = ends = [scalar.span.start] * len(scalar.value)
    quotes = scalar.style in ("'", '"')
    last = ends[-1] if ends else scalar.span.start + quotes
    return [*starts, last], [*ends, last]


def _flow_places(scalar: Scalar) -> list[tuple[int, int]]:
    """A text without or in quotes: an escape is one character, a run of white space with a line end is folded."""
    text, at, end = scalar.span.source.text, scalar.span.start, scalar.span.end
    if scalar.style in ("'", '"'):
        at, end = at + 1, end - 1
    out: list[tuple[int, int]] = []
    while at < end:
        hit: re.Match[str] | None = None
        if scalar.style == '"' and text[at] == "\\":
            continued = _CONTINUED.match(text, at, end)
            if continued:
                at = continued.end()
                continue
            hit = _ESCAPE.match(text, at, end)
        elif text[at] in _SPACE:
            run = _RUN.match(text, at, end)
            assert run is not None
            out += _folded(run)
            at = run.end()
            continue
        step = len(hit[0]) if hit else 1 + (scalar.style == "'" and text[at] == "'")
        out.append((at, at + step))
        at += step
    return out


def _folded(run: re.Match[str]) -> list[tuple[int, int]]:
    """What a run of white space leaves: itself without a line end; a space for one, and the further ones for more."""
    breaks = [(run.start() + b.start(), run.start() + b.end()) for b in _BREAK.finditer(run[0])]
    if not breaks:
        return [(i, i + 1) for i in range(*run.span())]
    kept = run.string[breaks[0][0]] in "\u2028\u2029"
    return breaks if kept or len(breaks) == 1 else breaks[1:]


def _block_places(scalar: Scalar) -> list[tuple[int, int]]:
    """A text after `|` or `>`: only its white space is changed, so other characters come in the same order."""
    text, end = scalar.span.source.text, scalar.span.end
    at = text.find("\n", scalar.span.start) + 1
    out: list[tuple[int, int]] = []
    for char in scalar.value:
        while char not in _SPACE and at < end and text[at] in _SPACE:
            at += 1
        out.append((min(at, end), min(at + 1, end)))
        at += char not in _SPACE or (at < end and text[at] in _SPACE)
    return out
