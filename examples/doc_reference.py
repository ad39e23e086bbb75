"""Regenerate the generated parts of the documents: `python -m examples.doc_reference`.

`docs/diagnostics.md` is the catalogue of codes. In `docs/language.md` the text between two marks, `<!-- made:
functions -->` and `<!-- end -->`, is generated from the declarations in `logidsl.library`, or from the grammar.
The relation words of `grammar/logic.lark` are generated too.
`tests/test_doc_reference.py` fails if a document is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from textwrap import fill

from logidsl.diagnostics import Code, catalogue
from logidsl.library import Builtin, builtins, type_named
from logidsl.syntax.tables import reserved_words

DOCS = Path(__file__).resolve().parent.parent / "docs"
WIDTH = 120
MARKS = re.compile(r"(?P<open><!-- made: (?P<name>[a-z ]+) -->\n).*?(?P<close><!-- end -->)", re.DOTALL)

HEAD = """# Diagnostics

Every error has a code, which is never reused. `logidsl explain CODE` prints its entry; this page is generated from the
same catalogue, `logidsl/diagnostics.toml`. Codes below E100 are syntax errors, from E100 semantic errors, from `W001`
warnings (valid, but probably unintended), from `W101` advice. The tests check that each wrong example gives its code,
and that each right one is clean.
"""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown; a `|` inside a cell is escaped.

    Examples
    --------
    >>> print(table(["a", "b"], [["1", "x | y"]]))
    | a | b |
    |---|---|
    | 1 | x \\| y |
    """
    titles = list(head)
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def attributes() -> str:
    """The attributes: type, of what, and what each is."""
    rows = []
    for name, entry in builtins("attribute").items():
        rows.append([f"`{name}`", str(type_named(entry.result)), ", ".join(entry.of), _sentence(entry)])
    return table(["Attribute", "Type", "Of", "Is"], rows)


def _sentence(entry: Builtin) -> str:
    text = entry.doc.removeprefix("Of a pixel: ")
    return text[:1].upper() + text[1:]


def functions() -> str:
    """The functions of values that stand side by side."""
    return _calls(builtins("function"))


def aggregates() -> str:
    """What is made of a set, a column or a list."""
    return _calls(builtins("aggregate"))


def _calls(entries: Mapping[str, Builtin]) -> str:
    rows = []
    for entry in entries.values():
        written, _, result = entry.signature.partition(" -> ")
        gives = {"same": "as its argument", "turn": "turn"}.get(result) or str(type_named(result) or result)
        # a frame stands in a statement, so its example does not show it
        rows.append([f"`{written}`", gives, entry.doc, f"`{entry.example}`" if entry.name in entry.example else ""])
    return table(["Written", "Gives", "Is", "For example"], rows)


def relations() -> str:
    """The words between two things."""
    rows = []
    for name, entry in builtins("relation").items():
        left, right = (p.kind for p in entry.parameters[:2])
        within = " within length" if len(entry.parameters) > 2 else ""
        rows.append([f"`{left} {name} {right}{within}`", entry.doc])
    return table(["Written", "Holds where"], rows)


def sources() -> str:
    """What finds objects in a picture, after `object NAME =`."""
    return _calls(builtins("source"))


def words() -> str:
    """The reserved words of the grammar."""
    return fill(" ".join(f"`{w}`" for w in sorted(reserved_words())) + ".", WIDTH, break_on_hyphens=False)


def keys() -> str:
    """What may stand in an order besides numbers."""
    return _calls(builtins("key"))


def pixel_functions() -> str:
    """What may be asked of a pixel and more than its own colour answers."""
    return _calls(builtins("pixel"))


def steps() -> str:
    """The steps that clean a mask."""
    rows = [[f"`{entry.signature.partition(' -> ')[0]}`", entry.doc] for entry in builtins("step").values()]
    return table(["Step", "Does"], rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "attributes": attributes,
    "functions": functions,
    "aggregates": aggregates,
    "relations": relations,
    "keys": keys,
    "sources": sources,
    "reserved words": words,
    "pixel functions": pixel_functions,
    "steps": steps,
}


def renewed(text: str) -> str:
    """A document with each part between marks made again.

    Raises
    ------
    KeyError
        If a mark names no part.
    """
    return MARKS.sub(lambda m: f"{m['open']}{PARTS[m['name']]()}\n{m['close']}", text)


def diagnostics() -> str:
    """The page of all codes."""
    return HEAD + "".join(f"\n{_code(code)}" for code in catalogue().values())


def _code(code: Code) -> str:
    parts = [f"## {code.code}: {code.title}\n"]
    if code.why:
        parts.append(fill(" ".join(code.why.split()), WIDTH, break_on_hyphens=False, break_long_words=False) + "\n")
    for name, example in (("Wrong", code.wrong), ("Right", code.right)):
        if example:
            parts.append(f"{name}:\n\n```text\n{_visible(example.strip())}\n```\n")
    return "\n".join(parts)


def _visible(text: str) -> str:
    """Text with what cannot be seen written as its number."""
    return "".join(c if c.isprintable() or c == "\n" else f"<U+{ord(c):04X}>" for c in text)


def with_relation_words(grammar: str) -> str:
    """The grammar with the relation words that the library declares.

    Examples
    --------
    >>> with_relation_words('!relation_word: "near"\\n\\nnext: "by"').splitlines()[0]
    '!relation_word: "inside" | "wholly" "inside" | "outside" | "contains" | "overlaps" | "touches" | "near"'
    """
    words = [" ".join(f'"{word}"' for word in name.split()) for name in builtins("relation")]
    lines = [" | ".join(words[i : i + 7]) for i in range(0, len(words), 7)]
    rule = "!relation_word: " + "\n              | ".join(lines) + "\n\n"
    return re.sub(r"!relation_word: .*?\n\n", lambda _: rule, grammar, flags=re.DOTALL)


def documents() -> dict[Path, str]:
    """What each document with generated parts must be."""
    reference, grammar = DOCS / "language.md", DOCS.parent / "grammar" / "logic.lark"
    return {
        reference: renewed(reference.read_text("utf-8")),
        DOCS / "diagnostics.md": diagnostics(),
        grammar: with_relation_words(grammar.read_text("utf-8")),
    }


def main() -> int:
    """Write them; returns the exit code."""
    for path, text in documents().items():
        path.write_text(text, "utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
