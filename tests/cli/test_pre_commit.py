"""The hooks for pre-commit: each is a command that takes files and fails where they are wrong."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.cli.commands import logidsl

GOOD = 'spec a\n\nobject pin: 2\n\ntest "none" on 9 px by 9 px expect fail\n'
WRONG = {
    "logidsl-fmt": GOOD.replace("object pin: 2", "object   pin:2"),
    "logidsl-lint": GOOD + "object unused\n",
    "logidsl-test": GOOD.replace("expect fail", "expect pass"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_hook_passes_good_specs_and_no_others(name: str, tmp_path: Path, checkout: Path) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((checkout / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert set(hooks) == set(WRONG)
    program, *words = shlex.split(hooks[name]["entry"])
    assert (program, hooks[name]["language"]) == ("logidsl", "python")
    assert re.search(hooks[name]["files"], "a/b.logic")
    assert not re.search(hooks[name]["files"], "b.logical")
    (tmp_path / "good.logic").write_text(GOOD)
    (tmp_path / "wrong.logic").write_text(WRONG[name])
    assert logidsl(*words, "good.logic", cwd=tmp_path).returncode == 0
    assert (tmp_path / "good.logic").read_text() == GOOD
    done = logidsl(*words, "good.logic", "wrong.logic", cwd=tmp_path)
    # pre-commit fails a hook that changes a file
    assert done.returncode != 0 or (tmp_path / "wrong.logic").read_text() == GOOD
    assert done.returncode != 0 or name == "logidsl-fmt"
