"""Logical anomaly detection by rules: say what a good part looks like, check pictures against it.

    import logidsl

    spec = logidsl.load("pushpins.logic")
    report = spec.check("tray.png")
    print(report)

Names are imported when they are first used, so that `import logidsl` costs next to nothing.
"""

from __future__ import annotations

from logidsl.version import __version__

TYPE_CHECKING = False  # checkers know the name; importing it from `typing` costs more than all the rest
if TYPE_CHECKING:
    from logidsl.api import Spec, load, loads
    from logidsl.describe.sentence import Sentence
    from logidsl.diagnostics import Diagnostic, InputError, SpecError
    from logidsl.repairs import Repair
    from logidsl.report.model import Finding, ImageReport
    from logidsl.report.report import Report
    from logidsl.table import ObjectTable
    from logidsl.table_edits import apply_repair

_HOME = {
    "Diagnostic": "logidsl.diagnostics",
    "Finding": "logidsl.report.model",
    "ImageReport": "logidsl.report.model",
    "InputError": "logidsl.diagnostics",
    "ObjectTable": "logidsl.table",
    "Repair": "logidsl.repairs",
    "Report": "logidsl.report.report",
    "Sentence": "logidsl.describe.sentence",
    "Spec": "logidsl.api",
    "SpecError": "logidsl.diagnostics",
    "apply_repair": "logidsl.table_edits",
    "load": "logidsl.api",
    "loads": "logidsl.api",
}

__all__ = [
    "Diagnostic",
    "Finding",
    "ImageReport",
    "InputError",
    "ObjectTable",
    "Repair",
    "Report",
    "Sentence",
    "Spec",
    "SpecError",
    "__version__",
    "apply_repair",
    "load",
    "loads",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in _HOME:
        from importlib.machinery import PathFinder

        from logidsl.diagnostics import did_you_mean

        # `from logidsl import …` of a module comes here first
        hint = "" if PathFinder.find_spec(f"logidsl.{name}", __path__) else did_you_mean(name, __all__)
        raise AttributeError(f"module 'logidsl' has no attribute '{name}'{hint}")
    from importlib import import_module

    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def load_ipython_extension(shell: object) -> None:
    """Answer `%load_ext logidsl`: the cell magic `%%logic`."""
    from logidsl.notebook import register

    register(shell)


def __dir__() -> list[str]:
    return sorted(__all__)
