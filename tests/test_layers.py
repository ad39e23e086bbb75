"""The dependency arrows of the package run one way.

Reads the imports of every module, those inside functions too, and says where one breaks a rule of the
house. The rules are then tested on planted violations, so that this file cannot pass by looking away.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# A unit is a module or package directly below logidsl. What stands in a lower layer may be imported.
LAYERS: tuple[tuple[str, ...], ...] = (
    (
        "arrays",
        "control_charts",
        "source",
        "diagnostics",
        "extras",
        "files",
        "garbage",
        "records",
        "spreadsheets",
        "types",
        "version",
    ),
    ("config", "library"),
    ("llm", "syntax"),
    ("calibration", "ir"),
    ("check", "picture_facts", "repairs", "table", "table_edits", "verdicts"),
    ("describe", "eval", "extract", "lint", "report"),
    (
        "changes",
        "dataframe",
        "export",
        "layouts",
        "object_counts",
        "pipeline",
        "program_cache",
        "scenes",
        "seeing",
        "spreads",
        "store",
        "thumbnails",
        "workers",
    ),
    ("editor", "fit", "history_page", "judging", "learn", "questions", "translate", "web"),
    ("infer", "scale", "server"),
    ("bench", "studio"),
    ("commands",),
    ("api", "__init__", "cli", "__main__", "notebook", "pygments_lexer", "pytest_plugin"),
)
LAYER = {unit: number for number, units in enumerate(LAYERS) for unit in units}
# Who alone may import what comes from outside.
ONLY = {
    "lark": "syntax",
    "cv2": "extract",
    "skimage": "extract",
    "openai": "llm",
    "llguidance": "syntax",
    "pygls": "editor",
}
BANNED_CALLS = {"eval", "exec", "compile", "__import__"}
BANNED_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
# What costs time to import and is not needed to print a version.
HEAVY = ("numpy", "cv2", "lark", "pydantic", "rich", "shapely", "PIL")


def unit_of(path: Path, package: Path) -> str:
    """The unit that a file belongs to."""
    first = path.relative_to(package).parts[0]
    return first.removesuffix(".py")


def imported(tree: ast.Module, module: tuple[str, ...], units: set[str]) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=name, names=names, level=level):
                # `level` dots go up from the module's own package
                base = ".".join((*module[: len(module) - level], *([name] if name else []))) if level else name or ""
                if base == "logidsl":
                    yield from ((node.lineno, f"logidsl.{n.name}" if n.name in units else base) for n in names)
                else:
                    yield node.lineno, base
            case ast.Call(func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"), args=[first, *_]):
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield node.lineno, first.value


def import_problem(unit: str, name: str, graph: dict[str, set[str]], packages: set[str]) -> str | None:
    """What is wrong with a unit importing a name, and a new edge in the graph of units."""
    top, _, rest = name.partition(".")
    if top in BANNED_MODULES:
        return f"`{top}` runs what it reads"
    if top in ONLY and unit != ONLY[top]:
        return f"only {ONLY[top]}/ imports `{top}`"
    if top != "logidsl":
        return None
    target = rest.partition(".")[0] or "__init__"
    if target == unit:
        return None
    if target not in LAYER:
        return f"no layer is set for `{target}`"
    if LAYER[target] > LAYER[unit]:
        return f"`{unit}` (layer {LAYER[unit]}) imports `{target}` (layer {LAYER[target]})"
    if LAYER[target] == LAYER[unit]:
        if unit in packages:
            return f"`{unit}` imports `{target}` of its own layer"
        graph.setdefault(unit, set()).add(target)
        if unit in reachable(target, graph):
            return f"`{unit}` and `{target}` import each other"
    return None


def reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    """The units that a unit imports, by way of others too."""
    found, waiting = {start}, [start]
    while waiting:
        for unit in graph.get(waiting.pop(), set()) - found:
            found.add(unit)
            waiting.append(unit)
    return found


def call_problems(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Calls that execute text, or that unpickle."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
            yield node.lineno, f"`{node.func.id}` executes text"
        if any(
            k.arg == "allow_pickle" and not (isinstance(k.value, ast.Constant) and k.value.value is False)
            for k in node.keywords
        ):
            yield node.lineno, "`allow_pickle` runs what it reads"


def violations(root: Path) -> list[str]:
    """Every breach of the rules below `root/logidsl`, as `file:line: what`."""
    package = root / "logidsl"
    paths = sorted(package.rglob("*.py"))
    units = {unit_of(p, package) for p in paths} | set(LAYER)
    packages = {p.parent.name for p in package.glob("*/__init__.py")}
    graph: dict[str, set[str]] = {}
    found = []
    for path in paths:
        unit = unit_of(path, package)
        where = path.relative_to(root).as_posix()
        if unit not in LAYER:
            found.append(f"{where}:1: no layer is set for `{unit}`")
            continue
        tree = ast.parse(path.read_text("utf-8"), str(path))
        module = path.relative_to(root).with_suffix("").parts
        for line, name in imported(tree, module, units):
            if problem := import_problem(unit, name, graph, packages):
                found.append(f"{where}:{line}: {problem}")
        found += [f"{where}:{line}: {problem}" for line, problem in call_problems(tree)]
    return found


def test_the_package_keeps_its_layers(checkout: Path) -> None:
    assert len(list((checkout / "logidsl").rglob("*.py"))) > 10
    assert violations(checkout) == []


def test_every_unit_of_the_layers_exists(checkout: Path) -> None:
    package = checkout / "logidsl"
    gone = [u for u in LAYER if not (package / f"{u}.py").is_file() and not (package / u / "__init__.py").is_file()]
    assert gone == []


def circles(root: Path) -> dict[str, list[list[str]]]:
    """The groups of modules of a package that import each other, those inside functions too, by the package."""
    package = root / "logidsl"
    paths = {
        ".".join(p.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): p for p in package.rglob("*.py")
    }
    graph: dict[str, set[str]] = {}
    for name, path in paths.items():
        tree = ast.parse(path.read_text("utf-8"), str(path))
        imports = [(n.module, a.name) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names]
        modules = [f"{m}.{a}" if f"{m}.{a}" in paths else m for m, a in imports]
        own = ".".join(name.split(".")[:2])
        graph[name] = {m for m in modules if m in paths and m != name and f"{m}.".startswith(f"{own}.")}
    found: dict[str, list[list[str]]] = {}
    reached = {name: reachable(name, graph) for name in graph}
    for name in sorted(graph):
        group = sorted(m for m in reached[name] if m != name and name in reached[m])
        if group and name < group[0]:
            found.setdefault(name.split(".")[1], []).append([name, *group])
    return found


def test_no_package_has_circular_imports(checkout: Path) -> None:
    assert circles(checkout) == {}


def test_a_circle_is_found_inside_a_function_too(tmp_path: Path) -> None:
    package = tmp_path / "logidsl" / "check"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from logidsl.check.a import f\n")
    (package / "a.py").write_text("from logidsl.check import b\ndef f(): return b\n")
    (package / "b.py").write_text("from logidsl.types import x\n")
    assert circles(tmp_path) == {}
    (package / "b.py").write_text("def g():\n    from logidsl.check.a import f\n    return f\n")
    assert circles(tmp_path) == {"check": [["logidsl.check.a", "logidsl.check.b"]]}


def layer_table(text: str) -> dict[int, set[str]]:
    """The units that a table of layers names, by layer; a package as `name/`."""
    rows = re.findall(r"^\| (\d+) \| ([^|]*) \|", text, flags=re.MULTILINE)
    return {int(number): set(re.findall(r"`([^`]+)`", units)) for number, units in rows}


def test_the_guide_has_the_same_layers(checkout: Path) -> None:
    folders = {p.parent.name for p in (checkout / "logidsl").glob("*/__init__.py")}
    wanted = {n: {f"{u}/" if u in folders else u for u in units} for n, units in enumerate(LAYERS)}
    assert layer_table((checkout / "CONTRIBUTING.md").read_text("utf-8")) == wanted


def test_what_the_guide_names_is_there(checkout: Path) -> None:
    text = (checkout / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`((?:\w+/)+\w+\.py)`", text))
    assert len(named) > 10
    assert [p for p in sorted(named) if not (checkout / "logidsl" / p).is_file() and not (checkout / p).is_file()] == []
    placed = re.findall(r"`(\w+)` in `((?:\w+/)+\w+\.py)`", text)
    assert len(placed) >= 2
    assert [
        (n, p) for n, p in placed if not re.search(rf"(?m)^(class )?{n}\b", (checkout / "logidsl" / p).read_text())
    ] == []


PLANTED = [
    ("eval/plan.py", "from logidsl.pipeline import check", "`eval` (layer 5) imports `pipeline` (layer 6)"),
    ("library/a.py", "def f():\n    from logidsl import ir", "`library` (layer 1) imports `ir` (layer 3)"),
    ("source.py", "import logidsl.syntax.parse", "`source` (layer 0) imports `syntax` (layer 2)"),
    ("syntax/parse.py", "from .. import check", "`syntax` (layer 2) imports `check` (layer 4)"),
    ("syntax/deep/parse.py", "from ...check import names", "`syntax` (layer 2) imports `check` (layer 4)"),
    ("check/a.py", "import importlib\nimportlib.import_module('logidsl.cli')", "`check` (layer 4) imports `cli`"),
    ("check/a.py", "from logidsl import load", "`check` (layer 4) imports `__init__` (layer 11)"),
    ("report/text.py", "from logidsl.extract import picture", "`report` imports `extract` of its own layer"),
    ("check/a.py", "from logidsl.table import ObjectTable", "`check` imports `table` of its own layer"),
    ("types.py", "import logidsl.diagnostics", "`types` and `diagnostics` import each other"),
    ("check/a.py", "from lark import Lark", "only syntax/ imports `lark`"),
    ("report/a.py", "def f():\n    import cv2", "only extract/ imports `cv2`"),
    ("report/a.py", "import skimage.measure", "only extract/ imports `skimage`"),
    ("pipeline.py", "import openai", "only llm/ imports `openai`"),
    ("table.py", "import pickle", "`pickle` runs what it reads"),
    ("table.py", "import numpy as np\nnp.load('a', allow_pickle=True)", "`allow_pickle` runs what it reads"),
    ("eval/plan.py", "eval('1')", "`eval` executes text"),
    ("cli.py", "exec(compile('1', 'a', 'exec'))", "`exec` executes text"),
    ("new_thing.py", "", "no layer is set for `new_thing`"),
]


@pytest.mark.parametrize(("path", "text", "expected"), PLANTED)
def test_a_planted_violation_is_found(tmp_path: Path, path: str, text: str, expected: str) -> None:
    package = tmp_path / "logidsl"
    for unit in ("eval", "library", "syntax", "check", "report", "extract"):
        (package / unit).mkdir(parents=True)
        (package / unit / "__init__.py").touch()
    # what is allowed: downwards, within a unit, among plain modules of a layer one way, `re.compile`
    (package / "diagnostics.py").write_text("import re\nimport logidsl.types\nre.compile('a')\n")
    (package / "syntax" / "a.py").write_text("import lark\nfrom .b import c\nfrom logidsl import source, types\n")
    (package / "cli.py").write_text("import logidsl\nfrom logidsl.eval import run\nimport numpy\n")
    assert violations(tmp_path) == []
    target = package / path
    target.parent.mkdir(exist_ok=True)
    target.write_text(text + "\n")
    assert any(expected in v for v in violations(tmp_path)), violations(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [["-c", "import logidsl"], ["-m", "logidsl", "--version"], ["-m", "logidsl", "--help"]],
    ids=["import", "version", "help"],
)
def test_heavy_modules_are_imported_late(checkout: Path, arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines() if line.startswith("import time:")}
    assert "logidsl" in loaded
    assert sorted(m for m in loaded if m.partition(".")[0] in HEAVY) == []
    assert "--version" not in arguments or {"argparse", "dataclasses", "pathlib", "typing"}.isdisjoint(loaded)


JUDGING = """
import sys
from logidsl import loads
spec = loads('color red = "#ff0000" within 20\\nobject nut\\nrule red: every nut: color = red')
nut = {"class": "nut", "x0": 0, "y0": 0, "x1": 9, "y1": 9, "color": "#ff0000"}
assert spec.check([nut]).ok
print(*sys.modules)
"""


def test_judging_loads_neither_masked_arrays_nor_secrets(checkout: Path) -> None:
    run = subprocess.run([sys.executable, "-c", JUDGING], cwd=checkout, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    assert {"numpy.ma", "secrets"}.isdisjoint(run.stdout.split())
