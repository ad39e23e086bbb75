"""A COCO dataset: boxes, outlines as polygons, outlines with holes as run-length masks."""

from __future__ import annotations

import json

import numpy as np

from logidsl.arrays import Pixels
from logidsl.export.review import Review, ReviewObject, ReviewPicture
from logidsl.extract.formats.labelme_writer import mask_of_rings
from logidsl.library.measure import ring_area

_TOOL = "COCO"


def files(review: Review) -> dict[str, str]:
    """`annotations.json`."""
    categories = [{"id": i, "name": name, "supercategory": ""} for i, name in enumerate(review.labels, 1)]
    ids = {str(c["name"]): c["id"] for c in categories}
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for number, picture in enumerate(review.pictures, 1):
        images.append({"id": number, "file_name": picture.name, "width": picture.width, "height": picture.height})
        for item in picture.objects:
            if item.kind in ("point", "line"):
                review.drop(item, _TOOL)
                continue
            head = {"id": len(annotations) + 1, "image_id": number, "category_id": ids[item.label]}
            annotations.append({**head, **_annotation(item, picture)})
    document = {
        "info": {"description": f"for review, by {review.model}", "version": "1.0"},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }
    return {"annotations.json": json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n"}


def _annotation(item: ReviewObject, picture: ReviewPicture) -> dict[str, object]:
    x0, y0, x1, y1 = item.box
    area = (x1 - x0) * (y1 - y0)
    segmentation: object = []
    if item.kind == "mask" and picture.width and picture.height:
        mask, left, top = mask_of_rings(item.rings)
        area = float(mask.sum())
        whole = np.zeros((picture.height, picture.width), np.uint8)
        part = mask[max(0, -top) : picture.height - top, max(0, -left) : picture.width - left]
        whole[max(0, top) :, max(0, left) :][: part.shape[0], : part.shape[1]] = part
        segmentation = {"size": [picture.height, picture.width], "counts": _runs(whole)}
    elif item.rings:
        area = ring_area(item.rings[0])
        segmentation = [item.rings[0].ravel().tolist()]
    found: dict[str, object] = {
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": area,
        "segmentation": segmentation,
        "iscrowd": 0,
    }
    if item.score is not None:
        found["score"] = item.score
    return found | ({"attributes": {"doubt": item.doubt}} if item.doubt else {})


def _runs(mask: Pixels) -> list[int]:
    """Lengths of runs of 0 and 1 in turn, column by column, from 0 on."""
    flat = np.concatenate([[0], mask.ravel(order="F"), [2]])
    edges = np.concatenate([[0], np.flatnonzero(np.diff(flat))])
    runs: list[int] = np.diff(edges).tolist()
    return runs
