"""Quick fixes: the edits that a diagnostic's fix line stands for.

A fix line says in backticks what to write. `followed` gives the texts that may come of it: the piece of code in the
place of some tokens of the lines that the message points at, between two of them, or as a statement; an ellipsis in it
stands for tokens that stay. `quick_fixes` tries these texts, the likeliest first, and offers the first one of which the
diagnostic is gone and no other has come.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from logidsl.diagnostics import Diagnostic
from logidsl.editor.analysis import Analysis, ReadFile, analyse
from logidsl.editor.outline import Outline, outline, update
from logidsl.source import Source, Span, same_ends
from logidsl.syntax.read import form_of
from logidsl.syntax.split import STARTS

TOKEN = re.compile(
    r'"[^"\n]*"?|[0-9]+(?:\.[0-9]+)?(?: ?(?:px2?|mm2?|cm2?|um|inch2?|mil|deg)\b| ?%)?|\w+|\.\.|->|[<>!=]=|\S'
)
LEFT_OUT = re.compile(
    r"(?:leave|remove) (?:it|them|one of them|the \w+|`([^`]+)`(?: and its label)?)(?: out)?|leave out `([^`]+)`"
)
MOVED = re.compile(r"move `([^`]+)` to the top")
#: A name is changed wherever it stands.
RENAMED = re.compile(r"(?:use|choose) another name.*`(?:(\w+) )?(\w+)( \"[^\"]*\")?`")
IN_TWO_PLACES = re.compile(r"declare `([^`]+)`, and write `([^`]+)` here")
#: What is to be declared stands before the statement that needs it.
DECLARED = re.compile(r"(?:declare it[^`]*|^add )`((?:object|attribute|param|color|scale) [^`]+)`")
SEVERAL = re.compile(r"write ((?:`[^`]+`(?:, | and )?){2,})$")
_GIVEN = re.compile(r"give `[^`]*` a unit: ")
_TRIED, _PATIENCE_S = 80, 1.5


@dataclass(frozen=True)
class QuickFix:
    """An edit: what it does in words, what it replaces, and by what."""

    title: str
    span: Span
    text: str


def quick_fixes(analysis: Analysis, found: Diagnostic, read_file: ReadFile) -> Iterator[QuickFix]:
    """The edits of which a diagnostic is gone.

    Parameters
    ----------
    analysis : Analysis
        The text.
    found : Diagnostic
        One of its diagnostics.
    read_file : callable
        Returns the text of an imported file; raises InputError.
    """
    source = analysis.source
    if found.span.source is not source:
        return
    before = outline(source) if form_of(source) == "logic" else None
    for what, texts in followed(source.text, found).items():
        if (text := _best(analysis, before, found, texts, read_file)) is not None:
            yield _edit(what if what.split(" ")[0] in _VERBS else f"write `{what}`", source, text)
    if found.code.startswith("W") and before is not None:
        yield _allowing(source, found)


_VERBS = ("remove", "leave", "move", "use", "choose", "declare")


def _best(
    analysis: Analysis, before: Outline | None, found: Diagnostic, texts: Iterator[str], read_file: ReadFile
) -> str | None:
    """The first text without a diagnostic and with no new one; else the first where correcting it only shows others."""
    until, second = time.monotonic() + _PATIENCE_S, None
    for text in islice(texts, _TRIED):
        new = Source(analysis.source.path, text)
        if before is not None and not _keeps_statements(before, outline(new), found):
            continue
        quick = None
        if before is not None and found.code < "E100":  # a matter of one statement
            quick = update(before, analysis.diagnostics, outline(new), read_file)
        if quick is None or _gone(analysis.diagnostics, quick, found) is not None:
            after = analyse(new, read_file, warn=found.severity != "error")
            unseen = _gone(analysis.diagnostics, after.diagnostics, found)
            if unseen == 0:
                return text
            if second is None and unseen is not None and DECLARED.search(found.fix or ""):
                second = text
        if time.monotonic() > until:
            break
    return second


def _keeps_statements(old: Outline, new: Outline, found: Diagnostic) -> bool:
    """Whether no statement is lost, unless the message is about a whole one."""
    whole = (
        found.code.startswith("W") or found.span.start in old.starts or re.search("statement|import", found.fix or "")
    )
    return bool(whole) or len(new.chunks) >= len(old.chunks)


def _gone(before: Sequence[Diagnostic], after: Sequence[Diagnostic], found: Diagnostic) -> int | None:
    """How many diagnostics of an edited text are new; None if one of them is still there, or they are too many."""
    weight = {"error": 2, "warning": 1, "advice": 0}
    least = min(weight[found.severity], 1) if found.severity != "error" else 2
    old, new = (Counter((d.code, d.message) for d in said if weight[d.severity] >= least) for said in (before, after))
    mine = (found.code, found.message)
    unseen = (new - old).total()
    if new[mine] >= old[mine] or (unseen and (found.severity != "error" or new.total() > old.total())):
        return None
    return unseen


def _edit(title: str, source: Source, text: str) -> QuickFix:
    """The smallest edit that gives a text."""
    start, end = same_ends(source.text, text)
    return QuickFix(title, source.span(start, len(source.text) - end), text[start : len(text) - end])


def _allowing(source: Source, found: Diagnostic) -> QuickFix:
    """A comment that keeps a warning silent on its line."""
    end = source.line_starts[found.span.line - 1] + len(source.line(found.span.line))
    comment = f" {found.code}" if "# lint: allow" in source.line(found.span.line) else f"  # lint: allow {found.code}"
    return QuickFix(f"allow {found.code} on this line", source.span(end, end), comment)


def followed(text: str, found: Diagnostic) -> dict[str, Iterator[str]]:
    """For each thing that a fix line says to do, the texts that come of it; nothing for a fix line in prose."""
    fix = found.fix or ""
    if moved := MOVED.search(fix):
        return {moved[0]: iter([moved[1] + "\n" + text.replace(moved[1], "")])}
    if both := IN_TWO_PLACES.search(fix):
        return {both[0]: iter([f"{both[1]}\n{text[: found.span.start]}{both[2]}{text[found.span.end :]}"])}
    if named := RENAMED.search(fix):
        word = re.compile(rf'"[^"\n]*"|\b{re.escape(found.span.text)}\b')
        renamed = word.sub(lambda m: m[0] if m[0][0] == '"' else named[2], text)
        head = f"{named[1]} {named[2]}" if named[1] else named[2]
        alone = text[: found.span.start] + named[2] + text[found.span.end :]
        return {named[0]: iter([renamed.replace(head, head + (named[3] or ""), 1), alone])}
    if declared := DECLARED.search(fix):
        return {f"declare `{declared[1]}`": _declared(text, found, declared[1])}
    if several := SEVERAL.search(fix):
        pieces = re.findall(r"`([^`]+)`", several[1])
        if all(p.split()[0] in STARTS for p in pieces):
            return {" and ".join(f"`{p}`" for p in pieces): _written(text, found, "\n".join(pieces))}
    done: dict[str, Iterator[str]] = {}
    out = LEFT_OUT.search(fix)
    fix = _GIVEN.sub("", fix)
    if out:
        done[out[0]] = _left_out(text, found, out[1] or out[2])
    for piece in re.findall(r"`([^`]+)`", LEFT_OUT.sub("", fix)):
        if not piece.startswith("logidsl "):  # a command
            done[piece] = _written(text, found, piece)
    return done


def _written(text: str, found: Diagnostic, piece: str) -> Iterator[str]:
    """The texts with a piece of code in some place, the likeliest first: where what it replaces is most like it."""
    start, end = found.span.start, found.span.end
    head, *kept = [part.strip() for part in piece.strip("… ").split("…")]
    tail = kept[-1] if kept else ""
    first, last = _lines(text, start, end)
    edges = sorted({first, start, end, *(p for t in TOKEN.finditer(text, first, last) for p in t.span())})
    wanted = Counter(TOKEN.findall(piece))

    def unlike(window: tuple[int, int]) -> tuple[int, int, tuple[int, int]]:
        a, b = window
        there = Counter(TOKEN.findall(text[a:b]))
        apart = sum(((there - wanted) + (wanted - there)).values()) - 2 * (window == (start, end))
        return apart, abs(a - start) + abs(b - end), window

    windows = sorted(((a, b) for a in edges for b in edges if a <= b), key=unlike)
    if kept:
        windows.sort(key=lambda w: (w != (start, end), abs(w[0] - start) + abs(w[1] - end), w))
    alike = [w for w in windows if unlike(w)[0] < sum(wanted.values()) - (not kept and len(wanted) > 3)]
    for n, part in enumerate((alike, windows)):
        if n:
            yield from _as_statement(text, piece)
        for a, b in part:
            middle = f" {text[a:b]} {tail} " if kept else " "
            yield _joined(text[:a], head + middle.rstrip(" "), text[b:])
            if "->" in piece and a == b:
                yield f"{text[:a].rstrip()}, {head} {text[b:].lstrip(' ')}"


def _joined(before: str, piece: str, after: str) -> str:
    """A piece between two others, with spaces where they are needed."""
    piece = piece.strip(" ")
    left = "" if before[-1:] in ("", " ", "\n", "(", "[", ".") or piece[:1] in (",", ")", ":", ".", "") else " "
    right = "" if after[:1] in ("", " ", "\n", ")", "]", ",", ":", ".", "(") else " "
    if before[-1:] == " " and (not piece or after[:1] == " "):
        before = before[:-1] if not piece else before
    return f"{before}{left}{piece}{right}{after}"


def _declared(text: str, found: Diagnostic, piece: str) -> Iterator[str]:
    """A declaration on a line before the statement of a diagnostic, or at the end."""
    cut = outline(Source(found.span.source.path, text))
    number = cut.at(found.span.start)
    at = _lines(text, cut.starts[number], cut.starts[number])[0] if number is not None else 0
    yield f"{text[:at]}{piece}\n{text[at:]}"
    yield f"{text}\n{piece}"


def _left_out(text: str, found: Diagnostic, piece: str | None) -> Iterator[str]:
    start, end = found.span.start, found.span.end
    first, last = _lines(text, start, end)
    if piece is None:
        if re.search("statement|import", found.fix or ""):
            yield from _without_statement(text, found)
        yield text[:start].rstrip(" ") + text[end:]
        around = [t.span() for t in TOKEN.finditer(text, first, last)]
        before = max((a for a, b in around if b <= start), default=start)
        after = min((b for a, b in around if a >= end), default=end)
        yield text[:before].rstrip(" ") + text[end:]
        yield text[:start] + text[after:]
        yield text[:first] + text[last + 1 :]
        yield from _without_statement(text, found)
    else:
        label = r" \w+" if "and its label" in (found.fix or "") else ""
        yield from (text[: m.start()] + text[m.end() :] for m in re.finditer(re.escape(piece) + label, text))


def _without_statement(text: str, found: Diagnostic) -> Iterator[str]:
    """The text without the statement of a diagnostic, however many lines it has."""
    cut = outline(Source(found.span.source.path, text))
    number = cut.at(found.span.start)
    if number is not None and cut.chunks[number].kind == "statement":
        words = cut.chunks[number].words
        first, last = _lines(text, words[0].span.start, words[-1].span.end)
        yield text[:first] + text[last + 1 :]
        yield text[: words[0].span.start] + text[words[-1].span.end :]


def _lines(text: str, start: int, end: int) -> tuple[int, int]:
    last = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if last < 0 else last


def _as_statement(text: str, piece: str) -> Iterator[str]:
    """A statement of its own, or in the place of one that begins alike."""
    words = piece.split()
    if not words or words[0] not in STARTS:
        return
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if line.split()[:1] == words[:1]:
            yield "\n".join([*lines[:i], piece, *lines[i + 1 :]])
    yield f"{piece}\n{text}"
    yield f"{text}\n{piece}"
