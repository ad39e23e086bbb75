"""The committed page is what its sources give."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.node_packages import EDITORS, installed

STATIC = Path("logidsl") / "studio" / "static"


def test_the_committed_bundle_is_what_the_sources_give(checkout: Path, tmp_path: Path) -> None:
    installed()
    check = subprocess.run(
        ["npx", "tsc", "--noEmit"], cwd=EDITORS / "studio", capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout
    build = ["node", "build.mjs", str(tmp_path)]
    made = subprocess.run(build, cwd=EDITORS / "studio", capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    fresh = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    committed = {p.name: p.read_bytes() for p in (checkout / STATIC).iterdir()}
    assert fresh.keys() == committed.keys()
    assert [n for n in sorted(fresh) if fresh[n] != committed[n]] == [], "run `make studio`, and commit what it writes"


def test_the_page_asks_nothing_of_other_hosts(checkout: Path) -> None:
    page = (checkout / STATIC / "index.html").read_text("utf-8")
    style = (checkout / STATIC / "app.css").read_text("utf-8")
    assert "//" not in page.replace("<!doctype html>", "")
    assert "url(" not in style.replace("url(#hatch)", "")
    licences = (checkout / STATIC / "LICENSES.txt").read_text("utf-8")
    for name in ("openseadragon", "preact", "@codemirror/view", "@codemirror/lsp-client"):
        assert f"\n{name} " in licences
