"""A server that the tests of a worker share, with a spec of trays; and pictures for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.render import write_variants
from tests.server.running import Server

GOOD, MOVED = "tray_good.png", "tray_moved.png"
TRAYS = Path(__file__).resolve().parents[2] / "specs" / "pushpins.logic"


@pytest.fixture(scope="session")
def trays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a good tray and others."""
    folder = tmp_path_factory.mktemp("trays")
    write_variants(folder, width=425)
    return folder


class Shared:
    """A server, and the header of a client with a token."""

    def __init__(self, server: Server, writer: dict[str, str]) -> None:
        self.server, self.writer, self.client = server, writer, server.client


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory, trays: Path) -> Iterator[Shared]:
    """A server that knows trays; its folder is there for the tests of this process."""
    folder = tmp_path_factory.mktemp("server") / "line"
    folder.mkdir()
    (folder / "server.toml").write_text(
        "[limits]\nbody = 2_000_000\nupload_s = 1.5\n"
        '[[drift]]\nproduct = "trays"\ncolumns = ["yellow.length", "score"]\n'
    )
    server = Server(folder, "--spec", f"trays={TRAYS}", "--root", trays)
    writer = server.token("tests")
    with server:
        yield Shared(server, writer)
