"""The automaton that reads words by the LALR tables.

Owns the stack machine: `read` builds, `reach` only asks how far words make sense, `expected` says what could
stand at a place. lark makes the tables; the machine is our own because recovery asks many such questions,
and because it keeps every word, from which spans come. Nothing here recurses: what a user nests deeply
makes the stack long, not the interpreter's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from logidsl.syntax.builders import build
from logidsl.syntax.children import Item
from logidsl.syntax.node import HEIGHT_MAX, Node
from logidsl.syntax.tables import END, Tables, tables
from logidsl.syntax.tokens import Token

__all__ = ["TooDeepError", "UnexpectedWordError", "completion", "expected", "reach", "read"]


class UnexpectedWordError(Exception):
    """A token that is not allowed in its place: its index, or the number of tokens if more are needed."""

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__(index)


class TooDeepError(Exception):
    """The tree becomes too high at this word."""

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__(index)


def read(words: Sequence[Token]) -> list[Item]:
    """Build what some statements say.

    Parameters
    ----------
    words : sequence of Word
        Whole statements.

    Raises
    ------
    UnexpectedWordError
        At the first word that cannot stand there.
    TooDeepError
        Where the tree has too many levels.
    """
    table = tables()
    states, productions, end = table.states, table.productions, table.end
    stack = [table.start]
    values: list[Item | list[Item]] = []
    for index in range(len(words) + 1):
        word = words[index] if index < len(words) else None
        kind = word.type if word else END
        while True:
            action = states[stack[-1]].get(kind)
            if action is None:
                raise UnexpectedWordError(index)
            if action >= 0:
                assert word is not None
                stack.append(action)
                values.append(word)
                break
            origin, builder, size = productions[-1 - action]
            if size == 1 and origin[1] == "_":
                stack[-1] = _passed_up(stack[-2], stack[-1], kind)
                continue
            del stack[len(stack) - size :]
            stack.append(states[stack[-1]][origin])
            parts = values[len(values) - size :]
            made = _made(origin, builder, parts)
            values[len(values) - size :] = (made,)
            if isinstance(made, Node) and made.height > HEIGHT_MAX:
                raise TooDeepError(min(index, len(words) - 1))
            if word is None and stack[-1] == end:
                return made if isinstance(made, list) else [made]
    raise AssertionError("the end is always taken or refused")


@cache
def _passed_up(below: int, state: int, kind: str) -> int:
    """The state after the rules of one part each, which goes to the rule above as it is, that end before a token."""
    table = tables()
    while (action := table.states[state].get(kind, 0)) < 0:
        origin, _, size = table.productions[-1 - action]
        if size != 1 or origin[1] != "_":
            break
        state = table.states[below][origin]
    return state


def _made(origin: str, builder: str, parts: list[Item | list[Item]]) -> Item | list[Item]:
    """What a production makes of its parts.

    A list is what a rule gives to the rule above; the first one is taken over as it is, which keeps a
    repetition of a million parts linear.
    """
    items: list[Item] = []
    for part in parts:
        if type(part) is not list:
            items.append(part)  # type: ignore[arg-type]
        elif items:
            items.extend(part)
        else:
            items = part
    if origin.startswith("<_"):
        return items
    return build(builder, items)


def reach(words: Sequence[Token]) -> int | None:
    """The index of the first token that is not allowed, or None if the statement is complete.

    The number of tokens is returned if they are valid so far but incomplete.
    """
    table = tables()
    stack = [table.start]
    for index, word in enumerate(words):
        if not _step(table, stack, word.type):
            return index
    return None if _step(table, stack, END) else len(words)


def expected(words: Sequence[Token], index: int) -> frozenset[str]:
    """The terminals allowed at an index, up to which the tokens are valid."""
    table = tables()
    stack = [table.start]
    for word in words[:index]:
        _step(table, stack, word.type)
    kinds = {END, *table.reserved, *(name for name, _ in table.terminals)}
    return frozenset(kind for kind in kinds if _step(table, stack.copy(), kind))


#: Tokens that complete any statement, those that close something first.
_CLOSING = (")", "]", "}", "NAME", ":", "->", "then", "(", "{", "=", "of", "..", "on", "expect", "STRING", "NUMBER")
_LONGEST, _TRIED = 12, 3000


def completion(words: Sequence[Token]) -> tuple[str, ...] | None:
    """The shortest sequence of terminals after which words that are valid so far are a statement.

    None if they are not valid, or too much is missing.
    """
    table = tables()
    stack = [table.start]
    for word in words:
        if not _step(table, stack, word.type):
            return None
    waiting: list[tuple[list[int], tuple[str, ...]]] = [(stack, ())]
    seen: set[tuple[int, ...]] = set()
    for stack, added in waiting:
        if _step(table, stack.copy(), END):
            return added
        if len(added) >= _LONGEST or len(waiting) > _TRIED:
            continue
        for kind in _CLOSING:
            after = stack.copy()
            if _step(table, after, kind) and tuple(after) not in seen:
                seen.add(tuple(after))
                waiting.append((after, (*added, kind)))
    return None


def _step(table: Tables, stack: list[int], kind: str) -> bool:
    """Shift one token without building; False if it is not allowed."""
    while True:
        action = table.states[stack[-1]].get(kind)
        if action is None:
            return False
        if action >= 0:
            stack.append(action)
            return True
        origin, _, size = table.productions[-1 - action]
        del stack[len(stack) - size :]
        stack.append(table.states[stack[-1]][origin])
        if kind == END and stack[-1] == table.end:
            return True
