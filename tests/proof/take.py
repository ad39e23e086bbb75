"""Some rows of a table, in some order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logidsl.table import ObjectTable, TextColumn


def take_rows(table: ObjectTable, rows: np.ndarray) -> ObjectTable:
    """The table of some rows; those of one image must stand together, images in order."""
    columns = {k: c.take(rows) if isinstance(c, TextColumn) else c[rows] for k, c in table.columns.items()}
    counts = np.bincount(table.image_index[rows], minlength=len(table.images))
    return replace(
        table,
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        classes=table.classes.take(rows),
        ids=tuple(table.ids[r] for r in rows),
        columns=columns,
        outlines=table.outlines.take(rows) if table.outlines is not None else None,
    )
