"""`Calibration`: the file that `logidsl calibrate` writes beside a spec, and `scale "camera.json"` reads.

Owns only the format of the file: `extract` does the measuring.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from logidsl.files import replace
from logidsl.ir import Camera
from logidsl.records import Record, plain

MM_PER_PX_MAX = 1e6


class Calibration(Record):
    """Millimetres of a pixel, and the camera that this applies to.

    Parameters
    ----------
    mm_per_px : (x, y)
        In the plane that was measured, after the lens is taken out.
    camera : Camera
        The size of its pictures; its lens where that was measured.
    by : str
        What was measured, for people.
    error_px : float, optional
        Root mean square of how far the measured points lie from where the calibration puts them.
    """

    format: Literal["logidsl-calibration"] = "logidsl-calibration"
    version: Literal[1] = 1
    mm_per_px: tuple[float, float]
    camera: Camera
    by: str = ""
    error_px: float | None = None

    def _adjust(self, values: dict[str, Any]) -> None:
        camera: Camera = values["camera"]
        if not all(0 < mm < MM_PER_PX_MAX for mm in values["mm_per_px"]):
            raise ValueError(f"mm_per_px: expected numbers greater than 0 and less than {MM_PER_PX_MAX:.0f}")
        if camera.matrix is not None and len(camera.matrix) != 9:
            raise ValueError(f"expected 9 numbers in the camera's matrix, found {len(camera.matrix)}")
        if len(camera.distortion) not in (0, 4, 5, 8, 12, 14):
            raise ValueError(f"expected 4, 5, 8, 12 or 14 coefficients of distortion, found {len(camera.distortion)}")

    def write(self, path: Path) -> None:
        """Write the file.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        replace(path, (json.dumps(plain(self), indent=2, ensure_ascii=False) + "\n").encode())
