"""The report as text for people who have never seen the spec.

For each image the verdict, and for each finding what was expected, what was found, where, by how much, and the words of
the spec. In a batch of more than `FEW` images passing ones are only counted.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from logidsl.diagnostics import counted
from logidsl.report.alike import shortened
from logidsl.report.formats import Stream, Style
from logidsl.report.model import BatchReport, Finding, ImageReport, MemberRef, ObjectRef, Summary, Verdict
from logidsl.source import SourceSpan
from logidsl.table import ANY_CLASS

FEW = 10  # up to this number each passing image gets a line
SHOWN = 6  # objects listed for a role unless verbose
_COLOR: dict[str, str] = {"pass": "32", "fail": "31;1", "review": "33;1", "error": "35;1", "faint": "2", "mark": "31"}
_FIELD = 12  # width of the column of field names


def render(stream: Stream, style: Style) -> Iterator[str]:
    """Yield the text of each image, then the notes and the summary."""
    verdicts: list[Verdict] = []
    every = style.verbose or (stream.total <= FEW and not style.quiet)
    for image in stream.images:
        verdicts.append(image.verdict)
        if image.verdict != "pass" or every:
            yield "\n".join(image_lines(image, style)) + "\n"
    for batch in stream.batches:
        if batch.verdict != "pass" or style.verbose or (len(stream.batches) <= FEW and not style.quiet):
            yield "\n".join(image_lines(batch, style)) + "\n"
    if style.quiet:
        return
    summary = Summary.of(verdicts)
    for note in stream.notes if style.verbose else shortened(stream.notes):
        yield "\n".join(_wrapped("note: ", note, style)) + "\n"
    if len(verdicts) > 1 or stream.total != 1 or stream.batches:
        yield summary_line(summary, stream, style) + "\n"
    if style.verbose and stream.spec.parameters:
        given = ", ".join(f"{name} = {value}" for name, value in stream.spec.parameters.items())
        yield "\n".join(_wrapped("parameters: ", given, style)) + "\n"


def summary_line(summary: Summary, stream: Stream, style: Style) -> str:
    """How many images had each verdict, and by which spec."""
    said = _counts(summary, "picture", "pictures", style)
    if stream.batches:
        said += f"; {_counts(Summary.of(b.verdict for b in stream.batches), 'batch', 'batches', style)}"
    return f"{said} (spec {_spec_name(stream)})"


def _counts(summary: Summary, one: str, many: str, style: Style) -> str:
    counts: list[tuple[Verdict, int]] = [
        ("pass", summary.pass_),
        ("fail", summary.fail),
        ("review", summary.review),
        ("error", summary.error),
    ]
    parts = [_paint(f"{n} {word}", word, style) for word, n in counts if n]
    return f"{counted(sum(n for _, n in counts), one, many)}: {', '.join(parts) or 'nothing to judge'}"


def image_lines(image: ImageReport | BatchReport, style: Style) -> list[str]:
    """The lines of one image, or of one batch: its verdict, then its findings."""
    said = [image.error] if image.error else [] if image.verdict == "pass" else [*image.labels]
    if image.objects is not None:
        said.append(counted(image.objects, "object"))
    if isinstance(image, BatchReport):
        said.append(counted(image.pictures, "picture"))
    if image.verdict == "pass":
        said.append("every rule holds")
    head = f"{image.verdict.upper():<6} {image.path}"
    lines = _wrapped(f"{head}: ", ", ".join(said), style, indent=7)
    lines[0] = _paint(lines[0][: len(head)], image.verdict, style) + lines[0][len(head) :]
    for number, finding in enumerate(image.findings, 1):
        lines += finding_lines(finding, number, style)
    for note in image.notes:
        lines += _wrapped("  note: ", note, style)
    return lines


def finding_lines(finding: Finding, number: int, style: Style) -> list[str]:
    """The lines of one finding."""
    asks = (
        "not decided" if finding.truth == "undetermined" else "asks for review" if finding.verdict == "review" else None
    )
    tags = [t for t in (finding.kind, finding.severity, asks) if t]
    tail = f" [{', '.join(tags)}]" if tags else ""
    plain = finding.message.startswith(finding.rule.replace("_", " "))  # a message may start with the rule's name
    name = f"  {number}. " if plain else f"  {number}. {finding.rule}: "
    lines = _wrapped(name, finding.message + tail, style, indent=5)
    rows: list[tuple[str, str]] = []
    if finding.label and finding.label != finding.rule:
        rows.append(("defect", finding.label))
    sides = [(n, v) for n, v in (("expected", finding.expected), ("found", finding.measured)) if v]
    rows += sides if any(f"{n} {v}" not in finding.message for n, v in sides) else []
    for name, items in by_role(finding.objects):
        listed = _listed(items, style)
        rows += zip([name, *[""] * len(listed)], listed, strict=False)
    if finding.margin is not None and finding.margin < 0:
        rows.append(("margin", f"{finding.margin:.3g}, where 0 is the limit"))
    if finding.reason and finding.reason not in finding.message:
        rows.append(("because", finding.reason))
    rows += [("repair", r.text) for r in finding.repairs]
    for name, value in rows:
        lines += _wrapped(f"     {name:<{_FIELD}}", value, style)
    return lines + [f"     {line}" for line in span_lines(finding.span, style)]


def object_text(item: ObjectRef) -> str:
    """An object in words: class, id or cell, position.

    Examples
    --------
    >>> object_text(ObjectRef(id="7", class_="bolt", role="witness", box=(1, 2, 30.5, 4)))
    'bolt 7 at x 1 to 30.5, y 2 to 4 px'
    """
    name = "object of unknown class" if item.class_ == ANY_CLASS else item.class_
    text = name if item.id is None else f"{name} {item.id}"
    if item.row is not None and item.col is not None:
        text += f" in row {item.row}, column {item.col}"
    if item.box is not None:
        x0, y0, x1, y1 = (f"{round(v, 1):g}" for v in item.box)
        text += f" at x {x0} to {x1}, y {y0} to {y1} px"
    if isinstance(item, MemberRef) and item.image not in (None, item.id):
        text += f" in {item.image}"
    if item.unreadable is not None:
        text += " (not read)"
    return text


def by_role(objects: Sequence[ObjectRef]) -> list[tuple[str, list[ObjectRef]]]:
    """Objects by their role in a finding, in the words of the text format."""
    context = [o for o in objects if o.role == "context"]
    return [
        ("objects", [o for o in objects if o.role == "witness"]),
        ("missing", [o for o in objects if o.role == "absent"]),
        ("where", [o for o in context if o.id is None]),
        ("compared to", [o for o in context if o.id is not None]),
    ]


def _listed(items: Sequence[ObjectRef], style: Style) -> list[str]:
    """Several objects, shortened to a readable length; similar ones are counted."""
    counts = Counter(object_text(i) for i in items)
    texts = [text if n == 1 else f"{n} {text}" for text, n in counts.items()]
    shown = texts if style.verbose else texts[:SHOWN]
    return [*shown, f"and {len(texts) - len(shown)} more"] if len(texts) > len(shown) else shown


def span_lines(span: SourceSpan, style: Style) -> list[str]:
    """The words of the spec, underlined in their lines if the file is unchanged."""
    gutter = " " * len(str(span.end_line))
    lines = [_paint(f"{gutter}--> {span.path or 'spec'}:{span.line}:{span.column}", "faint", style)]
    for number, text, start, end in _marked(span, style)[:4]:
        before = "\t".join(" " * _columns(part) for part in text[:start].split("\t"))
        marks = _paint("^" * max(1, _columns(text[start:end])), "mark", style)
        lines += [f"{number:>{len(gutter)}} | {text}", f"{gutter} | {before}{marks}"]
    return lines


def _marked(span: SourceSpan, style: Style) -> list[tuple[int, str, int, int]]:
    """The lines of a span: number, text, and the columns that belong to it, from 0, half-open."""
    whole = style.lines(span.path)
    found: list[tuple[int, str, int, int]] = []
    for number in range(span.line, span.end_line + 1):
        line = whole[number - 1] if number <= len(whole) else ""
        start = span.column - 1 if number == span.line else len(line) - len(line.lstrip())
        end = min(span.end_column - 1, len(line)) if number == span.end_line else len(line)
        found.append((number, line, start, end))
    # A spec that has changed would show the wrong words, so the report's own copy is used.
    if "".join("".join(t[a:b] for _, t, a, b in found).split()) == "".join(span.text.split()):
        return [f for f in found if f[2] < f[3]]
    own = span.text.split("\n")
    return [(span.line + i, line, len(line) - len(line.lstrip()), len(line)) for i, line in enumerate(own)]


def _spec_name(stream: Stream) -> str:
    """Name and path of the spec, each once."""
    name, path = stream.spec.name, stream.spec.path
    return f"{name}, {path}" if name and path else name or path or stream.spec.hash


def _columns(text: str) -> int:
    """How many terminal columns a text takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _wrapped(head: str, text: str, style: Style, indent: int | None = None) -> list[str]:
    """`head` and `text` wrapped to the page, with later lines indented; `head` is never broken.

    File names and pictures may contain anything, so control characters are escaped.
    """
    deep = min(len(head), 24) if indent is None else indent
    wrapper = textwrap.TextWrapper(
        width=max(style.width, 40), subsequent_indent=" " * deep, break_long_words=False, break_on_hyphens=False
    )
    solid = printable(head).replace(" ", "\0")
    whole = printable(solid + text.strip(), keep="\0") if text else solid
    lines = [whole] if len(whole) <= wrapper.width or not text else wrapper.wrap(whole)
    return [line.replace("\0", " ").rstrip() for line in lines]


def printable(text: str, keep: str = "") -> str:
    """The text with control characters escaped and white space as spaces.

    Examples
    --------
    >>> printable("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    plain = text.replace("\n", " ").replace("\t", " ")
    if plain.isprintable() or (keep and plain.replace(keep, "").isprintable()):
        return plain
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in plain)


def _paint(text: str, name: str, style: Style) -> str:
    """The text in a terminal colour, if colours are enabled."""
    return f"\033[{_COLOR[name]}m{text}\033[0m" if style.color else text


def in_columns(lines: Sequence[Sequence[str]], left: Collection[int] = (0,), indent: str = "") -> str:
    """Lines of texts in columns, those in `left` to the left and the others to the right.

    Examples
    --------
    >>> print(in_columns([["picture", "pins"], ["a.png", "15"]]), end="")
    picture  pins
    a.png      15
    """
    shown = [[printable(cell) for cell in line] for line in lines]
    wide = [max(map(len, column)) for column in zip(*shown, strict=True)]
    made = [
        [c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(x, wide, strict=True))] for x in shown
    ]
    return "".join(f"{indent}{'  '.join(line)}".rstrip() + "\n" for line in made)
