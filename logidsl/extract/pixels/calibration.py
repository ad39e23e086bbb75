"""Calibration: from pictures of something of known size to millimetres of a pixel, and the lens taken out.

A board (checkerboard, in a picture or in many) or markers (ArUco) give points whose places are known in mm. The lens
is found from many pictures of a board by OpenCV's `calibrateCamera` (Zhang, 2000). The scale is that of the affine map
from mm to px that fits best, after the lens is taken out. A plane that is not parallel to the sensor has no one scale:
where the map stretches one way more than another, or the scale changes across the board, by more than `TILT`, the
picture is refused. May import `calibration`, `ir` and `picture`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats, Pixels, Singles
from logidsl.calibration import Calibration
from logidsl.diagnostics import InputError, did_you_mean
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.picture import Picture
from logidsl.extract.pixels.square_edges import square_corners
from logidsl.ir import Camera, Program

#: The share by which the scale may differ by direction, or across the plane.
TILT = 0.02
#: The maximum deviation from the true shape, as a share of its side.
SOFT = 0.01
#: So many pictures of a board at least give a lens.
LENS_PICTURES = 5
#: OpenCV maps pictures of at most so many px a side at once; longer ones are mapped in tiles.
_WIDEST, _TILE = 32_766, 8192
_CONTRAST = 20  # steps of 255 between dark and light that a board or a marker needs


class Points(NamedTuple):
    """Known points of one picture.

    Parameters
    ----------
    path : str
        The picture.
    size : (width, height)
        Of it, px.
    seen_px : (n, 2) float64
        Where they are, the corner of the first pixel at 0, 0.
    known_mm : (n, 2) float64
        Where they are in their plane.
    """

    path: str
    size: tuple[int, int]
    seen_px: Floats
    known_mm: Floats


def board_points(picture: Picture, columns: int, rows: int, square_mm: float) -> Points:
    """The inner corners of a checkerboard.

    Parameters
    ----------
    picture : Picture
        Shows the whole board.
    columns, rows : int
        Number of inner corners, one less than the squares.
    square_mm : float
        Side of a square.

    Raises
    ------
    InputError
        If the board is not found.
    """
    grey = cv2.cvtColor(picture.bgr, cv2.COLOR_BGR2GRAY)
    found, corners = cv2.findChessboardCornersSB(grey, (columns, rows), flags=cv2.CALIB_CB_ACCURACY)
    if not found:  # in poor light, longer and with the contrast that there is
        flags = cv2.CALIB_CB_ACCURACY | cv2.CALIB_CB_EXHAUSTIVE | cv2.CALIB_CB_NORMALIZE_IMAGE
        found, corners = cv2.findChessboardCornersSB(_spread(grey), (columns, rows), flags=flags)
    if not found:
        raise InputError(
            f"{picture.path}: no checkerboard of {columns} by {rows} inner corners was found; inner corners are where "
            f"four squares meet, so this board has {columns + 1} by {rows + 1} squares, all of them in the picture, "
            f"none of them hidden or glaring{_grey_range(grey)}"
        )
    y, x = np.mgrid[0:rows, 0:columns]
    known = np.stack([x.ravel(), y.ravel()], axis=1) * square_mm
    return Points(picture.path, (picture.width, picture.height), _pixels(corners), known)


def marker_points(picture: Picture, dictionary: str, side_mm: float) -> list[Points]:
    """The corners of each ArUco marker in a picture.

    Parameters
    ----------
    picture : Picture
        Shows at least one marker.
    dictionary : str
        The markers' family, `4x4_50` say.
    side_mm : float
        Side of the black square.

    Raises
    ------
    InputError
        If the family does not exist, or there is no marker.
    """
    families = {name.removeprefix("DICT_").lower(): name for name in dir(cv2.aruco) if name.startswith("DICT_")}
    if dictionary.lower() not in families:
        raise InputError(f"unknown marker family `{dictionary}`{did_you_mean(dictionary.lower(), families)}")
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    family = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, families[dictionary.lower()]))
    grey = cv2.cvtColor(picture.bgr, cv2.COLOR_BGR2GRAY)
    detector = cv2.aruco.ArucoDetector(family, parameters)
    corners, _, _ = detector.detectMarkers(grey)
    if not len(corners) and not _grey_range(grey):  # noise alone would show markers
        corners, _, _ = detector.detectMarkers(_spread(grey))
    if not len(corners):
        others = _other_families(grey, families, dictionary.lower(), parameters)
        found = f"; there are markers of the family `{others}`: say --family {others}" if others else _grey_range(grey)
        raise InputError(f"{picture.path}: no marker of the family `{dictionary}` was found{found}")
    known = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) * side_mm
    size = picture.width, picture.height
    return [Points(picture.path, size, square_corners(grey, _pixels(c)), known) for c in corners]


def _spread(grey: Pixels) -> Pixels:
    """Grey with all of the range from black to white, but for the darkest and the brightest hundredth."""
    low, high = np.percentile(grey, (1, 99))
    return np.asarray(np.clip((grey - low) * (255 / max(high - low, 1.0)), 0, 255), np.uint8)


def _grey_range(grey: Pixels) -> str:
    """Words on a picture that is too dark or too flat to show anything."""
    low, high = np.percentile(grey, (1, 99)).tolist()
    if high - low >= _CONTRAST:
        return ""
    return (
        f"; the picture has next to no contrast: grey from {low:.0f} to {high:.0f} of 255, expected {_CONTRAST} steps"
    )


def _other_families(grey: Pixels, families: Mapping[str, str], but: str, parameters: object) -> str:
    """The family of the markers found: of two or more, otherwise of one; empty without any."""
    best = ("", 0)
    for name in ("4x4_50", "4x4_1000", "5x5_1000", "6x6_1000", "7x7_1000", "aruco_original", "apriltag_36h11"):
        if name == but or name not in families:
            continue
        family = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, families[name]))
        count = len(cv2.aruco.ArucoDetector(family, parameters).detectMarkers(grey)[0])
        best = max(best, (name, count), key=lambda found: found[1])
    return best[0] if best[1] else ""


def _pixels(corners: Singles) -> Floats:
    """Points from the corner of the first pixel; OpenCV counts from its middle."""
    return np.asarray(corners, np.float64).reshape(-1, 2) + 0.5


def lens_of(boards: Sequence[Points]) -> tuple[Camera, float]:
    """The lens of a camera from pictures of a board, and the error of the fit in px.

    Raises
    ------
    InputError
        If there are too few pictures, or of different sizes.
    """
    if len(boards) < LENS_PICTURES:
        raise InputError(
            f"a lens needs at least {LENS_PICTURES} pictures of the board, held in different ways; found {len(boards)}"
        )
    sizes = {b.size for b in boards}
    if len(sizes) > 1:
        said = ", ".join(f"{w} by {h}" for w, h in sorted(sizes))
        raise InputError(f"pictures of one camera are of one size; found {said} px")
    flat = [np.c_[b.known_mm, np.zeros(len(b.known_mm))].astype(np.float32) for b in boards]
    seen = [(b.seen_px - 0.5).astype(np.float32) for b in boards]
    size = boards[0].size
    # A third radial coefficient fits noise unless boards reach into every corner, and distorts what lies beyond them.
    flags = cv2.CALIB_FIX_K3
    error, matrix, distortion, _, _ = cv2.calibrateCamera(flat, seen, size, None, None, flags=flags)
    values = [float(v) for v in np.asarray(distortion).ravel()]
    lens = Camera(
        width=size[0],
        height=size[1],
        matrix=tuple(float(v) for v in np.asarray(matrix).ravel()),
        distortion=tuple(values),
    )
    return lens, float(error)


def covered(points: Sequence[Points]) -> float:
    """The share of the picture covered by known points, with all pictures superimposed."""
    hull = cv2.convexHull(np.concatenate([p.seen_px for p in points]).astype(np.float32))
    return float(cv2.contourArea(hull)) / (points[0].size[0] * points[0].size[1])


def scale_of(points: Sequence[Points], camera: Camera) -> tuple[float, float]:
    """Millimetres of a pixel from known points, each set in a plane of its own, and the error of the fit in px.

    Raises
    ------
    InputError
        If a plane is not parallel to the sensor.
    """
    per_px: list[float] = []
    squares: list[float] = []
    for p in points:
        seen = undistorted_points(camera, p.seen_px)
        design = np.c_[p.known_mm, np.ones(len(p.known_mm))]
        fit, *_ = np.linalg.lstsq(design, seen, rcond=None)
        long, short = np.linalg.svd(fit[:2], compute_uv=False).tolist()
        tilt = max(long / short - 1, _change(seen, p.known_mm))
        if tilt > TILT:
            raise InputError(
                f"{p.path}: the scale differs by {100 * tilt:.3g} % by direction or from one side to the other, "
                f"expected at most {100 * TILT:g} %: the camera looks at the plane askew, or its lens bends the picture"
            )
        per_px.append(1 / math.sqrt(long * short))
        off = ((design @ fit - seen) ** 2).sum(axis=1)
        if math.sqrt(float(off.mean())) > SOFT * float(np.ptp(seen, axis=0).min()):
            raise InputError(
                f"{p.path}: what was found lies {math.sqrt(float(off.mean())):.2g} px off its true shape, expected at "
                f"most {100 * SOFT:g} % of its side: the picture is blurred, or part of it is hidden"
            )
        squares += off.tolist()
    return float(np.mean(per_px)), math.sqrt(float(np.mean(squares)))


def _change(seen_px: Floats, known_mm: Floats) -> float:
    """By which share the scale changes across known points, by the homography that fits them."""
    if len(known_mm) < 5:
        return 0.0
    way, _ = cv2.findHomography(known_mm, seen_px)
    low, high = known_mm.min(0), known_mm.max(0)
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    depth = corners @ np.asarray(way)[2, :2] + float(way[2, 2])
    # The area of a patch in the picture varies with the third power of its depth, a length with half of that.
    scales = np.abs(depth) ** -1.5
    return float(scales.max() / scales.min() - 1)


def calibrated(by: str, points: Sequence[Points], camera: Camera | None, error_px: float | None = None) -> Calibration:
    """The calibration of known points.

    Parameters
    ----------
    by : str
        What was measured, for people.
    points : sequence of Points
        In the plane of the parts; of one picture.
    camera : Camera, optional
        With its lens, where that was measured.
    error_px : float, optional
        Of the lens; else that of the scale counts.

    Raises
    ------
    InputError
        If the plane is not parallel to the sensor.
    """
    camera = camera or Camera(width=points[0].size[0], height=points[0].size[1])
    mm, error = scale_of(points, camera)
    return Calibration(mm_per_px=(mm, mm), camera=camera, by=by, error_px=error if error_px is None else error_px)


def undistorted_points(camera: Camera, points: Floats) -> Floats:
    """Points (n, 2) in px as they are after the lens is taken out."""
    if camera.matrix is None:
        return points
    matrix = np.array(camera.matrix).reshape(3, 3)
    found = cv2.undistortPoints((points - 0.5)[:, None], matrix, np.array(camera.distortion), P=matrix)
    return _pixels(found)


def straightened(program: Program, picture: Picture) -> Picture:
    """A picture with the lens distortion of the spec's calibration corrected; unchanged without one.

    Raises
    ------
    InputError
        If the picture has another size than the calibration.
    """
    camera = program.camera
    if camera is None:
        return picture
    if (picture.width, picture.height) != (camera.width, camera.height):
        raise InputError(
            f"{picture.path}: the calibration is for pictures of {camera.width} by {camera.height} px, "
            f"found {picture.width} by {picture.height} px{_resized(program, picture, camera)}"
        )
    if camera.matrix is None:
        return picture
    bgr = _small(picture.bgr, camera) if max(picture.bgr.shape[:2]) <= _WIDEST else _in_tiles(picture.bgr, camera)
    return Picture(picture.path, np.ascontiguousarray(bgr), (*picture.notes, "the distortion of the lens taken out"))


def _small(bgr: Pixels, camera: Camera) -> Pixels:
    across, down = _maps(camera)
    return np.asarray(cv2.remap(bgr, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _in_tiles(bgr: Pixels, camera: Camera) -> Pixels:
    """A picture that is wider or higher than OpenCV maps at once, tile by tile, each from the part that it needs."""
    height, width = bgr.shape[:2]
    made = np.empty_like(bgr)
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            _fill_tile(made, bgr, camera, left, top, min(_TILE, width - left), min(_TILE, height - top))
    return made


def _fill_tile(made: Pixels, bgr: Pixels, camera: Camera, left: int, top: int, width: int, height: int) -> None:
    matrix = np.array(camera.matrix).reshape(3, 3)
    shifted = matrix.copy()
    shifted[:2, 2] -= (left, top)
    size = (width, height)
    found = cv2.initUndistortRectifyMap(matrix, np.array(camera.distortion), None, shifted, size, cv2.CV_32FC1)
    across = np.clip(np.nan_to_num(found[0]), 0, bgr.shape[1] - 1)
    down = np.clip(np.nan_to_num(found[1]), 0, bgr.shape[0] - 1)
    x0, y0 = int(across.min()), int(down.min())
    part = bgr[y0 : int(down.max()) + 2, x0 : int(across.max()) + 2]
    if max(part.shape[:2]) > _WIDEST and max(size) > 1:  # the lens is so strong that a tile needs more than fits
        wide = width >= height
        half = (width if wide else height) // 2
        sizes = ((half, height), (width - half, height)) if wide else ((width, half), (width, height - half))
        _fill_tile(made, bgr, camera, left, top, *sizes[0])
        _fill_tile(made, bgr, camera, left + half * wide, top + half * (not wide), *sizes[1])
        return
    tile = cv2.remap(part, across - x0, down - y0, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    made[top : top + height, left : left + width] = tile


def _resized(program: Program, picture: Picture, camera: Camera) -> str:
    """Advice for a picture of another size, to follow the expected and found values."""
    by = picture.width / camera.width
    quarter = picture.width / camera.height
    if picture.width != picture.height and abs(picture.height - camera.width * quarter) <= 1:
        return "; it is turned by a quarter: export it as the camera took it, or calibrate with pictures turned so"
    if abs(picture.height - camera.height * by) > 1:
        return "; it is cut or of another camera: calibrate with a board in a picture of this size"
    share = f"; it is resized to {100 * by:.4g} %: export it at full size, or calibrate with a board resized so"
    if program.scale is None or camera.matrix is not None:
        return share
    return f"{share}, or, as no lens was measured, write `scale 1 px = {program.scale.mm_per_px_x / by:.6g} mm`"


@lru_cache(maxsize=4)
def _maps(camera: Camera) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint16]]:
    matrix, size = np.array(camera.matrix).reshape(3, 3), (camera.width, camera.height)
    found = cv2.initUndistortRectifyMap(matrix, np.array(camera.distortion), None, matrix, size, cv2.CV_16SC2)
    return found[0], found[1]
