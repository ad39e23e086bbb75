"""OPC UA with a real server in the controller's place, whose connection is cut and restored."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.server.server import Server as OpcuaServer

from tests.server.conftest import GOOD, MOVED, TRAYS
from tests.server.running import Server, free_port, until

TEXTS = ("Recipe", "Picture", "Verdict", "Labels", "Decision", "Serial")


class Controller:
    """A controller: its nodes, and its half of the handshake."""

    def __init__(self) -> None:
        self.url = f"opc.tcp://127.0.0.1:{free_port()}/line"
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the controller's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def start(self) -> None:
        """Listen."""
        self.server = OpcuaServer()
        await self.server.init()
        self.server.set_endpoint(self.url)
        self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        space = await self.server.register_namespace("line")
        station = await self.server.nodes.objects.add_object(f"ns={space};s=Station", "Station")
        self.nodes = {}
        for name in (*TEXTS, "Start", "Done"):
            value: Any = "" if name in TEXTS else False
            node = await station.add_variable(f"ns={space};s={name}", name, value)
            await node.set_writable()
            self.nodes[name] = node
        self.space = space
        await self.server.start()

    async def stop(self) -> None:
        """Cut all connections."""
        await self.server.stop()

    async def set(self, **values: Any) -> None:
        """Write nodes."""
        for name, value in values.items():
            await self.nodes[name].write_value(value)

    async def get(self, name: str) -> Any:
        """Read a node."""
        return await self.nodes[name].read_value()

    def judge(self, picture: str, serial: str) -> tuple[str, str]:
        """One cycle: the verdict and the decision's id."""
        self.do(self.set(Recipe="trays", Picture=picture, Serial=serial))
        self.do(self.set(Start=True))
        until(lambda: self.do(self.get("Done")))
        answer = self.do(self.get("Verdict")), self.do(self.get("Decision"))
        self.do(self.set(Start=False))
        until(lambda: not self.do(self.get("Done")))
        return answer


def test_a_controller_gets_verdicts_and_comes_back_after_a_cut(tmp_path: Path, trays: Path) -> None:
    controller = Controller()
    controller.do(controller.start())
    folder = tmp_path / "line"
    folder.mkdir()
    names = {"start": "Start", "done": "Done", "verdict": "Verdict", "labels": "Labels", "decision": "Decision"}
    names |= {"serial": "Serial", "recipe": "Recipe", "path": "Picture"}
    lines = [f'{key} = "ns={controller.space};s={name}"' for key, name in names.items()]
    (folder / "server.toml").write_text("\n".join(["[[opcua]]", f'url = "{controller.url}"', *lines]))
    with Server(folder, "--spec", f"trays={TRAYS}", "--root", trays) as server:
        assert controller.judge(GOOD, "1")[0] == "pass"
        verdict, decision = controller.judge(MOVED, "2")
        assert verdict == "fail"
        assert server.client.get(f"/v1/decisions/{decision}").json()["tags"] == {"serial": "2"}
        assert controller.judge("no_such.png", "3")[0] == "error"
        controller.do(controller.stop())
        up = f'logidsl_source_up{{source="opcua:{controller.url}"}}'
        until(lambda: f"{up} 0.0" in server.client.get("/metrics").text)
        controller.do(controller.start())
        until(lambda: f"{up} 1.0" in server.client.get("/metrics").text)
        assert controller.judge(MOVED, "2") == ("fail", decision), "the same serial is the same decision"
        assert controller.judge(GOOD, "4")[0] == "pass"
        assert server.stop() == 0
        assert "Traceback" not in server.told
    controller.do(controller.stop())
