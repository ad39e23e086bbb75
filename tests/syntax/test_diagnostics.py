"""Each mistake is named once, in the user's words, with what to write instead; the rest is still read."""

from __future__ import annotations

import pytest

from logidsl.diagnostics import InputError, catalogue
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import SIZE_MAX, parse, read_source
from logidsl.syntax.yaml import parse_yaml
from tests.syntax.trees import SENTENCES, codes, read, shape, walk

CODES = {code: entry for code, entry in catalogue().items() if code < "E100" and code.startswith("E")}
SYNTAX = {code: entry for code, entry in CODES.items() if code < "E050"}
YAML = {code: entry for code, entry in CODES.items() if code >= "E050"}
TOO_LONG_TO_PRINT = {"E003": "object bolt: 2\n" * (SIZE_MAX // 15 + 1)}


def test_the_catalogue_has_the_codes_of_the_syntax():
    assert len(SYNTAX) > 40
    assert set(TOO_LONG_TO_PRINT) < set(SYNTAX)


@pytest.mark.parametrize("code", SYNTAX)
def test_wrong_examples_have_their_code_and_right_ones_none(code):
    entry = SYNTAX[code]
    assert set(codes(TOO_LONG_TO_PRINT.get(code, entry.wrong))) == {code}
    read(entry.right)
    assert entry.title
    assert entry.why.endswith(".")
    assert entry.title[0] == entry.title[0].lower()


@pytest.mark.parametrize("code", YAML)
def test_wrong_examples_in_yaml_have_their_code_and_right_ones_none(code):
    entry = YAML[code]
    assert {d.code for d in parse_yaml(Source("wrong.yaml", entry.wrong))[1].items} == {code}
    assert parse_yaml(Source("right.yaml", entry.right))[1].items == []
    assert entry.title[0] == entry.title[0].lower() or entry.title.startswith("YAML")
    assert entry.why.endswith(".")


# What is written, the code, the words of the fix, and the tree that is read all the same (or None).
MISTAKES = [
    ("rule a: count(bolt) == 2", "E020", "`=`", "rule a: count(bolt) = 2"),
    ("rule a: x && y", "E021", "`and`", "rule a: x and y"),
    ("rule a: x || y", "E021", "`or`", "rule a: x or y"),
    ("rule a: !x", "E021", "`not`", "rule a: not x"),
    ("rule a: x => 3", "E022", "`>=`", "rule a: x >= 3"),
    ("rule a: x <> 3", "E022", "`!=`", "rule a: x != 3"),
    ("let a = match x { red => 2 }", "E022", "`->`", "let a = match x { red -> 2 }"),
    ("rule a: x ≤ 3", "E006", "`<=`", "rule a: x <= 3"),
    ("rule a: x ≥ 3", "E006", "`>=`", "rule a: x >= 3"),
    ("rule a: x ≠ 3", "E006", "`!=`", "rule a: x != 3"),
    ("rule a: x = 4 – 3", "E006", "`-`", "rule a: x = 4 - 3"),
    ("object a: 2–3", "E006", "`..`", "object a: 2 .. 3"),
    ("rule a: x in 2 px — 3 px", "E006", "`..`", "rule a: x in 2 px .. 3 px"),
    ("rule a “about”: x", "E006", '`"about"`', 'rule a "about": x'),
    ("rule a：x", "E006", "`:`", "rule a: x"),
    ("rule a:\u00a0x", "E006", "ordinary space", "rule a: x"),
    ("rule a: x = 'A'", "E014", '`"A"`', 'rule a: x = "A"'),
    ("rule a: cable.color is red", "E023", "`cable.color = red`", "rule a: cable.color = red"),
    ("rule a: cable.color is not red", "E023", "`cable.color != red`", "rule a: cable.color != red"),
    ("rule a: x is not in 2 .. 4", "E023", "`x not in 2 .. 4`", "rule a: x not in 2 .. 4"),
    ("rule a: x not > 3", "E023", "`x <= 3`", "rule a: x <= 3"),
    ("rule a: x not = 3", "E023", "`x != 3`", "rule a: x != 3"),
    ("rule a: x not 3", "E023", "`x != 3`", "rule a: x != 3"),
    ("rule a: y and b is not inside tray", "E023", "`y and not b inside tray`", "rule a: y and not b inside tray"),
    ("rule a: every b: is not inside tray", "E023", "`every b: not inside tray`", "rule a: every b: not inside tray"),
    ("rule a: bolt not overlaps nut", "E023", "`not bolt overlaps nut`", "rule a: not bolt overlaps nut"),
    ("rule a: no cap unless x > 3", "E043", "`no cap or x > 3`", "rule a: no cap or x > 3"),
    ("rule a: either some b or some c", "E043", "`some b or some c`", "rule a: some b or some c"),
    ("rule a: neither b nor some c", "E043", "`no b and no c`", "rule a: no b and no c"),
    (
        "rule a: some b xor some c",
        "E043",
        "`(some b or some c) and not (some b and some c)`",
        "rule a: (some b or some c) and not (some b and some c)",
    ),
    ("rule a: count(b such that x > 3 px) = 2", "E026", "`b where x > 3 px`", "rule a: count(b where x > 3 px) = 2"),
    ("rule a when some cap: x > 3", "E035", "`rule a: if some cap then …`", "rule a: if some cap then x > 3"),
    ('object "hex bolt": 2', "E015", '`hex_bolt "hex bolt"`', 'object hex_bolt "hex bolt": 2'),
    ("rule a: x < 50 % of t", "E043", "`x < 50 % * t.width`", "rule a: x < 50 % * t.width"),
    ("rule a: area >= 5 % of t", "E043", "`area >= 5 % * t.area`", "rule a: area >= 5 % * t.area"),
    ("rule a: count(b) >= 50 % of c", "E043", "`count(b) >= 50 % * count(c)`", "rule a: count(b) >= 50 % * count(c)"),
    ("rule a: x not between 2 and 4", "E027", "`x not in 2 .. 4`", "rule a: x not in 2 .. 4"),
    ("rule a: bolt is above nut", "E023", "`bolt above nut`", "rule a: bolt above nut"),
    ("rule a: x is at least 3 px", "E023", "`x >= 3 px`", "rule a: x >= 3 px"),
    ("rule a: x less than 3 px", "E023", "`x < 3 px`", "rule a: x < 3 px"),
    ("rule a: x greater than or equal to 3", "E023", "`x >= 3`", "rule a: x >= 3"),
    ("rule a: exactly 2 bolt", "E024", "`count(bolt) = 2`", "rule a: count(bolt) = 2"),
    ("rule a: at least 2 bolts and y", "E024", "`count(bolts) >= 2`", "rule a: count(bolts) >= 2 and y"),
    ("object a: exactly 2", "E024", "`object a: 2`", "object a: 2"),
    ("object a: more than 2", "E024", "`object a: at least 3`", "object a: at least 3"),
    ("rule a: bolt left of nut", "E025", "`bolt left_of nut`", "rule a: bolt left_of nut"),
    ("rule a: bolt to the right of nut", "E025", "`bolt right_of nut`", "rule a: bolt right_of nut"),
    ("rule a: bolt on top of nut", "E025", "`bolt above nut`", "rule a: bolt above nut"),
    ("rule a: no bolt has x < 3", "E026", "`no bolt where x < 3`", "rule a: no bolt where x < 3"),
    ("rule a: no bolt with x < 3", "E026", "`no bolt where x < 3`", "rule a: no bolt where x < 3"),
    ("rule a: x between 2 and 4", "E027", "`x in 2 .. 4`", "rule a: x in 2 .. 4"),
    ("doubtful 0.3-0.5", "E027", "`doubtful 0.3 .. 0.5`", "doubtful 0.3 .. 0.5"),
    ("param a = 2 in 1 - 5", "E027", "`param a = 2 in 1 .. 5`", "param a = 2 in 1 .. 5"),
    ('rule a: tag.text starts with "b"', "E023", '`matches(tag.text, "b.*")`', 'rule a: matches(tag.text, "b.*")'),
    ('rule a: x and text ends with "b.c"', "E023", '`x and matches(text, ".*b[.]c")`',
     'rule a: x and matches(text, ".*b[.]c")'),
    ("rule a: every b: length within 3 px of 20 px", "E023", "`every b: length = 20 px within 3 px`",
     "rule a: every b: length = 20 px within 3 px"),
    ("rule a: x within 3 of 20 and y", "E023", "`x = 20 within 3 and y`", "rule a: x = 20 within 3 and y"),
    ("rule a: bolt within 3 px of nut", "E023", "`bolt near nut within 3 px`", "rule a: bolt near nut within 3 px"),
    ("rule a: 2 = match x { < 5 px -> 2, else -> 3 }", "E027", "`0 .. 5 px`",
     "rule a: 2 = match x { 0 .. 5 px -> 2, else -> 3 }"),
    ("rule a: 2 = match x { 0 -> 2, > 3 -> 3 }", "E027", "`else`", "rule a: 2 = match x { 0 -> 2, else -> 3 }"),
    ("rule a: 2 = match x { > 3 -> 3, 0 -> 2 }", "E027", "`3 .. 999999999`",
     "rule a: 2 = match x { 3 .. 999999999 -> 3, 0 -> 2 }"),
    ("rule a: 2 = match x { 1 or 2 -> 3, else -> 2 }", "E043", "`1 | 2 -> 3`",
     "rule a: 2 = match x { 1 | 2 -> 3, else -> 2 }"),
    ("rule a: [class of first(b by x) of c d] = [e]", "E045", "`first(b by x).class`",
     "rule a: [first(b by x).class of c d] = [e]"),
    ("rule a: x in 2 to 4", "E027", "`x in 2 .. 4`", "rule a: x in 2 .. 4"),
    ("rule a: all bolt: x", "E028", "`every bolt: x`", "rule a: every bolt: x"),
    ("rule a: for each bolt: x", "E028", "`every bolt: x`", "rule a: every bolt: x"),
    ("rule a: any bolt inside b", "E028", "`some bolt inside b`", "rule a: some bolt inside b"),
    ("grid cell = 3 x 5", "E029", "`grid cell = 3 rows, 5 columns`", None),
    ("grid cell = 3, 5", "E029", "`grid cell = 3 rows, 5 columns`", None),
    ("rule a: every bolt inside left", "E030", "`every bolt: inside left`", "rule a: every bolt: inside left"),
    ("rule a: every c d count(x) = 1", "E030", "`every c d: count(x) = 1`", "rule a: every c d: count(x) = 1"),
    (
        "rule a: no b where x and no c where y",
        "E031",
        "`(no b where x) and (no c where y)`",
        "rule a: (no b where x) and (no c where y)",
    ),
    (
        "rule a: every b: x and every c: y",
        "E031",
        "`(every b: x) and (every c: y)`",
        "rule a: (every b: x) and (every c: y)",
    ),
    ("rule a: x or if y then z", "E031", "`x or (if y then z)`", "rule a: x or (if y then z)"),
    ("rule a: not every b: x", "E032", "`not (every b: x)`", "rule a: not (every b: x)"),
    ("rule a: not no b where x", "E032", "`not (no b where x)`", "rule a: not (no b where x)"),
    ("object frame: 1", "E033", '`object o_frame "frame"`', "object o_frame: 1"),
    ("rule other: x", "E033", "another name", "rule my_other: x"),
    ("rule a x = 1", "E035", "`rule a: …`", "rule a: x = 1"),
    ("rule a { x = 1 }", "E035", "`rule a: x = 1`", "rule a: x = 1"),
    ("object bolt: 2 nut: 3", "E036", "`object nut: 3`", "object bolt: 2 object nut: 3"),
    ("object bolt: 2, nut: 3", "E036", "`object nut: 3`", "object bolt: 2 object nut: 3"),
    ("object bolt nut", "E036", "`object bolt, nut`", "object bolt, nut"),
    ("rule a: x = 1 < 2", "E044", "`x = 1 and 1 < 2`", "rule a: x = 1 and 1 < 2"),
    ("rule a: count bolt = 2", "E019", "`count(bolt) = 2`", "rule a: count(bolt) = 2"),
    ("rule a: number of bolt = 2", "E019", "`count(bolt) = 2`", "rule a: count(bolt) = 2"),
    ("rule a: length of bolt > 2", "E045", "`max(length of bolt)`", "rule a: bolt.length > 2"),
    ("rule a: x > 20 pixels", "E013", "`20 px`", "rule a: x > 20 px"),
    ("rule a: x > 3 inches", "E013", "`3 inch`", "rule a: x > 3 inch"),
    ("rule a: x in 1.9 .. 2.1 thou", "E013", "`2.1 mil`", "rule a: x in 1.9 .. 2.1 mil"),
    ("rule a: x in 1.9 .. 2.1 ft", "E013", "`57.912 cm .. 64.008 cm`", "rule a: x in 57.912 cm .. 64.008 cm"),
    ("rule a: x in 1.9 m .. 2.1", "E013", "`190 cm .. 210 cm`", "rule a: x in 190 cm .. 210 cm"),
    ("rule a: x in -2 .. -1 ft", "E013", "`-60.96 cm .. -30.48 cm`", "rule a: x in -60.96 cm .. -30.48 cm"),
    ("rule a: x > 5 pix", "E013", "`5 px`", "rule a: x > 5 px"),
    ("rule a: x > 5degrees", "E013", "`5 deg`", "rule a: x > 5 deg"),
    ("rule a: x > 5 °", "E013", "`5 deg`", "rule a: x > 5 deg"),
    ("rule a: x > 5 µm", "E013", "`5 um`", "rule a: x > 5 um"),
    ("rule a: x > 5 px²", "E013", "`5 px2`", "rule a: x > 5 px2"),
    ("rule a: x > 5 px^2", "E013", "`5 px2`", "rule a: x > 5 px2"),
    ("rule a: x > 5 PX", "E013", "`5 px`", "rule a: x > 5 px"),
    ("rule a: x > 3 cubits", "E013", None, "rule a: x > 3"),
    ("color red = #8c2a1e within 18", "E012", '`"#8c2a1e"`', 'color red = "#8c2a1e" within 18'),
    ("rule a: x in [#8c2a1e, red]", "E012", '`"#8c2a1e"`', 'rule a: x in ["#8c2a1e", red]'),
    ("let a = .5", "E016", "`0.5`", "let a = 0.5"),
    ("rule a: x < .55 degrees", "E016", "`0.55 deg`", "rule a: x < 0.55 deg"),
    ("rule a: x in 1 px....3 px", "E022", "`..`", "rule a: x in 1 px .. 3 px"),
    ("rule a: x in 3 ft .. 1 m", "E013", "`91.44 cm .. 100 cm`", "rule a: x in 91.44 cm .. 100 cm"),
    ("let a = 5.", "E016", "`5`", "let a = 5"),
    ("object größe: 1", "E015", "`groesse`", "object groesse: 1"),
    ("object long-bolt: 1", "E015", "`long_bolt`", "object long_bolt: 1"),
    ("rule my rule: x", "E015", "`my_rule`", "rule my_rule: x"),
    ("object bolt: 2 // two", "E017", "`# two`", "object bolt: 2"),
    ("object bolt: /* two */ 2", "E017", "`# two`", "object bolt: 2"),
    ("rule a: evry b: x", "E018", "`every`", "rule a: every b: x"),
    ("rule a: x defekt y", "E018", "`defect`", "rule a: x defect y"),
    ("rule a: count(b)) = 2", "E039", "remove `)`", "rule a: count(b) = 2"),
    ("rule a: count(b] = 2", "E038", "`)`", "rule a: count(b) = 2"),
    ("rule a: count(b = 2 defect c", "E038", "`)`", "rule a: count(b = 2) defect c"),
    ("attribute kind: a, b", "E043", "`attribute kind: a | b`", "attribute kind: a | b"),
    ("color red: \"#ff0000\"", "E043", '`color red = "#ff0000"`', 'color red = "#ff0000"'),
    ("param gap 20 px", "E043", "`param gap = 20 px`", "param gap = 20 px"),
    ('color red = "#ff0000" within 12 %', "E043", "within 12`", 'color red = "#ff0000" within 12'),
    ("keep best bolt", "E043", "`keep best of bolt`", "keep best of bolt"),
    ("rule a: x in red, blue", "E043", "`in [red, blue]`", "rule a: x in [red, blue]"),
    ("rule a: x in {red, blue}", "E043", "`in [red, blue]`", "rule a: x in [red, blue]"),
    ("rule a: x in (1, 3) and y", "E043", "`in [1, 3]`", "rule a: x in [1, 3] and y"),
    ("rule a: x in [1 .. 3]", "E043", "`in 1 .. 3`", "rule a: x in 1 .. 3"),
    ("rule a: every b: x, y", "E043", "`every b: x and y`", "rule a: every b: x and y"),
    ("rule a: every b and c: x", "E043", "`every (b | c): x`", "rule a: every (b | c): x"),
    ("object a: >= 2", "E024", "`object a: at least 2`", "object a: at least 2"),
    ("object a, b: 2", "E036", "`object b: 2`", "object a: 2 object b: 2"),
    ("grid cell = 3x5", "E029", "`grid cell = 3 rows, 5 columns`", None),
    ("let a = 1_000", "E016", "`1000`", "let a = 1000"),
    ("rule a: bolt's length > 3", "E014", None, None),
    ("color red = ff0000", "E047", '`"#ff0000"`', None),
    ("color red = rgb(1, 2, 3)", "E047", '`"#8c2a1e"`', None),
    ("Object bolt: 2", "E018", "`object`", "object bolt: 2"),
    ("rule a: if x, y", "E043", "`if x then y`", "rule a: if x then y"),
    ("rule a: every b, c: x > 3", "E043", "`every (b | c): x > 3`", "rule a: every (b | c): x > 3"),
    ("rule a: every b and c d: d.x > 3", "E043", "`every (b | c) d: d.x > 3`", "rule a: every (b | c) d: d.x > 3"),
    ("rule a: [u of b by x | c by x] = v", "E043", "`u of b | c by x`", "rule a: [u of b | c by x] = v"),
    ("rule a: every b c, b d: x", "E043", "`every b c: every other b d: x`", "rule a: every b c: every other b d: x"),
    ("rule a: every b c and e d: x", "E043", "`every b c: every e d: x`", "rule a: every b c: every e d: x"),
    ("rule a: count(b) >= 1 and <= 3", "E043", "`count(b) >= 1 and count(b) <= 3`",
     "rule a: count(b) >= 1 and count(b) <= 3"),
    ("rule a: every b: in c", "E025", "`every b: inside c`", "rule a: every b: inside c"),
    ("rule a: every b: not in c", "E025", "`every b: not inside c`", "rule a: every b: not inside c"),
    ("rule a: p[1, 2] contains c", "E043", "`only(p where row = 1 and col = 2)`",
     "rule a: only(p where row = 1 and col = 2) contains c"),
    ("rule a: x >= 50 % of count(b)", "E043", "`x >= 50 % * count(b)`", "rule a: x >= 50 % * count(b)"),
    ("rule a: x in 1 .. 2 in and y", "E013", "`x in 1 .. 2 inch and y`", "rule a: x in 1 .. 2 inch and y"),
    ('rule a: x > 2"', "E007", "`2 inch`", None),
    ("object a, b: 1", "E036", "`object a: 1` and `object b: 1`", "object a: 1 object b: 1"),
    ("rule a: every b: x > 3,5 mm", "E016", "`3.5 mm`", "rule a: every b: x > 3.5 mm"),
    ("rule a: every b: x in 3,5 .. 4 mm", "E016", "`3.5`", "rule a: every b: x in 3.5 .. 4 mm"),
    ("rule a: every b: x > 1,000 px", "E016", "`1000 px`, or `1.000 px`", "rule a: every b: x > 1000 px"),
    ("rule a: every b: x > 1 000 px", "E016", "`1000 px`", "rule a: every b: x > 1000 px"),
    ("rule a: x = 3 mm ± 1 mm", "E006", "`within`", "rule a: x = 3 mm within 1 mm"),
    ("rule a: x = 3 mm +/- 1 mm", "E022", "`within`", "rule a: x = 3 mm within 1 mm"),
    ("rule a: x is between 3 mm and 5 mm", "E027", "`x in 3 mm .. 5 mm`", "rule a: x in 3 mm .. 5 mm"),
    ("rule a: x = 3 .. 5 mm", "E027", "`x in 3 .. 5 mm`", "rule a: x in 3 .. 5 mm"),
    ("rule a: count(b) = 2 to 4", "E027", "`count(b) in 2 .. 4`", "rule a: count(b) in 2 .. 4"),
    ("rule a: every b: x no more than 3 mm", "E023", "x <= 3 mm`", "rule a: every b: x <= 3 mm"),
    ("rule a: every b: x not less than 3 mm", "E023", "x >= 3 mm`", "rule a: every b: x >= 3 mm"),
    ("rule a: every b: x up to 3 mm", "E023", "x <= 3 mm`", "rule a: every b: x <= 3 mm"),
    ("rule a: every b: x exceeds 3 mm", "E023", "x > 3 mm`", "rule a: every b: x > 3 mm"),
    ("rule a: no more than 4 b", "E024", "`count(b) <= 4`", "rule a: count(b) <= 4"),
    ("rule a: no fewer than four b", "E024", "`count(b) >= 4`", "rule a: count(b) >= 4"),
    ("rule a: there are two b", "E024", "`count(b) = 2`", "rule a: count(b) = 2"),
    ("rule a: there must be at least one b", "E024", "`count(b) >= 1`", "rule a: count(b) >= 1"),
    ("rule a: exactly one b inside c", "E024", "`count(b inside c) = 1`", "rule a: count(b inside c) = 1"),
    ("rule a: at least 2 b where x > 3", "E024", "`count(b where x > 3) >= 2`", "rule a: count(b where x > 3) >= 2"),
    ("rule a: c contains 3 b", "E024", "`count(b inside c) = 3`", "rule a: count(b inside c) = 3"),
    ("rule a: every c: one b", "E024", "`every c a: count(b inside a) = 1`",
     "rule a: every c a: count(b inside a) = 1"),
    ("rule a: every c contains at most two b", "E024", "count(b inside a) <= 2`",
     "rule a: every c a: count(b inside a) <= 2"),
    ("rule a: c contains every b", "E043", "`every b: inside c`", "rule a: every b: inside c"),
    ("rule a: b count = 3", "E019", "`count(b) = 3`", "rule a: count(b) = 3"),
    ("rule a: leftmost b inside c", "E019", "`first(b by x) inside c`", "rule a: first(b by x) inside c"),
    ("rule a: lowest b inside c", "E019", "`last(b by y) inside c`", "rule a: last(b by y) inside c"),
    ("rule a: first b by x inside c", "E019", "`first(b by x) inside c`", "rule a: first(b by x) inside c"),
    ("rule a: max width of b < 5", "E019", "`max(width of b) < 5`", "rule a: max(width of b) < 5"),
    ("rule a: total area of b < 5", "E019", "`sum(area of b) < 5`", "rule a: sum(area of b) < 5"),
    ("rule a: distance between b and c > 5", "E019", "`distance(b, c) > 5`", "rule a: distance(b, c) > 5"),
    ("rule a: every b: x > half of y", "E043", "`every b: x > 0.5 * y`", "rule a: every b: x > 0.5 * y"),
    ("rule a: every b: x > 2x y", "E043", "`every b: x > 2 * y`", "rule a: every b: x > 2 * y"),
    ("rule a: count(b) = twice count(c)", "E043", "2 * count(c)`", "rule a: count(b) = 2 * count(c)"),
    ("rule a: some b.x > 3", "E043", "`some b where x > 3`", "rule a: some b where x > 3"),
    ("rule a: every b.x > 3", "E043", "`every b: x > 3`", "rule a: every b: x > 3"),
    ("rule a: every b is inside c", "E030", "`every b: inside c`", "rule a: every b: inside c"),
    ("rule a: every b is not inside c", "E030", "`every b: not inside c`", "rule a: every b: not inside c"),
    ("rule a: no b in c", "E025", "`no b inside c`", "rule a: no b inside c"),
    ("rule a: no b not inside c", "E026", "`no b where not inside c`", "rule a: no b where not inside c"),
    ("rule a: none of b inside c", "E028", "`no b inside c`", "rule a: no b inside c"),
    ("rule a: all of the b: inside c", "E028", "`every b: inside c`", "rule a: every b: inside c"),
    ("rule a: the b inside c", "E043", "leave out `the`", "rule a: b inside c"),
    ("rule a: same(x of b) within 1 mm", "E025", "`same(x of b, 1 mm)`", "rule a: same(x of b, 1 mm)"),
    ('rule a: b.text matches "[A-Z]+"', "E023", '`matches(b.text, "[A-Z]+")`', 'rule a: matches(b.text, "[A-Z]+")'),
    ("rule a: if x then y otherwise z", "E043", "`if x then y else z`", "rule a: if x then y else z"),
    ("rule a: when x then y", "E043", "`if x then y`", "rule a: if x then y"),
    ("rule a: x implies y", "E043", "`if x then y`", "rule a: if x then y"),
    ("rule a: unless some b, x", "E043", "`if not (some b) then x`", "rule a: if not (some b) then x"),
    ("rule a: count(b) = if x then 2 else 3", "E043", "`count(b) = (if x then 2 else 3)`",
     "rule a: count(b) = (if x then 2 else 3)"),
    ("rule a: count(b) = 2 if x else 3", "E043", "`count(b) = (if x then 2 else 3)`",
     "rule a: count(b) = (if x then 2 else 3)"),
    ("rule a: every b in c: b.x > 3", "E043", "`every c b: b.x > 3`", "rule a: every c b: b.x > 3"),
    ("rule a: for b in c: b.x > 3", "E043", "`every c b: b.x > 3`", "rule a: every c b: b.x > 3"),
    ("rule a: every c a next c b by x: y", "E043", "`every c a next b by x: y`", "rule a: every c a next b by x: y"),
    ("rule a: every pair of c a, b: x", "E043", "`every c a: every other c b: x`",
     "rule a: every c a: every other c b: x"),
    ("rule a: if x then y elif z then w", "E043", "else if", "rule a: if x then y else if z then w"),
    ("rule a: 2 or more b", "E024", "`count(b) >= 2`", "rule a: count(b) >= 2"),
    ("object a: two or fewer", "E024", "`object a: at most 2`", "object a: at most 2"),
    ("object a: between 2 and four", "E024", "`object a: 2 .. 4`", "object a: 2 .. 4"),
    ("object a: b where x > 3", "E043", "`object a = …`", "object a = b where x > 3"),
    ("rule a: x in 1in .. 2 inch", "E013", "`x in 1 inch .. 2 inch`", "rule a: x in 1 inch .. 2 inch"),
    ("rule a: every b: x outside 10 .. 20 px", "E023", "x not in 10 .. 20 px`",
     "rule a: every b: x not in 10 .. 20 px"),
    ("rule a: x in match k { u -> 2 .. 3, v -> 4 .. 5 }", "E027", "{ u -> x in 2 .. 3, v -> x in 4 .. 5 }`",
     "rule a: match k { u -> x in 2 .. 3, v -> x in 4 .. 5 }"),
    ("rule a: every b: x > 3 xor y > 5", "E043", "(x > 3 or y > 5) and not (x > 3 and y > 5)`",
     "rule a: every b: (x > 3 or y > 5) and not (x > 3 and y > 5)"),
    ("rule a: every b: neither inside c nor inside d", "E043", "not (inside c) and not (inside d)`",
     "rule a: every b: not (inside c) and not (inside d)"),
    ("rule a: x > 3 but y < 5", "E043", "`x > 3 and y < 5`", "rule a: x > 3 and y < 5"),
    ("rule a: every b: x > 3 but < 5", "E043", "`every b: x > 3 and x < 5`", "rule a: every b: x > 3 and x < 5"),
    ("rule a: b exists", "E023", "`some b`", "rule a: some b"),
    ("rule a: b is missing", "E023", "`no b`", "rule a: no b"),
    ("rule a: at most one b per c", "E024", "`every c a: count(b inside a) <= 1`",
     "rule a: every c a: count(b inside a) <= 1"),
    ("rule a: two b in each c", "E024", "`every c a: count(b inside a) = 2`",
     "rule a: every c a: count(b inside a) = 2"),
    ("rule a: x < 50 % b.width", "E043", "`x < 50 % * b.width`", "rule a: x < 50 % * b.width"),
    ("rule a: width of largest b < 5", "E045", "`largest(b).width < 5`", "rule a: largest(b).width < 5"),
    # what is no number, no sign and no condition is neither joined nor left out
    ("rule a: every b: x = 3 q r", "E043", None, None),
    ("rule a: b.color = red, blue", "E043", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "code", "fix", "meant"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_a_mistake_has_one_message_and_its_fix(wrong, code, fix, meant):
    file, bag = parse(Source("test", wrong))
    assert [d.code for d in bag.sorted()] == [code], str(bag)
    found = bag.sorted()[0]
    assert found.message[0] == found.message[0].lower()
    assert not found.message.endswith(".")
    assert found.message.startswith("expected ")
    assert found.span.end > found.span.start
    assert fix is None or fix in (found.fix or "")
    assert shape(file.statements) == (shape(read(meant).statements) if meant else "[]")


@pytest.mark.parametrize(("wrong", "code", "fix", "meant"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_a_mistake_leaves_its_neighbours_alone(wrong, code, fix, meant):
    text = f"object before: 1\n{wrong}\nrule after: count(before) = 1"
    file, bag = parse(Source("test", text))
    assert [d.code for d in bag.sorted()] == [code], str(bag)
    names = [getattr(getattr(s, "name", None), "name", "") for s in file.statements]
    assert (names[0], names[-1]) == ("before", "after")
    inside, bag = parse(Source("test", f"variant v when x {{\n{text}\n}}\nobject last"))
    assert [d.code for d in bag.sorted()] == [code], str(bag)
    assert [getattr(s, "name").name for s in inside.statements] == ["v", "last"]  # noqa: B009


@pytest.mark.parametrize(
    ("commas", "plain"),
    [
        ("rule a: x = 2 low b, high c, severity high", "rule a: x = 2 low b high c severity high"),
        ('object a: 2 defect b, message "c"', 'object a: 2 defect b message "c"'),
        ("object a = b where x: 2 low c,\n    high d", "object a = b where x: 2 low c high d"),
        (
            'test "t" on 2 px by 2 px expect pass a, b, expect fail c, expect defect d, expect review',
            'test "t" on 2 px by 2 px expect pass a, b expect fail c expect defect d expect review',
        ),
        ('test "t" on 2 px by 2 px expect pass, expect fail c', 'test "t" on 2 px by 2 px expect pass expect fail c'),
    ],
)
def test_commas_between_outcomes_and_expectations_are_no_matter(commas, plain):
    assert shape(read(commas).statements) == shape(read(plain).statements)
    assert format_file(read(commas)) == format_file(read(plain))
    file, bag = parse(Source("test", commas + ","))
    assert [d.fix for d in bag.items] == ["remove `,`"]
    assert shape(file.statements) == shape(read(plain).statements)


def test_three_mistakes_are_three_messages():
    text = "spec a\nobject bolt: 2 nut: 3\nrule r: evry bolt: inside left\nlet x 3\nrule s: count(bolt) = 2\n"
    file, bag = parse(Source("a.logic", text))
    assert [(d.code, d.span.line) for d in bag.sorted()] == [("E036", 2), ("E018", 3), ("E043", 4)]
    assert len(file.statements) == 5
    assert str(bag) == (
        "error[E036]: expected one object per statement, found a second\n"
        "  --> a.logic:2:16\n 2 | object bolt: 2 nut: 3\n   |                ^^^\n"
        "  fix: write `object bolt: 2` and `object nut: 3`\n\n"
        "error[E018]: expected `every`, found `evry`\n"
        "  --> a.logic:3:9\n 3 | rule r: evry bolt: inside left\n   |         ^^^^\n"
        "  fix: write `every`\n\n"
        "error[E043]: expected `=`, found `3`\n"
        "  --> a.logic:4:7\n 4 | let x 3\n   |       ^\n"
        "  fix: write `let x = 3`"
    )


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("rule a: x =\nrule b: y", ["E042"]),
        ("rule a: count(\nobject b", ["E038"]),
        ("object\nobject b", ["E042"]),
        ("rule a: x }\nobject b", ["E039"]),
        ("variant v when { object a }\nobject b", ["E043"]),
        ("variant v when x { object a\nobject b", ["E038"]),
        ('rule a: x = "open\nobject b', ["E007"]),
        ('spec a "two\nlines"\nobject b', ["E007"]),
        ("let a = @b\nobject b", ["E005"]),
        ("bolts 2\nobject b", ["E041"]),
        ("object a\nbolts 2\nobject b", ["E041"]),
        ("```logic\nobject b\n```", ["E005", "E005"]),
        ("object b\nspec a\nlogic 1", ["E037", "E037"]),
        ("spec a\nspec c\nobject b", ["E037"]),
        ("rule a: count(bolt)\n  == 2\n  && x\nobject b", ["E020", "E021"]),
    ],
)
def test_one_mistake_has_no_followers(text, want):
    file, bag = parse(Source("test", text))
    assert [d.code for d in bag.sorted()] == want, str(bag)
    assert "b" in [n.name.name for n in walk(file) if isinstance(n, ast.Object | ast.Rule)]


def test_what_a_broken_statement_would_declare_is_known():
    file, _ = parse(Source("test", "object a, b: = 3\nlet c = )\nregion d = box(\nrule r: x ="))
    assert [i.name for i in file.broken] == ["a", "b", "c"]
    assert [i.span.text for i in file.broken] == ["a", "b", "c"]
    assert [s.name.name for s in file.statements if isinstance(s, ast.Region)] == ["d"]  # it was read with its `)`


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_missing_word_is_never_a_crash_and_seldom_silence(sentence):
    """Of the texts with one word left out, each is read or explained, and a message points into the text."""
    words = sentence.split()
    for at in range(len(words)):
        text = " ".join([*words[:at], *words[at + 1 :]])
        _, bag = parse(Source("test", text))
        for found in bag.items:
            assert 0 <= found.span.start <= found.span.end <= len(text)
            assert found.code in SYNTAX


# ---- other formats, and files ----


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"spec": "a"}', "JSON"),
        ("---\nspec: a\n", "YAML"),
        ("# a comment\nspec: a\nobject:\n  bolt: 2\n", "YAML"),
        ("object:\n  bolt: 2\n", "YAML"),
        ("<?xml version='1.0'?><spec/>", "XML"),
    ],
)
def test_another_format_is_named(text, what):
    file, bag = parse(Source("a.logic", text))
    assert [d.code for d in bag.items] == ["E004"]
    assert what in bag.items[0].message
    assert file.statements == ()


def test_files_are_read_as_people_save_them(tmp_path):
    for name, data in {
        "plain": b"spec a\nobject b: 2\n",
        "bom": b"\xef\xbb\xbfspec a\r\nobject b: 2\r\n",
        "mac": b"# words\rspec a\robject b: 2\r",
        "utf16": "spec a\r\nobject b: 2".encode("utf-16"),
    }.items():
        (tmp_path / name).write_bytes(data)
        file, bag = parse(read_source(tmp_path / name))
        assert bag.ok, name
        assert shape(file.statements) == "[Object(b [] _ Cardinality(exactly 2) [])]"


def test_a_byte_that_is_no_text_is_found_on_its_line(tmp_path):
    (tmp_path / "latin.logic").write_bytes("spec a\n# für\nobject b".encode("latin-1"))
    _, bag = parse(read_source(tmp_path / "latin.logic"))
    assert [(d.code, d.span.line) for d in bag.items] == [("E001", 2)]


def test_what_is_no_file_is_said(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    with pytest.raises(InputError, match=r"binary file .*picture.png"):
        read_source(tmp_path / "picture.png")
    with pytest.raises(InputError, match="there is no such file"):
        read_source(tmp_path / "none.logic")
    with pytest.raises(InputError, match="expected a spec file, found the folder"):
        read_source(tmp_path)
