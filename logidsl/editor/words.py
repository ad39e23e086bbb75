"""The words of the language with what an editor says of them: keywords, units, snippets.

The lists come from the grammar and from the declarations of builtins; the highlighters are generated from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from logidsl.library import Builtin, Group, builtins
from logidsl.library.declare import REGISTRY
from logidsl.syntax.split import STARTS
from logidsl.syntax.syntax_error_context import OUTCOMES
from logidsl.syntax.tables import keywords
from logidsl.types import MM_PER, UNITS

#: How a statement begins, as a snippet with places to fill in.
SNIPPETS: Mapping[str, tuple[str, str]] = {
    "logic": ("logic 1", "the language version"),
    "spec": ('spec ${1:name} "${2:title}"', "the spec's name in reports"),
    "import": ('import "${1:file.logic}"', "includes another file"),
    "param": ("param ${1:name} = ${2:10 px} in ${3:0 .. 50 px}", "a value that can be set from outside"),
    "scale": ("scale 1 px = ${1:0.08} mm", "the size of a pixel"),
    "doubtful": ("doubtful ${1:0.3 .. 0.6}", "confidences of doubtful detections"),
    "frame": ("frame turned(${1:plate})", "the axes of a part for all places"),
    "color": ('color ${1:name} = "#${2:c42d30}" within ${3:20}', "a named colour and its reach"),
    "region": ("region ${1:name} = box(${2:0 %, 0 %, 50 %, 100 %})", "a place in the picture"),
    "grid": ("grid ${1:cell} = ${2:3} rows, ${3:5} columns", "cells of a place"),
    "layout": ('layout ${1:name} "${2:golden.csv}"', "places for parts, from a file"),
    "attribute": ("attribute ${1:kind} of ${2:part}: ${3:left | right}", "a column of the table"),
    "blobs": ("blobs ${1:name} where ${2:lightness < 40 %} then open(${3:3 px})", "objects from pixels"),
    "object": ("object ${1:name}: ${2:1}", "a class of objects and the required number"),
    "keep": ("keep best of ${1:part} where overlap > ${2:60 %}", "one of overlapping detections"),
    "let": ("let ${1:name} = ${2:value}", "a name for a value, a condition or one object"),
    "batch": ("batch ${1:lot} by ${2:lot_id}", "pictures that belong together"),
    "view": ('view ${1:front} of ${2:unit} by path "${3:*_front.png}"', "some of the pictures of each batch"),
    "rule": ('rule ${1:name} "${2:title}" as ${3:quantity}:\n    ${0:condition}', "a condition that must hold"),
    "variant": ("variant ${1:name} when ${2:condition} {\n    $0\n}", "rules for one kind of part"),
    "test": (
        'test "${1:title}" on ${2:400 px} by ${3:300 px}\n    put ${4:part} box(${5:0 px, 0 px, 50 px, 50 px})\n'
        "    expect ${0:pass}",
        "a test of the spec",
    ),
}
#: The other reserved words, apart from relations, whose declarations document them.
KEYWORDS: Mapping[str, str] = {
    "and": "both sides are true",
    "as": "the kind of a rule",
    "at": "places where a grid is divided; `at least`, `at most`",
    "best": "of overlapping detections, the best is kept",
    "by": "an order; the other side of a size",
    "columns": "the columns of a grid",
    "defect": "the label of the findings",
    "else": "the value where no case fits, or the condition is false",
    "every": "the condition holds for each member of a set",
    "expect": "what a test expects: pass, fail or review, of the picture or of rules; `defect` with a label",
    "high": "the label if the measured value is too large",
    "if": "a condition on which another one, or a value, depends",
    "in": "within a range, ends included, or one of a list",
    "least": "`at least`: a smallest number",
    "low": "the label if the measured value is too small",
    "match": "a value by cases; the first that fits counts",
    "message": "the text of the findings; `{name}` is filled in",
    "most": "`at most`: a greatest number",
    "next": "each member with its successor in an order",
    "no": "no member meets the condition",
    "not": "the condition is false",
    "of": "whose value, frame or class it is",
    "on": "the scene of a test; the view whose pictures are meant",
    "or": "at least one side is true",
    "other": "the set without the current members of the enclosing iterations",
    "otherwise": "where no other variant applies",
    "over": "the batch that a rule is about, or its last pictures",
    "put": "an object of a test's scene",
    "rows": "the rows of a grid",
    "severity": "a word of your own for how bad a violation is",
    "some": "at least one member meets the condition",
    "then": "what follows from a condition; the next step of `blobs`",
    "verdict": "`verdict review`: a violation asks for review and does not reject",
    "when": "the condition of a variant",
    "where": "the members or pixels for which a condition holds",
    "wholly": "`wholly inside`: with no part outside",
    "with": "names for values, settings, or values of an object",
    "within": "how far apart two values may be; the reach of a colour",
}
_UNIT_WORDS = {
    "px": "pixels of the picture",
    "px2": "an area in pixels",
    "deg": "degrees",
    "days": "days between two dates",
    "%": "a share: of the picture, of a side, of 1",
    "mm": "millimetres, by the scale",
    "cm": "centimetres, by the scale",
    "um": "micrometres, by the scale",
    "inch": "inches of 25.4 mm, by the scale",
    "mil": "thousandths of an inch, by the scale",
}
#: Kinds of rules that are usual.
USUAL_KINDS = ("quantity", "size", "position", "matching")


def relation_words() -> frozenset[str]:
    """The words of which relations are made."""
    return frozenset(word for name in builtins("relation") for word in name.split())


def keyword_groups() -> dict[str, list[str]]:
    """The reserved words by what they do: `statement`, `outcome`, `relation`, `operator`, `control`."""
    statements, relations = set(STARTS), relation_words()
    operators = {"and", "or", "not", "in", "within"}
    rest = keywords() - statements - OUTCOMES - relations - operators
    found = {
        "statement": statements,
        "outcome": OUTCOMES,
        "relation": relations,
        "operator": operators,
        "control": rest,
    }
    return {group: sorted(words) for group, words in found.items()}


def builtin_words() -> dict[str, list[str]]:
    """The names of builtins by how they are written: `function`, called with arguments, and `attribute`."""
    called = [g for g in get_args(Group) if g not in ("operator", "relation", "attribute")]
    functions = {name for g in called for name in builtins(g) if name.isidentifier()}
    return {"function": sorted(functions), "attribute": sorted(builtins("attribute"))}


def unit_words(*, scaled: bool = True) -> dict[str, str]:
    """The units with what they mean; without a scale only those that need none."""
    return {u: _UNIT_WORDS.get(u) or f"an area: {_UNIT_WORDS[u[:-1]]}" for u in UNITS if scaled or not _scaled(u)}


def _scaled(unit: str) -> bool:
    return unit.rstrip("2") in MM_PER


def entries(name: str, *groups: Group) -> list[Builtin]:
    """The declarations of a name, in the order of the groups."""
    return [entry for g in groups or get_args(Group) if (entry := REGISTRY.get((g, name))) is not None]


def documentation(entry: Builtin) -> str:
    """A declaration in Markdown: signature, meaning, example."""
    example = f"\n\n```logic\n{entry.example}\n```" if entry.example else ""
    return f"```logic\n{entry.signature}\n```\n\n{entry.doc}{example}"
