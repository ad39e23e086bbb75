"""Words into statements.

Owns where a statement begins: at a reserved word that begins one and is followed by what such a statement
needs, or that stands first on its line. So a mistake in one statement leaves the others as they are. Takes
words, gives `Chunk`s; the opening and the closing of a variant are chunks of their own, so that a mistake
inside it is one statement's too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from logidsl.syntax.tokens import Token, line_start

# What must follow the word for the statement to be one.
STARTS: dict[str, tuple[frozenset[str], ...]] = {
    "logic": (frozenset({"NUMBER"}),),
    "spec": (frozenset({"NAME"}),),
    "import": (frozenset({"STRING"}),),
    "param": (frozenset({"NAME"}), frozenset({"="})),
    "scale": (frozenset({"QUANTITY", "NAME", "STRING"}),),
    "doubtful": (frozenset({"NUMBER", "QUANTITY"}),),
    "frame": (frozenset({"NAME"}), frozenset({"("})),
    "color": (frozenset({"NAME"}), frozenset({"="})),
    "region": (frozenset({"NAME"}), frozenset({"="})),
    "grid": (frozenset({"NAME"}), frozenset({"="})),
    "layout": (frozenset({"NAME"}), frozenset({"STRING"})),
    "attribute": (frozenset({"NAME"}), frozenset({":", "of", "STRING"})),
    "blobs": (frozenset({"NAME"}), frozenset({"where"})),
    "object": (frozenset({"NAME"}),),
    "keep": (frozenset({"best"}),),
    "let": (frozenset({"NAME"}), frozenset({"="})),
    "batch": (frozenset({"NAME"}),),
    "view": (frozenset({"NAME"}), frozenset({"of"})),
    "rule": (frozenset({"NAME"}), frozenset({":", "as", "over", "STRING"})),
    "variant": (frozenset({"NAME"}), frozenset({"when", "otherwise"})),
    "test": (frozenset({"STRING"}), frozenset({"on"})),
}
OPEN = {"(": ")", "[": "]", "{": "}"}
CLOSE = {close: mark for mark, close in OPEN.items()}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Words that should be one statement, the opening of a variant with its `{`, or the `}` that closes it.

    `depth` is the greatest number of brackets open at a time, with those of the variants around.
    """

    kind: Literal["statement", "open", "close"]
    words: list[Token]
    depth: int = 0


def starts(words: Sequence[Token], index: int, bracketed: bool = False) -> bool:
    """Whether a statement begins at a word; `bracketed` if a bracket is still open there."""
    word = words[index]
    needed = STARTS.get(word.type)
    if needed is None:
        return False
    after = words[index + 1 : index + 1 + len(needed)]
    if len(after) == len(needed) and all(w.type in types for w, types in zip(after, needed, strict=True)):
        return True
    if word.type == "color":  # it is an attribute as well
        return not bracketed and line_start(word) and bool(after) and after[0].type == "NAME"
    return line_start(word)


def split(words: Sequence[Token]) -> list[Chunk]:
    """Cut words into statements.

    A bracket that is still open where a statement begins belongs to a mistake, and is forgotten there.
    """
    chunks: list[Chunk] = []
    now: list[Token] = []
    brackets: list[str] = []
    variants = deepest = matches = 0

    def cut(kind: Literal["statement", "open", "close"] = "statement") -> None:
        nonlocal now, deepest
        if now:
            chunks.append(Chunk(kind, now, deepest))
        now, deepest = [], 0

    for index, word in enumerate(words):
        if starts(words, index, bool(brackets)):
            cut()
            brackets, matches = [], 0
        if word.type == "}" and not brackets and variants:
            cut()
            now = [word]
            cut("close")
            variants -= 1
            continue
        now.append(word)
        matches += word.type == "match"
        if word.type == "{" and not brackets and not matches and now[0].type == "variant":
            variants += 1
            deepest = max(deepest, variants)
            cut("open")
        elif word.type in OPEN:
            matches -= word.type == "{" and matches > 0
            brackets.append(word.type)
            deepest = max(deepest, variants + len(brackets))
        elif word.type in CLOSE and brackets and brackets[-1] == CLOSE[word.type]:
            brackets.pop()
    cut()
    return chunks
