"""XML as a small tree, read without trust: no entities, limited depth and size.

The standard library's parser expands entities that a document declares, so a kilobyte may become gigabytes or
a file of the reader's machine. Here a document that declares any is refused. May import `diagnostics`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from logidsl.diagnostics import InputError
from logidsl.extract.formats.documents import read_bytes

_DEEPEST = 32
_LARGEST_BYTES = 64 << 20


@dataclass
class Element:
    """An element: its name, its own text, its children, its attributes."""

    name: str
    text: str = ""
    inner: list[Element] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def all(self, name: str) -> Iterator[Element]:
        """The elements of a name in it."""
        return (e for e in self.inner if e.name == name)

    def get(self, name: str) -> str | None:
        """Text of the first element with a name, trimmed; None if missing or empty."""
        for element in self.inner:  # asked for every property of every object of ten thousand files
            if element.name == name:
                return element.text.strip() or None
        return None


class _RefusedError(Exception):
    """The parts of a document that are not supported."""


def read_xml(path: Path) -> Element:
    """The root of an XML file.

    Raises
    ------
    InputError
        If it cannot be read, is no XML, or declares entities.
    """
    data = read_bytes(path)
    if not data.strip():
        raise InputError(f"{path} is empty")
    if len(data) > _LARGEST_BYTES:
        raise InputError(f"{path} is too large: expected at most {_LARGEST_BYTES >> 20} MiB of XML")
    return parse_xml(data, str(path))


def parse_xml(data: bytes, name: str) -> Element:
    """The root of an XML document.

    Raises
    ------
    InputError
        If it is no XML, nested too deeply, or declares entities.

    Examples
    --------
    >>> parse_xml(b"<a><b> nut </b></a>", "a.xml").get("b")
    'nut'
    """
    root = Element("")
    open_ = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(open_) > _DEEPEST:
            raise _RefusedError("is nested too deeply")
        open_[-1].inner.append(Element(tag, attributes=attributes))
        open_.append(open_[-1].inner[-1])

    def end(_tag: str) -> None:
        open_.pop()

    def text(piece: str) -> None:
        open_[-1].text += piece

    def entity(*_: object) -> None:
        raise _RefusedError("declares entities, which are not read")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = parser.ExternalEntityRefHandler = entity  # type: ignore[assignment]
    try:
        parser.Parse(data, True)
    except _RefusedError as why:
        raise InputError(f"{name} {why}") from None
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise InputError(f"{name} is not valid XML: {said} in line {error.lineno}, column {error.offset + 1}") from None
    except (LookupError, ValueError) as error:
        raise InputError(f"{name} is not valid XML: {error}") from None
    return root.inner[0]
