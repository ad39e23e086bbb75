"""How words are laid out on lines of a given width.

The algebra of Wadler's "A prettier printer" (2003), in the small: a text is made of pieces, a group of them
stands on one line where it fits, and else each of its own line breaks is taken. A fill takes a break only
where the next piece no longer fits. `render` looks at each piece at most twice for each group around it, and
does not recurse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 100
STEP = 4


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a line may end; otherwise `flat` is written."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces one after the other."""

    pieces: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Nest:
    """A piece whose further lines are indented by one more step."""

    piece: Doc


@dataclass(frozen=True, slots=True)
class Group:
    """A piece whose own breaks are taken all, or none."""

    piece: Doc


@dataclass(frozen=True, slots=True)
class Fill:
    """Pieces in a list, as many on a line as fit."""

    pieces: tuple[Doc, ...]
    sign: str = ","


Doc: TypeAlias = str | Break | Row | Nest | Group | Fill
LINE = Break()
SOFT = Break("")


def row(*pieces: Doc) -> Row:
    """Pieces one after the other."""
    return Row(pieces)


def joined(pieces: Sequence[Doc], between: Doc) -> Row:
    """Pieces with another between each two."""
    return Row(tuple(p for n, piece in enumerate(pieces) for p in ((between, piece) if n else (piece,))))


def flat(piece: Doc) -> str:
    """A piece on one line.

    Examples
    --------
    >>> flat(Group(row("a", LINE, "or b")))
    'a or b'
    """
    out: list[str] = []
    waiting = [piece]
    while waiting:
        now = waiting.pop()
        match now:
            case str():
                out.append(now)
            case Break():
                out.append(now.flat)
            case Row():
                waiting.extend(reversed(now.pieces))
            case Nest() | Group():
                waiting.append(now.piece)
            case Fill():
                waiting.extend(reversed(joined(now.pieces, f"{now.sign} ").pieces))
    return "".join(out)


Waiting: TypeAlias = tuple[int, bool, Doc]  # indent, whether on one line, what


def render(piece: Doc, indent: int = 0, width: int = WIDTH) -> list[str]:
    """The lines of a piece.

    Parameters
    ----------
    piece : Piece
        What to lay out.
    indent : int
        Spaces before each line.
    width : int
        Characters on a line, where the words allow it.

    Examples
    --------
    >>> render(Group(row("a", Nest(row(LINE, "or b")))), width=4)
    ['a', '    or b']
    """
    lines: list[str] = []
    now = " " * indent
    waiting: list[Waiting] = [(indent, False, piece)]
    while waiting:
        by, on_one, item = waiting.pop()
        match item:
            case str():
                now += item
            case Break():
                if on_one:
                    now += item.flat
                else:
                    lines.append(now.rstrip())
                    now = " " * by
            case Row():
                waiting.extend((by, on_one, p) for p in reversed(item.pieces))
            case Nest():
                waiting.append((by + STEP, on_one, item.piece))
            case Group():
                fits = on_one or _fits(width - len(now), item.piece, waiting)
                waiting.append((by, fits, item.piece))
            case Fill():
                for n, p in reversed(list(enumerate(item.pieces))):
                    last = n + 1 == len(item.pieces)
                    word = p if last else row(p, item.sign)
                    waiting.append((by, on_one, Group(row(LINE, word)) if n else Group(word)))
    return [*lines, now.rstrip()]


def _fits(room: int, piece: Doc, after: list[Waiting]) -> bool:
    """Whether a piece fits, with what follows it on the same line."""
    todo: list[tuple[bool, Doc]] = [(True, piece)]
    following = len(after)
    while room >= 0:
        if not todo:
            if not following:
                return True
            following -= 1
            _, on_one, item = after[following]
            todo.append((on_one, item))
        on_one, now = todo.pop()
        match now:
            case str():
                room -= len(now)
            case Break():
                if not on_one:
                    return True
                room -= len(now.flat)
            case Row():
                todo.extend((on_one, p) for p in reversed(now.pieces))
            case Nest() | Group():
                todo.append((on_one, now.piece))
            case Fill():
                todo.extend((on_one, p) for p in reversed(joined(now.pieces, f"{now.sign} ").pieces))
    return False
