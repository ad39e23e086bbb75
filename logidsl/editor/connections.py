"""Connections with editors: over standard streams, a port of the loopback address, or single messages."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from pygls.exceptions import JsonRpcException
from pygls.io_ import run_async

from logidsl.editor import features, lenses
from logidsl.editor.server import SpecServer

log = logging.getLogger("logidsl.editor")


def create_server(*, own_process: bool = False) -> SpecServer:
    """A server for one connection, with everything that it can do.

    Parameters
    ----------
    own_process : bool
        Whether the process ends with the connection.
    """
    server = SpecServer(own_process=own_process)
    features.register(server)
    lenses.register(server)
    return server


def serve_stdio() -> None:
    """Serve the editor that started the process, over its standard streams.

    What a library prints goes to standard error, as it would break the protocol.
    """
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        create_server(own_process=True).start_io(stdout=out)


async def serve_tcp(host: str, port: int, on_ready: Callable[[int], None]) -> None:
    """Serve editors on a port, each with a server of its own.

    Parameters
    ----------
    host, port
        Where to listen; port 0 for any that is free.
    on_ready : callable
        Told the port once it is open.
    """

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = create_server()
        server.protocol.set_writer(writer)
        try:
            await run_async(server.ended, reader, server.protocol, log, server.report_server_error)
        except (asyncio.IncompleteReadError, ConnectionError):
            log.info("a connection was lost")
        finally:
            server.close()
            writer.close()

    listening = await asyncio.start_server(connected, host, port)
    on_ready(listening.sockets[0].getsockname()[1])
    async with listening:
        await listening.serve_forever()


class _Frames:
    """A writer that hands each message on, in order."""

    def __init__(self, queue: asyncio.Queue[str | None]) -> None:
        self._queue, self._loop = queue, asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        """Send a message, from any thread."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, data.decode())

    def close(self) -> None:
        """Nothing more comes."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, None)


async def serve_messages(receive: Callable[[], Awaitable[str | None]], send: Callable[[str], Awaitable[None]]) -> None:
    """Serve one editor over a connection that carries a JSON-RPC message at a time.

    Parameters
    ----------
    receive : callable
        Gives the next message; None once the editor has left.
    send : callable
        Sends a message.
    """
    server, queue = create_server(), asyncio.Queue[str | None]()
    protocol: Any = server.protocol
    protocol.set_writer(_Frames(queue), include_headers=False)

    async def forward() -> None:
        while (message := await queue.get()) is not None:
            try:
                await send(message)
            except Exception:  # noqa: BLE001 - whatever a transport raises, the editor has left
                return

    sending = asyncio.create_task(forward())
    try:
        while not server.ended.is_set() and (text := await receive()) is not None:
            try:
                protocol.handle_message(json.loads(text, object_hook=protocol.structure_message))
            except Exception as error:  # noqa: BLE001 - as pygls does: what one message is wrong with must not end all
                server.report_server_error(error, JsonRpcException)
    finally:
        server.close()
        sending.cancel()
