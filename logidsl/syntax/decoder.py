"""The copy of the grammar for decoders that constrain a language model.

A decoder (llguidance, and what embeds it) allows a model only those tokens after which a text of the grammar is
still possible. It reads `grammar/logic.lark` as lark does, with two differences: it never steps back, so a
terminal must not be a prefix of another one's way, and it puts no border between two words. The copy is derived
from the grammar by steps that each make it smaller, so that whatever a decoder lets through, the parser reads:

1. comments go, and wide spaces; numbered notes (`# 1`) come in their place where they are asked for;
2. `NAME` loses the reserved words; without that a decoder reads `let a = every`. The pattern is spelled out as
   a tree of letters, since some decoders take no complement;
3. every reserved word takes the space after it into its terminal, or `andnot` gets through;
4. the optional space before a unit goes: `20px`;
5. a variable follows a noun, never a number: `3x` is not a token;
6. texts lose what no text may hold, invisible characters say;
7. where the classes are known, `class_name` is closed to them, so that a model cannot declare another;
8. statements that are not wanted go, with all that only they use.

A model constrained by the grammar may still write nonsense: the checker deals with that. A decoder may silently ignore
a grammar that it cannot parse, so `refusal` tries it first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from logidsl.syntax.tables import grammar_text

__all__ = ["brief_grammar", "decoder_grammar", "refusal", "statements"]

NOTE = r"/# [1-9][0-9]{0,2}(, [1-9][0-9]{0,2}){0,9}([:?] [^\x00-\x1f\x7f-\x9f]{1,300})?\n/"
SOFT = "soft_word"  # reserved words that may also be an attribute: no space has to follow
_NOUN = {
    "_noun": '_noun_part ("|" _noun_part)*',
    "_noun_part": '["other"] (attr | call | "(" _expr ")" | "(" filtered ")")',
}
_WORD = re.compile(r'"([a-z][a-z_]*)"')
_RULE = re.compile(r"^[!?]?([A-Za-z_]+): ?(.*)$")
_SHORT = 70  # characters of a rule that may stand in parentheses where it is used
_SYMBOL = re.compile(r'"(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)+/|->\s*\w+|([A-Za-z_]+)')


def statements() -> tuple[str, ...]:
    """The kinds of statements, by the names of their rules in the grammar.

    Examples
    --------
    >>> "rule" in statements(), "import" in statements()
    (True, True)
    """
    return tuple(_alternatives(_rules()["_statement"]))


def decoder_grammar(
    classes: Sequence[str] | None = None,
    *,
    only: Collection[str] | None = None,
    notes: bool = False,
    head: bool = True,
) -> str:
    """The grammar that a decoder may hold a model to.

    Parameters
    ----------
    classes : sequence of str, optional
        The only classes that may be declared; empty if none may; None if any may.
    only : collection of str, optional
        The kinds of statements that may be written; see `statements`.
    notes : bool
        Whether numbered notes may stand before statements: `# 1`, `# 2, 3`, `# 4? a question`, `# 5: a remark`.
    head : bool
        Whether `logic` and `spec` may be written.

    Returns
    -------
    str
        In Lark's notation.

    Examples
    --------
    >>> text = decoder_grammar(["bolt", "nut"], only=["object", "rule"])
    >>> [line for line in text.splitlines() if line.startswith(("class_name", "_statement"))]
    ['_statement: object | rule', 'class_name: /(bolt|nut)[ \\\\n]/']
    """
    rules = _rules()
    reserved = {word for body in rules.values() for word in _WORD.findall(body)}
    kinds = [k for k in _alternatives(rules["_statement"]) if only is None or k in only]
    rules["_statement"] = " | ".join(kinds)
    parts = ["[version] [spec]"] if head else []
    rules["start"] = " ".join([*parts, "(NOTE | _statement)*" if notes else "_statement*"])
    if notes:
        rules["NOTE"] = NOTE
    rules |= _NOUN
    for walked in ("named", "neighbours"):
        rules[walked] = rules[walked].replace("_union NAME", "_noun NAME")
    if classes is not None:
        _close(rules, classes)
    for name, body in rules.items():
        if name.islower() and name != SOFT:
            rules[name] = _WORD.sub(r"/\1[ \\n]/", body)
    rules |= _terminals(rules, reserved)
    used = _reachable(rules)
    lines = [f"{name}: {body}" for name, body in rules.items() if name in used]
    return "\n".join([*lines, "%ignore SPACE", ""])


def brief_grammar(only: Collection[str] | None = None) -> str:
    """The grammar for a reader, a person or a model: no head, no terminals, and few rules.

    What is short and used once stands where it is used, as does another name for a terminal.

    Parameters
    ----------
    only : collection of str, optional
        The kinds of statements that are wanted; see `statements`.

    Examples
    --------
    >>> [line for line in brief_grammar(["view", "let"]).splitlines() if line.startswith(("let", "_range"))]
    ['let: "let" NAME "=" _expr', '_range_or_list: range | _union']
    """
    rules = _rules()
    rules["start"] = "_statement*"
    rules["_statement"] = " | ".join(k for k in _alternatives(rules["_statement"]) if only is None or k in only)
    used = _reachable(rules)
    rules = {name: body for name, body in rules.items() if name in used and not name.isupper()}
    for name in [n for n in rules if n not in ("start", "_statement", *_alternatives(rules["_statement"]))]:
        body, word = rules[name], re.compile(rf'(?<![\w"]){name}(?![\w"])')
        users = [user for user, text in rules.items() for _ in word.findall(text)]
        if name in users or (len(users) > 1 and not body.isupper()):
            continue
        user = rules[users[0]]
        among = " | " not in body or re.search(rf"(^|\| ){name}($| \|)", user)
        if among or len(body) < _SHORT:
            del rules[name]
            put = body if among else f"({body})"
            rules = {n: word.sub(put.replace("\\", r"\\"), text) for n, text in rules.items()}
    return "\n".join(f"{name}: {body}" for name, body in rules.items())


def refusal(grammar: str) -> str | None:
    """Why a decoder would reject a grammar, or None.

    Parameters
    ----------
    grammar : str
        In Lark's notation.

    Raises
    ------
    ImportError
        If the package `llguidance` is not there.
    """
    from llguidance import LLMatcher, LLTokenizer, grammar_from

    error, messages = LLMatcher.validate_grammar_with_warnings(grammar_from("lark", grammar), LLTokenizer("byte"))
    return "; ".join(map(str, messages)) or "it is refused" if error or messages else None


def _rules() -> dict[str, str]:
    """The body of each rule and terminal, on one line, without comments and aliases."""
    rules: dict[str, str] = {}
    last = ""
    for line in grammar_text().splitlines():
        line = re.sub(r"(^|\s+)//.*$", "", line)
        found = _RULE.match(line)
        if found:
            last = found[1]
            rules[last] = found[2].strip()
        elif line.startswith(" "):
            rules[last] += " " + line.strip()
    return {name: re.sub(r"\s+->\s+\w+", "", body) for name, body in rules.items()}


def _alternatives(body: str) -> list[str]:
    return [part.strip() for part in body.split("|")]


def _terminals(rules: dict[str, str], reserved: set[str]) -> dict[str, str]:
    """The terminals that a decoder reads otherwise."""
    return {
        "NAME": f"/{_other_names(reserved)}/",
        "QUANTITY": rules["QUANTITY"].replace(" {0,3}(", "("),
        "ROWS": rules["ROWS"].replace(" {1,9}r", " r"),
        "COLUMNS": rules["COLUMNS"].replace(" {1,9}c", " c"),
        "STRING": r'/"[^"\\\x00-\x1f\x7f-\x9f]{0,200}"/',
        "SPACE": r"/[ \n]{1,8}/",
    }


def _close(rules: dict[str, str], classes: Sequence[str]) -> None:
    """Let only the classes given be declared."""
    # the space after a class separates it from a following word: `boltwhere` is another name
    rules["class_name"] = f"/({'|'.join(map(re.escape, sorted(set(classes))))})[ \\n]/"
    if not classes:
        kept = [a for a in _alternatives_of_object(rules["object"]) if "class_name" not in a]
        rules["object"] = " | ".join(kept)


def _alternatives_of_object(body: str) -> list[str]:
    return [part.strip() for part in re.split(r"\|(?=\s*\"object\")", body)]


def _reachable(rules: dict[str, str]) -> set[str]:
    """The rules and terminals reachable from `start`, and ignored ones."""
    found, waiting = {"start", "SPACE"}, ["start"]
    while waiting:
        for symbol in _SYMBOL.findall(rules[waiting.pop()]):
            if symbol and symbol not in found:
                found.add(symbol)
                waiting.append(symbol)
    return found


def _other_names(reserved: Iterable[str]) -> str:
    r"""A pattern of all names but the reserved words.

    The words form a tree of letters; a name leaves it at some letter, or ends where no word does. Its length is
    unbounded: at a bound a decoder would let a word follow without a space.

    Examples
    --------
    >>> pattern = _other_names(["as", "at"])
    >>> [bool(re.fullmatch(pattern, name)) for name in ("as", "at", "a", "ass", "b", "9")]
    [False, False, True, True, True, False]
    """
    tree: dict[str, dict[str, object]] = {}
    ends: set[str] = set()
    for word in reserved:
        ends.add(word)
        for n in range(len(word)):
            tree.setdefault(word[:n], {})[word[n]] = None
    made: dict[str, str] = {}
    for prefix in sorted({w[:n] for w in ends for n in range(len(w) + 1)}, key=len, reverse=True):
        letters = sorted(tree.get(prefix, {}))
        ways = [letter + made[prefix + letter] for letter in letters]
        ways.append(f"{_others(letters, first=not prefix)}[A-Za-z0-9_]*")
        may_end = prefix and prefix not in ends
        made[prefix] = f"({'|'.join(ways)}){'?' if may_end else ''}"
    return made[""]


def _others(letters: Collection[str], *, first: bool) -> str:
    """The character class of names without some letters."""
    signs = "abcdefghijklmnopqrstuvwxyz_" + ("" if first else "0123456789")
    return f"[A-Z{''.join(s for s in signs if s not in letters)}]"
