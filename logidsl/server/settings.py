"""The settings of a server: `server.toml` in its folder, and what the command line overrides."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

from logidsl.diagnostics import InputError
from logidsl.files import file_errors
from logidsl.records import Record, RecordError, made, read

FILE = "server.toml"


class Limits(Record):
    """What a request may cost. `body` is in bytes, times in seconds; `queue` requests may wait for a worker."""

    body: int = 64 << 20
    upload_s: float = 30.0
    picture_s: float = 60.0
    queue: int = 64
    files: int = 1000

    def _adjust(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if value <= 0:
                raise ValueError(f"expected `{name}` above 0, found {value:g}")


class Receiver(Record):
    """Where decisions are delivered: an address that takes a JSON array by POST, or a file of JSON lines.

    `token_env` names the variable that holds the bearer token of the address.
    """

    url: str | None = None
    token_env: str | None = None
    file: str | None = None
    batch: int = 200
    retry_s: float = 5.0

    def _adjust(self, values: dict[str, Any]) -> None:
        if (values.get("url") is None) == (values.get("file") is None):
            raise ValueError("expected either `url` or `file` of a receiver")
        if values.get("url") is not None and not re.match(r"https?://[^/]", values["url"]):
            raise ValueError(f"expected `url` to begin with http:// or https://, found `{values['url']}`")

    @property
    def name(self) -> str:
        """What the progress of deliveries is kept under."""
        return self.url or f"file:{self.file}"


class Log(Record):
    """The decision log: which fields are masked, how long and how much is kept, and who receives it.

    Without `sync` the disk is not waited for: a power cut may lose the last decisions, a crash of the server none.
    """

    mask: Annotated[list[str], "paths such as `input.name` or `images.*.findings.*.measured`"] = made(factory=list)
    sync: bool = True
    keep_days: float = 90.0
    most: Annotated[int, "decisions that are kept; the oldest are dropped, and counted"] = 10_000_000
    to: list[Receiver] = made(factory=list)


class Drift(Record):
    """Columns of a product whose mean over the last pictures is a metric: `bolt.length`."""

    product: str
    columns: list[str]
    window: int = 100


class Watch(Record):
    """A folder that is looked at every `every_s` seconds; a file counts once it has not changed for `settle_s`.

    The decision on each file is written to `results`, and the file then moved to `done`, where they are given.
    """

    folder: str
    product: str
    variant: str = ""
    every_s: float = 0.5
    settle_s: float = 1.0
    results: str | None = None
    done: str | None = None


class Camera(Record):
    """A camera: a number, an address or a video file. With `every_s` it is judged so often, else on request."""

    name: str
    device: str
    product: str
    variant: str = ""
    every_s: float | None = None
    timeout_s: float = 5.0


class Mqtt(Record):
    """A broker that is asked for requests and gets results and heartbeats, below `topic`.

    `password_env` names the variable that holds the password of `user`.
    """

    host: str
    port: int = 1883
    topic: str = "logidsl"
    client: str = "logidsl"
    tls: bool = False
    user: str | None = None
    password_env: str | None = None
    heartbeat_s: float = 10.0


class Opcua(Record):
    """A controller that is an OPC UA server, and the nodes of a handshake: it sets `start` and waits for `done`.

    `product` is the product, or `recipe` the node that names it; the picture is from `camera`, or from the file below
    the root that the node `path` names. `serial` names the node of a number that makes a decision unique.
    """

    url: str
    start: str
    done: str
    verdict: str
    labels: str | None = None
    decision: str | None = None
    serial: str | None = None
    product: str | None = None
    recipe: str | None = None
    camera: str | None = None
    path: str | None = None
    user: str | None = None
    password_env: str | None = None
    every_s: float = 0.05

    def _adjust(self, values: dict[str, Any]) -> None:
        for one, other in (("product", "recipe"), ("camera", "path")):
            if (values.get(one) is None) == (values.get(other) is None):
                raise ValueError(f"expected either `{one}` or `{other}` of a controller")


class Settings(Record):
    """All settings.

    `root` is the folder below which pictures may be named by path; `hosts` are its names, and `store` is
    the address of a store of runs that gets every decision.
    """

    jobs: int | None = None
    root: str | None = None
    hosts: list[str] = made(factory=list)
    store: str | None = None
    limits: Limits = Limits()
    log: Log = made(factory=Log)
    drift: list[Drift] = made(factory=list)
    watch: list[Watch] = made(factory=list)
    camera: list[Camera] = made(factory=list)
    mqtt: list[Mqtt] = made(factory=list)
    opcua: list[Opcua] = made(factory=list)


def secret(variable: str | None, whose: str) -> str | None:
    """The value of a variable that holds a secret; None without a variable.

    Raises
    ------
    InputError
        If it is not set.
    """
    if variable is None:
        return None
    if not os.environ.get(variable):
        raise InputError(f"the variable `{variable}` with the secret of {whose} is not set")
    return os.environ[variable]


def read_settings(path: Path) -> Settings:
    """The settings in a file; the defaults if there is no such file.

    Raises
    ------
    InputError
        If it cannot be read, or says something that is not a setting.
    """
    try:
        with file_errors(path, "read"):
            text = path.read_text("utf-8") if path.exists() else ""
        return read(Settings, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecordError) as error:
        raise InputError(f"{path}: {error}") from None
