"""The LALR tables of the grammar.

Owns the way from `grammar/logic.lark` to what the parser runs on: the terminals in the order in which they
are tried, and the states. lark makes them, which takes about a second; they are then kept as plain JSON in
the user's cache folder, under a name that holds the hash of the grammar, so that later runs neither build
them nor import lark. Any version of lark makes the same tables of a grammar without conflicts. A cache that
is missing, damaged or not writable costs that second and nothing else. Set `LOGIDSL_CACHE` to another
folder, or to nothing for no cache.

A terminal is called by what it looks like: a reserved word by itself, a sign by itself (`:`), and what is
described by a pattern by its name in the grammar (`NAME`, `NUMBER`, `QUANTITY`, ...). A rule stands in angle
brackets: `<rule>` begins with `rule`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from logidsl.config import cache_folder
from logidsl.diagnostics import InputError
from logidsl.files import replace

FORMAT = 1
END = "$END"


class Production(NamedTuple):
    """A rule of the grammar: what it makes (`<sum>`), who builds it (`sum`), and how many symbols it takes."""

    origin: str
    builder: str
    size: int


@dataclass(frozen=True, slots=True)
class Tables:
    """What lexer and parser run on.

    Parameters
    ----------
    terminals : tuple of (str, str)
        Name and regular expression, in the order to try; the first that fits wins.
    reserved : frozenset of str
        The reserved words, which `NAME` fits as well.
    states : tuple of dict
        For each state, what a symbol leads to: the next state, or `-1 - p` to reduce by production `p`.
    productions : tuple of Production
        The rules.
    start, end : int
        First and last state.
    """

    terminals: tuple[tuple[str, str], ...]
    reserved: frozenset[str]
    states: tuple[dict[str, int], ...]
    productions: tuple[Production, ...]
    start: int
    end: int


def grammar_text() -> str:
    """The text of the grammar: the copy in the installed package, else that of the checkout."""
    packaged = resources.files("logidsl").joinpath("grammar", "logic.lark")
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).parents[2] / "grammar" / "logic.lark").read_text("utf-8")


@cache
def tables() -> Tables:
    """The tables, from the cache or made anew."""
    text = grammar_text()
    path = _cache_path(text)
    found = _load(path) if path else None
    if found is None:
        found = build(text)
        if path:
            _save(path, found)
    return found


#: Words of the grammar that are names wherever no statement about several pictures can stand.
CONTEXTUAL = frozenset({"batch", "over", "view"})


def keywords() -> frozenset[str]:
    """The words of the grammar, also those that are names elsewhere."""
    return tables().reserved


def reserved_words() -> frozenset[str]:
    """The words that are never names.

    Examples
    --------
    >>> "every" in reserved_words(), "bolt" in reserved_words(), "batch" in reserved_words()
    (True, False, False)
    """
    return keywords() - CONTEXTUAL


def build(text: str) -> Tables:
    """Make the tables of a grammar with lark.

    Conflicts are not looked for here, as that needs a further package: a test builds the grammar in
    lark's strict mode, where each conflict is an error.

    Parameters
    ----------
    text : str
        A grammar in lark's notation, of the subset that `logic.lark` keeps.

    Raises
    ------
    lark.exceptions.GrammarError
        If the grammar is none.
    """
    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(text, parser="lalr", lexer="basic", keep_all_tokens=True)
    called = {t.name: t.pattern.value if t.pattern.type == "str" else t.name for t in lark.terminals} | {END: END}
    strings = {t.pattern.value for t in lark.terminals if t.pattern.type == "str"}
    reserved = frozenset(s for s in strings if s.isidentifier())
    tried = sorted(lark.terminals, key=lambda t: (-t.pattern.max_width, -len(t.pattern.value), t.name))
    table = lark.parse_interactive().parser_state.parse_conf.parse_table
    place = {rule: n for n, rule in enumerate(lark.rules)}
    root = len(place)
    rows = {
        number: {
            called.get(symbol, f"<{symbol}>"): int(arg) if action is Shift else -1 - place.get(arg, root)
            for symbol, (action, arg) in row.items()
        }
        for number, row in table.states.items()
    }
    states, number = _numbered(rows, int(table.start_states["start"]))
    return Tables(
        terminals=tuple((called[t.name], t.pattern.to_regexp()) for t in tried if called[t.name] not in reserved),
        reserved=reserved,
        states=states,
        productions=tuple(
            Production(f"<{r.origin.name}>", r.alias or r.origin.name, len(r.expansion)) for r in lark.rules
        ),
        start=0,
        end=number[int(table.end_states["start"])],
    )


def _numbered(rows: dict[int, dict[str, int]], start: int) -> tuple[tuple[dict[str, int], ...], dict[int, int]]:
    """The states as they are met from the first one on: lark numbers them anew in each run."""
    order = [start]
    number = {start: 0}
    for old in order:
        for _, to in sorted(rows[old].items()):
            if to >= 0 and to not in number:
                number[to] = len(order)
                order.append(to)
    states = tuple({s: number[to] if to >= 0 else to for s, to in sorted(rows[old].items())} for old in order)
    return states, number


# ---- the cache ----


def _cache_path(text: str) -> Path | None:
    """Where the tables of a grammar are kept, or None if there is to be no cache."""
    folder = cache_folder()
    if folder is None:
        return None
    key = hashlib.sha256(f"{FORMAT}\n{text}".encode()).hexdigest()[:16]
    return folder / f"tables-{key}.json"


def _save(path: Path, found: Tables) -> None:
    """Write the tables in one step, so that a reader never sees half a file; a full or read-only disk is ignored."""
    body = json.dumps(asdict(found) | {"reserved": sorted(found.reserved)}, separators=(",", ":"))
    with contextlib.suppress(OSError, InputError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, (hashlib.sha256(body.encode()).hexdigest() + "\n" + body).encode("ascii"))


def _load(path: Path) -> Tables | None:
    """The tables in a cache file, or None if it is missing or not what was written."""
    try:
        digest, _, body = path.read_text("ascii").partition("\n")
        if hashlib.sha256(body.encode()).hexdigest() != digest:
            return None
        data = json.loads(body)
        return Tables(
            terminals=tuple((name, pattern) for name, pattern in data["terminals"]),
            reserved=frozenset(data["reserved"]),
            states=tuple(data["states"]),
            productions=tuple(Production(*p) for p in data["productions"]),
            start=data["start"],
            end=data["end"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
