"""The draft as a person would have written it: grouped by what rules are about, named, with their support."""

from __future__ import annotations

import re
from collections.abc import Sequence

from logidsl.infer.candidates import KEYWORDS, Rule
from logidsl.infer.vocabulary import Vocabulary
from logidsl.library import REGISTRY
from logidsl.source import Source
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import parse
from logidsl.syntax.tables import reserved_words

_COUNT = re.compile(r"count\((\w+)\) (?:= (\d+)|in (\d+ \.\. \d+)|<= (\d+)|>= (\d+))")
#: `count(bolt …) …`, alone, in each cell or in each member: what is counted is missing, or one too many.
_COUNTED = re.compile(
    r"^(?:every [^:]+: )?count\((\w+)(?: (?:inside|touches|where) [^()|]*)?\) (=|in|<=|>=) (\d+|match)"
)
_IN_CELL = re.compile(
    r"every cells_\w+ g(?: where (?P<axis>row|col) = (?P<number>\d+))?: count\(\(?(?P<set>[^()]*?)\)? inside g\) .*"
)
_DIFFERENCE = re.compile(r"((?:2 \* )?count\([^()]*\)) - ((?:2 \* )?count\([^()]*\)) (=|<=|>=) 0$")
#: Operations that count, with what asks for any.
_NUMBERS = frozenset(["some", *(name for (_, name), entry in REGISTRY.items() if entry.result == "count")])
#: Operations that say where something is, and words of the language that tell nothing in a name.
_PLACES = frozenset(
    name
    for (group, name), entry in REGISTRY.items()
    if group == "relation" or (group != "aggregate" and (entry.coordinate or entry.apart))
)
_SKIPPED = frozenset([*KEYWORDS, "px", "px2", "deg", "else", "none", "is"]) - {"no", "some", "max", "min", "count"}
_MOST_WORDS, _LONGEST = 5, 40


def drafted(v: Vocabulary, rules: Sequence[Rule], parts: int) -> str:
    """The text of a draft: the spec that it completes, declarations, and rules by topic.

    Parameters
    ----------
    v : Vocabulary
    rules : sequence of Rule
    parts : int
        How many good parts they hold on.
    """
    numbers, others = dict[str, tuple[str, Rule]](), list[Rule]()
    for rule in rules:
        said = _COUNT.fullmatch(rule.clause)
        if said and said[1] in v.declared.classes and said[1] not in numbers:
            exact, between, most, least = said.groups()[1:]
            words = exact or between or (f"at most {most}" if most else f"at least {least}")
            numbers[said[1]] = (words, rule)
        else:
            others.append(rule)
    taken = {*v.names, *numbers}
    lines = [f"# Inferred from {parts} good parts, on all of which every rule holds."]
    lines += v.declarations({c: words for c, (words, _) in numbers.items()}, " ".join(r.clause for r in others))
    if not v.has_unlisted:
        name = _free("stranger", taken)
        lines.append(f"object {name} = unlisted(): 0    defect unknown_object")
    for topic in dict.fromkeys(r.topic for r in others):
        lines.append("")
        for rule in (r for r in others if r.topic == topic):
            name, label = _free(_name(rule.clause), taken), _label(rule)
            lines += [f"# {rule.reason}", f"rule {name}: {_plain(rule.clause)}    {label}"]
    before = f"{v.own.text.rstrip()}\n\n" if v.own is not None and v.own.text.strip() else ""
    source = Source("draft.logic", "\n".join(lines) + "\n")
    return before + format_file(parse(source)[0], source)


def _plain(clause: str) -> str:
    """A difference that is zero as an equation: `count(bolt) - count(nut) = 0` is `count(bolt) = count(nut)`."""
    return _DIFFERENCE.sub(r"\1 \3 \2", clause)


def _name(clause: str) -> str:
    """A name from the words of a clause: `every bolt: length in …` is `bolt_length`."""
    cell = _IN_CELL.fullmatch(clause)
    if cell is not None:
        what, place = _words(cell["set"]), f"in_{cell['axis']}_{cell['number']}" if cell["axis"] else "per_cell"
        return f"{what}_{place.replace('_col_', '_column_')}"
    counted = re.fullmatch(r"count\(([^()]*)\) [^(]*", clause)
    return f"{_words(counted[1])}_count" if counted else _words(clause) or "rule"


def _words(text: str) -> str:
    """The telling words of a text, in snake case."""
    bare = re.sub(r"(?:=|<=|>=|in) (?:-?[\d.]|\[|match).*$", " ", text)
    words = [w for w in re.findall(r"[^\W\d]\w*", bare.lower()) if w not in _SKIPPED]
    made = "_".join(dict.fromkeys(words[:_MOST_WORDS]))[:_LONGEST].strip("_")
    return made if made.isidentifier() else ""


def _label(rule: Rule) -> str:
    """Defect labels by what a rule is about: a count, a place, a text or colour, or else a size."""
    counted = _COUNTED.search(rule.clause)
    if counted:
        low = "" if counted[2] == "<=" or counted[3] == "0" else f"low missing_{counted[1]}"
        high = "" if counted[2] == ">=" else f"high additional_{counted[1]}"
        return f"{low}  {high}".strip()
    words = set(re.findall(r"[^\W\d]\w*", rule.clause))
    if words & _NUMBERS:
        return f"defect wrong_{rule.topic}_count"
    if words & _PLACES:
        return f"defect misplaced_{rule.topic}"
    return f"defect misshapen_{rule.topic}" if rule.seen else f"defect wrong_{rule.topic}"


def _free(name: str, taken: set[str]) -> str:
    """A name that nothing else has."""
    found, number = name, 2
    while found in taken or found in reserved_words():
        found, number = f"{name}_{number}", number + 1
    taken.add(found)
    return found
