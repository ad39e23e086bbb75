"""Declarations in sentences: what is found, and what is named."""

from __future__ import annotations

from collections.abc import Iterator

from logidsl import ir
from logidsl.describe.numbers import decimal, in_unit, percent
from logidsl.describe.phrase_table import Book
from logidsl.describe.phrases import PIXEL, Level, Noun, enumerated, fill, following, held, joined
from logidsl.describe.sentence import Sentence
from logidsl.describe.sets import walked
from logidsl.describe.values import param_value
from logidsl.library import builtins


def seen(book: Book) -> Iterator[Sentence]:
    """What there is to see, and how."""
    program = book.program
    if program.scale is not None:
        yield Sentence("scale", "", _scale(program.scale), 0, program.path)
    if program.camera is not None:
        yield Sentence("camera", "", _camera(program.camera), 0, program.path)
    if program.frame is not None:
        place = program.nodes[program.frame].span
        words = f"Places, axes, angles and shares are those of {book.value(program.frame).text}."
        yield Sentence("frame", "", words, place.line, place.path)
    for d in program.doubtful:
        yield _at("doubtful", "", _doubtful(book, d), d.span)
    for c in program.colors:
        words = f"{c.name} is the colour {c.written or _lab(c)}, out to a difference of {decimal(c.reach)} (CIEDE2000)."
        yield _at("color", c.name, words, c.span)
    for a in program.attributes:
        yield _at("attribute", a.name, _attribute(book, a), a.span)
    for b in program.blobs:
        yield _at("blobs", b.name, _blobs(book, b), b.span)
    for s in program.sources:
        yield _at("source", s.name, _source(book, s), s.span)
    elsewhere = {b.name for b in program.blobs} | {s.name for s in program.sources}
    for k in program.classes:
        if k.name not in elsewhere or k.where is not None:
            yield _at("object", k.name, _class(book, k, k.name in elsewhere), k.span)
    for keep in program.keeps:
        yield _at("keep", "", _keep(book, keep), keep.span)


def _at(kind: str, name: str, words: str, span: ir.SourceSpan) -> Sentence:
    return Sentence(kind, name, words, span.line, span.path)


def _scale(scale: ir.Scale) -> str:
    if scale.mm_per_px_x == scale.mm_per_px_y:
        return f"A pixel is {decimal(scale.mm_per_px_x)} mm wide and high."
    return f"A pixel is {decimal(scale.mm_per_px_x)} mm wide and {decimal(scale.mm_per_px_y)} mm high."


def _camera(camera: ir.Camera) -> str:
    lens = "" if camera.matrix is None else ", its lens included"
    return f"The camera is calibrated for pictures of {camera.width} px by {camera.height} px{lens}."


def _lab(color: ir.NamedColor) -> str:
    light, a, b = (decimal(v) for v in color.lab)
    return f"with L {light}, a {a}, b {b}"


def _doubtful(book: Book, d: ir.Doubtful) -> str:
    of = f" of {enumerated([_many(book, n) for n in d.classes])}" if d.classes else ""
    low, high = decimal(d.low), decimal(d.high)
    return (
        f"Detections{of} with a confidence from {low} up to, not including, {high} are doubtful; "
        f"those below {low} do not count."
    )


def _many(book: Book, name: str) -> str:
    return book.plurals.get(name, name)


def _attribute(book: Book, a: ir.Attribute) -> str:
    owners = enumerated([_many(book, n) for n in a.classes]) if a.classes else "objects"
    noun = book.attribute(a.name)
    called = f", which the source calls {_quoted(a.source)}" if a.source else ""
    if a.labels:
        return f"The {noun} of {owners}{called} is one of the labels {enumerated(a.labels, 'or')}."
    kinds = {"ratio": "number", "angle": "turn" if a.type.domain == "turn" else "angle"}
    dim = str(a.type.dim)
    kind = kinds.get(dim, dim) if a.type.kind == "number" else {"color": "colour"}.get(a.type.kind, a.type.kind)
    return f"The {noun} of {owners}{called} is {'an' if kind[0] in 'ae' else 'a'} {kind}."


def _quoted(words: tuple[str, ...]) -> str:
    return enumerated([f'"{w}"' for w in words], "or")


def _blobs(book: Book, b: ir.Blobs) -> str:
    """How pixels become objects."""
    steps = ", then ".join(_step(book, s) for s in b.steps)
    words = following(book.truth(b.where), PIXEL)
    return f"Patches of pixels {words}{f', {steps},' if steps else ''} count as {b.name}."


def _step(book: Book, step: ir.Step) -> str:
    entry = builtins("step").get(step.name)
    if entry is None or not entry.english:
        book.missing(step.name)
        return step.name
    return fill(entry.english, {str(k): held(book.value(n), Level.ATOM) for k, n in enumerate(step.args)})


def _source(book: Book, s: ir.SourceDecl) -> str:
    entry = builtins("source")[s.fn]
    if not entry.english:
        book.missing(s.fn)
    names = [f'"{n}"' for n in s.names] + [f"of number {n}" for n in s.numbers]
    parts = {
        "file": f'"{s.file}"',
        "score": None if s.score is None else percent(s.score),
        "stretch": percent(s.stretch) if s.stretch else None,
        "turn": f"{decimal(s.turn_deg)} deg" if s.turn_deg else None,
        "of": None if s.of is None else held(book.value(s.of), Level.TERM),
        "names": enumerated(names, "or") if names else f'"{s.name}"',
    }
    words = fill(entry.english, parts)
    return f"{words[:1].upper()}{words[1:]} counts as {s.name}."


