"""What the page starts: learning, inferring and translating, and the probabilities of learned parts over a photo."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from logidsl.config import llm_table, user_config, user_table
from logidsl.diagnostics import InputError
from logidsl.extract.parts.model import SUFFIX, read_parts
from logidsl.extract.parts.probabilities import probabilities
from logidsl.extract.pixels.deep_zoom import png
from logidsl.files import digest, replace
from logidsl.llm import find_settings
from logidsl.studio import spec as specs
from logidsl.studio.annotations import write_annotations
from logidsl.studio.jobs import Jobs
from logidsl.studio.photos import Photo
from logidsl.studio.project import Project
from logidsl.studio.table_files import packed
from logidsl.syntax.read import form_of
from logidsl.web.problems import ProblemError

#: What the studio keeps about the parts that it learned: the name of the file, and its digest.
_LEARNED = "learned.json"


class Tools:
    """The tools of a project.

    Parameters
    ----------
    project : Project
    jobs : int
        Processes that learning may use.
    """

    def __init__(self, project: Project, jobs: int) -> None:
        self.project, self.processes = project, jobs
        self.jobs = Jobs(project.announce)

    @property
    def can_translate(self) -> bool:
        """Whether a model is configured."""
        if not os.environ.get("LOGIDSL_MODEL") and not os.environ.get("LOGIDSL_BASE_URL"):
            configured = {**user_table(), **llm_table(self.project.folder)}
            if not configured and not os.environ.get("OPENAI_API_KEY") and not os.environ.get("OPENAI_BASE_URL"):
                return False
        try:
            find_settings(None, os.environ, llm_table(self.project.folder), user_table(), str(user_config()))
        except InputError:
            return False
        return True

    def learn(self) -> dict[str, Any]:
        """Learn parts from all annotations, to a file beside the spec."""
        folder = write_annotations(self.project)
        target = self._parts_file()
        request = {"annotations": str(folder), "parts": str(target), "jobs": self.processes}
        return self.jobs.start("learn", request, self._learned)

    @property
    def _folder(self) -> Path:
        """Where learned parts are written: beside the spec, if that is in the folder of the studio."""
        return self.project.folder if self.project.read_only else self.project.spec_path.parent

    def _parts_file(self) -> Path:
        """A file that is not there, or that the studio has written and nobody changed."""
        folder, (name, known) = self._folder, self._last()
        if name and digest(folder / name) == known:
            return folder / name
        number = 1
        while (made := folder / f"parts{'' if number == 1 else f'-{number}'}{SUFFIX}").exists():
            number += 1
        return made

    def _last(self) -> tuple[str, str | None]:
        try:
            said = json.loads((self.project.kept / _LEARNED).read_text("utf-8"))
            return str(said["name"]), str(said["digest"])
        except (OSError, ValueError, KeyError, TypeError):
            return "", None

    def _learned(self, result: Any) -> Any:
        path = Path(result["path"])
        replace(self.project.kept / _LEARNED, json.dumps({"name": path.name, "digest": digest(path)}).encode())
        self.project.reread()
        return result

    def probabilities(self, photo: Photo, name: str) -> bytes:
        """The share of a class of the learned parts at each place of a photo, as PNG with alpha.

        Raises
        ------
        ProblemError
            If nothing was learned, or not this class.
        """
        project = self.project
        path = self._folder / self._last()[0]
        if not path.is_file():
            raise ProblemError(404, "no parts are learned yet")
        parts = read_parts(path, path.stat().st_mtime_ns)
        if name not in parts.classes:
            raise ProblemError(404, f"expected one of {', '.join(parts.classes)}, found `{name}`")
        return png(probabilities(parts, project.pictures.of(photo, project.program), name))

    def infer(self) -> dict[str, Any]:
        """Infer rules from the photos that are marked good, or from all if none is."""
        project = self.project
        checked = project.checked
        program = checked.sound()
        marks = project.state.marks
        good = [p for p in project.photos if marks.get(p.id, {}).get("good")]
        photos = good or [p for p in project.photos if p.id not in marks]
        photos = [p for p in photos if project.is_judgeable(program, p)]
        folder = project.kept / "inferring"
        folder.mkdir(exist_ok=True)
        names = []
        for photo in photos:
            table = project.table(checked, photo)
            if table.images:
                file = folder / f"{photo.id}.npz"
                replace(file, packed(table))
                names.append(str(file))
        source = checked.source
        return self.jobs.start("infer", {"path": source.path, "text": source.text, "tables": names})

    def translate(self, sentences: str) -> dict[str, Any]:
        """Translate sentences into clauses, tried on the photos that are marked good."""
        if not self.can_translate:
            raise ProblemError(
                409, "no language model is configured", fix="set LOGIDSL_MODEL, and start the studio again"
            )
        if not sentences.strip():
            raise ProblemError(422, "expected at least one sentence")
        project = self.project
        good = [str(p.path) for p in project.photos if project.state.marks.get(p.id, {}).get("good")]
        source = project.checked.source
        request = {"path": source.path, "text": source.text, "sentences": sentences, "good": good[:20]}
        return self.jobs.start("translate", request)


def with_rules(project: Project, texts: Sequence[str]) -> str:
    """The spec with further statements at its end.

    Raises
    ------
    ProblemError
        If the spec had no errors and would have some then.
    """
    source = project.checked.source
    if form_of(source) != "logic":
        raise ProblemError(422, "the spec is YAML: rules are added to the text form; see `logidsl convert`")
    added = "\n".join(text.strip("\n") for text in texts if text.strip())
    if not added:
        raise ProblemError(422, "expected at least one rule")
    whole = f"{source.text.rstrip()}\n\n{added}\n"
    after = specs.checked(type(source)(source.path, whole))
    if project.checked.program is not None and after.program is None:
        first = after.diagnostics[0] if after.diagnostics else None
        said = first.message if first else after.failure or "it has errors"
        raise ProblemError(422, f"the rule does not fit the spec: {said}", fix=first.fix if first else None)
    return whole
