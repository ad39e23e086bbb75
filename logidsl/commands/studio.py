"""`logidsl studio [FOLDER]`: one local page to point, write and see."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Any

from logidsl.commands.arguments import JOBS, MAX_PIXELS, PORT, argument, set_limits
from logidsl.commands.terminal import INPUT_ERROR, PASS, UsageError, say
from logidsl.diagnostics import InputError
from logidsl.extras import needed
from logidsl.files import file_errors
from logidsl.workers import cpus

EXAMPLES = """  logidsl studio trays/
  logidsl studio trays/ --spec trays/pushpins.logic --port 8500
  logidsl studio trays/ --store runs.db
  logidsl studio . --no-browser

FOLDER holds the photos. The spec is FOLDER/NAME.logic, NAME being that of the folder, or the only one there; it is
written as you edit, and so is FOLDER/.logidsl-studio, which holds marks, annotations and what can be undone. Nothing is
written elsewhere. The page is for this machine alone unless --host says otherwise; Ctrl-C ends the studio.
"""
ARGUMENTS = (
    argument("folder", metavar="FOLDER", nargs="?", default=".", help="the folder with the photos (default: this one)"),
    argument("--spec", metavar="SPEC", help="the spec; one outside of FOLDER is read and not written"),
    argument(
        "--store",
        metavar="URL",
        help="the store of runs that the page shows and records to (default: the folder's own)",
    ),
    argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on (default 127.0.0.1)"),
    argument("--port", type=PORT, default=8480, metavar="N", help="port (default 8480; 0 for any free)"),
    argument("--no-browser", action="store_true", help="print the address without opening it in the browser"),
    JOBS(help="processes that look at photos (default: one less than there are processors)"),
    MAX_PIXELS,
)


def run(args: argparse.Namespace) -> int:
    """Serve the page until interrupted."""
    for module in ("fastapi", "uvicorn", "websockets", "pygls"):
        needed(module, "web", "the studio")
    from logidsl.studio.photos import STATE
    from logidsl.web.listening import Locked, listening

    set_limits(args)
    folder = Path(args.folder)
    if not folder.is_dir():
        what = "a folder, found a file" if folder.exists() else "an existing folder of photos"
        raise InputError(f"{folder} cannot be opened: expected {what}")
    if args.spec and not Path(args.spec).is_file() and not _is_new(Path(args.spec), folder):
        raise UsageError(f"no spec `{args.spec}`: expected an existing file, or a new one in {folder}")
    kept = folder / STATE
    with file_errors(kept, "written"):
        kept.mkdir(exist_ok=True)
    taken = f"another studio works on {folder}: use its page, or end it first"
    with Locked(kept / "lock", taken), listening(args.host, args.port) as listener:
        return _serve(args, folder, listener)


def _is_new(spec: Path, folder: Path) -> bool:
    return not spec.exists() and spec.resolve().parent.is_relative_to(folder.resolve()) and spec.parent.is_dir()


def _serve(args: argparse.Namespace, folder: Path, listener: socket.socket) -> int:
    import uvicorn

    from logidsl.studio.http import application
    from logidsl.studio.project import Project

    project = Project(folder, Path(args.spec) if args.spec else None)
    app = application(
        project, args.host, secrets.token_urlsafe(24), args.jobs or max(1, cpus() - 1), args.folder, args.store
    )
    shown = f"[{args.host}]" if ":" in args.host else args.host
    address = f"http://{shown}:{listener.getsockname()[1]}/"
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="on", server_header=False, ws="websockets-sansio",
        timeout_graceful_shutdown=3,
    )  # fmt: skip
    server: Any = uvicorn.Server(config)
    say(f"the studio of {folder} is at {address} (Ctrl-C ends it)")
    if not args.no_browser and _has_display():
        threading.Timer(0.5, webbrowser.open, [address]).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return PASS if server.started else INPUT_ERROR


def _has_display() -> bool:
    """Whether a browser can be opened here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
