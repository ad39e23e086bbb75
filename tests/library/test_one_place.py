"""An operation is declared in one place: nothing else compares, matches or tabulates its name.

The names of operations in the code outside `logidsl/library/` are collected: in a comparison or a `match` on what an
operation is called, and in sets, lists and dictionaries of such names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from logidsl.library import REGISTRY

NAMES = frozenset(name for _, name in REGISTRY)
#: What the name of an operation is kept in.
HELD = frozenset(["fn", "function", "word", "attribute", "entry.name", "step.name", "name"])
#: Names that are also units, types, parts of a file format or words of a message; only a comparison tells them apart.
_COMMON = (
    "angle area arc class close color confidence count difference end height length number open point row start text "
    "width x y box polygon circle center col mean max min outside inside template background split same matches "
    "distance contains near only learned above below edge = < <= > >= + - * /"
)
COMMON = frozenset(_COMMON.split(" "))
#: Not code about operations: readers and writers of files, the syntax and its words, reports.
OTHER = ("extract/formats/", "extract/descriptions/", "syntax/", "report/", "commands/", "llm/", "learn/", "fit/")


def named(path: Path) -> set[str]:
    """The operations that a module compares, matches or tabulates."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    return {name for node in ast.walk(tree) for name in _named(node)}


def _named(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Compare(left=left, comparators=[right, *_]):
            for one, other in ((left, right), (right, left)):
                if _is_held(one):
                    yield from _strings(other)
        case ast.MatchClass(kwd_attrs=keys, kwd_patterns=patterns):
            for key, pattern in zip(keys, patterns, strict=True):
                if key in HELD:
                    yield from _strings(pattern)
        case ast.Match(subject=subject, cases=cases) if any(_is_held(n) for n in ast.walk(subject)):
            for case in cases:
                yield from _strings(case.pattern)
        case ast.Set() | ast.List() | ast.Tuple() | ast.Dict():
            found = [*_strings(node)]
            rare = [name for name in found if name not in COMMON]
            yield from found if len(rare) > 1 else ()
        case _:
            pass


def _is_held(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=owner), attr=attr):
            return attr in HELD - {"name"} or f"{owner}.{attr}" in HELD
        case ast.Name(id=name):
            return name in HELD - {"name"}
        case _:
            return False


def _strings(node: ast.AST) -> Iterator[str]:
    """The operations named right inside a node, not deeper than a list in it."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value in NAMES:
            yield inner.value


def test_an_operation_is_named_in_its_declaration_alone(checkout: Path) -> None:
    package = checkout / "logidsl"
    found: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        where = path.relative_to(package).as_posix()
        if not where.startswith(("library/", *OTHER)) and (names := named(path)):
            found[where] = names
    assert found == {}


def test_each_way_of_naming_one_is_found(tmp_path: Path) -> None:
    module = tmp_path / "a.py"
    for text, expected in (
        ("if node.fn == 'spread': pass", {"spread"}),
        ("if fn in ('min', 'max'): pass", {"min", "max"}),
        ("if 'overlaps' == expr.word: pass", {"overlaps"}),
        ("match node:\n    case Call(fn='gap' | 'overlap'): pass", {"gap", "overlap"}),
        ("match node.fn, args:\n    case 'dx', (a, b): pass", {"dx"}),
        ("TABLE = {'touches': 1, 'wholly inside': 2}", {"touches", "wholly inside"}),
        ("UNITS = {'length': 'px', 'area': 'px2'}", set()),
        ("if type_.dim == 'count': pass", set()),
        ("builtins('function')['dx']", set()),
    ):
        module.write_text(text)
        assert named(module) == expected, text
