"""Where overlays go: no two to one file, none over a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logidsl.commands.picture_files import PictureFiles, file_names
from logidsl.commands.terminal import UsageError
from logidsl.diagnostics import InputError


def test_names_say_as_much_of_the_folder_as_is_needed() -> None:
    assert file_names(["run/a/x.png", "run/b/x.png", "run/b/y.jpg"]) == {
        "run/b/y.jpg": "y.png",
        "run/a/x.png": "a_x.png",
        "run/b/x.png": "b_x.png",
    }
    assert file_names(["1/a/x.png", "2/a/x.png"]) == {"1/a/x.png": "1_a_x.png", "2/a/x.png": "2_a_x.png"}


def test_names_that_differ_by_their_ending_or_case() -> None:
    assert file_names(["x.png", "x.jpg"]) == {"x.png": "x_png.png", "x.jpg": "x_jpg.png"}
    assert len({f.casefold() for f in file_names(["A.png", "a.png", "a_png.png"]).values()}) == 3


@given(st.lists(st.text(st.sampled_from("aA_./ \\é-\x00:"), max_size=9), max_size=12))
def test_no_two_are_alike_and_none_leaves_the_folder(names: list[str]) -> None:
    files = file_names(names, taken=["a.png"])
    assert set(files) == set(names)
    assert len({f.casefold() for f in files.values()} - {"a.png"}) == len(set(names))
    for file in files.values():
        assert Path(file).name == file
        assert not set(file) & set("/\\:\x00")
        assert len(file.encode()) < 256


def test_no_overlay_replaces_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "x.png"
    picture.write_bytes(b"")
    with pytest.raises(UsageError, match=r"x\.png is the input"):
        PictureFiles(tmp_path, [str(picture)], [], "--overlay")
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(UsageError, match=r"x\.png is the input"):
        PictureFiles(link, [str(picture)], [], "--overlay")
    PictureFiles(tmp_path / "marked" / "deep", [str(picture)], [], "--overlay")
    assert (tmp_path / "marked" / "deep").is_dir()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file cannot be written"):
        PictureFiles(tmp_path / "file", [], [], "--overlay")
