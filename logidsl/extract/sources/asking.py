"""Asking a vision model: a picture and the spec's classes are sent, a table in JSON is returned.

The question names the classes and attributes of the spec, and the answer is held to a JSON Schema made of them, so
that the model fills in a form and writes no prose. Whatever comes back is read as if anyone had sent it: what is no
JSON, or not of that form, is asked for again with the reason, and after that is an error. Places are asked for in
thousandths of the picture's sides, as models see pictures scaled; one that gives none leaves rules of place and size
undetermined. May import `ir` and `llm`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.naming import plain
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.picture import Picture
from logidsl.extract.values import four_numbers
from logidsl.ir import Attribute, Column, Program
from logidsl.types import COUNT

if TYPE_CHECKING:
    from logidsl.llm import Client
    from logidsl.llm.answers import Json

Row: TypeAlias = dict[str, "Json"]

#: The longer side of a picture that is sent, px; more is scaled down by most servers anyway.
SIDE_PX = 1536
#: How often an answer that is not of the form is asked for again.
ROUNDS = 2
_UNIT = 1000.0
_CORNERS = ("x0", "y0", "x1", "y1")
# Built-in attributes that a model can tell without a declaration.
_SEEN = {"color": "the main colour of the object, as #rrggbb", "text": "what is written on it, exactly"}
_WORDS = {
    "count": "a whole number",
    "number": "a number",
    "color": "a colour, as #rrggbb",
    "text": "a text",
    "point": "two numbers, x and y",
}

_TASK = f"""You are the eyes of an inspection. List every object of the classes below that is in the picture, and \
nothing else. Say what you see, not what should be there. Answer in JSON, as the schema has it.
- class: one of the names below.
- count: how many objects the entry stands for, as a text. "1" for one; an entry of its own for each object that you \
can place; "3" for three alike that you only count; "2..3" where you are not sure; "some" where there are too many to \
count. An object that is not there has no entry.
- box: where the object is, x0 y0 x1 y1 from the top-left corner, in thousandths of the width and the height of the \
picture, 0 to {_UNIT:.0f}; null for an entry of several objects, and where you cannot tell.
- every other field: what you see of the object, null where you cannot tell. Do not guess."""


@dataclass(frozen=True)
class Form:
    """What a spec asks of a picture.

    Parameters
    ----------
    classes : dict of str to tuple of str
        Names of classes, with what else they are called.
    attributes : tuple of Attribute
        Declared ones.
    seen : tuple of str
        `color`, `text`, where a rule reads them.
    """

    classes: Mapping[str, tuple[str, ...]]
    attributes: tuple[Attribute, ...]
    seen: tuple[str, ...]

    @classmethod
    def of(cls, program: Program) -> Form:
        """The form of a spec: the classes that its own seeing does not find.

        Raises
        ------
        InputError
            If there is none.
        """
        own = {b.name for b in program.blobs} | {s.name for s in program.sources}
        classes = {c.name: c.aliases for c in program.classes if c.name not in own}
        if not classes:
            raise InputError("there is nothing to ask: the spec finds all of its classes itself")
        read = {node.attribute for node in program.nodes if isinstance(node, Column)}
        return cls(classes, program.attributes, tuple(a for a in _SEEN if a in read))

    def schema(self) -> dict[str, Json]:
        """The JSON Schema of the answer; every field is there and may be null, as strict servers want it."""
        corners: dict[str, Json] = {c: {"type": "number"} for c in _CORNERS}
        fields: dict[str, Json] = {
            "class": {"type": "string", "enum": list(self.classes)},
            "count": {"type": "string"},
            "box": {"anyOf": [_closed(corners), {"type": "null"}]},
        }
        fields |= {a.name: _nullable(_kind(a)) for a in self.attributes}
        fields |= {name: _nullable({"type": "string"}) for name in self.seen}
        return _closed({"objects": {"type": "array", "items": _closed(fields)}})

    def question(self) -> str:
        """The words that go with the picture."""
        others = {name: f", also called {', '.join(more)}" if more else "" for name, more in self.classes.items()}
        lines = [_TASK, "", "Classes:", *(f"- {name}{more}" for name, more in others.items())]
        fields = [self._field(a) for a in self.attributes]
        fields += [f"- {name}: {_SEEN[name]}" for name in self.seen]
        lines += ["", "Fields:", *fields] if fields else []
        return "\n".join(lines)

    def _field(self, a: Attribute) -> str:
        of = f" of {', '.join(a.classes)}" if a.classes else ""
        kind = "count" if a.type == COUNT else a.type.kind
        what = f"one of {', '.join(a.labels)}" if a.labels else _WORDS.get(kind, "a text")
        called = f" ({', '.join(a.source)})" if a.source else ""
        return f"- {a.name}{called}{of}: {what}"


def _kind(a: Attribute) -> dict[str, Json]:
    if a.labels:
        return {"type": "string", "enum": list(a.labels)}
    match a.type.kind:
        case "number":
            return {"type": "integer" if a.type == COUNT else "number"}
        case "point":
            return {"type": "array", "items": {"type": "number"}}
        case _:
            return {"type": "string"}


def _nullable(schema: dict[str, Json]) -> dict[str, Json]:
    return {"anyOf": [schema, {"type": "null"}]}


def _closed(properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def request_of(form: Form, picture: Picture) -> dict[str, Json]:
    """The body of the request: words, picture and schema."""
    parts: list[Json] = [
        {"type": "text", "text": form.question()},
        {"type": "image_url", "image_url": {"url": _data_url(picture)}},
    ]
    held: dict[str, Json] = {"name": "objects", "strict": True, "schema": form.schema()}
    return {
        "messages": [{"role": "user", "content": parts}],
        "response_format": {"type": "json_schema", "json_schema": held},
    }


def _data_url(picture: Picture) -> str:
    """A picture in a request: JPEG, its longer side at most `SIDE_PX`."""
    bgr, share = picture.bgr, SIDE_PX / max(picture.width, picture.height)
    if share < 1:
        size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
        bgr = np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])
    if not done:
        raise InputError(f"{picture.path}: a picture of {picture.width} by {picture.height} px cannot be sent")
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()


def ask_picture(client: Client, form: Form, picture: Picture) -> Row:
    """A model's answer about a picture, as a picture of a JSON table.

    Parameters
    ----------
    client : Client
        The model.
    form : Form
        What is asked.
    picture : Picture
        The pixels.

    Returns
    -------
    dict
        `path`, `width`, `height` and `objects`, as `table_of_json` reads it; boxes in px.

    Raises
    ------
    InputError
        If no answer came, or none of the form.
    """
    body = request_of(form, picture)
    messages = body["messages"]
    assert isinstance(messages, list)
    why = ""
    for _ in range(ROUNDS + 1):
        answer = client.ask(body)
        if answer.finish == "refusal":
            raise InputError(f"{picture.path}: the model refuses: {answer.text[:200]}")
        try:
            if answer.finish == "length":
                raise ValueError(
                    "the answer was cut off before its end; omit anything that is not an object of these classes"
                )
            objects = read_answer(form, answer.text, picture.width, picture.height)
        except ValueError as error:
            why = str(error)
            again: list[Json] = [
                *messages,
                {"role": "assistant", "content": answer.text},
                {
                    "role": "user",
                    "content": f"That cannot be used: {why}. Answer again, with the JSON and nothing else.",
                },
            ]
            body = {**body, "messages": again}
            continue
        return {"path": picture.path, "width": picture.width, "height": picture.height, "objects": list(objects)}
    raise InputError(f"{picture.path}: no answer of the form came in {ROUNDS + 1} tries; of the last, {why}")


def read_answer(form: Form, text: str, width: float, height: float) -> Sequence[Row]:
    """The objects of an answer.

    Parameters
    ----------
    form : Form
        What was asked.
    text : str
        The answer, with or without a code fence.
    width, height : float
        Of the picture, px.

    Raises
    ------
    ValueError
        If it is no JSON, or not of the form; the message is for the model.
    """
    body = text.strip()
    if body.startswith("```"):
        body = body.strip("`").removeprefix("json").strip()
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError(f"expected JSON, found `{' '.join(body[:60].split())}`") from None
    items = said.get("objects") if isinstance(said, dict) else None
    if not isinstance(items, list):
        raise ValueError('expected {"objects": [...]}')
    return [_object(form, item, width, height, i) for i, item in enumerate(items, 1)]


def _object(form: Form, item: object, width: float, height: float, place: int) -> Row:
    if not isinstance(item, dict):
        raise ValueError(f"expected an object as item {place}, found `{str(item)[:40]}`")
    names = {plain(spelling): name for name, others in form.classes.items() for spelling in (name, *others)}
    name = names.get(plain(str(item.get("class", ""))))
    if name is None:
        raise ValueError(f"item {place} has the class `{item.get('class')}`; there are {', '.join(form.classes)}")
    row: Row = {"class": name}
    count = item.get("count")
    if count is not None and str(count).strip() not in ("", "1"):
        row["count"] = str(count).strip()
    box = item.get("box")
    if box is not None and "count" not in row:
        row["box"] = _box(box, width, height, place)
    for a in form.attributes:
        value = item.get(a.name)
        if value is None or (a.classes and name not in a.classes):
            continue
        if a.labels and value not in a.labels:
            raise ValueError(f"`{a.name}` of item {place} is `{value}`; there are {', '.join(a.labels)}, or null")
        row[a.name] = value
    return row | {n: str(item[n]) for n in form.seen if item.get(n) is not None}


def _box(box: object, width: float, height: float, place: int) -> list[Json]:
    """A box in px of one in thousandths."""
    values = [box.get(c) for c in _CORNERS] if isinstance(box, dict) else box
    found = four_numbers(values) if isinstance(values, list) else None
    if found is None:
        raise ValueError(f"expected x0 y0 x1 y1 as the box of item {place}, found `{str(box)[:60]}`")
    far = [v for v in found if not -0.05 * _UNIT <= v <= 1.05 * _UNIT]
    if far:
        raise ValueError(f"the box of item {place} is in thousandths, 0 to {_UNIT:.0f}, found {far[0]:g}")
    shares = [min(max(v, 0.0), _UNIT) / _UNIT for v in found]
    (x0, x1), (y0, y1) = sorted(shares[::2]), sorted(shares[1::2])
    if x0 == x1 or y0 == y1:
        raise ValueError(f"the box of item {place} has no area")
    return [x0 * width, y0 * height, x1 * width, y1 * height]
