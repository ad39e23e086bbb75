"""Which extractor reads which file.

An extractor is an object `EXTRACTOR` in a module of `formats`, or an entry point of the group
`logidsl.extractors`; it says which files it takes and makes tables of them. Adding one is adding one file.
May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from logidsl.diagnostics import InputError
from logidsl.extract import formats
from logidsl.extract.formats.documents import sniffed
from logidsl.extract.formats.resemblance import resembling_text
from logidsl.extract.pixels.header import PICTURES, SUFFIXES
from logidsl.extract.pixels.picture import read_picture
from logidsl.extract.sources.blobs import EXTRACTOR, PictureExtractor, see_picture
from logidsl.extract.sources.dispatch import Evaluator
from logidsl.extract.sources.place_values import with_pixels
from logidsl.files import kind_of
from logidsl.ir import Program
from logidsl.table import ObjectTable

GROUP = "logidsl.extractors"
#: Unsupported formats, recognised for messages.
_SPREADSHEETS = frozenset([".xlsx", ".xlsm", ".xls", ".ods"])
_OTHER_PICTURES = frozenset([".svg", ".pdf", ".dng", ".raw", ".psd"])


@runtime_checkable
class Extractor(Protocol):
    """Makes tables of files."""

    @property
    def name(self) -> str:
        """What it reads, for people."""
        ...

    def matches(self, path: Path) -> bool:
        """Whether it reads a file; looks as little into it as it can, and never raises."""
        ...

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table of a file, of one or more images.

        Raises
        ------
        InputError
            If the file cannot be used.
        """
        ...


@lru_cache(maxsize=1)
def extractors() -> tuple[Extractor, ...]:
    """The extractors of this package, the `generic` ones, whose files are known by little, last."""
    names = sorted(m.name for m in pkgutil.iter_modules(formats.__path__))
    modules = [importlib.import_module(f"{formats.__name__}.{n}") for n in names]
    found = [e for m in modules if isinstance(e := getattr(m, "EXTRACTOR", None), Extractor)]
    return EXTRACTOR, *sorted(found, key=_is_generic)


def _is_generic(extractor: Extractor) -> bool:
    return bool(getattr(extractor, "generic", False))


@lru_cache(maxsize=1)
def installed_extractors() -> tuple[Extractor, ...]:
    """The extractors that other packages bring.

    Raises
    ------
    InputError
        If one cannot be loaded; the message names it.
    """
    from importlib.metadata import entry_points

    found = []
    for entry in entry_points(group=GROUP):
        try:
            made = entry.load()
        except Exception as error:
            raise InputError(f"the extractor `{entry.name}` ({entry.value}) cannot be loaded: {error}") from error
        if not isinstance(made, Extractor):
            raise InputError(f"the extractor `{entry.name}` ({entry.value}) lacks one of `name`, `matches`, `read`")
        found.append(made)
    return tuple(found)


def is_known_format(path: Path, *, installed: bool = False) -> bool:
    """Whether a file is of a format that is known by more than its ending; if `installed`, also of another package."""
    special = [extractor for extractor in extractors() if not _is_generic(extractor)]
    return any(extractor.matches(path) for extractor in (*special, *(installed_extractors() if installed else ())))


def extractor_of(path: Path) -> Extractor | None:
    """The extractor that reads a file: first those of this package, those of others before the `generic` ones."""
    return next((extractor for extractor in _in_order() if extractor.matches(path)), None)


def _in_order() -> Iterator[Extractor]:
    yield EXTRACTOR  # of pictures: the readers of annotations are not loaded for them
    yield from (e for e in extractors() if e is not EXTRACTOR and not _is_generic(e))
    yield from installed_extractors()  # loaded only where they are needed
    yield from filter(_is_generic, extractors())


def see_path(program: Program, path: Path, evaluator: Evaluator | None = None) -> ObjectTable:
    """The objects that a spec sees in a file.

    A picture is used if the spec has `blobs` or sources, otherwise its annotation file of the same name.

    Parameters
    ----------
    program : Program
        Says how objects are seen and what classes are called.
    path : Path
        A picture, an annotation or a table.
    evaluator : Evaluator, optional
        Says where the regions of sources lie in a picture, and which values of places are wanted.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    if path.suffix.lower() in SUFFIXES and not program.sees:
        from logidsl.extract.formats.beside import annotations_of, read_beside

        beside = annotations_of(path)
        if beside:
            table = read_beside(path, beside, program)
            table = replace(table, notes=("objects taken from the annotation file beside each picture", *table.notes))
            return with_pixels(table, program, evaluator)
    try:
        kind = kind_of(path.stat())
    except FileNotFoundError:
        raise InputError(f"no such file: {path}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    if kind is not None:
        raise InputError(f"{path} is {kind}: expected a file")
    extractor = extractor_of(path)
    if extractor is None:
        if path.suffix.lower() in _OTHER_PICTURES:
            raise InputError(f"{path} cannot be read: expected {PICTURES}, found `{path.suffix}`")
        if path.suffix.lower() in _SPREADSHEETS:
            raise InputError(f"{path} is a spreadsheet: save the sheet with the objects as CSV")
        if path.suffix == ".logic":
            raise InputError(f"{path} is a spec: expected a picture, an annotation or a table")
        if path.suffix.lower() == ".xml":
            from logidsl.extract.formats.xml_tree import read_xml

            read_xml(path)  # says what is wrong with a broken one
        known = path.suffix.lower() in (".json", ".xml", ".txt")
        found = f"a `{path.suffix}` file of another kind" if known else f"the ending `{path.suffix}`"
        if unread := resembling_text(sniffed(path, ".txt", ".xml", ".html", ".hocr")[:4096].decode("utf-8", "replace")):
            raise InputError(f"{path} cannot be read{unread}")
        kinds = ", ".join(dict.fromkeys(e.name for e in _in_order()))
        raise InputError(f"{path} cannot be read: expected one of {kinds}; found {found}")
    if isinstance(extractor, PictureExtractor):
        return see_picture(program, read_picture(path), evaluator)
    table = extractor.read(path, program)
    if not table.images and not table.problems:
        raise InputError(f"{path} names no picture, so there is nothing to check")
    return with_pixels(table, program, evaluator)


def read_table(path: Path, program: Program) -> ObjectTable:
    """Read a table or an annotation, even if the spec finds objects in pictures.

    Raises
    ------
    InputError
        If the file cannot be used, or is a picture.
    """
    if path.suffix.lower() in SUFFIXES:
        raise InputError(f"{path} is a picture: expected a table (.csv, .json, .jsonl)")
    return see_path(program, path)
