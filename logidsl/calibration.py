"""`Calibration`: the file that `logidsl calibrate` writes beside a spec, and `scale "camera.json"` reads.

Owns the form of the file and nothing else: measuring is done where pictures are seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from logidsl.files import replace
from logidsl.ir import Camera, Frozen

Millimetres = Annotated[float, Field(gt=0, lt=1e6, allow_inf_nan=False)]


class Calibration(Frozen):
    """Millimetres of a pixel, and the camera that this holds for.

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
    mm_per_px: tuple[Millimetres, Millimetres]
    camera: Camera
    by: str = ""
    error_px: float | None = None

    @model_validator(mode="after")
    def _lens_is_whole(self) -> Calibration:
        if self.camera.matrix is not None and len(self.camera.matrix) != 9:
            raise ValueError(f"expected 9 numbers in the camera's matrix, found {len(self.camera.matrix)}")
        if len(self.camera.distortion) not in (0, 4, 5, 8, 12, 14):
            raise ValueError(
                f"expected 4, 5, 8, 12 or 14 coefficients of distortion, found {len(self.camera.distortion)}"
            )
        return self

    def write(self, path: Path) -> None:
        """Write the file.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        replace(path, (self.model_dump_json(indent=2) + "\n").encode())
