"""Rules as people write them, cut into sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logidsl.diagnostics import InputError
from logidsl.translate import split_sentences
from logidsl.translate.sentence_splitter import SENTENCES_MAX, TEXT_MAX

CASES = {
    "prose": ("Each cell holds one pin. No pin outside!  Why? Because.", 4),
    "numbers and abbreviations": ("A bolt is approx. 3.5 mm long, e.g. 3.4 mm. See fig. 5 for more.", 2),
    "lines": ("Two bolts\nTwo nuts\nOne washer", 3),
    "a wrapped line": (
        "The bottle must be filled to between 62 and 70 % of its height, and\nthe labels are in order.",
        1,
    ),
    "bullets": ("- two bolts\n* two nuts\n• one washer\n– no dirt", 4),
    "a numbered list": ("1. Two bolts\n2) two nuts\n(3) a washer\n④ nothing else", 4),
    "a list of boxes": ("[ ] two bolts\n[x] two nuts", 2),
    "an item of two sentences": ("1. Two bolts. Both long.\n2. A nut.", 3),
    "empty lines": ("a rule of some length, it seems,\nthat goes on\n\nanother", 2),
    "German": ("Jede Schraube ist ca. 20 mm lang, z. B. M4.\nHöchstens zwei Muttern!\nKeine Kratzer.", 3),
    "Spanish": ("¿Hay dos tuercas? Cada tornillo mide 3,5 mm, p.ej. M3.", 2),
    "French": ("Chaque case contient un seul clou. Aucun clou n’est dehors !", 2),
    "Japanese": ("各区画にピンが1本あること。枠の外にピンがないこと。3.5mm以上。", 3),
    "a wrapped Japanese line": (
        "各区画にはかならず黄色い押しピンがちょうど一本だけ入っていなければならず、\nそれ以外は不良とする。",
        1,
    ),
    "Chinese": ("每格必须有一个黄色图钉！不允许有多余的。\n2、外面没有图钉", 3),
    "a title": ("Work instruction:\n- two bolts", 2),
    "lines of a Mac and of Windows": ("two bolts\r\ntwo nuts\rone washer", 3),
}


@pytest.mark.parametrize("name", CASES)
def test_sentences_are_found(name: str):
    text, count = CASES[name]
    found = split_sentences(text)
    assert len(found) == count, [s.text for s in found]
    assert [s.number for s in found] == list(range(1, count + 1))


def test_no_mark_of_a_list_stays():
    found = split_sentences("1. two bolts\n- a nut\n（2）三个螺母\n12) 3.5 mm gap\n3.5 mm is the least")
    assert [s.text for s in found] == ["two bolts", "a nut", "三个螺母", "3.5 mm gap", "3.5 mm is the least"]


PARTS = [
    "bolt",
    "nut",
    "3.5 mm",
    "螺母",
    "。",
    ". ",
    "! ",
    "\n",
    "\n- ",
    "\n2) ",
    ", ",
    " ",
    "e.g. ",
    ":\n",
    "\x00",
    "(",
]


@given(st.lists(st.sampled_from(PARTS), max_size=20).map("".join))
def test_no_word_is_lost(text: str):
    words = ("bolt", "nut", "3.5 mm", "螺母")
    counts = [text.count(w) for w in words]
    if not any(counts) and not any(c.isalnum() for c in text):
        return
    try:
        found = split_sentences(text)
    except InputError:
        assert not any(counts)
        return
    assert [sum(s.text.count(w) for s in found) for w in words] == counts
    assert all("\n" not in s.text and s.text.strip() == s.text and any(c.isalnum() for c in s.text) for s in found)


def test_nothing_and_too_much_are_told():
    for text in ("", "  \n - \n", "。。"):
        with pytest.raises(InputError, match="found nothing"):
            split_sentences(text)
    with pytest.raises(InputError, match="at most 65,536 characters"):
        split_sentences("a" * (TEXT_MAX + 1))
    with pytest.raises(InputError, match="at most 200 sentences, found 201"):
        split_sentences("a bolt\n\n" * (SENTENCES_MAX + 1))
