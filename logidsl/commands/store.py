"""`logidsl store ACTION URL`: look after a store of runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from logidsl.commands.arguments import argument, number, refuse
from logidsl.commands.storing import opened
from logidsl.commands.terminal import PASS, write
from logidsl.diagnostics import counted

EXAMPLES = """  logidsl store migrate runs.db
  logidsl store prune runs.db --days 90
  logidsl store export runs.db --output runs/

URL is a file of SQLite, or an address such as postgresql://user@host/runs.
"""
ARGUMENTS = (
    argument("action", choices=("migrate", "prune", "export"), help="migrate its schema, prune it, or export it"),
    argument("url", metavar="URL", help="the store"),
    argument("--days", type=number("--days", 0, 1e6, float), metavar="N", help="prune: keep the last N days"),
    argument("--output", "-o", metavar="FOLDER", help="export: a new folder for Parquet files"),
)


def run(args: argparse.Namespace) -> int:
    """Do it, and say what was done."""
    refuse(
        (args.action == "prune" and args.days is None, "expected --days N beside prune"),
        (args.action == "export" and not args.output, "expected --output FOLDER beside export"),
    )
    store = None if args.action == "migrate" else opened(args.url, create=False)
    if store is None:
        from logidsl.commands.storing import migrated

        before, after = migrated(args.url)
        write(sys.stdout, f"schema {before} is now {after}\n" if before != after else f"schema {after}: up to date\n")
    elif args.action == "prune":
        write(sys.stdout, f"{counted(store.prune(args.days), 'judgement')} forgotten, {store.count()} left\n")
    else:
        from logidsl.store.export import export

        for name, rows in export(store, Path(args.output)).items():
            write(sys.stdout, f"{name}: {counted(rows, 'row')}\n")
    return PASS
