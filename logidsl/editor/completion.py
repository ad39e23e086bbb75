"""Completion: what may stand at the cursor, by the grammar and by type."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from lsprotocol import types as lsp

from logidsl import types as ty
from logidsl.check.context import Context
from logidsl.check.statements import TYPE_NAMES
from logidsl.editor.analysis import ReadFile
from logidsl.editor.outline import Outline
from logidsl.editor.positions import Positions
from logidsl.editor.probe import Wanted, probe
from logidsl.editor.words import KEYWORDS, SNIPPETS, USUAL_KINDS, documentation, relation_words, unit_words
from logidsl.library import REGISTRY, Builtin, builtins, type_named
from logidsl.source import Span
from logidsl.syntax import lalr_parser
from logidsl.syntax.split import STARTS
from logidsl.syntax.tables import END, keywords
from logidsl.syntax.tokens import Token
from logidsl.types import Type

_KINDS = lsp.CompletionItemKind
_THINGS = {
    "object": _KINDS.Class,
    "blobs": _KINDS.Class,
    "grid": _KINDS.Struct,
    "layout": _KINDS.Struct,
    "region": _KINDS.Struct,
    "let": _KINDS.Variable,
    "param": _KINDS.Constant,
}
#: The files that a statement or a source reads, by the word before the text.
_FILES = {
    "import": (".logic", ".yaml", ".yml"),
    "layout": (".csv", ".json", ".png", ".jpg"),
    "scale": (".json",),
    "on": (".png", ".jpg", ".jpeg", ".bmp", ".json", ".csv", ".xml", ".txt"),
}
_WORD = re.compile(r"[A-Za-z_0-9]*\Z")
_AFTER_NUMBER = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)? {0,3}\Z")
_MOST_FILES = 200


@dataclass(frozen=True)
class Place:
    """Where something is to be completed."""

    text: Outline
    offset: int
    typed: Span
    before: list[Token]
    after: list[Token]
    chunk: int | None

    @property
    def last(self) -> Token | None:
        """The token before."""
        return self.before[-1] if self.before else None

    @property
    def new_line(self) -> bool:
        """Whether nothing stands before the cursor on its line."""
        text, at = self.text.source.text, self.typed.start
        return not text[text.rfind("\n", 0, at) + 1 : at].strip()


def complete(
    text: Outline, offset: int, positions: Positions, read_file: ReadFile, known: Context | None, *, snippets: bool
) -> list[lsp.CompletionItem]:
    """What may stand at an offset.

    Parameters
    ----------
    text : Outline
        The text as it is now.
    offset : int
        The cursor.
    positions : Positions
        How the editor counts.
    read_file : callable
        Returns the text of an imported file; raises InputError.
    known : Context, optional
        What was known of the spec when it was last compiled: names from imports, and types.
    snippets : bool
        Whether the editor fills in snippets.
    """
    if any(c.span.start < offset <= c.span.end for c in text.comments):
        return []
    quoted = next((t for t in text.tokens if t.type == "STRING" and t.span.start < offset < t.span.end), None)
    if quoted is None and (opened := _opened(text, offset)) is not None:
        quoted = Token("STRING", "", text.source.span(opened, offset + 1))
    if quoted is not None:
        return list(_files(text, quoted, offset, positions))
    place = _place(text, offset)
    found = dict[str, lsp.CompletionItem]()
    for item in _items(place, read_file, known):
        found.setdefault(item.label, item)
    where = positions.range(place.typed)
    for item in found.values():
        written = item.insert_text if item.insert_text and snippets else item.label
        item.insert_text_format = (
            lsp.InsertTextFormat.Snippet if item.insert_text and snippets else lsp.InsertTextFormat.PlainText
        )
        item.text_edit, item.insert_text = lsp.TextEdit(where, written), None
    return list(found.values())


def with_documentation(item: lsp.CompletionItem) -> lsp.CompletionItem:
    """An item with the documentation of the builtin that it stands for."""
    if isinstance(item.data, dict) and (entry := REGISTRY.get((item.data["group"], item.data["name"]))) is not None:
        item.documentation = lsp.MarkupContent(lsp.MarkupKind.Markdown, documentation(entry))
    return item


def _opened(text: Outline, offset: int) -> int | None:
    """Where a text begins that is not closed on the cursor's line."""
    line = text.source.text.rfind("\n", 0, offset) + 1
    written = text.source.text[line:offset].split("#")[0] if '"' not in text.source.text[line:offset] else ""
    written = written or text.source.text[line:offset]
    return line + written.rindex('"') if written.count('"') % 2 else None


