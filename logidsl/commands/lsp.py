"""`logidsl lsp`: the language server, for editors."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress

from logidsl.commands.arguments import argument
from logidsl.commands.terminal import PASS, UsageError, say
from logidsl.extras import needed

EXAMPLES = """  logidsl lsp                        an editor starts this, and talks over standard input and output
  logidsl lsp --tcp 127.0.0.1:7000   editors connect, each with a server of its own
"""
ARGUMENTS = (
    argument("--stdio", action="store_true", help="talk over standard input and output (default)"),
    argument("--tcp", metavar="HOST:PORT", help="listen on this port of the loopback address instead; 0 for any"),
)


def run(args: argparse.Namespace) -> int:
    """Serve until the editor is done."""
    if args.tcp and args.stdio:
        raise UsageError("expected --stdio or --tcp, found both")
    address = _address(args.tcp) if args.tcp else None
    needed("pygls", "editor", "the language server")
    from logidsl.editor import connections

    if address is None:
        connections.serve_stdio()
    else:
        host, port = address
        asyncio.run(connections.serve_tcp(host, port, lambda open_: say(f"listening on {host}:{open_}")))
    return PASS


def _address(text: str) -> tuple[str, int]:
    """The address to listen on, which must not be reachable from other machines, as nothing asks for a password."""
    host, _, port = text.rpartition(":")
    host = {"localhost": "127.0.0.1", "": "127.0.0.1"}.get(host, host.strip("[]"))
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(f"expected --tcp with a loopback address such as 127.0.0.1:7000, found `{text}`")
    if not port.isdigit() or int(port) > 65535:
        raise UsageError(f"expected --tcp with a port from 0 to 65535, found `{text}`")
    return host, int(port)
