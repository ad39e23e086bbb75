"""Decisions in a store of runs: one more receiver, so that what it missed while it was away goes in later, once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from logidsl.diagnostics import InputError
from logidsl.records import read
from logidsl.report.model import ImageReport
from logidsl.server.revisions import NotFoundError, Revisions
from logidsl.store.store import Entry, Place, Store, StoredSpec, Writer


class Keeping:
    """What sends decisions to a store.

    Parameters
    ----------
    address : str
        The store.
    revisions : Revisions
        Where the texts of specs are.

    Raises
    ------
    InputError
        If the store cannot be used.
    """

    def __init__(self, address: str, revisions: Revisions) -> None:
        self.revisions = revisions
        self.writer = Writer(Store(address), "serve")

    async def send(self, bodies: Sequence[str]) -> None:
        """Keep decisions."""
        await asyncio.to_thread(self._keep, [json.loads(body) for body in bodies])

    def _keep(self, decisions: Sequence[dict[str, Any]]) -> None:
        for one in decisions:
            if "program" not in one:  # an input that never came: no picture was judged
                continue
            names = {name: str(one["tags"].get(name, "")) for name in Place._fields}
            entries = [self._entry(one, image) for image in one["images"]]
            self.writer.write(self._spec(one), Place(**names), entries)

    def _spec(self, one: dict[str, Any]) -> StoredSpec:
        try:
            text = self.revisions.revision(one["product"], one["revision"]).spec.read_text("utf-8", "replace")
        except (NotFoundError, OSError, InputError):
            text = ""
        return StoredSpec(one["program"], one["product"], one["product"], text, one["parameters"])

    def _entry(self, one: dict[str, Any], image: dict[str, Any]) -> Entry:
        name = f"{one['id']}/{one['input']['name']}"  # each decision counts, also on the same picture again
        return Entry(name, one["input"]["digest"], read(ImageReport, image), time=datetime.fromisoformat(one["time"]))
