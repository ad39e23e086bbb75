"""What the checker says, one function each; of numbers and units in `number_errors`. Why: `diagnostics.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from logidsl.diagnostics import Diagnostic, nearest
from logidsl.source import Span
from logidsl.types import Type


def _like(name: str, names: Iterable[str]) -> str | None:
    near = nearest(name, names)
    return f"did you mean `{near}`?" if near else None


def a_(thing: object) -> str:
    """A word with its article."""
    return f"{'an' if str(thing)[:1] in 'aeiou' else 'a'} {thing}"


_VALUES = {"length": "10 px", "area": "100 px2", "angle": "10 deg", "ratio": "0.5", "count": "2"}


def unknown_name(
    name: str, span: Span, known: Iterable[str], wanted: str = "set", dim: str | None = None
) -> Diagnostic:
    """A bare name that means nothing here: a set, an object, an attribute, or a value of a dimension is wanted."""
    declared = {"set": f"object {name}", "object": f"object {name}: 1"}.get(wanted)
    declared = declared or f"attribute {name}: {_type_beside(span)}"
    declared = f"param {name} = {_VALUES[dim]}" if dim in _VALUES else declared
    fix = _like(name, list(known)) or f"declare it: `{declared}`"
    return Diagnostic("E101", f"unknown name `{name}`", span, fix)


def unknown_attribute(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """An attribute that no object has."""
    fix = _like(name, known) or f"declare it: `attribute {name}: {_type_beside(span)}`"
    return Diagnostic("E102", f"unknown attribute `{name}`", span, fix)


def _type_beside(span: Span) -> str:
    """The type of an attribute, by what it is compared with."""
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
    """A label that its list does not have."""
    known = list(known)
    said = ", ".join(f"`{k}`" for k in known) or "none"
    return Diagnostic("E104", f"`{name}` is no {domain}; there are {said}", span, _like(name, known))


def label_word(name: str, span: Span) -> Diagnostic:
    """A label that is called as what a `match` gives where nothing fits."""
    message = f"`{name}` without quotes is what a `match` gives where there is no value"
    return Diagnostic("E183", message, span, f'write `"{name}"`')


def empty_label(span: Span) -> Diagnostic:
    """`attribute a: ""`."""
    return Diagnostic("E183", "a label has at least one character", span, 'leave it out, or name it: `"blank"`')


def unknown_function(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A function that does not exist."""
    return Diagnostic("E105", f"unknown function `{name}`", span, _like(name, known))


def declared_twice(name: str, span: Span, first: Span, what: str) -> Diagnostic:
    """Two declarations of one name."""
    return Diagnostic(
        "E106", f"{what} `{name}` is declared twice", span, "give one of them another name", (first, "first here")
    )


def taken_name(name: str, span: Span, what: str, fix: str | None = None) -> Diagnostic:
    """A thing that bears the name of an attribute or function."""
    return Diagnostic("E107", f"`{name}` is the name of {what}", span, fix or f"use another name: `{name[:46]}_1`")


def built_in(name: str, span: Span, fix: str) -> Diagnostic:
    """`attribute text: text`."""
    return Diagnostic("E107", f"`{name}` is an attribute of the language", span, fix)


def circle(name: str, span: Span) -> Diagnostic:
    """A declaration that leads back to itself."""
    return Diagnostic("E108", f"`{name}` is declared by way of itself", span, "break the circle")


def shadows(name: str, span: Span) -> Diagnostic:
    """A variable with a name that is taken."""
    return Diagnostic("E109", f"variable `{name}` hides another `{name}`", span, "use another name for the variable")


def set_for_object(name: str, span: Span, attribute: str | None = None) -> Diagnostic:
    """A set where one object is needed."""
    if attribute:
        fix = f"say which one: `only({name}).{attribute}`, `every {name}: {attribute} …`, or declare `object {name}: 1`"
    else:
        more = f", or declare `object {name}: 1`" if name.isidentifier() else ""
        fix = f"say which one: `only({name})`, `first({name} by x)`{more}"
    return Diagnostic("E110", f"`{name}` is a set of objects, and one object is needed here", span, fix)


def set_for_truth(words: str, left: str, rest: str, span: Span) -> Diagnostic:
    """A class of several where a truth is needed."""
    fix = f"`every {left}: {rest}` if it holds for each, `some {left} {rest}` if one is enough"
    return Diagnostic("E111", f"`{words}` is a set of objects, and a condition is needed here", span, fix)


