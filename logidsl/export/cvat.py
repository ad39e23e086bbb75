"""CVAT: its own XML for images, which keeps turned boxes, points and masks, and the labels for a project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.export.review import Review, ReviewObject, ReviewPicture
from logidsl.extract.formats.labelme_writer import mask_of_rings


def files(review: Review) -> dict[str, str]:
    """`annotations.xml` and `labels.json`."""
    labels = [{"name": name, "type": "any", "attributes": []} for name in review.labels]
    pictures = "".join(_image(number, picture) for number, picture in enumerate(review.pictures))
    return {
        "annotations.xml": '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n'
        f"{_meta(review)}{pictures}"
        "</annotations>\n",
        "labels.json": json.dumps(labels, indent=1, ensure_ascii=False) + "\n",
    }


def _meta(review: Review) -> str:
    """What is said of the task: other programs look for its labels here."""
    labels = "".join(f"<label><name>{escape(n)}</name><attributes></attributes></label>" for n in review.labels)
    task = f"<name>{escape(review.model)}</name><size>{len(review.pictures)}</size><mode>annotation</mode>"
    return f"<meta><task>{task}<labels>{labels}</labels></task></meta>\n"


def _image(number: int, picture: ReviewPicture) -> str:
    about = {"id": number, "name": picture.name, "width": picture.width, "height": picture.height}
    shapes = "".join(map(_shape, picture.objects))
    return f"<image {_attributes(about)}>\n{shapes}</image>\n"


def _shape(item: ReviewObject) -> str:
    common = {"label": item.label, "source": "auto", "occluded": 0, "z_order": 0}
    where: dict[str, object]
    match item.kind:
        case "box":
            name, where = "box", _corners(*item.box)
        case "turned":
            x, y, wide, high, angle_deg = item.turned()
            name, where = "box", _corners(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
            where["rotation"] = f"{angle_deg:.4f}"
        case "mask":
            mask, left, top = mask_of_rings(item.rings)
            high, wide = mask.shape
            name, where = "mask", {"rle": _runs(mask), "left": left, "top": top, "width": wide, "height": high}
        case "point":
            name, where = "points", {"points": _points(np.array([item.box[:2]]))}
        case _:
            name, where = ("polyline" if item.kind == "line" else "polygon"), {"points": _points(item.rings[0])}
    return f"<{name} {_attributes({**common, **where})}/>\n"


def _corners(x0: float, y0: float, x1: float, y1: float) -> dict[str, object]:
    return {k: f"{v:.2f}" for k, v in zip(("xtl", "ytl", "xbr", "ybr"), (x0, y0, x1, y1), strict=True)}


def _points(points: Floats) -> str:
    return ";".join(f"{x:.2f},{y:.2f}" for x, y in points.tolist())


def _runs(mask: Pixels) -> str:
    """Lengths of runs of 0 and 1 in turn, row by row, from 0 on."""
    flat = np.concatenate([[0], mask.ravel(), [2]])
    edges = np.flatnonzero(np.diff(flat))
    lengths = np.diff(np.concatenate([[0], edges])) if len(edges) else edges
    return ", ".join(map(str, lengths.tolist()))


def _attributes(values: Mapping[str, object]) -> str:
    return " ".join(f"{key}={quoteattr(str(value))}" for key, value in values.items())
