"""`logidsl scale SOURCE… -o RESULTS`: judge more pictures than one machine holds."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from pathlib import Path

from logidsl.commands.arguments import JOBS, MAX_PIXELS, PARAMS, SPEC, argument, number, pairs, refuse, set_limits
from logidsl.commands.check import EXIT_CODES
from logidsl.commands.job import require_values
from logidsl.commands.outputs import files_of
from logidsl.commands.terminal import PASS, Bar, say, say_notes, write
from logidsl.config import find_spec, shown
from logidsl.diagnostics import counted
from logidsl.extras import needed
from logidsl.pipeline import compile_spec, local_files, not_over_several, read_spec
from logidsl.report.model import Summary
from logidsl.version import __version__
from logidsl.workers import cpus

EXAMPLES = """  logidsl scale pictures/ --spec pushpins.logic -o results/
  logidsl scale s3://line1/2026-11/ --spec pushpins.logic -o results/
  logidsl scale manifest.parquet --column url --spec pushpins.logic -o results/ --ray auto
  logidsl scale s3://line1/ --spec pushpins.logic --estimate 10000000

A manifest is a table (.csv, .parquet, .jsonl) with a column of addresses. Results are Parquet files, one row for each
picture, and a manifest with counts and digests. What has a row is not judged again. Credentials come from the usual
variables of the store (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, ...).
"""
SAMPLE = 200
ARGUMENTS = (
    argument("source", nargs="+", metavar="SOURCE", help="folders, patterns, manifests, or s3://bucket/prefix/"),
    SPEC,
    argument("--output", "-o", metavar="FOLDER", help="where results go"),
    argument("--column", default="path", metavar="NAME", help="column of manifests with addresses (default path)"),
    argument("--objects", action="store_true", help="keep the table of objects of each picture too"),
    argument("--scores", action="store_true", help="give each picture a score"),
    PARAMS,
    argument("--ray", metavar="ADDRESS", help="run on a cluster of Ray at this address; `auto` for the one at hand"),
    argument("--part", type=number("--part", 1), default=1000, metavar="N", help="rows of a file (default 1000)"),
    argument(
        "--estimate",
        type=number("--estimate", 1, 1e15),
        metavar="N",
        help=f"judge a sample of {SAMPLE}, and say what N pictures would take; nothing is written",
    ),
    JOBS(help="processes that judge (default: one for each processor)"),
    MAX_PIXELS,
    argument("--quiet", action="store_true", help="no progress bar and no summary"),
)


def run(args: argparse.Namespace) -> int:
    """Judge what has no row yet; the exit code is that of all rows."""
    refuse(
        (not args.output and not args.estimate, "expected --output FOLDER, or --estimate N"),
        (args.output and args.estimate, "expected --output or --estimate, not both"),
    )
    set_limits(args)
    os.environ.update(DO_NOT_TRACK="true", SCARF_NO_ANALYTICS="true", DAFT_ANALYTICS_ENABLED="0", DAFT_PROGRESS_BAR="0")
    for module, extra in (("daft", "scale"), ("pyarrow", "scale")):
        needed(module, extra, "judging at scale")
    spec = Path(args.spec or shown(find_spec([Path(s) for s in args.source if "://" not in s]).path))
    source, params = read_spec(spec), pairs(args.param)
    program = compile_spec(source, params)
    require_values(program)
    say_notes(not_over_several(program))
    files = local_files(spec, files_of(source, program))
    _engine(args.ray)
    from logidsl.scale.inputs import addresses
    from logidsl.scale.run import judge_all
    from logidsl.scale.work import judge_of

    found = addresses(args.source, args.column)
    judge = judge_of(args.jobs or cpus(), files, spec.name, params, args.scores, args.objects)
    if args.estimate:
        return _estimate(judge, found, int(args.estimate))
    from logidsl.scale.results import Results

    made_by = {
        "program": program.hash, "logidsl": __version__, "scores": args.scores, "objects": args.objects,
    }  # fmt: skip
    results = Results(Path(args.output), made_by)
    known = results.known()
    rest = [address for address in found if address not in known]
    if known and not args.quiet:
        say(f"{counted(len(found) - len(rest), 'picture')} judged before, {len(rest)} to go")
    judge_all(judge, rest, results, args.part, Bar("pictures", args.quiet))
    counts = results.finish()
    if not args.quiet:
        said = ", ".join(f"{counts[v]} {v}" for v in ("pass", "fail", "review", "error") if counts[v])
        write(sys.stdout, f"{counted(sum(counts.values()), 'picture')}: {said}\n")
    summary = Summary(pass_=counts["pass"], fail=counts["fail"], review=counts["review"], error=counts["error"])
    return EXIT_CODES[summary.verdict]


def _engine(ray: str | None) -> None:
    import daft

    if ray is None:
        daft.set_runner_native()
        return
    needed("ray", "ray", "a cluster of Ray")
    daft.set_runner_ray(None if ray == "auto" else ray)


def _estimate(judge: object, found: list[str], many: int) -> int:
    """Judge a sample, and say what so many pictures would take."""
    import daft
    from daft import col

    from logidsl.scale.run import with_data

    sample = random.Random(0).sample(found, min(SAMPLE, len(found)))
    frame = with_data(daft.from_pydict({"path": sample}), sample)
    frame = frame.with_column("row", judge.rows(col("path"), col("data")))  # type: ignore[attr-defined]
    started = time.monotonic()
    rows = frame.to_pydict()
    elapsed = time.monotonic() - started
    seconds = [row["seconds"] for row in rows["row"] if row["seconds"] is not None]
    sizes = [row["bytes"] for row in rows["row"] if row["bytes"] is not None]
    if not seconds:
        say("no picture of the sample could be judged")
        return EXIT_CODES["error"]
    mean, size = sum(seconds) / len(seconds), sum(sizes) / len(sizes)
    errors = sum(row["verdict"] == "error" for row in rows["row"])
    write(
        sys.stdout,
        f"sample of {len(sample)}: {mean * 1e3:.1f} ms of a processor and {size / 1e3:.0f} kB a picture, "
        f"{errors} errors, {elapsed:.1f} s elapsed\n"
        f"{many:,} pictures: {mean * many / 3600:,.1f} core hours, {many:,} reads, {size * many / 1e12:,.3f} TB read\n",
    )
    return PASS
