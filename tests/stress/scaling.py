"""A cluster of two nodes of which one is killed midway: `python -m tests.stress.scaling`. Needs the extra `ray`.

Says how many rows there were when the node was killed, and 0 where in the end every picture has exactly one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from examples.render import write_variants
from tests.cli.commands import CHECKOUT, environment


def stress(folder: Path, pictures: int) -> tuple[int, int]:
    """Judge so many pictures on a cluster; give how many had rows when a node was killed, and how many in the end."""
    import pyarrow.parquet as pq
    from ray.cluster_utils import Cluster

    (tray,) = write_variants(folder / "rendered", width=425, names=["good"])
    many = folder / "many"
    many.mkdir()
    for number in range(pictures):
        os.link(tray, many / f"{number}.png")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    other = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    spec = CHECKOUT / "specs" / "pushpins.logic"
    command = [sys.executable, "-m", "logidsl", "scale", "many", "-o", "results", "--spec", str(spec), "--quiet"]
    run = subprocess.Popen(
        [*command, "--ray", cluster.address, "--part", "20", "--jobs", "2"],
        cwd=folder, env=environment(RAY_USAGE_STATS_ENABLED="0"), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    parts = folder / "results" / "parts"
    end = time.monotonic() + 300
    while len(list(parts.glob("part-*"))) < 2:
        assert run.poll() is None, "the run ended before a node was killed"
        assert time.monotonic() < end
        time.sleep(0.05)
    before = pq.read_table(parts, columns=["path"]).num_rows
    cluster.remove_node(other, allow_graceful=False)
    assert run.wait(600) == 0
    cluster.shutdown()
    paths = pq.read_table(parts, columns=["path"]).column("path").to_pylist()
    assert len(paths) == len(set(paths)) == pictures, f"{len(paths)} rows of {len(set(paths))} pictures"
    return before, len(paths)


def main() -> int:
    """Run, and print how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.scaling", description=__doc__)
    parser.add_argument("--pictures", type=int, default=600, help="how many (default 600)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        before, after = stress(Path(folder), args.pictures)
    print(f"a node was killed at {before} rows; in the end {after} pictures have one row each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
