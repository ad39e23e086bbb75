"""Stands for a model in the batch flow of `logidsl translate`: answers each question with a text from a file.

    python -m examples.by_hand requests.jsonl answer.txt > answers.jsonl

A model's own program reads the same lines, asks the model with each `body`, and writes the same lines.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def answer_lines(requests: str, text: str) -> str:
    """A line of answers for each line of requests.

    Parameters
    ----------
    requests : str
        Lines as `--batch-out` writes them.
    text : str
        The answer to each.

    Examples
    --------
    >>> print(answer_lines('{"custom_id": "a-1"}', "object nut: 2"), end="")
    {"custom_id": "a-1", "response": {"status_code": 200, "body": {...}}}
    """
    body = {"choices": [{"message": {"content": text}}]}
    rows = [
        {"custom_id": json.loads(line)["custom_id"], "response": {"status_code": 200, "body": body}}
        for line in requests.splitlines()
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    sys.stdout.write(answer_lines(*(Path(name).read_text("utf-8") for name in sys.argv[1:3])))
