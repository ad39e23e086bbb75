"""The web sockets of the page: events, and the language server."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from logidsl.editor.connections import serve_messages

#: Events that may wait for a page that does not read them; one that is further behind reads everything again.
MOST_WAITING = 20_000


class Hub:
    """Sends events to all pages."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[dict[str, Any] | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to send; called in the event loop."""
        self._loop = asyncio.get_running_loop()

    def announce(self, event: dict[str, Any]) -> None:
        """Send an event to every page, from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens
                self._loop.call_soon_threadsafe(self._spread, event)

    def _spread(self, event: dict[str, Any]) -> None:
        for queue in self._queues:
            if queue.qsize() < MOST_WAITING:
                queue.put_nowait(event)
            elif queue.qsize() == MOST_WAITING:
                queue.put_nowait(None)

    def close(self) -> None:
        """End the connections of all pages."""
        for queue in self._queues:
            queue.put_nowait(None)

    async def serve(self, socket: WebSocket, first: list[dict[str, Any]]) -> None:
        """Send events to a page until it leaves."""
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        for early in first:
            queue.put_nowait(early)
        self._queues.add(queue)
        listening = asyncio.create_task(_until_gone(socket))
        try:
            while not listening.done():
                waiting = asyncio.create_task(queue.get())
                await asyncio.wait([waiting, listening], return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    waiting.cancel()
                    break
                event = waiting.result()
                if event is None:
                    await socket.close(1001)
                    break
                await socket.send_json(event)
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass  # it has left
        finally:
            self._queues.discard(queue)
            listening.cancel()


async def _until_gone(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_text()


async def serve_language(socket: WebSocket) -> None:
    """Serve the language server to a page: a JSON-RPC message in each frame."""

    async def receive() -> str | None:
        try:
            return await socket.receive_text()
        except (WebSocketDisconnect, RuntimeError, KeyError):
            return None

    await serve_messages(receive, socket.send_text)
    with contextlib.suppress(RuntimeError):
        await socket.close()
