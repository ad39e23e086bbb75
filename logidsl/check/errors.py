"""The checker's diagnostics, one function each; those on numbers and units are in `number_errors`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from logidsl.check import word_errors
from logidsl.diagnostics import Diagnostic, nearest
from logidsl.source import Span
from logidsl.types import Type


def _like(name: str, names: Iterable[str]) -> str | None:
    near = nearest(name, names)
    return f"did you mean `{near}`?" if near else None


def a_(thing: object) -> str:
    """A word with its indefinite article."""
    return f"{'an' if str(thing)[:1] in 'aeiou' else 'a'} {thing}"


_VALUES = {"length": "= 10 px", "area": "= 100 px2", "angle": "= 10 deg", "ratio": "= 0.5", "count": "= 2"}
_VALUES["date"] = 'in date_of("2026-01-01") .. date_of("2099-12-31")'


def unknown_name(
    name: str, span: Span, known: Iterable[str], wanted: str = "set", dim: str | None = None
) -> Diagnostic:
    """An undeclared bare name, where a set, an object, an attribute or a value of dimension `dim` is expected."""
    if (found := word_errors.unknown_word(name, span)) is not None:
        return found
    declared = {"set": f"object {name}", "object": f"object {name}: 1"}.get(wanted)
    declared = declared or f"attribute {name}: {_type_beside(span)}"
    declared = f"param {name} {_VALUES[dim]}" if dim in _VALUES else declared
    fix = _like(name, list(known)) or f"declare it: `{declared}`"
    return Diagnostic("E101", f"unknown name `{name}`", span, fix)


def unknown_attribute(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """An attribute that is neither built in nor declared."""
    fix = _like(name, known) or f"declare it: `attribute {name}: {_type_beside(span)}`"
    return Diagnostic("E102", f"unknown attribute `{name}`", span, fix)


def _type_beside(span: Span) -> str:
    """The type of an attribute, guessed from what it is compared with."""
    rest = span.source.text[span.end : span.end + 80]
    found = re.match(r"\s*(?:[<>!=]=?|(?:not\s+)?in)\s*(?:-?[0-9.]+\s*([a-z]+2?\b|%)?|(\")|([A-Za-z_]\w*))", rest)
    if found is None:
        return "number"
    unit, text, name = found.groups()
    if text or name:
        return "text" if text else f"{name} | other_{name}"
    of_unit = {"deg": "angle", "%": "number"}.get(unit or "%")
    return of_unit or ("area" if unit and unit.endswith("2") else "length")


def unknown_color(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A colour that is not declared."""
    fix = _like(name, known) or f'declare it, with its own value: `color {name} = "#8c2a1e"`'
    return Diagnostic("E103", f"unknown colour `{name}`", span, fix)


