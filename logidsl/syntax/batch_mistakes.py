"""What people write in place of `batch` and its columns."""

from __future__ import annotations

from collections.abc import Sequence

from logidsl.diagnostics import Diagnostic
from logidsl.syntax.syntax_error_context import Recovery, SyntaxErrorContext, said, spell, tokens_of
from logidsl.syntax.tables import CONTEXTUAL, END, reserved_words
from logidsl.syntax.tokens import Token, line_start

#: Words before the name of a batch in other languages.
_KINDS = frozenset({"item", "items", "group", "lot", "product", "unit", "part"})


def batch_without_word(t: SyntaxErrorContext) -> Recovery | None:
    """`item by serial`, `item unit by serial`."""
    word = t.word
    if word is None or word.type != "NAME" or not (t.index == 0 or (END in t.expected and line_start(word))):
        return None
    after = [w.type for w in t.words[t.index + 1 : t.index + 3]]
    doubled = after == ["NAME", "by"] and word.text in _KINDS
    if after[:1] != ["by"] and not doubled:
        return None
    meant = [*tokens_of("batch x", word.span)[:1], *t.words[t.index + doubled :]]
    if not t.whole(meant):
        return None
    message = f"expected a statement such as `object` or `rule`, found {said(t)}"
    diagnostic = Diagnostic("E041", message, word.span, f"write `{spell(meant)}`")
    return Recovery(diagnostic, [part for part in (t.words[: t.index], meant) if part])


def reserved_column(t: SyntaxErrorContext) -> Recovery | None:
    """`batch lot by order by and`: a column whose name is a word of the language."""
    word = t.word
    if word is None or word.type not in reserved_words() or not t.before or t.before.type != "by":
        return None
    if t.words[0].type not in ("batch", "view") or "STRING" not in t.expected:
        return None
    end = next((n for n in range(t.index + 1, len(t.words)) if line_start(t.words[n])), len(t.words))
    meant = [*t.words[: t.index], *tokens_of(f'"{word.text}"', word.span), *t.words[t.index + 1 : end]]
    if not t.whole(meant):
        return None
    message = f"expected a name, found the reserved word `{word.text}`"
    diagnostic = Diagnostic("E033", message, word.span, f'put the column in quotes: `"{word.text}"`')
    rest = _as_statement(t.words[end:])
    return Recovery(diagnostic, [meant, *([rest] if rest else [])])


def _as_statement(words: Sequence[Token]) -> list[Token]:
    """Words that begin a statement: `batch` was read as a name, as it stood after a word that ends nothing."""
    first = words[0] if words else None
    if first is not None and first.text in CONTEXTUAL:
        return [first._replace(type=first.text), *words[1:]]
    return list(words)
