"""Questions and answers as files, in the batch format of OpenAI: one JSON object a line.

A line of requests has `custom_id`, `method`, `url` and `body`; a line of answers `custom_id` and `response` with the
body that a server would have sent, or `error`. For answers from elsewhere, `{"custom_id": "…", "text": "…"}` will do.
Nothing else is kept between the steps: a session is replayed from its answers, as the id of a question says what was
asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.llm import Answer, Json, ModelError, answer_of
from logidsl.translate.session import Request, Session

URL = "/v1/chat/completions"
FILE_MAX = 512 * 1024 * 1024


def request_line(request: Request, body: Mapping[str, Json] | None = None) -> str:
    """A question as a line of a batch file.

    Parameters
    ----------
    request : Request
        The question.
    body : mapping, optional
        Its body with the model and the limits in it; see `llm.Client.complete_body`.
    """
    line = {"custom_id": request.id, "method": "POST", "url": URL, "body": dict(body or request.body)}
    return json.dumps(line, ensure_ascii=False)


@dataclass(frozen=True)
class Answers:
    """Answers of batch files by the ids of their requests, and entries that could not be used."""

    by_id: Mapping[str, Answer]
    problems: tuple[str, ...] = ()


def read_answers(paths: Iterable[Path]) -> Answers:
    """The answers of batch files; of two answers to one request the later counts.

    Raises
    ------
    InputError
        If a file is missing or is not one JSON object a line.
    """
    found: dict[str, Answer] = {}
    problems: list[str] = []
    for path in paths:
        for number, line in enumerate(_lines(path), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict) or not isinstance(row.get("custom_id"), str):
                raise InputError(
                    f'{path}:{number}: expected an answer, `{{"custom_id": …, "response": …}}`, found `{line[:60]}`'
                )
            try:
                found[row["custom_id"]] = answer_in(row)
            except ModelError as error:
                problems.append(f"{path}:{number}: no answer to {row['custom_id']}: {error}")
    return Answers(found, tuple(problems))


def answer_in(row: Mapping[str, Json]) -> Answer:
    """The answer of a line.

    Raises
    ------
    ModelError
        If it holds none.
    """
    text = row.get("text")
    if isinstance(text, str):
        return Answer(text)
    response = row.get("response")
    if not isinstance(response, dict):
        error = row.get("error")
        raise ModelError(f"expected a response, found {json.dumps(error)[:200] if error else 'none'}")
    return answer_of(response.get("body"))


def replay(session: Session, answers: Answers) -> int:
    """Give a session the available answers to its requests, one after another; returns how many were used."""
    taken = 0
    while session.request is not None and session.request.id in answers.by_id:
        session.take(answers.by_id[session.request.id])
        taken += 1
    return taken


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > FILE_MAX:
            raise InputError(f"expected answers of at most {FILE_MAX // 2**20} MiB, found more in {path}")
        return path.read_text("utf-8").split("\n")
    except OSError as error:
        raise InputError(f"the answers {path} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise InputError(f"expected answers in UTF-8, found something else in {path}") from None
