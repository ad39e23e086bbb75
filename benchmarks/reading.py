"""What others made, read and judged: files of annotations, detections and descriptions with known truth.

`python -m benchmarks.reading [DATA]` prints a table; `rows(data)` gives it. Truth is counted from the files by plain
Python beside each reader, or comes with the data. The specs are in `benchmarks/specs`, one for each folder.
`--files N` also reads N annotation files of each kind that it writes to a temporary folder, and says how fast;
`--coco N` reads one COCO file of N annotations with outlines, and a result list of twice as many boxes.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

import logidsl
from logidsl.report.model import ImageReport
from logidsl.report.report import Report

CHECKOUT = Path(__file__).resolve().parent.parent
DATA = CHECKOUT.parent / "shared" / "data"
SPECS = Path(__file__).resolve().parent / "specs"
#: Of the breakfast box: what no description of things and their numbers can tell.
_UNTOLD = frozenset(["overflow", "underflow", "wrong_ratio"])


class Row(NamedTuple):
    """A line of the table: how many of how many are right."""

    dataset: str
    what: str
    right: int
    of: int
    note: str = ""


def rows(data: Path = DATA) -> list[Row]:
    """The measurements of every folder that is there.

    Parameters
    ----------
    data : Path
        Holds the folders `cards_voc`, `coco_results_cars`, `groundingdino_apples`, `nuts_labelme`,
        `facts_breakfast_v10`, `facts_juice_screws`.

    Raises
    ------
    FileNotFoundError
        If one of them is missing.
    """
    parts: Sequence[Callable[[Path], Iterable[Row]]] = (cards, cars, apples, nuts, breakfast, screws, juice)
    return [row for part in parts for row in part(data)]


def _spec(name: str) -> logidsl.Spec:
    return logidsl.load(SPECS / f"{name}.logic")


def _counts(spec: logidsl.Spec, path: Path) -> dict[str, Counter[str]]:
    """Classes of each picture, by the name of its file."""
    table = spec.see(path)
    classes = table.classes.texts()
    ends = table.offsets.tolist()
    return {
        Path(image).name: Counter(str(c) for c in classes[ends[i] : ends[i + 1]])
        for i, image in enumerate(table.images)
    }


def cards(data: Path) -> Iterable[Row]:
    """Pascal VOC: classes and boxes as in the XML, and whether four cards are of one kind."""
    folder, spec = data / "cards_voc", _spec("cards")
    truth = json.loads((folder / "truth.json").read_text())
    files = sorted(folder.glob("*.xml"))
    same = sum(_counts(spec, f) == {f"{f.stem}.jpg": Counter(truth[f"{f.stem}.jpg"])} for f in files)
    yield Row("cards_voc", "classes counted", same, len(files))
    exact = sum(_voc_boxes(f) == _boxes(spec, f) for f in files)
    yield Row("cards_voc", "boxes exact", exact, len(files))
    found = {Path(i.path).name: {f.rule for f in i.findings} for i in spec.check(files).images}
    right = sum(("one_kind" in found[n]) == (len(t) > 1) and "four" not in found[n] for n, t in truth.items())
    yield Row("cards_voc", "rules", right, len(truth))


def _voc_boxes(path: Path) -> list[list[float]]:
    boxes = ElementTree.parse(path).getroot().findall("object/bndbox")
    return [[float(b.findtext(k) or "nan") for k in ("xmin", "ymin", "xmax", "ymax")] for b in boxes]


def _boxes(spec: logidsl.Spec, path: Path) -> list[list[float]]:
    table = spec.see(path)
    columns = [table.columns[k].tolist() for k in ("x0", "y0", "x1", "y1")]  # type: ignore[union-attr]
    return [list(b) for b in zip(*columns, strict=True)]


def cars(data: Path) -> Iterable[Row]:
    """COCO: objects of ground truth and of a result list, and rules over both."""
    folder, spec = data / "coco_results_cars", _spec("cars")
    truth = json.loads((folder / "dataset.json").read_text())
    found = json.loads((folder / "result.json").read_text())
    names = {c["id"]: c["name"] for c in truth["categories"]}
    files = {i["id"]: i["file_name"] for i in truth["images"]}
    for name, items in (("dataset.json", truth["annotations"]), ("result.json", found)):
        wanted = {f: Counter[str]() for f in files.values()}
        for item in items:
            wanted[files[item["image_id"]]][names[item["category_id"]]] += 1
        read = _counts(spec, folder / name)
        yield Row(
            "coco_results_cars", f"{name}: objects", sum((read[f] & wanted[f]).total() for f in wanted), len(items)
        )
        boxes = [[x, y, x + w, y + h] for x, y, w, h in (item["bbox"] for item in _by_image(items, files))]
        yield Row(
            "coco_results_cars",
            f"{name}: boxes",
            sum(a == b for a, b in zip(boxes, _boxes(spec, folder / name), strict=True)),
            len(items),
        )
        right = 0
        for image in spec.check(folder / name).images:
            mine = [i for i in items if files[i["image_id"]] == Path(image.path).name]
            right += _verdicts(image) == {rule: _of_cars(rule, mine, names) for rule in ("cars", "bus", "more_cars")}
        yield Row("coco_results_cars", f"{name}: rules of an image", right, len(files))


def _by_image(items: Sequence[dict[str, Any]], files: dict[int, str]) -> list[dict[str, Any]]:
    order = list(files)
    return sorted(items, key=lambda i: order.index(i["image_id"]))


def _verdicts(image: ImageReport) -> dict[str, str]:
    """The rules of the cars' spec by what became of them."""
    broken = {f.rule: f.truth for f in image.findings}
    return {rule: broken.get(rule, "true") for rule in ("cars", "bus", "more_cars")}


