"""Other names for what a generated spec declares: keywords of Python, names of fields inside, texts as labels.

What a thing is called must make no difference, so a name that means something to the program is worth trying.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import replace

from logidsl.library import builtins
from logidsl.syntax.parse import reserved_words
from logidsl.table import ObjectTable, TextColumn
from tests.proof.choices import Choices
from tests.proof.specs import ATTRIBUTES
from tests.proof.tables import CLASSES, KINDS

INSIDE = (
    "members", "geometry", "columns", "place", "unplaced", "ranks", "has_next", "uncounted", "origin", "read", "why",
    "rows", "store", "objects", "regions", "pixels", "raw", "table", "frame_", "node", "nodes", "value", "values",
    "self", "cls", "model_fields", "model_dump", "kind_", "span", "id", "name", "path", "labels", "items", "keys",
    "__class__", "__dict__", "_", "x0_", "lo", "hi", "depth", "owner", "parts", "label", "note", "unknowns", "none_",
)  # fmt: skip
LABELS = ('"yes"', '"no"', '"A+"', '"none"', '"unknown"', '"1"', '"every bolt"', '"é"', "None", "True", "members")
_WORD = re.compile(r'"[^"\n]*"|[A-Za-z_]\w*')
_MADE = re.compile(r"(?:v|a|b|known|zone|zones|cell|part)\d+")


def renamed(choose: Choices, text: str, table: ObjectTable) -> tuple[str, ObjectTable]:
    """A spec and a table in which some classes, attributes, variables, values and labels have other names."""
    taken = {*builtins("attribute"), *builtins("function"), *builtins("aggregate"), *builtins("source"), "image"}
    pool = [w for w in dict.fromkeys((*INSIDE, *keyword.kwlist)) if w not in taken and w not in reserved_words()]
    made = dict.fromkeys(w for w in _WORD.findall(text) if _MADE.fullmatch(w))
    names: dict[str, str] = {}
    for name in (*CLASSES[:4], *ATTRIBUTES, "kind", "limit", *made):
        if choose.chance(30) and pool:
            names[name] = pool.pop(choose.below(len(pool)))
    labels = list(LABELS)
    words = {label: labels.pop(choose.below(len(labels))) for label in KINDS[:3] if choose.chance(40)}
    said = names | words
    text = _WORD.sub(lambda m: said.get(m[0], m[0]), text)
    columns = {names.get(k, k): c for k, c in table.columns.items()}
    kinds = columns.get(names.get("kind", "kind"))
    if isinstance(kinds, TextColumn):
        texts = [None if t is None else words.get(t, t).strip('"') for t in kinds.texts()]
        columns[names.get("kind", "kind")] = TextColumn.of(texts)
    classes = TextColumn.of([None if c is None else names.get(c, c) for c in table.classes.texts()])
    return text, replace(table, classes=classes, columns=columns)
