"""The report as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from logidsl.report.formats import Stream, Style, find
from logidsl.report.formats.text import printable
from logidsl.report.html import page
from logidsl.report.model import ObjectRef
from logidsl.report.report import Report
from tests.report import made

EXPECTED = """\
PASS   a/good.png: 15 objects, every rule holds
FAIL   a/one missing.png: missing_pushpin, 15 objects
  1. one_pin_per_cell: each compartment holds one pin [quantity]
     defect      missing_pushpin
     expected    1
     found       0
     missing     pushpin
     where       cell in row 2, column 4 at x 612.4 to 816, y 338 to 662 px
     margin      -1, where 0 is the limit
      --> pushpins.logic:7:9
     7 |         count(pushpin inside c) = 1
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^
REVIEW b/doubt.png: 15 objects
  1. one_pin_per_cell: each compartment holds one pin [quantity, not decided]
     defect      missing_pushpin
     expected    1
     found       0 or 1
     compared to pushpin 3 at x 1 to 3, y 2 to 4 px
     because     ambiguous: pushpin 3 has confidence 0.41, and from 0.3 to 0.6 is doubtful
      --> pushpins.logic:7:9
     7 |         count(pushpin inside c) = 1
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^
ERROR  b/broken.png: no picture: expected PNG, JPEG, TIFF, BMP or WebP
note: class `Pushpin` of the source read as `pushpin`
4 pictures: 1 pass, 1 fail, 1 review, 1 error (spec pushpins, pushpins.logic)
"""


def text(report: Report, **style: object) -> str:
    """The report in the text format."""
    return "".join(find("text")(Stream.of(report), Style(**{"sources": report.sources, **style})))  # type: ignore[arg-type]


def test_every_verdict_reads_well() -> None:
    assert text(made.mixed()) == EXPECTED
    assert str(made.mixed()) == EXPECTED.rstrip("\n")


def test_colours_change_nothing_but_colour() -> None:
    coloured = text(made.mixed(), color=True)
    assert "\033[31;1mFAIL" in coloured
    assert re.sub(r"\033\[[\d;]*m", "", coloured) == EXPECTED


@pytest.mark.parametrize("width", [50, 60, 79, 100])
def test_lines_fit_the_page(width: int) -> None:
    report = made.report(made.image("a/one missing.png", "fail", made.missing(), made.open_question()))
    shown = text(report, width=width)
    own = [line for line in shown.splitlines() if "|" not in line and "-->" not in line]
    assert max(map(len, own)) <= width
    # what is wrapped is all there
    assert "ambiguous: pushpin 3 has confidence 0.41, and from 0.3" in " ".join(shown.split())


def test_many_passing_images_are_counted_not_listed() -> None:
    images = [made.image(f"{n:05}.png", "pass") for n in range(10_000)]
    images[4321] = made.image("04321.png", "fail", made.missing())
    report = made.report(*images)
    shown = text(report)
    assert "PASS" not in shown
    assert shown.count("FAIL") == 1
    assert shown.splitlines()[-1] == "10000 pictures: 9999 pass, 1 fail (spec pushpins, pushpins.logic)"
    assert text(report, verbose=True).count("\nPASS") + 1 == 9999


def test_ten_images_are_all_listed() -> None:
    assert text(made.report(*(made.image(f"{n}.png", "pass") for n in range(10)))).count("PASS") == 10


def test_one_image_needs_no_summary() -> None:
    assert text(made.report(made.image("a.png", "pass"))) == "PASS   a.png: 15 objects, every rule holds\n"


def test_no_image_says_so() -> None:
    assert text(made.report()) == "0 pictures: nothing to judge (spec pushpins, pushpins.logic)\n"


def test_many_objects_are_cut_unless_verbose() -> None:
    finding = made.missing().replaced(objects=[ObjectRef(id=str(n), class_="bolt", role="witness") for n in range(30)])
    report = made.report(made.image("a.png", "fail", finding))
    assert "     objects     bolt 0\n                 bolt 1\n" in text(report)
    assert "bolt 5\n                 and 24 more\n" in text(report)
    assert "bolt 29" in text(report, verbose=True)


def test_words_over_several_lines_are_underlined_in_each() -> None:
    words = "every cell c:\n        count(pushpin inside c) = 1"
    shown = text(made.report(made.image("a.png", "fail", made.missing(words=words))))
    assert (
        """      --> pushpins.logic:6:5
     6 |     every cell c:
       |     ^^^^^^^^^^^^^
     7 |         count(pushpin inside c) = 1
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^"""
        in shown
    )


def test_a_spec_changed_since_shows_the_words_that_were_judged(tmp_path: Path) -> None:
    path = tmp_path / "pushpins.logic"
    report = made.report(made.image("a.png", "fail", made.missing(str(path))))
    path.write_text(made.SPEC)
    assert "7 |         count(pushpin inside c) = 1" in text(report)
    path.write_text(made.SPEC.replace("= 1", "= 2"))
    changed = text(report)
    assert "7 | count(pushpin inside c) = 1" in changed
    path.unlink()
    assert text(report) == changed


def test_wide_characters_are_underlined_where_they_stand() -> None:
    span = made.span_of("count(pushpin inside c) = 1").replaced(
        line=1, end_line=1, column=4, end_column=6, text="红色", path="w.logic"
    )
    report = made.report(made.image("a.png", "fail", made.missing().replaced(span=span)))
    shown = text(report, sources={"w.logic": "色= 红色\n"})
    assert "1 | 色= 红色\n       |     ^^^^\n" in shown


def test_control_characters_of_a_name_never_reach_the_terminal() -> None:
    shown = text(made.report(made.image("a\x1b[2J\x07\nb.png", "error")))
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "a\\x1b[2J\\x07 b.png" in shown
    assert printable("grün 红") == "grün 红"


def test_quiet_shows_only_what_does_not_pass() -> None:
    shown = text(made.mixed(), quiet=True)
    assert shown == "".join(line + "\n" for line in EXPECTED.splitlines()[1:-2])
    assert text(made.report(made.image("a.png", "pass")), quiet=True) == ""


def test_what_the_message_says_is_not_said_again() -> None:
    finding = made.missing().replaced(message="one pin each: expected 1, found 0")
    shown = text(made.report(made.image("a.png", "fail", finding)))
    assert shown.count("expected") == shown.count("found") == 1
    finding = made.missing().replaced(message="filled to 0 of 1")
    shown = text(made.report(made.image("a.png", "fail", finding)))
    assert "     expected    1\n     found       0\n" in shown


def test_missing_objects_of_a_class_are_counted() -> None:
    finding = made.missing().replaced(objects=[ObjectRef(id=None, class_="nut", role="absent")] * 3)
    assert "     missing     3 nut\n" in text(made.report(made.image("a.png", "fail", finding)))


def test_a_message_that_begins_with_the_rules_name_stands_alone() -> None:
    finding = made.missing().replaced(message="one pin per cell: expected 1, found 0")
    assert "\n  1. one pin per cell: expected 1, found 0 [quantity]\n" in text(
        made.report(made.image("a.png", "fail", finding))
    )


def test_a_warning_says_that_it_asks_for_review() -> None:
    image = made.image("a/long.png", "review", made.missing().replaced(verdict="review"))
    shown = text(made.report(image))
    assert "REVIEW a/long.png: missing_pushpin, 15 objects" in shown
    assert "[quantity, asks for review]" in shown
    assert "<td>verdict</td><td>review</td>" in page(made.report(image))
