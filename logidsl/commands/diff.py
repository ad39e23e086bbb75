"""`logidsl diff A B`: do two specs differ, and what is the smallest table that shows it?"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from logidsl.commands import witnesses
from logidsl.commands.arguments import argument, pairs
from logidsl.commands.outputs import files_of
from logidsl.commands.specs import spec_source
from logidsl.commands.terminal import FAIL, PASS, Bar, say, speak_utf8, write, write_json
from logidsl.ir import Program
from logidsl.pipeline import compile_spec
from logidsl.questions.difference import Change, Difference, difference
from logidsl.questions.tables import needs_pixels, require_programs
from logidsl.records import plain

EXAMPLES = """  logidsl diff tray.logic new_tray.logic
  logidsl diff tray.logic new_tray.logic --table good.csv --draw witness.svg
  logidsl diff tray.logic new_tray.logic -o witness.json

Exit codes: 0 no difference found, 1 the specs differ, 2 and more trouble: 3 a spec error, 4 an input
error, 64 a wrong command line. That no difference was found proves nothing, unless it says so.
"""
ARGUMENTS = (
    argument("one", metavar="A", help="a spec, text or YAML; - for standard input"),
    argument("other", metavar="B", help="another"),
    *witnesses.ARGUMENTS,
)
_WORDS = {"rule": "rule", "cardinality": "object"}


def run(args: argparse.Namespace) -> int:
    """Compare two specs: 0 if no difference is found, 1 if they differ."""
    speak_utf8()
    params = pairs(args.param)
    sources = [spec_source(args.one), spec_source(args.other)]
    read = [f for s in sources for f in files_of(s)]
    witnesses.check_options(args, read)
    one, other = (compile_spec(s, _known(s.text, params)) for s in sources)
    require_programs((one, other))
    given = witnesses.given_tables(args.table, (one, other))
    found = difference(one, other, given, seed=args.seed, effort=args.effort, progress=Bar("steps", args.quiet))
    pixels = needs_pixels((one, other)) if not found.alike else []
    if pixels and not args.quiet:
        say(witnesses.pixel_note(pixels))
    witnesses.write_witness(args, found.witness, read)
    names = (args.one, args.other)
    if args.format == "json":
        write_json(_document(found, names, args.seed, other))
    else:
        write(sys.stdout, _text(found, names, args.seed, other))
    return FAIL if found.differs else PASS


def _known(text: str, params: dict[str, str]) -> dict[str, str]:
    """The parameters that a spec declares, where only one of the two does."""
    return {k: v for k, v in params.items() if k in text}


def _text(found: Difference, names: tuple[str, str], seed: int, other: Program) -> str:
    lines = [line for change in found.changes for line in _change(change)]
    w = found.witness
    if found.alike == "program":
        return "\n".join([*lines, "no difference: both mean the same (proved: one program)"]) + "\n"
    if found.several:
        names_of = ", ".join(f"`{name}`" for name in found.several)
        lines.append(f"they differ in rules over several pictures, which no single table shows: {names_of}")
        if found.alike == "tables":
            lines.append("each picture alone is judged alike, on every table (proved)")
    if found.alike == "tables" and not found.several:
        said = "no difference on tables: every table is judged alike (proved); they differ in how objects are found in"
        lines.append(f"{said} pictures")
    if found.alike == "tables":
        return "\n".join(lines) + "\n"
    if w is None:
        where = "no difference between single pictures found" if found.several else "no difference found"
        said = f"{where} in {found.tried:,} tables (seed {seed}); this does not prove that none exists"
        return "\n".join([*lines, said]) + "\n"
    verdicts = [r.verdict for r in w.reports]
    shown = f"shown by {witnesses.size_of(w)}"
    if found.differs == "verdict":
        lines.append(f"they differ: {names[0]} gives {verdicts[0]}, {names[1]} {verdicts[1]}, {shown}")
    else:
        labels = [", ".join(r.labels) or "no defect" for r in w.reports]
        lines.append(f"they differ in defects: {names[0]} gives {labels[0]}, {names[1]} {labels[1]}, {shown}")
    lines += [f"  rule {name}: {a or 'not there'}, then {b or 'not there'}" for name, a, b in w.rules]
    title, expects = test_words(found, names)
    return (
        "\n".join([*lines, "", f"as a test for {names[1]}:", ""]) + "\n" + witnesses.as_text(w, other, title, expects)
    )


def test_words(found: Difference, names: tuple[str, str]) -> tuple[str, list[str]]:
    """The title and the expectations of the test for the second spec."""
    assert found.witness is not None
    before, after = found.witness.reports
    title = f"{before.verdict} before, {after.verdict} now" if found.differs == "verdict" else "other defects now"
    return title, witnesses.expectations(after)


def _change(change: Change) -> list[str]:
    kind = f"{_WORDS.get(change.kind, change.kind)} {change.name}".strip()
    how = "added" if change.before is None else "removed" if change.after is None else "changed"
    before = [f"  - {line}" for line in (change.before or "").splitlines()]
    after = [f"  + {line}" for line in (change.after or "").splitlines()]
    return [f"{how}: {kind}", *before, *after]


def _document(found: Difference, names: tuple[str, str], seed: int, other: Program) -> dict[str, object]:
    w, witness = found.witness, None
    if w is not None:
        title, expects = test_words(found, names)
        witness = {
            **witnesses.plain_witness(w, other, title, expects),
            "reports": [plain(r) for r in w.reports],
            "rules": [{"name": n, "before": a, "after": b} for n, a, b in w.rules],
        }
    return {
        "specs": list(names),
        "differs": found.differs or None,
        "rules_over_several": list(found.several),
        "proved_alike": found.alike or None,
        "changes": [asdict(c) for c in found.changes],
        "witness": witness,
        "tried": found.tried,
        "seed": seed,
    }
