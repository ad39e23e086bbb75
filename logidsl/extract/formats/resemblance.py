"""Which known formats an unknown document resembles, by its keys, and what it lacks; formats that are not read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

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
#: Formats that are not read, by keys or columns that all of their files have and no others.
_UNREAD = (
    ("VIA", ("shape_attributes", "region_attributes")),
    ("VIA", ("region_shape_attributes",)),
    ("VIA 3", ("vid", "xy", "av")),
    ("V7 Darwin", ("item", "slots")),
    ("Labelbox", ("data_row", "projects")),
    ("Scale", ("task_id", "response", "params")),
    ("Encord", ("data_units",)),
    ("Hasty", ("image_name", "labels", "class_name")),
    ("Kili", ("jsonResponse",)),
    ("SuperAnnotate", ("instances", "className")),
    ("TensorFlow detection", ("detection_boxes", "detection_classes")),
    ("Detectron2 dataset", ("bbox_mode",)),
    ("Amazon Rekognition", ("Geometry", "BoundingBox")),
    ("Azure Custom Vision", ("tagName", "boundingBox")),
    ("Google Cloud Vision", ("boundingPoly", "normalizedVertices")),
    ("Vertex AI", ("imageGcsUri",)),
    ("Florence-2", ("<OD>",)),
    ("PaddleX", ("input_path", "boxes")),
    ("PaddleOCR", ("rec_texts",)),
    ("docTR", ("pages", "geometry")),
    ("Open Images", ("ImageID", "LabelName", "XMin")),
    ("Tesseract", ("block_num", "par_num", "word_num")),
)
#: Such text files, by how they begin.
_UNREAD_TEXTS = {
    "DOTA": r"(imagesource:|gsd:|([-+.\d]+\s+){8}\S*[^\W\d]\S*\s+[0-2]\s)",
    "KITTI": r"[^\W\d]\S*(\s+-?[.\d]+(e-?\d+)?){14,15}\s",
    "MOT": r"\d+,-?\d+(,-?[.\d]+){4,8}\s",
    "PaddleOCR": r"[^\t\n]+\t\[\{\"transcription\"",
    "hOCR": r"[\s\S]*?class=['\"]ocr_page['\"]",
}
_INSTEAD = "which is not read: export COCO, or a table of `image, class, x0, y0, x1, y1`"
_DEEPEST, _MOST = 6, 2000


def resembling(document: object) -> str:
    """Words for the formats that a document shares half of its keys with, the likest first; empty without any.

    Examples
    --------
    >>> resembling({"shapes": [{"label": "nut", "points": []}]})
    '; it resembles LabelMe, but lacks `imagePath`'
    >>> resembling({"a": 1})
    ''
    >>> resembling([{"jsonResponse": {}}])
    '; it looks like Kili, which is not read: export COCO, or a table of `image, class, x0, y0, x1, y1`'
    """
    found = set(keys_of(document))
    if known := unread(found):
        return known
    likeness = {name: sum(k in found for k in keys) / len(keys) for name, keys in _KEYS.items()}
    near = sorted((n for n in likeness if likeness[n] >= 0.5), key=lambda n: -likeness[n])[:3]
    said = []
    for name in near:
        lacking = [f"`{k}`" for k in _KEYS[name] if k not in found]
        said.append(f"{name}, but lacks {', '.join(lacking)}" if lacking else name)
    return f"; it resembles {'; or '.join(said)}" if said else ""


def unread(keys: Collection[str]) -> str:
    """Words for the format that is not read and has some keys or columns; empty if there is none."""
    found = next((name for name, needed in _UNREAD if {*keys}.issuperset(needed)), None)
    return f"; it looks like {found}, {_INSTEAD}" if found else ""


def resembling_text(start: str) -> str:
    """Words for the format of which the start of a text file is; empty if it is not known.

    Examples
    --------
    >>> resembling_text("1,1,100,40,60,40,1,1,1.0\\n").split(",")[0]
    '; it looks like MOT'
    """
    found = next((name for name, pattern in _UNREAD_TEXTS.items() if re.match(pattern, start)), None)
    return f"; it looks like {found}, {_INSTEAD}" if found else ""


def keys_of(value: object, depth: int = 0) -> Iterator[str]:
    """The keys of a document, of mappings in lists of the first few."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in list(value.items())[:_MOST]:
            yield str(key)
            yield from keys_of(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value[:3]:
            yield from keys_of(inner, depth + 1)
