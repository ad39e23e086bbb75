"""Specs of products on disk: every revision under its digest, and which of them is active for each variant.

A revision is a folder with a spec and the files that it reads, never changed once it is there. Which revision is
active is a stack in `active.json`, replaced as a whole: a rollback takes the top off.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from logidsl.diagnostics import InputError, diagnostic_rows
from logidsl.files import file_errors, replace
from logidsl.ir import Program
from logidsl.pipeline import compile_spec, lint_spec, read_spec
from logidsl.records import Record, made, plain, read_json

NAME = re.compile(r"[^\W_][\w.-]{0,63}")  # letters of any script
FILES_MAX = 1000


class Active(Record):
    """A revision that is or was active, with the parameters that belong to it."""

    revision: str
    parameters: dict[str, str] = made(factory=dict)
    since: str


class _Stacks(Record):
    """For each variant, what was activated; the last one counts."""

    variants: dict[str, list[Active]] = made(factory=dict)


@dataclass(frozen=True)
class Revision:
    """A spec that compiles, and its files.

    Parameters
    ----------
    digest : str
        Of the names and contents of all files.
    spec : Path
        The spec's file, in the folder of the revision.
    files : mapping of str to str
        SHA-256 of each file in the folder, by name.
    """

    digest: str
    spec: Path
    files: Mapping[str, str]


class NotFoundError(LookupError):
    """A product, variant or revision that does not exist; the text is for the user."""


class Revisions:
    """The specs of all products.

    Parameters
    ----------
    folder : Path
        Where they are kept; created if necessary.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stacks: dict[str, _Stacks] = {}
        self._revisions: dict[tuple[str, str], Revision] = {}
        with file_errors(folder, "written"):
            folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.iterdir()):
            if (active := path / "active.json").exists():
                with file_errors(active, "read"):
                    self._stacks[path.name] = read_json(_Stacks, active.read_text("utf-8"))

    @property
    def products(self) -> list[str]:
        """All products that have a revision."""
        return sorted(p.name for p in self.folder.iterdir() if (p / "revisions").is_dir())

    def variants(self, product: str) -> Mapping[str, Active]:
        """What is active for each variant of a product; the main one is called ``."""
        return {name: stack[-1] for name, stack in self._stacks.get(product, _Stacks()).variants.items() if stack}

    def digests(self, product: str) -> list[str]:
        """The revisions of a product.

        Raises
        ------
        NotFoundError
            If there is no such product.
        """
        if product not in self.products:
            raise NotFoundError(f"no product `{product}`")
        return sorted(p.name for p in (self.folder / product / "revisions").iterdir() if not p.name.startswith("."))

    def add(self, product: str, files: Mapping[str, bytes], spec: str) -> Revision:
        """Keep a revision, after it was compiled; one that is known already is returned as it is.

        Parameters
        ----------
        product : str
            Its name.
        files : mapping of str to bytes
            The spec and the files it reads, by their paths relative to the spec's folder.
        spec : str
            Which of them is the spec.

        Raises
        ------
        InputError
            If a name cannot be used.
        SpecError
            If the spec does not compile. Nothing is kept.
        """
        _checked_name(product, "product")
        for name in files:
            _checked_path(name)
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
        digest = hashlib.sha256(json.dumps([spec, digests]).encode()).hexdigest()[:32]
        folder = self.folder / product / "revisions"
        target = folder / digest
        if not target.exists():
            temporary = folder / f".{os.urandom(8).hex()}"
            try:
                with file_errors(folder, "written"):
                    _write(temporary, files, spec)
                compile_spec(temporary / spec)
                with file_errors(folder, "written"):
                    temporary.rename(target)
                    _sync(folder)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
                if not any(folder.iterdir()):
                    shutil.rmtree(folder.parent)
        return self.revision(product, digest)

    def revision(self, product: str, digest: str) -> Revision:
        """A revision of a product.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        if (product, digest) not in self._revisions:
            folder = self.folder / product / "revisions" / digest
            if not (NAME.fullmatch(product) and re.fullmatch(r"[0-9a-f]{32}", digest) and folder.is_dir()):
                if product not in self.products:
                    raise NotFoundError(f"no product `{product}`")
                raise NotFoundError(f"no revision `{digest}` of `{product}`")
            about = json.loads((folder / ".revision.json").read_text("utf-8"))
            self._revisions[product, digest] = Revision(digest, folder / about["spec"], about["files"])
        return self._revisions[product, digest]

    def active(self, product: str, variant: str = "") -> Active:
        """What is active.

        Raises
        ------
        NotFoundError
            If nothing is.
        """
        found = self.variants(product).get(variant)
        if found is None:
            self.digests(product)
            what = f"variant `{variant}` of `{product}`" if variant else f"`{product}`"
            raise NotFoundError(f"no revision of {what} is active")
        return found

    def activate(
        self, product: str, digest: str, variant: str = "", parameters: Mapping[str, str] | None = None
    ) -> Active:
        """Make a revision the active one.

        Raises
        ------
        NotFoundError
            If there is no such revision.
        InputError
            If the variant has an impossible name.
        SpecError
            If it does not compile with these parameters, or leaves one open.
        """
        if variant:
            _checked_name(variant, "variant")
        revision = self.revision(product, digest)
        closed(compile_spec(revision.spec, parameters))
        made = Active(revision=digest, parameters=dict(parameters or {}), since=now())
        variants = {name: [*stack] for name, stack in self._stacks.get(product, _Stacks()).variants.items()}
        variants.setdefault(variant, []).append(made)
        self._store(product, _Stacks(variants=variants))
        return made

    def rollback(self, product: str, variant: str = "") -> Active:
        """Go back to what was active before.

        Raises
        ------
        NotFoundError
            If nothing was.
        """
        self.active(product, variant)
        variants = {name: [*stack] for name, stack in self._stacks[product].variants.items()}
        if len(variants[variant]) < 2:
            raise NotFoundError(f"no earlier revision of `{product}` was active")
        variants[variant].pop()
        self._store(product, _Stacks(variants=variants))
        return variants[variant][-1]

    def warnings(self, revision: Revision) -> list[dict[str, object]]:
        """Warnings about a revision's spec."""
        return diagnostic_rows(None, [d for d in lint_spec(revision.spec) if d.severity == "warning"])

    def _store(self, product: str, stacks: _Stacks) -> None:
        path = self.folder / product / "active.json"
        replace(path, json.dumps(plain(stacks), indent=1).encode(), private=True)
        _sync(path.parent)
        self._stacks[product] = stacks


def closed(program: Program) -> Program:
    """A program whose parameters all have values.

    Raises
    ------
    InputError
        If one has not.
    """
    if open_ := [p.name for p in program.params if p.value is None]:
        raise InputError(f"the spec leaves `{open_[0]}` open: give it a value in `parameters`")
    return program


def now() -> str:
    """The time, as ISO 8601 has it, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _checked_name(name: str, what: str) -> None:
    if not NAME.fullmatch(name):
        raise InputError(f"expected a {what} of letters, digits, `.`, `-` and `_`, up to 64, found `{name[:80]}`")


def _checked_path(name: str) -> None:
    path = PurePosixPath(name)
    if not name or "\\" in name or "\0" in name or path.is_absolute() or any(p.startswith(".") for p in path.parts):
        raise InputError(f"expected the path of a file relative to the spec's folder, found `{name[:80]}`")


def _write(folder: Path, files: Mapping[str, bytes], spec: str) -> None:
    if spec not in files:
        raise InputError(f"expected the spec `{spec}` among the files")
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    read_spec(folder / spec)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    (folder / ".revision.json").write_text(json.dumps({"spec": spec, "files": digests}), "utf-8")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
