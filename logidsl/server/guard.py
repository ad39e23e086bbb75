"""Who may ask for what."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi import Request

from logidsl.server.tokens import Tokens
from logidsl.web.listening import LOOPBACK
from logidsl.web.problems import ProblemError


class Guard:
    """Who may do what: writing needs a token, and so does everything on an address beyond loopback.

    Its methods are dependencies of routes. They are coroutines, as others would each be run in a thread, and read the
    headers themselves, which takes a fraction of the time of declared ones.

    Parameters
    ----------
    tokens : Tokens
        Of clients.
    host : str
        The address that is listened on.
    names : sequence of str
        Names by which clients know the server, beside the address.
    """

    def __init__(self, tokens: Tokens, host: str, names: Sequence[str]) -> None:
        self.tokens, self.open = tokens, host in LOOPBACK
        everywhere = host in ("0.0.0.0", "::") and not names
        self.names = None if everywhere else {host, *LOOPBACK, *names}

    async def knows_host(self, request: Request) -> None:
        """Refuse a request for another server, which a page in a browser may have been made to send."""
        name = re.sub(r":\d*$", "", request.headers.get("host", "")).strip("[]").lower()
        if self.names is not None and name not in self.names:
            raise ProblemError(400, f"the server is not called `{name}`: add it to `hosts` in server.toml")

    async def reads(self, request: Request) -> None:
        """Refuse a client that may not ask."""
        if not self.open:
            await self.writes(request)

    async def writes(self, request: Request) -> None:
        """Refuse a client that may not change anything."""
        if not self.tokens:
            raise ProblemError(403, "the server has no token: make one with `logidsl serve FOLDER --new-token NAME`")
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or self.tokens.name_of(token.strip()) is None:
            expected = "expected a valid token: `Authorization: Bearer TOKEN`"
            raise ProblemError(401, expected, {"WWW-Authenticate": "Bearer"})
