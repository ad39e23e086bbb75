"""Habits of plain English and of other languages, as rewriting rules.

Each table is tried as a whole, in the order of its rules; `errors` says which table comes when.
"""

from __future__ import annotations

import re

from logidsl.library import builtins
from logidsl.syntax.count_rules import COUNTS, OF_OBJECTS
from logidsl.syntax.number_rules import NUMBERS
from logidsl.syntax.rewriting import LESS, MORE, Rewrite, rewriting

OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
#: Members that are said by where they are.
EXTREMES = {
    "leftmost": r"first(\1 by x)",
    "rightmost": r"last(\1 by x)",
    "topmost|uppermost|highest": r"first(\1 by y)",
    "bottommost|lowermost|lowest": r"last(\1 by y)",
}


LISTED = "expected a list in `[` and `]` after `in`, found `{found}`"
LISTED_RANGE = "expected a range without brackets after `in`, found `{found}`"
CALLED = "expected parentheses after the function, found `{found}`"


def _synonyms() -> list[tuple[str, str]]:
    """Each relation with a phrase that stands for it."""
    return [(entry.name, synonym) for entry in builtins("relation").values() for synonym in entry.synonyms]


def pattern_of(text: str, before: str = ".*", after: str = ".*") -> str:
    """A pattern for what has a text in it, in quotes.

    Examples
    --------
    >>> pattern_of("A.1"), pattern_of("A", before="")
    ('".*A[.]1.*"', '"A.*"')
    """
    plain = re.sub(r"[.$*+?()|{}\[\]]", lambda m: f"[{m[0]}]", text)
    return f'"{before}{plain}{after}"'


def _matching(m: re.Match[str]) -> str:
    begins, ends = m[2].startswith(("start", "begin")), m[2].startswith("end")
    return rf"matches(\1, {pattern_of(m[3][1:-1], '' if begins else '.*', '' if ends else '.*')})"


def _compared(m: re.Match[str]) -> str:
    """The sign of `is at least`, `greater than or equal to`."""
    words = set(m[0].split("\t"))
    less, more = words & {"most", *LESS.split("|")}, words & {"least", *MORE.split("|")}
    equal = "=" if words & {"least", "most"} or ((less or more) and "equal" in words) else ""
    return f"<{equal}" if less else f">{equal}" if more else "="


def _measure(name: str, words: str) -> str:
    """The measure that a clause compares with a share of something."""
    if re.search(r"\bcount\t", words):
        return f"count({name})"
    if re.search(r"\b(area|box_area)\t", words):
        return f"{name}.area"
    return f"{name}.height" if re.search(r"\b(height|y|y_min|y_max|dy)\t", words) else f"{name}.width"


PHRASES = rewriting(
    (
        *NUMBERS,
        Rewrite(
            "E023",
            r'((?:@NAME|color)(?: \. @NAME)*) (?:@COPULA )?(?:matches|match|matching) ("[^"]*")',
            r"matches(\1, \2)",
            "expected `matches(…)`, found `{found}`",
        ),
        # `distance between bolt and nut`
        Rewrite(
            "E019",
            r"(@FUNCTION) (?:between|of|from) (@OPERAND) (?:and|to) (@NAME(?: \. @NAME)*)",
            r"\1(\2, \3)",
            CALLED,
        ),
        # `same(width of bolt) within 1 mm`
        Rewrite(
            "E025",
            r"((?:same|distinct) [(] @OPERAND) [)] within (@OPERAND)@ENDED",
            r"\1, \2)",
            "expected the tolerance in the parentheses, found `{found}`",
        ),
        Rewrite(
            "E023",
            r"((?:@NAME|color)(?: \. @NAME)*)"
            r' ((?:start|begin|end)s?(?:_?with)?|includes|including|containing)(?: with)? ("[^"]*")',
            _matching,
            "expected `matches(…)`, found `{found}`",
        ),
        Rewrite(
            "E023",
            r"within (@OPERAND) of (?=[-0-9])(@OPERAND)@ENDED",
            r"= \2 within \1",
            "expected `= … within …`, found `within … of …`",
        ),
        Rewrite(
            "E023",
            r"within (@OPERAND) of (@OPERAND)@ENDED",
            r"near \2 within \1",
            "expected `near … within …`, found `within … of …`",
        ),
        Rewrite(
            "E045",
            r"(@NAME|color) of (@NAME [(] @OPERAND [)])(?= of )",
            r"\2 . \1",
            "expected a value for each member, found `{found}`",
            "write `{meant}`",
        ),
    )
)


