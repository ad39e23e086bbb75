"""The keys of the YAML form.

Owns `SHAPES`, the one declaration of which keys a spec in YAML has and what stands under each; `yaml_shape`
checks a file by it, and `schema` gives it as a JSON Schema for editors and for decoders that take one. A shape
says what a text, a list and a mapping mean in its place, so what a file has there decides which of them is
meant, and a message never blames the wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

TextKind: TypeAlias = Literal["name", "option", "level", "number", "count", "text", "label", "words"]

# As patterns for a JSON Schema, which has regular expressions of ECMAScript.
PATTERNS: dict[TextKind, str] = {
    "name": "^[A-Za-z_][A-Za-z0-9_]{0,47}$",
    "option": "^[A-Za-z_][A-Za-z0-9_]{0,47}$",  # `color` too, which is a reserved word
    "level": "^[A-Za-z_][A-Za-z0-9_]{0,47}$",  # `high` and `low` too
    "number": r"^[0-9]{1,9}(\.[0-9]{1,6})?$",
    "count": "^[0-9]{1,9}$",
    "text": r'^[^"\\\n]{0,200}$',
    "label": r'^([^"\\\n]{0,200}|"[^"\\\n]{0,200}")$',
    "words": r"\S",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand in a place.

    Parameters
    ----------
    about : str
        Its description in a message, after `expected`.
    text : str, optional
        The kind of text allowed here, or None.
    items : str, optional
        The shape of the parts of a list.
    keys : mapping of str to str
        Keys of a mapping, and the shapes under them.
    entries : str, optional
        The shape under any other key, which is a name that the user chooses.
    entry_kind : str
        The kind of these names.
    needs : tuple of str
        Keys that must be there.
    one_of : tuple of str
        Of these there is exactly one.
    some_of : tuple of str
        Of these there is at least one.
    beside : mapping of str to tuple of str
        What a key needs beside it.
    without : mapping of str to tuple of str
        What a key cannot stand beside.
    least : int
        How many parts a list, and entries a mapping, has at least.
    """

    about: str
    text: TextKind | None = None
    items: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    entries: str | None = None
    entry_kind: TextKind = "name"
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    some_of: tuple[str, ...] = ()
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    least: int = 1

    @property
    def mapping(self) -> bool:
        """Whether a mapping may stand here."""
        return bool(self.keys or self.entries)


CLAUSE = {
    "check": "clause",
    "every": "words",
    "some": "words",
    "none": "words",
    "all": "clauses",
    "any": "clauses",
    "not": "clause",
    "if": "clause",
    "then": "clause",
    "else": "clause",
    "match": "words",
    "cases": "cases",
}
ONE_CLAUSE = ("check", "some", "none", "all", "any", "not", "if", "match")
MATCH = {"match": ("cases",), "cases": ("match",)}
BESIDE = {"if": ("then",), "then": ("if",), "else": ("if",), **MATCH}
OUTCOMES = {"defect": "labels", "low": "labels", "high": "labels", "severity": "levels", "message": "texts"}

# Statements with a name of their own; under the word of the statement stands a mapping of them.
NAMED = {
    "param": "param",
    "color": "color",
    "region": "region",
    "grid": "grid",
    "attribute": "attribute",
    "blobs": "blobs",
    "object": "object",
    "let": "let",
    "rule": "rule",
    "variant": "variant",
    "test": "test",
}
# In the order in which they are written.
SECTIONS: dict[str, str] = {
    "import": "import",
    "param": "params",
    "scale": "words_or_list",
    "doubtful": "doubtful",
    "frame": "words_or_list",
    "color": "colors",
    "region": "regions",
    "grid": "grids",
    "attribute": "attributes",
    "blobs": "blobs_all",
    "object": "objects",
    "keep": "words_or_list",
    "let": "lets",
    "rule": "rules",
    "variant": "variants",
    "test": "tests",
}

