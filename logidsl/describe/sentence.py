"""A sentence about a spec, with its position."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a statement of a spec says.

    Parameters
    ----------
    kind : str
        Which statement: `spec`, `scale`, `camera`, `frame`, `doubtful`, `color`, `attribute`, `blobs`, `source`,
        `object`, `keep`, `param`, `set`, `region`, `grid`, `let`, `rule`, `cardinality`, `variant`, `test`.
    name : str
        What it declares; empty if it has no name.
    sentence : str
        The sentence, or several of them.
    line : int
        Where the statement begins, from 1; 0 where the program does not know.
    path : str
        In which file.
    """

    kind: str
    name: str
    sentence: str
    line: int
    path: str