def _united(m: re.Match[str]) -> str:
    """`every bolt, nut` as an iteration over a union."""
    return f"every ({' | '.join(w for w in m[1].split() if w not in (',', 'and', 'or'))})"


RANGE = "expected `..` between the ends of a range, found `{found}`"
JOINED = "expected `and`, `or` or `not` between conditions, found `{found}`"
HABITS = rewriting(
    (
        # `no cap unless tall`, `either some a or some b`, `neither a nor b`, `some a xor some b`
        Rewrite("E043", r"unless", "or", JOINED),
        Rewrite("E043", r"@OUTSIDEeither (some|no|not|@NAME)", r"\1", JOINED),
        Rewrite("E043", r"@OUTSIDEneither (?:some )?(@NAME) nor (?:some )?(@NAME)", r"no \1 and no \2", JOINED),
        Rewrite("E043", r"@OUTSIDEneither (?!(?:every|if) )(@REST) nor (@REST)", r"not (\1) and not (\2)", JOINED),
        Rewrite("E043", r"@OUTSIDE(?!(?:every|if) )(@REST) xor (@REST)", r"(\1 or \2) and not (\1 and \2)", JOINED),
        Rewrite(
            "E043", r"@OUTSIDE(?!every )(@OPERAND) (@COMPARISON @OPERAND) but(?= @COMPARISON )", r"\1 \2 and \1", JOINED
        ),
        Rewrite("E043", "but", "and", JOINED),
        # `label exists`, `label is missing`
        Rewrite("E023", r"@OUTSIDE(@NAME) (?:exists|@COPULA (?:present|there|visible))", r"some \1"),
        Rewrite(
            "E023", r"@OUTSIDE(@NAME) (?:does not exist|@COPULA (?:missing|absent|not present|not there))", r"no \1"
        ),
        # `every b in bolt: …`, `for b in bolt: …`, `every bolt(b): …`, `every pair of bolt a, b: …`
        Rewrite("E043", r"(?:every|for) (@NAME) in (@NAME)(?= : )", r"every \2 \1"),
        Rewrite("E043", r"every (@NAME) [(] (@NAME) [)](?= : )", r"every \1 \2"),
        Rewrite("E043", r"every (@NAME) (@NAME) next @NAME (@NAME)(?= by )", r"every \1 \2 next \3"),
        Rewrite(
            "E043", r"every pairs? (?:of )?(@NAME) (@NAME) (?:,|and) (@NAME)(?= : )", r"every \1 \2: every other \1 \3"
        ),
        # `if a: b else: c`, `if a then b elif c then d`
        Rewrite("E043", r"@OUTSIDEif (@REST) : (@REST) else (?:: )?", r"if \1 then \2 else"),
        Rewrite("E043", r"(?:elif|elseif|elsif)", "else if"),
        # `when some cap then …`, `unless some cap, …`, `some cap implies …`, `if a then b otherwise c`
        Rewrite(
            "E043", r"@OUTSIDE(?:when|whenever) (@REST) (?:then|,)", r"if \1 then", "expected `if … then`, found `when`"
        ),
        Rewrite("E043", r"@OUTSIDEif (@REST) , (?:then)?", r"if \1 then", "expected `then`, found `,`"),
        Rewrite(
            "E043",
            r"@OUTSIDEunless (@REST) (?:, then|,|then)",
            r"if not (\1) then",
            "expected `if not (…) then`, found `unless`",
        ),
        Rewrite("E043", r"@OUTSIDE(@REST) implies", r"if \1 then", "expected `if … then`, found `implies`"),
        Rewrite("E043", r"otherwise", "else"),
        Rewrite("E043", r"= (if @REST)", r"= (\1)", "expected parentheses around `if`, found none"),
        Rewrite(
            "E043",
            r"= (@OPERAND) (if @REST) else (@OPERAND)",
            r"= (\2 then \1 else \3)",
            "expected `if … then … else …`, found `{found}`",
        ),
        *COUNTS,
        Rewrite(
            "E043",
            r"@OUTSIDE(@NAME) contains (?:every|each|all)(?: of)?(?: the)? (@NAME)",
            r"every \2: inside \1",
            "expected `every` at the beginning, found `{found}`",
        ),
        Rewrite("E019", r"@OUTSIDE(@NAME) (?:count|number|amount)(?= @COMPARISON )", r"count(\1)", CALLED),
        *(
            Rewrite("E019", rf"@OUTSIDE(?:the )?(?:{words}) (@NAME)", meant, CALLED)
            for words, meant in EXTREMES.items()
        ),
        # `half of plate.width`, `2x height`, `twice count(nut)`
        Rewrite("E043", r"half(?: of)?(?: the)?(?= @NAME )", "0.5 *", "expected a factor, found `{found}`"),
        Rewrite("E043", r"(?:twice|double)(?: the)?(?= @NAME )", "2 *", "expected a factor, found `{found}`"),
        Rewrite("E043", r"(@NUMBER) (?:x|times)(?= @NAME )", r"\1 *", "expected a factor, found `{found}`"),
        # `some bolt.width > 3 px`, `every bolt is inside tray`
        Rewrite(
            "E043",
            r"(some|no) (@NAME) \. (@NAME|color)(?= @COMPARISON )",
            r"\1 \2 where \3",
            "expected `where` before the condition, found `{found}`",
        ),
        Rewrite(
            "E043",
            r"every (@NAME) \. (@NAME|color)(?= @COMPARISON )",
            r"every \1: \2",
            "expected `:` after the objects of `every`, found `{found}`",
        ),
        Rewrite(
            "E030",
            r"(every @NAME(?: @NAME)?) (?:@COPULA|must be|should be|has to be)(?= (?:not )?@RELATED )",
            r"\1:",
            "expected `:` after the objects of `every`, found `{found}`",
        ),
        # `x is not in 2 .. 4`, `length not > 3 px`, `bolt is not inside tray`
        Rewrite("E023", r"@COPULA not (in|between|from)", r"not \1", "expected `not in`, found `{found}`"),
        Rewrite("E023", r"@INSIDE(?:@COPULA )?not (<=?|>=?)", lambda m: OPPOSITE[m[1]]),
        Rewrite("E023", r"@INSIDE(?:@COPULA )?not(?: =|(?= [0-9]))", "!="),
        Rewrite("E023", r"@OUTSIDE(?:@COPULA|do|does) not (@RELATED)", r"not \1"),
        Rewrite(
            "E023", r"@INSIDE(?:no|not) (?:more|greater|larger|longer|bigger|wider|higher)(?: than)?(?= [0-9])", "<="
        ),
        Rewrite("E023", r"@INSIDE(?:no|not) (?:less|fewer|smaller|shorter|narrower|lower)(?: than)?(?= [0-9])", ">="),
        Rewrite("E023", r"@INSIDEup to(?= [0-9])", "<="),
        Rewrite("E023", r"@INSIDE(?:exceeds|exceed)", ">"),
        Rewrite("E026", r"(no|some) (@NAME) (?:@COPULA )?not(?= @RELATION )", r"\1 \2 where not"),
        Rewrite(
            "E023",
            r"@OUTSIDE(@OPERAND) (?:(?:@COPULA|do|does) )?not (@RELATION)",
            r"not \1 \2",
            r"expected `not … \2`, found `{found}`",
        ),
        # `bolt is above nut`, `color is not red`, `length is at least 3 px`
        Rewrite("E023", r"@INSIDE@FILLED (@RELATION|@COMPARISON|in)", r"\1", begins=(-1, 0)),
        Rewrite("E023", r"@INSIDE@FILLED not", "!=", begins=(-1, 0)),
        Rewrite("E023", r"@INSIDE@FILLED", _compared, begins=(-1, 0)),
        Rewrite(
            "E026",
            r"(?:such that|has|have|having|that|which|whose|with)(?=.*\t(?:@COMPARISON|@RELATION|in|some|no) )",
            "where",
        ),
        *(Rewrite("E025", rf"{synonym}(?! [0-9])", relation) for relation, synonym in _synonyms()),
        Rewrite("E027", "to", "..", RANGE),
        Rewrite("E027", r"(?<=[0-9]\t)-(?= [0-9])", "..", RANGE),
        Rewrite("E027", r"(between|from) (@OPERAND) (?:and|to)", r"in \2 ..", r"expected `in` and a range, found `\1`"),
        Rewrite("E028", "(?:for )?(?:each|all|forall|foreach)(?: of)?(?: the)?|for every", "every"),
        Rewrite(
            "E028",
            "(?:for )?(?:any|exists|exist)(?: of)?(?: the)?|there(?: (?:exists|exist|@COPULA))?(?: an?)?",
            "some",
        ),
        Rewrite("E028", "(?:for )?none(?: of)?(?: the)?", "no"),
        Rewrite(
            "E043",
            r"every (@NAME(?: (?:,|and|or) @NAME)+)(?= (?::|where|by|with|@NAME) )",
            _united,
            "expected one set after `every`, found `{found}`",
        ),
        # `count(bolt) >= 1 and <= 3`
        Rewrite(
            "E043",
            r"@OUTSIDE(@OPERAND) (@COMPARISON @OPERAND (?:and|or))(?= @COMPARISON )",
            r"\1 \2 \1",
            "expected a value before the second comparison, found none",
        ),
        # `length outside 2 .. 4 px`
        Rewrite("E023", r"@INSIDE(inside|outside)(?= @AMOUNT \.\. )", lambda m: "in" if m[1] == "inside" else "not in"),
        # `every bolt: in left`
        Rewrite("E025", r"@OUTSIDE(not )?in(?= @NAME )", lambda m: "not inside" if m[1] else "inside"),
        # `every bolt a, bolt b: …`
        Rewrite(
            "E043",
            r"every (@NAME) (@NAME) (?:,|and) (@NAME) (@NAME)(?= : )",
            lambda m: f"every {m[1]} {m[2]}: every {'other ' if m[1] == m[3] else ''}{m[3]} {m[4]}",
            "expected one set after `every`, found `{found}`",
        ),
        # `[class of bolt by x | nut by x]`
        Rewrite(
            "E043",
            r"(@NAME) by (@NAME)((?: \| @NAME by \2)+)(?= )",
            lambda m: f"{m[1]}{re.sub(r' by .*?(?= [|]|$)', '', m[3].replace(chr(9), ' '))} by {m[2]}",
            "expected one order after the union, found several",
        ),
        # `pocket[1, 2]`
        Rewrite(
            "E043",
            r"(@NAME) \[ (@NUMBER) , (@NUMBER) \]",
            lambda m: f"only({m[1]} where row = {m[2]} and col = {m[3]})",
            "expected a condition for one cell, found `{found}`",
            "write `{meant}`",
        ),
        # `length = 2 in`, `50 % of count(nut)`
        Rewrite(
            "E013",
            r"(@NUMBER) in(?:@ENDED|(?= \.\. ))",
            lambda m: f"{m[1]} inch",
            "expected the unit `inch`, found `in`",
        ),
        Rewrite(
            "E043", r"([0-9]+(?:\.[0-9]+)?\x20*%) of(?= @NAME [.(])", r"\1 *", "expected `*` after a share, found `of`"
        ),
        # `width < 50 % of tray`
        Rewrite(
            "E043",
            r"(?:(?<=[<>=] )|(?<=in )|(?<=\.\. ))([0-9]+(?:\.[0-9]+)?\x20*%) of (@NAME)",
            lambda m: f"{m[1]} * {_measure(m[2], m.string)}",
            "expected a share of a measure, such as `{meant}`, found `{found}`",
        ),
        Rewrite("E025", r"in(?= @NAME )", "inside"),
        Rewrite(
            "E043", r"(?:the|an?)(?= @NAME )", "", "expected a name, found `{found}`", "leave out `{found}`", "rule"
        ),
    )
)

