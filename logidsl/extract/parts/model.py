"""A parts file: the learned model, as a zip archive of networks (ONNX) and one JSON document. Nothing in it is
executed.

Owns the format. It has `parts.json`, `network.onnx` (features) and `heads.onnx`. Version 3 has `cutting.class_limit`;
files of version 2 are read as having none.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from logidsl.arrays import Pixels, Singles
from logidsl.diagnostics import InputError
from logidsl.extract.parts.candidates import FitModel, fit_model_of
from logidsl.extract.parts.features import PURPOSE, STRIDE, Maps, features
from logidsl.extract.parts.objects import ObjectModel, entries_of, model_of
from logidsl.extract.parts.segmentation import Cutting, Evidence
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.sources.onnx import Session, session

FORMAT, VERSION = "logidsl parts", 3
_READ = (2, VERSION)
SUFFIX = ".parts"
#: Least confidence of an object where neither the spec nor learning says another.
THRESHOLD = 0.5
_MOST_BYTES = 64 << 20  # of one member, unpacked
_AT_ONCE = 1 << 12  # places judged at once: what the layers pass on stays in the processor's cache
#: Every second place along both sides is judged first, and the others only near those that may be an object's.
_EVERY, _NEAR, _SURELY_BACKGROUND = 2, 2, 0.95


@dataclass(frozen=True)
class Settings:
    """The learned parameters other than networks.

    Parameters
    ----------
    classes : tuple of str
        Names, by number from 0.
    working_px : int
        Pictures are scaled to about so many pixels, in all.
    size : float
        Square root of a typical object's area, in places of the scaled picture.
    cutting : Cutting
        How objects are cut out.
    threshold : float
        Least confidence of an object, unless a spec says another.
    doubtful : (low, high)
        Confidences between which objects should be doubtful.
    calibrated : bool
        Whether confidences were compared with pictures that were left out.
    temperature : float
        By what scores are divided where no model judges whole objects.
    grounds : tuple of (L, a, b)
        The colours of the backgrounds that were learned from, CIELAB; see `segmentation.ground_of`.
    training : mapping of str to object
        What it was learned from, for people: pictures, objects by class, digest of the data, seed.
    """

    classes: tuple[str, ...]
    working_px: int
    size: float
    cutting: Cutting = field(default_factory=Cutting)
    threshold: float = THRESHOLD
    doubtful: tuple[float, float] = (0.4, 0.6)
    calibrated: bool = False
    temperature: float = 1.0
    grounds: tuple[tuple[float, ...], ...] = ()
    training: Mapping[str, object] = field(default_factory=dict)

    def working_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height that a picture is scaled to, multiples of the stride of the features."""
        zoom = math.sqrt(self.working_px / (width * height))
        return max(1, round(width * zoom / STRIDE)) * STRIDE, max(1, round(height * zoom / STRIDE)) * STRIDE


@dataclass(frozen=True, eq=False)
class Parts:
    """Learned parts, ready to find.

    Parameters
    ----------
    path : str
        The file, for messages.
    settings : Settings
        See there.
    network : bytes
        The network that gives the features, ONNX.
    heads : bytes
        What it says of places, ONNX: features `X` (n, k) to `Y` (n, c + 4), the shares of classes with the background
        first, the distance, and the offset.
    fits : FitModel, optional
        Chooses among the candidates for objects.
    objects : ObjectModel, optional
        Judges objects as a whole.
    appearances : ObjectModel, optional
        Says what class an object is by its appearance.
    """

    path: str
    settings: Settings
    network: bytes
    heads: bytes
    fits: FitModel | None = None
    objects: ObjectModel | None = None
    appearances: ObjectModel | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, by number."""
        return self.settings.classes

    @property
    def threshold(self) -> float:
        """Least confidence of an object, unless a spec says another."""
        return self.settings.threshold

    @cached_property
    def _network_session(self) -> Session:
        return session(self.network, f"the network of {self.path}", PURPOSE)

    @cached_property
    def _heads_session(self) -> Session:
        return session(self.heads, f"the heads of {self.path}", PURPOSE)

    def features(self, bgr: Pixels) -> Maps:
        """The features of a picture, (h, w, 3) uint8 at the working size; see `features.features`.

        Raises
        ------
        InputError
            If the network does not take pictures.
        """
        network = self._network_session
        with _running(f"the network of {self.path}"):
            return features(network, bgr)

    def evidence(self, maps: Maps) -> Evidence:
        """The outputs of the heads at each place; far from all that may be an object, those of a place beside it.

        Parameters
        ----------
        maps : (h, w, k) float32
            See `features`.

        Raises
        ------
        InputError
            If the heads do not take these features.
        """
        rows, columns = maps.shape[:2]
        some = maps[::_EVERY, ::_EVERY]
        found = self._answers(some.reshape(-1, maps.shape[2])).reshape(*some.shape[:2], -1)
        least = cv2.erode(np.ascontiguousarray(found[..., 0]), np.ones((2 * _NEAR + 1,) * 2, np.uint8))
        made, near = (
            a.repeat(_EVERY, axis=0).repeat(_EVERY, axis=1)[:rows, :columns]
            for a in (found, least < _SURELY_BACKGROUND)
        )
        near[::_EVERY, ::_EVERY] = False
        made[near] = self._answers(maps[near])
        classes, distance, offset = np.split(made, (-3, -2), axis=2)
        return Evidence(*(np.ascontiguousarray(a) for a in (classes, distance[..., 0], offset)))

    def _answers(self, places: Singles) -> Singles:
        """The outputs of the heads at places, (n, k) to (n, c + 4)."""
        made, heads = np.empty((len(places), len(self.classes) + 4), np.float32), self._heads_session
        with _running(f"the heads of {self.path}"):
            for at in range(0, len(places), _AT_ONCE):
                (made[at : at + _AT_ONCE],) = heads.run(None, {"X": places[at : at + _AT_ONCE]})
        return made


@contextmanager
def _running(called: str) -> Iterator[None]:
    """Raise InputError where a network cannot be run."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the runtime has an exception of its own for each way to be broken
        raise InputError(f"{called} cannot be run: {str(error).splitlines()[0]}") from None


