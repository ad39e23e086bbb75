"""Cameras, and videos in their place, through OpenCV."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from logidsl.arrays import Pixels
from logidsl.diagnostics import InputError
from logidsl.extract import write_picture
from logidsl.extract.pixels.opencv import cv2
from logidsl.server.line.state import State
from logidsl.server.pool import TookTooLongError, WorkerDiedError
from logidsl.server.service import Ask, OverloadedError, Service
from logidsl.server.settings import Camera

RETRY_S = 1.0


class Frames:
    """The frames of one camera: the newest, or of a file the next.

    Parameters
    ----------
    settings : Camera
        What it is.
    state : State
        Where it is said whether it works.
    """

    def __init__(self, settings: Camera, state: State) -> None:
        self.settings, self.state = settings, state
        self.is_file = Path(settings.device).is_file()
        self._capture: Any = None
        self._lock = threading.Lock()
        self._newest: Pixels | None = None
        self._count = 0
        self._changed = threading.Condition(self._lock)
        self._closed = False
        if not self.is_file:
            threading.Thread(target=self._follow, name=settings.name, daemon=True).start()

    def next(self) -> Pixels:
        """A frame taken from now on.

        Raises
        ------
        InputError
            If none comes in time, or the video has ended.
        """
        if self.is_file:
            with self._lock:
                frame = self._read()
            if frame is None:
                raise InputError(f"the video {self.settings.device} has ended")
            return frame
        with self._changed:
            before = self._count
            if not self._changed.wait_for(lambda: self._count > before, self.settings.timeout_s):
                raise InputError(f"the camera `{self.settings.name}` gave no picture in {self.settings.timeout_s:g} s")
            assert self._newest is not None
            return self._newest

    def close(self) -> None:
        """Let go of the camera."""
        self._closed = True
        if self.is_file and self._capture is not None:
            self._capture.release()

    def _follow(self) -> None:
        while not self._closed:
            frame = self._read()
            if frame is None:
                self._capture = None
                time.sleep(RETRY_S)
                continue
            with self._changed:
                self._newest, self._count = frame, self._count + 1
                self._changed.notify_all()
        if self._capture is not None:
            self._capture.release()

    def _read(self) -> Pixels | None:
        device = self.settings.device
        if self._capture is None:
            self._capture = cv2.VideoCapture(int(device) if device.isdigit() else device)
        good, frame = self._capture.read()
        if good:
            self.state.works()
            found: Pixels = frame
            return found
        if not self.is_file:
            self._capture.release()
        self.state.fails("the video has ended" if self.is_file else "no picture comes")
        return None


class Cameras:
    """The cameras of a service, opened when they are first used.

    Parameters
    ----------
    service : Service
        What judges their pictures.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._settings = {one.name: one for one in service.settings.camera}
        self._frames: dict[str, Frames] = {}

    def _of(self, name: str) -> Frames:
        if name not in self._settings:
            raise InputError(f"no camera `{name}` in the settings")
        if name not in self._frames:
            state = State(self.service.metrics, f"camera:{name}")
            self._frames[name] = Frames(self._settings[name], state)
        return self._frames[name]

    async def judge(self, name: str, ask: Ask) -> dict[str, Any]:
        """The decision on a frame taken now.

        Raises
        ------
        OverloadedError, NotFoundError, SpecError, ConflictError
            As the service does. Where no picture comes, the decision is an error.
        """
        shown = f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.png"
        with self.service.accepted(), self.service.spool.upload(shown) as upload:
            try:
                frame = await asyncio.to_thread(self._of(name).next)
                await asyncio.to_thread(write_picture, upload.path, frame)
            except InputError as error:
                return await self.service.give_up(ask, shown, str(error))
            try:
                return (await self.service.decide(ask, upload)).record
            except (WorkerDiedError, TookTooLongError) as error:
                return {"verdict": "error", "labels": [], "input": {"name": shown}, "error": str(error)}

    async def judge_often(self, settings: Camera) -> None:
        """Judge a frame of a camera at regular times, as long as it gives any."""
        ask = Ask(settings.product, settings.variant, source=f"camera:{settings.name}")
        at = time.monotonic()
        while True:
            try:
                record = await self.judge(settings.name, ask)
                if "ended" in str(record.get("error")):
                    return
            except (InputError, LookupError, OverloadedError) as error:
                self._of(settings.name).state.fails(error)
            at = max(at + float(settings.every_s or 0), time.monotonic())
            await asyncio.sleep(at - time.monotonic())

    def close(self) -> None:
        """Let go of all cameras."""
        for frames in self._frames.values():
            frames.close()
