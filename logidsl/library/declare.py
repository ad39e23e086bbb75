"""Declaring builtins: one decorated function holds everything that any part of the program needs.

Owns `Builtin`, the decorators and the registry. A declaration gives name, parameters, result, a sentence of
documentation and a tested example; the function is the kernel. The checker reads the signature, the evaluator calls the
kernel, the reference is generated from the sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal, TypeAlias, TypeVar

from logidsl.library.comparisons import Comparison
from logidsl.library.intervals import Ends, Interval
from logidsl.library.signatures import Parameter, parsed
from logidsl.types import Type

F = TypeVar("F", bound=Callable[..., object])
Group = Literal["operator", "function", "aggregate", "relation", "attribute", "step", "source", "pixel", "key"]
Empty = Literal["zero", "undefined", "value"]
#: Given the wanted result and the current bounds of the operands, returns ways to reach it, most natural first: for
#: each operand its wanted value, or None to keep it. An aggregate's operands are its members' values.
Invert: TypeAlias = Callable[[Interval, Sequence[Ends]], Iterable[Sequence[Interval | None]]]


def unmade(*arguments: Any) -> Any:
    """The placeholder for the kernel of a builtin without one."""
    raise TypeError("this builtin has no kernel")


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """A builtin: its facets. A missing facet has a safe default.

    Parameters
    ----------
    name : str
        As written in a spec.
    group : str
        `operator`, `function` (of values of the same rows), `aggregate` (closes a set), `relation` (a word between
        two), `attribute`, `step`, `source` (rows of a class, where a picture is seen), `pixel` (a function of
        pixels, in a `blobs` condition), `key` (of an order, made from all members).
    signature : str
        As in the reference; `parameters` and `result` are what it says.
    doc : str
        What it gives, in a sentence.
    brief : str, optional
        What the prompt of `logidsl translate` says instead of `doc`. Where it is empty, the name joins the one declared
        before it if that has the same signature.
    example : str
        A rule body, or for an attribute an expression, that compiles.
    english : str
        How it is said, see below; a test finds what has no words.
    kernel : callable
        The function on arrays; `unmade` where the value is measured in a picture, or made by the evaluator.
    bounds : callable, optional
        The same under doubt: takes the ends (low, high) of numbers, and gives those of a number, or whether a truth
        surely and whether it possibly holds. Without it a doubtful argument makes the value undefined.
    values : Interval or callable, optional
        What a number can be, whatever its arguments; of an aggregate, as a function of what its members can be. Without
        it what `bounds` makes of the arguments, else anything.
    invert : callable, optional
        How a repair hands down what is wanted, see `Invert`; without it the kernel is tried on other arguments.
    expected : str
        Of a truth, what its first argument should be, for findings; `{1}` stands for the second argument.
    refuse : callable, optional
        Of a function, what is wrong with its arguments, in words, empty if nothing is; takes those that are fixed in
        the spec, and None for the others.
    texts : callable, optional
        Of a function of a text, for repairs: from the wanted result and the current arguments to texts that may give
        it; without it a few are tried.
    margin : callable, optional
        How far a truth is from flipping: of a relation from `Operand`s and further arguments, of an aggregate from
        its `Members`. Without it 1 or -1.
    reach : callable, optional
        Of a relation, from its further arguments the gap, px, beyond which two things never have it.
    apart : bool
        Of a function of two things, whether it is a length that is at least their gap.
    witness : callable, optional
        Of an aggregate, from its `Members` a mask of those that fix its value, for each of its sets; all of them
        without it.
    kept_as : Pick, optional
        Of an aggregate, what the program keeps in its place.
    items : tuple of str
        Of an aggregate, the kinds of values that its column may hold.
    ordered : bool
        Of an aggregate, whether its column needs an order.
    listed : bool
        Of an aggregate, whether it gives a list of what its members are ordered by.
    counts : bool
        Of an aggregate, whether its value is how many members there are.
    pairs : bool
        Of an aggregate, whether it compares its members two by two.
    classed : bool
        Of an aggregate, whether it asks which members are of which class or set that the spec names: their values are
        a truth for each, whose names are the last argument.
    misfits : callable, optional
        Of an aggregate of members and a layout, from its `Members` the `Misfit`s of each of its sets.
    centres : bool
        Of an aggregate, whether it reads where its members are.
    shapes : bool
        Of an aggregate, whether it reads the shapes of its members.
    groups : callable, optional
        Of an aggregate, from its `Members` the number of the group that each belongs to, -1 for none; findings name
        the groups.
    uncounted : str
        Of an aggregate, what becomes of its value where a row stands for any number of members: it is `boundless`
        upwards, the `same`, or `open`.
    empty : str
        Of an aggregate: what an empty set gives.
    converse : str
        The operation that says the same with the first two arguments exchanged: its own name where their order makes
        no difference. Empty if there is none.
    odd : bool
        Exchanging the first two arguments changes the sign, and nothing else.
    even : bool
        Changing the sign of the argument makes no difference.
    negates : bool
        Of an operator, whether it changes the sign of its argument.
    negation : str
        The operation that is true where this one is false.
    needs : tuple of int, optional
        The arguments without which there is no value; all of them without it.
    synonyms : tuple of str
        Of a relation or an aggregate, what people write instead; the error that it causes offers the word.
    of_pixels : bool
        Whether a condition on a pixel may use it, before any object is known; relations may not unless they say so.
    keeps : bool
        Of a function of two objects, whether `keep best` takes a limit of it.
    after_objects : bool
        Of a function, whether all objects must be known before it is.
    share_of : str
        Of an operator, the side of a frame, or its area, of which it takes a share.
    files : tuple of str
        Of a source, the endings of the file that it reads first; empty where it reads none.
    numbered : bool
        Of a source, whether classes may be given by number.
    background : str
        Of a source whose file says what the background looks like, where the foreground is computed; as `made_by`.
    made_with : str
        Of a source, the command that makes its file.
    oriented : bool
        Of a source, whether it measures the `turn` of each object.
    made_by : str
        Of what is measured or found in a picture, its implementation, `module:name`, which is imported when it first
        runs. The module says what each group takes: `pixel_values`, `pixel_functions`, `steps`, `dispatch`.
    of_rgb : callable, optional
        Of an attribute made from a colour, its kernel for red, green and blue, (…, 3) of 0 to 255, if that is shorter.
    spatial : bool
        Of what is said of a pixel, whether it depends on more than the colour of that pixel.
    fixed : bool
        Of what is said of a pixel, whether its arguments are known before pixels are.
    grows : bool
        Of a step, whether it adds pixels, at most half its length away.
    meaning : callable, optional
        Of an operator that compares, the `Comparison` of its arguments that it stands for.
    of_count : str
        Of an operator that compares, how it is said of a number of objects.
    divides : bool
        Of an operator, whether it has no value where its second argument is 0.
    by_turn : bool
        Of a function of an object, whether it uses the `turn` of that, if it is given nothing else.
    scales : bool
        Of an operator or a function, whether it changes with its arguments in proportion.
    identity : bool
        Of an operator, whether it gives its argument as it is.
    whole : callable, optional
        Of an operator that takes a share, what it takes it of, from the width and the height of the frame.
    takes : str
        Of an attribute, what its kernel makes it from: the `box` or the `outline` of a `Geometry`, or the mean `color`,
        (…, 3) CIELAB. Empty if it must be measured.
    of : tuple of str
        What has an attribute: objects, cells, places, pixels.
    directional : bool
        An attribute that changes with the direction in which an object lies, where a pixel is not square.
    coordinate : bool
        A length that is a place on an axis, so that its size says nothing; of an aggregate, where its column is one.
    outlined : bool
        Of an attribute, whether it is measured on every outline.
    for_seeing : bool
        Of an attribute, whether it is for saying how objects are found rather than for rules.
    telling : bool
        Of an attribute, whether rules about it are proposed: not if it follows from others or from the light.
    proposed : tuple of str
        Clauses that may hold on good parts, as templates for `logidsl infer`. `{?}` stands for limits that it finds;
        `{C}` for a class, `{M}` for one with several members, `{O}` for one with a single one, `{N}` and `{P}` for
        another class and another single one, `{V}` for a third, `{S}` and `{T}` for two sets; `{each}` walks over a
        class whose member is `{a}`; `{number}`, `{size}`, `{at}` and `{text}` are attributes of the first class,
        `{shared}`, `{side}` and `{color}` of both; `{cells}` is a grid with `{row}` and `{col}`; `{key}`, `{place}`,
        `{length}`, `{parity}`, `{value}` and `{pattern}` run over a few.
    refused : callable, optional
        Of a function of points, from their coordinates why nothing can be made of them, or an empty text; asked where
        they are known up to the scale of each axis.
    typed : callable, optional
        From the type of the arguments to that of the result, where `same` says too little.

    Notes
    -----
    In `english`, `{0}` stands for an argument and `{*}` for all of them; `{set}`, `{other}`, `{column}` and `{order}`
    for what an aggregate closes; `{file}` and the like for the fields of a source. What stands in `<…>` is left out
    where a part in it is missing. A truth has its verb in `[is|be|]`: as a statement, after `must`, and optionally
    as what follows a noun (`bolts inside c`, `bolts touching c`). An attribute is a noun.
    A set has its noun in `[one|many]`.
    """

    name: str
    group: Group
    signature: str
    doc: str
    example: str
    parameters: tuple[Parameter, ...]
    result: str
    brief: str | None = None
    english: str = ""
    kernel: Callable[..., Any] = unmade
    bounds: Callable[..., Any] | None = None
    values: Interval | Callable[[Interval], Interval] | None = None
    invert: Invert | None = None
    expected: str = ""
    refuse: Callable[..., str] | None = None
    texts: Callable[..., Iterable[str]] | None = None
    margin: Callable[..., Any] | None = None
    reach: Callable[..., Any] | None = None
    apart: bool = False
    witness: Callable[..., Any] | None = None
    empty: Empty = "undefined"
    kept_as: Pick | None = None
    items: tuple[str, ...] = ("number",)
    ordered: bool = False
    listed: bool = False
    counts: bool = False
    pairs: bool = False
    keeps: bool = False
    after_objects: bool = False
    centres: bool = False
    shapes: bool = False
    groups: Callable[..., Any] | None = None
    classed: bool = False
    misfits: Callable[..., Any] | None = None
    uncounted: Literal["boundless", "same", "open"] = "open"
    converse: str = ""
    odd: bool = False
    even: bool = False
    negates: bool = False
    negation: str = ""
    needs: tuple[int, ...] | None = None
    synonyms: tuple[str, ...] = ()
    of_pixels: bool = False
    share_of: str = ""
    files: tuple[str, ...] = ()
    numbered: bool = False
    background: str = ""
    made_with: str = ""
    oriented: bool = False
    made_by: str = ""
    of_rgb: Callable[..., Any] | None = None
    spatial: bool = False
    fixed: bool = False
    grows: bool = False
    meaning: Callable[..., Comparison] | None = None
    of_count: str = ""
    divides: bool = False
    by_turn: bool = False
    scales: bool = False
    identity: bool = False
    whole: Callable[..., Any] | None = None
    takes: Literal["", "box", "outline", "color"] = ""
    of: tuple[str, ...] = ("objects",)
    directional: bool = False
    coordinate: bool = False
    proposed: tuple[str, ...] = ()
    outlined: bool = False
    for_seeing: bool = False
    telling: bool = True
    refused: Callable[[Sequence[tuple[float, float]]], str] | None = None
    typed: Callable[[Type], Type] | None = None

    @property
    def reads_picture(self) -> bool:
        """Whether it is a function of pixels that looks at another picture, which its first argument names."""
        return self.group == "pixel" and self.parameters[0].kind == "text"


@dataclass(frozen=True, slots=True)
class Pick:
    """How the program stores an aggregate that picks a member: as another aggregate, with its own key.

    Parameters
    ----------
    fn : str
        The other aggregate.
    key : str
        An attribute of the member, or a function of the member and the argument; empty for the order of the set.
    descending : bool
        Turn the order round.
    """

    fn: str
    key: str = ""
    descending: bool = False


class Registry(dict[tuple[Group, str], Builtin]):
    """All declarations; those of a group are put together once."""

    def __init__(self) -> None:
        super().__init__()
        self._groups: dict[Group, dict[str, Builtin]] = {}

    def __setitem__(self, key: tuple[Group, str], entry: Builtin) -> None:
        self._groups.pop(key[0], None)
        super().__setitem__(key, entry)

    def __delitem__(self, key: tuple[Group, str]) -> None:
        self._groups.pop(key[0], None)
        super().__delitem__(key)

    def of(self, group: Group) -> Mapping[str, Builtin]:
        """The declarations of a group, by name."""
        if group not in self._groups:
            self._groups[group] = {name: entry for (g, name), entry in self.items() if g == group}
        return self._groups[group]


REGISTRY = Registry()


@cache
def implementation(made_by: str) -> Callable[..., Any]:
    """What a facet such as `made_by` names, imported when it is first needed."""
    module, _, name = made_by.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def declare(group: Group, signature: str, doc: str, example: str, **facets: Any) -> None:
    """Declare a builtin without a kernel; `facets` are the fields of `Builtin`."""
    name, parameters, result = parsed(signature)
    facets.setdefault("of_pixels", group not in ("relation", "aggregate"))
    if (group, name) in REGISTRY:
        raise ValueError(f"declared twice: {group} {name}")
    REGISTRY[group, name] = Builtin(name, group, signature, doc, example, parameters, result, **facets)


def builtin(group: Group, signature: str, example: str, **facets: Any) -> Callable[[F], F]:
    """Declare a builtin by its kernel; the docstring's first paragraph is its documentation."""

    def declared(kernel: F) -> F:
        doc = " ".join((kernel.__doc__ or "").strip().split("\n\n")[0].split())
        declare(group, signature, doc, example, **{"kernel": kernel} | facets)
        return kernel

    return declared


def measured(group: Group, signature: str, example: str, **facets: Any) -> Callable[[F], F]:
    """Declare a builtin by its docstring alone, as its value is measured in a picture."""
    return builtin(group, signature, example, kernel=unmade, **facets)
