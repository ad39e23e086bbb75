"""Pipes, sockets, devices and files that are larger than they should be: rows of the report, never opened or read."""

from __future__ import annotations

import os
import socket
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import logidsl
from logidsl.config import find_spec
from logidsl.diagnostics import NoSpecError
from logidsl.extract import read_picture, write_picture
from logidsl.extract.pixels.picture import ANY_BYTES

SPEC = logidsl.loads("blobs b where lightness < 50 %\nobject part = b\nrule r: some part\n")
READING = logidsl.loads("object nut: 1\n")
ENDINGS = [".png", ".jpg", ".tif", ".json", ".jsonl", ".csv", ".xml", ".txt", ".parquet", ".arrow"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such files there")


def special(folder: Path, kind: str, ending: str) -> Path:
    """A file that is none."""
    path = folder / f"x{ending}"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        before = Path.cwd()
        os.chdir(folder)  # the name of a socket must be short
        try:
            socket.socket(socket.AF_UNIX).bind(path.name)
        finally:
            os.chdir(before)
    else:
        path.symlink_to("/dev/zero")
    return path


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("kind", "said"), [("pipe", "a named pipe"), ("socket", "a socket"), ("device", "a device")])
def test_what_is_no_file_is_a_row(tmp_path: Path, kind: str, said: str, ending: str) -> None:
    path = special(tmp_path, kind, ending)
    for spec in (SPEC, READING):
        for named in (path, str(tmp_path / "x*")):
            report = spec.check(named)
            assert [i.verdict for i in report.images] == ["error"]
            assert report.images[0].error == f"{path} is {said}: expected a file"


def test_a_folder_with_a_pipe_for_a_picture_an_annotation_and_a_spec(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", np.full((20, 20, 3), 255, np.uint8))
    os.mkfifo(tmp_path / "b.png")
    os.mkfifo(tmp_path / "a.json")  # where the annotation of a picture would be
    report = SPEC.check(tmp_path)
    assert [(Path(i.path).name, i.verdict) for i in report.images] == [("a.png", "fail"), ("b.png", "error")]
    os.mkfifo(tmp_path / "s.logic")
    os.mkfifo(tmp_path / "s.yaml")
    os.mkfifo(tmp_path / "pyproject.toml")
    with pytest.raises(NoSpecError, match="is a named pipe"):
        find_spec([tmp_path / "a.png"])


def sparse(path: Path, start: bytes) -> Path:
    """A file of 6 GiB that takes no room on the disk."""
    path.write_bytes(start)
    os.truncate(path, 6 << 30)
    return path


@pytest.mark.parametrize("ending", [".png", ".jpg", ".tif", ".bmp", ".webp", "zeros.png"])
def test_no_more_is_read_than_the_header_justifies(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    start = bytes(100)
    if ending != "zeros.png":
        write_picture(path, np.zeros((40, 50, 3), np.uint8))
        start = path.read_bytes()
    sparse(path, start)
    tracemalloc.start()
    with pytest.raises(logidsl.InputError, match=r"too large|is not a picture|cannot be read") as caught:
        read_picture(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(path) in str(caught.value)
    assert peak < 4 * ANY_BYTES


@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl", ".xml", ".txt"])
def test_a_huge_table_is_not_read(tmp_path: Path, ending: str) -> None:
    path = sparse(tmp_path / f"x{ending}", b"image,class\n" if ending == ".csv" else b'{"shapes": 1,')
    tracemalloc.start()
    report = READING.check(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.images[0].verdict == "error"
    assert peak < ANY_BYTES


def test_a_large_picture_with_its_header_at_the_end_is_read(tmp_path: Path) -> None:
    """TIFF may keep its directory behind its samples."""
    wide, high = 6000, 4000
    samples = wide * high * 3
    entries = [(256, 4, 1, wide), (257, 4, 1, high), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2)]
    entries += [(273, 4, 1, 8), (277, 3, 1, 3), (278, 4, 1, high), (279, 4, 1, samples)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *e) for e in entries) + bytes(4)
    path = tmp_path / "x.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + samples) + bytes(samples) + directory)
    assert path.stat().st_size > ANY_BYTES
    assert read_picture(path).bgr.shape == (high, wide, 3)
