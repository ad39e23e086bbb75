"""What takes long, each in a process of its own: it can be ended at any time, and costs the page nothing.

A job gets its request as a line of JSON, and answers with lines of JSON; see `tasks`. It ends when its input does, so
that none outlives the studio.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from logidsl.web.problems import ProblemError

#: Jobs that have ended and can still be asked for.
MOST_ENDED = 50


@dataclass
class Job:
    """A job.

    Parameters
    ----------
    id, kind : str
        `learn`, `infer`, `translate` or `record`.
    progress : float
        From 0 to 1.
    message : str, optional
        What is done, or why it failed.
    result : object
        What came of it.
    """

    id: str
    kind: str
    process: subprocess.Popen[str] = field(repr=False)
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    progress: float = 0.0
    message: str | None = None
    result: Any = None

    def document(self) -> dict[str, Any]:
        """As the page has it."""
        return {k: getattr(self, k) for k in ("id", "kind", "state", "progress", "message", "result")}


class Jobs:
    """The jobs of a studio.

    Parameters
    ----------
    announce : callable
        Told what becomes of them.
    """

    def __init__(self, announce: Callable[[dict[str, Any]], None]) -> None:
        self.announce = announce
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(
        self, kind: str, request: dict[str, Any], done: Callable[[Any], Any] = lambda result: result
    ) -> dict[str, Any]:
        """Start a job; `done` turns its answer into its result.

        Raises
        ------
        ProblemError
            If one of its kind is running.
        """
        with self._lock:
            if any(j.kind == kind and j.state == "running" for j in self._jobs.values()):
                raise ProblemError(409, f"another `{kind}` is running", fix="wait for it, or end it")
            process = subprocess.Popen(
                [sys.executable, "-m", "logidsl.studio.tasks", kind],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                start_new_session=True,
                env={**os.environ, "PYTHONUTF8": "1"},
            )
            job = Job(f"{kind}-{uuid.uuid4().hex[:12]}", kind, process)
            ended = [k for k, j in self._jobs.items() if j.state != "running"]
            for key in ended[:-MOST_ENDED]:
                del self._jobs[key]
            self._jobs[job.id] = job
        threading.Thread(target=self._listen, args=(job, request, done), daemon=True).start()
        return job.document()

    def of(self, key: str) -> Job:
        """A job by its id.

        Raises
        ------
        ProblemError
            If there is none.
        """
        if key not in self._jobs:
            raise ProblemError(404, f"unknown job `{key}`")
        return self._jobs[key]

    def latest(self) -> list[dict[str, Any]]:
        """The last job of each kind."""
        with self._lock:
            return [j.document() for j in {j.kind: j for j in self._jobs.values()}.values()]

    def cancel(self, key: str) -> dict[str, Any]:
        """End a job; one that has ended is forgotten."""
        job = self.of(key)
        with self._lock:
            if job.state != "running":
                self._jobs.pop(key, None)
                return job.document()
            job.state, job.message = "cancelled", None
        _end(job.process)
        self.announce({"type": "job", "job": job.document()})
        return job.document()

    def close(self) -> None:
        """End all jobs."""
        for job in self._jobs.values():
            _end(job.process)

    def _listen(self, job: Job, request: dict[str, Any], done: Callable[[Any], Any]) -> None:
        out, into = job.process.stdout, job.process.stdin
        assert out is not None and into is not None
        with contextlib.suppress(OSError):
            into.write(json.dumps(request) + "\n")
            into.flush()
        answer: dict[str, Any] = {"error": "the process died: there may be too little memory"}
        for line in out:
            try:
                said = json.loads(line)
            except ValueError:
                continue  # what a library printed
            if "progress" in said:
                job.progress, job.message = said["progress"], said["message"]
                self.announce({"type": "job", "job": job.document()})
            else:
                answer = said
        with contextlib.suppress(OSError):
            into.close()
        job.process.wait()
        result = None
        if "result" in answer and job.state == "running":
            try:
                result = done(answer["result"])
            except Exception as error:  # noqa: BLE001 - the page shows it
                answer = {"error": str(error)}
        with self._lock:
            if job.state == "running":
                if "result" in answer:
                    job.state, job.progress, job.message, job.result = "done", 1.0, None, result
                else:
                    job.state, job.message = "failed", str(answer["error"])
        self.announce({"type": "job", "job": job.document()})


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and those that it started."""
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
