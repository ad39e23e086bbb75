"""`logidsl calibrate PICTURE…`: millimetres of a pixel and the lens, from something of known size."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from logidsl.calibration import Calibration
from logidsl.commands.arguments import argument, one_of
from logidsl.commands.outputs import protect
from logidsl.commands.terminal import UsageError, say
from logidsl.extract import read_picture
from logidsl.extract.pixels.calibration import board_points, calibrated, covered, lens_of, marker_points
from logidsl.types import MM_PER

EXAMPLES = """  logidsl calibrate board.png --board 9x6 --square '5 mm' -o camera.json
  logidsl calibrate board_*.png --board 9x6 --square '5 mm' --lens -o camera.json
  logidsl calibrate marker.png --marker '20 mm' -o camera.json

A spec reads the file with `scale "camera.json"`. The board lies where the parts will lie, flat under the camera. With
--lens the first picture is that one, and the others show the board held in different ways.
"""
#: Share of the picture that the boards should cover where the lens is measured.
ENOUGH = 0.5
ARGUMENTS = (
    argument("path", nargs="+", metavar="PICTURE", help="pictures of the board or the marker"),
    one_of(
        argument("--board", metavar="CxR", help="a checkerboard with this number of inner corners: 9x6"),
        argument("--marker", metavar="SIDE", help="ArUco markers with sides of this length: '20 mm'"),
    ),
    argument("--square", metavar="SIDE", help="the side of a square of the board: '5 mm'"),
    argument("--family", default="4x4_50", metavar="NAME", help="the markers' dictionary (default 4x4_50)"),
    argument("--lens", action="store_true", help="also measure lens distortion"),
    argument("--output", "-o", metavar="FILE", required=True, help="the file to write, beside the spec"),
)


def run(args: argparse.Namespace) -> int:
    """Measure and write the file; 4 where nothing could be measured."""
    output = Path(args.output)
    if output.suffix.lower() != ".json":
        raise UsageError(f"expected an output that ends in .json, found `{output.name}`")
    protect(output, args.path)
    found = _by_board(args) if args.board else _by_marker(args)
    found.write(output)
    lens = "with its lens" if found.camera.matrix is not None else "without a lens"
    print(
        f"{output}: {found.mm_per_px[0]:.4g} mm a pixel by {found.by}, {lens}, "
        f"for pictures of {found.camera.width} by {found.camera.height} px; error {found.error_px or 0:.2g} px"
    )
    return 0


def length_mm(text: str | None, option: str) -> float:
    """A length of the command line in mm.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> length_mm("0.5 cm", "--square")
    5.0
    """
    found = re.fullmatch(rf"\s*(\d{{1,9}}(?:\.\d{{1,6}})?)\s*({'|'.join(MM_PER)})\s*", text or "")
    if not found or float(found[1]) <= 0:
        raise UsageError(f"expected a length such as '5 mm' after {option}, found `{text or ''}`")
    return float(found[1]) * MM_PER[found[2]]


def _by_board(args: argparse.Namespace) -> Calibration:
    sides = re.fullmatch(r"(\d{1,3})\s*[x×]\s*(\d{1,3})", args.board)
    if not sides or min(int(sides[1]), int(sides[2])) < 3:
        raise UsageError(
            f"expected inner corners such as 9x6 after --board, at least 3 in each direction, found `{args.board}`"
        )
    columns, rows, square_mm = int(sides[1]), int(sides[2]), length_mm(args.square, "--square")
    by = f"a checkerboard of {columns} by {rows} corners, {square_mm:g} mm each"
    paths = args.path if args.lens else args.path[:1]
    if len(paths) < len(args.path):
        say(f"only {paths[0]} is measured: without --lens one picture is enough")
    boards = [board_points(read_picture(path), columns, rows, square_mm) for path in paths]
    camera, error_px = lens_of(boards) if args.lens else (None, None)
    if args.lens and (share := covered(boards)) < ENOUGH:
        say(
            f"the boards cover {100 * share:.0f} % of the picture: beyond them the lens is a guess; "
            "hold more of them to the border"
        )
    return calibrated(by, boards[:1], camera, error_px)


def _by_marker(args: argparse.Namespace) -> Calibration:
    if args.lens:
        raise UsageError("a lens is measured with a board: --board 9x6 --square '5 mm'")
    side_mm = length_mm(args.marker, "--marker")
    if len(args.path) > 1:
        say(f"only {args.path[0]} is measured: one picture is enough")
    points = marker_points(read_picture(args.path[0]), args.family, side_mm)
    markers = "a marker" if len(points) == 1 else f"{len(points)} markers"
    return calibrated(f"{markers} of {side_mm:g} mm", points, None)
