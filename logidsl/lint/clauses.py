"""Analysis of rules: those that can never fail or pass, that contradict each other, parts without effect, directions
that never apply.
"""

from __future__ import annotations

from collections.abc import Iterator

from logidsl import ir
from logidsl.diagnostics import Diagnostic
from logidsl.library.comparisons import AtMost, Equal, InRange, Less
from logidsl.library.intervals import Interval
from logidsl.lint import warnings
from logidsl.lint.known_facts import Entry, Facts, KnownFacts, Stated
from logidsl.lint.places import Spec, short
from logidsl.lint.reason import Reasoner
from logidsl.source import Span
from logidsl.syntax import ast


class Clauses:
    """The rules of a spec, and the facts about each.

    Parameters
    ----------
    spec : Spec
        The spec.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec, self.program = spec, spec.program
        self.reason = Reasoner(self.program)
        self.rules = [r for r in self.program.rules if r.name != "one_variant"]
        self.variants = [spec.variant_of.get(r.name) for r in self.rules]
        self.bodies = [self._body(r, v) for r, v in zip(self.rules, self.variants, strict=True)]

    def _body(self, rule: ir.Rule, variant: str | None) -> int:
        """The condition of a rule, without its variant's."""
        node = self.program.nodes[rule.node]
        if variant is not None and isinstance(node, ir.Call) and node.fn == "if":
            return node.args[1]
        return rule.node

    def who(self, k: int) -> str:
        """What a rule is called in a message."""
        rule = self.rules[k]
        return f"`object {short(rule.span.text)}`" if rule.cardinality else f"rule `{rule.name}`"

    def span(self, k: int) -> Span:
        """The words of a rule's condition."""
        return self.spec.span(self.program.nodes[self.bodies[k]].span)

    def own(self, k: int) -> bool:
        """Whether a rule stands in the file itself."""
        return self.span(k).source is self.spec.source

    def find(self) -> Iterator[Diagnostic]:
        """Everything there is to say of the rules."""
        settled: set[int] = set()
        for k, body in enumerate(self.bodies):
            true, false = self.reason.truth(body, self.reason.base)
            if true and false:
                continue
            settled.add(k)
            if self.own(k):
                say = (
                    warnings.never_decided
                    if not (true or false)
                    else warnings.never_passes
                    if false
                    else warnings.never_fails
                )
                yield say(self.who(k), self.span(k), self.spec.words(body))
        yield from self._twice(settled)
        yield from self._contradictions(settled)
        yield from self._absent(settled)
        for k, body in enumerate(self.bodies):
            if k not in settled and self.own(k):
                yield from self._idle(body, self.reason.base)
                yield from self._directions(k)
        yield from self._empty()
        yield from self._tests()

    # ---- two rules ----------------------------------------------------------------------------------

    def _twice(self, settled: set[int]) -> Iterator[Diagnostic]:
        seen: dict[tuple[str, str | None], int] = {}
        for k, body in enumerate(self.bodies):
            first = seen.setdefault((self.program.marks[body], self.variants[k]), k)
            if first != k and k not in settled and self.own(k):
                yield warnings.said_twice(self.who(k), self.who(first), self.span(k), self.span(first))

    def _contradictions(self, settled: set[int]) -> Iterator[Diagnostic]:
        """Rules that no picture satisfies together: by their ranges for one quantity, or by deduction."""
        entries = self._stated(settled)
        reason = Reasoner(self.program, subsets=True)
        for k, body in enumerate(self.bodies):
            if k in settled:
                continue
            partner = self._partner(k, entries)
            if partner is not None:
                if partner < k:  # once for both
                    yield self._contradiction(k, partner)
                continue
            given = Stated(entries=entries, rule=k, variant=self.variants[k])
            if reason.truth(body, given) == (False, True):
                alone = next((p for p in self._others(k, settled) if self._excludes(reason, k, p, entries)), None)
                yield self._contradiction(k, alone)

    def _contradiction(self, k: int, partner: int | None) -> Diagnostic:
        if partner is None:
            return warnings.contradiction(self.who(k), "the other rules", self.span(k), None)
        return warnings.contradiction(self.who(k), self.who(partner), self.span(k), self.span(partner))

    def _stated(self, settled: set[int]) -> dict[str, list[Entry]]:
        entries: dict[str, list[Entry]] = {}
        for k, body in enumerate(self.bodies):
            if k not in settled:
                for key, known in self.reason.facts(body).items():
                    entries.setdefault(key, []).append(Entry(k, known, self.variants[k]))
        return entries

    def _partner(self, k: int, entries: dict[str, list[Entry]]) -> int | None:
        """A rule whose range for one quantity excludes this one's."""
        for key, known in self.reason.facts(self.bodies[k]).items():
            if "|" in key:  # of every member of a set, which may be empty
                continue
            for entry in entries.get(key, ())[:50]:
                apart = entry.variant is not None and self.variants[k] is not None and entry.variant != self.variants[k]
                both = known.meet(entry.known)
                if entry.rule != k and not apart and (both.whole() if key.startswith("count:") else both).empty:
                    return entry.rule
        return None

    def _others(self, k: int, settled: set[int]) -> Iterator[int]:
        others = [p for p in range(len(self.rules)) if p != k and p not in settled]
        return iter(others[:100])

    def _excludes(self, reason: Reasoner, k: int, partner: int, entries: dict[str, list[Entry]]) -> bool:
        """Whether one rule alone prevents another from passing."""
        alone = {key: [e for e in found if e.rule == partner] for key, found in entries.items()}
        given = Stated(entries={key: found for key, found in alone.items() if found}, rule=k, variant=self.variants[k])
        return not reason.truth(self.bodies[k], given)[0]

    # ---- what may be missing ------------------------------------------------------------------------

    def _absent(self, settled: set[int]) -> Iterator[Diagnostic]:
        """Rules that cannot pass if an optional object is absent, because they are undefined, while no rule fails."""
        entries, marks = self._stated(settled), self._marks_of_names()
        speaking = self._speaking(settled)
        declared: list[ir.ClassDecl | ir.SetDecl] = [*self.program.classes, *self.program.sets]
        for decl in declared:
            if not decl.single or decl.name not in marks:
                continue
            none = {f"count:{m}:": Interval(0.0, 0.0) for m in marks[decl.name]}
            kept = {key: entries.pop(key) for key in none if key in entries}
            stuck = [k for k in speaking.get(decl.name, ()) if not self._passes(k, none, entries)]
            self.reason.blind = True  # a rule that still cannot pass fails: the object is required
            asked = [k for k in stuck if not self._passes(k, none, entries)]
            self.reason.blind = False
            entries |= kept
            for k in [] if asked else stuck:
                if self.own(k):
                    yield warnings.may_be_absent(self.who(k), decl.name, self.span(k))

    def _passes(self, k: int, own: Facts, entries: dict[str, list[Entry]]) -> bool:
        """Whether a rule can pass given some facts and the other rules."""
        given = Stated(own=own, entries=entries, rule=k, variant=self.variants[k])
        return self.reason.truth(self.bodies[k], given)[0]

    def _marks_of_names(self) -> dict[str, set[str]]:
        """The digests that identify each declared class or set."""
        found: dict[str, set[str]] = {}
        for number, node in enumerate(self.program.nodes):
            if isinstance(node, ir.Name) and node.thing in ("class", "set"):
                found.setdefault(node.ref, set()).add(self.program.marks[number])
        return found

    def _speaking(self, settled: set[int]) -> dict[str, list[int]]:
        """The rules, outside of variants, that refer to each class or set, also through a `let`."""
        found: dict[str, list[int]] = {}
        nodes = self.program.nodes
        for k, body in enumerate(self.bodies):
            if self.variants[k] is None and k not in settled:
                for name in {n.ref for i in ir.below(nodes, [body]) if isinstance(n := nodes[i], ir.Name)}:
                    found.setdefault(name, []).append(k)
        return found

    # ---- within one rule ----------------------------------------------------------------------------

    def _idle(self, number: int, given: KnownFacts) -> Iterator[Diagnostic]:
        """Parts of a condition that are always or never true."""
        reason, node = self.reason, self.program.nodes[number]
        parts: list[tuple[int, KnownFacts]] = []
        match node:
            case ir.Call(fn="and" | "or" | "not", args=args):
                parts = [(a, given) for a in args]
            case ir.Call(fn="if", args=(condition, then, *rest)):
                parts = [(condition, given), (then, KnownFacts(reason.facts(condition), given))]
                parts += [(r, given) for r in rest]
            case ir.Quantifier():
                parts = [] if node.where is None else [(node.where, KnownFacts({}, given))]
                parts += [] if node.body is None else [(node.body, reason.inside(node, given))]
            case ir.Aggregate(where=int() as where):
                parts = [(where, KnownFacts({}, given))]
            case ir.Match(arms=arms):
                parts = [(a.value, given) for a in arms]
        if isinstance(node, ir.Call) and node.fn not in ("and", "or", "not", "if"):
            parts = [(a, given) for a in node.args if isinstance(self.program.nodes[a], ir.Aggregate)]
        for part, scope in parts:
            if self.program.nodes[part].type.kind != "truth":
                yield from self._idle(part, scope)
                continue
            true, false = reason.truth(part, scope)
            if true != false:
                yield warnings.idle_part(self.spec.words(part), true, self.spec.span(self.program.nodes[part].span))
            else:
                yield from self._idle(part, scope)

    def _directions(self, k: int) -> Iterator[Diagnostic]:
        """`low` and `high` that are never said."""
        rule, number = self.rules[k], self.bodies[k]
        given = self.reason.base
        while isinstance(node := self.program.nodes[number], ir.Quantifier) and node.body is not None:
            number, given = node.body, self.reason.inside(node, given)
        if not isinstance(node, ir.Call) or not (rule.low or rule.high):
            return
        low, high = True, True
        match ir.comparison(node):
            case Less(a, _) | AtMost(a, _):
                low, high = a != node.args[0], a == node.args[0]
            case Equal(a, b):
                low, high = self._beside(a, b, b, given)
            case InRange(a, first, last):
                low, high = self._beside(a, first, last, given)
        words = self.spec.words(number)
        for word, outcome, said in (("low", rule.low, low), ("high", rule.high, high)):
            if outcome is not None and not said:
                yield warnings.idle_direction(word, words, self._outcome(k, word) or self.span(k))

    def _beside(self, a: int, first: int, last: int, given: KnownFacts) -> tuple[bool, bool]:
        """Whether a value can be below the first limit, and above the last."""
        if any(self.program.nodes[n].type.dim in ("angle", None) for n in (a, first, last)):
            return True, True
        return self.reason.order(Less(a, first), given)[0], self.reason.order(Less(last, a), given)[0]

    def _outcome(self, k: int, word: str) -> Span | None:
        for s in self.spec.own:
            if isinstance(s, ast.Rule | ast.Object | ast.Derived) and s.name.name == self.rules[k].name:
                if isinstance(s, ast.Rule) == bool(self.rules[k].cardinality):
                    continue
                found = next((o.span for o in s.outcomes if o.word == word), None)
                if found is not None:
                    return found
        return None

    # ---- sets and tests -----------------------------------------------------------------------------

    def _empty(self) -> Iterator[Diagnostic]:
        """Declared sets, and blobs, that are always empty."""
        declared: list[ir.ClassDecl | ir.SetDecl | ir.Blobs] = [
            *self.program.classes,
            *self.program.sets,
            *self.program.blobs,
        ]
        for decl in declared:
            if decl.where is None or self.reason.truth(decl.where, self.reason.base)[0]:
                continue
            span = self.spec.span(self.program.nodes[decl.where].span)
            if span.source is self.spec.source:
                yield warnings.always_empty(decl.name, self.spec.words(decl.where), span)

    def _tests(self) -> Iterator[Diagnostic]:
        """Tests that expect an empty picture to pass although a rule requires an object."""
        named = [
            i for i, n in enumerate(self.program.nodes) if isinstance(n, ir.Name) and n.thing in ("raw", "class", "set")
        ]
        empty = KnownFacts({f"count:{self.program.marks[i]}:": Interval(0.0, 0.0) for i in named})
        for s in self.spec.own:
            if not isinstance(s, ast.Test) or s.size is None or s.puts:
                continue
            for e in s.expects:
                if e.verdict is None or e.verdict.name != "pass":
                    continue
                asked = {r.name for r in e.rules}
                for k in range(len(self.rules)):
                    wanted = self.rules[k].name in asked if asked else self.variants[k] is None
                    if wanted and not self.reason.truth(self.bodies[k], empty)[0]:
                        yield warnings.hopeless_test(s.title.value, self.who(k), e.span, self.span(k))
                        return
