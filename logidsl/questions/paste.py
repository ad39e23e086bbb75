"""A witness as a test that can be pasted into a spec."""

from __future__ import annotations

import re
from collections.abc import Sequence

from logidsl import ir
from logidsl.describe.numbers import number_text
from logidsl.extract.naming import class_names
from logidsl.report.words import hex_of
from logidsl.scenes import Scene, SceneValue
from logidsl.syntax.tables import reserved_words

_UNITS = {"length": " px", "area": " px2", "angle": " deg"}


def test_of(program: ir.Program, scene: Scene, title: str, expects: Sequence[str]) -> str | None:
    """A test of a spec that puts a scene together.

    Parameters
    ----------
    program : Program
        The spec that the test is for.
    scene : Scene
        What is put.
    title : str
        Of the test.
    expects : sequence of str
        `pass`, `fail wide`, `defect too_wide`, and the like.

    Returns
    -------
    str or None
        None if a test cannot say it: an object of a class, or a value of an attribute, that the spec does not declare.
    """
    declared = {c.name for c in program.classes}
    names, _ = class_names(program, (o.name for o in scene.objects))
    lines = [f'test "{title}" on {number_text(scene.width)} px by {number_text(scene.height)} px']
    for item in scene.objects:
        name = names[item.name]
        values = [said for k, v in item.values.items() if (said := _setting(program, k, v)) is not None]
        if name not in declared or len(values) < len(item.values):
            return None
        corners = ", ".join(f"{number_text(v)} px" for v in item.box)
        lines.append(f"    put {name} box({corners})" + (f" with {', '.join(values)}" if values else ""))
    lines.append("    " + "  ".join(f"expect {e}" for e in expects))
    return "\n".join(lines) + "\n"


test_of.__test__ = False  # type: ignore[attr-defined]


def _setting(program: ir.Program, name: str, value: SceneValue) -> str | None:
    type_ = program.type_of(name)
    match value:
        case _ if type_ is None:
            return None
        case str():
            quoted = name not in program.labels or not is_name(value)
            return None if '"' in value or "\\" in value else f'{name} = "{value}"' if quoted else f"{name} = {value}"
        case (light, a, b):
            return f'{name} = "{hex_of((light, a, b))}"'
        case (x, y):
            return f"{name} = point({number_text(x)} px, {number_text(y)} px)"
        case float():
            return f"{name} = {number_text(value)}{_UNITS.get(type_.dim or '', '')}"
        case _:
            return None


def is_name(text: str) -> bool:
    """Whether a text can stand without quotes."""
    return re.fullmatch(r"[A-Za-z_]\w{0,47}", text) is not None and text not in reserved_words()