def _place(text: Outline, offset: int) -> Place:
    word = _WORD.search(text.source.text, max(0, offset - 60), offset)
    start = word.start() if word else offset
    if start < offset and text.source.text[start].isdigit():  # `3p`: a unit
        start += len(re.match(r"[0-9.]+", text.source.text[start:offset])[0])  # type: ignore[index]
    chunk = text.at(start)
    words = text.chunks[chunk].words if chunk is not None else []
    before = [w for w in words if w.span.end <= start]
    if not before and chunk:
        chunk -= 1
        words = text.chunks[chunk].words
        before = list(words)
    if before and text.chunks[chunk or 0].kind != "statement" and before[-1].type in ("{", "}"):
        before = []
    after = [w for w in words if w.span.start >= offset and w not in before]
    return Place(text, offset, text.source.span(start, offset), before, after, chunk)


def _items(p: Place, read_file: ReadFile, known: Context | None) -> Iterator[lsp.CompletionItem]:
    if p.new_line or not p.before:
        yield from _statements(p)
    if not p.before:
        return
    valid = lalr_parser.reach(p.before)
    if valid is not None and valid < len(p.before):
        expected = frozenset({"NAME"})
    else:
        expected = lalr_parser.expected(p.before, len(p.before))
    if _AFTER_NUMBER.search(p.text.source.text, max(0, p.typed.start - 20), p.typed.start):
        yield from _units(p)
        expected -= {"NAME"}
    if "NAME" in expected and not (p.new_line and END in expected):
        yield from _names(p, read_file, known)
    for word in sorted(expected & keywords()):
        if word not in STARTS:
            rank = "4" if word in relation_words() else "2"
            yield lsp.CompletionItem(
                label=word, kind=_KINDS.Keyword, detail=KEYWORDS.get(word), sort_text=f"{rank}{word}"
            )


def _statements(p: Place) -> Iterator[lsp.CompletionItem]:
    head = {"logic", "spec"} if p.chunk is not None and p.text.tokens else set()
    for word, (snippet, about) in SNIPPETS.items():
        if word not in head:
            yield lsp.CompletionItem(
                label=word, kind=_KINDS.Keyword, detail=about, insert_text=snippet, sort_text=f"3{word}"
            )


def _units(p: Place) -> Iterator[lsp.CompletionItem]:
    scaled = any(c.words[0].type == "scale" for c in p.text.chunks)
    for n, (unit, about) in enumerate(unit_words(scaled=scaled).items()):
        yield lsp.CompletionItem(label=unit, kind=_KINDS.Unit, detail=about, sort_text=f"0{n:02}")


def _names(p: Place, read_file: ReadFile, known: Context | None) -> Iterator[lsp.CompletionItem]:
    last = p.before[-1]
    if len(p.before) == 1 and last.type in STARTS and last.type not in ("scale", "frame", "keep"):
        return  # a name that is yet to be chosen
    if (said := _by_word(p, known)) is not None:
        yield from said
        return
    context = probe(p.text, p.before, p.after, p.typed.start, p.chunk, read_file)
    if context is None or not context.wanted:
        yield from _things(p, context, known, None)
        yield from _called(None)
        return
    wanted = context.wanted[0]
    if wanted.owner is not None:
        yield from _attributes(wanted.owner, context, None)
        return
    hint = None if wanted.hint == ty.TRUTH else wanted.hint
    if hint is not None and hint.kind == "label":
        for name in (*context.labels(hint.domain), *(_classes(p, known) if hint.domain == "class" else ())):
            yield lsp.CompletionItem(
                label=name, kind=_KINDS.EnumMember, detail=f"{hint.domain} label", sort_text=f"0{name}"
            )
    if hint is None or hint.kind == "color":
        yield from _colors(p, context, known, hint)
    for name, typed in wanted.scope.names.items():
        yield _item(name, _KINDS.Variable, str(typed.type), _fit(hint, typed.type, "0"))
    if wanted.scope.bare is not None:
        yield from _attributes(wanted.scope.bare.type, context, wanted)
    yield from _things(p, context, known, hint)
    yield from _called(hint, pixels=wanted.scope.bare is not None and wanted.scope.bare.type.domain == ty.PIXELS)
    if wanted.scope.bare is None:
        yield from _attributes(ty.object_of(ty.OBJECTS), context, wanted)


