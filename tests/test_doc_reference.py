"""The generated parts of the documents say what the code declares: `UPDATE_DOCS=1` makes them again."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from examples.doc_reference import MARKS, PARTS, documents, renewed
from logidsl.diagnostics import catalogue
from logidsl.library import builtins
from tests.documents import CHECKOUT

DOCS = CHECKOUT / "docs"


@pytest.mark.parametrize("name", ["docs/language.md", "docs/diagnostics.md", "grammar/logic.lark"])
def test_a_document_is_in_step(name: str) -> None:
    path = CHECKOUT / name
    wanted = documents()[path]
    if os.environ.get("UPDATE_DOCS") == "1":
        path.write_text(wanted, "utf-8")
    assert path.read_text("utf-8") == wanted, "UPDATE_DOCS=1 makes it again"


def test_the_reference_holds_every_part_once() -> None:
    found = [m["name"] for m in MARKS.finditer((DOCS / "language.md").read_text("utf-8"))]
    assert sorted(found) == sorted(PARTS)


@pytest.mark.parametrize("group", ["attribute", "function", "aggregate", "relation", "source"])
def test_every_builtin_is_in_the_reference(group: str) -> None:
    text = (DOCS / "language.md").read_text("utf-8")
    declared = builtins(group)  # type: ignore[arg-type]
    assert declared
    assert [b.signature for b in declared.values() if b.doc.removeprefix("Of a pixel: ")[1:] not in text] == []


def test_every_code_is_a_heading_once() -> None:
    headings = re.findall(r"^## ([EW]\d{3}): ", (DOCS / "diagnostics.md").read_text("utf-8"), flags=re.M)
    assert headings == list(catalogue())


def test_nothing_invisible_is_shown() -> None:
    text = (DOCS / "diagnostics.md").read_text("utf-8")
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    assert "<U+200B>" in text


def test_a_stale_part_is_made_again_and_the_rest_kept() -> None:
    stale = "# A\n<!-- made: relations -->\nstale words\n<!-- end -->\nrest\n"
    found = renewed(stale)
    assert found.startswith("# A\n<!-- made: relations -->\n| Written |")
    assert found.endswith("<!-- end -->\nrest\n")
    assert "stale words" not in found
    assert renewed(found) == found


def test_a_mark_of_no_part_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        renewed("<!-- made: nothing -->\n<!-- end -->")
