"""`logidsl table --overlay`: pictures with their objects or candidates drawn in, and a contact sheet of a folder.

A name with a picture's extension is the file of the single picture; anything else is a folder for a picture each and
`index.html`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from logidsl.commands import counts
from logidsl.commands.counts import Counts
from logidsl.commands.listing import Row, objects_of, undetermined_of
from logidsl.commands.outputs import protect, write_text
from logidsl.commands.overlay import Overlays
from logidsl.commands.terminal import UsageError
from logidsl.files import is_file

if TYPE_CHECKING:
    from logidsl.eval.filters import Explained
    from logidsl.extract.pixels.overlay import OverlayBox
    from logidsl.ir import Program
    from logidsl.table import ObjectTable

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


def is_file_name(overlay: str) -> bool:
    """Whether the value of `--overlay` names a picture, not a folder."""
    from logidsl.extract.pixels.header import SUFFIXES

    return Path(overlay).suffix.lower() in SUFFIXES and not Path(overlay).is_dir()


def check_overlay(args: argparse.Namespace, pictures: int) -> None:
    """See that there is a folder for several pictures.

    Raises
    ------
    UsageError
        If there is a file for them.
    """
    if args.overlay and pictures != 1 and is_file_name(args.overlay):
        raise UsageError(
            f"expected a folder after --overlay for {pictures} pictures, found `{args.overlay}`: each picture gets a "
            "file in it"
        )


def objects_drawn(pictures: Sequence[Row], counted: Sequence[Counts]) -> list[Drawing]:
    """Pictures with their objects numbered by their ids.

    Objects of undetermined class are dashed with a question mark; those without a class are outlined only.
    """
    from logidsl.extract.pixels.overlay import OverlayBox, Role

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
    import numpy as np

    from logidsl.extract.pixels.overlay import OverlayBox, Role
    from logidsl.table import BOX

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


def draw(
    args: argparse.Namespace, program: Program, drawings: Sequence[Drawing], read: Sequence[str | Path], title: str
) -> bool:
    """Write the overlays, and for a folder the contact sheet.

    Parameters
    ----------
    args : Namespace
        Says where to.
    program : Program
        By whose calibration pictures were straightened.
    drawings : sequence of Drawing
    read : sequence of path
        What is read, and never replaced.
    title : str
        Of the contact sheet.

    Returns
    -------
    bool
        Whether all could be written.
    """
    target, first = Path(args.overlay), Path(args.path[0])
    base = first if first.is_dir() else first.parent
    if not is_file_name(args.overlay):
        return _folder(Overlays(target, [d.path for d in drawings], base, program, read), drawings, read, title)
    from logidsl.diagnostics import InputError
    from logidsl.extract import read_picture, write_picture
    from logidsl.extract.pixels.calibration import straightened
    from logidsl.extract.pixels.overlay import draw_overlay

    if len(drawings) != 1:
        raise InputError(f"{first} holds {len(drawings)} pictures: name a folder after --overlay")
    (one,) = drawings
    path = next((p for p in (Path(one.path), base / one.path) if is_file(p)), first)
    protect(target, [path], "--overlay")
    write_picture(target, draw_overlay(straightened(program, read_picture(path)), one.boxes, one.header))
    return True


def _folder(overlays: Overlays, drawings: Sequence[Drawing], read: Sequence[str | Path], title: str) -> bool:
    """A picture for each, and the contact sheet, in which they are small, with links to them."""
    from logidsl.extract.pixels.thumbnails import data_uri, thumbnail
    from logidsl.report.pages import Figure, html_page, sheet

    figures = []
    for one in drawings:
        drawn = overlays.put(one.path, one.boxes, one.header)
        if drawn is None:
            figures.append(Figure("", one.path, f"{one.caption} (no picture)"))
            continue
        small = data_uri(thumbnail(drawn, _SIDE_PX), lossless=False)
        figures.append(Figure(small, one.path, one.caption, quote(overlays.targets[one.path])))
    page = overlays.folder / SHEET
    protect(page, read, "--overlay")
    write_text(page, html_page(title, sheet(figures), wide=True))
    return all(f.source for f in figures)