def unknown_label(name: str, domain: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A label outside its list."""
    known = list(known)
    if name in ("_", "default", "otherwise", "others") and known:
        return word_errors.else_as_a_label(name, known, domain, span)
    options = f"expected one of {', '.join(f'`{k}`' for k in known)}" if known else "none is declared"
    return Diagnostic("E104", f"unknown {domain} `{name}`; {options}", span, _like(name, known))


def label_word(name: str, span: Span) -> Diagnostic:
    """A label named `none` or `unknown`, which a `match` uses for missing values."""
    message = f"`{name}` without quotes means a missing value in a `match`"
    return Diagnostic("E183", message, span, f'write `"{name}"`')


def empty_label(span: Span) -> Diagnostic:
    """`attribute a: ""`."""
    return Diagnostic("E183", "a label has at least one character", span, 'remove it, or name it: `"blank"`')


def unknown_function(name: str, span: Span, known: Iterable[str], meant: str | None) -> Diagnostic:
    """A function that does not exist; `meant` is the one that has this synonym."""
    fix = f"did you mean `{meant}`?" if meant else _like(name, known)
    return Diagnostic("E105", f"unknown function `{name}`", span, fix)


def attribute_called(name: str, span: Span) -> Diagnostic:
    """`length(bolt)`."""
    said = f"`{name}` is an attribute, not a function: it stands after its object, as in `bolt.{name}`"
    return Diagnostic("E105", said, span)


def text_without_quotes(name: str, span: Span) -> Diagnostic:
    """`label = L1`, of an attribute that is a text."""
    return Diagnostic("E101", f"unknown name `{name}`", span, f'write `"{name}"`')


def declared_twice(name: str, span: Span, first: Span, what: str) -> Diagnostic:
    """Two declarations of one name."""
    return Diagnostic(
        "E106", f"{what} `{name}` is declared twice", span, "rename one of them", (first, "first declared here")
    )


def taken_name(name: str, span: Span, what: str, fix: str | None = None) -> Diagnostic:
    """A declaration with the name of an attribute or function."""
    return Diagnostic("E107", f"`{name}` is the name of {what}", span, fix or f"use another name: `{name[:46]}_1`")


def built_in(name: str, span: Span, fix: str) -> Diagnostic:
    """`attribute text: text`."""
    return Diagnostic("E107", f"`{name}` is a built-in attribute", span, fix)


def circle(name: str, span: Span) -> Diagnostic:
    """A declaration that refers to itself."""
    return Diagnostic("E108", f"circular definition of `{name}`", span, "remove one of the references")


def shadows(name: str, span: Span) -> Diagnostic:
    """A variable with a name already in use."""
    return Diagnostic("E109", f"variable `{name}` hides another `{name}`", span, "use another name for the variable")


def set_for_object(name: str, span: Span, attribute: str | None = None) -> Diagnostic:
    """A set where one object is expected."""
    if attribute:
        fix = f"choose one: `only({name}).{attribute}`, `every {name}: {attribute} …`, or declare `object {name}: 1`"
    else:
        more = f", or declare `object {name}: 1`" if name.isidentifier() else ""
        fix = f"choose one: `only({name})`, `first({name if ' by ' in name else f'{name} by x'})`{more}"
    return Diagnostic("E110", f"expected one object, found `{name}`, a set of objects", span, fix)


def set_for_truth(words: str, left: str, rest: str, span: Span) -> Diagnostic:
    """A class with several members where a condition is expected."""
    fix = f"write `every {left}: {rest}` for each, `some {left} {rest}` for at least one"
    return Diagnostic("E111", f"expected a condition, found `{words}`, a set of objects", span, fix)


def bare_class(name: str, variable: str, span: Span) -> Diagnostic:
    """`every bolt: some nut near bolt`."""
    message = f"`{name}` is the whole set here, not the current `{name}`"
    fix = f"add a variable, `{name} {variable}`; then `{variable}` is the current one, and `{name}` all of them"
    return Diagnostic("E182", message, span, fix)


def not_a_set(words: str, found: Type, span: Span) -> Diagnostic:
    """Another value where a set is expected."""
    return Diagnostic("E112", f"expected a set of objects, found `{words}`, {a_(found)}", span)


def joined_sets(word: str, parts: Iterable[str], span: Span) -> Diagnostic:
    """`count(bolt or nut)`."""
    return Diagnostic("E112", f"expected `|` between sets, found `{word}`", span, f"write `{' | '.join(parts)}`")


def not_a_truth(words: str, found: Type, span: Span) -> Diagnostic:
    """Another value where a condition is expected."""
    measured = found.kind == "number" and found.dim == "count" and not re.fullmatch(r"[0-9.]+", words)
    fix = f"compare it: `{words} = 1`" if measured else None
    fix = f"write `some {words}`" if found.kind == "object" and words.isidentifier() else fix
    return Diagnostic("E113", f"expected a condition, found `{words}`, {a_(found)}", span, fix)


def text_inside(word: str, left: str, pattern: str, span: Span) -> Diagnostic:
    """`tag.text contains "x"`."""
    message = f"`{word}` needs places, but `{left}` is a text"
    return Diagnostic("E114", message, span, f"write `matches({left}, {pattern})`")


def set_for_argument(name: str, call: str, each: str, span: Span, value: bool) -> Diagnostic:
    """`gap(p, other bolt)`."""
    least = f"; `min({call} of {each})` is the smallest" if value else ""
    fix = f"iterate over it: `every {each}: {call} …`{least}"
    return Diagnostic("E110", f"expected one object, found `{name}`, a set of objects", span, fix)


def set_beside(word: str, right: str, meant: str | None, span: Span) -> Diagnostic:
    """`b above nut`, with several nuts."""
    message = f"`{word}` takes one object, but `{right}` is a set of objects"
    one = f"choose one: `only({right})`, `first({right} by x)`"
    return Diagnostic("E110", message, span, f"if any of them is enough, write `{meant}`" if meant else one)


def wrong_type(words: str, found: Type, wanted: str, span: Span) -> Diagnostic:
    """A value of the wrong type."""
    unit = {"length": "px", "area": "px2", "angle": "deg"}.get(wanted.partition(" ")[2].partition(" along")[0])
    bare = unit and found.kind == "number" and re.fullmatch(r"[0-9.]+", words)
    fix = f"give `{words}` a unit: `{words} {unit}`" if bare else None
    return Diagnostic("E114", f"expected {wanted}, found `{words}`, {a_(found)}", span, fix)


_LETTERS = {"P": "place", "o": "object", "R": "region", "S": "set", "C": "column"}


def call(signature: str) -> str:
    """A function's signature in words: `learned(text, ratio?, region?, text?, …)`."""
    return re.sub(r"\b[PoRSC]\b", lambda m: _LETTERS[m[0]], signature.partition(" -> ")[0])


def wrong_arguments(name: str, signature: str, found: int, span: Span) -> Diagnostic:
    """Too few or too many arguments."""
    return Diagnostic("E122", f"expected `{call(signature)}`, found {found} argument{'s' * (found != 1)}", span)


def needs_order(name: str, span: Span) -> Diagnostic:
    """A choice by order without one."""
    return Diagnostic("E123", f"`{name}` needs an order", span, "add `by x`, after the set")


def cyclic_key(words: str, span: Span) -> Diagnostic:
    """A direction among several keys, or in levels."""
    fix = f"order by it alone, or from a start: `arc({words}, 90 deg)`"
    return Diagnostic("E196", f"the order by `{words}` is cyclic, so it takes no other key", span, fix)


def steps_of_keys(name: str, span: Span) -> Diagnostic:
    """`steps` of several keys."""
    return Diagnostic("E196", f"`{name}` needs an order by one key", span, "remove the others")


def key_in_list(meant: str, span: Span) -> Diagnostic:
    """A second key between the items of a list."""
    return Diagnostic("E196", "a second key in a list needs parentheses", span, f"write `{meant}`")


def only_in_order(name: str, span: Span) -> Diagnostic:
    """A key outside of an order."""
    return Diagnostic("E197", f"`{name}` is part of an order", span, f"write it after the set: `by {span.text}`")


def low_high(word: str, span: Span) -> Diagnostic:
    """`low` or `high` in a rule without a single direction."""
    fix = "use `defect`, or split the rule"
    return Diagnostic(
        "E124", f"`{word}` needs a rule with a single comparison and the measured value on its left", span, fix
    )


def bad_cardinality(span: Span, words: str) -> Diagnostic:
    """A cardinality that is not a whole number."""
    return Diagnostic("E125", f"expected a whole number as cardinality, found `{words}`", span)


def too_many_cells(cells: int, most: int, span: Span) -> Diagnostic:
    """A grid with too many cells."""
    words = f"expected a grid of at most {most:,} cells, found {cells:,}"
    return Diagnostic("E185", words, span, "use fewer rows or columns")


def attribute_of_what(name: str, span: Span, of: str | None) -> Diagnostic:
    """A bare attribute outside of any iteration; `of` is a class to iterate over."""
    return Diagnostic("E126", f"`{name}` of which object?", span, f"write `every {of}: {name} …`" if of else None)


def bad_color(text: str, span: Span, named: Container[str] = ()) -> Diagnostic:
    """A text that is not a colour."""
    message = f'expected a colour of six hex digits such as `"#8c2a1e"`, found `"{text}"`'
    return Diagnostic("E127", message, span, f"write `{text}`, without quotes" if text in named else None)


def unknown_param(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A value from outside for an undeclared parameter."""
    known = list(known)
    said = "the parameters are " + ", ".join(f"`{k}`" for k in known) if known else "the spec has no parameters"
    return Diagnostic("E128", f"unknown parameter `{name}`; {said}", span, _like(name, known))


def bad_param(name: str, value: str, wanted: str, span: Span) -> Diagnostic:
    """A value from outside that does not fit its parameter."""
    return Diagnostic("E129", f"parameter `{name}`: expected {wanted}, found `{value}`", span)


def only_pixels(name: str, span: Span) -> Diagnostic:
    """A pixel's attribute of an object."""
    return Diagnostic("E130", f"`{name}` is an attribute of pixels in `blobs`, not of objects", span)


def only_objects(name: str, span: Span) -> Diagnostic:
    """An object's attribute of a pixel."""
    known = "`color`, `lightness`, `hue`, `saturation`, `lab_a`, `lab_b`, `edge`, `contrast`"
    return Diagnostic(
        "E131", f"a pixel has no `{name}`; it has {known}", span, "filter by it where the object is declared"
    )


def no_foreground(span: Span) -> Diagnostic:
    """`unexplained` without a definition of the foreground."""
    said = f"the foreground of `{span.text}` is undefined: it has no condition, and the spec has no `learned(…)`"
    return Diagnostic("E188", said, span, 'add a condition: `, difference(color, background("empty.png")) >= 12`')


def unknown_step(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """An unknown step after `then`."""
    known = list(known)
    return Diagnostic(
        "E132", f"unknown step `{name}`; expected one of {', '.join(f'`{k}`' for k in known)}", span, _like(name, known)
    )


def without_object(span: Span, word: str, of: str | None) -> Diagnostic:
    """A relation without a subject outside of any iteration; `of` is a class to iterate over."""
    return Diagnostic("E133", f"`{word}` has no subject", span, f"write `every {of}: {word} …`" if of else None)


def near_what(word: str, span: Span) -> Diagnostic:
    """`near` without a distance."""
    return Diagnostic("E134", f"`{word}` needs a distance", span, "add `within 30 px`")


def mixed_arms(a: Type, b: Type, span: Span) -> Diagnostic:
    """A choice among values of different types."""
    return Diagnostic("E135", f"expected cases of one type, found {a_(a)} and {a_(b)}", span)


def cell_only(name: str, span: Span) -> Diagnostic:
    """`row` or `col` of something other than a cell."""
    return Diagnostic("E136", f"only cells of a grid have `{name}`", span)


def no_scene(word: str, span: Span) -> Diagnostic:
    """A statement that is not implemented."""
    return Diagnostic("E199", f"`{word}` is reserved but not implemented in this release", span, "remove it")


def list_needs_order(span: Span) -> Diagnostic:
    """A list of objects compared without an order."""
    return Diagnostic("E137", "comparing a list of objects needs an order", span, "add `by x` inside the list")


def rule_label(word: str, span: Span) -> Diagnostic:
    """An outcome that is not a label."""
    return Diagnostic("E138", f"`{word}` takes a label, a text, or a `match` that returns one", span)


def value_needed(name: str, low: str, high: str, span: Span) -> Diagnostic:
    """A parameter without a value, of another kind than a date."""
    fix = f"write `param {name} = {high} in {low} .. {high}`"
    return Diagnostic("E129", f"expected a value of the parameter `{name}`: only a date can be left open", span, fix)


def rule_verdict(name: str, span: Span) -> Diagnostic:
    """A verdict other than `review` as an outcome."""
    fix = "leave it out" if name == "fail" else "write `verdict review`"
    return Diagnostic("E138", f"`verdict` takes `review`, found `{name}`", span, fix)


def message_name(text: str, span: Span) -> Diagnostic:
    """An invalid placeholder in a message."""
    return Diagnostic("E139", f"expected `{{name}}` or `{{name.attribute}}` in a message, found `{{{text}}}`", span)


def use_inside(right: str, span: Span) -> Diagnostic:
    """`in` before a place."""
    return Diagnostic(
        "E141", f"`in` takes a range or a list, but `{right}` is a place", span, f"write `inside {right}`"
    )


def bad_argument(why: str, span: Span) -> Diagnostic:
    """Arguments that an operation refuses, such as a pattern that RE2 rejects."""
    return Diagnostic("E166", why, span)


def other_language(number: str, ours: int, span: Span) -> Diagnostic:
    """A spec in an unsupported version of the language."""
    return Diagnostic("E169", f"expected `logic {ours}`, the language of this release, found `{number}`", span)


def stacked(limit: int, span: Span) -> Diagnostic:
    """Declarations that depend on each other too deeply."""
    message = f"this depends on more than {limit} nested levels of expressions and declarations"
    return Diagnostic("E167", message, span, "shorten the chain of declarations")


def share_among_others(words: str, span: Span) -> Diagnostic:
    """A share within arithmetic, in a grid of a set."""
    fix = "use the share alone, or lengths only"
    return Diagnostic("E157", f"`{words}` contains a share, but each object of the set has its own size", span, fix)


def turned_chain(links: str, span: Span) -> Diagnostic:
    """`a < b > c`."""
    return Diagnostic("E143", "the comparisons of a chain must point in one direction", span, f"write `{links}`")


def text_for_set(name: str, words: str, span: Span) -> Diagnostic:
    """`object bolt = "Hex bolt"`."""
    fix = f"write `object {name} {words}`"
    return Diagnostic("E112", f"expected a set after `=`, found the text `{words}`", span, fix)


def number_for_set(name: str, words: str, span: Span) -> Diagnostic:
    """`object bolt = 2`."""
    return Diagnostic(
        "E144", f"expected a set after `=`, found the number {words}", span, f"write `object {name}: {words}`"
    )


def import_outside(path: str, span: Span) -> Diagnostic:
    """An import from outside the spec's folder."""
    return Diagnostic("E150", f"`{path}` is not in the spec's folder or below", span, "copy it beside the spec")


def import_circle(path: str, span: Span) -> Diagnostic:
    """Files that import each other."""
    itself = span.source.path.replace("\\", "/").rpartition("/")[2] == path
    if itself:
        return Diagnostic("E151", f"`{path}` imports itself", span, "remove the import")
    return Diagnostic("E151", f"`{path}` imports this file again", span, "move shared statements to a third file")


def import_failed(path: str, why: str, span: Span) -> Diagnostic:
    """An import that cannot be read."""
    return Diagnostic("E152", f"cannot read `{path}`: {why}", span)


def keep_form(names: Iterable[str], span: Span) -> Diagnostic:
    """An invalid `keep best`; `names` are the classes it refers to."""
    classes = " | ".join(names)
    fix = f"write `keep best of {classes} where overlap > 60 %`" if classes else None
    return Diagnostic("E153", "`keep best` takes classes and a share of overlap", span, fix)


def two_otherwise(span: Span, first: Span) -> Diagnostic:
    """Two `otherwise` variants."""
    return Diagnostic(
        "E154", "expected one `otherwise`, found two", span, "give one of them a condition", (first, "first here")
    )


def test_form(words: str, wanted: str, span: Span) -> Diagnostic:
    """An invalid test."""
    return Diagnostic("E155", f"expected {wanted}, found `{words}`", span)


def test_name(name: str, what: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A test that names an undeclared rule or class."""
    return Diagnostic("E156", f"unknown {what} `{name}`", span, _like(name, known))


def no_shape(fn: str, why: str, span: Span) -> Diagnostic:
    """Corners that enclose nothing, or in an order in which the sides cross."""
    return Diagnostic("E189", f"`{fn}` cannot be made of these corners: {why}", span)
