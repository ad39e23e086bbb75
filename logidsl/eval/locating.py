"""The evaluator's services for extraction: the position of a region, and the places whose pixels must be measured.

A region may depend on objects and on the spec's frame. Both are taken from the table as far as available. A doubtful
object counts as present here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from logidsl import ir
from logidsl.eval import framing, place_values, stretching
from logidsl.eval.batches import traces
from logidsl.eval.image_batch import ImageBatch, Prepared
from logidsl.eval.plan import bind, run
from logidsl.eval.reading import shape_of
from logidsl.library.axes import placed
from logidsl.library.geometry import Geometry
from logidsl.library.values import Placing
from logidsl.table import ObjectTable, PlaceRequest

Rings = list[npt.NDArray[np.float64]]


def locate(program: ir.Program, table: ObjectTable, node: int) -> Rings | None:
    """The outlines of a region on the one image of a table.

    Parameters
    ----------
    program : Program
        A checked spec.
    table : ObjectTable
        One image, with the objects that were seen so far.
    node : int
        A region or an object, of no open walk.

    Returns
    -------
    list of (k, 2) float64 or None
        Rings in px of the picture, of which a point has an odd number round it where it lies in the region;
        None if the region cannot be placed: an object it depends on is absent.
    """
    sure = tuple(d.replaced(high=d.low) for d in program.doubtful)
    program = program.replaced(doubtful=sure)
    prepared, images, axes = Prepared(stretching.stretched(program, table)), np.zeros(1, np.int64), None
    if program.frame is not None:
        prepared, axes = framing.framed(prepared, program)
        if np.isnan(axes.x).any():
            return None
    trace = run(bind(program), ImageBatch(prepared, program, images, axes=axes), [node])
    geometry, why = shape_of(trace, trace.values[node])
    if why is not None and np.any(why > 0):
        return None
    rings = _rings(geometry if axes is None else placed(geometry, axes))
    by = 1.0 if program.scale is None else program.scale.stretch
    return rings if rings is None or by == 1 else [r / (1.0, by) for r in rings]


def pose(program: ir.Program, table: ObjectTable, node: int) -> npt.NDArray[np.float64] | None:
    """The frame on the single image of a table, whatever the frame of the spec.

    Parameters
    ----------
    program, table
        See `locate`.
    node : int
        A frame.

    Returns
    -------
    (3, 3) float64 or None
        From homogeneous coordinates on its axes to px of the picture; None if an object it depends on is absent.
    """
    sure = tuple(d.replaced(high=d.low) for d in program.doubtful)
    program = program.replaced(doubtful=sure, frame=None)
    frame = ImageBatch(Prepared(stretching.stretched(program, table)), program, np.zeros(1, np.int64))
    found = run(bind(program), frame, [node]).values[node]
    assert isinstance(found, Placing)
    x, y, cos, sin, *_ = (float(np.ravel(v)[0]) for v in found.axes.parts)
    if (found.why is not None and np.any(found.why > 0)) or not np.isfinite([x, y, cos, sin]).all():
        return None
    by = 1.0 if program.scale is None else program.scale.stretch
    square: npt.NDArray[np.float64] = np.diag([1.0, 1.0 / by, 1.0])
    return np.asarray(square @ np.array([[cos, -sin, x], [sin, cos, y], [0.0, 0.0, 1.0]]))


def wanted(program: ir.Program, table: ObjectTable) -> list[PlaceRequest]:
    """The values of places that a program needs and a table lacks, each once.

    Parameters
    ----------
    program : Program
        A checked spec.
    table : ObjectTable
        What was seen, and measured so far.
    """
    measures = program.measures
    if not measures or not table.images:
        return []
    found: dict[tuple[int, tuple[str, bytes]], PlaceRequest] = {}
    for trace in traces(program, Prepared(table), roots=measures, refused={}):
        for number in measures:
            for request in place_values.asked(trace, number):
                key = request.asked.key
                if key not in trace.frame.prepared.measured(request.image):
                    found.setdefault((request.image, key), request)
    return list(found.values())


def _rings(geometry: Geometry) -> Rings | None:
    import shapely

    one = np.ones((1,), bool)
    shape = geometry.select(one, (1,))[0]
    if shape is None or shape.is_empty or not np.isfinite(shape.bounds).all():
        return None
    polygons: Sequence[shapely.Polygon] = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    rings = [r for p in polygons for r in (p.exterior, *p.interiors)]
    return [shapely.get_coordinates(r)[:-1] for r in rings] or None
