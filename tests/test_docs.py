"""What the documents say is true: `tests/documents.py` says how a block is judged.

`UPDATE_DOCS=1 pytest tests/test_docs.py` writes what was printed into the documents.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.documents import CHECKOUT, broken_links, fits, judge, updated

DOCUMENTS = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
UPDATE = os.environ.get("UPDATE_DOCS") == "1"


def name_of(path: Path) -> str:
    """A document's path in the checkout."""
    return path.relative_to(CHECKOUT).as_posix()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_what_a_document_shows_is_so(path: Path, trays: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "here"
    shutil.copytree(CHECKOUT / "specs", folder / "specs")
    (folder / "trays").mkdir()
    for tray in trays.values():
        shutil.copy(tray, folder / "trays")
    from examples.coins import write_coins

    write_coins(folder / "coins.png")
    text = path.read_text("utf-8")
    outcome = judge(text, name_of(path), folder, UPDATE)
    if outcome.changes:
        path.write_text(updated(text, outcome.changes), "utf-8")
    assert not outcome.problems, "\n\n".join(outcome.problems)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    assert broken_links(path) == []


def test_pictures_are_small_and_shown_somewhere() -> None:
    text = "".join(path.read_text("utf-8") for path in DOCUMENTS)
    pictures = sorted((CHECKOUT / "docs" / "images").iterdir())
    assert pictures
    assert [p.name for p in pictures if p.stat().st_size > 60_000 or p.name not in text] == []


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        (["a", "b"], ["a", "b  "], True),
        (["a", "...", "c"], ["a", "c"], True),
        (["a", "...", "c"], ["a", "b", "b", "c"], True),
        (["took ... s"], ["took 0.3 s"], True),
        (["a"], ["a", "b"], False),
        (["a", "..."], ["b"], False),
        (["took ... s"], ["took 0.3 s", "more"], False),
        ([], [], True),
        ([], ["a"], False),
    ],
)
def test_expected_output_is_compared(expected: list[str], found: list[str], same: bool) -> None:
    assert fits(expected, found) is same


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```console\n$ echo a\nb\n```", "prints something else"),
        ("```console\n$ python -c 'raise SystemError'\na\n...\n```", "crashes"),
        ("```console\n$ echo a\n...\n```", "prints something else"),
        ("```console\n$ echo logidsl: internal error: a\nlogidsl: ...\n```", "crashes"),
        ("```python\nraise SystemExit(2)\n```", "ends with code 2"),
        ("```python\nprint(1)\n```\n\n```output\n2\n```", "prints something else"),
        ("```json\n{1}\n```", "is not json"),
        ("```toml\na =\n```", "is not toml"),
        ("```yaml\nobjekt: {bolt: 2}\n```", "does not parse"),
        ("```lua\nf({ 1 }\n```", "`)` is missing"),
        ("```lisp\n(f))\n```", "`)` closes nothing"),
        ("```rust\nfn\n```", "a block of `rust`"),
        ("```\nplain\n```", "a block of ``"),
        ("```logic\nobject 3\n```", "does not compile"),
        ("```logic fragment\nobject 3\n```", "does not parse"),
        ("```logic error\nspec a\nobject pin\nrule r: count(pin) = 1\n```", "should be refused"),
        ("```logic error=E999\nobject 3\n```", "expected E999"),
    ],
)
def test_an_untrue_block_is_found(text: str, complaint: str, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    assert complaint in "\n".join(judge(text, "a.md", folder).problems)


def test_true_blocks_pass_and_share_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    text = """
```json file=a.json
{"a": 1}
```

   ```console
   $ cat a.json
   {"a": 1}
   $ (exit 3)
   $ echo $?
   3
   $ python -c '
   > print(2)'
   2
   ```

```python
print(open("a.json").read())
```

```output
{"a": ...}

```
"""
    assert judge(text, "a.md", folder).problems == []


def test_an_update_writes_what_was_printed(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    text = "# A\n\n  ```console\n  $ echo a; echo b\n  $ echo c\n  d\n  e\n  ```\nend\n"
    outcome = judge(text, "a.md", folder, update=True)
    assert outcome.problems == []
    expected = "# A\n\n  ```console\n  $ echo a; echo b\n  a\n  b\n  $ echo c\n  c\n  ```\nend\n"
    assert updated(text, outcome.changes) == expected


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# One `a.b` two\n```text\n# no heading\n```\n")
    path = tmp_path / "a.md"
    path.write_text("[1](b.md) [2](b.md#one-ab-two) ![3](c.png) [4](b.md#no-heading) [5](https://a.org/x) [6](../..)\n")
    assert broken_links(path, tmp_path) == [
        "c.png: no such file",
        "b.md#no-heading: no such heading",
        "../..: no such file",
    ]
