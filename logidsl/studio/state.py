"""What a person did: marks, annotations and edits, with a history that can be undone; kept in one file.

The file is replaced as a whole after each step, so that a process that is killed loses nothing.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from logidsl.diagnostics import InputError
from logidsl.files import replace
from logidsl.source import same_ends

VERSION = 1
#: Steps that can be undone, and characters of JSON that they may take.
MOST_STEPS, MOST_CHARACTERS = 1000, 4_000_000
Step: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["marks", "annotations"]


@dataclass
class State:
    """The state of a studio.

    Parameters
    ----------
    path : Path
        Its file.
    spec_digest : str
        Of the text that was last saved or taken over, by which a change made elsewhere is noticed.
    marks : dict
        By the id of a photo: `{"good": bool, "labels": [str]}`.
    annotations : dict
        By the id of a photo: its shapes.
    steps : list of dict
        The history, oldest first; the first `done` of them are in force.
    """

    path: Path
    spec_digest: str = ""
    marks: dict[str, Any] = field(default_factory=dict)
    annotations: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    done: int = 0

    def save(self) -> None:
        """Write the file.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        document = {
            "version": VERSION,
            "spec": self.spec_digest,
            "marks": self.marks,
            "annotations": self.annotations,
            "steps": self.steps,
            "done": self.done,
        }
        replace(self.path, json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def note(self, step: Step) -> None:
        """Add a step that was just made; what was undone before can no longer be redone."""
        del self.steps[self.done :]
        self.steps.append(step)
        del self.steps[:-MOST_STEPS]
        while len(self.steps) > 1 and len(json.dumps(self.steps)) > MOST_CHARACTERS:
            del self.steps[: max(1, len(self.steps) // 4)]
        self.done = len(self.steps)

    def put(self, kind: Kind, photo: str, value: Any) -> Any:
        """Set the mark or the annotations of a photo, None for none; returns what was there before."""
        held: dict[str, Any] = getattr(self, kind)
        before = held.pop(photo, None)
        if value is not None:
            held[photo] = value
        return before

    def copy(self) -> State:
        """The state as it is now, to return to if it cannot be saved."""
        made = copy.copy(self)
        made.marks, made.annotations, made.steps = dict(self.marks), dict(self.annotations), list(self.steps)
        return made


def read_state(path: Path) -> State:
    """The state in a file; a new one if there is no such file.

    Raises
    ------
    InputError
        If it cannot be read: it holds work, and is never thrown away.
    """
    try:
        document = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
        if document["version"] != VERSION:
            raise InputError(
                f"{path} was written by another version of the studio: expected {VERSION}, found {document['version']}"
            )
        return State(
            path,
            str(document["spec"]),
            dict(document["marks"]),
            dict(document["annotations"]),
            list(document["steps"]),
            int(document["done"]),
        )
    except FileNotFoundError:
        return State(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged ({error}): move it away to begin anew; the spec is not affected") from None


def splice(old: str, new: str) -> Step:
    """The step from one text to another: what was replaced, and where.

    Examples
    --------
    >>> splice("length <= 9 px", "length <= 12 px")
    {'kind': 'spec', 'at': 10, 'old': '9', 'new': '12'}
    """
    start, end = same_ends(old, new)
    return {"kind": "spec", "at": start, "old": old[start : len(old) - end], "new": new[start : len(new) - end]}


def spliced(text: str, step: Step, *, undo: bool) -> str | None:
    """The text after a step is made or undone; None if the text is not the one that the step was made on."""
    before, after = (step["new"], step["old"]) if undo else (step["old"], step["new"])
    at = step["at"]
    return text[:at] + after + text[at + len(before) :] if text[at : at + len(before)] == before else None
