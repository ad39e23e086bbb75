"""A folder of pictures of which some cannot be read, in twelve ways."""

from __future__ import annotations

import os
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

_PNG = b"\x89PNG\r\n\x1a\n"
#: Sides of a picture that nobody may ask to be decoded, px.
_HUGE_PX = 60_000


def _header(width: int, height: int) -> bytes:
    """A PNG up to its data."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return _PNG + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def _wrong_checksum(good: bytes) -> bytes:
    """A PNG with a bit of its compressed data changed, which the chunk's checksum contradicts."""
    place = good.index(b"IDAT") + 40
    return good[:place] + bytes([good[place] ^ 0x10]) + good[place + 1 :]


def _dangling(path: Path, _: bytes) -> None:
    path.symlink_to("nowhere.png")


#: The ways in which a picture is broken, and how a good one is made so.
BROKEN: dict[str, Callable[[Path, bytes], object]] = {
    "empty": lambda path, good: path.write_bytes(b""),
    "cut": lambda path, good: path.write_bytes(good[: len(good) // 2]),
    "wrong_magic": lambda path, good: path.write_bytes(b"\x89PNX" + good[4:]),
    "zero_bytes": lambda path, good: path.write_bytes(bytes(len(good))),
    "folder": lambda path, good: path.mkdir(),
    "pipe": lambda path, good: os.mkfifo(path),
    "dangling_link": _dangling,
    "cut_header": lambda path, good: path.write_bytes(good[:20]),
    "no_width": lambda path, good: path.write_bytes(_header(0, 9) + good[33:]),
    "huge_header": lambda path, good: path.write_bytes(_header(_HUGE_PX, _HUGE_PX) + good[33:]),
    "wrong_checksum": lambda path, good: path.write_bytes(_wrong_checksum(good)),
    "text": lambda path, good: path.write_text("not a picture\n" * 20),
}


def write_pictures(folder: Path, count: int, broken: int, trays: dict[str, Path], rng: random.Random) -> dict[str, str]:
    """Write pictures in a random order of good and broken ones.

    Parameters
    ----------
    folder : Path
        Where to; made.
    count, broken : int
        How many pictures, and how many of them are broken: of every kind in turn.
    trays : dict of str to Path
        Good ones, to choose from.
    rng : random.Random
        Chooses.

    Returns
    -------
    dict of str to str
        The kind of each broken one by its name.
    """
    folder.mkdir(parents=True)
    kinds, variants = list(BROKEN), [*trays.values()]
    places = dict(
        zip(sorted(rng.sample(range(count), broken)), (kinds[n % len(kinds)] for n in range(broken)), strict=True)
    )
    made = {}
    for n in range(count):
        path, tray = folder / f"{n:05}.png", rng.choice(variants)
        if n in places:
            BROKEN[places[n]](path, tray.read_bytes())
            made[path.name] = places[n]
        else:
            path.hardlink_to(tray)  # thousands of copies would fill a disk
    return made
