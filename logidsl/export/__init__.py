"""What needs review, as pre-annotations for the tools in which people correct them.

A tool is a module here with a function `files(review)`, which gives the contents of the files to write, by name. What a
tool cannot hold is counted in the notes of the review, and never left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias

from logidsl.export.review import Review

#: A module each, and what it writes.
TOOLS = {
    "labelstudio": "tasks with predictions, and the labelling configuration, for Label Studio",
    "cvat": "annotations and labels for CVAT",
    "coco": "a COCO dataset",
    "fiftyone": "a dataset for FiftyOne",
}
Files: TypeAlias = Callable[[Review], dict[str, str]]


def files_for(tool: str) -> Files:
    """What writes the files of one of the `TOOLS`."""
    made: Files = import_module(f"{__name__}.{tool}").files
    return made