def bare_class(name: str, variable: str, span: Span) -> Diagnostic:
    """`every bolt: some nut near bolt`."""
    message = f"`{name}` is the whole set here, not the one `{name}` that is being looked at"
    fix = f"give the one a name, `{name} {variable}`; then `{variable}` is the one, and `{name}` all of them"
    return Diagnostic("E182", message, span, fix)


def not_a_set(words: str, found: Type, span: Span) -> Diagnostic:
    """Something else where a set is needed."""
    return Diagnostic("E112", f"a set of objects is needed here, and `{words}` is {a_(found)}", span)


def not_a_truth(words: str, found: Type, span: Span) -> Diagnostic:
    """Something else where a condition is needed."""
    measured = found.kind == "number" and found.dim == "count" and not re.fullmatch(r"[0-9.]+", words)
    fix = f"compare it: `{words} = 1`" if measured else None
    return Diagnostic("E113", f"a condition is needed here, and `{words}` is {a_(found)}", span, fix)


def one_of_several(words: str, meant: str, span: Span) -> Diagnostic:
    """`count(bolt) = 2 or 3`."""
    message = f"`or` joins conditions, and what follows it in `{words}` is a value"
    return Diagnostic("E113", message, span, f"write `{meant}`")


def text_inside(word: str, left: str, pattern: str, span: Span) -> Diagnostic:
    """`tag.text contains "x"`."""
    message = f"`{word}` is about places, and `{left}` is a text"
    return Diagnostic("E114", message, span, f"write `matches({left}, {pattern})`")


def set_for_argument(name: str, call: str, each: str, span: Span, value: bool) -> Diagnostic:
    """`gap(p, other bolt)`."""
    least = f"; `min({call} of {each})` is the least of them" if value else ""
    fix = f"say it of each: `every {each}: {call} …`{least}"
    return Diagnostic("E110", f"`{name}` is a set of objects, and one object is needed here", span, fix)


def set_beside(word: str, right: str, meant: str | None, span: Span) -> Diagnostic:
    """`b above nut`, where there are several nuts."""
    message = f"`{word}` is about one object, and `{right}` is a set of objects"
    one = f"say which one: `only({right})`, `first({right} by x)`"
    return Diagnostic("E110", message, span, f"if any of them will do, write `{meant}`" if meant else one)


def wrong_type(words: str, found: Type, wanted: str, span: Span) -> Diagnostic:
    """A value of another type than the place wants."""
    return Diagnostic("E114", f"expected {wanted}, found `{words}`, {a_(found)}", span)


_LETTERS = {"P": "place", "o": "object", "R": "region", "S": "set", "C": "column"}


def _call(signature: str) -> str:
    """How a function is called, in words: `learned(text, ratio?, region?, text?, …)`."""
    return re.sub(r"\b[PoRSC]\b", lambda m: _LETTERS[m[0]], signature.partition(" -> ")[0])


def wrong_arguments(name: str, signature: str, found: int, span: Span) -> Diagnostic:
    """A function with too few or too many arguments."""
    return Diagnostic("E122", f"expected `{_call(signature)}`, found {found} argument{'s' * (found != 1)}", span)


def needs_order(name: str, span: Span) -> Diagnostic:
    """A choice by order without one."""
    return Diagnostic("E123", f"`{name}` needs an order", span, "add `by x`, after the set")


def low_high(word: str, span: Span) -> Diagnostic:
    """`low` or `high` where no direction is known."""
    fix = "use `defect`, or split the rule"
    return Diagnostic("E124", f"`{word}` needs a rule that is a single comparison, its left side measured", span, fix)


def bad_cardinality(span: Span, words: str) -> Diagnostic:
    """A cardinality that is no whole number."""
    return Diagnostic("E125", f"a cardinality is a whole number, and `{words}` is not", span)


def too_many_cells(cells: int, most: int, span: Span) -> Diagnostic:
    """A grid that no picture has room for."""
    words = f"expected a grid of at most {most:,} cells, found {cells:,}"
    return Diagnostic("E185", words, span, "cut it into fewer rows or columns")


def attribute_of_what(name: str, span: Span, of: str | None) -> Diagnostic:
    """A bare attribute outside of every walk; `of` is a class to walk over."""
    return Diagnostic("E126", f"`{name}` of which object?", span, f"write `every {of}: {name} …`" if of else None)


