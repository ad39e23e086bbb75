"""Which spec belongs to a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from logidsl.config import YAML_KEYS, find_spec
from logidsl.diagnostics import NoSpecError, SpecError
from logidsl.syntax.yaml_keys import SHAPES


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with pictures two folders deep."""
    (tmp_path / "data" / "pushpins" / "test").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str = "object pin\n") -> Path:
    """A file with what it says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


PICTURE = Path("data/pushpins/test/001.png")


def found(picture: Path = PICTURE) -> tuple[str, str]:
    """Path of the spec, relative to the working folder, and why."""
    spec = find_spec([picture])
    return spec.path.relative_to(Path.cwd()).as_posix(), spec.why


def test_the_spec_of_the_pictures_own_name_comes_first(tree: Path) -> None:
    write(tree / "data/pushpins/test/other.logic")
    own = write(tree / "data/pushpins/test/001.logic")
    assert found() == (own.relative_to(tree).as_posix(), "beside the picture")


def test_the_only_spec_beside_the_picture(tree: Path) -> None:
    write(tree / "data/pushpins/test/other.logic")
    write(tree / "data/specs/pushpins.logic")
    assert found() == ("data/pushpins/test/other.logic", "beside the picture")


def test_what_another_spec_imports_is_no_candidate(tree: Path) -> None:
    write(tree / "data/pushpins/test/tray.logic", 'spec tray\nimport "palette.logic" with red = "#ff0000"\n')
    write(tree / "data/pushpins/test/palette.logic", 'color red = "#f00000"\n')
    assert found()[0] == "data/pushpins/test/tray.logic"


def test_a_folder_specs_above_has_the_folders_name(tree: Path) -> None:
    write(tree / "data/specs/pushpins.logic")
    write(tree / "data/specs/screw_bag.logic")
    assert found() == ("data/specs/pushpins.logic", "in data/specs")


def test_the_nearest_folder_specs_wins(tree: Path) -> None:
    write(tree / "specs/pushpins.logic")
    write(tree / "data/pushpins/specs/any.logic")
    assert found()[0] == "data/pushpins/specs/any.logic"


def test_several_that_fit_equally_are_not_guessed(tree: Path) -> None:
    write(tree / "specs/a.logic")
    write(tree / "specs/b.logic")
    with pytest.raises(NoSpecError, match=r"more than one spec .*specs/a\.logic, specs/b\.logic; name one with --spec"):
        found()
    write(tree / "pyproject.toml", '[tool.logidsl]\nspec = "specs/b.logic"\n')
    assert found() == ("specs/b.logic", "`spec` in pyproject.toml")


def test_patterns_of_the_configuration(tree: Path) -> None:
    write(tree / "rules/pins.logic")
    write(tree / "rules/rest.logic")
    settings = '[tool.logidsl]\nspec = "rules/rest.logic"\nspecs = { "data/push*/*" = "rules/pins.logic" }\n'
    write(tree / "pyproject.toml", settings)
    assert found() == ("rules/pins.logic", "`data/push*/*` in pyproject.toml")
    assert found(Path("data/screws/1.png")) == ("rules/rest.logic", "`spec` in pyproject.toml")


def test_a_pyproject_without_the_table_is_passed_over(tree: Path) -> None:
    write(tree / "rules/pins.logic")
    write(tree / "pyproject.toml", '[tool.logidsl]\nspec = "rules/pins.logic"\n')
    write(tree / "data/pyproject.toml", "[tool.ruff]\nline-length = 120\n")
    assert found()[0] == "rules/pins.logic"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[tool.logidsl]\nspek = "a.logic"', "has no `spek`, only `spec` and `specs`; did you mean `spec`?"),
        ("[tool.logidsl]\nspec = 3", "expected `spec` to be a path in quotes, found `3`"),
        ('[tool.logidsl]\nspec = "no.logic"', "`spec` names no.logic, and there is no such file"),
        ('[tool.logidsl]\nspecs = ["a"]', "expected `specs` to be a table"),
        ("[tool]\nlogidsl = 1", "expected a table [tool.logidsl], found `1`"),
        ("[tool", "pyproject.toml cannot be read"),
    ],
)
def test_a_wrong_configuration_is_told(tree: Path, text: str, complaint: str) -> None:
    write(tree / "pyproject.toml", text)
    with pytest.raises(NoSpecError) as told:
        found()
    assert complaint in str(told.value)


def test_no_spec_says_where_was_looked(tree: Path) -> None:
    with pytest.raises(SpecError, match=r"no spec for data/pushpins/test/001\.png: expected a \.logic file beside it"):
        found()


def test_a_spec_among_the_pictures_is_told_how_to_be_named(tree: Path) -> None:
    write(tree / "specs/pushpins.logic")
    with pytest.raises(NoSpecError, match=r"is a spec, not a picture: name it with `--spec specs/pushpins\.logic`"):
        find_spec([Path("specs/pushpins.logic"), PICTURE])


def test_pictures_of_different_specs_are_not_mixed(tree: Path) -> None:
    write(tree / "specs/pushpins.logic")
    write(tree / "specs/screws.logic")
    with pytest.raises(NoSpecError, match=r"different specs: specs/pushpins\.logic for .*specs/screws\.logic for"):
        find_spec([PICTURE, Path("data/screws/1.png")])
    assert find_spec([PICTURE, PICTURE.with_name("002.png")]).path.name == "pushpins.logic"


def test_a_new_file_is_seen_by_the_next_search(tree: Path) -> None:
    write(tree / "specs/pushpins.logic")
    assert found()[0] == "specs/pushpins.logic"
    write(tree / "data/pushpins/test/near.logic")
    assert found()[0] == "data/pushpins/test/near.logic"


# ---- specs in YAML ----

YAML = "spec: tray\nobject:\n  pin: 2\n"


def test_a_spec_in_yaml_is_found_as_one_in_the_text_form_is(tree: Path) -> None:
    write(tree / "data/pushpins/test/tray.yaml", YAML)
    assert found() == ("data/pushpins/test/tray.yaml", "beside the picture")


def test_the_yaml_spec_in_specs_named_like_the_folder(tree: Path) -> None:
    write(tree / "data/specs/pushpins.yml", YAML)
    write(tree / "data/specs/other.logic")
    assert found() == ("data/specs/pushpins.yml", "in data/specs")


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web: {image: a}\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers: []\n",
        "train: images\nnames: [a, b]\n",
        "param: {a: 2}\n",
        "",
    ],
)
def test_yaml_of_other_programs_is_no_spec(tree: Path, text: str) -> None:
    write(tree / "data/pushpins/test/other.yaml", text)
    own = write(tree / "data/pushpins/test/tray.logic")
    assert found() == (own.relative_to(tree).as_posix(), "beside the picture")


def test_of_a_spec_in_both_forms_the_text_form_is_taken(tree: Path) -> None:
    write(tree / "data/pushpins/test/tray.yaml", YAML)
    own = write(tree / "data/pushpins/test/tray.logic")
    assert found() == (own.relative_to(tree).as_posix(), "beside the picture")


@pytest.mark.parametrize("line", ["import: parts/pins.yaml", "import:\n  - 'parts.logic'\n  - {file: my pins.yaml}"])
def test_what_a_spec_in_yaml_imports_is_no_candidate(tree: Path, line: str) -> None:
    write(tree / "data/pushpins/test/tray.yaml", f"{line}\n{YAML}")
    for name in ("parts/pins.yaml", "parts.logic", "my pins.yaml"):
        if name in line:
            write(tree / "data/pushpins/test" / name, YAML)
    assert found() == ("data/pushpins/test/tray.yaml", "beside the picture")


def test_the_keys_of_a_spec_in_yaml_are_those_of_its_reader() -> None:
    assert set(SHAPES["file"].keys) == YAML_KEYS
