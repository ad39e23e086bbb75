"""Talking to a person at a terminal: messages, colours, the width of the page, the progress bar, exit codes.

The result of a command goes to standard output, all else to standard error.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time

TYPE_CHECKING = False  # as in `logidsl.cli`
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

# Exit codes: 0 to 4 by result, others by convention (`sysexits.h`, 128 plus a signal).
PASS, FAIL, REVIEW, SPEC_ERROR, INPUT_ERROR = 0, 1, 2, 3, 4
USAGE, FAULT = 64, 70
INTERRUPTED, BROKEN_PIPE, TERMINATED = 130, 141, 143
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
BAR_AFTER_S = 1.0  # a shorter wait needs no bar
BAR_EVERY_S = 0.1


class UsageError(Exception):
    """An invalid command line; the text is for the user."""


def say(message: str) -> None:
    """Tell the user something on standard error."""
    clear_bar()
    with contextlib.suppress(OSError):  # if nobody reads the progress, only the result counts
        print(f"logidsl: {plain(message)}", file=sys.stderr, flush=True)


def say_notes(notes: Iterable[str]) -> None:
    """Tell the user what is worth knowing on standard error, a line each."""
    for note in notes:
        say(f"note: {note}")


def plain(text: str) -> str:
    """A text without control characters, which a terminal would obey; lines and tabs stay.

    Examples
    --------
    >>> plain("a\\x1b[2Jb\\nc")
    'a\\\\x1b[2Jb\\nc'
    """
    import re

    return re.sub(_CONTROL, lambda m: m[0].encode("unicode_escape").decode(), text)


def wants_color(out: TextIO) -> bool:
    """Whether to colour the output `out`: only on a terminal, and never with NO_COLOR."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or out.isatty()


def emphasis(text: str) -> str:
    """A text that standard output shows in bold, where it shows colours."""
    return f"\033[1m{text}\033[0m" if wants_color(sys.stdout) else text


def page_width(out: TextIO) -> int:
    """Columns to fill: the terminal's, or 100 (or COLUMNS)."""
    if out.isatty() or os.environ.get("COLUMNS"):
        import shutil

        return max(40, shutil.get_terminal_size((100, 24)).columns)
    return 100


class Bar:
    """A progress bar on standard error: only on a terminal, only once the wait is long."""

    shown: Bar | None = None

    def __init__(self, what: str, quiet: bool = False) -> None:
        self.what = what
        self.started = self.drawn = time.monotonic()
        self.active = not quiet and sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        now = time.monotonic()
        if not self.active or now - self.started < BAR_AFTER_S or now - self.drawn < BAR_EVERY_S:
            return
        self.drawn, Bar.shown = now, self
        left_s = (now - self.started) / max(done, 1) * (total - done)
        tail = f" {done} of {total} {self.what}, {left_s:.0f} s left"
        room = max(10, min(30, page_width(sys.stderr) - len(tail) - 1))
        filled = room * done // max(total, 1)
        sys.stderr.write(f"\r\033[K{'█' * filled}{'░' * (room - filled)}{tail}")
        sys.stderr.flush()


def clear_bar() -> None:
    """Take the bar away, so that a line can be written in its place."""
    if Bar.shown is not None:
        Bar.shown = None
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def speak_utf8() -> None:
    """Make standard output UTF-8, whatever the terminal's encoding, because programs read it.

    Half a surrogate, which a name may hold, is written as JSON escapes it.
    """
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")


def json_text(document: object) -> str:
    """A document as JSON text for people and programs."""
    import json

    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write_json(document: object) -> None:
    """Write a JSON document to standard output, in UTF-8 whatever the terminal's encoding."""
    speak_utf8()
    write(sys.stdout, json_text(document))


def write(out: TextIO, text: str) -> None:
    """Write a piece of the result, clear of the progress bar, and send it off at once."""
    clear_bar()
    out.write(text)
    out.flush()


def write_bytes(out: TextIO, data: bytes, form: str) -> None:
    """Write a piece of a binary result.

    Raises
    ------
    UsageError
        If it would go to a terminal.
    """
    buffer = getattr(out, "buffer", None)
    if buffer is None or out.isatty():
        raise UsageError(f"expected a file for --format {form}, which is binary: add -o FILE")
    clear_bar()
    out.flush()
    buffer.write(data)
    buffer.flush()
