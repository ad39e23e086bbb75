"""What is wrong with the keys and texts of a YAML file.

Owns the diagnostics of keys that are unknown, missing or contradict each other, of names, texts and numbers that
are malformed, and of a list where a text is wanted.
"""

from __future__ import annotations

import re

from logidsl.diagnostics import Bag, Diagnostic, nearest
from logidsl.source import Span
from logidsl.syntax.spelling import CONTROL, TEXT_MAX, without_backslash
from logidsl.syntax.tables import reserved_words
from logidsl.syntax.tokens import short
from logidsl.syntax.yaml_keys import PATTERNS, Shape, TextKind
from logidsl.syntax.yaml_tree import Mapping, Scalar, Sequence, Tree

# Reserved words that are names in some places all the same.
ALSO: dict[TextKind, frozenset[str]] = {"option": frozenset({"color"}), "level": frozenset({"high", "low"})}


def missing(tree: Tree) -> bool:
    """Whether nothing stands there."""
    return isinstance(tree, Scalar) and not tree.value and tree.style is None


def check_keys(tree: Mapping, shape: Shape, owner: Scalar | None, bag: Bag) -> bool:
    """Whether a mapping has keys that its shape knows, and that go together."""
    known = [_known(tree, key, value, shape, bag) for key, value in tree.pairs]
    return all(known) and _together(tree, shape, owner, bag)


def _known(tree: Mapping, key: Scalar, value: Tree, shape: Shape, bag: Bag) -> bool:
    if key.value in shape.keys:
        return True
    if shape.entries:
        return check_text(key, shape.entry_kind, "a pattern" if shape.entry_kind == "words" else "a name", bag)
    near = nearest(key.value, shape.keys)
    listed = ", ".join(f"`{k}`" for k in shape.keys)
    fix = f"write `{near}`" if near else None
    if tree.flow and missing(value):
        fix = "quote a text that holds a comma or a bracket within `{` and `}`"
    message = f"expected {f'the key `{near}`' if near else f'one of the keys {listed}'}, found `{short(key.value)}`"
    bag.add(Diagnostic("E051", message, key.content, fix))
    return False


def _together(tree: Mapping, shape: Shape, owner: Scalar | None, bag: Bag) -> bool:
    """Whether the keys that are needed are there, and none that contradicts another."""
    keys = {key.value: key for key, _ in tree.pairs}
    place = owner.content if owner else tree.span

    def say(message: str, at: Span, fix: str | None = None) -> bool:
        bag.add(Diagnostic("E053", message, at, fix))
        return False

    if shape.entries and not keys and shape.least:
        return say(f"expected {shape.about}, found none", place)
    for needed in shape.needs:
        if needed not in keys:
            return say(f"expected the key `{needed}`", place)
    for key, others in shape.beside.items():
        absent = [other for other in others if key in keys and other not in keys]
        if absent:
            return say(f"expected `{absent[0]}` beside `{key}`", keys[key].content)
    for key, others in shape.without.items():
        present = [other for other in others if key in keys and other in keys]
        if present:
            return say(f"expected either `{key}` or `{present[0]}`, found both", keys[present[0]].content)
    chosen = [key for key in keys if key in shape.one_of]
    if len(chosen) > 1:
        fix = "put both under `all` or `any`" if "all" in shape.one_of else f"remove `{chosen[1]}`"
        return say(f"expected either `{chosen[0]}` or `{chosen[1]}`, found both", keys[chosen[1]].content, fix)
    wanted = shape.one_of if not chosen else ()
    if shape.some_of and not any(key in keys for key in shape.some_of):
        wanted = shape.some_of
    if wanted:
        return say(f"expected one of the keys {', '.join(f'`{k}`' for k in wanted)}", place)
    return True


def check_text(scalar: Scalar, kind: TextKind, about: str, bag: Bag) -> bool:
    """Whether a text is one of a kind."""
    found = _text_trouble(scalar, kind, about)
    if found:
        bag.add(found)
    return found is None


def _text_trouble(scalar: Scalar, kind: TextKind, about: str) -> Diagnostic | None:
    value, place = scalar.value, scalar.content
    shown = short(value)
    match kind:
        case "words":
            if value.strip():
                return None
            return Diagnostic("E058", f"expected {about}, found an empty text", place)
        case "name" | "option" | "level":
            return _name_trouble(scalar, kind)
        case "number" | "count":
            if re.search(PATTERNS[kind], value):
                return None
            return Diagnostic("E052", f"expected {about}, found `{shown}`", place)
        case "text" | "label":
            inner = value[1:-1] if kind == "label" and len(value) > 1 and value[0] == value[-1] == '"' else value
            return _quotable(inner, place)


def _name_trouble(scalar: Scalar, kind: TextKind) -> Diagnostic | None:
    value, place = scalar.value, scalar.content
    if value in reserved_words() and value not in ALSO.get(kind, ()):
        message = f"expected a name, found the reserved word `{value}`"
        return Diagnostic("E033", message, place, f"choose another name, `my_{value}` say")
    if re.search(PATTERNS["name"], value) and "\n" not in value:
        return None
    plain = re.sub(r"^(?=[0-9])", "_", re.sub(r"\W+", "_", value, flags=re.ASCII))[:48]
    message = f"expected a name of a to z, 0 to 9 and `_`, found `{short(value)}`"
    return Diagnostic("E015", message, place, f"write `{plain}`" if plain.strip("_") else None)


def _quotable(value: str, place: Span) -> Diagnostic | None:
    """Why a text could not stand in quotes in the text form."""
    if len(value) > TEXT_MAX:
        message = f"expected at most {TEXT_MAX} characters in a text, found {len(value)}"
        return Diagnostic("E008", message, place, f"shorten it by {len(value) - TEXT_MAX}")
    if "\\" in value:
        fix = f"write `{without_backslash(value, pattern=False)}`"
        return Diagnostic("E011", f"expected a text without backslash, found `{short(value)}`", place, fix)
    if '"' in value or "\n" in value:
        what = 'the quote `"`' if '"' in value else "the end of a line"
        return Diagnostic("E060", f"expected a text on one line without quotes, found {what}", place, "remove it")
    if CONTROL.search(value) or "\ufffd" in value:
        message = "expected letters, digits and signs, found an invisible character"
        return Diagnostic("E002", message, place, "remove it")
    return None


def wrong_shape(tree: Tree, shape: Shape, owner: Scalar | None) -> Diagnostic:
    """A list where a text is wanted, and the like; or nothing at all."""
    place = tree.content
    if missing(tree):
        fix = None
        text, after = place.source.text, place.start
        rest = text[after : text.find("\n", after) if "\n" in text[after:] else len(text)]
        if rest.lstrip().startswith("#"):
            fix = f'quote a text that begins with `#`: `"{short(rest.strip(), 20)}"`'
        elif "`any`" in shape.about:
            fix = "write `any`"
        return Diagnostic("E058", f"expected {shape.about}, found nothing", owner.content if owner else place, fix)
    match tree:
        case Sequence():
            found = "a list" if tree.items else "an empty list"
            place = owner.content if owner and not tree.items else place
        case Mapping():
            found = "a mapping"
        case _:
            found = f"`{short(tree.value)}`"
    return Diagnostic("E052", f"expected {shape.about}, found {found}", _first_line(place))


def _first_line(span: Span) -> Span:
    """A span as far as the end of its first line."""
    end = span.source.text.find("\n", span.start, span.end)
    return span if end < 0 else span.source.span(span.start, end)