def bad_color(text: str, span: Span) -> Diagnostic:
    """A text that is no colour."""
    return Diagnostic("E127", f'`"{text}"` is no colour', span, 'write it as `"#8c2a1e"`: six hex digits, quoted')


def unknown_param(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A value from outside for a parameter that does not exist."""
    known = list(known)
    said = "the parameters are " + ", ".join(f"`{k}`" for k in known) if known else "the spec has no parameters"
    return Diagnostic("E128", f"no parameter `{name}`; {said}", span, _like(name, known))


def bad_param(name: str, value: str, wanted: str, span: Span) -> Diagnostic:
    """A value from outside that does not fit its parameter."""
    return Diagnostic("E129", f"parameter `{name}` takes {wanted}, and `{value}` is not", span)


def only_pixels(name: str, span: Span) -> Diagnostic:
    """A pixel's attribute on an object, or the other way round."""
    return Diagnostic("E130", f"`{name}` belongs to pixels in `blobs`, not to objects", span)


def only_objects(name: str, span: Span) -> Diagnostic:
    """An object's attribute on a pixel."""
    known = "`color`, `lightness`, `hue`, `saturation`, `lab_a`, `lab_b`, `edge`, `contrast`"
    return Diagnostic(
        "E131", f"a pixel has no `{name}`; it has {known}", span, "filter by it where the object is declared"
    )


def no_foreground(span: Span) -> Diagnostic:
    """`unexplained` of a place where nothing says what is foreground."""
    said = f"nothing says which pixels `{span.text}` takes for foreground: the spec has no `learned(…)`"
    return Diagnostic("E188", said, span, 'add a condition: `, difference(color, background("empty.png")) >= 12`')


def unknown_step(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A step after `then` that does not exist."""
    known = list(known)
    return Diagnostic(
        "E132", f"unknown step `{name}`; there are {', '.join(f'`{k}`' for k in known)}", span, _like(name, known)
    )


def only_in_blobs(name: str, span: Span) -> Diagnostic:
    """A function of pixels where there is no pixel."""
    return Diagnostic("E180", f"`{name}` is a function of pixels: it belongs in the condition of `blobs`", span)


def not_of_a_pixel(words: str, span: Span) -> Diagnostic:
    """A condition of `blobs` that needs what is only known when objects have been seen."""
    return Diagnostic(
        "E181",
        f"`{words}` cannot be asked of a pixel: no object is known before the pixels are grouped",
        span,
        "ask it where the objects are declared; of a pixel you may ask whether it lies in a region of the picture",
    )


def without_object(span: Span, word: str, of: str | None) -> Diagnostic:
    """A relation without subject outside of every walk; `of` is a class to walk over."""
    return Diagnostic("E133", f"what should be `{word}` it?", span, f"write `every {of}: {word} …`" if of else None)


def near_what(word: str, span: Span) -> Diagnostic:
    """`near` without a distance."""
    return Diagnostic("E134", f"`{word}` needs a distance", span, "add `within 30 px`")


def mixed_arms(a: Type, b: Type, span: Span) -> Diagnostic:
    """A choice among values of different types."""
    return Diagnostic("E135", f"the cases give {a_(a)} and {a_(b)}", span, "give every case one type")


def cell_only(name: str, span: Span) -> Diagnostic:
    """`row` or `col` of something that is no cell."""
    return Diagnostic("E136", f"only a cell of a grid has `{name}`", span)


def no_scene(word: str, span: Span) -> Diagnostic:
    """A statement that this release does not carry out."""
    return Diagnostic("E199", f"`{word}` is reserved and not carried out by this release", span, "leave it out")


def list_needs_order(span: Span) -> Diagnostic:
    """A list of objects that is compared without an order."""
    return Diagnostic("E137", "a list of objects needs an order to be compared", span, "add `by x`, inside the list")


def rule_label(word: str, span: Span) -> Diagnostic:
    """An outcome that gives no label."""
    return Diagnostic("E138", f"`{word}` takes a label, a text, or a `match` that gives one", span)


def message_name(text: str, span: Span) -> Diagnostic:
    """A name in braces that cannot be read."""
    return Diagnostic("E139", f"`{{{text}}}` in a message must be a name or `name.attribute`", span)


def use_inside(right: str, span: Span) -> Diagnostic:
    """`in` before a place."""
    return Diagnostic("E141", f"`in` takes a range or a list, and `{right}` is a place", span, f"`inside {right}`")


def bad_pattern(pattern: str, why: str, span: Span) -> Diagnostic:
    """A pattern that RE2 does not read."""
    return Diagnostic("E166", f'`"{pattern}"` is not a pattern: {why}', span)


def other_language(number: str, ours: int, span: Span) -> Diagnostic:
    """A spec in a version of the language that this release does not read."""
    return Diagnostic("E169", f"expected `logic {ours}`, the language of this release, found `{number}`", span)


def stacked(limit: int, span: Span) -> Diagnostic:
    """Declarations that build on one another without end."""
    message = f"this stands on more than {limit} levels of expressions and declarations, one on another"
    return Diagnostic("E167", message, span, "declare fewer names that build on each other")


def share_among_others(words: str, span: Span) -> Diagnostic:
    """A share within arithmetic, where a grid is cut of a set."""
    fix = "write the share alone, or lengths alone"
    return Diagnostic("E157", f"`{words}` holds a share, and each object of the set has a side of its own", span, fix)


def turned_chain(links: str, span: Span) -> Diagnostic:
    """`a < b > c`."""
    return Diagnostic("E143", "the chain turns round: its comparisons point both ways", span, f"write `{links}`")


def number_for_set(name: str, words: str, span: Span) -> Diagnostic:
    """`object bolt = 2`."""
    return Diagnostic("E144", f"expected a set after `=`, found the number {words}", span, f"`object {name}: {words}`")


def import_outside(path: str, span: Span) -> Diagnostic:
    """An import from elsewhere."""
    return Diagnostic("E150", f"`{path}` does not lie below the spec's folder", span, "copy it beside the spec")


def import_circle(path: str, span: Span) -> Diagnostic:
    """Files that import each other."""
    itself = span.source.path.replace("\\", "/").rpartition("/")[2] == path
    if itself:
        return Diagnostic("E151", f"`{path}` imports itself", span, "leave the import out")
    return Diagnostic("E151", f"`{path}` imports this file again", span, "move what both need to a third file")


def import_failed(path: str, why: str, span: Span) -> Diagnostic:
    """An import that cannot be read."""
    return Diagnostic("E152", f"cannot read `{path}`: {why}", span)


def keep_form(names: Iterable[str], span: Span) -> Diagnostic:
    """`keep best` in another form; `names` are the classes it is for."""
    classes = " | ".join(names)
    fix = f"write `keep best of {classes} where overlap > 60 %`" if classes else None
    return Diagnostic("E153", "`keep best` takes classes and a share of overlap", span, fix)


def two_otherwise(span: Span, first: Span) -> Diagnostic:
    """Two variants that apply otherwise."""
    return Diagnostic("E154", "there are two `otherwise`", span, "give one of them a condition", (first, "first here"))


def test_form(words: str, wanted: str, span: Span) -> Diagnostic:
    """A test that cannot be carried out."""
    return Diagnostic("E155", f"expected {wanted}, found `{words}`", span)


def test_name(name: str, what: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A test that expects something of a rule or class that does not exist."""
    return Diagnostic("E156", f"there is no {what} `{name}`", span, _like(name, known))


def source_outside(path: str, span: Span) -> Diagnostic:
    """A file of a source from elsewhere."""
    return Diagnostic("E170", f"`{path}` does not lie below the spec's folder", span, "copy it beside the spec")


def source_ending(fn: str, path: str, endings: Iterable[str], span: Span) -> Diagnostic:
    """A file of a source with another ending."""
    wanted = f"`{fn}` takes a file that ends in {', '.join(endings)}"
    return Diagnostic("E171", f"{wanted}, and `{path}` does not", span)


def source_argument(signature: str, words: str, span: Span) -> Diagnostic:
    """An argument that no parameter of a source is for."""
    return Diagnostic("E172", f"`{words}` has no place in `{_call(signature)}`", span)


def source_place(fn: str, span: Span) -> Diagnostic:
    """A source in the middle of an expression."""
    fix = f"declare `object found = {span.text}`, and write `found` here"
    return Diagnostic("E173", f"`{fn}` makes objects, and has no value", span, fix)


def source_order(fn: str, key: str, span: Span) -> Diagnostic:
    """A source with an order."""
    return Diagnostic("E174", f"what `{fn}` finds is a set, which has no order", span, f"leave `by {key}` out")
