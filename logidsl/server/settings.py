"""The settings of a server: `server.toml` in its folder, and what the command line overrides."""

from __future__ import annotations

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
    """The decision log: which fields are masked, how long and how much is kept, and who receives it."""

    mask: Annotated[list[str], "paths such as `input.name` or `images.*.findings.*.measured`"] = made(factory=list)
    keep_days: float = 90.0
    most: Annotated[int, "decisions that are kept; the oldest are dropped, and counted"] = 10_000_000
    to: list[Receiver] = made(factory=list)


class Drift(Record):
    """Columns of a product whose mean over the last pictures is a metric: `bolt.length`."""

    product: str
    columns: list[str]
    window: int = 100


class Settings(Record):
    """All settings. `root` is the folder below which pictures may be named by path; `hosts` are its names."""

    jobs: int | None = None
    root: str | None = None
    hosts: list[str] = made(factory=list)
    limits: Limits = Limits()
    log: Log = made(factory=Log)
    drift: list[Drift] = made(factory=list)


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
