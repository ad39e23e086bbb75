"""A spec in whichever form it is written.

Owns `read`: by the end of a file's name, and where that says nothing by how the text begins. Imports
`diagnostics`, `source` and, of this package, `ast`, `errors`, `parse`, and `yaml` where it is needed.
"""

from __future__ import annotations

from typing import Literal

from logidsl.diagnostics import Bag
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.errors import OTHER_FORMAT
from logidsl.syntax.parse import parse

Form = Literal["logic", "yaml"]
SUFFIXES: dict[str, Form] = {".logic": "logic", ".yaml": "yaml", ".yml": "yaml", ".json": "yaml"}


def form_of(source: Source) -> Form:
    """The form that a spec is written in.

    Examples
    --------
    >>> form_of(Source("a.yml", "")), form_of(Source("-", "spec: a")), form_of(Source("-", "spec a"))
    ('yaml', 'yaml', 'logic')
    """
    found = form_of_path(source.path)
    if found:
        return found
    other = OTHER_FORMAT.match(source.text)
    return "yaml" if other and not other["xml"] else "logic"


def form_of_path(path: str) -> Form | None:
    """The form that a file's extension indicates, or None."""
    return next((form for suffix, form in SUFFIXES.items() if path.lower().endswith(suffix)), None)


def read(source: Source) -> tuple[ast.File, Bag]:
    """Read a spec in the text form or in the YAML form.

    Parameters
    ----------
    source : Source
        The text. A name that ends in `.yaml`, `.yml` or `.json` means YAML, one in `.logic` the text form.

    Returns
    -------
    file : File
        The statements that could be read.
    bag : Bag
        What is wrong; the tree is whole where it holds no error.
    """
    if form_of(source) == "logic":
        return parse(source)
    from logidsl.syntax.yaml import parse_yaml

    return parse_yaml(source)
