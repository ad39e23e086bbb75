"""The published schema of the HTTP API is the one that the server gives."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.server.conftest import Shared


def test_the_published_schema_is_that_of_the_server(shared_server: Shared, checkout: Path) -> None:
    made = shared_server.client.get("/openapi.json").json()
    path = checkout / "docs" / "openapi.json"
    if os.environ.get("UPDATE_DOCS") == "1":
        path.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    assert json.loads(path.read_text("utf-8")) == made
