"""What the tests of the syntax share: the corpus, and ways to look at a tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.lexer import lex
from logidsl.syntax.parse import parse
from logidsl.syntax.split import split

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.logic"))


def statements(text: str) -> list[str]:
    """The statements of a text, each as it is written; a variant in one piece."""
    from logidsl.diagnostics import Bag

    source = Source("corpus", text)
    out: list[str] = []
    start = depth = 0
    for chunk in split(lex(source, Bag())[0]):
        if not depth:
            start = chunk.words[0].span.start
        depth += (chunk.kind == "open") - (chunk.kind == "close")
        if not depth:
            out.append(text[start : chunk.words[-1].span.end])
    return out


SENTENCES = [sentence for path in CORPUS for sentence in statements(path.read_text("utf-8"))]


def read(text: str) -> ast.File:
    """The tree of a text without mistakes."""
    file, bag = parse(Source("test", text))
    assert not bag.items, f"{text}\n{bag}"
    return file


def value(text: str) -> ast.Expr:
    """The tree of an expression."""
    let = read(f"let v = {text}").statements[0]
    assert isinstance(let, ast.Let)
    return let.value


def codes(text: str) -> list[str]:
    """The codes of what is wrong, in the order of the text."""
    return [d.code for d in parse(Source("test", text))[1].sorted()]


def walk(node: ast.Node) -> Iterator[ast.Node]:
    """A node and all below it, without recursion."""
    waiting = [node]
    while waiting:
        now = waiting.pop()
        yield now
        waiting += now.children()


def shape(node: object) -> str:
    """A tree on one line: `Compare(Ref(a) Number(1) =)`, names and numbers bare."""
    if isinstance(node, tuple):
        return "[" + " ".join(shape(n) for n in node) + "]"
    if isinstance(node, ast.Ref | ast.Ident):
        return node.name
    if isinstance(node, ast.Number):
        return node.text
    if isinstance(node, ast.Quantity):
        return node.text + node.unit
    if isinstance(node, ast.Text):
        return f'"{node.value}"'
    if isinstance(node, ast.Node):
        shown = node.compared
        return f"{type(node).__name__}({' '.join(shape(getattr(node, name)) for name in shown)})"
    return "_" if node is None else str(node)
