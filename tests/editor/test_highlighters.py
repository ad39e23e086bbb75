"""The highlighters agree with the language's own lexer, and are what their generator writes."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pygments.lexers import get_lexer_for_filename
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator

from logidsl.diagnostics import Bag, catalogue
from logidsl.source import Source
from logidsl.syntax.lexer import lex
from logidsl.syntax.tables import keywords
from tests.conftest import CHECKOUT
from tests.node_packages import EDITORS, installed
from tools.highlighters import files

NUMBERS = ("NUMBER", "QUANTITY", "ROWS", "COLUMNS")
TEXTS = [
    *(p.read_text("utf-8") for p in sorted((CHECKOUT / "specs").glob("*.logic"))),
    *(entry.right for code, entry in catalogue().items() if entry.right and not "E050" <= code < "E061"),
]


def test_the_files_are_those_of_the_generator():
    assert [str(p) for p, text in files().items() if not p.is_file() or p.read_text("utf-8") != text] == []


def wanted(text: str) -> Iterator[tuple[int, int, str]]:
    """What the lexer makes of a text: keywords, names, numbers, strings, comments."""
    tokens, comments = lex(Source("t.logic", text), Bag())
    for t in tokens:
        kind = "keyword" if t.type in keywords() else "number" if t.type in NUMBERS else t.type
        if kind in ("keyword", "number", "NAME", "STRING"):
            yield t.span.start, t.span.end, kind.lower()
    for c in comments:
        yield c.span.start, c.span.end, "comment"


def unlike(text: str, found: Iterable[tuple[int, int, str]]) -> list[tuple[str, str, set[str]]]:
    """The tokens of a text that a highlighter classes otherwise."""
    classes = [""] * len(text)
    for start, end, kind in found:
        classes[start:end] = [kind] * (end - start)
    wrong = []
    for start, end, kind in wanted(text):
        got = {classes[k] for k in range(start, end) if kind == "string" or text[k] != " "}
        if got != {kind} and not (text[start:end] == "color" and got <= {"keyword", "name"}):
            wrong.append((text[start:end], kind, got))
    return wrong


def test_pygments_agrees_with_the_lexer():
    lexer = get_lexer_for_filename("a.logic")
    kinds = {Comment: "comment", Literal.String: "string", Number: "number", Name: "name", Operator.Word: "keyword"}
    assert len(TEXTS) > 100
    for text in TEXTS:
        found = []
        for at, type_, part in lexer.get_tokens_unprocessed(text):
            kind = "keyword" if type_ in Keyword else next((k for t, k in kinds.items() if type_ in t), "")
            found.append((at, at + len(part), kind))
        assert unlike(text, found) == [], text


def tokens() -> Any:
    """What the TextMate grammar and the CodeMirror module make of the texts."""
    installed()
    script = Path(__file__).with_name("tokenize.mjs")
    run = subprocess.run(
        ["node", str(script), str(EDITORS)], input=json.dumps(TEXTS), capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


def of_scope(scope: str) -> str:
    """The class of a scope of TextMate; the innermost one decides."""
    if "string." in scope:
        return "string"
    last = scope.split(" ")[-1]
    starts = {
        "comment": "comment",
        "constant.numeric": "number",
        "keyword.other.unit": "number",
        "keyword.operator.logic": "",
        "keyword": "keyword",
        "entity": "name",
        "support": "name",
        "variable": "name",
    }
    return next((kind for start, kind in starts.items() if last.startswith(start)), "")


STYLES = {"comment": "comment", "color": "string", "string": "string", "number": "number"}


def of_style(style: str) -> str:
    """The class of a style of CodeMirror."""
    if style in STYLES:
        return STYLES[style]
    return "keyword" if "eyword" in style else "name" if "Name" in style else ""


def test_textmate_and_codemirror_agree_with_the_lexer():
    for text, made in zip(TEXTS, tokens(), strict=True):
        assert unlike(text, [(a, b, of_scope(scope)) for a, b, scope in made["textmate"]]) == [], text
        assert unlike(text, [(a, b, of_style(style)) for a, b, style in made["codemirror"]]) == [], text


def test_the_lock_file_names_no_registry():
    lock = json.loads((EDITORS / "package-lock.json").read_text("utf-8"))
    addresses = {p.get("resolved", "") for p in lock["packages"].values()}
    assert {a for a in addresses if a and "/" in a and ":" in a} == set()


def test_a_packaged_extension_has_all_that_it_names():
    """Of a package that `make vsix` made here; it takes minutes, so that no test makes one."""
    manifest = json.loads((EDITORS / "vscode" / "package.json").read_text("utf-8"))
    contributes = manifest["contributes"]
    named = [g["path"] for g in contributes["grammars"]] + [s["path"] for s in contributes["snippets"]]
    named += [x["configuration"] for x in contributes["languages"]]
    assert [n for n in named if not (EDITORS / "vscode" / n).is_file()] == []
    kept = (EDITORS / "vscode" / ".vscodeignore").read_text("utf-8").splitlines()
    assert [n for n in [*named, manifest["main"]] if f"!{n.removeprefix('./')}" not in kept] == []
    for package in (CHECKOUT / "dist").glob("logidsl-*.vsix"):
        with zipfile.ZipFile(package) as files_:
            inside = set(files_.namelist())
        assert {f"extension/{n.removeprefix('./')}" for n in [*named, manifest["main"]]} <= inside
