"""A server that is killed at random moments under load: `python -m tests.stress.serving`, part of `make stress`.

Clients send pictures, each under a key of its own, and send again what was not answered. In the end every key has one
decision in the log, the one that was answered, and a job that was accepted at the start has one for each of its files.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import httpx

from examples.render import write_variants
from tests.server.running import Server, free_port, until

CHECKOUT = Path(__file__).resolve().parents[2]
CHECK = "/v1/products/trays/check"
PNG = {"Content-Type": "image/png"}


class Outcome(NamedTuple):
    """What came of it: how many requests were answered, how many sends that took, the times of restarts in s."""

    answered: int
    sends: int
    restarts_s: list[float]


class _Client(threading.Thread):
    """Sends pictures one by one until each is answered."""

    def __init__(self, url: str, name: str, pictures: Sequence[bytes], count: int) -> None:
        super().__init__()
        self.url, self.label, self.pictures, self.count = url, name, pictures, count
        self.answers: dict[str, dict[str, object]] = {}
        self.sends = 0

    def run(self) -> None:
        """Send all."""
        with httpx.Client(base_url=self.url, timeout=30) as line:
            for number in range(self.count):
                key = f"{self.label}-{number}"
                data = self.pictures[number % len(self.pictures)]
                while key not in self.answers:
                    self.sends += 1
                    try:
                        answer = line.post(CHECK, content=data, headers={**PNG, "Idempotency-Key": key})
                    except httpx.TransportError:
                        time.sleep(0.05)
                        continue
                    if answer.status_code == 200:
                        self.answers[key] = answer.json()
                    else:
                        assert answer.status_code == 429, answer.text
                        time.sleep(0.05)


def stress(folder: Path, kills: int, clients: int, requests: int, seed: int) -> Outcome:
    """Kill the server so many times while clients send so many requests each."""
    chance = random.Random(seed)
    trays = write_variants(folder / "trays", width=425)
    pictures = [path.read_bytes() for path in trays]
    spec = CHECKOUT / "specs" / "pushpins.logic"
    server = Server(folder / "line", "--spec", f"trays={spec}", "--root", folder / "trays", port=free_port())
    restarts = []
    with server:
        job = server.client.post("/v1/products/trays/jobs-path", json={"paths": ["."]}).headers["location"]
        senders = [_Client(server.url, f"c{n}", pictures, requests) for n in range(clients)]
        for sender in senders:
            sender.start()
        for _ in range(kills):
            time.sleep(chance.uniform(0.1, 1.5))
            server.kill()
            begun = time.monotonic()
            server.start()
            restarts.append(time.monotonic() - begun)
        for sender in senders:
            sender.join()
        until(lambda: server.client.get(job).json()["state"] == "done")
        answers = {key: answer for sender in senders for key, answer in sender.answers.items()}
        kept: dict[str, list[str]] = {}
        after = 0
        while page := server.client.get("/v1/decisions", params={"after": after, "most": 500}).json():
            for one in page["decisions"]:
                kept.setdefault(one["key"], []).append(one["id"])
            if page["next"] == after:
                break
            after = page["next"]
    assert {key: [answer["id"]] for key, answer in answers.items()} == {
        key: ids for key, ids in kept.items() if not key.startswith("job:")
    }, "a request was lost, or decided twice"
    assert [len(ids) for key, ids in kept.items() if key.startswith("job:")] == [1] * len(trays)
    return Outcome(len(answers), sum(sender.sends for sender in senders), restarts)


def main() -> int:
    """Run, and print how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.serving", description=__doc__)
    parser.add_argument("--kills", type=int, default=12, help="how often it is killed (default 12)")
    parser.add_argument("--clients", type=int, default=4, help="clients at once (default 4)")
    parser.add_argument("--requests", type=int, default=200, help="requests of each (default 200)")
    parser.add_argument("--seed", type=int, default=None, help="of all that is random; a random one unless given")
    args = parser.parse_args()
    seed = secrets.randbelow(1 << 32) if args.seed is None else args.seed
    print(f"seed {seed}: a server killed {args.kills} times", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        outcome = stress(Path(folder), args.kills, args.clients, args.requests, seed)
    slowest = max(outcome.restarts_s, default=0)
    print(f"{outcome.answered} requests answered in {outcome.sends} sends, each decided once")
    print(f"the slowest restart took {slowest:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
