"""Connections with editors: over standard streams, or a port of the loopback address."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable

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
