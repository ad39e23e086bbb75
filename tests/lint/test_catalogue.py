"""The warnings' catalogue: each code is triggered by its wrong example and by nothing in the right one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from logidsl.diagnostics import catalogue
from logidsl.pipeline import lint_spec
from logidsl.source import Source

WARNINGS = {code: entry for code, entry in catalogue().items() if code.startswith("W")}


def codes(text: str, severity: tuple[str, ...] = ("error", "warning", "advice")) -> list[str]:
    """The codes of what is said of a spec."""
    return [d.code for d in lint_spec(Source("t.logic", text)) if d.severity in severity]


def test_the_catalogue_has_exactly_the_codes_that_are_said(checkout: Path) -> None:
    source = (checkout / "logidsl" / "lint" / "warnings.py").read_text("utf-8")
    said = set(re.findall(r'"(W\d{3})"', source))
    assert len(said) > 25
    assert said == set(WARNINGS)


@pytest.mark.parametrize("code", WARNINGS)
def test_wrong_example_gives_its_code_and_no_other(code: str) -> None:
    entry = WARNINGS[code]
    severities = ("error", "warning") if entry.severity == "warning" else ("error", "warning", "advice")
    assert set(codes(entry.wrong, severities)) == {code}


@pytest.mark.parametrize("code", WARNINGS)
def test_right_example_is_clean(code: str) -> None:
    entry = WARNINGS[code]
    severities = ("error", "warning") if entry.severity == "warning" else ("error", "warning", "advice")
    assert codes(entry.right, severities) == []
    assert entry.title[0] == entry.title[0].lower() or entry.title.startswith("`")
    assert entry.why.endswith(".")


@pytest.mark.parametrize("code", WARNINGS)
def test_each_says_what_and_where(code: str) -> None:
    for d in lint_spec(Source("t.logic", WARNINGS[code].wrong)):
        if d.code == code:
            assert d.span.text.strip()
            assert not d.message.endswith(".")
            assert d.message[0] in "`" or d.message[0].islower()
