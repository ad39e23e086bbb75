"""Tokens of clients: only their hashes are kept. Each is random, so that a plain hash is enough."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.files import file_errors, replace

VARIABLE = "LOGIDSL_SERVER_TOKEN"
FILE = "tokens"


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Tokens:
    """The hashes of all tokens: of the file `tokens` in a folder, and of the environment.

    Parameters
    ----------
    folder : Path
        The server's folder. A line of the file has a name and a hash.

    Raises
    ------
    InputError
        If the file cannot be read, or a line is of another form.
    """

    def __init__(self, folder: Path) -> None:
        self._hashes: dict[str, str] = {}
        path = folder / FILE
        if path.exists():
            with file_errors(path, "read"):
                lines = path.read_text("utf-8").splitlines()
            for number, line in enumerate(lines, 1):
                name, _, found = line.partition(" ")
                if line.strip() and len(found.strip()) != 64:
                    raise InputError(f"{path}:{number}: expected a name and the hash of a token")
                if line.strip():
                    self._hashes[name] = found.strip()
        if token := os.environ.get(VARIABLE):
            self._hashes["environment"] = hashed(token)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def name_of(self, token: str) -> str | None:
        """Whose token it is; None if nobody's."""
        found = None
        for name, known in self._hashes.items():  # all of them, so that the time tells nothing
            if hmac.compare_digest(hashed(token), known):
                found = name
        return found


def new_token(folder: Path, name: str) -> str:
    """Make a token, keep its hash under a name, and give the token, which is nowhere else.

    Raises
    ------
    InputError
        If the name has a token already, or the file cannot be written.
    """
    if not name or any(c.isspace() for c in name):
        raise InputError(f"expected the name of a token without spaces, found `{name}`")
    if name in Tokens(folder)._hashes:
        raise InputError(f"`{name}` has a token: remove its line from {folder / FILE} first")
    token = secrets.token_urlsafe(32)
    path = folder / FILE
    with file_errors(path, "written"):
        folder.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else b""
    replace(path, before + f"{name} {hashed(token)}\n".encode(), private=True)
    return token
