"""Changed specs, one number, word or operator at a time, and what tests and stored tables notice of them.

The changes are made in the text of the file itself, outside its tests; what no longer compiles, or means the same, is
no change. Of those that nothing notices, a search like that of `difference` looks for a table that would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path

from logidsl import ir
from logidsl.describe.numbers import number_text
from logidsl.diagnostics import Bag, InputError, SpecError
from logidsl.library import Builtin, Group, builtins
from logidsl.pipeline import compile_spec, report
from logidsl.questions.difference import Pair, Progress, Witness
from logidsl.questions.search import Search
from logidsl.report.model import ImageReport
from logidsl.scenes import Outcome, outcome, test_table
from logidsl.source import Source
from logidsl.syntax.lexer import lex
from logidsl.syntax.split import split
from logidsl.syntax.tokens import Token
from logidsl.table import ObjectTable, concatenate

#: What a reserved word is exchanged for; operations of the library are exchanged for others with the same arguments.
_EXCHANGED: Mapping[str, tuple[str, ...]] = {
    "and": ("or",), "or": ("and",), "not": ("",), "some": ("no",), "no": ("some",), "in": ("not in",),
    "least": ("most",), "most": ("least",), "wholly": ("",), "low": ("high",), "high": ("low",),
}  # fmt: skip
#: Statements that say nothing of parts, or whose numbers are no limits.
_LEFT_OUT = frozenset(["test", "logic", "spec", "import", "attribute", "layout"])
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(.*)", re.DOTALL)


@dataclass(frozen=True)
class Mutant:
    """A changed spec.

    Parameters
    ----------
    line : int
        Where it was changed, from 1.
    before, after : str
        The line without and with the change, trimmed.
    kind : str
        `number`, `word` or `operator`.
    text : str
        The whole changed spec.
    start : int
        Where the change begins in the text.
    """

    line: int
    before: str
    after: str
    kind: str
    text: str
    start: int


def mutants(source: Source, program: ir.Program) -> Iterator[Mutant]:
    """Changes of a spec in the text form, in its order; some of them do not compile."""
    words, _ = lex(source, Bag())
    for chunk in split(words):
        first = chunk.words[0].text if chunk.words else ""
        if first in _LEFT_OUT:
            continue
        for number, token in enumerate(chunk.words):
            before = chunk.words[number - 1] if number else None
            if first == "param" and before is not None and any(w.text == "in" for w in chunk.words[:number]):
                break  # the bounds of a parameter judge nothing
            for kind, after in _options(token, before, number, program):
                yield _mutant(source, kind, (token, after))
            if token.type == "every" and (colon := _next(chunk.words[number:], ":")) is not None:
                yield _mutant(source, "operator", (token, "some"), (colon, " where"))
            if token.type == "some" and (where := _next(chunk.words[number:], "where")) is not None:
                yield _mutant(source, "operator", (token, "every"), (where, ":"))


def _next(words: Sequence[Token], kind: str) -> Token | None:
    """The next word of a kind outside the parentheses that open before it."""
    depth = 0
    for word in words:
        depth += (word.text in "([{") - (word.text in ")]}")
        if word.type == kind and depth == 0:
            return word
    return None


def _mutant(source: Source, kind: str, *changes: tuple[Token, str]) -> Mutant:
    text = source.text
    for token, after in reversed(changes):
        text = text[: token.span.start] + after + text[token.span.end :]
    first = changes[0][0].span
    return Mutant(
        first.line, source.line(first.line).strip(), Source("", text).line(first.line).strip(), kind, text, first.start
    )


def _options(token: Token, before: Token | None, place: int, program: ir.Program) -> Iterator[tuple[str, str]]:
    """What a word is changed to, with the kind of change."""
    text = token.text
    match token.type:
        case "NUMBER" | "QUANTITY":
            yield from (("number", made) for made in _numbers(text))
        case "STRING" if before is not None and before.text in ("=", "!=", "[", ",", "->", "|"):
            yield "word", f'{text[:-1]}x"'
        case "NAME" if place > 1:
            yield from (("word", other) for other in _words(text, program))
        case _ if text in _EXCHANGED and place:
            kind = "word" if text in ("low", "high") else "operator"
            yield from ((kind, other) for other in _EXCHANGED[text])
        case _ if text in builtins("relation"):
            yield from (("word", other) for other in _alike("relation", text))
        case _ if text in builtins("operator"):
            yield from (("operator", other) for other in _alike("operator", text)[:2])


def _numbers(text: str) -> list[str]:
    """A number a little smaller and a little greater."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return []
    value, unit = float(found[1]), found[2]
    whole = "." not in found[1]
    step = max(1.0, round(value / 10)) if whole else max(value / 10, 10.0 ** -len(found[1].partition(".")[2]))
    return [number_text(v) + unit for v in (value - step, value + step) if v >= 0]


def _words(text: str, program: ir.Program) -> list[str]:
    """Other labels of the attribute, another colour, another aggregate or function with the same arguments."""
    found = [other for a in program.attributes if text in a.labels for other in a.labels if other != text][:2]
    colors = [c.name for c in program.colors]
    if text in colors and len(colors) > 1:
        found.append(colors[(colors.index(text) + 1) % len(colors)])
    for group in ("aggregate", "function"):
        if text in builtins(group):
            found += _alike(group, text)[:1]
    return found


def _alike(group: Group, name: str) -> list[str]:
    """The operations that take and give the same, as the library lists them after this one, in a circle."""
    entries = builtins(group)
    found = [n for n, e in entries.items() if _signature(e) == _signature(entries[name]) and not _is_inner(n)]
    turn = found.index(name) + 1 if name in found else 0
    return [n for n in (*found[turn:], *found[:turn]) if n != name]


