"""A tree of texts, lists and mappings as YAML that people like to read.

Owns `lay_out`. What fits on a line stands on one, in brackets where there are several things; a long text is
folded. A text is written plainly where any reader of YAML takes it for itself, else in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from logidsl.syntax.pretty_printer import WIDTH

Leaf: TypeAlias = str
Tree: TypeAlias = "Leaf | Sequence[Tree] | Mapping[str, Tree]"
STEP = 2
LONG_KEY = 200  # a simple key has its end in YAML; longer ones are written after `?`

_PLAIN = re.compile(r"[A-Za-z0-9_(/.](?:[^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffd-\uffff\ud800-\udfff]*[^\s:])?")
_TRUTHS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def lay_out(sections: Mapping[str, Tree]) -> str:
    """The text of a YAML file.

    Parameters
    ----------
    sections : mapping of str to Tree
        What stands at the top. A mapping there has a line for each entry.

    Examples
    --------
    >>> print(lay_out({"spec": "a", "object": {"nut": "no", "bolt": {"count": "2", "low": "x: y"}}}), end="")
    spec: a
    object:
      nut: "no"
      bolt: {count: 2, low: "x: y"}
    """
    return "".join(f"{line}\n" for line in _block(sections, 0, top=True))


def _block(tree: Tree, indent: int, top: bool = False) -> list[str]:
    """A list or mapping in block style."""
    before = " " * indent
    lines: list[str] = []
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            written = scalar(key, False)
            if len(written) > LONG_KEY:
                lines.append(f"{before}? {written}")
                written = ""
            lines += _after(f"{before}{written}:", value, indent, open_up=top and not isinstance(value, str))
    elif not isinstance(tree, str):
        for item in tree:
            if isinstance(item, str) or _flow_line(f"{before}-", item):
                lines += _after(f"{before}-", item, indent, open_up=False)
            else:
                first, *rest = _block(item, indent + STEP)
                lines += [f"{before}- {first[indent + STEP :]}", *rest]
    return lines


def _after(head: str, value: Tree, indent: int, open_up: bool) -> list[str]:
    """A value after its key or dash."""
    if isinstance(value, str):
        return _text(head, value, indent)
    one = None if open_up and value else _flow_line(head, value)
    return [one] if one else [head, *_block(value, indent + STEP)]


def _flow_line(head: str, value: Tree) -> str | None:
    """A value on the line of its head, if there is room."""
    one = f"{head} {flow(value)}"
    return one if len(one) <= WIDTH or not value else None


def flow(tree: Tree) -> str:
    """A tree on one line."""
    if isinstance(tree, str):
        return scalar(tree, True)
    if isinstance(tree, Mapping):
        return "{" + ", ".join(f"{scalar(k, True)}: {flow(v)}" for k, v in tree.items()) + "}"
    return "[" + ", ".join(flow(item) for item in tree) + "]"


def scalar(text: str, in_flow: bool) -> str:
    """A text, in quotes where it needs them."""
    if _is_plain(text, in_flow):
        return text
    if not text.isprintable():
        return '"' + "".join(_escaped(c) for c in text) + '"'
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def _is_plain(text: str, in_flow: bool) -> bool:
    if not _PLAIN.fullmatch(text) or text.lower() in _TRUTHS or not text.isprintable():
        return False
    if ": " in text or " #" in text or text.startswith("..."):
        return False
    return not (in_flow and re.search(r"[,\[\]{}?]|:[^\w]", text))


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _text(head: str, text: str, indent: int) -> list[str]:
    """A text after its key or dash; a long one folded at spaces that stand in no quotes."""
    one = f"{head} {scalar(text, False)}"
    words = _words(text)
    if len(one) <= WIDTH or len(words) < 2 or not text.isprintable() or text != text.strip():
        return [one]
    before = " " * (indent + STEP)
    lines = [f"{head} >-"]
    now = before + words[0]
    for word in words[1:]:
        if len(now) + 1 + len(word) > WIDTH:
            lines.append(now)
            now = before + word
        else:
            now += f" {word}"
    return [*lines, now]


def _words(text: str) -> list[str]:
    """A text cut at single spaces outside of quotes."""
    return re.findall(r'(?:"[^"]*"?| {2,}|[^ "])+', text)