SHAPES: dict[str, Shape] = {
    "file": Shape(
        "the statements of a spec",
        keys={"logic": "number", "spec": "name", "about": "text", **SECTIONS},
        beside={"about": ("spec",)},
    ),
    # ---- texts ----
    "name": Shape("a name", text="name"),
    "number": Shape("a number", text="number"),
    "text": Shape("a text", text="text"),
    "words": Shape("words of the text form", text="words"),
    "option": Shape("a name", text="option"),
    "listed": Shape("a label", text="label"),
    "options": Shape("a label or a list of labels", text="label", items="listed"),
    "level": Shape("a name", text="level"),
    "levels": Shape("a name or a list of names", text="level", items="level"),
    "names": Shape("a name or a list of names", text="name", items="name"),
    "texts": Shape("a text or a list of texts", text="text", items="text"),
    "words_or_list": Shape("words of the text form, or a list of them", text="words", items="words"),
    # ---- conditions ----
    "clause": Shape(
        "a condition or value: in words, or with a key such as `all`",
        text="words",
        keys=CLAUSE,
        one_of=ONE_CLAUSE,
        beside=BESIDE,
    ),
    "clauses": Shape("a list of conditions", items="clause"),
    "cases": Shape("a mapping of patterns to values", entries="clause", entry_kind="words", items="case_group"),
    "case_group": Shape("a mapping of patterns to values", entries="clause", entry_kind="words"),
    # ---- outcomes ----
    "labels": Shape(
        "a label, a match of labels, or a list",
        text="label",
        keys={"match": "words", "cases": "label_cases"},
        needs=("match", "cases"),
        items="label",
    ),
    "label": Shape(
        "a label, or a match of labels",
        text="label",
        keys={"match": "words", "cases": "label_cases"},
        needs=("match", "cases"),
    ),
    "label_cases": Shape(
        "a mapping of patterns to labels", entries="label_case", entry_kind="words", items="label_case_group"
    ),
    "label_case_group": Shape("a mapping of patterns to labels", entries="label_case", entry_kind="words"),
    "label_case": Shape(
        "a label, or under `check` an expression",
        text="label",
        keys={"check": "clause", "match": "words", "cases": "label_cases"},
        one_of=("check", "match"),
        beside=MATCH,
    ),
    # ---- statements ----
    "import": Shape(
        "a file, a mapping with `file`, or a list of them",
        text="text",
        keys={"file": "text", "with": "settings"},
        needs=("file",),
        items="import_one",
    ),
    "import_one": Shape(
        "a file, or a mapping with `file`", text="text", keys={"file": "text", "with": "settings"}, needs=("file",)
    ),
    "settings": Shape("a mapping of names to values", entries="words", entry_kind="option", items="settings_group"),
    "settings_group": Shape("a mapping of names to values", entries="words", entry_kind="option"),
    "param": Shape("a value, or a mapping with `is`", text="words", keys={"is": "words", "in": "words"}, needs=("is",)),
    "doubtful": Shape(
        "a range, a mapping with `in`, or a list of them",
        text="words",
        keys={"in": "words", "of": "words"},
        needs=("in",),
        items="doubtful_one",
    ),
    "doubtful_one": Shape(
        "a range, or a mapping with `in`", text="words", keys={"in": "words", "of": "words"}, needs=("in",)
    ),
    "color": Shape(
        "a colour, or a mapping with `hex`", text="text", keys={"hex": "text", "within": "number"}, needs=("hex",)
    ),
    "region": Shape(
        "a region, or a mapping with `is`", text="words", keys={"is": "words", "of": "words"}, needs=("is",)
    ),
    "grid": Shape(
        "a mapping with `rows` or `columns`",
        keys={"rows": "split", "columns": "split", "of": "words"},
        some_of=("rows", "columns"),
        items="grid_part",
    ),
    "grid_part": Shape(
        "a mapping with `rows`, `columns` or `of`",
        keys={"rows": "split", "columns": "split", "of": "words"},
        one_of=("rows", "columns", "of"),
    ),
    "split": Shape("a number, or a mapping with `at`", text="count", keys={"at": "places"}, needs=("at",)),
    "places": Shape("a list of places", items="words", least=0),
    "attribute": Shape(
        "a type or label, or a mapping with `is` or `one of`",
        text="option",
        keys={"of": "words", "named": "texts", "is": "option", "one of": "options"},
        one_of=("is", "one of"),
    ),
    "blobs": Shape("a mapping with `where`", keys={"where": "clause", "then": "words_or_list"}, needs=("where",)),
    "object": Shape(
        "`any`, a number, or a mapping",
        text="words",
        keys={"is": "words", "named": "texts", "where": "clause", "count": "words", **OUTCOMES},
        without={"is": ("named", "where")},
    ),
    "let": Shape(
        "a value: in words, or with a key such as `match`",
        text="words",
        keys=CLAUSE,
        one_of=ONE_CLAUSE,
        beside=BESIDE,
    ),
    "rule": Shape(
        "a condition, or a mapping with one",
        text="words",
        keys={"about": "text", "as": "name", **CLAUSE, **OUTCOMES},
        one_of=ONE_CLAUSE,
        beside=BESIDE,
    ),
    "variant": Shape("a mapping with `when` and statements", keys={"when": "clause", **SECTIONS}, needs=("when",)),
    "test": Shape(
        "a mapping with a scene and `expect`",
        keys={"scene": "text", "size": "words", "put": "puts", "expect": "expects"},
        one_of=("scene", "size"),
        needs=("expect",),
    ),
    "puts": Shape("a list of objects", items="put"),
    "put": Shape(
        "a mapping with `object` and `shape`",
        keys={"object": "name", "shape": "words", "with": "settings"},
        needs=("object", "shape"),
    ),
    "expects": Shape(
        "a verdict, or a mapping of a verdict to rules or of `defect` to a label",
        text="name",
        keys={"defect": "labels"},
        entries="names",
        items="expect",
    ),
    "expect": Shape(
        "a verdict, or a mapping of a verdict to rules or of `defect` to a label",
        text="name",
        keys={"defect": "labels"},
        entries="names",
    ),
}
for _word, _shape in NAMED.items():
    _kind: TextKind = "text" if _word == "test" else "name"
    _about = f"a mapping of names to {SHAPES[_shape].about.partition(',')[0]}"
    SHAPES[SECTIONS[_word]] = Shape(_about, entries=_shape, entry_kind=_kind, items=f"{_shape}_group", least=0)
    SHAPES[f"{_shape}_group"] = Shape(_about, entries=_shape, entry_kind=_kind, least=0)


