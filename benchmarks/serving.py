"""What the server adds: `python -m benchmarks.serving [--requests 2000] [--clients 1 4 16] [--minutes 0] [--learned]`.

A real server on loopback, JPEG pictures of 1700 by 1000 px in, decisions out. The time of one request at a time is set
beside that of the same pictures judged in this process, in turn, so that other work on the machine meets both. Then
several clients at once: p50, p99 and throughput. With `--minutes`, how much memory the server and its workers take
under load at the start and at the end. `--learned` judges by parts learned from rendered trays.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import logidsl
from benchmarks.series import write_pictures
from benchmarks.vision import SPEC
from logidsl.records import plain
from tests.server.running import Server

CHECK = "/v1/products/trays/check"
JPEG = {"Content-Type": "image/jpeg"}
PICTURES = 8
WARM = 300  # requests until the log of the server is used again from its start, which takes it less time


class Line:
    """A client that costs next to nothing itself: a connection that is kept."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._socket = socket.create_connection((where.hostname, where.port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f"POST {CHECK} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: image/jpeg\r\n"

    def check(self, data: bytes) -> float:
        """Have a picture judged; how long the answer took, in s."""
        start = time.perf_counter()
        self._socket.sendall(f"{self._head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        head, _, text = self._socket.recv(1 << 16).partition(b"\r\n\r\n")
        size = re.search(rb"content-length: (\d+)", head.lower())
        while size and len(text) < int(size[1]):
            text += self._socket.recv(1 << 16)
        spent = time.perf_counter() - start
        assert head.startswith(b"HTTP/1.1 200") and size, head + text
        return spent

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class Load(NamedTuple):
    """Requests of several clients at once: elapsed times in ms, and how many a second."""

    clients: int
    p50_ms: float
    p99_ms: float
    per_s: float


def in_turn(server: Server, spec: Path, pictures: Sequence[Path], rounds: int) -> tuple[float, float]:
    """The medians of a request and of the same picture judged here, in ms."""
    judge = logidsl.load(spec)
    asked, here, line = [], [], Line(server.url)
    for path in pictures:
        judge.check(path)
    for number in range(WARM + rounds):
        path = pictures[number % len(pictures)]
        request = line.check(path.read_bytes())
        if number < WARM:
            continue
        start = time.perf_counter()
        plain(judge.check(path))
        asked.append(request)
        here.append(time.perf_counter() - start)
    line.close()
    return statistics.median(asked) * 1e3, statistics.median(here) * 1e3


def load(url: str, pictures: Sequence[Path], clients: int, requests: int, seconds: float | None = None) -> Load:
    """Requests of several clients, so many in all or for so long."""
    data = [path.read_bytes() for path in pictures]
    end = None if seconds is None else time.monotonic() + seconds

    def ask(client: int) -> list[float]:
        times: list[float] = []
        line = Line(url)
        while len(times) < requests // clients if end is None else time.monotonic() < end:
            times.append(line.check(data[(client + len(times)) % len(data)]))
        line.close()
        return times

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        times = sorted(t for found in pool.map(ask, range(clients)) for t in found)
    spent = time.perf_counter() - start
    rank = min(len(times) - 1, int(0.99 * len(times)))
    return Load(clients, statistics.median(times) * 1e3, times[rank] * 1e3, len(times) / spent)


def memory_mib(process: int) -> float:
    """The memory of a process and of those it started, and of those they did, without what they share, in MiB."""
    found = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
    pairs = [line.split() for line in found.splitlines()]
    family = [str(process)]
    for one in family:  # grows on the way
        family += [pid for pid, parent in pairs if parent == one]
    total = 0
    for pid in family:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


def learned_spec(folder: Path) -> Path:
    """A spec on parts that are learned from rendered trays."""
    from examples.annotated_trays import write_annotated
    from logidsl.extract.parts.model import packed
    from logidsl.learn import learn, read_annotations

    annotated = folder / "annotated"
    write_annotated(annotated)
    made = learn(read_annotations(sorted(annotated.glob("*.json"))))
    (folder / "pushpins.parts").write_bytes(packed(made.parts))
    spec = folder / "learned.logic"
    spec.write_text((Path(__file__).parents[1] / "examples" / "learned_pushpins.logic").read_text("utf-8"), "utf-8")
    return spec


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--requests", type=int, default=2000, help="for each number of clients (default 2000)")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16], help="at once (default 1 4 16)")
    parser.add_argument("--rounds", type=int, default=100, help="requests in turn with judging here (default 100)")
    parser.add_argument("--minutes", type=float, default=0.0, help="of load at the end, for memory (default 0)")
    parser.add_argument("--no-sync", action="store_true", help="do not wait for the disk: `sync = false`")
    parser.add_argument("--learned", action="store_true", help="by learned parts instead of thresholds")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pictures(folder / "trays", PICTURES)
        pictures = sorted((folder / "trays").iterdir())
        spec = learned_spec(folder) if args.learned else folder / "trays.logic"
        if not args.learned:
            spec.write_text(SPEC.text, "utf-8")
        (folder / "server").mkdir()
        (folder / "server" / "server.toml").write_text(f"[log]\nsync = {str(not args.no_sync).lower()}\n")
        with Server(folder / "server", "--spec", f"trays={spec}", "--jobs", str(os.cpu_count() or 1)) as server:
            asked, here = in_turn(server, spec, pictures, args.rounds)
            loads = [load(server.url, pictures, many, args.requests) for many in args.clients]
            before = memory_mib(server.process.pid)
            if args.minutes:
                load(server.url, pictures, 4, 0, args.minutes * 60)
            after = memory_mib(server.process.pid)
    rows = {
        "request_ms": asked,
        "here_ms": here,
        "ratio": asked / here,
        "loads": [one._asdict() for one in loads],
        "memory_mib": before,
        "memory_after_mib": after,
        "minutes": args.minutes,
    }
    if args.json:
        print(json.dumps(rows, indent=1))
        return 0
    print(f"one request {asked:.1f} ms, judged here {here:.1f} ms: {asked / here:.2f} times (goal 1.15)")
    for one in loads:
        print(f"{one.clients:3} clients: p50 {one.p50_ms:.0f} ms, p99 {one.p99_ms:.0f} ms, {one.per_s:.1f} a second")
    print(f"memory {before:.0f} MiB" + (f", after {args.minutes:g} minutes {after:.0f} MiB" if args.minutes else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
