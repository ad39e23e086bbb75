"""Folders of rendered trays, and a studio on one of them that the tests of a worker share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.render import write_variants
from tests.studio.running import Studio

SPEC = Path(__file__).resolve().parents[2] / "specs" / "pushpins.logic"


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five trays: a good one, and four with faults."""
    folder = tmp_path_factory.mktemp("rendered")
    write_variants(folder, width=425)
    return folder


@pytest.fixture
def trays(rendered: Path, tmp_path: Path) -> Path:
    """A folder of its own with the trays and their spec, named like the folder."""
    folder = tmp_path / "trays"
    shutil.copytree(rendered, folder)
    shutil.copyfile(SPEC, folder / "trays.logic")
    return folder


@pytest.fixture(scope="session")
def running_studio(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio on trays, which all tests of a worker share: starting one takes longer than most of what they do."""
    folder = tmp_path_factory.mktemp("studio") / "trays"
    shutil.copytree(rendered, folder)
    shutil.copyfile(SPEC, folder / "trays.logic")
    with Studio(folder) as made:
        yield made


@pytest.fixture
def studio(running_studio: Studio) -> Studio:
    """The studio as if it had just been started, every photo judged."""
    running_studio.restore(SPEC.read_text("utf-8"))
    running_studio.judged()
    return running_studio