def _item(label: str, kind: lsp.CompletionItemKind, detail: str, rank: str) -> lsp.CompletionItem:
    return lsp.CompletionItem(label=label, kind=kind, detail=detail, sort_text=f"{rank}{label}")


def _fit(hint: Type | None, found: Type | None, best: str) -> str:
    """The rank of a value of a type: what the place asks for comes first."""
    if hint is None or found is None:
        return best if hint is None else "5"
    joined = ty.join(hint, found)
    return best if joined is not None and hint.kind not in ("error", "none") else "6"


def _by_word(p: Place, known: Context | None) -> Iterable[lsp.CompletionItem] | None:
    """Names that the words before decide, without types; None where types decide."""
    words = [w.type for w in p.before]
    last, statement = words[-1], words[0]
    listing = statement in ("attribute", "doubtful", "keep") and last in ("of", "|") and ":" not in words
    if last == "put" or listing:
        return [_item(n, _KINDS.Class, "object", "0") for n in _classes(p, known)]
    if statement == "attribute" and last == ":":
        return [_item(n, _KINDS.TypeParameter, "type", "0") for n in TYPE_NAMES]
    if last == "as":
        kinds = dict.fromkeys((*USUAL_KINDS, *_said_after(p, "as")))
        return [_item(n, _KINDS.EnumMember, "kind of rule", "0") for n in kinds]
    if last in ("severity", "verdict"):
        said = dict.fromkeys(("review",) if last == "verdict" else _said_after(p, last))
        return [_item(n, _KINDS.EnumMember, last, "0") for n in said]
    if statement == "test" and last == "expect":
        return [_item(n, _KINDS.Keyword, "verdict", "0") for n in ("pass", "fail", "review")]
    if statement == "test" and "expect" in words[-3:] and last in ("NAME", ","):
        return [_item(n, _KINDS.Method, "rule", "0") for n in _rules(p)]
    if last in ("defect", "low", "high"):
        labels = dict.fromkeys(n for w in ("defect", "low", "high") for n in _said_after(p, w))
        return [_item(n, _KINDS.EnumMember, "label of a defect", "0") for n in labels]
    if statement == "test" and last in ("with", ","):
        return list(_attributes(ty.object_of(ty.OBJECTS), known, None))
    if statement in ("attribute", "color", "spec", "logic", "layout", "import"):
        return []
    return None


def _said_after(p: Place, word: str) -> Iterator[str]:
    tokens = p.text.tokens
    for a, b in pairwise(tokens):
        if a.type == word and b.type == "NAME" and b.span.end != p.offset:
            yield b.text


def _rules(p: Place) -> list[str]:
    parts = [(c.words, [w.type for w in c.words]) for c in p.text.chunks]
    found = [words[1].text for words, types in parts if types[0] == "rule" and len(words) > 1]
    return found + [words[1].text for words, types in parts if types[0] == "object" and ":" in types]


def _classes(p: Place, known: Context | None) -> list[str]:
    here = [n for n, at in p.text.declared.items() if p.text.chunks[at[0]].words[0].type in ("object", "blobs")]
    far = [t.name for t in known.things.values() if t.kind in ("class", "set")] if known else []
    return [n for n in dict.fromkeys((*here, *(n for n in far if known and _imported(n, p, known)))) if n]


def _imported(name: str, p: Place, known: Context) -> bool:
    """Whether a name comes from an imported file, and not from a former version of this text."""
    return known.things[name].span.source.path != p.text.source.path


def _things(p: Place, c: Context | None, known: Context | None, hint: Type | None) -> Iterator[lsp.CompletionItem]:
    for name, at in p.text.declared.items():
        chunk = p.text.chunks[at[0]]
        word = chunk.words[0].type
        if word not in _THINGS or (at[0] == p.chunk and word != "object"):
            continue
        type_ = _type_of(name, c, known)
        rank = _fit(hint, type_, "1") if word in ("let", "param", "region") else "1" if hint is None else "5"
        yield _item(name, _THINGS[word], word if type_ is None else f"{word}: {type_}", rank)
    for name in [*known.things] if known else []:
        if known and _imported(name, p, known):
            yield _item(name, _KINDS.Class, f"{known.things[name].kind}, imported", "2")
    yield _item("image", _KINDS.Struct, "the picture", "5")


