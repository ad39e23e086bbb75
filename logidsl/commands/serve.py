"""`logidsl serve FOLDER`: judge pictures for a production line over HTTP."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from logidsl.commands.arguments import JOBS, MAX_PIXELS, PORT, argument, set_limits
from logidsl.commands.outputs import files_of
from logidsl.commands.terminal import INPUT_ERROR, PASS, UsageError, say, write
from logidsl.diagnostics import InputError
from logidsl.extras import needed
from logidsl.files import file_errors
from logidsl.pipeline import compile_spec, local_files, read_spec
from logidsl.web.listening import LOOPBACK, Locked, listening

EXAMPLES = """  logidsl serve line1/ --spec pushpins.logic
  logidsl serve line1/ --port 8471 --root /data/pictures
  logidsl serve line1/ --new-token planner
  curl -T tray.png -H 'Content-Type: image/png' -X POST http://127.0.0.1:8470/v1/products/pushpins/check

FOLDER keeps specs, decisions and jobs, and `server.toml` its settings. Changing specs needs a token; on another address
than this machine's own, so does everything else. The API is described at /openapi.json.
"""
#: How long a connection is kept without a request; lines of slow parts send one every minute.
IDLE_S = 75
ARGUMENTS = (
    argument("folder", metavar="FOLDER", help="what the server keeps; created if necessary"),
    argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on (default 127.0.0.1)"),
    argument("--port", type=PORT, default=8470, metavar="N", help="port (default 8470)"),
    argument(
        "--spec",
        action="append",
        default=[],
        metavar="[PRODUCT=]FILE",
        help="a spec to publish and activate under the product's name, by default that of the file; may be repeated",
    ),
    argument("--root", metavar="FOLDER", help="folder below which pictures may be named by path"),
    JOBS(help="processes that judge (default: one for each processor)"),
    MAX_PIXELS,
    argument("--new-token", metavar="NAME", help="make a token, print it once, and keep its hash under NAME"),
    argument("--quiet", action="store_true", help="log warnings and errors only"),
)


def run(args: argparse.Namespace) -> int:
    """Serve until terminated."""
    for module in ("fastapi", "uvicorn", "httpx", "prometheus_client", "python_multipart"):
        needed(module, "server", "serving")
    from logidsl.server.settings import FILE, read_settings
    from logidsl.server.tokens import Tokens, new_token

    set_limits(args)
    folder = Path(args.folder)
    if args.new_token:
        write(sys.stdout, new_token(folder, args.new_token) + "\n")
        return PASS
    with file_errors(folder, "written"):
        folder.mkdir(parents=True, exist_ok=True)
    settings = read_settings(folder / FILE)
    if args.jobs:
        settings = settings.replaced(jobs=args.jobs)
    if args.root:
        settings = settings.replaced(root=args.root)
    if settings.root and not Path(settings.root).is_dir():
        raise InputError(f"no folder `{settings.root}`: expected --root as a folder of pictures")
    tokens = Tokens(folder)
    _log(args.quiet)
    taken = f"{folder} is in use: another server runs on it"
    with Locked(folder / ".lock", taken), listening(args.host, args.port) as listener:
        return _serve(args, folder, settings, tokens, listener)


def _serve(args: argparse.Namespace, folder: Path, settings: Any, tokens: Any, listener: socket.socket) -> int:
    import uvicorn

    from logidsl.server.http import application
    from logidsl.server.service import Service

    if args.host not in LOOPBACK and not tokens:
        raise UsageError(
            f"{args.host} can be reached from other machines: make a token first with "
            f"`logidsl serve {args.folder} --new-token NAME`"
        )
    service = Service(folder, settings)
    for word in args.spec:
        product, equals, file = word.partition("=")
        path = Path(file if equals else word)
        _publish(service.revisions, product if equals else path.stem, path)
    app = application(service, args.host, tokens)
    port = listener.getsockname()[1]
    shown = f"[{args.host}]" if ":" in args.host else args.host
    say(f"serving {', '.join(service.revisions.products) or 'no product yet'} on http://{shown}:{port}")
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="on", server_header=False, timeout_graceful_shutdown=30,
        timeout_keep_alive=IDLE_S,
    )  # fmt: skip
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):  # it has been served until the end: nothing was cut short
        server.run(sockets=[listener])
    return PASS if server.started else INPUT_ERROR


def _publish(revisions: Any, product: str, path: Path) -> None:
    """Keep a local spec with its files, and activate it unless it is active."""
    source = read_spec(path)
    files = local_files(path, files_of(source, compile_spec(source)))
    found = revisions.add(product, files, path.name)
    active = revisions.variants(product).get("")
    if active is None or active.revision != found.digest:
        revisions.activate(product, found.digest)


class _Lines(logging.Formatter):
    """A line of JSON for each record."""

    _plain = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        row: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        row |= {k: v for k, v in vars(record).items() if k not in self._plain}
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False, default=str)


def _log(quiet: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING if quiet else logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
