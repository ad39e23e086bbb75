"""From files to tables of objects: pictures by the `blobs` of a spec, annotations and tables as they are.

Owns everything between a path and an `ObjectTable`; the only package that imports OpenCV. The names here are imported
on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logidsl.extract.formats.columnar import table_of_arrow
    from logidsl.extract.formats.detections import is_detections, table_of_detections
    from logidsl.extract.formats.labelme_writer import to_labelme
    from logidsl.extract.formats.table_csv import write_csv
    from logidsl.extract.formats.table_json import table_of_json, to_json_rows
    from logidsl.extract.inputs import find_inputs
    from logidsl.extract.picture_tables import read_picture_facts
    from logidsl.extract.pixels.picture import Picture, picture_of, read_picture, write_picture
    from logidsl.extract.registry import Extractor, extractors, read_table, see_path
    from logidsl.extract.sources.blobs import see_picture
    from logidsl.extract.sources.stage_masks import stages

__all__ = [
    "Extractor",
    "Picture",
    "extractors",
    "find_inputs",
    "is_detections",
    "picture_of",
    "read_picture",
    "read_picture_facts",
    "read_table",
    "see_path",
    "see_picture",
    "stages",
    "table_of_arrow",
    "table_of_detections",
    "table_of_json",
    "to_json_rows",
    "to_labelme",
    "write_csv",
    "write_picture",
]

_HOME = {
    "sources.blobs": ("see_picture",),
    "formats.columnar": ("table_of_arrow",),
    "formats.detections": ("is_detections", "table_of_detections"),
    "inputs": ("find_inputs",),
    "formats.labelme_writer": ("to_labelme",),
    "picture_tables": ("read_picture_facts",),
    "pixels.picture": ("Picture", "picture_of", "read_picture", "write_picture"),
    "registry": ("Extractor", "extractors", "read_table", "see_path"),
    "sources.stage_masks": ("stages",),
    "formats.table_csv": ("write_csv",),
    "formats.table_json": ("table_of_json", "to_json_rows"),
}


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    from importlib import import_module

    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(f"logidsl.extract.{module}"), name)
    raise AttributeError(f"module `logidsl.extract` has no `{name}`")
