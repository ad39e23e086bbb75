"""The work of `logidsl scale` on Ray Data instead of Daft, for `benchmarks.scaling --ray`.

`python -m benchmarks.ray_data FOLDER SPEC OUTPUT JOBS` judges the pictures of a folder in so many processes and writes
rows as they come. Needs the extra `ray` and `ray[data]`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from logidsl.files import digest
from logidsl.judging import Task, judge

BATCH, PART = 16, 1000


class Rows:
    """What an actor calls."""

    def __init__(self, spec: str) -> None:
        self.spec = spec

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """The rows of a batch of paths."""
        rows = [self._row(Path(path)) for path in batch["path"]]
        return {"path": list(batch["path"]), **{name: [row[name] for row in rows] for name in rows[0]}}

    def _row(self, path: Path) -> dict[str, Any]:
        answer = judge(None, Task(self.spec, (), str(path), str(path.parent)))
        images = answer.report["images"]
        return {
            "verdict": images[0]["verdict"],
            "digest": digest(path),
            "images": json.dumps(images, ensure_ascii=False),
            "seconds": answer.read_s + answer.judge_s,
        }


def main() -> int:
    """Judge a folder."""
    import ray

    folder, spec, output, jobs = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(num_cpus=jobs + 1, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    output.mkdir()
    paths = ray.data.from_items([{"path": str(path.absolute())} for path in sorted(folder.iterdir())])
    judged = paths.map_batches(
        Rows, fn_constructor_args=[str(Path(spec).absolute())], batch_size=BATCH, concurrency=jobs, num_cpus=1
    )
    waiting: list[pa.Table] = []
    number = 0
    for batch in judged.iter_batches(batch_size=None, batch_format="pyarrow"):
        waiting.append(batch)
        if sum(table.num_rows for table in waiting) >= PART:
            pq.write_table(pa.concat_tables(waiting), output / f"part-{number}.parquet", compression="zstd")
            waiting, number = [], number + 1
    if waiting:
        pq.write_table(pa.concat_tables(waiting), output / f"part-{number}.parquet", compression="zstd")
    ray.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
