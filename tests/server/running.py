"""Servers as users start them: `logidsl serve` in a process of its own, on a free port."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.cli.commands import environment


class Server:
    """A server, and a client that talks to it."""

    def __init__(self, folder: Path, *arguments: str | Path, port: int = 0, **changes: str) -> None:
        self.folder, self.arguments, self.port, self.changes = folder, arguments, port, changes
        self.log = folder.with_name(folder.name + ".log")

    def start(self) -> Self:
        """Start it, and wait until it is ready."""
        command = [sys.executable, "-m", "logidsl", "serve", str(self.folder), "--port", str(self.port), "--jobs", "1"]
        self.log.write_text("")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *map(str, self.arguments)], stderr=log, env=environment(**self.changes)
            )
        end = time.monotonic() + 60
        while (found := re.search(r" on (http://\S+)", self.told)) is None or "startup complete" not in self.told:
            assert self.process.poll() is None, self.told
            assert time.monotonic() < end, self.told
            time.sleep(0.02)
        self.url = found[1]
        self.client = httpx.Client(base_url=self.url, timeout=60)
        return self

    @property
    def told(self) -> str:
        """What it said on standard error."""
        return self.log.read_text("utf-8")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.client.close()

    def stop(self) -> int:
        """Ask it to end, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.client.close()
        return self.process.wait(60)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.kill()

    def token(self, name: str) -> dict[str, str]:
        """The header of a client with a new token; before the start."""
        command = [sys.executable, "-m", "logidsl", "serve", str(self.folder), "--new-token", name]
        made = subprocess.run(command, capture_output=True, text=True, check=True, env=environment(**self.changes))
        return {"Authorization": f"Bearer {made.stdout.strip()}"}


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