def _of_cars(rule: str, items: Sequence[dict[str, Any]], names: dict[int, str]) -> str:
    """What a rule must give: from the least and the greatest number that the doubtful detections leave."""
    low, high = Counter[str](), Counter[str]()
    for item in items:
        score = item.get("score", 1.0)
        low[names[int(item["category_id"])]] += score >= 0.5
        high[names[int(item["category_id"])]] += score >= 0.3
    match rule:
        case "cars":
            must, can = low["car"] >= 20, high["car"] >= 20
        case "bus":
            must, can = high["bus"] == 0, low["bus"] == 0
        case _:
            must, can = low["car"] > high["truck"], high["car"] > low["truck"]
    return "true" if must else "undetermined" if can else "false"


def apples(data: Path) -> Iterable[Row]:
    """GroundingDINO's dictionary: two apples left of six strawberries, on one plate."""
    folder, spec = data / "groundingdino_apples", _spec("apples")
    truth = json.loads((folder / "truth.json").read_text())
    read = _counts(spec, folder / "detections.json")["apple_strawberry.png"]
    yield Row("groundingdino_apples", "objects", sum(read[c] == truth[c] for c in ("apple", "strawberry")), 2)
    report = spec.check(folder / "detections.json")
    yield Row("groundingdino_apples", "rules hold", sum(i.verdict == "pass" for i in report.images), 1)


def nuts(data: Path) -> Iterable[Row]:
    """LabelMe: counts from the polygons."""
    folder, spec = data / "nuts_labelme", _spec("nuts_table")
    truth = json.loads((folder / "truth.json").read_text())
    right = sum(_counts(spec, folder / Path(n).with_suffix(".json")) == {n: Counter(t)} for n, t in truth.items())
    yield Row("nuts_labelme", "pictures counted", right, len(truth))


def breakfast(data: Path) -> Iterable[Row]:
    """Descriptions by a model: pass, review and fail of normal and of anomalous pictures."""
    yield from _described(data / "facts_breakfast_v10", "formal__breakfast_box_v1.0.json", "breakfast_facts", _UNTOLD)


def screws(data: Path) -> Iterable[Row]:
    """Descriptions in plain words."""
    yield from _described(data / "facts_juice_screws", "screw_bag__img2text.json", "screw_bag_facts")


def juice(data: Path) -> Iterable[Row]:
    """Formulae with attributes; the model invented another scene for a quarter of the pictures."""
    yield from _described(data / "facts_juice_screws", "formal__juice_bottle_v1.0_1shot.json", "juice_facts")


def _described(folder: Path, file: str, spec: str, untold: frozenset[str] = frozenset()) -> Iterable[Row]:
    truth = json.loads((folder / "truth.json").read_text())
    report: Report = _spec(spec).check(folder / file)
    seen: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    missed: Counter[str] = Counter()
    for image in report.images:
        if image.path in truth:
            seen[truth[image.path]["normal"]][image.verdict] += 1
            if not truth[image.path]["normal"] and image.verdict == "pass":
                defects = set(truth[image.path]["defects"])
                missed["in no description" if defects & untold else "others"] += 1
    name = f"{folder.name}/{spec.removesuffix('_facts')}"
    for normal, what, good in ((True, "normal, passed", "pass"), (False, "anomalous, failed", "fail")):
        counts = seen[normal]
        rest = ", ".join(f"{counts[v]} {v}" for v in ("pass", "review", "fail", "error") if v != good and counts[v])
        note = rest + (f"; missed: {dict(missed)}" if not normal and missed else "")
        yield Row(name, what, counts[good], counts.total(), note)


def speed(count: int) -> Iterable[str]:
    """Read so many annotation files of each kind, one of them broken, and say how long it took."""
    spec = logidsl.loads("logic 1\nspec s\nobject nut\nrule r: some nut\n")
    with tempfile.TemporaryDirectory() as made:
        for kind, (ending, text) in _FILES.items():
            folder = Path(made) / kind
            folder.mkdir()
            if ending == ".txt":
                _white_picture(folder / "00000.png")
                (folder / "classes.txt").write_text("nut\n")
            for n in range(count):
                if ending == ".txt" and n:
                    (folder / f"{n:05}.png").hardlink_to(folder / "00000.png")
                (folder / f"{n:05}{ending}").write_text(
                    "{broken" if n == count // 2 else text.replace("NAME", f"{n:05}")
                )
            for jobs in (1, None):
                start = time.perf_counter()
                report = spec.check(sorted(folder.glob(f"[0-9]*{ending}")), jobs=jobs)
                took_s = time.perf_counter() - start
                tally = Counter(i.verdict for i in report.images)
                each_ms = took_s / count * 1e3
                yield f"{kind}: {count} files, jobs={jobs}: {took_s:.1f} s, {each_ms:.2f} ms each, {dict(tally)}"


