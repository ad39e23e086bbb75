"""`detect`: objects by a detector of the YOLO family, a network in an ONNX file, run by ONNX Runtime.

Owns the session, what the file says of itself (names of classes, size of the input), and the way from masks to
outlines; `letterbox` and `yolo` have the rest. A network is data: nothing in its file is executed but its
operators. May import `onnx`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.pixel_values import fast_lab
from logidsl.extract.pixels.region_measures import without_pores
from logidsl.extract.pixels.rings import region_rings
from logidsl.extract.sources.detection_records import Detection
from logidsl.extract.sources.dispatch import Look
from logidsl.extract.sources.letterbox import Letterbox
from logidsl.extract.sources.model_classes import of_class
from logidsl.extract.sources.onnx import Session, session
from logidsl.extract.sources.yolo_outputs import Boxes, read_output

#: Least confidence of a detection that is taken, unless the spec says another, as in ultralytics.
LEAST = 0.25
_SIDE = 640  # of the input, where neither the network nor its file says
_STRIDE = 32
_TYPES: dict[str, type[np.floating]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
}


@dataclass(frozen=True, eq=False)
class Detector:
    """A network that is ready to run.

    Parameters
    ----------
    path : str
        Its file, for messages.
    names : dict of int to str
        Names of its classes; empty if the file has none.
    size : (width, height)
        Of its input, px.
    inside : bool, optional
        Whether it does suppression itself, where the file says so.
    """

    path: str
    session: Session
    input_name: str
    dtype: type[np.floating]
    names: dict[int, str]
    size: tuple[int, int]
    inside: bool | None


def find(look: Look) -> list[Detection]:
    """The source `detect`."""
    source, detector = look.source, read_detector(*look.file)
    same = [s for s in look.program.sources if (s.fn, s.file) == (source.fn, source.file)]
    least = min(LEAST if s.score is None else s.score for s in same)
    found = look.once(Path(detector.path), lambda: detections(detector, look.part, least))
    return of_class(detector.path, detector.names, found, source, LEAST)


@lru_cache(maxsize=8)
def read_detector(path: Path, _changed_ns: int) -> Detector:
    """The detector of an ONNX file.

    Parameters
    ----------
    path : Path
        The file.
    _changed_ns : int
        When it was changed, so that a new one is read.

    Raises
    ------
    InputError
        If ONNX Runtime is not installed, or the file is not a network that takes one colour picture.
    """
    network = session(path, f"the model {path}", "running a detector")
    inputs = network.get_inputs()
    shape = list(inputs[0].shape) if inputs else []
    if len(inputs) != 1 or len(shape) != 4 or inputs[0].type not in _TYPES or shape[1] not in (3, None, *_words(shape)):
        said = "; ".join(f"{i.name} {i.type} {i.shape}" for i in inputs) or "none"
        raise InputError(f"the model {path} does not take a picture: expected one input 1 x 3 x h x w, found {said}")
    if isinstance(shape[0], int) and shape[0] != 1:
        raise InputError(f"the model {path} takes {shape[0]} pictures at once: expected 1; export it with batch 1")
    said_of_itself = dict(network.get_modelmeta().custom_metadata_map)
    return Detector(
        str(path),
        network,
        inputs[0].name,
        _TYPES[inputs[0].type],
        _names(said_of_itself.get("names", "")),
        _size(shape, said_of_itself),
        _inside(said_of_itself),
    )


def _words(shape: list[object]) -> list[object]:
    """Sides that are left open, which have names."""
    return [s for s in shape if isinstance(s, str)]


def _literal(text: str) -> object:
    """The value of a text of Python literals; None for other text."""
    try:
        return ast.literal_eval(text) if len(text) < 1 << 20 else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _names(text: str) -> dict[int, str]:
    """Names of classes as exporters write them: `{0: 'bolt'}` or `['bolt']`.

    Examples
    --------
    >>> _names("{0: 'bolt', 1: 'nut'}"), _names("['bolt']"), _names("print(1)")
    ({0: 'bolt', 1: 'nut'}, {0: 'bolt'}, {})
    """
    found = _literal(text)
    items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list | tuple) else ()
    names = {k: v for k, v in items if isinstance(k, int) and isinstance(v, str)}
    return names if sorted(names) == list(range(len(names))) else {}


def _size(shape: list[object], said: dict[str, str]) -> tuple[int, int]:
    """Width and height of the input: fixed by the network, otherwise from its metadata, otherwise 640."""
    found = _literal(said.get("imgsz", ""))
    sides = [found] * 2 if isinstance(found, int) else found if isinstance(found, list | tuple) else []
    high, wide = _SIDE, _SIDE
    if len(sides) == 2 and all(isinstance(s, int) and 0 < s < 1 << 14 for s in sides):
        high, wide = int(sides[0]), int(sides[1])
    height = shape[2] if isinstance(shape[2], int) else -(-high // _STRIDE) * _STRIDE
    width = shape[3] if isinstance(shape[3], int) else -(-wide // _STRIDE) * _STRIDE
    return width, height


def _inside(said: dict[str, str]) -> bool | None:
    """Whether suppression is part of the network, according to its metadata; None if it does not say."""
    found = [_literal(said[k]) for k in ("end2end", "nms") if k in said]
    arguments = _literal(said.get("args", ""))
    if isinstance(arguments, dict) and "nms" in arguments:
        found.append(arguments["nms"])
    known = [f for f in found if isinstance(f, bool)]
    return any(known) if known else None


def detections(detector: Detector, bgr: Pixels, least: float) -> list[Detection]:
    """What a detector finds in a picture.

    Parameters
    ----------
    detector : Detector
        See `read_detector`.
    bgr : (h, w, 3) uint8
        The picture, or the part of it to look at.
    least : float
        Least confidence.

    Returns
    -------
    list of Detection
        With `confidence`, and the number of its class as the value `class_number`; with outline and colour where the
        network has masks. Boxes are cut at the border of the picture.

    Raises
    ------
    InputError
        If the network fails, or what it puts out is not known.
    """
    fit = Letterbox.of(bgr.shape[1], bgr.shape[0], detector.size)
    planes = fit.fill(bgr)[..., ::-1].transpose(2, 0, 1)[None]
    feed = np.ascontiguousarray(planes, np.float32) / np.float32(255)
    try:
        outputs = detector.session.run(None, {detector.input_name: feed.astype(detector.dtype)})
    except Exception as error:  # noqa: BLE001 - as above
        raise InputError(f"the model {detector.path} cannot be run: {str(error).splitlines()[0]}") from None
    classes = len(detector.names) or None
    found, protos = read_output(detector.path, outputs, classes, detector.inside, detector.size, least)
    return _finds(found, protos, bgr, fit)


def _finds(found: Boxes, protos: Floats | None, bgr: Pixels, fit: Letterbox) -> list[Detection]:
    height, width = bgr.shape[:2]
    boxes = np.clip(fit.inward(found.boxes), 0.0, [width, height, width, height])
    finds = []
    for row, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        if x1 <= x0 or y1 <= y0:
            continue
        values = {"class_number": float(found.classes[row])}
        find = Detection((x0, y0, x1, y1), (), float(found.scores[row]), values=values)
        if protos is not None:
            find = _outlined(find, np.tensordot(found.coefficients[row], protos, axes=1), bgr, fit)
        finds.append(find)
    return finds


def _outlined(find: Detection, prototype: Floats, bgr: Pixels, fit: Letterbox) -> Detection:
    """A detection with the outline of its mask: the largest part inside the box; unchanged without a mask.

    The mask is the weighted sum of the prototypes, inside where it is above 0, which is one half of the logistic
    function. It is interpolated at each pixel of the picture.
    """
    x0, y0 = int(find.box[0]), int(find.box[1])
    x1, y1 = int(np.ceil(find.box[2])), int(np.ceil(find.box[3]))
    scale_x, scale_y = prototype.shape[1] / fit.to[0], prototype.shape[0] / fit.to[1]
    across = ((np.arange(x0, x1) + 0.5) * fit.scale_x + fit.left) * scale_x - 0.5
    down = ((np.arange(y0, y1) + 0.5) * fit.scale_y + fit.top) * scale_y - 0.5
    map_x, map_y = np.meshgrid(across.astype(np.float32), down.astype(np.float32))
    values = cv2.remap(prototype.astype(np.float32), map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = (np.asarray(values) > 0).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return find
    mask = (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    rings = tuple(ring + np.array([x0, y0]) for ring in without_pores(region_rings(mask)[0]))
    lab = fast_lab(bgr[y0:y1, x0:x1][mask > 0]).mean(axis=0).tolist()
    # The box stays that of the detector, which knows it better than a mask of a quarter of the input's resolution.
    return replace(find, rings=rings, color=(lab[0], lab[1], lab[2]), pixelwise=True)
