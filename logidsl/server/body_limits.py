"""Limits on request bodies, for every route: their size, and how long they may take to arrive."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from logidsl.web.problems import ProblemError, answer


class BodyLimits:
    """Middleware that refuses a body that is too large or too slow.

    Parameters
    ----------
    app : ASGIApp
        What it protects.
    most : int
        Bytes.
    seconds : float
        From the first to the last byte.
    on_refused : callable
        Called with the reason.
    """

    def __init__(self, app: ASGIApp, most: int, seconds: float, on_refused: Callable[[str], None]) -> None:
        self.app, self.most, self.seconds, self.on_refused = app, most, seconds, on_refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            self._expect(int(dict(scope["headers"]).get(b"content-length", b"0") or 0))
            await self.app(scope, self._limited(receive), send_noted)
        except (ProblemError, ValueError) as error:
            wrong = ProblemError(400, "the header Content-Length is not a number")
            problem = error if isinstance(error, ProblemError) else wrong
            if begun:
                raise
            self.on_refused("too large" if problem.status == 413 else "too slow")
            if problem.status == 413:
                await self._discard(receive)
            problem.headers["Connection"] = "close"
            await answer(problem, scope["path"])(scope, receive, send)

    def _expect(self, size: int) -> None:
        if size > self.most:
            raise ProblemError(413, f"expected at most {self.most:,} bytes, found {size:,}")

    async def _discard(self, receive: Receive) -> None:
        """Read on for a while: a client that still sends would see a broken connection and not the answer."""
        size = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.seconds):
                while size < 4 * self.most:
                    message = await receive()
                    size += len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return

    def _limited(self, receive: Receive) -> Receive:
        size, end = 0, asyncio.get_running_loop().time() + self.seconds
        complete = False

        async def limited() -> Any:
            nonlocal size, complete
            if complete:
                return await receive()  # waits for the client to leave
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError:
                raise ProblemError(408, f"the body did not arrive within {self.seconds:g} s") from None
            size += len(message.get("body", b""))
            self._expect(size)
            complete = not message.get("more_body", False)
            return message

        return limited
