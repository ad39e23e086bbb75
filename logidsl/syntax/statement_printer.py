"""From a statement to its one spelling.

Owns `sentence`: the lines of a statement, with its outcomes after the body. A rule stands on one line where it
fits and has no description, else its condition and its outcomes stand on lines of their own. What lies inside a
variant is laid out by `format`, which knows the comments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from logidsl.syntax import ast
from logidsl.syntax.expression_printer import Level, call, quantity, quoted, words
from logidsl.syntax.pretty_printer import LINE, STEP, WIDTH, Doc, Fill, Group, Nest, flat, joined, render, row

GAP = 4  # spaces between a body and its outcomes on one line


@dataclass(frozen=True, slots=True)
class PrintedStatement:
    """A statement in lines.

    Parameters
    ----------
    kind : str
        The word it begins with.
    body : list of str
        Its lines without outcomes, indented.
    outcomes : list of str
        The lines of the outcomes, indented; or the text of all, where body and outcomes have room on one line.
    inline : bool
        Whether they have.
    sign : int
        Column of the `=` that stands below those of its neighbours; 0 for none.
    """

    kind: str
    body: list[str]
    outcomes: list[str]
    inline: bool = False
    sign: int = 0

    @property
    def lines(self) -> list[str]:
        """All lines of the statement by itself."""
        return [self.body[0] + " " * GAP + self.outcomes[0]] if self.inline else [*self.body, *self.outcomes]


def aligned(run: list[PrintedStatement]) -> list[list[str]]:
    """The lines of statements of one kind below one another: signs and outcomes in columns, if there is room."""
    made = run
    sign = max((s.sign for s in run if len(s.lines) == 1), default=0)
    shifted = [replace(s, body=[_shifted(s.body[0], s.sign, sign)]) if len(s.lines) == 1 else s for s in run]
    if all(len(s.lines[0]) <= WIDTH for s in shifted):
        made = shifted
    column = max((len(s.body[0]) + GAP for s in made if s.inline), default=0)
    if any(column + len(s.outcomes[0]) > WIDTH for s in made if s.inline):
        column = 0
    return [[s.body[0].ljust(max(column, len(s.body[0]) + GAP)) + s.outcomes[0]] if s.inline else s.lines for s in made]


def _shifted(line: str, sign: int, column: int) -> str:
    return line[:sign] + " " * (column - sign) + line[sign:] if sign else line


def sentence(s: ast.Statement | ast.Version | ast.SpecName, indent: int) -> PrintedStatement:
    """A statement in lines; of a variant the opening line only.

    Parameters
    ----------
    s : statement, Version or SpecName
        What to write.
    indent : int
        Spaces before its first line.
    """
    match s:
        case ast.Rule():
            return _rule(s, indent)
        case ast.Object() | ast.Derived():
            made = _with_outcomes("object", render(_object(s), indent), s.outcomes, indent)
            return replace(made, sign=_sign(made, s)) if isinstance(s, ast.Derived) else made
        case ast.Test():
            return PrintedStatement("test", _test(s, indent), [])
        case ast.Variant():
            head = f"variant {s.name.name} "
            when = row("when ", Nest(words(s.when))) if s.when is not None else "otherwise"
            return PrintedStatement("variant", render(row(head, when, " {"), indent), [])
        case _:
            made = PrintedStatement(keyword(s), render(_plain(s), indent), [])
            return replace(made, sign=_sign(made, s)) if isinstance(s, ast.Color) else made


def _sign(made: PrintedStatement, s: ast.Color | ast.Derived) -> int:
    return made.body[0].index(s.name.name, made.body[0].index(made.kind) + len(made.kind)) + len(s.name.name) + 1


def objects(names: list[str], indent: int) -> PrintedStatement:
    """`object a, b, c`."""
    return PrintedStatement("object", render(row("object ", Nest(Fill(tuple(names)))), indent), [])


def keyword(s: ast.Statement | ast.Version | ast.SpecName) -> str:
    """The word that a statement begins with."""
    match s:
        case ast.Derived():
            return "object"
        case ast.Version():
            return "logic"
        case ast.SpecName():
            return "spec"
        case _:
            return type(s).__name__.lower().removesuffix("decl")


def outcome(o: ast.Outcome) -> Doc:
    """`defect wrong_size`."""
    return row(f"{o.word} ", label(o.value))


def label(value: ast.Ident | ast.Text | ast.MatchExpr) -> Doc:
    """A label: a name, a text in quotes, or a match."""
    match value:
        case ast.Ident():
            return value.name
        case ast.Text():
            return quoted(value.value)
        case ast.MatchExpr():
            return words(value)
        case _:
            assert_never(value)


def cardinality(c: ast.Cardinality) -> Doc:
    """`at least 2`, `1 .. 3`, `2`."""
    number = words(c.value, Level.ARGUMENT if c.word == "between" else Level.SUM)
    return row(f"{c.word} ", number) if c.word in ("at least", "at most") else number


def setting(s: ast.Setting) -> Doc:
    """`gap = 3 px`."""
    return row(f"{s.name.name} = ", words(s.value, Level.SUM))


def _with_outcomes(kind: str, body: list[str], outcomes: tuple[ast.Outcome, ...], indent: int) -> PrintedStatement:
    if not outcomes:
        return PrintedStatement(kind, body, [])
    together = joined([outcome(o) for o in outcomes], "  ")
    one = flat(together)
    if len(body) == 1 and len(body[0]) + GAP + len(one) <= WIDTH:
        return PrintedStatement(kind, body, [one], inline=True)
    return PrintedStatement(kind, body, _filled([outcome(o) for o in outcomes], indent + STEP))


def _filled(pieces: list[Doc], indent: int) -> list[str]:
    """Pieces with two spaces between them, as many on a line as fit whole."""
    lines: list[str] = []
    for piece in pieces:
        one = flat(piece)
        if lines and len(lines[-1]) + 2 + len(one) <= WIDTH and lines[-1].lstrip() != "}":
            lines[-1] += f"  {one}"
        else:
            lines += render(piece, indent)
    return lines


def _rule(s: ast.Rule, indent: int) -> PrintedStatement:
    about = f" {quoted(s.about)}" if s.about is not None else ""
    over = f" over {flat(words(s.over, Level.PRIMARY))}" if s.over is not None else ""
    anomaly = f" as {s.anomaly.name}" if s.anomaly is not None else ""
    head = " " * indent + f"rule {s.name.name}{about}{over}{anomaly}:"
    body = words(s.body)
    one = f"{head} {flat(body)}"
    lines = [one] if len(one) <= WIDTH and not about else [head, *render(body, indent + STEP)]
    return _with_outcomes("rule", lines, s.outcomes, indent)


def scaled(s: ast.Scale) -> str:
    """What stands after `scale`, but for the size along y."""
    match s.pixels:
        case ast.Text():
            return quoted(s.pixels.value)
        case ast.Quantity():
            known = quantity(s.pixels)
        case ast.Attr():
            known = flat(words(s.pixels, Level.ARGUMENT))
    return f"{known} = {quantity(s.size)}" if s.size is not None else known


def batch_key(k: ast.BatchKey) -> str:
    """What stands after `by` of a batch or a view."""
    return f"{k.word.name} {label(k.value)}" if k.word is not None else str(label(k.value))


def batched(s: ast.Batch) -> str:
    """What stands after the name of a batch."""
    key = f" by {batch_key(s.key)}" if s.key is not None else ""
    order = f" {s.order.word.name} by {label(s.order.column)}" if s.order is not None else ""
    return (key + order).strip()


def viewed(s: ast.View) -> str:
    """What stands after the name of a view."""
    value = "" if s.value is None else f" = {flat(words(s.value))}"
    return f"of {s.of.name} by {batch_key(s.key)}{value}"


def _object(s: ast.Object | ast.Derived) -> Doc:
    pieces: list[Doc] = [f"object {s.name.name}"]
    match s:
        case ast.Derived():
            pieces += [" = ", Nest(words(s.phrase, Level.PHRASE))]
        case ast.Object():
            pieces.append(_aliases(s.aliases))
            if s.where is not None:
                pieces.append(Nest(row(LINE, "where ", words(s.where))))
    if s.cardinality is not None:
        pieces += [": ", cardinality(s.cardinality)]
    return Group(row(*pieces))


def _aliases(aliases: tuple[ast.Text, ...]) -> Doc:
    return row(" ", Nest(Fill(tuple(quoted(a.value) for a in aliases), " |"))) if aliases else ""


def _of(of: ast.Expr | None) -> Doc:
    return "" if of is None else Nest(row(LINE, "of ", words(of, Level.UNION)))


def _settings(settings: tuple[ast.Setting, ...]) -> Doc:
    return row(" with ", Nest(Fill(tuple(setting(s) for s in settings)))) if settings else ""


def _plain(
    s: ast.Version
    | ast.SpecName
    | ast.Import
    | ast.Param
    | ast.Scale
    | ast.Doubtful
    | ast.FrameDecl
    | ast.Color
    | ast.Region
    | ast.Grid
    | ast.Layout
    | ast.Attribute
    | ast.Blobs
    | ast.Keep
    | ast.Let
    | ast.Batch
    | ast.View,
) -> Doc:
    match s:
        case ast.Version():
            return f"logic {s.number}"
        case ast.SpecName():
            return f"spec {s.name.name}" + (f" {quoted(s.about)}" if s.about is not None else "")
        case ast.Import():
            return row(f"import {quoted(s.path.value)}", _settings(s.settings))
        case ast.Param():
            bounds = row(" in ", words(s.bounds, Level.ARGUMENT)) if s.bounds is not None else ""
            value = row(" = ", Nest(words(s.value, Level.SUM))) if s.value is not None else ""
            return row(f"param {s.name.name}", value, bounds)
        case ast.Scale():
            by = f" by {quantity(s.size_y)}" if s.size_y is not None else ""
            return f"scale {scaled(s)}{by}"
        case ast.Doubtful():
            return Group(row("doubtful ", words(s.range, Level.ARGUMENT), _of(s.of)))
        case ast.FrameDecl():
            return row("frame ", call(s.call))
        case ast.Color():
            reach = f" within {s.reach.text}" if s.reach is not None else ""
            return f"color {s.name.name} = {quoted(s.value.value)}{reach}"
        case ast.Region():
            return Group(row(f"region {s.name.name} = ", words(s.value, Level.UNION), _of(s.of)))
        case ast.Grid():
            splits = joined([_split(split) for split in s.splits], ", ")
            return Group(row(f"grid {s.name.name} = ", splits, _of(s.of)))
        case ast.Layout():
            return Group(row(f"layout {s.name.name} {quoted(s.file.value)}", _of(s.of)))
        case ast.Attribute():
            options = Nest(Fill(tuple(quoted(o.value) if isinstance(o, ast.Text) else o.name for o in s.options), " |"))
            return Group(row(f"attribute {s.name.name}", _aliases(s.aliases), _of(s.of), ": ", options))
        case ast.Blobs():
            steps = [row("then ", call(step)) for step in s.steps]
            then = Nest(Group(row(LINE, Fill(tuple(steps), "")))) if steps else ""
            return row(f"blobs {s.name.name} where ", Nest(words(s.where)), then)
        case ast.Keep():
            return row("keep best of ", Nest(words(s.phrase, Level.PHRASE)))
        case ast.Batch():
            return f"batch {s.name.name} {batched(s)}".rstrip()
        case ast.View():
            return f"view {s.name.name} {viewed(s)}"
        case ast.Let():
            return row(f"let {s.name.name} =", Group(Nest(row(LINE, words(s.value)))))
        case _:
            assert_never(s)


def _split(s: ast.Split) -> Doc:
    if s.at is not None:
        return row(f"{s.by} at ", words(s.at))
    return f"{s.count} {s.by if s.count != 1 else s.by.removesuffix('s')}"


def _test(s: ast.Test, indent: int) -> list[str]:
    scene = quoted(s.scene.value) if s.scene is not None else ""
    if s.size is not None:
        scene = " by ".join(quantity(q) for q in s.size)
    head = f"test {quoted(s.title.value)} on {scene}"
    expects = [_expect(e) for e in s.expects]
    one = " " * indent + " ".join([head, *(flat(e) for e in expects)])
    if not s.puts and len(one) <= WIDTH:
        return [one]
    puts = [line for p in s.puts for line in render(_put(p), indent + STEP)]
    return [" " * indent + head, *puts, *_filled(expects, indent + STEP)]


def _put(p: ast.Put) -> Doc:
    settings = Fill(tuple(setting(s) for s in p.settings))
    given: Doc = Group(Nest(row(LINE, "with ", Nest(settings)))) if p.settings else ""
    return row(f"put {p.name.name} ", call(p.shape), given)


def _expect(e: ast.Expect) -> Doc:
    if e.defect is not None:
        return row("expect defect ", label(e.defect))
    verdict = e.verdict.name if e.verdict is not None else ""
    rules = [r.name for r in e.rules]
    return row(f"expect {verdict} ", Nest(Fill(tuple(rules)))) if rules else f"expect {verdict}"
