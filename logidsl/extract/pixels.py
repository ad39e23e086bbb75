"""Which pixels a `blobs` statement takes: its predicate, judged over a picture.

Most predicates speak of the colour of a pixel and nothing else. Such a part (an *atom*) is a function
of 24 bits, so its exact truth is kept in a table of all colours, filled in as colours are met: a picture
costs one look-up for all atoms of a spec, and only colours never seen before are computed, each once, in
float64. Parts that look at neighbours (`edge`, `contrast`) are computed over the picture and joined with
the atoms there. A grey pixel has no hue, so a comparison with it is undetermined; only pixels that are
surely in belong to a blob. May import `ir`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from logidsl.extract.opencv import opencv
from logidsl.extract.picture import Pixels
from logidsl.extract.pixel_values import SPATIAL, Floats, colour_attribute, spatial_attribute
from logidsl.extract.predicate import Truths, atoms, evaluate
from logidsl.ir import Program

_KNOWN = 1  # the bit of a colour whose atoms have been computed
_ATOMS_IN_A_TABLE = 7
_COLOURS = 1 << 24
_CHUNK = 1 << 16


def pixel_masks(program: Program, bgr: Pixels) -> list[Pixels]:
    """The pixels that each `blobs` statement takes.

    Parameters
    ----------
    program : Program
        Its `blobs`, in order.
    bgr : (h, w, 3) uint8
        The picture.

    Returns
    -------
    list of (h, w) uint8
        1 where the pixel belongs, 0 elsewhere.

    Raises
    ------
    InputError
        If a predicate holds what no pixel has.
    """
    judge = _judge_of(program)
    bits = [table.look_up(bgr) for table in judge.tables]
    spatial: dict[str, Floats] = {}

    def leaf(name: str) -> Floats:
        if name not in spatial:
            spatial[name] = spatial_attribute(bgr, name) if name in SPATIAL else colour_attribute(bgr[..., ::-1], name)
        return spatial[name]

    masks = []
    for blobs in program.blobs:
        known = {node: judge.truth(bits, node) for node in judge.atoms_of[blobs.where]}
        if blobs.where in known:
            masks.append((known[blobs.where] == 1).astype(np.uint8))
            continue
        value = evaluate(program, blobs.where, leaf, known)
        truth = np.broadcast_to(np.asarray(value), bgr.shape[:2])
        masks.append((truth == 1).astype(np.uint8))
    return masks


class ColourTable:
    """The truth of up to seven atoms for every 24-bit colour, computed when a colour is first met.

    Parameters
    ----------
    program : Program
        Holds the atoms.
    columns : sequence of (int, int)
        For each bit but the first: the node of an atom, and the truth (1, or -1) that sets the bit.
    """

    def __init__(self, program: Program, columns: Sequence[tuple[int, int]]) -> None:
        self.program, self.columns = program, tuple(columns)
        # float32 because that is what OpenCV looks histograms up in; untouched pages cost no memory.
        self.table = np.zeros((256, 256, 256), np.float32)

    def look_up(self, bgr: Pixels) -> Pixels:
        """The bits of every pixel, (h, w) uint8; bit i + 1 is column i."""
        bits = self._gather(bgr)
        if bits.min() == 0:
            self._learn(bgr[bits == 0])
            bits = self._gather(bgr)
        return bits

    def _gather(self, bgr: Pixels) -> Pixels:
        # Back-projection of a histogram with a bin for each colour is a look-up table with 24-bit keys.
        cv2 = opencv()
        bins = cv2.Mat(self.table, wrap_channels=False)  # three dimensions, not two of 256 channels
        found = cv2.calcBackProject([bgr], [0, 1, 2], bins, [0, 256, 0, 256, 0, 256], 1)
        return np.asarray(found, np.uint8)

    def _learn(self, colours: Pixels) -> None:
        """Compute the atoms of colours, (n, 3) BGR, that may repeat."""
        code = (colours[:, 0].astype(np.int64) << 16) | (colours[:, 1].astype(np.int64) << 8) | colours[:, 2]
        if len(code) > _CHUNK:  # sorting would cost more than marking
            seen = np.zeros(_COLOURS, np.bool_)
            seen[code] = True
            code = np.flatnonzero(seen)
        else:
            code = np.unique(code)
        flat = self.table.reshape(-1)
        for start in range(0, len(code), _CHUNK):
            part = code[start : start + _CHUNK]
            rgb = np.stack([part & 255, (part >> 8) & 255, part >> 16], axis=-1).astype(np.uint8)
            flat[part] = self._bits(rgb)

    def _bits(self, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        values: dict[str, Floats] = {}
        known: dict[int, Truths] = {}

        def leaf(name: str) -> Floats:
            if name not in values:
                values[name] = colour_attribute(rgb, name)
            return values[name]

        bits = np.full(len(rgb), _KNOWN, np.uint8)
        for place, (node, truth) in enumerate(self.columns, 1):
            if node not in known:
                value = np.asarray(evaluate(self.program, node, leaf, {}), np.int8)
                known[node] = np.broadcast_to(value, (len(rgb),))
            bits |= (known[node] == truth).astype(np.uint8) << np.uint8(place)
        return bits.astype(np.float32)


class _Judge:
    """What is prepared once for a program: its atoms, and their tables."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.atoms_of = {b.where: atoms(program, b.where) for b in program.blobs}
        columns: dict[tuple[int, int], None] = {}
        for where, parts in self.atoms_of.items():
            for node in parts:
                columns[node, 1] = None
                if node != where:  # `not` around it must tell false from undetermined
                    columns[node, -1] = None
        self.place = {key: divmod(i, _ATOMS_IN_A_TABLE) for i, key in enumerate(columns)}
        keys = list(columns)
        self.tables = [
            ColourTable(program, keys[i : i + _ATOMS_IN_A_TABLE]) for i in range(0, len(keys), _ATOMS_IN_A_TABLE)
        ]

    def truth(self, bits: Sequence[Pixels], node: int) -> Truths:
        """The truth of an atom at each pixel; for a whole predicate false and undetermined are one, 0."""
        true = self._bit(bits, node, 1)
        return true - self._bit(bits, node, -1) if (node, -1) in self.place else true

    def _bit(self, bits: Sequence[Pixels], node: int, truth: int) -> Truths:
        table, place = self.place[node, truth]
        return ((bits[table] >> np.uint8(place + 1)) & np.uint8(1)).view(np.int8)


_JUDGES: list[_Judge] = []
_JUDGES_KEPT = 2


def _judge_of(program: Program) -> _Judge:
    """The prepared judge of a program; the last few are kept, as each may hold 64 MB a table."""
    for judge in _JUDGES:
        if judge.program is program:
            return judge
    judge = _Judge(program)
    _JUDGES.insert(0, judge)
    del _JUDGES[_JUDGES_KEPT:]
    return judge
