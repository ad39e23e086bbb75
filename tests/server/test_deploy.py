"""What is shipped for operation fits what the server does: the dashboard's metrics, traces, the unit of systemd."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.server.conftest import GOOD, TRAYS, Shared
from tests.server.running import Server, until


def test_the_dashboard_asks_for_metrics_that_exist(shared_server: Shared, checkout: Path) -> None:
    board = json.loads((checkout / "deploy" / "grafana.json").read_text("utf-8"))
    asked = {n for p in board["panels"] for t in p["targets"] for n in re.findall(r"\blogidsl_\w+", t["expr"])}
    text = shared_server.client.get("/metrics").text
    given = {name for line in text.splitlines() if (name := (line.split() + [""] * 3)[2]) and line.startswith("# TYPE")}
    given |= {f"{name}_bucket" for name in given}
    assert asked <= given
    shown = {name.removesuffix("_bucket") for name in asked}
    assert {n for n in given if not n.endswith(("_created", "_bucket"))} - shown == {"logidsl_delivered_total"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_accepts_the_unit(checkout: Path, tmp_path: Path) -> None:
    unit = tmp_path / "logidsl.service"
    text = (checkout / "deploy" / "logidsl.service").read_text("utf-8")
    unit.write_text(text.replace("/opt/logidsl/bin/logidsl", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_traces_go_where_the_environment_says(tmp_path: Path, trays: Path) -> None:
    got: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        with Server(
            tmp_path / "line",
            "--spec",
            f"trays={TRAYS}",
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_address[1]}",
            OTEL_EXPORTER_OTLP_COMPRESSION="none",
            OTEL_BSP_SCHEDULE_DELAY="200",
        ) as server:
            picture = (trays / GOOD).read_bytes()
            server.client.post("/v1/products/trays/check", content=picture, headers={"Content-Type": "image/png"})
            until(lambda: any(b"/v1/products/{product}/check" in body for _, body in got))
        collector.shutdown()
    assert {path for path, _ in got} == {"/v1/traces"}
