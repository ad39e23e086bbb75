"""Arrays by what they hold."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Singles: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
#: Samples of pictures, and masks of 0 and 1.
Pixels: TypeAlias = npt.NDArray[np.uint8]
#: The number of the object of each pixel, from 1; 0 outside of all.
Labels: TypeAlias = npt.NDArray[np.int32]
