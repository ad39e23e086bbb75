"""A cache of answers on disk, so that repeated requests are free and give the same answer.

Entries are named by the server's address and the whole body of the request (prompt, model, settings), without the key.
A folder that cannot be written costs money but loses no answer.
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
        The folder, created with the first answer; None stores nothing.
    server : str
        The address: the same model name may mean another model elsewhere.
    """

    def __init__(self, folder: Path | None, server: str = "") -> None:
        self.folder, self.server = folder, server

    @classmethod
    def default(cls, server: str = "") -> Store:
        """The store in the user's cache folder."""
        folder = cache_folder()
        return cls(folder / "answers" if folder else None, server)

    def path(self, body: Mapping[str, Json]) -> Path | None:
        """The path of the answer to a request, present or not."""
        if self.folder is None:
            return None
        return self.folder / f"{fingerprint({'format': FORMAT, 'server': self.server, 'body': dict(body)})}.json"

    def get(self, body: Mapping[str, Json]) -> Json:
        """The cached response to a request, or None; a damaged file counts as missing."""
        path = self.path(body)
        if path is None:
            return None
        try:
            found: Json = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def put(self, body: Mapping[str, Json], response: Json) -> None:
        """Store a response atomically."""
        path = self.path(body)
        if path is None:
            return
        with contextlib.suppress(OSError, InputError):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, json.dumps(response).encode(), private=True)
