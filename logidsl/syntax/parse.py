"""From text to tree: the text form of a spec.

Owns `parse`. A source is cut into words (`lexer`), the words into statements (`split`), and
each statement is read by itself (`machine`), so that one mistake costs one message and one statement. What
cannot be read goes to `errors`, which says why and, where the intent is plain, gives the words that were
meant, so that reading goes on. Takes a `Source`, returns the tree and the `Bag` of what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable

from logidsl.diagnostics import Bag, Diagnostic
from logidsl.source import Source
from logidsl.syntax import ast, errors, lalr_parser
from logidsl.syntax.children import Item
from logidsl.syntax.lexer import lex
from logidsl.syntax.node import HEIGHT_MAX
from logidsl.syntax.spec_files import SIZE_MAX, read_source
from logidsl.syntax.split import Chunk, split
from logidsl.syntax.tables import reserved_words
from logidsl.syntax.tokens import Token

__all__ = ["BRACKETS_MAX", "SIZE_MAX", "parse", "parse_chunks", "read_source", "reserved_words"]

BRACKETS_MAX = 100
REPAIRS_MAX = 8


def parse(source: Source) -> tuple[ast.File, Bag]:
    """Read a spec.

    Never raises, whatever the source contains, and takes linear time.

    Parameters
    ----------
    source : Source
        The text.

    Returns
    -------
    file : File
        The statements that could be read; `broken` has the names that the others were about to declare.
    bag : Bag
        What is wrong; the tree is whole where it holds no error.

    Examples
    --------
    >>> file, bag = parse(Source("a.logic", "object bolt: 2"))
    >>> bag.ok, file.statements[0].name
    (True, Ident(name='bolt'))
    >>> print(parse(Source("a.logic", "rule two: count(bolt) == 2"))[1])
    error[E020]: expected `=`, found `==`
      --> a.logic:1:23
     1 | rule two: count(bolt) == 2
       |                       ^^
      fix: write `=`
    """
    bag = Bag()
    refused = errors.whole(source, SIZE_MAX)
    if refused:
        bag.add(refused)
        return ast.File(None, None, (), span=source.span(0, 0)), bag
    words, comments = lex(source, bag)
    return parse_chunks(source, split(words), bag, comments), bag


def parse_chunks(source: Source, chunks: Iterable[Chunk], bag: Bag, comments: Iterable[ast.Comment] = ()) -> ast.File:
    """Read some of the statements of a source; see `parse`."""
    assembly = _Assembly(source, bag)
    for chunk in chunks:
        assembly.take(chunk)
    return assembly.file(tuple(comments))


class _Assembly:
    """A file under construction: the statements so far, and the open variants."""

    def __init__(self, source: Source, bag: Bag) -> None:
        self.source = source
        self.bag = bag
        self.version: ast.Version | None = None
        self.spec: ast.SpecName | None = None
        self.broken: list[ast.Ident] = []
        self.unread: list[ast.Ident] = []
        self.levels: list[list[ast.Statement]] = [[]]
        self.opened: list[tuple[ast.Variant | None, Token]] = []

    def take(self, chunk: Chunk) -> None:
        """Read a chunk into the file."""
        if chunk.depth > BRACKETS_MAX:
            self.bag.add(errors.too_deep(chunk.words, BRACKETS_MAX))
            self.lose(chunk.words)
        elif chunk.kind == "statement":
            for item in self.read(chunk.words):
                self.place(item)
        if chunk.kind == "open":
            brace = chunk.words[-1]
            closing = Token("}", "}", brace.span)
            made = self.read([*chunk.words, closing]) if chunk.depth <= BRACKETS_MAX else []
            variant = made[0] if made and isinstance(made[0], ast.Variant) else None
            self.opened.append((variant, brace))
            self.levels.append([])
        elif chunk.kind == "close":
            self.close(chunk.words[0])

    def lose(self, words: list[Token]) -> None:
        """Note the names of a statement that cannot be read."""
        self.broken += errors.declared(words)
        self.unread += errors.named(words)

    def read(self, words: list[Token]) -> list[Item]:
        """Parse the tokens of a statement; errors are reported.

        A recovery provides the tokens that were meant, as one statement or several.
        """
        done: list[Item] = []
        waiting, repairs = [words], 0
        while waiting:
            now = waiting.pop(0)
            try:
                done += lalr_parser.read(now)
            except lalr_parser.TooDeepError as stop:
                self.bag.add(errors.too_high(now, stop.index))
                self.lose(now)
            except lalr_parser.UnexpectedWordError as stop:
                found = errors.explain(self.source, now, stop.index)
                if found.diagnostic:
                    self.bag.add(found.diagnostic)
                repairs += 1
                if found.meant and repairs <= REPAIRS_MAX:
                    waiting[:0] = found.meant
                else:
                    self.lose(now)
        return done

    def place(self, item: Item) -> None:
        """Put what was read where it belongs."""
        if isinstance(item, ast.Version):
            self.head(item, "logic", self.version, bool(self.spec))
            self.version = self.version or item
        elif isinstance(item, ast.SpecName):
            self.head(item, "spec", self.spec, False)
            self.spec = self.spec or item
        elif isinstance(item, ast.Node):
            self.levels[-1].append(item)  # type: ignore[arg-type]  # the grammar has nothing else at this level

    def head(self, item: ast.Node, word: str, first: ast.Node | None, late: bool) -> None:
        """Check that `logic` or `spec` occurs once, before the rest."""
        if first is not None:
            other = (first.span, "the first one")
            message = f"expected one `{word}`, found a second"
            self.bag.add(Diagnostic("E037", message, item.span, "remove one of them", other))
        elif late or len(self.levels) > 1 or self.levels[0]:
            message = f"expected `{word}` at the top of the file, found it after other statements"
            self.bag.add(Diagnostic("E037", message, item.span, f"move `{item.span.text}` to the top"))

    def close(self, brace: Token | None) -> None:
        """Close the innermost variant."""
        statements = self.levels.pop()
        variant, opening = self.opened.pop()
        if brace is None:
            self.bag.add(errors.unclosed(opening))
        if variant is None:
            self.levels[-1] += statements
            return
        end = brace.span if brace else (statements[-1].span if statements else opening.span)
        variant = variant.replaced(statements=tuple(statements), span=variant.span.to(end))
        if variant.height > HEIGHT_MAX:
            self.bag.add(errors.too_deep([opening], BRACKETS_MAX))
        else:
            self.levels[-1].append(variant)

    def file(self, comments: tuple[ast.Comment, ...]) -> ast.File:
        """The file, with what was left open closed."""
        while self.opened:
            self.close(None)
        return ast.File(
            self.version,
            self.spec,
            tuple(self.levels[0]),
            comments=comments,
            broken=tuple(self.broken),
            unread=tuple(self.unread),
            span=self.source.span(0, len(self.source.text)),
        )
