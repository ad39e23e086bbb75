"""The keys of the YAML form.

Owns `SHAPES`, the one declaration of which keys a spec in YAML has, what stands under each, and which field of
which class of the tree it fills. `yaml_read` reads by it, `yaml_write` writes by it, and `schema` gives it as a JSON
Schema for editors and for decoders that take one. A shape says what a text, a list and a mapping mean in its place,
so what a file has there decides which of them is meant, and a message never blames the wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, TypeAlias

from logidsl.syntax import ast

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


class Key(NamedTuple):
    """What stands under a key: its shape, how its words are framed (see `yaml_words`), and the field that it fills."""

    shape: str
    frame: str = ""
    field: str = ""


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
        The shape of the parts of a list; a single one may then stand without the list.
    keys : mapping of str to Key
        Keys of a mapping.
    entries : Key, optional
        What stands under any other key, which is a name that the user chooses.
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
    node : type, optional
        The class whose fields the keys fill, or that an entry becomes.
    main : str
        The key that a text alone stands for.
    """

    about: str
    text: TextKind | None = None
    items: str | None = None
    keys: Mapping[str, Key] = field(default_factory=dict)
    entries: Key | None = None
    entry_kind: TextKind = "name"
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    some_of: tuple[str, ...] = ()
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    least: int = 1
    node: type[ast.Node] | None = None
    main: str = ""

    @property
    def mapping(self) -> bool:
        """Whether a mapping may stand here."""
        return bool(self.keys or self.entries)


CLAUSE = {
    "check": Key("clause"),
    "every": Key("words", "phrase"),
    "some": Key("words", "some"),
    "none": Key("words", "no"),
    "all": Key("clauses"),
    "any": Key("clauses"),
    "not": Key("clause"),
    "if": Key("clause"),
    "then": Key("clause"),
    "else": Key("clause"),
    "match": Key("words", "union"),
    "cases": Key("cases"),
}
ONE_CLAUSE = ("check", "some", "none", "all", "any", "not", "if", "match")
MATCH = {"match": ("cases",), "cases": ("match",)}
BESIDE = {"if": ("then",), "then": ("if",), "else": ("if",), **MATCH}
OUTCOMES = {
    "defect": Key("labels"),
    "low": Key("labels"),
    "high": Key("labels"),
    "severity": Key("levels"),
    "verdict": Key("names"),
    "message": Key("texts"),
}
LABELS = {"match": Key("words", "union"), "cases": Key("label_cases")}

# Statements with a name of their own; under the word of the statement stands a mapping of them.
NAMED = (
    *("param", "color", "region", "grid", "layout", "attribute", "blobs", "object", "let"),
    *("batch", "view", "rule", "variant", "test"),
)
# In the order in which they are written.
SECTIONS = {
    "import": Key("import"),
    "param": Key("params"),
    "scale": Key("words_or_list", "scale"),
    "doubtful": Key("doubtful"),
    "frame": Key("words_or_list", "frame"),
    "color": Key("colors"),
    "region": Key("regions"),
    "grid": Key("grids"),
    "layout": Key("layouts"),
    "attribute": Key("attributes"),
    "blobs": Key("blobs_all"),
    "object": Key("objects"),
    "keep": Key("words_or_list", "keep"),
    "let": Key("lets"),
    "batch": Key("batches"),
    "view": Key("views"),
    "rule": Key("rules"),
    "variant": Key("variants"),
    "test": Key("tests"),
}

GRID = {"rows": Key("split"), "columns": Key("split"), "of": Key("words", "union")}

