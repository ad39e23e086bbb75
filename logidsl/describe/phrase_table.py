"""The state while a program's phrases are made: the phrases so far, and the names in use."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from logidsl import ir
from logidsl.describe.names import plurals, spoken, titles
from logidsl.describe.phrases import Condition, Noun, Phrase, Value
from logidsl.library import REGISTRY, builtins


@dataclass
class Book:
    """The phrases of a program, by the number of the node.

    Parameters
    ----------
    program : Program
        The described program.
    titles : dict
        What walked objects are called.
    spoken : set of int
        Iterated objects that a label or a further sentence mentions.
    plurals : dict
        Of classes, sets and grids.
    phrases : list of Phrase
        Those made so far.
    unworded : list of str
        Operators and builtins that have no words; nothing of the language is among them, and a test sees to it.
    """

    program: ir.Program
    titles: dict[int, str]
    spoken: frozenset[int]
    plurals: dict[str, str]
    phrases: list[Phrase] = field(default_factory=list)
    unworded: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, program: ir.Program) -> Book:
        """An empty book."""
        return cls(program, titles(program), spoken(program), plurals(program))

    def value(self, node: int) -> Value:
        """A node as a value; a truth in parentheses, a set by its members."""
        match self.phrases[node]:
            case Value() as found:
                return found
            case Condition(text=text):
                return Value(f"({text})")
            case Noun(many=many):
                return Value(f"the {many}")

    def truth(self, node: int) -> Condition:
        """A node as a condition."""
        found = self.phrases[node]
        if isinstance(found, Condition):
            return found
        text = found.many if isinstance(found, Noun) else found.text
        return Condition(f"{text} holds", f"{text} must hold")

    def noun(self, node: int) -> Noun:
        """A node as a set."""
        found = self.phrases[node]
        if isinstance(found, Noun):
            return found
        text = found.text
        return Noun(f"region ({text})", f"regions ({text})")

    def attribute(self, name: str) -> str:
        """The noun of an attribute; a declared one that reads like a builtin is marked."""
        entry = REGISTRY.get(("attribute", name))
        if entry is not None:
            return entry.english or name
        return f"`{name}`" if name in self._nouns else name

    @cached_property
    def _nouns(self) -> frozenset[str]:
        return frozenset(entry.english for entry in builtins("attribute").values())

    @cached_property
    def names(self) -> frozenset[str]:
        """The names in the program."""
        return frozenset(n.ref for n in self.program.nodes if isinstance(n, ir.Name))

    def missing(self, what: str) -> None:
        """Note that something has no words."""
        self.unworded.append(what)
