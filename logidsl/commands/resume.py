"""Resuming a JSON lines report: its content, and whether that is still valid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from logidsl.commands.terminal import say
from logidsl.diagnostics import InputError
from logidsl.files import file_errors, open_regular
from logidsl.ir import Program
from logidsl.records import RecordError, read_json
from logidsl.report.model import ImageLine, Verdict
from logidsl.seeing import Input, digest_of, name_of
from logidsl.version import __version__


@dataclass
class Begun:
    """A report that was begun.

    Parameters
    ----------
    path : Path
        The file.
    verdicts : list of Verdict
        Of the lines that stay.
    inputs : dict of str to (str or None)
        The inputs that they are of, with the digest of each.
    size : int
        How many bytes of the file stay.
    """

    path: Path
    verdicts: list[Verdict] = field(default_factory=list)
    inputs: dict[str, str | None] = field(default_factory=dict)
    size: int = 0

    def rest(self, program: Program, inputs: Sequence[Input]) -> list[Input]:
        """The inputs that are still to be judged.

        Raises
        ------
        InputError
            If one that was judged has changed, or is not among the inputs.
        """
        names = {name_of(item): item for item in inputs}
        gone = [name for name in self.inputs if name not in names]
        changed = [n for n, was in self.inputs.items() if n in names and digest_of(program, names[n]) != was]
        for found, what in ((gone, "not among the inputs"), (changed, "not as it was when it was judged")):
            if found:
                more = f", nor {'are' if len(found) > 2 else 'is'} {len(found) - 1} more" if len(found) > 1 else ""
                raise InputError(f"{self.path} cannot be resumed: {found[0]} is {what}{more}; start a new report")
        return [item for name, item in names.items() if name not in self.inputs]


def begun(path: Path, program: Program) -> Begun:
    """The content of an existing report; empty if there is none.

    Raises
    ------
    InputError
        If it cannot be read, is not a report in JSON lines, or was made by another spec or with other parameters.
    """
    found = Begun(path)
    kept: list[tuple[int, ImageLine]] = []
    other = set[str]()
    if not path.exists():
        say(f"there is no {path} yet: beginning it")
        return found
    with file_errors(path, "read"), open_regular(path) as (file, _):
        for number, raw in enumerate(file, 1):
            if not raw.endswith(b"\n"):
                break  # cut short
            line = _line(path, number, raw)
            if line.spec.hash != program.hash:
                raise InputError(
                    f"{path} cannot be resumed: line {number} was made by another spec, or with other parameters "
                    f"(hash {line.spec.hash}, expected {program.hash}); start a new report"
                )
            if line.input is None:
                raise InputError(f"{path} cannot be resumed: line {number} does not say which input it is of")
            other |= {line.logidsl} - {__version__}
            kept.append((found.size, line.replaced(findings=[])))
            found.size += len(raw)
    if other:
        say(f"{path} was begun by logidsl {', '.join(sorted(other))}, this is {__version__}")
    if kept and kept[-1][1].path != kept[-1][1].input:  # a file of several pictures, perhaps not all of them
        last = kept[-1][1].input
        while kept and kept[-1][1].input == last:
            found.size = kept.pop()[0]
    for _, line in kept:
        found.verdicts.append(line.verdict)
        found.inputs[str(line.input)] = line.digest
    return found


def _line(path: Path, number: int, raw: bytes) -> ImageLine:
    try:
        return read_json(ImageLine, raw)
    except RecordError:
        raise InputError(f"{path} cannot be resumed: line {number} is not of a report by --format jsonl") from None
