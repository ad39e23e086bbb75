"""A model's answer, read from the body of a response, live or from a file.

Owns `Answer`, `Usage` and `answer_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from logidsl.llm.errors import ModelError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Finish: TypeAlias = Literal["stop", "length", "refusal", "other"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a question and its answer.

    Parameters
    ----------
    asked, answered : int
        Tokens of the prompt, and of the answer with what the model thought before it.

    Total of both.
    """

    asked: int = 0
    answered: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(self.asked + other.asked, self.answered + other.answered)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Parameters
    ----------
    text : str
        The text; if the model refused, its reason.
    finish : str
        `stop` if the model finished, `length` if it was cut off, `refusal`, or `other`.
    usage : Usage
        Tokens as counted by the server, or zeros.
    model : str
        The model as named by the server.
    """

    text: str
    finish: Finish = "stop"
    usage: Usage = field(default_factory=Usage)
    model: str = ""


def answer_of(body: Json) -> Answer:
    """Read the body of a response of `/chat/completions`.

    The text is that of the message, or the input of the tool that the model was told to call.

    Parameters
    ----------
    body : Json
        As the server sent it.

    Raises
    ------
    ModelError
        If it holds no answer; asking again may help.

    Examples
    --------
    >>> answer_of({"choices": [{"message": {"content": "rule"}, "finish_reason": "length"}]})
    Answer(text='rule', finish='length', usage=Usage(asked=0, answered=0), model='')
    """
    answer = _mapping(body)
    error = answer.get("error")
    if error:
        raise ModelError(f"the server says: {_said(error)}", again=True)
    choices = answer.get("choices")
    first = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    message = _mapping(first.get("message"))
    usage = _mapping(answer.get("usage"))
    model = answer.get("model")
    reason = first.get("finish_reason")
    refusal = message.get("refusal")
    text = _text(message)
    finish: Finish = "other"
    if isinstance(refusal, str) and refusal.strip():
        text, finish = refusal.strip(), "refusal"
    elif reason == "content_filter":
        text, finish = text or "its filter of contents stopped it", "refusal"
    elif reason == "length":
        finish = "length"
    elif reason in ("stop", "tool_calls", "function_call", None):
        finish = "stop"
    if not text.strip() and finish != "length":
        raise ModelError("expected an answer, found an empty one", again=True)
    return Answer(
        text=text,
        finish=finish,
        usage=Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))),
        model=model if isinstance(model, str) else "",
    )


def _text(message: Mapping[str, Json]) -> str:
    """The text of a message, or its argument for a tool."""
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        for kind, key in (("custom", "input"), ("function", "arguments")):
            given = _mapping(_mapping(call).get(kind)).get(key)
            if isinstance(given, str):
                return given
    content = message.get("content")
    if isinstance(content, list):  # a message in parts
        parts = [_mapping(part).get("text") for part in content]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _said(error: Json) -> str:
    """The message of an error object, shortened."""
    message = _mapping(error).get("message", error)
    return " ".join(str(message).split())[:300]


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _count(value: Json) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
