"""Which known formats an unknown document resembles, by its keys, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator

#: Keys that documents of a format have, at any depth.
_KEYS = {
    "LabelMe": ("shapes", "imagePath", "label", "points"),
    "COCO": ("images", "annotations", "categories", "image_id", "bbox"),
    "Label Studio": ("data", "annotations", "result", "value"),
    "Roboflow inference": ("predictions", "x", "y", "width", "height", "class"),
    "CreateML": ("image", "annotations", "label", "coordinates"),
    "Datumaro": ("categories", "items", "annotations", "label_id"),
    "Supervisely": ("size", "objects", "classTitle", "geometryType", "points"),
    "FiftyOne samples": ("filepath", "detections", "label", "bounding_box"),
    "VoTT 1": ("frames", "tags", "x1", "y1", "x2", "y2"),
    "VoTT 2": ("asset", "regions", "tags", "boundingBox"),
    "SageMaker Ground Truth": ("source-ref", "annotations", "class_id", "class-map"),
    "darkflow": ("label", "topleft", "bottomright"),
    "detections": ("boxes", "labels", "scores"),
    "JSON table": ("image", "class", "box"),
    "pictures with objects": ("path", "objects", "class", "box"),
}
_DEEPEST, _MOST = 6, 2000


def resembling(document: object) -> str:
    """Words for the formats that a document shares half of its keys with, the likest first; empty without any.

    Examples
    --------
    >>> resembling({"shapes": [{"label": "nut", "points": []}]})
    '; it resembles LabelMe, but lacks `imagePath`'
    >>> resembling({"a": 1})
    ''
    """
    found = set(_keys_of(document, 0))
    likeness = {name: sum(k in found for k in keys) / len(keys) for name, keys in _KEYS.items()}
    near = sorted((n for n in likeness if likeness[n] >= 0.5), key=lambda n: -likeness[n])[:3]
    said = []
    for name in near:
        lacking = [f"`{k}`" for k in _KEYS[name] if k not in found]
        said.append(f"{name}, but lacks {', '.join(lacking)}" if lacking else name)
    return f"; it resembles {'; or '.join(said)}" if said else ""


def _keys_of(value: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in list(value.items())[:_MOST]:
            yield str(key)
            yield from _keys_of(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value[:3]:
            yield from _keys_of(inner, depth + 1)
