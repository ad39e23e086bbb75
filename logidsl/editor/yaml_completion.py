"""Completion inside the expressions of a spec in YAML.

The expression is put into a statement of the text form, after the other statements of the spec as text, and completed
there; so both forms offer the same. Keys are left to the editor's YAML support, which has the schema.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from logidsl.diagnostics import Bag
from logidsl.editor.analysis import Analysis, ReadFile
from logidsl.editor.completion import complete
from logidsl.editor.outline import outline
from logidsl.editor.positions import Positions
from logidsl.source import Source
from logidsl.syntax.format import format_file
from logidsl.syntax.yaml_keys import NAMED, SECTIONS, SHAPES, Key
from logidsl.syntax.yaml_tree import Mapping, Scalar, Sequence, Tree, compose
from logidsl.syntax.yaml_words import FRAMES, NAME

_STAND_IN = "_"  # makes a key with nothing after it a text
#: The words before a condition on the pixels or objects of a statement.
_WHERE = {"blobs": f"blobs {NAME} where ", "object": f"object {NAME} where "}


def complete_yaml(
    source: Source, offset: int, positions: Positions, read_file: ReadFile, known: Analysis | None
) -> list[lsp.CompletionItem]:
    """What may stand at an offset of a spec in YAML; nothing outside of expressions.

    Parameters
    ----------
    source : Source
        The text as it is now.
    offset : int
        The cursor.
    positions : Positions
        How the editor counts.
    read_file : callable
        Returns the text of an imported file; raises InputError.
    known : Analysis, optional
        The last analysis, which has the other statements.
    """
    end = source.text.find("\n", offset)
    line_end = len(source.text) if end < 0 else end
    added = _STAND_IN if not source.text[offset:line_end].strip() else ""
    tree = compose(Source(source.path, source.text[:offset] + added + source.text[offset:]), Bag())
    found = next(_expressions(tree, offset), None) if isinstance(tree, Mapping) else None
    if found is None:
        return []
    scalar, before = found
    starts = scalar.places[0]
    typed = scalar.value[: next((n for n, at in enumerate(starts) if at >= offset), len(scalar.value))]
    others = format_file(known.file.replaced(comments=())) if known is not None else ""
    text = f"{others}\n{before}{typed}"
    made = complete(
        outline(Source(source.path + ".logic", text)),
        len(text),
        positions,
        read_file,
        known.context if known is not None else None,
        snippets=False,
    )
    kept = [item for item in made if item.label not in SECTIONS]
    for item in kept:
        edit = item.text_edit
        assert isinstance(edit, lsp.TextEdit)
        length = edit.range.end.character - edit.range.start.character
        item.text_edit = lsp.TextEdit(positions.range(source.span(offset - length, offset)), edit.new_text)
    return kept


def _expressions(tree: Mapping, offset: int) -> Iterator[tuple[Scalar, str]]:
    """The scalar at an offset with the words before it, if it is an expression."""
    for key, value in tree.pairs:
        if key.value not in SECTIONS or not value.span.start <= offset <= value.span.end + 1:
            continue
        section = SECTIONS[key.value]
        for group in value.items if isinstance(value, Sequence) else (value,):
            if key.value in NAMED and isinstance(group, Mapping):
                for _, part in group.pairs:
                    yield from _below(part, Key(key.value), offset, _WHERE.get(key.value, ""))
            elif key.value not in NAMED:
                yield from _below(group, section, offset, "")


def _below(tree: Tree, key: Key, offset: int, where: str, every: str = "") -> Iterator[tuple[Scalar, str]]:
    """The scalar at an offset below a place, with the words before it by the shapes of the keys."""
    if not tree.span.start <= offset <= tree.span.end + 1:
        return
    shape = SHAPES[key.shape]
    if isinstance(tree, Sequence):
        inner = key._replace(shape=shape.items) if shape.items is not None else key
        for item in tree.items:
            yield from _below(item, inner, offset, where, every)
        return
    while shape.items is not None:
        shape = SHAPES[shape.items]
    if isinstance(tree, Mapping):
        phrase = next((v.value for k, v in tree.pairs if k.value == "every" and isinstance(v, Scalar)), "")
        for name, value in tree.pairs:
            of = shape.keys.get(name.value) or shape.entries
            if of is not None:
                walked = f"{every}every {phrase}: " if phrase and name.value != "every" else every
                yield from _below(value, of, offset, where if name.value == "where" else "", walked)
        return
    main = shape.keys[shape.main] if shape.main else key
    if shape.text == "words" or SHAPES[main.shape].text == "words":
        yield tree, where or FRAMES[main.frame][0] + every
