"""`match`: incomplete ones, and unreachable cases."""

from __future__ import annotations

from collections.abc import Iterator

from logidsl import ir
from logidsl.diagnostics import Diagnostic
from logidsl.library.comparisons import Equal, InRange, OneOf
from logidsl.library.intervals import Interval
from logidsl.lint import warnings
from logidsl.lint.known_facts import KnownFacts
from logidsl.lint.places import Spec, short
from logidsl.lint.reason import Reasoner
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.walk import walk

COUNTED = 1000  # counts up to this are looked at one by one


class Cases:
    """The matches of a spec.

    Parameters
    ----------
    spec : Spec
        The spec.
    reason : Reasoner
        Answers for its program.
    """

    def __init__(self, spec: Spec, reason: Reasoner) -> None:
        self.spec, self.program, self.reason = spec, spec.program, reason
        self.open = {n.span for s in spec.own for n in walk(s) if isinstance(n, ast.MatchExpr) and _says_unknown(n)}
        self.promises = self._promises()
        self.outcomes: dict[int, ir.Rule] = {}
        for rule in self.program.rules:
            for outcome in (rule.defect, rule.low, rule.high):
                if outcome is not None and outcome.node is not None:
                    self.outcomes[outcome.node] = rule

    def find(self) -> Iterator[Diagnostic]:
        """All findings about the matches of the file itself."""
        for number, node in enumerate(self.program.nodes):
            if isinstance(node, ir.Match):
                span = self.spec.span(node.span)
                if span.source is self.spec.source:
                    yield from self._unreachable(node)
                    if node.otherwise is None and span not in self.open:
                        yield from self._uncovered(number, node, span)

    # ---- cover --------------------------------------------------------------------------------------

    def _uncovered(self, number: int, node: ir.Match, span: Span) -> Iterator[Diagnostic]:
        subject = self.program.nodes[self.reason.resolved(node.subject)]
        patterns = [self.program.nodes[p] for arm in node.arms for p in arm.patterns]
        missing: str | None = None
        match subject.type.kind:
            case "label" | "color":
                missing = self._labels(node.subject, patterns)
            case "number" if subject.type.dim != "angle":
                missing = self._numbers(number, node)
            case "text" | "list":
                missing = "any other value"
        if missing:
            yield warnings.uncovered(self.spec.words(node.subject), missing, span, number in self.outcomes)

    def _labels(self, subject: int, patterns: list[ir.Node]) -> str | None:
        """Labels, or colours of the palette, without a case; None if all have one."""
        named = {p.value for p in patterns if isinstance(p, ir.Literal_)}
        column = self.program.nodes[self.reason.resolved(subject)]
        if column.type.kind == "color":
            known = [c.name for c in self.program.colors]
        elif column.type.domain == "class":
            known = self._classes(column)
        else:
            known = next((list(a.labels) for a in self.program.attributes if a.name == column.type.domain), [])
        missing = [k for k in known if k not in named]
        promised = self.promises.get(self.program.marks[self.reason.resolved(subject)])
        if not missing or (promised is not None and promised <= named):
            return None
        return ", ".join(f"`{m}`" for m in missing[:6]) + (f" and {len(missing) - 6} more" if len(missing) > 6 else "")

    def _classes(self, column: ir.Node) -> list[str]:
        """The possible classes of a column's object, if that is clear."""
        each = self.program.nodes[column.of] if isinstance(column, ir.Column) else None
        if not isinstance(each, ir.Binder):
            return []
        source = self.program.nodes[each.source]
        parts = [self.program.nodes[a] for a in source.args] if isinstance(source, ir.Call) else [source]
        names = [p.ref for p in parts if isinstance(p, ir.Name) and p.thing == "class"]
        return names if len(names) == len(parts) else []

    def _promises(self) -> dict[str, set[object]]:
        """The labels to which a rule restricts a value, by the value."""
        found: dict[str, set[object]] = {}
        for rule in self.program.rules:
            node = self._innermost(rule.node)
            match ir.comparison(node):
                case OneOf(of, options):
                    pass
                case Equal(of, option):
                    options = (option,)
                case _:
                    continue
            literals = [n for o in options if isinstance(n := self.program.nodes[o], ir.Literal_)]
            if len(literals) == len(options):
                found.setdefault(self.program.marks[self.reason.resolved(of)], {n.value for n in literals})
        return found

    def _innermost(self, number: int) -> ir.Node:
        """The condition on every member of a set, below any number of `every`s without filters."""
        node = self.program.nodes[number]
        while isinstance(node, ir.Quantifier) and node.fn == "every" and node.where is None and node.body is not None:
            node = self.program.nodes[node.body]
        return node

    def _numbers(self, number: int, node: ir.Match) -> str | None:
        """Possible numbers without a case; None if all have one."""
        found = self.reason.range(node.subject, self.reason.base)
        ranges = [r for arm in node.arms for p in arm.patterns if (r := self._pattern(p)) is not None]
        if len(ranges) < sum(len(a.patterns) for a in node.arms):
            return None
        subject = self.program.nodes[self.reason.resolved(node.subject)]
        if subject.type.dim == "count":
            return self._counts(number, node.subject, ranges, found)
        left = found.low
        for r in sorted(ranges, key=lambda r: r.low):
            if r.low > left:
                break
            left = max(left, r.high)
        return None if left >= found.high else "any other value"

    def _counts(self, number: int, subject: int, ranges: list[Interval], found: Interval) -> str | None:
        """Possible counts without a case, where one is needed."""
        top = int(max([r.high for r in ranges if r.high < COUNTED], default=0)) + 1
        low = int(max(found.low, 0.0))
        free = [v for v in range(low, top) if v <= found.high and not any(r.low <= v <= r.high for r in ranges)]
        missing = [str(v) for v in free if self._matters(number, subject, Interval(float(v), float(v)))]
        tail = next(
            (v for v in range(top, top + 5) if self._matters(number, subject, Interval(float(v), float(v)))), None
        )
        if tail is not None and tail <= found.high and not any(r.high >= COUNTED for r in ranges):
            missing.append(f"{tail} or more" if tail < found.high else str(tail))
        return ", ".join(missing[-6:]) or None

    def _matters(self, number: int, subject: int, known: Interval) -> bool:
        """Whether a subject with this value needs a case: for a label only if the rule is violated."""
        rule = self.outcomes.get(number)
        return rule is None or self.reason.truth(rule.node, KnownFacts({self.reason.key(subject): known}))[1]

    def _pattern(self, number: int) -> Interval | None:
        said = ir.comparison(self.program.nodes[number])
        if isinstance(said, InRange):
            low, high = self.reason.limit(said.low), self.reason.limit(said.high)
            if low is None or high is None or low[0] or high[0]:
                return None
            return Interval(low[1], high[1])
        fixed = self.reason.limit(number)
        return None if fixed is None or fixed[0] else Interval(fixed[1], fixed[1])

    # ---- cases that are never chosen ----------------------------------------------------------------

    def _unreachable(self, node: ir.Match) -> Iterator[Diagnostic]:
        seen: list[tuple[str, Interval | None, Span]] = []
        numbers = self.program.nodes[node.subject].type.kind == "number"
        angle = self.program.nodes[node.subject].type.dim == "angle"
        possible = self.reason.range(node.subject, self.reason.base) if numbers else None
        for arm in node.arms:
            for p in arm.patterns:
                span = self.spec.span(self.program.nodes[p].span)
                known = self._pattern(p) if numbers and not angle else None
                mark = self.program.marks[p]
                first = next((s for m, r, s in seen if m == mark or _within(known, r)), None)
                if first is not None:
                    yield warnings.unreachable(short(span.text), "an earlier case covers it", span, first)
                elif known is not None and possible is not None and possible.meet(known).empty:
                    words = self.spec.words(node.subject)
                    yield warnings.unreachable(short(span.text), f"`{words}` never has this value", span)
                seen.append((mark, known, span))


def _within(inner: Interval | None, outer: Interval | None) -> bool:
    return inner is not None and outer is not None and outer.low <= inner.low and inner.high <= outer.high


def _says_unknown(node: ast.MatchExpr) -> bool:
    """Whether a match explicitly sends the remaining values to review."""
    return any(not arm.patterns and isinstance(arm.value, ast.Ref) and arm.value.name == "unknown" for arm in node.arms)
