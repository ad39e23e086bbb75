"""Label Studio: tasks whose predictions are the objects, in percent of the picture, and a labelling configuration."""

from __future__ import annotations

import colorsys
import json
from collections.abc import Sequence
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import numpy as np

from logidsl.arrays import Floats
from logidsl.export.review import Review, ReviewObject, ReviewPicture

_TOOL = "Label Studio"
_GOLDEN = 0.618  # of the circle of hues: colours of neighbouring classes differ


def files(review: Review) -> dict[str, str]:
    """`tasks.json` and `labeling_config.xml`."""
    tasks = (json.dumps(_task(review, p), ensure_ascii=False, allow_nan=False) for p in review.pictures)
    return {
        "tasks.json": "[\n" + ",\n".join(tasks) + "\n]\n",
        "labeling_config.xml": _config(review.labels),
    }


def _task(review: Review, picture: ReviewPicture) -> dict[str, object]:
    regions = [_region(review, picture, n, item) for n, item in enumerate(picture.objects, 1)]
    prediction = {
        "model_version": review.model,
        "score": picture.score,
        "result": [region for region in regions if region is not None],
    }
    data = {
        "image": review.prefix + quote(picture.name),
        "verdict": picture.urgency,
        "defects": ", ".join(picture.labels),
        "findings": "\n".join(picture.reasons),
    }
    return {"data": data, "predictions": [prediction]}


def _region(review: Review, picture: ReviewPicture, number: int, item: ReviewObject) -> dict[str, object] | None:
    """An object as a result; None if there is no shape for it."""
    if not (picture.width and picture.height):
        review.dropped["the size of its picture is unknown"] += 1
        return None
    scale = np.array([100 / picture.width, 100 / picture.height])
    value: dict[str, object]
    match item.kind:
        case "box":
            (x0, y0), (x1, y1) = np.array(item.box).reshape(2, 2) * scale
            kind, value = "rectangle", _rectangle(x0, y0, x1 - x0, y1 - y0)
        case "turned":
            corner, (_, _, wide, high, angle_deg) = item.rings[0][0] * scale, item.turned()
            (x, y), (w, h) = corner, np.array([wide, high]) * scale
            kind, value = "rectangle", _rectangle(x, y, w, h, angle_deg)
        case "polygon" | "mask":
            if item.kind == "mask":
                review.only_outer(_TOOL)
            kind, value = "polygon", {"points": _percent(item.rings[0], scale), "closed": True}
        case "point":
            x, y = np.array(item.box[:2]) * scale
            kind, value = "keypoint", {"x": float(x), "y": float(y), "width": 0.5}
        case _:
            review.drop(item, _TOOL)
            return None
    region: dict[str, object] = {
        "id": f"object{number}",
        "type": f"{kind}labels",
        "from_name": kind,
        "to_name": "image",
        "original_width": picture.width,
        "original_height": picture.height,
        "image_rotation": 0,
        "value": {**value, f"{kind}labels": [item.label]},
    }
    if item.score is not None:
        region["score"] = item.score
    return region | ({"meta": {"text": [item.doubt]}} if item.doubt else {})


def _rectangle(x: float, y: float, width: float, height: float, angle_deg: float = 0.0) -> dict[str, object]:
    """A box by its first corner, about which it is turned."""
    return {"x": float(x), "y": float(y), "width": float(width), "height": float(height), "rotation": angle_deg}


def _percent(ring: Floats, scale: Floats) -> list[list[float]]:
    points: list[list[float]] = (ring * scale).tolist()
    return points


def _config(labels: Sequence[str]) -> str:
    """The controls that the results of the tasks name."""
    lines = [
        "<View>",
        '  <Text name="findings" value="$findings"/>',
        '  <Image name="image" value="$image" zoom="true"/>',
    ]
    for control in ("Rectangle", "Polygon", "KeyPoint"):
        lines.append(f'  <{control}Labels name="{control.lower()}" toName="image">')
        lines += [f"    <Label value={quoteattr(n)} background={_color(i)!r}/>" for i, n in enumerate(labels)]
        lines.append(f"  </{control}Labels>")
    return "\n".join([*lines, "</View>", ""])


def _color(number: int) -> str:
    return "#" + "".join(f"{round(255 * v):02x}" for v in colorsys.hsv_to_rgb(number * _GOLDEN % 1, 0.8, 0.9))
