"""`logidsl table --overlay`: pictures with their objects or candidates drawn in, and a contact sheet of a folder.

A name with a picture's extension is the file of the single picture; anything else is a folder for a picture each and
`index.html`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np

from logidsl.commands import counts
from logidsl.commands.job import Job
from logidsl.commands.listing import Row, objects_of, undetermined_of
from logidsl.commands.outputs import protect, write_text
from logidsl.commands.overlay import Overlays
from logidsl.commands.picture_files import PictureFiles, is_picture_name
from logidsl.diagnostics import InputError
from logidsl.eval.filters import Explained
from logidsl.extract import read_picture, write_picture
from logidsl.extract.pixels.calibration import straightened
from logidsl.extract.pixels.overlay import OverlayBox, Role, draw_overlay
from logidsl.extract.pixels.thumbnails import data_uri, thumbnail
from logidsl.files import is_file
from logidsl.object_counts import Counts
from logidsl.report.pages import Figure, html_page, sheet
from logidsl.table import BOX, ObjectTable

SHEET = "index.html"
_SIDE_PX = 420  # of a picture on the sheet


@dataclass(frozen=True)
class Drawing:
    """The shapes drawn on a picture.

    Parameters
    ----------
    path : str
        The picture.
    boxes : sequence of OverlayBox
    header : str
        Stands over the picture.
    caption : str
        Stands below it on the contact sheet.
    """

    path: str
    boxes: Sequence[OverlayBox]
    header: str
    caption: str


def objects_drawn(pictures: Sequence[Row], counted: Sequence[Counts]) -> list[Drawing]:
    """Pictures with their objects numbered by their ids.

    Objects of undetermined class are dashed with a question mark; those without a class are outlined only.
    """
    drawings = []
    for picture, mine in zip(pictures, counted, strict=True):
        objects, boxes = objects_of(picture), []
        for item in objects:
            box, rings = item.get("box"), item.get("outline")
            if isinstance(box, list):
                outline = rings[0] if isinstance(rings, list) and rings else None
                role: Role = "ok" if item["names"] else "open" if undetermined_of(item) else "context"
                label = {"ok": f"{item['id']}", "open": f"{item['id']}?"}.get(role, "")
                boxes.append(OverlayBox((box[0], box[1], box[2], box[3]), role, label, outline))
        open_ = sum(b.role == "open" for b in boxes)
        title = f"{sum(bool(o['names']) for o in objects)} objects" + (f", {open_} undetermined" if open_ else "")
        drawings.append(Drawing(str(picture["path"]), boxes, title, counts.line(mine)))
    return drawings


def candidates_drawn(found: Explained, table: ObjectTable) -> list[Drawing]:
    """Pictures with the candidates of a class: members green, rejected ones red with the letters of the conditions that
    they do not meet, undetermined ones dashed.
    """
    letters = found.letters
    legend = "; ".join(f"{letter}: {words}" for letter, words in zip(letters, found.conditions, strict=True))
    roles: dict[int, Role] = {1: "ok", 0: "open", -1: "witness"}
    drawings = []
    ends = np.searchsorted(found.rows, table.offsets).tolist()  # the rows are in order
    for image, path in enumerate(table.images):
        mine = range(ends[image], ends[image + 1])
        boxes = []
        for i in mine:
            row, kept = int(found.rows[i]), int(found.kept[i])
            sides = [np.asarray(table.columns[b])[row] for b in BOX if b in table.columns]
            if len(sides) != len(BOX):
                continue
            x0, y0, x1, y1 = map(float, sides)
            rings = table.outlines.rings(row) if table.outlines is not None else []
            why = [
                letter for letter, truth in zip(letters, found.truths[i].tolist(), strict=True) if truth == kept != 1
            ]
            label = " ".join([table.ids[row] + ("?" if kept == 0 else ""), *why])
            boxes.append(OverlayBox((x0, y0, x1, y1), roles[kept], label, rings[0] if rings else None))
        said = f"{found.name}: {sum(found.kept[i] == 1 for i in mine)} of {len(mine)} {found.source}"
        drawings.append(Drawing(path, boxes, f"{said}; {legend}", said))
    return drawings


def draw(job: Job, drawings: Sequence[Drawing], title: str) -> bool:
    """Write the overlays, and for a folder the contact sheet with its title; whether all could be written."""
    target, first = Path(job.args.overlay), Path(job.args.path[0])
    base = first if first.is_dir() else first.parent
    if not is_picture_name(job.args.overlay):
        return _folder(job, drawings, base, title)
    if len(drawings) != 1:
        raise InputError(f"{first} holds {len(drawings)} pictures: name a folder after --overlay")
    (one,) = drawings
    path = next((p for p in (Path(one.path), base / one.path) if is_file(p)), first)
    protect(target, [path], "--overlay")
    write_picture(target, draw_overlay(straightened(job.program, read_picture(path)), one.boxes, one.header))
    return True


def _folder(job: Job, drawings: Sequence[Drawing], base: Path, title: str) -> bool:
    """A picture for each, and the contact sheet, in which they are small, with links to them."""
    files = PictureFiles(Path(job.args.overlay), [d.path for d in drawings], job.read, "--overlay")
    overlays, figures = Overlays(files, base, job.program), []
    for one in drawings:
        drawn = overlays.put(one.path, one.boxes, one.header)
        if drawn is None:
            figures.append(Figure("", one.path, f"{one.caption} (no picture)"))
            continue
        small = data_uri(thumbnail(drawn, _SIDE_PX), lossless=False)
        figures.append(Figure(small, one.path, one.caption, quote(files.names[one.path])))
    page = files.folder / SHEET
    protect(page, job.read, "--overlay")
    write_text(page, html_page(title, sheet(figures), wide=True))
    return all(f.source for f in figures)