_BOX = '{"label": "nut", "shape_type": "rectangle", "points": [[1, 2], [30, 40]]}'
_CORNERS = "<xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax>"
_LABELME = '{"imagePath": "NAME.png", "imageWidth": 99, "imageHeight": 99, "shapes": [SHAPES]}'
_FILES = {
    "labelme": (".json", _LABELME.replace("SHAPES", ", ".join([_BOX] * 10))),
    "voc": (
        ".xml",
        "<annotation><filename>NAME.png</filename><size><width>99</width><height>99</height></size>"
        + f"<object><name>nut</name><bndbox>{_CORNERS}</bndbox></object>" * 10
        + "</annotation>",
    ),
    "yolo": (".txt", "0 0.5 0.5 0.2 0.2\n" * 10),
}


def _white_picture(path: Path) -> None:
    import cv2

    assert cv2.imwrite(str(path), np.full((99, 99, 3), 255, np.uint8))


def coco(count: int) -> Iterable[str]:
    """Read a COCO file of so many annotations, most with 20 to 60 points, and a result list of twice as many boxes."""
    spec = logidsl.loads("logic 1\nspec s\nobject nut\nobject bolt\nrule r: some nut\n")
    rng = np.random.default_rng(1)
    images = [{"id": n, "file_name": f"{n:05}.jpg", "width": 1700, "height": 1000} for n in range(max(1, count // 50))]
    categories = [{"id": 1, "name": "nut"}, {"id": 2, "name": "bolt"}]
    with tempfile.TemporaryDirectory() as made:
        truth, found = Path(made) / "truth.json", Path(made) / "found.json"
        annotations = [_annotation(n, len(images), rng) for n in range(count)]
        truth.write_text(json.dumps({"images": images, "categories": categories, "annotations": annotations}))
        boxes = [{k: a[k] for k in ("image_id", "category_id", "bbox")} | {"score": 0.5} for a in annotations]
        found.write_text(json.dumps(boxes * 2))
        del annotations, boxes
        for path in (truth, found):
            start = time.process_time()  # of this process alone, whatever else the machine does
            table = spec.see(path)
            took_s = time.process_time() - start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            size = path.stat().st_size / 1e6
            yield f"coco {path.name}: {len(table)} objects, {size:.0f} MB: {took_s:.1f} s, at most {peak:.0f} MiB"


def _annotation(n: int, images: int, rng: np.random.Generator) -> dict[str, Any]:
    """A bent shape; every hundredth as a run-length mask, as large as its picture."""
    points = int(rng.integers(20, 61))
    turn = np.sort(rng.uniform(0, 2 * np.pi, points))
    reach = rng.uniform(8, 50) * (1 + 0.2 * np.cos(3 * turn + n))
    x, y = rng.uniform(70, 1630) + reach * np.cos(turn), rng.uniform(70, 930) + reach * np.sin(turn)
    outline = np.stack([x, y], axis=1).round(1)
    (x0, y0), (x1, y1) = outline.min(0).tolist(), outline.max(0).tolist()
    segmentation: object = [outline.reshape(-1).tolist()]
    if n % 100 == 7:
        left, top, high, wide = int(x0), int(y0), int(y1 - y0) + 1, int(x1 - x0) + 1
        runs = [left * 1000 + top, *[high, 1000 - high] * (wide - 1), high]
        segmentation = {"size": [1000, 1700], "counts": [*runs, 1_700_000 - sum(runs)]}
    return {
        "id": n,
        "image_id": n % images,
        "category_id": n % 2 + 1,
        "bbox": [x0, y0, round(x1 - x0, 1), round(y1 - y0, 1)],
        "segmentation": segmentation,
        "iscrowd": 0,
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", nargs="?", type=Path, default=DATA, help="folder of the shared data")
    parser.add_argument("--files", type=int, default=0, metavar="N", help="also read N annotation files of each kind")
    parser.add_argument("--coco", type=int, default=0, metavar="N", help="also read a COCO file of N annotations")
    args = parser.parse_args(argv)
    found = rows(args.data)
    widths = [max(len(r.dataset) for r in found), max(len(r.what) for r in found)]
    for r in found:
        print(f"{r.dataset:{widths[0]}}  {r.what:{widths[1]}}  {r.right:4} of {r.of:<4} {r.note}".rstrip())
    for line in chain(speed(args.files) if args.files else (), coco(args.coco) if args.coco else ()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
