"""A socket that listens, and a folder that one process alone works on."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.files import file_errors

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Locked:
    """Keeps a second process out of a folder as long as this one lives.

    Parameters
    ----------
    path : Path
        The file that is locked, in an existing folder; it holds the id of the process.
    taken : str
        What a second process says; the id of the first is added.
    """

    def __init__(self, path: Path, taken: str) -> None:
        self.path, self.taken = path, taken

    def __enter__(self) -> None:
        import fcntl

        with file_errors(self.path, "written"):
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(self._handle, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._handle)
            raise InputError(f"{self.taken} (process {pid})") from None
        os.ftruncate(self._handle, 0)
        os.write(self._handle, str(os.getpid()).encode())

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises
    ------
    InputError
        If the address is not of this machine, or the port is in use.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.create_server((host, port), family=family, backlog=1024)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it; else each answer waits
        return made
    except socket.gaierror:
        raise InputError(f"no address `{host}`: expected --host of this machine, such as 127.0.0.1") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"port {port} is in use: choose another with --port, or 0 for any free one") from None
        raise InputError(f"cannot listen on {host} port {port}: {error.strerror}") from None
