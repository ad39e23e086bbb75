"""The one spelling of a spec.

Owns `format_file`. Words, brackets and line breaks come from the tree alone (`wording`, `sentences`, `pages`);
comments and blank lines come from the places in the text that was read. The order of statements stays.

A comment on a line of its own stays before the statement that follows it, one at the end of a line stays at the
end of that line's statement, and one within a statement moves to a line before the statement: none is lost.
Blank lines between statements stay, at most one at a time; where the text was in the YAML form they stand between
statements of different kinds. What was formatted is not changed by formatting it again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.pretty_printer import STEP
from logidsl.syntax.statement_printer import PrintedStatement, aligned, objects, sentence

__all__ = ["format_file"]

Top: TypeAlias = ast.Statement | ast.Version | ast.SpecName
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")


def format_file(file: ast.File, source: Source | None = None) -> str:
    """Write a file in its one spelling.

    Parameters
    ----------
    file : File
        Read without mistakes.
    source : Source, optional
        The text in the text form that it was read from: blank lines between statements are kept as there.
        Without it they stand where the kind of statement changes.

    Returns
    -------
    str
        Lines of at most 100 characters where the words allow it, the last one ended. Empty for an empty file.

    Examples
    --------
    >>> from logidsl.syntax.parse import parse
    >>> source = Source("a.logic", 'rule  two:((count( bolt )=2))   defect  "x y"#so')
    >>> print(format_file(parse(source)[0], source), end="")
    rule two: count(bolt) = 2    defect "x y"  # so
    """
    nodes: list[Top] = [n for n in (file.version, file.spec) if n is not None]
    comments = sorted(file.comments, key=lambda c: c.span.start)
    lines = _block([*nodes, *file.statements], comments, source, 0)
    return "".join(f"{line}\n" for line in lines)


@dataclass(slots=True)
class _Item:
    """A statement with the comments around it, or comments alone.

    `gap`: whether an empty line precedes each comment and the statement.
    """

    node: Top | None
    before: list[ast.Comment] = field(default_factory=list)
    gaps: list[bool] = field(default_factory=list)
    inside: list[ast.Comment] = field(default_factory=list)
    after: ast.Comment | None = None


@dataclass(slots=True)
class _Entry:
    """Something with lines: a comment or a statement; `gap` is an empty line before it."""

    gap: bool
    comment: str | None = None
    sentence: PrintedStatement | None = None
    after: str = ""
    within: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)  # names of objects of which nothing else is said


def _block(nodes: Sequence[Top], comments: list[ast.Comment], source: Source | None, indent: int) -> list[str]:
    """The lines of a file, or of what is inside a variant."""
    entries: list[_Entry] = []
    for item in _items(nodes, comments, source):
        _enter(item, entries, source, indent)
    if source is None:
        _space(entries)
    lines: list[str] = []
    for number, run in enumerate(_runs(_merged(entries, indent))):
        if run[0].gap and number:
            lines.append("")
        written = iter(aligned([e.sentence for e in run if e.sentence]))
        for entry in run:
            lines += _lines(entry, next(written)) if entry.sentence else [f"{' ' * indent}{entry.comment}"]
    return lines


def _items(nodes: Sequence[Top], comments: list[ast.Comment], source: Source | None) -> list[_Item]:
    """Give each comment to a statement."""
    waiting = list(reversed(comments))
    items: list[_Item] = []
    end = -1  # of what came before, in the text
    for number, node in enumerate(nodes):
        item = _Item(node)
        while waiting and waiting[-1].span.start < node.span.start:
            end = _before(item, waiting.pop(), end, source)
        item.gaps.append(_empty_line(source, end, node.span.start))
        while waiting and waiting[-1].span.start < node.span.end:
            item.inside.append(waiting.pop())
        end = node.span.end
        following = nodes[number + 1].span.start if number + 1 < len(nodes) else None
        if waiting and _same_line(node, waiting[-1]) and (following is None or waiting[-1].span.start < following):
            item.after = waiting.pop()
            end = item.after.span.end
        items.append(item)
    last = _Item(None)
    while waiting:
        end = _before(last, waiting.pop(), end, source)
    return [*items, last]


def _before(item: _Item, comment: ast.Comment, end: int, source: Source | None) -> int:
    item.before.append(comment)
    item.gaps.append(_empty_line(source, end, comment.span.start))
    return comment.span.end


def _empty_line(source: Source | None, end: int, start: int) -> bool:
    return source is not None and end >= 0 and _EMPTY_LINE.search(source.text, end, start) is not None


def _same_line(node: Top, comment: ast.Comment) -> bool:
    return "\n" not in comment.span.source.text[node.span.end : comment.span.start]


def _enter(item: _Item, entries: list[_Entry], source: Source | None, indent: int) -> None:
    """Append an item's comments and its statement to the entries."""
    gaps = iter(item.gaps)
    entries += [_Entry(next(gaps), _words(c)) for c in item.before]
    if item.node is None:
        return
    inner: list[ast.Comment] = []
    after = item.after
    if isinstance(item.node, ast.Variant):
        item.inside, opening, inner = _variant_comments(item.node, item.inside)
    gap = next(gaps)
    for comment in item.inside:
        entries.append(_Entry(gap, _words(comment)))
        gap = False
    entry = _Entry(gap, sentence=sentence(item.node, indent), after=_end(after))
    if isinstance(item.node, ast.Variant):
        lines = _block(item.node.statements, inner, source, indent + STEP)
        entry.within = [_end(opening), *lines, " " * indent + "}"]
    if isinstance(item.node, ast.Object) and item.node == item.node.replaced(
        aliases=(), where=None, cardinality=None, outcomes=()
    ):
        entry.bare = [item.node.name.name]
    entries.append(entry)