AMOUNT_OF_OBJECT = rewriting(OF_OBJECTS)

LISTS = rewriting(
    (
        Rewrite("E043", r"in [(\[{] (@OPERAND \.\. @OPERAND) [)\]}]", r"in \1", LISTED_RANGE, "write `{meant}`"),
        Rewrite("E043", r"in [(] (@OPERAND(?: , @OPERAND)+) [)]", r"in [\1]", LISTED, "write `{meant}`"),
        Rewrite("E043", r"in { (@OPERAND(?: , @OPERAND)*) }", r"in [\1]", LISTED, "write `{meant}`"),
        Rewrite("E043", r"in (@OPERAND(?: , @OPERAND)+)", r"in [\1]", LISTED, "write `{meant}`"),
        # `a = b < c`
        Rewrite(
            "E044",
            r"(@COMPARISON) (@OPERAND)(?= (@COMPARISON) )",
            r"\1 \2 and \2",
            r"expected comparisons of one kind in a chain, found `\1` and `\3`",
        ),
    )
)

NOT_EVERY = rewriting(
    (
        Rewrite(
            "E032",
            r"not ((every|if|some|no) @REST)",
            r"not (\1)",
            r"expected parentheses between `not` and `\2`",
            "write `{meant}`",
        ),
    )
)


