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
from functools import reduce
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats, Ints, Pixels
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.pixel_functions import Aligned, PixelBox
from logidsl.extract.pixels.pixel_values import colour_attribute
from logidsl.extract.pixels.predicate import Truths, atoms, conjuncts, evaluate
from logidsl.extract.pixels.regions_of_interest import RegionOfInterest, is_limited, look_of
from logidsl.ir import Program

Words: TypeAlias = npt.NDArray[np.uint64]

_KNOWN = 1  # the bit of a colour whose atoms have been computed
_ATOMS_IN_A_TABLE = 7
_COLOURS = 1 << 24
_CHUNK = 1 << 16
_BAND = 1 << 21  # pixels looked up at once, about: limits memory
_LOWEST = np.uint64(0x0101010101010101)  # the lowest bit of each of eight pixels
_CELLS = 1 << 16  # of 5 bits of red, 6 of green, 5 of blue
_CELLS_AT_ONCE = 64
_WORTH = 2048  # pixels, of all pictures so far, that make a cell worth the computation
_IN_A_CELL = ((np.arange(8)[:, None, None] << 16) + (np.arange(4)[:, None] << 8) + np.arange(8)).reshape(
    -1
)  # colours of a cell after its first


def pixel_masks(program: Program, bgr: Pixels, aligned: Aligned | None = None) -> list[Pixels]:
    """The pixels that each `blobs` statement takes.

    Parameters
    ----------
    program : Program
        Its `blobs`, in order.
    bgr : (h, w, 3) uint8
        The picture.
    aligned : mapping, optional
        Its aligned backgrounds; see `alignment`. Of one that is not there nothing is known.

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
    looks = [look_of(program, b.where, bgr.shape) for b in program.blobs]
    if all(judge.is_flag(part) for look in looks for part in look.parts):
        return judge.flags(bgr, looks)
    bits = judge.look_up(bgr, looks)
    masks = []
    for look in looks:
        box = PixelBox(program, bgr, look.rows, look.columns, aligned)
        truth: Truths = np.ones((), np.int8)
        for part in look.parts:
            known = {node: judge.truth(bits, node, look) for node in judge.atoms_of[part]}
            value = known[part] if part in known else evaluate(program, part, box.leaf, known, box.call)
            truth = np.minimum(truth, np.asarray(value, np.int8))
        mask = np.zeros(bgr.shape[:2], np.uint8)
        np.equal(truth, 1, out=mask[look.rows, look.columns].view(np.bool_))
        masks.append(mask)
    return masks


class ColourTable:
    """The truth of up to seven atoms for every 24-bit colour, computed when a colour is first met.

    Most pixels of a series of pictures lie deep within few regions of the colour space. So the space is cut into 65536
    cells of 256 colours, and for the most frequent cells all colours are computed: if they agree, the cell answers for
    its pixels with one look-up in a small table. All others are looked up by colour.

    Parameters
    ----------
    program : Program
        Holds the atoms.
    columns : sequence of (int, int)
        For each bit but the first: the node of an atom, and the truth (1, or -1) that sets the bit.
    """

    def __init__(self, program: Program, columns: Sequence[tuple[int, int]]) -> None:
        self.program, self.columns = program, tuple(columns)
        self.table = np.zeros(_COLOURS, np.uint8)  # by blue + 256 green + 65536 red; untouched pages cost no memory
        self.cells = np.zeros(_CELLS, np.uint8)  # 0 where the colours of a cell differ, or are not known
        self.judged = np.zeros(_CELLS, np.bool_)
        self.met = np.zeros(_CELLS, np.int64)
        self.pictures = 0

    def look_up(self, bgr: Pixels) -> Pixels:
        """The bits of every pixel, (h, w) uint8; bit i + 1 is column i."""
        some, words = self.look_up_words(bgr)
        return _pixels(bgr.shape[:2], _KNOWN, some, words)

    def look_up_words(self, bgr: Pixels) -> tuple[Ints, Words]:
        """The bits of the pixels that have any beside the lowest, and of those near them.

        Parameters
        ----------
        bgr : (h, w, 3) uint8
            The picture.

        Returns
        -------
        some : (m,) int64
            Places, in order, in the row of all pixels cut into words of eight; the bits of all others are 1.
        words : (m,) uint64
            The bits of eight pixels each.
        """
        height = max(1, _BAND // bgr.shape[1]) // 8 * 8 or 8  # whole words
        bands = [self._look_up_band(bgr[top : top + height]) for top in range(0, len(bgr), height)]
        firsts = range(0, len(bgr) * bgr.shape[1] // 8 + 1, height * bgr.shape[1] // 8)
        # a single picture is not worth it, nor are a few pixels
        if self.pictures and sum(len(open_) for _, _, open_ in bands) > bgr.shape[0] * bgr.shape[1] // 256:
            self._judge(np.concatenate([open_ for _, _, open_ in bands]))
        self.pictures += 1
        some = np.concatenate([some + first for (some, _, _), first in zip(bands, firsts, strict=False)])
        return some, np.concatenate([words for _, words, _ in bands])

    def _look_up_band(self, bgr: Pixels) -> tuple[Ints, Words, npt.NDArray[np.uint16]]:
        """As `look_up_words`, for some rows; and the cells of pixels for which no cell answered."""
        size = bgr.shape[0] * bgr.shape[1]
        cell = cv2.cvtColor(bgr, cv2.COLOR_BGR2BGR565).view(np.uint16)[..., 0]
        bits = np.empty((size + 7) // 8 * 8, np.uint8)
        bits[size:] = _KNOWN
        cv2.LUT(cell, self.cells, dst=bits[:size].reshape(bgr.shape[:2]))
        some = np.flatnonzero(bits.view(np.uint64) != _LOWEST)
        words = bits.view(np.uint64).take(some)
        pixels = words.view(np.uint8)
        inner = np.flatnonzero(pixels == 0)
        if not inner.size:
            return some, words, np.zeros(0, np.uint16)
        # by their places in the picture, from their places in its words
        open_ = (some.take(inner >> 3) << 3) + (inner & 7)
        code = _codes(bgr if open_.size == size else bgr.reshape(-1, 3).take(open_, 0)[None])
        found = self.table.take(code)
        if not found.all():
            self._learn(code[found == 0])
            found = self.table.take(code)
        pixels[inner] = found
        return some, words, cell.reshape(-1).take(open_)

    def _judge(self, open_: npt.NDArray[np.uint16]) -> None:
        """Compute all colours of the cells into which most pixels have fallen that no cell answered for."""
        self.met += np.bincount(open_, minlength=_CELLS)
        cells = np.flatnonzero((self.met >= _WORTH) & ~self.judged)
        cells = cells[np.argsort(-self.met[cells], kind="stable")[:_CELLS_AT_ONCE]]
        blue, green, red = (cells & 31) << 3, (cells >> 5 & 63) << 2, (cells >> 11) << 3
        first = (red << 16 | green << 8 | blue)[:, None]
        code = first + _IN_A_CELL
        self._learn(code[self.table[code] == 0])
        bits = self.table[code]
        self.cells[cells] = np.where((bits == bits[:, :1]).all(1), bits[:, 0], 0)
        self.judged[cells] = True

    def _learn(self, code: npt.NDArray[np.integer]) -> None:
        """Compute the atoms of colours that may repeat."""
        if len(code) > _CHUNK:  # sorting would cost more than marking
            seen = np.zeros(_COLOURS, np.bool_)
            seen[code] = True
            code = np.flatnonzero(seen)
        else:
            code = np.unique(code)
        for start in range(0, len(code), _CHUNK):
            part = code[start : start + _CHUNK]
            rgb = np.stack([part >> 16, (part >> 8) & 255, part & 255], axis=-1).astype(np.uint8)
            self.table[part] = self._bits(rgb)

    def _bits(self, rgb: Pixels) -> Pixels:
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
        return bits


class _Judge:
    """The data prepared once for a program: its atoms, and their tables."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.atoms_of = {p: atoms(program, p) for b in program.blobs for p in _asked(program, b.where)}
        columns: dict[tuple[int, int], None] = {}
        for part, nodes in self.atoms_of.items():
            for node in nodes:
                columns[node, 1] = None
                if node != part:  # `not` around it must tell false from undetermined
                    columns[node, -1] = None
        self.place = {key: divmod(i, _ATOMS_IN_A_TABLE) for i, key in enumerate(columns)}
        keys = list(columns)
        self.tables = [
            ColourTable(program, keys[i : i + _ATOMS_IN_A_TABLE]) for i in range(0, len(keys), _ATOMS_IN_A_TABLE)
        ]

    def flags(self, bgr: Pixels, looks: Sequence[RegionOfInterest]) -> list[Pixels]:
        """The masks of looks all of whose parts are flags."""
        masks: dict[int, Pixels] = {}
        for number, (table, part, top, left) in enumerate(self._boxes(bgr, looks)):
            some, words = table.look_up_words(part) if part.size else (np.zeros(0, np.int64), np.zeros(0, np.uint64))
            for i, look in enumerate(looks):
                places = [self.place[p, 1][1] for p in look.parts if self.place[p, 1][0] == number]
                if places:
                    holds = reduce(np.bitwise_and, (words >> np.uint64(1 + place) for place in places)) & _LOWEST
                    rows = slice(look.rows.start - top, look.rows.stop - top)
                    here = _pixels(part.shape[:2], 0, some, holds)[rows, look.columns.start - left :]
                    here = here[:, : look.columns.stop - look.columns.start]
                    masks[i] = masks[i] & here if i in masks else here
        return [_placed(bgr.shape[:2], look, masks.get(i)) for i, look in enumerate(looks)]

    def look_up(self, bgr: Pixels, looks: Sequence[RegionOfInterest]) -> list[tuple[Pixels, int, int]]:
        """The bits of each table over the bounding box of all that need it, with the box's first row and column."""
        return [
            (table.look_up(part) if part.size else np.zeros(part.shape[:2], np.uint8), top, left)
            for table, part, top, left in self._boxes(bgr, looks)
        ]

    def _boxes(self, bgr: Pixels, looks: Sequence[RegionOfInterest]) -> list[tuple[ColourTable, Pixels, int, int]]:
        """Each table with the bounding box of all that need it in the picture, and the box's first row and column."""
        found = []
        for number, table in enumerate(self.tables):
            # the two bits of an atom may lie in two tables
            held = {node for (node, _), (table_number, _) in self.place.items() if table_number == number}
            boxes = [x for x in looks if any(n in held for p in x.parts for n in self.atoms_of[p])]
            top, left = (min((getattr(x, a).start for x in boxes), default=0) for a in ("rows", "columns"))
            bottom, right = (max((getattr(x, a).stop for x in boxes), default=0) for a in ("rows", "columns"))
            found.append((table, bgr[top:bottom, left:right], top, left))
        return found

    def truth(self, bits: Sequence[tuple[Pixels, int, int]], node: int, look: RegionOfInterest) -> Truths:
        """The truth of an atom at each pixel; for a whole predicate false and undetermined are one, 0."""
        true = self._bit(bits, node, 1, look)
        return true - self._bit(bits, node, -1, look) if (node, -1) in self.place else true

    def is_flag(self, node: int) -> bool:
        """Whether the truth of a part is looked up as 0 or 1."""
        return self.atoms_of[node] == (node,) and (node, -1) not in self.place

    def _bit(self, bits: Sequence[tuple[Pixels, int, int]], node: int, truth: int, look: RegionOfInterest) -> Truths:
        table, place = self.place[node, truth]
        found, top, left = bits[table]
        rows = slice(look.rows.start - top, look.rows.stop - top)
        here = found[rows, look.columns.start - left : look.columns.stop - left]
        bit = here & np.uint8(2 << place)
        np.not_equal(bit, 0, out=bit.view(np.bool_))
        return bit.view(np.int8)


def _pixels(shape: tuple[int, int], rest: int, some: Ints, words: Words) -> Pixels:
    """The pixels of words, (h, w) uint8, and one value for the rest; see `look_up_words`."""
    size = shape[0] * shape[1]
    made = np.full((size + 7) // 8 * 8, rest, np.uint8)
    made.view(np.uint64)[some] = words
    return made[:size].reshape(shape)


def _placed(shape: tuple[int, int], look: RegionOfInterest, here: Pixels | None) -> Pixels:
    """The mask of a whole picture from that of the examined box; the whole box without a condition."""
    if here is not None and here.shape == shape:
        return here
    mask = np.zeros(shape, np.uint8)
    mask[look.rows, look.columns] = 1 if here is None else here
    return mask


def _codes(bgr: Pixels) -> npt.NDArray[np.uint32]:
    """The place of each colour in a table of all, (h w,)."""
    code = cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA).view(np.uint32).reshape(-1)
    return np.asarray(code & np.uint32(_COLOURS - 1), np.uint32)


def _asked(program: Program, where: int) -> tuple[int, ...]:
    """The parts of a predicate that are looked up or computed, whatever the size of the picture."""
    return conjuncts(program, where) if is_limited(program, where) else (where,)


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
