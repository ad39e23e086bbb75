"""Samples of the formats of annotation tools and services, rebuilt by hand: one nut in a picture of 200 by 100 px."""

from __future__ import annotations

import base64
import zlib

import cv2
import numpy as np

CSV = (
    "annotation_id,annotator,id,image,label\n"
    '5,1,1,/data/upload/1/ab12cd34-tray.png,"[{""x"": 50, ""y"": 25, ""width"": 10, ""height"": 10, ""rotation"": 0,'
    ' ""rectanglelabels"": [""nut""], ""original_width"": 200, ""original_height"": 100}]"\n'
)


def region(**more: object) -> dict[str, object]:
    return {"original_width": 200, "original_height": 100, **more}


def task(*results: object, **more: object) -> list[object]:
    return [
        {"id": 1, "data": {"image": "/data/upload/1/ab12cd34-tray.png"}, "annotations": [{"result": results}], **more}
    ]


RECTANGLE = {"x": 50, "y": 25, "width": 10, "height": 10, "rotation": 0}


def png_of_mask() -> str:
    made = np.zeros((6, 8, 4), np.uint8)
    made[1:5, 1:7, 3] = 255
    return base64.b64encode(zlib.compress(cv2.imencode(".png", made)[1].tobytes())).decode()


def cvat(inner: str, size: str = 'width="200" height="100"') -> str:
    return f'<annotations><version>1.1</version><image id="0" name="tray.png" {size}>{inner}</image></annotations>'


def video(inner: str) -> str:
    meta = (
        "<meta><task><size>3</size><original_size><width>200</width><height>100</height></original_size></task></meta>"
    )
    return f"<annotations>{meta}{inner}</annotations>"


def datumaro(*annotations: object) -> dict[str, object]:
    labels = {"label": {"labels": [{"name": "bolt"}, {"name": "nut"}]}}
    image = {"path": "tray.png", "size": [100, 200]}
    return {"categories": labels, "items": [{"id": "tray", "annotations": annotations, "image": image}]}


def supervisely(*objects: object) -> dict[str, object]:
    return {"description": "", "tags": [], "size": {"height": 100, "width": 200}, "objects": objects}


def sample(field: object, **more: object) -> dict[str, object]:
    return {"filepath": "/there/tray.png", "metadata": {"width": 200, "height": 100}, "ground_truth": field, **more}


def manifest(found: object, **about: object) -> dict[str, object]:
    size = [{"width": 200, "height": 100, "depth": 3}]
    metadata = {"class-map": {"0": "nut", "1": "bolt"}, "type": "groundtruth/object-detection", **about}
    return {
        "source-ref": "s3://b/tray.png",
        "box": {"image_size": size, "annotations": found},
        "box-metadata": metadata,
    }


def detection(**more: object) -> dict[str, object]:
    return {
        "x": 110,
        "y": 30,
        "width": 20,
        "height": 10,
        "confidence": 0.5,
        "class": "nut",
        "detection_id": "a",
        **more,
    }


def vott2(*regions: object, state: int = 2) -> dict[str, object]:
    return {"asset": {"name": "tray.png", "size": {"width": 200, "height": 100}, "state": state}, "regions": regions}


def vott1(*regions: object) -> dict[str, object]:
    return {"frames": {"tray.png": regions}, "framerate": "1", "inputTags": "nut", "visitedFrames": ["tray.png"]}


