"""Choosing the spec for a picture.

The nearest spec is used:

1. beside the picture: the spec of the same name (a `.logic` file, or a YAML file with a spec), or the only one in
   its folder;
2. in a folder `specs` beside it or in a parent folder: the file named like the picture or like
   a folder between `specs` and the picture (`data/pushpins/test/001.png` finds `data/specs/pushpins.logic`),
   or the only one;
3. in the nearest `pyproject.toml` above it with a table `[tool.logidsl]`.

If several in a folder fit equally well nothing is guessed: the search continues, and if nothing decides, the message
names them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from logidsl.diagnostics import InputError, NoSpecError, did_you_mean
from logidsl.files import read_bytes

SUFFIX = ".logic"
LARGEST_BYTES = 4 << 20  # of a spec or a configuration
YAML_SUFFIXES = (".yaml", ".yml")
#: Top-level keys of a spec in YAML; a file with any other is not a spec.
YAML_KEYS = frozenset(
    [
        *("logic", "spec", "about", "import", "param", "scale", "doubtful", "frame", "color", "region", "grid"),
        *("layout", "attribute", "blobs", "object", "keep", "let", "batch", "view", "rule", "variant", "test"),
    ]
)
_IMPORT = re.compile(r'^\s*import\s+"([^"\n]+)"', re.MULTILINE)
_YAML_IMPORT = re.compile(r"^import:(.*(?:\n(?:[ \t-].*)?$)*)", re.MULTILINE)
_YAML_FILE = re.compile(r"""([^"'\n:,{}\[\]]+\.(?:logic|ya?ml))\b""")
_YAML_KEY = re.compile(r"^[\"']?([A-Za-z_][\w-]*)[\"']?[ \t]*:(?=[ \t\r\n]|$)", re.MULTILINE)
_KEYS = ("spec", "specs")
_TABLES = ("llm",)  # read elsewhere


@dataclass(frozen=True)
class SpecChoice:
    """A spec and the reason for choosing it."""

    path: Path
    why: str


@dataclass(frozen=True)
class Settings:
    """The table `[tool.logidsl]` of a `pyproject.toml`.

    Parameters
    ----------
    path : Path
        The file.
    spec : Path, optional
        The spec of every picture below.
    specs : tuple of (str, Path)
        Patterns over the path of the picture, relative to the file's folder, and the spec of those that
        fit; the first one wins. `*` matches across folders.
    """

    path: Path
    spec: Path | None = None
    specs: tuple[tuple[str, Path], ...] = field(default=())

    def find(self, picture: Path) -> SpecChoice | None:
        """The spec that the settings assign to a picture."""
        name = picture.relative_to(self.path.parent).as_posix()
        for pattern, spec in self.specs:
            if fnmatchcase(name, pattern):
                return SpecChoice(spec, f"`{pattern}` in {shown(self.path)}")
        return SpecChoice(self.spec, f"`spec` in {shown(self.path)}") if self.spec else None


def find_spec(pictures: Sequence[Path]) -> SpecChoice:
    """The one spec of all pictures.

    Parameters
    ----------
    pictures : sequence of Path
        At least one picture or table; none need exist.

    Raises
    ------
    NoSpecError
        If a picture has none, or several that fit equally well, or two pictures have different ones; the
        message says where was looked.
    """
    # Folders are cached for one search only, so that a long-running program sees new files.
    for memory in (_spec_of, _specs_in, _settings):
        memory.cache_clear()
    for picture in pictures:
        if picture.suffix == SUFFIX:
            raise NoSpecError(f"{picture} is a spec, not a picture: name it with `--spec {picture}`")
    places = [p.absolute() for p in pictures]
    first = _spec_of(places[0].parent, places[0].name)
    for picture, place in zip(pictures[1:], places[1:], strict=True):
        other = _spec_of(place.parent, place.name)
        if other.path != first.path:
            raise NoSpecError(
                f"the pictures have different specs: {shown(first.path)} for {pictures[0]} ({first.why}), "
                f"{shown(other.path)} for {picture} ({other.why}); check them one by one, or name one with --spec"
            )
    return first


@lru_cache(maxsize=65536)
def _spec_of(folder: Path, name: str) -> SpecChoice:
    stem = Path(name).stem
    unsettled: list[Path] = []
    beside = _specs_in(folder)
    found = _pick(beside, [stem], unsettled)
    if found:
        return SpecChoice(found, "beside the picture")
    names = [stem]
    for parent in (folder, *folder.parents):
        found = _pick(_specs_in(parent / "specs"), names, unsettled)
        if found:
            return SpecChoice(found, f"in {shown(parent / 'specs')}")
        names.append(parent.name)
    settings = next((s for p in (folder, *folder.parents) if (s := _settings(p / "pyproject.toml"))), None)
    configured = settings.find(folder / name) if settings else None
    if configured:
        return configured
    if unsettled:
        listed = ", ".join(shown(p) for p in unsettled)
        raise NoSpecError(f"more than one spec could be that of {name}: {listed}; name one with --spec")
    raise NoSpecError(
        f"no spec for {shown(folder / name)}: expected a {SUFFIX} file beside it, in a folder `specs` of a folder "
        "above it, or `spec` under [tool.logidsl] in a pyproject.toml, found none; name one with --spec"
    )


def _pick(specs: tuple[Path, ...], names: Iterable[str], unsettled: list[Path]) -> Path | None:
    """The spec named like one of `names`, nearest first, else the only one; several are noted in `unsettled`."""
    for name in names:
        for spec in specs:
            if spec.stem == name:
                return spec
    if len(specs) == 1:
        return specs[0]
    unsettled.extend(specs)
    return None


def is_spec(path: Path) -> bool:
    """Whether a file is a spec: by its name in the text form, by its keys in the YAML form.

    YAML has many other uses: a file counts if all its top-level keys belong to a spec, and a name, an object or a rule
    is among them.
    """
    if path.suffix == SUFFIX:
        return True
    if path.suffix not in YAML_SUFFIXES:
        return False
    keys = set(_YAML_KEY.findall(_text(path)))
    return keys <= YAML_KEYS and not keys.isdisjoint(("spec", "object", "rule"))


def specs_below(folder: Path, *, deep: bool = True) -> list[Path]:
    """The specs of a folder, and with `deep` of those below it, in the order of their paths."""
    try:
        found = folder.rglob("*") if deep else folder.glob("*")
        return sorted(p for p in found if p.suffix in (SUFFIX, *YAML_SUFFIXES) and p.is_file() and is_spec(p))
    except OSError:
        return []


def _has_twin(path: Path) -> bool:
    """Whether the same spec exists in the text form, which takes precedence."""
    return path.suffix in YAML_SUFFIXES and path.with_suffix(SUFFIX).is_file()


def _imports(path: Path) -> list[str]:
    """The files that a spec imports, as written there."""
    text = _text(path)
    if path.suffix == SUFFIX:
        return _IMPORT.findall(text)
    return [name.strip(" \t-") for part in _YAML_IMPORT.findall(text) for name in _YAML_FILE.findall(part)]


def _text(path: Path) -> str:
    try:
        return read_bytes(path, LARGEST_BYTES).decode("utf-8")
    except (OSError, ValueError, InputError):
        return ""


def specs_in(folder: Path) -> tuple[Path, ...]:
    """The specs of a folder in the order of their names, without those that another one there imports."""
    files = [f for f in specs_below(folder, deep=False) if not _has_twin(f)]
    imported: set[Path] = set()
    for file in files if len(files) > 1 else []:
        imported |= {(folder / name).resolve() for name in _imports(file)}
    return tuple(f for f in files if f.resolve() not in imported)


_specs_in = lru_cache(maxsize=4096)(specs_in)


def llm_table(folder: Path) -> Mapping[str, object]:
    """The table `[tool.logidsl.llm]` of the nearest `pyproject.toml` that has one, or an empty one.

    Parameters
    ----------
    folder : Path
        Where the search begins, upwards.

    Raises
    ------
    NoSpecError
        If a file on the way cannot be read, or `llm` is not a table.
    """
    for parent in (folder.absolute(), *folder.absolute().parents):
        path = parent / "pyproject.toml"
        found = _table(path, _own_table(path) or {}, "llm", "[tool.logidsl.llm]")
        if found is not None:
            return found
    return {}


def user_config() -> Path | None:
    """The user's own configuration, outside of every project; None for a user without a home.

    `LOGIDSL_CONFIG` names another file.
    """
    chosen = os.environ.get("LOGIDSL_CONFIG")
    folder = _own_folder(".config", "APPDATA", "XDG_CONFIG_HOME")
    return Path(chosen) if chosen else folder and folder / "config.toml"


def _own_folder(usual: str, *variables: str) -> Path | None:
    """The folder of logidsl where a user keeps files of a kind; None for a user without a home."""
    base = next((os.environ[name] for name in variables if os.environ.get(name)), None)
    try:
        return Path(base or Path.home() / usual) / "logidsl"
    except RuntimeError:
        return None


def user_table() -> Mapping[str, object]:
    """The table `[llm]` of the user's own configuration, or an empty one.

    Raises
    ------
    NoSpecError
        If the file cannot be read, or holds anything but that table.
    """
    path = user_config()
    document = _toml(path) if path else None
    if path is None or document is None:
        return {}
    for key in document:
        if key != "llm":
            raise NoSpecError(f"{path}: expected the table [llm] only, found `{key}`")
    return _table(path, document, "llm", "[llm]") or {}


def cache_folder() -> Path | None:
    """The cache folder, or None if caching is off.

    `LOGIDSL_CACHE` names another folder, or, if empty, turns caching off.
    """
    chosen = os.environ.get("LOGIDSL_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    return _own_folder(".cache", "LOCALAPPDATA", "XDG_CACHE_HOME")


def _own_table(path: Path) -> dict[str, object] | None:
    """The table `[tool.logidsl]` of a file, or None if the file or the table is missing.

    Raises
    ------
    NoSpecError
        If the file cannot be read, or the table is none.
    """
    tools = (_toml(path) or {}).get("tool")
    return _table(path, tools, "logidsl", "[tool.logidsl]") if isinstance(tools, dict) else None


def _table(path: Path, document: Mapping[str, object], key: str, title: str) -> dict[str, object] | None:
    """A table inside another one, or None if it is missing.

    Raises
    ------
    NoSpecError
        If it is not a table.
    """
    found = document.get(key)
    if found is not None and not isinstance(found, dict):
        raise NoSpecError(f"{shown(path)}: expected a table {title}, found `{found}`")
    return found


def _toml(path: Path) -> dict[str, object] | None:
    """The content of a TOML file, or None if it is missing."""
    try:
        text = read_bytes(path, LARGEST_BYTES).decode("utf-8")
        import tomllib  # after the file is known to be there: most checks have none

        return tomllib.loads(text)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, InputError) as error:
        # The file may belong to another tool, but then its content is unknown.
        raise NoSpecError(f"{shown(path)} cannot be read: {error}") from None


@lru_cache(maxsize=4096)
def _settings(path: Path) -> Settings | None:
    """The settings in a file's table, or None if the file or the table is missing.

    Raises
    ------
    NoSpecError
        If the table says what cannot be used; the message names the key.
    """
    table = _own_table(path)
    if table is None:
        return None
    for key in table:
        if key not in (*_KEYS, *_TABLES):
            hint = did_you_mean(key, _KEYS)
            raise NoSpecError(f"{shown(path)}: [tool.logidsl] has no `{key}`, only `spec` and `specs`{hint}")
    specs = table.get("specs", {})
    if not isinstance(specs, dict):
        raise NoSpecError(f'{shown(path)}: expected `specs` to be a table of pattern = "file", found `{specs}`')
    spec = _file(path, "spec", table["spec"]) if "spec" in table else None
    return Settings(path, spec, tuple((k, _file(path, k, v)) for k, v in specs.items()))


def _file(settings: Path, key: str, value: object) -> Path:
    """The spec named by a key of the settings, relative to their folder."""
    if not isinstance(value, str):
        raise NoSpecError(f"{shown(settings)}: expected `{key}` to be a path in quotes, found `{value}`")
    path = settings.parent / value
    if not path.is_file():
        raise NoSpecError(f"{shown(settings)}: `{key}` names {value}, and there is no such file")
    return path


def shown(path: Path) -> str:
    """A path in its shortest form, seen from the working folder."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
