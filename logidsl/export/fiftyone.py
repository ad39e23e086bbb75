"""FiftyOne: the files of a dataset, in shares of the picture.

A field holds detections or polylines, so all objects are polylines if one of the dataset has an outline.
"""

from __future__ import annotations

import json
import mimetypes

import numpy as np

from logidsl.export.review import Review, ReviewObject, ReviewPicture

_TOOL = "FiftyOne"


def files(review: Review) -> dict[str, str]:
    """`samples.json` and `metadata.json`, which `fiftyone.types.FiftyOneDataset` loads."""
    outlined = any(item.rings for picture in review.pictures for item in picture.objects)
    samples = [_sample(review, picture, outlined) for picture in review.pictures]
    metadata = {"media_type": "image", "info": {"made_by": review.model}}
    return {
        "samples.json": json.dumps({"samples": samples}, ensure_ascii=False, allow_nan=False) + "\n",
        "metadata.json": json.dumps(metadata, ensure_ascii=False) + "\n",
    }


def _sample(review: Review, picture: ReviewPicture, outlined: bool) -> dict[str, object]:
    about: dict[str, object] = {"_cls": "ImageMetadata", "mime_type": mimetypes.guess_type(picture.name)[0]}
    about |= {"width": picture.width, "height": picture.height}
    made = [label for item in picture.objects if (label := _label(review, picture, item, outlined)) is not None]
    kind = "polylines" if outlined else "detections"
    return {
        "_media_type": "image",
        "filepath": picture.name,
        "tags": [picture.urgency, *picture.labels],
        "metadata": about if picture.width and picture.height else None,
        "findings": "\n".join(picture.reasons),
        "predictions": {"_cls": kind.capitalize(), kind: made},
    }


def _label(review: Review, picture: ReviewPicture, item: ReviewObject, outlined: bool) -> dict[str, object] | None:
    """An object; None if there is no shape for it."""
    if not (picture.width and picture.height):
        review.dropped["the size of its picture is unknown"] += 1
        return None
    if item.kind in ("point", "line"):
        review.drop(item, _TOOL)
        return None
    size = np.array([picture.width, picture.height])
    common: dict[str, object] = {"label": item.label, "tags": ["uncertain"] if item.doubt else []}
    common |= {"confidence": item.score} if item.score is not None else {}
    (x0, y0), (x1, y1) = (np.array(item.box).reshape(2, 2) / size).tolist()
    if not outlined:
        return {"_cls": "Detection", **common, "bounding_box": [x0, y0, x1 - x0, y1 - y0]}
    if item.kind == "mask":
        review.only_outer(_TOOL)
    points = (item.rings[0] / size).tolist() if item.rings else [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    return {"_cls": "Polyline", **common, "points": [points], "closed": True, "filled": True}