def schema() -> dict[str, object]:
    """The shapes as a JSON Schema of draft 2020-12.

    A text may be a number or a truth value for it, as a YAML reader may take it for one.

    Examples
    --------
    >>> schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "logidsl spec in YAML",
        "description": "The YAML form of a spec. Expressions are texts in the words of the text form.",
        "$ref": "#/$defs/file",
        "$defs": {name: _schema_of(shape) for name, shape in sorted(SHAPES.items())},
    }


def _schema_of(shape: Shape) -> dict[str, object]:
    choices: list[dict[str, object]] = []
    if shape.text is not None:
        choices.append({"type": ["string", "number", "boolean"], "pattern": PATTERNS[shape.text]})
    if shape.items is not None:
        choices.append({"type": "array", "items": _ref(shape.items), "minItems": shape.least})
    if shape.mapping:
        choices.append(_schema_of_mapping(shape))
    about = {"description": shape.about}
    return about | choices[0] if len(choices) == 1 else about | {"anyOf": choices}


def _schema_of_mapping(shape: Shape) -> dict[str, object]:
    made: dict[str, object] = {
        "type": "object",
        "properties": {key: _ref(name) for key, name in shape.keys.items()},
        "additionalProperties": _ref(shape.entries) if shape.entries else False,
    }
    if shape.entries:
        pattern = PATTERNS[shape.entry_kind]
        made["minProperties"] = shape.least
        made["propertyNames"] = {"anyOf": [{"enum": list(shape.keys)}, {"pattern": pattern}]}
    if shape.needs:
        made["required"] = list(shape.needs)
    if shape.one_of:
        made["oneOf"] = [{"required": [key]} for key in shape.one_of]
    if shape.some_of:
        made["anyOf"] = [{"required": [key]} for key in shape.some_of]
    if shape.beside:
        made["dependentRequired"] = {key: list(others) for key, others in shape.beside.items()}
    if shape.without:
        pairs = [(key, other) for key, others in shape.without.items() for other in others]
        made["not"] = {"anyOf": [{"required": list(pair)} for pair in pairs]}
    return made


def _ref(name: str) -> dict[str, object]:
    return {"$ref": f"#/$defs/{name}"}
