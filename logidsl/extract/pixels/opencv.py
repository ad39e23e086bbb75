"""OpenCV, imported on first use, with advice if that fails.

Owns the import; every module gets `cv2` here. May import `diagnostics`.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from types import ModuleType
from typing import Any

from logidsl.diagnostics import InputError


class _Module:
    """The module `cv2`, which is imported when something of it is first used; its names are looked up once."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(opencv(), name)
        setattr(self, name, found)
        return found


cv2: Any = _Module()


@lru_cache(maxsize=1)
def opencv() -> ModuleType:
    """The module `cv2`, from version 4.10 on.

    Raises
    ------
    InputError
        If it is not installed, or a library of the system that it needs is missing; the message says what
        to do.
    """
    try:
        module = importlib.import_module("cv2")
    except ImportError as error:
        raise InputError(advice(error)) from None
    log = getattr(getattr(module, "utils", None), "logging", None)
    if log is not None:  # decoder warnings are replaced by our own message
        log.setLogLevel(log.LOG_LEVEL_SILENT)
    return module


def advice(error: ImportError) -> str:
    """Advice for a failed import of OpenCV.

    Examples
    --------
    >>> advice(ImportError("libGL.so.1: cannot open shared object file: No such file or directory"))[:59]
    'OpenCV cannot be loaded: the system library `libGL.so.1` is'
    """
    if isinstance(error, ModuleNotFoundError) and error.name == "cv2":
        return "pictures need OpenCV, which is not installed: `pip install opencv-python-headless`"
    library = str(error).split(":", 1)[0]
    if ".so" in library or "DLL" in str(error):
        return (
            f"OpenCV cannot be loaded: the system library `{library}` is missing; it is needed for windows on a "
            "screen only, so `pip uninstall opencv-python` and `pip install opencv-python-headless`, or install "
            "the library (Debian, Ubuntu: `apt-get install libgl1 libglib2.0-0`)"
        )
    return f"OpenCV cannot be loaded: {error}; `pip install --force-reinstall opencv-python-headless` may repair it"
