"""CreateML: a list of pictures, each with labelled boxes in px, given by their middle."""

from __future__ import annotations

from collections.abc import Mapping

from logidsl.extract.formats.base import JsonFormat, Reading, items_of, listed, numbers_of
from logidsl.extract.records import Record
from logidsl.extract.values import class_name, number

_IMAGES = ("image", "imagefilename", "image_name")
_ANNOTATIONS = ("annotations", "annotation")


class CreateMl(JsonFormat):
    """Reads a CreateML file."""

    name = "CreateML annotations"
    marks = (b'"annotation', b'"image')
    start = b"["

    def claims(self, document: object) -> bool:
        """Whether it lists pictures with annotations that have `coordinates`, or have none."""
        if not isinstance(document, list) or not document or not all(isinstance(i, dict) for i in document[:50]):
            return False
        pictures = [(_first(i, _IMAGES), _first(i, _ANNOTATIONS)) for i in document[:50]]
        if not all(isinstance(image, str) and isinstance(found, list) for image, found in pictures):
            return False
        entries = [e for _, found in pictures if isinstance(found, list) for e in found]
        return not entries or any(isinstance(e, dict) and "coordinates" in e for e in entries)

    def fill(self, document: object, reading: Reading) -> None:
        """Read its pictures."""
        for item in items_of(document):
            image = str(_first(item, _IMAGES) or "")
            frame = reading.frame(image)
            for place, entry in listed(_first(item, _ANNOTATIONS), f"{image}, annotation"):
                label = class_name(entry.get("label")) if isinstance(entry, dict) else None
                coordinates = entry.get("coordinates") if isinstance(entry, dict) else None
                found = numbers_of(coordinates, "x", "y", "width", "height")
                if label is None:
                    reading.lose(frame, place, "expected a name in `label`")
                elif found is None:
                    reading.lose(frame, place, "expected `coordinates` of `x, y, width, height`", label, coordinates)
                else:
                    x, y, w, h = found
                    score = number(entry.get("confidence")) if isinstance(entry, dict) else None
                    values: dict[str, object] = {} if score is None else {"confidence": score}
                    box = [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
                    reading.add(frame, Record(label, box, values=values, place=place))


EXTRACTOR = CreateMl()


def _first(item: Mapping[str, object], keys: tuple[str, ...]) -> object:
    return next((item[k] for k in keys if k in item), None)
