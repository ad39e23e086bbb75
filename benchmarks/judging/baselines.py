"""The hand-written versions of the twelve clauses, read from `../shared/bench`.

They name a cable's colour by the squared distance in CIELAB, the language by CIEDE2000. So that both do the same work,
`numpy_like_the_language` is the NumPy version with that one line replaced.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.abc import SourceLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parents[3] / "shared" / "bench"
COLOR_LINE = 'd = [(cable["L"] - p[0]) ** 2 + (cable["a"] - p[1]) ** 2 + (cable["b"] - p[2]) ** 2 for p in PALETTE]'
SAME_COLOR_LINE = 'd = [ciede2000(cable["L"], cable["a"], cable["b"], p) for p in PALETTE]'

Array = npt.NDArray[np.float32]


class MissingError(Exception):
    """What a benchmark needs and is not there."""


@cache
def baseline(name: str) -> ModuleType:
    """A module of the folder of baselines.

    Raises
    ------
    MissingError
        If the folder, or a package that the module needs, is missing.
    """
    if not FOLDER.is_dir():
        raise MissingError(f"the baselines are missing: expected a folder {FOLDER}")
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingError(f"`{name}` needs `{error.name}`: pip install 'logidsl[bench]'") from None


@cache
def numpy_like_the_language() -> ModuleType:
    """The NumPy version, with CIEDE2000 for colours."""
    baseline("gen")
    path = FOLDER / "impl_numpy.py"

    class Loader(SourceLoader):
        def get_filename(self, fullname: str) -> str:
            return str(path)

        def get_data(self, _path: str | bytes) -> bytes:
            text = path.read_text("utf-8")
            if text.count(COLOR_LINE) != 1:
                raise MissingError(f"{path} does not name colours as expected: `{COLOR_LINE}`")
            return text.replace(COLOR_LINE, SAME_COLOR_LINE).encode()

    spec = spec_from_loader("impl_numpy_ciede2000", Loader())
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    module.ciede2000 = ciede2000  # type: ignore[attr-defined]
    spec.loader.exec_module(module)
    return module


def ciede2000(light: Array, a: Array, b: Array, other: Array) -> Array:
    """CIEDE2000 of colours and one other, by hand: float32 throughout.

    Parameters
    ----------
    light, a, b : (n,) float32
        CIELAB.
    other : (3,) float32
        CIELAB.

    Returns
    -------
    (n,) float32

    Examples
    --------
    >>> one = [np.array([v], np.float32) for v in (50.0, 2.6772, -79.7751)]
    >>> ciede2000(*one, np.array([50.0, 0.0, -82.7485], np.float32)).round(4).tolist()
    [2.0425...]
    """
    f = np.float32
    radian = f(np.pi / 180)
    light2, a2, b2 = (f(v) for v in other)
    mean7 = ((np.hypot(a, b) + np.hypot(a2, b2)) / f(2)) ** 7
    g = f(1.5) - f(0.5) * np.sqrt(mean7 / (mean7 + f(25**7)))
    ap, ap2 = a * g, a2 * g
    c, c2 = np.hypot(ap, b), np.hypot(ap2, b2)
    h, h2 = np.arctan2(b, ap) / radian % f(360), np.arctan2(b2, ap2) / radian % f(360)
    turn = (h2 - h + f(180)) % f(360) - f(180)
    product = c * c2
    dh = f(2) * np.sqrt(product) * np.sin(turn / f(2) * radian)
    hm = np.where(product == 0, h + h2, (h + turn / f(2)) % f(360))
    lm, cm = (light + light2) / f(2), (c + c2) / f(2)
    t = f(1) - f(0.17) * np.cos((hm - f(30)) * radian) + f(0.24) * np.cos(f(2) * hm * radian)
    t += f(0.32) * np.cos((f(3) * hm + f(6)) * radian) - f(0.2) * np.cos((f(4) * hm - f(63)) * radian)
    off = (lm - f(50)) ** 2
    dl = (light2 - light) / (f(1) + f(0.015) * off / np.sqrt(f(20) + off))
    dc = (c2 - c) / (f(1) + f(0.045) * cm)
    dh = dh / (f(1) + f(0.015) * cm * t)
    cm7 = cm**7
    rotation = (
        f(-2) * np.sqrt(cm7 / (cm7 + f(25**7))) * np.sin(f(60) * radian * np.exp(-(((hm - f(275)) / f(25)) ** 2)))
    )
    found: Array = np.sqrt(dl * dl + dc * dc + dh * dh + rotation * dc * dh)
    return found
