"""Studios as users start them: `logidsl studio` in a process of its own, on a free port."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from logidsl.studio.photos import STATE
from tests.cli.commands import environment


class Studio:
    """A studio, and a client that talks to it as its page does."""

    def __init__(self, folder: Path, *arguments: str | Path, **changes: str) -> None:
        self.folder, self.arguments, self.changes = folder, arguments, changes
        self.log = folder.with_name(folder.name + ".log")
        self.port = "0"
        self.files = {p.name for p in folder.iterdir()} | {STATE} if folder.is_dir() else set()

    @property
    def spec(self) -> Path:
        """The file of the spec."""
        return self.folder / f"{self.folder.name}.logic"

    def start(self) -> Self:
        """Start it, on the same port if it ran before, and wait until it answers."""
        command = [sys.executable, "-m", "logidsl", "studio", str(self.folder), "--no-browser", "--jobs", "1"]
        if "--port" not in self.arguments:
            command += ["--port", self.port]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*command, *map(str, self.arguments)], stderr=log, env=self._environment())
        end = time.monotonic() + 120
        while (found := re.search(r" is at (http://\S+?)/ ", self.told)) is None:
            assert self.process.poll() is None, self.told
            assert time.monotonic() < end, self.told
            time.sleep(0.02)
        self.url = found[1]
        self.port = self.url.rpartition(":")[2]
        self.client = httpx.Client(base_url=self.url, timeout=120)
        page = self.client.get("/").text
        token = re.search(r'name="logidsl-token"\s+content="([^"]+)"', page)
        assert token is not None, page
        self.token = token[1]
        self.client.headers["X-Logidsl-Studio"] = self.token
        return self

    def _environment(self) -> dict[str, str]:
        """This process's environment, without a language model that is configured in it."""
        kept = {k: v for k, v in environment().items() if not k.startswith(("LOGIDSL_", "OPENAI_"))}
        return {**kept, **self.changes}

    @property
    def told(self) -> str:
        """What it said on standard error."""
        return self.log.read_text("utf-8", "replace")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.client.close()

    def stop(self) -> int:
        """Ask it to end, and give its exit code."""
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def restore(self, text: str) -> None:
        """Make it one that was just started with this spec: without marks, annotations, jobs and further files."""
        if self.process.poll() is not None:
            self.start()
        for job in self.get("jobs")["jobs"]:
            for _ in range(1 + (job["state"] == "running")):  # it is ended, and then forgotten
                self.send("DELETE", f"jobs/{job['id']}")
        for path in [*self.folder.iterdir(), *(self.folder / STATE).glob("runs.db*")]:
            if path.name not in self.files:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        (self.folder / STATE / "learned.json").unlink(missing_ok=True)
        until(lambda: set(self.photos()) <= self.files)
        for photo in self.photos().values():
            if photo["mark"] is not None:
                self.send("PUT", f"photos/{photo['id']}/mark")
            if photo["annotated"]:
                self.send("PUT", f"photos/{photo['id']}/annotations", {"shapes": []})
        if self.spec.read_text("utf-8") != text:
            until(lambda: self.get("project")["spec"]["text"] == self.spec.read_text("utf-8"))
            self.edit(text)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.kill()

    def get(self, path: str, **query: Any) -> Any:
        """What a request answers."""
        answer = self.client.get(f"/api/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """What a request that changes something answers."""
        answer = self.client.request(method, f"/api/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def photos(self, **query: str) -> dict[str, Any]:
        """The photos by their path."""
        return {p["path"]: p for p in self.get("photos", **query)["photos"]}

    def judged(self) -> dict[str, Any]:
        """The photos, once all have a verdict."""
        until(lambda: all(p["verdict"] for p in self.photos().values()))
        return self.photos()

    def edit(self, text: str, photo: str | None = None) -> Any:
        """Save a text of the spec as the page does."""
        digest = self.get("project")["spec"]["digest"]
        return self.send("PUT", "spec", {"text": text, "digest": digest, "photo": photo})

    def job(self, answer: Any) -> Any:
        """A job once it has ended."""
        key = answer["job"]["id"]
        until(lambda: self.get(f"jobs/{key}")["state"] != "running", 300)
        return self.get(f"jobs/{key}")


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
