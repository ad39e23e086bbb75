"""Imports: the statements of a file and of its imports, each file once.

Imported files lie below the spec's folder, so that a spec is one folder that can be moved and reviewed. `with` sets
parameters of the import.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from logidsl.check import errors
from logidsl.check.context import Context
from logidsl.diagnostics import Bag, InputError
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax import read as forms

DEEPEST = 50  # files that import one another
Read = Callable[[str], Source]


@dataclass
class Gathering:
    """Statements as they are gathered, depth first."""

    c: Context
    read: Read
    root: Path
    statements: list[ast.Statement] = field(default_factory=list)
    broken: list[ast.Ident] = field(default_factory=list)
    done: set[Path] = field(default_factory=set)
    open: list[Path] = field(default_factory=list)


def gather(c: Context, file: ast.File, read: Read) -> tuple[tuple[ast.Statement, ...], tuple[ast.Ident, ...]]:
    """All statements of a file and its imports, imported ones first.

    Returns
    -------
    statements, broken
        Without the `import`s themselves; and the names that unreadable statements were about to declare.
    """
    own = Path(file.span.source.path)
    g = Gathering(c, read, own.parent)
    g.open.append(_normal(own))
    _take(g, file, own.parent)
    return tuple(g.statements), tuple(g.broken)


def _normal(path: Path) -> Path:
    """A path without `..`, and without asking the disk."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return Path(*parts)


def _leaves(path: Path, root: Path) -> bool:
    """Whether a file lies outside the spec's folder after links are resolved."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _take(g: Gathering, file: ast.File, folder: Path) -> None:
    g.broken += file.broken
    for s in file.statements:
        if isinstance(s, ast.Import):
            _import(g, s, folder)
        else:
            g.statements.append(s)


def _import(g: Gathering, s: ast.Import, folder: Path) -> None:
    path = _normal(folder / s.path.value)
    if Path(s.path.value).is_absolute() or not _below(path, _normal(g.root)):
        g.c.bag.add(errors.import_outside(s.path.value, s.path.span))
        return
    if path in g.open:
        g.c.bag.add(errors.import_circle(s.path.value, s.path.span))
        return
    for setting in s.settings:
        g.c.settings[setting.name.name] = setting
    if path in g.done:
        return
    if len(g.open) > DEEPEST:
        why = f"expected imports that nest at most {DEEPEST} files deep"
        g.c.bag.add(errors.import_failed(s.path.value, why, s.path.span))
        return
    if _leaves(path, g.root):
        why = f"it lies outside the folder {g.root} through a link"
        g.c.bag.add(errors.import_failed(s.path.value, why, s.path.span))
        return
    g.done.add(path)
    try:
        source = g.read(str(path))
    except InputError as error:
        g.c.bag.add(errors.import_failed(s.path.value, str(error), s.path.span))
        return
    file, said = forms.read(source)
    _adopt(g.c.bag, said)
    g.open.append(path)
    _take(g, file, path.parent)
    g.open.pop()


def path_below(root: Path, written_in: str, path: str) -> str | None:
    """A path in a spec relative to the spec's folder, with `/`; None if it lies outside.

    Parameters
    ----------
    root : Path
        The folder of the spec.
    written_in : str
        The file that names it, an imported one perhaps.
    path : str
        As it is written.

    Examples
    --------
    >>> path_below(Path("specs"), "specs/parts/lid.logic", "lid.png")
    'parts/lid.png'
    >>> path_below(Path("specs"), "specs/a.logic", "../lid.png")
    """
    start, whole = _normal(root), _normal(Path(written_in).parent / path)
    if Path(path).is_absolute() or not _below(whole, start):
        return None
    return Path(*whole.parts[len(start.parts) :]).as_posix()


def _below(path: Path, root: Path) -> bool:
    deep = len(root.parts)
    return path.parts[:deep] == root.parts and ".." not in path.parts[deep:]


def _adopt(bag: Bag, said: Bag) -> None:
    for d in said.items:
        bag.add(d)
