"""MQTT with a real broker: requests, results, heartbeats, and a broker that goes away and comes back."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.server.conftest import GOOD, MOVED, TRAYS
from tests.server.running import Server, free_port, until

PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no broker: `mosquitto` is not installed")


class Broker:
    """A broker that keeps what it has while it is away."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        folder.mkdir()
        folder.chmod(0o777)
        self.settings = folder / "mosquitto.conf"
        kept = f"persistence true\npersistence_location {folder}/\nautosave_interval 1\nuser root\n"
        self.settings.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n{kept}")

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.process = subprocess.Popen([str(PROGRAM), "-c", str(self.settings)], stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


class Listener:
    """A client that hears everything."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, str]] = []
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False)
        self.client.on_message = lambda _c, _d, m: self.heard.append((m.topic, m.payload.decode()))
        self.client.on_connect = lambda c, *_: c.subscribe("logidsl/#", qos=1)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def ask(self, **request: object) -> None:
        """Send a request."""
        self.client.publish("logidsl/trays/check", json.dumps(request), qos=1)

    def results(self) -> list[dict[str, object]]:
        """The decisions heard, each once."""
        found = [json.loads(text) for topic, text in self.heard if topic.endswith("/result")]
        return list({d["id"]: d for d in found}.values())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that runs."""
    made = Broker(tmp_path / "broker")
    made.start()
    yield made
    made.stop()


def test_requests_are_answered_and_survive_a_broker_that_goes_away(broker: Broker, tmp_path: Path, trays: Path) -> None:
    folder = tmp_path / "line"
    folder.mkdir()
    (folder / "server.toml").write_text(f'[[mqtt]]\nhost = "127.0.0.1"\nport = {broker.port}\nheartbeat_s = 0.2\n')
    with Server(folder, "--spec", f"trays={TRAYS}", "--root", trays) as server:
        listener = Listener(broker.port)
        until(lambda: ("logidsl/status", "online") in listener.heard)
        listener.ask(id="1", path=GOOD, tags={"serial": "A17"})
        listener.ask(id="1", path=GOOD, tags={"serial": "A17"})
        listener.ask(id="2", path="../away.png")
        listener.client.publish("logidsl/trays/check", "nonsense", qos=1)
        until(lambda: len(listener.results()) >= 3)
        until(lambda: any(topic == "logidsl/heartbeat" for topic, _ in listener.heard))
        broker.stop()
        down = f'logidsl_source_up{{source="mqtt:127.0.0.1:{broker.port}"}} 0.0'
        until(lambda: down in server.client.get("/metrics").text)
        moved = (trays / MOVED).read_bytes()
        headers = {"Content-Type": "image/png"}
        assert server.client.post("/v1/products/trays/check", content=moved, headers=headers).status_code == 200
        broker.start()
        until(lambda: len(listener.results()) >= 4)
        listener.ask(id="3", path=MOVED)
        until(lambda: len(listener.results()) >= 5)
        server.stop()
        until(lambda: listener.heard[-1] == ("logidsl/status", "offline"))
        listener.client.disconnect()
        listener.client.loop_stop()
    results = listener.results()
    assert sorted(str(d["verdict"]) for d in results) == ["error", "error", "fail", "fail", "pass"]
    assert [d["tags"] for d in results if d["verdict"] == "pass"] == [{"serial": "A17"}]
    assert "does not lie below the root" in str([d.get("error") for d in results])


def test_a_request_that_was_being_judged_is_judged_after_a_crash(broker: Broker, tmp_path: Path, trays: Path) -> None:
    folder = tmp_path / "line"
    folder.mkdir()
    (folder / "server.toml").write_text(f'[[mqtt]]\nhost = "127.0.0.1"\nport = {broker.port}\n')
    server = Server(folder, "--spec", f"trays={TRAYS}", "--root", trays)
    with server:
        listener = Listener(broker.port)
        until(lambda: ("logidsl/status", "online") in listener.heard)
        for number in range(12):
            listener.ask(id=f"r{number}", path=GOOD)
        until(lambda: len(listener.results()) >= 2)
        server.kill()
    with server:
        until(lambda: len(listener.results()) >= 12)
        kept = server.client.get("/v1/decisions", params={"most": 100}).json()["decisions"]
        listener.client.disconnect()
        listener.client.loop_stop()
    assert sorted(str(d["key"]) for d in kept) == sorted(f"mqtt:trays:r{n}" for n in range(12))
