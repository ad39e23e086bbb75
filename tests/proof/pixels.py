"""Pictures of random tables, as the oracle paints them, and the values of places measured on them by the program."""

from __future__ import annotations

import numpy as np

from logidsl import ir
from logidsl.diagnostics import InputError
from logidsl.eval.locating import locate, pose, wanted
from logidsl.extract.pixels.picture import Picture, picture_of
from logidsl.extract.sources.dispatch import Evaluator
from logidsl.extract.sources.place_values import with_places
from logidsl.table import ObjectTable
from tests.oracle.pixels import PALETTE, painted

EVALUATOR = Evaluator(locate, wanted, pose)


def measured(program: ir.Program, table: ObjectTable) -> ObjectTable:
    """A table with what its program needs of the pixels of places; an image of unknown size has no picture."""

    def picture(image: int) -> Picture:
        width, height = table.sizes[image].tolist()
        if width != width or height != height:
            raise InputError("no picture")
        rgb = np.array(PALETTE, np.uint8)[painted(table.images[image], width, height).indices]
        return picture_of(np.ascontiguousarray(rgb[..., ::-1]))

    return with_places(program, table, picture, EVALUATOR)
