"""Ways into the service beside HTTP, each a task that runs as long as it does: folders, cameras, MQTT, OPC UA."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from logidsl.extras import needed
from logidsl.server.line.camera import Cameras
from logidsl.server.line.folder import watch
from logidsl.server.service import Service


class Line:
    """All ways in that the settings ask for.

    Parameters
    ----------
    service : Service
        What judges; before it runs.

    Raises
    ------
    InputError
        If an extra is missing, or a variable that holds a secret.
    """

    def __init__(self, service: Service) -> None:
        settings = service.settings
        self.cameras = Cameras(service)
        self._loops: list[Callable[[], Awaitable[None]]] = [partial(watch, service, one) for one in settings.watch]
        often = [one for one in settings.camera if one.every_s is not None]
        self._loops += [partial(self.cameras.judge_often, one) for one in often]
        if settings.mqtt:
            needed("paho.mqtt.client", "line", "MQTT")
            from logidsl.server.line.mqtt import Broker

            self._loops += [Broker(service, self.cameras, one).run for one in settings.mqtt]
        if settings.opcua:
            needed("asyncua", "line", "OPC UA")
            from logidsl.server.line.opcua import Controller

            self._loops += [Controller(service, self.cameras, one).run for one in settings.opcua]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All of them at work, until the block ends."""
        tasks = [asyncio.ensure_future(loop()) for loop in self._loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(self.cameras.close)
