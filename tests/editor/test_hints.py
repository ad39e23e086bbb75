from logidsl.editor.analysis import analyse
from logidsl.editor.hints import hints
from logidsl.editor.positions import Positions
from logidsl.source import Source

IN_VARIANTS = """
logic 1
scale 1 px = 0.1 mm
object bolt
variant long when some bolt where width > 40 px { rule wide: every bolt: width > 30 px }
variant short otherwise { rule wide_too: every bolt: width > 20 px }
"""


def test_a_length_inside_a_variant_has_one_hint():
    source = Source("a.logic", IN_VARIANTS)
    analysis = analyse(source, lambda path: Source(path, ""))
    assert not [d for d in analysis.diagnostics if d.severity == "error"]
    found = hints(analysis, Positions(), source.span(0, len(source.text)))
    assert [h.label for h in found if "mm" in h.label] == ["≈ 4 mm", "≈ 3 mm", "≈ 2 mm"]
