"""The cell magic and what a report shows, in a real shell of IPython."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import logidsl

SPEC = """spec tray
param pins = 15
color amber = "#f6b01c" within 25
blobs yellow where color = amber then open(0.4 %) then fill()
object pushpin = yellow where area >= 0.05 %
grid cell = 3 rows, 5 columns of box(2 %, 4 %, 98 %, 96 %)
rule one_pin as quantity: every cell c: count(pushpin inside c) = 1
    low missing_pushpin  high additional_pushpin
rule all "all pins": count(pushpin) = pins
"""


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell with the extension."""
    config = Config()
    config.HistoryManager.enabled = False
    made = InteractiveShell(config=config, colors="nocolor")
    assert made.run_cell("%load_ext logidsl").success
    yield made
    made.restore_sys_module_state()


def html_of(shell: InteractiveShell, value: object) -> str:
    """What a notebook shows of a value."""
    assert shell.display_formatter is not None
    data, _ = shell.display_formatter.format(value)
    page: str = data["text/html"]
    return page


def test_a_cell_defines_a_spec(shell: InteractiveShell) -> None:
    done = shell.run_cell(f"%%logic\n{SPEC}")
    assert done.success
    assert repr(done.result) == "<Spec tray: 2 rules>"
    assert shell.user_ns["spec"] is done.result
    shell.run_cell(f"%%logic other -P pins=14\n{SPEC}")
    assert shell.user_ns["other"].program.params[0].written == "14"


def test_a_cell_judges_files_and_variables(shell: InteractiveShell, trays: dict[str, Path]) -> None:
    path = trays["one_missing"]
    done = shell.run_cell(f"%%logic tray '{path.parent}/*missing.png'\n{SPEC}")
    report = done.result
    assert isinstance(report, logidsl.Report)
    assert shell.user_ns["report"] is report
    assert report.verdict == "fail"
    page = html_of(shell, report)
    assert page.count('<image href="data:image/jpeg;base64,') == 1
    assert "missing_pushpin" in page
    shell.run_cell(f"import cv2; pictures = [cv2.imread('{path}'), cv2.imread('{trays['good']}')]")
    report = shell.run_cell(f"%%logic tray pictures\n{SPEC}").result
    assert [i.verdict for i in report.images] == ["fail", "pass"]
    assert html_of(shell, report).count('<image href="data:image/jpeg;base64,') == 2


def test_a_mistake_is_a_message_and_changes_nothing(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell(f"%%logic\n{SPEC}")
    before = shell.user_ns["spec"]
    capsys.readouterr()
    for line, cell, words in [
        ("", SPEC.replace("every cell", "every cel"), r"error\[E\d+\]: .*`cel`"),
        ("a-b", SPEC, "expected the name of a variable for the spec, found `a-b`"),
        ("spec 'open", SPEC, "No closing quotation"),
        ("spec -P pins", SPEC, "expected -P NAME=VALUE, found `pins`"),
        ("spec --what", SPEC, "unrecognized arguments: --what"),
    ]:
        done = shell.run_cell(f"%%logic {line}\n{cell}")
        told = capsys.readouterr()
        assert done.success
        assert done.result is None
        assert re.search(words, told.err), told
        assert "Traceback" not in told.err + told.out
    assert shell.user_ns["spec"] is before or shell.user_ns["spec"].program.hash == before.program.hash


def test_warnings_are_shown(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%%logic\nobject nut: 2\nobject washer\n")
    assert "warning[W001]: no rule uses the object `washer`" in capsys.readouterr().err


def test_what_a_notebook_shows_is_escaped(trays: dict[str, Path], tmp_path: Path) -> None:
    odd = tmp_path / "<img src=x onerror=alert(1)>.png"
    odd.write_bytes(trays["one_missing"].read_bytes())
    page = logidsl.loads(SPEC).check(odd)._repr_html_()
    assert "<img" not in page
    assert page.count("<image ") == 1
    assert "&lt;img src=x onerror=alert(1)&gt;.png" in page
