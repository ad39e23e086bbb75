"""The text of spec files. Apart from the parser, which a program from the cache does without."""

from __future__ import annotations

from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.source import Source

SIZE_MAX = 1024 * 1024


def read_source(path: Path | str) -> Source:
    """Read a spec file.

    Lines may end as on any system. A byte that is no UTF-8 stays in the text as U+FFFD, so that `parse` says
    on which line it is.

    Parameters
    ----------
    path : Path or str
        The file.

    Raises
    ------
    InputError
        If the file does not exist, or is not text.
    """
    file = Path(path)
    try:
        with file.open("rb") as stream:
            data = stream.read(4 * SIZE_MAX)
    except FileNotFoundError:
        raise InputError(f"no spec `{path}`: there is no such file") from None
    except IsADirectoryError:
        raise InputError(f"expected a spec file, found the folder `{path}`{_inside(file)}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read `{path}`: {getattr(error, 'strerror', None) or error}") from None
    return source_of(data, str(path))


def source_of(data: bytes, path: str) -> Source:
    """The text of the bytes of a spec, as `read_source` reads a file; `path` is what messages call it.

    Raises
    ------
    InputError
        If they are not text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    elif b"\0" in data[:4096]:
        raise InputError(f"expected a spec, which is plain text, found a binary file `{path}`")
    else:
        text = data.decode("utf-8-sig", "replace")
    return Source(path, text.replace("\r\n", "\n").replace("\r", "\n"))


def _inside(folder: Path) -> str:
    """Which spec of a folder may be meant."""
    here = sorted(p.name for p in folder.glob("*.logic"))[:3]
    return f"; in it are {', '.join(f'`{name}`' for name in here)}" if here else ""
