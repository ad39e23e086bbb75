"""Values and clauses in words, for readers who have never seen the spec."""

from __future__ import annotations

from logidsl import ir
from logidsl.library.color import rgb_of_lab
from logidsl.library.dates import date_text
from logidsl.types import MM_PER, UNITS
from logidsl.verdicts import BOUNDLESS, Clause, Shown

_UNITS = {"length": " px", "area": " px2", "angle": " deg", "count": "", "ratio": ""} | {u: f" {u}" for u in UNITS}


def figure(value: float, dim: str | None) -> str:
    """A number with its unit, in few digits.

    Examples
    --------
    >>> figure(12.3456, "length"), figure(3.0, "count"), figure(0.6234, "ratio")
    ('12.3 px', '3', '0.623')
    """
    size = abs(value)
    if dim == "date":
        return date_text(value)
    if dim == "count":  # a number read from a text may have a fraction
        text = f"{value:.15g}"
    elif size >= 1000 and dim != "ratio":
        text = f"{value:.0f}"
    elif size >= 100:
        text = f"{value:.1f}".removesuffix(".0")
    else:
        text = f"{value:.3g}"
    return text + _UNITS.get(dim or "", "")


def hex_of(lab: tuple[float, float, float]) -> str:
    """The sRGB colour of a CIELAB one, as `#rrggbb`, clipped to the gamut.

    Examples
    --------
    >>> hex_of((100.0, 0.0, 0.0)), hex_of((0.0, 0.0, 0.0))
    ('#ffffff', '#000000')
    """
    return "#" + "".join(f"{round(v):02x}" for v in rgb_of_lab(lab).tolist())


def said(shown: Shown | None, place: int) -> str | None:
    """A value of a finding in words, or None."""
    if shown is None:
        return None
    if shown.why is not None and shown.why[place]:
        return shown.why[place]
    match shown.kind:
        case "number" if shown.numbers is not None:
            low, high = (float(v) for v in shown.numbers[place])
            if low == high:
                return figure(low, shown.dim)
            if shown.dim == "count" and high >= BOUNDLESS:
                return f"{figure(low, shown.dim)} or more"
            return f"{figure(low, shown.dim)} to {figure(high, shown.dim)}"
        case "point" if shown.numbers is not None:
            x, y = (float(v) for v in shown.numbers[place])
            return f"({figure(x, None)}, {figure(y, None)}) {shown.dim if shown.dim in MM_PER else 'px'}"
        case "color" if shown.numbers is not None:
            lab = shown.numbers[place]
            code = hex_of((float(lab[0]), float(lab[1]), float(lab[2])))
            name = shown.texts[place] if shown.texts else ""
            return f"{name} ({code})" if name else f"no named colour ({code})"
        case "list" if shown.texts:
            return shown.texts[place] + _UNITS.get(shown.dim or "", "")
        case _:
            return shown.texts[place] if shown.texts else None


def sides(program: ir.Program, clause: Clause, place: int) -> tuple[str | None, str | None]:
    """The measured and the expected value in words."""
    node = program.nodes[clause.node]
    if not isinstance(node, ir.Call):
        return _quantified(node, clause, place)
    values = [said(clause.shown.get(a), place) for a in node.args]
    first = values[0] if values else None
    turn = "not " if clause.negated else ""
    match node.fn, values[1:]:
        case "between", [low, high]:
            return first, f"{turn}{low} .. {high}"
        case "equal_within", [target, limit]:
            return first, f"{turn}{target} within {limit}"
        case "one_of", options:
            return first, turn + "one of " + ", ".join(str(o) for o in options)
        case (("<" | "<=" | ">" | ">="), [limit]):
            words = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
            return first, f"{turn}{words[node.fn]} {limit}"
        case _ if (entry := ir.entry_of(node)) is not None and entry.expected:
            return first, turn + entry.expected.format(*values)
        case "=", [target]:
            return first, f"{turn}{target}"
        case "!=", [target]:
            return first, f"{'' if clause.negated else 'not '}{target}"
        case _:
            return None, turn + node.span.text


def _quantified(node: ir.Node, clause: Clause, place: int) -> tuple[str | None, str | None]:
    if isinstance(node, ir.Quantifier) and node.body is None:
        refused = (node.fn == "no") != clause.negated
        found = sum(int((g.rows[place] >= 0).sum()) for g in clause.groups if g.role == "witness")
        return (str(found), "none") if refused else ("none", "at least 1")
    return said(clause.shown.get(clause.node), place), ("not " if clause.negated else "") + node.span.text