def _is_inner(name: str) -> bool:
    """Whether an operation is never written by its name."""
    return " " in name or (name in builtins("operator") and name[0].isalpha())


def _signature(entry: Builtin) -> tuple[object, ...]:
    return (entry.result, *((p.kind, p.optional) for p in entry.parameters))


@dataclass(frozen=True, eq=False)
class Survivor:
    """A change that nothing notices.

    Parameters
    ----------
    mutant : Mutant
        The change.
    witness : Witness, optional
        A table that would notice it; None if no difference was found.
    """

    mutant: Mutant
    witness: Witness | None


@dataclass(eq=False)
class Trial:
    """The tests inside a spec and stored tables, against changes of the spec.

    Parameters
    ----------
    source : Source
        The spec, in the text form.
    params : mapping of str to str
        Values of its parameters.
    see : callable
        Gives the stored tables as a program sees them.
    effort : float
        How much is tried for a table that would notice a change.
    seed : int
        Of the tables that are made up.
    """

    source: Source
    params: Mapping[str, str]
    see: Callable[[ir.Program], Sequence[ObjectTable]] = lambda program: ()
    effort: float = 1.0
    seed: int = 0
    noticed: int = 0
    survivors: list[Survivor] = field(default_factory=list)
    _stored: dict[str, tuple[list[ObjectTable], ObjectTable]] = field(default_factory=dict)

    @cached_property
    def program(self) -> ir.Program:
        """The spec itself."""
        return compile_spec(self.source, self.params)

    def tables(self, program: ir.Program) -> tuple[list[ObjectTable], ObjectTable]:
        """The scenes of the tests, and the stored tables, as a changed spec sees them.

        Raises
        ------
        InputError
            If one cannot be used.
        """
        key = program.replaced(rules=(), sets=(), tests=()).hash
        if key not in self._stored:
            folder = Path(self.source.path).parent
            scenes = [test_table(self.program if t.file is None else program, t, folder) for t in self.program.tests]
            stored = concatenate(list(self.see(program)))
            for table in (*scenes, stored):
                for problem in table.problems:
                    raise InputError(problem.named)
            self._stored[key] = scenes, stored
        return self._stored[key]

    def outcomes(self, program: ir.Program) -> list[Outcome]:
        """How the tests end by a changed spec."""
        return [
            outcome(program, t, table) for t, table in zip(self.program.tests, self.tables(program)[0], strict=True)
        ]

    def verdicts(self, program: ir.Program) -> list[tuple[str, tuple[str, ...]]]:
        """Verdict and defects of each stored table."""
        stored = self.tables(program)[1]
        return [_verdict(image) for image in report(program, stored).images] if len(stored.images) else []

    def run(self, progress: Progress = lambda done, total: None) -> None:
        """Try every change."""
        wanted = self.verdicts(self.program)
        good = [o.ok for o in self.outcomes(self.program)]
        left: list[tuple[Mutant, ir.Program]] = []
        every = list(mutants(self.source, self.program))
        seen = {self.program.hash}
        # of the relations in a row that a word may be exchanged for, one is enough
        groups = [list(g) for _, g in groupby(every, key=lambda m: (m.start, m.kind))]
        for number, group in enumerate(groups):
            progress(number, len(groups) + len(left))
            taken = 0
            for mutant in group:
                program = self._compiled(mutant)
                if program is None or program.hash in seen or (mutant.kind == "word" and taken):
                    continue
                seen.add(program.hash)
                taken += 1
                if [o.ok for o in self.outcomes(program)] != good or self.verdicts(program) != wanted:
                    self.noticed += 1
                else:
                    left.append((mutant, program))
        self._search(left, len(groups), progress)

    def _compiled(self, mutant: Mutant) -> ir.Program | None:
        """The program of a changed spec without its tests; None if it has a mistake."""
        text = self._without_tests(mutant.text)
        try:
            return compile_spec(Source(self.source.path, text), self.params)
        except SpecError:
            return None

    def _without_tests(self, text: str) -> str:
        words, _ = lex(Source(self.source.path, text), Bag())
        for chunk in reversed(split(words)):
            if chunk.words and chunk.words[0].text == "test":
                start, end = chunk.words[0].span.start, chunk.words[-1].span.end
                blank = re.sub(r"[^\n]", " ", text[start:end])  # lines keep their numbers
                text = text[:start] + blank + text[end:]
        return text

    def _search(self, left: Sequence[tuple[Mutant, ir.Program]], done: int, progress: Progress) -> None:
        """Look for a table that would notice each change."""
        scenes, stored = self.tables(self.program)
        given = [*scenes, *([stored] if len(stored.images) else [])]
        around = Search((self.program,), given, self.seed, self.effort)
        pool = around.neighbours() if left else None
        for number, (mutant, program) in enumerate(left):
            progress(done + number, done + len(left))
            assert pool is not None
            good = around.good(self.program)
            pair = Pair(
                self.program, program, Search((self.program, program), [*given, good], self.seed, self.effort / 2)
            )
            found, _ = pair.differing(pool)
            other = pair.labelled(pool) if found is None else None
            witness = pair.small(found) if found is not None else None
            witness = pair.small(other, defects=True) if other is not None else witness or pair.witness()[1]
            self.survivors.append(Survivor(mutant, witness))
        progress(done + len(left), done + len(left))


def _verdict(image: ImageReport) -> tuple[str, tuple[str, ...]]:
    return image.verdict, tuple(sorted(image.labels))
