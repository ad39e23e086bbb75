"""Answers kept on disk, so that what was paid for once is free and the same afterwards.

An answer lies under a name made of the server's address and the whole body of the question (prompt, model,
settings); a key is no part of either. A folder that cannot be written costs money and no answer. Imports
`config`, `files` and `answers` of this package.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from logidsl.config import cache_folder
from logidsl.diagnostics import InputError
from logidsl.files import replace
from logidsl.llm.answers import Json

FORMAT = 1


def fingerprint(body: Mapping[str, Json]) -> str:
    """A name for a question: 32 hexadecimal digits that depend on every part of it.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:32]


class Store:
    """A folder of answers.

    Parameters
    ----------
    folder : Path, optional
        Where they lie; None keeps nothing. Made when the first answer is kept.
    server : str
        The address that was asked: the same model may be another one elsewhere.
    """

    def __init__(self, folder: Path | None, server: str = "") -> None:
        self.folder, self.server = folder, server

    @classmethod
    def default(cls, server: str = "") -> Store:
        """The store in the user's cache folder."""
        folder = cache_folder()
        return cls(folder / "answers" if folder else None, server)

    def path(self, body: Mapping[str, Json]) -> Path | None:
        """Where the answer to a question lies, or would."""
        if self.folder is None:
            return None
        return self.folder / f"{fingerprint({'format': FORMAT, 'server': self.server, 'body': dict(body)})}.json"

    def get(self, body: Mapping[str, Json]) -> Json:
        """The response that is kept for a question, or None; a damaged file is none."""
        path = self.path(body)
        if path is None:
            return None
        try:
            found: Json = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def put(self, body: Mapping[str, Json], response: Json) -> None:
        """Keep a response, in one step, so that an interrupt leaves it whole or not there."""
        path = self.path(body)
        if path is None:
            return
        with contextlib.suppress(OSError, InputError):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, json.dumps(response).encode(), private=True)
