"""Nodes are values: equal by what they say, wherever it stands, and never changed."""

from __future__ import annotations

import pytest

from logidsl.source import Source
from logidsl.syntax import ast
from tests.syntax.trees import read, value

FRAME = Source("other", "    x + 1    ")


def test_nodes_are_compared_by_their_fields_alone():
    one, moved = value("x + 1"), value("x + 1").moved(lambda _: FRAME.span(4, 9))
    assert one == moved
    assert hash(one) == hash(moved)
    assert moved.span.text == "x + 1"
    assert {n.span.source for n in moved.children()} == {FRAME}
    assert one != value("x + 2")
    assert one != value("x")
    assert read("object a  # here") == read("object a")


def test_a_node_cannot_be_changed_but_replaced():
    node = value("x + 1")
    assert isinstance(node, ast.Binary)
    with pytest.raises(AttributeError):
        node.op = "-"  # type: ignore[misc]
    assert node.replaced(op="-") == value("x - 1")
    assert node.height == 2
    assert node.replaced(left=node).height == 3
    assert repr(node.left) == "Ref(name='x')"