def _class(book: Book, k: ir.ClassDecl, made: bool) -> str:
    """A class of the table and its filter."""
    called = f", which the source calls {_quoted(k.aliases)}" if k.aliases else ""
    single = " It stands for one object." if k.single else ""
    if k.where is None or k.each is None:
        return f"{k.name} is a class of objects{called}.{single}"
    found = f"what is seen as a {k.name}" if made else f"the objects of the class {k.name}"
    return f"Of {found}{called}, only those count {following(book.truth(k.where), k.each)}.{single}"


def _keep(book: Book, keep: ir.Keep) -> str:
    more = "more than" if keep.strict else "at least"
    names = enumerated([_many(book, n) for n in keep.classes])
    return f"Of two {names} that overlap by {more} {percent(keep.share)} only the better one is kept."


def defined(book: Book) -> Iterator[Sentence]:
    """What is named: parameters, derived sets, places, values."""
    program = book.program
    for p in program.params:
        yield _at("param", p.name, _param(p, program.scale), p.span)
    for s in program.sets:
        if " " not in s.name:
            yield _at("set", s.name, _set(book, s), s.span)
    for r in program.regions:
        found = book.phrases[r.node]
        words = held(found, Level.OPEN)
        text = f"{r.name} is one of the {words}." if isinstance(found, Noun) else f"{r.name} is {words}."
        yield _at("region", r.name, text, r.span)
    for g in program.grids:
        yield _at("grid", g.name, _grid(book, g), g.span)
    for y in program.layouts:
        yield _at("layout", y.name, _layout(book, y), y.span)
    for b in program.batches:
        yield _at("batch", b.name, _batch(b), b.span)
    for v in program.views:
        yield _at("view", v.name, _view(v), v.span)
    for named in program.lets:
        yield _at("let", named.name, _let(book, named), named.span)


def _param(p: ir.Param, scale: ir.Scale | None) -> str:
    bounds = ""
    if p.low is not None and p.high is not None:
        low, high = (in_unit(v, p.type, p.unit, scale) for v in (p.low, p.high))
        bounds = f", and may be set from {low} to {high}"
        if p.value is None:
            return f"{p.name} must be set, from {low} to {high}."
    return f"{p.name} is {param_value(p, scale)}{bounds}."


def _set(book: Book, s: ir.SetDecl) -> str:
    noun = walked(book, s.each, s.where)
    single = " It stands for one object." if s.single else ""
    return f"Any {noun.one} counts as {s.name}.{single}"


def _grid(book: Book, g: ir.Grid) -> str:
    """Cells, and what they are cut from."""
    cuts = []
    for count, places, word, axis in ((g.rows, g.rows_at, "row", "y"), (g.columns, g.columns_at, "column", "x")):
        if places:
            words = enumerated([held(book.value(n), Level.SUM) for n in places])
            cuts.append(f"{word}s with {'borders' if len(places) > 1 else 'a border'} at {axis} {words}")
        else:
            cuts.append(f"{count} {word}{'s' * (count != 1)}")
    of = "the picture"
    if g.of is not None:
        found = book.phrases[g.of]
        of = f"each {found.one}" if isinstance(found, Noun) and g.of_set else held(found, Level.OPEN)
    number = (len(g.rows_at) + 1 if g.rows_at else g.rows) * (len(g.columns_at) + 1 if g.columns_at else g.columns)
    cells = f"{number} cell{'s' * (number != 1)}{' each' * g.of_set}"
    return f"The {_many(book, g.name)} are a grid of {cuts[0]} by {cuts[1]} over {of}: {cells}."


def _layout(book: Book, y: ir.Layout) -> str:
    """Places, where they come from, and on which axes."""
    of = "" if y.of is None else f", in {held(book.value(y.of), Level.OPEN)}"
    return f'{y.name} is the layout that "{y.file}" shows{of}.'


def _batch(b: ir.Batch) -> str:
    """Which pictures belong together, and their order."""
    order = "of their paths" if b.order is None else f"of {_column_name(b.order)}"
    if b.path is not None:
        which = f'Pictures with the same text in place of {{}} in "{b.path}" in their path are one {b.name}'
    elif b.column is not None:
        which = f"Pictures with the same {_column_name(b.column)} are one {b.name}"
    else:
        which = f"All pictures of a run are one {b.name}"
    return f"{which}, in the order {order}."


def _view(v: ir.View) -> str:
    if v.path is not None:
        return f'{v.name} are the pictures of each {v.batch} whose path fits "{v.path}".'
    return f'{v.name} are the pictures of each {v.batch} whose {_column_name(v.column or "")} is "{v.value}".'


def _column_name(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _let(book: Book, named: ir.Let) -> str:
    found = book.phrases[named.node]
    if book.program.nodes[named.node].type.kind == "truth":
        return f"{named.name} says that {book.truth(named.node).text}."
    return joined(named.name, "is", held(found, Level.OPEN)) + "."
