"""OPC UA: a controller sets `start`, the decision is written to its nodes, then `done`; it takes back `start`."""

from __future__ import annotations

import asyncio
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node
from asyncua.ua.uaerrors import UaError

from logidsl.diagnostics import InputError, SpecError
from logidsl.server.journal import ConflictError
from logidsl.server.line.camera import Cameras
from logidsl.server.line.state import State
from logidsl.server.pool import TookTooLongError, WorkerDiedError
from logidsl.server.service import Ask, OverloadedError, Service
from logidsl.server.settings import Opcua, secret
from logidsl.server.uploads import below
from logidsl.web.problems import ProblemError

RETRY_S = 1.0


class Controller:
    """The connection to one controller.

    Parameters
    ----------
    service : Service
        What judges.
    cameras : Cameras
        What gives pictures.
    settings : Opcua
        The controller and its nodes.

    Raises
    ------
    InputError
        If the variable with its password is not set.
    """

    def __init__(self, service: Service, cameras: Cameras, settings: Opcua) -> None:
        self.service, self.cameras, self.settings = service, cameras, settings
        self.state = State(service.metrics, f"opcua:{settings.url}")
        self.password = secret(settings.password_env, f"{settings.user} at {settings.url}")
        self._answer: dict[str, Any] | None = None  # of the start that is still set

    async def run(self) -> None:
        """Serve the controller, and connect again whenever it was away."""
        while True:
            client = Client(self.settings.url, timeout=4)
            if self.settings.user:
                client.set_user(self.settings.user)
                client.set_password(self.password or "")
            try:
                async with client:
                    await self._serve(client)
            except (OSError, TimeoutError, asyncio.CancelledError, UaError, ConnectionError) as error:
                task = asyncio.current_task()
                if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                    raise
                self.state.fails(str(error) or type(error).__name__)
            await asyncio.sleep(RETRY_S)

    async def _serve(self, client: Client) -> None:
        names = ("start", "done", "verdict", "labels", "decision", "serial", "recipe", "path")
        nodes = {n: client.get_node(getattr(self.settings, n)) for n in names if getattr(self.settings, n)}
        while True:
            started = await nodes["start"].read_value()
            self.state.works()
            done = await nodes["done"].read_value()
            if started and not done:
                self._answer = self._answer or await self._decided(nodes)
                await self._write(nodes, self._answer)
            elif not started:
                self._answer = None
                if done:
                    await _write(nodes["done"], False)
            await asyncio.sleep(self.settings.every_s)

    async def _decided(self, nodes: dict[str, Node]) -> dict[str, Any]:
        product = self.settings.product or str(await nodes["recipe"].read_value())
        serial = str(await nodes["serial"].read_value()) if "serial" in nodes else None
        key = f"opcua:{self.settings.url}:{serial}" if serial else None
        ask = Ask(product, key=key, source="opcua", tags={"serial": serial} if serial else {})
        while True:
            try:
                if self.settings.camera:
                    return await self.cameras.judge(self.settings.camera, ask)
                path = below(self.service.settings.root, str(await nodes["path"].read_value()))
                with self.service.accepted(), self.service.spool.upload(path.name) as upload:
                    upload.path.symlink_to(path)
                    return (await self.service.decide(ask, upload)).record
            except OverloadedError as error:
                await asyncio.sleep(error.retry_s)
            except (WorkerDiedError, TookTooLongError) as error:
                return {"id": "", "verdict": "error", "labels": [], "error": str(error)}
            except (InputError, SpecError, LookupError, ConflictError, ProblemError) as error:
                return await self.service.give_up(ask, "", str(error))

    async def _write(self, nodes: dict[str, Node], record: dict[str, Any]) -> None:
        await _write(nodes["verdict"], record["verdict"])
        if "labels" in nodes:
            await _write(nodes["labels"], ", ".join(record["labels"]))
        if "decision" in nodes:
            await _write(nodes["decision"], record["id"])
        await _write(nodes["done"], True)


async def _write(node: Node, value: str | bool) -> None:
    kind = ua.VariantType.Boolean if isinstance(value, bool) else ua.VariantType.String
    await node.write_value(ua.DataValue(ua.Variant(value, kind)))
