"""The documentation site: built strictly, its links lead somewhere, and it loads nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

#: What a browser loads by itself.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "image": "href"}


def mkdocs(config: Path, target: Path, checkout: Path) -> subprocess.CompletedProcess[str]:
    """A strict build."""
    there = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(checkout)}
    command: list[str | Path] = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config, "-d", target]
    return subprocess.run(command, cwd=checkout, env=there, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def site(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    target = tmp_path_factory.mktemp("site")
    done = mkdocs(checkout / "mkdocs.yml", target, checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


class Page(HTMLParser):
    """Collects links, what is loaded, and anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.anchors.update(v for k, v in attrs if k in ("id", "name") and v)
        if tag == "a" and (href := known.get("href")):
            self.links.append(href)
        if value := known.get(LOADED.get(tag, "")):
            self.loaded.append(value)


def pages(site: Path) -> dict[Path, Page]:
    """Every page, but that for missing ones."""
    return {p: Page(p.read_text("utf-8")) for p in sorted(site.rglob("*.html")) if p.name != "404.html"}


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for path, page in pages(site).items():
        outside = [v for v in page.loaded if urlsplit(v).scheme not in ("", "data") or v.startswith("//")]
        assert outside == [], path
        assert any(v.endswith(".css") for v in page.loaded)
    styles = "".join(p.read_text("utf-8") for p in site.rglob("*.css"))
    assert re.findall(r"url\(\s*[\"']?(?:https?:)?//[^)]*|@import[^;]*", styles) == []
    assert "url(" in styles


def test_links_lead_to_files_and_headings(site: Path) -> None:
    known = pages(site)
    broken = []
    for path, page in known.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            heading = unquote(parts.fragment)
            if not target.is_file() or (heading and target in known and heading not in known[target].anchors):
                broken.append(f"{path.name}: {link}")
    assert broken == []
    assert len(known) > 50


def test_the_gallery_shows_each_spec_with_what_was_found(site: Path, checkout: Path) -> None:
    text = (site / "gallery.html").read_text("utf-8")
    specs = [p.stem for p in (checkout / "specs").glob("*.logic")]
    assert [name for name in specs if f'id="{name}"' not in text] == []
    assert text.count('<image href="data:image/jpeg') == 6  # five trays and the coins
    assert text.count('<image href="data:image/svg+xml') >= 10  # scenes of tests
    assert ">pass</b> tray_good.png normal" in text
    assert "additional_pushpin" in text


def test_the_search_knows_every_page(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text("utf-8")
    assert [p.name for p in site.glob("*.html") if p.name != "404.html" and f'"{p.name}"' not in index] == []


def test_a_broken_link_or_anchor_fails_the_build(tmp_path: Path, checkout: Path) -> None:
    for number, link in enumerate(("missing.md", "#nowhere", "index.md#title")):
        folder = tmp_path / str(number)
        (folder / "docs").mkdir(parents=True)
        (folder / "docs" / "index.md").write_text(f"# Title\n\n[a]({link})\n")
        inherit = f"INHERIT: {checkout / 'mkdocs.yml'}\ndocs_dir: {folder / 'docs'}\nhooks: []\nplugins: []\n"
        (folder / "mkdocs.yml").write_text(inherit)
        done = mkdocs(folder / "mkdocs.yml", folder / "site", checkout)
        assert (done.returncode == 0) == (number == 2), done.stdout + done.stderr
