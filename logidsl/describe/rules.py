"""Rules, variants and tests in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from logidsl import ir
from logidsl.describe.phrase_table import Book
from logidsl.describe.phrases import Level, Noun, Value, enumerated, held
from logidsl.describe.sentence import Sentence

#: Our own words at the start of a sentence; anything else is a name, which keeps its spelling.
OPENERS = frozenset(
    [
        "all",
        "at",
        "character",
        "for",
        "in",
        "over",
        "the",
        "there",
        "every",
        "either",
        "if",
        "it",
        "what",
        "exactly",
        "minus",
    ]
) | {"number"}


def rules(book: Book) -> Iterator[Sentence]:
    """What must hold."""
    owner = {name: v for v in book.program.variants for name in v.rules}
    chooses = bool(book.program.variants)
    for rule in book.program.rules:
        node = rule.node
        found = book.program.nodes[node]
        if chooses and isinstance(found, ir.Call) and found.fn == "one_variant":
            continue  # said with the variants
        variant = owner.get(rule.name)
        if variant is not None and isinstance(found, ir.Call) and found.args[:1] == (variant.node,):
            node = found.args[1]
        where = f"in the variant {variant.name}, " if variant is not None and node != rule.node else ""
        words = sentence(book, rule, node, where)
        kind = "cardinality" if rule.cardinality else "rule"
        yield Sentence(kind, rule.name, words, rule.span.line, rule.span.path)
    for several in book.program.batch_rules:
        pictures = "" if several.last is None else f"the last {several.last} pictures of "
        words = sentence(book, several, several.node, f"over {pictures}each {several.over}, ")
        yield Sentence("rule", several.name, words, several.span.line, several.span.path)


def sentence(book: Book, rule: ir.Rule, node: int, where: str) -> str:
    """A rule, where it applies, with the names of its violations."""
    found = book.truth(node)
    about = [f"{'object' if rule.cardinality else 'rule'} {rule.name}"]
    about += [rule.anomaly] if rule.anomaly and not rule.cardinality else []
    quoted = f': "{rule.about}"' if rule.about else ""
    note = f" ({', '.join(about)}{quoted})"
    if found.parts and any(p.level > Level.TERM for p in found.parts):
        head = "all of this" if found.word == "and" else "at least one of these"
        body = "".join(f"\n- {p.must}{'.' if p is found.parts[-1] else ';'}" for p in found.parts)
        said = f"{opened(book, f'{where}{head} must hold')}{note}:{body}\n"
        return (said + " ".join(_outcomes(book, rule))).rstrip()
    return " ".join([f"{opened(book, f'{where}{found.must}')}{note}.", *_outcomes(book, rule)])


def opened(book: Book, text: str) -> str:
    """A text as the start of a sentence; a name keeps its spelling."""
    first = text.split(" ", 1)[0]
    ours = first in OPENERS and first not in book.names
    return text[:1].upper() + text[1:] if ours else text


def _outcomes(book: Book, rule: ir.Rule) -> list[str]:
    """The label, severity and message of a violation."""
    few, many = ("Too few", "too many") if _counts(book, rule.node) else ("Too low", "too high")
    said = []
    low, high, defect = (_label(book, o) for o in (rule.low, rule.high, rule.defect))
    if low and high:
        said.append(f"{few} is {low}, {many} is {high}.")
    elif low or high:
        said.append(f"{few if low else many.capitalize()} is {low or high}.")
    if defect:
        said.append(f"{'Any other' if low or high else 'A'} violation is {defect}.")
    if rule.severity:
        said.append(f"Its severity is {rule.severity}.")
    if rule.verdict == "review":
        said.append("A violation asks for review and does not reject the picture.")
    if rule.message:
        said.append(f'The message is "{rule.message}".')
    return said


def _label(book: Book, outcome: ir.Outcome | None) -> str:
    if outcome is None:
        return ""
    if outcome.node is None:
        return f"called {outcome.label}"
    return f"named by {_cases(book, outcome.node)}"


def _cases(book: Book, node: int) -> str:
    """A label by case."""
    return book.value(node).text.removeprefix("what follows from ")


def _counts(book: Book, node: int) -> bool:
    """Whether the comparison under the `every`s of a rule is of a count."""
    nodes = book.program.nodes
    while True:
        match nodes[node]:
            case ir.Quantifier(body=int(body)):
                node = body
            case ir.Call(fn="if", args=(_, then)):
                node = then
            case ir.Call(args=(first, *_)):
                return nodes[first].type.dim == "count"
            case _:
                return False


def variants(book: Book) -> Iterator[Sentence]:
    """When each variant applies."""
    found = book.program.variants
    for v in found:
        when = "when no other variant does" if v.otherwise else f"when {book.truth(v.node).text}"
        rest = f" It brings the rules {enumerated(v.rules)}." if v.rules else ""
        yield Sentence("variant", v.name, f"The variant {v.name} applies {when}.{rest}", v.span.line, v.span.path)
    if found:
        words = "Where none of the variants applies, or more than one, the picture goes to review."
        yield Sentence("variant", "", words, found[0].span.line, found[0].span.path)


def tests(book: Book) -> Iterator[Sentence]:
    """What the tests inside the spec expect."""
    for t in book.program.tests:
        expects = "; ".join(_expected(e) for e in t.expects)
        yield Sentence("test", t.title, f'Test "{t.title}": {_scene(book, t)}: {expects}.', t.span.line, t.span.path)


def _expected(e: ir.Expect) -> str:
    if e.defect is not None:
        return f"the defect {e.defect} is expected"
    of = f" of {'the rule' if len(e.rules) == 1 else 'each of the rules'} {enumerated(e.rules)}" if e.rules else ""
    return f"{e.verdict}{of} is expected"


def _scene(book: Book, t: ir.TestCase) -> str:
    if t.file is not None:
        return f'on "{t.file}"'
    from logidsl.describe.numbers import decimal

    head = f"on an empty picture of {decimal(t.width)} px by {decimal(t.height)} px"
    puts = [_put(book, p) for p in t.puts]
    return f"{head} with {', '.join(puts)}" if puts else head


def _put(book: Book, p: ir.Put) -> str:
    x0, y0, x1, y1 = (held(_value(book, n), Level.ATOM) for n in p.box)
    given = [f"; {book.attribute(k)} {held(_value(book, v), Level.SUM)}" for k, v in sorted(p.values.items())]
    more = "".join(given)
    return f"one {p.name} (from ({x0}, {y0}) to ({x1}, {y1}){more})"


def _value(book: Book, node: int) -> Value:
    found = book.phrases[node]
    return Value(found.many) if isinstance(found, Noun) else book.value(node)