SHAPES: dict[str, Shape] = {
    "file": Shape(
        "the statements of a spec",
        keys={"logic": Key("number"), "spec": Key("name"), "about": Key("text"), **SECTIONS},
        beside={"about": ("spec",)},
    ),
    # ---- texts ----
    "name": Shape("a name", text="name"),
    "number": Shape("a number", text="number"),
    "text": Shape("a text", text="text"),
    "words": Shape("words of the text form", text="words"),
    "option": Shape("a name", text="option"),
    "listed": Shape("a label", text="label"),
    "level": Shape("a name", text="level"),
    # ---- conditions ----
    "clause": Shape(
        "a condition or value: in words, or with a key such as `all`",
        text="words",
        keys=CLAUSE,
        one_of=ONE_CLAUSE,
        beside=BESIDE,
        main="check",
    ),
    "clauses": Shape("a list of conditions", items="clause"),
    "case_group": Shape(
        "a mapping of patterns to values", entries=Key("clause"), entry_kind="words", node=ast.MatchArm
    ),
    # ---- outcomes ----
    "label": Shape("a label, or a match of labels", text="label", keys=LABELS, needs=("match", "cases")),
    "label_case_group": Shape(
        "a mapping of patterns to labels", entries=Key("label_case", "case"), entry_kind="words", node=ast.MatchArm
    ),
    "label_case": Shape(
        "a label, or under `check` an expression",
        text="label",
        keys={"check": Key("clause"), **LABELS},
        one_of=("check", "match"),
        beside=MATCH,
    ),
    # ---- statements ----
    "import_one": Shape(
        "a file, or a mapping with `file`",
        text="text",
        keys={"file": Key("text", field="path"), "with": Key("settings", field="settings")},
        needs=("file",),
        node=ast.Import,
        main="file",
    ),
    "settings_group": Shape(
        "a mapping of names to values", entries=Key("words", "sum"), entry_kind="option", node=ast.Setting
    ),
    "param": Shape(
        "a value, or a mapping with `is`",
        text="words",
        keys={"is": Key("words", "sum", "value"), "in": Key("words", "range", "bounds")},
        some_of=("is", "in"),
        node=ast.Param,
        main="is",
    ),
    "doubtful_one": Shape(
        "a range, or a mapping with `in`",
        text="words",
        keys={"in": Key("words", "range", "range"), "of": Key("words", "union", "of")},
        needs=("in",),
        node=ast.Doubtful,
        main="in",
    ),
    "color": Shape(
        "a colour, or a mapping with `hex`",
        text="text",
        keys={"hex": Key("text", field="value"), "within": Key("number", field="reach")},
        needs=("hex",),
        node=ast.Color,
        main="hex",
    ),
    "region": Shape(
        "a region, or a mapping with `is`",
        text="words",
        keys={"is": Key("words", "union", "value"), "of": Key("words", "union", "of")},
        needs=("is",),
        node=ast.Region,
        main="is",
    ),
    "grid": Shape("a mapping with `rows` or `columns`", keys=GRID, some_of=("rows", "columns"), items="grid_part"),
    "grid_part": Shape("a mapping with `rows`, `columns` or `of`", keys=GRID, one_of=("rows", "columns", "of")),
    "layout": Shape(
        "a file, or a mapping with `file`",
        text="text",
        keys={"file": Key("text", field="file"), "of": Key("words", "union", "of")},
        needs=("file",),
        node=ast.Layout,
        main="file",
    ),
    "split": Shape("a number, or a mapping with `at`", text="count", keys={"at": Key("places", "item")}, needs=("at",)),
    "places": Shape("a list of places", items="words", least=0),
    "attribute": Shape(
        "a type or label, or a mapping with `is` or `one of`",
        text="option",
        keys={
            "of": Key("words", "union"),
            "named": Key("texts"),
            "is": Key("option"),
            "one of": Key("options", "option"),
        },
        one_of=("is", "one of"),
        main="is",
    ),
    "blobs": Shape(
        "a mapping with `where`",
        keys={"where": Key("clause", field="where"), "then": Key("words_or_list", "call", "steps")},
        needs=("where",),
        node=ast.Blobs,
    ),
    "object": Shape(
        "`any`, a number, or a mapping",
        text="words",
        keys={
            "is": Key("words", "phrase"),
            "named": Key("texts"),
            "where": Key("clause"),
            "count": Key("words", "cardinality"),
            **OUTCOMES,
        },
        without={"is": ("named", "where")},
        main="count",
    ),
    "let": Shape(
        "a value: in words, or with a key such as `match`",
        text="words",
        keys=CLAUSE,
        one_of=ONE_CLAUSE,
        beside=BESIDE,
        main="check",
    ),
    "batch": Shape(
        "`run`, or the words after the name of a batch",
        text="words",
        keys={"is": Key("words", "batch")},
        needs=("is",),
        main="is",
    ),
    "view": Shape(
        "the words after the name of a view", text="words", keys={"is": Key("words", "view")}, needs=("is",), main="is"
    ),
    "rule": Shape(
        "a condition, or a mapping with one",
        text="words",
        keys={"about": Key("text"), "over": Key("words", "over"), "as": Key("name"), **CLAUSE, **OUTCOMES},
        one_of=ONE_CLAUSE,
        beside=BESIDE,
        main="check",
    ),
    "variant": Shape("a mapping with `when` and statements", keys={"when": Key("clause"), **SECTIONS}, needs=("when",)),
    "test": Shape(
        "a mapping with a scene and `expect`",
        keys={
            "scene": Key("text", field="scene"),
            "size": Key("words", "size", "size"),
            "put": Key("puts", field="puts"),
            "expect": Key("expects", field="expects"),
        },
        one_of=("scene", "size"),
        needs=("expect",),
        node=ast.Test,
    ),
    "puts": Shape("a list of objects", items="put"),
    "put": Shape(
        "a mapping with `object` and `shape`",
        keys={
            "object": Key("name", field="name"),
            "shape": Key("words", "call", "shape"),
            "with": Key("settings", field="settings"),
        },
        needs=("object", "shape"),
        node=ast.Put,
    ),
    "expect": Shape(
        "a verdict, or a mapping of a verdict to rules or of `defect` to a label",
        text="name",
        keys={"defect": Key("labels")},
        entries=Key("names"),
    ),
}
# Where a list may stand, or a single one without it.
_LISTS = {
    "options": ("listed", "a label or a list of labels"),
    "levels": ("level", "a name or a list of names"),
    "names": ("name", "a name or a list of names"),
    "texts": ("text", "a text or a list of texts"),
    "words_or_list": ("words", "words of the text form, or a list of them"),
    "cases": ("case_group", ""),
    "labels": ("label", "a label, a match of labels, or a list"),
    "label_cases": ("label_case_group", ""),
    "import": ("import_one", "a file, a mapping with `file`, or a list of them"),
    "doubtful": ("doubtful_one", "a range, a mapping with `in`, or a list of them"),
    "settings": ("settings_group", ""),
    "expects": ("expect", ""),
}
SHAPES |= {
    name: replace(SHAPES[item], items=item, about=about or SHAPES[item].about) for name, (item, about) in _LISTS.items()
}
for _word in NAMED:
    _kind: TextKind = "text" if _word == "test" else "name"
    _about = f"a mapping of names to {SHAPES[_word].about.partition(',')[0]}"
    _group = Shape(_about, entries=Key(_word), entry_kind=_kind, least=0)
    SHAPES[f"{_word}_group"] = _group
    SHAPES[SECTIONS[_word].shape] = replace(_group, items=f"{_word}_group")


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
        "properties": {key: _ref(found.shape) for key, found in shape.keys.items()},
        "additionalProperties": _ref(shape.entries.shape) if shape.entries else False,
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
