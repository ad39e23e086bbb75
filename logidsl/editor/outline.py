"""What is known of a text in the text form at every keystroke: its tokens, cut into statements.

A statement that did not change keeps its diagnostics, moved to where it stands now. One that did is read and checked
again, together with the declarations that it depends on and nothing else, which takes milliseconds however long the
spec is. What depends on the whole spec (warnings, a name that is now declared twice, a use of a name that is gone)
comes with the next `Analysis`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from logidsl.check import check_in
from logidsl.check.context import Context
from logidsl.diagnostics import Bag, Diagnostic
from logidsl.editor.analysis import ReadFile
from logidsl.source import NOWHERE, Source, Span, same_ends
from logidsl.syntax import ast, errors
from logidsl.syntax.lexer import lex
from logidsl.syntax.parse import SIZE_MAX, parse_chunks
from logidsl.syntax.split import Chunk, split
from logidsl.syntax.tokens import Token

#: Changed statements that are checked at once; of more than these the analysis tells.
CHANGED_MAX = 8
#: What may give meaning to any statement without being named there.
_EVERYWHERE = frozenset({"import", "scale", "frame"})
#: What no other statement depends on by name.
_LEAVES = frozenset({"rule", "test", "variant", "logic", "spec", "keep", "doubtful"})
#: What is wrong with these depends on all rules, or on other files.
_WHOLE = frozenset({"test", "import", "layout"})


@dataclass(frozen=True, eq=False)
class Outline:
    """The statements of a text.

    Parameters
    ----------
    source : Source
        The text.
    tokens : list of Token
        All of it.
    comments : list of Comment
        The comments.
    chunks : list of Chunk
        The tokens by statement.
    lexical : tuple of Diagnostic
        What is wrong with tokens.
    """

    source: Source
    tokens: list[Token]
    comments: list[ast.Comment]
    chunks: list[Chunk]
    lexical: tuple[Diagnostic, ...]

    @cached_property
    def starts(self) -> list[int]:
        """Where each statement begins."""
        return [c.words[0].span.start for c in self.chunks]

    @cached_property
    def texts(self) -> list[str]:
        """The text of each statement."""
        return [self.source.text[c.words[0].span.start : c.words[-1].span.end] for c in self.chunks]

    @cached_property
    def declared(self) -> dict[str, list[int]]:
        """The statements that declare a name; rules and tests are left out."""
        found: dict[str, list[int]] = {}
        for number, chunk in enumerate(self.chunks):
            if chunk.words[0].type not in _LEAVES:
                for name in errors.declared(chunk.words):
                    found.setdefault(name.name, []).append(number)
        return found

    @cached_property
    def _everywhere(self) -> list[int]:
        return [n for n, c in enumerate(self.chunks) if c.words[0].type in _EVERYWHERE]

    def at(self, offset: int) -> int | None:
        """The statement in or after which an offset lies; None before the first."""
        number = bisect_right(self.starts, offset) - 1
        return None if number < 0 else number

    def needed(self, words: Iterable[Token]) -> list[int]:
        """The statements that some words depend on, in order."""
        found, waiting = set(self._everywhere), [w for n in self._everywhere for w in self.chunks[n].words]
        waiting += words
        while waiting:
            word = waiting.pop()
            for number in self.declared.get(word.text, ()) if word.type == "NAME" else ():
                if number not in found:
                    found.add(number)
                    waiting += self.chunks[number].words
        return sorted(found)

    def plain(self, numbers: Iterable[int]) -> list[Chunk]:
        """Some of the statements, without what opens and closes a variant."""
        return [c for n in sorted(numbers) if (c := self.chunks[n]).kind == "statement"]


def outline(source: Source, old: Outline | None = None) -> Outline:
    """Cut a text into statements; an outline of the text before an edit makes it faster."""
    bag = Bag()
    refused = errors.whole(source, SIZE_MAX)
    if refused:
        return Outline(source, [], [], [], (refused,))
    if old is not None and (again := _relexed(source, old)) is not None:
        tokens, comments = again
    else:
        tokens, comments = lex(source, bag)
    return Outline(source, tokens, comments, split(tokens), tuple(bag.items))


def _relexed(source: Source, old: Outline) -> tuple[list[Token], list[ast.Comment]] | None:
    """The tokens after an edit, of which only the changed lines are read: no token continues on the next line.

    None if something is misspelt, which may then concern several lines.
    """
    before, after = old.source.text, source.text
    if old.lexical or not old.tokens:
        return None
    most, same = min(len(before), len(after)), _alike(before, after)
    start = before.rfind("\n", 0, same) + 1
    alike = _alike(before[start:][::-1][: most - start], after[start:][::-1][: most - start])
    end = before.find("\n", len(before) - alike)
    end = len(before) if end < 0 else end
    by, bag = len(after) - len(before), Bag()
    tokens, comments = lex(Source("", after[start : end + by]), bag)
    if bag.items:
        return None
    new = tuple.__new__  # thousands of tokens at each keystroke
    found = [new(Token, (k, x, new(Span, (source, a, b)))) for k, x, (_, a, b) in old.tokens if a < start]
    found += [new(Token, (k, x, new(Span, (source, a + start, b + start)))) for k, x, (_, a, b) in tokens]
    found += [new(Token, (k, x, new(Span, (source, a + by, b + by)))) for k, x, (_, a, b) in old.tokens if a >= end]
    remarks = [c for c in old.comments if c.span.start < start]
    moved = [(remarks, 0), (comments, start), ([c for c in old.comments if c.span.start >= end], by)]
    said = [c.replaced(span=Span(source, c.span.start + d, c.span.end + d)) for part, d in moved for c in part]
    return found, said


def _alike(a: str, b: str) -> int:
    """The number of characters with which two texts begin alike."""
    least, most = 0, min(len(a), len(b))
    while least < most:
        middle = (least + most + 1) // 2
        if a[least:middle] == b[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def checked(context: Context, source: Source, chunks: list[Chunk], further: tuple[ast.Statement, ...] = ()) -> None:
    """Check some statements in a context, as if others were missing: what only a complete spec is asked is left out."""
    unfinished = Diagnostic("E042", "the other statements are left out", NOWHERE)
    context.bag.items.append(unfinished)
    file = parse_chunks(source, chunks, context.bag)
    check_in(context, file.replaced(statements=(*file.statements, *further)))
    context.bag.items.remove(unfinished)


def update(old: Outline, said: Iterable[Diagnostic], new: Outline, read_file: ReadFile) -> list[Diagnostic] | None:
    """The diagnostics of a text after an edit.

    Parameters
    ----------
    old : Outline
        The text before.
    said : iterable of Diagnostic
        What was wrong with it.
    new : Outline
        The text now.
    read_file : callable
        Returns the text of an imported file; raises InputError.

    Returns
    -------
    list of Diagnostic or None
        None if too much has changed.
    """
    before, after = old.texts, new.texts
    same, behind = same_ends(before, after)
    changed = range(same, len(after) - behind)
    if len(changed) > CHANGED_MAX or (not before and len(changed) > 1):
        return None
    found = Bag([], limit=200)
    found.extend(new.lexical)
    for d in said:
        if (moved := _moved(d, old, new, same, len(before) - behind)) is not None:
            _add(found, moved)
    for d in _of(new, changed, read_file):
        _add(found, d)
    return found.sorted()


def _add(bag: Bag, d: Diagnostic) -> None:
    if not any(d.code == o.code and d.message == o.message and d.span[1:] == o.span[1:] for o in bag.items):
        bag.add(d)


def _of(text: Outline, changed: range, read_file: ReadFile) -> list[Diagnostic]:
    """What is wrong with some statements by themselves."""
    mine = [text.chunks[n] for n in changed]
    if not mine:
        return []
    first, last = mine[0].words[0].span.start, mine[-1].words[-1].span.end
    needed = {*text.needed(w for c in mine for w in c.words), *changed}
    context = Context(Bag(), path=text.source.path, read=read_file)
    checked(context, text.source, text.plain(needed))
    bag = Bag()
    parse_chunks(text.source, mine, bag)  # with what opens and closes a variant
    syntax = bag.items
    whole = [(c.words[0].span.start, c.words[-1].span.end) for c in mine if c.words[0].type in _WHOLE]
    checks = [d for d in context.bag.items if not any(a <= d.span.start <= b for a, b in whole)]
    return [d for d in (*syntax, *checks) if d.span.source is text.source and first <= d.span.start <= last]


def _moved(d: Diagnostic, old: Outline, new: Outline, same: int, changed_to: int) -> Diagnostic | None:
    """A diagnostic of an unchanged statement where the statement stands now; None if the statement changed."""

    def now(span: Span) -> Span | None:
        number = old.at(span.start) if span.source is old.source else None
        if number is None or same <= number < changed_to:
            return None
        there = number if number < same else number + len(new.chunks) - len(old.chunks)
        by = new.starts[there] - old.starts[number]
        return Span(new.source, span.start + by, min(span.end + by, len(new.source.text)))

    span, other = now(d.span), now(d.other[0]) if d.other is not None else None
    beside = (other, d.other[1]) if other is not None and d.other is not None else None
    return None if span is None else replace(d, span=span, other=beside)
