"""The YAML form of a spec.

Owns `parse_yaml` and `to_yaml`: the same tree as of the text form, in another spelling. docs/yaml.md shows the
keys.
"""

from __future__ import annotations

from logidsl.diagnostics import Bag, Diagnostic
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.parse import SIZE_MAX
from logidsl.syntax.spelling import characters
from logidsl.syntax.tokens import short
from logidsl.syntax.yaml_read import Reader
from logidsl.syntax.yaml_tree import Mapping, Scalar, comments, compose
from logidsl.syntax.yaml_write import to_yaml

__all__ = ["parse_yaml", "to_yaml"]


def parse_yaml(source: Source) -> tuple[ast.File, Bag]:
    """Read a spec in YAML, or the same tree in JSON.

    Never raises for what a source holds. Every scalar is read as text, and every span points into the file.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    file : File
        The statements that could be read, in the order of the file, with its comments.
    bag : Bag
        What is wrong; the tree is whole where it holds no error.

    Examples
    --------
    >>> file, bag = parse_yaml(Source("a.yaml", "object: {bolt: 2}"))
    >>> bag.ok, file.statements[0].name
    (True, Ident(name='bolt'))
    >>> print(parse_yaml(Source("a.yaml", "rule:\\n  two: {chek: count(bolt) = 2}"))[1].items[0].fix)
    write `check`
    """
    bag = Bag()
    nothing = ast.File(None, None, (), span=source.span(0, 0))
    if len(source.text) > SIZE_MAX:
        message = f"expected a spec of at most {SIZE_MAX // 1024} KiB, found {len(source.text) // 1024} KiB"
        bag.add(Diagnostic("E003", message, source.span(0, 0), "split it into files, and import them"))
        return nothing, bag
    characters(source, bag)
    tree = compose(source, bag)
    if tree is None:
        return nothing.replaced(comments=comments(source, None)), bag
    if not isinstance(tree, Mapping):
        found = f"`{short(tree.value)}`" if isinstance(tree, Scalar) else "a list"
        message = f"expected a mapping of statements such as `object: {{bolt: 2}}`, found {found}"
        fix = "end the file's name in .logic if it is in the text form"
        bag.add(Diagnostic("E052", message, tree.span, fix if isinstance(tree, Scalar) else None))
        return nothing, bag
    return Reader(bag).file(tree).replaced(comments=comments(source, tree)), bag