def _type_of(name: str, c: Context | None, known: Context | None) -> Type | None:
    for context in (c, known):
        found = context.things.get(name) if context is not None else None
        if found is not None and found.type is not None and found.type.kind != "error":
            return found.type
    return None


def _colors(p: Place, c: Context, known: Context | None, hint: Type | None) -> Iterator[lsp.CompletionItem]:
    rank = "0" if hint is not None else "5"
    for name, at in p.text.declared.items():
        words = p.text.chunks[at[0]].words
        if words[0].type == "color" and len(words) > 3:
            yield lsp.CompletionItem(
                label=name,
                kind=_KINDS.Color,
                detail="color",
                documentation=words[3].text.strip('"'),
                sort_text=rank + name,
            )
    for context in (c, known):
        for color in context.colors.values() if context is not None else ():
            if color.span.path != p.text.source.path:
                yield lsp.CompletionItem(
                    label=color.name, kind=_KINDS.Color, detail="color", documentation=color.written, sort_text=rank
                )


def _attributes(owner: Type, c: Context | None, wanted: Wanted | None) -> Iterator[lsp.CompletionItem]:
    """The attributes of an owner, those of the wanted type first; bare ones only where the scope has an owner."""
    hint = wanted.hint if wanted is not None and wanted.hint != ty.TRUTH else None
    kind = {ty.PIXELS: "pixels", ty.REGIONS: "places"}.get(str(owner.domain), "objects")
    if str(owner.domain).startswith("grid:"):
        kind = "cells"
    if owner.kind == "region":
        kind = "places"
    if owner.kind not in ("object", "region", "set", "error"):
        return
    rank = "1" if wanted is None or wanted.scope.bare is not None else "3"
    declared = c.attributes.values() if c is not None and kind == "objects" else ()
    for a in declared:
        labels = " | ".join(a.labels) or str(a.type)
        yield _item(a.name, _KINDS.Property, labels, _fit(hint, a.type, "0" if rank == "1" else rank))
    for entry in builtins("attribute").values():
        if kind in entry.of:
            yield _documented(entry, entry.name, _KINDS.Property, _fit(hint, type_named(entry.result), rank))


def _called(hint: Type | None, *, pixels: bool = False) -> Iterator[lsp.CompletionItem]:
    """Functions and aggregates."""
    groups = (builtins("function"), builtins("aggregate"), *((builtins("pixel"),) if pixels else ()))
    for group in groups:
        for entry in group.values():
            found = type_named(entry.result)
            rank = "3" if hint is None or found is None else _fit(hint, found, "2")
            yield _documented(
                entry, f"{entry.name}($1)" if entry.parameters else f"{entry.name}()", _KINDS.Function, rank
            )


def _documented(entry: Builtin, written: str, kind: lsp.CompletionItemKind, rank: str) -> lsp.CompletionItem:
    return lsp.CompletionItem(
        label=entry.name,
        kind=kind,
        detail=entry.signature,
        data={"group": entry.group, "name": entry.name},
        insert_text=written if written != entry.name else None,
        sort_text=f"{rank}{entry.name}",
    )


def _files(text: Outline, quoted: Token, offset: int, positions: Positions) -> Iterator[lsp.CompletionItem]:
    """Files below the spec's folder, where a statement or a source names one."""
    before = [t for t in text.tokens if t.span.end <= quoted.span.start][-3:]
    if not before:
        return
    words = [t.type for t in before]
    endings = _FILES.get(words[-1]) or (_FILES["layout"] if words[-2:-1] == ["layout"] else ())
    if words[-1] == "(" and len(before) > 1:
        entry = builtins("source").get(before[-2].text) or builtins("pixel").get(before[-2].text)
        endings = tuple(entry.files) if entry is not None and hasattr(entry, "files") else ()
        if entry is not None and not endings and entry.parameters and entry.parameters[0].kind == "text":
            endings = (".png", ".jpg", ".jpeg", ".bmp")
    root = Path(text.source.path).parent
    if not endings or not text.source.path or not root.is_dir():
        return
    typed = text.source.span(quoted.span.start + 1, offset)
    where, shown = positions.range(typed), 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith("."))[:50]
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix.lower() in endings and str(path) != text.source.path:
                written = path.relative_to(root).as_posix()
                yield lsp.CompletionItem(label=written, kind=_KINDS.File, text_edit=lsp.TextEdit(where, written))
                shown += 1
                if shown >= _MOST_FILES:
                    return
