"""Every shared picture through its spec: labels and counts as in its truth."""

from __future__ import annotations

import pytest

from benchmarks.truths import DATA, FOLDERS
from benchmarks.vision import wrong
from logidsl.pipeline import compile_spec

if not DATA.is_dir():
    pytest.skip(f"no folder {DATA}: the shared pictures are not part of the project", allow_module_level=True)

CASES = {name: list(cases()) for name, (_, cases) in FOLDERS.items()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_as_many_pictures_of_a_folder_are_right_as_promised(folder: str) -> None:
    goal, _ = FOLDERS[folder]
    flaws = [f"{c.picture.name}: {w}" for c in CASES[folder] if (w := wrong(c, compile_spec(str(c.spec))))]
    assert CASES[folder]
    assert len(flaws) <= (1 - goal) * len(CASES[folder]) + 1e-9, flaws
