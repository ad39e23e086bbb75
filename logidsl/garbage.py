"""Large structures built without garbage collection.

While a program is compiled or bound, everything that is made is kept: each collection would walk the growing structure
again, which takes longer than building it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collections() -> Iterator[None]:
    """Without garbage collection, unless it is off already; what was made then counts as old."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()  # into the oldest generation, without walking it
            gc.enable()
