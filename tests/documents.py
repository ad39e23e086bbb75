"""Runs what the documents show: their commands, their scripts, their specs, their links.

A fenced block is judged by its language:

- `console`: a line with `$ ` is a command, `> ` carries it on, the lines after it are what it prints (standard
  output and error as one); `...` stands for anything, on a line of its own for any lines, but not for all of
  what is printed. Run in a folder that holds the rendered trays, a photo of coins and the specs; all blocks
  of a document share it.
- `python`: a script, run there; an `output` block after it is what it prints.
- `logic`: a spec that compiles. `logic error` must be refused, `logic error=E012` with that code;
  `logic fragment` need only parse.
- `yaml`: a spec in the YAML form, or a part of one, that parses.
- `json`, `toml`: valid. `text`: anything. `file=NAME` after a language keeps the block there under that name.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
WIDTH = 100

FENCE = re.compile(r"^(?P<indent> *)(?P<marks>`{3,})(?P<info>[^`]*)$")
FAULT = re.compile(r"^Traceback \(most recent call last\)|^logidsl: internal error")
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")


@dataclass
class Block:
    """A fenced block: its language and options, its lines, the place of the first of them from 0."""

    language: str
    options: dict[str, str]
    start: int
    lines: list[str]
    indent: str = ""

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines) + "\n"


@dataclass
class Outcome:
    """What came of a document: complaints, and, when it is to be updated, new lines for stretches of old ones."""

    update: bool = False
    problems: list[str] = field(default_factory=list)
    changes: list[tuple[int, int, list[str]]] = field(default_factory=list)


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a document.

    Raises
    ------
    ValueError
        If a block does not end.
    """
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        opening = FENCE.match(lines[at])
        at += 1
        if not opening:
            continue
        language, *options = opening["info"].split() or [""]
        indent, marks, start = opening["indent"], opening["marks"], at
        while at < len(lines) and lines[at].strip() != marks:
            at += 1
        if at == len(lines):
            raise ValueError(f"the block that begins at line {start} does not end")
        body = [line.removeprefix(indent) for line in lines[start:at]]
        split = (option.partition("=") for option in options)
        yield Block(language, {name: value for name, _, value in split}, start, body, indent)
        at += 1


def fits(expected: list[str], found: list[str]) -> bool:
    """Whether lines are what was expected, `...` standing for anything."""
    parts = []
    for line in expected:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(r"[^\n]*".join(re.escape(p) for p in line.rstrip().split("...")) + r"[ \t]*\n")
    return re.fullmatch("".join(parts), "".join(line.rstrip() + "\n" for line in found)) is not None


def commands(block: Block) -> Iterator[tuple[str, int, list[str]]]:
    """The commands of a block, the place in the document of what each prints, and what it should print."""
    at = 0
    while at < len(block.lines):
        if not block.lines[at].startswith("$ "):
            raise ValueError(f"line {block.start + at + 1}: expected a command after `$ `")
        command = block.lines[at][2:]
        at += 1
        while at < len(block.lines) and block.lines[at].startswith("> "):
            command += "\n" + block.lines[at][2:]
            at += 1
        first = at
        while at < len(block.lines) and not block.lines[at].startswith("$ "):
            at += 1
        yield command, block.start + first, block.lines[first:at]


def environment(folder: Path) -> dict[str, str]:
    """The variables that a document's commands see: this checkout's `logidsl`, no colour, a fixed width."""
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    for name, module in {"logidsl": "-m logidsl ", "python": "", "pygmentize": "-m pygments "}.items():
        program = programs / name
        if not program.exists():  # a command in the background may be about to run it
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module}"$@"\n')
            program.chmod(0o755)
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
        "NO_COLOR": "1",
        "COLUMNS": str(WIDTH),
        "LANG": "C.UTF-8",
        "HOME": str(folder.parent),
    }


def printed(command: list[str], folder: Path) -> tuple[list[str], int]:
    """What a command prints, and its exit code."""
    run = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    return run.stdout.splitlines(), run.returncode


def compare(name: str, start: int, expected: list[str], found: list[str], indent: str, outcome: Outcome) -> None:
    """Note where what was printed is not what the document says."""
    # `...` must not hide a crash, and alone it would hide everything
    if any(FAULT.search(line) for line in found):
        outcome.problems.append(f"{name} crashes:\n" + "\n".join(found))
    elif [line.strip() for line in expected] == ["..."] or not fits(expected, found):
        if outcome.update:
            outcome.changes.append((start, start + len(expected), [f"{indent}{line}".rstrip() for line in found]))
        else:
            shown = "\n".join(["--- the document says", *expected, "--- it printed", *found])
            outcome.problems.append(f"{name} prints something else (UPDATE_DOCS=1 takes it over):\n{shown}")


def run_console(block: Block, folder: Path, outcome: Outcome, where: str) -> None:
    """Run the commands of a block; `$?` is the exit code of the one before."""
    code = 0
    for command, start, expected in commands(block):
        found, code = printed(["bash", "-c", f"(exit {code}); {command}"], folder)
        compare(f"{where}: `{command}`", start, expected, found, block.indent, outcome)