def _variant_comments(
    node: ast.Variant, comments: list[ast.Comment]
) -> tuple[list[ast.Comment], ast.Comment | None, list[ast.Comment]]:
    """The comments in a variant: within its condition, at the end of its opening line, and among its statements."""
    head_end = (node.when or node.name).span.end
    first = node.statements[0].span.start if node.statements else node.span.end
    head = [c for c in comments if c.span.start < head_end]
    rest = comments[len(head) :]
    opening = rest[0] if rest and rest[0].span.start < first and not _own_line(rest[0]) else None
    return head, opening, rest[1:] if opening else rest


def _own_line(comment: ast.Comment) -> bool:
    text, at = comment.span.source.text, comment.span.start
    return not text[text.rfind("\n", 0, at) + 1 : at].strip(" \t\r\ufeff")


def _words(comment: ast.Comment) -> str:
    """A comment in standard layout: with a space after its mark, inner spaces kept."""
    raw = comment.span.text.rstrip()
    return raw if raw == "#" or raw[1] in " #!" else f"# {raw[1:].lstrip()}"


def _end(comment: ast.Comment | None) -> str:
    return f"  {_words(comment)}" if comment else ""


def _space(entries: list[_Entry]) -> None:
    """Empty lines where the text has none: between kinds, and around multi-line statements."""
    previous: PrintedStatement | None = None
    start: _Entry | None = None
    for entry in entries:
        start = start or entry
        if entry.sentence is None:
            continue
        apart = previous is not None and {previous.kind, entry.sentence.kind} != {"logic", "spec"}
        if previous is not None and previous.kind == entry.sentence.kind:
            apart = previous.kind in ("rule", "test", "variant") and max(_height(previous), _height(entry.sentence)) > 1
        start.gap = apart
        previous, start = entry.sentence, None
    if start is not None and previous is not None:
        start.gap = True


def _height(made: PrintedStatement) -> int:
    return 2 if made.kind == "variant" else len(made.lines)


def _merged(entries: list[_Entry], indent: int) -> list[_Entry]:
    """Objects of which only the names are given, one below the other, in one statement."""
    out: list[_Entry] = []
    for entry in entries:
        last = out[-1] if out else None
        if last and last.bare and entry.bare and not entry.gap and not last.after:
            last.bare += entry.bare
            last.sentence = objects(last.bare, indent)
            last.after = entry.after
        else:
            out.append(entry)
    return out


def _runs(entries: list[_Entry]) -> list[list[_Entry]]:
    """Entries in groups whose outcomes are aligned."""
    number = 0
    keys: list[int] = []
    for n, entry in enumerate(entries):
        before = entries[n - 1].sentence if n else None
        now = entry.sentence
        together = now and before and now.kind == before.kind and len(now.lines) == len(before.lines) == 1
        number += entry.gap or not together
        keys.append(number)
    pairs = zip(keys, entries, strict=True)
    return [[entry for _, entry in group] for _, group in groupby(pairs, key=lambda pair: pair[0])]


def _lines(entry: _Entry, lines: list[str]) -> list[str]:
    """The lines of a statement with its inner and trailing parts."""
    if entry.within:
        opening, *rest = entry.within
        lines = [*lines[:-1], lines[-1] + opening, *rest]
    return [*lines[:-1], lines[-1] + entry.after]
