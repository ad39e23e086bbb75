"""MQTT: requests from topics, results and heartbeats to others; what happens while the broker is away is sent later."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from logidsl.diagnostics import InputError, SpecError
from logidsl.records import Record, RecordError, made, read_json
from logidsl.server.journal import ConflictError
from logidsl.server.line.camera import Cameras
from logidsl.server.line.state import State
from logidsl.server.pool import TookTooLongError, WorkerDiedError
from logidsl.server.service import Ask, OverloadedError, Service
from logidsl.server.settings import Mqtt, secret
from logidsl.server.uploads import below

PUBLISHED_S = 10.0


class Request(Record):
    """A message that asks for a decision: on a frame of a camera, or on a file below the root.

    `id` is what the sender calls it; a message that is delivered twice is then judged once.
    """

    id: str | None = None
    camera: str | None = None
    path: str | None = None
    variant: str = ""
    tags: dict[str, str] = made(factory=dict)


class Broker:
    """The connection to a broker: `TOPIC/PRODUCT/check` asks, `TOPIC/PRODUCT/result` answers.

    Parameters
    ----------
    service : Service
        What judges.
    cameras : Cameras
        What requests may name.
    settings : Mqtt
        The broker and its topics.

    Raises
    ------
    InputError
        If the variable with its password is not set.
    """

    def __init__(self, service: Service, cameras: Cameras, settings: Mqtt) -> None:
        self.service, self.cameras, self.settings = service, cameras, settings
        self.state = State(service.metrics, f"mqtt:{settings.host}:{settings.port}")
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=settings.client, clean_session=False, manual_ack=True
        )
        if settings.user:
            password = secret(settings.password_env, f"{settings.user} at {settings.host}")
            self.client.username_pw_set(settings.user, password)
        if settings.tls:
            self.client.tls_set()
        self.client.will_set(self._topic("status"), "offline", qos=1, retain=True)
        self.client.reconnect_delay_set(1, 10)
        self.client.on_connect = self._connected
        self.client.on_disconnect = self._disconnected
        self.client.on_message = self._received
        self._working: set[asyncio.Task[None]] = set()
        service.deliver(f"mqtt:{settings.host}:{settings.port}/{settings.topic}", self._send, batch=50, retry_s=1.0)

    async def run(self) -> None:
        """Stay connected, and send heartbeats."""
        self._loop = asyncio.get_running_loop()
        self.client.connect_async(self.settings.host, self.settings.port, keepalive=10)
        self.client.loop_start()
        try:
            while True:
                if self.client.is_connected():
                    beat = {"ready": self.service.ready, "waiting": self.service.pool.waiting}
                    self.client.publish(self._topic("heartbeat"), json.dumps(beat), qos=0)
                await asyncio.sleep(self.settings.heartbeat_s)
        finally:
            self.client.publish(self._topic("status"), "offline", qos=1, retain=True)
            await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _topic(self, *parts: str) -> str:
        return "/".join([self.settings.topic, *parts])

    def _connected(self, client: mqtt.Client, _data: object, _flags: object, why: Any, _more: object) -> None:
        if why.is_failure:
            self.state.fails(why)
            return
        self.state.works()
        client.subscribe(self._topic("+", "check"), qos=1)
        client.publish(self._topic("status"), "online", qos=1, retain=True)

    def _disconnected(self, _client: mqtt.Client, _data: object, _flags: object, why: Any, _more: object) -> None:
        self.state.fails(f"disconnected: {why}")

    def _received(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        def begin() -> None:
            task = asyncio.create_task(self._judge(message))
            self._working.add(task)
            task.add_done_callback(self._working.discard)

        self._loop.call_soon_threadsafe(begin)

    async def _judge(self, message: mqtt.MQTTMessage) -> None:
        """Judge what a message asks for, and only then let the broker forget it."""
        product = message.topic.split("/")[-2]
        while True:
            try:
                await self._decide(product, bytes(message.payload))
                break
            except OverloadedError as error:
                await asyncio.sleep(error.retry_s)
        self.client.ack(message.mid, message.qos)

    async def _decide(self, product: str, payload: bytes) -> None:
        ask = Ask(product, source="mqtt")
        try:
            request = read_json(Request, payload)
            key = f"mqtt:{product}:{request.id}" if request.id else None
            ask = Ask(product, request.variant, key=key, tags=request.tags, source="mqtt")
            if (request.camera is None) == (request.path is None):
                raise RecordError("expected either `camera` or `path`")
            if request.camera is not None:
                await self.cameras.judge(request.camera, ask)
                return
            from logidsl.web.problems import ProblemError

            try:
                path = below(self.service.settings.root, str(request.path))
            except ProblemError as error:
                raise InputError(error.detail) from None
            with self.service.accepted(), self.service.spool.upload(path.name) as upload:
                upload.path.symlink_to(path)
                await self.service.decide(ask, upload)
        except (WorkerDiedError, TookTooLongError):
            return  # its decision is in the log
        except (RecordError, InputError, SpecError, LookupError, ConflictError) as error:
            await self.service.give_up(ask, "", f"the request cannot be followed: {error}")

    async def _send(self, bodies: Sequence[str]) -> None:
        await asyncio.to_thread(self._publish, bodies)

    def _publish(self, bodies: Sequence[str]) -> None:
        if not self.client.is_connected():
            raise OSError(f"the broker {self.settings.host}:{self.settings.port} is not connected")
        sent = []
        for body in bodies:
            product = json.loads(body)["product"]
            sent.append(self.client.publish(self._topic(product, "result"), body, qos=1))
        for message in sent:
            try:
                message.wait_for_publish(PUBLISHED_S)
            except (RuntimeError, ValueError) as error:
                raise OSError(str(error)) from None
            if not message.is_published():
                raise OSError("the broker did not confirm a result")