def run_python(block: Block, after: Block | None, folder: Path, outcome: Outcome, where: str) -> None:
    """Run a script; the `output` block right after it is what it prints."""
    script = folder / "block.py"
    script.write_text(block.text, "utf-8")
    found, code = printed([sys.executable, str(script)], folder)
    script.unlink()
    if code:
        outcome.problems.append(f"{where}: the script ends with code {code}:\n" + "\n".join(found))
    elif after is not None and after.language == "output":
        compare(f"{where}: the script", after.start, after.lines, found, after.indent, outcome)


def compile_logic(block: Block, where: str) -> str | None:
    """What is wrong with a block of the language, which may be that nothing is."""
    from logidsl.source import Source

    if "fragment" in block.options:
        from logidsl.syntax.parse import parse

        bag = parse(Source(where, block.text))[1]
        return None if bag.ok else f"{where} does not parse:\n{bag}"
    import logidsl
    from logidsl.pipeline import compile_spec

    try:
        compile_spec(Source("<text>", block.text), layouts=False)
    except logidsl.SpecError as error:
        if "error" not in block.options:
            return f"{where} does not compile:\n{error}"
        wanted, codes = block.options["error"], [d.code for d in error.diagnostics]
        return None if not wanted or wanted in codes else f"{where}: expected {wanted}, found {codes}"
    return f"{where} compiles, and should be refused" if "error" in block.options else None


def check_data(block: Block, where: str) -> str | None:
    """What is wrong with a block of JSON or TOML."""
    try:
        (json.loads if block.language == "json" else tomllib.loads)(block.text)
    except ValueError as error:
        return f"{where} is not {block.language}: {error}"
    return None


def read_yaml(block: Block, where: str) -> str | None:
    """What is wrong with a spec, or a part of one, in the YAML form."""
    from logidsl.source import Source
    from logidsl.syntax.yaml import parse_yaml

    bag = parse_yaml(Source(where, block.text))[1]
    return None if bag.ok else f"{where} does not parse:\n{bag}"


def judge(text: str, name: str, folder: Path, update: bool = False) -> Outcome:
    """Run every block of a document in a folder."""
    outcome = Outcome(update)
    found = list(blocks(text))
    for block, after in zip_longest(found, found[1:]):
        where = f"{name}:{block.start + 1}"
        problem = None
        match block.language:
            case "console":
                run_console(block, folder, outcome, where)
            case "python":
                run_python(block, after, folder, outcome, where)
            case "logic":
                problem = compile_logic(block, where)
            case "yaml":
                problem = read_yaml(block, where)
            case "json" | "toml":
                problem = check_data(block, where)
            case "lua" | "lisp":
                problem = check_tokens(block, where)
            case "text" | "output":
                pass
            case other:
                problem = f"{where}: a block of `{other}`: nothing here can check it"
        if problem:
            outcome.problems.append(problem)
        if "file" in block.options:
            (folder / block.options["file"]).write_text(block.text, "utf-8")
    return outcome


def check_tokens(block: Block, where: str) -> str | None:
    """What is wrong with the configuration of another program: a token that its language lacks, or a bracket."""
    from pygments.lexers import get_lexer_by_name
    from pygments.token import Comment, Error, String

    opened: list[str] = []
    for kind, text in get_lexer_by_name(block.language).get_tokens(block.text):
        if kind in Error:
            return f"{where} is not {block.language}: `{text}`"
        for char in "" if kind in String or kind in Comment else text:
            if char in "([{":
                opened.append({"(": ")", "[": "]", "{": "}"}[char])
            elif char in ")]}" and (not opened or opened.pop() != char):
                return f"{where} is not {block.language}: `{char}` closes nothing"
    return f"{where} is not {block.language}: `{opened[-1]}` is missing" if opened else None


def updated(text: str, changes: list[tuple[int, int, list[str]]]) -> str:
    """A document with new lines in place of old ones."""
    lines = text.splitlines()
    for start, end, new in sorted(changes, reverse=True):
        lines[start:end] = new
    return "\n".join(lines) + "\n"


def prose(text: str) -> str:
    """A document without its fenced blocks."""
    lines = text.splitlines()
    fenced = {n for b in blocks(text) for n in range(b.start - 1, b.start + len(b.lines) + 1)}
    return "\n".join(line for n, line in enumerate(lines) if n not in fenced)


def anchors(text: str) -> set[str]:
    """The names that headings can be linked by, as code hosts form them."""
    titles = re.findall(r"^#+ +(.+?) *$", prose(text), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(path: Path, root: Path = CHECKOUT) -> list[str]:
    """The links of a document that lead nowhere below a root."""
    broken = []
    for link in LINK.finditer(prose(path.read_text("utf-8"))):
        target, _, anchor = link["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (path.parent / target) if target else path
        if not file.exists() or not file.resolve().is_relative_to(root):
            broken.append(f"{link['target']}: no such file")
        elif anchor and anchor not in anchors(file.read_text("utf-8")):
            broken.append(f"{link['target']}: no such heading")
    return broken