#: What is read as one nut from (100, 25) to (120, 35) in a picture of 200 by 100 px, in each format.
NUT = [100, 25, 120, 35]
SAMPLES: dict[str, tuple[str, object]] = {
    "label studio": (
        "ls.json",
        task(region(value={**RECTANGLE, "rectanglelabels": ["nut"]}, type="rectanglelabels", id="a")),
    ),
    "label studio in two results": (
        "ls.json",
        task(
            region(value=RECTANGLE, type="rectangle", id="a"),
            region(value={**RECTANGLE, "labels": ["nut"]}, type="labels", id="a"),
        ),
    ),
    "label studio polygon": (
        "ls.json",
        task(region(value={"points": [[50, 25], [60, 25], [60, 35], [50, 35]], "polygonlabels": ["nut"]}, id="a")),
    ),
    "label studio json-min": (
        "ls.json",
        [
            {
                "id": 1,
                "image": "/x/tray.png",
                "annotation_id": 5,
                "label": [region(**RECTANGLE, rectanglelabels=["nut"])],
            }
        ],
    ),
    "label studio csv": ("ls.csv", CSV),
    "label studio prediction": (
        "ls.json",
        task(
            annotations=[], predictions=[{"result": [region(value={**RECTANGLE, "rectanglelabels": ["nut"]}, id="a")]}]
        ),
    ),
    "cvat box": ("a.xml", cvat('<box label="nut" xtl="100" ytl="25" xbr="120" ybr="35"/>')),
    "cvat turned box": ("a.xml", cvat('<box label="nut" xtl="105" ytl="20" xbr="115" ybr="40" rotation="90"/>')),
    "cvat polygon": ("a.xml", cvat('<polygon label="nut" points="100,25;120,25;120,35;100,35"/>')),
    "cvat ellipse": ("a.xml", cvat('<ellipse label="nut" cx="110" cy="30" rx="10" ry="5"/>')),
    "cvat points": ("a.xml", cvat('<points label="nut" points="100,25;120,35"/>')),
    "cvat mask": ("a.xml", cvat('<mask label="nut" rle="0, 200" left="100" top="25" width="20" height="10"/>')),
    "roboflow": (
        "tray.json",
        {"inference_id": "k", "image": {"width": 200, "height": 100}, "predictions": [detection()]},
    ),
    "roboflow workflow": ("tray.json", {"outputs": [{"predictions": {"image": {}, "predictions": [detection()]}}]}),
    "roboflow rows": ("t.json", [{"image": "tray.png", **detection()}]),
    "createml": (
        "c.json",
        [
            {
                "image": "tray.png",
                "annotations": [{"label": "nut", "coordinates": {"x": 110, "y": 30, "width": 20, "height": 10}}],
            }
        ],
    ),
    "createml, older": (
        "c.json",
        [
            {
                "imagefilename": "tray.png",
                "annotation": [{"label": "nut", "coordinates": {"x": 110, "y": 30, "width": 20, "height": 10}}],
            }
        ],
    ),
    "datumaro": ("d.json", datumaro({"type": "bbox", "label_id": 1, "bbox": [100, 25, 20, 10], "attributes": {}})),
    "datumaro polygon": ("d.json", datumaro({"type": "polygon", "label_id": 1, "points": [100, 25, 120, 25, 120, 35]})),
    "supervisely": (
        "tray.png.json",
        supervisely({"classTitle": "nut", "geometryType": "rectangle", "points": {"exterior": [[100, 25], [120, 35]]}}),
    ),
    "supervisely polygon": (
        "tray.png.json",
        supervisely(
            {"classTitle": "nut", "geometryType": "polygon", "points": {"exterior": [[100, 25], [120, 25], [120, 35]]}}
        ),
    ),
    "fiftyone": (
        "s.json",
        sample({"_cls": "Detections", "detections": [{"label": "nut", "bounding_box": [0.5, 0.25, 0.1, 0.1]}]}),
    ),
    "fiftyone samples": (
        "s.json",
        {
            "samples": [
                sample(
                    {
                        "polylines": [
                            {"label": "nut", "points": [[[0.5, 0.25], [0.6, 0.25], [0.6, 0.35]]], "closed": True}
                        ]
                    }
                )
            ]
        },
    ),
    "fiftyone labels": (
        "l.json",
        {"classes": ["bolt", "nut"], "labels": {"tray": [{"label": 1, "bounding_box": [0.5, 0.25, 0.1, 0.1]}]}},
    ),
    "vott 1": (
        "v.json",
        vott1({"x1": 50, "y1": 12.5, "x2": 60, "y2": 17.5, "width": 100, "height": 50, "tags": ["nut"]}),
    ),
    "vott 2": ("v.json", vott2({"tags": ["nut"], "boundingBox": {"left": 100, "top": 25, "width": 20, "height": 10}})),
    "vott 2 project": (
        "v.json",
        {"assets": {"k": vott2({"tags": ["nut"], "boundingBox": {"left": 100, "top": 25, "width": 20, "height": 10}})}},
    ),
    "sagemaker": ("m.manifest", manifest([{"class_id": 0, "left": 100, "top": 25, "width": 20, "height": 10}])),
    "darkflow": (
        "tray.json",
        [{"label": "nut", "confidence": 0.5, "topleft": {"x": 100, "y": 25}, "bottomright": {"x": 120, "y": 35}}],
    ),
    "gemini": ("tray.json", [{"box_2d": [250, 500, 350, 600], "label": "nut"}]),
    "gemini in a fence": (
        "tray.txt",
        'Here it is:\n```json\n[{"box_2d": [250, 500, 350, 600], "label": "nut"}]\n```\n',
    ),
    "gemini by picture": ("a.json", {"tray.png": '```json\n[{"box_2d": [250, 500, 350, 600], "label": "nut"}]\n```'}),
    "qwen": ("tray.json", [{"bbox_2d": [500, 250, 600, 350], "label": "nut"}]),
    "qwen in rows": (
        "a.jsonl",
        '{"image": "tray.png", "text": "[{\\"bbox_2d\\": [500, 250, 600, 350], \\"label\\": \\"nut\\"}]"}\n',
    ),
    "ultralytics turned": (
        "u.json",
        [
            {
                "name": "nut",
                "class": 1,
                "box": {"x1": 100, "y1": 30, "x2": 110, "y2": 25, "x3": 120, "y3": 30, "x4": 110, "y4": 35},
            }
        ],
    ),
    "ultralytics outline": (
        "u.json",
        [
            {
                "name": "nut",
                "class": 1,
                "box": {"x1": 100, "y1": 25, "x2": 120, "y2": 35},
                "segments": {"x": [100, 120, 120], "y": [25, 25, 35]},
            }
        ],
    ),
}
