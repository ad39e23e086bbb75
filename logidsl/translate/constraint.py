"""Constraining a model to the language while it writes.

Five methods, because servers differ: `openai` gives the Lark grammar to a custom tool that the model must call,
`llamacpp` and `vllm` put it into a field of the request, `schema` requests the YAML form as JSON by `response_format`,
`plain` relies on the prompt. A grammar ensures that the answer parses; its meaning is always checked. Imports `llm`,
`syntax` and, of this package, `prompt`.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from logidsl.diagnostics import InputError
from logidsl.llm import Json, ModelError
from logidsl.syntax.decoder import decoder_grammar, refusal
from logidsl.translate.prompt import ALLOWED

if TYPE_CHECKING:
    from logidsl.llm import Client

Constraint: TypeAlias = Literal["openai", "llamacpp", "vllm", "schema", "plain"]
KINDS: tuple[Constraint, ...] = get_args(Constraint)
TOOL = "write_spec"
SCHEMA_WORDS = """
You answer as JSON. `spec` is the YAML form of LOGIC as a JSON tree: the logic is structured, each expression is a
text in the words of the grammar (`{"rule": {"pins": {"as": "quantity", "check": "count(pin) = 2"}}}`).
`sentences` has an entry for each sentence, with the names of its rules and declarations instead of a note, or with a
`question`, or with a `remark` that says why it demands nothing.
"""


def choose(client: Client) -> Constraint:
    """The method that a server supports, as far as can be told without asking the model.

    Parameters
    ----------
    client : Client
        Knows the address; a server other than OpenAI's is asked for its models, which costs nothing.
    """
    if client.settings.hosted:
        # custom tools with a grammar came with this family; older models take a schema
        return "openai" if client.settings.model.startswith(("gpt-5", "o4", "o5")) else "schema"
    try:
        owners = {owner.lower() for _, owner in client.models()}
    except ModelError as error:
        if error.status is None:
            raise
        return "plain"  # a server that responds but has no list of models
    if owners & {"llamacpp", "llama.cpp"}:
        return "llamacpp"
    return "vllm" if "vllm" in owners else "plain"


def request_fields(kind: Constraint, classes: Sequence[str] | None = None, *, head: bool = True) -> dict[str, Json]:
    """The fields of a request that constrain the model to the language.

    Parameters
    ----------
    kind : str
        The way.
    classes : sequence of str, optional
        The only classes that may be declared; None for any.
    head : bool
        Whether `logic` and `spec` may be written.

    Raises
    ------
    InputError
        If a decoder would refuse the grammar, which a server may do in silence.
    """
    if kind == "plain":
        return {}
    if kind == "schema":
        schema: Json = {"name": "spec", "schema": answer_schema()}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    grammar = tried_grammar(classes, head)
    if kind == "llamacpp":
        return {"grammar": f"%llguidance {{}}\n{grammar}"}
    if kind == "vllm":
        return {"structured_outputs": {"grammar": grammar}}
    tool: Json = {
        "type": "custom",
        "custom": {
            "name": TOOL,
            "description": "Takes the whole answer, in LOGIC.",
            "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": grammar}},
        },
    }
    return {"tools": [tool], "tool_choice": {"type": "custom", "custom": {"name": TOOL}}}


def tried_grammar(classes: Sequence[str] | None, head: bool) -> str:
    """The decoder's grammar for an answer, after a decoder has parsed it."""
    grammar = decoder_grammar(classes, only=ALLOWED, notes=True, head=head)
    try:
        refused = refusal(grammar)
    except ImportError:
        raise InputError(
            "a grammar is tried before it is sent, which needs the extra `llm`: pip install 'logidsl[llm]'; "
            "or send none: --constraint plain"
        ) from None
    if refused:
        raise InputError(f"the decoder's grammar is refused, which is a fault of logidsl: {refused}")
    return grammar


def answer_schema() -> dict[str, Json]:
    """The JSON Schema of an answer in the YAML form, with the status of each sentence."""
    from logidsl.syntax.yaml_keys import schema

    form = cast("dict[str, Json]", copy.deepcopy(schema()))
    shapes = form.pop("$defs")
    names: Json = {"type": "array", "items": {"type": "string"}}
    for key in ("$schema", "title", "description"):
        form.pop(key, None)
    spoken: Json = {
        "type": "object",
        "properties": {
            "number": {"type": "integer"},
            "names": names,
            "question": {"type": "string"},
            "remark": {"type": "string"},
        },
        "required": ["number", "names"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"sentences": {"type": "array", "items": spoken}, "spec": form},
        "required": ["sentences", "spec"],
        "additionalProperties": False,
        "$defs": shapes,
    }
