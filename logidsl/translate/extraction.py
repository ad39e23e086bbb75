"""Extracting LOGIC from an answer: from a code fence, from surrounding prose, or from JSON in the YAML form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.parse import SIZE_MAX, parse
from logidsl.translate.notes import name_of, numbered, spelt

WORD = (
    r"(?:logic|spec|import|param|scale|doubtful|frame|color|region|grid|attribute|blobs|object|keep|let|rule|variant"
    r"|test)\b"
)
_START = re.compile(rf"^\s*(?:#+\s*\d|{WORD}\s+[\w\"])")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)


def extracted(text: str) -> tuple[str, list[str]]:
    """The LOGIC in an answer, without fence and surrounding prose, and the errors found so far.

    Of several candidates the one with the fewest errors, then the one with the most statements.

    Examples
    --------
    >>> extracted("Here it is:\\n\\nrule a: count(b) = 1\\n\\nI hope this helps!")
    ('rule a: count(b) = 1', [])
    """
    text = text[: 2 * SIZE_MAX].replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    text = _THOUGHT.sub("", text)
    found = _from_json(text)
    if found is not None:
        return found
    fences = [body for _, body in _FENCE.findall(text)]
    readings = [*fences, "\n".join(fences), _trimmed("\n".join(fences)), _trimmed(text)]
    readings = [r.strip("\n") for r in readings if r.strip()]
    best, best_key = text.strip(), (False, 0, 0)
    for reading in dict.fromkeys(readings):
        file, bag = parse(Source("answer", reading))
        worth = len(file.statements) + sum(1 for _ in numbered(file.comments))
        key = (worth > 0, -len(bag.errors), worth)
        if key > best_key:
            best, best_key = reading, key
    return best, []


def _trimmed(text: str) -> str:
    """A text from its first statement or note, without paragraphs of prose at its end."""
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if _START.match(line)), 0)
    paragraphs = re.split(r"\n[ \t]*\n", "\n".join(lines[first:]))
    while len(paragraphs) > 1 and not any(_START.match(line) for line in paragraphs[-1].split("\n")):
        paragraphs.pop()
    return "\n\n".join(paragraphs)


def _from_json(text: str) -> tuple[str, list[str]] | None:
    """The text form of an answer that is JSON in the YAML form, and its errors; None for other answers."""
    body = text.strip()
    fence = _FENCE.search(body)
    body = fence[2].strip() if fence and not body.startswith("{") else body
    if not body.startswith("{"):
        return None
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(tree, dict) or not isinstance(tree.get("spec"), dict):
        return None
    from logidsl.syntax.yaml import parse_yaml

    file, bag = parse_yaml(Source("answer.json", json.dumps(tree["spec"], ensure_ascii=False)))
    spoken = tree.get("sentences")
    entries = [e for e in spoken if isinstance(e, dict)] if isinstance(spoken, list) else []
    return "\n".join(_with_notes(file, entries)), [str(d) for d in bag.errors]


def _with_notes(file: ast.File, entries: list[dict[str, object]]) -> Iterator[str]:
    """The statements of a file after notes made from a list of sentences."""
    owners: dict[str, list[int]] = {}
    for entry in entries:
        number, names = entry.get("number"), entry.get("names")
        for name in names if isinstance(names, list) else []:
            owners.setdefault(str(name), []).append(int(number) if isinstance(number, int) else 0)
    for statement in file.statements:
        if not owners.get(str(name_of(statement))):
            yield spelt(file, statement)
    for statement in file.statements:
        numbers = owners.get(str(name_of(statement)))
        if numbers:
            yield f"# {', '.join(map(str, numbers))}\n{spelt(file, statement)}"
    for entry in entries:
        for key, mark in (("question", "?"), ("remark", ":")):
            said = entry.get(key)
            if isinstance(said, str) and said.strip():
                yield f"# {entry.get('number')}{mark} {' '.join(said.split())}"
