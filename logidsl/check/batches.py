"""Rules over several pictures: batches, views, and what may be said of all pictures of a batch.

An aggregate of such a rule ranges over what all pictures hold: its set, filter and column are read as in any rule,
inside one picture; what stands outside of aggregates is a value of the batch. `check_outside` refuses the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from logidsl import ir
from logidsl import types as ty
from logidsl.check import batch_errors, errors, rules
from logidsl.check.context import Context, place
from logidsl.check.pooling import pools
from logidsl.library import Builtin
from logidsl.syntax import ast

#: What stands before the number of pictures that a rule looks at.
LAST = "last"


def declare(c: Context, s: ast.Batch | ast.View) -> None:
    """A `batch` or `view` statement; batches come first."""
    if isinstance(s, ast.Batch):
        if s.name.name in c.batches:
            c.bag.add(errors.declared_twice(s.name.name, s.name.span, s.name.span, "batch"))
        if s.order is not None and s.order.word.name != "ordered":
            c.bag.add(batch_errors.wrong_word(s.order.word.name, "ordered", s.order.word.span))
        column, path = _key(c, s.key)
        if path is not None and s.key is not None and path.count("{}") != 1:
            c.bag.add(batch_errors.pattern_braces(path, path.count("{}"), s.key.value.span))
        order = None if s.order is None else _name(s.order.column)
        c.batches[s.name.name] = ir.Batch(name=s.name.name, column=column, path=path, order=order, span=place(s.span))
        return
    if s.name.name in c.views:
        c.bag.add(errors.declared_twice(s.name.name, s.name.span, s.name.span, "view"))
    if s.of.name not in c.batches:
        c.bag.add(batch_errors.unknown_batch(s.of.name, s.of.span, c.batches))
    column, path = _key(c, s.key)
    value = None if s.value is None else s.value.value if isinstance(s.value, ast.Text) else s.value.text
    if path is not None and "{}" in path:
        c.bag.add(batch_errors.view_braces(path, s.key.value.span))
    if path is not None and s.value is not None:
        c.bag.add(batch_errors.view_of_path(s.value.span))
    if column is not None and value is None:
        c.bag.add(batch_errors.view_value(column, s.key.span))
    c.views[s.name.name] = ir.View(
        name=s.name.name, batch=s.of.name, column=column, value=value, path=path, span=place(s.span)
    )


def _key(c: Context, key: ast.BatchKey | None) -> tuple[str | None, str | None]:
    """The column or the pattern of paths."""
    if key is None:
        return None, None
    if key.word is None:
        return _name(key.value), None
    if key.word.name != "path":
        c.bag.add(batch_errors.wrong_word(key.word.name, "path", key.word.span))
    return None, _name(key.value)


def _name(column: ast.Ident | ast.Text) -> str:
    return column.name if isinstance(column, ast.Ident) else column.value


def rule(c: Context, s: ast.Rule) -> ir.BatchRule | None:
    """A rule over several pictures."""
    assert s.over is not None
    match s.over:
        case ast.Ref(name=name):
            last, of = None, s.over
        case ast.CallExpr(args=(ast.Ref(name=name) as of, ast.Number(text=text))) as call if (
            call.function == LAST and text.isdigit() and int(text)
        ):
            last = int(text)
        case _:
            c.bag.add(batch_errors.over_form(s.over.span.text, s.over.span))
            return None
    if name not in c.batches:
        c.bag.add(batch_errors.unknown_batch(name, of.span, c.batches))
        return None
    with c.over(name):
        made = rules.rule(c, s)
    if made is None or not all(check_outside(c, s, n) for n in (made.node, *_of_outcomes(made))):
        return None
    return ir.BatchRule(**{name: getattr(made, name) for name in made.fields}, over=name, last=last)


def _of_outcomes(made: ir.Rule) -> Iterator[int]:
    yield from (o.node for o in (made.defect, made.low, made.high) if o is not None and o.node is not None)
    yield from made.message_nodes.values()


def check_outside(c: Context, s: ast.Rule, root: int) -> bool:
    """Whether what a value is made of outside of aggregates belongs to the batch; the first other part is an error."""
    waiting = [root]
    while waiting:
        number = waiting.pop()
        node = c.nodes[number]
        entry = ir.entry_of(node)
        match node:
            case ir.Aggregate(each=None, value=value, args=args) if value is not None:
                waiting += [value, *args]
            case ir.Aggregate() if pools(entry):
                waiting += node.args
            case ir.Literal_() | ir.Name(thing="param"):
                pass
            case ir.Name(thing="let", target=int(target)) if all(
                _is_fixed(c.nodes[n]) for n in ir.below(c.nodes, [target])
            ):
                pass
            case ir.Call() if node.fn not in ir.MEASURING and (entry is None or _of_values(entry)):
                waiting += node.args
            case ir.Match(subject=subject, arms=arms, otherwise=otherwise):
                waiting += [subject, *(a.value for a in arms), *(n for a in arms for n in a.patterns)]
                waiting += [] if otherwise is None else [otherwise]
            case _:
                _outside(c, s, node)
                return False
    return True


def _is_fixed(node: ir.Node) -> bool:
    """Whether a node says the same of every picture."""
    entry = ir.entry_of(node)
    match node:
        case ir.Literal_() | ir.Name(thing="param" | "let") | ir.Match():
            return True
        case ir.Call(fn=fn):
            return fn not in ir.MEASURING and (entry is None or _of_values(entry))
        case _:
            return False


def _of_values(entry: Builtin) -> bool:
    """Whether an operation is one on numbers, texts and truths, which takes no share of a picture."""
    return entry.whole is None and entry.group != "relation" and entry.result != "set" and not entry.after_objects


def _outside(c: Context, s: ast.Rule, node: ir.Node) -> None:
    """What is wrong with a part that belongs to one picture."""
    span = s.span.source.place(node.span) if node.span.path == s.span.source.path else s.span
    words = " ".join(node.span.text.split())
    if node.type == ty.TRUTH:
        c.bag.add(batch_errors.every_picture(words, span))
        return
    meant = f"`mean({words})`, `max({words})`" if node.type.kind == "number" else None
    if node.type.kind in ("text", "label"):
        meant = f"`distinct({words})`, `same({words})`"
    if node.type.kind == "object":
        meant = f"`max(width of {words})`, `count({words})`"
    c.bag.add(batch_errors.of_each_picture(words, meant, span))
