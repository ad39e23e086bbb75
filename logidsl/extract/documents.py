"""Text files of annotations and tables: reading them, and saying what is wrong with them.

May import `diagnostics`.
"""

from __future__ import annotations

import json
from pathlib import Path

from logidsl.diagnostics import InputError


def read_text(path: Path) -> str:
    """The text of a file, UTF-8 with or without a byte order mark.

    Raises
    ------
    InputError
        If it is missing, a folder, empty, or no UTF-8.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"no file {path}") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder: expected a file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text: expected UTF-8, found byte {error.start} is none") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    if not text.strip():
        raise InputError(f"{path} is empty")
    return text


def read_json(path: Path) -> object:
    """The value of a JSON file; of one with a value a line (JSON lines), the list of them.

    Raises
    ------
    InputError
        If it cannot be read, or is no JSON; the message says where.
    """
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) < 2 or error.msg != "Extra data":
            raise InputError(
                f"{path} is no JSON: {error.msg.lower()} in line {error.lineno}, column {error.colno}"
            ) from None
        values = []
        for number, line in lines:
            try:
                values.append(json.loads(line))
            except json.JSONDecodeError as inner:
                raise InputError(f"{path} is no JSON: {inner.msg.lower()} in line {number}") from None
        return values
    except RecursionError:
        raise InputError(f"{path} is nested too deeply") from None
