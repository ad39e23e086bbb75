"""Optional dependencies, installed as extras and imported on first use.

May import `diagnostics`.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from logidsl.diagnostics import InputError


def needed(module: str, extra: str, purpose: str) -> ModuleType:
    """A module of an extra.

    Parameters
    ----------
    module : str
        What to import.
    extra : str
        The extra of this package that brings it.
    purpose : str
        Its purpose, for the start of a message: `reading text`.

    Raises
    ------
    InputError
        If it cannot be imported; the message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != module.split(".")[0]:
            raise InputError(f"{purpose} needs `{error.name}`, which `{module}` could not import") from None
        raise InputError(f"{purpose} needs the extra `{extra}`: pip install 'logidsl[{extra}]'") from None
    except ImportError as error:
        raise InputError(f"{purpose} needs `{module}`, which cannot be loaded: {error}") from None