def _joined(m: re.Match[str]) -> str:
    return "_".join(w for w in m[0].strip("\t").split("\t") if w != "-")[:48]


# `object long-bolt: 2`, `rule my rule: …`, `rule a { … }`
DECLARED = {
    **dict.fromkeys(("let", "param", "color", "region", "grid"), "="),
    "rule": '[:"]|as ',
    "object": "[:=]|where ",
    "attribute": "[:]|of ",
}
DECLARATIONS = rewriting(
    (
        # `rule lid when some lid: …`, `object "hex bolt": 2`
        Rewrite(
            "E035",
            r'\A(rule @NAME(?: "[^"]*")?(?: as @NAME)?) when (@REST?) :',
            r"\1 : if \2 then",
            "expected `:` before the condition of a rule, found `when`",
            "write `{meant} …`",
        ),
        Rewrite(
            "E043",
            r"\A(object @NAME) :(?= @NAME where )",
            r"\1 =",
            "expected `=` before a set, found `:`",
            "write `{meant} …`",
        ),
        Rewrite(
            "E015",
            r'(?<=\Aobject )("[A-Za-z]\w*[^"]*")',
            lambda m: f"{re.sub(r'[^a-z0-9]+', '_', m[1].lower()).strip('_')} {m[1]}",
            "expected a name before the text, found `{found}`",
            "write `{meant}`",
        ),
        *(
            Rewrite(
                "E015",
                rf"(?<=\A{kind}\t)@NAME(?:(?: - @WORD)+(?: -)?|(?: -)+"
                r"|(?: (?!(?:as|where|of|OBJECT|RULE|ATTRIBUTE|Object|Rule|Attribute) )@WORD)+)"
                rf"(?= (?:{following}))",
                _joined,
                "expected a name of letters a to z, digits and `_`, found `{found}`",
                "write `{meant}`",
            )
            for kind, following in DECLARED.items()
        ),
        Rewrite(
            "E035",
            r'\A(rule @NAME(?: "[^"]*")?(?: as @NAME)?) { (.*?)(?: })?(?= $)',
            r"\1 : \2",
            "expected `:` before the condition of a rule, found `{`",
        ),
    )
)

CALLS = rewriting(
    (
        Rewrite(
            "E045",
            r"(@NAME|color) of (?:the )?(@FUNCTION) (@NAME)",
            r"\2(\3).\1",
            "expected `{meant}`, found `{found}`",
        ),
        Rewrite("E019", r"@OUTSIDE(?:number|amount|num|count) of (@NAME)", r"count(\1)", CALLED),
        Rewrite(
            "E019", r"@OUTSIDE(@FUNCTION) (?:of )?((?:@NAME|color) (?:of|by) @NAME(?: by @NAME)?)", r"\1(\2)", CALLED
        ),
        Rewrite("E019", r"@OUTSIDEtotal ((?:@NAME|color) of @NAME)", r"sum(\1)", CALLED),
        Rewrite("E019", r"@OUTSIDE(@FUNCTION) (@NAME)", r"\1(\2)", CALLED),
        Rewrite(
            "E045",
            r"(@NAME) of (@NAME)",
            r"\2 . \1",
            r"expected one value, found `{found}`, which is a value for each `\2`",
            r"write `every \2: \1 …`, `max({found})`, or `{meant}` where there is only one",
            begins=(-1, -1),
        ),
    )
)