def packed(parts: Parts) -> bytes:
    """The bytes of a parts file; the same for the same parts."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        **asdict(parts.settings),
        "fits": None if parts.fits is None else parts.fits.as_document(),
        "objects": None if parts.objects is None else entries_of(parts.objects),
        "appearances": None if parts.appearances is None else entries_of(parts.appearances),
    }
    members = {
        "parts.json": json.dumps(document, indent=1, ensure_ascii=False).encode(),
        "network.onnx": parts.network,
        "heads.onnx": parts.heads,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


@lru_cache(maxsize=8)
def read_parts(path: Path, _changed_ns: int) -> Parts:
    """The parts of a file.

    Parameters
    ----------
    path : Path
        The file.
    _changed_ns : int
        When it was changed, so that a new one is read.

    Raises
    ------
    InputError
        If the file is not a parts file, is damaged, or was made by a later version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "parts.json" not in names:
                raise InputError(f"{path} is not a parts file: expected one that `logidsl learn` wrote")
            document = json.loads(_member(archive, "parts.json"))
            if not isinstance(document, dict) or document.get("format") != FORMAT:
                raise InputError(f"{path} is not a parts file: expected one that `logidsl learn` wrote")
            if document.get("version") not in _READ:
                raise InputError(
                    f"{path} has version {document.get('version')} of the format, and this program reads versions "
                    f"{_READ[0]} to {VERSION}: learn the parts again, or install the program that wrote them"
                )
            network, heads = (_member(archive, name) for name in ("network.onnx", "heads.onnx"))
        fits = document.get("fits")
        models = [document.get(name) for name in ("objects", "appearances")]
        return Parts(
            str(path),
            _settings(document),
            network,
            heads,
            None if fits is None else fit_model_of(fits),
            *(m if m is None else model_of(m) for m in models),
        )
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is not a parts file, or is damaged: {error}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except (KeyError, TypeError, ValueError, RecursionError, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"{path} is damaged: {type(error).__name__}: {str(error)[:100]}") from None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """One member, of which no more is unpacked than any parts file needs."""
    if archive.getinfo(name).file_size > _MOST_BYTES:
        raise ValueError(f"`{name}` is too large")
    with archive.open(name) as member:
        return member.read(_MOST_BYTES)


def _settings(document: Mapping[str, object]) -> Settings:
    values = {k: document[k] for k in ("classes", "working_px", "size", "cutting", "threshold", "doubtful")}
    classes, cutting, doubtful = values["classes"], values["cutting"], values["doubtful"]
    if not isinstance(classes, list) or not classes or not isinstance(cutting, dict) or not isinstance(doubtful, list):
        raise ValueError("its settings are incomplete")
    training = document.get("training")
    low, high = (float(v) for v in doubtful)
    size, working_px = float(str(values["size"])), int(str(values["working_px"]))
    if not (math.isfinite(size) and size > 0 and 0 < working_px <= 1 << 26):
        raise ValueError("its settings are out of range")
    grounds = np.array(document.get("grounds", []), np.float64).reshape(-1, 3)
    return Settings(
        tuple(str(c) for c in classes),
        working_px,
        size,
        Cutting(float(cutting["least_area"]), float(cutting["smooth"]), float(cutting.get("class_limit", 1.0))),
        float(str(values["threshold"])),
        (low, high),
        bool(document.get("calibrated")),
        max(float(str(document["temperature"])), 0.1),
        tuple((*ground,) for ground in grounds.tolist()),
        training if isinstance(training, dict) else {},
    )
