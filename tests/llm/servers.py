"""A server with the OpenAI interface that misbehaves as real ones do, on a loopback port of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

KEY = "sk-very-secret-0123456789"
Step = Callable[["Handler"], None]


def completion(text: str | None, finish: str = "stop", **message: object) -> dict[str, object]:
    """The body of a good response."""
    said = {"role": "assistant", "content": text} | message
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "served",
        "choices": [{"index": 0, "message": said, "finish_reason": finish}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }


def says(text: str | None, finish: str = "stop", **message: object) -> Step:
    """Answer with a text."""
    return lambda h: h.reply(200, json.dumps(completion(text, finish, **message)))


def body(text: str) -> Step:
    """Answer with a body of any kind."""
    return lambda h: h.reply(200, text)


def status(code: int, message: str = "no", **headers: str) -> Step:
    """Answer with an error."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda h: h.reply(code, json.dumps({"error": {"message": message, "type": "t"}}), named)


def redirects(target: str, code: int = 307) -> Step:
    """Send the question on to another address."""
    return lambda h: h.reply(code, "", {"Location": target})


def hangs(seconds: float) -> Step:
    """Say nothing for a while."""

    def wait(h: Handler) -> None:
        h.server.leaving.wait(seconds)

    return wait


def drips(h: Handler) -> None:
    """Send one byte at a time, for ever."""
    h.send_response(200)
    h.send_header("Content-Length", "100000")
    h.end_headers()
    while not h.server.leaving.is_set():
        h.wfile.write(b" ")
        h.wfile.flush()
        time.sleep(0.02)


def cuts(h: Handler) -> None:
    """Close the connection in the middle of an answer."""
    h.send_response(200)
    h.send_header("Content-Length", "1000")
    h.end_headers()
    h.wfile.write(b'{"choices": [')
    h.wfile.flush()
    h.close_connection = True


class Handler(BaseHTTPRequestHandler):
    """Takes the next step of the server's list for each question."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """A question."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        with server.lock:
            server.asked.append(asked)
            server.keys.append(self.headers["Authorization"])
            server.headers.append(dict(self.headers.items()))
            step = server.steps[min(len(server.asked), len(server.steps)) - 1]
        if server.key and self.headers["Authorization"] != f"Bearer {server.key}":
            step = status(401, f"Incorrect API key provided: {self.headers['Authorization']}.")
        step(self)

    def do_GET(self) -> None:
        """The list of models."""
        if self.server.owner is None:
            self.reply(404, "{}")
            return
        rows = [{"id": name, "object": "model", "owned_by": self.server.owner} for name in self.server.models]
        self.reply(200, json.dumps({"object": "list", "data": rows}))

    def reply(self, code: int, text: str, headers: dict[str, str] | None = None) -> None:
        """Send a whole response."""
        data = text.encode()
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """The server: a context that gives its address as `url`.

    Parameters
    ----------
    steps : callables
        What it does with the first question, the second, …; the last one for all that follow.
    key : str
        The key that it wants; empty for any.
    owner : str, optional
        Whose the models are in its list; None for a server without a list.
    """

    daemon_threads = True

    def __init__(
        self, *steps: Step, key: str = "", owner: str | None = "somebody", models: Sequence[str] = ("served",)
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.steps, self.key, self.owner, self.models = steps, key, owner, models
        self.asked: list[dict[str, object]] = []
        self.keys: list[str | None] = []
        self.headers: list[dict[str, str]] = []
        self.lock, self.leaving = threading.Lock(), threading.Event()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self) -> Server:
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leaving.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests want."""
