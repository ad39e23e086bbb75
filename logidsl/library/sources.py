"""Sources: what may stand after `object NAME =` and finds the objects of that class in a picture.

Declarations only; the work is done where pictures are seen. An argument that may be left out may be left out
before others: each argument goes to the next parameter of its kind.
"""

from __future__ import annotations

from logidsl.library.declare import measured


@measured(
    "source",
    "read_text(ratio?, R?) -> set",
    "object serial = read_text(box(10 %, 80 %, 90 %, 95 %)): 1",
    made_by="logidsl.extract.sources.read_text:find",
    english="every line of text that is read< in {of}>",
)
def read_text() -> None:
    """The lines of text in the region, or in the whole picture: an object for each line, with `text` and
    `confidence`. The ratio is the least confidence (default 50 %). Needs the extra `ocr`.
    """


@measured(
    "source",
    "read_code(R?) -> set",
    "object tag = read_code(): 1",
    made_by="logidsl.extract.sources.read_code:find",
    english="every bar code or matrix code that is read< in {of}>",
)
def read_code() -> None:
    """The bar codes and matrix codes in the region, or in the whole picture, with `text`. Needs the extra `codes`."""


@measured(
    "source",
    "template(text, ratio?, ratio?, angle?, R?) -> set",
    'object lid = template("lid.png", 80 %): 1',
    files=(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"),
    oriented=True,
    made_by="logidsl.extract.sources.template:find",
    english="every place that looks like the picture {file}<, by at least {score}>"
    "<, up to {stretch} greater or smaller><, turned by up to {turn} to either side><, in {of}>",
)
def template() -> None:
    """The places that look like a small picture below the spec's folder. The arguments are the least similarity
    (default 80 %), how much larger or smaller the mark may be (100 %: from half to twice as large), how far it may be
    turned, and where to look.
    """


@measured(
    "source",
    "detect(text, ratio?, R?, text?, …) -> set",
    'object bolt = detect("parts.onnx", 40 %, "hex bolt")',
    files=(".onnx",),
    numbered=True,
    made_by="logidsl.extract.sources.detect:find",
    english="every {names} that the model {file} finds<, with a confidence of at least {score}><, in {of}>",
)
def detect() -> None:
    """What a detector of the YOLO family, in a file below the spec's folder, finds. The arguments are the least
    confidence (default 25 %), where to look, and the model's names or numbers of the class (default: the name of the
    object). Needs the extra `onnx`.
    """


@measured(
    "source",
    "learned(text, ratio?, R?, text?, …) -> set",
    'object nut = learned("nuts.parts", 60 %, "hazelnut")',
    files=(".parts",),
    background="logidsl.extract.parts.find:foreground",
    made_with="logidsl learn",
    made_by="logidsl.extract.parts.find:find",
    english="every {names} that the parts file {file} finds<, with a confidence of at least {score}><, in {of}>",
)
def learned() -> None:
    """What a parts file of `logidsl learn`, below the spec's folder, finds. The arguments are the least confidence
    (default: the one that the file proposes), where to look, and the classes of the file (default: the name of the
    object). Needs the extra `onnx`.
    """
