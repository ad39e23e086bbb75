"""Building without garbage collection."""

from __future__ import annotations

import gc

import pytest

from logidsl.garbage import no_collections


def test_nothing_is_collected_and_what_was_made_is_old() -> None:
    with no_collections():
        assert not gc.isenabled()
        made: list[object] = [[]]
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert any(o is made for o in gc.get_objects(generation=2))


def test_a_program_that_has_switched_collections_off_is_left_alone() -> None:
    gc.disable()
    try:
        with no_collections():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_collections_go_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), no_collections():
        raise ZeroDivisionError
    assert gc.isenabled()
