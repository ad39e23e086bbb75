"""The language constructs in the prompt: a line each, with examples that compile.

`HABITS` is in every prompt, `FORMS` in the full one. The examples build on `DECLARED`; a test compiles each of them.
"""

from __future__ import annotations

from logidsl.types import UNITS

#: The declarations that the examples use.
DECLARED = """\
scale 1px = 0.1mm
color red = "#c02020" within 20
color blue = "#2040c0" within 20
object bolt, nut, pin
object tray: 1
object hub: 1
object cap: at most 1
param day_of_check in date_of("2026-01-01") .. date_of("2099-12-31")
attribute bent of pin: "yes" | "no"
attribute grade of bolt | nut: good | poor
region left = box(0%, 0%, 50%, 100%)
grid cell = 2 rows, 3 columns
layout seats "golden.csv" of turned(tray)
batch lot by lot_id
view front of lot by camera = "A"
"""
HABITS = f"""\
- `object washer` declares a class; `object washer: 2` also demands two; `object long_bolt = bolt where length > 40mm`
  names a set. `every bolt: inside tray`, `some bolt where grade = good`, `no bolt where grade = poor` put demands on
  sets; they stand in parentheses beside `and`, `or`, `not`. A bare attribute or relation is the walked member's.
- In a walk over `bolt` the bare word `bolt` is an error (E182), since it is the whole set. Give the member a name:
  `every bolt b: some nut near b within 5px`.
- A count is compared with a number: `count(bolt inside left) = 2`, `count(nut) in 2 .. 3`, `count(nut) <= 4`.
- A class of one, or at most one, stands for its member: `object lid: at most 1`, `tray.width <= 90mm`. Of others say
  which: `only(bolt).width <= 9mm`, `first(bolt by x).width <= 9mm`.
- A measured value needs `within` beside `=`: `tray.width = hub.width within 3px`.
- Units are written without a space: {" ".join(UNITS)}; mil is a thousandth of an inch. All but px, px2, deg, days and %
  need `scale 1px = 0.08mm`, or the draft's. `50%` of an x is a share of the picture's width, of a y of its height; of a
  plain length write `every bolt: length <= 0.5 * tray.width`.
- y grows downwards. A thing is `inside` by its centre; all of it: `every bolt: wholly inside tray`.
- Where something may be absent, guard it: `if some cap then cap.color = red`.
- A colour is `color green = "#20a040" within 20`; a hex value that the sentence does not give is a guess: ask.
- No thing or `let` has the name of an attribute or function, nor a reserved word such as `frame`, `scale` or `test`:
  `object o_ring "ring"`, where the text is what the source calls it. What is declared already is not declared again.
"""
FORMS = """\
- `attribute` declares a column of the table, with its labels or its type: count, number, length, area, angle (a main
  axis, -90 to 90 deg), turn (all round), text, color, point; after the name what the source calls it:
  `attribute finish "Finish" of bolt | nut: matt | glossy`, `attribute depth of bolt: length`. A number has no unit.
- A column called like a builtin (`angle`, `thickness`, `text`) is that builtin and is not declared:
  `every bolt: thickness in 3 .. 4mm`.
- Labels are bare names, or quoted if they were declared so; a text is quoted: `every pin: bent = "no"`. A value that
  the list lacks is undetermined.
- "!=" and "not in" are opposites of "=" and "in": `every bolt: grade != poor`, `every bolt: width not in 10 .. 20px`,
  `every bolt: angle != 0deg within 5deg`.
- Limits: `<=` for at most, up to, no more than; `<` for less than, under. Both ends of a range belong; else
  `every bolt: 20px <= length < 30px`. In `every bolt: length in 0.5 .. 0.75inch` the unit is that of both ends.
- `other`: the set without the member: `every bolt b: no other (bolt | nut) overlaps b`.
- "a next b": each member with the one after it, none for the last: `every bolt a next b by x: dx(a, b) in 20 .. 60px`,
  `spread(b.x_min - a.x_max of bolt a next b by x) <= 2px` for equal gaps.
- An order by a `direction` is a circle, last to first too: `max(steps(bolt by direction(hub, center))) <= 65deg`.
  On an open arc count from a start: `every bolt a next b by arc(direction(hub, center), 90deg): distance(a, b) <= 9mm`.
- A region, cell or `image` has a mean colour, and shares of pixels: `left.color = red`, `every cell c: c.lightness >=
  40%`, `every cell c: pixel_share(c, lightness < 30% and saturation > 20%) <= 5%`.
- "Nothing else lies in it": `unexplained(tray, lightness > 40%) <= 2%`, of the bright pixels there. Of objects of other
  classes, in annotations or tables: `object stranger = unlisted(): 0`, `no unlisted() s where s inside tray`.
- `match` has patterns that are labels, colours, counts, texts, ranges (the first that fits counts) or lists; its cases
  give numbers of one dimension, labels, texts, lists or conditions, not ranges:
  `every bolt: match grade { good -> length in 20 .. 30mm, poor -> length <= 20mm }`,
  `count(pin) = match [count(bolt), count(nut)] { [2, 2] -> 1, [2, 3] | [3, 2] -> 2, else -> 0 }`.
- Where no case fits: without `else`, and with "else -> unknown", review by a person; with "else -> none" it fails:
  `count(nut) = match cap.color { red -> 2, blue -> 3, else -> none }`. "Any other colour is wrong" is none, "goes to
  a person" is unknown; where nothing is said of the rest, leave `else` out.
- Undetermined is what hangs on something absent, tied, not measured or of nothing; it means review. With a false part
  `and` is false, with a true one `or` is true. An `if` with a false condition is true, with an undetermined one
  undetermined, unless `then` is true: `some cap and cap.color = red` fails without a cap.
- Of an empty set `every`, `no`, `distinct`, `same`, `increasing`, `paired`, `symmetric` hold, `some`, `linked` fail,
  `count`, `sum`, `kinds`, `clusters` are 0; `min`, `max`, `mean`, `median`, `first`, `only` are undetermined. So prefer
  `every bolt: length <= 40mm` to `max(length of bolt) <= 40mm`.
- A relation to several holds for any of them, `outside` for none: `every bolt: inside cell`, `every nut: outside
  (tray | hub)`. To an empty set it is false (`outside` true), to an absent single thing undetermined. `above`, `below`,
  `left_of`, `right_of` take one thing: `every nut n: some bolt b where n above b`.
- `touches` allows a gap of 1.5 px; exact contact is `every bolt b: gap(b, tray) <= 0px`. `gap` is 0 where shapes
  overlap or one lies in the other; `overlaps` needs a shared area.
- `width`, `height`, `x`, `x_min` are of the upright box, whatever the turn; `length`, `thickness`, `area`, `angle` of
  the outline. `center`, `inside`, `above` and their like go by the middle of the box.
- What mixes axes compares with px or mm, never with %: `every bolt: max(width, height) <= 40mm`; a quotient is a ratio:
  `every bolt: width / height <= 0.5`.
- Texts: `every bolt b: b.text = tray.text`, `characters(tray.text, 3, 6) = "2026"`, `contains_text(tray.text, "OK")`,
  `matches(tray.text, "[A-Z]{2}-[0-9]+")`, `valid(tray.text, "ean13")`. A text too short for `characters`, or that is no
  number or date, is undetermined.
- Dates: `date_of(tray.text, "DD.MM.YYYY") >= date_of("2026-11-30")`, a difference is in days:
  `date_of(tray.text, "MM/YY") - day_of_check <= 90days`. Today is a parameter without value, set for each run:
  `param today in date_of("2026-01-01") .. date_of("2099-12-31")`.
- A class is compared by name: `every (bolt | nut) p: if p.class = nut then p.width < 30px`.
- An order is a list, beside another or several; its length counts: `[class of bolt | nut by x] = [bolt, nut, bolt]`,
  `[grade of bolt by x] = [grade of nut by x]`, `[grade of bolt by x] in [[good, poor], [poor, good]]`; of measured
  values `[width of bolt by x] = [10, 20, 30px] within 2px`, `increasing(width of bolt by x)`.
- Row by row of parts that are not quite level, a second key after a comma, in a list in parentheses:
  `[grade of (bolt by level(y, 1mm), x)] = [good, poor]`, `first(bolt by level(y, 1mm), x).grade = good`.
- A name for a value of the member: `every bolt b with i = only(cell contains b).row: no nut n where n.x < 10mm * i`.
- One chain: `clusters(pin, 0.1mm) = 1` counts groups of pins at most so far apart; a path through touching members:
  `linked(hub, tray, pin)`.
- All alike, odd ones named: `same(color of bolt, 8)`, `same(width of bolt, 1mm)`.
- A cell has `row` and `col`: `every cell c where c.row = 1: count(bolt inside c) = 1`,
  `[count(bolt inside c) of cell c] = [1, 0, 1, 1, 0, 1]` row by row.
- In `region rim = box(0%, 0%, 100%, 20%) of tray` and `grid slot = 2 rows, 2 columns of tray` % is that of the object;
  `grid turned_slot = 2 rows, 2 columns of turned(tray)` turns with it.
- The object meant may be computed: `every nut n: nearest(bolt, n).grade = n.grade`. All but the first:
  `every bolt b where rank(b, bolt by x) > 1: b.width < 9mm`; equal keys share a rank, so it is known for a tie, too.
- Outcomes follow the condition: `rule bolts: count(bolt) = 2 low too_few high too_many severity high message "count!"`.
  `low` and `high` are of one comparison, measured side left; else `defect`: `rule pins: no pin
  defect match count(pin) { 1 -> one_pin, else -> "2_pins" }`. `severity` and `message` only where the sentence says so.
- What is only a warning, to be looked at and not rejected: `rule long: tray.width <= 36mm verdict review`. A warning
  limit beside a reject limit is a second rule.
- `doubtful 0.3 .. 0.6 of bolt`: below 0.3 a detection is dropped, from 0.6 it is sure, between it may be there or not,
  and what hangs on it is review. Only where the sentences speak of confidence.
- `variant red_one when cap.color = red { rule two: count(bolt) = 2 }` has rules for one kind of part, `otherwise` for
  the rest: `variant plain otherwise { rule none: no bolt }`. `param limit = 4 in 1 .. 9` is a number to be set later.
- Over a lot, or its last pictures: `batch line ordered by taken_at` is the whole run; aggregates then range over all
  pictures: `rule drift over last(lot, 50): mean(length of bolt) <= 40mm`, `rule yield over lot: pass_rate(some bolt) >=
  99%`, `rule both over lot: count(bolt on front) = 2`. A rule without `over` is about each picture.
- A draft may have a `layout` called `seats`, a table of places: `placed(bolt | nut, seats, 2mm)` says that each place
  has a part of its class, and none is elsewhere. Do not write a `layout`.
- A draft's `object clip = learned("clips.parts", 60%)`, `template`, `detect`, `blobs` say how things are seen: a class
  like any other. Do not write them.
"""
#: A worked translation that shows how sentences are accounted for.
ACCOUNTED = """\
Sentences:
1. Gear pump, final check
2. A long bolt is over 40 mm; 10 px are 1 mm.
3. Two long bolts per plate, and no other bolts.
4. All bolts lie level to 5 degrees, else "bolt_tilted".
5. Each bolt has a nut closer than 2 mm.
6. A nut is red.
7. Never more than two long bolts!
8. No nut lies outside the plate, and the plate fills at least half the picture's width.
Answer:
# 1: a heading
# 2
scale 10px = 1mm
object bolt
object long_bolt = bolt where length > 40mm
# 3
object plate: 1
rule long_bolts "two long bolts" as quantity:
    count(long_bolt) = 2
rule no_more "no other bolts" as quantity:
    count(bolt) = count(long_bolt)
# 4
rule level "bolts lie level to 5 deg" as position:
    every bolt: angle in -5 .. 5deg
    defect bolt_tilted
# 5
object nut
rule nuts "a nut closer than 2 mm to each bolt" as position:
    every bolt b: some nut n where gap(n, b) < 2mm
# 6? which red does a nut have, as a hex value, and how far may it be off
# 7: as 3
# 8
rule nuts_inside "no nut outside the plate" as position:
    every nut: inside plate
rule plate_wide "at least half the picture's width" as size:
    plate.width >= 50%
"""
